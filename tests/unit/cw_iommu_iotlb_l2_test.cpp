// SPDX-License-Identifier: Apache-2.0
// cw-variant: Entries=128
#include <map>

#include "Vcw_iommu_iotlb_l2.h"
#include "Vcw_iommu_iotlb_l2_entries128.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr uint64_t kMiss = ~uint64_t{0};

template <class V>
struct Level2 : dut::Module<V> {
  Level2() {
    V& p = this->pins();
    p.next_i = p.fill_valid_i = p.inval_valid_i = 0;
    p.write_i = p.exec_i = 0;
    this->reset();
    this->step(200_cycles);  // the sweep after reset
  }
  void look(uint32_t pscid, uint64_t vpn) {
    V& p = this->pins();
    p.next_vpn_i = vpn;
    p.next_i = 1;
    this->step();
    p.next_i = 0;
    p.vpn_i = vpn;
    p.pscid_i = pscid;
  }
  uint64_t result(bool write = false, bool exec = false) {
    V& p = this->pins();
    p.write_i = write;
    p.exec_i = exec;
    this->settle();
    return p.hit_o ? p.ppn_o : kMiss;
  }
  uint64_t find(uint32_t pscid, uint64_t vpn, bool write = false, bool exec = false) {
    look(pscid, vpn);
    return result(write, exec);
  }
  void fill(const TlbEntry& entry) {
    V& p = this->pins();
    drive(p.fill_i, entry);
    p.fill_valid_i = 1;
    this->step();
    p.fill_valid_i = 0;
  }
  void invalidate(const Inval& what) {
    V& p = this->pins();
    drive(p.inval_i, what);
    p.inval_valid_i = 1;
    this->step();
    p.inval_valid_i = 0;
  }
};
using Full = Level2<Vcw_iommu_iotlb_l2>;
using Small = Level2<Vcw_iommu_iotlb_l2_entries128>;

TEMPLATE_TEST_CASE("The second level holds as many neighbouring pages as it has entries",
                   "[unit][iommu]", Full, Small) {
  TestType tlb;
  const uint64_t pages = std::is_same_v<TestType, Full> ? 512 : 128;
  const unsigned size = GENERATE(Page4k, Page64k);
  const uint64_t step = size == Page4k ? 1 : 16;
  for (uint64_t n = 0; n < pages; n++) {
    tlb.fill({.pscid = 7, .vpn = 0x1'2345'6000 + n * step, .size = size, .ppn = 0x5000 + n * 16});
  }
  for (uint64_t n = 0; n < pages; n++) {
    CHECK(tlb.find(7, 0x1'2345'6000 + n * step) == 0x5000 + n * 16);
  }
  tlb.fill({.pscid = 7, .vpn = 0x1'2345'6000 + pages * step, .size = size});
  unsigned missing = 0;
  for (uint64_t n = 0; n < pages; n++) missing += tlb.find(7, 0x1'2345'6000 + n * step) == kMiss;
  CHECK(missing == 1);  // the oldest of its set
}

TEST_CASE("Pages of 4 KiB and 64 KiB live side by side, and larger ones are not kept",
          "[unit][iommu]") {
  Full tlb;
  tlb.fill({.vpn = 0x123, .ppn = 0x10});
  tlb.fill({.vpn = 0x456, .size = Page64k, .ppn = 0x28});
  tlb.fill({.vpn = 0x800, .size = Page2m, .ppn = 0x4000});
  CHECK(tlb.find(0, 0x123) == 0x10);
  for (uint64_t n = 0; n < 16; n++) CHECK(tlb.find(0, 0x450 + n) == 0x20 + n);
  CHECK(tlb.find(0, 0x460) == kMiss);
  CHECK(tlb.find(0, 0x44f) == kMiss);
  CHECK(tlb.find(0, 0x122) == kMiss);
  CHECK(tlb.find(0, 0x800) == kMiss);
}

