// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
#include "Vcw_dma_card_source.h"
#include "Vcw_dma_card_source_w128.h"
#include "Vcw_dma_card_source_w512.h"
#include "Vcw_dma_card_source_w64.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

template <class V>
struct CardSource : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::packet_data_o);

  agent::Rng rng;
  Bytes card = random_bytes(rng, 16384);
  std::array<Bytes, 16> buffers;  // of the channels' streams
  PacketTaker taker;
  std::deque<Chunk> chunks;
  unsigned clocks = 0, reads = 0, stall_percent = 0, first_packet = 0;
  bool blocked = false;

  explicit CardSource(uint64_t seed = 1) : dut::Module<V>(seed), rng(seed, "card source") {
    for (auto& buffer : buffers) buffer = random_bytes(rng, 8192);
    pins().chunk_valid_i = pins().cm_rd_rvalid_i = 0;
    pins().cm_rd_ready_i = pins().packet_ready_i = 1;
    this->reset();
  }
  void tick() {
    V& p = pins();
    if (!p.chunk_valid_i && !chunks.empty() && !rng.chance(stall_percent)) {
      drive(p.chunk_i, chunks.front());
      p.chunk_valid_i = 1;
    }
    p.cm_rd_ready_i = !rng.chance(stall_percent);
    p.packet_ready_i = !blocked && !rng.chance(stall_percent);
    this->settle();
    if (p.packet_valid_o && p.packet_ready_i) {
      if (first_packet == 0) first_packet = clocks;
      taker.take(packet_beat(p.packet_o), get_bytes(p.packet_data_o, 0, kBytes));
    }
    REQUIRE_FALSE((p.cm_rd_valid_o && p.st_rd_valid_o));
    if (p.cm_rd_valid_o && p.cm_rd_ready_i) memory_.ask(beat(card, p.cm_rd_addr_o));
    if (p.st_rd_valid_o) {
      REQUIRE(kind_of(p.st_rd_chan_o) == S2h);
      stream_.ask(beat(buffers[p.st_rd_chan_o], p.st_rd_addr_o));
    }
    reads += (p.cm_rd_valid_o && p.cm_rd_ready_i) || p.st_rd_valid_o;
    const bool taken = p.chunk_valid_i && p.chunk_ready_o;
    this->step();
    ++clocks;
    if (taken) {
      chunks.pop_front();
      p.chunk_valid_i = 0;
    }
    const auto from_memory = memory_.step(), from_stream = stream_.step();
    p.cm_rd_rvalid_i = from_memory.has_value();
    drive_bytes(p.cm_rd_rdata_i, from_memory.value_or(Bytes(kBytes, 0xee)));
    drive_bytes(p.st_rd_rdata_i, from_stream.value_or(Bytes(kBytes, 0xdd)));
  }
  void run(unsigned count) {
    for (unsigned n = 0; n < count; ++n) tick();
  }
  Packet expected(const Chunk& chunk) const {
    const Bytes& from = kind_of(chunk.mark.chan) == S2h ? buffers[chunk.mark.chan] : card;
    const auto begin = from.begin() + static_cast<ptrdiff_t>(chunk.src);
    return {.mark = chunk.mark,
            .dest = chunk.dst,
            .lane = static_cast<unsigned>(chunk.src % kBytes),
            .bytes = {begin, begin + chunk.bytes}};
  }
  Chunk random_chunk() {
    const uint32_t bytes = random_count(rng, 4096);
    return {.mark = random_mark(rng),
            .src = rng.range(0, 8192 - bytes),
            .dst = rng.u64(),
            .bytes = bytes};
  }

 private:
  Bytes beat(const Bytes& from, uint64_t addr) {
    REQUIRE(addr % kBytes == 0);
    REQUIRE(addr + kBytes <= from.size());
    const auto begin = from.begin() + static_cast<ptrdiff_t>(addr);
    return {begin, begin + kBytes};
  }
  TwoClocks memory_, stream_;
};

template <class V>
void any_bytes(uint64_t seed, unsigned stall_percent) {
  CardSource<V> source(seed);
  source.stall_percent = stall_percent;
  std::vector<Packet> expected;
  for (unsigned n = 0; n < 200; ++n) {
    source.chunks.push_back(source.random_chunk());
    expected.push_back(source.expected(source.chunks.back()));
  }
  while (source.taker.packets.size() < expected.size() && source.clocks < 100'000) source.tick();
  source.run(50);
  CHECK(source.taker.packets == expected);
  CHECK_FALSE(source.taker.inside());
}

TEST_CASE("DMA card source brings any bytes of card memory and of streams, each once, in order",
          "[unit][dma][R55]") {
  const auto stall = GENERATE(0u, 30u, 80u);
  any_bytes<Vcw_dma_card_source_w64>(1, stall);
  any_bytes<Vcw_dma_card_source_w128>(2, stall);
  any_bytes<Vcw_dma_card_source>(3, stall);
  any_bytes<Vcw_dma_card_source_w512>(4, stall);
}

TEST_CASE("DMA card source passes the first beat two clocks after it takes the chunk",
          "[unit][dma][performance]") {
  CardSource<Vcw_dma_card_source> source;
  source.run(5);
  source.chunks.push_back({.mark = {.chan = C2h}, .src = 64, .bytes = 32});
  const unsigned taken = source.clocks;
  source.run(5);
  CHECK(source.taker.packets.size() == 1);
  CHECK(source.first_packet == taken + 2);
}

TEST_CASE("DMA card source takes a chunk of one beat every clock, and fills every clock",
          "[unit][dma][performance]") {
  CardSource<Vcw_dma_card_source_w512> source;
  const uint32_t bytes = GENERATE(64u, 256u);
  const unsigned chan = GENERATE(unsigned{C2h}, unsigned{S2h});
  for (unsigned n = 0; n < 100; ++n) {
    source.chunks.push_back({.mark = {.chan = chan}, .src = n * 64 % 4096, .bytes = bytes});
  }
  source.run(100 * bytes / 64 + 2);
  CHECK(source.taker.packets.size() == 100);
}

TEST_CASE("DMA card source asks for no more than it has room for", "[unit][dma][R31]") {
  CardSource<Vcw_dma_card_source> source;
  source.blocked = true;
  const uint32_t bytes = GENERATE(4096u, 32u);
  for (unsigned n = 0; n < 40; ++n) {
    source.chunks.push_back({.mark = {.chan = n % 2 ? C2h : S2h}, .src = 0, .bytes = bytes});
  }
  source.run(100);
  CHECK(source.reads == 16);
  source.blocked = false;
  source.run(40 * 128 + 40);
  CHECK(source.taker.packets.size() == 40);
}

TEST_CASE("DMA card source raises the alarm on an answer that nobody asked for", "[unit][dma]") {
  CardSource<Vcw_dma_card_source> source;
  source.pins().cm_rd_rvalid_i = 1;
  CHECK_THROWS_AS(source.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
