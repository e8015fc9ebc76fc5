// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_advance.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_cutting.hpp"

namespace cw::unit::dma {
namespace {

struct Advance : dut::Module<Vcw_dma_advance> {
  Rest behind(const Held& held) {
    drive(pins().held_i, held);
    step();
    return rest(pins().rest_o);
  }
};

TEST_CASE("DMA advance goes on behind a chunk", "[unit][dma][R04][R55]") {
  Advance advance;
  CHECK(advance.behind({.job = {.bytes = 0xffff'ffff},
                        .rest = {.src = 0xffff'ff80, .dst = 5, .left = 0xffff'fff0, .rows = 3},
                        .cut = {.src_step = 4096, .dst_step = 0, .bytes = 4096}}) ==
        Rest{.src = 0x1'0000'0f80, .dst = 5, .left = 0xffff'eff0, .rows = 3, .begins = false});
}

TEST_CASE("DMA advance begins the next row, also in front of the chunk", "[unit][dma]") {
  Advance advance;
  CHECK(advance.behind(
            {.job = {.bytes = 100},
             .rest = {.src = 0x1060, .dst = 0x2060, .left = 4, .rows = 2},
             .cut = {.src_step = -0x5d, .dst_step = 0xff'ff9f, .bytes = 4, .row_over = true}}) ==
        Rest{.src = 0x1003, .dst = 0x100'1fff, .left = 100, .rows = 1});
}

TEST_CASE("DMA advance agrees with numbers that do not wrap, beyond 2^64 too", "[unit][dma][R55]") {
  Advance advance;
  agent::Rng rng(4, "advance");
  for (int n = 0; n < 3000; n++) {
    const auto address = [&] {
      return rng.chance(30) ? ~uint64_t{0} - rng.range(0, 5000) : rng.u64() | uint64_t{1} << 33;
    };
    const auto step = [&] {
      const auto bytes = static_cast<int64_t>(rng.u32() >> rng.range(0, 31));
      return rng.chance(30) ? -bytes : bytes;
    };
    const uint64_t src = address(), dst = address();
    const auto bytes = static_cast<uint32_t>(rng.range(1, 0xffff'ffff >> rng.range(0, 31)));
    const auto left = static_cast<uint32_t>(rng.range(1, bytes));
    const auto chunk = static_cast<uint32_t>(rng.range(1, std::min(left, 4096u)));
    const bool over = chunk == left;
    const auto rows = static_cast<unsigned>(rng.range(1, 0xffff));
    const int64_t src_step = step(), dst_step = step();
    const Wide next_src = Wide{src} + static_cast<Wide>(src_step);
    const Wide next_dst = Wide{dst} + static_cast<Wide>(dst_step);
    REQUIRE(advance.behind({.job = {.bytes = bytes},
                            .rest = {.src = src, .dst = dst, .left = left, .rows = rows},
                            .cut = {.src_step = src_step,
                                    .dst_step = dst_step,
                                    .bytes = chunk,
                                    .row_over = over}}) ==
            Rest{.src = static_cast<uint64_t>(next_src),
                 .dst = static_cast<uint64_t>(next_dst),
                 .src_past = next_src >= kSpace,
                 .dst_past = next_dst >= kSpace,
                 .left = over ? bytes : left - chunk,
                 .rows = over ? rows - 1 : rows,
                 .begins = over});
  }
}

}  // namespace
}  // namespace cw::unit::dma
