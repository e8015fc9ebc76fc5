// SPDX-License-Identifier: Apache-2.0
#include "Vcw_reset_sync.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

TEST_CASE("Reset rises without a clock and falls two edges after its cause", "[unit][common]") {
  dut::Module<Vcw_reset_sync> sync;
  auto& pins = sync.pins();
  pins.async_rst_i = 0;
  sync.step({4});
  CHECK_FALSE(pins.rst_o);

  pins.async_rst_i = 1;
  sync.settle();
  CHECK(pins.rst_o);
  sync.step({3});
  CHECK(pins.rst_o);

  pins.async_rst_i = 0;
  sync.settle();
  CHECK(pins.rst_o);
  sync.step();
  CHECK(pins.rst_o);
  sync.step();
  CHECK_FALSE(pins.rst_o);
}

TEST_CASE("A reset shorter than a clock is not missed", "[unit][common]") {
  dut::Module<Vcw_reset_sync> sync;
  auto& pins = sync.pins();
  pins.async_rst_i = 0;
  sync.step({4});
  pins.async_rst_i = 1;
  sync.settle();
  pins.async_rst_i = 0;
  sync.settle();
  CHECK(pins.rst_o);
  sync.step();
  CHECK(pins.rst_o);
  sync.step();
  CHECK_FALSE(pins.rst_o);
}

}  // namespace
}  // namespace cw::unit
