// SPDX-License-Identifier: Apache-2.0
//
// The gate opens for a TLP exactly when the posted TLPs that arrived before it have left.
// cw-variant: Completions=1 Posted=4 Depth=64
#include <deque>

#include "Vcw_order_gate.h"
#include "Vcw_order_gate_completions1_posted4_depth64.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

using namespace cw;
using namespace cw::dut::literals;

namespace {

using NonPostedGate = Vcw_order_gate;
using CompletionGate = Vcw_order_gate_completions1_posted4_depth64;

struct Waiting {
  uint64_t posted_before = 0;
  bool relaxed = false;
};

// How likely each side acts in a clock, per cent.
struct Rates {
  unsigned posted_in, posted_out, in, out;
};

template <class V>
struct Bench {
  explicit Bench(uint64_t seed = 1) : module(seed), p(module.pins()) {
    idle();
    module.reset();
  }
  void idle() {
    p.posted_in_i = p.posted_out_i = p.in_i = p.out_i = p.relaxed_i = p.in_relaxed_i = 0;
  }
  void clock() {
    module.step();
    idle();
    module.settle();
  }

  dut::Module<V> module;
  V& p;
};

// How many left before their posted TLPs did.
template <class V>
uint64_t random_traffic(uint64_t seed, Rates rates, unsigned posted, unsigned depth,
                        bool may_relax) {
  Bench<V> bench(seed);
  agent::Rng rng(seed, "ops");
  std::deque<Waiting> queue;
  uint64_t arrived = 0, left = 0, overtakes = 0;
  for (int n = 0; n < 4'000; ++n) {
    bench.p.relaxed_i = queue.empty() ? rng.chance(50) : queue.front().relaxed;
    bench.module.settle();
    if (!queue.empty()) {
      const bool free = queue.front().posted_before <= left;
      REQUIRE(bool(bench.p.pass_o) == (free || (may_relax && queue.front().relaxed)));
      bench.p.out_i = bench.p.pass_o && rng.chance(rates.out);
      overtakes += bench.p.out_i && !free;
    }
    bench.p.in_i = queue.size() < depth && rng.chance(rates.in);
    bench.p.in_relaxed_i = rng.chance(40);
    bench.p.posted_in_i = arrived - left < posted && rng.chance(rates.posted_in);
    bench.p.posted_out_i = arrived != left && rng.chance(rates.posted_out);
    if (bench.p.in_i) queue.push_back({arrived, bool(bench.p.in_relaxed_i)});
    if (bench.p.out_i) queue.pop_front();
    arrived += bench.p.posted_in_i;
    left += bench.p.posted_out_i;
    bench.clock();
  }
  return overtakes;
}

constexpr Rates kRates[] = {{50, 50, 50, 50}, {60, 15, 30, 90}, {20, 90, 90, 30}, {90, 90, 90, 90}};

}  // namespace

TEST_CASE("Order gate holds non-posted TLPs behind posted ones, relaxed or not",
          "[unit][port][R30]") {
  uint64_t seed = 1;
  for (const Rates& rates : kRates) {
    CHECK(random_traffic<NonPostedGate>(++seed, rates, 16, 16, false) == 0);
  }
}

TEST_CASE("Order gate holds completions behind posted TLPs unless they are relaxed",
          "[unit][port][R30]") {
  uint64_t seed = 10;
  uint64_t overtakes = 0;
  for (const Rates& rates : kRates) {
    overtakes += random_traffic<CompletionGate>(++seed, rates, 4, 64, true);
  }
  CHECK(overtakes > 100);
}

TEST_CASE("Order gate keeps its count when a stalled queue lets posted TLPs by without end",
          "[unit][port][R30]") {
  Bench<NonPostedGate> bench;
  bench.p.posted_in_i = 1;
  bench.clock();
  bench.p.in_i = 1;  // waits for one
  bench.clock();
  CHECK_FALSE(bench.p.pass_o);
  for (int n = 0; n < 10'000; ++n) {
    bench.p.posted_in_i = bench.p.posted_out_i = 1;
    bench.clock();
    REQUIRE(bench.p.pass_o);
  }
  bench.p.out_i = 1;
  bench.clock();
  CHECK_FALSE(bench.p.pass_o);  // nothing else waits
}

TEST_CASE("Order gate's alarm rings when a TLP leaves that had to wait", "[unit][port][R30]") {
  Bench<NonPostedGate> bench;
  bench.p.posted_in_i = 1;
  bench.clock();
  bench.p.in_i = 1;
  bench.clock();
  bench.p.out_i = 1;
  CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
}
