// SPDX-License-Identifier: Apache-2.0
// cw-variant: L2Entries=0
#include "Vcw_iommu_caches.h"
#include "Vcw_iommu_caches_l2entries0.h"
#include "iommu_lookup_bench.hpp"

namespace cw::unit::iommu {
namespace {

template <class V>
struct Caches : dut::Module<V> {
  Caches() {
    V& p = this->pins();
    p.walk_rsp_valid_i = p.inval_valid_i = 0;
    p.next_i = p.write_i = p.exec_i = 0;
    this->reset();
    this->step(200_cycles);
  }
  bool has(uint32_t did) {
    this->pins().did_i = did;
    this->settle();
    return this->pins().dc_hit_o;
  }
  bool has(uint32_t pscid, uint64_t vpn) {
    V& p = this->pins();
    p.next_vpn_i = p.vpn_i = vpn;
    p.pscid_i = pscid;
    p.next_i = 1;
    this->step();
    p.next_i = 0;
    this->settle();
    return p.hit_o;
  }
  void tell(const ToldWalk& told, uint32_t did = 0) {
    V& p = this->pins();
    drive(p.walk_rsp_i, told);
    p.walk_did_i = did;
    p.walk_rsp_valid_i = 1;
    this->step();
    p.walk_rsp_valid_i = 0;
  }
  void invalidate(const Inval& what) {
    V& p = this->pins();
    drive(p.inval_i, what);
    p.inval_valid_i = 1;
    this->step();
    p.inval_valid_i = 0;
  }
};
using Full = Caches<Vcw_iommu_caches>;
using OneLevel = Caches<Vcw_iommu_caches_l2entries0>;

TEMPLATE_TEST_CASE("A walk fills with what it found: a context, or a page", "[unit][iommu]", Full,
                   OneLevel) {
  TestType caches;
  caches.tell({.done = false, .dc_found = true, .dc = {.pscid = 3}}, 7);
  CHECK(caches.has(7));
  CHECK(dc_info(caches.pins().dc_o).pscid == 3);
  caches.tell({.done = true, .dc_found = true, .dc = {.bare = true}}, 8);
  CHECK(caches.has(8));
  CHECK_FALSE(caches.has(0, 0));
  caches.tell({.entry = {.pscid = 3, .vpn = 5, .ppn = 50}}, 9);
  CHECK(caches.has(3, 5));
  CHECK(caches.pins().ppn_o == 50);
  CHECK_FALSE(caches.has(9));
}

TEMPLATE_TEST_CASE("A walk that failed, or is stale, or meets an invalidation fills nothing",
                   "[unit][iommu]", Full, OneLevel) {
  TestType caches;
  auto& p = caches.pins();
  caches.tell({.dc_found = true, .stale = true}, 1);
  caches.tell({.cause = 13, .entry = {.pscid = 1, .vpn = 1}});
  caches.tell({.entry = {.pscid = 1, .vpn = 1}, .stale = true});
  drive(p.inval_i, Inval{.dir = true, .dv = true, .did = 99});
  p.inval_valid_i = 1;
  caches.tell({.dc_found = true}, 1);
  caches.tell({.entry = {.pscid = 1, .vpn = 1}});
  p.inval_valid_i = 0;
  CHECK_FALSE(caches.has(1));
  CHECK_FALSE(caches.has(1, 1));
}

TEMPLATE_TEST_CASE("What a walk brings hides nothing in its clock, and is found from the next",
                   "[unit][iommu]", Full, OneLevel) {
  TestType caches;
  auto& p = caches.pins();
  for (uint64_t vpn = 0; vpn < 17; vpn++) caches.tell({.entry = {.vpn = vpn, .ppn = 100 + vpn}});
  caches.tell({.done = false, .dc_found = true}, 7);
  for (const uint64_t vpn : {1, 16}) {
    CHECK(caches.has(0, vpn));
    drive(p.walk_rsp_i, ToldWalk{.entry = {.vpn = vpn + 512, .ppn = 5}});
    p.walk_rsp_valid_i = 1;
    caches.settle();
    CHECK(p.hit_o);
    CHECK(p.ppn_o == 100 + vpn);
    CHECK(caches.has(7));
    p.next_vpn_i = p.vpn_i = vpn;  // it is read as the other is written to its set
    p.next_i = 1;
    caches.step();
    p.next_i = p.walk_rsp_valid_i = 0;
    caches.settle();
    CHECK((p.hit_o != 0) == (vpn == 16 || std::is_same_v<TestType, Full>));
    if (p.hit_o) CHECK(p.ppn_o == 100 + vpn);
    CHECK(caches.has(0, vpn + 512));
  }
}

TEST_CASE("Pages that the first level has no more are found in the second", "[unit][iommu]") {
  Full caches;
  for (uint64_t vpn = 0; vpn < 512; vpn++) caches.tell({.entry = {.vpn = vpn, .ppn = 1000 + vpn}});
  for (uint64_t vpn = 0; vpn < 512; vpn++) {
    REQUIRE(caches.has(0, vpn));
    REQUIRE(caches.pins().ppn_o == 1000 + vpn);
  }
  OneLevel first;
  for (uint64_t vpn = 0; vpn < 17; vpn++) first.tell({.entry = {.vpn = vpn}});
  CHECK_FALSE(first.has(0, 0));
  CHECK(first.has(0, 1));
}

TEMPLATE_TEST_CASE("Each kind of invalidation reaches each cache that it concerns", "[unit][iommu]",
                   Full, OneLevel) {
  const bool dv = GENERATE(false, true), leaf = GENERATE(false, true), pscv = GENERATE(false, true);
  TestType caches;
  for (uint32_t n = 1; n < 3; n++) {
    caches.tell({.done = false, .dc_found = true}, n);
    for (uint64_t vpn = 0; vpn < 2; vpn++) caches.tell({.entry = {.pscid = n, .vpn = vpn}});
  }
  caches.invalidate({.dir = true, .dv = dv, .did = 1});
  CHECK_FALSE(caches.has(1));
  CHECK(caches.has(2) == dv);
  for (uint32_t n = 1; n < 3; n++) CHECK(caches.has(n, 0));
  caches.invalidate({.pt = true, .leaf = leaf, .vpn = 0, .pscv = pscv, .pscid = 1});
  CHECK_FALSE(caches.has(1, 0));
  CHECK(caches.has(1, 1) == leaf);
  CHECK(caches.has(2, 0) == pscv);
  CHECK(caches.has(2, 1) == (leaf || pscv));
}

}  // namespace
}  // namespace cw::unit::iommu
