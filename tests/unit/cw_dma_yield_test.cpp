// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Channels=16
// cw-variant: Channels=2
#include <algorithm>

#include "Vcw_dma_yield.h"
#include "Vcw_dma_yield_channels16.h"
#include "Vcw_dma_yield_channels2.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

enum Mode : unsigned { Weighted, Burst, CycleStealing, Transparent };
enum Path : unsigned { FromHost, FromCard, FromImm, FromAxi, kPaths };
constexpr unsigned kMostWait = 63;

template <class V = Vcw_dma_yield>
struct Yield : dut::Module<V> {
  using dut::Module<V>::pins;

  Yield() {
    dut::clear_bits(pins().share_i);
    pins().chan_i = pins().valid_i = 0;
    this->reset();
  }
  void share(unsigned chan, Mode mode, unsigned level = 0) {
    dut::set_bits(pins().share_i, 8 * chan, 8, mode | level << 2);
  }
  // A packet of a channel is at its side from the next clock on.
  void there(Path path, unsigned chan) {
    dut::set_bits(pins().chan_i, 4 * path, 4, chan);
    pins().valid_i |= 1u << path;
  }
  void gone(Path path) { pins().valid_i &= ~(1u << path); }
  void clocks(unsigned count) {
    for (unsigned n = 0; n < count; ++n) this->step();
  }
  bool yields(unsigned chan) {
    this->settle();
    return pins().yield_o >> chan & 1;
  }
  // Clocks until it does not yield any more.
  unsigned until_free(unsigned chan) {
    unsigned count = 0;
    for (; yields(chan) && count < 1000; ++count) this->step();
    return count;
  }
};

TEST_CASE("DMA yield: a channel asks the host for nothing while bytes of a higher level go there",
          "[unit][dma][R57]") {
  const auto path = GENERATE(FromCard, FromImm, FromAxi);
  const unsigned higher = path == FromCard ? GENERATE(unsigned{C2h}, unsigned{S2h}) : C2h;
  Yield yield;
  yield.share(higher, Weighted, 2);
  yield.share(H2h, Weighted, 1);
  CHECK_FALSE(yield.yields(H2h));
  yield.there(path, higher);
  for (unsigned n = 0; n < 30; ++n) {
    yield.clocks(1);
    REQUIRE(yield.yields(H2h));
  }
  CHECK_FALSE(yield.yields(higher));
  CHECK_FALSE(yield.yields(H2c));  // of the other side
  yield.gone(path);
  // For as long as they were there, that is where they take half of the clocks or more.
  const unsigned away = yield.until_free(H2h);
  CHECK(away >= 30);
  CHECK(away <= 32);
}

TEST_CASE("DMA yield: a channel stays away for 63 clocks at most", "[unit][dma][R57]") {
  Yield yield;
  yield.share(C2h, Weighted, 1);
  yield.there(FromCard, C2h);
  yield.clocks(1000);
  CHECK(yield.yields(H2h));
  yield.gone(FromCard);
  const unsigned away = yield.until_free(H2h);
  CHECK(away >= kMostWait);
  CHECK(away <= kMostWait + 2);
}

TEST_CASE("DMA yield: a trickle of a higher level leaves the others their part of the clocks",
          "[unit][dma][R57]") {
  const unsigned percent = GENERATE(20u, 40u, 60u, 80u);
  Yield yield;
  agent::Rng rng(percent, "yield");
  yield.share(C2h, Weighted, 1);
  unsigned away = 0;
  constexpr unsigned kClocks = 20'000;
  for (unsigned n = 0; n < kClocks; ++n) {
    rng.chance(percent) ? yield.there(FromCard, C2h) : yield.gone(FromCard);
    yield.clocks(1);
    away += yield.yields(H2h);
  }
  if (percent <= 40) CHECK(away < kClocks * 2 * (percent + 5) / 100);
  if (percent >= 60) CHECK(away > kClocks * 97 / 100);
}

TEST_CASE("DMA yield: a channel of the card waits while a packet of a higher level is there",
          "[unit][dma][R57]") {
  Yield yield;
  yield.share(H2h, Weighted, 3);
  yield.share(S2h, Weighted, 2);
  yield.there(FromHost, H2h);
  yield.clocks(100);
  CHECK(yield.yields(C2h));
  CHECK(yield.yields(S2h));
  CHECK_FALSE(yield.yields(H2h));
  CHECK_FALSE(yield.yields(C2c));
  yield.gone(FromHost);
  yield.clocks(1);
  CHECK_FALSE(yield.yields(C2h));
  yield.there(FromCard, S2h);
  yield.clocks(1);
  CHECK(yield.yields(C2h));
  CHECK_FALSE(yield.yields(S2h));
}

