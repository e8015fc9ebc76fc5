// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_irq.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw {
namespace {

enum Cause : unsigned { Cip = 1, Fip = 2, Pmip = 4, Pip = 8 };

struct Irq : dut::Module<Vcw_iommu_irq> {
  Irq() {
    auto& p = pins();
    p.wsi_i = 1;
    p.level_i = p.event_i = p.ipsr_write_i = p.icvec_write_i = 0;
    reset();
    settle();
  }
  unsigned clear(unsigned bits) {
    pins().ipsr_write_i = 1;
    pins().ipsr_wdata_i = bits;
    step();
    pins().ipsr_write_i = 0;
    settle();
    return pins().ipsr_o;
  }
  void vectors(uint16_t icvec) {
    pins().icvec_write_i = 1;
    pins().icvec_wdata_i = icvec;
    step();
    pins().icvec_write_i = 0;
    settle();
  }
  void happen(unsigned events) {
    pins().event_i = events;
    step();
    pins().event_i = 0;
    settle();
  }
};

TEST_CASE("A level that persists sets its pending bit again after it was cleared",
          "[unit][iommu]") {
  Irq irq;
  irq.pins().level_i = Cip;
  irq.step();
  irq.settle();
  CHECK(irq.pins().ipsr_o == Cip);
  CHECK(irq.clear(Cip) == 0);
  irq.step();
  irq.settle();
  CHECK(irq.pins().ipsr_o == Cip);
  irq.pins().level_i = 0;
  CHECK(irq.clear(Cip) == 0);
  irq.step();
  irq.settle();
  CHECK(irq.pins().ipsr_o == 0);
}

TEST_CASE("An event stays pending until cleared, and is not lost to a clear of its clock",
          "[unit][iommu]") {
  Irq irq;
  irq.happen(Fip);
  CHECK(irq.pins().ipsr_o == Fip);
  irq.pins().event_i = Fip;
  CHECK(irq.clear(Fip) == Fip);
  irq.pins().event_i = 0;
  CHECK(irq.clear(Cip) == Fip);
  CHECK(irq.clear(Fip) == 0);
}

TEST_CASE("icvec keeps two bits of each vector, and chooses the wire of each cause",
          "[unit][iommu]") {
  Irq irq;
  irq.vectors(0xffff);
  CHECK(irq.pins().icvec_o == 0x0333);
  irq.vectors(0x0321);
  irq.happen(Cip);
  CHECK(irq.pins().irq_o == 0b0010);
  irq.happen(Fip);
  CHECK(irq.pins().irq_o == 0b0110);
  irq.happen(Pmip);
  CHECK(irq.pins().irq_o == 0b1110);
  irq.happen(Pip);
  CHECK(irq.pins().irq_o == 0b1111);
  irq.clear(Cip);
  CHECK(irq.pins().irq_o == 0b1101);
}

TEST_CASE("Without wired interrupts the wires are silent", "[unit][iommu]") {
  Irq irq;
  irq.pins().wsi_i = 0;
  irq.happen(Cip | Fip);
  CHECK(irq.pins().irq_o == 0);
  CHECK(irq.pins().ipsr_o == (Cip | Fip));
}

}  // namespace
}  // namespace cw
