// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_hpm.h"
#include "catch_shim.hpp"
#include "iommu_access.hpp"

namespace cw::unit::iommu {
namespace {

constexpr unsigned kOvf = 0x58, kInh = 0x5c, kCycles = 0x60;
constexpr uint64_t kOf = uint64_t{1} << 63;
constexpr unsigned ctr(unsigned n) { return 0x60 + 8 * n; }
constexpr unsigned evt(unsigned n) { return 0x158 + 8 * n; }

struct Monitor : RegisterGroup<Vcw_iommu_hpm> {
  explicit Monitor(bool present = true) {
    pins().present_i = present;
    drive_perf(pins().perf_i, {}, {});
    reset();
    idle();
    visit();
  }
  // Until every count shows; the overflows of the time.
  unsigned visit(unsigned clocks = 8) {
    unsigned overflows = 0;
    for (unsigned n = 0; n < clocks; n++) {
      settle();
      overflows += pins().overflow_o;
      step();
    }
    settle();
    return overflows;
  }
  unsigned happen(const Happened& lookup, const Happened& walk, unsigned clocks = 1) {
    drive_perf(pins().perf_i, lookup, walk);
    const unsigned overflows = visit(clocks);
    drive_perf(pins().perf_i, {}, {});
    return overflows + visit();
  }
};

TEST_CASE("The clock counter counts clocks unless it is inhibited", "[unit][iommu]") {
  Monitor hpm;
  hpm.write(kInh, 1);
  hpm.visit();
  const uint64_t begin = hpm.read(kCycles, 8);
  hpm.visit(100);
  CHECK(hpm.read(kCycles, 8) == begin);
  hpm.write(kInh, 0);
  hpm.visit(100);
  hpm.write(kInh, 1);
  hpm.visit();
  CHECK(hpm.read(kCycles, 8) == begin + 101);
}

TEST_CASE("Counts show at most eight clocks late, and never go back", "[unit][iommu]") {
  Monitor hpm;
  uint64_t last = hpm.read(kCycles, 8);
  const uint64_t begin = last;
  for (unsigned n = 1; n < 200; n++) {
    hpm.step();
    const uint64_t now = hpm.read(kCycles, 8);
    CHECK(now >= last);
    CHECK(now + 8 >= begin + n);
    CHECK(now <= begin + n + 8);
    last = now;
  }
}

TEST_CASE("The clock counter has 63 bits, and sets OF and interrupts when it wraps",
          "[unit][iommu]") {
  Monitor hpm;
  hpm.write(kInh, 1);
  hpm.write(kCycles, kOf | 0x1234, 8);
  CHECK(hpm.read(kCycles, 8) == (kOf | 0x1234));
  CHECK(hpm.read(kOvf, 8) == 0x1'0000'0001);
  hpm.write(kCycles, ~kOf - 3, 8);
  CHECK(hpm.read(kOvf) == 0);
  hpm.write(kInh, 0);
  CHECK(hpm.visit(40) == 1);
  CHECK(hpm.read(kOvf) == 1);
  CHECK((hpm.read(kCycles, 8) & ~kOf) < 50);
  hpm.write(kInh, 1);
  hpm.write(kCycles, ~uint64_t{0} - 3, 8);  // OF is set: no interrupt
  hpm.write(kInh, 0);
  CHECK(hpm.visit(40) == 0);
}

TEST_CASE("Four counters count their own events, every clock of them", "[unit][iommu]") {
  Monitor hpm;
  const unsigned events[] = {1, 4, 5, 7};
  for (unsigned n = 1; n <= 4; n++) hpm.write(evt(n), events[n - 1], 8);
  hpm.happen({.first = true}, {}, 100);
  hpm.happen({.second = true}, {}, 30);
  hpm.happen({}, {.first = true}, 7);
  hpm.happen({.first = true}, {.second = true}, 3);
  CHECK(hpm.read(ctr(1), 8) == 103);
  CHECK(hpm.read(ctr(2), 8) == 30);
  CHECK(hpm.read(ctr(3), 8) == 7);
  CHECK(hpm.read(ctr(4), 8) == 3);
  CHECK(hpm.read(ctr(5), 8) == 0);
  hpm.write(kInh, 0b00010);
  hpm.happen({.first = true, .second = true}, {}, 5);
  CHECK(hpm.read(ctr(1), 8) == 103);
  CHECK(hpm.read(ctr(2), 8) == 35);
}

TEST_CASE("A counter has 40 bits, and overflows once until OF is cleared", "[unit][iommu]") {
  Monitor hpm;
  const uint64_t top = (uint64_t{1} << 40) - 1;
  for (unsigned n = 1; n <= 4; n++) {
    hpm.write(ctr(n), ~uint64_t{0}, 8);
    CHECK(hpm.read(ctr(n), 8) == top);
    hpm.write(evt(n), 1, 8);
    CHECK(hpm.happen({.first = true}, {}) == 1);
    CHECK(hpm.read(ctr(n), 8) == 0);
    CHECK(hpm.read(kOvf) == 1u << n);
    CHECK(hpm.read(evt(n), 8) == (kOf | 1));
    hpm.write(ctr(n), top, 8);
    CHECK(hpm.happen({.first = true}, {}) == 0);
    CHECK(hpm.read(ctr(n), 8) == 0);
    hpm.write(evt(n), 0, 8);
    CHECK(hpm.read(kOvf) == 0);
  }
}

TEST_CASE("Counters are written by halves, in both orders", "[unit][iommu]") {
  Monitor hpm;
  hpm.write(kInh, 0x1f);
  for (unsigned n = 0; n <= 4; n++) {
    for (const bool high_first : {false, true}) {
      for (const bool high : {high_first, !high_first}) {
        hpm.write(ctr(n) + 4 * high, high ? 0x12 : 0x3456'789a);
      }
      hpm.visit();
      CHECK(hpm.read(ctr(n), 8) == 0x12'3456'789a);
      CHECK(hpm.read(ctr(n)) == 0x3456'789a);
      CHECK(hpm.read(ctr(n) + 4) == 0x12);
      hpm.write(ctr(n), 0, 8);
    }
  }
}

TEST_CASE("iocountinh keeps five bits, iocountovf none", "[unit][iommu]") {
  Monitor hpm;
  hpm.write(kInh, 0xffff'ffff);
  hpm.write(kOvf, 0xffff'ffff);
  CHECK(hpm.read(kInh) == 0x1f);
  CHECK(hpm.read(kOvf) == 0);
}

TEST_CASE("Without the capability the counters read zero and stay still", "[unit][iommu]") {
  Monitor hpm(/*present=*/false);
  for (unsigned offset = 0x58; offset < 0x258; offset += 8) {
    hpm.write(offset, ~uint64_t{0}, 8);
    CHECK(hpm.read(offset, 8) == 0);
  }
  CHECK(hpm.happen({.first = true}, {.first = true}, 20) == 0);
}

}  // namespace
}  // namespace cw::unit::iommu
