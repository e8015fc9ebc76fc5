// SPDX-License-Identifier: Apache-2.0
//
// The checkers of the random test themselves: each lets through what docs/dma.md allows, and
// notices what it does not.
#include "catch_shim.hpp"
#include "dma/event_watch.hpp"
#include "dma/share_check.hpp"
#include "env/scoreboard_fault.hpp"

namespace cw::dma {
namespace {

using env::ScoreboardFault;
using unit::dma::Ctl;

enum Mode : unsigned { kWeighted, kBurst, kCycleStealing, kTransparent };

struct Settings {
  unsigned mode = kWeighted, level = 0, weight = 0;
  bool busy = true;
};

struct Sharing {
  // Of host to card, and of host to host; `third`: of card to card.
  Sharing(Settings first, Settings second, Settings third = {.mode = kTransparent})
      : check(4), settings{first, {.mode = kTransparent}, second, third} {
    clocks(100);
  }
  void clocks(unsigned count) {
    while (count-- != 0) {
      for (unsigned c = 0; c < 4; ++c) {
        Ctl ctl;
        ctl.mode = settings[c].mode;
        ctl.level = settings[c].level;
        ctl.weight = settings[c].weight;
        check.share(c, ctl, settings[c].busy);
      }
    }
  }
  // So many requests of the first or the second.
  void requests(unsigned which, unsigned count) {
    while (count-- != 0) check.request(2 * which, /*more=*/true);
  }
  ShareCheck check;
  Settings settings[4];
};

TEST_CASE("A channel of a lower level that goes on before a higher one is noticed",
          "[dma][bench][R57]") {
  Sharing strict({.level = 0}, {.level = 2});
  strict.requests(0, 100);  // nobody else wants
  strict.requests(1, 100);
  CHECK_THROWS_AS(strict.requests(0, 10), ScoreboardFault);

  Sharing burst({.mode = kBurst, .level = 0}, {.level = 2});
  burst.requests(1, 1);
  burst.requests(0, 100);  // keeps its turn
}

TEST_CASE("A channel that waits for more than a turn of its neighbour is noticed",
          "[dma][bench][R57]") {
  Sharing fair({.weight = 7}, {.mode = kCycleStealing});
  for (unsigned n = 0; n < 20; ++n) {
    fair.requests(0, 8);
    fair.requests(1, 1);
  }
  CHECK_THROWS_AS(fair.requests(0, 30), ScoreboardFault);

  Sharing over({.weight = 7}, {});
  over.requests(0, 1);
  over.check.request(2, /*more=*/false);  // wants nothing any more
  over.requests(0, 100);
  Sharing stopped({.weight = 7}, {});
  stopped.requests(1, 1);
  stopped.check.forget(2);
  stopped.requests(0, 100);
}

TEST_CASE("A transparent channel that gives way to nobody is noticed", "[dma][bench]") {
  Sharing beside({.mode = kTransparent, .level = 3}, {});
  beside.requests(1, 1);
  CHECK_THROWS_AS(beside.requests(0, 10), ScoreboardFault);

  Sharing alone({.mode = kTransparent}, {});
  alone.requests(0, 100);
  alone.check.others(true);
  CHECK_THROWS_AS(alone.requests(0, 10), ScoreboardFault);
  alone.check.others(false);
  alone.check.forget(0);
  alone.requests(0, 100);
}

TEST_CASE(
    "A channel that may give way to bytes of the card is not held to its turn at the other side",
    "[dma][bench][R57]") {
  Sharing behind({.level = 1}, {}, {.level = 2});
  behind.requests(0, 1);
  behind.requests(1, 100);
  behind.settings[3].level = 1;
  behind.clocks(10);  // has just had it
  behind.requests(0, 1);
  behind.requests(1, 10);
  behind.clocks(100);
  behind.requests(0, 1);
  CHECK_THROWS_AS(behind.requests(1, 10), ScoreboardFault);

  behind.settings[3].level = 2;
  behind.settings[3].busy = false;  // and does nothing
  behind.clocks(100);
  behind.requests(0, 1);
  CHECK_THROWS_AS(behind.requests(1, 10), ScoreboardFault);

  Sharing transparent({.level = 1}, {}, {.mode = kTransparent, .level = 3});
  transparent.requests(0, 1);
  CHECK_THROWS_AS(transparent.requests(1, 10), ScoreboardFault);
}

struct Events {
  EventWatch watch{"channel 0"};
  Ctl ctl{};
  uint64_t now = 0;
  void run(uint64_t clocks) {
    while (clocks-- != 0) watch.clock(++now, ctl);
  }
};

TEST_CASE("An interrupt without an event, while disabled, or too early is noticed",
          "[dma][bench][R56]") {
  Events events;
  events.ctl.timer = 10;
  events.ctl.count = 3;
  events.run(5);
  CHECK_THROWS_AS(events.watch.interrupt(events.now, events.ctl), ScoreboardFault);
  events.watch.event(events.now);
  events.run(100);
  CHECK_THROWS_AS(events.watch.interrupt(events.now, events.ctl), ScoreboardFault);
  events.run(70);
  Ctl off = events.ctl;
  off.irq_enable = false;
  CHECK_THROWS_AS(events.watch.interrupt(events.now, off), ScoreboardFault);
  events.watch.interrupt(events.now, events.ctl);

  for (unsigned n = 0; n < 3; ++n) events.watch.event(events.now);
  events.run(10);
  events.watch.interrupt(events.now, events.ctl);  // by its count
}

TEST_CASE("A lost interrupt is noticed: by the timer, by the count, and after a mask",
          "[dma][bench][R56]") {
  Events timed;
  timed.ctl.timer = 10;
  timed.ctl.count = 3;
  timed.watch.event(0);
  timed.run(160);
  CHECK_THROWS_AS(timed.run(300), ScoreboardFault);

  Events counted;
  counted.ctl.timer = 1000;
  counted.ctl.count = 2;
  counted.watch.event(0);
  counted.run(500);
  counted.watch.event(counted.now);
  CHECK_THROWS_AS(counted.run(300), ScoreboardFault);

  Events masked;
  masked.ctl.irq_enable = false;
  masked.watch.event(0);
  masked.run(5000);
  masked.ctl.irq_enable = true;
  masked.run(50);
  CHECK_THROWS_AS(masked.run(300), ScoreboardFault);

  Events slower;  // the longer of two settings
  slower.ctl.count = 3;
  slower.ctl.timer = 1;
  slower.watch.event(0);
  slower.run(2);
  slower.ctl.timer = 100;
  slower.run(1500);
  slower.ctl.timer = 1;
  slower.run(100);
  CHECK_THROWS_AS(slower.run(300), ScoreboardFault);
}

}  // namespace
}  // namespace cw::dma
