// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64 Beats=4
#include <deque>

#include "Vcw_read_room.h"
#include "Vcw_read_room_w64_beats4.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

using namespace cw::dut::literals;

template <class V>
struct Bench {
  Bench() {
    quiet();
    module.reset();
  }
  void quiet() {
    p.asked_i = p.answer_valid_i = p.regs_valid_i = p.atomic_valid_i = p.dword_valid_i = 0;
    p.data_taken_i = 0;
  }
  dut::Module<V> module{1};
  V& p = module.pins();
};

template <class V, unsigned kBeats>
void check_random() {
  Bench<V> bench;
  V& p = bench.p;
  agent::Rng rng(1, "room");
  unsigned held = 0, coming = 0, waiting = 0, full = 0;
  for (unsigned i = 0; i < 3000; ++i) {
    bench.quiet();
    bench.module.settle();
    REQUIRE(p.room_o == (held < kBeats));
    REQUIRE(p.room_two_o == (held + 2 <= kBeats));
    REQUIRE(p.drained_o == (coming == 0));
    full += held == kBeats;
    const uint32_t mark = rng.u32();
    const auto give = [&](auto& data, auto& valid) {
      dut::clear_bits(data);
      dut::set_bits(data, 0, 32, mark);
      valid = 1;
    };
    const bool room = held < kBeats;
    bool arrives = false;
    if (coming && rng.chance(40)) {
      give(p.answer_data_i, p.answer_valid_i);
      --coming;
      arrives = true;
      if (room && rng.chance(50)) p.asked_i = 1;
    } else if (room && coming == 0 && rng.chance(30)) {
      switch (rng.range(0, 2)) {
        case 0:
          give(p.regs_data_i, p.regs_valid_i);
          break;
        case 1:
          give(p.atomic_data_i, p.atomic_valid_i);
          break;
        default:
          p.dword_i = mark;
          p.dword_valid_i = 1;
      }
      arrives = true;
      ++held;
    } else if (room && rng.chance(60)) {
      p.asked_i = 1;
    }
    held += p.asked_i;
    coming += p.asked_i;
    if (waiting && rng.chance(30)) {
      p.data_taken_i = 1;
      --waiting;
      --held;
    }
    waiting += arrives;
    bench.module.settle();
    REQUIRE(p.data_valid_o == arrives);
    if (arrives) REQUIRE(dut::get_bits(p.data_o, 0, 32) == mark);
    bench.module.step();
  }
  CHECK(full > 100);
}

}  // namespace

TEST_CASE("room is what is neither promised nor waiting, and every source has its beats",
          "[unit][endpoint][R31]") {
  check_random<Vcw_read_room, 16>();
  check_random<Vcw_read_room_w64_beats4, 4>();
}

TEST_CASE("a beat that was not asked for, or without room, raises the alarm", "[unit][endpoint]") {
  Bench<Vcw_read_room_w64_beats4> bench;
  SECTION("not asked for") {
    bench.p.answer_valid_i = 1;
    CHECK_THROWS_AS(bench.module.step(2_cycles), dut::AssertionFailed);
  }
  SECTION("no room") {
    bench.p.asked_i = 1;
    bench.module.step(4_cycles);
    CHECK_THROWS_AS(bench.module.step(2_cycles), dut::AssertionFailed);
  }
  SECTION("out of order") {
    bench.p.asked_i = 1;
    bench.module.step(2_cycles);
    bench.p.asked_i = 0;
    bench.p.regs_valid_i = 1;
    CHECK_THROWS_AS(bench.module.step(2_cycles), dut::AssertionFailed);
  }
}

}  // namespace cw::unit
