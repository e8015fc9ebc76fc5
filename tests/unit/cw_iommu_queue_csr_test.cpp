// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_queue_csr.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

constexpr uint32_t kEn = 1, kIe = 2, kOn = 1 << 16, kBusy = 1 << 17;

struct Csr : dut::Module<Vcw_iommu_queue_csr> {
  Csr() {
    auto& p = pins();
    p.error_mask_i = 0xf;
    p.base_write_i = p.index_write_i = p.csr_write_i = 0;
    p.idle_i = 1;
    p.advance_i = p.error_set_i = 0;
    reset();
    settle();
  }
  uint64_t base(uint64_t value, unsigned halves = 3) {
    pins().base_wdata_i = value;
    pins().base_write_i = halves;
    step();
    pins().base_write_i = 0;
    settle();
    return pins().base_o;
  }
  uint32_t csr(uint32_t value) {
    pins().csr_wdata_i = value;
    pins().csr_write_i = 1;
    step();
    pins().csr_write_i = 0;
    step();
    settle();
    return pins().csr_o;
  }
  unsigned index(unsigned value) {
    pins().index_wdata_i = value;
    pins().index_write_i = 1;
    step();
    pins().index_write_i = 0;
    settle();
    return state().tail;
  }
  void advance(unsigned times = 1) {
    pins().advance_i = 1;
    while (times--) step();
    pins().advance_i = 0;
    settle();
  }
  void error(unsigned bits) {
    pins().error_set_i = bits;
    step();
    pins().error_set_i = 0;
    settle();
  }
  QueueState state() { return queue_state(pins().state_o); }
};

TEST_CASE("The base takes at most 2^16 entries and the physical address bits", "[unit][iommu]") {
  Csr csr;
  CHECK(csr.base(~uint64_t{0}) == ((((uint64_t{1} << 34) - 1) << 10) | 15));
  CHECK(csr.base(31) == 15);
  for (unsigned log2 = 0; log2 < 16; log2++) {
    csr.base(log2);
    CHECK(csr.state().mask == (2u << log2) - 1);
  }
  CHECK(csr.base(0x1234'5678'0000'0403, 2) == (0x0000'0678'0000'0000 | 15));
  CHECK(csr.base(0x1234'5678'0000'0403, 1) == 0x0000'0678'0000'0403);
}

TEST_CASE("A new base clears the index of software, which stays inside the queue",
          "[unit][iommu]") {
  Csr csr;
  csr.base(3);
  CHECK(csr.index(0xffff) == 15);
  csr.base(1);
  CHECK(csr.state().tail == 0);
  CHECK(csr.index(6) == 2);
}

TEST_CASE("Turning the queue on clears head and errors; off waits for the engine",
          "[unit][iommu]") {
  Csr csr;
  csr.base(3);
  CHECK(csr.csr(kEn | kIe) == (kEn | kIe | kOn));
  CHECK(csr.state().on);
  csr.advance(5);
  csr.error(0b0101);
  CHECK(csr.pins().csr_o == (kEn | kIe | kOn | 0x500));
  csr.pins().idle_i = 0;
  CHECK(csr.csr(0) == (kOn | kBusy | 0x500));
  CHECK_FALSE(csr.state().on);
  CHECK(csr.csr(kEn) == (kOn | kBusy | 0x500));  // ignored
  csr.pins().idle_i = 1;
  csr.step();
  csr.settle();
  CHECK(csr.pins().csr_o == 0x500);
  CHECK(csr.state().head == 5);
  CHECK(csr.csr(kEn) == (kEn | kOn));
  CHECK(csr.state().head == 0);
}

TEST_CASE("The base of a queue that is on cannot be changed", "[unit][iommu]") {
  Csr csr;
  csr.base(0x4003);
  csr.index(3);
  csr.csr(kEn);
  CHECK(csr.base(0x8001) == 0x4003);
  CHECK(csr.state().tail == 3);
}

TEST_CASE("The engine's index wraps at the size of the queue", "[unit][iommu]") {
  Csr csr;
  csr.base(1);
  csr.csr(kEn);
  csr.advance(3);
  CHECK(csr.state().head == 3);
  csr.advance(1);
  CHECK(csr.state().head == 0);
}

TEST_CASE("Error bits are cleared by writing one, and a new error wins", "[unit][iommu]") {
  Csr csr;
  csr.csr(kEn);
  csr.error(0b1111);
  CHECK(csr.csr(kEn | 0x200) == (kEn | kOn | 0xd00));
  csr.pins().error_set_i = 0b0001;
  CHECK(csr.csr(kEn | 0xf00) == (kEn | kOn | 0x100));
  csr.pins().error_set_i = 0;
  csr.pins().error_mask_i = 0b0011;
  csr.error(0b1111);
  CHECK(csr.pins().csr_o == (kEn | kOn | 0x300));
}

TEST_CASE("An engine that moves while its queue is off stops the simulation", "[unit][iommu]") {
  Csr csr;
  csr.pins().advance_i = 1;
  CHECK_THROWS_AS(csr.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
