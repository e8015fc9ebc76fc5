// SPDX-License-Identifier: Apache-2.0
// cw-variant: Vectors=1
// cw-variant: Vectors=4
#include <Vcw_cfg_msi.h>
#include <Vcw_cfg_msi_vectors1.h>
#include <Vcw_cfg_msi_vectors4.h>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kMsi = 0xa0;

// msi_state_t
template <class V>
uint64_t field(CfgBus<V>& bus, unsigned lsb, unsigned width) {
  return dut::get_bits(bus.pins().msi_o, lsb, width);
}

TEST_CASE("MSI capability says how many messages there are", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_msi> module;
  CfgBus bus(module);
  CHECK(bus.read(kMsi) == 0x018ac005);  // 64-bit, maskable, 32 messages
  for (unsigned dw = 1; dw < 8; ++dw) CHECK(bus.read(kMsi + 4 * dw) == 0);
  dut::Module<Vcw_cfg_msi_vectors1> one;
  CHECK(CfgBus(one).read(kMsi) == 0x0180c005);
}

TEST_CASE("MSI capability takes address, data, enable and the number of messages",
          "[unit][config][R41]") {
  dut::Module<Vcw_cfg_msi> module;
  CfgBus bus(module);
  for (unsigned dw = 0; dw < 8; ++dw) bus.write(kMsi + 4 * dw, 0xffff'ffff);
  CHECK(bus.read(kMsi) == 0x01dbc005);
  CHECK(bus.read(kMsi + 4) == 0xfffffffc);
  CHECK(bus.read(kMsi + 8) == 0xffffffff);
  CHECK(bus.read(kMsi + 12) == 0x0000ffff);
  CHECK(bus.read(kMsi + 16) == 0xffffffff);
  CHECK(bus.read(kMsi + 20) == 0);  // pending bits are read-only
  bus.write(kMsi + 4, 0xfee0'1000);
  bus.write(kMsi + 8, 0x12);
  bus.write(kMsi + 12, 0x4321);
  bus.write(kMsi + 16, 0x8000'0001);
  bus.write(kMsi, 0x0031'0000);
  CHECK(field(bus, 115, 1) == 1);
  CHECK(field(bus, 112, 3) == 3);
  CHECK(field(bus, 48, 64) == 0x12'fee0'1000);
  CHECK(field(bus, 32, 16) == 0x4321);
  CHECK(field(bus, 0, 32) == 0x8000'0001);
  bus.write(kMsi, 0, /*byte_enables=*/0b1011);
  CHECK(field(bus, 115, 1) == 1);
  bus.write(kMsi + 4, 0, /*byte_enables=*/0b0110);
  CHECK(field(bus, 48, 64) == 0x12'fe00'0000);
  hot_reset(module);
  CHECK(bus.read(kMsi) == 0x018ac005);
  CHECK(field(bus, 0, 64) == 0);
  CHECK(field(bus, 48, 64) == 0);
}

TEST_CASE("A read of the MSI capability changes nothing", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_msi> module;
  CfgBus bus(module);
  for (unsigned offset = kMsi + 4; offset < kMsi + 20; offset += 4) bus.write(offset, 0x40);
  bus.write(kMsi, 0x0011'0000);
  for (unsigned again = 0; again < 2; ++again) {
    CHECK(bus.read(kMsi) == 0x019bc005);
    for (unsigned offset = kMsi + 4; offset < kMsi + 20; offset += 4) {
      CHECK(bus.read(offset) == 0x40);
    }
    module.step();  // nothing is asked
  }
}

TEST_CASE("MSI capability enables no more messages than it has", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_msi_vectors4> module;
  CfgBus bus(module);
  for (unsigned log2 = 0; log2 < 8; ++log2) {
    bus.write(kMsi, log2 << 20);
    CHECK(field(bus, 112, 3) == std::min(log2, 2u));
  }
  bus.write(kMsi + 16, 0xffff'ffff);
  CHECK(bus.read(kMsi + 16) == 0xf);
  bus.pins().pending_i = 0xffff'fff6;
  CHECK(bus.read(kMsi + 20) == 0x6);
}

}  // namespace
}  // namespace cw::unit
