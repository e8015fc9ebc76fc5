// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
#include "Vcw_dma_host_sink.h"
#include "Vcw_dma_host_sink_w128.h"
#include "Vcw_dma_host_sink_w512.h"
#include "Vcw_dma_host_sink_w64.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

struct Write {
  uint64_t iova = 0;
  unsigned attr = 0;
  Bytes bytes;
  bool operator==(const Write&) const = default;
};

template <class V>
struct HostSink : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::wr_data_o);

  agent::Rng rng;
  PacketGiver giver{kBytes};
  std::vector<Write> writes;
  std::vector<Landed> landed_log;
  unsigned clocks = 0, gap_percent = 0, wr_stall = 0, landed_stall = 0, first_write = 0;

  explicit HostSink(uint64_t seed = 1) : dut::Module<V>(seed), rng(seed, "host sink") {
    pins().packet_valid_i = 0;
    pins().wr_ready_i = pins().landed_ready_i = 1;
    this->reset();
  }
  void tick() {
    V& p = pins();
    if (!p.packet_valid_i && !giver.idle() && !rng.chance(gap_percent)) {
      drive(p.packet_i, giver.beat());
      drive_bytes(p.packet_data_i, giver.lanes());
      p.packet_valid_i = 1;
    }
    p.wr_ready_i = !rng.chance(wr_stall);
    p.landed_ready_i = !rng.chance(landed_stall);
    this->settle();
    if (p.landed_valid_o && p.landed_ready_i) {
      landed_log.push_back(landed(p.landed_o));
      if (landed_log.back().bytes != 0) REQUIRE(whole_ >= ++told_);  // its last beat is taken
    }
    if (p.wr_valid_o && p.wr_ready_i) take_write(write_beat(p.wr_beat_o));
    const bool taken = p.packet_valid_i && p.packet_ready_o;
    this->step();
    ++clocks;
    if (taken) giver.taken();
    if (taken) p.packet_valid_i = 0;
  }
  void run(unsigned count) {
    for (unsigned n = 0; n < count; ++n) tick();
  }

 private:
  void take_write(const WriteBeat& beat) {
    REQUIRE(beat.sop == !inside_);
    REQUIRE(beat.fn == 0);
    if (first_write == 0) first_write = clocks;
    if (beat.sop) writes.push_back({.iova = beat.iova, .attr = beat.attr, .bytes = {}});
    Write& now = writes.back();
    REQUIRE(now.iova == beat.iova);
    REQUIRE(now.attr == beat.attr);
    const unsigned first = beat.sop ? beat.iova % 4 : 0;
    const auto left = static_cast<unsigned>(beat.bytes - now.bytes.size());
    const Bytes part = get_bytes(pins().wr_data_o, first, std::min(kBytes - first, left));
    now.bytes.insert(now.bytes.end(), part.begin(), part.end());
    inside_ = !beat.eop;
    REQUIRE(beat.eop == (now.bytes.size() == beat.bytes));
    whole_ += beat.eop;
  }
  bool inside_ = false;
  unsigned whole_ = 0, told_ = 0;
};

template <class V>
void any_lanes(uint64_t seed, unsigned stall_percent) {
  HostSink<V> sink(seed);
  sink.gap_percent = stall_percent / 2;
  sink.wr_stall = sink.landed_stall = stall_percent;
  std::vector<Write> expected;
  std::vector<Landed> log;
  for (unsigned n = 0; n < 300; ++n) {
    const uint32_t bytes = random_count(sink.rng, 4096);
    Packet packet{.mark = random_mark(sink.rng),
                  .dest = (sink.rng.u64() & ~uint64_t{0xfff}) | sink.rng.range(0, 4096 - bytes),
                  .lane = static_cast<unsigned>(sink.rng.range(0, HostSink<V>::kBytes - 1)),
                  .last = sink.rng.chance(60),
                  .bytes = random_bytes(sink.rng, bytes)};
    if (sink.rng.chance(15)) {
      packet.bytes.clear();
      packet.error = static_cast<Error>(sink.rng.range(5, 11));
    } else {
      expected.push_back({packet.dest, packet.mark.attr, packet.bytes});
    }
    log.push_back(landed_of(packet));
    sink.giver.send(packet);
  }
  while (sink.landed_log.size() < log.size() && sink.clocks < 200'000) sink.tick();
  sink.run(50);
  CHECK(sink.writes == expected);
  CHECK(sink.landed_log == log);
}

TEST_CASE("DMA host sink sends any bytes to any IOVA, failures in their turn",
          "[unit][dma][R55][R29]") {
  const auto stall = GENERATE(0u, 30u, 80u);
  any_lanes<Vcw_dma_host_sink_w64>(1, stall);
  any_lanes<Vcw_dma_host_sink_w128>(2, stall);
  any_lanes<Vcw_dma_host_sink>(3, stall);
  any_lanes<Vcw_dma_host_sink_w512>(4, stall);
}

TEST_CASE("DMA host sink offers a write in the clock after its beat, one packet a clock",
          "[unit][dma][performance]") {
  HostSink<Vcw_dma_host_sink_w512> sink;
  sink.run(4);
  const unsigned from = sink.clocks;
  for (unsigned n = 0; n < 100; ++n) sink.giver.send({.dest = n * 64, .bytes = Bytes(64)});
  sink.run(101);
  CHECK(sink.first_write == from + 1);
  CHECK(sink.writes.size() == 100);
}

// The best that is possible where beats do not share clocks: 64 bytes over three beats.
TEST_CASE("DMA host sink keeps two thirds of the width for 64 bytes of any alignment",
          "[unit][dma][performance]") {
  HostSink<Vcw_dma_host_sink> sink;
  const auto lane = GENERATE(range(0u, 32u));
  const auto dest = GENERATE(0u, 1u, 3u);
  for (unsigned n = 0; n < 50; ++n) {
    sink.giver.send({.dest = 0x1000 + dest, .lane = lane, .bytes = Bytes(64)});
  }
  sink.run(3 * 50 + 2);
  CHECK(sink.writes.size() == 50);
}

TEST_CASE("DMA host sink counts bytes as landed when the requester has them all",
          "[unit][dma][R29]") {
  HostSink<Vcw_dma_host_sink> sink;
  sink.wr_stall = 100;
  sink.giver.send({.dest = 0x1000, .bytes = Bytes(64)});
  sink.run(20);
  CHECK(sink.landed_log.empty());
  sink.wr_stall = 0;
  sink.run(1);
  sink.wr_stall = 100;
  sink.run(20);
  CHECK(sink.landed_log.empty());
  sink.wr_stall = 0;
  sink.run(3);
  CHECK(sink.landed_log.size() == 1);
}

TEST_CASE("DMA host sink raises the alarm on an error that brings data", "[unit][dma][R26]") {
  HostSink<Vcw_dma_host_sink> sink;
  sink.giver.send({.error = Error::ReadUr, .bytes = Bytes(8)});
  CHECK_THROWS_AS(sink.run(2), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
