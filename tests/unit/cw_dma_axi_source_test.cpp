// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
#include "Vcw_dma_axi_source.h"
#include "Vcw_dma_axi_source_w128.h"
#include "Vcw_dma_axi_source_w512.h"
#include "Vcw_dma_axi_source_w64.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

template <class V>
struct AxiSource : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::packet_data_o);

  agent::Rng rng;
  Bytes memory = random_bytes(rng, 16384);
  PacketTaker taker;
  std::deque<Chunk> chunks;
  unsigned clocks = 0, stall_percent = 0, reads = 0, error_percent = 0;
  bool silent = false;
  std::vector<bool> failed;  // of the reads taken

  explicit AxiSource(uint64_t seed = 1) : dut::Module<V>(seed), rng(seed, "axi source") {
    pins().chunk_valid_i = pins().axi_rvalid_i = pins().axi_rerror_i = 0;
    pins().axi_rd_ready_i = pins().packet_ready_i = 1;
    this->reset();
  }
  void tick() {
    V& p = pins();
    if (!p.chunk_valid_i && !chunks.empty() && !rng.chance(stall_percent)) {
      drive(p.chunk_i, chunks.front());
      p.chunk_valid_i = 1;
    }
    p.axi_rd_ready_i = !rng.chance(stall_percent);
    p.packet_ready_i = !rng.chance(stall_percent);
    if (!p.axi_rvalid_i && !beats_.empty() && !silent && !rng.chance(stall_percent)) {
      drive_bytes(p.axi_rdata_i, beats_.front().data);
      p.axi_rerror_i = beats_.front().error;
      p.axi_rvalid_i = 1;
    }
    this->settle();
    if (p.packet_valid_o && p.packet_ready_i) {
      taker.take(packet_beat(p.packet_o), get_bytes(p.packet_data_o, 0, kBytes));
    }
    const bool read = p.axi_rd_valid_o && p.axi_rd_ready_i;
    const uint64_t addr = dut::get_bits(p.axi_rd_o, 10, 40), beats = p.axi_rd_o & 0x3ff;
    const bool taken = p.chunk_valid_i && p.chunk_ready_o;
    const bool passed = p.axi_rvalid_i && p.axi_rready_o;
    this->step();
    ++clocks;
    if (taken) chunks.pop_front();
    if (taken) p.chunk_valid_i = 0;
    if (passed) beats_.pop_front();
    if (passed) p.axi_rvalid_i = p.axi_rerror_i = 0;
    if (read) take_read(addr, beats);
  }
  void run(unsigned count) {
    for (unsigned n = 0; n < count; ++n) tick();
  }
  Packet expected(const Chunk& chunk, bool failure) const {
    const auto begin = memory.begin() + static_cast<ptrdiff_t>(chunk.src % kAxi);
    Packet packet{.mark = chunk.mark,
                  .dest = chunk.dst,
                  .lane = static_cast<unsigned>(chunk.src % kBytes),
                  .bytes = {begin, begin + chunk.bytes}};
    if (!failure) return packet;
    packet.bytes.clear();
    packet.error = Error::CardError;
    return packet;
  }

 private:
  struct Beat {
    Bytes data;
    bool error;
  };
  void take_read(uint64_t addr, uint64_t beats) {
    REQUIRE(addr % kBytes == 0);
    REQUIRE(addr + beats * kBytes <= memory.size());
    const bool error = rng.chance(error_percent);
    failed.push_back(error);
    ++reads;
    for (uint64_t n = 0; n < beats; ++n) {
      const auto begin = memory.begin() + static_cast<ptrdiff_t>(addr + n * kBytes);
      // Said with the first; behind it, whatever.
      beats_.push_back({{begin, begin + kBytes}, error && (n == 0 || rng.chance(50))});
    }
  }
  std::deque<Beat> beats_;
};

template <class V>
void any_bytes(uint64_t seed, unsigned stall_percent) {
  AxiSource<V> source(seed);
  source.stall_percent = stall_percent;
  source.error_percent = 25;
  std::vector<Chunk> sent;
  for (unsigned n = 0; n < 200; ++n) {
    const uint32_t bytes = random_count(source.rng, 4096);
    sent.push_back({.mark = random_mark(source.rng),
                    .src = kAxi | source.rng.range(0, 16384 - bytes),
                    .dst = source.rng.u64(),
                    .bytes = bytes});
    source.chunks.push_back(sent.back());
  }
  while (source.taker.packets.size() < sent.size() && source.clocks < 100'000) source.tick();
  source.run(600);
  REQUIRE(source.taker.packets.size() == sent.size());
  for (unsigned n = 0; n < sent.size(); ++n) {
    REQUIRE(source.taker.packets[n] == source.expected(sent[n], source.failed[n]));
  }
}

TEST_CASE("DMA AXI4 source brings any bytes, and none of a read that failed",
          "[unit][dma][R55][slverr-to-ca]") {
  const auto stall = GENERATE(0u, 30u, 70u);
  any_bytes<Vcw_dma_axi_source_w64>(1, stall);
  any_bytes<Vcw_dma_axi_source_w128>(2, stall);
  any_bytes<Vcw_dma_axi_source>(3, stall);
  any_bytes<Vcw_dma_axi_source_w512>(4, stall);
}

TEST_CASE("DMA AXI4 source asks for 16 chunks ahead and fills every clock",
          "[unit][dma][performance]") {
  AxiSource<Vcw_dma_axi_source> source;
  source.silent = true;
  for (unsigned n = 0; n < 100; ++n) source.chunks.push_back({.src = kAxi, .bytes = 64});
  source.run(40);
  CHECK(source.reads == 16);
  source.silent = false;
  source.run(200);
  CHECK(source.taker.packets.size() == 100);
}

TEST_CASE("DMA AXI4 source raises the alarm on an error that comes too late", "[unit][dma]") {
  AxiSource<Vcw_dma_axi_source> source;
  source.chunks.push_back({.src = kAxi, .bytes = 64});
  source.run(3);
  source.settle();
  source.pins().axi_rvalid_i = source.pins().axi_rerror_i = 1;
  CHECK_THROWS_AS(source.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
