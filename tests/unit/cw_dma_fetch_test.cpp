// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64 Channels=2 DescSlots=8 Reads=4
// cw-variant: W=128 Channels=16
// cw-variant: W=256 Channels=1 DescSlots=128
// cw-variant: W=512 Channels=1 DescSlots=128
// cw-variant: W=512
// cw-variant: W=512 CutBytes=32
// cw-variant: CutBytes=32
#include "Vcw_dma_fetch.h"
#include "Vcw_dma_fetch_cutbytes32.h"
#include "Vcw_dma_fetch_w128_channels16.h"
#include "Vcw_dma_fetch_w256_channels1_descslots128.h"
#include "Vcw_dma_fetch_w512.h"
#include "Vcw_dma_fetch_w512_channels1_descslots128.h"
#include "Vcw_dma_fetch_w512_cutbytes32.h"
#include "Vcw_dma_fetch_w64_channels2_descslots8_reads4.h"
#include "unit/dma_front_bench.hpp"

namespace cw::unit::dma {
namespace {

using Fetch = FrontBench<Vcw_dma_fetch, 6>;

// Chains of `count` linked descriptors at `iova`, the last of them marked so.
template <class Bench>
void put_chain(Bench& bench, uint64_t iova, unsigned count, unsigned tag) {
  for (unsigned n = 0; n < count; n++) {
    bench.memory[iova + 32 * n] = {.tag = tag + n, .last = n + 1 == count};
  }
}

// Entries of every form, answered, wanted and taken at random.
template <class Bench, unsigned kChannels>
void random_entries(uint64_t seed, unsigned fail_percent, unsigned per_channel, unsigned cut = 4) {
  Bench bench(seed);
  bench.cut = cut;
  agent::Rng rng(seed, "entries");
  bench.fail_percent = fail_percent;
  unsigned given[kChannels] = {};
  uint64_t chains = 0x7000'0000'0000;
  unsigned tag = 0;
  for (unsigned c = 0; c < kChannels; c++) bench.set_log2(c, static_cast<unsigned>(1 + c % 6));
  for (unsigned round = 0; round < 200 * per_channel; round++) {
    if (round % 64 == 0) {
      bench.latency = static_cast<unsigned>(rng.range(1, 30));
      bench.spread = static_cast<unsigned>(rng.range(0, 60));
      bench.ready_percent = rng.chance(50) ? 100 : 40;
      bench.want_percent = rng.chance(50) ? 100 : 60;
      bench.take_percent = rng.chance(50) ? 100 : 70;
      bench.gap_percent = rng.chance(50) ? 0 : 30;
    }
    bool more = false;
    for (unsigned c = 0; c < kChannels; c++) {
      auto& r = bench.ring[c];
      if (r.over) r.halted = true;
      if (r.halted && !bench.busy(c)) {
        bench.restart(c);
      } else if (given[c] < per_channel && !r.halted && r.tail - r.index < (1u << r.log2) &&
                 rng.chance(20)) {
        auto& d = bench.give(c, {.src = rng.u64(),
                                 .dst = rng.u64(),
                                 .arg = rng.u64() | 1,
                                 .bytes = rng.u32(),
                                 .tag = ++tag & 0xffff});
        d.last = rng.chance(50);
        d.kind = static_cast<unsigned>(rng.range(0, 2));
        d.chain = rng.chance(5);
        if (fail_percent != 0 && rng.chance(1)) d.phase = !d.phase;
        if (rng.chance(20)) {
          d.last = false;
          d.chain = true;
          d.kind = 0;
          d.arg = chains;
          unsigned count = static_cast<unsigned>(rng.range(1, 6));
          while (rng.chance(30)) {  // a chain in the chain
            const uint64_t behind = chains + 32 * rng.range(count + 1, 9);
            for (unsigned n = 0; n < count; n++) {
              bench.memory[chains + 32 * n] = {
                  .arg = behind, .tag = ++tag & 0xffff, .last = false, .chain = n + 1 == count};
            }
            chains = behind;
            count = static_cast<unsigned>(rng.range(1, 4));
          }
          put_chain(bench, chains, count, tag & 0xff);
          chains += 32 * (count + rng.range(0, 3));
        }
        given[c]++;
      }
      more = more || given[c] < per_channel || (!r.halted && r.index < r.tail) || r.over;
    }
    bench.tick();
    if (!more) break;
  }
  bench.fail_percent = 0;
  bench.want_percent = bench.take_percent = bench.ready_percent = 100;
  bench.tick(600 + 60 * kChannels);
  for (unsigned c = 0; c < kChannels; c++) {
    INFO("channel " << c);
    CHECK(given[c] == per_channel);
    CHECK_FALSE(bench.owed(c));
    const auto& r = bench.ring[c];
    CHECK((r.over || (r.index == r.tail && !r.link)));
  }
  bench.settle();
  CHECK(bench.pins().busy_o == 0);
}

TEST_CASE("DMA fetch presents every descriptor once and in order, whatever order and pieces",
          "[unit][dma][R18][R53]") {
  random_entries<Fetch, 6>(1, 0, 150);
  random_entries<FrontBench<Vcw_dma_fetch_w512, 6>, 6>(2, 0, 150);
  random_entries<FrontBench<Vcw_dma_fetch_w128_channels16, 16>, 16>(3, 0, 80);
  random_entries<FrontBench<Vcw_dma_fetch_w64_channels2_descslots8_reads4, 2, 4>, 2>(4, 0, 200);
  random_entries<FrontBench<Vcw_dma_fetch_w512_channels1_descslots128, 1>, 1>(5, 0, 300);
  random_entries<FrontBench<Vcw_dma_fetch_cutbytes32, 6>, 6>(6, 0, 150, 32);
  random_entries<FrontBench<Vcw_dma_fetch_w512_cutbytes32, 6>, 6>(7, 0, 150, 32);
}

TEST_CASE("DMA fetch presents a failed read or an old phase as an error, and nothing behind it",
          "[unit][dma][R26][R53]") {
  random_entries<Fetch, 6>(11, 5, 150);
  random_entries<FrontBench<Vcw_dma_fetch_w512, 6>, 6>(12, 3, 150);
  random_entries<FrontBench<Vcw_dma_fetch_w128_channels16, 16>, 16>(13, 5, 80);
  random_entries<FrontBench<Vcw_dma_fetch_w64_channels2_descslots8_reads4, 2, 4>, 2>(14, 5, 200);
  random_entries<FrontBench<Vcw_dma_fetch_w512_channels1_descslots128, 1>, 1>(15, 2, 300);
}

// Clocks for `count` descriptors of one channel at a latency of 100.
template <class Bench>
uint64_t clocks_at_100(unsigned count, unsigned wants = ~0u) {
  Bench bench;
  bench.latency = 100;
  bench.whole = true;
  bench.wants = wants;
  bench.set_log2(0, 10);
  uint64_t first = 0;
  while (bench.ring[0].taken < count) {
    while (bench.ring[0].tail - bench.ring[0].index < 1024) bench.give(0);
    bench.tick();
    if (first == 0 && bench.ring[0].taken == 1) first = bench.clock;
    REQUIRE(bench.clock < 20 * count);
  }
  CHECK(first < 110);
  return bench.clock - first;
}

TEST_CASE("DMA fetch sustains a descriptor per clock to one channel at a latency of 100 clocks",
          "[unit][dma][rate]") {
  CHECK(clocks_at_100<FrontBench<Vcw_dma_fetch_w256_channels1_descslots128, 1>>(2000) <= 2010);
  CHECK(clocks_at_100<FrontBench<Vcw_dma_fetch_w512_channels1_descslots128, 1>>(2000) <= 2010);
}

TEST_CASE("DMA fetch shares its descriptors fairly and goes round channels that want none",
          "[unit][dma][R57]") {
  Fetch bench;
  bench.whole = true;
  bench.latency = 1;
  const auto fill = [&] {
    for (unsigned c = 0; c < 6; c++) {
      while (bench.ring[c].tail - bench.ring[c].index < 32) bench.give(c);
    }
  };
  for (int n = 0; n < 600; n++) {
    fill();
    bench.tick();
  }
  for (unsigned c = 0; c < 6; c++) {
    CHECK(bench.ring[c].taken > 60);
    CHECK(bench.ring[c].taken < 130);
  }
  bench.wants = 0;
  bench.tick(250);
  bench.wants = 1u << 4;  // the others have theirs waiting
  const unsigned before = bench.ring[4].taken;
  for (int n = 0; n < 200; n++) {
    fill();
    bench.tick();
  }
  CHECK(bench.ring[4].taken > before + 150);
}

TEST_CASE("DMA fetch gives a channel its descriptors while another's are not answered",
          "[unit][dma][R57]") {
  Fetch bench;
  bench.whole = true;
  bench.answered = ~2u;
  put_chain(bench, 0x9000, 3, 7);
  bench.give(3, {.arg = 0x9000, .last = false, .chain = true});
  for (int n = 0; n < 20; n++) bench.give(0), bench.give(1);
  bench.tick(60);
  CHECK(bench.ring[0].taken == 20);
  CHECK(bench.ring[1].taken == 0);
  CHECK(bench.ring[3].taken == 4);
  bench.settle();
  CHECK(bench.pins().busy_o == 2);
  bench.answered = ~0u;
  bench.tick(60);
  CHECK(bench.ring[1].taken == 20);
}

TEST_CASE("DMA fetch asks one clock after a batch and presents three after the last beat",
          "[unit][dma][rate]") {
  Fetch bench;
  bench.whole = true;
  bench.latency = 10;
  bench.give(2);
  bench.tick();
  CHECK(bench.log.empty());
  bench.tick();
  REQUIRE(bench.log.size() == 1);
  const uint64_t answered = bench.clock - 1 + bench.latency;
  while (bench.ring[2].taken == 0) {
    bench.tick();
    REQUIRE(bench.clock < 40);
  }
  CHECK(bench.clock - 1 == answered + 3);
}

TEST_CASE("DMA fetch reads two linked descriptors at once where they share a 64-byte line",
          "[unit][dma][R53]") {
  Fetch bench;
  bench.whole = true;
  put_chain(bench, 0x8020, 4, 40);
  bench.give(5, {.arg = 0x8020, .tag = 1, .last = false, .chain = true});
  bench.give(5, {.tag = 2});
  bench.tick(100);
  REQUIRE(bench.log.size() == 4);
  CHECK(bench.log[1].iova == 0x8020);
  CHECK(bench.log[1].bytes == 32);
  CHECK(bench.log[2].iova == 0x8040);
  CHECK(bench.log[2].bytes == 64);
  CHECK(bench.log[3].iova == 0x8080);
  CHECK(bench.ring[5].tags == std::vector<unsigned>{1, 40, 41, 42, 43, 2});
}

TEST_CASE("DMA fetch forgets what a halted channel was not given, and begins at index 0 again",
          "[unit][dma][R44]") {
  Fetch bench;
  bench.whole = true;
  bench.wants = ~1u;
  for (int n = 0; n < 40; n++) bench.give(0), bench.give(1, {.tag = 9});
  bench.tick(20);
  bench.answered = ~1u;
  bench.wants = 1;
  bench.tick(10);
  bench.ring[0].halted = true;
  const unsigned taken = bench.ring[0].taken;
  CHECK(taken > 0);
  bench.tick(40);
  CHECK(bench.ring[0].presented <= taken + 1);
  bench.settle();
  if (bench.owed(0)) CHECK((bench.pins().busy_o & 1) == 1);
  bench.answered = ~0u;
  bench.tick(40);
  bench.wants = ~0u;
  bench.restart(0);
  for (unsigned n = 0; n < 3; n++) bench.give(0, {.tag = 70 + n});
  bench.tick(40);
  CHECK(bench.ring[0].tags == std::vector<unsigned>{70, 71, 72});
}

TEST_CASE("DMA fetch offers no read while it is reset", "[unit][dma]") {
  Fetch bench;
  bench.ready_percent = 0;
  bench.give(0);
  bench.tick(3);
  bench.pins().batch_valid_i = 0;
  CHECK(bench.pins().rd_valid_o);
  bench.reset();
  CHECK_FALSE(bench.pins().rd_valid_o);
}

TEST_CASE("DMA fetch raises the alarm on an answer that nobody asked for", "[unit][dma][R22]") {
  Fetch bench;
  drive(bench.pins().rsp_i, ReadRsp{.client = ClientDesc, .mark = 3, .bytes = 32});
  bench.pins().rsp_valid_i = 1;
  CHECK_THROWS_AS(bench.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
