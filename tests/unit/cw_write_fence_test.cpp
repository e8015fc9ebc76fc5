// SPDX-License-Identifier: Apache-2.0
#include "Vcw_write_fence.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

using namespace cw;

namespace {

struct Fence {
  Fence() {
    p().p_taken_i = p().p_done_i = p().valid_i = p().take_i = 0;
    module.reset();
  }
  Vcw_write_fence& p() { return module.pins(); }
  bool passes() {
    module.settle();
    return p().pass_o;
  }
  void write_taken() { p().p_taken_i = (p().p_taken_i + 1) & 15; }
  void write_done() { p().p_done_i = (p().p_done_i + 1) & 15; }
  dut::Module<Vcw_write_fence> module{1};
};

}  // namespace

TEST_CASE("a request passes at once when no write is in flight", "[unit][endpoint][R30]") {
  Fence fence;
  fence.p().valid_i = 1;
  CHECK(fence.passes());
}

TEST_CASE("a request waits for the writes before it and for no others",
          "[unit][endpoint][R06][R30]") {
  Fence fence;
  fence.write_taken();
  fence.write_taken();
  fence.p().valid_i = 1;
  CHECK_FALSE(fence.passes());
  fence.module.step();
  fence.write_taken();
  fence.write_done();
  CHECK_FALSE(fence.passes());
  fence.module.step();
  fence.write_taken();
  fence.write_done();
  CHECK(fence.passes());
  fence.module.step();
  fence.write_done();
  CHECK(fence.passes());  // and stays passed until it is taken
}

TEST_CASE("the request after one that has passed waits for its own writes",
          "[unit][endpoint][R30]") {
  Fence fence;
  fence.p().valid_i = 1;
  fence.p().take_i = 1;
  CHECK(fence.passes());
  fence.module.step();
  fence.p().take_i = 0;
  fence.write_taken();
  CHECK_FALSE(fence.passes());
}

TEST_CASE("an endless stream of writes does not hold a request back", "[unit][endpoint][R30]") {
  Fence fence;
  agent::Rng rng(3, "writes");
  unsigned in_flight = 0;
  unsigned waited = 0;
  for (unsigned i = 0; i < 5000; ++i) {
    fence.p().take_i = 0;
    fence.p().valid_i = 1;
    const bool pass = fence.passes();
    fence.p().take_i = pass;
    waited = pass ? 0 : waited + 1;
    REQUIRE(waited < 200);
    fence.module.step();
    const bool more = in_flight < 6;
    const bool done = in_flight > 3 || (in_flight > 0 && rng.chance(20));
    if (more) fence.write_taken();
    if (done) fence.write_done();
    in_flight += more - done;
  }
}

TEST_CASE("to take a request that waits raises the alarm", "[unit][endpoint]") {
  Fence fence;
  fence.write_taken();
  fence.p().valid_i = fence.p().take_i = 1;
  CHECK_THROWS_AS(fence.module.step(), dut::AssertionFailed);
}