TEST_CASE("A translation of the second level has every bit of its address and its space",
          "[unit][iommu]") {
  Full tlb;
  const unsigned size = GENERATE(Page4k, Page64k);
  tlb.fill({.pscid = 0x80001, .vpn = 0xa'5a5a'5a50, .size = size, .ppn = 0x38});
  CHECK(tlb.find(0x80001, 0xa'5a5a'5a50) != kMiss);
  for (unsigned bit = 0; bit < 20; bit++) {
    CHECK(tlb.find(0x80001u ^ 1u << bit, 0xa'5a5a'5a50) == kMiss);
  }
  for (unsigned bit = size == Page4k ? 0 : 4; bit < 36; bit++) {
    CHECK(tlb.find(0x80001, 0xa'5a5a'5a50 ^ uint64_t{1} << bit) == kMiss);
  }
}

TEST_CASE("The second level grants what the page grants", "[unit][iommu]") {
  Full tlb;
  tlb.fill({.vpn = 1, .r = true, .w = false, .ppn = 10});
  tlb.fill({.vpn = 2, .r = false, .w = false, .x = true, .ppn = 20});
  CHECK(tlb.find(0, 1) == 10);
  CHECK(tlb.find(0, 1, true) == kMiss);
  CHECK(tlb.find(0, 1, false, true) == kMiss);
  CHECK(tlb.find(0, 2) == kMiss);
  CHECK(tlb.find(0, 2, false, true) == 20);
  tlb.fill({.vpn = 1, .ppn = 11});  // the right came later: the old word does no harm
  CHECK(tlb.find(0, 1, true) == 11);
}

TEST_CASE("An invalidation of a page forgets it in any size, at once, and few others",
          "[unit][iommu]") {
  Full tlb;
  const bool pscv = GENERATE(false, true);
  tlb.fill({.pscid = 1, .vpn = 0x123, .ppn = 1});
  tlb.fill({.pscid = 1, .vpn = 0x120, .size = Page64k, .ppn = 8});
  for (uint64_t n = 0; n < 64; n++) tlb.fill({.pscid = 1, .vpn = 0x300 + n, .ppn = 0x300 + n});
  tlb.invalidate({.pt = true, .leaf = true, .vpn = 0x123, .pscv = pscv, .pscid = 1});
  for (uint64_t n = 0; n < 16; n++) CHECK(tlb.find(1, 0x120 + n) == kMiss);
  unsigned missing = 0;
  for (uint64_t n = 0; n < 64; n++) missing += tlb.find(1, 0x300 + n) == kMiss;
  CHECK(missing <= 1);
}

TEST_CASE("What was read before an invalidation is not found after it", "[unit][iommu]") {
  for (const Inval& what : {Inval{.pt = true, .leaf = true, .vpn = 0x123, .pscv = true, .pscid = 1},
                            Inval{.pt = true, .pscv = true, .pscid = 1}, Inval{.pt = true}}) {
    Full tlb;
    tlb.fill({.pscid = 1, .vpn = 0x123, .ppn = 1});
    tlb.look(1, 0x123);
    CHECK(tlb.result() == 1);
    tlb.invalidate(what);
    CHECK(tlb.result() == kMiss);
    tlb.step(300_cycles);
    CHECK(tlb.result() == kMiss);
    CHECK(tlb.find(1, 0x123) == kMiss);
  }
}

TEST_CASE("An address space is forgotten at once and the others stay", "[unit][iommu]") {
  Full tlb;
  for (uint32_t pscid = 1; pscid <= 8; pscid++)
    tlb.fill({.pscid = pscid, .vpn = pscid * 4, .ppn = pscid});
  tlb.invalidate({.pt = true, .pscv = true, .pscid = 3});
  for (uint32_t pscid = 1; pscid <= 8; pscid++) {
    CHECK(tlb.find(pscid, pscid * 4) == (pscid == 3 ? kMiss : pscid));
  }
  tlb.fill({.pscid = 3, .vpn = 12, .ppn = 33});
  CHECK(tlb.find(3, 12) == 33);
}

TEST_CASE("No translation comes back when the epochs of its space begin anew", "[unit][iommu]") {
  Full tlb;
  tlb.fill({.pscid = 5, .vpn = 77, .ppn = 1});
  for (unsigned n = 0; n < 600; n++) {
    tlb.invalidate({.pt = true, .pscv = true, .pscid = 5});
    REQUIRE(tlb.find(5, 77) == kMiss);
    if (n % 100 == 50) tlb.step(300_cycles);
  }
}

