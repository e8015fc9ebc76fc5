// SPDX-License-Identifier: Apache-2.0
// cw-variant: DataW=64 Depth=5 ByteW=8
#include <array>

#include "Vcw_ram_sdp.h"
#include "Vcw_ram_sdp_dataw64_depth5_bytew8.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

using Bytes5 = Vcw_ram_sdp_dataw64_depth5_bytew8;

template <class V>
struct Ram : dut::Module<V> {
  Ram() {
    this->pins().wr_en_i = this->pins().rd_en_i = 0;
    this->pins().wr_strb_i = 1;
    this->reset();
  }
  void write(unsigned addr, uint64_t data, unsigned strb) {
    auto& pins = this->pins();
    pins.wr_en_i = 1;
    pins.wr_strb_i = strb;
    pins.wr_addr_i = addr;
    pins.wr_data_i = data;
    this->step();
    pins.wr_en_i = 0;
  }
  uint64_t read(unsigned addr) {
    auto& pins = this->pins();
    pins.rd_en_i = 1;
    pins.rd_addr_i = addr;
    this->step();
    pins.rd_en_i = 0;
    this->settle();
    return pins.rd_data_o;
  }
};

TEST_CASE("RAM keeps each word apart", "[unit][common]") {
  Ram<Vcw_ram_sdp> ram;
  for (unsigned a = 0; a < 512; ++a) ram.write(a, a * 0x01010101u, 1);
  for (unsigned a = 0; a < 512; ++a) CHECK(ram.read(a) == a * 0x01010101u);
}

TEST_CASE("RAM strobes write their bytes alone", "[unit][common]") {
  Ram<Bytes5> ram;
  agent::Rng rng(1, "ram");
  std::array<uint64_t, 5> words{};
  for (unsigned a = 0; a < 5; ++a) ram.write(a, 0, 0xff);
  for (int i = 0; i < 300; ++i) {
    const auto addr = static_cast<unsigned>(rng.range(0, 4));
    const auto strb = static_cast<unsigned>(rng.range(0, 255));
    const uint64_t data = rng.u64();
    ram.write(addr, data, strb);
    for (unsigned b = 0; b < 8; ++b) {
      const uint64_t lane = uint64_t{0xff} << 8 * b;
      if (strb >> b & 1) words[addr] = (words[addr] & ~lane) | (data & lane);
    }
    CHECK(ram.read(addr) == words[addr]);
    const auto other = static_cast<unsigned>(rng.range(0, 4));
    CHECK(ram.read(other) == words[other]);
  }
}

TEST_CASE("RAM read data stay until the next read", "[unit][common]") {
  Ram<Bytes5> ram;
  ram.write(1, 0x1111, 0xff);
  ram.write(2, 0x2222, 0xff);
  CHECK(ram.read(1) == 0x1111);
  ram.pins().rd_addr_i = 2;
  ram.write(1, 0x3333, 0xff);
  ram.step({3});
  CHECK(ram.pins().rd_data_o == 0x1111);
}

TEST_CASE("RAM read in the clock of a write returns the old word", "[unit][common]") {
  Ram<Bytes5> ram;
  ram.write(3, 0xaaaa, 0xff);
  ram.pins().rd_en_i = 1;
  ram.pins().rd_addr_i = 3;
  ram.write(3, 0xbbbb, 0xff);
  CHECK(ram.pins().rd_data_o == 0xaaaa);
  CHECK(ram.read(3) == 0xbbbb);
}

TEST_CASE("RAM alarms at an address beyond its depth", "[unit][common]") {
  Ram<Bytes5> ram;
  CHECK_THROWS_AS(ram.write(5, 0, 0xff), dut::AssertionFailed);
  Ram<Bytes5> other;
  CHECK_THROWS_AS(other.read(6), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
