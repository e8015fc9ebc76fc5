// SPDX-License-Identifier: Apache-2.0
#include "Vcw_ltr.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "unit/interrupt_fields.hpp"

namespace cw::unit {
namespace {

constexpr uint32_t kLow = 0x8803'8805, kHigh = 0x9064'9032;  // with Requirement
constexpr uint32_t kSnoopOnly = 0x0000'8805;

struct Ltr : dut::Module<Vcw_ltr> {
  Ltr() {
    pins().tick_i = pins().sent_i = 0;
    pins().ltr_i = kLow;
    pins().max_i = 0x1fff'1fff;  // anything
    enable(false);
    reset();
  }
  void enable(bool on, unsigned power = 0) {
    drive(pins().state_i, FunctionState{.power = power, .ltr_enable = on});
    settle();
  }
  bool owed() {
    settle();
    return pins().owed_o != 0;
  }
  // Sends what is owed and says what it was.
  uint32_t send() {
    CHECK(owed());
    const uint32_t said = pins().ltr_o;
    pins().sent_i = 1;
    step();
    pins().sent_i = 0;
    settle();
    return said;
  }
  void tick() {
    pins().tick_i = 1;
    step();
    pins().tick_i = 0;
    step();
  }
  void change(uint32_t latencies) {
    pins().ltr_i = latencies;
    step();
  }
};

TEST_CASE("LTR is told once when it is enabled, and nothing before", "[unit][ltr]") {
  Ltr ltr;
  CHECK_FALSE(ltr.owed());
  ltr.enable(true);
  CHECK(ltr.send() == kLow);
  CHECK_FALSE(ltr.owed());
  for (int i = 0; i < 5; ++i) ltr.tick();
  CHECK_FALSE(ltr.owed());
}

TEST_CASE("LTR is told when a latency changes, and only the last value matters", "[unit][ltr]") {
  Ltr ltr;
  ltr.enable(true);
  ltr.send();
  ltr.change(kSnoopOnly);
  ltr.change(kHigh);
  for (int i = 0; i < 2; ++i) {
    CHECK_FALSE(ltr.owed());
    ltr.tick();
  }
  CHECK(ltr.send() == kHigh);
  ltr.change(kLow);
  ltr.change(kHigh);
  for (int i = 0; i < 3; ++i) ltr.tick();
  CHECK_FALSE(ltr.owed());  // it is what was told
}

TEST_CASE("No two LTR messages within one whole tick", "[unit][ltr]") {
  Ltr ltr;
  ltr.enable(true);
  ltr.send();
  for (int i = 0; i < 20; ++i) {
    ltr.change(i % 2 == 0 ? kHigh : kLow);
    CHECK_FALSE(ltr.owed());
    ltr.tick();
    CHECK_FALSE(ltr.owed());
    ltr.tick();
    ltr.send();
  }
}

TEST_CASE("A requirement is taken back at once when LTR is disabled or function 0 leaves D0",
          "[unit][ltr]") {
  for (const bool disable : {true, false}) {
    Ltr ltr;
    ltr.pins().ltr_i = kSnoopOnly;
    ltr.enable(true);
    ltr.send();
    ltr.enable(!disable, disable ? 0 : 3);
    ltr.step();
    CHECK(ltr.send() == 0);
    for (int i = 0; i < 3; ++i) ltr.tick();
    CHECK_FALSE(ltr.owed());
    ltr.enable(true);
    CHECK(ltr.send() == kSnoopOnly);  // and told again
  }
}

// Nanoseconds; of what was never asked for there is no end.
uint64_t nanoseconds(uint32_t field) { return uint64_t{field & 0x3ff} << 5 * (field >> 10 & 7); }

TEST_CASE("LTR asks for no more than software allows, and for no less than it could",
          "[unit][ltr]") {
  Ltr ltr;
  agent::Rng rng(8, "latencies");
  const auto field = [&] {
    const auto value = rng.chance(40) ? rng.range(0, 33) : rng.range(0, 1023);
    return static_cast<uint32_t>(rng.range(0, 5) << 10 | value);
  };
  ltr.enable(true);
  unsigned clipped = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    const uint32_t ask[] = {field() | (rng.chance(80) ? 0x8000u : 0u), field() | 0x8000};
    const uint32_t max[] = {field(), rng.chance(20) ? ask[1] & 0x1fff : field()};
    ltr.pins().ltr_i = ask[1] << 16 | ask[0];
    ltr.pins().max_i = max[1] << 16 | max[0];
    ltr.settle();
    for (const unsigned half : {0u, 1u}) {
      const uint32_t told = ltr.pins().ltr_o >> 16 * half & 0xffff;
      const bool over = (ask[half] & 0x8000) && nanoseconds(ask[half]) > nanoseconds(max[half]);
      REQUIRE(told == (over ? max[half] | 0x8000 : ask[half]));
      clipped += over;
    }
  }
  CHECK(clipped > 1000);
}

TEST_CASE("LTR is told anew when what software allows becomes less", "[unit][ltr]") {
  Ltr ltr;
  ltr.enable(true);
  CHECK(ltr.send() == kLow);
  ltr.pins().max_i = 0;
  for (int i = 0; i < 2; ++i) ltr.tick();
  CHECK(ltr.send() == 0x8000'8000);  // the best that there is
  ltr.pins().max_i = 0x1001'1001;
  for (int i = 0; i < 2; ++i) ltr.tick();
  CHECK(ltr.send() == kLow);
}

TEST_CASE("What required nothing needs no taking back", "[unit][ltr]") {
  Ltr ltr;
  ltr.pins().ltr_i = 0x0003'0005;
  ltr.enable(true);
  CHECK(ltr.send() == 0x0003'0005);
  ltr.enable(false);
  ltr.step();
  CHECK_FALSE(ltr.owed());
}

TEST_CASE("After a reset nobody holds a requirement", "[unit][ltr][R45]") {
  Ltr ltr;
  ltr.enable(true);
  ltr.send();
  ltr.enable(false);
  ltr.reset();
  CHECK_FALSE(ltr.owed());
}

TEST_CASE("An LTR that is not owed raises the alarm", "[unit][ltr]") {
  Ltr ltr;
  ltr.pins().sent_i = 1;
  CHECK_THROWS_AS(ltr.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
