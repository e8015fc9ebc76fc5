// SPDX-License-Identifier: Apache-2.0
//
// The packed structs at the ports of interrupts and messages as plain values.
#pragma once

#include <cstdint>

#include "dut/bits.hpp"
#include "dut/module.hpp"
#include "unit/msix_pins.hpp"

namespace cw::unit {

// What decides on interrupts and messages in `cfg_state_t`.
struct FunctionState {
  bool msix_enable = false, msix_mask = false;
  unsigned power = 0;  // D0
  bool bus_master = true, id_valid = true;
  uint16_t id = 0x0208;
  bool pme_enable = false, pme_status = false, ltr_enable = false, intx_disable = false;
  struct {
    uint32_t mask = 0;
    uint16_t data = 0;
    uint64_t address = 0;
    unsigned vectors_log2 = 0;
    bool enable = false;
  } msi{};
};
inline constexpr unsigned kFunctionStateBits = 617;

template <class Port>
void drive(Port& port, const FunctionState& s, unsigned fn = 0) {
  const auto set = [&](unsigned lsb, unsigned width, uint64_t value) {
    dut::set_bits(port, fn * kFunctionStateBits + lsb, width, value);
  };
  for (unsigned bit = 0; bit < kFunctionStateBits; ++bit) set(bit, 1, 0);
  set(384, 1, s.msix_mask);
  set(385, 1, s.msix_enable);
  set(400, 2, s.power);
  set(402, 1, s.bus_master);
  set(405, 1, s.id_valid);
  set(406, 16, s.id);
  set(425, 1, s.pme_enable);
  set(426, 1, s.ltr_enable);
  set(499, 1, s.intx_disable);
  set(500, 32, s.msi.mask);
  set(532, 16, s.msi.data);
  set(548, 64, s.msi.address);
  set(612, 3, s.msi.vectors_log2);
  set(615, 1, s.msi.enable);
  set(616, 1, s.pme_status);
}

}  // namespace cw::unit
