// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_msi.h"
#include "catch_shim.hpp"
#include "iommu_access.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr unsigned addr_at(unsigned v) { return 0x300 + 16 * v; }
constexpr unsigned data_at(unsigned v) { return 0x308 + 16 * v; }
constexpr unsigned ctl_at(unsigned v) { return 0x30c + 16 * v; }

struct Messages : RegisterGroup<Vcw_iommu_msi> {
  Messages() {
    auto& p = pins();
    p.present_i = 1;
    p.wsi_i = p.message_i = 0;
    p.wr_ready_i = p.wr_done_i = p.wr_error_i = p.record_ready_i = 0;
    reset();
    idle();
  }
  void vector(unsigned v, uint64_t address, uint32_t data) {
    write(addr_at(v), address, 8);
    write(data_at(v), data);
  }
  void owe(unsigned vectors) {
    pins().message_i = vectors;
    step();
    pins().message_i = 0;
    settle();
  }
  // The store that is asked for within a few clocks, acknowledged.
  Store sent(bool error = false) {
    auto& p = pins();
    run_until([&] { return p.wr_valid_o != 0; }, 12_cycles);
    const Store result = store(p.wr_req_o);
    p.wr_ready_i = 1;
    step();
    p.wr_ready_i = 0;
    step();
    p.wr_done_i = 1;
    p.wr_error_i = error;
    step();
    p.wr_done_i = p.wr_error_i = 0;
    settle();
    return result;
  }
  bool silent() {
    for (unsigned n = 0; n < 12; n++) {
      if (pins().wr_valid_o || pins().record_valid_o) return false;
      step();
      settle();
    }
    return true;
  }
};

