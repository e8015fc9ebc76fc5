// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Host=0
// cw-variant: Channels=16
// cw-variant: Channels=2
#include <array>
#include <deque>
#include <vector>

#include "Vcw_dma_turns.h"
#include "Vcw_dma_turns_channels16.h"
#include "Vcw_dma_turns_channels2.h"
#include "Vcw_dma_turns_host0.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"
#include "unit/dma_mover_bench.hpp"

namespace cw::unit::dma {
namespace {

enum Mode : unsigned { Weighted, Burst, CycleStealing, Transparent };
enum Path : unsigned { FromHost, FromCard, FromImm, FromAxi, kPaths };
constexpr int kNobody = -1;

using Turns = std::vector<int>;

template <class V = Vcw_dma_turns>
struct Meeting : dut::Module<V> {
  using dut::Module<V>::pins;
  struct Waiting {
    unsigned chan = 0;
    unsigned beats = 1;
    bool ends = true;
  };
  std::array<std::deque<Waiting>, kPaths> paths;

  Meeting() {
    dut::clear_bits(pins().share_i);
    pins().valid_i = pins().chan_i = pins().ends_i = pins().take_i = pins().lock_i = 0;
    this->reset();
  }
  void share(unsigned chan, Mode mode, unsigned level = 0, unsigned weight = 0) {
    dut::set_bits(pins().share_i, 8 * chan, 8, mode | level << 2 | weight << 4);
  }
  void send(Path path, unsigned chan, unsigned count = 1, unsigned beats = 1, bool ends = true) {
    for (unsigned n = 0; n < count; ++n) paths[path].push_back({chan, beats, ends});
  }
  // The channel whose beat goes in this clock; `gaps`: paths that have none now.
  int clock(bool ready = true, unsigned gaps = 0) {
    auto& p = pins();
    p.valid_i = 0;
    for (unsigned n = 0; n < kPaths; ++n) {
      if (paths[n].empty() || (gaps >> n & 1)) continue;
      p.valid_i |= 1u << n;
      dut::set_bits(p.chan_i, 4 * n, 4, paths[n].front().chan);
      dut::set_bits(p.ends_i, n, 1, paths[n].front().ends);
    }
    p.take_i = p.lock_i = 0;
    this->settle();
    int chan = kNobody;
    if (p.any_o) {
      CHECK(p.grant_o == 1u << p.index_o);
      std::deque<Waiting>& path = paths[p.index_o];
      offered = static_cast<int>(path.front().chan);
      if (ready) {
        chan = offered;
        p.take_i = 1;
        p.lock_i = path.front().beats > 1;
        if (--path.front().beats == 0) path.pop_front();
      }
    }
    this->step();
    p.take_i = 0;
    return chan;
  }
  Turns clocks(unsigned count) {
    Turns got;
    for (unsigned n = 0; n < count; ++n) got.push_back(clock());
    return got;
  }
  int offered = kNobody;  // last, taken or not
};

template <class V>
std::array<int, 16> counts(Meeting<V>& meeting, unsigned clocks) {
  std::array<int, 16> found{};
  for (const int chan : meeting.clocks(clocks)) ++found.at(static_cast<size_t>(chan));
  return found;
}

TEST_CASE("DMA turns: bytes of the card and of the host go to the host by weight + 1 requests",
          "[unit][dma][R57]") {
  Meeting even;
  even.send(FromCard, C2h, 20);
  even.send(FromHost, H2h, 20);
  CHECK(even.clocks(6) == Turns{C2h, H2h, C2h, H2h, C2h, H2h});

  Meeting meeting;
  meeting.share(C2h, Weighted, 0, 3);
  meeting.send(FromCard, C2h, 20);
  meeting.send(FromHost, H2h, 20);
  CHECK(meeting.clocks(10) == Turns{C2h, C2h, C2h, C2h, H2h, C2h, C2h, C2h, C2h, H2h});
  meeting.share(C2h, Weighted);
  meeting.share(H2h, Weighted, 0, 2);  // with its next turn
  CHECK(meeting.clocks(8) == Turns{C2h, H2h, H2h, H2h, C2h, H2h, H2h, H2h});
}

TEST_CASE("DMA turns: bytes of the host and of the card go to the card by weight + 1 requests",
          "[unit][dma][R57]") {
  Meeting<Vcw_dma_turns_host0> meeting;
  meeting.share(C2c, Weighted, 0, 1);
  meeting.send(FromHost, H2c, 20);
  meeting.send(FromAxi, C2c, 20);
  CHECK(meeting.clocks(6) == Turns{H2c, C2c, C2c, H2c, C2c, C2c});
}

TEST_CASE("DMA turns: where bytes meet a burst is sixteen requests, the other modes one",
          "[unit][dma][R57]") {
  Meeting meeting;
  meeting.share(C2h, Burst);
  meeting.share(H2h, CycleStealing, 0, 15);
  meeting.share(S2h, Transparent, 0, 15);
  meeting.send(FromCard, C2h, 40);
  meeting.send(FromHost, H2h, 40);
  meeting.send(FromAxi, S2h, 40);
  const auto found = counts(meeting, 2 * 18);
  CHECK(found[C2h] == 32);
  CHECK(found[H2h] == 2);
  CHECK(found[S2h] == 2);
}

TEST_CASE("DMA turns: levels hold up no packet that has come", "[unit][dma][R57]") {
  Meeting meeting;
  meeting.share(C2h, Weighted, 3);
  meeting.send(FromCard, C2h, 20);
  meeting.send(FromHost, H2h, 20);
  CHECK(meeting.clocks(4) == Turns{C2h, H2h, C2h, H2h});
}

TEST_CASE("DMA turns: a request of several packets is one, and its channel goes on with it",
          "[unit][dma][R57]") {
  Meeting meeting;
  for (unsigned n = 0; n < 5; ++n) {
    meeting.send(FromHost, H2h, 2, 1, /*ends=*/false);
    meeting.send(FromHost, H2h);
  }
  meeting.send(FromCard, C2h, 20);
  meeting.share(H2h, Weighted, 0, 1);
  CHECK(meeting.clocks(8) == Turns{C2h, H2h, H2h, H2h, H2h, H2h, H2h, C2h});
}

TEST_CASE(
    "DMA turns: channels one behind the other on a path share with a third as with each other",
    "[unit][dma][R57]") {
  Meeting meeting;
  meeting.share(S2h, Weighted, 0, 1);
  for (unsigned n = 0; n < 40; ++n) {
    meeting.send(FromCard, C2h);
    meeting.send(FromCard, S2h, 2);
  }
  meeting.send(FromHost, H2h, 100);
  const auto found = counts(meeting, 80);
  CHECK(found[C2h] == 20);
  CHECK(found[S2h] == 40);
  CHECK(found[H2h] == 20);
}

TEST_CASE("DMA turns: all paths of a channel go, whatever goes between them", "[unit][dma][R57]") {
  Meeting meeting;
  const bool beside = GENERATE(false, true);
  for (const Path path : {FromCard, FromImm, FromAxi}) meeting.send(path, C2h, 20);
  if (beside) meeting.send(FromHost, H2h, 100);
  meeting.clocks(beside ? 60 : 30);
  CHECK(meeting.paths[FromCard].size() == 10);
  CHECK(meeting.paths[FromImm].size() == 10);
  CHECK(meeting.paths[FromAxi].size() == 10);
}

TEST_CASE("DMA turns: a packet that is offered goes, whole, before any other", "[unit][dma][R57]") {
  Meeting meeting;
  meeting.send(FromHost, H2h, 2, 3);
  CHECK(meeting.clock(/*ready=*/false) == kNobody);
  CHECK(meeting.offered == H2h);
  meeting.send(FromCard, C2h, 2, 2);  // it is nobody's turn but theirs
  meeting.share(C2h, Weighted, 3, 15);
  CHECK(meeting.clock(/*ready=*/false) == kNobody);
  CHECK(meeting.offered == H2h);
  CHECK(meeting.clock() == H2h);
  CHECK(meeting.clock(true, /*gaps=*/1u << FromHost) == kNobody);
  CHECK(meeting.clocks(6) == Turns{H2h, H2h, C2h, C2h, C2h, C2h});
  CHECK(meeting.clocks(3) == Turns{H2h, H2h, H2h});
}

TEST_CASE("DMA turns: a request counts once, however many beats it has", "[unit][dma][R57]") {
  Meeting meeting;
  meeting.share(C2h, Weighted, 0, 2);
  meeting.send(FromCard, C2h, 10, 2);
  meeting.send(FromHost, H2h, 10, 3);
  const Turns round{C2h, C2h, C2h, C2h, C2h, C2h, H2h, H2h, H2h};
  CHECK(meeting.clocks(9) == round);
  CHECK(meeting.clocks(9) == round);
}

// Whoever waits at the head of his path goes after two turns of each channel for every path that
// his own has.
template <class V, unsigned kChannels>
void check_bound(uint64_t seed) {
  Meeting<V> meeting;
  agent::Rng rng(seed, "turns");
  std::vector<unsigned> chans;
  unsigned all = 0;
  for (unsigned c = 0; c < kChannels; ++c) {
    if (!to_host(c)) continue;
    const auto weight = static_cast<unsigned>(rng.range(0, 7));
    meeting.share(c, Weighted, static_cast<unsigned>(rng.range(0, 3)), weight);
    chans.push_back(c);
    all += weight + 1;
  }
  std::array<unsigned, kPaths> waits{};
  for (unsigned n = 0; n < 6000; ++n) {
    for (unsigned p = 0; p < kPaths; ++p) {
      if (!rng.chance(p == FromHost ? 60 : 30)) continue;
      meeting.send(static_cast<Path>(p), chans[rng.range(0, chans.size() - 1)]);
    }
    const auto before = meeting.paths;
    const int chan = meeting.clock(rng.chance(90));
    for (unsigned p = 0; p < kPaths; ++p) {
      const bool went = meeting.paths[p].size() < before[p].size();
      waits[p] = went || before[p].empty() ? 0 : waits[p] + (chan != kNobody);
      REQUIRE(waits[p] <= kPaths * 2 * all);
    }
  }
}

TEST_CASE("DMA turns: nobody of any level starves where bytes meet", "[unit][dma][R57]") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    check_bound<Vcw_dma_turns, 6>(seed);
    check_bound<Vcw_dma_turns_channels16, 16>(seed);
  }
}

