// SPDX-License-Identifier: Apache-2.0
// cw-variant: ForwardsPme=1
#include <Vcw_cfg_pm.h>
#include <Vcw_cfg_pm_forwardspme1.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kPm = 0x40;
constexpr unsigned kD0 = 0, kD3Hot = 3;

TEST_CASE("PM capability names itself, its version and the next capability",
          "[unit][config][R41]") {
  dut::Module<Vcw_cfg_pm> module;
  CfgBus bus(module);
  CHECK(bus.read(kPm) == 0x00035001);
  CHECK(bus.read(kPm + 4) == 0x00000008);  // No_Soft_Reset
  CHECK(bus.read(kPm + 8) == 0);
  CHECK(bus.read(0) == 0);
}

TEST_CASE("PM capability enters D3hot and returns to D0, and nothing else", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_pm> module;
  CfgBus bus(module);
  CHECK(bus.pins().power_o == kD0);
  bus.write(kPm + 4, 0xffff'ffff);
  CHECK(bus.pins().power_o == kD3Hot);
  CHECK(bus.read(kPm + 4) == 0x0000000b);  // no PME_En: there is no PME
  for (const unsigned absent : {1u, 2u}) {
    bus.write(kPm + 4, absent);
    CHECK(bus.pins().power_o == kD3Hot);
  }
  bus.write(kPm + 4, kD0, /*byte_enables=*/0b1110);
  CHECK(bus.pins().power_o == kD3Hot);
  bus.write(kPm + 4, kD0);
  CHECK(bus.pins().power_o == kD0);
}

TEST_CASE("PM capability ignores writes to other dwords and reads", "[unit][config]") {
  dut::Module<Vcw_cfg_pm> module;
  CfgBus bus(module);
  bus.write(kPm, 0xffff'ffff);
  bus.write(kPm + 8, 0xffff'ffff);
  bus.write(0x144, 0xffff'ffff);  // the same low bits, in extended space
  CHECK(bus.read(kPm + 4) == 0x00000008);
  CHECK(bus.read(kPm) == 0x00035001);
}

TEST_CASE("PM capability of a bridge forwards PME and has its enable", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_pm_forwardspme1> module;
  CfgBus bus(module);
  CHECK(bus.read(kPm) == 0xc8035001);
  bus.write(kPm + 4, 0x0000'8103);
  CHECK(bus.read(kPm + 4) == 0x0000010b);
}

}  // namespace
}  // namespace cw::unit
