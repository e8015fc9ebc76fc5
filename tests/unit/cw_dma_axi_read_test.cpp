// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
#include "Vcw_dma_axi_read.h"
#include "Vcw_dma_axi_read_w128.h"
#include "Vcw_dma_axi_read_w512.h"
#include "Vcw_dma_axi_read_w64.h"
#include "catch_shim.hpp"
#include "unit/user_ports.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Run {
  uint64_t address = 0;  // of the first beat
  unsigned beats = 1;
};

// What cw_dma_axi_read leaves out of the channel.
struct ReadRest {
  uint8_t r_id = 0, r_last = 0;
};

template <class V>
agent::AxiPins pins_of(V& p, AxiHalf& none, ReadRest& rest) {
  return {.aw = none.address,
          .aw_valid = none.valid,
          .aw_ready = none.ready,
          .w_data = p.r_data_i,
          .w_strb = none.strb,
          .w_last = none.last,
          .w_valid = none.out_valid,
          .w_ready = none.out_ready,
          .b = none.b,
          .b_valid = none.id,
          .b_ready = none.resp,
          .ar = p.ar_o,
          .ar_valid = p.ar_valid_o,
          .ar_ready = p.ar_ready_i,
          .r_id = rest.r_id,
          .r_data = p.r_data_i,
          .r_resp = p.r_resp_i,
          .r_last = rest.r_last,
          .r_valid = p.r_valid_i,
          .r_ready = p.r_ready_o};
}

template <class V>
struct Bench : dut::Clocked {
  static constexpr uint32_t kBytes = sizeof(V::r_data_i);
  static constexpr unsigned kBeats = kBytes == 8 ? 1024 : 512;  // Beats

  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "dma axi read"),
        stalls(stall, rng.fork("runs")),
        takes(stall, rng.fork("beats")),
        card(module.kernel(), pins_of(p(), none, rest), space, rng.fork("card"),
             {.read_latency = dut::Cycles{9}, .stall = stall}) {
    module.kernel().add(*this);
    p().rd_valid_i = 0;
    p().beat_ready_i = 0;
    p().flush_i = 0;
    module.reset();
    for (uint64_t at = 0; at < 0x8000; at += 8) space.write64({at}, at * 0x9e37'79b9'7f4a'7c15u);
  }
  V& p() { return module.pins(); }
  void send(const Run& run) {
    queue.push_back(run);
    for (unsigned b = 0; b < run.beats; ++b) owed.push_back(run.address + b * kBytes);
  }
  void sample() override {
    if (p().ar_valid_o && p().ar_ready_i) {
      const Burst burst{dut::get_bits(p().ar_o, 13, 64),
                        static_cast<unsigned>(dut::get_bits(p().ar_o, 5, 8)) + 1};
      bursts.push_back(burst);
      asked += burst.beats;
      REQUIRE((flushed || asked - taken <= kBeats));
    }
    if (p().beat_valid_o && p().beat_ready_i) {
      REQUIRE_FALSE(owed.empty());
      ++taken;
      errors.push_back(p().beat_error_o != 0);
      std::array<uint8_t, kBytes> data;
      std::memcpy(data.data(), &p().beat_data_o, kBytes);
      const auto expected = space.read(pcie::HostPhysAddr{owed.front()}, kBytes);
      REQUIRE(std::equal(data.begin(), data.end(), expected.begin()));
      owed.pop_front();
    }
    if (!p().rd_valid_i || !p().rd_ready_o) return;
    queue.pop_front();
    valid = false;
  }
  void commit() override {
    if (!valid && !queue.empty() && !stalls.stalls()) {
      dut::set_bits(p().rd_i, 0, 10, queue.front().beats);
      dut::set_bits(p().rd_i, 10, 40, queue.front().address);
      valid = true;
    }
    p().rd_valid_i = valid;
    p().beat_ready_i = open && !takes.stalls();
  }
  void reset() override { valid = false; }
  // The engine is reset alone, for two clocks.
  void flush() {
    p().flush_i = 1;
    module.step();
    queue.clear();
    owed.clear();
    valid = false;
    p().rd_valid_i = 0;
    module.step();
    p().flush_i = 0;
    asked = taken = 0;
    errors.clear();
  }
  void finish() {
    module.run_until([&] { return owed.empty(); }, dut::Cycles{200000});
    module.step(dut::Cycles{20});
    CHECK(card.idle());
  }

  struct Burst {
    uint64_t address = 0;
    unsigned beats = 0;
    bool operator==(const Burst&) const = default;
  };

  dut::Module<V> module;
  agent::Rng rng;
  agent::StallPolicy stalls, takes;
  AxiHalf none;
  ReadRest rest;
  model::HostMemory space;
  agent::AxiMemory card;  // refuses a burst across 4 KiB
  std::deque<Run> queue;
  std::deque<uint64_t> owed;
  std::vector<Burst> bursts;
  std::vector<bool> errors;
  size_t asked = 0, taken = 0;
  bool valid = false, open = true, flushed = false;
};

