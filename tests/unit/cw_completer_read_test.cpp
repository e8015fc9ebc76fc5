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
        atomics(module, card.memory, rng.fork("atomics"), stall),
        reports(module),
        entry_stall_(stall, rng.fork("entries")),
        drain_stall_(stall, rng.fork("drain")) {
    module.kernel().add(*this);
    drive(p().state_i, Claims{});
    p().req_valid_i = p().entry_ready_i = p().data_taken_i = p().operands_valid_i = 0;
    module.reset();
  }
  Vcw_completer_read& p() { return module.pins(); }

  void send(const pcie::Tlp& tlp, unsigned route, uint32_t offset = 0) {
    const auto raw = pcie::encode(tlp);
    if (std::holds_alternative<pcie::Atomic>(tlp)) operands_.push_back(raw.payload);
    queue_.push_back({.hdr = raw.hdr,
                      .route = route,
                      .offset = offset & ~3u,
                      .wdata = raw.payload.empty() ? 0 : raw.payload[0]});
  }
  void read(uint32_t offset, uint32_t bytes, unsigned route) {
    const uint64_t bar = route == RouteRegs ? kRegs : kCard;
    send(pcie::MemRead{.tag = {1}, .address = {bar + offset}, .length_bytes = bytes}, route,
         offset);
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
    if (p().operands_take_o) operands_.pop_front();
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
    p().operands_valid_i = !operands_.empty();
    for (unsigned i = 0; !operands_.empty() && i < operands_.front().size(); ++i) {
      dut::set_bits(p().operands_i, 32 * i, 32, operands_.front()[i]);
    }
    entry_room_ = entry_room_ || !entry_stall_.stalls();
    p().entry_ready_i = entry_room_;
    p().data_taken_i = held_ > 0 && !block_drain && !drain_stall_.stalls();
  }

  agent::Rng rng;
  AnsweredModule<Vcw_completer_read> module;
  CardStub<Vcw_completer_read> card;
  AtomicStub<Vcw_completer_read> atomics;
  ReportCounter<Vcw_completer_read> reports;
  std::vector<Entry> entries;
  std::vector<uint32_t> dwords;
  unsigned most_held = 0;
  bool block_drain = false;

 private:
  agent::StallPolicy entry_stall_, drain_stall_;
  std::deque<NpRequest> queue_;
  std::deque<std::vector<uint32_t>> operands_;
  bool entry_room_ = false;
  unsigned held_ = 0;
};

}  // namespace

