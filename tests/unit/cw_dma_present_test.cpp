// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Channels=1 DescSlots=8
// cw-variant: Channels=16
#include "Vcw_dma_present.h"
#include "Vcw_dma_present_channels16.h"
#include "Vcw_dma_present_channels1_descslots8.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

// The buffer's descriptors have their channel and index as tag; those of the ring the right phase.
template <class V, unsigned kChannels, unsigned kSlots = 32>
struct PresentBench : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kIndexW = std::bit_width(2 * kSlots) - 1;
  static constexpr unsigned kLog2 = 3;

  unsigned filled[kChannels] = {};
  unsigned used[kChannels] = {};
  bool stale = false;  // descriptors have the other phase

  PresentBench() {
    auto& p = pins();
    p.halted_i = p.restart_i = p.failed_i = p.linked_i = 0;
    p.link_half_i = p.link_avail_i = p.link_failed_i = 0;
    p.take_i = p.follow_i = 0;
    want(~0u);
    for (unsigned c = 0; c < kChannels; c++) {
      dut::set_bits(p.ring_log2_i, 4 * c, 4, kLog2);
      fill(c, 0);
    }
    this->reset();
  }
  void want(unsigned mask) { dut::set_bits(pins().want_i, 0, kChannels, mask); }
  void fill(unsigned c, unsigned index) {
    filled[c] = index;
    dut::set_bits(pins().filled_i, kIndexW * c, kIndexW, index % (2 * kSlots));
  }
  void set(auto& port, unsigned c, bool value) { dut::set_bits(port, c, 1, value); }

  std::optional<Front> shown() {
    this->settle();
    if (!pins().front_valid_o) return std::nullopt;
    return front(pins().front_o);
  }
  // One clock; what was shown in it.
  std::optional<Front> tick(bool take = true, bool follow = false) {
    auto& p = pins();
    const auto f = shown();
    p.take_i = f && take;
    p.follow_i = follow;
    this->settle();
    const bool used_up = p.used_o;
    const bool reads = p.rd_en_o;
    const unsigned c = p.rd_chan_o, index = p.rd_index_o;
    const bool linked = p.rd_linked_o;
    if (used_up && !f->linked) used[f->chan]++;
    this->step();
    p.take_i = p.follow_i = 0;
    if (reads) {
      const bool phase = !(index >> kLog2 & 1);
      drive(p.rd_desc_i, Desc{.tag = c << 8 | (linked ? 0x80 : 0) | index,
                              .phase = linked ? rng.chance(50) : phase != stale});
    }
    this->settle();
    return f;
  }
  agent::Rng rng{1, "phases"};
};

using Present = PresentBench<Vcw_dma_present, 6>;

TEST_CASE("DMA present shows one channel's descriptors one a clock", "[unit][dma][rate]") {
  PresentBench<Vcw_dma_present_channels1_descslots8, 1, 8> present;
  present.fill(0, 1);
  CHECK_FALSE(present.tick());
  for (unsigned n = 0; n < 100; n++) {
    present.fill(0, n + 6);
    const auto f = present.tick();
    REQUIRE(f);
    CHECK(f->head == n + 1);
    CHECK(f->desc.tag == n % 16);
    CHECK(f->error == Error::Ok);
    CHECK_FALSE(f->linked);
  }
}

TEST_CASE("DMA present shows again what was not taken, and nothing in between",
          "[unit][dma][R18]") {
  Present present;
  present.fill(2, 20);
  unsigned next = 0;
  agent::Rng rng(2, "take");
  for (int n = 0; n < 60 && next < 20; n++) {
    const bool take = rng.chance(60);
    const auto f = present.tick(take);
    if (!f) continue;
    REQUIRE(f->desc.tag == (0x200u | next));
    REQUIRE(f->head == next + 1);
    if (take) next++;
  }
  CHECK(next == 20);
  CHECK_FALSE(present.tick());
}

