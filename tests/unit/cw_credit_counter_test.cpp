// SPDX-License-Identifier: Apache-2.0
#include "Vcw_credit_counter.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

struct Credits : dut::Module<Vcw_credit_counter> {
  Credits() {
    pins().limit_i = pins().infinite_i = pins().need_i = pins().consume_i = 0;
    reset();
  }
  bool ok(unsigned need) {
    pins().need_i = need;
    settle();
    return pins().ok_o;
  }
  void consume(unsigned need) {
    pins().need_i = need;
    pins().consume_i = 1;
    step();
    pins().consume_i = 0;
    settle();
  }
};

TEST_CASE("Credit gate opens exactly up to the limit", "[unit][port][R35]") {
  Credits credits;
  credits.pins().limit_i = 10;
  CHECK(credits.ok(10));
  CHECK_FALSE(credits.ok(11));
  credits.consume(7);
  CHECK(credits.pins().consumed_o == 7);
  CHECK(credits.ok(3));
  CHECK_FALSE(credits.ok(4));
  CHECK(credits.ok(0));
  CHECK(credits.ok(2));
  credits.step();  // asked for, not sent
  CHECK(credits.pins().consumed_o == 7);
}

TEST_CASE("Credit counter agrees with plain integers over many wraps", "[unit][port][R35]") {
  Credits credits;
  agent::Rng rng(4, "credits");
  uint64_t consumed = 0, limit = 0;
  bool agrees = true;
  for (int i = 0; i < 5000; ++i) {
    if (rng.chance(40)) limit += rng.range(0, 2047 - (limit - consumed));
    credits.pins().limit_i = limit % 4096;
    const auto need = static_cast<unsigned>(rng.range(0, 256));
    const bool ok = credits.ok(need);
    agrees &= ok == (consumed + need <= limit);
    if (!ok || !agrees) continue;
    credits.consume(need);
    consumed += need;
    agrees &= credits.pins().consumed_o == consumed % 4096;
  }
  CHECK(agrees);
  CHECK(consumed > 3 * 4096);
}

TEST_CASE("A limit 2048 ahead is credit and one 2049 ahead is none", "[unit][port][R35]") {
  Credits credits;
  credits.pins().limit_i = 2048;
  CHECK(credits.ok(0));
  credits.pins().limit_i = 2049;
  CHECK_FALSE(credits.ok(0));
  CHECK(credits.ok(1));
}

TEST_CASE("Infinite credit never closes the gate and still counts", "[unit][port][R35]") {
  Credits credits;
  credits.pins().infinite_i = 1;
  for (int i = 0; i < 20; ++i) {
    CHECK(credits.ok(256));
    credits.consume(256);
  }
  CHECK(credits.pins().consumed_o == 20 * 256 % 4096);
}

TEST_CASE("Credit gate alarms at a TLP that leaves without credit", "[unit][port][R35]") {
  Credits credits;
  credits.pins().limit_i = 3;
  CHECK_THROWS_AS(credits.consume(4), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
