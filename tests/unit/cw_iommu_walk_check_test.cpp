// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_walk_check.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

enum Step : unsigned { More, Down, Tables, End };

struct Seen {
  unsigned beats = 0;
  bool error = false, poison = false, v = false, bad = false, dtf = false, pdtv = false;
};

// The parts of a walk that the check reads or writes.
struct Walk {
  bool dir = true;
  unsigned level = 0;
  uint64_t base = 0;
  Seen seen{};
  bool write = false, exec = false, dc_only = false, found = false;
  uint32_t pscid = 0;
};

struct Beat {
  uint64_t data = 0;
  bool error = false, poison = false, last = true;
};

struct Check : dut::Module<Vcw_iommu_walk_check> {
  Check() {
    pins().caps_i = kCaps;
    pins().valid_i = 0;
    reset();
    pins().valid_i = 1;
  }
  Step look(const Walk& w, const Beat& b) {
    auto& p = pins();
    set_bits(p.walk_i, 1, 20, w.pscid);
    set_bits(p.walk_i, 21, 1, w.found);
    set_bits(p.walk_i, 22, 1, w.dc_only);
    set_bits(p.walk_i, 23, 1, w.exec);
    set_bits(p.walk_i, 24, 1, w.write);
    set_bits(p.walk_i, 87, 1, w.seen.pdtv);
    set_bits(p.walk_i, 88, 1, w.seen.dtf);
    set_bits(p.walk_i, 89, 1, w.seen.bad);
    set_bits(p.walk_i, 90, 1, w.seen.v);
    set_bits(p.walk_i, 91, 1, w.seen.poison);
    set_bits(p.walk_i, 92, 1, w.seen.error);
    set_bits(p.walk_i, 93, 2, w.seen.beats);
    set_bits(p.walk_i, 95, 44, w.base);
    set_bits(p.walk_i, 139, 2, w.level);
    set_bits(p.walk_i, 141, 1, w.dir);
    set_bits(p.rsp_i, 0, 1, b.last);
    set_bits(p.rsp_i, 1, 1, b.poison);
    set_bits(p.rsp_i, 2, 1, b.error);
    set_bits(p.rsp_i, 3, 64, b.data);
    step();
    return static_cast<Step>(p.step_o);
  }
  Walk next() {
    const auto& w = pins().walk_o;
    const auto bit = [&](unsigned at) { return get_bits(w, at, 1) != 0; };
    return {.dir = bit(141),
            .level = static_cast<unsigned>(get_bits(w, 139, 2)),
            .base = get_bits(w, 95, 44),
            .seen = {.beats = static_cast<unsigned>(get_bits(w, 93, 2)),
                     .error = bit(92),
                     .poison = bit(91),
                     .v = bit(90),
                     .bad = bit(89),
                     .dtf = bit(88),
                     .pdtv = bit(87)},
            .write = bit(24),
            .exec = bit(23),
            .dc_only = bit(22),
            .found = bit(21),
            .pscid = static_cast<uint32_t>(get_bits(w, 1, 20))};
  }
  unsigned cause() { return pins().cause_o; }
  // A whole context.
  Step context(const std::array<uint64_t, 4>& dw, Walk walk = {}) {
    for (unsigned n = 0; n < 3; n++) {
      CHECK(look(walk, {.data = dw[n], .last = false}) == More);
      walk = next();
    }
    return look(walk, {.data = dw[3]});
  }
};

constexpr uint64_t kSv39 = uint64_t{8} << 60;

TEST_CASE("A context is judged when its four beats are there", "[unit][iommu][walk]") {
  Check check;
  CHECK(check.context({0x11, 0, 0x54321 << 12, kSv39 | 0x777}) == Tables);
  CHECK(dc_info(check.pins().dc_o) == DcInfo{.dtf = true, .pscid = 0x54321, .root = 0x777});
  const Walk next = check.next();
  CHECK_FALSE(next.dir);
  CHECK(next.found);
  CHECK(next.level == 2);
  CHECK(next.base == 0x777);
  CHECK(next.pscid == 0x54321);
  CHECK(check.context({1, 0, 0, kSv39}, {.dc_only = true}) == End);
  CHECK(check.cause() == 0);
  CHECK(check.context({0x21, 0, 0, 0}) == End);
  CHECK(check.cause() == 0);
  CHECK(dc_info(check.pins().dc_o).bare);
}

