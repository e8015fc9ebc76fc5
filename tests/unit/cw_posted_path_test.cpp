// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=512
#include "Vcw_posted_path.h"
#include "Vcw_posted_path_w512.h"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "unit/completer_stubs.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

const Claims kClaims;
const uint64_t kRegs = kClaims.bar[0], kCard = kClaims.bar[2];

template <class V>
struct Bench {
  explicit Bench(agent::Stall stall = agent::Stall::None)
      : rng(1, "posted"),
        module(1, rng.fork("regs"), stall),
        card(module, rng.fork("card"), stall),
        reports(module),
        source(module.kernel(),
               dut::channel(p().p_ctl_i, p().p_data_i, p().p_valid_i, p().p_ready_o),
               rng.fork("source"), stall) {
    drive(p().state_i, kClaims);
    drive(p().state_i, Claims{.mem_enable = false}, 1);
    p().ax_wr_ready_i = p().ax_done_i = 0;
    module.reset();
  }
  V& p() { return module.pins(); }
  void write(uint64_t to, std::vector<uint8_t> data) {
    source.send(pcie::encode(pcie::MemWrite{.address = {to}, .data = std::move(data)}));
    ++sent;
  }
  void drain() {
    module.run_until([&] { return source.idle() && p().taken_o == p().done_o; }, 20000_cycles);
    CHECK(p().taken_o == sent % 16);
  }

  agent::Rng rng;
  AnsweredModule<V> module;
  CardStub<V> card;
  ReportCounter<V> reports;
  agent::TlpSource source;
  unsigned sent = 0;
};

// Clocks that 64 writes of one full beat each take.
template <class V>
uint64_t clocks_of_64() {
  Bench<V> bench;
  constexpr uint32_t kBytes = sizeof(V::p_data_i);
  for (unsigned i = 0; i < 64; ++i)
    bench.write(kCard + kBytes * i, std::vector<uint8_t>(kBytes, static_cast<uint8_t>(i)));
  const uint64_t start = bench.module.now().value;
  bench.drain();
  CHECK(bench.card.memory.at(kBytes * 63) == 63);
  return bench.module.now().value - start;
}

}  // namespace

TEST_CASE("back-to-back writes of one beat are carried out at one TLP per clock",
          "[unit][endpoint][performance]") {
  CHECK(clocks_of_64<Vcw_posted_path>() <= 64 + 6);       // 32 bytes at 256 bits
  CHECK(clocks_of_64<Vcw_posted_path_w512>() <= 64 + 6);  // 64 bytes at 512 bits
}

TEST_CASE("a register write costs one clock per dword", "[unit][endpoint][performance]") {
  Bench<Vcw_posted_path> bench;
  for (unsigned i = 0; i < 32; ++i) bench.write(kRegs + 4 * i, {1, 2, 3, 4});
  const uint64_t start = bench.module.now().value;
  bench.drain();
  CHECK(bench.module.now().value - start <= 32 + 4);
  CHECK(bench.module.reg_log.size() == 32);
}

TEST_CASE("poisoned-mwr: from the channel to the report, nothing of it is written",
          "[unit][endpoint][R37][poisoned-mwr]") {
  Bench<Vcw_posted_path> bench(GENERATE(agent::Stall::None, agent::Stall::Adversarial));
  for (const uint64_t to : {kRegs, kCard, uint64_t{0}}) {
    bench.source.send(pcie::encode(pcie::MemWrite{
        .address = {to}, .data = std::vector<uint8_t>(256, 9), .attributes = {.poisoned = true}}));
    ++bench.sent;
  }
  bench.drain();
  CHECK(bench.card.writes == 0);
  CHECK(bench.module.reg_log.empty());
  CHECK(bench.reports.count(ReportPoisoned) == 2);
  CHECK(bench.reports.count(ReportUnsupported) == 1);
}

TEST_CASE("a write-combined burst of 64 bytes with holes writes exactly its bytes",
          "[unit][endpoint][R05]") {
  Bench<Vcw_posted_path> bench(GENERATE(agent::Stall::None, agent::Stall::Bursty));
  uint32_t at = 0;
  for (uint32_t offset = 0; offset < 64; offset += 7) {
    for (uint32_t bytes = 1; bytes <= 64 - offset; bytes += 5, at += 64) {
      bench.write(kCard + at + offset, std::vector<uint8_t>(bytes, 0xa5));
      bench.drain();
      for (uint32_t i = 0; i < 64; ++i) {
        const bool inside = i >= offset && i < offset + bytes;
        REQUIRE(bench.card.memory.at(at + i) == (inside ? 0xa5 : first_byte(at + i)));
      }
    }
  }
}

TEST_CASE("a completion here raises the alarm", "[unit][endpoint][R31]") {
  Bench<Vcw_posted_path> bench;
  bench.source.send(pcie::encode(pcie::Completion{}));
  CHECK_THROWS_AS(bench.module.step(5_cycles), dut::AssertionFailed);
}
