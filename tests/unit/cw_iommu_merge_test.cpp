// SPDX-License-Identifier: Apache-2.0
// cw-variant: Walks=1 IndexW=2
#include "Vcw_iommu_merge.h"
#include "Vcw_iommu_merge_walks1_indexw2.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit::iommu {
namespace {

template <class V>
struct Merge : dut::Module<V> {
  Merge() {
    V& p = this->pins();
    p.begin_i = p.found_i = p.end_i = 0;
    this->reset();
  }
  // The number of the walk for a page; none is -1.
  int walk_for(uint32_t did, uint64_t vpn) {
    V& p = this->pins();
    p.did_i = did;
    p.vpn_i = vpn;
    this->settle();
    return p.same_o ? static_cast<int>(p.same_walk_o) : -1;
  }
  void begin(unsigned walk, uint32_t did, uint64_t vpn, unsigned index, bool dtf = false) {
    V& p = this->pins();
    walk_for(did, vpn);
    p.begin_walk_i = walk;
    p.begin_index_i = index;
    p.begin_dtf_i = dtf;
    p.begin_i = 1;
    this->step();
    p.begin_i = 0;
  }
  void end(unsigned walk) {
    V& p = this->pins();
    p.walk_i = walk;
    p.end_i = 1;
    this->step();
    p.end_i = 0;
  }
};
using Four = Merge<Vcw_iommu_merge>;
using One = Merge<Vcw_iommu_merge_walks1_indexw2>;

TEMPLATE_TEST_CASE("A walk is known by its whole page and device, from its beginning to its end",
                   "[unit][iommu]", Four, One) {
  TestType merge;
  CHECK(merge.walk_for(0x123456, 0x9'8765'4321) == -1);
  merge.begin(0, 0x123456, 0x9'8765'4321, 2);
  CHECK(merge.pins().busy_o == 1);
  CHECK(merge.walk_for(0x123456, 0x9'8765'4321) == 0);
  for (unsigned bit = 0; bit < 24; bit++) {
    CHECK(merge.walk_for(0x123456 ^ 1u << bit, 0x9'8765'4321) == -1);
  }
  for (unsigned bit = 0; bit < 36; bit++) {
    CHECK(merge.walk_for(0x123456, 0x9'8765'4321 ^ uint64_t{1} << bit) == -1);
  }
  auto& p = merge.pins();
  p.walk_i = 0;
  p.end_i = 1;
  CHECK(merge.walk_for(0x123456, 0x9'8765'4321) == 0);  // in the clock of its end too
  CHECK(p.index_o == 2);
  merge.step();
  p.end_i = 0;
  CHECK(merge.walk_for(0x123456, 0x9'8765'4321) == -1);
  CHECK(p.busy_o == 0);
}

TEST_CASE("Each of four walks keeps who began it and its DTF; one may begin as another ends",
          "[unit][iommu]") {
  Four merge;
  auto& p = merge.pins();
  for (unsigned n = 0; n < 3; n++) merge.begin(n, n, 5, 7 - n, n == 1);
  p.walk_i = 1;
  p.end_i = 1;
  merge.begin(3, 3, 5, 6);
  p.end_i = 0;
  CHECK(p.busy_o == 0b1101);
  for (const unsigned n : {0, 2, 3}) {
    CHECK(merge.walk_for(n, 5) == static_cast<int>(n));
    p.walk_i = n;
    merge.settle();
    CHECK(p.index_o == (n == 3 ? 6 : 7 - n));
    CHECK_FALSE(p.dtf_o);
  }
  p.walk_i = 2;
  p.found_i = p.found_dtf_i = 1;
  merge.step();
  p.found_i = 0;
  merge.settle();
  CHECK(p.dtf_o);
  merge.begin(1, 1, 6, 0, /*dtf=*/true);
  p.walk_i = 1;
  merge.settle();
  CHECK(p.dtf_o);
}

TEST_CASE("A second walk for a page, or under one number, stops the simulation", "[unit][iommu]") {
  Four merge;
  merge.begin(0, 1, 5, 0);
  CHECK_THROWS_AS(merge.begin(1, 1, 5, 1), dut::AssertionFailed);
  Four number;
  number.begin(0, 1, 5, 0);
  CHECK_THROWS_AS(number.begin(0, 1, 6, 1), dut::AssertionFailed);
}

TEST_CASE("The end of a walk that is not under way stops the simulation", "[unit][iommu]") {
  Four merge;
  CHECK_THROWS_AS(merge.end(2), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