TEST_CASE("Within a context access fault goes before poison, not valid, and misconfigured",
          "[unit][iommu][walk]") {
  Check check;
  for (unsigned faults = 0; faults < 16; faults++) {
    for (unsigned beat = 0; beat < 4; beat++) {
      Walk walk;
      std::array<uint64_t, 4> dw{1, 0, 0, kSv39};
      if (faults & 2) dw[0] = 0;
      if (faults & 1) dw[2] = 1;
      for (unsigned n = 0; n < 4; n++) {
        check.look(walk, {.data = dw[n],
                          .error = (faults & 8) && n == beat,
                          .poison = (faults & 4) && n == beat,
                          .last = n == 3});
        walk = check.next();
      }
      CHECK(check.cause() == (faults & 8   ? 257
                              : faults & 4 ? 268
                              : faults & 2 ? 258
                              : faults & 1 ? 259
                                           : 0));
    }
  }
}

TEST_CASE("A context that is refused with one beat is an access fault", "[unit][iommu][walk]") {
  Check check;
  CHECK(check.look({}, {.error = true}) == End);
  CHECK(check.cause() == 257);
}

TEST_CASE("A directory entry leads one level down, and nothing seen comes along",
          "[unit][iommu][walk]") {
  Check check;
  for (const unsigned level : {1u, 2u}) {
    CHECK(check.look({.level = level}, {.data = pte(0x1234'5000, kV)}) == Down);
    const Walk next = check.next();
    CHECK(next.dir);
    CHECK(next.level == level - 1);
    CHECK(next.base == 0x12345);
    CHECK(next.seen.beats == 0);
    CHECK_FALSE(next.seen.v);
  }
}

TEST_CASE("In the page tables a pointer leads down, a leaf ends at any level, as does every fault",
          "[unit][iommu][walk]") {
  Check check;
  for (unsigned level = 0; level < 4; level++) {
    const Walk walk{.dir = false, .level = level};
    CHECK(check.look(walk, {.data = pte(0x1234'5000, kV)}) == (level ? Down : End));
    CHECK(check.cause() == (level ? 0 : 13));
    CHECK((!level || (check.next().base == 0x12345 && check.next().level == level - 1)));
    CHECK(check.look(walk, {.data = pte(0, kLeaf), .last = level != 0}) == End);
    CHECK(check.cause() == 0);
    CHECK(check.look(walk, {.data = pte(0, kLeaf), .error = true, .poison = true}) == End);
    CHECK(check.cause() == 5);
    CHECK(check.look(walk, {.data = 0, .poison = true}) == End);
    CHECK(check.cause() == 274);
    CHECK(check.look(walk, {.data = 0}) == End);
    CHECK(check.cause() == 13);
  }
}

TEST_CASE("The cause tells the access: write before execute before read", "[unit][iommu][walk]") {
  Check check;
  for (const auto& [write, exec, access, page] : {std::tuple{false, false, 5u, 13u},
                                                  {false, true, 1u, 12u},
                                                  {true, false, 7u, 15u},
                                                  {true, true, 7u, 15u}}) {
    const Walk walk{.dir = false, .write = write, .exec = exec};
    check.look(walk, {.error = true});
    CHECK(check.cause() == access);
    check.look(walk, {.data = 0});
    CHECK(check.cause() == page);
  }
}

TEST_CASE("Sv48 is a mode where the capability is there, and begins one level higher",
          "[unit][iommu][walk]") {
  Check check;
  CHECK(check.context({1, 0, 0, uint64_t{9} << 60}) == End);
  CHECK(check.cause() == 259);
  check.pins().caps_i = kCaps | 0x400;
  CHECK(check.context({1, 0, 0, uint64_t{9} << 60}) == Tables);
  CHECK(check.next().level == 3);
  CHECK(dc_info(check.pins().dc_o).sv48);
}

}  // namespace
}  // namespace cw::unit::iommu
