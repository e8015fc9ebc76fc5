// SPDX-License-Identifier: Apache-2.0
// cw-variant: Lines=1
#include <optional>

#include "Vcw_iommu_pte_line.h"
#include "Vcw_iommu_pte_line_lines1.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

// A kept PTE.
struct Kept {
  bool n = false;
  uint64_t ppn = 0;
  bool r = true, w = true, x = false;
  bool operator==(const Kept&) const = default;
};

template <class V>
struct LinesOf : dut::Module<V> {
  LinesOf() {
    auto& p = this->pins();
    p.fetch_i = p.beat_i = p.inval_valid_i = 0;
    this->reset();
  }
  void look(uint64_t hpa) {
    this->pins().line_i = hpa >> 6;
    this->pins().index_i = hpa >> 3 & 7;
    this->settle();
  }
  std::optional<Kept> find(uint64_t hpa) {
    look(hpa);
    const auto& p = this->pins();
    if (!p.hit_o) return std::nullopt;
    return Kept{.n = get_bits(p.pte_o, 47, 1) != 0,
                .ppn = get_bits(p.pte_o, 3, 44),
                .r = get_bits(p.pte_o, 2, 1) != 0,
                .w = get_bits(p.pte_o, 1, 1) != 0,
                .x = get_bits(p.pte_o, 0, 1) != 0};
  }
  bool coming(uint64_t hpa) {
    look(hpa);
    return this->pins().coming_o;
  }
  void fetch(uint64_t hpa, unsigned id = 0) {
    look(hpa);
    this->pins().fetch_i = 1;
    this->pins().fetch_id_i = id;
    this->step();
    this->pins().fetch_i = 0;
  }
  void drive_beat(uint64_t value, bool last, unsigned id = 0, bool error = false,
                  bool poison = false) {
    auto& p = this->pins();
    p.beat_i = 1;
    p.beat_id_i = id;
    set_bits(p.beat_rsp_i, 0, 1, last);
    set_bits(p.beat_rsp_i, 1, 1, poison);
    set_bits(p.beat_rsp_i, 2, 1, error);
    set_bits(p.beat_rsp_i, 3, 64, value);
  }
  void beat(uint64_t value, bool last = false, unsigned id = 0) {
    drive_beat(value, last, id);
    this->step();
    this->pins().beat_i = 0;
  }
  // PTE n points to page `first` + n.
  void fill(uint64_t hpa, uint64_t first, unsigned id = 0) {
    fetch(hpa, id);
    for (unsigned n = 0; n < 8; n++) {
      beat(pte((first + (hpa / 8 + n) % 8) << 12, kLeaf), n == 7, id);
    }
  }
  void invalidate(const Inval& what) {
    drive(this->pins().inval_i, what);
    this->pins().inval_valid_i = 1;
    this->step();
    this->pins().inval_valid_i = this->pins().beat_i = this->pins().fetch_i = 0;
  }
};
using Lines = LinesOf<Vcw_iommu_pte_line>;

constexpr uint64_t kLine = 0x8000'1040;

TEST_CASE("A line that came in any turn answers for its eight PTEs and no other address",
          "[unit][iommu][walk]") {
  for (uint64_t first = 0; first < 8; first++) {
    Lines lines;
    lines.fill(kLine + 8 * first, 0x100);
    for (uint64_t n = 0; n < 8; n++) CHECK(lines.find(kLine + 8 * n) == Kept{.ppn = 0x100 + n});
    for (unsigned bit = 6; bit < 56; bit++) CHECK(!lines.find(kLine ^ uint64_t{1} << bit));
    LinesOf<Vcw_iommu_pte_line_lines1> one;
    one.fill(kLine + 8 * first, 0x100);
    for (uint64_t n = 0; n < 8; n++) CHECK(one.find(kLine + 8 * n) == Kept{.ppn = 0x100 + n});
    one.fill(kLine + 64, 0x200);
    CHECK(!one.find(kLine));
  }
}

TEST_CASE("A PTE is there as soon as it has come, and coming until then", "[unit][iommu][walk]") {
  Lines lines;
  lines.fetch(kLine + 40);
  for (unsigned n = 0; n < 8; n++) {
    for (unsigned m = 0; m < 8; m++) {
      const uint64_t at = kLine + 8 * ((5 + m) % 8);
      CHECK(lines.find(at).has_value() == (m < n));
      CHECK(lines.coming(at) == (m >= n));
    }
    lines.beat(pte(0, kLeaf), n == 7);
  }
}

