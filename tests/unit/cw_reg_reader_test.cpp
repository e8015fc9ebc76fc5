// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
#include "Vcw_reg_reader.h"
#include "Vcw_reg_reader_w64.h"
#include "catch_shim.hpp"
#include "unit/completer_stubs.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

// Reads pieces and keeps the beats; room comes and goes.
template <class V>
struct Reader {
  explicit Reader(uint64_t seed, agent::Stall stall)
      : rng(seed, "reader"), module(seed, rng.fork("regs"), stall), room(stall, rng.fork("room")) {
    module.pins().valid_i = 0;
    module.pins().room_i = 0;
    module.reset();
  }
  struct Result {
    std::vector<uint32_t> dwords;
    unsigned beats = 0;
    bool error = false;
  };
  Result read(const Piece& wanted) {
    auto& p = module.pins();
    drive(p.piece_i, wanted);
    drive(p.req_i, request);
    p.valid_i = 1;
    Result result;
    for (bool done = false; !done;) {
      if (!p.room_i) p.room_i = !room.stalls();  // once there, it stays until it is used
      module.settle();
      done = p.done_o;
      if (done) result.error = p.error_o;
      const bool beat = p.beat_valid_o;
      if (beat) {
        ++result.beats;
        const size_t at = result.dwords.size();
        result.dwords.resize(at + sizeof(p.beat_data_o) / 4);
        std::memcpy(&result.dwords[at], &p.beat_data_o, sizeof(p.beat_data_o));
      }
      module.step();
      if (beat) p.room_i = 0;
      REQUIRE(module.now().value < 100'000);
    }
    p.valid_i = 0;
    result.dwords.resize(wanted.dw);
    return result;
  }
  agent::Rng rng;
  AnsweredModule<V> module;
  agent::StallPolicy room;
  NpRequest request;
};

template <class V>
void check_random(uint64_t seed, agent::Stall stall) {
  Reader<V> reader(seed, stall);
  for (unsigned i = 0; i < 100; ++i) {
    Piece wanted{.offset = static_cast<uint32_t>(reader.rng.range(0, 1023)) * 4,
                 .dw = static_cast<unsigned>(reader.rng.range(1, 32)),
                 .first_be = 0xe,
                 .last_be = 0x7};
    reader.module.reg_log.clear();
    const auto result = reader.read(wanted);
    constexpr unsigned kLanes = sizeof(V::beat_data_o) / 4;
    CHECK(result.beats == (wanted.dw + kLanes - 1) / kLanes);
    CHECK_FALSE(result.error);
    REQUIRE(reader.module.reg_log.size() == wanted.dw);
    for (unsigned d = 0; d < wanted.dw; ++d) {
      const uint32_t address = wanted.offset + 4 * d;
      REQUIRE(result.dwords[d] == reader.module.regs.dword(address));
      const unsigned be = (d == 0 ? 0xe : 0xf) & (d + 1 == wanted.dw ? 0x7 : 0xf);
      REQUIRE(reader.module.reg_log[d] ==
              RegAccess{.addr = static_cast<uint16_t>(address), .be = be});
    }
  }
}

}  // namespace

TEST_CASE("every dword of a piece is read once and lies in its lane", "[unit][endpoint][R05]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  check_random<Vcw_reg_reader>(1, stall);
  check_random<Vcw_reg_reader_w64>(2, stall);
}

TEST_CASE("an error anywhere in a piece is told with its end, and only there",
          "[unit][endpoint][R20]") {
  Reader<Vcw_reg_reader> reader(1, agent::Stall::None);
  reader.module.reg_errors = {0x10};
  CHECK(reader.read({.offset = 0x10, .dw = 12}).error);
  CHECK(reader.read({.offset = 0x0, .dw = 5}).error);
  CHECK(reader.read({.offset = 0x10, .dw = 1}).error);
  CHECK_FALSE(reader.read({.offset = 0x14, .dw = 12}).error);
}

TEST_CASE("without room nothing is read, so nothing has side effects", "[unit][endpoint][R31]") {
  Reader<Vcw_reg_reader> reader(1, agent::Stall::None);
  auto& p = reader.module.pins();
  drive(p.piece_i, Piece{.offset = 0, .dw = 4});
  p.valid_i = 1;
  p.room_i = 0;
  reader.module.step(20_cycles);
  CHECK(reader.module.reg_log.empty());
}

TEST_CASE("an I/O write is one access with its byte enables, and gives no beat",
          "[unit][endpoint][R15]") {
  Reader<Vcw_reg_reader> reader(1, agent::Stall::Bursty);
  const pcie::IoWrite write{.address = 0x48, .first_be = 0b0110, .data = 0x8765'4321};
  reader.request = {
      .hdr = pcie::encode(write).hdr, .target = 2, .fn = 3, .bar = 4, .wdata = write.data};
  const auto result = reader.read({.offset = 0x48, .first_be = 0b0110, .last_be = 0b0110});
  CHECK(result.beats == 0);
  REQUIRE(reader.module.reg_log.size() == 1);
  CHECK(reader.module.reg_log[0] == RegAccess{.write = true,
                                              .addr = 0x48,
                                              .be = 0b0110,
                                              .wdata = 0x8765'4321,
                                              .target = RegRom,
                                              .fn = 3,
                                              .bar = 4});
}
