// SPDX-License-Identifier: Apache-2.0
#include "Vcw_completer_targets.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"
#include "unit/user_ports.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Bench {
  Bench() : user(module, agent::Rng(1, "user"), agent::Stall::None) {
    p().p_valid_i = p().np_valid_i = p().ax_wr_valid_i = p().rd_valid_i = 0;
    p().reg_ready_i = p().cm_rd_ready_i = p().cm_rd_rvalid_i = 0;
    module.reset();
  }
  Vcw_completer_targets& p() { return module.pins(); }
  void ask(bool axi, uint32_t address) {
    dut::clear_bits(p().rd_req_i);
    dut::set_bits(p().rd_req_i, 0, 11, 1);
    dut::set_bits(p().rd_req_i, 11, 1, 1);
    dut::set_bits(p().rd_req_i, 12, 3, 2);
    dut::set_bits(p().rd_req_i, 15, 3, 1);
    dut::set_bits(p().rd_req_i, 18, 2, axi ? 3 : 1);
    p().rd_addr_i = address;
    p().rd_valid_i = 1;
  }

  dut::Module<Vcw_completer_targets> module{1};
  UserPorts<Vcw_completer_targets> user;
};

}  // namespace

TEST_CASE("beats are read from the memory that is named", "[unit][endpoint]") {
  Bench bench;
  bench.user.memory_space.write32({0x40}, 0xfeed'f00d);
  bench.ask(/*axi=*/true, 0x40);
  bench.module.settle();
  CHECK_FALSE(bench.p().cm_rd_valid_o);
  CHECK(bench.p().rd_ready_o);
  bench.module.step();
  bench.p().rd_valid_i = 0;
  bench.module.run_until([&] { return bench.p().rd_rvalid_o != 0; }, 10_cycles);
  CHECK(bench.p().rd_rdata_o[0] == 0xfeed'f00d);
  CHECK(bench.user.axi_read == UserPorts<Vcw_completer_targets>::User{1, 2});
  bench.module.step();
  bench.ask(/*axi=*/false, 0x80);
  bench.p().cm_rd_ready_i = 1;
  bench.module.settle();
  CHECK(bench.p().cm_rd_valid_o);
  CHECK(bench.p().rd_ready_o);
  bench.module.step();
  bench.p().rd_valid_i = 0;
  bench.p().cm_rd_rvalid_i = 1;
  bench.p().cm_rd_rdata_i[0] = 0xcad;
  bench.module.settle();
  CHECK(bench.p().rd_rvalid_o);
  CHECK(bench.p().rd_rdata_o[0] == 0xcad);
}

TEST_CASE("slverr-to-ca: errors of the user's memory come with beats and with writes",
          "[unit][endpoint][R20][slverr-to-ca]") {
  Bench bench;
  bench.user.memory.add_error_range({.base = {0x100}, .bytes = 32});
  bench.ask(/*axi=*/true, 0x100);
  bench.module.step();
  bench.p().rd_valid_i = 0;
  bench.module.run_until([&] { return bench.p().rd_rvalid_o != 0; }, 10_cycles);
  CHECK(bench.p().rd_error_o);
  bench.module.step();
  dut::clear_bits(bench.p().ax_wr_to_i);
  dut::set_bits(bench.p().ax_wr_to_i, 6, 1, 1);
  bench.p().ax_wr_first_i = bench.p().ax_wr_last_i = 1;
  bench.p().ax_wr_beats_i = 1;
  bench.p().ax_wr_addr_i = 0x100;
  bench.p().ax_wr_strb_i = 0xf;
  bench.p().ax_wr_valid_i = 1;
  bench.module.step();
  bench.p().ax_wr_valid_i = 0;
  bench.module.run_until([&] { return bench.p().ax_done_o != 0; }, 20_cycles);
  CHECK(bench.p().ax_error_o);
}

TEST_CASE("dword accesses of the user go out on AXI4-Lite", "[unit][endpoint]") {
  Bench bench;
  drive(
      bench.p().p_req_i,
      RegAccess{
          .write = true, .addr = 0x24, .wdata = 0x1234'5678, .target = RegAxil, .fn = 1, .bar = 5});
  bench.p().p_valid_i = 1;
  bench.module.run_until([&] { return bench.p().p_ready_o != 0; }, 20_cycles);
  bench.module.step();
  bench.p().p_valid_i = 0;
  CHECK(bench.user.register_space.read32({0x24}) == 0x1234'5678);
  CHECK(bench.user.axil_write == UserPorts<Vcw_completer_targets>::User{1, 5});
}

TEST_CASE("two memories that answer at once raise the alarm", "[unit][endpoint][R31]") {
  Bench bench;
  bench.ask(/*axi=*/true, 0x40);
  bench.module.step();
  bench.p().rd_valid_i = 0;
  bench.p().cm_rd_rvalid_i = 1;
  CHECK_THROWS_AS(bench.module.step(10_cycles), dut::AssertionFailed);
}
