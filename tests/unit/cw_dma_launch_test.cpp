// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_launch.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_cutting.hpp"

namespace cw::unit::dma {
namespace {

constexpr unsigned kAll = 0x3f;
constexpr Desc kGood{.src = 0x5001,
                     .dst = 0x33,
                     .arg = 0x1122'3344'5566'7788,
                     .bytes = 64,
                     .tag = 0x1234,
                     .attr = 5};

struct Launch : dut::Module<Vcw_dma_launch> {
  Launch() {
    pins().front_valid_i = 0;
    pins().enable_i = pins().room_i = pins().idle_i = kAll;
    pins().start_ready_i = 1;
    pins().stop_i = pins().begun_i = pins().blocked_i = pins().busy_i = 0;
    pins().ending_i = 0;
    pins().entry_i = 0x65'4321;
    reset();
  }
  // A descriptor is on offer; whether it is taken.
  bool offer(unsigned chan, const Desc& d = kGood, Error error = Error::Ok) {
    drive(pins().front_i, Front{.chan = chan, .head = 9, .error = error, .desc = d});
    pins().front_valid_i = 1;
    settle();
    return pins().take_o;
  }
  void clock() {
    step();
    pins().front_valid_i = 0;
    settle();
  }
  bool wants(unsigned chan) { return pins().want_o >> chan & 1; }
  Error error() { return static_cast<Error>(pins().error_o); }
};

Desc with(auto change) {
  Desc d = kGood;
  change(d);
  return d;
}

TEST_CASE("DMA launch begins an entry with its first descriptor and starts the transfer",
          "[unit][dma]") {
  Launch launch;
  CHECK(launch.offer(2, with([](auto& d) { d.irq = d.quiet = true; })));
  CHECK(launch.pins().open_valid_o);
  CHECK(open(launch.pins().open_o) ==
        Open{.quiet = true, .irq = true, .tag = 0x1234, .entry = 3, .chan = 2});
  CHECK(launch.pins().start_valid_o);
  CHECK(launch.pins().start_good_o);
  CHECK(launch.error() == Error::Ok);
  const Start expected{
      .chan = 2,
      .first = true,
      .job = {.bytes = 64, .dst_pitch = 0x33'4455, .src_pitch = 0x66'7788, .attr = 5, .last = true},
      .rest = {.src = 0x5001, .dst = 0x33, .left = 64}};
  CHECK(start(launch.pins().start_o) == expected);
  launch.clock();
  CHECK_FALSE(launch.pins().take_o);
  CHECK_FALSE(launch.pins().start_valid_o);
}

TEST_CASE("DMA launch starts rows, and data as its own source", "[unit][dma]") {
  Launch launch;
  CHECK(launch.offer(2, with([](auto& d) { d.kind = Rows; })));
  CHECK(start(launch.pins().start_o).rest.rows == 0x1122);
  CHECK(start(launch.pins().start_o).rest.src == 0x5001);
  CHECK(launch.offer(2, with([](auto& d) { d.kind = Immediate, d.bytes = 8; })));
  const Start imm = start(launch.pins().start_o);
  CHECK(imm.rest == Rest{.src = kGood.arg, .dst = 0x33, .left = 8});
  CHECK(imm.job.imm);
  CHECK(imm.job.bytes == 8);
}

TEST_CASE("DMA launch goes on with the entry that is begun", "[unit][dma]") {
  Launch launch;
  CHECK(launch.offer(2, with([](auto& d) { d.last = false; })));
  CHECK_FALSE(start(launch.pins().start_o).job.last);
  launch.clock();
  launch.pins().begun_i = 1u << 2;
  launch.pins().room_i = launch.pins().enable_i = launch.pins().idle_i = 0;
  CHECK(launch.wants(2));
  CHECK(launch.offer(2, with([](auto& d) { d.fence = true; })));
  CHECK_FALSE(launch.pins().open_valid_o);
  CHECK_FALSE(start(launch.pins().start_o).first);
  launch.clock();
}

TEST_CASE("DMA launch takes nothing from a channel that is busy, blocked, stopped, off or full",
          "[unit][dma][R54]") {
  Launch launch;
  const auto check = [&](auto& pin, unsigned value, auto restore) {
    pin = value;
    CHECK_FALSE(launch.offer(4));
    CHECK_FALSE(launch.pins().open_valid_o);
    CHECK_FALSE(launch.pins().start_valid_o);
    CHECK(launch.offer(1));  // others go on
    pin = restore;
    CHECK(launch.offer(4));
  };
  launch.pins().begun_i = 1u << 4;
  check(launch.pins().busy_i, 1u << 4, 0);
  launch.pins().begun_i = 0;
  check(launch.pins().blocked_i, 1u << 4, 0);
  check(launch.pins().stop_i, 1u << 4, 0);
  check(launch.pins().enable_i, kAll & ~(1u << 4), kAll);
  check(launch.pins().room_i, kAll & ~(1u << 4), kAll);
}

TEST_CASE("DMA launch waits for the jobs once, and goes first then", "[unit][dma][R57]") {
  Launch launch;
  CHECK_FALSE(launch.pins().start_first_o);
  launch.pins().start_ready_i = 0;
  CHECK_FALSE(launch.offer(4));
  CHECK_FALSE(launch.pins().open_valid_o);
  CHECK_FALSE(launch.pins().start_valid_o);
  CHECK_FALSE(launch.pins().start_first_o);
  launch.clock();
  CHECK(launch.pins().start_first_o);
  launch.clock();  // nothing is on offer
  CHECK(launch.pins().start_first_o);
  launch.pins().start_ready_i = 1;
  CHECK(launch.offer(1));
  CHECK(launch.pins().start_first_o);
  launch.clock();
  CHECK_FALSE(launch.pins().start_first_o);
  launch.pins().room_i = 0;  // it waits for something else
  launch.pins().start_ready_i = 0;
  CHECK_FALSE(launch.offer(1));
  launch.clock();
  CHECK_FALSE(launch.pins().start_first_o);
}

TEST_CASE("DMA launch wants descriptors of channels that may take one", "[unit][dma]") {
  Launch launch;
  CHECK(launch.pins().want_o == kAll);
  const auto check = [&](auto& pin, unsigned value, auto restore) {
    pin = value;
    launch.settle();
    CHECK(launch.pins().want_o == (kAll & ~(1u << 4)));
    pin = restore;
  };
  check(launch.pins().busy_i, 1u << 4, 0);
  check(launch.pins().blocked_i, 1u << 4, 0);
  check(launch.pins().stop_i, 1u << 4, 0);
  check(launch.pins().enable_i, kAll & ~(1u << 4), kAll);
  check(launch.pins().room_i, kAll & ~(1u << 4), kAll);
  launch.pins().begun_i = launch.pins().busy_i = 0b110;
  launch.pins().ending_i = 0b100;
  launch.settle();
  CHECK(launch.pins().want_o == (kAll & ~0b010u));
}

TEST_CASE("DMA launch holds a fence until all before it have ended, and asks for others",
          "[unit][dma]") {
  Launch launch;
  const Desc fence = with([](auto& d) { d.fence = true; });
  CHECK(launch.offer(3, fence));
  launch.pins().idle_i = kAll & ~(1u << 3);
  CHECK_FALSE(launch.offer(3, fence));
  CHECK(launch.wants(3));
  launch.clock();
  CHECK_FALSE(launch.wants(3));
  CHECK(launch.wants(2));
  launch.clock();
  CHECK_FALSE(launch.wants(3));
  launch.pins().idle_i = kAll;
  CHECK(launch.offer(3, fence));
  launch.clock();
  CHECK(launch.wants(3));
}

TEST_CASE("DMA launch asks for more of a channel whose entries have not ended", "[unit][dma]") {
  Launch launch;
  launch.pins().idle_i = 0;
  CHECK(launch.offer(3));
  launch.clock();
  CHECK(launch.wants(3));
  launch.offer(3, with([](auto& d) { d.fence = true; }));
  launch.pins().front_valid_i = 0;  // not on offer
  launch.clock();
  CHECK(launch.wants(3));
}

TEST_CASE("DMA launch does not believe a fence that could not be read", "[unit][dma][R26]") {
  Launch launch;
  launch.pins().idle_i = 0;
  CHECK(launch.offer(3, with([](auto& d) { d.fence = true; }), Error::Stale));
}

TEST_CASE("DMA launch gives an unreadable first descriptor no tag and an event",
          "[unit][dma][R26]") {
  for (const Error error : {Error::DescFetch, Error::Stale}) {
    Launch launch;
    CHECK(launch.offer(1, with([](auto& d) { d.quiet = true; }), error));
    CHECK(open(launch.pins().open_o) == Open{.irq = true, .entry = 2, .chan = 1});
    CHECK(launch.error() == error);
    CHECK_FALSE(launch.pins().start_good_o);
  }
}

TEST_CASE("DMA launch refuses a bad descriptor under its own tag", "[unit][dma][R55]") {
  Launch launch;
  CHECK(launch.offer(1, with([](auto& d) { d.rsvd = 1, d.quiet = true; })));
  CHECK(open(launch.pins().open_o) == Open{.quiet = true, .tag = 0x1234, .entry = 2, .chan = 1});
  CHECK(launch.error() == Error::BadDesc);
  CHECK_FALSE(launch.pins().start_good_o);
  CHECK(launch.offer(S2h, with([](auto& d) { d.kind = Immediate, d.bytes = 8; })));
  CHECK(launch.error() == Error::BadDesc);
  CHECK(launch.offer(C2c, with([](auto& d) { d.kind = Immediate, d.bytes = 8; })));
  CHECK(launch.error() == Error::Ok);
}

TEST_CASE("DMA launch takes 256 descriptors in an entry and refuses the 257th",
          "[unit][dma][R55]") {
  Launch launch;
  for (int entry = 0; entry < 2; entry++) {
    launch.pins().begun_i = 0;
    for (int n = 0; n < 256; n++) {
      CHECK(launch.offer(0));
      REQUIRE(launch.error() == Error::Ok);
      launch.clock();
      launch.pins().begun_i = 1;
      if (n % 5 == 0) {  // another channel's do not count
        CHECK(launch.offer(1));
        launch.clock();
      }
    }
    CHECK(launch.offer(0));
    CHECK(launch.error() == Error::ChainLong);
    CHECK_FALSE(launch.pins().start_good_o);
    launch.clock();
  }
}

TEST_CASE("DMA launch counts what it takes, not what is on offer", "[unit][dma][R55]") {
  Launch launch;
  CHECK(launch.offer(0));
  launch.clock();
  launch.pins().begun_i = launch.pins().busy_i = 1;
  for (int n = 0; n < 300; n++) {
    CHECK_FALSE(launch.offer(0));
    CHECK(launch.error() == Error::Ok);
    launch.clock();
  }
  launch.pins().busy_i = 0;
  CHECK(launch.offer(0));
  CHECK(launch.error() == Error::Ok);
}

TEST_CASE("DMA launch forgets a fence with reset", "[unit][dma][R43]") {
  Launch launch;
  launch.pins().idle_i = 0;
  CHECK_FALSE(launch.offer(3, with([](auto& d) { d.fence = true; })));
  launch.clock();
  CHECK_FALSE(launch.wants(3));
  launch.reset();
  launch.settle();
  CHECK(launch.wants(3));
}

TEST_CASE("DMA launch raises the alarm when a channel is busy outside an entry", "[unit][dma]") {
  Launch launch;
  launch.pins().busy_i = 1;
  launch.offer(0);
  CHECK_THROWS_AS(launch.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
