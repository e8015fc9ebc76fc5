// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
// cw-variant: W=64 BufBytes=32768
#include <algorithm>
#include <deque>

#include "Vcw_dma_stream_out.h"
#include "Vcw_dma_stream_out_w128.h"
#include "Vcw_dma_stream_out_w512.h"
#include "Vcw_dma_stream_out_w64.h"
#include "Vcw_dma_stream_out_w64_bufbytes32768.h"
#include "agent/axis_sink.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

using namespace cw;
using namespace cw::unit;
using agent::AxisPacket;

namespace {

// Reserves the chunks of packets, and writes the bytes of all chunks on the way in any order.
template <class V>
struct Bench : dut::Clocked {
  static constexpr uint32_t kBytes = sizeof(V::axis_data_o);

  explicit Bench(uint64_t seed = 1, agent::Stall write_stall = agent::Stall::None,
                 agent::Stall sink_stall = agent::Stall::None)
      : module(seed),
        rng(seed, "stream out"),
        stalls(write_stall, rng.fork("writes")),
        sink(module.kernel(),
             {.data = p().axis_data_o,
              .keep = p().axis_keep_o,
              .side = p().axis_o,
              .valid = p().axis_valid_o,
              .ready = p().axis_ready_i},
             rng.fork("sink"), sink_stall) {
    module.kernel().add(*this);
    p().reserve_valid_i = 0;
    p().abort_i = 0;
    p().flush_i = 0;
    p().wr_valid_i = 0;
    module.reset();
  }
  V& p() { return module.pins(); }

  AxisPacket packet(size_t bytes) {
    AxisPacket made{.bytes = std::vector<uint8_t>(bytes),
                    .tid = static_cast<uint8_t>(rng.u32()),
                    .tuser = static_cast<uint8_t>(rng.u32() & 0xfe)};
    for (uint8_t& byte : made.bytes) byte = static_cast<uint8_t>(rng.u32());
    return made;
  }
  void send(const AxisPacket& made) {
    sent.push_back({.packet = made, .written = std::vector<bool>(made.bytes.size())});
  }

  struct Sent {
    AxisPacket packet;
    std::vector<bool> written;
    bool ended = false;  // its last chunk has been reserved
    size_t whole_from_start() const {
      return static_cast<size_t>(std::find(written.begin(), written.end(), false) -
                                 written.begin());
    }
  };
  struct Piece {  // of a chunk: bytes side by side
    uint32_t ptr = 0;
    size_t packet = 0, from = 0, bytes = 0;
    bool pad = false;
  };
  struct Chunk {
    std::deque<Piece> pieces;
  };

  void sample() override {
    if (p().axis_valid_o && p().axis_ready_i) beat_cycles.push_back(module.now().value);
    if (!p().wr_valid_i || !p().wr_ready_o) return;
    write_cycles.push_back(module.now().value);
    writing = false;
    Piece& piece = chunks[at].pieces.front();
    const uint32_t bytes = beat_bytes(piece);
    std::fill_n(sent[piece.packet].written.begin() + static_cast<ptrdiff_t>(piece.from), bytes,
                true);
    piece.ptr += bytes;
    piece.from += bytes;
    piece.bytes -= bytes;
    first = piece.bytes == 0;
    if (!first) return;
    chunks[at].pieces.pop_front();
    if (chunks[at].pieces.empty()) chunks.erase(chunks.begin() + static_cast<ptrdiff_t>(at));
  }
  void commit() override {
    p().reserve_valid_i = 0;
    if (next_sent != sent.size() && !hold) reserve();
    // Pieces of a packet on its way are not mixed with another's, as behind one realigner.
    if (!writing && !chunks.empty() && !stalls.stalls()) {
      if (first) at = in_order ? 0 : rng.range(0, chunks.size() - 1);
      drive();
      writing = true;
    }
    p().wr_valid_i = writing;
  }
  void reset() override { writing = false; }