TEST_CASE("The MSI table keeps address bits 55:2, data and mask of four vectors", "[unit][iommu]") {
  Messages msi;
  for (unsigned offset = 0x300; offset < 0x400; offset += 8) CHECK(msi.read(offset, 8) == 0);
  for (unsigned v = 0; v < 4; v++) {
    msi.write(addr_at(v), 0xffff'ffff'ffff'ff0f + (uint64_t{v} << 4), 8);
    msi.write(data_at(v), 0xcafe'0000 + v);
    msi.write(ctl_at(v), 0xffff'ffff);
  }
  for (unsigned v = 0; v < 4; v++) {
    CHECK(msi.read(addr_at(v), 8) == 0x00ff'ffff'ffff'ff0c + (uint64_t{v} << 4));
    CHECK(msi.read(data_at(v)) == 0xcafe'0000 + v);
    CHECK(msi.read(ctl_at(v)) == 1);
    CHECK(msi.read(data_at(v), 8) == (uint64_t{1} << 32 | (0xcafe'0000 + v)));
  }
  msi.write(ctl_at(1), 0);
  CHECK(msi.read(ctl_at(1)) == 0);
  CHECK(msi.read(ctl_at(2)) == 1);
  for (unsigned offset = 0x340; offset < 0x400; offset += 8) {
    msi.write(offset, ~uint64_t{0}, 8);
    CHECK(msi.read(offset, 8) == 0);
  }
  CHECK(msi.read(addr_at(0), 8) == 0x00ff'ffff'ffff'ff0c);
}

TEST_CASE("The MSI table is not there where interrupts are wires alone", "[unit][iommu]") {
  Messages msi;
  msi.pins().present_i = 0;
  msi.vector(0, 0x1000, 7);
  msi.write(ctl_at(0), 1);
  for (unsigned offset = 0x300; offset < 0x340; offset += 8) CHECK(msi.read(offset, 8) == 0);
}

TEST_CASE("A message stores its 4 bytes at its address, in either half of a doubleword",
          "[unit][iommu]") {
  Messages msi;
  msi.vector(2, 0x12'3456'7000, 0xaabb'ccdd);
  msi.vector(3, 0x12'3456'7004, 0x1122'3344);
  msi.owe(0b0100);
  CHECK(msi.sent() == Store{0x12'3456'7000, 0xaabb'ccdd'aabb'ccdd, 0x0f});
  CHECK(msi.silent());
  msi.owe(0b1000);
  CHECK(msi.sent() == Store{0x12'3456'7000, 0x1122'3344'1122'3344, 0xf0});
  CHECK(msi.silent());
}

TEST_CASE("Messages owed at once are all sent", "[unit][iommu]") {
  Messages msi;
  for (unsigned v = 0; v < 4; v++) msi.vector(v, 0x1000 * (v + 1), v);
  msi.owe(0b1111);
  for (unsigned v = 0; v < 4; v++) CHECK(msi.sent().hpa == 0x1000 * (v + 1));
  CHECK(msi.silent());
}

TEST_CASE("A message owed while the same one is being stored is sent again", "[unit][iommu]") {
  Messages msi;
  msi.vector(0, 0x1000, 5);
  msi.owe(1);
  msi.run_until([&] { return msi.pins().wr_valid_o != 0; }, 12_cycles);
  msi.owe(1);
  msi.sent();
  CHECK(msi.sent() == Store{0x1000, 0x5'0000'0005, 0x0f});
  CHECK(msi.silent());
}

// Corner case 46
TEST_CASE("A masked vector pends and is sent when it is unmasked, once", "[unit][iommu]") {
  Messages msi;
  msi.vector(1, 0x1000, 5);
  msi.vector(2, 0x2000, 6);
  msi.write(ctl_at(1), 1);
  msi.owe(0b0010);
  CHECK(msi.silent());
  msi.owe(0b0110);
  CHECK(msi.sent().hpa == 0x2000);  // masks are by vector
  CHECK(msi.silent());
  msi.write(ctl_at(1), 0);
  CHECK(msi.sent() == Store{0x1000, 0x5'0000'0005, 0x0f});
  CHECK(msi.silent());
}

TEST_CASE("A mask that is set before the store begins holds the message back", "[unit][iommu]") {
  for (unsigned delay = 0; delay < 3; delay++) {
    Messages msi;
    msi.vector(0, 0x1000, 5);
    msi.owe(1);
    for (unsigned n = 0; n < delay; n++) msi.step();
    msi.settle();
    if (msi.pins().wr_valid_o) break;
    msi.write(ctl_at(0), 1);
    CHECK(msi.silent());
    msi.write(ctl_at(0), 0);
    CHECK(msi.sent().hpa == 0x1000);
  }
}

// Corner case 47
TEST_CASE("A store that memory refuses is record 273 with the address, and is not repeated",
          "[unit][iommu]") {
  Messages msi;
  msi.vector(0, 0x7654'3210'fedc, 5);
  msi.owe(1);
  msi.sent(/*error=*/true);
  CHECK(msi.pins().record_valid_o);
  CHECK(record_of(msi.pins().record_o) ==
        Record{.cause = 273, .ttyp = 0, .did = 0, .iotval = 0x7654'3210'fedc});
  msi.step();
  msi.settle();
  CHECK(msi.pins().record_valid_o);  // until it is taken
  msi.pins().record_ready_i = 1;
  msi.step();
  msi.pins().record_ready_i = 0;
  msi.settle();
  CHECK(msi.silent());
}

TEST_CASE("With wires nothing pends", "[unit][iommu]") {
  Messages msi;
  msi.write(ctl_at(0), 1);
  msi.owe(1);
  msi.pins().wsi_i = 1;
  msi.step();
  msi.pins().wsi_i = 0;
  msi.write(ctl_at(0), 0);
  CHECK(msi.silent());
}

TEST_CASE("Software reads and writes the table while a message is being sent", "[unit][iommu]") {
  Messages msi;
  for (unsigned v = 0; v < 4; v++) msi.vector(v, 0x1000 * (v + 1), v);
  for (unsigned delay = 0; delay < 4; delay++) {
    msi.owe(0b0010);
    for (unsigned n = 0; n < 6; n++) {
      CHECK(msi.read(addr_at(3), 8) == 0x4000);
      msi.write(data_at(2), 2);
      if (n < delay) msi.step();
    }
    CHECK(msi.sent() == Store{0x2000, 0x1'0000'0001, 0x0f});
  }
}

}  // namespace
}  // namespace cw::unit::iommu
