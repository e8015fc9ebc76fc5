// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
// cw-variant: W=64 BufBytes=32768
#include <algorithm>
#include <deque>

#include "Vcw_dma_stream_in.h"
#include "Vcw_dma_stream_in_w128.h"
#include "Vcw_dma_stream_in_w512.h"
#include "Vcw_dma_stream_in_w64.h"
#include "Vcw_dma_stream_in_w64_bufbytes32768.h"
#include "agent/axis_source.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

using namespace cw;
using namespace cw::unit;
using agent::AxisPacket;

namespace {

// Takes chunks of what is there, and reads their beats in order.
template <class V>
struct Bench : dut::Clocked {
  static constexpr uint32_t kBytes = sizeof(V::axis_data_i);

  explicit Bench(uint64_t seed = 1, agent::Stall source_stall = agent::Stall::None,
                 agent::Stall take_stall = agent::Stall::None)
      : module(seed),
        rng(seed, "stream in"),
        takes(take_stall, rng.fork("takes")),
        reads(take_stall, rng.fork("reads")),
        source(module.kernel(),
               {.data = p().axis_data_i,
                .keep = p().axis_keep_i,
                .side = p().axis_i,
                .valid = p().axis_valid_i,
                .ready = p().axis_ready_o},
               rng.fork("source"), source_stall) {
    module.kernel().add(*this);
    p().take_valid_i = 0;
    p().rd_valid_i = 0;
    p().flush_i = 0;
    module.reset();
  }
  V& p() { return module.pins(); }

  AxisPacket packet(size_t bytes) {
    AxisPacket made{.bytes = std::vector<uint8_t>(bytes),
                    .tid = static_cast<uint8_t>(rng.u32()),
                    .tuser = static_cast<uint8_t>(rng.u32())};
    for (uint8_t& byte : made.bytes) byte = static_cast<uint8_t>(rng.u32());
    all.push_back(made);
    return made;
  }
  void send(const AxisPacket& made) {
    source.send(made);
    expected.push_back(made);
  }

  struct Chunk {
    uint32_t ptr = 0, bytes = 0;
    std::optional<AxisPacket> ends;  // its TID and TUSER
  };

  void sample() override {
    if (p().axis_valid_i && p().axis_ready_o) beat_cycles.push_back(module.now().value);
    const uint64_t now = module.now().value;
    REQUIRE((p().rd_rvalid_o != 0) == (!asked.empty() && asked.front().at + 2 == now));
    if (p().rd_valid_i) asked.push_back({now, reading.lane, reading.bytes, reading.ends});
    if (!p().rd_rvalid_o) return;
    const Asked ask = asked.front();
    asked.pop_front();
    std::array<uint8_t, kBytes> data;
    std::memcpy(data.data(), &p().rd_rdata_o, kBytes);
    open.bytes.insert(open.bytes.end(), data.begin() + ask.lane,
                      data.begin() + ask.lane + ask.bytes);
    if (!ask.ends) return;
    open.tid = ask.ends->tid;
    open.tuser = ask.ends->tuser;
    got.push_back(std::move(open));
    open = {};
  }
  void commit() override {
    p().take_valid_i = 0;
    p().rd_valid_i = 0;
    if (!hold && !takes.stalls()) take();
    if (!chunks.empty() && !reads.stalls()) read();
  }
  void take() {
    const dma::StreamIn next = dma::stream_in(p().next_o);
    if (next.avail == 0 || (!next.ends && next.avail < at_least)) return;
    const uint32_t bytes = take_all ? next.avail : static_cast<uint32_t>(rng.range(1, next.avail));
    p().take_valid_i = 1;
    p().take_bytes_i = static_cast<uint16_t>(bytes);
    Chunk chunk{.ptr = next.ptr, .bytes = bytes, .ends = {}};
    if (next.ends && bytes == next.avail) {
      chunk.ends = AxisPacket{.tid = static_cast<uint8_t>(next.tid),
                              .tuser = static_cast<uint8_t>(next.tuser)};
    }
    taken.push_back(bytes);
    later.push_back(chunk);
  }
  void read() {
    Chunk& chunk = chunks.front();
    const uint32_t lane = chunk.ptr % kBytes, bytes = std::min(kBytes - lane, chunk.bytes);
    p().rd_valid_i = 1;
    p().rd_addr_i = static_cast<uint16_t>(chunk.ptr - lane);
    reading = {
        .lane = lane, .bytes = bytes, .ends = bytes == chunk.bytes ? chunk.ends : std::nullopt};
    chunk.ptr += bytes;
    chunk.bytes -= bytes;
    if (chunk.bytes == 0) chunks.pop_front();
  }
  void step(unsigned count = 1) {
    for (unsigned n = 0; n < count; ++n) {
      chunks.insert(chunks.end(), later.begin(), later.end());
      later.clear();
      module.step();
    }
  }
  template <class Done>
  void run_until(Done done, unsigned budget) {
    for (unsigned n = 0; !done(); ++n) {
      REQUIRE(n < budget);
      step();
    }
  }
  void finish(unsigned budget = 500'000) {
    run_until([&] { return got.size() >= expected.size() && source.idle(); }, budget);
    step(20);
    REQUIRE(got == expected);
    REQUIRE(open.bytes.empty());
  }

