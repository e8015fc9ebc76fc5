// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_drain.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw {
namespace {

struct Drain : dut::Module<Vcw_iommu_drain> {
  Drain() {
    pins().accepted_i = pins().retired_i = pins().drain_i = 0;
    reset();
  }
  void clock(unsigned accepted, unsigned retired) {
    pins().accepted_i = accepted;
    pins().retired_i = retired;
    step();
    pins().accepted_i = pins().retired_i = 0;
    settle();
  }
  bool drained(unsigned user = 0) { return pins().drained_o >> user & 1; }
  void ask(unsigned users) {  // no clock yet
    pins().drain_i = users;
    settle();
  }
  void drain(unsigned users) {
    ask(users);
    clock(0, 0);
  }
};

TEST_CASE("A fence waits for what was accepted on both ports before, not for what comes after",
          "[unit][iommu]") {
  Drain drain;
  drain.clock(0b11, 0);
  drain.clock(0b01, 0);
  drain.drain(1);
  CHECK_FALSE(drain.drained());
  drain.clock(0b11, 0b01);
  drain.clock(0, 0b10);
  CHECK_FALSE(drain.drained());
  drain.clock(0, 0b01);
  CHECK(drain.drained());
  drain.clock(0b11, 0b11);
  CHECK(drain.drained());
}

TEST_CASE("A fence with nothing under way is done at once, every time", "[unit][iommu]") {
  Drain drain;
  for (unsigned n = 0; n < 3000; n++) {  // past the counters' range
    drain.drain(1);
    REQUIRE(drain.drained());
    drain.drain(0);
    REQUIRE_FALSE(drain.drained());
    drain.ask(1);  // the mark of the fence before still stands
    REQUIRE_FALSE(drain.drained());
    drain.ask(0);
    drain.clock(1, 0);
    drain.drain(1);
    REQUIRE_FALSE(drain.drained());
    drain.clock(0, 1);
    REQUIRE(drain.drained());
    drain.ask(0);
    REQUIRE_FALSE(drain.drained());
    drain.drain(0);
  }
}

TEST_CASE("A fence that waits for one port is done however much the other one has done meanwhile",
          "[unit][iommu]") {
  const unsigned slow = GENERATE(0u, 1u);
  Drain drain;
  drain.clock(0b11, 0);
  drain.drain(1);
  for (unsigned n = 0; n < 2100; ++n) {  // past the counters' range, twice
    drain.clock(0b10 >> slow, 0b10 >> slow);
    REQUIRE_FALSE(drain.drained());
    if (n % 97 != 0) continue;
    Drain ended;
    ended.clock(0b11, 0);
    ended.drain(1);
    for (unsigned m = 0; m <= n; ++m) ended.clock(0b10 >> slow, 0b10 >> slow);
    ended.clock(0, 1u << slow);
    REQUIRE(ended.drained());
  }
}

TEST_CASE("Each user has its own mark", "[unit][iommu]") {
  Drain drain;
  drain.clock(1, 0);
  drain.drain(0b01);
  drain.clock(1, 0);
  drain.drain(0b11);
  drain.clock(0, 1);
  CHECK(drain.drained(0));
  CHECK_FALSE(drain.drained(1));
  drain.clock(0, 1);
  CHECK(drain.drained(1));
}

TEST_CASE("A request that retires without having been accepted stops the simulation",
          "[unit][iommu]") {
  Drain drain;
  drain.pins().retired_i = 0b10;
  CHECK_THROWS_AS(drain.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw
