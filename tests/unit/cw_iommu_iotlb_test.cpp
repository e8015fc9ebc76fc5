// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_iotlb.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

constexpr uint64_t kMiss = ~uint64_t{0};

struct Iotlb : dut::Module<Vcw_iommu_iotlb> {
  Iotlb() {
    pins().fill_valid_i = pins().inval_valid_i = 0;
    reset();
  }
  uint64_t find(uint32_t pscid, uint64_t vpn, bool write = false, bool exec = false) {
    pins().pscid_i = pscid;
    pins().vpn_i = vpn;
    pins().write_i = write;
    pins().exec_i = exec;
    settle();
    return pins().hit_o ? pins().ppn_o : kMiss;
  }
  void fill(const TlbEntry& entry) {
    drive(pins().fill_i, entry);
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

TEST_CASE("Every page size keeps the VPN bits inside the page", "[unit][iommu]") {
  Iotlb tlb;
  const uint64_t vpn = 0xa'5a5a'5a5a, ppn = 0x30'0000'0000;
  for (auto [size, low] : {std::pair{Page4k, 0x0u},
                           {Page64k, 0xfu},
                           {Page2m, 0x1ffu},
                           {Page1g, 0x3ffffu},
                           {Page512g, 0x7ff'ffffu}}) {
    tlb.fill({.pscid = 1, .vpn = vpn, .size = size, .ppn = ppn | 8});
    const uint64_t base = (ppn | 8) & ~uint64_t{low};
    CHECK(tlb.find(1, vpn) == (base | (vpn & low)));
    CHECK(tlb.find(1, vpn | low) == (base | low));
    CHECK(tlb.find(1, vpn & ~uint64_t{low}) == base);
    CHECK(tlb.find(1, vpn ^ (low + 1)) == kMiss);
  }
}

TEST_CASE("A translation belongs to one address space", "[unit][iommu]") {
  Iotlb tlb;
  tlb.fill({.pscid = 0x80001, .vpn = 5, .ppn = 50});
  CHECK(tlb.find(0x80001, 5) == 50);
  for (unsigned bit = 0; bit < 20; bit++) CHECK(tlb.find(0x80001u ^ 1u << bit, 5) == kMiss);
  for (unsigned bit = 0; bit < 36; bit++) CHECK(tlb.find(0x80001, 5 ^ uint64_t{1} << bit) == kMiss);
}

TEST_CASE("A lookup without the right to the access misses", "[unit][iommu]") {
  Iotlb tlb;
  tlb.fill({.vpn = 1, .r = true, .w = false, .ppn = 10});
  tlb.fill({.vpn = 2, .r = false, .w = true, .ppn = 20});
  CHECK(tlb.find(0, 1) == 10);
  CHECK(tlb.find(0, 1, true) == kMiss);
  CHECK(tlb.find(0, 2) == kMiss);
  CHECK(tlb.find(0, 2, true) == 20);
  CHECK(tlb.find(0, 1, false, true) == kMiss);
  tlb.fill({.vpn = 3, .r = false, .w = false, .x = true, .ppn = 30});
  CHECK(tlb.find(0, 3) == kMiss);
  CHECK(tlb.find(0, 3, false, true) == 30);
  CHECK(tlb.find(0, 3, true, true) == kMiss);
  tlb.fill({.vpn = 3, .x = true, .ppn = 31});
  CHECK(tlb.find(0, 3, true, true) == 31);
}

TEST_CASE("The oldest of seventeen translations makes room", "[unit][iommu]") {
  Iotlb tlb;
  for (uint64_t vpn = 0; vpn < 17; vpn++) tlb.fill({.vpn = vpn, .ppn = 100 + vpn});
  CHECK(tlb.find(0, 0) == kMiss);
  for (uint64_t vpn = 1; vpn < 17; vpn++) CHECK(tlb.find(0, vpn) == 100 + vpn);
}

TEST_CASE("A reset forgets every translation", "[unit][iommu][R45]") {
  Iotlb tlb;
  for (uint64_t vpn = 0; vpn < 16; vpn++) tlb.fill({.vpn = vpn, .ppn = 100 + vpn});
  tlb.reset();
  tlb.step(dut::Cycles{3});
  for (uint64_t vpn = 0; vpn < 16; vpn++) CHECK(tlb.find(0, vpn) == kMiss);
  tlb.fill({.vpn = 3, .ppn = 7});
  CHECK(tlb.find(0, 3) == 7);
  CHECK(tlb.find(0, 4) == kMiss);
}

TEST_CASE("What was forgotten does not come back, and nothing changes without a fill",
          "[unit][iommu]") {
  Iotlb tlb;
  for (uint64_t vpn = 0; vpn < 16; vpn++) tlb.fill({.vpn = vpn, .ppn = 100 + vpn});
  drive(tlb.pins().fill_i, TlbEntry{.vpn = 77, .ppn = 5});  // without its mark it is none
  tlb.step(dut::Cycles{40});
  CHECK(tlb.find(0, 77) == kMiss);
  for (uint64_t vpn = 0; vpn < 16; vpn++) CHECK(tlb.find(0, vpn) == 100 + vpn);
  tlb.fill({.vpn = 16, .ppn = 116});
  CHECK(tlb.find(0, 0) == kMiss);  // the oldest is still the first
  tlb.invalidate({.pt = true});
  tlb.step(dut::Cycles{40});
  tlb.fill({.vpn = 99, .ppn = 9});
  for (uint64_t vpn = 0; vpn < 17; vpn++) CHECK(tlb.find(0, vpn) == kMiss);
  CHECK(tlb.find(0, 99) == 9);
}

TEST_CASE("Of pages that overlap one answers, with its own right, until all are forgotten",
          "[unit][iommu]") {
  Iotlb tlb;
  tlb.fill({.vpn = 0x203, .w = false, .ppn = 1});
  tlb.fill({.vpn = 0x200, .size = Page2m, .w = false, .ppn = 0x1000});
  tlb.fill({.vpn = 0x203, .ppn = 3});
  tlb.fill({.vpn = 0x200, .size = Page64k, .r = false, .w = false, .x = true, .ppn = 0x20});
  const uint64_t read = tlb.find(0, 0x203);
  CHECK((read == 1 || read == 0x1003 || read == 3));
  CHECK(tlb.find(0, 0x203, true) == 3);
  CHECK(tlb.find(0, 0x203, false, true) == 0x23);
  CHECK(tlb.find(0, 0x300) == 0x1100);
  tlb.invalidate({.pt = true, .leaf = true, .vpn = 0x203});
  for (const uint64_t vpn : {0x200, 0x203, 0x300}) CHECK(tlb.find(0, vpn) == kMiss);
  CHECK(tlb.find(0, 0x203, true) == kMiss);
  CHECK(tlb.find(0, 0x203, false, true) == kMiss);
}

TEST_CASE("IOTINVAL.VMA forgets what its operands name, at least", "[unit][iommu]") {
  const bool leaf = GENERATE(false, true), pscv = GENERATE(false, true);
  Iotlb tlb;
  tlb.fill({.pscid = 1, .vpn = 0x400, .size = Page2m, .ppn = 0});
  tlb.fill({.pscid = 1, .vpn = 0x800, .ppn = 1});
  tlb.fill({.pscid = 2, .vpn = 0x456, .ppn = 2});
  tlb.invalidate({.dir = true});
  CHECK(tlb.find(1, 0x800) == 1);
  CHECK(tlb.find(7, 0x777) == kMiss);  // what is looked up beside it does not matter
  tlb.invalidate({.pt = true, .leaf = leaf, .vpn = 0x456, .pscv = pscv, .pscid = 1});
  CHECK(tlb.find(1, 0x400) == kMiss);
  CHECK((tlb.find(1, 0x800) == 1) == leaf);
  CHECK((tlb.find(2, 0x456) == 2) == pscv);
}

TEST_CASE("An invalidation drops the fill of its clock, and finds nothing then", "[unit][iommu]") {
  Iotlb tlb;
  tlb.fill({.vpn = 1, .ppn = 10});
  for (const Inval& what : {Inval{.dir = true}, Inval{.pt = true, .leaf = true, .vpn = 9}}) {
    drive(tlb.pins().inval_i, what);
    tlb.pins().inval_valid_i = 1;
    tlb.fill({.vpn = 2, .ppn = 20});
    CHECK(tlb.find(0, 1) == kMiss);
    tlb.pins().inval_valid_i = 0;
    CHECK(tlb.find(0, 2) == kMiss);
    CHECK(tlb.find(0, 1) == 10);
  }
}

TEST_CASE("A fill is found from the next clock on, and hides nothing in its own", "[unit][iommu]") {
  Iotlb tlb;
  tlb.fill({.vpn = 1, .ppn = 10});
  drive(tlb.pins().fill_i, TlbEntry{.vpn = 2, .ppn = 20});
  tlb.pins().fill_valid_i = 1;
  CHECK(tlb.find(0, 1) == 10);
  CHECK(tlb.find(0, 2) == kMiss);
  tlb.step();
  tlb.pins().fill_valid_i = 0;
  CHECK(tlb.find(0, 1) == 10);
  CHECK(tlb.find(0, 2) == 20);
}

}  // namespace
}  // namespace cw::unit::iommu
