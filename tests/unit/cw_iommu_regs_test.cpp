// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_regs.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_access.hpp"

namespace cw::unit::iommu {
namespace {

constexpr uint64_t kPpn = ((uint64_t{1} << 34) - 1) << 10;

struct Regs : dut::Module<Vcw_iommu_regs> {
  explicit Regs(uint64_t caps = kCaps) {
    auto& p = pins();
    p.caps_i = caps;
    p.reg_valid_i = p.reg_write_i = 0;
    p.drained_i = p.cq_idle_i = p.fq_idle_i = 1;
    p.cq_advance_i = p.fq_advance_i = p.cq_error_set_i = p.fq_error_set_i = 0;
    drive_perf(p.perf_i, {}, {});
    p.debug_req_ready_i = p.debug_rsp_valid_i = 0;
    p.msi_ready_i = p.msi_done_i = p.msi_error_i = p.msi_record_ready_i = 0;
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
    p.reg_valid_i = 1;
    p.reg_addr_i = offset;
    p.reg_size8_i = bytes == 8;
    settle();
    const uint64_t value = p.reg_rdata_o;
    p.reg_valid_i = 0;
    settle();
    return value;
  }
};

// Corner case 44
TEST_CASE("After reset only capabilities, fctl and the clock counter read other than zero",
          "[unit][iommu]") {
  for (const uint64_t caps : {kCaps, kCapsFull}) {
    Regs regs(caps);
    for (unsigned offset = 0; offset < 4096; offset += 8) {
      if (offset == 0x60 && caps == kCapsFull) continue;
      const uint64_t expected = offset == 0 ? caps : offset == 8 && caps == kCaps ? 2 : 0;
      CHECK(regs.read(offset, 8) == expected);
    }
  }
}

// What a register of 4 bytes keeps of ones, all capabilities of the stage.
uint64_t kept(unsigned offset) {
  switch (offset) {
    case 0x000:
      return kCapsFull & 0xffff'ffff;
    case 0x004:
      return kCapsFull >> 32;
    case 0x008:
      return 2;
    case 0x018:
    case 0x028:
      return 0xffff'fc0f;
    case 0x014:
    case 0x01c:
    case 0x02c:
      return kPpn >> 32;
    case 0x024:
    case 0x030:
      return 1;  // queues of two
    case 0x05c:
      return 0x1f;
    case 0x258:
      return 0xffff'f000;
    case 0x25c:
      return 0xffff'ffff;
    case 0x264:
      return 0xffff'ff00;
    case 0x2f8:
      return 0x333;
    default:
      break;
  }
  if (offset >= 0x68 && offset < 0x88) return offset & 4 ? 0xff : 0xffff'ffff;
  if (offset >= 0x160 && offset < 0x180) return offset & 4 ? 0xffff'ffff : 0xffff'8000;
  if (offset >= 0x300 && offset < 0x340) {
    const uint64_t table[] = {0xffff'fffc, 0x00ff'ffff, 0xffff'ffff, 1};
    return table[offset >> 2 & 3];
  }
  return 0;
}

// Corner case 44
TEST_CASE("Writing ones everywhere changes only what is writable", "[unit][iommu]") {
  for (unsigned offset = 0; offset < 4096; offset += 4) {
    if (offset == 0x48 || offset == 0x4c || offset == 0x260) continue;  // these start something
    if (offset == 0x60 || offset == 0x64) continue;                     // this counts
    Regs regs(kCapsFull);
    regs.write(offset, 0xffff'ffff);
    CAPTURE(offset);
    CHECK(regs.read(offset) == kept(offset));
    for (unsigned other = 0; other < 0x400; other += 4) {
      const bool of = other == 0x58 && (offset & ~0x1cu) == 0x160;
      const bool moves = other == 0x60 || other == 0x64 || of;
      const bool fixed = other < 8 || other == offset || moves;
      if (!fixed) REQUIRE(regs.read(other) == 0);
    }
  }
  Regs regs(kCapsFull);
  regs.write(0x48, 0xffff'ffff);
  CHECK(regs.read(0x48) == 0x1'0003);
  regs.write(0x4c, 0xffff'ffff);
  CHECK(regs.read(0x4c) == 0x1'0003);
  regs.write(0x260, 0xffff'ffff);
  CHECK(regs.read(0x260) == 0xd);
}

TEST_CASE("What a capability leaves out reads zero and is not written", "[unit][iommu]") {
  struct Absent {
    uint64_t caps;
    unsigned first, last;
  };
  const Absent absent[] = {{kCapsFull & ~(1ull << 30), 0x58, 0x257},
                           {kCapsFull & ~(1ull << 31), 0x258, 0x26f},
                           {(kCapsFull & ~(3ull << 28)) | 1ull << 28, 0x300, 0x3ff},
                           {kCaps, 0x38, 0x47},  // no page requests
                           {kCaps, 0x50, 0x53},
                           {kCaps, 0x270, 0x2f7}};  // no QoS ids
  for (const auto& [caps, first, last] : absent) {
    Regs regs(caps);
    for (unsigned offset = first; offset < last; offset += 4) {
      regs.write(offset, 0xffff'ffff);
      CAPTURE(offset);
      CHECK(regs.read(offset) == 0);
    }
  }
}

// Corner case 43
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

// Corner case 43
TEST_CASE("An access at an odd address or of an odd size ends at once", "[unit][iommu]") {
  Regs regs;
  for (unsigned offset = 0; offset < 16; offset++) {
    regs.write(offset, 0, offset & 1 ? 8 : 4);
    CHECK(regs.pins().reg_ready_o);
  }
  CHECK(regs.read(4, 8) == kCaps);
}

TEST_CASE("fctl.WSI is free only while both queues are off", "[unit][iommu]") {
  for (const unsigned csr : {0x48u, 0x4cu}) {
    Regs regs(kCapsFull);
    regs.write(8, 2);
    regs.write(csr, 1);
    regs.write(8, 0);
    CHECK(regs.read(8) == 2);
    regs.write(csr, 0);
    regs.write(8, 0);
    CHECK(regs.read(8) == 0);
  }
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

// Corner case 50
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

TEST_CASE("With messages a fault record becomes a store to the vector of fiv", "[unit][iommu]") {
  Regs regs(kCapsFull);
  regs.write(0x2f8, 0x20, 8);
  regs.write(0x320, 0x9000'1000, 8);
  regs.write(0x328, 0x77);
  regs.write(0x4c, 3);
  auto& p = regs.pins();
  p.fq_advance_i = 1;
  regs.step();
  p.fq_advance_i = 0;
  regs.run_until([&] { return p.msi_valid_o != 0; }, dut::Cycles{10});
  CHECK(store(p.msi_req_o) == Store{0x9000'1000, 0x77'0000'0077, 0x0f});
  CHECK(regs.read(0x54) == 2);
  CHECK(p.irq_o == 0);
}

TEST_CASE("A counter that overflows sets pmip and interrupts by pmiv", "[unit][iommu]") {
  Regs regs(kCapsFull);
  regs.write(8, 2);  // wires
  regs.write(0x2f8, 0x300, 8);
  regs.write(0x68, ~uint64_t{0}, 8);
  regs.write(0x160, 1, 8);
  drive_perf(regs.pins().perf_i, {.first = true}, {});
  regs.step();
  drive_perf(regs.pins().perf_i, {}, {});
  regs.step(dut::Cycles{10});
  CHECK(regs.read(0x54) == 4);
  CHECK(regs.pins().irq_o == 8);
  CHECK(regs.read(0x58) == 2);
  regs.write(0x54, 4);
  CHECK(regs.read(0x54) == 0);
}

TEST_CASE("A fence cannot interrupt where interrupts are messages", "[unit][iommu]") {
  Regs regs(kCapsFull);
  regs.write(0x48, 3);
  regs.pins().cq_error_set_i = 8;
  regs.step();
  regs.pins().cq_error_set_i = 0;
  regs.step();
  CHECK(regs.read(0x48) == 0x1'0003);
}

}  // namespace
}  // namespace cw::unit::iommu
