// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_rebar.h>

#include <array>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

// The default BARs: 0 is 4 KiB, 1 resizable up to 4 MiB, 2 resizable up to 16 MiB, 5 is 256 B of
// I/O.
constexpr unsigned kRebar = 0x1b0;

struct Resizable {
  dut::Module<Vcw_cfg_rebar> module;
  CfgBus<Vcw_cfg_rebar> bus{disabled(module)};

  static dut::Module<Vcw_cfg_rebar>& disabled(dut::Module<Vcw_cfg_rebar>& module) {
    module.pins().mem_enable_i = 0;
    return module;
  }
  unsigned log2(unsigned bar) {
    return static_cast<unsigned>(dut::get_bits(bus.pins().bar_log2_o, 6 * bar, 6));
  }
};

TEST_CASE("Resizable BAR names its BARs and the sizes they can have", "[unit][config][R41][R42]") {
  Resizable dut;
  CHECK(dut.bus.read(kRebar) == 0x0001'0015);
  CHECK(dut.bus.read(kRebar + 4) == 0x0000'0070);   // 1, 2, 4 MiB
  CHECK(dut.bus.read(kRebar + 8) == 0x0000'0041);   // two of them, BAR 1, 1 MiB
  CHECK(dut.bus.read(kRebar + 12) == 0x0000'01f0);  // 1 to 16 MiB
  CHECK(dut.bus.read(kRebar + 16) == 0x0000'0002);
  CHECK(dut.bus.read(kRebar + 20) == 0);
  CHECK(dut.log2(0) == 12);
  CHECK(dut.log2(1) == 20);
  CHECK(dut.log2(2) == 20);
  CHECK(dut.log2(3) == 0);
  CHECK(dut.log2(4) == 0);
  CHECK(dut.log2(5) == 8);
}

TEST_CASE("A BAR takes each size that it offers and no other", "[unit][config][R42]") {
  Resizable dut;
  for (const auto& [bar, control, full] : {std::array{1u, kRebar + 8, 2u}, {2u, kRebar + 16, 4u}}) {
    unsigned kept = 0;
    for (unsigned size = 0; size < 64; ++size) {
      dut.bus.write(control, size << 8);
      if (size <= full) kept = size;
      CHECK(dut.log2(bar) == 20 + kept);
      CHECK((dut.bus.read(control) >> 8) == kept);
    }
  }
  dut.bus.write(kRebar + 8, 0xffff'00ff);  // nothing but the size can be written
  CHECK(dut.bus.read(kRebar + 8) == 0x0000'0041);
  dut.bus.write(kRebar + 16, 0x0000'0300, /*byte_enables=*/0b1101);
  CHECK(dut.log2(2) == 24);
  dut.bus.write(kRebar + 16, 0x0000'0300, /*byte_enables=*/0b0010);
  CHECK(dut.log2(2) == 23);
  CHECK(dut.log2(1) == 20);
  dut.module.reset();
  CHECK(dut.log2(2) == 20);
}

TEST_CASE("A BAR keeps its size while the function claims memory requests", "[unit][config][R42]") {
  Resizable dut;
  dut.bus.write(kRebar + 16, 0x0000'0200);
  dut.bus.pins().mem_enable_i = 1;
  dut.bus.write(kRebar + 16, 0x0000'0300);
  CHECK(dut.log2(2) == 22);
  CHECK(dut.bus.read(kRebar + 16) == 0x0000'0202);
  dut.bus.pins().mem_enable_i = 0;
  dut.bus.write(kRebar + 16, 0x0000'0300);
  CHECK(dut.log2(2) == 23);
}

}  // namespace
}  // namespace cw::unit
