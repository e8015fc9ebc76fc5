// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_context.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

struct Context : dut::Module<Vcw_dma_context> {
  Context() {
    pins().keep_valid_i = 0;
    pins().chan_i = 0;
    reset();
  }
  void keep(unsigned chan, const Held& h, bool first, bool valid = true) {
    pins().keep_chan_i = chan;
    drive(pins().keep_i, h);
    pins().keep_first_i = first;
    pins().keep_valid_i = valid;
  }
  Held look(unsigned chan) {
    pins().chan_i = chan;
    settle();
    return held(pins().held_o);
  }
};

Held any(agent::Rng& rng) {
  return {.job = {.bytes = rng.u32(),
                  .dst_pitch = rng.u32() >> 8,
                  .src_pitch = rng.u32() >> 8,
                  .attr = rng.u32() & 7,
                  .imm = rng.chance(50),
                  .last = rng.chance(50)},
          .rest = {.src = rng.u64(),
                   .dst = rng.u64(),
                   .src_past = rng.chance(50),
                   .dst_past = rng.chance(50),
                   .left = rng.u32(),
                   .rows = rng.u32() & 0xffff,
                   .begins = rng.chance(50)},
          .cut = {.src_step = static_cast<int32_t>(rng.u32()),
                  .dst_step = static_cast<int32_t>(rng.u32()),
                  .bytes = rng.u32() & 0x1fff,
                  .lane = rng.u32() & 7,
                  .row_over = rng.chance(50),
                  .over = rng.chance(50)}};
}

TEST_CASE("DMA context gives each channel its own transfer, and what its packet carries",
          "[unit][dma]") {
  agent::Rng rng(2, "context");
  Context context;
  std::array<std::optional<Held>, 6> expected;
  std::array<unsigned, 6> info{};
  for (int n = 0; n < 3000; n++) {
    const auto chan = static_cast<unsigned>(rng.range(0, 5));
    const Held h = any(rng);
    const bool first = !expected[chan] || rng.chance(40), valid = rng.chance(60);
    context.keep(chan, h, first, valid);
    context.settle();
    const unsigned now = first ? static_cast<uint16_t>(h.rest.dst) : info[chan];
    REQUIRE(context.pins().keep_info_o == now);
    context.step();
    if (valid) {
      expected[chan] = h;
      info[chan] = now;
    }
    for (unsigned c = 0; c < 6; c++) {
      if (!expected[c]) continue;
      REQUIRE(context.look(c) == *expected[c]);
      REQUIRE(context.pins().info_o == info[c]);
    }
  }
}

TEST_CASE("DMA context raises the alarm for a channel that is not there", "[unit][dma]") {
  Context context;
  context.keep(6, {}, true);
  CHECK_THROWS_AS(context.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
