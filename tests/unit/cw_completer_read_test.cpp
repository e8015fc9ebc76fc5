// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "Vcw_completer_read.h"
#include "catch_shim.hpp"
#include "unit/completer_stubs.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

constexpr uint64_t kRegs = 0x1'0000'4000;
constexpr uint64_t kCard = 0x23'4560'0000;

// Gives requests; takes entries and beats, and drains the beats of each entry after a while.
class Bench : public dut::Clocked {
 public:
  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : rng(seed, "read"),
        module(seed, rng.fork("regs"), stall),
        card(module, rng.fork("card"), stall),
        reports(module),
        entry_stall_(stall, rng.fork("entries")),
        drain_stall_(stall, rng.fork("drain")) {
    module.kernel().add(*this);
    drive(p().state_i, Claims{});
    p().req_valid_i = p().entry_ready_i = p().data_taken_i = 0;
    module.reset();
  }
  Vcw_completer_read& p() { return module.pins(); }

  void send(const pcie::Tlp& tlp, unsigned route, uint32_t offset = 0) {
    const auto raw = pcie::encode(tlp);
    queue_.push_back({.hdr = raw.hdr,
                      .route = route,
                      .offset = offset & ~3u,
                      .wdata = raw.payload.empty() ? 0 : raw.payload[0]});
  }
  void read(uint32_t offset, uint32_t bytes, bool from_card) {
    send(
        pcie::MemRead{
            .tag = {1}, .address = {(from_card ? kCard : kRegs) + offset}, .length_bytes = bytes},
        from_card ? RouteCard : RouteRegs, offset);
  }
  bool idle() const { return queue_.empty(); }
  void drain() {
    module.run_until([&] { return queue_.empty(); }, 20000_cycles);
    module.step(1000_cycles);  // the last request is still at work
  }
  static pcie::Completion header_of(const Entry& e) {
    auto raw = pcie::RawTlp{.hdr = e.hdr};
    if (pcie::has_payload(raw)) raw.payload.resize(e.dw);
    const auto decoded = pcie::decode(raw);
    if (const auto* bad = std::get_if<pcie::Malformed>(&decoded)) FAIL(bad->reason);
    return std::get<pcie::Completion>(std::get<pcie::Tlp>(decoded));
  }

  void sample() override {
    if (p().req_valid_i && p().req_ready_o) queue_.pop_front();
    if (p().entry_valid_o && p().entry_ready_i) {
      entries.push_back(entry(p().entry_o));
      entry_room_ = false;
    }
    if (p().data_valid_o) {
      ++held_;
      most_held = std::max(most_held, held_);
      for (unsigned lane = 0; lane < 8; ++lane)
        dwords.push_back(static_cast<uint32_t>(dut::get_bits(p().data_o, 32 * lane, 32)));
    }
    held_ -= p().data_taken_i;
  }
  void commit() override {
    p().req_valid_i = !queue_.empty();
    if (!queue_.empty()) drive(p().req_i, queue_.front());
    entry_room_ = entry_room_ || !entry_stall_.stalls();
    p().entry_ready_i = entry_room_;
    p().data_taken_i = held_ > 0 && !block_drain && !drain_stall_.stalls();
  }

  agent::Rng rng;
  AnsweredModule<Vcw_completer_read> module;
  CardStub<Vcw_completer_read> card;
  ReportCounter<Vcw_completer_read> reports;
  std::vector<Entry> entries;
  std::vector<uint32_t> dwords;
  unsigned most_held = 0;
  bool block_drain = false;

 private:
  agent::StallPolicy entry_stall_, drain_stall_;
  std::deque<NpRequest> queue_;
  bool entry_room_ = false;
  unsigned held_ = 0;
};

}  // namespace

