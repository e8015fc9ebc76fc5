// SPDX-License-Identifier: Apache-2.0
// cw-variant: Vectors=2048
#include <Vcw_cfg_msix.h>
#include <Vcw_cfg_msix_vectors2048.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kMsix = 0x50;

TEST_CASE("MSI-X capability says how many vectors there are and where", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_msix> module;
  CfgBus bus(module);
  CHECK(bus.read(kMsix) == 0x00076011);  // table size - 1
  CHECK(bus.read(kMsix + 4) == 0x2000);  // BAR 0
  CHECK(bus.read(kMsix + 8) == 0x3000);
  CHECK(bus.read(kMsix + 12) == 0);
}

TEST_CASE("MSI-X capability takes enable and function mask only", "[unit][config][R41][R46]") {
  dut::Module<Vcw_cfg_msix> module;
  CfgBus bus(module);
  CHECK(bus.pins().enable_o == 0);
  CHECK(bus.pins().mask_o == 0);
  bus.write(kMsix, 0xffff'ffff);
  CHECK(bus.read(kMsix) == 0xc0076011);
  CHECK(bus.pins().enable_o == 1);
  CHECK(bus.pins().mask_o == 1);
  bus.write(kMsix, 0x8000'0000);
  CHECK(bus.pins().enable_o == 1);
  CHECK(bus.pins().mask_o == 0);
  bus.write(kMsix, 0, /*byte_enables=*/0b0111);
  CHECK(bus.pins().enable_o == 1);
  bus.write(kMsix + 4, 0xffff'ffff);
  bus.write(kMsix + 8, 0xffff'ffff);
  CHECK(bus.read(kMsix + 4) == 0x2000);
  CHECK(bus.read(kMsix + 8) == 0x3000);
}

TEST_CASE("MSI-X capability holds the largest table", "[unit][config][R46]") {
  dut::Module<Vcw_cfg_msix_vectors2048> module;
  CfgBus bus(module);
  CHECK(bus.read(kMsix) == 0x07ff6011);
}

}  // namespace
}  // namespace cw::unit
