// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_irq.h"
#include "catch_shim.hpp"
#include "iommu_access.hpp"

namespace cw::unit::iommu {
namespace {

enum Cause : unsigned { Cip = 1, Fip = 2, Pmip = 4 };
constexpr unsigned kIpsr = 0x54, kIcvec = 0x2f8;

struct Irq : RegisterGroup<Vcw_iommu_irq> {
  explicit Irq(bool wires = true) {
    auto& p = pins();
    p.wsi_i = wires;
    p.hpm_i = 1;
    p.level_i = p.event_i = 0;
    reset();
    idle();
  }
  unsigned clear(unsigned bits) {
    write(kIpsr, bits);
    return read(kIpsr);
  }
  void happen(unsigned events) {
    pins().event_i = events;
    step();
    pins().event_i = 0;
    settle();
  }
  // Messages owed of a step.
  unsigned messages() {
    settle();
    const unsigned owed = pins().message_o;
    step();
    settle();
    return owed;
  }
};

// Corner case 45
TEST_CASE("A level that persists sets its pending bit again after it was cleared",
          "[unit][iommu]") {
  Irq irq;
  irq.pins().level_i = Cip;
  irq.step();
  CHECK(irq.read(kIpsr) == Cip);
  CHECK(irq.clear(Cip) == 0);
  irq.step();
  CHECK(irq.read(kIpsr) == Cip);
  irq.pins().level_i = 0;
  CHECK(irq.clear(Cip) == 0);
  irq.step();
  CHECK(irq.read(kIpsr) == 0);
}

TEST_CASE("An event stays pending until cleared, and is not lost to a clear of its clock",
          "[unit][iommu]") {
  Irq irq;
  irq.happen(Fip);
  CHECK(irq.read(kIpsr) == Fip);
  irq.pins().event_i = Fip;
  CHECK(irq.clear(Fip) == Fip);
  irq.pins().event_i = 0;
  CHECK(irq.clear(Cip) == Fip);
  CHECK(irq.clear(Fip) == 0);
}

TEST_CASE("A pending bit is cleared and shown at ipsr alone", "[unit][iommu]") {
  Irq irq;
  irq.write(kIcvec, 0);
  irq.happen(Cip | Fip | Pmip);
  for (const unsigned other : {0x08u, 0x10u, 0x48u, 0x4cu, 0x50u, 0x58u, kIcvec}) {
    irq.write(other, ~0u);
    if (other != kIcvec) CHECK(irq.read(other) == 0);
    CHECK(irq.read(kIpsr) == (Cip | Fip | Pmip));
  }
}

// Corner case 48
TEST_CASE("icvec keeps two bits of each vector, and chooses the wire of each cause",
          "[unit][iommu]") {
  Irq irq;
  irq.write(kIcvec, ~uint64_t{0}, 8);
  CHECK(irq.read(kIcvec, 8) == 0x0333);
  irq.write(kIcvec, 0x0321);
  irq.happen(Cip);
  CHECK(irq.pins().irq_o == 0b0010);
  irq.happen(Fip);
  CHECK(irq.pins().irq_o == 0b0110);
  irq.happen(Pmip);
  CHECK(irq.pins().irq_o == 0b1110);
  irq.clear(Cip);
  CHECK(irq.pins().irq_o == 0b1100);
  CHECK(irq.pins().message_o == 0);
}

TEST_CASE("pmiv does not exist without performance counters", "[unit][iommu]") {
  Irq irq;
  irq.pins().hpm_i = 0;
  irq.write(kIcvec, 0xffff);
  CHECK(irq.read(kIcvec) == 0x0033);
}

// Corner case 45
TEST_CASE("A message is owed each time that a pending bit rises, not while it stays",
          "[unit][iommu]") {
  Irq irq(/*wires=*/false);
  irq.write(kIcvec, 0x0021);
  irq.pins().level_i = Cip;
  CHECK(irq.messages() == 0b0010);
  CHECK(irq.messages() == 0);
  irq.write(kIpsr, Cip);
  CHECK(irq.messages() == 0b0010);  // the cause is still there
  CHECK(irq.messages() == 0);
  irq.pins().level_i = 0;
  irq.write(kIpsr, Cip);
  CHECK(irq.messages() == 0);
  irq.pins().event_i = Fip;
  CHECK(irq.messages() == 0b0100);
  CHECK(irq.messages() == 0);  // the bit is up already
  CHECK(irq.pins().irq_o == 0);
}

TEST_CASE("An event in the clock of the clear owes a message of its own", "[unit][iommu]") {
  Irq irq(/*wires=*/false);
  irq.happen(Fip);
  irq.pins().event_i = Fip;
  set_bits(irq.pins().access_i, 0, 64, uint64_t{Fip} << 32);
  set_bits(irq.pins().access_i, 65, 2, 2);
  set_bits(irq.pins().access_i, 67, 9, kIpsr >> 3);
  irq.settle();
  CHECK(irq.pins().message_o == 1);
}

}  // namespace
}  // namespace cw::unit::iommu
