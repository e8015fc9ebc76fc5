// SPDX-License-Identifier: Apache-2.0
#include "Vcw_reg_targets.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

RegAccess access(RegTarget target, bool write, uint32_t addr = 0x10, uint32_t wdata = 7) {
  return {.write = write, .addr = addr, .wdata = wdata, .target = target, .fn = 3, .bar = 1};
}

// The test plays the block and the user by hand: `axil_drive_t`, `axil_sense_t`.
struct Bench {
  Bench() {
    p().p_valid_i = p().np_valid_i = p().reg_ready_i = p().reg_error_i = 0;
    p().axil_i = 0;
    module.reset();
  }
  Vcw_reg_targets& p() { return module.pins(); }
  void posted(const RegAccess& a) {
    drive(p().p_req_i, a);
    p().p_valid_i = 1;
  }
  void other(const RegAccess& a) {
    drive(p().np_req_i, a);
    p().np_valid_i = 1;
  }
  void step() {
    module.step();
    module.settle();
  }
  // The block answers in this clock.
  void answer_block(bool error = false) {
    module.settle();
    p().reg_ready_i = p().reg_valid_o;
    p().reg_rdata_i = 0xb10c;
    p().reg_error_i = error;
    module.settle();
  }
  bool ar_valid() { return dut::get_bits(p().axil_o, 1, 1); }
  bool aw_valid() { return dut::get_bits(p().axil_o, 78, 1); }
  void take_addresses() { p().axil_i = uint64_t{1} << 40 | uint64_t{1} << 39 | uint64_t{1} << 35; }
  void answer_write(unsigned resp) { p().axil_i = uint64_t{1} << 36 | uint64_t{resp} << 37; }
  void answer_read(unsigned resp, uint32_t data) {
    p().axil_i = 1u | resp << 1 | uint64_t{data} << 3;
  }

  dut::Module<Vcw_reg_targets> module{1};
};

}  // namespace

TEST_CASE("each access reaches the one who answers it", "[unit][endpoint]") {
  Bench bench;
  bench.other(access(RegBlock, /*write=*/false));
  bench.answer_block();
  CHECK(bench.p().np_ready_o);
  CHECK(bench.p().np_rdata_o == 0xb10c);
  CHECK_FALSE(bench.ar_valid());
  bench.step();
  bench.p().reg_ready_i = 0;
  bench.other(access(RegRom, /*write=*/false, 0));
  bench.module.settle();
  CHECK(bench.p().np_ready_o);
  CHECK((bench.p().np_rdata_o & 0xffff) == 0xaa55);
  CHECK_FALSE(bench.p().reg_valid_o);
  bench.step();
  bench.other(access(RegAxil, /*write=*/false));
  bench.module.settle();
  CHECK(bench.ar_valid());
  CHECK_FALSE(bench.p().reg_valid_o);
  bench.take_addresses();
  bench.step();
  bench.answer_read(0, 0x5eed);
  bench.module.settle();
  CHECK(bench.p().np_ready_o);
  CHECK(bench.p().np_rdata_o == 0x5eed);
  CHECK_FALSE(bench.p().np_error_o);
}

TEST_CASE("a read that waits for the user delays no write, to the user or to the block",
          "[unit][endpoint][R30][R31]") {
  Bench bench;
  bench.other(access(RegAxil, /*write=*/false));
  bench.take_addresses();
  bench.step();
  bench.posted(access(RegBlock, /*write=*/true));
  bench.answer_block();
  CHECK(bench.p().p_ready_o);
  bench.step();
  bench.p().reg_ready_i = 0;
  bench.posted(access(RegAxil, /*write=*/true, 0x20));
  bench.module.settle();
  CHECK(bench.aw_valid());
  bench.take_addresses();
  bench.step();
  bench.answer_write(0);
  bench.module.settle();
  CHECK(bench.p().p_ready_o);
  CHECK_FALSE(bench.p().np_ready_o);
}

TEST_CASE("slverr-to-ca: the error goes to who asked", "[unit][endpoint][R20][slverr-to-ca]") {
  Bench bench;
  const unsigned resp = GENERATE(2u, 3u);
  SECTION("a read") {
    bench.other(access(RegAxil, /*write=*/false));
    bench.take_addresses();
    bench.step();
    bench.answer_read(resp, 0);
    bench.module.settle();
    CHECK(bench.p().np_ready_o);
    CHECK(bench.p().np_error_o);
  }
  SECTION("an I/O write") {
    bench.other(access(RegAxil, /*write=*/true));
    bench.take_addresses();
    bench.step();
    bench.answer_write(resp);
    bench.module.settle();
    CHECK(bench.p().np_ready_o);
    CHECK(bench.p().np_error_o);
  }
  SECTION("a posted write") {
    bench.posted(access(RegAxil, /*write=*/true));
    bench.take_addresses();
    bench.step();
    bench.answer_write(resp);
    bench.module.settle();
    CHECK(bench.p().p_ready_o);
    CHECK(bench.p().p_error_o);
  }
  SECTION("a posted write of the block") {
    bench.posted(access(RegBlock, /*write=*/true));
    bench.answer_block(/*error=*/true);
    CHECK(bench.p().p_ready_o);
    CHECK(bench.p().p_error_o);
  }
}

TEST_CASE("writes of both kinds reach the user one after the other", "[unit][endpoint][R31]") {
  Bench bench;
  bench.posted(access(RegAxil, /*write=*/true, 0x20));
  bench.other(access(RegAxil, /*write=*/true, 0x30));
  unsigned served = 0;
  for (unsigned n = 0; n < 2; ++n) {
    bench.module.settle();
    REQUIRE(bench.aw_valid());
    bench.take_addresses();
    bench.step();
    CHECK_FALSE(bench.aw_valid());
    bench.answer_write(0);
    bench.module.settle();
    CHECK((bench.p().p_ready_o != 0) != (bench.p().np_ready_o != 0));
    const bool posted = bench.p().p_ready_o;
    served |= posted ? 1 : 2;
    bench.module.step();
    bench.p().axil_i = 0;
    (posted ? bench.p().p_valid_i : bench.p().np_valid_i) = 0;
  }
  CHECK(served == 3);
}

TEST_CASE("a posted write to the ROM raises the alarm", "[unit][endpoint][R42]") {
  Bench bench;
  bench.posted(access(RegRom, /*write=*/true));
  CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
}
