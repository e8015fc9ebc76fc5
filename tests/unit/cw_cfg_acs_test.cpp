// SPDX-License-Identifier: Apache-2.0
// cw-variant: RootPort=1
#include <Vcw_cfg_acs.h>
#include <Vcw_cfg_acs_rootport1.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

TEST_CASE("ACS without peer-to-peer traffic is there, and controls nothing",
          "[unit][config][R41]") {
  dut::Module<Vcw_cfg_acs> module;
  CfgBus<Vcw_cfg_acs> bus(module);
  bus.write(0x198, 0xffff'ffff);
  bus.write(0x19c, 0xffff'ffff);
  CHECK(bus.read(0x198) == 0x0001'000d);
  CHECK(bus.read(0x19c) == 0);
  CHECK(bus.read(0x098) == 0);
  CHECK(bus.read(0x1a0) == 0);
}

TEST_CASE("ACS of a root port has the controls it says, all off after reset",
          "[unit][config][R41][R50]") {
  dut::Module<Vcw_cfg_acs_rootport1> module;
  CfgBus<Vcw_cfg_acs_rootport1> bus(module);
  CHECK(bus.read(0x19c) == 0x0000'0013);
  CHECK(bus.pins().control_o == 0);
  bus.write(0x19c, 0xffff'ffff);
  CHECK(bus.read(0x19c) == 0x0013'0013);
  CHECK(bus.pins().control_o == 0x13);
  bus.write(0x19c, 0x0001'0000, 0b0011);  // the other half
  CHECK(bus.pins().control_o == 0x13);
  bus.write(0x19c, 0x0001'0000, 0b0100);
  CHECK(bus.pins().control_o == 0x01);
  hot_reset(module);
  CHECK(bus.read(0x19c) == 0x0000'0013);
}

}  // namespace
}  // namespace cw::unit
