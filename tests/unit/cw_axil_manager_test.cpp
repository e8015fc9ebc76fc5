// SPDX-License-Identifier: Apache-2.0
#include "Vcw_axil_manager.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"
#include "unit/user_ports.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Answer {
  bool error = false;
  uint32_t data = 0;
  uint64_t clocks = 0;
};

struct Bench {
  explicit Bench(agent::Stall stall = agent::Stall::None)
      : rng(3, "axil"),
        user(module.kernel(), lite_pins(p(), rest), space, rng.fork("user"),
             {.read_latency = 0_cycles, .write_latency = 0_cycles, .stall = stall}) {
    p().wr_valid_i = p().rd_valid_i = 0;
    module.reset();
    module.step();
  }
  Vcw_axil_manager& p() { return module.pins(); }
  static RegAccess write_of(uint32_t addr, uint32_t data, unsigned be = 0xf) {
    return {.write = true, .addr = addr, .be = be, .wdata = data, .target = RegAxil};
  }
  Answer write(const RegAccess& access) {
    drive(p().wr_req_i, access);
    p().wr_valid_i = 1;
    const uint64_t start = module.now().value;
    module.run_until([&] { return p().wr_ready_o != 0; }, 500_cycles);
    const Answer answer{p().wr_error_o != 0, 0, module.now().value - start};
    module.step();
    p().wr_valid_i = 0;
    return answer;
  }
  void start_read(uint32_t addr, unsigned fn = 0, unsigned bar = 0) {
    drive(p().rd_req_i, RegAccess{.addr = addr, .target = RegAxil, .fn = fn, .bar = bar});
    p().rd_valid_i = 1;
  }
  Answer read(uint32_t addr) {
    start_read(addr);
    const uint64_t start = module.now().value;
    module.run_until([&] { return p().rd_ready_o != 0; }, 500_cycles);
    const Answer answer{p().rd_error_o != 0, p().rd_rdata_o, module.now().value - start};
    module.step();
    p().rd_valid_i = 0;
    return answer;
  }

  dut::Module<Vcw_axil_manager> module{1};
  agent::Rng rng;
  AxilRest rest;
  model::HostMemory space;
  agent::AxiMemory user;
};

}  // namespace

TEST_CASE("what is written to the user's registers is read from them, byte by byte",
          "[unit][endpoint][R05]") {
  Bench bench(GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial));
  std::array<uint8_t, 256> expected;
  expected.fill(model::HostMemory::kUntouched);
  for (unsigned i = 0; i < 200; ++i) {
    const auto addr = static_cast<uint32_t>(bench.rng.range(0, 63) * 4);
    if (bench.rng.chance(50)) {
      const uint32_t data = bench.rng.u32();
      const auto be = static_cast<unsigned>(bench.rng.range(1, 15));
      CHECK_FALSE(bench.write(Bench::write_of(addr, data, be)).error);
      for (unsigned b = 0; b < 4; ++b) {
        if (be >> b & 1) expected[addr + b] = static_cast<uint8_t>(data >> 8 * b);
      }
    } else {
      uint32_t value = 0;
      for (unsigned b = 4; b-- > 0;) value = value << 8 | expected[addr + b];
      REQUIRE(bench.read(addr).data == value);
    }
  }
}

TEST_CASE("a user without wait states costs one clock", "[unit][endpoint][performance]") {
  Bench bench;
  CHECK(bench.read(0x10).clocks == 1);
  CHECK(bench.write(Bench::write_of(0x10, 1)).clocks == 1);
}

TEST_CASE("slverr-to-ca: every error of the user is told, and only where it happened",
          "[unit][endpoint][R20][slverr-to-ca]") {
  Bench bench(GENERATE(agent::Stall::None, agent::Stall::Adversarial));
  bench.user.add_error_range({.base = {0x20}, .bytes = 4, .resp = agent::AxiResp::SlvErr});
  bench.user.add_error_range({.base = {0x40}, .bytes = 4, .resp = agent::AxiResp::DecErr});
  for (uint32_t addr = 0; addr < 0x60; addr += 4) {
    CHECK(bench.read(addr).error == (addr == 0x20 || addr == 0x40));
    CHECK(bench.write(Bench::write_of(addr, addr)).error == (addr == 0x20 || addr == 0x40));
  }
}

TEST_CASE("the user is told which BAR of which function was addressed", "[unit][endpoint]") {
  Bench bench;
  bench.start_read(4, /*fn=*/5, /*bar=*/2);
  bench.module.settle();
  CHECK(bench.p().ar_user_o == (2u << 3 | 5u));
  CHECK(bench.p().ar_addr_o == 4);
}

TEST_CASE("a write is carried out while a read waits for the user", "[unit][endpoint][R30][R31]") {
  Bench bench;
  bench.user.set_latency(300_cycles, 0_cycles);
  bench.start_read(0x10);
  bench.module.step(5_cycles);
  CHECK(bench.write(Bench::write_of(0x14, 7)).clocks < 5);
  CHECK(bench.space.read32({0x14}) == 7);
  bench.module.run_until([&] { return bench.p().rd_ready_o != 0; }, 500_cycles);
}

TEST_CASE("an answer of the user that nobody asked for raises the alarm", "[unit][endpoint][R58]") {
  Bench bench;
  bench.module.settle();
  bench.p().b_valid_i = 1;
  CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
}
