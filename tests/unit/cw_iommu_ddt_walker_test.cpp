// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_ddt_walker.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_memory.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr uint64_t kRoot = 0x8000'0000, kMiddle = 0x8000'1000, kLast = 0x8000'2000;
constexpr uint32_t kDid = 0xab'1234;
constexpr uint64_t kLeafDc = kLast + (kDid & 0x7f) * 32;
constexpr unsigned k1Lvl = 2, k2Lvl = 3, k3Lvl = 4;

struct Walker : dut::Module<Vcw_iommu_ddt_walker> {
  WalkMemory<Vcw_iommu_ddt_walker> memory{kernel(), pins()};

  Walker() {
    for (uint64_t page : {kRoot, kMiddle, kLast}) memory.zero_page(page);
    memory.write64(kRoot + 0xab * 8, pte(kMiddle, kV));
    memory.write64(kMiddle + 0x24 * 8, pte(kLast, kV));  // bits 15:7 of the device id
    context({1, 0, 0x12345 << 12, uint64_t{8} << 60 | 0x87654});
    pins().caps_i = kCaps;
    pins().walk_valid_i = 0;
    reset();
  }
  void context(std::array<uint64_t, 4> dw) {
    for (unsigned n = 0; n < 4; n++) memory.write64(kLeafDc + 8 * n, dw[n]);
  }
  // The cause of the fault, 0 for none.
  unsigned walk(unsigned mode = k3Lvl, uint64_t root = kRoot) {
    auto& p = pins();
    p.did_i = kDid;
    p.mode_i = mode;
    p.root_i = root >> 12;
    p.walk_valid_i = 1;
    memory.fetches.clear();
    run_until([&] { return p.done_o != 0; }, 200_cycles);
    const unsigned cause = p.cause_o;
    found = dc_info(p.dc_o);
    step();
    p.walk_valid_i = 0;
    step();
    return cause;
  }
  DcInfo found;
};

TEST_CASE("The directory is walked by its levels, the context fetched as 32 bytes",
          "[unit][iommu]") {
  Walker walker;
  CHECK(walker.walk(k3Lvl) == 0);
  CHECK(walker.found == DcInfo{.pscid = 0x12345, .root = 0x87654});
  CHECK(walker.memory.fetches ==
        std::vector<Fetch>{{kRoot + 0xab * 8, 1}, {kMiddle + 0x24 * 8, 1}, {kLeafDc, 4}});
  CHECK(walker.walk(k2Lvl, kMiddle) == 0);
  CHECK(walker.memory.fetches == std::vector<Fetch>{{kMiddle + 0x24 * 8, 1}, {kLeafDc, 4}});
  CHECK(walker.walk(k1Lvl, kLast) == 0);
  CHECK(walker.memory.fetches == std::vector<Fetch>{{kLeafDc, 4}});
}

TEST_CASE("An entry that is not valid is 258 at each level, whatever else it says",
          "[unit][iommu]") {
  for (uint64_t entry : {kRoot + 0xab * 8, kMiddle + 0x24 * 8, kLeafDc}) {
    for (uint64_t junk : {uint64_t{0}, ~uint64_t{1}}) {
      Walker walker;
      walker.memory.write64(entry, junk);
      CHECK(walker.walk() == 258);
    }
  }
}

TEST_CASE("Each reserved bit of a directory entry is 259", "[unit][iommu]") {
  Walker walker;
  for (unsigned bit = 1; bit < 64; bit++) {
    if (bit >= 10 && bit < 54) continue;
    walker.memory.write64(kRoot + 0xab * 8, pte(kMiddle, kV) | uint64_t{1} << bit);
    CHECK(walker.walk() == 259);
  }
}

TEST_CASE("A bus error on any beat is 257, before V=0; poison is 268", "[unit][iommu]") {
  for (uint64_t hpa :
       {kRoot + 0xab * 8, kMiddle + 0x24 * 8, kLeafDc, kLeafDc + 8, kLeafDc + 16, kLeafDc + 24}) {
    Walker walker;
    walker.memory.poison = {hpa};
    CHECK(walker.walk() == 268);
    walker.memory.error = {hpa};
    CHECK(walker.walk() == 257);
    walker.context({0, 0, 0, 0});
    CHECK(walker.walk() == 257);
  }
}

TEST_CASE("Every single bit of a device context means what the profile says", "[unit][iommu]") {
  Walker walker;
  const std::array<uint64_t, 4> good{1, 0, 0, uint64_t{8} << 60};
  for (unsigned bit = 0; bit < 256; bit++) {
    auto dw = good;
    dw[bit / 64] ^= uint64_t{1} << bit % 64;
    walker.context(dw);
    unsigned expected = 259;
    if (bit == 0) expected = 258;
    if (bit == 4 || (bit >= 24 && bit < 32)) expected = 0;  // DTF, custom bits
    if (bit >= 64 && bit < 64 + 60) expected = 0;           // iohgatp: Bare uses neither field
    if (bit >= 128 + 12 && bit < 128 + 32) expected = 0;    // PSCID
    if (bit >= 192 && bit < 192 + 44) expected = 0;         // root
    if (bit == 255) expected = 0;                           // iosatp.MODE 8 to 0: Bare
    CAPTURE(bit);
    CHECK(walker.walk() == expected);
  }
}

TEST_CASE("iosatp.MODE is Bare or Sv39, all else is 259", "[unit][iommu]") {
  Walker walker;
  for (uint64_t mode = 0; mode < 16; mode++) {
    walker.context({1, 0, 0, mode << 60});
    CHECK(walker.walk() == (mode == 0 || mode == 8 ? 0 : 259));
    CHECK((mode != 0 || walker.found.bare));
  }
  walker.pins().caps_i = kCaps & ~0x200ull;
  walker.context({1, 0, 0, uint64_t{8} << 60});
  CHECK(walker.walk() == 259);
}

TEST_CASE("PDTV needs a Bare process directory, DPE needs PDTV", "[unit][iommu]") {
  Walker walker;
  walker.context({0x21, 0, 0, 0});
  CHECK(walker.walk() == 0);
  CHECK(walker.found.bare);
  walker.context({0x221, 0, 0, 0});
  CHECK(walker.walk() == 0);
  for (uint64_t mode : {1, 2, 3, 8}) {
    walker.context({0x21, 0, 0, mode << 60});
    CHECK(walker.walk() == 259);
  }
}

}  // namespace
}  // namespace cw::unit::iommu
