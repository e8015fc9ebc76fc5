// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
#include "Vcw_dma_immediate.h"
#include "Vcw_dma_immediate_w64.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

template <class V>
struct Immediate : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::packet_data_o);
  PacketTaker taker;
  agent::Rng rng{1, "immediate"};
  unsigned stall_percent = 0, clocks = 0;

  Immediate() {
    pins().chunk_valid_i = 0;
    pins().packet_ready_i = 1;
    this->reset();
  }
  bool tick() {
    pins().packet_ready_i = !rng.chance(stall_percent);
    this->settle();
    const bool taken = pins().chunk_valid_i && pins().chunk_ready_o;
    if (pins().packet_valid_o && pins().packet_ready_i) {
      taker.take(packet_beat(pins().packet_o), get_bytes(pins().packet_data_o, 0, kBytes));
    }
    this->step();
    ++clocks;
    return taken;
  }
  void offer(const Chunk& c) {
    drive(pins().chunk_i, c);
    pins().chunk_valid_i = 1;
    while (!tick()) {
    }
    pins().chunk_valid_i = 0;
  }
};

template <class V>
void every_part() {
  Immediate<V> dut;
  dut.stall_percent = 40;
  std::vector<Packet> expected;
  for (unsigned lane = 0; lane < 8; ++lane) {
    for (unsigned bytes = 1; lane + bytes <= 8; ++bytes) {
      const Bytes data = random_bytes(dut.rng, 8);
      Chunk c{.mark = random_mark(dut.rng), .dst = dut.rng.u64(), .bytes = bytes, .lane = lane};
      for (unsigned b = 0; b < 8; ++b) c.src |= uint64_t{data[b]} << (8 * b);
      const auto begin = data.begin() + lane;
      expected.push_back(
          {.mark = c.mark, .dest = c.dst, .lane = lane, .bytes = {begin, begin + bytes}});
      dut.offer(c);
    }
  }
  for (unsigned n = 0; n < 40; ++n) dut.tick();
  CHECK(dut.taker.packets == expected);
}

TEST_CASE("DMA immediate data are a packet of any of the descriptor's eight bytes",
          "[unit][dma][R55]") {
  every_part<Vcw_dma_immediate>();
  every_part<Vcw_dma_immediate_w64>();
}

TEST_CASE("DMA immediate data leave one packet a clock", "[unit][dma][performance]") {
  Immediate<Vcw_dma_immediate> dut;
  for (unsigned n = 0; n < 50; ++n) dut.offer({.bytes = 8});
  dut.tick();
  CHECK(dut.clocks == 51);
  CHECK(dut.taker.packets.size() == 50);
}

TEST_CASE("DMA immediate data of more than eight bytes, or none, are an alarm", "[unit][dma]") {
  Immediate<Vcw_dma_immediate> dut;
  Chunk chunk{.bytes = 8};
  SECTION("none") { chunk.bytes = 0; }
  SECTION("nine") { chunk.bytes = 9; }
  SECTION("the ninth") { chunk.lane = 1; }
  CHECK_THROWS_AS(dut.offer(chunk), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
