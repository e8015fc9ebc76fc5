// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: TimeoutCycles=448
// cw-variant: Tags=5
#include <array>

#include "Vcw_cpl_timeout_tags5.h"
#include "Vcw_cpl_timeout_timeoutcycles448.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/requester_fields.hpp"

using namespace cw;
using namespace cw::unit;
using namespace cw::dut::literals;

namespace {

constexpr unsigned kTags = 32;

// The table of tags is the bench's.
struct Bench : dut::Clocked {
  explicit Bench(unsigned range = 0) {
    lives.fill({.state = TagIdle});
    p().range_i = range;
    p().disable_i = p().forget_i = 0;
    module.kernel().add(*this);
    module.reset();
  }
  ~Bench() override { module.kernel().remove(*this); }
  Vcw_cpl_timeout_timeoutcycles448& p() { return module.pins(); }
  void sample() override {}
  void commit() override { show(); }
  void reset() override { show(); }
  void show() {
    module.settle();
    drive(p().scan_life_i, lives[p().scan_tag_o]);
    module.settle();
  }
  void restart(unsigned tag, unsigned state = TagOpen) {
    lives[tag] = {.state = state, .since = p().now_o};
    show();
  }
  // Clocks until a tag is due.
  uint64_t wait(uint64_t budget) {
    const uint64_t from = module.now().value;
    module.run_until([&] { return p().due_valid_o; }, dut::Cycles{budget});
    return module.now().value - from;
  }
  dut::Module<Vcw_cpl_timeout_timeoutcycles448> module;
  std::array<Life, kTags> lives;
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
  bench.restart(9, GENERATE(unsigned{TagOpen}, unsigned{TagMuted}, unsigned{TagLate},
                            unsigned{TagBanned}, unsigned{TagGone}));
  const uint64_t waited = bench.wait(2 * range.cycles);
  CHECK(waited >= range.cycles);
  CHECK(waited <= range.cycles * 8 / 7 + kTags + 4);
  CHECK(bench.p().due_tag_o == 9);
}

TEST_CASE("a restart begins the period again, and a tag that does not age is never due",
          "[unit][requester][R27]") {
  Bench bench;
  bench.restart(0);
  bench.restart(1);
  bench.module.step(400_cycles);
  bench.restart(1);
  CHECK(bench.wait(200) <= 120 + kTags);
  CHECK(bench.p().due_tag_o == 0);
  bench.restart(0, GENERATE(unsigned{TagIdle}, unsigned{TagClosing}));
  bench.module.step(2_cycles);
  CHECK_FALSE(bench.p().due_valid_o);
  CHECK(bench.wait(600) > 300);
  CHECK(bench.p().due_tag_o == 1);
  bench.lives[1].sent = false;
  bench.module.step(2_cycles);
  CHECK_THROWS_AS(bench.wait(2000), dut::Timeout);
}

TEST_CASE("Completion Timeout Disable spares requests, not the end of a quarantine",
          "[unit][requester][R27]") {
  Bench bench;
  bench.p().disable_i = 1;
  bench.restart(3, GENERATE(unsigned{TagOpen}, unsigned{TagMuted}));
  CHECK_THROWS_AS(bench.wait(2000), dut::Timeout);
  bench.restart(7, GENERATE(unsigned{TagLate}, unsigned{TagBanned}, unsigned{TagGone}));
  CHECK(bench.wait(600) >= 440);
  CHECK(bench.p().due_tag_o == 7);
  bench.restart(7, TagIdle);
  bench.p().disable_i = 0;
  bench.module.step(2_cycles);
  CHECK(bench.wait(600) <= 600);
  CHECK(bench.p().due_tag_o == 3);
}

TEST_CASE("a tag that need not wait is due within a round, and each gets its turn",
          "[unit][requester][R27]") {
  Bench bench;
  for (const unsigned tag : {4u, 8u, 31u}) bench.restart(tag, TagSpent);
  std::array<unsigned, kTags> turns{};
  for (unsigned n = 0; n < 3; ++n) {
    CHECK(bench.wait(kTags + 4) <= kTags + 2);
    ++turns[bench.p().due_tag_o];
    bench.module.step(20_cycles);
    CHECK(bench.p().due_valid_o);  // until it is served
    bench.restart(bench.p().due_tag_o, TagIdle);
    bench.module.step(2_cycles);
  }
  CHECK((turns[4] == 1 && turns[8] == 1 && turns[31] == 1));
}

TEST_CASE("a tag stays old while it waits for several periods", "[unit][requester][R27]") {
  Bench bench;
  bench.restart(5);
  bench.restart(6);
  bench.wait(1000);
  for (unsigned n = 0; n < 6; ++n) {
    bench.module.step(448_cycles);
    CHECK(bench.p().due_valid_o);
  }
  bench.restart(bench.p().due_tag_o, TagIdle);
  bench.module.step(2_cycles);
  CHECK(bench.wait(kTags + 4) <= kTags + 2);
}

TEST_CASE("while a function is reset every tag has its turn in one round",
          "[unit][requester][R43]") {
  Bench bench;
  for (unsigned tag = 0; tag < kTags; ++tag) bench.restart(tag, TagSpent);
  bench.wait(10);
  bench.p().forget_i = 1;
  std::array<bool, kTags> seen{};
  for (unsigned n = 0; n < kTags; ++n) {
    seen[bench.p().scan_tag_o] = true;
    bench.module.step();
    CHECK_FALSE(bench.p().due_valid_o);
  }
  CHECK(std::ranges::count(seen, true) == kTags);
}

TEST_CASE("a shorter range takes effect within a tick", "[unit][requester][R27]") {
  Bench bench(14);
  bench.restart(0);
  bench.module.step(300_cycles);
  bench.p().range_i = 1;
  CHECK(bench.wait(300) <= 150 + kTags);
}

TEST_CASE("seven ticks are a period", "[unit][requester][R27]") {
  Bench bench(1);  // a quarter of 448 clocks
  bench.module.run_until([&] { return bench.p().now_o == 1; }, 100_cycles);
  bench.module.step(640_cycles);
  bench.module.settle();
  CHECK(bench.p().now_o == 41);
}

TEST_CASE("tags of any number are looked at in turn", "[unit][requester][R27]") {
  dut::Module<Vcw_cpl_timeout_tags5> module;
  module.pins().disable_i = module.pins().forget_i = 0;
  drive(module.pins().scan_life_i, Life{.state = TagIdle});
  module.reset();
  for (unsigned n = 0; n < 20; ++n) {
    CHECK(module.pins().scan_tag_o == n % 5);
    module.step();
    module.settle();
  }
}
