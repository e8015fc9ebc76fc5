// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Functions=3
#include "Vcw_read_pieces.h"
#include "Vcw_read_pieces_functions3.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

constexpr uint64_t kBar = 0x23'4560'0000;

struct Pieces {
  Pieces() {
    p().req_valid_i = p().piece_ready_i = 0;
    module.reset();
  }
  Vcw_read_pieces& p() { return module.pins(); }
  void claim(unsigned max_payload, bool ido = true) {
    drive(p().state_i, Claims{.id = 0x0718, .max_payload = max_payload, .ido_cpl = ido});
  }
  std::vector<Piece> cut(const pcie::MemRead& read, unsigned max_payload) {
    claim(max_payload);
    const uint32_t offset = static_cast<uint32_t>(read.address.value - kBar) & ~3u;
    drive(p().req_i,
          NpRequest{.hdr = pcie::encode(read).hdr, .route = RouteCard, .offset = offset});
    p().req_valid_i = 1;
    module.step();
    p().req_valid_i = 0;
    drive(p().req_i, NpRequest{.offset = 0xdead'f000});
    std::vector<Piece> pieces;
    p().piece_ready_i = 1;
    do {
      module.settle();
      REQUIRE(p().piece_valid_o);
      pieces.push_back(piece(p().piece_o));
      module.step();
    } while (!pieces.back().last);
    module.settle();
    CHECK_FALSE(p().piece_valid_o);
    return pieces;
  }
  dut::Module<Vcw_read_pieces> module{1};
};

pcie::Completion completion(const Piece& piece) {
  const auto decoded =
      pcie::decode(pcie::RawTlp{.hdr = piece.hdr, .payload = std::vector<uint32_t>(piece.dw)});
  if (const auto* bad = std::get_if<pcie::Malformed>(&decoded)) FAIL(bad->reason);
  return std::get<pcie::Completion>(std::get<pcie::Tlp>(decoded));
}

}  // namespace

TEST_CASE("the pieces of a read join without a gap, on boundaries, within the maximum",
          "[unit][endpoint][R03][R13][R14][R16]") {
  Pieces pieces;
  agent::Rng rng(7, "reads");
  for (unsigned i = 0; i < 500; ++i) {
    const unsigned max_payload = static_cast<unsigned>(rng.range(0, 3));
    pcie::MemRead read{.requester = {1, 2, 3},
                       .tag = {static_cast<uint16_t>(i & 0x3ff)},
                       .address = {kBar + rng.range(0, 65535)}};
    const uint64_t room = 4096 - read.address.value % 4096;
    read.length_bytes =
        static_cast<uint32_t>(rng.range(1, i % 10 ? std::min<uint64_t>(room, 600) : room));
    read.attributes = {.traffic_class = 3,
                       .relaxed_ordering = (i & 1) != 0,
                       .no_snoop = (i & 2) != 0,
                       .id_ordering = (i & 4) != 0};
    uint64_t at = read.address.value - kBar;
    uint32_t left = read.length_bytes;
    for (const Piece& part : pieces.cut(read, max_payload)) {
      const pcie::Completion cpl = completion(part);
      REQUIRE(part.offset == (at & ~uint64_t{3}));
      REQUIRE(part.dw <= 32u << max_payload);
      REQUIRE(cpl.byte_count == left);
      REQUIRE(cpl.lower_address == (at & 0x7f));
      REQUIRE(cpl.requester == read.requester);
      REQUIRE(cpl.tag == read.tag);
      REQUIRE(cpl.completer == pcie::Bdf{7, 3, 0});
      REQUIRE(cpl.attributes == read.attributes);
      const uint32_t bytes = std::min(left, part.dw * 4 - static_cast<uint32_t>(at % 4));
      at += bytes;
      left -= bytes;
      REQUIRE((part.last || at % 128 == 0));
      REQUIRE(part.last == (left == 0));
    }
  }
}

TEST_CASE("holes of a read are counted by the table", "[unit][endpoint][R08]") {
  Pieces pieces;
  struct Row {
    uint8_t be;
    uint32_t bytes;
    uint8_t first;
  };
  for (const Row row : {Row{0b1111, 4, 0}, Row{0b1001, 4, 0}, Row{0b1010, 3, 1}, Row{0b0101, 3, 0},
                        Row{0b0110, 2, 1}, Row{0b1000, 1, 3}, Row{0b1110, 3, 1}}) {
    const auto cut = pieces.cut({.address = {kBar + 0x40},
                                 .length_bytes = 4,
                                 .enables = pcie::ByteEnables{.first = row.be}},
                                0);
    REQUIRE(cut.size() == 1);
    CHECK(completion(cut[0]).byte_count == row.bytes);
    CHECK(completion(cut[0]).lower_address == 0x40 + row.first);
    CHECK(cut[0].first_be == row.be);
    CHECK(cut[0].last_be == row.be);
  }
}

TEST_CASE("only the ends of a read have holes", "[unit][endpoint][R05]") {
  Pieces pieces;
  const auto cut = pieces.cut({.address = {kBar + 0x73}, .length_bytes = 0x100}, 0);
  REQUIRE(cut.size() == 3);
  CHECK(cut[0].first_be == 0b1000);
  CHECK(cut[0].last_be == 0xf);
  CHECK(cut[1].first_be == 0xf);
  CHECK(cut[2].first_be == 0xf);
  CHECK(cut[2].last_be == 0b0111);
}

TEST_CASE("only card memory is answered in pieces as large as may be", "[unit][endpoint][R13]") {
  for (const unsigned route : {RouteCard, RouteAxi, RouteRegs}) {
    Pieces pieces;
    auto& p = pieces.p();
    pieces.claim(3);
    const pcie::MemRead read{.address = {kBar}, .length_bytes = 1024};
    drive(p.req_i, NpRequest{.hdr = pcie::encode(read).hdr, .route = route});
    p.req_valid_i = 1;
    pieces.module.step();
    p.req_valid_i = 0;
    pieces.module.settle();
    CHECK(piece(p.piece_o).dw == (route == RouteCard ? 256 : 32));
  }
}

TEST_CASE("a request waits until the last piece of the one before it is taken",
          "[unit][endpoint][R18]") {
  Pieces pieces;
  auto& p = pieces.p();
  pieces.claim(0);
  const pcie::MemRead read{.address = {kBar}, .length_bytes = 256};
  for (const unsigned route : {RouteCard, RouteUr, RouteCard}) {
    const unsigned count = route == RouteCard ? 2 : 1;
    drive(p.req_i, NpRequest{.hdr = pcie::encode(read).hdr, .route = route});
    p.req_valid_i = 1;
    pieces.module.settle();
    CHECK(p.req_ready_o);
    pieces.module.step();
    for (unsigned n = 1; n <= count; ++n) {
      p.piece_ready_i = 0;
      for (unsigned i = 0; i < 3; ++i) {
        pieces.module.settle();
        CHECK_FALSE(p.req_ready_o);
        CHECK(p.piece_valid_o);
        pieces.module.step();
      }
      p.piece_ready_i = 1;
      p.req_valid_i = n != count;
      pieces.module.settle();
      CHECK((p.req_ready_o != 0) == (n == count));
      pieces.module.step();
    }
    p.piece_ready_i = 0;
  }
}

TEST_CASE("requests follow each other without a gap, a piece per clock",
          "[unit][endpoint][performance]") {
  Pieces pieces;
  pieces.claim(1);
  auto& p = pieces.p();
  p.piece_ready_i = p.req_valid_i = 1;
  for (unsigned i = 0; i < 20; ++i) {
    const pcie::MemRead read{
        .tag = {static_cast<uint16_t>(i)}, .address = {kBar + 64 * i}, .length_bytes = 64};
    const unsigned route = i % 5 == 4 ? RouteUr : RouteCard;  // cut or whole
    drive(p.req_i, NpRequest{.hdr = pcie::encode(read).hdr, .route = route, .offset = 64 * i});
    pieces.module.settle();
    REQUIRE(p.req_ready_o);
    if (i) {
      REQUIRE(p.piece_valid_o);
      CHECK(piece(p.piece_o).offset == 64 * (i - 1));
      CHECK(np_request(p.piece_req_o).offset == 64 * (i - 1));
      CHECK(piece(p.piece_o).last);
    }
    pieces.module.step();
  }
}

TEST_CASE("any other request has one piece, with the header of its success",
          "[unit][endpoint][R15]") {
  Pieces pieces;
  pieces.claim(1);
  struct Row {
    pcie::Tlp tlp;
    unsigned route, data_dw;
    uint32_t byte_count;
  };
  using enum pcie::AtomicKind;
  const Row rows[] = {{pcie::IoRead{.first_be = 2}, RouteRegs, 1, 4},
                      {pcie::IoWrite{}, RouteRegs, 0, 4},
                      {pcie::CfgRead{}, RouteCfg, 1, 4},
                      {pcie::CfgWrite{}, RouteCfg, 0, 4},
                      {pcie::MemRead{}, RouteNothing, 1, 1},
                      {pcie::Atomic{.kind = FetchAdd, .operands = {1}}, RouteAtomic, 1, 4},
                      {pcie::Atomic{.kind = Swap, .operands = {1, 2}}, RouteAtomic, 2, 8},
                      {pcie::Atomic{.kind = CompareAndSwap, .operands = {1, 2}}, RouteAtomic, 1, 4},
                      {pcie::Atomic{.kind = CompareAndSwap, .operands = std::vector<uint32_t>(8)},
                       RouteAtomic, 4, 16}};
  auto& p = pieces.p();
  for (const Row& row : rows) {
    drive(p.req_i,
          NpRequest{.hdr = pcie::encode(row.tlp).hdr, .route = row.route, .offset = 0x12'3454});
    p.req_valid_i = 1;
    pieces.module.step();
    p.req_valid_i = 0;
    p.piece_ready_i = 0;
    pieces.module.step();
    REQUIRE(p.piece_valid_o);
    const Piece only = piece(p.piece_o);
    CHECK(only.last);
    CHECK(only.offset == 0x12'3454);
    if (row.data_dw) CHECK(only.dw == row.data_dw);
    auto raw = pcie::RawTlp{.hdr = only.hdr, .payload = std::vector<uint32_t>(row.data_dw)};
    REQUIRE(pcie::has_payload(raw) == (row.data_dw != 0));
    const auto decoded = pcie::decode(raw);
    REQUIRE(std::holds_alternative<pcie::Tlp>(decoded));
    const auto cpl = std::get<pcie::Completion>(std::get<pcie::Tlp>(decoded));
    CHECK(cpl.byte_count == row.byte_count);
    CHECK(cpl.lower_address == 0);
    CHECK(cpl.completer == pcie::Bdf{7, 3, 0});
    p.piece_ready_i = 1;
    pieces.module.step();
    CHECK_FALSE(p.piece_valid_o);
  }
}

TEST_CASE("ID-based ordering is passed on only where software allows it", "[unit][endpoint][R16]") {
  Pieces pieces;
  for (const bool allowed : {false, true}) {
    pieces.claim(1, allowed);
    const pcie::MemRead read{.address = {kBar},
                             .length_bytes = 4,
                             .attributes = {.relaxed_ordering = true, .id_ordering = true}};
    drive(pieces.p().req_i, NpRequest{.hdr = pcie::encode(read).hdr, .route = RouteCard});
    pieces.p().req_valid_i = pieces.p().piece_ready_i = 1;
    pieces.module.step();
    const auto attributes = completion(piece(pieces.p().piece_o)).attributes;
    CHECK(attributes.id_ordering == allowed);
    CHECK(attributes.relaxed_ordering);
  }
}

TEST_CASE("a function answers under its own ID and Max_Payload_Size", "[unit][endpoint][R16]") {
  dut::Module<Vcw_read_pieces_functions3> module{1};
  auto& p = module.pins();
  p.req_valid_i = p.piece_ready_i = 0;
  module.reset();
  for (unsigned fn = 0; fn < 3; ++fn) {
    // Each captures bus and device for itself (2.2.6.2).
    drive(p.state_i,
          Claims{.id = static_cast<uint16_t>(0x0718 + 0x101 * fn),
                 .max_payload = fn,
                 .ido_cpl = fn == 1},
          fn);
  }
  for (unsigned fn = 0; fn < 3; ++fn) {
    const pcie::MemRead read{
        .address = {kBar}, .length_bytes = 1024, .attributes = {.id_ordering = true}};
    drive(p.req_i, NpRequest{.hdr = pcie::encode(read).hdr, .route = RouteCard, .fn = fn});
    p.req_valid_i = 1;
    p.piece_ready_i = 0;
    module.step();
    p.req_valid_i = 0;
    module.settle();
    const Piece first = piece(p.piece_o);
    CHECK(first.dw == 32u << fn);
    CHECK(completion(first).completer ==
          pcie::Bdf{static_cast<uint8_t>(7 + fn), 3, static_cast<uint8_t>(fn)});
    CHECK(completion(first).attributes.id_ordering == (fn == 1));
    p.piece_ready_i = 1;
    while (p.piece_valid_o) module.step();
  }
}

TEST_CASE("a function that is not there raises the alarm", "[unit][endpoint]") {
  Pieces pieces;
  pieces.claim(1);
  const pcie::MemRead read{.address = {kBar}, .length_bytes = 4};
  drive(pieces.p().req_i, NpRequest{.hdr = pcie::encode(read).hdr, .route = RouteCard, .fn = 1});
  pieces.p().req_valid_i = 1;
  CHECK_THROWS_AS(pieces.module.step(2_cycles), dut::AssertionFailed);
}
