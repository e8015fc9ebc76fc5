// SPDX-License-Identifier: Apache-2.0
// cw-variant: RomLog2=11 IntxPin=3 MultiFunction=1
// cw-variant: RomLog2=24
#include <Vcw_cfg_type0.h>
#include <Vcw_cfg_type0_romlog211_intxpin3_multifunction1.h>
#include <Vcw_cfg_type0_romlog224.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

// The default header: BAR0 32-bit of 128 B, BAR1 I/O of 32 B, BAR2 64-bit of 4 KiB, BAR4 64-bit
// prefetchable of 16 GiB.
struct Header {
  dut::Module<Vcw_cfg_type0> module;
  CfgBus<Vcw_cfg_type0> bus{module};
  Header() { resize(34); }

  // BAR4 is resizable.
  void resize(unsigned log2) {
    dut::set_bits(bus.pins().bar_log2_i, 4 * 6, 6, log2);
    module.step();
  }

  uint64_t base(unsigned bar) { return dut::get_bits(bus.pins().bar_base_o, 64 * bar, 64); }
  uint32_t sized(unsigned bar) {
    const unsigned offset = 0x10 + 4 * bar;
    const uint32_t before = bus.read(offset);
    bus.write(offset, 0xffff'ffff);
    const uint32_t answer = bus.read(offset);
    bus.write(offset, before);
    return answer;
  }
};

TEST_CASE("Type 0 header identifies the function and starts the capability list",
          "[unit][config][R41]") {
  Header dut;
  CHECK(dut.bus.read(0x00) == 0xca05ca5e);
  CHECK(dut.bus.read(0x04) == 0x00100000);
  CHECK(dut.bus.read(0x08) == 0x12000001);
  CHECK(dut.bus.read(0x0c) == 0);
  CHECK(dut.bus.read(0x2c) == 0x0001ca5e);
  CHECK(dut.bus.read(0x34) == 0x00000040);
  CHECK(dut.bus.read(0x3c) == 0);
  for (const unsigned absent : {0x28u, 0x30u, 0x38u, 0x40u, 0x100u, 0xffcu}) {
    dut.bus.write(absent, 0xffff'ffff);
    CHECK(dut.bus.read(absent) == 0);
  }
}

TEST_CASE("Base address registers answer the size question with decoding off and on",
          "[unit][config][R42]") {
  Header dut;
  for (const uint32_t command : {0x0u, 0x7u}) {
    dut.bus.write(0x04, command);
    CHECK(dut.sized(0) == 0xffffff80);
    CHECK(dut.sized(1) == 0xffffffe1);
    CHECK(dut.sized(2) == 0xfffff004);
    CHECK(dut.sized(3) == 0xffffffff);
    CHECK(dut.sized(4) == 0x0000000c);
    CHECK(dut.sized(5) == 0xfffffffc);
    for (unsigned bar = 0; bar < 6; ++bar) CHECK(dut.base(bar) == 0);
  }
}

TEST_CASE("A 64-bit base is two registers, found at the lower", "[unit][config][R42]") {
  Header dut;
  dut.bus.write(0x18, 0x1234'5fff);
  dut.bus.write(0x1c, 0x0000'0010);
  CHECK(dut.base(2) == 0x10'1234'5000);
  CHECK(dut.base(3) == 0);
  CHECK(dut.bus.read(0x18) == 0x12345004);
  dut.bus.write(0x20, 0xffff'ffff);
  dut.bus.write(0x24, 0x0000'0017);
  CHECK(dut.base(4) == 0x14'0000'0000);
  dut.bus.write(0x10, 0xabcd'efff);
  CHECK(dut.base(0) == 0xabcdef80);
  dut.bus.write(0x14, 0xffff'e03f);
  CHECK(dut.base(1) == 0xffffe020);
}

TEST_CASE("A base takes only the bytes that are enabled", "[unit][config][R41]") {
  Header dut;
  for (unsigned byte = 0; byte < 4; ++byte) {
    dut.bus.write(0x1c, 0);
    dut.bus.write(0x1c, 0xffff'ffff, /*byte_enables=*/1u << byte);
    CHECK(dut.bus.read(0x1c) == 0xffu << 8 * byte);
  }
  dut.bus.write(0x1c, 0xffff'ffff, /*byte_enables=*/0);
  CHECK(dut.bus.read(0x1c) == 0xff00'0000);
}

TEST_CASE("Command has its enables and nothing that is not there", "[unit][config][R10][R41]") {
  Header dut;
  dut.bus.write(0x04, 0xffff'ffff);
  CHECK(dut.bus.read(0x04) == 0x00100147);
  CHECK(dut.bus.pins().io_enable_o == 1);
  CHECK(dut.bus.pins().mem_enable_o == 1);
  CHECK(dut.bus.pins().bus_master_enable_o == 1);
  dut.bus.write(0x04, 0x0002);
  CHECK(dut.bus.pins().io_enable_o == 0);
  CHECK(dut.bus.pins().mem_enable_o == 1);
  CHECK(dut.bus.pins().bus_master_enable_o == 0);
  dut.bus.write(0x0c, 0xffff'ffff);
  CHECK(dut.bus.read(0x0c) == 0x000000ff);
  dut.bus.write(0x3c, 0xffff'ffff);
  CHECK(dut.bus.read(0x3c) == 0x000000ff);
}

TEST_CASE("Status records errors until ones are written", "[unit][config][R38][R41]") {
  Header dut;
  const std::pair<unsigned, uint32_t> errors[] = {{CfgReceivedUr, 0x2000},
                                                  {CfgReceivedCa, 0x1000},
                                                  {CfgCompleterAbort, 0x0800},
                                                  {CfgPoisoned, 0x8000},
                                                  {CfgPoisoned | CfgPoisonedCpl, 0x8100},
                                                  {CfgMalformed | CfgUnsupported, 0}};
  dut.bus.write(0x04, 0x0040);  // Parity Error Response
  for (const auto& [event, status] : errors) {
    dut.bus.pins().event_i = static_cast<uint16_t>(event);
    dut.module.step();
    dut.bus.pins().event_i = 0;
    CHECK(dut.bus.read(0x04) >> 16 == (status | 0x10));
    dut.bus.write(0x04, 0x0000'0040);
    CHECK(dut.bus.read(0x04) >> 16 == (status | 0x10));
    dut.bus.write(0x04, 0xffff'0040);
    CHECK(dut.bus.read(0x04) >> 16 == 0x10);
  }
  dut.bus.write(0x04, 0);
  dut.bus.pins().event_i = CfgPoisoned | CfgPoisonedCpl;
  dut.module.step();
  dut.bus.pins().event_i = 0;
  CHECK(dut.bus.read(0x04) >> 16 == 0x8010);  // no response to parity errors
}

TEST_CASE("A resizable BAR answers with its size of now, and loses address bits when it grows",
          "[unit][config][R42]") {
  Header dut;
  for (unsigned log2 = 20; log2 <= 34; ++log2) {
    dut.resize(log2);
    const uint64_t mask = ~((uint64_t{1} << log2) - 1);
    CHECK(dut.sized(4) == ((mask & 0xffff'ffff) | 0xc));
    CHECK(dut.sized(5) == mask >> 32);
  }
  dut.resize(20);
  dut.bus.write(0x20, 0x1234'5678);
  dut.bus.write(0x24, 0x0000'0017);
  CHECK(dut.base(4) == 0x17'1230'0000);
  dut.resize(24);
  CHECK(dut.base(4) == 0x17'1200'0000);
  dut.resize(34);
  CHECK(dut.base(4) == 0x14'0000'0000);
  CHECK(dut.bus.read(0x20) == 0xc);
  dut.resize(20);  // what was lost does not come back
  CHECK(dut.base(4) == 0x14'0000'0000);
  dut.resize(63);  // and nothing else is resized
  CHECK(dut.sized(0) == 0xffffff80);
  CHECK(dut.sized(2) == 0xfffff004);
}

TEST_CASE("Signaled System Error follows a message that SERR# Enable lets out",
          "[unit][config][R38]") {
  Header dut;
  for (const bool enabled : {false, true}) {
    dut.bus.write(0x04, enabled ? 0x0100 : 0);
    dut.bus.pins().error_sent_i = 1;
    dut.module.step();
    dut.bus.pins().error_sent_i = 0;
    CHECK(dut.bus.read(0x04) >> 16 == (enabled ? 0x4010 : 0x10));
  }
  dut.bus.write(0x04, 0x4000'0000);
  CHECK(dut.bus.read(0x04) >> 16 == 0x10);
}

using Every = Vcw_cfg_type0_romlog211_intxpin3_multifunction1;

TEST_CASE("INTx has a pin, a line for software, a status and a disable", "[unit][config][R41]") {
  dut::Module<Every> module;
  CfgBus bus(module);
  CHECK(bus.read(0x3c) == 0x00000300);
  bus.write(0x3c, 0xffff'ffff);
  CHECK(bus.read(0x3c) == 0x000003ff);
  CHECK(bus.pins().intx_disable_o == 0);
  bus.pins().intx_pending_i = 1;
  CHECK(bus.read(0x04) == 0x00180000);
  bus.write(0x04, 0xffff'ffff);
  CHECK(bus.read(0x04) == 0x00180547);  // disabling hides nothing
  CHECK(bus.pins().intx_disable_o == 1);
  bus.pins().intx_pending_i = 0;
  CHECK(bus.read(0x04) == 0x00100547);

  Header none;  // without a pin there is nothing to disable
  none.bus.pins().intx_pending_i = 1;
  none.bus.write(0x04, 0x0400);
  CHECK(none.bus.read(0x04) == 0x00100000);
}

TEST_CASE("The expansion ROM answers the size question and has an enable", "[unit][config][R42]") {
  dut::Module<Every> small;
  CfgBus bus(small);
  bus.write(0x30, 0xffff'fffe);
  CHECK(bus.read(0x30) == 0xfffff800);
  CHECK(bus.pins().rom_enable_o == 0);
  bus.write(0x30, 0x4020'0801);
  CHECK(bus.read(0x30) == 0x40200801);
  CHECK(bus.pins().rom_enable_o == 1);
  CHECK(bus.pins().rom_base_o == 0x40200800);
  bus.write(0x30, 0, /*byte_enables=*/0b0001);
  CHECK(bus.read(0x30) == 0x40200800);
  dut::Module<Vcw_cfg_type0_romlog224> large;
  CfgBus wide(large);
  wide.write(0x30, 0xffff'ffff);
  CHECK(wide.read(0x30) == 0xff000001);
}

TEST_CASE("A register changes by writes of its own dword alone", "[unit][config][R41]") {
  Header dut;
  dut.bus.write(0x0c, 0x10);
  dut.bus.write(0x3c, 0x05);
  for (unsigned offset = 0; offset < 0x40; offset += 4) {
    if (offset != 0x0c && offset != 0x3c) dut.bus.write(offset, 0xffff'ffff);
    dut.bus.read(offset);
    CHECK((dut.bus.read(0x0c) & 0xff) == 0x10);
    CHECK((dut.bus.read(0x3c) & 0xff) == 0x05);
  }
}

TEST_CASE("A device of several functions says so in each of them", "[unit][config][R41]") {
  dut::Module<Every> module;
  CfgBus bus(module);
  bus.write(0x0c, 0xffff'ffff);
  CHECK(bus.read(0x0c) == 0x008000ff);
}

}  // namespace
}  // namespace cw::unit
