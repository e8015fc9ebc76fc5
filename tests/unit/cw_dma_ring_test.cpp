// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_ring.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

struct Ring : dut::Module<Vcw_dma_ring> {
  Ctl ctl{.enable = true, .ring = 0x8000, .records = 0x9000, .ring_log2 = 2};

  explicit Ring(unsigned ring_log2 = 2) {
    ctl.ring_log2 = ring_log2;
    pins().idle_i = 1;
    pins().entry_take_i = pins().entry_both_i = pins().retired_i = pins().halt_i = 0;
    apply();
    reset();
  }

  void apply() {
    drive(pins().ctl_i, ctl);
    settle();
  }

  // True: taken as good.
  bool doorbell(unsigned tail) {
    ctl.tail = static_cast<uint16_t>(tail);
    ctl.tail_write = true;
    apply();
    const bool good = !pins().bad_doorbell_o;
    step();
    ctl.tail_write = false;
    apply();
    return good;
  }

  std::vector<uint64_t> fetch_all() {
    std::vector<uint64_t> iovas;
    for (settle(); pins().entry_avail_o; settle()) {
      iovas.push_back(pins().entry_iova_o);
      pins().entry_take_i = 1;
      step();
      pins().entry_take_i = 0;
    }
    return iovas;
  }

  void retire(unsigned count) {
    for (unsigned n = 0; n < count; n++) {
      pins().retired_i = 1;
      step();
      pins().retired_i = 0;
    }
    settle();
  }

  void restart() {
    ctl.restart = true;
    apply();
    step();
    ctl.restart = false;
    apply();
  }
};

TEST_CASE("DMA ring fills, empties and wraps", "[unit][dma][R54]") {
  Ring ring;
  CHECK(ring.fetch_all().empty());
  CHECK(ring.doorbell(4));
  CHECK(ring.fetch_all() == std::vector<uint64_t>{0x8000, 0x8020, 0x8040, 0x8060});
  CHECK(ring.pins().record_iova_o == 0x9000);
  CHECK(ring.pins().phase_o == 1);
  ring.retire(3);
  CHECK(ring.pins().record_iova_o == 0x9030);
  CHECK(ring.doorbell(6));
  CHECK(ring.fetch_all() == std::vector<uint64_t>{0x8000, 0x8020});
  ring.retire(1);
  CHECK(ring.pins().head_o == 4);
  CHECK(ring.pins().record_iova_o == 0x9000);
  CHECK(ring.pins().phase_o == 0);
}

TEST_CASE("DMA ring indices run freely through 2^16", "[unit][dma][R54]") {
  Ring ring(15);
  for (unsigned tail = 0x4000; tail <= 0x20000; tail += 0x4000) {
    REQUIRE(ring.doorbell(tail));
    const auto fetched = ring.fetch_all();
    REQUIRE(fetched.size() == 0x4000);
    CHECK(fetched.front() == 0x8000 + ((tail - 0x4000) & 0x7fff) * 32);
    ring.retire(0x4000);
    CHECK(ring.pins().phase_o == (tail >> 15 & 1 ? 0 : 1));
  }
}

TEST_CASE("DMA ring offers two entries where they share a 64-byte line", "[unit][dma][R53][R54]") {
  Ring ring;
  CHECK(ring.doorbell(3));
  CHECK(ring.pins().entry_pair_o);
  ring.pins().entry_take_i = ring.pins().entry_both_i = 1;
  ring.step();
  ring.pins().entry_take_i = ring.pins().entry_both_i = 0;
  ring.settle();
  CHECK(ring.pins().entry_iova_o == 0x8040);
  CHECK_FALSE(ring.pins().entry_pair_o);  // the one behind is the driver's
  CHECK(ring.doorbell(4));
  CHECK(ring.pins().entry_pair_o);
  ring.pins().entry_take_i = 1;
  ring.step();
  ring.pins().entry_take_i = 0;
  ring.settle();
  CHECK_FALSE(ring.pins().entry_pair_o);  // its line began before it
  ring.ctl.ring = 0x8020;
  ring.apply();
  CHECK(ring.pins().entry_avail_o);
  CHECK_FALSE(ring.pins().entry_pair_o);  // the ring begins in mid-line
}

TEST_CASE("DMA ring coalesces doorbells", "[unit][dma][R54]") {
  Ring ring;
  CHECK(ring.doorbell(1));
  CHECK(ring.doorbell(1));
  CHECK(ring.doorbell(3));
  CHECK(ring.fetch_all().size() == 3);
}

TEST_CASE("DMA ring halts on a doorbell beyond the ring, backwards or while disabled",
          "[unit][dma][R54]") {
  Ring ring;
  SECTION("more than the ring") { CHECK_FALSE(ring.doorbell(5)); }
  SECTION("entries taken back") {
    CHECK(ring.doorbell(3));
    CHECK(ring.fetch_all().size() == 3);
    CHECK_FALSE(ring.doorbell(2));
  }
  SECTION("behind head") {
    CHECK(ring.doorbell(3));
    CHECK(ring.fetch_all().size() == 3);
    ring.retire(3);
    CHECK_FALSE(ring.doorbell(2));
  }
  SECTION("while disabled") {
    ring.ctl.enable = false;
    CHECK_FALSE(ring.doorbell(1));
    ring.ctl.enable = true;
  }
  ring.apply();
  CHECK(ring.pins().halted_o);
  CHECK(ring.doorbell(ring.pins().head_o + 4));
  CHECK_FALSE(ring.pins().entry_avail_o);
}

TEST_CASE("DMA ring stops between entries and goes on where it stood", "[unit][dma][R54][R44]") {
  Ring ring;
  CHECK(ring.doorbell(2));
  ring.ctl.enable = false;
  ring.apply();
  CHECK(ring.fetch_all().empty());
  ring.ctl.enable = true;
  ring.apply();
  CHECK(ring.fetch_all().size() == 2);
}

TEST_CASE("DMA ring restarts only while disabled and idle", "[unit][dma][R54]") {
  Ring ring;
  CHECK(ring.doorbell(2));
  CHECK(ring.fetch_all().size() == 2);
  ring.retire(2);
  ring.pins().halt_i = 1;
  ring.step();
  ring.pins().halt_i = 0;
  ring.restart();
  CHECK(ring.pins().halted_o);
  ring.ctl.enable = false;
  ring.pins().idle_i = 0;
  ring.restart();
  CHECK(ring.pins().halted_o);
  CHECK(ring.pins().head_o == 2);
  ring.pins().idle_i = 1;
  ring.restart();
  CHECK_FALSE(ring.pins().halted_o);
  CHECK(ring.pins().head_o == 0);
}

TEST_CASE("DMA ring raises the alarm when more is retired than fetched", "[unit][dma][R29]") {
  Ring ring;
  ring.pins().retired_i = 1;
  CHECK_THROWS_AS(ring.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
