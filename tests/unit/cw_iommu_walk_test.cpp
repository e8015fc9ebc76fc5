// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_walk.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

enum Step : unsigned { More, Down, Tables, End };

constexpr uint32_t kDid = 0x12'3456, kPscid = 0x54321;
constexpr uint64_t kVpn = 0x123'4567;

// Fields of a walk, by their place in the struct.
constexpr unsigned kStale = 0, kPscidAt = 1, kFound = 21, kSv48Ok = 25, kSv39Ok = 26, kVpnAt = 27,
                   kDidAt = 63, kBase = 95, kLevel = 139, kDir = 141;

struct Walk : dut::Module<Vcw_iommu_walk> {
  Walk() {
    auto& p = pins();
    p.begin_i = p.asked_i = p.ended_i = p.beat_i = p.inval_valid_i = p.pwc_hit_i = 0;
    reset();
    settle();
  }
  // Puts a walk that begins on the port.
  void offer(bool dir, unsigned level, bool canonical = true) {
    auto& w = pins().walk_i;
    dut::clear_bits(w);
    set_bits(w, kPscidAt, 20, kPscid);
    set_bits(w, kSv39Ok, 1, canonical);
    set_bits(w, kSv48Ok, 1, canonical);
    set_bits(w, kVpnAt, 36, kVpn);
    set_bits(w, kDidAt, 24, kDid);
    set_bits(w, kLevel, 2, level);
    set_bits(w, kDir, 1, dir);
    pins().begin_i = 1;
    settle();
  }
  void begin(bool dir, unsigned level, bool canonical = true, bool asked = true) {
    offer(dir, level, canonical);
    pins().asked_i = asked && pins().first_o;
    step();
    pins().begin_i = pins().asked_i = 0;
    settle();
  }
  void ask() {
    settle();
    CHECK(pins().ask_o + pins().first_o == 1);
    pins().asked_i = 1;
    step();
    pins().asked_i = 0;
    settle();
  }
  // A beat, after which the walk is as it was but for these.
  void beat(Step what, bool last, unsigned level = 0, bool dir = false, bool found = false) {
    auto& p = pins();
    p.next_i = p.walk_o;
    set_bits(p.next_i, kLevel, 2, level);
    set_bits(p.next_i, kDir, 1, dir);
    set_bits(p.next_i, kFound, 1, found);
    p.step_i = what;
    p.last_i = last;
    p.beat_i = 1;
    step();
    p.beat_i = 0;
    settle();
  }
  void invalidate(const Inval& what) {
    drive(pins().inval_i, what);
    pins().inval_valid_i = 1;
    step();
    pins().inval_valid_i = 0;
    settle();
  }
  bool stale() { return get_bits(pins().walk_o, kStale, 1); }
  unsigned level() { return static_cast<unsigned>(get_bits(pins().walk_o, kLevel, 2)); }
};

TEST_CASE("A walk asks in the clock in which it begins, and keeps asking until it is heard",
          "[unit][iommu][walk]") {
  Walk walk;
  walk.offer(true, 2);
  CHECK(walk.pins().first_o);
  walk.begin(true, 2, true, /*asked=*/false);
  for (unsigned n = 0; n < 5; n++) {
    CHECK(walk.pins().ask_o);
    CHECK_FALSE(walk.pins().idle_o);
    walk.step();
  }
  walk.ask();
  CHECK_FALSE(walk.pins().ask_o);
  CHECK(walk.pins().reading_o);
}

TEST_CASE("From the directory to the page tables there is one clock, in which it asks",
          "[unit][iommu][walk]") {
  Walk walk;
  walk.begin(true, 1);
  walk.beat(Down, true, 0, true);
  walk.ask();
  for (unsigned n = 0; n < 3; n++) walk.beat(More, false, 0, true);
  walk.beat(Tables, true, 2, false, true);
  CHECK(walk.pins().tables_o);
  walk.ask();
  CHECK_FALSE(walk.pins().tables_o);
  walk.beat(Down, true, 1);
  walk.ask();
  walk.beat(End, true);
  CHECK(walk.pins().idle_o);
}

TEST_CASE("A walk jumps to the table that is known, and asks from there in the next clock",
          "[unit][iommu][walk]") {
  for (const bool dir : {false, true}) {
    Walk walk;
    auto& p = walk.pins();
    p.pwc_level_i = 1;
    p.pwc_base_i = 0x777;
    if (dir) {
      walk.begin(true, 0);
      walk.beat(Tables, true, 2, false, true);
      p.pwc_hit_i = 1;
      walk.settle();
      CHECK_FALSE(p.first_o);
      walk.step();
    } else {
      p.pwc_hit_i = 1;
      walk.offer(false, 2);
      CHECK_FALSE(p.first_o);
      walk.begin(false, 2);
    }
    p.pwc_hit_i = 0;
    CHECK(walk.level() == 1);
    CHECK(get_bits(p.walk_o, kBase, 44) == 0x777);
    walk.ask();
  }
}

