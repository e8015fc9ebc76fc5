// SPDX-License-Identifier: Apache-2.0
#include "Vcw_read_pieces.h"
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
    p().completer_id_i = 0x0718;
    module.reset();
  }
  Vcw_read_pieces& p() { return module.pins(); }
  std::vector<Piece> cut(const pcie::MemRead& read, unsigned max_payload) {
    const uint32_t offset = static_cast<uint32_t>(read.address.value - kBar) & ~3u;
    drive(p().req_i,
          NpRequest{.hdr = pcie::encode(read).hdr, .route = RouteCard, .offset = offset});
    p().max_payload_i = static_cast<uint8_t>(max_payload);
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

TEST_CASE("a second request before the first has ended raises the alarm", "[unit][endpoint]") {
  Pieces pieces;
  drive(pieces.p().req_i,
        NpRequest{.hdr = pcie::encode(pcie::MemRead{.address = {kBar}, .length_bytes = 64}).hdr});
  pieces.p().req_valid_i = 1;
  pieces.module.step();
  CHECK_THROWS_AS(pieces.module.step(), dut::AssertionFailed);
}
