// SPDX-License-Identifier: Apache-2.0
// cw-variant: NextFunction=5
#include <Vcw_cfg_ari.h>
#include <Vcw_cfg_ari_nextfunction5.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

TEST_CASE("ARI names the next function, and zero after the last", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_ari> last;
  CfgBus<Vcw_cfg_ari> last_bus(last);
  CHECK(last_bus.read(0x190) == 0x0001'000e);
  CHECK(last_bus.read(0x194) == 0);
  dut::Module<Vcw_cfg_ari_nextfunction5> fourth;
  CfgBus<Vcw_cfg_ari_nextfunction5> fourth_bus(fourth);
  fourth_bus.write(0x194, 0xffff'ffff);
  CHECK(fourth_bus.read(0x194) == 0x0000'0500);  // no function groups
  CHECK(fourth_bus.read(0x198) == 0);
}

}  // namespace
}  // namespace cw::unit
