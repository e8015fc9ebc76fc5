// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_vsec.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

TEST_CASE("The Vendor-Specific capability says its length and what the build is",
          "[unit][config][R41]") {
  dut::Module<Vcw_cfg_vsec> module;
  CfgBus<Vcw_cfg_vsec> bus(module);
  for (unsigned pass = 0; pass < 2; ++pass) {
    CHECK(bus.read(0x110) == 0x0001'000b);
    CHECK(bus.read(0x114) == 0x0141'0001);  // 20 bytes, revision 1, ID 1
    CHECK(bus.read(0x118) == 0);            // no build ID given
    // 8 vectors, 2 channels, 1 function, 2 to the power 8 bits
    CHECK(bus.read(0x11c) == 0x0008'2108);
    CHECK(bus.read(0x120) == 0x0002'0010);  // 32 tags, 64 KiB
    for (const unsigned absent : {0x000u, 0x10cu, 0x124u, 0x130u, 0x190u, 0xffcu}) {
      CHECK(bus.read(absent) == 0);
    }
    for (unsigned offset = 0x110; offset < 0x124; offset += 4) bus.write(offset, ~pass);
  }
}

}  // namespace
}  // namespace cw::unit
