// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "Vcw_dma_landed.h"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

struct Merge : dut::Module<Vcw_dma_landed> {
  agent::Rng rng{1, "landed"};
  std::array<std::deque<Landed>, 3> waiting;
  std::vector<Landed> log;
  unsigned gap_percent = 0;

  Merge() {
    pins().landed_valid_i = 0;
    reset();
  }
  void tick() {
    for (unsigned s = 0; s < 3; ++s) {
      if ((pins().landed_valid_i >> s & 1) || waiting[s].empty() || rng.chance(gap_percent))
        continue;
      drive(pins().landed_i, waiting[s].front(), s);
      pins().landed_valid_i |= 1u << s;
    }
    settle();
    const unsigned taken = pins().landed_ready_o & pins().landed_valid_i;
    if (pins().landed_valid_o) log.push_back(landed(pins().landed_o));
    step();
    pins().landed_valid_i &= ~taken;
    for (unsigned s = 0; s < 3; ++s) {
      if (taken >> s & 1) waiting[s].pop_front();
    }
  }
};

TEST_CASE("DMA tells of every packet that has landed once, in its sink's order",
          "[unit][dma][R29]") {
  Merge dut;
  dut.gap_percent = 30;
  std::array<std::vector<Landed>, 3> expected, seen;
  for (unsigned n = 0; n < 300; ++n) {
    const unsigned sink = static_cast<unsigned>(dut.rng.range(0, 2));
    const Landed l{.chan = sink, .entry = n % 16, .bytes = n + 1, .ends = dut.rng.chance(50)};
    expected[sink].push_back(l);
    dut.waiting[sink].push_back(l);
  }
  for (unsigned n = 0; n < 700; ++n) dut.tick();
  for (const Landed& l : dut.log) seen[l.chan].push_back(l);
  CHECK(seen == expected);
}

TEST_CASE("DMA tells of one packet every clock, of each sink in turn",
          "[unit][dma][performance][R57]") {
  Merge dut;
  for (unsigned n = 0; n < 300; ++n) dut.waiting[n % 3].push_back({.chan = n % 3, .bytes = 1});
  for (unsigned n = 0; n < 150; ++n) dut.tick();
  REQUIRE(dut.log.size() == 150);
  for (const auto& waiting : dut.waiting) CHECK(waiting.size() == 50);
}

TEST_CASE("DMA raises the alarm on a packet that landed with neither bytes nor an error",
          "[unit][dma]") {
  Merge dut;
  dut.waiting[1].push_back({});
  CHECK_THROWS_AS(dut.tick(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
