// SPDX-License-Identifier: Apache-2.0
// cw-variant: Levels=4
// cw-variant: Walks=1 PwcEntries=4 PteLines=1
#include <map>

#include "Vcw_iommu_walkers.h"
#include "Vcw_iommu_walkers_levels4.h"
#include "Vcw_iommu_walkers_walks1_pwcentries4_ptelines1.h"
#include "iommu_walk_bench.hpp"

namespace cw::unit::iommu {
namespace {

constexpr uint64_t kIova = 0x12'3456'7000, kPage = 0x9000'0000;
constexpr uint32_t kDid = 0xab'1234, kPscid = 0x12345;
constexpr uint64_t kSv39 = uint64_t{8} << 60, kSv48 = uint64_t{9} << 60;
constexpr uint64_t kSv48Caps = kCaps | 0x400;

// A device with three levels of directory and one page.
template <class V>
struct DeviceOf : WalkBench<V> {
  explicit DeviceOf(uint64_t caps = kCaps, unsigned levels = 3) : WalkBench<V>(caps) {
    using B = WalkBench<V>;
    this->port.memory.fill({B::kDirectory}, 4096, 0);
    const uint64_t middle = this->new_page(), last = this->new_page();
    ddte2 = B::kDirectory + (kDid >> 16) * 8;
    ddte1 = middle + (kDid >> 7 & 511) * 8;
    dc_at = last + (kDid & 127) * 32;
    this->write64(ddte2, pte(middle, kV));
    this->write64(ddte1, pte(last, kV));
    root = this->new_page();
    context({1, 0, uint64_t{kPscid} << 12, (levels == 4 ? kSv48 : kSv39) | root >> 12});
    pte0 = this->pte_at(root, kIova, 0, levels);
    pte1 = this->pte_at(root, kIova, 1, levels);
    pte2 = this->pte_at(root, kIova, 2, levels);
    this->write64(pte0, pte(kPage, kLeaf));
    info = {.sv48 = levels == 4, .pscid = kPscid, .root = root >> 12};
  }
  void context(std::array<uint64_t, 4> dw) {
    for (unsigned n = 0; n < 4; n++) this->write64(dc_at + 8 * n, dw[n]);
  }
  // With the context at hand.
  WalkRequest at(uint64_t iova = kIova, bool write = false) const {
    return {.did = kDid, .iova = iova, .write = write, .dc = info};
  }
  unsigned cause(uint64_t iova = kIova, bool write = false) {
    return this->cold(at(iova, write)).cause;
  }
  unsigned dc_cause() { return this->walk({.did = kDid, .iova = kIova}).cause; }