TEST_CASE("registers and card memory are read into entries and beats, in order",
          "[unit][endpoint][R13][R14][R18]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  Bench bench(3, stall);
  struct Part {
    bool card;
    uint32_t offset, bytes;
  };
  std::vector<Part> parts;
  for (unsigned i = 0; i < 80; ++i) {
    Part part{bench.rng.chance(50), static_cast<uint32_t>(bench.rng.range(0, 0xfff)), 0};
    part.bytes = static_cast<uint32_t>(bench.rng.range(1, std::min(4096 - part.offset, 700u)));
    bench.read(part.offset, part.bytes, part.card);
    parts.push_back(part);
  }
  bench.drain();
  size_t e = 0, d = 0;
  for (const Part& part : parts) {
    const Bytes& memory = part.card ? bench.card.memory : bench.module.regs;
    uint32_t at = part.offset & ~3u;
    for (uint32_t left = part.bytes; left; ++e) {
      REQUIRE(e < bench.entries.size());
      const Entry& entry = bench.entries[e];
      REQUIRE(Bench::header_of(entry).byte_count == left);
      REQUIRE_FALSE(entry.discard);
      REQUIRE(entry.skip_dw == (part.card ? at / 4 % 8 : 0));
      for (unsigned i = 0; i < entry.dw; ++i) {
        REQUIRE(bench.dwords[d + entry.skip_dw + i] == memory.dword(at + 4 * i));
      }
      d += (entry.skip_dw + entry.dw + 7) / 8 * 8;
      const uint32_t lead = left == part.bytes ? part.offset % 4 : 0;
      left -= std::min(left, 4 * entry.dw - lead);
      at += 4 * entry.dw;
    }
  }
  CHECK(e == bench.entries.size());
  CHECK(d == bench.dwords.size());
}

TEST_CASE("data that nobody fetches stop the reads at the room there is", "[unit][endpoint][R31]") {
  Bench bench;
  bench.block_drain = true;
  const bool card = GENERATE(false, true);
  bench.read(0, 2048, card);
  bench.module.step(300_cycles);
  CHECK(bench.most_held == 16);
  bench.block_drain = false;
  bench.drain();
  CHECK(bench.most_held == 16);
  CHECK(bench.dwords.size() == 512);
}

TEST_CASE("an error turns a piece into Completer Abort and ends the request",
          "[unit][endpoint][R17][R20]") {
  Bench bench;
  bench.module.reg_errors = {0x90};
  bench.read(0x40, 300, false);
  bench.read(0x20, 4, false);
  bench.drain();
  REQUIRE(bench.entries.size() == 3);
  CHECK(bench.entries[1].discard);
  CHECK(bench.entries[1].dw == 32);
  const auto abort = Bench::header_of(bench.entries[1]);
  CHECK(abort.status == pcie::CplStatus::Ca);
  CHECK(abort.byte_count == 300 - 64);
  CHECK(Bench::header_of(bench.entries[2]).status == pcie::CplStatus::Sc);
  CHECK(bench.reports.count(ReportAbort) == 1);
}

TEST_CASE("a flush is answered with one dword and one byte", "[unit][endpoint][R06]") {
  Bench bench;
  bench.send(pcie::MemRead{.address = {kCard + 0x34}}, RouteNothing, 0x34);
  bench.module.step(20_cycles);
  REQUIRE(!bench.entries.empty());
  const auto cpl = Bench::header_of(bench.entries.back());
  CHECK(cpl.byte_count == 1);
  CHECK(cpl.payload.size() == 1);
  CHECK(cpl.lower_address == 0x34);
}

TEST_CASE("refusals and configuration accesses are reported in their kind",
          "[unit][endpoint][R09][R15][R37]") {
  Bench bench;
  bench.send(pcie::IoRead{}, RouteUr);
  bench.send(pcie::CfgWrite{.poisoned = true}, RoutePoisoned);
  bench.send(pcie::CfgRead{}, RouteCfg);
  bench.send(pcie::CfgWrite{.data = 0x77}, RouteCfg);
  bench.drain();
  REQUIRE(bench.entries.size() == 4);
  CHECK(Bench::header_of(bench.entries[0]).status == pcie::CplStatus::Ur);
  CHECK(Bench::header_of(bench.entries[1]).status == pcie::CplStatus::Ur);
  CHECK(Bench::header_of(bench.entries[2]).payload.size() == 1);
  CHECK(bench.dwords[0] == bench.module.cfg_rdata);
  CHECK(Bench::header_of(bench.entries[3]).payload.empty());
  CHECK(bench.module.cfg_writes == std::vector<uint32_t>{0x77});
  for (const Entry& e : bench.entries) CHECK(Bench::header_of(e).byte_count == 4);
  CHECK(bench.reports.count(ReportUnsupported) == 1);
  CHECK(bench.reports.count(ReportPoisoned) == 1);
}
