// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Channels=1
// cw-variant: Channels=16
#include <algorithm>
#include <array>
#include <vector>

#include "Vcw_dma_moderation.h"
#include "Vcw_dma_moderation_channels1.h"
#include "Vcw_dma_moderation_channels16.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

constexpr unsigned kNobody = ~0u;
constexpr unsigned kUnit = 16;  // clocks of the timer

template <class V = Vcw_dma_moderation>
struct Moderation : dut::Module<V> {
  explicit Moderation(unsigned channels = 6, uint64_t seed = 1)
      : dut::Module<V>(seed), settings(channels), told(channels) {
    auto& p = this->pins();
    p.restart_i = p.event_valid_i = 0;
    dut::clear_bits(p.ctl_i);
    configure();
    this->reset();
  }
  void configure() {
    for (unsigned c = 0; c < settings.size(); ++c) drive(this->pins().ctl_i, settings[c], c);
  }
  // One clock, perhaps with an event; who was told.
  unsigned clock(unsigned event = kNobody) {
    auto& p = this->pins();
    configure();
    p.event_valid_i = event != kNobody;
    p.event_chan_i = event & 15;
    this->settle();
    const unsigned chan = p.irq_valid_o ? p.irq_chan_o : kNobody;
    if (chan != kNobody) ++told.at(chan);
    this->step();
    p.event_valid_i = 0;
    return chan;
  }
  void restart(unsigned chan) {
    this->pins().restart_i = static_cast<uint16_t>(1u << chan);
    clock();
    this->pins().restart_i = 0;
  }
  // Clocks until somebody is told, this one included; 0: nobody.
  unsigned wait(unsigned budget) {
    for (unsigned n = 1; n <= budget; ++n) {
      if (clock() != kNobody) return n;
    }
    return 0;
  }
  std::vector<Ctl> settings;
  std::vector<unsigned> told;
};

TEST_CASE("DMA moderation: without a timer every event is told at once, whatever the count",
          "[unit][dma][R56]") {
  for (const unsigned count : {0u, 1u, 2u, 255u}) {
    Moderation m;
    m.settings[3].count = count;
    for (unsigned n = 1; n <= 20; ++n) {
      CHECK(m.clock(3) == kNobody);
      CHECK(m.clock() == 3);
      CHECK(m.clock() == kNobody);
    }
  }
}

TEST_CASE("DMA moderation: an interrupt when so many events have come", "[unit][dma][R56]") {
  for (const unsigned count : {0u, 1u, 2u, 5u, 255u}) {
    Moderation m;
    m.settings[2].count = count;
    m.settings[2].timer = 0xffff;
    const unsigned each = std::max(count, 1u);
    for (unsigned n = 1; n <= 3 * each; ++n) {
      CHECK(m.clock(2) == kNobody);
      CHECK(m.clock() == (n % each == 0 ? 2 : kNobody));
    }
    CHECK(m.told[2] == 3);
  }
}

TEST_CASE("DMA moderation: an interrupt a while after the first event, at most 16 clocks late",
          "[unit][dma][R56]") {
  for (unsigned phase = 0; phase < kUnit; ++phase) {
    for (const unsigned timer : {1u, 2u, 7u}) {
      Moderation m;
      m.settings[4].count = 200;
      m.settings[4].timer = timer;
      m.step(dut::Cycles{phase});
      m.clock(4);
      unsigned waited = 1;
      while (waited < 2 * kUnit * (timer + 2)) {
        const bool more = waited == kUnit * timer / 2;  // a later event moves nothing
        if (m.clock(more ? 4 : kNobody) != kNobody) break;
        ++waited;
      }
      CHECK(waited >= kUnit * timer);
      CHECK(waited <= kUnit * timer + kUnit + 1);
      CHECK(m.wait(1000) == 0);
    }
  }
}

TEST_CASE("DMA moderation: the timer begins anew with the first event after an interrupt",
          "[unit][dma][R56]") {
  for (unsigned gap = 0; gap < 2 * kUnit; ++gap) {
    Moderation m;
    m.settings[1].count = 2;
    m.settings[1].timer = 3;
    for (unsigned n = 0; n < 40; ++n) m.clock(n == 0 ? 1 : kNobody);
    m.clock(1);  // the second: told
    CHECK(m.clock() == 1);
    for (unsigned n = 0; n < gap; ++n) CHECK(m.clock() == kNobody);
    m.clock(1);
    const unsigned waited = m.wait(1000);
    CHECK(waited >= 3 * kUnit);
    CHECK(waited <= 4 * kUnit + 1);
  }
}

