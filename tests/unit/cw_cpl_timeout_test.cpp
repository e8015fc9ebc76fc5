// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: TimeoutCycles=448
#include "Vcw_cpl_timeout_timeoutcycles448.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"

using namespace cw;
using namespace cw::dut::literals;

namespace {

struct Bench {
  explicit Bench(unsigned range = 0) {
    p().range_i = range;
    p().age_i = p().now_i = p().restart_i = 0;
    module.reset();
  }
  Vcw_cpl_timeout_timeoutcycles448& p() { return module.pins(); }
  void restart(uint32_t tags) {
    p().restart_i = tags;
    module.step();
    p().restart_i = 0;
  }
  // Clocks until a tag is due.
  uint64_t wait(uint64_t budget) {
    const uint64_t from = module.now().value;
    module.run_until([&] { return p().due_valid_o; }, dut::Cycles{budget});
    return module.now().value - from;
  }
  dut::Module<Vcw_cpl_timeout_timeoutcycles448> module;
};

}  // namespace

TEST_CASE("a tag is due after its period, never early", "[unit][requester][R27]") {
  struct Range {
    unsigned encoding;
    uint64_t cycles;
  };
  const auto range =
      GENERATE(Range{0, 448}, Range{1, 112}, Range{2, 448 * 16}, Range{5, 448 * 128});
  const auto phase = GENERATE(0u, 1u, 30u, 63u);
  Bench bench(range.encoding);
  bench.module.step(dut::Cycles{phase});
  bench.p().age_i = 1u << 9;
  bench.restart(1u << 9);
  const uint64_t waited = bench.wait(2 * range.cycles);
  CHECK(waited >= range.cycles);
  CHECK(waited <= range.cycles * 8 / 7 + 4);
  CHECK(bench.p().due_tag_o == 9);
}

TEST_CASE("a restart begins the period again, and a tag that does not age is never due",
          "[unit][requester][R27]") {
  Bench bench;
  bench.p().age_i = 3;
  bench.restart(3);
  bench.module.step(400_cycles);
  bench.restart(2);
  CHECK(bench.wait(200) <= 120);
  CHECK(bench.p().due_tag_o == 0);
  bench.p().age_i = 2;
  bench.module.settle();
  CHECK_FALSE(bench.p().due_valid_o);
  CHECK(bench.wait(600) > 300);
  CHECK(bench.p().due_tag_o == 1);
  bench.p().age_i = 0;
  CHECK_THROWS_AS(bench.wait(2000), dut::Timeout);
}

TEST_CASE("a tag that need not wait is due at once, and each gets its turn",
          "[unit][requester][R27]") {
  Bench bench;
  bench.p().now_i = 0x8000'0110;
  for (const unsigned tag : {4u, 8u, 31u}) {
    CHECK(bench.wait(4) <= 2);
    CHECK(bench.p().due_tag_o == tag);
    bench.p().now_i &= ~(1u << tag);
    bench.module.settle();
    CHECK_FALSE(bench.p().due_valid_o);
  }
}

TEST_CASE("a shorter range takes effect within a tick", "[unit][requester][R27]") {
  Bench bench(14);
  bench.p().age_i = 1;
  bench.restart(1);
  bench.module.step(300_cycles);
  bench.p().range_i = 1;
  CHECK(bench.wait(300) <= 150);
}
