// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=512
#include "Vcw_card_reader.h"
#include "Vcw_card_reader_w512.h"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

template <class V>
struct Reader {
  explicit Reader(unsigned beat_bytes) : beat(beat_bytes) {
    p().valid_i = p().entry_room_i = p().beat_room_i = p().cm_rd_ready_i = 0;
    module.reset();
  }
  V& p() { return module.pins(); }
  struct Result {
    std::vector<uint32_t> addresses;
    unsigned skip_dw = 0;
    uint64_t clocks = 0;
  };
  Result read(const Piece& wanted, agent::Stall kind = agent::Stall::None) {
    agent::StallPolicy entry(kind, agent::Rng(1, "entry")), room(kind, agent::Rng(2, "room")),
        ready(kind, agent::Rng(3, "ready"));
    drive(p().piece_i, wanted);
    drive(p().req_i, NpRequest{.route = RouteAxi, .fn = 5, .bar = 2});
    p().valid_i = 1;
    Result result;
    const uint64_t start = module.now().value;
    for (bool done = false; !done;) {
      p().entry_room_i |= !entry.stalls();
      p().beat_room_i |= !room.stalls();
      p().cm_rd_ready_i = !ready.stalls();
      module.settle();
      CHECK(p().begin_o == (p().beat_o && result.addresses.empty()));
      const bool asked = p().beat_o;
      if (asked) {
        const unsigned beats = (wanted.offset % beat + 4 * wanted.dw + beat - 1) / beat;
        CHECK(beat_read(p().cm_rd_req_o) == BeatRead{.target = BeatRead::kTargetAxi,
                                                     .fn = 5,
                                                     .bar = 2,
                                                     .first = result.addresses.empty(),
                                                     .beats = beats});
        result.addresses.push_back(p().cm_rd_addr_o);
      }
      result.skip_dw = p().skip_dw_o;
      done = p().done_o;
      module.step();
      if (asked) p().beat_room_i = 0;
      if (asked && result.addresses.size() == 1) p().entry_room_i = 0;
      REQUIRE(module.now().value - start < 10'000);
    }
    p().valid_i = 0;
    result.clocks = module.now().value - start;
    return result;
  }
  void check(uint32_t offset, unsigned dw, agent::Stall stall) {
    const auto result = read({.offset = offset, .dw = dw}, stall);
    CHECK(result.skip_dw == offset % beat / 4);
    std::vector<uint32_t> expected;
    for (uint32_t at = offset / beat * beat; at < offset + 4 * dw; at += beat)
      expected.push_back(at);
    REQUIRE(result.addresses == expected);
  }
  unsigned beat;
  dut::Module<V> module{1};
};

template <class V>
void check_random(unsigned beat_bytes) {
  Reader<V> reader(beat_bytes);
  agent::Rng rng(5, "pieces");
  for (unsigned i = 0; i < 200; ++i) {
    reader.check(static_cast<uint32_t>(rng.range(0, 16383)) * 4,
                 static_cast<unsigned>(rng.range(1, 64)),
                 i & 1 ? agent::Stall::Adversarial : agent::Stall::None);
  }
  reader.check(0xf000, 1024, agent::Stall::None);
}

}  // namespace

TEST_CASE("exactly the beats that a piece touches are asked for, in order",
          "[unit][endpoint][R18]") {
  check_random<Vcw_card_reader>(32);
  check_random<Vcw_card_reader_w512>(64);
}

TEST_CASE("one beat per clock", "[unit][endpoint][performance]") {
  Reader<Vcw_card_reader> reader(32);
  CHECK(reader.read({.offset = 0x1000, .dw = 1024}).clocks == 128);
}

TEST_CASE("nothing is asked for without room for it", "[unit][endpoint][R31]") {
  Reader<Vcw_card_reader> reader(32);
  drive(reader.p().piece_i, Piece{.dw = 8});
  reader.p().valid_i = reader.p().cm_rd_ready_i = 1;
  reader.p().entry_room_i = 1;
  reader.module.settle();
  CHECK_FALSE(reader.p().cm_rd_valid_o);
  reader.p().entry_room_i = 0;
  reader.p().beat_room_i = 1;
  reader.module.settle();
  CHECK_FALSE(reader.p().cm_rd_valid_o);
}

TEST_CASE("an empty piece raises the alarm", "[unit][endpoint]") {
  Reader<Vcw_card_reader> reader(32);
  drive(reader.p().piece_i, Piece{.dw = 0});
  reader.p().valid_i = 1;
  CHECK_THROWS_AS(reader.module.step(), dut::AssertionFailed);
}