TEST_CASE("An invalidation of everything is done at once, at any time of the sweep",
          "[unit][iommu]") {
  for (unsigned delay = 0; delay < 140; delay += 7) {
    Full tlb;
    for (uint64_t n = 0; n < 512; n++) tlb.fill({.vpn = n, .ppn = n});
    tlb.invalidate({.pt = true});
    for (unsigned n = 0; n < delay; n++) REQUIRE(tlb.find(0, n * 37 % 512) == kMiss);
    tlb.fill({.vpn = 99, .ppn = 1});
    tlb.invalidate({.pt = true, .leaf = true, .vpn = 5});
    tlb.invalidate({.pt = true});
    for (unsigned n = 0; n < 512; n++) REQUIRE(tlb.find(0, n) == kMiss);
    tlb.fill({.vpn = 98, .ppn = 2});
    CHECK(tlb.find(0, 98) == 2);
  }
}

TEST_CASE("An invalidation drops a fill of its clock; one of contexts forgets no page",
          "[unit][iommu]") {
  Full tlb;
  tlb.fill({.vpn = 1, .ppn = 1});
  for (const Inval& what : {Inval{.dir = true}, Inval{.pt = true, .leaf = true, .vpn = 0x80},
                            Inval{.pt = true, .pscv = true, .pscid = 4}}) {
    drive(tlb.pins().inval_i, what);
    tlb.pins().inval_valid_i = 1;
    tlb.fill({.vpn = 2, .ppn = 2});
    tlb.pins().inval_valid_i = 0;
    CHECK(tlb.find(0, 2) == kMiss);
  }
  CHECK(tlb.find(0, 1) == 1);
}

TEMPLATE_TEST_CASE("The second level never finds what was not filled since the last invalidation",
                   "[unit][iommu]", Full, Small) {
  TestType tlb;
  auto& p = tlb.pins();
  agent::Rng rng(1, "l2");
  std::map<std::pair<uint32_t, uint64_t>, TlbEntry> known;  // by space and 4 KiB page
  unsigned hits = 0;
  for (unsigned n = 0; n < 20000; n++) {
    const auto pscid = static_cast<uint32_t>(rng.range(1, 20));
    const uint64_t vpn = rng.range(0, 300) * rng.range(1, 3);
    switch (rng.range(0, 99)) {
      case 0:
        tlb.invalidate({.pt = true});
        known.clear();
        break;
      case 1:
      case 2:
        tlb.invalidate({.pt = true, .pscv = true, .pscid = pscid});
        std::erase_if(known, [&](const auto& k) { return k.first.first == pscid; });
        break;
      case 3:
      case 4:
        tlb.invalidate({.pt = true, .leaf = true, .vpn = vpn, .pscv = true, .pscid = pscid});
        std::erase_if(known, [&](const auto& k) {
          const uint64_t low = k.second.size == Page64k ? 15 : 0;
          return k.first.first == pscid && (k.first.second | low) == (vpn | low);
        });
        break;
      default: {
        const bool big = pscid % 2 == 0;  // a space has pages of one size
        const uint64_t ppn = big ? pscid * 0x1000 + (vpn & ~uint64_t{15}) : pscid * 0x1000 + vpn;
        const uint64_t found = tlb.find(pscid, vpn);
        if (found != kMiss) {
          const auto k = known.find({pscid, big ? vpn & ~uint64_t{15} : vpn});
          REQUIRE(k != known.end());
          REQUIRE(found == pscid * 0x1000 + vpn);
          ++hits;
        } else {
          const TlbEntry entry{.pscid = pscid,
                               .vpn = vpn,
                               .size = big ? Page64k : Page4k,
                               .ppn = big ? ppn | 8 : ppn};
          tlb.fill(entry);
          known[{pscid, big ? vpn & ~uint64_t{15} : vpn}] = entry;
        }
      }
    }
  }
  CHECK(hits > 300);
  CHECK(p.hit_o <= 1);
}

}  // namespace
}  // namespace cw::unit::iommu
