// SPDX-License-Identifier: Apache-2.0
// cw-variant: Levels=4
#include <optional>

#include "Vcw_iommu_pwc.h"
#include "Vcw_iommu_pwc_levels4.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

struct Table {
  unsigned level;
  uint64_t base;
  bool operator==(const Table&) const = default;
};

template <class V>
struct PwcOf : dut::Module<V> {
  PwcOf() {
    this->pins().fill_valid_i = this->pins().inval_valid_i = 0;
    this->reset();
  }
  std::optional<Table> find(uint32_t pscid, uint64_t vpn) {
    auto& p = this->pins();
    p.pscid_i = pscid;
    p.vpn_i = vpn;
    this->settle();
    if (!p.hit_o) return std::nullopt;
    return Table{p.level_o, p.table_o};
  }
  void drive_fill(uint32_t pscid, uint64_t vpn, Table table) {
    auto& p = this->pins();
    p.fill_pscid_i = pscid;
    p.fill_vpn_i = vpn;
    p.fill_level_i = table.level;
    p.fill_table_i = table.base;
    p.fill_valid_i = 1;
  }
  void fill(uint32_t pscid, uint64_t vpn, Table table) {
    drive_fill(pscid, vpn, table);
    this->step();
    this->pins().fill_valid_i = 0;
  }
  void invalidate(const Inval& what) {
    drive(this->pins().inval_i, what);
    this->pins().inval_valid_i = 1;
    this->step();
    this->pins().inval_valid_i = this->pins().fill_valid_i = 0;
  }
};
using Pwc = PwcOf<Vcw_iommu_pwc>;

constexpr uint64_t kVpn = 0x2aaa'aaa5;

TEST_CASE("A table is found by address space and by the region that it maps",
          "[unit][iommu][walk]") {
  PwcOf<Vcw_iommu_pwc_levels4> pwc;
  for (unsigned level = 0; level < 3; level++) {
    const Table table{level, 0xabc'def0'1234};
    pwc.invalidate({.pt = true});
    pwc.fill(0x12345, kVpn, table);
    for (unsigned bit = 0; bit < 36; bit++) {
      const bool inside = bit < 9 * (level + 1);
      CHECK(pwc.find(0x12345, kVpn ^ uint64_t{1} << bit) ==
            (inside ? std::optional(table) : std::nullopt));
    }
    for (unsigned bit = 0; bit < 20; bit++) CHECK(!pwc.find(0x12345u ^ 1u << bit, kVpn));
  }
}

TEST_CASE("The deepest table known is told", "[unit][iommu][walk]") {
  PwcOf<Vcw_iommu_pwc_levels4> pwc;
  for (const unsigned level : {1u, 2u, 0u}) pwc.fill(1, kVpn, {level, 100 + level});
  CHECK(pwc.find(1, kVpn) == Table{0, 100});
  CHECK(pwc.find(1, kVpn ^ 1u << 9) == Table{1, 101});
  CHECK(pwc.find(1, kVpn ^ 1u << 18) == Table{2, 102});
  CHECK(!pwc.find(1, kVpn ^ 1u << 27));
}

TEST_CASE("The oldest of nine tables makes room, and a region has one of each level",
          "[unit][iommu][walk]") {
  Pwc pwc;
  for (uint64_t n = 0; n < 9; n++) pwc.fill(0, n << 9, {0, 10 + n});
  CHECK(!pwc.find(0, 0));
  pwc.fill(0, 3 << 9, {0, 99});
  CHECK(pwc.find(0, 3 << 9) == Table{0, 99});
  CHECK(pwc.find(0, 8 << 9) == Table{0, 18});
  pwc.fill(0, 3 << 9, {1, 77});
  CHECK(pwc.find(0, 3 << 9) == Table{0, 99});
}

TEST_CASE("A table replaces that of its own space, level and region alone", "[unit][iommu][walk]") {
  Pwc pwc;
  pwc.fill(1, 0, {0, 10});
  pwc.fill(2, 0, {0, 20});
  pwc.fill(1, 0, {1, 30});
  pwc.fill(2, 1 << 9, {0, 40});
  CHECK(pwc.find(1, 0) == Table{0, 10});
  CHECK(pwc.find(2, 0) == Table{0, 20});
  CHECK(pwc.find(1, 1 << 9) == Table{1, 30});
  CHECK(pwc.find(2, 1 << 9) == Table{0, 40});
}

TEST_CASE("A reset forgets every table, and none changes without a fill",
          "[unit][iommu][walk][R45]") {
  Pwc pwc;
  for (uint64_t n = 0; n < 8; n++) pwc.fill(0, n << 9, {0, 10 + n});
  pwc.drive_fill(0, 77 << 9, {0, 5});
  pwc.pins().fill_valid_i = 0;  // without its mark it is none
  pwc.step(dut::Cycles{21});
  CHECK(!pwc.find(0, 77 << 9));
  for (uint64_t n = 0; n < 8; n++) CHECK(pwc.find(0, n << 9) == Table{0, 10 + n});
  pwc.invalidate({.pt = true, .pscv = true, .pscid = 1});
  CHECK(pwc.find(0, 0) == Table{0, 10});  // it is of another space
  pwc.fill(0, 8 << 9, {0, 18});
  CHECK(!pwc.find(0, 0));  // the oldest is still the first
  pwc.reset();
  pwc.step(dut::Cycles{3});
  for (uint64_t n = 0; n < 9; n++) CHECK(!pwc.find(0, n << 9));
}

TEST_CASE("An invalidation of leaves keeps the tables, every other one clears them",
          "[unit][iommu][walk]") {
  Pwc pwc;
  pwc.fill(1, 0, {0, 10});
  pwc.fill(2, 0, {1, 20});
  pwc.invalidate({.pt = true, .leaf = true});
  pwc.invalidate({.dir = true});
  CHECK(pwc.find(1, 0) == Table{0, 10});
  pwc.invalidate({.pt = true, .pscv = true, .pscid = 1});
  CHECK(!pwc.find(1, 0));
  CHECK(pwc.find(2, 0) == Table{1, 20});
  pwc.invalidate({.pt = true});
  CHECK(!pwc.find(2, 0));
}

TEST_CASE("What is filled in the clock of an invalidation does not stay", "[unit][iommu][walk]") {
  Pwc pwc;
  pwc.drive_fill(1, 0, {0, 10});
  pwc.invalidate({.pt = true, .pscv = true, .pscid = 1});
  CHECK(!pwc.find(1, 0));
}

}  // namespace
}  // namespace cw::unit::iommu
