// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_control.h"
#include "catch_shim.hpp"
#include "iommu_access.hpp"

namespace cw::unit::iommu {
namespace {

enum Igs : unsigned { Msi, Wsi, Both };

struct Control : RegisterGroup<Vcw_iommu_control> {
  explicit Control(Igs igs = Both) {
    pins().igs_i = igs;
    pins().queues_off_i = 1;
    pins().drained_i = 1;
    reset();
    idle();
  }
  void ddtp(uint64_t value) {
    write(0x10, value, 8);
    step();
  }
};

TEST_CASE("ddtp takes legal modes only, and none between two directories", "[unit][iommu]") {
  for (uint64_t mode = 0; mode < 16; mode++) {
    Control control;
    control.ddtp(0x400 | mode);
    CHECK(control.read(0x10, 8) == (mode <= 4 ? 0x400 | mode : 0));
    for (uint64_t next = 0; next < 16; next++) {
      if (mode < 2 || mode > 4) break;
      Control again;
      again.ddtp(0x400 | mode);
      again.ddtp(0x800 | next);
      CHECK(again.read(0x10, 8) == (next < 2 ? 0x800 | next : 0x400 | mode));
      CHECK(again.pins().mode_o == (next < 2 ? next : mode));
    }
  }
}

TEST_CASE("ddtp keeps the PPN bits of the physical address space, in either order of halves",
          "[unit][iommu]") {
  Control control;
  control.ddtp(~uint64_t{0} << 5 | 1);
  CHECK(control.read(0x10, 8) == ((((uint64_t{1} << 34) - 1) << 10) | 1));
  CHECK(control.pins().directory_o == (uint64_t{1} << 34) - 1);
  for (const bool high_first : {false, true}) {
    Control halves;
    for (const bool high : {high_first, !high_first}) {
      halves.write(0x10 + 4 * high, high ? 0x12 : 0x3400 | 2);
      halves.step();
    }
    CHECK(halves.read(0x10, 8) == 0x12'0000'3402);
  }
}

TEST_CASE("ddtp is busy until drained, and ignores writes meanwhile", "[unit][iommu]") {
  Control control;
  control.pins().drained_i = 0;
  control.ddtp(1);
  CHECK(control.read(0x10, 8) == 0x11);
  CHECK(control.pins().drain_o);
  control.ddtp(0);
  CHECK(control.read(0x10, 8) == 0x11);
  control.pins().drained_i = 1;
  control.step();
  CHECK(control.read(0x10, 8) == 1);
  CHECK_FALSE(control.pins().drain_o);
}

TEST_CASE("The high half of ddtp is not waited for: the low one may follow at once",
          "[unit][iommu]") {
  Control control;
  control.pins().drained_i = 0;
  control.write(0x14, 0x12);
  CHECK_FALSE(control.pins().drain_o);
  control.write(0x10, 0x3400 | 2);
  CHECK(control.read(0x10, 8) == 0x12'0000'3412);
  CHECK(control.pins().drain_o);
}

TEST_CASE("fctl.WSI is fixed by IGS, or free while nothing is in use", "[unit][iommu]") {
  Control wires(Wsi), messages(Msi), both;
  wires.write(8, 0);
  messages.write(8, 2);
  CHECK(wires.read(8) == 2);
  CHECK(messages.read(8) == 0);
  CHECK(both.read(8) == 0);
  both.write(8, 7);
  CHECK(both.read(8) == 2);  // neither BE nor GXL
  CHECK(both.pins().wsi_o);
  both.ddtp(1);
  both.write(8, 0);
  CHECK(both.read(8) == 2);
  both.ddtp(0);
  both.pins().queues_off_i = 0;
  both.write(8, 0);
  CHECK(both.read(8) == 2);
  both.pins().queues_off_i = 1;
  both.write(8, 0);
  CHECK(both.read(8) == 0);
}

TEST_CASE("fctl has no high half", "[unit][iommu]") {
  Control control;
  control.write(0xc, 0xffff'ffff);
  CHECK(control.read(8, 8) == 0);
}

}  // namespace
}  // namespace cw::unit::iommu
