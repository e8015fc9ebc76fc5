// SPDX-License-Identifier: Apache-2.0
#include "Vcw_completer_write.h"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "unit/completer_stubs.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

const Claims kClaims;
const uint64_t kRegs = kClaims.bar[0];
const uint64_t kCard = kClaims.bar[2];

struct Bench {
  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : rng(seed, "posted"),
        module(seed, rng.fork("regs"), stall),
        card(module, rng.fork("card"), stall),
        reports(module),
        source(module.kernel(),
               dut::channel(p().p_ctl_i, p().p_data_i, p().p_valid_i, p().p_ready_o),
               rng.fork("source"), stall) {
    drive(p().state_i, kClaims);
    module.reset();
  }
  Vcw_completer_write& p() { return module.pins(); }
  void send(const pcie::Tlp& tlp) {
    source.send(pcie::encode(tlp));
    ++sent;
  }
  void drain() {
    module.run_until([&] { return source.idle() && p().taken_o == p().done_o; }, 20000_cycles);
    CHECK(p().taken_o == sent % 16);
  }

  agent::Rng rng;
  AnsweredModule<Vcw_completer_write> module;
  CardStub<Vcw_completer_write> card;
  ReportCounter<Vcw_completer_write> reports;
  agent::TlpSource source;
  unsigned sent = 0;
};

}  // namespace

TEST_CASE("a write to registers is done dword by dword with its byte enables",
          "[unit][endpoint][R05]") {
  Bench bench;
  std::vector<uint8_t> data;
  for (uint8_t i = 0; i < 40; ++i) data.push_back(i);
  bench.send(pcie::MemWrite{.address = {kRegs + 0x103}, .data = data});
  bench.drain();
  REQUIRE(bench.module.reg_log.size() == 11);
  CHECK(bench.module.reg_log[0] == RegAccess{true, 0x100, 0b1000, 0x0000'0000});
  CHECK(bench.module.reg_log[1] == RegAccess{true, 0x104, 0b1111, 0x0403'0201});
  CHECK(bench.module.reg_log[10].addr == 0x128);
  CHECK(bench.module.reg_log[10].be == 0b0111);
}

TEST_CASE("a doorbell after data waits until card memory has the data", "[unit][endpoint][R30]") {
  Bench bench;
  bench.card.block_writes = true;
  bench.send(pcie::MemWrite{.address = {kCard + 8}, .data = std::vector<uint8_t>(16, 1)});
  bench.send(pcie::MemWrite{.address = {kRegs + 0x120}, .data = {1, 0, 0, 0}});
  bench.module.step(50_cycles);
  CHECK(bench.module.reg_log.empty());
  CHECK(bench.p().done_o == 0);
  bench.card.block_writes = false;
  bench.drain();
  CHECK(bench.module.reg_log.size() == 1);
}

TEST_CASE("poisoned-mwr: a poisoned write is dropped whole and reported",
          "[unit][endpoint][R37][poisoned-mwr]") {
  Bench bench;
  for (const uint64_t to : {kRegs, kCard}) {
    bench.send(pcie::MemWrite{
        .address = {to}, .data = std::vector<uint8_t>(256, 9), .attributes = {.poisoned = true}});
  }
  // Nobody claims it: that comes first.
  bench.send(pcie::MemWrite{.address = {0}, .data = {1}, .attributes = {.poisoned = true}});
  bench.drain();
  CHECK(bench.card.writes == 0);
  CHECK(bench.module.reg_log.empty());
  CHECK(bench.reports.count(ReportPoisoned) == 2);
  CHECK(bench.reports.count(ReportUnsupported) == 1);
}

TEST_CASE("a write that nobody claims, or only in part, is dropped whole and reported",
          "[unit][endpoint][R21][R37]") {
  Bench bench;
  bench.send(pcie::MemWrite{.address = {kRegs + 0x3ffc}, .data = std::vector<uint8_t>(8, 1)});
  bench.send(pcie::MemWrite{.address = {kCard - 4}, .data = std::vector<uint8_t>(8, 1)});
  bench.drain();
  CHECK(bench.card.writes == 0);
  CHECK(bench.module.reg_log.empty());
  CHECK(bench.reports.count(ReportUnsupported) == 2);
}

TEST_CASE("a zero-length write touches nothing and is no error", "[unit][endpoint][R07]") {
  Bench bench;
  for (const uint64_t to : {kRegs, kCard}) {
    bench.send(
        pcie::MemWrite{.address = {to}, .data = {1, 2, 3, 4}, .enables = pcie::ByteEnables{}});
  }
  bench.drain();
  CHECK(bench.card.writes == 0);
  CHECK(bench.module.reg_log.empty());
  CHECK(bench.reports.any() == 0);
}

TEST_CASE("messages that an endpoint does not know are reported, the others pass in silence",
          "[unit][endpoint][R37][R40]") {
  Bench bench;
  for (const uint8_t code :
       {0x00, 0x14, 0x19, 0x40, 0x41, 0x43, 0x44, 0x45, 0x47, 0x48, 0x50, 0x7f}) {
    bench.send(pcie::Message{.routing = 4, .code = code});
  }
  bench.drain();
  CHECK(bench.reports.any() == 0);
  for (const uint8_t code : {0x01, 0x18, 0x1b, 0x20, 0x33, 0x42, 0x7e}) {
    bench.send(pcie::Message{.routing = 4, .code = code});
  }
  bench.drain();
  CHECK(bench.reports.count(ReportUnsupported) == 7);
}

TEST_CASE("a bus error of a posted write is reported and nothing more", "[unit][endpoint][R20]") {
  Bench bench;
  bench.module.reg_errors = {0x44};
  bench.send(pcie::MemWrite{.address = {kRegs + 0x40}, .data = std::vector<uint8_t>(12, 1)});
  bench.drain();
  CHECK(bench.module.reg_log.size() == 3);
  CHECK(bench.reports.count(ReportUnsupported) == 1);
}

TEST_CASE("a write to card memory takes as many clocks as it has beats",
          "[unit][endpoint][performance]") {
  Bench bench;
  for (unsigned i = 0; i < 16; ++i) {
    bench.send(pcie::MemWrite{.address = {kCard + 256 * i}, .data = std::vector<uint8_t>(256, 1)});
  }
  const uint64_t start = bench.module.now().value;
  bench.drain();
  CHECK(bench.module.now().value - start <= 16 * 8 + 6);
  CHECK(bench.card.writes == 16 * 8);
}

TEST_CASE("a read here raises the alarm", "[unit][endpoint][R31]") {
  Bench bench;
  bench.source.send(pcie::encode(pcie::MemRead{.length_bytes = 4}));
  CHECK_THROWS_AS(bench.module.step(5_cycles), dut::AssertionFailed);
}
