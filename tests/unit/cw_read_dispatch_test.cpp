// SPDX-License-Identifier: Apache-2.0
#include "Vcw_read_dispatch.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

namespace cw::unit {
namespace {

// Everything is free, and nothing happens.
struct Bench {
  Bench() {
    drive(p.piece_i, Piece{});
    drive(p.req_i, NpRequest{});
    p.piece_valid_i = p.operands_valid_i = p.axi_busy_i = 0;
    p.drained_i = p.axi_room_i = p.beat_room_i = p.two_beats_room_i = p.entry_ready_i = 1;
    p.regs_done_i = p.regs_error_i = p.beats_begin_i = p.beats_done_i = p.cfg_done_i = 0;
    p.atomic_done_i = p.beats_skip_dw_i = p.cfg_status_i = 0;
    module.reset();
  }
  void offer(unsigned route, const pcie::Tlp& request, bool last = true, unsigned dw = 1) {
    drive(p.req_i, NpRequest{.functions = 4, .hdr = pcie::encode(request).hdr, .route = route});
    drive(p.piece_i,
          Piece{.hdr = pcie::encode(pcie::Completion{.byte_count = 4 * std::max(dw, 1u),
                                                     .payload = std::vector<uint32_t>(dw)})
                           .hdr,
                .dw = std::max(dw, 1u),
                .last = last});
    p.piece_valid_i = 1;
    module.settle();
  }
  // Who is asked: bit 0 registers, 1 beats, 2 configuration space, 3 AtomicOps.
  unsigned asked() {
    module.settle();
    return p.regs_valid_o | p.beats_valid_o << 1 | p.cfg_valid_o << 2 | p.atomic_valid_o << 3;
  }
  dut::Module<Vcw_read_dispatch> module{1};
  Vcw_read_dispatch& p = module.pins();
};

const pcie::MemRead kRead{.address = {0x1000}, .length_bytes = 4};
const pcie::Atomic kAtomic{.address = {0x1000}, .operands = {1}};

pcie::CplStatus status(const Entry& e) { return static_cast<pcie::CplStatus>(e.hdr[1] >> 13 & 7); }

}  // namespace

TEST_CASE("each route has its own, and only card memory goes on while data are on their way",
          "[unit][endpoint][R18]") {
  struct Row {
    unsigned route;
    unsigned asked, while_card_comes, while_axi_comes;
  };
  for (const Row row : {Row{RouteRegs, 1, 0, 0}, Row{RouteCard, 2, 2, 0}, Row{RouteAxi, 2, 0, 2},
                        Row{RouteCfg, 4, 0, 0}, Row{RouteAtomic, 8, 0, 0}, Row{RouteUr, 0, 0, 0},
                        Row{RouteNothing, 0, 0, 0}}) {
    Bench bench;
    bench.p.operands_valid_i = 1;
    CHECK(bench.asked() == 0);
    bench.offer(row.route, kRead);
    CHECK(bench.asked() == row.asked);
    bench.p.drained_i = 0;
    CHECK(bench.asked() == row.while_card_comes);
    CHECK(bench.p.piece_ready_o == (row.route == RouteUr));
    bench.p.axi_busy_i = 1;
    CHECK(bench.asked() == row.while_axi_comes);
    CHECK_FALSE(bench.p.piece_ready_o);
  }
}

TEST_CASE("a register read is announced with its last dword, and is no error",
          "[unit][endpoint][R14]") {
  Bench bench;
  bench.offer(RouteRegs, kRead, /*last=*/false, 32);
  bench.p.beats_skip_dw_i = 3;  // of card memory
  bench.p.regs_error_i = 1;     // as long as nothing is done it says nothing
  bench.module.settle();
  CHECK_FALSE(bench.p.entry_valid_o);
  CHECK(error_report(bench.p.report_o) == ErrorReport{});
  bench.module.step();
  bench.p.regs_error_i = 0;
  bench.p.regs_done_i = 1;
  bench.module.settle();
  CHECK(bench.p.piece_ready_o);
  CHECK(bench.p.entry_valid_o);
  const Entry told = entry(bench.p.entry_o);
  CHECK(status(told) == pcie::CplStatus::Sc);
  CHECK(told.dw == 32);
  CHECK(told.skip_dw == 0);
  CHECK_FALSE(told.discard);
  CHECK_FALSE(bench.p.one_beat_o);
  CHECK(error_report(bench.p.report_o) == ErrorReport{});
  bench.module.step();
  bench.p.regs_done_i = 0;
  bench.offer(RouteRegs, kRead);
  CHECK(bench.asked() == 1);  // nothing is forgotten
}

TEST_CASE("a piece of card memory is announced with its first beat, one of AXI4 elsewhere",
          "[unit][endpoint][R18]") {
  for (const unsigned route : {RouteCard, RouteAxi}) {
    Bench bench;
    bench.offer(route, kRead, /*last=*/true, 16);
    CHECK_FALSE(bench.p.entry_valid_o);
    CHECK_FALSE(bench.p.axi_begin_o);
    CHECK_FALSE(bench.p.piece_ready_o);
    CHECK_FALSE(bench.p.one_beat_o);
    bench.p.beats_skip_dw_i = 3;
    bench.p.beats_begin_i = 1;
    bench.module.settle();
    CHECK((bench.p.entry_valid_o != 0) == (route == RouteCard));
    CHECK((bench.p.axi_begin_o != 0) == (route == RouteAxi));
    if (route == RouteCard) CHECK(entry(bench.p.entry_o).skip_dw == 3);
    if (route == RouteCard) CHECK(entry(bench.p.entry_o).dw == 16);
    bench.p.beats_done_i = 1;
    bench.module.settle();
    CHECK(bench.p.piece_ready_o);
    CHECK_FALSE(bench.p.one_beat_o);
  }
}

TEST_CASE("a request without bytes has a dword of data where a read has",
          "[unit][endpoint][R06][R15]") {
  for (const unsigned dw : {0u, 1u}) {
    Bench bench;
    bench.offer(RouteNothing, dw ? pcie::Tlp{kRead} : pcie::Tlp{pcie::IoWrite{.first_be = 0}},
                /*last=*/true, dw);
    CHECK(bench.p.entry_valid_o);
    CHECK(entry(bench.p.entry_o).dw == dw);
    CHECK(bench.p.one_beat_o == dw);
    bench.p.drained_i = 0;
    bench.module.settle();
    CHECK_FALSE(bench.p.entry_valid_o);
    CHECK_FALSE(bench.p.one_beat_o);
  }
}

TEST_CASE("a configuration write is answered without data", "[unit][endpoint][R15]") {
  Bench bench;
  bench.offer(RouteCfg, pcie::CfgWrite{}, /*last=*/true, 0);
  CHECK_FALSE(bench.p.one_beat_o);
  bench.p.cfg_done_i = 1;
  bench.module.settle();
  CHECK(entry(bench.p.entry_o).dw == 0);
  CHECK_FALSE(bench.p.one_beat_o);
}

TEST_CASE("nothing is announced without room for it", "[unit][endpoint][R31]") {
  Bench bench;
  bench.p.operands_valid_i = 1;
  bench.p.entry_ready_i = 0;
  for (unsigned route = RouteUr; route <= RouteAtomic; ++route) {
    bench.offer(route, kRead);
    if (route != RouteCard && route != RouteAxi) CHECK(bench.asked() == 0);
    CHECK_FALSE(bench.p.entry_valid_o);
  }
  bench.offer(RouteCard, kRead);
  CHECK_FALSE(bench.p.beats_room_o);
  bench.offer(RouteAxi, kRead);
  CHECK(bench.p.beats_room_o);  // that of the pieces in waiting
  bench.p.axi_room_i = 0;
  bench.module.settle();
  CHECK_FALSE(bench.p.beats_room_o);
}

TEST_CASE("refusals are told and reported, once, with function and header",
          "[unit][endpoint][R17][R37][R38]") {
  Bench bench;
  for (const unsigned route : {RouteUr, RoutePoisoned}) {
    bench.offer(route, kRead);
    CHECK(bench.p.piece_ready_o);
    const Entry refused = entry(bench.p.entry_o);
    CHECK(status(refused) == pcie::CplStatus::Ur);
    CHECK(refused.dw == 0);
    const unsigned kinds = route == RouteUr ? ReportUnsupported | ReportAdvisory : ReportPoisoned;
    CHECK(error_report(bench.p.report_o) ==
          ErrorReport{.functions = 4, .kinds = kinds, .hdr = pcie::encode(kRead).hdr});
    bench.p.piece_valid_i = 0;
    bench.module.settle();
    CHECK(error_report(bench.p.report_o) == ErrorReport{});
  }
}

TEST_CASE("a refusal of what is poisoned as well is not advisory, and a prefix is reported",
          "[unit][endpoint][R37][R38]") {
  Bench bench;
  for (const bool poisoned : {false, true}) {
    const pcie::IoWrite write{.address = 0x100, .poisoned = poisoned};
    bench.offer(RouteUr, write);
    drive(bench.p.req_i, NpRequest{.functions = 4,
                                   .hdr = pcie::encode(write).hdr,
                                   .route = RouteUr,
                                   .prefix = 0x9112'3456});
    bench.module.settle();
    CHECK(error_report(bench.p.report_o) ==
          ErrorReport{.functions = 4,
                      .kinds = ReportUnsupported | (poisoned ? 0u : unsigned{ReportAdvisory}),
                      .hdr = pcie::encode(write).hdr,
                      .prefix = 0x9112'3456});
  }
}

TEST_CASE("after a register error the rest of the request is forgotten, the next one is not",
          "[unit][endpoint][R17][R20]") {
  Bench bench;
  bench.offer(RouteRegs, kRead, /*last=*/false, 32);
  bench.p.regs_done_i = bench.p.regs_error_i = 1;
  bench.module.settle();
  const Entry abort = entry(bench.p.entry_o);
  CHECK(status(abort) == pcie::CplStatus::Ca);
  CHECK(abort.discard);
  CHECK(abort.dw == 32);
  CHECK(error_report(bench.p.report_o).kinds == ReportAbort);
  bench.module.step();
  bench.p.regs_done_i = bench.p.regs_error_i = 0;
  bench.p.piece_valid_i = 0;
  drive(bench.p.piece_i, Piece{.last = true});  // in a gap it means nothing
  bench.module.step(2_cycles);
  for (const bool last : {false, false, true}) {
    bench.offer(RouteRegs, kRead, last, 32);
    CHECK(bench.asked() == 0);
    CHECK(bench.p.piece_ready_o);
    CHECK_FALSE(bench.p.entry_valid_o);
    bench.module.step();
  }
  bench.offer(RouteRegs, kRead);
  CHECK(bench.asked() == 1);
}

TEST_CASE("a reset forgets that the rest of a request was to be forgotten",
          "[unit][endpoint][R20][R45]") {
  Bench bench;
  bench.offer(RouteRegs, kRead, /*last=*/false, 32);
  bench.p.regs_done_i = bench.p.regs_error_i = 1;
  bench.module.step();
  bench.p.regs_done_i = bench.p.regs_error_i = bench.p.piece_valid_i = 0;
  bench.module.reset();
  bench.offer(RouteRegs, kRead);
  CHECK(bench.asked() == 1);
}

TEST_CASE("a configuration access is answered with its status, data only with success",
          "[unit][endpoint][R15][R19]") {
  using pcie::CplStatus;
  for (const CplStatus told : {CplStatus::Sc, CplStatus::Ur, CplStatus::Rrs}) {
    Bench bench;
    bench.offer(RouteCfg, pcie::CfgRead{});
    bench.module.step(3_cycles);
    CHECK_FALSE(bench.p.entry_valid_o);
    CHECK_FALSE(bench.p.one_beat_o);
    bench.p.cfg_done_i = 1;
    bench.p.cfg_status_i = static_cast<uint8_t>(told);
    bench.module.settle();
    const Entry answer = entry(bench.p.entry_o);
    CHECK(status(answer) == told);
    CHECK(answer.dw == (told == CplStatus::Sc ? 1 : 0));
    CHECK(bench.p.one_beat_o == (told == CplStatus::Sc));
    CHECK(bench.p.piece_ready_o);
  }
}

TEST_CASE("an AtomicOp waits for its payload, and a refused one uses it up as well",
          "[unit][endpoint][R37]") {
  Bench bench;
  bench.module.step(2_cycles);
  bench.offer(RouteAtomic, kAtomic);
  CHECK(bench.asked() == 0);
  CHECK_FALSE(bench.p.one_beat_o);
  bench.offer(RouteUr, kAtomic);
  CHECK_FALSE(bench.p.piece_ready_o);
  bench.p.operands_valid_i = 1;
  bench.module.settle();
  CHECK(bench.p.piece_ready_o);
  CHECK(bench.p.operands_take_o);
  bench.offer(RouteAtomic, kAtomic);
  CHECK(bench.asked() == 8);
  CHECK_FALSE(bench.p.operands_take_o);
  bench.p.two_beats_room_i = 0;
  CHECK(bench.asked() == 0);
  bench.p.two_beats_room_i = bench.p.atomic_done_i = 1;
  bench.module.settle();
  CHECK(bench.p.operands_take_o);
  CHECK(status(entry(bench.p.entry_o)) == pcie::CplStatus::Sc);
  bench.offer(RouteRegs, kRead);
  CHECK_FALSE(bench.p.operands_take_o);
}

TEST_CASE("an AtomicOp that has begun is not held back by the room that its first beat took",
          "[unit][endpoint][R37]") {
  Bench bench;
  bench.p.operands_valid_i = 1;
  bench.offer(RouteAtomic, kAtomic);
  CHECK(bench.asked() == 8);
  bench.module.step();
  bench.p.two_beats_room_i = 0;
  CHECK(bench.asked() == 8);
  bench.p.atomic_done_i = 1;
  bench.module.step();
  bench.p.atomic_done_i = 0;
  CHECK(bench.asked() == 0);  // the next one
}

TEST_CASE("an answer without a request raises the alarm", "[unit][endpoint]") {
  Bench bench;
  bench.p.cfg_done_i = 1;
  CHECK_THROWS_AS(bench.module.step(2_cycles), dut::AssertionFailed);
}

}  // namespace cw::unit
