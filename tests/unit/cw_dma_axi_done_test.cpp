// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_axi_done.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

struct AxiDone : dut::Module<Vcw_dma_axi_done> {
  agent::Rng rng{1, "axi done"};
  std::vector<Landed> log;

  AxiDone() {
    pins().landed_valid_i = pins().done_valid_i = pins().done_error_i = 0;
    pins().landed_ready_i = 1;
    reset();
  }
  bool tick() {
    settle();
    if (pins().landed_valid_o && pins().landed_ready_i) log.push_back(landed(pins().landed_o));
    const bool taken = pins().landed_valid_i && pins().landed_ready_o;
    step();
    pins().landed_valid_i = pins().done_valid_i = pins().done_error_i = 0;
    return taken;
  }
  void run(unsigned count) {
    for (unsigned n = 0; n < count; ++n) tick();
  }
  bool give(const Landed& l) {
    drive(pins().landed_i, l);
    pins().landed_valid_i = 1;
    return tick();
  }
  void done(bool error) {
    pins().done_valid_i = 1;
    pins().done_error_i = error;
    tick();
  }
};

TEST_CASE("DMA tells packets behind AXI4 in order, each with its own answer",
          "[unit][dma][R29][slverr-to-ca]") {
  AxiDone dut;
  std::vector<Landed> expected;
  std::deque<bool> owed;
  for (unsigned clock = 0; clock < 4000; ++clock) {
    dut.pins().landed_ready_i = dut.rng.chance(60);
    if (dut.rng.chance(40)) {
      Landed l{.chan = static_cast<unsigned>(dut.rng.range(0, 15)),
               .entry = static_cast<unsigned>(dut.rng.range(0, 15)),
               .bytes = static_cast<uint32_t>(dut.rng.range(1, 4096)),
               .ends = dut.rng.chance(50)};
      const bool empty = dut.rng.chance(30), error = dut.rng.chance(30);
      if (empty) l.bytes = 0, l.error = Error::ReadCa;
      drive(dut.pins().landed_i, l);
      dut.pins().landed_valid_i = 1;
      dut.settle();
      if (dut.pins().landed_ready_o) {
        if (!empty) owed.push_back(error);
        if (!empty && error) l.bytes = 0, l.error = Error::CardError;
        expected.push_back(l);
      }
      dut.tick();
    } else if (!owed.empty() && dut.rng.chance(70)) {
      dut.done(owed.front());
      owed.pop_front();
    } else {
      dut.tick();
    }
  }
  for (; !owed.empty(); owed.pop_front()) dut.done(owed.front());
  dut.pins().landed_ready_i = 1;
  dut.run(40);
  CHECK(dut.log == expected);
}

TEST_CASE("DMA lets 32 packets behind AXI4 wait for their answers", "[unit][dma][performance]") {
  AxiDone dut;
  for (unsigned n = 0; n < 32; ++n) CHECK(dut.give({.bytes = 64}));
  CHECK_FALSE(dut.give({.bytes = 64}));
  dut.run(50);
  CHECK(dut.log.empty());
  dut.done(false);
  dut.run(3);
  CHECK(dut.log.size() == 1);
  CHECK(dut.give({.bytes = 64}));
}

TEST_CASE("DMA raises the alarm on an AXI4 answer that nothing waits for", "[unit][dma][R58]") {
  AxiDone dut;
  dut.give({.bytes = 64});
  dut.done(false);
  dut.done(false);
  CHECK_THROWS_AS(dut.run(2), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
