// SPDX-License-Identifier: Apache-2.0
//
// Predicts what configuration reads return and what the registers tell their function, for an
// endpoint and for a root port.
// Spec: PCIe Base 7.5.1 (headers), 7.5.2 (PM), 7.5.3 (PCI Express), 7.7.1 (MSI), 7.7.2 (MSI-X),
// 7.9.18 (VPD), 6.6 (resets).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/config_extended.hpp"
#include "model/register_file.hpp"
#include "model/vpd.hpp"

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
  unsigned msix_vectors = 0;  // 0: no MSI-X
  uint32_t msix_table = 0;    // offset in the BAR, and below 8 the BAR's number
  uint32_t msix_pba = 0;
  ExtendedShape extended{};
  unsigned rom_log2 = 0;     // bytes of the expansion ROM; 0: none
  uint8_t intx_pin = 0;      // 1 to 4: INTA to INTD; 0: none
  unsigned msi_vectors = 0;  // 0: no MSI
  VpdShape vpd{};
};

struct RootPortShape {
  uint16_t vendor = 0;
  uint16_t device = 0;
  uint8_t revision = 0;
  bool io_window = false;  // of 16 bits
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
  Ecrc,
  ReceiverOverflow,
  Internal,
  ReceivedUr,
  ReceivedCa,
  CompleterAbortPosted  // nobody can be told
};

// The error of Advanced Error Reporting that it is, if it is one.
std::optional<SeenError> seen_error(ErrorEvent event);

// A memory window of a bridge; closed if `base` is above `limit`.
struct Window {
  uint64_t base = 0;
  uint64_t limit = 0;  // last byte
  bool operator==(const Window&) const = default;
};

// What MSI is set to.
struct MsiSetting {
  bool enabled = false;
  unsigned vectors = 1;
  uint64_t address = 0;
  uint16_t data = 0;
  uint32_t mask = 0;
  bool operator==(const MsiSetting&) const = default;
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
  void reset(ResetKind kind);

  // What happens in the function. Status bits that it sets are not cleared by a write of the same
  // moment.
  void record(ErrorEvent event);
  void wake();                                    // a power management event
  void slot_power(uint8_t value, uint8_t scale);  // Set_Slot_Power_Limit was received
  // Levels, shown as they are.
  void set_intx_pending(bool pending) { intx_pending_ = pending; }
  void set_msi_pending(uint32_t vectors) { msi_pending_ = vectors; }
  void set_transactions_pending(bool pending) { transactions_pending_ = pending; }

  // What the registers say.
  bool io_enabled() const { return command() & 1; }
  bool memory_enabled() const { return command() & 2; }
  bool bus_master_enabled() const { return command() & 4; }
  bool intx_disabled() const { return command() & 0x400; }
  uint64_t bar_base(unsigned index) const;  // without type bits; 0 for an upper half
  bool rom_enabled() const { return registers_.byte(0x30) & 1; }
  uint32_t rom_base() const { return registers_.word(0x30, 4) & ~uint32_t{0x7ff}; }
  unsigned max_payload_bytes() const { return 128u << (registers_.byte(kPcie + 8) >> 5); }
  unsigned max_read_request_bytes() const { return 128u << (registers_.byte(kPcie + 9) >> 4 & 7); }
  uint16_t device_control() const { return registers_.word(kPcie + 8, 2) & 0xffff; }
  uint16_t device_control2() const { return registers_.word(kPcie + 40, 2) & 0xffff; }
  bool in_d3hot() const { return (registers_.byte(kPm + 4) & 3) == 3; }
  bool pme_pending() const { return registers_.byte(kPm + 5) & 0x80; }
  bool pme_enabled() const { return registers_.byte(kPm + 5) & 1; }
  bool msix_enabled() const { return has_msix_ && registers_.byte(kMsix + 3) & 0x80; }
  bool msix_masked() const { return has_msix_ && registers_.byte(kMsix + 3) & 0x40; }
  MsiSetting msi() const;
  ReportEnables report_enables() const;
  const ConfigExtended& extended() const { return extended_.value(); }
  // Whether software has asked for a function-level reset since the last call.
  bool take_function_reset();
  uint8_t secondary_bus() const { return registers_.byte(0x19); }
  uint8_t subordinate_bus() const { return registers_.byte(0x1a); }
  Window io_window() const;
  Window memory_window() const;
  Window prefetchable_window() const;

  // Byte offsets of the capabilities.
  static constexpr unsigned kPm = 0x40;
  static constexpr unsigned kMsix = 0x50;
  static constexpr unsigned kPcie = 0x60;
  static constexpr unsigned kMsi = 0xa0;
  static constexpr unsigned kVpd = 0xc0;
  static constexpr unsigned kRootAcs = 0x100;  // of a root port

 private:
  enum class Role : uint8_t { Endpoint, RootPort };

  void define_common_header(uint16_t vendor, uint16_t device, uint32_t class_code,
                            uint8_t revision);
  void define_bars();
  void define_rom(unsigned size_log2);
  void define_pm(uint8_t next);
  void define_msix(const EndpointShape& shape);
  void define_pcie(uint8_t next, bool card);
  void define_msi(unsigned vectors, uint8_t next);
  void define_vpd();
  void record_in_status(ErrorEvent event);
  void write_power_state(uint32_t old);
  void write_device_control(uint32_t value, uint8_t byte_enables);
  void write_device_control2(uint32_t old);
  void write_msi_control();
  void transfer_vpd(uint8_t byte_enables);
  void resize_bars();
  uint16_t command() const { return static_cast<uint16_t>(registers_.word(0x04, 2)); }

  Role role_;
  RegisterFile registers_{kBytes};
  std::optional<ConfigExtended> extended_;  // a root port has none
  std::array<BarShape, 6> bars_{};
  std::array<bool, 6> resizable_{};
  bool has_msix_ = false;
  unsigned msi_vectors_ = 0;
  std::vector<uint8_t> vpd_{};
  bool intx_pending_ = false;
  uint32_t msi_pending_ = 0;
  bool transactions_pending_ = false;
  bool function_reset_asked_ = false;
};

// The space as `lspci -F` reads it, and lspci -xxxx writes it: a line for the slot, then 256 lines
// of 16 bytes.
std::string lspci_text(const std::string& slot, const std::string& title,
                       const std::vector<uint32_t>& dwords);

}  // namespace cw::model
