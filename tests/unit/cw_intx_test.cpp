// SPDX-License-Identifier: Apache-2.0
// cw-variant: Functions=8
#include <array>

#include "Vcw_intx.h"
#include "Vcw_intx_functions8.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "unit/interrupt_fields.hpp"

namespace cw::unit {
namespace {

template <class V>
struct Intx : dut::Module<V> {
  static constexpr unsigned kFunctions = std::is_same_v<V, Vcw_intx> ? 1 : 8;
  Intx() {
    this->pins().level_i = 0;
    configure();
    this->reset();
  }
  void configure() {
    for (unsigned f = 0; f < kFunctions; ++f) drive(this->pins().state_i, state[f], f);
  }
  // Wires one clock after these levels.
  unsigned wires(unsigned levels) {
    this->pins().level_i = levels;
    this->step();
    return this->pins().wire_o;
  }
  std::array<FunctionState, kFunctions> state{};
};

TEST_CASE("A function's level is its wire", "[unit][intx]") {
  Intx<Vcw_intx> intx;
  CHECK(intx.wires(1) == 1);
  CHECK(intx.pins().status_o == 1);
  CHECK(intx.wires(1) == 1);
  CHECK(intx.wires(0) == 0);
  CHECK(intx.pins().status_o == 0);
}

TEST_CASE("Functions that share a pin are one wire, high as long as one of them is",
          "[unit][intx]") {
  Intx<Vcw_intx_functions8> intx;
  for (unsigned f = 0; f < 8; ++f) CHECK(intx.wires(1u << f) == 1u << f % 4);
  CHECK(intx.wires(0b0010'0010) == 0b0010);
  CHECK(intx.wires(0b0010'0000) == 0b0010);
  CHECK(intx.wires(0b0000'0000) == 0);
}

TEST_CASE("Interrupt Disable drops the wire and leaves Interrupt Status", "[unit][intx]") {
  Intx<Vcw_intx> intx;
  CHECK(intx.wires(1) == 1);
  intx.state[0].intx_disable = true;
  intx.configure();
  CHECK(intx.wires(1) == 0);
  CHECK(intx.pins().status_o == 1);
  intx.state[0].intx_disable = false;
  intx.configure();
  CHECK(intx.wires(1) == 1);
}

TEST_CASE("INTx is silent with MSI, with MSI-X and outside D0, whatever Bus Master Enable says",
          "[unit][intx][R47]") {
  const FunctionState open{.bus_master = false};
  FunctionState msi = open, msix = open, d3 = open, d1 = open;
  msi.msi.enable = true;
  msix.msix_enable = true;
  d3.power = 3;
  d1.power = 1;
  for (const FunctionState& closed : {msi, msix, d3, d1}) {
    Intx<Vcw_intx> intx;
    intx.state[0] = open;
    intx.configure();
    CHECK(intx.wires(1) == 1);
    intx.state[0] = closed;
    intx.configure();
    CHECK(intx.wires(1) == 0);
    CHECK(intx.pins().status_o == (closed.power != 0));
  }
}

TEST_CASE("A reset drops every wire", "[unit][intx][R43][R45]") {
  Intx<Vcw_intx_functions8> intx;
  CHECK(intx.wires(0xff) == 0xf);
  intx.reset();
  CHECK(intx.pins().wire_o == 0);
}

TEST_CASE("Wires follow any mix of functions", "[unit][intx]") {
  Intx<Vcw_intx_functions8> intx;
  agent::Rng rng(8, "intx");
  for (int i = 0; i < 500; ++i) {
    const auto levels = static_cast<unsigned>(rng.range(0, 255));
    unsigned expected = 0;
    for (unsigned f = 0; f < 8; ++f) {
      FunctionState& state = intx.state[f];
      state.intx_disable = rng.chance(4);
      state.msi.enable = rng.chance(4);
      state.msix_enable = rng.chance(8);
      state.power = rng.chance(8) ? 3 : 0;
      const bool open =
          !state.intx_disable && !state.msi.enable && !state.msix_enable && state.power == 0;
      if (open && (levels >> f & 1) != 0) expected |= 1u << f % 4;
    }
    intx.configure();
    CHECK(intx.wires(levels) == expected);
  }
}

}  // namespace
}  // namespace cw::unit
