// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_type1.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

struct Bridge {
  dut::Module<Vcw_cfg_type1> module;
  CfgBus<Vcw_cfg_type1> bus{module};
  Vcw_cfg_type1& pins() { return module.pins(); }
};

TEST_CASE("Type 1 header identifies a bridge without BARs and I/O window", "[unit][config][R41]") {
  Bridge dut;
  CHECK(dut.bus.read(0x00) == 0xca01ca5e);
  CHECK(dut.bus.read(0x08) == 0x06040001);
  CHECK(dut.bus.read(0x0c) == 0x00010000);
  CHECK(dut.bus.read(0x34) == 0x00000040);
  for (const unsigned absent : {0x10u, 0x14u, 0x1cu, 0x30u, 0x38u, 0x40u, 0x104u, 0xffcu}) {
    dut.bus.write(absent, 0xffff'ffff);
    CHECK(dut.bus.read(absent) == 0);
  }
  dut.bus.write(0x0c, 0xffff'ffff);
  CHECK(dut.bus.read(0x0c) == 0x000100ff);
}

TEST_CASE("Bus numbers are kept and told, one byte at a time", "[unit][config][R41][R49]") {
  Bridge dut;
  dut.bus.write(0x18, 0xff05'0100);
  CHECK(dut.bus.read(0x18) == 0x00050100);
  CHECK(dut.pins().primary_bus_o == 0);
  CHECK(dut.pins().secondary_bus_o == 1);
  CHECK(dut.pins().subordinate_bus_o == 5);
  dut.bus.write(0x18, 0xffff'ffff, /*byte_enables=*/0b0010);
  CHECK(dut.bus.read(0x18) == 0x0005ff00);
}

TEST_CASE("Memory windows have a granularity of 1 MiB and end on their last byte",
          "[unit][config][R48]") {
  Bridge dut;
  dut.bus.write(0x20, 0x401f'4010);
  CHECK(dut.bus.read(0x20) == 0x40104010);
  CHECK(dut.pins().mem_base_o == 0x4010'0000);
  CHECK(dut.pins().mem_limit_o == 0x401f'ffff);
  CHECK(dut.bus.read(0x24) == 0x00010001);  // 64-bit
  dut.bus.write(0x24, 0xffff'8020);
  dut.bus.write(0x28, 0x0000'0010);
  dut.bus.write(0x2c, 0x0000'0011);
  CHECK(dut.bus.read(0x24) == 0xfff18021);
  CHECK(dut.pins().pref_base_o == 0x10'8020'0000);
  CHECK(dut.pins().pref_limit_o == 0x11'ffff'ffff);
}

TEST_CASE("Command and Bridge Control have their enables and the secondary reset",
          "[unit][config][R10][R41]") {
  Bridge dut;
  CHECK(dut.bus.read(0x04) == 0x00100000);
  dut.bus.write(0x04, 0xffff'ffff);
  CHECK(dut.bus.read(0x04) == 0x00100146);
  CHECK(dut.pins().mem_enable_o == 1);
  CHECK(dut.pins().bus_master_enable_o == 1);
  dut.bus.write(0x04, 0x0004);
  CHECK(dut.pins().mem_enable_o == 0);
  CHECK(dut.pins().bus_master_enable_o == 1);
  dut.bus.write(0x3c, 0xffff'ffff);
  CHECK(dut.bus.read(0x3c) == 0x004300ff);
  CHECK(dut.pins().secondary_reset_o == 1);
  dut.bus.write(0x3c, 0, /*byte_enables=*/0b0100);
  CHECK(dut.pins().secondary_reset_o == 0);
}

TEST_CASE("Errors below the bridge mark Secondary Status until ones are written",
          "[unit][config][R38][R41]") {
  Bridge dut;
  const std::pair<unsigned, uint32_t> errors[] = {{CfgReceivedUr, 0x2000},
                                                  {CfgReceivedCa, 0x1000},
                                                  {CfgCompleterAbort, 0x0800},
                                                  {CfgPoisoned, 0x8000},
                                                  {CfgPoisoned | CfgPoisonedCpl, 0x8100}};
  dut.bus.write(0x3c, 0x0001'0000);  // Parity Error Response
  for (const auto& [event, status] : errors) {
    dut.pins().event_i = static_cast<uint16_t>(event);
    dut.module.step();
    dut.pins().event_i = 0;
    CHECK(dut.bus.read(0x1c) == status << 16);
    CHECK(dut.bus.read(0x04) == 0x00100000);
    dut.bus.write(0x1c, 0xffff'ffff, /*byte_enables=*/0b0111);
    CHECK(dut.bus.read(0x1c) == (status & 0xff00) << 16);
    dut.bus.write(0x1c, 0xffff'ffff);
    CHECK(dut.bus.read(0x1c) == 0);
  }
}

}  // namespace
}  // namespace cw::unit
