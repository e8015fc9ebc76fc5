// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_pwc.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

constexpr uint64_t kMiss = ~uint64_t{0};

struct Pwc : dut::Module<Vcw_iommu_pwc> {
  Pwc() {
    pins().fill_valid_i = pins().inval_valid_i = 0;
    reset();
  }
  uint64_t find(uint32_t pscid, uint32_t region) {
    pins().pscid_i = pscid;
    pins().vpn_high_i = region;
    settle();
    return pins().hit_o ? pins().table_o : kMiss;
  }
  void fill(uint32_t pscid, uint32_t region, uint64_t table) {
    find(pscid, region);
    pins().fill_table_i = table;
    pins().fill_valid_i = 1;
    step();
    pins().fill_valid_i = 0;
  }
  void invalidate(const Inval& what) {
    drive(pins().inval_i, what);
    pins().inval_valid_i = 1;
    step();
    pins().inval_valid_i = 0;
  }
};

TEST_CASE("A last-level table is found by address space and 2 MiB region", "[unit][iommu]") {
  Pwc pwc;
  pwc.fill(0x12345, 0x2aaaa, 0xabc'def0'1234);
  CHECK(pwc.find(0x12345, 0x2aaaa) == 0xabc'def0'1234);
  for (unsigned bit = 0; bit < 27; bit++) CHECK(pwc.find(0x12345, 0x2aaaau ^ 1u << bit) == kMiss);
  for (unsigned bit = 0; bit < 20; bit++) CHECK(pwc.find(0x12345u ^ 1u << bit, 0x2aaaa) == kMiss);
}

TEST_CASE("The oldest of five tables makes room, and a region has one table", "[unit][iommu]") {
  Pwc pwc;
  for (uint32_t region = 0; region < 5; region++) pwc.fill(0, region, 10 + region);
  CHECK(pwc.find(0, 0) == kMiss);
  pwc.fill(0, 3, 99);
  CHECK(pwc.find(0, 3) == 99);
  CHECK(pwc.find(0, 4) == 14);
}

TEST_CASE("An invalidation of leaves keeps the tables, every other one clears them",
          "[unit][iommu]") {
  Pwc pwc;
  pwc.fill(1, 0, 10);
  pwc.fill(2, 0, 20);
  pwc.invalidate({.pt = true, .leaf = true});
  CHECK(pwc.find(1, 0) == 10);
  pwc.invalidate({.pt = true, .pscv = true, .pscid = 1});
  CHECK(pwc.find(1, 0) == kMiss);
  CHECK(pwc.find(2, 0) == 20);
  pwc.invalidate({.pt = true});
  CHECK(pwc.find(2, 0) == kMiss);
}

}  // namespace
}  // namespace cw::unit::iommu
