// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_acs.h>

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

}  // namespace
}  // namespace cw::unit