template <class V>
void random_run(uint64_t seed, agent::Stall stall) {
  Bench<V> bench(seed, stall);
  constexpr uint64_t kBytes = Bench<V>::kBytes;
  for (unsigned i = 0; i < 100; ++i) {
    const uint64_t at = bench.rng.range(0, 0x8000 / kBytes - 1) * kBytes;
    const uint64_t most = 4096 / kBytes + 1;  // also across a page
    bench.send(
        {.address = at,
         .beats = static_cast<unsigned>(bench.rng.chance(60) ? 1 : bench.rng.range(1, most))});
  }
  bench.finish();
  CHECK(bench.errors == std::vector<bool>(bench.taken, false));
}

template <class V>
void one_per_clock(unsigned beats) {
  Bench<V> bench;
  bench.card.set_latency(dut::Cycles{40}, dut::Cycles{0});
  const unsigned runs = 1024 / beats;
  for (unsigned i = 0; i < runs; ++i) {
    bench.send({.address = uint64_t{i % 8} * beats * Bench<V>::kBytes, .beats = beats});
  }
  const uint64_t start = bench.module.now().value;
  bench.finish();
  CHECK(bench.module.now().value - start <= 1024 + 40 + beats + 30);
}

}  // namespace

TEST_CASE("AXI4 reads of the card bring each run in order, whatever stalls", "[unit][dma][R58]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Slow,
                              agent::Stall::Adversarial);
  random_run<Vcw_dma_axi_read>(1, stall);
  random_run<Vcw_dma_axi_read_w64>(2, stall);
  random_run<Vcw_dma_axi_read_w128>(3, stall);
  random_run<Vcw_dma_axi_read_w512>(4, stall);
}

TEST_CASE("AXI4 reads of the card are one burst each, but for more than 256 beats",
          "[unit][dma][R58]") {
  using Burst256 = Bench<Vcw_dma_axi_read>::Burst;
  using Burst64 = Bench<Vcw_dma_axi_read_w64>::Burst;
  Bench<Vcw_dma_axi_read> wide;
  wide.send({.address = 0xfe0, .beats = 1});
  wide.send({.address = 0x4000, .beats = 128});
  wide.finish();
  CHECK(wide.bursts == std::vector<Burst256>{{0xfe0, 1}, {0x4000, 128}});
  Bench<Vcw_dma_axi_read_w64> narrow;
  narrow.send({.address = 0xff'ffff'f000, .beats = 512});
  narrow.send({.address = 0x17f8, .beats = 257});
  narrow.finish();
  CHECK(narrow.bursts ==
        std::vector<Burst64>{
            {0xff'ffff'f000, 256}, {0xff'ffff'f800, 256}, {0x17f8, 1}, {0x1800, 256}});
}

TEST_CASE("AXI4 reads of one beat and of many come at one beat per clock",
          "[unit][dma][performance]") {
  const unsigned beats = GENERATE(1u, 16u, 64u);
  one_per_clock<Vcw_dma_axi_read>(beats);
  one_per_clock<Vcw_dma_axi_read_w64>(beats);
  one_per_clock<Vcw_dma_axi_read_w512>(beats);
}

