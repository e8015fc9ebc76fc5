// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64 RoomBeats=32
#include "Vcw_root_read_join_w64_roombeats32.h"
#include "unit/root_join_bench.hpp"

namespace cw::unit {
namespace {

using Bench = RootJoinBench<Vcw_root_read_join_w64_roombeats32>;
using agent::AxiResp;
using dut::Pending;

constexpr unsigned kRoomBeats = 32;

void fill(Bench& bench, agent::Rng& rng) {
  for (unsigned path = 0; path < 2; ++path) {
    bench.memory.write({Bench::base(path)}, random_bytes(rng, Bench::kBytes));
  }
}

TEST_CASE("Reads of two paths get their own data, in any order between them, whoever stalls",
          "[unit][root][duo][R31]") {
  uint64_t seed = 10;
  for (const agent::Stall stall : agent::kEveryStall) {
    for (const bool reorder : {false, true}) {
      Bench bench(++seed, stall, {.read_latency = 20_cycles, .reorder = reorder});
      agent::Rng rng(seed, "reads");
      fill(bench, rng);
      const uint64_t bad = Bench::base(0) + 0xc000;
      bench.port->add_error_range({.base = {bad}, .bytes = 0x4000});
      struct Asked {
        Pending<agent::AxiResult> answer;
        uint64_t at;
        uint32_t bytes;
      };
      std::vector<Asked> asked;
      for (unsigned n = 0; n < 200; ++n) {
        const auto path = static_cast<unsigned>(rng.range(0, 1));
        const auto bytes = static_cast<uint32_t>(rng.range(1, 64));
        const uint64_t at = Bench::base(path) + rng.range(0, 15) * 0x1000 + rng.range(0, 0xfc0);
        asked.push_back({bench.host(path).start_read({at}, bytes), at, bytes});
      }
      for (Asked& one : asked) {
        const auto result = one.answer.wait(20'000_cycles);
        const bool refused = one.at >= bad && one.at < Bench::base(1);
        CHECK(result.resp == (refused ? AxiResp::SlvErr : AxiResp::Okay));
        if (!refused) CHECK(result.data == bench.memory.read({one.at}, one.bytes));
      }
    }
  }
}

TEST_CASE("Two paths that always read have every other burst, and no clock is lost",
          "[unit][root][duo]") {
  constexpr unsigned kBursts = 60, kBeats = 8;
  Bench bench(1, agent::Stall::None, {.read_latency = 4_cycles});
  std::vector<Pending<agent::AxiResult>> answers;
  for (unsigned n = 0; n < 2 * kBursts; ++n) {
    answers.push_back(bench.host(n % 2).start_read({Bench::base(n % 2) + 64 * (n / 2)}, 64));
  }
  const auto begin = bench.module.now();
  for (auto& answer : answers) answer.wait(20'000_cycles);
  CHECK((bench.module.now() - begin).value <= 2 * kBursts * kBeats + 40);
  REQUIRE(bench.read_turns.size() == 2 * kBursts);
  CHECK(alternate(bench.read_turns, 0, bench.read_turns.size()));
}

TEST_CASE("A path that takes nothing is asked for what it has room for, and holds up nobody",
          "[unit][root][duo][R31]") {
  constexpr unsigned kBeats = 8;
  const unsigned stuck = GENERATE(0u, 1u);
  Bench bench(1, agent::Stall::None, {.read_latency = 4_cycles});
  agent::Rng rng(3, "data");
  fill(bench, rng);
  // Between the module and the path: it sees nothing, and takes nothing.
  uint8_t closed = 0;
  bench.arrays.output(closed, 1, 0, bench.paths[stuck].r_valid);
  bench.arrays.input(bench.p.s_r_ready_i, 1, stuck, closed);
  std::vector<Pending<agent::AxiResult>> waiting, answers;
  for (unsigned n = 0; n < 20; ++n) {
    waiting.push_back(bench.host(stuck).start_read({Bench::base(stuck) + 64 * n}, 64));
  }
  bench.module.step(400_cycles);
  CHECK(std::count(bench.read_turns.begin(), bench.read_turns.end(), stuck) == kRoomBeats / kBeats);

  const auto begin = bench.module.now();
  for (unsigned n = 0; n < 100; ++n) {
    answers.push_back(bench.host(1 - stuck).start_read({Bench::base(1 - stuck) + 64 * n}, 64));
  }
  for (unsigned n = 0; n < 100; ++n) {
    CHECK(answers[n].wait(2000_cycles).data ==
          bench.memory.read({Bench::base(1 - stuck) + 64 * n}, 64));
  }
  CHECK((bench.module.now() - begin).value <= 100 * kBeats + 40);
  CHECK(bench.port->idle());
}

TEST_CASE("Read data that no path asked for stop the simulation", "[unit][root][duo]") {
  Bench bench;
  bench.p.m_r_id_i = static_cast<uint8_t>(GENERATE(0, 1, 2));
  bench.p.m_r_valid_i = 1;
  CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