TEST_CASE("DMA moderation: events are kept while the interrupt is off, and told once it is on",
          "[unit][dma][R56]") {
  for (const unsigned timer : {0u, 2u}) {  // what has come due is told at once
    Moderation m;
    m.settings[0] = {.irq_enable = false, .count = 3, .timer = timer};
    m.clock(0);
    CHECK(m.wait(200) == 0);
    m.settings[0].irq_enable = true;
    CHECK(m.wait(5) == 1);
    CHECK(m.wait(200) == 0);
  }
  Moderation m;  // what has not goes on
  m.settings[0] = {.irq_enable = false, .count = 3, .timer = 1000};
  m.clock(0);
  m.clock(0);
  m.settings[0].irq_enable = true;
  CHECK(m.wait(100) == 0);
  m.clock(0);
  CHECK(m.wait(5) == 1);
}

TEST_CASE("DMA moderation: an event in the clock of the interrupt is told by another",
          "[unit][dma][R46][R56]") {
  Moderation m;
  m.clock(5);
  CHECK(m.clock(5) == 5);
  CHECK(m.clock() == 5);
  CHECK(m.wait(100) == 0);
  m.settings[5].count = 2;
  m.settings[5].timer = 100;
  m.clock(5);
  m.clock(5);
  CHECK(m.clock(5) == 5);  // the first of the next two
  CHECK(m.clock() == kNobody);
  m.clock(5);
  CHECK(m.clock() == 5);
}

TEST_CASE("DMA moderation: a restart forgets what is not told, of its channel alone",
          "[unit][dma][R54]") {
  Moderation m;
  for (const unsigned c : {1u, 2u}) m.settings[c] = {.irq_enable = false, .count = 2, .timer = 1};
  for (const unsigned c : {1u, 2u, 1u, 2u}) m.clock(c);
  m.restart(1);
  for (const unsigned c : {1u, 2u}) m.settings[c].irq_enable = true;
  m.wait(100);
  m.wait(100);
  CHECK(m.told == std::vector<unsigned>{0, 0, 1, 0, 0, 0});
  m.clock(1);
  CHECK(m.clock() == kNobody);  // the first of two
  m.clock(1);
  CHECK(m.clock() == 1);
}

TEST_CASE("DMA moderation: less of a timer counts from the next turn on", "[unit][dma]") {
  Moderation m;
  m.settings[3] = {.count = 9, .timer = 1000};
  m.clock(3);
  CHECK(m.wait(100) == 0);
  m.settings[3].timer = 4;
  CHECK(m.wait(kUnit + 1) != 0);
  m.settings[3].timer = 1000;
  m.clock(3);
  m.settings[3].timer = 0;
  CHECK(m.wait(kUnit + 1) != 0);
}

// Every event is told, never before there was one, and in time.
template <class V>
void random_events(unsigned channels, uint64_t seed) {
  struct Channel {
    bool waits = false;
    unsigned events = 0;
    uint64_t first = 0;
    uint64_t due = ~uint64_t{0};  // a bound
  };
  Moderation<V> m(channels, seed);
  agent::Rng rng(seed, "moderation");
  std::vector<Channel> model(channels);
  for (unsigned c = 0; c < channels; ++c) {
    m.settings[c].count = static_cast<unsigned>(rng.range(0, 6));
    m.settings[c].timer = static_cast<unsigned>(rng.range(0, 4));
  }
  const unsigned slack = kUnit + channels + 2;
  for (uint64_t now = 0; now < 30'000; ++now) {
    const unsigned event = rng.chance(rng.chance(50) ? 60 : 3)
                               ? static_cast<unsigned>(rng.range(0, channels - 1))
                               : kNobody;
    const unsigned told = m.clock(event);
    if (told != kNobody) {
      Channel& c = model[told];
      const Ctl& set = m.settings[told];
      REQUIRE(c.waits);
      REQUIRE((set.timer == 0 || c.events >= set.count || now >= c.first + kUnit * set.timer));
      c = {};
    }
    if (event != kNobody) {
      Channel& c = model[event];
      const Ctl& set = m.settings[event];
      if (!c.waits) c = {.waits = true, .events = 0, .first = now};
      c.events++;
      if (c.events == 1) c.due = now + kUnit * set.timer + slack;
      if (set.timer == 0 || c.events >= set.count) c.due = std::min(c.due, now + channels + 1);
    }
    for (const Channel& c : model) REQUIRE((!c.waits || now <= c.due));
  }
  for (unsigned c = 0; c < channels; ++c) CHECK(m.told[c] > 50);
}

TEST_CASE("DMA moderation: every event is told in time, and no channel waits for another",
          "[unit][dma][R56][R57]") {
  random_events<Vcw_dma_moderation>(6, 1);
  random_events<Vcw_dma_moderation_channels1>(1, 2);
  random_events<Vcw_dma_moderation_channels16>(16, 3);
}

}  // namespace
}  // namespace cw::unit::dma
