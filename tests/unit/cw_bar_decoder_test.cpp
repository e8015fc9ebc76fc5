// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "Vcw_bar_decoder.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

// The BARs of the module's default parameters: of four kinds, fixed and resizable.
enum class Kind { Off, Memory, Io };
struct Bar {
  Kind kind = Kind::Off;
  unsigned log2 = 0;
  Route route = RouteRegs;
  RegTarget target = RegBlock;
  bool resizable = false;
};
using Function = std::array<Bar, 6>;
constexpr Bar kMem128{Kind::Memory, 7}, kIo32{Kind::Io, 5},
    kMem4K{Kind::Memory, 12, RouteRegs, RegAxil}, kMem4G{Kind::Memory, 32, RouteAxi};
constexpr Bar kMem512{Kind::Memory, 9, RouteRegs, RegAxil},
    kMem1G{Kind::Memory, 30, RouteAxi, RegBlock, true}, kIo4{Kind::Io, 2, RouteRegs, RegAxil},
    kMem2G{Kind::Memory, 31, RouteAxi}, kIo256{Kind::Io, 8, RouteRegs, RegAxil};
constexpr Function kUser{kMem4K, Bar{}, Bar{Kind::Memory, 24, RouteAxi, RegBlock, true}};
constexpr std::array<Function, 8> kFunctions{Function{kMem128, kIo32, kMem4K, Bar{}, kMem4G, Bar{}},
                                             kUser,
                                             Function{kMem512, kMem1G, Bar{}, kIo4, kMem2G, kIo256},
                                             Function{},
                                             kUser,
                                             kUser,
                                             kUser,
                                             kUser};
constexpr unsigned kRomLog2 = 16, kRomBar = 6;

class Decoder {
 public:
  Decoder() {
    module_.reset();
    for (unsigned f = 0; f < 8; ++f) configure(f, {.mem_enable = false});
  }
  void configure(unsigned fn, const Claims& claims) {
    claims_[fn] = claims;
    drive(module_.pins().state_i, claims, fn);
  }
  std::optional<Claim> decode(uint64_t address, unsigned dw = 1, bool io = false) {
    auto& p = module_.pins();
    p.addr_i = address;
    p.dw_i = static_cast<uint16_t>(dw);
    p.is_io_i = io;
    module_.step();
    if (!p.hit_o) {
      CHECK(claim(p.claim_o) == Claim{});
      return std::nullopt;
    }
    return claim(p.claim_o);
  }
  // What the specification says: the whole range inside one BAR that is enabled.
  std::optional<Claim> expect(uint64_t address, unsigned dw, bool io) const {
    for (unsigned f = 0; f < 8; ++f) {
      const Claims& c = claims_[f];
      if (c.power != 0 || !(io ? c.io_enable : c.mem_enable)) continue;
      for (unsigned b = 0; b < 6; ++b) {
        const Bar& bar = kFunctions[f][b];
        if (bar.kind != (io ? Kind::Io : Kind::Memory)) continue;
        if (inside(c.bar[b], size(f, b), address, dw)) {
          return Claim{f, b, bar.route, bar.target, static_cast<uint32_t>(address - c.bar[b])};
        }
      }
      if (f == 0 && !io && c.rom_enable && inside(c.rom_base, 1u << kRomLog2, address, dw)) {
        return Claim{f, kRomBar, RouteRegs, RegRom, static_cast<uint32_t>(address - c.rom_base)};
      }
    }
    return std::nullopt;
  }
  uint64_t size(unsigned fn, unsigned b) const {
    const Bar& bar = kFunctions[fn][b];
    return uint64_t{1} << (bar.resizable ? claims_[fn].bar_log2[b] : bar.log2);
  }
  const Claims& claims(unsigned fn) const { return claims_[fn]; }

 private:
  static bool inside(uint64_t base, uint64_t bytes, uint64_t address, unsigned dw) {
    return address >= base && address - base < bytes && address - base + 4 * dw <= bytes;
  }
  dut::Module<Vcw_bar_decoder> module_;
  std::array<Claims, 8> claims_;
};

// Bases anywhere, or so close together that BARs touch and overlap.
Claims random_claims(agent::Rng& rng, unsigned fn) {
  Claims c{.mem_enable = rng.chance(85), .io_enable = rng.chance(85)};
  if (rng.chance(10)) c.power = static_cast<unsigned>(rng.range(1, 3));
  for (unsigned b = 0; b < 6; ++b) {
    const Bar& bar = kFunctions[fn][b];
    c.bar_log2[b] = bar.resizable ? static_cast<unsigned>(rng.range(20, bar.log2)) : bar.log2;
    const uint64_t at = rng.chance(60)         ? rng.range(0, 0xffff)
                        : bar.kind == Kind::Io ? rng.u32()
                                               : uint64_t{rng.u32()} << 32 | rng.u32();
    c.bar[b] = bar.kind == Kind::Off ? 0 : at >> c.bar_log2[b] << c.bar_log2[b];
  }
  c.rom_enable = rng.chance(50);
  c.rom_base = (rng.chance(50) ? rng.u32() : 0x10000) >> kRomLog2 << kRomLog2;
  return c;
}

}  // namespace

