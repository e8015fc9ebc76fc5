// SPDX-License-Identifier: Apache-2.0
// cw-variant: Functions=2 ServiceTicks=5
#include <array>

#include "Vcw_pme.h"
#include "Vcw_pme_functions2_serviceticks5.h"
#include "catch_shim.hpp"
#include "unit/interrupt_fields.hpp"

namespace cw::unit {
namespace {

constexpr FunctionState kAsked{.pme_enable = true, .pme_status = true};

struct Pme : dut::Module<Vcw_pme_functions2_serviceticks5> {
  Pme() {
    pins().tick_i = pins().turn_off_i = pins().pme_sent_i = pins().ack_sent_i = 0;
    configure();
    reset();
  }
  void configure() {
    for (unsigned f = 0; f < 2; ++f) drive(pins().state_i, state[f], f);
    settle();
  }
  // What is owed: PM_PME of each function in bits 0 and 1, PME_TO_Ack in bit 2.
  unsigned owed() {
    settle();
    return pins().pme_o | pins().ack_o << 2;
  }
  void sent(unsigned what) {
    pins().pme_sent_i = what & 3;
    pins().ack_sent_i = what >> 2;
    step();
    pins().pme_sent_i = pins().ack_sent_i = 0;
  }
  void tick() {
    pins().tick_i = 1;
    step();
    pins().tick_i = 0;
    step();
  }
  void turn_off() {
    pins().turn_off_i = 1;
    step();
    pins().turn_off_i = 0;
  }
  std::array<FunctionState, 2> state{};
};

TEST_CASE("PM_PME is owed once PME_Status and PME_En meet, whichever comes first", "[unit][pme]") {
  for (const bool status_first : {false, true}) {
    Pme pme;
    pme.state[1] = {.pme_enable = !status_first, .pme_status = status_first};
    pme.configure();
    CHECK(pme.owed() == 0);
    pme.state[1] = kAsked;
    pme.configure();
    CHECK(pme.owed() == 2);
    pme.step();
    CHECK(pme.owed() == 2);  // until it is sent
    pme.sent(2);
    CHECK(pme.owed() == 0);
  }
}

TEST_CASE("PM_PME is owed in any power state", "[unit][pme][R47]") {
  Pme pme;
  pme.state[0] = kAsked;
  pme.state[0].power = 3;
  pme.configure();
  CHECK(pme.owed() == 1);
}

TEST_CASE("A PME that nobody serves is told again when its time is up", "[unit][pme]") {
  Pme pme;
  pme.state[0] = kAsked;
  pme.configure();
  for (int round = 0; round < 3; ++round) {
    CHECK(pme.owed() == 1);
    pme.sent(1);
    for (int i = 0; i < 4; ++i) {
      pme.tick();
      CHECK(pme.owed() == 0);
    }
    pme.tick();
  }
  pme.sent(1);
  for (int i = 0; i < 3; ++i) pme.tick();
  pme.state[0].pme_status = false;  // served
  pme.configure();
  for (int i = 0; i < 5; ++i) pme.tick();
  CHECK(pme.owed() == 0);
  pme.state[0].pme_status = true;  // the next is told at once
  pme.configure();
  CHECK(pme.owed() == 1);
}

TEST_CASE("PME_Turn_Off is acknowledged each time, and silences PM_PME until a reset",
          "[unit][pme][R47]") {
  Pme pme;
  pme.state[0] = kAsked;
  pme.configure();
  CHECK(pme.owed() == 1);
  for (int i = 0; i < 2; ++i) {
    pme.turn_off();
    CHECK(pme.owed() == 4);
    pme.sent(4);
    CHECK(pme.owed() == 0);
  }
  pme.state[1] = kAsked;
  pme.configure();
  CHECK(pme.owed() == 0);
  pme.reset();
  CHECK(pme.owed() == 3);
}

TEST_CASE("A PME_Turn_Off in the clock of an acknowledgement is acknowledged, too",
          "[unit][pme][R47]") {
  Pme pme;
  pme.turn_off();
  pme.pins().turn_off_i = 1;
  pme.sent(4);
  pme.pins().turn_off_i = 0;
  CHECK(pme.owed() == 4);
}

TEST_CASE("PME_Turn_Offs that come before the first is acknowledged are all acknowledged",
          "[unit][pme][R47]") {
  Pme pme;
  for (int i = 0; i < 3; ++i) pme.turn_off();
  for (int i = 0; i < 3; ++i) {
    CHECK(pme.owed() == 4);
    pme.sent(4);
  }
  CHECK(pme.owed() == 0);
}

TEST_CASE("A PM_PME that is not owed raises the alarm", "[unit][pme]") {
  dut::Module<Vcw_pme> pme;
  dut::clear_bits(pme.pins().state_i);
  pme.pins().tick_i = pme.pins().turn_off_i = pme.pins().pme_sent_i = pme.pins().ack_sent_i = 0;
  pme.reset();
  pme.pins().pme_sent_i = 1;
  CHECK_THROWS_AS(pme.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
