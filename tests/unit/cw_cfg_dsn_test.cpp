// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_dsn.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

TEST_CASE("Device Serial Number shows its 64 bits, low half first, and takes no write",
          "[unit][config][R41]") {
  dut::Module<Vcw_cfg_dsn> module;
  CfgBus<Vcw_cfg_dsn> bus(module);
  for (unsigned pass = 0; pass < 2; ++pass) {
    CHECK(bus.read(0x100) == 0x0001'0003);
    CHECK(bus.read(0x104) == 0xfe00'0001);
    CHECK(bus.read(0x108) == 0xca5e'00ff);
    for (const unsigned absent : {0x000u, 0x0fcu, 0x10cu, 0x500u, 0xffcu}) {
      CHECK(bus.read(absent) == 0);
    }
    for (unsigned offset = 0x100; offset < 0x10c; offset += 4) bus.write(offset, ~pass);
  }
}

}  // namespace
}  // namespace cw::unit
