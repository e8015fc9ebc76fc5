// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_hpm_event.h"
#include "catch_shim.hpp"
#include "iommu_access.hpp"

namespace cw::unit::iommu {
namespace {

constexpr uint64_t kDmask = 1 << 15, kPv = uint64_t{1} << 60, kDv = uint64_t{1} << 61,
                   kIdt = uint64_t{1} << 62, kOf = uint64_t{1} << 63;
constexpr uint64_t psc(uint64_t id) { return id << 16; }
constexpr uint64_t dev(uint64_t id) { return id << 36; }

struct Selector : dut::Module<Vcw_iommu_hpm_event> {
  explicit Selector(uint64_t value = 0) {
    pins().write_i = 0;
    pins().overflow_i = 0;
    reset();
    write(value);
  }
  uint64_t write(uint64_t value, unsigned halves = 3) {
    pins().wdata_i = value;
    pins().write_i = halves;
    step();
    pins().write_i = 0;
    settle();
    return pins().selector_o;
  }
  bool counts(const Happened& lookup, const Happened& walk) {
    drive_perf(pins().perf_i, lookup, walk);
    settle();
    return pins().counts_o;
  }
};

TEST_CASE("An event selector counts its event and no other", "[unit][iommu]") {
  for (const unsigned event : {0u, 1u, 4u, 5u, 7u}) {
    Selector s(event);
    CHECK(s.counts({.first = true}, {}) == (event == 1));
    CHECK(s.counts({.second = true}, {}) == (event == 4));
    CHECK(s.counts({}, {.first = true}) == (event == 5));
    CHECK(s.counts({}, {.second = true}) == (event == 7));
    CHECK_FALSE(s.counts({}, {}));
  }
}

TEST_CASE("An event that does not exist here leaves the selector's eventID", "[unit][iommu]") {
  Selector s(4);
  for (unsigned event = 0; event < 0x8000; event++) {
    const bool known = event == 0 || event == 1 || event == 4 || event == 5 || event == 7;
    if (!known) REQUIRE(s.write(event | psc(event)) == (4 | psc(event)));
  }
  CHECK(s.write(7) == 7);
}

TEST_CASE("Every other bit of a selector is kept, by halves", "[unit][iommu]") {
  Selector s;
  CHECK(s.write(~uint64_t{0} & ~uint64_t{0x7fff}) == ~uint64_t{0x7fff});
  CHECK(s.write(0, 1) == 0xffff'ffff'0000'0000);
  CHECK(s.write(5, 1) == 0xffff'ffff'0000'0005);
  CHECK(s.write(0, 2) == 5);
}

TEST_CASE("DV filters by device, DMASK widens it up to the lowest zero", "[unit][iommu]") {
  const auto counts = [](uint64_t selector, uint32_t did) {
    Selector s(selector);
    return s.counts({.first = true, .did = did}, {});
  };
  CHECK(counts(1 | dev(0x12'3453), 0xff'ffff));  // DV is clear
  for (unsigned bit = 0; bit < 24; bit++) {
    CHECK_FALSE(counts(1 | kDv | dev(0x12'3453), 0x12'3453u ^ 1u << bit));
    CHECK(counts(1 | kDv | kDmask | dev(0x12'3453), 0x12'3453u ^ 1u << bit) == (bit < 3));
    // ...0111111: all devices of the bus
    CHECK(counts(1 | kDv | kDmask | dev(0x12'347f), 0x12'347fu ^ 1u << bit) == (bit < 8));
    CHECK(counts(1 | kDv | kDmask | dev(0xff'ffff), 1u << bit));
  }
  CHECK(counts(1 | kDv | dev(0x12'3453), 0x12'3453));
}

TEST_CASE("Each event is filtered by the device of its own transaction", "[unit][iommu]") {
  const Happened a{.first = true, .second = true, .did = 1, .pscv = true, .pscid = 3};
  const Happened b{.first = true, .second = true, .did = 2, .pscv = true, .pscid = 4};
  for (const unsigned event : {1u, 4u}) CHECK(Selector(event | kDv | dev(1)).counts(a, b));
  for (const unsigned event : {5u, 7u}) CHECK(Selector(event | kDv | dev(2)).counts(a, b));
  for (const unsigned event : {1u, 4u}) CHECK_FALSE(Selector(event | kDv | dev(2)).counts(a, b));
  CHECK(Selector(4 | kIdt | kPv | psc(3)).counts(a, b));
  CHECK(Selector(7 | kIdt | kPv | psc(4)).counts(a, b));
  CHECK_FALSE(Selector(7 | kIdt | kPv | psc(3)).counts(a, b));
}

TEST_CASE("A filter by process counts nothing: no transaction has one", "[unit][iommu]") {
  for (const uint64_t dv : {uint64_t{0}, kDv}) {
    CHECK_FALSE(Selector(1 | kPv | dv).counts({.first = true}, {}));
  }
}

TEST_CASE("IDT filters by PSCID where the event has one, and never by GSCID", "[unit][iommu]") {
  const Happened all{.first = true, .second = true, .did = 0, .pscv = true, .pscid = 0xabcde};
  Happened bare = all;
  bare.pscv = false;
  for (const unsigned event : {1u, 5u}) CHECK_FALSE(Selector(event | kIdt).counts(all, all));
  for (const unsigned event : {4u, 7u}) {
    CHECK(Selector(event | kIdt).counts(all, all));
    CHECK(Selector(event | kIdt | kPv | psc(0xabcde)).counts(all, all));
    CHECK_FALSE(Selector(event | kIdt | kPv | psc(0xabcdf)).counts(all, all));
    CHECK_FALSE(Selector(event | kIdt | kPv | psc(0xabcde)).counts(bare, bare));
    CHECK_FALSE(Selector(event | kIdt | kDv).counts(all, all));
    CHECK_FALSE(Selector(event | kIdt | kDv | kPv | psc(0xabcde)).counts(all, all));
  }
}

TEST_CASE("OF is set by an overflow and cleared by software", "[unit][iommu]") {
  Selector s(1);
  s.pins().overflow_i = 1;
  s.step();
  s.pins().overflow_i = 0;
  s.settle();
  CHECK(s.pins().selector_o == (1 | kOf));
  s.step();
  CHECK(s.pins().selector_o == (1 | kOf));
  CHECK(s.write(0, 2) == 1);
}

}  // namespace
}  // namespace cw::unit::iommu
