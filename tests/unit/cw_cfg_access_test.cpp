// SPDX-License-Identifier: Apache-2.0
#include "Vcw_cfg_access.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

using namespace cw::dut::literals;

struct Bench {
  Bench() {
    p.valid_i = p.cfg_ready_i = p.cfg_done_i = 0;
    module.reset();
  }
  // One access: taken after `wait` clocks, answered `later` clocks after that.
  void access(unsigned wait, unsigned later, unsigned status, uint32_t data) {
    p.valid_i = 1;
    for (unsigned i = 0; i <= wait + later; ++i) {
      p.cfg_ready_i = i == wait;
      p.cfg_done_i = i == wait + later;
      p.cfg_status_i = p.cfg_done_i ? status : 7;
      p.cfg_rdata_i = p.cfg_done_i ? data : 0xdead'dead;
      module.settle();
      CHECK(p.cfg_valid_o == (i <= wait));
      CHECK_FALSE(p.done_o);
      module.step();
    }
    p.cfg_ready_i = p.cfg_done_i = 0;
    p.cfg_status_i = 7;
    p.cfg_rdata_i = 0xdead'dead;
    module.settle();
    CHECK(p.done_o);  // one clock later
    CHECK_FALSE(p.cfg_valid_o);
    CHECK(p.status_o == status);
    CHECK(p.rdata_o == data);
    module.step();
    p.valid_i = 0;
    module.settle();
    CHECK_FALSE(p.done_o);
  }
  dut::Module<Vcw_cfg_access> module{1};
  Vcw_cfg_access& p = module.pins();
};

}  // namespace

TEST_CASE("a configuration access is asked once, and done the clock after its answer",
          "[unit][endpoint][R09][R19]") {
  Bench bench;
  uint32_t data = 0x1000;
  for (const unsigned status : {0u, 1u, 2u}) {
    for (unsigned wait = 0; wait < 3; ++wait) {
      for (unsigned later = 0; later < 3; ++later) bench.access(wait, later, status, ++data);
    }
  }
}

TEST_CASE("an answer that nobody asked for raises the alarm", "[unit][endpoint]") {
  Bench bench;
  bench.p.cfg_done_i = 1;
  CHECK_THROWS_AS(bench.module.step(2_cycles), dut::AssertionFailed);
}

}  // namespace cw::unit