TEST_CASE("Kept is what could grant an access: neither invalid, faulty, nor broken on the way",
          "[unit][iommu][walk]") {
  Lines lines;
  for (uint64_t bits = 0; bits < 256; bits++) {
    lines.fetch(kLine);
    for (unsigned n = 0; n < 8; n++) lines.beat(pte(0x5000, n ? 0 : bits), n == 7);
    const bool r = bits & kR, w = bits & kW, x = bits & kX;
    const bool good = (bits & kV) && (r || (x && !w)) && (bits & kU) && (bits & kA);
    CAPTURE(bits);
    CHECK(lines.find(kLine) ==
          (good ? std::optional(Kept{.ppn = 5, .r = r, .w = w && (bits & kD), .x = x})
                : std::nullopt));
    CHECK_FALSE(lines.coming(kLine));
  }
  for (unsigned bit = 54; bit < 63; bit++) {
    lines.fetch(kLine);
    lines.beat(pte(0x5000, kLeaf | uint64_t{1} << bit), true);
    CHECK(!lines.find(kLine));
  }
  lines.fetch(kLine);
  lines.beat(pte(0x8000, kLeaf | kN));
  lines.beat(pte(0x9000, kLeaf | kN), true);
  CHECK(lines.find(kLine) == Kept{.n = true, .ppn = 8});
  CHECK(!lines.find(kLine + 8));
  lines.fetch(kLine);
  for (const bool error : {false, true}) {
    lines.drive_beat(pte(0x5000, kLeaf), error, 0, error, !error);
    lines.step();
    lines.pins().beat_i = 0;
  }
  CHECK(!lines.find(kLine));
  CHECK(!lines.find(kLine + 8));
}

TEST_CASE("Lines of several walks fill at the same time, each from its own beats",
          "[unit][iommu][walk]") {
  Lines lines;
  for (unsigned id = 0; id < 3; id++) lines.fetch(kLine + 64 * id, id + 2);
  for (uint64_t n = 0; n < 8; n++) {
    for (unsigned id = 0; id < 3; id++)
      lines.beat(pte((n + 100 * id) << 12, kLeaf), n == 7, id + 2);
    lines.beat(pte(0x7777'7000, kLeaf), n == 7, 7);  // of a walk without a line
  }
  for (uint64_t n = 0; n < 8; n++) {
    for (unsigned id = 0; id < 3; id++) {
      CHECK(lines.find(kLine + 64 * id + 8 * n) == Kept{.ppn = n + 100 * id});
    }
  }
}

TEST_CASE("A line that is fetched again is kept once, and the oldest makes room, even half full",
          "[unit][iommu][walk]") {
  Lines lines;
  lines.fill(kLine, 0x100);
  lines.fill(kLine, 0x200);
  CHECK(lines.find(kLine) == Kept{.ppn = 0x200});
  lines.fetch(0x1000, 1);
  lines.beat(pte(0x3000, kLeaf), false, 1);
  for (unsigned n = 0; n < 4; n++) lines.fill(0x2000 + 64 * n, 0x300, 2);
  CHECK(!lines.find(kLine));
  CHECK(!lines.find(0x1000));
  for (unsigned n = 1; n < 8; n++) lines.beat(pte(0x3000, kLeaf), n == 7, 1);
  CHECK(!lines.find(0x1008));
  CHECK(lines.find(0x2000) == Kept{.ppn = 0x300});
}

TEST_CASE("Any page-table invalidation clears every line, and what is still to come",
          "[unit][iommu][walk]") {
  for (unsigned at = 0; at < 8; at++) {
    Lines lines;
    lines.fill(0x1000, 0x100);
    lines.fetch(kLine);
    for (unsigned n = 0; n < 8; n++) {
      lines.drive_beat(pte(0x5000, kLeaf), n == 7);
      if (n == at) {
        lines.invalidate({.pt = true, .leaf = true, .vpn = 77, .pscv = true, .pscid = 99});
      } else {
        lines.step();
      }
    }
    lines.pins().beat_i = 0;
    CHECK(!lines.find(0x1000));
    for (unsigned n = 0; n < 8; n++) CHECK(!lines.find(kLine + 8 * n));
    CHECK_FALSE(lines.coming(kLine));
  }
  Lines lines;
  lines.fill(0x1000, 0x100);
  lines.invalidate({.dir = true});
  CHECK(lines.find(0x1000));
}

}  // namespace
}  // namespace cw::unit::iommu
