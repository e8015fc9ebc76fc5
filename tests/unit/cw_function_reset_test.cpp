// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Functions=3 QuiesceCycles=40 ResetCycles=4
#include <vector>

#include "Vcw_function_reset.h"
#include "Vcw_function_reset_functions3_quiescecycles40_resetcycles4.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"

using namespace cw;

namespace {

template <class V>
struct Bench {
  Bench() {
    p().flr_i = p().sending_i = 0;
    module.reset();
    module.settle();
  }
  V& p() { return module.pins(); }
  void ask(unsigned functions) {
    p().flr_i = functions;
    step();
    p().flr_i = 0;
    module.settle();
  }
  void step(unsigned cycles = 1) {
    module.step(dut::Cycles{cycles});
    module.settle();
  }
  // Clocks in which `functions` are stopped, and in reset.
  std::pair<unsigned, unsigned> duration(unsigned functions, unsigned budget) {
    unsigned stopped = 0, reset = 0;
    for (; (p().stop_o & functions) && stopped < budget; ++stopped) {
      reset += (p().fn_rst_o & functions) != 0;
      step();
    }
    return {stopped, reset};
  }
  dut::Module<V> module;
};
using Three = Bench<Vcw_function_reset_functions3_quiescecycles40_resetcycles4>;

}  // namespace

TEST_CASE("a function without a write on its way is reset at once", "[unit][requester][R43]") {
  Bench<Vcw_function_reset> bench;
  bench.step(5000);
  CHECK(bench.p().stop_o == 0);
  bench.ask(1);
  CHECK(bench.p().fn_rst_o == 0);  // it stops first
  CHECK(bench.duration(1, 2000) == std::pair(9u, 8u));
}

TEST_CASE("flr-under-load: the reset waits for the end of a write, but not for ever",
          "[unit][requester][R43][flr-under-load]") {
  Three bench;
  bench.p().sending_i = 2;
  bench.ask(2);
  SECTION("it ends") {
    bench.step(20);
    CHECK(bench.p().stop_o == 2);
    CHECK(bench.p().fn_rst_o == 0);
    bench.p().sending_i = 0;
    CHECK(bench.duration(2, 100) == std::pair(5u, 4u));
  }
  SECTION("it never does") { CHECK(bench.duration(2, 100) == std::pair(44u, 4u)); }
  SECTION("nor with the defaults") {
    Bench<Vcw_function_reset> slow;
    slow.p().sending_i = 1;
    slow.ask(1);
    CHECK(slow.duration(1, 5000) == std::pair(1032u, 8u));
  }
}

TEST_CASE("functions are reset each for itself", "[unit][requester][R43]") {
  Three bench;
  bench.p().sending_i = 4;
  bench.ask(4);
  bench.step(3);
  bench.ask(1);
  CHECK(bench.p().stop_o == 5);
  CHECK(bench.duration(1, 100) == std::pair(5u, 4u));
  CHECK(bench.p().stop_o == 4);
  CHECK((bench.p().fn_rst_o & 3) == 0);
}
