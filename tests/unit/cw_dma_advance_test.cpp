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
  CHECK(advance.behind({.job = {.bytes = 0xffff'ffff, .dst_pitch = 9, .src_pitch = 9},
                        .rest = {.src = 0xffff'ff80, .dst = 5, .left = 0xffff'fff0, .rows = 3},
                        .cut = {.bytes = 4096}}) ==
        Rest{.src = 0x1'0000'0f80, .dst = 4101, .left = 0xffff'eff0, .rows = 3, .begins = false});
}

TEST_CASE("DMA advance leaves immediate data where it is", "[unit][dma]") {
  Advance advance;
  const uint64_t data = ~uint64_t{0};
  CHECK(advance.behind({.job = {.bytes = 8, .imm = true},
                        .rest = {.src = data, .dst = 0xffd, .left = 8},
                        .cut = {.bytes = 3}}) ==
        Rest{.src = data, .dst = 0x1000, .left = 5, .begins = false});
}

TEST_CASE("DMA advance begins the next row by the pitches, also in front of the chunk",
          "[unit][dma]") {
  Advance advance;
  CHECK(advance.behind({.job = {.bytes = 100, .dst_pitch = 0xff'ffff, .src_pitch = 3},
                        .rest = {.src = 0x1060, .dst = 0x2060, .left = 4, .rows = 2},
                        .cut = {.bytes = 4, .row_over = true}}) ==
        Rest{.src = 0x1003, .dst = 0x100'1fff, .left = 100, .rows = 1});
}

TEST_CASE("DMA advance says when the next row begins beyond 2^64", "[unit][dma][R55]") {
  Advance advance;
  const uint64_t at = ~uint64_t{0} - 15;  // 16 bytes are left
  for (const uint32_t pitch : {15u, 16u, 17u}) {
    Held held{.job = {.bytes = 16, .src_pitch = pitch},
              .rest = {.src = at, .dst = 0, .left = 16, .rows = 2},
              .cut = {.bytes = 16, .row_over = true}};
    const Rest from = advance.behind(held);
    CHECK(from.src == at + pitch);
    CHECK(from.src_past == (pitch >= 16));
    CHECK_FALSE(from.dst_past);
    held.job = {.bytes = 16, .dst_pitch = pitch};
    std::swap(held.rest.src, held.rest.dst);
    const Rest to = advance.behind(held);
    CHECK(to.dst == at + pitch);
    CHECK(to.dst_past == (pitch >= 16));
    CHECK_FALSE(to.src_past);
  }
}

TEST_CASE("DMA advance agrees with numbers that do not wrap", "[unit][dma][R55]") {
  Advance advance;
  agent::Rng rng(4, "advance");
  for (int n = 0; n < 3000; n++) {
    const uint64_t src = rng.chance(30) ? ~uint64_t{0} - rng.range(0, 5000) : rng.u64();
    const uint64_t dst = rng.chance(30) ? ~uint64_t{0} - rng.range(0, 5000) : rng.u64();
    const auto bytes = static_cast<uint32_t>(rng.range(1, 0xffff'ffff >> rng.range(0, 31)));
    const auto left = static_cast<uint32_t>(rng.range(1, bytes));
    const auto chunk = static_cast<uint32_t>(rng.range(1, std::min(left, 4096u)));
    const bool over = chunk == left;
    const auto rows = static_cast<unsigned>(rng.range(1, 0xffff));
    const uint32_t src_pitch = rng.u32() >> rng.range(8, 31);
    const uint32_t dst_pitch = rng.u32() >> rng.range(8, 31);
    const uint64_t done = bytes - left;  // of the row
    if (src < done || dst < done) continue;
    const Wide next_src = over ? Wide{src} - done + src_pitch : Wide{src} + chunk;
    const Wide next_dst = over ? Wide{dst} - done + dst_pitch : Wide{dst} + chunk;
    REQUIRE(advance.behind({.job = {.bytes = bytes, .dst_pitch = dst_pitch, .src_pitch = src_pitch},
                            .rest = {.src = src, .dst = dst, .left = left, .rows = rows},
                            .cut = {.bytes = chunk, .row_over = over}}) ==
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