TEST_CASE("a request is claimed if and only if it lies wholly inside an enabled BAR, by one",
          "[unit][endpoint][R21][R37][R42]") {
  agent::Rng rng(GENERATE(1u, 2u, 3u), "bars");
  Decoder decoder;
  unsigned hits = 0;
  for (unsigned config = 0; config < 60; ++config) {
    for (unsigned f = 0; f < 8; ++f) decoder.configure(f, random_claims(rng, f));
    for (unsigned n = 0; n < 100; ++n) {
      const auto f = static_cast<unsigned>(rng.range(0, 7));
      const auto b = static_cast<unsigned>(rng.range(0, 6));
      const bool rom = b == kRomBar;
      const uint64_t base = rom ? decoder.claims(0).rom_base : decoder.claims(f).bar[b];
      const uint64_t bytes = rom ? 1u << kRomLog2 : decoder.size(f, b);
      const auto dw = static_cast<unsigned>(rng.chance(50) ? 1 : rng.range(1, 1024));
      // Near one of the ends, or anywhere.
      const uint64_t near = rng.chance(50) ? base : base + bytes;
      const uint64_t address =
          (rng.chance(80) ? near + rng.range(0, 0x40) - 0x20 : base + rng.range(0, bytes - 1)) &
          ~uint64_t{3};
      const bool io = rng.chance(30);
      const auto expected = decoder.expect(address, dw, io);
      hits += expected.has_value();
      REQUIRE(decoder.decode(address, dw, io) == expected);
    }
  }
  CHECK(hits > 500);  // or the test would prove little
}

TEST_CASE("bar64-low-half: every address bit above the BAR's size counts",
          "[unit][endpoint][R37][bar64-low-half]") {
  Decoder decoder;
  constexpr uint64_t kBase = 0xfedc'ba98'7650'0000;
  decoder.configure(1, {.bar = {0, 0, kBase}, .bar_log2 = {0, 0, 20}});
  CHECK(decoder.decode(kBase) == Claim{1, 2, RouteAxi, RegBlock, 0});
  for (unsigned bit = 20; bit < 64; ++bit) {
    CHECK_FALSE(decoder.decode(kBase ^ uint64_t{1} << bit));
  }
}

TEST_CASE("a 64-bit address never reaches a 32-bit BAR", "[unit][endpoint][R37][bar64-low-half]") {
  Decoder decoder;
  decoder.configure(0, {.bar = {0x8000'0000, 0, 0x1'0000'0000}});
  CHECK(decoder.decode(0x8000'0000));
  CHECK_FALSE(decoder.decode(0x1'8000'0000));
}

TEST_CASE("a range over the end of a BAR hits nothing, even where the next BAR begins",
          "[unit][endpoint][R21]") {
  Decoder decoder;
  decoder.configure(1, {.bar = {0x4000, 0, 0x100'0000}, .bar_log2 = {0, 0, 20}});
  decoder.configure(4, {.bar = {0x5000, 0, 0x200'0000}, .bar_log2 = {0, 0, 20}});
  CHECK(decoder.decode(0x4ffc, 1)->fn == 1);
  CHECK_FALSE(decoder.decode(0x4ffc, 2));
  CHECK(decoder.decode(0x5000, 2)->fn == 4);
}

TEST_CASE("a resizable BAR claims the size of now", "[unit][endpoint][R42]") {
  Decoder decoder;
  for (const unsigned log2 : {20u, 22u, 24u}) {
    decoder.configure(1, {.bar = {0, 0, 0x4000'0000}, .bar_log2 = {0, 0, log2}});
    CHECK(decoder.decode(0x4000'0000 + (1u << log2) - 4));
    CHECK_FALSE(decoder.decode(0x4000'0000 + (1u << log2)));
  }
}

TEST_CASE("the expansion ROM is claimed with its enable and Memory Space Enable",
          "[unit][endpoint][R42]") {
  Decoder decoder;
  Claims claims{.bar = {0, 0, 0, 0, 0x8'0000'0000}, .rom_enable = true, .rom_base = 0x7fff'0000};
  decoder.configure(0, claims);
  CHECK(decoder.decode(0x7fff'fffc) == Claim{0, kRomBar, RouteRegs, RegRom, 0xfffc});
  CHECK_FALSE(decoder.decode(0x7fff'fffc, 2));
  CHECK_FALSE(decoder.decode(0x7fff'0000, 1, /*io=*/true));
  claims.rom_enable = false;
  decoder.configure(0, claims);
  CHECK_FALSE(decoder.decode(0x7fff'0000));
  claims.rom_enable = true;
  claims.mem_enable = false;
  decoder.configure(0, claims);
  CHECK_FALSE(decoder.decode(0x7fff'0000));
}

TEST_CASE("I/O and memory space are enabled apart, function by function, and only in D0",
          "[unit][endpoint][R37]") {
  Decoder decoder;
  Claims claims{.mem_enable = false, .io_enable = true, .bar = {0x8000, 0, 0, 0x1000, 0, 0x1100}};
  decoder.configure(2, claims);
  CHECK(decoder.decode(0x1000, 1, /*io=*/true) == Claim{2, 3, RouteRegs, RegAxil, 0});
  CHECK(decoder.decode(0x11fc, 1, /*io=*/true) == Claim{2, 5, RouteRegs, RegAxil, 0xfc});
  CHECK_FALSE(decoder.decode(0x1000));
  CHECK_FALSE(decoder.decode(0x8000));
  for (claims.power = 1; claims.power < 4; ++claims.power) {
    decoder.configure(2, claims);
    CHECK_FALSE(decoder.decode(0x1000, 1, /*io=*/true));
  }
  decoder.configure(2, {.mem_enable = true, .bar = {0x8000, 0, 0, 0x1000, 0, 0x1100}});
  CHECK(decoder.decode(0x8000));
  CHECK_FALSE(decoder.decode(0x1000, 1, /*io=*/true));
}
