// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
#include "Vcw_root_write_join_w64.h"
#include "unit/root_join_bench.hpp"

namespace cw::unit {
namespace {

using Bench = RootJoinBench<Vcw_root_write_join_w64>;
using agent::AxiResp;
using dut::Pending;

TEST_CASE("Writes of two paths all reach memory, each answered to its path, whoever stalls",
          "[unit][root][duo][R31]") {
  uint64_t seed = 1;
  for (const agent::Stall stall : agent::kEveryStall) {
    Bench bench(++seed, stall, {.write_latency = 7_cycles});
    agent::Rng rng(seed, "writes");
    // Memory refuses a piece of one path's part: that path is told, and only it.
    const uint64_t bad = Bench::base(1) + 0x8000;
    bench.port->add_error_range({.base = {bad}, .bytes = 0x8000});
    model::HostMemory expected;
    struct Sent {
      Pending<agent::AxiResult> answer;
      bool refused;
    };
    std::vector<Sent> sent;
    for (unsigned n = 0; n < 200; ++n) {
      const auto path = static_cast<unsigned>(rng.range(0, 1));
      const auto bytes = static_cast<uint32_t>(rng.range(1, 64));
      const uint64_t at = Bench::base(path) + rng.range(0, 15) * 0x1000 + rng.range(0, 0xfc0);
      const auto data = random_bytes(rng, bytes);
      const bool refused = path == 1 && at >= bad;
      if (!refused) expected.write({at}, data);
      sent.push_back({bench.host(path).start_write({at}, data), refused});
    }
    for (Sent& one : sent) {
      CHECK(one.answer.wait(20'000_cycles).resp == (one.refused ? AxiResp::SlvErr : AxiResp::Okay));
    }
    for (unsigned path = 0; path < 2; ++path) {
      for (uint64_t page = 0; page < (path == 1 ? 8 : 16); ++page) {
        const pcie::HostPhysAddr at{Bench::base(path) + page * 0x1000};
        CHECK(bench.memory.read(at, 0x1000) == expected.read(at, 0x1000));
      }
    }
  }
}

TEST_CASE("Two paths that always write have every other burst, and no clock is lost",
          "[unit][root][duo]") {
  constexpr unsigned kBursts = 60, kBeats = 8;
  Bench bench;
  std::vector<Pending<agent::AxiResult>> answers;
  for (unsigned n = 0; n < 2 * kBursts; ++n) {
    answers.push_back(bench.host(n % 2).start_write({Bench::base(n % 2) + 64 * (n / 2)},
                                                    std::vector<uint8_t>(64, 1)));
  }
  const auto begin = bench.module.now();
  for (auto& answer : answers) answer.wait(20'000_cycles);
  CHECK((bench.module.now() - begin).value <= 2 * kBursts * kBeats + 40);
  REQUIRE(bench.turns.size() == 2 * kBursts);
  CHECK(alternate(bench.turns, 0, bench.turns.size()));
}

TEST_CASE("A path that writes alone has every clock, and the other one its turn when it comes",
          "[unit][root][duo]") {
  Bench bench;
  std::vector<Pending<agent::AxiResult>> answers;
  for (unsigned n = 0; n < 40; ++n) {
    answers.push_back(
        bench.host(1).start_write({Bench::base(1) + 64 * n}, std::vector<uint8_t>(64, 2)));
  }
  bench.module.step(100_cycles);
  const size_t before = bench.turns.size();
  bench.host(0).write({Bench::base(0)}, {1});
  // At most those that had been asked for already go first.
  REQUIRE(bench.turns.size() > before);
  CHECK(std::find(bench.turns.begin() + before, bench.turns.end(), 0u) - bench.turns.begin() <=
        static_cast<ptrdiff_t>(before + 2));
  for (auto& answer : answers) answer.wait(2000_cycles);
}

TEST_CASE("A write response for a path that is not there stops the simulation",
          "[unit][root][duo]") {
  Bench bench;
  bench.p.m_b_i = 5 << 2;
  bench.p.m_b_valid_i = 1;
  CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
