// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_dc_cache.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

struct Cache : dut::Module<Vcw_iommu_dc_cache> {
  Cache() {
    pins().fill_valid_i = pins().inval_valid_i = 0;
    reset();
  }
  bool has(uint32_t did) {
    pins().did_i = did;
    settle();
    return pins().hit_o;
  }
  DcInfo find(uint32_t did) { return has(did) ? dc_info(pins().dc_o) : DcInfo{}; }
  void fill(uint32_t did, const DcInfo& dc) {
    pins().fill_did_i = did;
    drive(pins().fill_dc_i, dc);
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

TEST_CASE("A device context is found by its whole device id", "[unit][iommu]") {
  Cache cache;
  CHECK_FALSE(cache.has(0x012345));
  const DcInfo dc{.bare = true, .dtf = true, .pscid = 0xabcde, .root = 0xfed'cba9'8765};
  cache.fill(0x012345, dc);
  CHECK(cache.find(0x012345) == dc);
  for (unsigned bit = 0; bit < 24; bit++) CHECK_FALSE(cache.has(0x012345u ^ 1u << bit));
}

TEST_CASE("The oldest of nine device contexts makes room", "[unit][iommu]") {
  Cache cache;
  for (uint32_t did = 1; did <= 9; did++) cache.fill(did, {.pscid = did});
  CHECK_FALSE(cache.has(1));
  for (uint32_t did = 2; did <= 9; did++) CHECK(cache.find(did).pscid == did);
}

TEST_CASE("A reset forgets every device context", "[unit][iommu][R45]") {
  Cache cache;
  for (uint32_t did = 1; did <= 8; did++) cache.fill(did, {.pscid = did});
  cache.reset();
  for (uint32_t did = 1; did <= 8; did++) CHECK_FALSE(cache.has(did));
  cache.fill(3, {.pscid = 33});
  CHECK(cache.find(3).pscid == 33);
  CHECK_FALSE(cache.has(4));
}

TEST_CASE("A context that was forgotten does not come back, and none changes without a fill",
          "[unit][iommu]") {
  Cache cache;
  for (uint32_t did = 1; did <= 8; did++) cache.fill(did, {.pscid = did});
  cache.pins().fill_did_i = 77;  // without its mark it is none
  drive(cache.pins().fill_dc_i, DcInfo{.pscid = 5});
  cache.step(dut::Cycles{21});
  cache.pins().fill_did_i = 4;
  cache.step(dut::Cycles{20});
  CHECK_FALSE(cache.has(77));
  for (uint32_t did = 1; did <= 8; did++) CHECK(cache.find(did).pscid == did);
  cache.fill(9, {.pscid = 9});
  CHECK_FALSE(cache.has(1));  // the oldest is still the first
  cache.invalidate({.dir = true});
  cache.fill(10, {.pscid = 10});
  for (uint32_t did = 1; did <= 9; did++) CHECK_FALSE(cache.has(did));
  CHECK(cache.find(10).pscid == 10);
}

TEST_CASE("A context that is fetched again replaces the old one", "[unit][iommu]") {
  Cache cache;
  cache.fill(7, {.pscid = 1});
  cache.fill(7, {.pscid = 2});
  CHECK(cache.find(7).pscid == 2);
}

TEST_CASE("IODIR.INVAL_DDT forgets one device or all", "[unit][iommu]") {
  Cache cache;
  cache.fill(1, {.pscid = 1});
  cache.fill(2, {.pscid = 2});
  cache.invalidate({.pt = true});
  CHECK(cache.has(1));
  CHECK_FALSE(cache.has(9));  // what is looked up beside it does not matter
  cache.invalidate({.dir = true, .dv = true, .did = 1});
  CHECK_FALSE(cache.has(1));
  CHECK(cache.has(2));
  cache.invalidate({.dir = true});
  CHECK_FALSE(cache.has(2));
}

TEST_CASE("A clock with a fill finds what was there before", "[unit][iommu]") {
  Cache cache;
  cache.fill(1, {.pscid = 1});
  auto& p = cache.pins();
  p.fill_did_i = 2;
  p.fill_valid_i = 1;
  CHECK(cache.find(1).pscid == 1);
  CHECK_FALSE(cache.has(2));
  cache.step();
  p.fill_valid_i = 0;
  CHECK(cache.has(2));
}

TEST_CASE("A clock with an invalidation finds no context", "[unit][iommu]") {
  Cache cache;
  cache.fill(1, {.pscid = 1});
  drive(cache.pins().inval_i, {.pt = true});
  cache.pins().inval_valid_i = 1;
  CHECK_FALSE(cache.has(1));
  cache.pins().inval_valid_i = 0;
  CHECK(cache.has(1));
}

TEST_CASE("An invalidation drops the fill of its clock, whatever it names", "[unit][iommu]") {
  Cache cache;
  const Inval what =
      GENERATE(Inval{.dir = true}, Inval{.dir = true, .dv = true, .did = 4}, Inval{.pt = true});
  drive(cache.pins().inval_i, what);
  cache.pins().inval_valid_i = 1;
  cache.fill(3, {.pscid = 3});
  cache.pins().inval_valid_i = 0;
  CHECK_FALSE(cache.has(3));
}

}  // namespace
}  // namespace cw::unit::iommu
