// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_pte_line.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

struct Lines : dut::Module<Vcw_iommu_pte_line> {
  Lines() {
    pins().fill_begin_i = pins().fill_valid_i = pins().inval_valid_i = 0;
    reset();
  }
  // 0: not there.
  uint64_t find(uint64_t hpa) {
    pins().line_i = hpa >> 6;
    pins().index_i = hpa >> 3 & 7;
    settle();
    return pins().hit_o ? pins().pte_o : 0;
  }
  // PTE n is base + 2n + 1, or not valid where bit n of `holes` is set.
  void fill(uint64_t hpa, uint64_t base, unsigned holes = 0, unsigned broken = 0) {
    pins().line_i = hpa >> 6;
    pins().fill_begin_i = 1;
    step();
    pins().fill_begin_i = 0;
    for (unsigned n = 0; n < 8; n++) {
      pins().fill_valid_i = 1;
      pins().fill_index_i = n;
      pins().fill_whole_i = !(broken >> n & 1);
      pins().fill_pte_i = base + 2 * n + !(holes >> n & 1);
      step();
    }
    pins().fill_valid_i = 0;
  }
  void invalidate(const Inval& what) {
    drive(pins().inval_i, what);
    pins().inval_valid_i = 1;
    step();
    pins().inval_valid_i = 0;
  }
};

TEST_CASE("A line answers for its eight PTEs and for no other address", "[unit][iommu]") {
  Lines lines;
  lines.fill(0x8000'1040, 0x100);
  for (unsigned n = 0; n < 8; n++) CHECK(lines.find(0x8000'1040 + 8 * n) == 0x101 + 2 * n);
  for (unsigned bit = 6; bit < 56; bit++) CHECK(lines.find(0x8000'1040 ^ uint64_t{1} << bit) == 0);
}

TEST_CASE("A PTE that is not valid, or that came with an error, is not kept", "[unit][iommu]") {
  Lines lines;
  lines.fill(0x1000, 0x100, /*holes=*/0x0f, /*broken=*/0xc0);
  for (unsigned n = 0; n < 8; n++) CHECK((lines.find(0x1000 + 8 * n) != 0) == (n == 4 || n == 5));
}

TEST_CASE("A line that is fetched again is kept once, and the oldest makes room", "[unit][iommu]") {
  Lines lines;
  lines.fill(0x1000, 0x100, /*holes=*/1);
  lines.fill(0x1000, 0x200);
  CHECK(lines.find(0x1000) == 0x201);
  CHECK(lines.find(0x1008) == 0x203);
  lines.fill(0x2000, 0x300);
  lines.fill(0x3000, 0x400);
  CHECK(lines.find(0x1000) == 0);
  CHECK(lines.find(0x2000) == 0x301);
}

TEST_CASE("Any page-table invalidation clears every line", "[unit][iommu]") {
  Lines lines;
  lines.fill(0x1000, 0x100);
  lines.invalidate({.dir = true});
  CHECK(lines.find(0x1000) == 0x101);
  lines.invalidate({.pt = true, .leaf = true, .vpn = 77, .pscv = true, .pscid = 99});
  CHECK(lines.find(0x1000) == 0);
}

}  // namespace
}  // namespace cw::unit::iommu