  void reserve() {
    const dma::StreamOut next = dma::stream_out(p().next_o);
    const AxisPacket& source = sent[next_sent].packet;
    const size_t left = source.bytes.size() - reserved;
    const size_t whole = std::min(left, max_chunk);
    if (next.room < whole) return;
    const size_t bytes = in_order ? whole : rng.range(1, whole);
    const bool end = bytes == left;
    dma::drive(p().reserve_i, dma::Reserve{.bytes = static_cast<uint32_t>(bytes),
                                           .packet_end = end,
                                           .tuser = source.tuser,
                                           .tid = source.tid});
    p().reserve_valid_i = 1;
    Chunk chunk;
    for (size_t done = 0; done < bytes;) {
      const size_t part = in_order ? bytes : rng.range(1, bytes - done);
      chunk.pieces.push_back({.ptr = static_cast<uint32_t>(next.ptr + done),
                              .packet = next_sent,
                              .from = reserved + done,
                              .bytes = part,
                              .pad = end && done + part == bytes});
      done += part;
    }
    fresh.push_back(std::move(chunk));
    reserved = end ? 0 : reserved + bytes;
    sent[next_sent].ended = end;
    next_sent += end;
  }
  uint32_t beat_bytes(const Piece& piece) const {
    return std::min(kBytes - piece.ptr % kBytes, static_cast<uint32_t>(piece.bytes));
  }
  void drive() {
    const Piece& piece = chunks[at].pieces.front();
    const uint32_t bytes = beat_bytes(piece), lane = piece.ptr % kBytes;
    const bool last = bytes == piece.bytes;
    std::array<uint8_t, kBytes> data;
    for (uint8_t& byte : data) byte = static_cast<uint8_t>(rng.u32());
    std::copy_n(sent[piece.packet].packet.bytes.begin() + static_cast<ptrdiff_t>(piece.from), bytes,
                data.begin() + lane);
    const uint64_t ones = bytes == 64 ? ~uint64_t{0} : (uint64_t{1} << bytes) - 1;
    const uint64_t strb = ones << lane;
    std::memcpy(&p().wr_data_i, data.data(), kBytes);
    std::memcpy(&p().wr_strb_i, &strb, kBytes / 8);
    dma::drive(p().wr_i, dma::CardWrite{.addr = piece.ptr - lane,
                                        .beats = rng.u32() & 0x3ff,
                                        .first = first,
                                        .last = last,
                                        .pad = last && piece.pad});
  }
  // One clock, and what was reserved in it may be written from the next one on.
  void step(unsigned count = 1) {
    for (unsigned n = 0; n < count; ++n) {
      for (Chunk& chunk : fresh) chunks.push_back(std::move(chunk));
      fresh.clear();
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
  bool all_written() const { return next_sent == sent.size() && chunks.empty() && fresh.empty(); }
  void finish(unsigned budget = 200'000) {
    run_until([&] { return all_written() && sink.received().size() == sent.size(); }, budget);
    step(20);
    for (const Sent& s : sent) REQUIRE(sink.pop() == s.packet);
    REQUIRE(sink.received().empty());
    REQUIRE_FALSE(sink.inside_packet());
  }

  // Nothing more is written. What must come out in the end: whole packets, then the first whole
  // beats of the next, if there are any, and what ends it.
  std::deque<AxisPacket> abort_and_restart() {
    std::deque<AxisPacket> left;
    for (const Sent& s : sent) {
      const size_t whole = s.whole_from_start();
      left.push_back(s.packet);
      if (s.ended && whole == s.written.size()) continue;
      left.back().cut = true;
      left.back().bytes.resize(whole / kBytes * kBytes);
      if (left.back().bytes.empty()) left.pop_back();
      break;
    }
    chunks.clear();
    p().abort_i = 1;
    run_until([&] { return sink.received().size() >= left.size(); }, 200'000);
    step(2 * buffer_beats());
    p().abort_i = 0;
    run_until([&] { return dma::stream_out(p().next_o).room != 0; }, 2 * buffer_beats());
    sent.clear();
    next_sent = reserved = 0;
    first = true;
    return left;
  }
  // What is received, but for the bytes that mean nothing.
  std::deque<AxisPacket> received() {
    std::deque<AxisPacket> got;
    while (!sink.received().empty()) {
      got.push_back(sink.pop());
      if (got.back().cut) got.back().bytes.pop_back();
    }
    return got;
  }
  static constexpr unsigned buffer_beats() { return 32768 / kBytes; }

  dut::Module<V> module;
  agent::Rng rng;
  agent::StallPolicy stalls;
  agent::AxisSink sink;
  std::deque<Sent> sent;
  std::deque<Chunk> chunks, fresh;
  std::vector<uint64_t> write_cycles, beat_cycles;
  size_t next_sent = 0, reserved = 0, at = 0, max_chunk = 4096;
  bool writing = false, first = true, hold = false, in_order = false;
};

template <class V>
void random_run(uint64_t seed, agent::Stall writes, agent::Stall sink) {
  Bench<V> bench(seed, writes, sink);
  constexpr uint64_t kBytes = Bench<V>::kBytes;
  for (unsigned i = 0; i < 150; ++i) {
    const auto kind = bench.rng.range(0, 9);
    bench.send(bench.packet(kind < 4   ? bench.rng.range(1, 3 * kBytes)
                            : kind < 9 ? bench.rng.range(1, 600)
                                       : bench.rng.range(1, 20'000)));
    if (i % 16 == 0) bench.max_chunk = bench.rng.pick(std::array<size_t, 3>{128, 512, 4096});
  }
  bench.finish(2'000'000);
}

template <class V>
void full_rate(size_t packet_bytes, size_t packets) {
  Bench<V> bench;
  bench.in_order = true;
  for (size_t i = 0; i < packets; ++i) bench.send(bench.packet(packet_bytes));
  bench.finish();
  const auto beats = (packet_bytes + Bench<V>::kBytes - 1) / Bench<V>::kBytes * packets;
  REQUIRE(bench.beat_cycles.size() == beats);
  CHECK(bench.beat_cycles.back() - bench.beat_cycles.front() + 1 == beats);
}

// Stops at a random moment with chunks on the way, of which some come and some never do.
template <class V>
void cut_and_go_on(uint64_t seed, agent::Stall stall) {
  Bench<V> bench(seed, stall, stall);
  size_t whole = 0, cut = 0;
  for (unsigned round = 0; round < 60; ++round) {
    for (unsigned i = 0; i < 5; ++i) {
      bench.send(bench.packet(bench.rng.range(1, i == 3 ? 6000 : 300)));
    }
    bench.max_chunk = bench.rng.pick(std::array<size_t, 3>{64, 512, 4096});
    bench.step(static_cast<unsigned>(bench.rng.range(1, 600)));
    bench.hold = true;
    bench.step();
    // Some chunk that has not begun is never written.
    if (bench.rng.chance(60) && bench.chunks.size() > 1) {
      const auto lost = bench.rng.range(0, bench.chunks.size() - 1);
      if (lost > bench.at) {
        bench.chunks.erase(bench.chunks.begin() + static_cast<ptrdiff_t>(lost));
      }
    }
    bench.run_until([&] { return bench.chunks.empty() && bench.fresh.empty(); }, 200'000);
    bench.step();
    const std::deque<AxisPacket> expected = bench.abort_and_restart();
    REQUIRE(bench.received() == expected);
    cut += !expected.empty() && expected.back().cut;
    whole += expected.size();
    bench.hold = false;
  }
  CHECK(whole > 20);
  CHECK(cut > 4);
  bench.send(bench.packet(100));
  bench.finish();
}

}  // namespace

TEST_CASE("A stream's packets come out whole and in order, however their bytes come",
          "[unit][dma][R57]") {
  const auto writes = GENERATE(agent::Stall::None, agent::Stall::Adversarial);
  const auto sink = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Slow,
                             agent::Stall::Adversarial);
  random_run<Vcw_dma_stream_out>(1, writes, sink);
  random_run<Vcw_dma_stream_out_w64>(2, writes, sink);
  random_run<Vcw_dma_stream_out_w64_bufbytes32768>(3, writes, sink);
  random_run<Vcw_dma_stream_out_w128>(4, writes, sink);
  random_run<Vcw_dma_stream_out_w512>(5, writes, sink);
}

TEST_CASE("A stream moves one beat per clock, in long packets and in packets of one beat",
          "[unit][dma][performance]") {
  for (const size_t bytes : {1u, 8u, 64u, 65u, 100'000u}) {
    const size_t packets = bytes > 1000 ? 1 : 200;
    full_rate<Vcw_dma_stream_out>(bytes, packets);
    full_rate<Vcw_dma_stream_out_w64>(bytes, packets);
    full_rate<Vcw_dma_stream_out_w512>(bytes, packets);
  }
}

TEST_CASE("A beat of a stream is on offer three clocks after it was written",
          "[unit][dma][performance]") {
  Bench<Vcw_dma_stream_out> bench;
  bench.run_until([&] { return dma::stream_out(bench.p().next_o).room != 0; }, 1000);
  bench.step(5);
  bench.in_order = true;
  bench.send(bench.packet(32));
  bench.finish();
  CHECK(bench.beat_cycles[0] - bench.write_cycles[0] <= 3);
}

TEST_CASE("A stream that is never ready fills its buffer and holds up no write",
          "[unit][dma][R57]") {
  Bench<Vcw_dma_stream_out> bench;
  bench.sink.block(true);
  for (unsigned i = 0; i < 20; ++i) bench.send(bench.packet(1000));
  bench.run_until([&] { return bench.next_sent == 8 && bench.chunks.empty(); }, 5000);
  for (unsigned i = 0; i < 1000; ++i) {
    bench.step();
    REQUIRE(bench.p().wr_ready_o);
  }
  CHECK(bench.next_sent == 8);  // 8 x 1024 bytes, less the two beats on their way out
  CHECK(bench.sink.beats() == 0);
  bench.sink.block(false);
  bench.finish();
}

TEST_CASE("A stream that is never ready takes 64 packets, however short", "[unit][dma][R57]") {
  Bench<Vcw_dma_stream_out> bench;
  bench.sink.block(true);
  for (unsigned i = 0; i < 100; ++i) bench.send(bench.packet(bench.rng.range(1, 32)));
  bench.step(1000);
  CHECK(bench.next_sent == 65);  // one has left the buffer
  CHECK(bench.chunks.empty());
  bench.sink.block(false);
  bench.finish();
}

TEST_CASE("TID and TUSER are those of the packet, also while the next is being reserved",
          "[unit][dma]") {
  Bench<Vcw_dma_stream_out> bench;
  bench.in_order = true;
  for (unsigned i = 0; i < 100; ++i) bench.send(bench.packet(bench.rng.range(1, 70)));
  bench.finish();
}

TEST_CASE("An aborted stream sends what is whole, cuts what has begun, and begins afresh",
          "[unit][dma][R59]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  cut_and_go_on<Vcw_dma_stream_out>(1, stall);
  cut_and_go_on<Vcw_dma_stream_out_w64>(2, stall);
  cut_and_go_on<Vcw_dma_stream_out_w128>(3, stall);
  cut_and_go_on<Vcw_dma_stream_out_w512>(4, stall);
}

TEST_CASE("An aborted stream that is not ready keeps its packets until it is",
          "[unit][dma][R57][R59]") {
  Bench<Vcw_dma_stream_out> bench;
  bench.sink.block(true);
  bench.in_order = true;
  bench.send(bench.packet(100));
  bench.send(bench.packet(5000));
  bench.run_until([&] { return bench.reserved == 4096; }, 1000);
  bench.hold = true;
  bench.run_until([&] { return bench.chunks.empty() && bench.fresh.empty(); }, 1000);
  bench.step(2);
  bench.p().abort_i = 1;
  bench.step(500);
  bench.p().abort_i = 0;
  bench.step(500);
  CHECK(dma::stream_out(bench.p().next_o).room == 0);
  bench.sink.block(false);
  const std::deque<AxisPacket> expected = bench.abort_and_restart();
  CHECK(expected.size() == 2);
  CHECK(expected.back().cut);
  CHECK(expected.back().bytes.size() == 4096);
  CHECK(bench.received() == expected);
  CHECK(dma::stream_out(bench.p().next_o).room == 8192);
}

TEST_CASE("A reset of the engine alone cuts the packet that is leaving, and begins afresh",
          "[unit][dma][R43]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  Bench<Vcw_dma_stream_out> bench(1, agent::Stall::None, stall);
  size_t cut = 0;
  for (unsigned round = 0; round < 100; ++round) {
    for (unsigned i = 0; i < 6; ++i) bench.send(bench.packet(bench.rng.range(1, 700)));
    bench.step(static_cast<unsigned>(bench.rng.range(1, 500)));
    bench.p().flush_i = 1;
    bench.module.step();
    std::deque<AxisPacket> sent;
    for (const auto& s : bench.sent) sent.push_back(s.packet);
    bench.sent.clear();
    bench.chunks.clear();
    bench.fresh.clear();
    bench.next_sent = bench.reserved = bench.at = 0;
    bench.writing = false;
    bench.first = true;
    bench.p().wr_valid_i = 0;
    bench.p().reserve_valid_i = 0;
    bench.module.step();
    bench.p().flush_i = 0;
    const AxisPacket after = bench.packet(40);
    bench.send(after);
    bench.run_until(
        [&] { return !bench.sink.received().empty() && bench.sink.received().back() == after; },
        5000);
    const std::deque<AxisPacket> got = bench.sink.received();
    while (!bench.sink.received().empty()) bench.sink.pop();
    bench.sent.clear();
    bench.next_sent = 0;
    for (size_t n = 0; n + 1 < got.size(); ++n) {  // whole ones, and perhaps one that is cut
      REQUIRE(n < sent.size());
      if (got[n].cut) {
        ++cut;
        REQUIRE(n + 2 == got.size());
        REQUIRE(std::equal(got[n].bytes.begin(), got[n].bytes.end() - 1, sent[n].bytes.begin()));
      } else {
        REQUIRE(got[n] == sent[n]);
      }
    }
  }
  CHECK(cut > 10);
}

TEST_CASE("A write that was not reserved, and more than there is room for, raise the alarm",
          "[unit][dma][R57]") {
  Bench<Vcw_dma_stream_out> bench;
  bench.run_until([&] { return dma::stream_out(bench.p().next_o).room != 0; }, 1000);
  SECTION("a write") {
    dma::drive(bench.p().wr_i, dma::CardWrite{.addr = 0x20, .beats = 1, .first = 1, .last = 1});
    bench.module.kernel().remove(bench);
    bench.p().wr_valid_i = 1;
    CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
  }
  SECTION("a chunk") {
    bench.sink.block(true);
    for (unsigned i = 0; i < 20; ++i) bench.send(bench.packet(1000));
    bench.step(1000);
    dma::drive(bench.p().reserve_i, dma::Reserve{.bytes = 1000});
    bench.p().reserve_valid_i = 1;
    CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
  }
}
