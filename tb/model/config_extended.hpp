// SPDX-License-Identifier: Apache-2.0
//
// Predicts extended configuration space of an endpoint function, from 0x100 on.
// Spec: PCIe Base 7.6.3, 7.7.8 (ACS), 7.8.2 (LTR), 7.8.4 (AER), 7.8.6 (Resizable BAR), 7.8.8 (ARI),
// 7.9.3 (Device Serial Number), 7.9.5 (Vendor-Specific).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/aer.hpp"

namespace cw::model {

struct ExtendedShape {
  unsigned function = 0;
  unsigned functions = 1;  // of the device
  uint64_t serial_number = 0;
  std::array<uint32_t, 3> build{};           // what the Vendor-Specific capability says
  std::array<unsigned, 6> resizable_log2{};  // full bytes of a resizable BAR; 0: not resizable
};

class ConfigExtended {
 public:
  static constexpr unsigned kFirst = 0x100;
  static constexpr unsigned kEnd = 0x1000;

  explicit ConfigExtended(const ExtendedShape& shape);

  // The dword at a byte offset that is a multiple of 4, from kFirst on.
  uint32_t read(unsigned offset) const;
  // Takes effect for the next read. `memory_enabled`: Memory Space Enable of the function.
  void write(unsigned offset, uint32_t value, uint8_t byte_enables, bool memory_enabled);
  // The errors of one moment.
  Reported report(const std::vector<SeenError>& errors, const ReportEnables& enables) {
    return aer_.report(errors, enables);
  }
  // Cold: everything goes back to what it was after power-on; else what is not sticky.
  void reset(bool cold);

  const Aer& aer() const { return aer_; }

  // Bytes of a resizable BAR now, as a power of two.
  unsigned resizable_bar_log2(unsigned bar) const;

  // Byte offsets of the capabilities.
  static constexpr unsigned kDsn = 0x100;
  static constexpr unsigned kVsec = 0x110;
  static constexpr unsigned kAer = 0x140;
  static constexpr unsigned kAri = 0x190;
  static constexpr unsigned kAcs = 0x198;
  static constexpr unsigned kLtr = 0x1a0;
  static constexpr unsigned kRebar = 0x1b0;

 private:
  // `width` bytes at `offset`, little-endian: their value, and the bits that software writes.
  void define(unsigned offset, unsigned width, uint32_t value, uint32_t writable = 0);
  // Appends a capability to the chain.
  void define_header(unsigned offset, uint16_t id, uint8_t version = 1);
  void define_rebar();
  void write_rebar_size(unsigned offset, uint8_t value);
  uint8_t& at(unsigned offset) { return bytes_.at(offset - kFirst); }
  uint8_t at(unsigned offset) const { return bytes_.at(offset - kFirst); }

  ExtendedShape shape_;
  Aer aer_;
  unsigned last_ = 0;  // end of the chain
  std::array<uint8_t, kEnd - kFirst> bytes_{};
  std::array<uint8_t, kEnd - kFirst> writable_{};
  std::array<uint8_t, kEnd - kFirst> after_reset_{};
};

}  // namespace cw::model
