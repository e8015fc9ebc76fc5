// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Tags=64
#include <array>

#include "Vcw_tag_pool.h"
#include "Vcw_tag_pool_tags64.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/requester_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Pool {
  explicit Pool(uint64_t seed = 1) : module(seed) {
    p().alloc_ready_i = p().move_valid_i = p().free_valid_i = p().forget_i = 0;
    p().wide_i = 1;
    module.reset();
    module.settle();
  }
  Vcw_tag_pool& p() { return module.pins(); }
  unsigned state(unsigned tag) { return dut::get_bits(p().state_o, tag * 3, 3); }
  void step() {
    module.step();
    p().alloc_ready_i = p().move_valid_i = p().free_valid_i = p().forget_i = 0;
    module.settle();
  }
  unsigned take() {
    REQUIRE(p().alloc_valid_o);
    const unsigned tag = p().alloc_tag_o;
    p().alloc_ready_i = 1;
    step();
    return tag;
  }
  void move(unsigned tag, unsigned to) {
    p().move_tag_i = tag;
    p().move_state_i = to;
    p().move_valid_i = 1;
  }
  void free(unsigned tag) {
    p().free_tag_i = tag;
    p().free_valid_i = 1;
  }
  dut::Module<Vcw_tag_pool> module;
};

}  // namespace

TEST_CASE("32 tags are handed out, one a clock, and no more", "[unit][requester][R12]") {
  Pool pool;
  for (unsigned i = 0; i < 32; ++i) CHECK(pool.take() == i);
  CHECK_FALSE(pool.p().alloc_valid_o);
}

TEST_CASE("the tag given back last is used again last", "[unit][requester][R28]") {
  Pool pool;
  const unsigned first = pool.take();
  pool.free(first);
  pool.step();
  for (unsigned i = 0; i < 31; ++i) CHECK(pool.take() != first);
  CHECK(pool.take() == first);
}

TEST_CASE("a quarantined tag is not handed out", "[unit][requester][R27]") {
  const auto quarantine = GENERATE(TagLate, TagBanned, TagMuted, TagSpent, TagClosing);
  Pool pool;
  const unsigned tag = pool.take();
  pool.move(tag, quarantine);
  pool.step();
  CHECK(pool.state(tag) == quarantine);
  for (unsigned i = 0; i < 31; ++i) pool.take();
  CHECK_FALSE(pool.p().alloc_valid_o);
  pool.free(tag);
  pool.step();
  CHECK(pool.take() == tag);
}

TEST_CASE("states follow any mix of taking, moving and freeing in one clock",
          "[unit][requester][R12][R28]") {
  Pool pool(7);
  agent::Rng rng(7, "pool");
  std::array<unsigned, 32> model{};
  for (unsigned cycle = 0; cycle < 3000; ++cycle) {
    const unsigned moved = rng.range(0, 31), freed = rng.range(0, 31);
    if (pool.p().alloc_valid_o && rng.chance(50)) {
      REQUIRE(model[pool.p().alloc_tag_o] == TagIdle);
      pool.p().alloc_ready_i = 1;
    }
    const unsigned taken = pool.p().alloc_tag_o;
    const bool take = pool.p().alloc_ready_i;
    if (model[moved] != TagIdle && rng.chance(50)) {
      pool.move(moved, model[moved] = rng.range(TagClosing, TagSpent));
    }
    if (model[freed] != TagIdle && freed != moved && rng.chance(80)) {
      pool.free(freed);
      model[freed] = TagIdle;
    }
    if (take) model[taken] = TagOpen;
    pool.step();
    for (unsigned tag = 0; tag < 32; ++tag) REQUIRE(pool.state(tag) == model[tag]);
  }
}

TEST_CASE("without wide tags the upper ones stay away, and those in use come back",
          "[unit][requester][R12]") {
  dut::Module<Vcw_tag_pool_tags64> module;
  auto& p = module.pins();
  p.alloc_ready_i = p.move_valid_i = p.free_valid_i = p.forget_i = 0;
  p.wide_i = 1;
  module.reset();
  p.alloc_ready_i = 1;
  module.step(dut::Cycles{40});
  p.wide_i = 0;
  module.settle();
  CHECK_FALSE(p.alloc_valid_o);
  p.alloc_ready_i = 0;
  for (const unsigned tag : {35u, 32u}) {
    p.free_valid_i = 1;
    p.free_tag_i = tag;
    module.step();
    p.free_valid_i = 0;
    module.settle();
    CHECK_FALSE(p.alloc_valid_o);
  }
  p.wide_i = 1;
  module.settle();
  CHECK(p.alloc_valid_o);
}

TEST_CASE("forgetting gives up what is waited for, and nothing else",
          "[unit][requester][R28][R43]") {
  Pool pool;
  for (unsigned tag = 0; tag < 32; ++tag) pool.take();
  for (unsigned state = TagClosing; state <= TagGone; ++state) {
    pool.move(state, state);
    pool.step();
  }
  pool.free(20);
  pool.step();
  pool.p().forget_i = 1;
  pool.free(21);  // its last answer is taken just now
  pool.step();
  CHECK(pool.state(0) == TagGone);
  CHECK(pool.state(TagClosing) == TagSpent);
  CHECK(pool.state(TagMuted) == TagGone);
  CHECK(pool.state(TagLate) == TagGone);
  CHECK(pool.state(TagBanned) == TagBanned);
  CHECK(pool.state(TagSpent) == TagSpent);
  CHECK(pool.state(TagGone) == TagGone);
  CHECK(pool.state(20) == TagIdle);
  CHECK(pool.state(21) == TagIdle);
}

TEST_CASE("a tag freed twice, or moved while idle, is an alarm", "[unit][requester][R28]") {
  Pool pool;
  SECTION("freed") { pool.free(3); }
  SECTION("moved") { pool.move(3, TagLate); }
  SECTION("moved to idle") {
    pool.take();
    pool.move(0, TagIdle);
  }
  CHECK_THROWS_AS(pool.step(), dut::AssertionFailed);
}
