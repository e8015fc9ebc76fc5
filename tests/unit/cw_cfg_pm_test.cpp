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
  CHECK(bus.read(kPm) == 0x48035001);      // PME from D0 and D3hot
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
  CHECK(bus.read(kPm + 4) == 0x0000010b);
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
  CHECK(bus.read(kPm) == 0x48035001);
}

TEST_CASE("PM capability of a bridge forwards PME and has its enable", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_pm_forwardspme1> module;
  CfgBus bus(module);
  CHECK(bus.read(kPm) == 0xc8035001);
  bus.write(kPm + 4, 0x0000'8103);
  CHECK(bus.read(kPm + 4) == 0x0000010b);
}

TEST_CASE("PME_Status remembers a wake-up event until software clears it", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_pm> module;
  CfgBus bus(module);
  const auto status = [&] { return bus.read(kPm + 4) >> 15 & 1; };
  const auto wake = [&] {
    bus.pins().pme_i = 1;
    module.step();
    bus.pins().pme_i = 0;
  };
  CHECK(bus.pins().pme_enable_o == 0);
  bus.write(kPm + 4, 0x0100);
  CHECK(bus.pins().pme_enable_o == 1);
  CHECK(status() == 0);
  CHECK(bus.pins().pme_status_o == 0);
  wake();
  CHECK(status() == 1);
  CHECK(bus.pins().pme_status_o == 1);
  bus.write(kPm + 4, 0x0100);
  CHECK(status() == 1);
  bus.write(kPm + 4, 0x8000, /*byte_enables=*/0b1101);
  CHECK(status() == 1);
  bus.pins().pme_i = 1;  // the event wins over a clear of the same clock
  bus.write(kPm + 4, 0x8100);
  bus.pins().pme_i = 0;
  CHECK(status() == 1);
  bus.write(kPm + 4, 0x8100);
  CHECK(status() == 0);
}

TEST_CASE("PME_Status outlives every reset but a cold one; PME_En only with PME from D3cold",
          "[unit][config][R41][R43]") {
  const auto run = [](auto& module, unsigned kept) {
    CfgBus bus(module);
    const auto set_up = [&] {
      bus.pins().pme_i = 1;
      bus.write(kPm + 4, 0x0103);
      bus.pins().pme_i = 0;
      CHECK(bus.read(kPm + 4) == 0x810b);
    };
    set_up();
    hot_reset(module);
    CHECK(bus.read(kPm + 4) == kept);
    set_up();
    cold_reset(module);
    CHECK(bus.read(kPm + 4) == 0x0008);
  };
  dut::Module<Vcw_cfg_pm> endpoint;
  run(endpoint, 0x8008);
  dut::Module<Vcw_cfg_pm_forwardspme1> bridge;
  run(bridge, 0x8108);
}

}  // namespace
}  // namespace cw::unit