  uint64_t ddte2, ddte1, dc_at, root, pte0, pte1, pte2;
  DcInfo info;
};

using Device = DeviceOf<Vcw_iommu_walkers>;
using Sv48Device = DeviceOf<Vcw_iommu_walkers_levels4>;
using SmallDevice = DeviceOf<Vcw_iommu_walkers_walks1_pwcentries4_ptelines1>;

// ---- What is read, and what is said

TEST_CASE("A walk goes through directory, context and tables, the leaf's line wanted PTE first",
          "[unit][iommu][walk]") {
  Device d;
  const WalkResult got = d.walk({.did = kDid, .iova = kIova + 0x123});
  CHECK(got.cause == 0);
  CHECK(got.dc == d.info);
  CHECK(got.entry == TlbEntry{.pscid = kPscid, .vpn = kIova >> 12, .ppn = kPage >> 12});
  CHECK_FALSE(got.stale);
  CHECK(d.port.reads ==
        std::vector<WalkRead>{
            {d.ddte2, 1}, {d.ddte1, 1}, {d.dc_at, 4}, {d.pte2, 1}, {d.pte1, 1}, {d.pte0, 8, true}});
}

TEST_CASE("The directory has one to three levels", "[unit][iommu][walk]") {
  Device d;
  d.pins().mode_i = TwoLevels;
  d.pins().directory_i = d.ddte1 >> 12;
  CHECK(d.walk({.did = kDid & 0xffff, .iova = kIova}).cause == 0);
  CHECK(d.port.reads[0] == WalkRead{d.ddte1, 1});
  d.pins().mode_i = OneLevel;
  d.pins().directory_i = d.dc_at >> 12;
  CHECK(d.walk({.did = kDid & 0x7f, .iova = kIova}).cause == 0);
  CHECK(d.port.reads[0] == WalkRead{d.dc_at, 4});
}

TEST_CASE("Where the context is Bare, or all that is asked for, the walk ends with it",
          "[unit][iommu][walk]") {
  Device d;
  const WalkResult only = d.walk({.did = kDid, .iova = kIova, .dc_only = true});
  CHECK(only.dc == d.info);
  CHECK_FALSE(only.entry);
  CHECK(d.port.reads.size() == 3);
  d.context({0x11, 0, uint64_t{5} << 12, 0});
  const WalkResult bare = d.walk({.did = kDid, .iova = ~uint64_t{0}});
  CHECK(bare.cause == 0);
  CHECK(bare.dc == DcInfo{.bare = true, .dtf = true, .pscid = 5});
  CHECK(d.port.reads.size() == 3);
}

TEST_CASE("Sv48 has four levels and pages of 512 GiB", "[unit][iommu][walk]") {
  Sv48Device d(kSv48Caps, 4);
  const WalkResult got = d.walk({.did = kDid, .iova = kIova});
  CHECK(got.dc == d.info);
  CHECK(got.entry == TlbEntry{.pscid = kPscid, .vpn = kIova >> 12, .ppn = kPage >> 12});
  CHECK(d.port.reads.size() == 7);
  const uint64_t pte3 = d.pte_at(d.root, kIova, 3, 4);
  d.write64(pte3, pte(uint64_t{1} << 39, kLeaf));
  CHECK(d.cold(d.at()).entry ==
        TlbEntry{.pscid = kPscid, .vpn = kIova >> 12, .size = Page512g, .ppn = 1 << 27});
  for (unsigned bit = 0; bit < 27; bit++) {
    d.write64(pte3, pte(uint64_t{1} << 39 | uint64_t{4096} << bit, kLeaf));
    CHECK(d.cause() == 13);
  }
}

TEST_CASE("A build with Sv48 walks Sv39 tables by their three levels", "[unit][iommu][walk]") {
  Sv48Device d(kSv48Caps, 3);
  const WalkResult got = d.walk({.did = kDid, .iova = kIova});
  CHECK(got.entry == TlbEntry{.pscid = kPscid, .vpn = kIova >> 12, .ppn = kPage >> 12});
  CHECK(d.port.reads.size() == 6);
  CHECK(d.cause(kIova ^ uint64_t{1} << 40) == 13);
  // Without the capability iosatp.MODE 9 is misconfigured.
  d.context({1, 0, 0, kSv48});
  CHECK(d.walk({.did = kDid, .dc_only = true}).dc == DcInfo{.sv48 = true});
  d.pins().caps_i = kCaps;
  CHECK(d.dc_cause() == 259);
}

// ---- The directory: each check, in its order

TEST_CASE("A directory entry or context that is not valid is 258, whatever else it says",
          "[unit][iommu][walk]") {
  for (uint64_t Device::*entry : {&Device::ddte2, &Device::ddte1, &Device::dc_at}) {
    for (const uint64_t junk : {uint64_t{0}, ~uint64_t{1}}) {
      Device d;
      d.write64(d.*entry, junk);
      CHECK(d.dc_cause() == 258);
    }
  }
}

TEST_CASE("Each reserved bit of a non-leaf directory entry is 259", "[unit][iommu][walk]") {
  Device d;
  for (const uint64_t entry : {d.ddte2, d.ddte1}) {
    const uint64_t good = d.read64(entry);
    for (unsigned bit = 1; bit < 64; bit++) {
      if (bit >= 10 && bit < 54) continue;
      d.write64(entry, good | uint64_t{1} << bit);
      CHECK(d.dc_cause() == 259);
    }
    d.write64(entry, good);
  }
}

TEST_CASE("A bus error on any beat of the directory is 257, before poison, 268, before V=0",
          "[unit][iommu][walk]") {
  for (uint64_t Device::*entry : {&Device::ddte2, &Device::ddte1, &Device::dc_at}) {
    for (unsigned beat = 0; beat < (entry == &Device::dc_at ? 4 : 1); beat++) {
      Device d;
      const uint64_t at = d.*entry + 8 * beat;
      d.port.poison = {at};
      CHECK(d.dc_cause() == 268);
      d.write64(d.*entry, 0);
      CHECK(d.dc_cause() == 268);
      d.port.error = {at};
      CHECK(d.dc_cause() == 257);
      d.port.poison = {};
      CHECK(d.dc_cause() == 257);
    }
  }
}

TEST_CASE("Each bit of a device context means what the profile says it does",
          "[unit][iommu][walk]") {
  Device d;
  const std::array<uint64_t, 4> good{1, 0, 0, kSv39};
  for (unsigned bit = 0; bit < 256; bit++) {
    auto dw = good;
    dw[bit / 64] ^= uint64_t{1} << bit % 64;
    d.context(dw);
    unsigned expected = 259;
    if (bit == 0) expected = 258;
    if (bit == 4 || (bit >= 24 && bit < 32)) expected = 0;  // DTF, custom bits
    if (bit >= 64 && bit < 64 + 60) expected = 0;           // iohgatp: Bare uses neither field
    if (bit >= 128 + 12 && bit < 128 + 32) expected = 0;    // PSCID
    if (bit >= 192 && bit < 192 + 44) expected = 0;         // root
    if (bit == 255) expected = 0;                           // iosatp.MODE 8 to 0: Bare
    CAPTURE(bit);
    CHECK(d.walk({.did = kDid, .iova = kIova, .dc_only = true}).cause == expected);
  }
}

TEST_CASE("iosatp.MODE is one that the capabilities offer, PDTV goes with Bare, DPE with PDTV",
          "[unit][iommu][walk]") {
  Device d;
  for (const uint64_t tc : {0x1, 0x21, 0x221, 0x201}) {
    for (uint64_t mode = 0; mode < 16; mode++) {
      d.context({tc, 0, 0, mode << 60});
      const bool legal = tc != 0x201 && (mode == 0 || (mode == 8 && tc == 1));
      CHECK(d.walk({.did = kDid, .dc_only = true}).cause == (legal ? 0 : 259));
    }
  }
  d.pins().caps_i = kCaps & ~0x200ull;
  d.context({1, 0, 0, kSv39});
  CHECK(d.dc_cause() == 259);
}

// ---- The page tables: each check, in its order

TEST_CASE("A page that is unmapped at any level is a page fault of its access",
          "[unit][iommu][walk]") {
  Device d;
  for (const uint64_t entry : {d.pte2, d.pte1, d.pte0}) {
    const uint64_t good = d.read64(entry);
    for (const uint64_t value : {good & ~uint64_t{kV}, ~uint64_t{kV}}) {
      d.write64(entry, value);
      CHECK(d.cause() == 13);
      CHECK(d.cause(kIova, true) == 15);
      CHECK(d.cold({.did = kDid, .iova = kIova, .exec = true, .dc = d.info}).cause == 12);
    }
    d.write64(entry, good);
  }
}

TEST_CASE("A bus error in the page tables is an access fault, before poison, 274, before V=0",
          "[unit][iommu][walk]") {
  for (uint64_t Device::*entry : {&Device::pte2, &Device::pte1, &Device::pte0}) {
    Device d;
    d.write64(d.*entry, 0);
    d.port.poison = {d.*entry};
    CHECK(d.cause() == 274);
    d.port.error = {d.*entry};
    CHECK(d.cause() == 5);
    CHECK(d.cause(kIova, true) == 7);
    CHECK(d.cold({.did = kDid, .iova = kIova, .exec = true, .dc = d.info}).cause == 1);
  }
}

TEST_CASE("Each of the PTE bits 54 to 63 is a page fault, but N where it is legal",
          "[unit][iommu][walk]") {
  Device d;
  for (const uint64_t entry : {d.pte2, d.pte1, d.pte0}) {
    const uint64_t good = d.read64(entry);
    for (unsigned bit = 54; bit < 64; bit++) {
      d.write64(entry, good | uint64_t{1} << bit);
      CHECK(d.cause() == 13);
    }
    d.write64(entry, good);
  }
}

TEST_CASE("A pointer has neither A, D nor U, may have G, and there is none at the last level",
          "[unit][iommu][walk]") {
  Device d;
  const uint64_t good = d.read64(d.pte1);
  for (const uint64_t bits : {kA, kD, kU, kN}) {
    d.write64(d.pte1, good | bits);
    CHECK(d.cause() == 13);
  }
  d.write64(d.pte1, good | kG);
  CHECK(d.cause() == 0);
  d.write64(d.pte0, pte(kPage, kV));
  CHECK(d.cause() == 13);
}

TEST_CASE("Rights of a leaf: R, W with D, or X for the access; U and A always",
          "[unit][iommu][walk]") {
  Device d;
  for (uint64_t bits = 0; bits < 256; bits++) {
    const bool usable = (bits & kV) && ((bits & kR) || !(bits & kW)) && (bits & kU) && (bits & kA);
    const bool w = (bits & kW) && (bits & kD);
    d.write64(d.pte0, pte(kPage, bits));
    CAPTURE(bits);
    for (const bool write : {false, true}) {
      for (const bool exec : {false, true}) {
        const bool good =
            usable && (!write || w) && (!exec || (bits & kX)) && (write || exec || (bits & kR));
        const unsigned fault = write ? 15 : exec ? 12 : 13;
        const auto got =
            d.cold({.did = kDid, .iova = kIova, .write = write, .exec = exec, .dc = d.info});
        CHECK(got.cause == (good ? 0 : fault));
        CHECK((!good || got.entry == TlbEntry{.pscid = kPscid,
                                              .vpn = kIova >> 12,
                                              .r = (bits & kR) != 0,
                                              .w = w,
                                              .x = (bits & kX) != 0,
                                              .ppn = kPage >> 12}));
      }
    }
  }
}

TEST_CASE("A superpage is aligned in each low bit of its PPN", "[unit][iommu][walk]") {
  Device d;
  for (auto [entry, size, low] : {std::tuple{d.pte1, Page2m, 9u}, {d.pte2, Page1g, 18u}}) {
    const uint64_t good = d.read64(entry);
    d.write64(entry, pte(0x40'0000'0000, kLeaf));
    CHECK(d.cold(d.at()).entry->size == size);
    for (unsigned bit = 0; bit < low; bit++) {
      d.write64(entry, pte(0x40'0000'0000 | uint64_t{4096} << bit, kLeaf));
      CHECK(d.cause() == 13);
    }
    d.write64(entry, good);
  }
}

TEST_CASE("N is a page of 64 KiB where PPN[3:0] is 8, at the last level only",
          "[unit][iommu][walk]") {
  Device d;
  for (uint64_t low = 0; low < 16; low++) {
    d.write64(d.pte0, pte(kPage + low * 4096, kLeaf | kN));
    const WalkResult got = d.cold(d.at());
    CHECK(got.cause == (low == 8 ? 0 : 13));
    CHECK((low != 8 || got.entry->size == Page64k));
  }
  d.write64(d.pte1, pte(0x4000'0000, kLeaf | kN));
  CHECK(d.cause() == 13);
}

TEST_CASE("An IOVA that is not canonical is a page fault and reads nothing",
          "[unit][iommu][walk]") {
  Device d;
  for (unsigned bit = 38; bit < 64; bit++) {
    CHECK(d.cause(kIova ^ uint64_t{1} << bit) == 13);
    CHECK(d.cause(kIova ^ uint64_t{1} << bit, true) == 15);
    CHECK(d.port.reads.empty());
  }
  d.write64(d.root + 8 * 511, pte(0, kLeaf));
  CHECK(d.cause(~uint64_t{0}) == 0);
  CHECK(d.cause(0xffff'ffbf'ffff'f000) == 13);
  Sv48Device wide(kSv48Caps, 4);
  for (unsigned bit = 47; bit < 64; bit++) CHECK(wide.cause(kIova ^ uint64_t{1} << bit) == 13);
  wide.write64(wide.root + 8 * 511, pte(0, kLeaf));
  CHECK(wide.cause(0xffff'8000'0000'0000) == 13);
  CHECK(wide.cause(~uint64_t{0}) == 0);
}

// ---- What is kept

TEST_CASE("The next seven pages after a walk read nothing", "[unit][iommu][walk]") {
  Device d;
  const uint64_t first = kIova & ~uint64_t{0x7fff};
  for (uint64_t n = 0; n < 16; n++) {
    d.write64(d.pte_at(d.root, first + 4096 * n), pte(kPage + 4096 * n, kLeaf));
  }
  for (uint64_t n = 0; n < 16; n++) {
    const uint64_t page = (n + 3) % 8 + n / 8 * 8;  // begin in the middle of a line
    const WalkResult got = d.walk(d.at(first + 4096 * page));
    CHECK(got.entry->ppn == (kPage >> 12) + page);
    CHECK(d.port.reads.size() == (n == 0 ? 3 : n == 8 ? 1 : 0));
  }
}

TEST_CASE("A walk waits for a line that another one is fetching", "[unit][iommu][walk]") {
  for (const unsigned latency : {1u, 20u}) {
    Device d;
    d.port.latency = latency;
    d.write64(d.pte0 ^ 8, pte(kPage + 4096, kLeaf));
    d.write64(d.pte0 ^ 16, pte(kPage + 8192, kLeaf));
    d.walk(d.at(kIova ^ 0x8000));  // only the tables are known now
    d.port.reads.clear();
    const unsigned a = d.begin(d.at());
    d.step(1_cycles);  // it asks alone
    const unsigned b = d.begin(d.at(kIova ^ 0x1000)), c = d.begin(d.at(kIova ^ 0x2000));
    CHECK(d.finish(a).entry->ppn == kPage >> 12);
    CHECK(d.finish(b).entry->ppn == (kPage >> 12) + 1);
    CHECK(d.finish(c).entry->ppn == (kPage >> 12) + 2);
    CHECK(d.port.reads.size() == 1);
  }
}

TEST_CASE("A PTE brings its line only where no other walk has yet to read", "[unit][iommu][walk]") {
  Device d;
  d.port.latency = 10;
  constexpr uint64_t kApart = uint64_t{1} << 30;
  for (uint64_t n = 0; n < 4; ++n) {
    d.write64(d.pte_at(d.root, kIova + n * kApart), pte(kPage + 4096 * n, kLeaf));
  }
  std::vector<unsigned> ids;
  for (uint64_t n = 0; n < 4; ++n) ids.push_back(d.begin(d.at(kIova + n * kApart)));
  for (uint64_t n = 0; n < 4; ++n) CHECK(d.finish(ids[n]).entry->ppn == (kPage >> 12) + n);
  d.settle_reads();
  REQUIRE(d.port.reads.size() == 12);
  for (size_t n = 0; n < 12; ++n) {
    CHECK(d.port.reads[n].doublewords == (n == 11 ? 8 : 1));
    CHECK(d.port.reads[n].wrap == (n == 11));
  }
}

TEST_CASE("A read that memory does not take yet stays what it is, whoever begins meanwhile",
          "[unit][iommu][walk]") {
  const bool alone = GENERATE(false, true);
  Device d;
  d.write64(d.pte_at(d.root, kIova + (uint64_t{1} << 30)), pte(kPage, kLeaf));
  d.walk(d.at(kIova ^ 0x8000));  // the tables are known now
  d.port.reads.clear();
  if (!alone) d.begin(d.at(kIova + (uint64_t{1} << 30)));
  d.port.stall = true;
  const unsigned a = d.begin(d.at());
  if (alone) d.begin(d.at(kIova + (uint64_t{1} << 30)));
  CHECK(d.finish(a).entry->ppn == kPage >> 12);
  d.step(200_cycles);  // ReadHeld is looking
  CHECK(d.port.reads.size() >= 4);
}

TEST_CASE("A line grants and never refuses: without the right memory is asked again",
          "[unit][iommu][walk]") {
  Device d;
  d.write64(d.pte0, pte(kPage, kLeaf & ~uint64_t{kD}));
  CHECK(d.walk(d.at()).cause == 0);
  CHECK(d.walk(d.at(kIova, true)).cause == 15);
  CHECK(d.port.reads.size() == 1);
  d.write64(d.pte0, pte(kPage, kLeaf));
  CHECK(d.walk(d.at(kIova, true)).cause == 0);
  CHECK(d.port.reads.size() == 1);
}

TEST_CASE("An error of a neighbour does not disturb the wanted PTE, nor is the neighbour kept",
          "[unit][iommu][walk]") {
  Device d;
  d.write64(d.pte0 ^ 8, pte(kPage + 4096, kLeaf));
  d.port.error = {d.pte0 ^ 8};
  CHECK(d.cause() == 0);
  CHECK(d.walk(d.at(kIova ^ 0x1000)).cause == 5);
}

TEST_CASE("The upper tables are known too: a new 2 MiB region costs two reads, a 1 GiB page one",
          "[unit][iommu][walk]") {
  Device d;
  d.walk(d.at());
  d.write64(d.pte_at(d.root, kIova ^ 0x20'0000), pte(kPage, kLeaf));
  CHECK(d.walk(d.at(kIova ^ 0x20'0000)).cause == 0);
  CHECK(d.port.reads.size() == 2);
  d.write64(d.pte_at(d.root, kIova ^ 0x40'0000, 1), pte(0x4000'0000, kLeaf));
  CHECK(d.walk(d.at(kIova ^ 0x40'0000)).entry->size == Page2m);
  CHECK(d.port.reads.size() == 1);
}

// ---- Clocks; L: read taken to first beat. Counted from the request's valid to the answer's valid

TEST_CASE("Sv39 costs 3L + 2 clocks, with its last table known L + 1, behind a directory 6L + 8",
          "[unit][iommu][walk]") {
  for (const unsigned l : {1u, 10u, 50u, 100u}) {
    Device d;
    d.port.latency = l;
    CAPTURE(l);
    CHECK(d.cold(d.at()).clocks == 3 * l + 2);
    CHECK(d.walk(d.at(kIova ^ 0x8000)).clocks == l + 1);
    CHECK(d.walk(d.at(kIova)).clocks == 1);
    CHECK(d.cold({.did = kDid, .iova = kIova}).clocks == 6 * l + 8);
    Sv48Device wide(kSv48Caps, 4);
    wide.port.latency = l;
    CHECK(wide.cold(wide.at()).clocks == 4 * l + 3);
    SmallDevice small;
    small.port.latency = l;
    CHECK(small.cold(small.at()).clocks == 3 * l + 2);
    CHECK(small.cold({.did = kDid, .iova = kIova}).clocks == 6 * l + 8);
  }
}

TEST_CASE("Four independent walks take at most 1.3 times as long as one", "[unit][iommu][walk]") {
  for (const unsigned l : {50u, 100u}) {
    Device d;
    d.port.latency = l;
    const uint64_t apart = uint64_t{1} << 31;  // tables of their own at every level
    for (uint64_t n = 0; n < 4; n++) d.write64(d.pte_at(d.root, n * apart), pte(kPage, kLeaf));
    const auto begin = d.now();
    std::vector<unsigned> walks;
    for (uint64_t n = 0; n < 4; n++) walks.push_back(d.begin(d.at(n * apart)));
    for (const unsigned id : walks) CHECK(d.finish(id).cause == 0);
    CHECK((d.now() - begin).value * 10 <= (3 * l + 2) * 13);
  }
}

// ---- Several at once

uint64_t mapped_ppn(Device& d, uint64_t iova) {
  return d.read64(d.pte_at(d.root, iova)) >> 10 & 0xfff'ffff'ffff;
}

TEST_CASE("Walks of many devices, in any order and under back-pressure, end as each alone",
          "[unit][iommu][walk]") {
  for (const bool reorder : {false, true}) {
    for (const bool stall : {false, true}) {
      Device d;
      d.port.reorder = reorder;
      d.port.stall = stall;
      Rng rng(1, "walks");
      std::vector<uint64_t> pages;
      for (uint64_t n = 0; n < 64; n++) {
        pages.push_back(n % 16 << 12 | n / 16 << 30 | (n % 3) << 21);
        d.write64(d.pte_at(d.root, pages[n]), pte(kPage + 4096 * n, kLeaf));
      }
      std::map<unsigned, size_t> under_way;
      for (unsigned done = 0, begun = 0; done < 400;) {
        const size_t page = rng.range(0, 63);
        std::optional<unsigned> id;
        if (begun < 400 && under_way.size() < 4) {
          WalkRequest r{.did = kDid, .iova = pages[page]};
          if (rng.chance(70)) r.dc = d.info;
          id = d.begin(r);
          ++begun;
        } else {
          d.step();
        }
        // None of these answers the walk that was accepted in this clock.
        for (const auto& a : d.answers.all) {
          if (!a.done) continue;
          REQUIRE(under_way.contains(a.id));
          CHECK(a.cause == 0);
          CHECK(a.entry.ppn == mapped_ppn(d, pages[under_way[a.id]]));
          under_way.erase(a.id);
          ++done;
        }
        d.answers.all.clear();
        if (id) under_way[*id] = page;
        if (rng.chance(5)) d.invalidate({.pt = true, .leaf = rng.chance(50)});
      }
    }
  }
}

// ---- Invalidation at any time

constexpr uint64_t kNewPage = kPage + 0x10'0000;

// How memory changes before an invalidation.
void swap_leaf(Device& d) { d.write64(d.pte0, pte(kNewPage, kLeaf)); }
void swap_table(Device& d) {
  const uint64_t table = d.new_page();
  d.write64(table + (d.pte0 & 4095), pte(kNewPage, kLeaf));
  d.write64(d.pte1, pte(table, kV));
}
void swap_context(Device& d) {
  d.info = {.pscid = kPscid + 1, .root = d.new_page() >> 12};
  d.write64(d.pte_at(d.info.root << 12, kIova), pte(kNewPage, kLeaf));
  d.context({1, 0, uint64_t{d.info.pscid} << 12, kSv39 | d.info.root});
}

struct Race {
  Inval inval;
  bool directory;  // the walk finds its context first
  void (*change)(Device&);
};

const Race kRaces[] = {
    {{.pt = true, .leaf = true, .vpn = kIova >> 12, .pscv = true, .pscid = kPscid},
     false,
     swap_leaf},
    {{.pt = true, .leaf = true, .vpn = kIova >> 12 ^ 0x3'ffff}, false, swap_leaf},
    {{.pt = true, .pscv = true, .pscid = kPscid}, false, swap_table},
    {{.pt = true, .pscv = true, .pscid = kPscid}, true, swap_table},
    {{.pt = true}, true, swap_leaf},
    {{.dir = true, .dv = true, .did = kDid}, true, swap_context},
    {{.dir = true, .pt = true}, true, swap_context}};

TEST_CASE(
    "After an invalidation at any clock of a walk its answer is fresh or marked stale, and "
    "nothing old stays",
    "[unit][iommu][walk]") {
  for (const Race& race : kRaces) {
    for (const unsigned latency : {1u, 3u}) {
      unsigned stale = 0, fresh = 0;
      for (unsigned clock = 0; clock < 40; clock++) {  // 0: the request is accepted
        Device d;
        d.port.latency = latency;
        CAPTURE(clock, latency, race.directory, race.inval.pt, race.inval.dir, race.inval.leaf);
        if (clock % 2) d.walk(d.at(kIova ^ 0x8000));
        WalkRequest r{.did = kDid, .iova = kIova};
        if (!race.directory) r.dc = d.info;
        dut::Cycles invalidated_at = d.now();
        if (clock == 0) {
          race.change(d);
          drive(d.pins().inval_i, race.inval);
          d.pins().inval_valid_i = 1;
        }
        d.begin(r);
        d.pins().inval_valid_i = 0;
        if (clock > 0) {
          d.step(dut::Cycles{clock - 1});
          race.change(d);
          invalidated_at = d.now();
          d.invalidate(race.inval);
        }
        d.settle_reads();
        REQUIRE(!d.answers.all.empty());
        CHECK(d.answers.all.back().done);
        for (const WalkAnswer& a : d.answers.all) {
          CHECK(a.cause == 0);
          if (a.at < invalidated_at) continue;
          const bool is_new = a.dc_found ? a.dc == d.info : a.entry.ppn == kNewPage >> 12;
          CHECK((a.stale || is_new));
          stale += a.stale;
          fresh += !a.stale;
        }
        d.answers.all.clear();
        CHECK(d.walk(d.at()).entry->ppn == kNewPage >> 12);
      }
      CHECK(stale > 0);
      CHECK((fresh > 0) == (race.directory && !race.inval.dir));
    }
  }
}

TEST_CASE("Of what a stale walk reads, even after the invalidation, nothing is kept",
          "[unit][iommu][walk]") {
  for (const unsigned latency : {1u, 4u}) {
    for (unsigned clock = 0; clock < 30; clock++) {
      Device d;
      d.port.latency = latency;
      d.write64(d.pte0 ^ 8, pte(kPage + 4096, kLeaf));
      if (clock == 0) {
        drive(d.pins().inval_i, {.pt = true});
        d.pins().inval_valid_i = 1;
      }
      d.begin(d.at());
      d.pins().inval_valid_i = 0;
      if (clock > 0) {
        d.step(dut::Cycles{clock - 1});
        d.invalidate({.pt = true});
      }
      d.settle_reads();
      d.answers.all.clear();
      CAPTURE(clock, latency);
      CHECK(d.walk(d.at(kIova ^ 0x1000)).cause == 0);
      CHECK(d.port.reads.size() == 3);
    }
  }
}

TEST_CASE("An invalidation of other devices, address spaces or 1 GiB regions leaves a walk fresh",
          "[unit][iommu][walk]") {
  const Inval others[] = {
      {.dir = true, .dv = true, .did = kDid ^ 1},
      {.pt = true, .pscv = true, .pscid = kPscid ^ 1},
      {.pt = true, .leaf = true, .vpn = kIova >> 12 ^ 0x4'0000, .pscv = true, .pscid = kPscid}};
  for (const Inval& other : others) {
    for (unsigned clock = 0; clock < 25; clock++) {
      Device d;
      const unsigned id = d.begin({.did = kDid, .iova = kIova});
      d.step(dut::Cycles{clock});
      d.invalidate(other);
      const WalkResult got = d.finish(id);
      CHECK(got.entry->ppn == kPage >> 12);
      CHECK_FALSE(got.stale);
      CHECK_FALSE(got.dc_stale);
    }
  }
  // A context from the cache is no matter of the directory.
  Device d;
  const unsigned id = d.begin(d.at());
  d.invalidate({.dir = true});
  CHECK_FALSE(d.finish(id).stale);
}

TEST_CASE("A walk for which the directory is too narrow, or there is none, is the asker's fault",
          "[unit][iommu][walk]") {
  Device narrow;
  narrow.pins().mode_i = TwoLevels;
  CHECK_THROWS_AS(narrow.begin({.did = kDid}), dut::AssertionFailed);
  Device bare;
  bare.pins().mode_i = 1;
  CHECK_THROWS_AS(bare.begin({.did = kDid}), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
