// SPDX-License-Identifier: Apache-2.0
#include "Vcw_link_reset.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"

using namespace cw;

namespace {

struct Bench {
  Bench() {
    p.reset_i = p.busy_i = p.taken_i = p.done_i = 0;
    module.reset();
    module.settle();
  }
  void step(unsigned cycles = 1) {
    module.step(dut::Cycles{cycles});
    module.settle();
  }
  void pulse(uint8_t& pin, uint8_t value) {
    pin = value;
    step();
    pin = 0;
    module.settle();
  }
  dut::Module<Vcw_link_reset> module;
  Vcw_link_reset& p = module.pins();
};

}  // namespace

TEST_CASE("the link is down from the bit on, the port is reset when it is empty",
          "[unit][root][R45]") {
  Bench bench;
  for (unsigned n = 0; n < 100; ++n) {
    CHECK(bench.p.link_up_o);
    bench.step();
  }
  bench.p.reset_i = 1;
  bench.step();
  CHECK_FALSE(bench.p.link_up_o);
  CHECK_FALSE(bench.p.port_rst_o);
  bench.step(31);
  CHECK_FALSE(bench.p.port_rst_o);
  bench.step();
  CHECK(bench.p.port_rst_o);
  bench.step(500);
  CHECK(bench.p.port_rst_o);  // as long as the bit is set
  bench.p.reset_i = 0;
  bench.step();
  CHECK(bench.p.link_up_o);
  CHECK_FALSE(bench.p.port_rst_o);
}

TEST_CASE("the link stays down until all that had arrived is done with, if the bit was set briefly",
          "[unit][root][R45]") {
  Bench bench;
  bench.pulse(bench.p.taken_i, 3);
  bench.pulse(bench.p.taken_i, 1);
  bench.p.busy_i = 1;
  bench.pulse(bench.p.reset_i, 1);
  bench.step(100);
  CHECK_FALSE(bench.p.port_rst_o);
  bench.p.busy_i = 0;
  bench.step(100);
  bench.pulse(bench.p.done_i, 3);
  bench.step(100);
  CHECK_FALSE(bench.p.port_rst_o);
  bench.pulse(bench.p.done_i, 1);
  unsigned quiet = 0, reset = 0;
  for (; !bench.p.port_rst_o && quiet < 100; ++quiet) bench.step();
  for (; !bench.p.link_up_o && reset < 100; ++reset) bench.step();
  CHECK(quiet == 32);
  CHECK(reset == 8);
}

TEST_CASE("a TLP done with that never came is an alarm", "[unit][root][R45]") {
  Bench bench;
  bench.p.done_i = GENERATE(1, 2);
  CHECK_THROWS_AS(bench.step(), dut::AssertionFailed);
}