  struct Asked {
    uint64_t at = 0;
    uint32_t lane = 0, bytes = 0;
    std::optional<AxisPacket> ends;
  };

  dut::Module<V> module;
  agent::Rng rng;
  agent::StallPolicy takes, reads;
  agent::AxisSource source;
  std::deque<AxisPacket> all, expected, got;  // all that were ever made
  std::deque<Chunk> chunks, later;
  std::deque<Asked> asked;
  Asked reading;
  AxisPacket open;
  std::vector<uint32_t> taken;
  std::vector<uint64_t> beat_cycles;
  uint32_t at_least = 1;  // of a packet that goes on
  bool hold = false, take_all = false;
};

template <class V>
void random_run(uint64_t seed, agent::Stall source, agent::Stall take) {
  Bench<V> bench(seed, source, take);
  constexpr uint64_t kBytes = Bench<V>::kBytes;
  for (unsigned i = 0; i < 150; ++i) {
    const auto kind = bench.rng.range(0, 9);
    bench.send(bench.packet(kind < 4   ? bench.rng.range(1, 3 * kBytes)
                            : kind < 9 ? bench.rng.range(1, 600)
                                       : bench.rng.range(1, 12'000)));
  }
  bench.take_all = bench.rng.chance(50);
  bench.finish(2'000'000);
}

template <class V>
void full_rate(size_t packet_bytes, size_t packets) {
  Bench<V> bench;
  bench.take_all = true;
  for (size_t i = 0; i < packets; ++i) bench.send(bench.packet(packet_bytes));
  bench.finish();
  const auto beats = (packet_bytes + Bench<V>::kBytes - 1) / Bench<V>::kBytes * packets;
  REQUIRE(bench.beat_cycles.size() == beats);
  CHECK(bench.beat_cycles.back() - bench.beat_cycles.front() + 1 == beats);
}

// The jobs take a whole chunk of the largest size or the end of a packet, and nothing less.
template <class V>
void whole_chunks(uint64_t seed) {
  Bench<V> bench(seed);
  bench.at_least = 4096;
  bench.take_all = true;
  for (unsigned i = 0; i < 20; ++i) bench.send(bench.packet(bench.rng.range(1, 30'000)));
  bench.finish();
}

}  // namespace

TEST_CASE("A stream's packets are read as they came, in chunks of any size", "[unit][dma][R57]") {
  const auto source = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  const auto take = GENERATE(agent::Stall::None, agent::Stall::Slow, agent::Stall::Adversarial);
  random_run<Vcw_dma_stream_in>(1, source, take);
  random_run<Vcw_dma_stream_in_w64>(2, source, take);
  random_run<Vcw_dma_stream_in_w64_bufbytes32768>(3, source, take);
  random_run<Vcw_dma_stream_in_w128>(4, source, take);
  random_run<Vcw_dma_stream_in_w512>(5, source, take);
}

TEST_CASE("A stream is taken at one beat per clock, long packets and packets of one beat",
          "[unit][dma][performance]") {
  for (const size_t bytes : {1u, 8u, 64u, 100'000u}) {
    const size_t packets = bytes > 1000 ? 1 : 500;
    full_rate<Vcw_dma_stream_in>(bytes, packets);
    full_rate<Vcw_dma_stream_in_w64>(bytes, packets);
    full_rate<Vcw_dma_stream_in_w512>(bytes, packets);
  }
}

TEST_CASE("A stream's buffer can show 4096 bytes whatever was taken before", "[unit][dma]") {
  whole_chunks<Vcw_dma_stream_in>(1);
  whole_chunks<Vcw_dma_stream_in_w64>(2);
  whole_chunks<Vcw_dma_stream_in_w128>(3);
  whole_chunks<Vcw_dma_stream_in_w512>(4);
}

TEST_CASE("A stream that nobody takes stops at a full buffer and loses nothing",
          "[unit][dma][R57]") {
  Bench<Vcw_dma_stream_in> bench;
  bench.hold = true;
  bench.send(bench.packet(20'000));
  bench.step(1000);
  CHECK(bench.beat_cycles.size() == 256);
  const dma::StreamIn next = dma::stream_in(bench.p().next_o);
  CHECK(next.avail == 4096);
  CHECK_FALSE(next.ends);
  bench.hold = false;
  bench.finish();
}

TEST_CASE("A stream that nobody takes stops at 64 packets and loses nothing", "[unit][dma][R57]") {
  Bench<Vcw_dma_stream_in> bench;
  bench.hold = true;
  for (unsigned i = 0; i < 100; ++i) bench.send(bench.packet(1));
  bench.step(200);
  CHECK(bench.beat_cycles.size() == 64);
  bench.hold = false;
  bench.finish();
}

TEST_CASE("What has come of a packet can be taken before its end has", "[unit][dma]") {
  Bench<Vcw_dma_stream_in> bench;
  bench.take_all = true;
  const AxisPacket part = bench.packet(320);
  bench.source.send(part, /*with_last=*/false);
  bench.run_until([&] { return bench.open.bytes.size() == 320; }, 200);
  CHECK(bench.open.bytes == part.bytes);
  AxisPacket rest = bench.packet(5);
  bench.source.send(rest);
  rest.bytes.insert(rest.bytes.begin(), part.bytes.begin(), part.bytes.end());
  bench.expected.push_back(rest);
  bench.finish();
}

TEST_CASE("Beats with an odd TKEEP count as documented, and the end of a packet is never lost",
          "[unit][dma][R57]") {
  Bench<Vcw_dma_stream_in_w64> bench;
  bench.take_all = true;
  const auto beat = [&](uint64_t keep, bool last) {
    bench.source.send_beat({.data = {1, 2, 3, 4, 5, 6, 7, 8},
                            .keep = keep,
                            .side = {.last = last, .tid = 9, .tuser = 8}});
  };
  const auto expect = [&](std::vector<uint8_t> bytes) {
    bench.expected.push_back({.bytes = std::move(bytes), .tid = 9, .tuser = 8});
  };
  beat(0x00, false);  // not at all
  beat(0x0f, false);  // in full
  beat(0x00, false);
  beat(0xf7, true);  // up to the first zero
  expect({1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3});
  beat(0x00, true);  // one byte
  expect({1});
  beat(0xfe, true);
  expect({1});
  beat(0xff, true);
  expect({1, 2, 3, 4, 5, 6, 7, 8});
  beat(0xff, false);
  bench.run_until([&] { return bench.source.idle() && bench.open.bytes.size() == 8; }, 200);
  beat(0x00, true);  // behind all that was taken
  bench.open.bytes.resize(8);
  expect({1, 2, 3, 4, 5, 6, 7, 8, 1});
  bench.finish();
}

TEST_CASE("A packet of which more has come than a chunk may have ends with its last chunk",
          "[unit][dma]") {
  Bench<Vcw_dma_stream_in> bench;
  bench.hold = true;
  bench.take_all = true;
  bench.send(bench.packet(6000));
  bench.step(400);
  const dma::StreamIn next = dma::stream_in(bench.p().next_o);
  CHECK(next.avail == 4096);
  CHECK_FALSE(next.ends);
  bench.hold = false;
  bench.finish();
  CHECK(bench.taken == std::vector<uint32_t>{4096, 1904});
}

TEST_CASE("A reset of the engine alone drops what has come, to the end of the packet",
          "[unit][dma][R43]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty);
  Bench<Vcw_dma_stream_in> bench(1, stall, stall);
  for (unsigned round = 0; round < 60; ++round) {
    for (unsigned i = 0; i < 4; ++i) {
      bench.source.send(bench.packet(bench.rng.range(1, i == 2 ? 9000 : 200)));
    }
    bench.step(static_cast<unsigned>(bench.rng.range(1, 300)));
    bench.source.block(true);  // but for the beat on offer
    bench.step(3);
    bench.p().flush_i = 1;
    bench.module.step();
    bench.chunks.clear();
    bench.later.clear();
    bench.asked.clear();
    bench.hold = true;
    bench.p().take_valid_i = 0;
    bench.p().rd_valid_i = 0;
    bench.module.step();
    bench.p().flush_i = 0;
    bench.module.step(dut::Cycles{3});
    bench.hold = false;
    bench.open = {};
    bench.got.clear();
    bench.source.block(false);
    const AxisPacket after = bench.packet(100);
    bench.source.send(after);
    bench.run_until([&] { return !bench.got.empty() && bench.got.back() == after; }, 20'000);
    // Of the packet that the reset came into, nothing is seen: what is has its own beginning.
    for (const AxisPacket& packet : bench.got) {
      REQUIRE(std::ranges::find(bench.all, packet) != bench.all.end());
    }
    bench.got.clear();
    bench.all.clear();
  }
}

TEST_CASE("Taking more than there is, and reading what was not taken, raise the alarm",
          "[unit][dma][R57]") {
  Bench<Vcw_dma_stream_in> bench;
  bench.hold = true;
  bench.send(bench.packet(64));
  bench.step(20);
  SECTION("taking") {
    bench.p().take_valid_i = 1;
    bench.p().take_bytes_i = 65;
  }
  SECTION("reading") {
    bench.p().rd_valid_i = 1;
    bench.p().rd_addr_i = 0x20;
  }
  CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
}