TEST_CASE("An IOVA that is not canonical is refused, and no page-walk cache helps it",
          "[unit][iommu][walk]") {
  for (const bool hit : {false, true}) {
    Walk walk;
    auto& p = walk.pins();
    p.pwc_hit_i = hit;
    walk.offer(false, 2, false);
    CHECK_FALSE(p.first_o);
    walk.begin(false, 2, false);
    walk.settle();
    CHECK(p.ask_o);
    CHECK(p.refuse_o);
    p.ended_i = 1;
    walk.step();
    p.ended_i = 0;
    walk.settle();
    CHECK(p.idle_o);
  }
}

TEST_CASE("After a leaf the rest of the line is waited for and does not count",
          "[unit][iommu][walk]") {
  Walk walk;
  walk.begin(false, 2);
  walk.beat(Down, true, 1);
  walk.ask();
  walk.beat(Down, true, 0);
  walk.ask();
  walk.beat(End, false);
  for (unsigned n = 0; n < 7; n++) {
    CHECK_FALSE(walk.pins().reading_o);
    CHECK_FALSE(walk.pins().idle_o);
    walk.beat(Down, n == 6, 3);
  }
  CHECK(walk.pins().idle_o);
}

TEST_CASE("Stale is what an invalidation of its device, address space or region makes it",
          "[unit][iommu][walk]") {
  struct Case {
    Inval inval;
    bool in_directory, from_cache, from_memory;  // expected stale
  };
  const Case cases[] = {{{.dir = true}, true, false, true},
                        {{.dir = true, .dv = true, .did = kDid}, true, false, true},
                        {{.dir = true, .dv = true, .did = kDid ^ 1}, false, false, false},
                        {{.pt = true}, false, true, true},
                        {{.pt = true, .pscv = true, .pscid = kPscid}, false, true, true},
                        {{.pt = true, .pscv = true, .pscid = kPscid ^ 1}, false, false, false},
                        {{.pt = true, .leaf = true, .vpn = kVpn}, false, true, true},
                        {{.pt = true, .leaf = true, .vpn = kVpn ^ 0x3'ffff}, false, true, true},
                        {{.pt = true, .leaf = true, .vpn = kVpn ^ 0x4'0000}, false, false, false},
                        {{.dir = true, .pt = true}, true, true, true}};
  for (const Case& c : cases) {
    for (unsigned when = 0; when < 3; when++) {  // begins, asks, reads
      for (const bool dir : {false, true}) {
        Walk walk;
        if (when == 0) {
          drive(walk.pins().inval_i, c.inval);
          walk.pins().inval_valid_i = 1;
        }
        walk.begin(dir, 2, true, when == 2);
        walk.pins().inval_valid_i = 0;
        if (when > 0) {
          drive(walk.pins().inval_i, c.inval);
          walk.pins().inval_valid_i = 1;
          walk.settle();
          CHECK(walk.stale() == (dir ? c.in_directory : c.from_cache));  // at once
          walk.invalidate(c.inval);
        }
        walk.settle();
        CHECK(walk.stale() == (dir ? c.in_directory : c.from_cache));
      }
    }
    Walk walk;
    walk.begin(true, 0);
    walk.beat(Tables, true, 2, false, true);
    walk.invalidate(c.inval);
    CHECK(walk.stale() == c.from_memory);
  }
}

TEST_CASE("A walk that became stale on a beat stays it, and the next one is fresh",
          "[unit][iommu][walk]") {
  Walk walk;
  walk.begin(false, 2);
  drive(walk.pins().inval_i, {.pt = true});
  walk.pins().next_i = walk.pins().walk_o;
  walk.pins().inval_valid_i = 1;
  walk.beat(Down, true, 1);
  walk.pins().inval_valid_i = 0;
  walk.settle();
  CHECK(walk.stale());
  walk.ask();
  walk.beat(End, true);
  walk.begin(false, 2);
  CHECK_FALSE(walk.stale());
}

TEST_CASE("A beat for a walk that reads nothing is an alarm", "[unit][iommu][walk]") {
  Walk walk;
  walk.pins().beat_i = 1;
  CHECK_THROWS_AS(walk.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