TEST_CASE("DMA present takes turns between channels that want a descriptor", "[unit][dma][R57]") {
  PresentBench<Vcw_dma_present_channels16, 16> present;
  for (unsigned c = 0; c < 16; c++) present.fill(c, 30);
  for (int n = 0; n < 160; n++) present.tick();
  for (unsigned c = 0; c < 16; c++) CHECK((present.used[c] == 10 || present.used[c] == 9));
  present.want(1u << 7 | 1u << 12);
  present.tick();
  for (int n = 0; n < 20; n++) {
    const auto f = present.tick();
    REQUIRE(f);
    CHECK((f->chan == 7 || f->chan == 12));
  }
  present.set(present.pins().halted_i, 7, true);
  present.tick();
  for (int n = 0; n < 10; n++) CHECK(present.tick()->chan == 12);
}

TEST_CASE("DMA present follows a chain before the ring goes on", "[unit][dma][R53]") {
  Present present;
  auto& p = present.pins();
  present.fill(1, 5);
  present.tick();
  CHECK(present.tick(true, /*follow=*/true)->desc.tag == 0x100);
  present.set(p.linked_i, 1, true);
  for (int n = 0; n < 4; n++) CHECK_FALSE(present.tick());
  present.set(p.link_avail_i, 1, true);
  present.set(p.link_half_i, 1, true);
  CHECK_FALSE(present.tick());
  const auto f = present.tick();
  REQUIRE(f);
  CHECK(f->linked);
  CHECK(f->desc.tag == 0x181);
  CHECK(f->head == 1);
  CHECK(f->error == Error::Ok);
  p.linked_i = p.link_avail_i = 0;
  CHECK_FALSE(present.tick());
  CHECK(present.tick()->desc.tag == 0x101);
}

TEST_CASE("DMA present shows what failed or is stale as an error, and nothing behind it",
          "[unit][dma][R26][R53]") {
  Present present;
  auto& p = present.pins();
  Error error = Error::DescFetch;
  unsigned good = 2;
  SECTION("ring") {
    present.fill(3, 2);
    present.set(p.failed_i, 3, true);
  }
  SECTION("stale") {
    present.fill(3, 5);
    present.stale = true;
    error = Error::Stale;
    good = 0;
  }
  SECTION("linked") {
    present.fill(3, 2);
    present.set(p.linked_i, 3, true);
    present.set(p.link_avail_i, 3, true);
    present.set(p.link_failed_i, 3, true);
    good = 0;
  }
  CHECK_FALSE(present.tick());
  for (unsigned n = 0; n < good; n++) CHECK(present.tick()->error == Error::Ok);
  const auto f = present.tick(/*take=*/false);
  REQUIRE(f);
  CHECK(f->error == error);
  CHECK_FALSE(present.tick());
  CHECK(present.tick()->error == error);
  for (int n = 0; n < 4; n++) CHECK_FALSE(present.tick());
  p.failed_i = p.linked_i = p.link_avail_i = 0;
  present.stale = false;
  present.fill(3, 1);
  present.set(p.restart_i, 3, true);
  CHECK_FALSE(present.tick());
  p.restart_i = 0;
  CHECK_FALSE(present.tick());
  CHECK(present.tick()->desc.tag == 0x300);
}

TEST_CASE("DMA present shows linked descriptors where the ring has no more", "[unit][dma]") {
  Present present;
  present.set(present.pins().linked_i, 4, true);
  present.set(present.pins().link_avail_i, 4, true);
  present.tick();
  CHECK(present.tick()->error == Error::Ok);
}

TEST_CASE("DMA present shows nothing while it is reset", "[unit][dma]") {
  Present present;
  present.fill(0, 3);
  present.reset();
  CHECK_FALSE(present.shown());
}

TEST_CASE("DMA present looks for the phase of the round", "[unit][dma][R53]") {
  Present present;
  present.fill(0, 30);
  present.tick();
  for (unsigned n = 0; n < 30; n++) CHECK(present.tick()->error == Error::Ok);
  present.fill(0, 40);
  present.stale = true;
  present.tick();
  CHECK(present.tick()->error == Error::Stale);
}

TEST_CASE("DMA present raises the alarm when a channel is linked under what is shown",
          "[unit][dma][R29]") {
  Present present;
  present.fill(5, 3);
  present.tick();
  CHECK(present.shown());
  present.set(present.pins().linked_i, 5, true);
  CHECK_THROWS_AS(present.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
