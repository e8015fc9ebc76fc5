// SPDX-License-Identifier: Apache-2.0
//
// The packed structs at the host bridge's ports as plain values.
#pragma once

#include <cstdint>

#include "dut/bits.hpp"

namespace cw::unit {

// root_port_state_t
struct RootPortState {
  bool mem_enable = true;
  unsigned power = 0;
  uint8_t secondary = 1;
  uint8_t subordinate = 3;
  uint64_t mem_base = 0x4000'0000;
  uint64_t mem_limit = 0x40ff'ffff;
  uint64_t pref_base = 0x10'0000'0000;
  uint64_t pref_limit = 0x10'00ff'ffff;
  bool cpl_timeout_disable = false;
  bool bus_master = false;
  bool secondary_reset = false;
  unsigned max_payload = 0;
  unsigned acs = 0;  // AcsBit
  bool rrs_visible = false;
};

// acs_t
enum AcsBit : unsigned {
  AcsSourceValidation = 1u << 0,
  AcsTranslationBlocking = 1u << 1,
  AcsUpstreamForwarding = 1u << 4
};

template <class Port>
void drive(Port& port, const RootPortState& s) {
  dut::clear_bits(port);
  dut::set_bits(port, 0, 1, s.cpl_timeout_disable);
  dut::set_bits(port, 11, 3, s.max_payload);
  dut::set_bits(port, 14, 1, s.secondary_reset);
  dut::set_bits(port, 15, 64, s.pref_limit);
  dut::set_bits(port, 79, 64, s.pref_base);
  dut::set_bits(port, 143, 64, s.mem_limit);
  dut::set_bits(port, 207, 64, s.mem_base);
  dut::set_bits(port, 271, 8, s.subordinate);
  dut::set_bits(port, 279, 8, s.secondary);
  dut::set_bits(port, 295, 2, s.power);
  dut::set_bits(port, 297, 1, s.bus_master);
  dut::set_bits(port, 298, 1, s.mem_enable);
  dut::set_bits(port, 299, 7, s.acs);
  dut::set_bits(port, 306, 1, s.rrs_visible);
}

enum HostTarget : unsigned {
  TargetNobody,
  TargetError,
  TargetIommu,
  TargetOwnConfig,
  TargetConfig0,
  TargetConfig1,
  TargetMemory
};

// host_op_t, 144 bits
struct HostOp {
  unsigned target = TargetMemory;
  bool write = false;
  uint64_t addr = 0;
  unsigned bytes = 0;
  unsigned be = 0;
  bool size8 = false;
  uint64_t wdata = 0;

  bool operator==(const HostOp&) const = default;
};

inline constexpr unsigned kHostOpBits = 144;

// At position `index` of an array of them.
template <class Port>
void drive(Port& port, const HostOp& op, unsigned index = 0) {
  const unsigned at = index * kHostOpBits;
  dut::set_bits(port, at, 64, op.wdata);
  dut::set_bits(port, at + 64, 1, op.size8);
  dut::set_bits(port, at + 65, 4, op.be);
  dut::set_bits(port, at + 69, 7, op.bytes);
  dut::set_bits(port, at + 76, 64, op.addr);
  dut::set_bits(port, at + 140, 1, op.write);
  dut::set_bits(port, at + 141, 3, op.target);
}

template <class Port>
HostOp host_op(const Port& port) {
  return {.target = static_cast<unsigned>(dut::get_bits(port, 141, 3)),
          .write = dut::get_bits(port, 140, 1) != 0,
          .addr = dut::get_bits(port, 76, 64),
          .bytes = static_cast<unsigned>(dut::get_bits(port, 69, 7)),
          .be = static_cast<unsigned>(dut::get_bits(port, 65, 4)),
          .size8 = dut::get_bits(port, 64, 1) != 0,
          .wdata = dut::get_bits(port, 0, 64)};
}

}  // namespace cw::unit
