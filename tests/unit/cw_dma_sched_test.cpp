// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Channels=16
#include <array>
#include <vector>

#include "Vcw_dma_sched.h"
#include "Vcw_dma_sched_channels16.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::unit::dma {
namespace {

enum Mode : unsigned { Weighted, Burst, CycleStealing, Transparent };
constexpr int kNobody = -1;

template <class V = Vcw_dma_sched>
struct Sched : dut::Module<V> {
  using dut::Module<V>::pins;

  Sched() {
    dut::clear_bits(pins().share_i);
    pins().others_i = pins().pending_i = pins().wants_i = pins().stop_i = 0;
    pins().taken_i = pins().over_i = pins().yield_i = 0;
    this->reset();
  }
  void share(unsigned chan, Mode mode, unsigned level = 0, unsigned weight = 0) {
    dut::set_bits(pins().share_i, 8 * chan, 8, mode | level << 2 | weight << 4);
  }
  // Who is granted of those who want; `over`: the transfer ends with the chunk.
  int grant(unsigned wants, bool over = false, bool take = true, unsigned pending = 0) {
    pins().wants_i = wants;
    pins().pending_i = wants | pending;
    pins().over_i = over;
    pins().taken_i = 0;
    this->settle();
    const int chan = pins().any_o ? static_cast<int>(pins().chan_o) : kNobody;
    CHECK(pins().grant_o == (chan == kNobody ? 0u : 1u << chan));
    pins().taken_i = take && chan != kNobody;
    this->step();
    pins().taken_i = 0;
    return chan;
  }
  std::vector<int> grants(unsigned wants, int count, bool over = false) {
    std::vector<int> got;
    for (int n = 0; n < count; n++) got.push_back(grant(wants, over));
    return got;
  }
};

using Turns = std::vector<int>;

TEST_CASE("DMA scheduler gives turns of weight + 1 chunks", "[unit][dma][R57]") {
  Sched sched;
  sched.share(0, Weighted, 0, 2);
  sched.share(2, Weighted, 0, 0);
  sched.share(5, Weighted, 0, 1);
  CHECK(sched.grants(0b100101, 12) == Turns{0, 0, 0, 2, 5, 5, 0, 0, 0, 2, 5, 5});
  Sched heaviest;
  heaviest.share(0, Weighted, 0, 15);
  const Turns turns = heaviest.grants(0b11, 34);
  CHECK(std::count(turns.begin(), turns.end(), 0) == 32);
}

TEST_CASE("DMA scheduler goes on with a turn that is interrupted", "[unit][dma]") {
  Sched sched;
  sched.share(0, Weighted, 0, 3);
  sched.share(1, Weighted, 0, 3);
  CHECK(sched.grants(0b11, 2) == Turns{0, 0});
  CHECK(sched.grants(0b10, 3) == Turns{1, 1, 1});
  CHECK(sched.grants(0b11, 4) == Turns{0, 0, 1, 0});
}

TEST_CASE("DMA scheduler counts only chunks that are issued", "[unit][dma]") {
  Sched sched;
  sched.share(0, CycleStealing);
  sched.share(1, CycleStealing);
  CHECK(sched.grant(0b11, false, /*take=*/false) == 0);
  CHECK(sched.grant(0b11, false, /*take=*/false) == 0);
  CHECK(sched.grants(0b11, 3) == Turns{0, 1, 0});
}

TEST_CASE("DMA scheduler steals a cycle and gives way", "[unit][dma]") {
  Sched sched;
  for (unsigned c = 0; c < 3; c++) sched.share(c, CycleStealing, 0, /*weight=*/15);
  CHECK(sched.grants(0b111, 6) == Turns{0, 1, 2, 0, 1, 2});
}

TEST_CASE("DMA scheduler lets a higher level go first, always", "[unit][dma]") {
  Sched sched;
  sched.share(0, Weighted, 0, 15);
  sched.share(1, Weighted, 1, 0);
  sched.share(2, CycleStealing, 2);
  sched.share(3, Weighted, 3, 0);
  for (unsigned top = 3; top > 0; top--) {
    CHECK(sched.grants((2u << top) - 1, 5) == Turns(5, static_cast<int>(top)));
  }
  CHECK(sched.grants(1, 2) == Turns{0, 0});
}

TEST_CASE("DMA scheduler keeps a burst to its end, also against a higher level", "[unit][dma]") {
  Sched sched;
  sched.share(0, Weighted);
  sched.share(1, Burst, 0);
  sched.share(2, Weighted, 3);
  CHECK(sched.grant(0b011) == 0);
  CHECK(sched.grants(0b011, 3) == Turns{1, 1, 1});
  CHECK(sched.grants(0b111, 3) == Turns{1, 1, 1});
  CHECK(sched.grants(0b101, 2) == Turns{2, 2});  // it has nothing to issue
  CHECK(sched.grants(0b111, 2) == Turns{1, 1});  // and goes on
  CHECK(sched.grant(0b111, /*over=*/true) == 1);
  CHECK(sched.grant(0b111) == 2);  // not begun, it waits as others do
  CHECK(sched.grant(0b011) == 0);
  CHECK(sched.grant(0b011, /*over=*/true) == 1);  // a descriptor of one chunk
  CHECK(sched.grant(0b111) == 2);
}

TEST_CASE("DMA scheduler passes over a channel that gives way, but for a burst that has begun",
          "[unit][dma][R57]") {
  Sched sched;
  sched.share(0, Weighted, 3);
  sched.share(1, Weighted, 0);
  sched.share(2, Burst, 0);
  sched.pins().yield_i = 0b001;
  CHECK(sched.grants(0b011, 2) == Turns{1, 1});
  CHECK(sched.grant(0b001) == kNobody);
  CHECK(sched.grant(0b100) == 2);
  sched.pins().yield_i = 0b111;
  CHECK(sched.grants(0b111, 2) == Turns{2, 2});
  CHECK(sched.grant(0b111, /*over=*/true) == 2);
  CHECK(sched.grant(0b111) == kNobody);
  sched.pins().yield_i = 0;
  CHECK(sched.grants(0b011, 2) == Turns{0, 0});
}

TEST_CASE("DMA scheduler ends a burst that is stopped", "[unit][dma][R44]") {
  Sched sched;
  sched.share(1, Burst);
  sched.share(2, Weighted, 3);
  CHECK(sched.grant(0b010) == 1);
  sched.pins().stop_i = 0b010;
  CHECK(sched.grant(0) == kNobody);
  sched.pins().stop_i = 0;
  CHECK(sched.grants(0b110, 2) == Turns{2, 2});
}

TEST_CASE("DMA scheduler lets a transparent channel go when nobody else wants the bus",
          "[unit][dma]") {
  Sched sched;
  sched.share(0, Weighted);
  sched.share(1, Transparent, 3);
  sched.share(2, Transparent, 3, 15);
  CHECK(sched.grants(0b111, 3) == Turns{0, 0, 0});
  CHECK(sched.grants(0b110, 4) == Turns{1, 2, 1, 2});
  CHECK(sched.grant(0b110, false, true, /*pending=*/0b001) == kNobody);
  CHECK(sched.grant(0b010, false, true, /*pending=*/0b100) == 1);
  sched.pins().others_i = 1;
  CHECK(sched.grant(0b110) == kNobody);
  CHECK(sched.grant(0b111) == 0);
  sched.pins().others_i = 0;
  CHECK(sched.grant(0b100) == 2);
}

TEST_CASE("DMA scheduler lets nobody lose its turn to channels that want in other clocks",
          "[unit][dma][R57]") {
  Sched sched;  // 0 and 1 share a path, 2 has its own; they want in turn
  std::array<int, 3> count{};
  for (int n = 0; n < 90; n++) {
    const int chan = sched.grant(n % 2 ? 0b100 : 0b011);
    REQUIRE(chan != kNobody);
    count.at(static_cast<size_t>(chan))++;
  }
  CHECK(count[2] == 45);
  CHECK(count[0] + count[1] == 45);
  CHECK(std::abs(count[0] - count[1]) <= 1);
}

// Each channel that keeps wanting is served within a turn of every other one.
template <class V, unsigned kChannels>
void check_bound(uint64_t seed) {
  Sched<V> sched;
  agent::Rng rng(seed, "bound");
  std::array<unsigned, kChannels> weight{}, waits{};
  unsigned all = 0;
  for (unsigned c = 0; c < kChannels; c++) {
    weight[c] = static_cast<unsigned>(rng.range(0, 15));
    sched.share(c, Weighted, 0, weight[c]);
    all += weight[c] + 1;
  }
  unsigned wants = 0;
  for (int n = 0; n < 4000; n++) {
    for (unsigned c = 0; c < kChannels; c++) {
      if (rng.chance(30)) wants |= 1u << c;
    }
    const int chan = sched.grant(wants, rng.chance(30));
    for (unsigned c = 0; c < kChannels; c++) {
      const bool waiting = (wants >> c & 1) && static_cast<int>(c) != chan;
      waits[c] = waiting ? waits[c] + 1 : 0;
      REQUIRE(waits[c] <= 2 * all);
    }
    if (chan != kNobody && rng.chance(50)) wants &= ~(1u << chan);
  }
}

TEST_CASE("DMA scheduler starves nobody of a level", "[unit][dma][R57]") {
  for (uint64_t seed = 1; seed <= 5; seed++) {
    check_bound<Vcw_dma_sched, 6>(seed);
    check_bound<Vcw_dma_sched_channels16, 16>(seed);
  }
}

TEST_CASE("DMA scheduler shares the bus by weights", "[unit][dma][R57]") {
  Sched<Vcw_dma_sched_channels16> sched;
  std::array<int, 16> count{};
  for (unsigned c = 0; c < 16; c++) sched.share(c, Weighted, 0, c);
  for (int n = 0; n < 136 * 10; n++) count.at(static_cast<size_t>(sched.grant(0xffff)))++;
  for (int c = 0; c < 16; c++) CHECK(count[static_cast<size_t>(c)] == 10 * (c + 1));
}

TEST_CASE("DMA scheduler begins anew after reset", "[unit][dma][R43]") {
  Sched sched;
  sched.share(1, Burst);
  CHECK(sched.grants(0b10, 2) == Turns{1, 1});
  CHECK(sched.grant(0b01) == 0);
  sched.reset();
  CHECK(sched.grants(0b11, 2) == Turns{0, 1});
}

TEST_CASE("DMA scheduler raises the alarm when nobody is granted and a chunk is issued",
          "[unit][dma]") {
  Sched sched;
  sched.pins().taken_i = 1;
  CHECK_THROWS_AS(sched.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
