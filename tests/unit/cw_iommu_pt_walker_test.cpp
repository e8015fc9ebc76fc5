// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_pt_walker.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_memory.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr uint64_t kRoot = 0x8000'0000, kMiddle = 0x8000'1000, kLast = 0x8000'2000;
constexpr uint64_t kIova = 0x12'3456'7000;
constexpr uint64_t kVpn2 = kIova >> 30 & 511, kVpn1 = kIova >> 21 & 511, kVpn0 = kIova >> 12 & 511;
constexpr uint64_t kPte2 = kRoot + 8 * kVpn2, kPte1 = kMiddle + 8 * kVpn1,
                   kPte0 = kLast + 8 * kVpn0;

struct Walker : dut::Module<Vcw_iommu_pt_walker> {
  WalkMemory<Vcw_iommu_pt_walker> memory{kernel(), pins()};

  Walker() {
    for (uint64_t page : {kRoot, kMiddle, kLast}) memory.zero_page(page);
    memory.write64(kPte2, pte(kMiddle, kV));
    memory.write64(kPte1, pte(kLast, kV));
    memory.write64(kPte0, pte(0x9000'0000, kLeaf));
    pins().walk_valid_i = pins().inval_valid_i = 0;
    pins().root_i = kRoot >> 12;
    pins().pscid_i = 7;
    reset();
  }
  // The cause of the fault, 0 for none.
  unsigned walk(uint64_t iova = kIova, bool write = false) {
    auto& p = pins();
    p.iova_i = iova;
    p.write_i = write;
    p.walk_valid_i = 1;
    memory.fetches.clear();
    run_until([&] { return p.done_o != 0; }, 200_cycles);
    const unsigned cause = p.cause_o;
    found = tlb_entry(p.fill_o);
    step();
    p.walk_valid_i = 0;
    step();
    return cause;
  }
  // From memory only.
  unsigned cold(uint64_t iova = kIova, bool write = false) {
    invalidate({.pt = true});
    return walk(iova, write);
  }
  void invalidate(const Inval& what) {
    drive(pins().inval_i, what);
    pins().inval_valid_i = 1;
    step();
    pins().inval_valid_i = 0;
  }
  TlbEntry found;
};

TEST_CASE("A cold walk reads three levels, the last as a line of eight PTEs", "[unit][iommu]") {
  Walker walker;
  CHECK(walker.walk() == 0);
  CHECK(walker.found == TlbEntry{.pscid = 7, .vpn = kIova >> 12, .ppn = 0x90000});
  CHECK(walker.memory.fetches == std::vector<Fetch>{{kPte2, 1}, {kPte1, 1}, {kPte0, 8}});
}

TEST_CASE("Eight neighbouring pages cost one burst, the next line one more", "[unit][iommu]") {
  Walker walker;
  for (unsigned n = 0; n < 16; n++) {
    walker.memory.write64(kLast + 8 * n, pte(0x9000'0000 + n * 4096, kLeaf));
  }
  const uint64_t base = kIova & ~uint64_t{0x1f'ffff};
  for (unsigned n = 0; n < 16; n++) {
    CHECK(walker.walk(base + n * 4096) == 0);
    CHECK(walker.found.ppn == 0x90000 + n);
    CHECK(walker.memory.fetches.size() == (n == 0 ? 3 : n == 8 ? 1 : 0));
  }
}

TEST_CASE("What a kept PTE refuses is asked of memory again", "[unit][iommu]") {
  Walker walker;
  walker.memory.write64(kPte0, pte(0x9000'0000, kV | kR | kU | kA));
  CHECK(walker.walk(kIova, true) == 15);
  walker.memory.write64(kPte0, pte(0x9000'0000, kLeaf));
  CHECK(walker.walk(kIova, true) == 0);
}

TEST_CASE("An invalidation of leaves keeps the last-level table: one read", "[unit][iommu]") {
  Walker walker;
  walker.walk();
  walker.invalidate({.pt = true, .leaf = true, .vpn = kIova >> 12});
  CHECK(walker.walk() == 0);
  CHECK(walker.memory.fetches.size() == 1);
  CHECK(walker.cold() == 0);
  CHECK(walker.memory.fetches.size() == 3);
}

TEST_CASE("Unmapped at any level is a page fault of the access", "[unit][iommu]") {
  for (uint64_t entry : {kPte2, kPte1, kPte0}) {
    Walker walker;
    const uint64_t good = walker.memory.memory.read64({entry});
    for (const uint64_t value : {good & ~uint64_t{kV}, ~uint64_t{kV}}) {
      walker.memory.write64(entry, value);
      CHECK(walker.cold() == 13);
      CHECK(walker.cold(kIova, true) == 15);
    }
  }
}

TEST_CASE("A bus error is an access fault, even of a PTE that is not valid; poison is 274",
          "[unit][iommu]") {
  for (uint64_t entry : {kPte2, kPte1, kPte0}) {
    Walker walker;
    walker.memory.write64(entry, 0);
    walker.memory.poison = {entry};
    CHECK(walker.cold() == 274);
    walker.memory.error = {entry};
    CHECK(walker.cold() == 5);
    CHECK(walker.cold(kIova, true) == 7);
  }
}

TEST_CASE("A neighbour's error does not disturb the wanted PTE, nor is the neighbour kept",
          "[unit][iommu]") {
  Walker walker;
  const uint64_t neighbour = kPte0 ^ 8;
  walker.memory.write64(neighbour, pte(0x9000'1000, kLeaf));
  walker.memory.error = {neighbour};
  CHECK(walker.cold() == 0);
  CHECK(walker.walk(kIova ^ 4096) == 5);
}

TEST_CASE("Each of the PTE bits 54 to 63 faults, but N where it is legal", "[unit][iommu]") {
  Walker walker;
  for (uint64_t entry : {kPte2, kPte1, kPte0}) {
    const uint64_t good = walker.memory.memory.read64({entry});
    for (unsigned bit = 54; bit < 64; bit++) {
      walker.memory.write64(entry, good | uint64_t{1} << bit);
      CHECK(walker.cold() == 13);
    }
    walker.memory.write64(entry, good);
  }
}

TEST_CASE("Only a PTE without A, D and U is a pointer, and none is one at the last level",
          "[unit][iommu]") {
  Walker walker;
  for (uint64_t bits : {kA, kD, kU, kN}) {
    walker.memory.write64(kPte1, pte(kLast, kV | bits));
    CHECK(walker.cold() == 13);
  }
  walker.memory.write64(kPte1, pte(kLast, kV | kG));
  CHECK(walker.cold() == 0);
  walker.memory.write64(kPte0, pte(kLast, kV));
  CHECK(walker.cold() == 13);
}

TEST_CASE("Rights: R or W for the access, U always, A always, D to write", "[unit][iommu]") {
  Walker walker;
  for (uint64_t bits = 0; bits < 256; bits++) {
    const bool r = bits & kR, w = bits & kW, u = bits & kU, a = bits & kA, d = bits & kD;
    const bool usable = (bits & kV) && (r || !w) && u && a;
    walker.memory.write64(kPte0, pte(0x9000'0000, bits));
    CAPTURE(bits);
    CHECK(walker.cold() == (usable && r ? 0 : 13));
    CHECK(walker.cold(kIova, true) == (usable && w && d ? 0 : 15));
  }
}

TEST_CASE("A clean page is read, and kept as not writable", "[unit][iommu]") {
  Walker walker;
  walker.memory.write64(kPte0, pte(0x9000'0000, kLeaf & ~uint64_t{kD}));
  CHECK(walker.cold() == 0);
  CHECK_FALSE(walker.found.w);
}

TEST_CASE("A superpage is aligned, in each of its low PPN bits", "[unit][iommu]") {
  Walker walker;
  for (auto [entry, size, low] : {std::tuple{kPte1, Page2m, 9u}, {kPte2, Page1g, 18u}}) {
    walker.memory.write64(entry, pte(0x40'0000'0000, kLeaf));
    CHECK(walker.cold() == 0);
    CHECK(walker.found.size == size);
    for (unsigned bit = 0; bit < low; bit++) {
      walker.memory.write64(entry, pte(0x40'0000'0000 | uint64_t{4096} << bit, kLeaf));
      CHECK(walker.cold() == 13);
    }
    walker.memory.write64(entry, pte(kMiddle, kV));
  }
}

TEST_CASE("N means 64 KiB where PPN[3:0] is 8 at the last level, else a fault", "[unit][iommu]") {
  Walker walker;
  for (uint64_t low = 0; low < 16; low++) {
    walker.memory.write64(kPte0, pte(0x9000'0000 + low * 4096, kLeaf | kN));
    CHECK(walker.cold() == (low == 8 ? 0 : 13));
    CHECK((low != 8 || walker.found.size == Page64k));
  }
  walker.memory.write64(kPte1, pte(0x4000'0000, kLeaf | kN));
  CHECK(walker.cold() == 13);
}

TEST_CASE("An IOVA that is not canonical faults and reads nothing", "[unit][iommu]") {
  Walker walker;
  for (unsigned bit = 38; bit < 64; bit++) {
    CHECK(walker.cold(kIova ^ uint64_t{1} << bit) == 13);
    CHECK(walker.memory.fetches.empty());
  }
  walker.memory.write64(kRoot + 8 * 511, pte(0, kLeaf));
  CHECK(walker.cold(~uint64_t{0}) == 0);
  CHECK(walker.cold(0xffff'ffbf'ffff'f000) == 13);
}

}  // namespace
}  // namespace cw::unit::iommu
