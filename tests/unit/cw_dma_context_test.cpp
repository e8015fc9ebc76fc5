// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_context.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

struct Context : dut::Module<Vcw_dma_context> {
  explicit Context(uint64_t seed = 1) : dut::Module<Vcw_dma_context>(seed) {
    pins().start_valid_i = pins().rest_valid_i = pins().direct_i = 0;
    pins().chan_i = 0;
    reset();
  }
  void begin(const Start& s, bool direct = false) {
    drive(pins().start_i, s);
    pins().start_valid_i = 1;
    pins().direct_i = direct;
    if (direct) pins().chan_i = s.chan;
  }
  void leave(unsigned chan, const Rest& r) {
    pins().chan_i = chan;
    drive(pins().rest_i, r);
    pins().rest_valid_i = 1;
  }
  // Behind it the inputs say nothing.
  void clock() {
    step();
    pins().start_valid_i = pins().rest_valid_i = pins().direct_i = 0;
    drive(pins().start_i, Start{.chan = junk_++ % 6, .job = {.bytes = junk_}});
    drive(pins().rest_i, Rest{.src = junk_});
  }
  Start look(unsigned chan) {
    pins().chan_i = chan;
    settle();
    return {.chan = chan, .first = false, .job = job(pins().job_o), .rest = rest(pins().rest_o)};
  }

 private:
  unsigned junk_ = 0;
};

Start any_start(agent::Rng& rng, unsigned chan) {
  return {.chan = chan,
          .first = rng.chance(50),
          .job = {.bytes = rng.u32(),
                  .dst_pitch = rng.u32() >> 8,
                  .src_pitch = rng.u32() >> 8,
                  .attr = rng.u32() & 7,
                  .imm = rng.chance(50),
                  .last = rng.chance(50)},
          .rest = {}};
}
Rest any_rest(agent::Rng& rng) {
  return {.src = rng.u64(),
          .dst = rng.u64(),
          .src_past = rng.chance(50),
          .dst_past = rng.chance(50),
          .left = rng.u32(),
          .rows = rng.u32() & 0xffff,
          .begins = rng.chance(50)};
}

TEST_CASE("DMA context shows a transfer in the clock in which it begins, and keeps it",
          "[unit][dma]") {
  agent::Rng rng(1, "context");
  Context context;
  Start s = any_start(rng, 3);
  s.rest = any_rest(rng);
  context.begin(s, /*direct=*/true);
  context.settle();
  CHECK(job(context.pins().job_o) == s.job);
  CHECK(rest(context.pins().rest_o) == s.rest);
  context.clock();
  CHECK(context.look(3).job == s.job);
  CHECK(context.look(3).rest == s.rest);
}

TEST_CASE("DMA context gives each channel its own, as it began or what is left", "[unit][dma]") {
  agent::Rng rng(2, "context");
  Context context;
  std::array<Start, 6> expected;
  std::array<unsigned, 6> info{};
  std::array<bool, 6> known{};
  for (int n = 0; n < 3000; n++) {
    const auto chan = static_cast<unsigned>(rng.range(0, 5));
    const auto other = static_cast<unsigned>(rng.range(0, 5));
    const bool direct = rng.chance(30);
    if (rng.chance(50)) {
      Start s = any_start(rng, chan);
      s.rest = any_rest(rng);
      s.first = s.first || !known[chan];
      context.begin(s, direct);
      expected[chan] = s;
      known[chan] = true;
      if (s.first) info[chan] = static_cast<uint16_t>(s.rest.dst);
      if (direct) {
        context.settle();
        REQUIRE(context.pins().packet_info_o == info[chan]);
        if (rng.chance(50)) {  // some of it is issued at once
          expected[chan].rest = any_rest(rng);
          context.leave(chan, expected[chan].rest);
        }
      } else if (other != chan && known[other]) {
        expected[other].rest = any_rest(rng);
        context.leave(other, expected[other].rest);
      }
    } else if (known[other]) {
      expected[other].rest = any_rest(rng);
      context.leave(other, expected[other].rest);
    }
    context.clock();
    for (unsigned c = 0; c < 6; c++) {
      if (!known[c]) continue;
      const Start now = context.look(c);
      REQUIRE(now.job == expected[c].job);
      REQUIRE(now.rest == expected[c].rest);
      REQUIRE(context.pins().packet_info_o == info[c]);
    }
  }
}

TEST_CASE("DMA context raises the alarm when a channel begins over its own rest", "[unit][dma]") {
  Context context;
  context.begin({.chan = 2});
  context.leave(2, {});
  CHECK_THROWS_AS(context.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
