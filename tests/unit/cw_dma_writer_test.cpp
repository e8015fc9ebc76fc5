// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include <deque>

#include "Vcw_dma_writer.h"
#include "Vcw_dma_writer_w512.h"
#include "Vcw_dma_writer_w64.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using model::DmaChunk;

template <class V>
struct Writer : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::wr_data_o);

  std::vector<uint8_t> card = std::vector<uint8_t>(8192);
  std::vector<model::DmaWrite> writes;
  std::vector<Landed> landed_log;
  agent::Rng rng{1, "writer"};
  unsigned stall_percent = 0;
  unsigned clocks = 0;

  Writer() {
    for (auto& byte : card) byte = static_cast<uint8_t>(rng.u32());
    pins().chunk_valid_i = pins().cm_rd_rvalid_i = 0;
    pins().cm_rd_ready_i = pins().wr_ready_i = 1;
    this->reset();
  }

  void tick() {
    this->settle();
    auto& p = pins();
    if (p.cm_rd_valid_o && p.cm_rd_ready_i) {
      REQUIRE(p.cm_rd_addr_o % kBytes == 0);
      asked_.push_back({clocks + 2 + (stall() ? 3 : 0), p.cm_rd_addr_o});
    }
    if (p.wr_valid_o && p.wr_ready_i) {
      const WriteBeat beat = write_beat(p.wr_beat_o);
      if (beat.sop) writes.push_back({.iova = {beat.iova}, .data = {}});
      auto& data = writes.back().data;
      REQUIRE(writes.back().iova.value == beat.iova);
      const unsigned first = beat.sop ? beat.iova % 4 : 0;
      const auto left = static_cast<unsigned>(beat.bytes - data.size());
      const auto part = get_bytes(p.wr_data_o, first, std::min(kBytes - first, left));
      data.insert(data.end(), part.begin(), part.end());
      REQUIRE(beat.eop == (data.size() == beat.bytes));
      CHECK(bool(p.landed_valid_o) == beat.eop);
    }
    if (p.landed_valid_o) landed_log.push_back(landed(p.landed_o));
    this->step();
    clocks++;
    p.cm_rd_ready_i = !stall();
    p.wr_ready_i = !stall();
    p.cm_rd_rvalid_i = !asked_.empty() && asked_.front().due <= clocks;
    if (p.cm_rd_rvalid_i) {
      drive_bytes(p.cm_rd_rdata_i, {card.data() + asked_.front().addr, kBytes});
      asked_.pop_front();
    }
  }

  void offer(const DmaChunk& c, unsigned slot) {
    drive(pins().chunk_i, c);
    pins().chunk_slot_i = slot;
    pins().chunk_valid_i = 1;
    for (this->settle(); !pins().chunk_ready_o; this->settle()) tick();
    tick();
    pins().chunk_valid_i = 0;
  }
  void drain() {
    for (int n = 0; n < 400; n++) tick();
  }

 private:
  struct Asked {
    unsigned due;
    uint32_t addr;
  };
  bool stall() { return stall_percent != 0 && rng.chance(stall_percent); }
  std::deque<Asked> asked_;
};

template <class V>
void any_alignment() {
  Writer<V> writer;
  writer.stall_percent = 25;
  agent::Rng rng(2, "chunks");
  std::vector<model::DmaWrite> expected;
  std::vector<Landed> log;
  for (unsigned n = 0; n < 300; n++) {
    const auto bytes = static_cast<uint32_t>(rng.range(1, rng.chance(50) ? 8 : 512));
    const DmaChunk c{.iova = {(rng.u64() & ~uint64_t{0xfff}) | rng.range(0, 4096 - bytes)},
                     .bytes = bytes,
                     .card_addr = rng.range(0, 8192 - bytes)};
    const auto begin = writer.card.begin() + static_cast<ptrdiff_t>(c.card_addr);
    expected.push_back({.iova = c.iova, .data = {begin, begin + bytes}});
    log.push_back({.slot = n % 8, .bytes = bytes, .ends = true});
    writer.offer(c, n % 8);
  }
  writer.drain();
  CHECK(writer.writes == expected);
  CHECK(writer.landed_log == log);
}

TEST_CASE("DMA writer sends any bytes of card memory to any IOVA", "[unit][dma][R55]") {
  any_alignment<Vcw_dma_writer_w64>();
  any_alignment<Vcw_dma_writer>();
  any_alignment<Vcw_dma_writer_w512>();
}

TEST_CASE("DMA writer fills every clock with aligned chunks", "[unit][dma][throughput]") {
  Writer<Vcw_dma_writer> writer;
  for (unsigned n = 0; n < 50; n++) {
    writer.offer({.iova = {0x1000}, .bytes = 128, .card_addr = 256}, 0);
  }
  const unsigned clocks = writer.clocks;
  CHECK(clocks <= 200 + 4);
  writer.drain();
  CHECK(writer.writes.size() == 50);
}

TEST_CASE("DMA writer asks of card memory no more than it has room for", "[unit][dma][R31]") {
  Writer<Vcw_dma_writer> writer;
  writer.stall_percent = 0;
  writer.offer({.iova = {0x1000}, .bytes = 4096, .card_addr = 0}, 0);
  unsigned asked = 0;
  for (int n = 0; n < 60; n++) {
    writer.pins().wr_ready_i = 0;
    writer.settle();
    asked += writer.pins().cm_rd_valid_o;
    writer.tick();
    writer.pins().wr_ready_i = 0;
  }
  CHECK(asked >= 16);
  CHECK(asked <= 18);  // 16 in the queue, one in the realigner and its output
  writer.drain();
  CHECK(writer.writes.at(0).data.size() == 4096);
}

TEST_CASE("DMA writer raises the alarm on an answer it has no room for", "[unit][dma]") {
  Writer<Vcw_dma_writer> writer;
  const auto flood = [&] {
    for (int n = 0; n < 20; n++) {
      writer.pins().cm_rd_rvalid_i = 1;
      writer.settle();
      writer.step();
    }
  };
  CHECK_THROWS_AS(flood(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
