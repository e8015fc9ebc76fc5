// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_ring.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

struct Ring : dut::Module<Vcw_dma_ring> {
  Ctl ctl{.enable = true, .ring_log2 = 2};

  explicit Ring(unsigned ring_log2 = 2) {
    ctl.ring_log2 = ring_log2;
    pins().rest_i = 1;
    pins().open_i = pins().halt_i = pins().taken_i = pins().head_valid_i = 0;
    pins().beyond_i = 0;
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
    const unsigned head = pins().head_o, given = pins().tail_o;
    const unsigned claimed = (tail - head) & 0xffff;
    pins().beyond_i = claimed > 1u << ctl.ring_log2 || claimed < ((given - head) & 0xffff);
    apply();
    const bool good = !pins().bad_doorbell_o;
    step();
    ctl.tail_write = false;
    apply();
    return good;
  }

  // How many there were to read, all of them taken.
  unsigned take_all() {
    unsigned count = 0;
    for (settle(); pins().avail_o; settle()) {
      const unsigned left = (pins().tail_o - pins().next_o) & 0xffff;
      const unsigned taken = std::min(left, 16u);
      pins().taken_i = 1;
      pins().taken_next_i = static_cast<uint16_t>(pins().next_o + taken);
      count += taken;
      step();
      pins().taken_i = 0;
    }
    return count;
  }

  void retire(unsigned head) {
    pins().head_i = static_cast<uint16_t>(head);
    pins().head_valid_i = 1;
    step();
    pins().head_valid_i = 0;
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
  CHECK(ring.take_all() == 0);
  CHECK(ring.doorbell(4));
  CHECK(ring.pins().next_o == 0);
  CHECK(ring.pins().tail_o == 4);
  CHECK(ring.take_all() == 4);
  ring.retire(3);
  CHECK(ring.pins().head_o == 3);
  CHECK(ring.doorbell(7));
  CHECK(ring.pins().next_o == 4);
  CHECK(ring.take_all() == 3);
  ring.retire(7);
  CHECK(ring.pins().head_o == 7);
  CHECK(ring.take_all() == 0);
}

TEST_CASE("DMA ring indices run freely through 2^16", "[unit][dma][R54]") {
  Ring ring(15);
  for (unsigned tail = 0x4000; tail <= 0x20000; tail += 0x4000) {
    REQUIRE(ring.doorbell(tail));
    REQUIRE(ring.pins().next_o == ((tail - 0x4000) & 0xffff));
    REQUIRE(ring.take_all() == 0x4000);
    ring.retire(tail);
    CHECK(ring.pins().head_o == (tail & 0xffff));
  }
}

TEST_CASE("DMA ring coalesces doorbells", "[unit][dma][R54]") {
  Ring ring;
  CHECK(ring.doorbell(1));
  CHECK(ring.doorbell(1));
  CHECK(ring.doorbell(3));
  CHECK(ring.take_all() == 3);
}

TEST_CASE("DMA ring halts on a doorbell beyond the ring, backwards or while disabled",
          "[unit][dma][R54]") {
  Ring ring;
  SECTION("more than the ring") { CHECK_FALSE(ring.doorbell(5)); }
  SECTION("descriptors taken back") {
    CHECK(ring.doorbell(3));
    CHECK_FALSE(ring.doorbell(2));
  }
  SECTION("behind head") {
    CHECK(ring.doorbell(3));
    CHECK(ring.take_all() == 3);
    ring.retire(3);
    CHECK_FALSE(ring.doorbell(2));
  }
  SECTION("while disabled") {
    ring.ctl.enable = false;
    CHECK_FALSE(ring.doorbell(1));
    ring.ctl.enable = true;
  }
  const unsigned tail = ring.pins().tail_o;
  ring.apply();
  CHECK(ring.pins().halted_o);
  CHECK_FALSE(ring.pins().avail_o);
  CHECK(ring.doorbell(ring.pins().head_o + 9));  // ignored, not told again
  CHECK(ring.doorbell(ring.pins().head_o + 4));
  CHECK(ring.pins().tail_o == tail);
}

TEST_CASE("DMA ring halts on an error of an entry and on an abort", "[unit][dma][R54]") {
  Ring ring;
  CHECK(ring.doorbell(2));
  CHECK_FALSE(ring.pins().halted_o);
  SECTION("error") {
    ring.pins().halt_i = 1;
    ring.step();
    ring.pins().halt_i = 0;
  }
  SECTION("abort") {
    ring.ctl.abort_all = true;
    ring.apply();
    ring.step();
    ring.ctl.abort_all = false;
  }
  ring.apply();
  CHECK(ring.pins().halted_o);
  CHECK_FALSE(ring.pins().bad_doorbell_o);
  CHECK_FALSE(ring.pins().avail_o);
}

TEST_CASE("DMA ring stops between entries and goes on where it stood", "[unit][dma][R54][R44]") {
  Ring ring;
  CHECK(ring.doorbell(2));
  ring.ctl.enable = false;
  ring.apply();
  CHECK(ring.take_all() == 0);
  ring.pins().open_i = 1;  // an open entry needs the rest of its descriptors
  ring.pins().taken_i = 1;
  ring.pins().taken_next_i = 1;
  ring.settle();
  CHECK(ring.pins().avail_o);
  ring.step();
  ring.pins().open_i = ring.pins().taken_i = 0;
  ring.ctl.enable = true;
  ring.apply();
  CHECK(ring.pins().next_o == 1);
  CHECK(ring.take_all() == 1);
}

TEST_CASE("DMA ring restarts only while disabled and at rest", "[unit][dma][R54]") {
  Ring ring;
  CHECK(ring.doorbell(2));
  CHECK(ring.take_all() == 2);
  ring.retire(1);
  ring.pins().halt_i = 1;
  ring.step();
  ring.pins().halt_i = 0;
  ring.restart();
  CHECK(ring.pins().halted_o);
  ring.ctl.enable = false;
  ring.pins().rest_i = 0;
  ring.restart();
  CHECK(ring.pins().halted_o);
  CHECK(ring.pins().head_o == 1);
  ring.pins().rest_i = 1;
  ring.ctl.restart = true;
  ring.apply();
  CHECK(ring.pins().restart_o);
  ring.restart();
  CHECK_FALSE(ring.pins().halted_o);
  CHECK(ring.pins().head_o == 0);
  CHECK(ring.pins().next_o == 0);
  CHECK(ring.pins().tail_o == 0);
  ring.ctl.enable = true;
  CHECK(ring.doorbell(4));
}

TEST_CASE("DMA ring raises the alarm when more is retired than read", "[unit][dma][R29]") {
  Ring ring;
  ring.pins().head_i = 1;
  ring.pins().head_valid_i = 1;
  CHECK_THROWS_AS(ring.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
