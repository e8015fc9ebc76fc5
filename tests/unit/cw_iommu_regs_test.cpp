// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_regs.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

constexpr uint64_t kBoth = (kCaps & ~uint64_t{0x3000'0000}) | 0x2000'0000;  // IGS: BOTH
constexpr uint64_t kMsiOnly = kCaps & ~uint64_t{0x3000'0000};
constexpr uint64_t kPpn = ((uint64_t{1} << 34) - 1) << 10;

struct Regs : dut::Module<Vcw_iommu_regs> {
  explicit Regs(uint64_t caps = kCaps) {
    auto& p = pins();
    p.caps_i = caps;
    p.reg_valid_i = p.reg_write_i = 0;
    p.drained_i = p.cq_idle_i = p.fq_idle_i = 1;
    p.cq_advance_i = p.fq_advance_i = p.cq_error_set_i = p.fq_error_set_i = 0;
    reset();
  }
  void write(unsigned offset, uint64_t value, unsigned bytes = 4) {
    auto& p = pins();
    p.reg_valid_i = p.reg_write_i = 1;
    p.reg_addr_i = offset;
    p.reg_size8_i = bytes == 8;
    p.reg_wdata_i = value;
    settle();
    CHECK(p.reg_ready_o);
    step();
    p.reg_valid_i = p.reg_write_i = 0;
    step();
  }
  uint64_t read(unsigned offset, unsigned bytes = 4) {
    auto& p = pins();
    p.reg_addr_i = offset;
    p.reg_size8_i = bytes == 8;
    settle();
    return p.reg_rdata_o;
  }
};

TEST_CASE("After reset only capabilities and the fixed part of fctl read other than zero",
          "[unit][iommu]") {
  Regs regs;
  for (unsigned offset = 0; offset < 4096; offset += 8) {
    const uint64_t expected = offset == 0 ? kCaps : offset == 8 ? 2 : 0;
    CHECK(regs.read(offset, 8) == expected);
  }
}

TEST_CASE("Writing ones everywhere changes only what is writable", "[unit][iommu]") {
  for (unsigned offset = 0; offset < 4096; offset += 4) {
    if (offset == 0x48 || offset == 0x4c) continue;  // turns a queue on: below
    Regs regs;
    regs.write(offset, 0xffff'ffff);
    uint64_t expected = 0;
    if (offset == 0x000) expected = kCaps & 0xffff'ffff;
    if (offset == 0x004) expected = kCaps >> 32;
    if (offset == 0x008) expected = 2;
    if (offset == 0x018 || offset == 0x028) expected = 0xffff'fc0f;
    if (offset == 0x014 || offset == 0x01c || offset == 0x02c) expected = kPpn >> 32;
    if (offset == 0x024 || offset == 0x030) expected = 1;  // queues of two
    if (offset == 0x2f8) expected = 0x333;
    CAPTURE(offset);
    CHECK(regs.read(offset) == expected);
  }
  Regs regs;
  regs.write(0x48, 0xffff'ffff);
  CHECK(regs.read(0x48) == 0x1'0003);
  regs.write(0x4c, 0xffff'ffff);
  CHECK(regs.read(0x4c) == 0x1'0003);
}

TEST_CASE("The halves of an 8-byte register may be written in either order", "[unit][iommu]") {
  const uint64_t value = uint64_t{0x2'4321'8765} << 10 | 7;
  for (const unsigned base : {0x18u, 0x28u}) {
    for (const bool high_first : {false, true}) {
      Regs regs;
      for (const bool high : {high_first, !high_first}) {
        regs.write(base + 4 * high, high ? value >> 32 : value & 0xffff'ffff);
      }
      CHECK(regs.read(base, 8) == value);
      CHECK(regs.read(base) == (value & 0xffff'ffff));
      CHECK(regs.read(base + 4) == value >> 32);
    }
  }
  Regs regs;
  regs.write(0x14, 3);
  regs.write(0x10, 0x402);
  CHECK(regs.read(0x10, 8) == 0x3'0000'0402);
  CHECK(regs.pins().directory_o == 0x3'0000'0402 >> 10);
  CHECK(regs.pins().mode_o == 2);
}

TEST_CASE("ddtp takes legal modes only, and none between two directories", "[unit][iommu]") {
  for (uint64_t mode = 0; mode < 16; mode++) {
    Regs regs;
    regs.write(0x10, 0x400 | mode, 8);
    CHECK(regs.read(0x10, 8) == (mode <= 4 ? 0x400 | mode : 0));
    for (uint64_t next = 0; next < 16; next++) {
      if (mode < 2 || mode > 4) break;
      Regs again;
      again.write(0x10, 0x400 | mode, 8);
      again.write(0x10, 0x800 | next, 8);
      CHECK(again.read(0x10, 8) == (next < 2 ? 0x800 | next : 0x400 | mode));
    }
  }
}

TEST_CASE("ddtp is busy until drained, and ignores writes meanwhile", "[unit][iommu]") {
  Regs regs;
  regs.pins().drained_i = 0;
  regs.write(0x10, 1, 8);
  CHECK(regs.read(0x10, 8) == 0x11);
  CHECK(regs.pins().drain_o);
  regs.write(0x10, 0, 8);
  CHECK(regs.read(0x10, 8) == 0x11);
  regs.pins().drained_i = 1;
  regs.step();
  CHECK(regs.read(0x10, 8) == 1);
}

TEST_CASE("fctl.WSI is fixed by IGS, or free while nothing is in use", "[unit][iommu]") {
  Regs wires(kCaps), messages(kMsiOnly), both(kBoth);
  wires.write(8, 0);
  messages.write(8, 2);
  CHECK(wires.read(8) == 2);
  CHECK(messages.read(8) == 0);
  CHECK(both.read(8) == 0);
  both.write(8, 7);
  CHECK(both.read(8) == 2);
  both.write(0x10, 1, 8);
  both.write(8, 0);
  CHECK(both.read(8) == 2);
  both.write(0x10, 0, 8);
  both.write(0x48, 1);
  both.write(8, 0);
  CHECK(both.read(8) == 2);
  both.write(0x48, 0);
  both.write(8, 0);
  CHECK(both.read(8) == 0);
}

TEST_CASE("A new fault record interrupts once; an error as long as it stands", "[unit][iommu]") {
  Regs regs;
  regs.write(0x2f8, 0x30, 8);
  regs.write(0x4c, 3);
  auto& p = regs.pins();
  p.fq_advance_i = 1;
  regs.step();
  p.fq_advance_i = 0;
  CHECK(regs.read(0x54) == 2);
  CHECK(p.irq_o == 8);
  regs.write(0x54, 2);
  CHECK(regs.read(0x54) == 0);
  p.fq_error_set_i = 2;
  regs.step();
  p.fq_error_set_i = 0;
  regs.step();
  CHECK(regs.read(0x54) == 2);
  regs.write(0x54, 2);
  CHECK(regs.read(0x54) == 2);
  regs.write(0x4c, 0x203);
  regs.write(0x54, 2);
  CHECK(regs.read(0x54) == 0);
}

TEST_CASE("An error that came while the interrupt was disabled shows when it is enabled",
          "[unit][iommu]") {
  Regs regs;
  regs.write(0x48, 1);
  regs.pins().cq_error_set_i = 4;
  regs.step();
  regs.pins().cq_error_set_i = 0;
  regs.step();
  CHECK(regs.read(0x54) == 0);
  regs.write(0x48, 3);
  regs.step();
  CHECK(regs.read(0x54) == 1);
}

TEST_CASE("An access at an odd address or of an odd size ends at once", "[unit][iommu]") {
  Regs regs;
  for (unsigned offset = 0; offset < 16; offset++) {
    regs.write(offset, 0, offset & 1 ? 8 : 4);
    CHECK(regs.pins().reg_ready_o);
  }
  CHECK(regs.read(4, 8) == kCaps);
}

}  // namespace
}  // namespace cw::unit::iommu
