// SPDX-License-Identifier: Apache-2.0
#include "Vcw_user_absent.h"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"

using namespace cw;

namespace {

constexpr unsigned kDecErr = 3;

// `axil_drive_t`, `axi_drive_t` and what they are answered.
struct Absent {
  Absent() {
    dut::clear_bits(p().axil_i);
    dut::clear_bits(p().axi_i);
    module.reset();
  }
  Vcw_user_absent& p() { return module.pins(); }
  void lite(unsigned lsb, bool value) { dut::set_bits(p().axil_i, lsb, 1, value); }
  void full(unsigned lsb, unsigned width, uint64_t value) {
    dut::set_bits(p().axi_i, lsb, width, value);
  }
  unsigned lite_out(unsigned lsb, unsigned width) {
    return static_cast<unsigned>(dut::get_bits(p().axil_o, lsb, width));
  }
  unsigned full_out(unsigned lsb, unsigned width) {
    return static_cast<unsigned>(dut::get_bits(p().axi_o, lsb, width));
  }
  void step() {
    module.step();
    module.settle();
  }
  dut::Module<Vcw_user_absent> module{1};
};

}  // namespace

TEST_CASE("with nobody behind AXI4-Lite every access is told DECERR", "[unit][endpoint][R20]") {
  Absent absent;
  for (unsigned n = 0; n < 3; ++n) {
    absent.lite(78, true);  // address first, data two clocks later
    absent.step();
    absent.lite(78, false);
    absent.step();
    CHECK(absent.lite_out(36, 1) == 0);
    absent.lite(41, true);
    absent.step();
    absent.lite(41, false);
    absent.step();
    CHECK(absent.lite_out(36, 1) == 1);
    CHECK(absent.lite_out(37, 2) == kDecErr);
    absent.lite(40, true);
    absent.step();
    absent.lite(40, false);
    CHECK(absent.lite_out(36, 1) == 0);
    absent.lite(1, true);
    absent.step();
    absent.lite(1, false);
    CHECK(absent.lite_out(0, 1) == 1);
    CHECK(absent.lite_out(1, 2) == kDecErr);
    absent.lite(0, true);
    absent.step();
    absent.lite(0, false);
    CHECK(absent.lite_out(0, 1) == 0);
  }
}

TEST_CASE("with nobody behind AXI4 every beat of a burst is told DECERR", "[unit][endpoint][R20]") {
  Absent absent;
  for (const unsigned beats : {1u, 4u, 256u}) {
    absent.full(8 + 77, 4, 9);  // ar.id
    absent.full(8 + 5, 8, beats - 1);
    absent.full(1, 1, 1);
    absent.step();
    absent.full(1, 1, 0);
    absent.full(0, 1, 1);
    for (unsigned beat = 0; beat < beats; ++beat) {
      absent.module.settle();
      REQUIRE(absent.full_out(0, 1) == 1);
      CHECK(absent.full_out(1, 1) == (beat + 1 == beats));
      CHECK(absent.full_out(2, 2) == kDecErr);
      CHECK(absent.full_out(4, 4) == 9);
      absent.step();
    }
    CHECK(absent.full_out(0, 1) == 0);
    absent.full(0, 1, 0);
  }
}

TEST_CASE("with nobody behind AXI4 a write is answered behind its last beat",
          "[unit][endpoint][R20]") {
  Absent absent;
  absent.full(99 + 77, 4, 5);  // aw.id
  absent.full(92, 1, 1);
  absent.full(90, 1, 1);
  absent.step();
  absent.full(92, 1, 0);
  absent.step();
  CHECK(absent.full_out(9, 1) == 0);
  absent.full(91, 1, 1);
  absent.step();
  absent.full(90, 1, 0);
  CHECK(absent.full_out(9, 1) == 1);
  CHECK(absent.full_out(10, 6) == (5u << 2 | kDecErr));
}
