// SPDX-License-Identifier: Apache-2.0
#include <Vcw_host_access.h>

#include <vector>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"
#include "unit/host_fields.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kWriteSide = 0, kReadSide = 1;

struct Access {
  dut::Module<Vcw_host_access> module;
  Access() {
    auto& p = pins();
    p.op_valid_i = 0;
    dut::clear_bits(p.op_i);
    p.cfg_ready_i = p.cfg_done_i = p.reg_ready_i = 0;
    p.link_done_i = p.link_ok_i = p.link_data_valid_i = 0;
    module.reset();
  }
  Vcw_host_access& pins() { return module.pins(); }
  void ask(unsigned side, HostOp op) {
    op.write = side == kWriteSide;
    drive(pins().op_i, op, side);
    pins().op_valid_i = static_cast<uint8_t>(pins().op_valid_i | 1u << side);
    module.settle();
  }
  void withdraw(unsigned side) {
    pins().op_valid_i = static_cast<uint8_t>(pins().op_valid_i & ~(1u << side));
    module.settle();
  }
};

TEST_CASE("The root port's registers may answer in the same clock or later", "[unit][root]") {
  Access dut;
  auto& p = dut.pins();
  dut.ask(kReadSide, {.target = TargetOwnConfig, .addr = 0x3000'0044, .be = 0xf});
  dut.module.step();
  dut.module.settle();
  CHECK(p.cfg_valid_o == 1);
  CHECK(dut::get_bits(p.cfg_hdr_o, 120, 8) == 0x04);
  CHECK(dut::get_bits(p.cfg_hdr_o, 64, 4) == 0xf);
  CHECK(dut::get_bits(p.cfg_hdr_o, 34, 10) == 0x11);
  p.cfg_ready_i = p.cfg_done_i = 1;
  p.cfg_rdata_i = 0x1234'5678;
  dut.module.settle();
  CHECK(p.op_done_o == 0b10);
  CHECK(p.op_data_valid_o == 0b10);
  CHECK(p.op_data_o == 0x1234'5678);
  CHECK(p.op_ok_o == 1);
  dut.module.step();
  dut.withdraw(kReadSide);

  p.cfg_done_i = 0;
  dut.ask(kWriteSide, {.target = TargetOwnConfig, .addr = 0x3000'0004, .be = 3, .wdata = 6});
  dut.module.step();
  dut.module.settle();
  CHECK(dut::get_bits(p.cfg_hdr_o, 120, 8) == 0x44);
  CHECK(p.cfg_wdata_o == 6);
  CHECK(p.op_done_o == 0);
  dut.module.step();
  dut.module.settle();
  CHECK(p.cfg_valid_o == 0);  // taken
  p.cfg_done_i = 1;
  dut.module.settle();
  CHECK(p.op_done_o == 0b01);
  CHECK(p.op_data_valid_o == 0);
}

TEST_CASE("Eight bytes of the IOMMU come as two dwords", "[unit][root]") {
  Access dut;
  auto& p = dut.pins();
  dut.ask(kReadSide, {.target = TargetIommu, .addr = 0x1000'0010, .size8 = true});
  dut.module.step();
  dut.module.settle();
  CHECK(p.reg_valid_o == 1);
  CHECK(p.reg_write_o == 0);
  CHECK(p.reg_addr_o == 0x010);
  CHECK(p.reg_size8_o == 1);
  p.reg_ready_i = 1;
  p.reg_rdata_i = 0x8888'7777'6666'5555;
  dut.module.settle();
  CHECK(p.op_data_o == 0x6666'5555);
  CHECK(p.op_data_valid_o == 0b10);
  CHECK(p.op_done_o == 0);
  dut.module.step();
  p.reg_ready_i = 0;
  p.reg_rdata_i = 0;
  dut.module.settle();
  CHECK(p.reg_valid_o == 0);
  CHECK(p.op_data_o == 0x8888'7777);
  CHECK(p.op_done_o == 0b10);
}

TEST_CASE("Two sides that ask at once take turns", "[unit][root]") {
  Access dut;
  auto& p = dut.pins();
  dut.ask(kWriteSide, {.target = TargetConfig0, .addr = 0x3010'0000, .be = 0xf});
  dut.ask(kReadSide, {.target = TargetMemory, .addr = 0x4000'0000, .bytes = 8});
  std::vector<unsigned> served;
  for (unsigned i = 0; i < 20; ++i) {
    p.link_done_i = p.link_valid_o;
    p.link_ok_i = 0;
    dut.module.settle();
    if (p.op_done_o) {
      served.push_back(p.op_done_o);
      CHECK(host_op(p.op_o).target == (p.op_done_o == 1 ? TargetConfig0 : TargetMemory));
      CHECK(p.op_ok_o == 0);
    }
    dut.module.step();
    p.link_done_i = 0;
    dut.module.settle();
  }
  REQUIRE(served.size() >= 6);
  for (size_t i = 1; i < served.size(); ++i) CHECK(served[i] != served[i - 1]);
}

}  // namespace
}  // namespace cw::unit