TEST_CASE("registers, card memory and AXI4 are read into entries and beats, in order",
          "[unit][endpoint][R13][R14][R18]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  Bench bench(3, stall);
  struct Part {
    unsigned route;
    uint32_t offset, bytes;
  };
  std::vector<Part> parts;
  for (unsigned i = 0; i < 80; ++i) {
    Part part{bench.rng.pick(std::array<unsigned, 3>{RouteRegs, RouteCard, RouteAxi}),
              static_cast<uint32_t>(bench.rng.range(0, 0xfff)), 0};
    part.bytes = static_cast<uint32_t>(bench.rng.range(1, std::min(4096 - part.offset, 700u)));
    bench.read(part.offset, part.bytes, part.route);
    parts.push_back(part);
  }
  bench.drain();
  size_t e = 0, d = 0;
  for (const Part& part : parts) {
    const bool regs = part.route == RouteRegs;
    const Bytes& memory = regs ? bench.module.regs : bench.card.memory;
    uint32_t at = part.offset & ~3u;
    for (uint32_t left = part.bytes; left; ++e) {
      REQUIRE(e < bench.entries.size());
      const Entry& entry = bench.entries[e];
      REQUIRE(Bench::header_of(entry).byte_count == left);
      REQUIRE(Bench::header_of(entry).completer == pcie::Bdf{.bus = 1});
      REQUIRE_FALSE(entry.discard);
      REQUIRE(entry.skip_dw == (regs ? 0 : at / 4 % 8));
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
  const unsigned route = GENERATE(as<unsigned>{}, RouteRegs, RouteCard, RouteAxi);
  bench.read(0, 2048, route);
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
  bench.read(0x40, 300, RouteRegs);
  bench.read(0x20, 4, RouteRegs);
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
  bench.send(pcie::CfgRead{}, RouteCfg);
  bench.send(pcie::MemRead{.address = {kCard + 0x34}}, RouteNothing, 0x34);
  bench.module.step(20_cycles);
  REQUIRE(!bench.entries.empty());
  const auto cpl = Bench::header_of(bench.entries.back());
  CHECK(cpl.byte_count == 1);
  CHECK(cpl.payload.size() == 1);
  CHECK(cpl.lower_address == 0x34);
  CHECK(bench.dwords.at(8) == 0);  // nothing of what was read before
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

TEST_CASE("reads of 64 bytes of card memory leave no clock unused",
          "[unit][endpoint][performance]") {
  const auto [step, beats] = GENERATE(std::pair{64u, 2u}, std::pair{68u, 3u});  // or unaligned
  Bench bench;
  for (unsigned i = 0; i < 200; ++i) bench.read(i % 32 * step, 64, RouteCard);
  bench.module.run_until([&] { return bench.entries.size() >= 10; }, 200_cycles);
  const size_t before = bench.entries.size(), data = bench.dwords.size();
  bench.module.step(dut::Cycles{beats * 160});
  // Aligned ones take two beats, others that begin in the middle of one three, or two.
  CHECK(bench.dwords.size() - data == 8 * beats * 160);
  CHECK(bench.entries.size() - before >= 160);
}

TEST_CASE("an error of the AXI4 port turns a piece into Completer Abort, and ends the request",
          "[unit][endpoint][R17][R20]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Adversarial);
  Bench bench(5, stall);
  bench.card.axi_errors = {0xa0};
  bench.read(0x20, 600, RouteAxi);
  bench.read(0x20, 4, RouteAxi);
  bench.read(0x80, 64, RouteCard);
  bench.drain();
  std::erase_if(bench.entries, [](const Entry& e) { return e.silent; });
  REQUIRE(bench.entries.size() == 4);
  CHECK(Bench::header_of(bench.entries[0]).payload.size() == 24);
  CHECK(bench.entries[1].discard);
  CHECK(bench.entries[1].dw == 32);
  const auto abort = Bench::header_of(bench.entries[1]);
  CHECK(abort.status == pcie::CplStatus::Ca);
  CHECK(abort.byte_count == 600 - 96);
  CHECK(Bench::header_of(bench.entries[2]).status == pcie::CplStatus::Sc);
  CHECK(Bench::header_of(bench.entries[3]).status == pcie::CplStatus::Sc);
  CHECK(bench.reports.count(ReportAbort) == 1);
  REQUIRE(bench.reports.log.size() == 1);
  CHECK(bench.reports.log[0].functions == 1);
  CHECK(bench.reports.log[0].hdr[1] ==
        pcie::encode(pcie::MemRead{.tag = {1}, .address = {kCard + 0x20}, .length_bytes = 600})
            .hdr[1]);
}

TEST_CASE("I/O requests reach the registers, each answered with byte count 4",
          "[unit][endpoint][R15]") {
  Bench bench;
  bench.send(pcie::IoWrite{.address = 0x40, .first_be = 0b0011, .data = 0xaabb'ccdd}, RouteRegs,
             0x40);
  bench.send(pcie::IoRead{.address = 0x40, .first_be = 0b0110}, RouteRegs, 0x40);
  bench.drain();
  REQUIRE(bench.entries.size() == 2);
  const auto written = Bench::header_of(bench.entries[0]);
  const auto read = Bench::header_of(bench.entries[1]);
  CHECK(written.payload.empty());
  CHECK(read.payload.size() == 1);
  for (const auto& cpl : {written, read}) {
    CHECK(cpl.status == pcie::CplStatus::Sc);
    CHECK(cpl.byte_count == 4);
    CHECK(cpl.lower_address == 0);
  }
  REQUIRE(bench.module.reg_log.size() == 2);
  CHECK(bench.module.reg_log[0] ==
        RegAccess{.write = true, .addr = 0x40, .be = 0b0011, .wdata = 0xaabb'ccdd});
  CHECK(bench.module.reg_log[1] == RegAccess{.addr = 0x40, .be = 0b0110});
  CHECK((bench.dwords[0] & 0xffff) == 0xccdd);
}

TEST_CASE("configuration space may ask for a retry", "[unit][endpoint][R15][R19]") {
  Bench bench;
  bench.module.cfg_status = pcie::CplStatus::Rrs;
  bench.send(pcie::CfgRead{.tag = {9}}, RouteCfg);
  bench.drain();
  REQUIRE(bench.entries.size() == 1);
  const auto answer = Bench::header_of(bench.entries[0]);
  CHECK(answer.status == pcie::CplStatus::Rrs);
  CHECK(answer.payload.empty());
  CHECK(answer.byte_count == 4);
  CHECK(bench.dwords.empty());
  CHECK(bench.reports.any() == 0);
}

TEST_CASE("AtomicOps are answered with the original value, between reads in their order",
          "[unit][endpoint][R15][R18]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Adversarial);
  Bench bench(7, stall);
  std::vector<pcie::Atomic> sent;
  for (unsigned i = 0; i < 40; ++i) {
    pcie::Atomic request = random_atomic(bench.rng, 256);
    sent.push_back(request);
    const auto offset = static_cast<uint32_t>(request.address.value);
    request.address.value += kCard;
    bench.send(request, RouteAtomic, offset);
    bench.read(offset & ~3u, 4, RouteCard);
  }
  bench.drain();
  REQUIRE(bench.entries.size() == 80);
  Bytes expected;
  size_t d = 0;
  for (unsigned i = 0; i < 40; ++i) {
    const auto at = sent[i].address.value;
    std::vector<uint32_t> original;
    for (size_t dw = 0; dw < model::operand_dwords(sent[i]); ++dw) {
      original.push_back(expected.dword(at + 4 * dw));
      REQUIRE(bench.dwords[d + dw] == original.back());
    }
    const auto cpl = Bench::header_of(bench.entries[2 * i]);
    REQUIRE(cpl.byte_count == 4 * original.size());
    REQUIRE(cpl.payload.size() == original.size());
    REQUIRE(cpl.lower_address == 0);
    const auto result = model::atomic_result(sent[i], original);
    for (size_t b = 0; b < 4 * result.size(); ++b) {
      expected.put(at + b, static_cast<uint8_t>(result[b / 4] >> 8 * (b % 4)));
    }
    REQUIRE(bench.dwords[d + 8 + at / 4 % 8] == expected.dword(at));
    d += 16;
  }
}