TEST_CASE("AXI4 reads of the card tell an error with every beat of the run, and of no other",
          "[unit][dma][R58][R59]") {
  const auto resp = GENERATE(agent::AxiResp::SlvErr, agent::AxiResp::DecErr);
  const uint64_t at = GENERATE(0x2000u, 0x27f8u, 0x2800u);  // in the first burst, in the second
  Bench<Vcw_dma_axi_read_w64> bench;
  bench.card.add_error_range({.base = {at}, .bytes = 4, .resp = resp});
  bench.send({.address = 0x1000, .beats = 2});
  bench.send({.address = 0x2000, .beats = 260});
  bench.send({.address = 0x3000});
  bench.finish();
  std::vector<bool> expected(263, true);
  expected[0] = expected[1] = expected[262] = false;
  CHECK(bench.errors == expected);
}

TEST_CASE("AXI4 reads hand a run on when all of it has come", "[unit][dma][R58]") {
  Bench<Vcw_dma_axi_read> bench(1, agent::Stall::Slow);
  bench.send({.address = 0x1000, .beats = 64});
  size_t come = 0;
  bench.module.run_until(
      [&] {
        come += bench.p().r_valid_i && bench.p().r_ready_o;
        return bench.p().beat_valid_o != 0;
      },
      dut::Cycles{5000});
  CHECK(come == 64);
  bench.finish();
}

TEST_CASE("AXI4 reads are asked for only with room for their answers", "[unit][dma][R57][R58]") {
  Bench<Vcw_dma_axi_read> bench;
  bench.open = false;
  for (unsigned i = 0; i < 6; ++i) bench.send({.address = 0x1000 * (i % 4), .beats = 128});
  bench.module.step(dut::Cycles{2000});
  CHECK(bench.asked == 512);
  CHECK(bench.taken == 0);
  bench.open = true;
  bench.finish();
  CHECK(bench.taken == 6 * 128);
}

TEST_CASE("AXI4 reads of short runs are bounded by their number", "[unit][dma][R57][R58]") {
  Bench<Vcw_dma_axi_read> bench;
  bench.open = false;
  for (unsigned i = 0; i < 100; ++i) bench.send({.address = 32ull * i});
  bench.module.step(dut::Cycles{2000});
  CHECK(bench.asked == 64);
  bench.open = true;
  bench.finish();
}

TEST_CASE("A reset of the engine alone awaits what AXI4 still owes, and hands none of it on",
          "[unit][dma][R43][R58]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  Bench<Vcw_dma_axi_read> bench(1, stall);
  bench.flushed = true;
  bench.card.add_error_range({.base = {0x7000}, .bytes = 0x1000});
  for (unsigned round = 0; round < 40; ++round) {
    for (unsigned i = 0; i < 3; ++i) {
      bench.send({.address = 0x7000, .beats = 20});
      bench.send({.address = 0x4000, .beats = 128});
    }
    bench.module.step(dut::Cycles{bench.rng.range(1, 400)});
    bench.flush();
    bench.send({.address = 0x1000, .beats = 3});
    bench.send({.address = 0x2000, .beats = 1});
    bench.open = false;  // nobody takes what is left; it goes all the same
    bench.module.run_until([&] { return bench.queue.empty(); }, dut::Cycles{20000});
    bench.open = true;
    bench.finish();
    CHECK(bench.errors == std::vector<bool>(4, false));
    bench.errors.clear();
  }
}

TEST_CASE("An AXI4 answer that nobody asked for raises the alarm", "[unit][dma][R58]") {
  Bench<Vcw_dma_axi_read> bench;
  bench.open = false;
  for (unsigned i = 0; i < 4; ++i) bench.send({.address = 0x1000 * i, .beats = 128});
  bench.module.step(dut::Cycles{2000});
  bench.p().r_valid_i = 1;
  CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
}
