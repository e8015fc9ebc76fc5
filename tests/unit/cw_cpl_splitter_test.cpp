// SPDX-License-Identifier: Apache-2.0
// cw-variant: RcbBytes=64
#include <bit>
#include <vector>

#include "Vcw_cpl_splitter.h"
#include "Vcw_cpl_splitter_rcbbytes64.h"
#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

using agent::Rng;
using agent::Stall;
using agent::StallPolicy;

constexpr uint32_t kMRd32 = 0x00, kMRdLk32 = 0x01, kMRd64 = 0x20, kCplD = 0x4a, kCplDLk = 0x4b;

struct Read {
  uint64_t addr = 0;  // of the first dword
  uint32_t dw = 1;
  uint32_t first_be = 0xf, last_be = 0;
  uint32_t kind = kMRd64;
  uint32_t dw0_rest = 0;  // TC, Attr and tag bits of DW0
  uint32_t tag = 0;
};

// One header as the module must give it: address, dwords, Byte Count and Lower Address fields.
struct Piece {
  uint64_t addr = 0;
  uint32_t dw = 0, byte_count = 0, lower_addr = 0;
  bool last = false;
  bool operator==(const Piece&) const = default;
};

// Byte by byte: which bytes are asked for, and where each completion may end.
std::vector<Piece> expect(const Read& read, uint32_t max_payload, uint32_t rcb) {
  const uint64_t end = read.addr + 4 * read.dw;
  const uint32_t last_be = read.dw == 1 ? read.first_be : read.last_be;
  uint64_t first_byte = read.addr, end_byte = read.addr + 1;
  if (read.first_be) {
    first_byte = read.addr + std::countr_zero(read.first_be);
    end_byte = end - 4 + std::bit_width(last_be);
  }
  std::vector<Piece> pieces;
  for (uint64_t at = read.addr; at < end;) {
    uint64_t stop = end;
    while (stop - at > max_payload || (stop != end && stop % rcb)) stop -= 4;
    const uint64_t from = std::max(at, first_byte);
    pieces.push_back({.addr = at,
                      .dw = static_cast<uint32_t>(stop - at) / 4,
                      .byte_count = static_cast<uint32_t>(end_byte - from) % 4096,
                      .lower_addr = static_cast<uint32_t>(from % 128),
                      .last = stop == end});
    at = stop;
  }
  return pieces;
}

template <class V>
struct Splitter : dut::Module<V> {
  Splitter() {
    auto& pins = this->pins();
    pins.req_valid_i = pins.cpl_ready_i = 0;
    pins.completer_id_i = 0xab12;
    pins.max_payload_i = 0;
    this->reset();
  }

  void present(const Read& read) {
    auto& hdr = this->pins().req_hdr_i;
    const bool wide = read.kind & 0x20;
    hdr[3] = read.kind << 24 | read.dw0_rest | (read.dw & 0x3ff);
    hdr[2] = 0x0345u << 16 | read.tag << 8 | read.last_be << 4 | read.first_be;
    hdr[1] = static_cast<uint32_t>(wide ? read.addr >> 32 : read.addr);
    hdr[0] = wide ? static_cast<uint32_t>(read.addr) : 0;
    this->pins().req_valid_i = 1;
  }

  Piece piece() {
    auto& pins = this->pins();
    return {.addr = pins.cpl_addr_o,
            .dw = pins.cpl_dw_o,
            .byte_count = pins.cpl_hdr_o[2] & 0xfff,
            .lower_addr = pins.cpl_hdr_o[1] & 0x7f,
            .last = bool(pins.cpl_last_o)};
  }

