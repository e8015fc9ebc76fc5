// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Tags=5
// cw-variant: Tags=64
// cw-variant: Tags=256
#include <deque>
#include <vector>

#include "Vcw_tag_pool.h"
#include "Vcw_tag_pool_tags256.h"
#include "Vcw_tag_pool_tags5.h"
#include "Vcw_tag_pool_tags64.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

using namespace cw;

namespace {

template <class V>
struct Pool : dut::Module<V> {
  using dut::Module<V>::pins;
  std::vector<unsigned> cleared;

  explicit Pool(uint64_t seed = 1, bool wide = true) : dut::Module<V>(seed) {
    pins().alloc_ready_i = pins().free_valid_i = 0;
    pins().wide_i = wide;
    this->reset();
    this->settle();
    while (pins().clear_valid_o) {
      CHECK_FALSE(pins().alloc_valid_o);
      cleared.push_back(pins().clear_tag_o);
      tick();
    }
  }
  void tick() {
    this->step();
    pins().alloc_ready_i = pins().free_valid_i = 0;
    this->settle();
  }
  unsigned take() {
    REQUIRE(pins().alloc_valid_o);
    const unsigned tag = pins().alloc_tag_o;
    pins().alloc_ready_i = 1;
    tick();
    return tag;
  }
  void give(unsigned tag) {
    pins().free_tag_i = tag;
    pins().free_valid_i = 1;
  }
  void give_back(unsigned tag) {
    give(tag);
    tick();
  }
};
using Pool32 = Pool<Vcw_tag_pool>;
using Pool64 = Pool<Vcw_tag_pool_tags64>;

template <class V>
void all_once(unsigned tags) {
  Pool<V> pool;
  REQUIRE(pool.cleared.size() == tags);
  for (unsigned tag = 0; tag < tags; ++tag) {
    CHECK(pool.cleared[tag] == tag);
    CHECK(pool.take() == tag);
  }
  CHECK_FALSE(pool.pins().alloc_valid_o);
}

// A queue is the model.
template <class V>
void any_mix(uint64_t seed, unsigned tags, unsigned take_percent) {
  Pool<V> pool(seed);
  agent::Rng rng(seed, "pool");
  std::deque<unsigned> idle(tags);
  std::iota(idle.begin(), idle.end(), 0u);
  std::vector<unsigned> used;
  for (unsigned cycle = 0; cycle < 5000; ++cycle) {
    REQUIRE(pool.pins().alloc_valid_o == !idle.empty());
    std::optional<unsigned> freed;
    if (!used.empty() && rng.chance(50)) {
      const size_t at = rng.range(0, used.size() - 1);
      freed = used[at];
      used.erase(used.begin() + static_cast<ptrdiff_t>(at));
      pool.give(*freed);
    }
    if (!idle.empty() && rng.chance(take_percent)) {
      REQUIRE(pool.pins().alloc_tag_o == idle.front());
      pool.pins().alloc_ready_i = 1;
      used.push_back(idle.front());
      idle.pop_front();
    }
    if (freed) idle.push_back(*freed);
    pool.tick();
  }
}

}  // namespace

TEST_CASE("every tag is cleared and then handed out once, one a clock", "[unit][requester][R12]") {
  all_once<Vcw_tag_pool_tags5>(5);
  all_once<Vcw_tag_pool>(32);
  all_once<Vcw_tag_pool_tags64>(64);
  all_once<Vcw_tag_pool_tags256>(256);
}

TEST_CASE("the tag given back last is used again last, whatever the mix of taking and freeing",
          "[unit][requester][R12][R28]") {
  const auto percent = GENERATE(30u, 50u, 70u);
  any_mix<Vcw_tag_pool>(1, 32, percent);
  any_mix<Vcw_tag_pool_tags5>(3, 5, percent);
  any_mix<Vcw_tag_pool_tags256>(2, 256, percent);
}

TEST_CASE("without wide tags the upper ones stay away, and those in use come back",
          "[unit][requester][R12]") {
  Pool64 pool;
  for (unsigned i = 0; i < 40; ++i) pool.take();
  pool.pins().wide_i = 0;
  pool.settle();
  CHECK_FALSE(pool.pins().alloc_valid_o);
  for (const unsigned tag : {35u, 39u}) {
    pool.give_back(tag);
    CHECK_FALSE(pool.pins().alloc_valid_o);
  }
  pool.give_back(7);
  for (unsigned i = 0; i < 70 && !pool.pins().alloc_valid_o; ++i) pool.tick();
  CHECK(pool.take() == 7);
  for (unsigned i = 0; i < 70; ++i) {
    pool.tick();
    CHECK_FALSE(pool.pins().alloc_valid_o);
  }
  pool.pins().wide_i = 1;
  pool.settle();
  std::vector<bool> seen(64);
  for (unsigned i = 0; i < 26; ++i) {  // 40 to 63, 35, 39: none was lost on the way
    const unsigned tag = pool.take();
    CHECK(tag >= 35);
    CHECK_FALSE(seen[tag]);
    seen[tag] = true;
  }
  CHECK_FALSE(pool.pins().alloc_valid_o);
}

TEST_CASE("narrow tags come round from behind the wide ones, all idle or not",
          "[unit][requester][R12]") {
  Pool64 pool;
  for (unsigned i = 0; i < 32; ++i) pool.take();
  for (unsigned tag = 0; tag < 32; ++tag) pool.give_back(tag);  // the upper ones are next
  pool.pins().wide_i = 0;
  pool.settle();
  for (unsigned round = 0; round < 3; ++round) {
    for (unsigned tag = 0; tag < 32; ++tag) {
      for (unsigned i = 0; i < 70 && !pool.pins().alloc_valid_o; ++i) pool.tick();
      CHECK(pool.take() == tag);
    }
    for (unsigned tag = 0; tag < 32; ++tag) pool.give_back(tag);
  }
}

TEST_CASE("tags are cleared narrow or wide, and again with every reset", "[unit][requester][R12]") {
  Pool64 pool(GENERATE(1u, 2u, 3u), /*wide=*/false);
  for (unsigned tag = 0; tag < 32; ++tag) CHECK(pool.take() == tag);
  CHECK_FALSE(pool.pins().alloc_valid_o);
  pool.pins().wide_i = 1;
  pool.settle();
  CHECK(pool.take() >= 32);
  pool.reset();
  pool.settle();
  for (unsigned tag = 0; tag < 64; ++tag) {
    CHECK(pool.pins().clear_valid_o);
    CHECK(pool.pins().clear_tag_o == tag);
    CHECK_FALSE(pool.pins().alloc_valid_o);
    pool.tick();
  }
  for (unsigned tag = 0; tag < 64; ++tag) CHECK(pool.take() == tag);
}

TEST_CASE("a tag freed while none is in use is an alarm", "[unit][requester][R28]") {
  Pool32 pool;
  pool.give(3);
  CHECK_THROWS_AS(pool.step(), dut::AssertionFailed);
}

TEST_CASE("a tag taken where there is none is an alarm", "[unit][requester][R12]") {
  Pool32 pool;
  for (unsigned i = 0; i < 32; ++i) pool.take();
  pool.pins().alloc_ready_i = 1;
  CHECK_THROWS_AS(pool.step(), dut::AssertionFailed);
}
