// SPDX-License-Identifier: Apache-2.0
#include <deque>
#include <vector>

#include "Vcw_read_verdict.h"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

namespace cw::unit {
namespace {

// Begins pieces, gives their beats, takes entries; each with stalls of its own.
struct Bench : dut::Clocked {
  struct Part {
    unsigned request, beats;
    int bad_beat;  // -1: none
    bool last;
  };
  Bench(uint64_t seed, agent::Stall kind)
      : rng(seed, "verdict"),
        begin_stall(kind, rng.fork("begin")),
        beat_stall(kind, rng.fork("beat")),
        entry_stall(kind, rng.fork("entry")) {
    module.kernel().add(*this);
    p.begin_i = p.beat_i = p.error_i = p.entry_ready_i = 0;
    module.reset();
  }
  ~Bench() override { module.kernel().remove(*this); }

  static std::array<uint32_t, 4> header_of(const Part& part) {
    return pcie::encode(pcie::MemRead{.tag = {static_cast<uint16_t>(part.request & 0xff)},
                                      .address = {0x1000},
                                      .length_bytes = 4})
        .hdr;
  }
  void sample() override {
    if (p.begin_i) {
      for (unsigned b = 0; b < todo.front().beats; ++b) {
        beats.push_back(static_cast<int>(b) == todo.front().bad_beat);
      }
      todo.pop_front();
    }
    if (p.beat_i) beats.pop_front();
    if (p.entry_valid_o) {
      CHECK(p.entry_ready_i);
      entries.push_back(entry(p.entry_o));
      room = false;
    }
    const ErrorReport report = error_report(p.report_o);
    if (report.kinds) reports.push_back(report);
  }
  void commit() override {
    p.begin_i = 0;
    p.beat_i = !beats.empty() && !beat_stall.stalls();
    p.error_i = p.beat_i ? beats.front() : 1;
    room = room || !entry_stall.stalls();
    p.entry_ready_i = room;
    module.settle();
    if (todo.empty() || !p.room_o || begin_stall.stalls()) return;
    const Part& part = todo.front();
    drive(p.piece_i, Piece{.hdr = pcie::encode(pcie::Completion{.payload = {1}}).hdr,
                           .dw = part.beats * 8,
                           .last = part.last});
    drive(
        p.req_i,
        NpRequest{.functions = 1u << part.request % 8, .hdr = header_of(part), .route = RouteAxi});
    p.beats_i = static_cast<uint16_t>(part.beats);
    p.skip_dw_i = part.beats % 3;
    p.begin_i = 1;
  }

  agent::Rng rng;
  dut::Module<Vcw_read_verdict> module{1};
  Vcw_read_verdict& p = module.pins();
  agent::StallPolicy begin_stall, beat_stall, entry_stall;
  std::deque<Part> todo;
  std::deque<bool> beats;
  std::vector<Entry> entries;
  std::vector<ErrorReport> reports;
  bool room = false;
};

bool is_abort(const Entry& e) {
  const auto decoded = pcie::decode({.hdr = e.hdr});
  if (std::holds_alternative<pcie::Malformed>(decoded)) return false;  // it has data
  const auto cpl = std::get<pcie::Completion>(std::get<pcie::Tlp>(decoded));
  return cpl.status == pcie::CplStatus::Ca;
}

}  // namespace

TEST_CASE("a piece is announced when all its beats have come without error; else the request ends",
          "[unit][endpoint][R17][R20]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  Bench bench(3, stall);
  std::vector<Bench::Part> parts;
  for (unsigned request = 0; request < 150; ++request) {
    const auto count = static_cast<unsigned>(bench.rng.range(1, 5));
    for (unsigned n = 0; n < count; ++n) {
      const auto beats = static_cast<unsigned>(bench.rng.range(1, 4));
      const int bad = bench.rng.chance(20) ? static_cast<int>(bench.rng.range(0, beats - 1)) : -1;
      parts.push_back({request, beats, bad, n + 1 == count});
    }
  }
  bench.todo.assign(parts.begin(), parts.end());
  bench.module.run_until([&] { return bench.entries.size() == parts.size(); }, 40'000_cycles);
  bench.module.step(20_cycles);
  CHECK_FALSE(bench.p.busy_o);
  std::vector<ErrorReport> reports;
  bool refused = false;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Entry& got = bench.entries[i];
    REQUIRE(got.dw == parts[i].beats * 8);
    REQUIRE(got.skip_dw == parts[i].beats % 3);
    const bool fails = !refused && parts[i].bad_beat >= 0;
    REQUIRE(got.silent == refused);
    REQUIRE(got.discard == (refused || fails));
    if (!refused) REQUIRE(is_abort(got) == fails);
    if (fails) {
      reports.push_back({.functions = 1u << parts[i].request % 8,
                         .kinds = ReportAbort,
                         .hdr = Bench::header_of(parts[i])});
    }
    refused = (refused || fails) && !parts[i].last;
  }
  CHECK(bench.reports == reports);
  CHECK(reports.size() > 20);
}

TEST_CASE("no completion is announced before the last beat", "[unit][endpoint][R20]") {
  Bench bench(1, agent::Stall::None);
  bench.module.kernel().remove(bench);
  auto& p = bench.p;
  p.entry_ready_i = 1;
  drive(p.piece_i, Piece{.dw = 24});
  drive(p.req_i, NpRequest{.route = RouteAxi});
  p.beats_i = 3;
  p.begin_i = 1;
  bench.module.step();
  p.begin_i = 0;
  for (unsigned beat = 0; beat < 3; ++beat) {
    bench.module.step(5_cycles);
    CHECK(p.busy_o);
    CHECK_FALSE(p.entry_valid_o);
    p.beat_i = 1;
    bench.module.step();
    p.beat_i = 0;
  }
  bench.module.settle();
  CHECK(p.entry_valid_o);
  bench.module.kernel().add(bench);
}

TEST_CASE("an error whose piece a reset cut off is not that of the next piece",
          "[unit][endpoint][R20][R45]") {
  Bench bench(1, agent::Stall::None);
  bench.module.kernel().remove(bench);
  auto& p = bench.p;
  const auto begin = [&] {
    p.begin_i = 1;
    bench.module.step();
    p.begin_i = 0;
  };
  const auto beat = [&](bool error) {
    p.beat_i = 1;
    p.error_i = error;
    bench.module.step();
    p.beat_i = p.error_i = 0;
    bench.module.settle();
  };
  p.entry_ready_i = 1;
  drive(p.piece_i, Piece{.dw = 16});
  drive(p.req_i, NpRequest{.route = RouteAxi});
  p.beats_i = 2;
  begin();
  beat(/*error=*/true);
  bench.module.reset();
  begin();
  for (const bool last : {false, true}) {
    beat(/*error=*/false);
    CHECK((p.entry_valid_o != 0) == last);
  }
  CHECK_FALSE(entry(p.entry_o).discard);
  CHECK(error_report(p.report_o).kinds == 0);
  bench.module.kernel().add(bench);
}

TEST_CASE("a beat of no piece raises the alarm", "[unit][endpoint]") {
  Bench bench(1, agent::Stall::None);
  bench.module.kernel().remove(bench);
  bench.p.beat_i = 1;
  CHECK_THROWS_AS(bench.module.step(2_cycles), dut::AssertionFailed);
  bench.module.kernel().add(bench);
}

}  // namespace cw::unit
