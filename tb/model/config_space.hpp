// SPDX-License-Identifier: Apache-2.0
//
// Predicts what configuration reads return and what the registers tell their function, for an
// endpoint and for a root port.
// Spec: PCIe Base 7.5.1 (headers), 7.5.2 (PM), 7.5.3 (PCI Express), 7.7.2 (MSI-X).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/config_extended.hpp"

namespace cw::model {

enum class BarKind : uint8_t { Off, Mem32, Mem64, Mem64Prefetchable, Io };

struct BarShape {
  BarKind kind = BarKind::Off;
  unsigned size_log2 = 0;  // bytes
};

struct EndpointShape {
  uint16_t vendor = 0;
  uint16_t device = 0;
  uint32_t class_code = 0;
  uint8_t revision = 0;
  uint16_t subsystem_vendor = 0;
  uint16_t subsystem = 0;
  std::array<BarShape, 6> bars{};
  unsigned msix_vectors = 1;
  uint32_t msix_table = 0;  // offset in the BAR, and below 8 the BAR's number
  uint32_t msix_pba = 0;
  ExtendedShape extended{};
};

struct RootPortShape {
  uint16_t vendor = 0;
  uint16_t device = 0;
  uint8_t revision = 0;
};

// What goes wrong in a function or below a port.
enum class ErrorEvent : uint8_t {
  Malformed,
  UnsupportedTold,    // a completion told the requester
  UnsupportedPosted,  // nobody can be told
  CompleterAbort,
  Poisoned,
  PoisonedCompletion,
  UnexpectedCompletion,
  CompletionTimeout,
  ReceivedUr,
  ReceivedCa
};

// A memory window of a bridge; closed if `base` is above `limit`.
struct Window {
  uint64_t base = 0;
  uint64_t limit = 0;  // last byte
  bool operator==(const Window&) const = default;
};

class ConfigSpace {
 public:
  static constexpr unsigned kBytes = 4096;

  explicit ConfigSpace(const EndpointShape& shape);
  explicit ConfigSpace(const RootPortShape& shape);

  // The dword at a byte offset that is a multiple of 4.
  uint32_t read(unsigned offset) const;
  // Takes effect for the next read.
  void write(unsigned offset, uint32_t value, uint8_t byte_enables = 0xf);
  // Sets the status bits of an error; a write of the same moment does not clear them.
  void record(ErrorEvent event);

  // What the registers say.
  bool memory_enabled() const { return bytes_[0x04] & 2; }
  bool bus_master_enabled() const { return bytes_[0x04] & 4; }
  uint64_t bar_base(unsigned index) const;  // without type bits; 0 for an upper half
  unsigned max_payload_bytes() const { return 128u << (bytes_[kPcie + 8] >> 5); }
  unsigned max_read_request_bytes() const { return 128u << (bytes_[kPcie + 9] >> 4 & 7); }
  bool in_d3hot() const { return (bytes_[kPm + 4] & 3) == 3; }
  const ConfigExtended& extended() const { return extended_.value(); }
  bool msix_enabled() const { return bytes_[kMsix + 3] & 0x80; }
  bool msix_masked() const { return bytes_[kMsix + 3] & 0x40; }
  uint8_t secondary_bus() const { return bytes_[0x19]; }
  uint8_t subordinate_bus() const { return bytes_[0x1a]; }
  Window memory_window() const;
  Window prefetchable_window() const;

  // Byte offsets of the capabilities.
  static constexpr unsigned kPm = 0x40;
  static constexpr unsigned kMsix = 0x50;
  static constexpr unsigned kPcie = 0x60;

 private:
  enum class Role : uint8_t { Endpoint, RootPort };

  // `width` bytes at `offset`, little-endian: their value, the bits that software writes, and the
  // bits that it clears with a one.
  void define(unsigned offset, unsigned width, uint32_t value, uint32_t writable = 0,
              uint32_t clearable = 0);
  void define_common_header(uint16_t vendor, uint16_t device, uint32_t class_code,
                            uint8_t revision);
  void define_bars(const std::array<BarShape, 6>& bars);
  void define_pm(uint8_t next, bool forwards_pme);
  void define_msix(const EndpointShape& shape);
  void define_pcie();
  void set_bits(unsigned offset, uint8_t bits) { bytes_[offset] |= bits; }
  uint32_t word(unsigned offset, unsigned width) const;

  Role role_;
  std::optional<ConfigExtended> extended_;  // a root port has none
  std::array<BarKind, 6> bar_kinds_{};
  std::array<uint8_t, kBytes> bytes_{};
  std::array<uint8_t, kBytes> writable_{};
  std::array<uint8_t, kBytes> clearable_{};
};

// The space as `lspci -F` reads it, and lspci -xxxx writes it: a line for the slot, then 256 lines
// of 16 bytes.
std::string lspci_text(const std::string& slot, const std::string& title,
                       const std::vector<uint32_t>& dwords);

}  // namespace cw::model
