// SPDX-License-Identifier: Apache-2.0
#include "Vcw_bar_decoder.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

constexpr uint64_t kRegBytes = 0x4000;
constexpr uint64_t kCardBytes = 0x10000;

class Decoder {
 public:
  Decoder() {
    module_.reset();
    configure({});
  }
  void configure(const Claims& claims) {
    claims_ = claims;
    drive(module_.pins().state_i, claims);
  }
  // The BAR, or -1.
  int decode(uint64_t address, unsigned dw = 1, bool io = false) {
    auto& p = module_.pins();
    p.addr_i = address;
    p.dw_i = static_cast<uint16_t>(dw);
    p.is_io_i = io;
    module_.step();
    if (p.hit_o) CHECK(p.offset_o == address - claims_.bar[p.bar_o]);
    return p.hit_o ? p.bar_o : -1;
  }

 private:
  dut::Module<Vcw_bar_decoder> module_;
  Claims claims_;
};

}  // namespace

TEST_CASE("a BAR claims exactly its own range", "[unit][endpoint][R21][R37]") {
  Decoder decoder;
  const Claims claims;
  const int bar = GENERATE(0, 2);
  const uint64_t base = claims.bar[bar];
  const uint64_t bytes = bar == 0 ? kRegBytes : kCardBytes;
  CHECK(decoder.decode(base) == bar);
  CHECK(decoder.decode(base, 1024) == bar);
  CHECK(decoder.decode(base + bytes - 4) == bar);
  CHECK(decoder.decode(base + bytes - 4096, 1024) == bar);
  CHECK(decoder.decode(base - 4) == -1);
  CHECK(decoder.decode(base + bytes) == -1);
}

TEST_CASE("a range over the end of a BAR hits nothing, even where the next BAR begins",
          "[unit][endpoint][R21]") {
  Decoder decoder;
  Claims claims;
  claims.bar[2] = 0x2'0000'0000;
  claims.bar[0] = claims.bar[2] + kCardBytes;
  decoder.configure(claims);
  CHECK(decoder.decode(claims.bar[0] - 4, 1) == 2);
  CHECK(decoder.decode(claims.bar[0] - 4, 2) == -1);
  CHECK(decoder.decode(claims.bar[0], 2) == 0);
}

TEST_CASE("bar64-low-half: every address bit above the BAR's size counts",
          "[unit][endpoint][R37][bar64-low-half]") {
  Decoder decoder;
  const Claims claims;
  for (unsigned bit = 14; bit < 64; ++bit) {
    CHECK(decoder.decode(claims.bar[0] ^ uint64_t{1} << bit) == -1);
    if (bit >= 16) CHECK(decoder.decode(claims.bar[2] ^ uint64_t{1} << bit) == -1);
  }
}

TEST_CASE("no BAR claims anything for I/O, without Memory Space Enable, or asleep",
          "[unit][endpoint][R37]") {
  Decoder decoder;
  const Claims claims;
  CHECK(decoder.decode(claims.bar[0], 1, /*io=*/true) == -1);
  decoder.configure({.mem_enable = false});
  CHECK(decoder.decode(claims.bar[0]) == -1);
  for (unsigned power = 1; power < 4; ++power) {
    decoder.configure({.power = power});
    CHECK(decoder.decode(claims.bar[2]) == -1);
  }
}

TEST_CASE("random ranges near the BARs are claimed by arithmetic alone", "[unit][endpoint][R21]") {
  Decoder decoder;
  const Claims claims;
  agent::Rng rng(1, "bars");
  for (unsigned i = 0; i < 2000; ++i) {
    const int near = rng.chance(50) ? 0 : 2;
    const uint64_t span = near == 0 ? kRegBytes : kCardBytes;
    const uint64_t address = (claims.bar[near] + rng.range(0, 2 * span) - span / 2) & ~uint64_t{3};
    const auto dw = static_cast<unsigned>(rng.range(1, 1024));
    const bool inside = address >= claims.bar[near] && address + 4 * dw <= claims.bar[near] + span;
    REQUIRE(decoder.decode(address, dw) == (inside ? near : -1));
  }
}
