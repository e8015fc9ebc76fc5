// SPDX-License-Identifier: Apache-2.0
// cw-variant: Vectors=70
// cw-variant: Vectors=2048 TableOffset=32768
#include <vector>

#include "Vcw_msix_table.h"
#include "Vcw_msix_table_vectors2048_tableoffset32768.h"
#include "Vcw_msix_table_vectors70.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "unit/msix_pins.hpp"

namespace cw::unit::msix {
namespace {

struct Table : dut::Module<Vcw_msix_table> {
  Table() {
    pins().pending_i = pins().fetch_valid_i = pins().fetch_vector_i = 0;
    pins().reg_valid_i = 0;
    reset();
  }
  RegBus<Vcw_msix_table> bus{*this};
};

TEST_CASE("MSI-X vectors are masked after reset", "[unit][msix][R46]") {
  Table table;
  CHECK(table.pins().mask_o == 0xff);
  for (uint32_t v = 0; v < 8; ++v) CHECK(table.bus.read(entry(v, kControl)) == 1);
}

TEST_CASE("MSI-X table keeps every byte that software writes", "[unit][msix][R46]") {
  Table table;
  agent::Rng rng(3, "table");
  std::vector<uint32_t> dwords(32);
  for (uint32_t i = 0; i < 32; ++i) table.bus.write(kTable + 4 * i, 0);
  for (int i = 0; i < 500; ++i) {
    const auto at = static_cast<uint32_t>(rng.range(0, 31));
    const auto enables = static_cast<uint32_t>(rng.range(0, 15));
    const uint32_t value = rng.u32();
    table.bus.write(kTable + 4 * at, value, enables);
    for (uint32_t b = 0; b < 4; ++b) {
      const uint32_t lane = 0xffu << 8 * b;
      if (enables >> b & 1) dwords[at] = (dwords[at] & ~lane) | (value & lane);
    }
    if (at % 4 == 3) dwords[at] &= 1;  // Vector Control is the mask bit alone
    const auto other = static_cast<uint32_t>(rng.range(0, 31));
    CHECK(table.bus.read(kTable + 4 * at) == dwords[at]);
    CHECK(table.bus.read(kTable + 4 * other) == dwords[other]);
  }
}

TEST_CASE("MSI-X register writes take one clock and reads two", "[unit][msix]") {
  Table table;
  table.bus.write(entry(0, kData), 1);
  CHECK(table.bus.clocks == 1);
  table.bus.read(entry(0, kData));
  CHECK(table.bus.clocks == 2);
}

TEST_CASE("A read that a reset cut off leaves nothing to the next one", "[unit][msix][R45]") {
  Table table;
  table.bus.write(entry(1, kData), 0x1234);
  table.bus.read(entry(0, kData));
  table.pins().reg_valid_i = 1;
  table.step();
  table.pins().reg_valid_i = 0;
  table.reset();
  CHECK(table.bus.read(entry(1, kData)) == 0x1234);
  CHECK(table.bus.clocks == 2);
}

TEST_CASE("Pending bits are shown and cannot be written", "[unit][msix][R46]") {
  Table table;
  table.pins().pending_i = 0xa5;
  table.bus.write(kPba, 0xffff'ffff);
  CHECK(table.bus.read(kPba) == 0xa5);
  CHECK(table.bus.read(kPba + 4) == 0);
  CHECK(table.pins().mask_o == 0xff);
}

TEST_CASE("Pending bits of more than 64 vectors take a second quadword", "[unit][msix]") {
  dut::Module<Vcw_msix_table_vectors70> table;
  RegBus<Vcw_msix_table_vectors70> bus(table);
  auto& pins = table.pins();
  pins.fetch_valid_i = pins.fetch_vector_i = 0;
  dut::clear_bits(pins.pending_i);
  for (const unsigned v : {0u, 33u, 69u}) dut::set_bits(pins.pending_i, v, 1, 1);
  table.reset();
  CHECK(bus.read(kPba) == 1);
  CHECK(bus.read(kPba + 4) == 2);
  CHECK(bus.read(kPba + 8) == 1u << 5);
  CHECK(bus.read(kPba + 12) == 0);
  bus.write(entry(69, kControl), 0);
  CHECK(dut::get_bits(pins.mask_o, 64, 6) == 0b011111);
}

TEST_CASE("A fetched message is the vector's, one clock later, and waits for software",
          "[unit][msix]") {
  Table table;
  table.bus.write(entry(5, kAddrLo), 0xaaaa'0000);
  table.bus.write(entry(5, kAddrHi), 0xbbbb);
  table.bus.write(entry(5, kData), 0xcccc);
  table.bus.write(entry(2, kData), 0xdddd);
  auto& pins = table.pins();
  pins.fetch_valid_i = 1;
  pins.fetch_vector_i = 5;
  table.settle();
  CHECK(pins.fetch_ready_o);
  table.step();
  CHECK(dut::get_bits(pins.message_o, 0, 64) == 0xbbbb'aaaa'0000);
  CHECK(dut::get_bits(pins.message_o, 64, 32) == 0xcccc);

  dut::set_bits(pins.reg_req_i, 68, 1, 0);
  pins.reg_valid_i = 1;
  table.settle();
  CHECK_FALSE(pins.fetch_ready_o);
}

TEST_CASE("A table of 2048 vectors keeps its first and its last entry apart", "[unit][msix][R46]") {
  using Long = Vcw_msix_table_vectors2048_tableoffset32768;
  dut::Module<Long> table;
  RegBus<Long> bus(table);
  auto& pins = table.pins();
  pins.fetch_valid_i = pins.fetch_vector_i = 0;
  dut::clear_bits(pins.pending_i);
  dut::set_bits(pins.pending_i, 2047, 1, 1);
  table.reset();
  for (const uint32_t v : {0u, 1024u, 2047u}) {
    for (const uint32_t dw : {kAddrLo, kAddrHi, kData}) {
      bus.write(entry(v, dw, kLongTable), 0x100 * v + dw);
    }
    bus.write(entry(v, kControl, kLongTable), 0);
  }
  for (const uint32_t v : {0u, 1024u, 2047u}) {
    for (const uint32_t dw : {kAddrLo, kAddrHi, kData}) {
      CHECK(bus.read(entry(v, dw, kLongTable)) == 0x100 * v + dw);
    }
    CHECK(bus.read(entry(v, kControl, kLongTable)) == 0);
    CHECK(dut::get_bits(pins.mask_o, v, 1) == 0);
  }
  CHECK(bus.read(entry(2046, kControl, kLongTable)) == 1);
  CHECK(bus.read(kPba + 252) == 1u << 31);
  CHECK(bus.read(kPba) == 0);
}

TEST_CASE("MSI-X alarms at an access outside its structures", "[unit][msix]") {
  for (const uint32_t outside : {kTable - 4, entry(8, 0), kPba + 8}) {
    Table table;
    CHECK_THROWS_AS(table.bus.read(outside), dut::AssertionFailed);
  }
}

}  // namespace
}  // namespace cw::unit::msix
