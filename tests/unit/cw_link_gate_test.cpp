// SPDX-License-Identifier: Apache-2.0
#include "Vcw_link_gate.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

using namespace cw;

TEST_CASE("whole TLPs reach the link or nothing of them, but for one that it went down under",
          "[unit][root][R45]") {
  for (const uint64_t seed : {1u, 2u, 3u}) {
    dut::Module<Vcw_link_gate> module(seed);
    auto& p = module.pins();
    agent::Rng rng(seed, "gate");
    p.link_up_i = 1;
    p.in_valid_i = p.in_eop_i = p.out_ready_i = 0;
    module.reset();
    bool first = true, whole = true, up_throughout = true;
    unsigned passed = 0, dropped = 0;
    for (unsigned cycle = 0; cycle < 4000; ++cycle) {
      if (rng.chance(5)) p.link_up_i = !p.link_up_i;
      p.in_valid_i = rng.chance(70);
      p.in_eop_i = rng.chance(30);
      p.out_ready_i = rng.chance(60);
      module.settle();
      if (first) up_throughout = true;
      up_throughout &= p.link_up_i;
      // Dropped at once while the link is down; afterwards to the end of what has been cut.
      CHECK(p.out_valid_o == (p.in_valid_i && up_throughout));
      CHECK(p.in_ready_o == (!up_throughout || p.out_ready_i));
      if (p.in_valid_i && p.in_ready_o) {
        whole = p.out_valid_o;
        (whole ? passed : dropped) += p.in_eop_i;
        first = p.in_eop_i;
      }
      module.step();
    }
    CHECK(passed > 100);
    CHECK(dropped > 100);
  }
}

TEST_CASE("a TLP that a reset cut off is not one that the next TLP belongs to",
          "[unit][root][R45]") {
  dut::Module<Vcw_link_gate> module;
  auto& p = module.pins();
  p.in_valid_i = p.in_eop_i = 0;
  p.link_up_i = p.out_ready_i = 1;
  module.reset();
  p.in_valid_i = 1;
  module.step();  // a first beat
  p.in_valid_i = 0;
  module.reset();
  p.link_up_i = 0;
  module.step(dut::Cycles{2});
  p.link_up_i = p.in_valid_i = p.in_eop_i = 1;
  module.settle();
  CHECK(p.out_valid_o);
}

TEST_CASE("a gate that is up costs nothing and holds nothing", "[unit][root][performance]") {
  dut::Module<Vcw_link_gate> module;
  auto& p = module.pins();
  p.link_up_i = p.in_valid_i = p.in_eop_i = p.out_ready_i = 1;
  module.reset();
  for (unsigned n = 0; n < 20; ++n) {
    module.settle();
    CHECK(p.out_valid_o);
    CHECK(p.in_ready_o);
    module.step();
  }
}