  // All reads, back to back; returns what the module gave, and counts clocks.
  std::vector<Piece> split(const std::vector<Read>& reads, Stall in_kind, Stall out_kind) {
    auto& pins = this->pins();
    StallPolicy in(in_kind, Rng(1, "in")), out(out_kind, Rng(1, "out"));
    std::vector<Piece> pieces;
    size_t sent = 0, ended = 0;
    bool offering = false;
    for (cycles = 0; ended < reads.size(); ++cycles) {
      if (cycles > 100'000) throw dut::Timeout("completions are stuck");
      if (!offering && sent < reads.size() && !in.stalls()) {
        offering = true;
        present(reads[sent]);
      }
      pins.req_valid_i = offering;
      pins.cpl_ready_i = !out.stalls();
      this->settle();
      if (pins.cpl_valid_o && pins.cpl_ready_i) {
        pieces.push_back(piece());
        CHECK((pins.cpl_hdr_o[3] & 0x3ff) == (pieces.back().dw & 0x3ff));
        ended += pieces.back().last;
      }
      if (offering && pins.req_ready_o) {
        offering = false;
        ++sent;
      }
      this->step();
    }
    pins.req_valid_i = pins.cpl_ready_i = 0;
    return pieces;
  }
  uint64_t cycles = 0;
};

Read random_read(Rng& rng) {
  constexpr uint32_t kFirst[] = {0xf, 0xe, 0xc, 0x8}, kLast[] = {0xf, 0x7, 0x3, 0x1};
  Read read{.addr = rng.u64() & ~uint64_t{3}, .dw = 1};
  if (rng.chance(30)) read.addr |= 0xffe0;  // near the end of a page
  const auto room = static_cast<uint32_t>(4096 - read.addr % 4096) / 4;
  read.dw = static_cast<uint32_t>(rng.range(1, rng.chance(50) ? room : std::min(room, 40u)));
  read.first_be = read.dw == 1 ? static_cast<uint32_t>(rng.range(0, 15)) : rng.pick(kFirst);
  read.last_be = read.dw == 1 ? 0 : rng.pick(kLast);
  if (rng.chance(30)) {
    read.addr &= 0xffff'fffc;
    read.kind = kMRd32;
  }
  return read;
}

template <class V>
void check_random(uint32_t rcb) {
  Rng rng(8, "reads");
  for (uint32_t encoding = 0; encoding <= 5; ++encoding) {
    std::vector<Read> reads;
    std::vector<Piece> expected;
    for (int i = 0; i < 120; ++i) {
      reads.push_back(random_read(rng));
      for (const auto& piece : expect(reads.back(), 128u << encoding, rcb)) {
        expected.push_back(piece);
      }
    }
    for (const auto out : agent::kEveryStall) {
      Splitter<V> splitter;
      splitter.pins().max_payload_i = encoding;
      CHECK(splitter.split(reads, Stall::Bursty, out) == expected);
    }
    Splitter<V> splitter;
    splitter.pins().max_payload_i = encoding;
    CHECK(splitter.split(reads, Stall::None, Stall::None) == expected);
    CHECK(splitter.cycles == expected.size() + 1);  // a header per clock
  }
}

TEST_CASE("Completions are as large as may be and end on a 128-byte boundary",
          "[unit][tlp][R03][R08][R13][R14][R18]") {
  check_random<Vcw_cpl_splitter>(128);
}

TEST_CASE("Completions of a root complex may end on a 64-byte boundary", "[unit][tlp][R13][R14]") {
  check_random<Vcw_cpl_splitter_rcbbytes64>(64);
}

TEST_CASE("A read of 4096 bytes owes 0 in Byte Count, then what is left", "[unit][tlp][R03][R14]") {
  Splitter<Vcw_cpl_splitter> splitter;
  splitter.pins().max_payload_i = 4;
  CHECK(splitter.split({{.addr = 0x1'0000'3000, .dw = 1024, .last_be = 0xf}}, Stall::None,
                       Stall::None) ==
        std::vector<Piece>{{0x1'0000'3000, 512, 0, 0, false}, {0x1'0000'3800, 512, 2048, 0, true}});
}

TEST_CASE("A zero-length read is one dword with Byte Count 1", "[unit][tlp][R06]") {
  Splitter<Vcw_cpl_splitter> splitter;
  CHECK(splitter.split({{.addr = 0x2'0000'0044, .first_be = 0}}, Stall::None, Stall::None) ==
        std::vector<Piece>{{0x2'0000'0044, 1, 1, 0x44, true}});
}

TEST_CASE("A completion copies ID, tag, traffic class and attributes", "[unit][tlp][R16]") {
  constexpr uint32_t kT9Tc5T8Ido = 1u << 23 | 5u << 20 | 1u << 19 | 1u << 18;
  constexpr uint32_t kRoNs = 3u << 12;
  for (const auto& [kind, cpl] : {std::pair{kMRd32, kCplD}, std::pair{kMRdLk32, kCplDLk}}) {
    Splitter<Vcw_cpl_splitter> splitter;
    splitter.present({.addr = 0x80, .kind = kind, .dw0_rest = kT9Tc5T8Ido | kRoNs, .tag = 0x5a});
    splitter.step();
    splitter.pins().req_valid_i = 0;
    splitter.settle();
    const auto& hdr = splitter.pins().cpl_hdr_o;
    CHECK(hdr[3] == (cpl << 24 | kT9Tc5T8Ido | kRoNs | 1));
    CHECK(hdr[2] == (0xab12u << 16 | 4));
    CHECK(hdr[1] == (0x0345u << 16 | 0x5au << 8 | 0x00));
  }
}

TEST_CASE("A reset forgets the read whose completions are half out", "[unit][tlp][R45]") {
  Splitter<Vcw_cpl_splitter> splitter;
  splitter.present({.addr = 0x1'0000'2000, .dw = 256, .last_be = 0xf});
  splitter.step();
  splitter.pins().req_valid_i = 0;
  splitter.step();
  splitter.settle();
  REQUIRE(splitter.pins().cpl_valid_o);
  splitter.reset();
  splitter.settle();
  CHECK_FALSE(splitter.pins().cpl_valid_o);
  CHECK(splitter.pins().req_ready_o);
}

TEST_CASE("Completion splitter alarms at a read across a page", "[unit][tlp][R01]") {
  Splitter<Vcw_cpl_splitter> splitter;
  splitter.present({.addr = 0x1'0000'0ffc, .dw = 2, .last_be = 0xf});
  CHECK_THROWS_AS(splitter.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
