// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_ltr.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

TEST_CASE("LTR keeps two latencies of value and scale", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_ltr> module;
  CfgBus<Vcw_cfg_ltr> bus(module);
  CHECK(bus.read(0x1a0) == 0x0001'0018);
  CHECK(bus.read(0x1a4) == 0);
  bus.write(0x1a4, 0xffff'ffff);
  CHECK(bus.read(0x1a4) == 0x1fff'1fff);
  CHECK(bus.pins().max_o == 0x1fff'1fff);
  bus.write(0x1a4, 0x1003'0846, /*byte_enables=*/0b0101);
  CHECK(bus.read(0x1a4) == 0x1f03'1f46);
  bus.write(0x1a0, 0);
  bus.write(0x1a8, 0);
  CHECK(bus.pins().max_o == 0x1f03'1f46);
  module.reset();
  CHECK(bus.read(0x1a4) == 0);
}

}  // namespace
}  // namespace cw::unit