TEST_CASE("DMA yield: nobody gives way to his own level or a lower one", "[unit][dma][R57]") {
  const unsigned level = GENERATE(0u, 1u, 2u, 3u);
  Yield yield;
  for (const unsigned chan : {C2h, H2h, S2h, H2c, C2c, H2s}) yield.share(chan, Weighted, level);
  yield.there(FromHost, H2h);
  yield.there(FromCard, C2h);
  yield.there(FromAxi, C2c);
  yield.there(FromImm, H2c);
  yield.clocks(20);
  CHECK(yield.pins().yield_o == 0);
  if (level == 0) return;
  yield.share(C2h, Weighted, level - 1);
  yield.share(C2c, Weighted, level - 1);
  yield.share(H2c, Weighted, level - 1);
  yield.clocks(100);
  yield.settle();
  CHECK(yield.pins().yield_o == 1u << C2h);  // to H2h
}

TEST_CASE("DMA yield: a transparent channel gives way to every other one, whatever its level",
          "[unit][dma][R57]") {
  Yield yield;
  yield.share(H2h, Transparent, 3);
  yield.there(FromCard, C2h);
  yield.clocks(2);
  CHECK(yield.yields(H2h));
  yield.share(C2h, Transparent, 0);
  yield.clocks(2 * kMostWait);
  CHECK_FALSE(yield.yields(H2h));
  CHECK_FALSE(yield.yields(C2h));
}

TEST_CASE("DMA yield: those that read the host give way at the card as they do at the host",
          "[unit][dma][R57]") {
  Yield yield;
  yield.share(C2c, Weighted, 1);
  yield.there(FromCard, C2c);
  yield.clocks(10);
  CHECK(yield.yields(H2c));
  CHECK(yield.yields(H2s));
  CHECK_FALSE(yield.yields(H2h));
  CHECK_FALSE(yield.yields(C2h));
  yield.share(H2s, Weighted, 2);
  CHECK_FALSE(yield.yields(H2s));
  yield.there(FromHost, H2s);
  yield.clocks(1);
  CHECK(yield.yields(C2c));
}

// Their order is that of their requests.
TEST_CASE("DMA yield: one that reads the host gives no way to another one that does",
          "[unit][dma][R57]") {
  Yield<Vcw_dma_yield_channels16> yield;
  constexpr unsigned kOther = H2h + 6;
  yield.share(kOther, Weighted, 3);
  yield.there(FromHost, kOther);
  yield.clocks(20);
  CHECK_FALSE(yield.yields(H2h));
  CHECK(yield.yields(C2h));
  CHECK(yield.yields(C2h + 6));
}

TEST_CASE("DMA yield: the highest level that is there counts, then what is left",
          "[unit][dma][R57]") {
  Yield yield;
  yield.share(C2h, Weighted, 3);
  yield.share(S2h, Weighted, 1);
  yield.share(H2h, Weighted, 2);
  yield.there(FromAxi, C2h);
  yield.there(FromCard, S2h);
  yield.clocks(10);
  CHECK(yield.yields(H2h));
  CHECK(yield.yields(S2h));
  yield.gone(FromAxi);
  yield.clocks(5);
  CHECK(yield.yields(H2h));  // bytes of a lower level do not end its time
  yield.clocks(7);
  CHECK_FALSE(yield.yields(H2h));
  CHECK_FALSE(yield.yields(S2h));
  yield.share(H2h, Weighted, 0);
  yield.clocks(2);
  CHECK(yield.yields(H2h));
}

TEST_CASE("DMA yield: channels that cannot meet never give way", "[unit][dma]") {
  Yield<Vcw_dma_yield_channels2> yield;
  yield.share(C2h, Transparent);
  yield.share(H2c, Transparent);
  yield.there(FromCard, C2h);
  yield.there(FromHost, H2c);
  yield.clocks(10);
  yield.settle();
  CHECK(yield.pins().yield_o == 0);
}

TEST_CASE("DMA yield forgets what was there when it is reset", "[unit][dma][R43]") {
  Yield yield;
  yield.share(C2h, Weighted, 1);
  yield.share(H2h, Weighted, 0);
  yield.there(FromCard, C2h);
  yield.clocks(50);
  yield.gone(FromCard);
  yield.reset();
  CHECK_FALSE(yield.yields(H2h));
  yield.there(FromCard, C2h);
  yield.clocks(5);
  yield.gone(FromCard);
  CHECK(yield.until_free(H2h) <= 7);
}

}  // namespace
}  // namespace cw::unit::dma