TEST_CASE("DMA turns: where channels cannot meet paths take turns", "[unit][dma]") {
  Meeting<Vcw_dma_turns_channels2> meeting;
  meeting.share(C2h, Weighted, 0, 15);
  meeting.send(FromCard, C2h, 10, 2);
  meeting.send(FromImm, C2h, 10);
  meeting.clocks(9);
  CHECK(meeting.paths[FromCard].size() == 7);
  CHECK(meeting.paths[FromImm].size() == 7);
}

TEST_CASE("DMA turns begin anew after reset", "[unit][dma][R43]") {
  Meeting meeting;
  meeting.share(C2h, Weighted, 0, 3);
  meeting.send(FromCard, C2h, 20, 1);
  meeting.send(FromHost, H2h, 20, 4);
  CHECK(meeting.clocks(6) == Turns{C2h, C2h, C2h, C2h, H2h, H2h});
  meeting.paths[FromHost].clear();
  meeting.pins().valid_i = 0;
  meeting.reset();
  meeting.send(FromHost, H2h, 20);
  CHECK(meeting.clocks(6) == Turns{C2h, C2h, C2h, C2h, H2h, C2h});
}

TEST_CASE("DMA turns raise the alarm when something is taken that nobody offers", "[unit][dma]") {
  Meeting meeting;
  meeting.pins().take_i = 1;
  CHECK_THROWS_AS(meeting.step(), dut::AssertionFailed);
}

TEST_CASE("DMA turns raise the alarm on a packet of the other side", "[unit][dma]") {
  Meeting meeting;
  meeting.send(FromHost, H2c);
  CHECK_THROWS_AS(meeting.clock(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
