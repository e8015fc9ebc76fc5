// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
// cw-variant: Channels=2 AxiCard=0
#include <numeric>

#include "Vcw_dma.h"
#include "Vcw_dma_channels2_axicard0.h"
#include "Vcw_dma_w512.h"
#include "Vcw_dma_w64.h"
#include "unit/dma_engine_bench.hpp"

namespace cw::unit::dma {
namespace {

using dut::operator""_cycles;

using Small = Vcw_dma_channels2_axicard0;  // H2c and C2h

constexpr unsigned kImmediate = 2;  // of a descriptor's kinds
constexpr uint64_t kSrc = 0x1'0000'0000, kDst = 0x2'0000'0000;

template <class V>
using Options = typename EngineBench<V>::Options;

// What a channel of a kind moves, and where one looks for it.
template <class V>
struct Mover {
  EngineBench<V>& bench;
  unsigned chan;
  uint64_t src = 0, dst = 0;
  Bytes bytes;

  // Fills the source; S2h: sends a packet.
  Mover(EngineBench<V>& bench, unsigned chan, uint64_t src, uint64_t dst, size_t count)
      : bench(bench), chan(chan), src(src), dst(dst) {
    if (chan == H2c || chan == H2h || chan == H2s) bytes = bench.fill_host(src, count);
    if (chan == C2h || chan == C2c) bytes = bench.fill_card(src, count);
    if (chan == S2h) {
      bytes = bench.random(count);
      bench.stream_in.send({.bytes = bytes, .tid = 0x5a, .tuser = 0x26});
    }
  }
  Desc desc() const {
    return {.src = src, .dst = dst, .bytes = static_cast<uint32_t>(bytes.size())};
  }
  bool arrived() {
    if (chan == H2s) {
      bench.run_until([&] { return !bench.stream_out.received().empty(); }, dut::Cycles{5000});
      return bench.stream_out.pop() == agent::AxisPacket{.bytes = bytes,
                                                         .tid = static_cast<uint8_t>(dst),
                                                         .tuser = static_cast<uint8_t>(dst >> 8)};
    }
    const bool host = chan == C2h || chan == H2h || chan == S2h;
    return (host ? bench.read_host(dst, bytes.size()) : bench.read_card(dst, bytes.size())) ==
           bytes;
  }
};

// Addresses of a channel's sides.
uint64_t source_of(unsigned chan, uint64_t offset, bool axi = false) {
  if (chan == C2h || chan == C2c) return (axi ? kAxiCard : 0) + offset;
  return kSrc + (uint64_t{chan} << 24) + offset;
}
uint64_t target_of(unsigned chan, uint64_t offset, bool axi = false) {
  if (chan == H2c || chan == C2c) return (axi ? kAxiCard : 0) + 0x8000 + offset;
  if (chan == H2s) return 0x2a'07;  // TUSER, TID
  return kDst + (uint64_t{chan} << 24) + offset;
}

template <class V>
void every_kind_moves(agent::Stall stall, bool axi_card = true) {
  constexpr struct {
    uint64_t src, dst;
    size_t count;
  } kMoves[] = {{0, 0, 1},     {3, 5, 64},      {0, 0, 256},        {1, 2, 700},
                {63, 1, 4096}, {7, 0xfff, 130}, {0xffd, 9, 0x1234}, {0, 64, 8192}};
  EngineBench<V> bench({.stall = stall, .seed = 3});
  for (unsigned chan = 0; chan < bench.kChannels; ++chan) {
    uint64_t moved = 0;
    for (const bool axi : {false, true}) {
      if (axi && !axi_card) continue;
      for (const auto& move : kMoves) {
        INFO("channel " << chan << " axi " << axi << " from " << move.src << " to " << move.dst
                        << " bytes " << move.count);
        Mover<V> mover(bench, chan, source_of(chan, move.src, axi), target_of(chan, move.dst, axi),
                       move.count);
        Desc desc = mover.desc();
        desc.tag = static_cast<unsigned>(move.count);
        desc.irq = true;
        const size_t irqs = bench.irqs.size();
        bench.submit(chan, {desc});
        const Record record = bench.wait_record(chan, 50'000);
        CHECK(mover.arrived());
        CHECK(record == Record{.bytes_done = move.count,
                               .packet_info = chan == S2h ? 0x265au : 0,
                               .tag = static_cast<unsigned>(move.count),
                               .head = bench.channels[chan].tail,
                               .packet_end = chan == S2h,
                               .phase = true});
        bench.run_until([&] { return bench.irqs.size() == irqs + 1; }, dut::Cycles{100});
        CHECK(bench.irqs.back().chan == chan);
        CHECK(bench.status(chan).head == bench.channels[chan].tail);
        CHECK_FALSE(bench.status(chan).busy);
        moved += move.count;
      }
    }
    CHECK(bench.moved[chan] == moved);
    CHECK(bench.errors[chan] == 0);
  }
  CHECK(bench.host_idle());
}

TEST_CASE("unaligned: a DMA channel of every kind moves bytes from any address to any other",
          "[unit][dma][R55][unaligned]") {
  every_kind_moves<Vcw_dma>(agent::Stall::None);
  every_kind_moves<Vcw_dma_w64>(agent::Stall::None);
  every_kind_moves<Vcw_dma_w512>(agent::Stall::None);
}

TEST_CASE("DMA: so it does when host, card and streams stall", "[unit][dma][R57]") {
  for (const agent::Stall stall :
       {agent::Stall::Bursty, agent::Stall::Slow, agent::Stall::Adversarial}) {
    every_kind_moves<Vcw_dma>(stall);
  }
  every_kind_moves<Vcw_dma_w64>(agent::Stall::Adversarial);
  every_kind_moves<Vcw_dma_w512>(agent::Stall::Adversarial);
}

TEST_CASE("DMA: a build of two channels moves bytes as any other, and refuses what it has not",
          "[unit][dma][R55][R57]") {
  every_kind_moves<Small>(agent::Stall::None, /*axi_card=*/false);
  every_kind_moves<Small>(agent::Stall::Adversarial, /*axi_card=*/false);

  for (const unsigned chan : {H2c, C2h}) {
    EngineBench<Small> bench;
    bench.fill_host(kSrc, 64);
    const uint64_t to = target_of(chan, 0x100);
    bench.submit(chan, {{.dst = to, .arg = 0x1122'3344'5566'7788, .bytes = 8, .kind = kImmediate}});
    CHECK(bench.wait_record(chan) == Record{.bytes_done = 8, .head = 1, .phase = true});
    const Bytes seen = chan == C2h ? bench.read_host(to, 8) : bench.read_card(to, 8);
    CHECK(seen == Bytes{0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11});
    bench.submit(chan, {{.src = source_of(chan, 0, /*axi=*/true),
                         .dst = target_of(chan, 0, /*axi=*/true),
                         .bytes = 64}});
    CHECK(bench.wait_record(chan).error == Error::BadCard);
    bench.wait_rest(chan);
    CHECK(bench.status(chan).halted);
  }
}

TEST_CASE("DMA: an interrupt follows its record, and a record its data", "[unit][dma][R29][R32]") {
  EngineBench<Vcw_dma> bench;
  for (const unsigned chan : {C2h, H2h}) {
    Mover mover(bench, chan, source_of(chan, 1), target_of(chan, 2), 1000);
    Desc desc = mover.desc();
    desc.irq = true;
    bench.hold_writes = true;
    bench.submit(chan, {desc});
    bench.step(dut::Cycles{300});
    CHECK(bench.writes.empty());
    CHECK(bench.irqs.empty());
    bench.hold_writes = false;
    bench.wait_record(chan);
    bench.step(dut::Cycles{20});
    CHECK(bench.writes.back().port == EngineBench<Vcw_dma>::kRecordPort);
    REQUIRE(bench.irqs.size() == 1);
    CHECK(bench.irqs[0].writes_before == bench.writes.size());
    bench.irqs.clear();
    bench.writes.clear();
  }
}

TEST_CASE("DMA: an entry is all from a descriptor to the one marked last", "[unit][dma]") {
  EngineBench<Vcw_dma> bench;
  const Bytes data = bench.fill_host(kSrc, 0x3000);
  // In the ring, then rows, then immediate data, and one record for all.
  bench.submit(H2c, {{.src = kSrc, .dst = 0x100, .bytes = 100, .tag = 7, .last = false},
                     {.src = kSrc + 0x1000,
                      .dst = 0x1000,
                      .arg = rows(5, 0x100, 0x40),
                      .bytes = 33,
                      .tag = 8,
                      .kind = 1,
                      .last = false},
                     {.dst = 0x2001, .arg = 0x8877'6655'4433'2211, .bytes = 7, .kind = 2}});
  CHECK(bench.wait_record(H2c) ==
        Record{.bytes_done = 100 + 5 * 33 + 7, .tag = 7, .head = 3, .phase = true});
  CHECK(bench.read_card(0x100, 100) == Bytes(data.begin(), data.begin() + 100));
  for (unsigned row = 0; row < 5; ++row) {
    CHECK(bench.read_card(0x1000 + 0x40 * row, 33) ==
          bench.read_host(kSrc + 0x1000 + 0x100 * row, 33));
  }
  CHECK(bench.read_card(0x2001, 7) == Bytes{0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77});

  // Linked descriptors, 300 bytes each, then the ring again.
  constexpr uint64_t kLinked = 0x7'0000'0020;
  for (unsigned n = 0; n < 5; ++n) {
    bench.host.write(
        {kLinked + 32 * n},
        to_bytes({.src = kSrc + 300 * n, .dst = 0x4000 + 512 * n, .bytes = 300, .last = n == 4}));
  }
  bench.submit(H2c, {{.src = kSrc,
                      .dst = 0x3000,
                      .arg = kLinked,
                      .bytes = 1,
                      .tag = 9,
                      .last = false,
                      .chain = true},
                     {.src = kSrc + 0x2000, .dst = 0x5000, .bytes = 64, .tag = 10}});
  CHECK(bench.wait_record(H2c) == Record{.bytes_done = 1501, .tag = 9, .head = 4, .phase = true});
  CHECK(bench.wait_record(H2c) == Record{.bytes_done = 64, .tag = 10, .head = 5, .phase = true});
  for (unsigned n = 0; n < 5; ++n) {
    CHECK(bench.read_card(0x4000 + 512 * n, 300) == bench.read_host(kSrc + 300 * n, 300));
  }
}

TEST_CASE("DMA: an error halts its channel alone, and a restart mends it",
          "[unit][dma][R57][R59]") {
  for (const unsigned chan : {H2c, H2h, H2s}) {
    EngineBench<Vcw_dma> bench;
    INFO("channel " << chan);
    const unsigned other = chan == H2c ? H2h : H2c;
    const auto one = [&](unsigned c, unsigned n) {
      return Desc{
          .src = source_of(c, 0x1000 * n), .dst = target_of(c, 0x200 * n), .bytes = 512, .tag = n};
    };
    for (const unsigned c : {chan, other}) bench.fill_host(source_of(c, 0), 0x10000);
    bench.fail_reads(source_of(chan, 0x3000), 0x100, RdUr);
    std::vector<Desc> bad, good;
    for (unsigned n = 0; n < 8; ++n) {
      bad.push_back(one(chan, n));
      good.push_back(one(other, n));
      bad.back().quiet = n > 3;
    }
    bench.submit(chan, bad);
    bench.submit(other, good);
    for (unsigned n = 0; n < 3; ++n) CHECK(bench.wait_record(chan).error == Error::Ok);
    CHECK(bench.wait_record(chan).error == Error::ReadUr);
    bench.wait_rest(chan);
    CHECK(bench.status(chan).halted);
    while (const auto record = bench.take_record(chan)) CHECK(record->error == Error::Aborted);
    CHECK(bench.irqs.size() >= 1);
    CHECK(bench.errors[chan] >= 1);
    for (unsigned n = 0; n < 8; ++n) CHECK(bench.wait_record(other).error == Error::Ok);
    CHECK_FALSE(bench.status(other).halted);

    bench.faults.clear();
    if (chan == H2s) {
      bench.step(dut::Cycles{200});
      while (!bench.stream_out.received().empty()) bench.stream_out.pop();
    }
    bench.restart(chan);
    CHECK_FALSE(bench.status(chan).halted);
    CHECK(bench.status(chan).head == 0);
    Mover again(bench, chan, source_of(chan, 0), target_of(chan, 0), 1500);
    bench.submit(chan, {again.desc()});
    CHECK(bench.wait_record(chan) == Record{.bytes_done = 1500, .head = 1, .phase = true});
    CHECK(again.arrived());
    CHECK(bench.errors[other] == 0);
  }
}

TEST_CASE("DMA: memory behind AXI4 that answers with an error ends the entry with it",
          "[unit][dma][R58]") {
  EngineBench<Vcw_dma> bench;
  bench.axi.add_error_range({.base = {0x9000}, .bytes = 64});
  bench.fill_host(kSrc, 0x1000);
  bench.submit(H2c, {{.src = kSrc, .dst = kAxiCard + 0x8f00, .bytes = 1024}});
  CHECK(bench.wait_record(H2c).error == Error::CardError);
  bench.submit(C2h, {{.src = kAxiCard + 0x8f00, .dst = kDst, .bytes = 1024}});
  CHECK(bench.wait_record(C2h).error == Error::CardError);
  for (const unsigned chan : {H2c, C2h}) {
    bench.wait_rest(chan);
    CHECK(bench.status(chan).halted);
  }
}

TEST_CASE("DMA: an abort ends what is under way, with everything in flight landed", "[unit][dma]") {
  for (unsigned chan = 0; chan < 6; ++chan) {
    for (const unsigned after : {1u, 30u, 90u}) {
      INFO("channel " << chan << " after " << after);
      EngineBench<Vcw_dma> bench({.latency = 40});
      std::vector<Desc> descs;
      for (unsigned n = 0; n < 4; ++n) {
        Mover mover(bench, chan, source_of(chan, 0), target_of(chan, 0), 8192);
        descs.push_back(mover.desc());
      }
      bench.submit(chan, descs);
      bench.step(dut::Cycles{after});
      bench.pulse(chan, &Ctl::abort_all);
      bench.wait_rest(chan);
      CHECK(bench.status(chan).halted);
      uint64_t done = 0;
      bool aborted = false;
      while (const auto record = bench.take_record(chan)) {
        done += record->bytes_done;
        CHECK((!aborted || record->error == Error::Aborted));
        CHECK((record->error == Error::Ok || record->error == Error::Aborted));
        aborted |= record->error == Error::Aborted;
      }
      CHECK(done == bench.moved[chan]);
      CHECK(done < 4 * 8192);
      const size_t reads = bench.reads.size(), writes = bench.writes.size();
      bench.step(dut::Cycles{300});
      CHECK(bench.reads.size() == reads);
      CHECK(bench.writes.size() == writes);
      if (chan == S2h) continue;  // the rest of its packets waits for the next entries
      bench.restart(chan);
      while (!bench.stream_out.received().empty()) bench.stream_out.pop();
      Mover again(bench, chan, source_of(chan, 3), target_of(chan, 1), 777);
      bench.submit(chan, {again.desc()});
      CHECK(bench.wait_record(chan) == Record{.bytes_done = 777, .head = 1, .phase = true});
      CHECK(again.arrived());
    }
  }
}

TEST_CASE("DMA: a channel that is disabled ends what it has begun, and goes on when enabled",
          "[unit][dma][R44][R54]") {
  for (const unsigned chan : {H2c, C2h, H2h, C2c}) {
    EngineBench<Vcw_dma> bench;
    INFO("channel " << chan);
    std::vector<Desc> descs;
    for (unsigned n = 0; n < 24; ++n) {
      Mover mover(bench, chan, source_of(chan, 0x200 * n), target_of(chan, 0x200 * n), 512);
      descs.push_back(mover.desc());
    }
    bench.submit(chan, descs);
    bench.step(dut::Cycles{60});
    bench.channels[chan].ctl.enable = false;
    bench.set(chan);
    bench.wait_rest(chan);
    unsigned records = 0;
    while (const auto record = bench.take_record(chan)) {
      CHECK(record->error == Error::Ok);
      ++records;
    }
    CHECK(records < 24);
    CHECK(bench.status(chan).head == records);
    CHECK_FALSE(bench.status(chan).halted);
    bench.step(dut::Cycles{100});
    CHECK_FALSE(bench.take_record(chan));
    bench.channels[chan].ctl.enable = true;
    bench.set(chan);
    for (; records < 24; ++records) CHECK(bench.wait_record(chan).error == Error::Ok);
    CHECK(bench.status(chan).head == 24);
  }
}

TEST_CASE("DMA: a bad doorbell halts its channel, and nothing moves", "[unit][dma][R54]") {
  EngineBench<Vcw_dma> bench;
  bench.channels[C2h].tail = 33;  // of 32
  bench.ring_doorbell(C2h);
  bench.step(dut::Cycles{100});
  CHECK(bench.status(C2h).halted);
  CHECK(bench.bad_doorbells[C2h] == 1);
  CHECK(bench.reads.empty());
  Mover mover(bench, H2c, source_of(H2c, 0), target_of(H2c, 0), 64);
  bench.submit(H2c, {mover.desc()});
  CHECK(bench.wait_record(H2c).error == Error::Ok);
}

TEST_CASE("stalled-channel: a DMA stream that does not move holds back no other channel",
          "[unit][dma][R57][stalled-channel]") {
  EngineBench<Vcw_dma> bench;
  bench.stream_out.block(true);
  bench.fill_host(source_of(H2s, 0), 0x10000);
  std::vector<Desc> stuck;
  for (unsigned n = 0; n < 8; ++n) {
    stuck.push_back({.src = source_of(H2s, 0x1000 * n), .dst = 1, .bytes = 4096});
  }
  bench.submit(H2s, stuck);                                        // no room
  bench.submit(S2h, {{.dst = target_of(S2h, 0), .bytes = 4096}});  // nothing comes
  bench.step(dut::Cycles{1000});
  for (const unsigned chan : {H2c, C2h, H2h, C2c}) {
    for (unsigned n = 0; n < 4; ++n) {
      Mover mover(bench, chan, source_of(chan, n), target_of(chan, 1), 4096);
      bench.submit(chan, {mover.desc()});
      CHECK(bench.wait_record(chan, 1000).error == Error::Ok);
      CHECK(mover.arrived());
    }
  }
  CHECK(bench.status(S2h).busy);
  bench.stream_out.block(false);
  for (unsigned n = 0; n < 8; ++n) {
    bench.wait_record(H2s);
    bench.run_until([&] { return !bench.stream_out.received().empty(); }, dut::Cycles{3000});
    CHECK(bench.stream_out.pop().bytes == bench.read_host(source_of(H2s, 0x1000 * n), 4096));
  }
}

TEST_CASE("DMA: a reset under load forgets everything, and the engine works afterwards",
          "[unit][dma][R43]") {
  for (unsigned after = 1; after < 200; after += 11) {
    EngineBench<Vcw_dma> bench({.latency = 25, .seed = after});
    for (unsigned chan = 0; chan < 6; ++chan) {
      Mover mover(bench, chan, source_of(chan, 1), target_of(chan, 2), 6000);
      bench.submit(chan, {mover.desc(), mover.desc()});
    }
    bench.step(dut::Cycles{after});
    bench.dut::Module<Vcw_dma>::reset();
    bench.reads.clear();
    bench.writes.clear();
    for (unsigned chan = 0; chan < 6; ++chan) {
      CHECK_FALSE(bench.status(chan).busy);
      CHECK(bench.status(chan).head == 0);
      bench.start(chan);
    }
    bench.step(dut::Cycles{100});
    CHECK(bench.reads.empty());
    CHECK(bench.writes.empty());
    while (!bench.stream_out.received().empty()) bench.stream_out.pop();
    for (unsigned chan = 0; chan < 6; ++chan) {
      if (chan == S2h) continue;  // its source is in the midst of a packet
      Mover mover(bench, chan, source_of(chan, 1), target_of(chan, 2), 900);
      bench.submit(chan, {mover.desc()});
      CHECK(bench.wait_record(chan) == Record{.bytes_done = 900, .head = 1, .phase = true});
      CHECK(mover.arrived());
    }
  }
}

TEST_CASE("DMA: a function-level reset under load leaves AXI4 and streams in order",
          "[unit][dma][R43][R58]") {
  for (unsigned after = 1; after < 250; after += 13) {
    EngineBench<Vcw_dma> bench({.latency = 25, .stall = agent::Stall::Bursty, .seed = after});
    for (unsigned chan = 0; chan < 6; ++chan) {
      Mover mover(bench, chan, source_of(chan, 1, /*axi=*/true), target_of(chan, 2, /*axi=*/true),
                  3000);
      bench.submit(chan, {mover.desc(), mover.desc()});
    }
    bench.step(dut::Cycles{after});
    bench.flush();
    bench.step(dut::Cycles{1500});
    while (!bench.stream_out.received().empty()) bench.stream_out.pop();
    CHECK_FALSE(bench.stream_out.inside_packet());
    for (unsigned chan = 0; chan < 6; ++chan) {
      if (chan == S2h) continue;  // its source may have a packet left
      bench.start(chan);
      Mover mover(bench, chan, source_of(chan, 1, /*axi=*/true), target_of(chan, 2, /*axi=*/true),
                  900);
      bench.submit(chan, {mover.desc()});
      CHECK(bench.wait_record(chan) == Record{.bytes_done = 900, .head = 1, .phase = true});
      CHECK(mover.arrived());
    }
    CHECK(bench.axi.idle());
  }
}

// ---- Latencies and rates

TEST_CASE("DMA: from the doorbell to the first request of data in a descriptor's latency and 12",
          "[unit][dma]") {
  const auto check = []<class V>(EngineBench<V>& bench) {
    bench.step(1100_cycles);  // the stream's buffer has been cleared
    for (const unsigned chan : {H2c, H2h, H2s, C2h, C2c}) {
      INFO("channel " << chan << " latency " << bench.options.latency);
      Mover<V> mover(bench, chan, source_of(chan, 0), target_of(chan, 0), 64);
      const size_t reads = bench.data_reads();
      bench.writes.clear();
      bench.submit(chan, {mover.desc()});
      bench.wait_record(chan);
      uint64_t first = 0;
      if (bench.data_reads() != reads) {
        for (const auto& r : bench.reads) {
          if (r.client == ClientData) first = r.clock;
        }
      } else if (chan == C2h) {
        first = bench.writes.front().begun;
      } else {
        continue;
      }
      // The register shows its value a clock after it is written; narrow descriptors take beats.
      const unsigned beats = 32 / std::min(bench.kBeat, 32u);
      CHECK(first + 1 - bench.rung_at <= bench.options.latency + beats - 1 + 12);
      CHECK(first - bench.rung_at > bench.options.latency);
    }
  };
  for (const unsigned latency : {1u, 10u, 100u}) {
    EngineBench<Vcw_dma> w256({.latency = latency});
    check(w256);
    EngineBench<Vcw_dma_w64> w64({.latency = latency});
    check(w64);
    EngineBench<Vcw_dma_w512> w512({.latency = latency});
    check(w512);
  }
}

// Segments of `bytes` bytes side by side, 32 to an entry: clocks a segment, between the first and
// the last data that crosses the engine's edge.
template <class V>
double clocks_a_segment(unsigned chan, unsigned bytes, unsigned latency, bool quiet = true) {
  constexpr unsigned kSegments = 1024, kEach = 32;
  EngineBench<V> bench({.latency = latency, .max_payload = 2, .max_read = 2});
  bench.channels[chan].ctl.ring_log2 = 8;
  bench.set(chan);
  bench.fill_host(source_of(chan, 0), 0x10000);
  unsigned put = 0;
  for (unsigned clocks = 0; clocks < 40'000; ++clocks) {
    if (put < kSegments && bench.room(chan) >= kEach) {
      std::vector<Desc> entry;
      for (unsigned n = 0; n < kEach; ++n, ++put) {
        const uint64_t at = uint64_t{bytes} * (put % 64);
        entry.push_back({.src = source_of(chan, at),
                         .dst = target_of(chan, at),
                         .bytes = bytes,
                         .last = n + 1 == kEach,
                         .quiet = quiet});
      }
      bench.submit(chan, entry);
    } else {
      bench.step();
    }
    if (bench.moved[chan] == uint64_t{bytes} * kSegments) break;
  }
  REQUIRE(bench.moved[chan] == uint64_t{bytes} * kSegments);
  std::vector<uint64_t> at;
  for (const auto& w : bench.writes) {
    if (w.port == EngineBench<V>::kDataPort) at.push_back(w.clock);
  }
  if (chan == H2c || chan == H2s) {
    for (const auto& r : bench.reads) {
      if (r.client == ClientData) at.push_back(r.clock);
    }
  }
  // Without the run-up and the end.
  const size_t from = at.size() / 4, to = at.size() * 3 / 4;
  return static_cast<double>(at[to] - at[from]) / static_cast<double>(to - from) * at.size() /
         kSegments;
}

TEST_CASE("DMA: short segments of an entry go out one in a clock", "[unit][dma]") {
  // To the host a beat each is the ceiling; to the card descriptors share the answers.
  CHECK(clocks_a_segment<Vcw_dma_w512>(C2h, 64, 10) <= 1.05);
  CHECK(clocks_a_segment<Vcw_dma>(C2h, 32, 10) <= 1.05);
  CHECK(clocks_a_segment<Vcw_dma_w512>(H2c, 64, 10) <= 1.5 * 1.05);
  CHECK(clocks_a_segment<Vcw_dma>(H2c, 32, 10) <= 2.0 * 1.05);
}

TEST_CASE("DMA: long segments fill the width in every direction", "[unit][dma]") {
  CHECK(clocks_a_segment<Vcw_dma>(C2h, 512, 10) <= 16 * 1.01);
  CHECK(clocks_a_segment<Vcw_dma>(H2c, 512, 20) <= 17 * 1.02);
  CHECK(clocks_a_segment<Vcw_dma_w512>(C2h, 1024, 10) <= 16 * 1.01);
  CHECK(clocks_a_segment<Vcw_dma_w64>(C2h, 256, 10) <= 32 * 1.01);
}

}  // namespace
}  // namespace cw::unit::dma
