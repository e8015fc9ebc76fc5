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
  // One beat, until the user has answered it.
  void write(uint32_t address, uint32_t data) {
    dut::clear_bits(p().ax_wr_to_i);
    dut::set_bits(p().ax_wr_to_i, 6, 1, 1);
    p().ax_wr_first_i = p().ax_wr_last_i = 1;
    p().ax_wr_beats_i = 1;
    p().ax_wr_addr_i = address;
    p().ax_wr_data_i[0] = data;
    p().ax_wr_strb_i = 0xf;
    p().ax_wr_valid_i = 1;
    module.run_until([&] { return p().ax_wr_ready_o != 0; }, 20_cycles);
    module.step();
    p().ax_wr_valid_i = 0;
    module.run_until([&] { return p().ax_done_o != 0; }, 20_cycles);
  }
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
  CHECK_FALSE(bench.p().rd_error_o);
  CHECK(bench.user.axi_read == UserPorts<Vcw_completer_targets>::User{1, 2});
  bench.module.step();
  bench.ask(/*axi=*/false, 0x80);
  bench.module.settle();
  CHECK_FALSE(bench.p().rd_ready_o);
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
  dut::set_bits(bench.p().axi_i, 1, 3, 7);  // an error, but of a beat that is not there
  bench.module.settle();
  CHECK_FALSE(bench.p().rd_error_o);
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
  bench.write(0x100, 1);
  CHECK(bench.p().ax_error_o);
}

TEST_CASE("a beat for the user's memory goes out on AXI4 once, with its data", "[unit][endpoint]") {
  Bench bench;
  for (const uint32_t n : {1u, 2u, 3u}) {
    bench.write(0x40 * n, 0xda7a'0000 + n);
    CHECK_FALSE(bench.p().ax_error_o);
    bench.module.step(10_cycles);
    CHECK(bench.user.memory_space.read32({0x40 * n}) == 0xda7a'0000 + n);
    CHECK(bench.user.memory.counters().writes == n);
    CHECK(bench.user.memory.counters().write_beats == n);
  }
}

TEST_CASE("a dword is read from the register block, or from the user", "[unit][endpoint][R20]") {
  Bench bench;
  drive(bench.p().np_req_i, RegAccess{.addr = 0x18});
  bench.p().np_valid_i = 1;
  bench.module.settle();
  CHECK(bench.p().reg_valid_o);
  CHECK(reg_access(bench.p().reg_req_o).addr == 0x18);
  CHECK_FALSE(bench.p().np_ready_o);
  const bool fails = GENERATE(false, true);
  bench.p().reg_ready_i = 1;
  bench.p().reg_rdata_i = 0xb10c;
  bench.p().reg_error_i = fails;
  bench.module.settle();
  CHECK(bench.p().np_ready_o);
  CHECK(bench.p().np_rdata_o == 0xb10c);
  CHECK((bench.p().np_error_o != 0) == fails);
  bench.module.step();
  bench.p().reg_ready_i = bench.p().reg_error_i = 0;
  bench.user.register_space.write32({0x28}, 0x5eed);
  drive(bench.p().np_req_i, RegAccess{.addr = 0x28, .target = RegAxil, .fn = 2, .bar = 1});
  bench.module.run_until([&] { return bench.p().np_ready_o != 0; }, 20_cycles);
  CHECK(bench.p().np_rdata_o == 0x5eed);
  CHECK_FALSE(bench.p().np_error_o);
  CHECK(bench.user.axil_read == UserPorts<Vcw_completer_targets>::User{2, 1});
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
