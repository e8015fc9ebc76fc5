// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_intake.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

struct Intake : dut::Module<Vcw_iommu_intake> {
  Intake() {
    auto& p = pins();
    p.tr_valid_i = p.dbg_valid_i = p.again_valid_i = p.over_i = p.hold_i = 0;
    for (unsigned port = 0; port < 2; port++) drive(p.tr_req_i, {.did = 1 + port}, port);
    set_bits(p.dbg_req_i, 66, 24, 3);
    reset();
  }
  unsigned did() {
    settle();
    return static_cast<unsigned>(get_bits(pins().ask_o, 67, 24));
  }
  // Steps, and every new request that goes to the lookup is over at once.
  void turn() {
    settle();
    pins().over_i = pins().valid_o && !pins().hold_i && !pins().again_o;
    step();
    pins().over_i = 0;
    settle();
  }
};

TEST_CASE("Ports and debug interface take turns", "[unit][iommu]") {
  Intake intake;
  auto& p = intake.pins();
  p.tr_valid_i = 3;
  p.dbg_valid_i = 1;
  intake.turn();
  unsigned seen[4] = {};
  for (unsigned n = 0; n < 30; n++) {
    CHECK(p.valid_o);
    seen[intake.did()]++;
    intake.turn();
  }
  for (unsigned did = 1; did < 4; did++) CHECK(seen[did] == 10);
}

TEST_CASE("A request that is looked up again goes where there is no new one", "[unit][iommu]") {
  Intake intake;
  auto& p = intake.pins();
  p.tr_valid_i = 1;
  intake.step();  // the one that will be back
  p.again_valid_i = 1;
  p.again_index_i = 5;
  set_bits(p.again_ask_i, 67, 24, 9);
  p.tr_valid_i = 2;
  intake.settle();
  CHECK_FALSE(p.again_ready_o);
  CHECK(p.tr_ready_o == 2);
  intake.turn();
  p.tr_valid_i = 0;
  intake.settle();
  CHECK(p.again_ready_o);
  CHECK(intake.did() == 2);
  intake.turn();
  p.again_valid_i = 0;
  CHECK(intake.did() == 9);
  CHECK(p.again_o);
  CHECK(p.index_o == 5);
  p.tr_valid_i = 1;
  intake.step();
  CHECK(intake.did() != 9);
  CHECK_FALSE(p.again_o);
}

TEST_CASE("Seven new requests go before one that is looked up again, and no more",
          "[unit][iommu]") {
  Intake intake;
  auto& p = intake.pins();
  p.tr_valid_i = 3;
  intake.step();
  p.again_valid_i = 1;
  set_bits(p.again_ask_i, 67, 24, 9);
  for (unsigned round = 0; round < 3; round++) {
    for (unsigned n = 0; n < 7; n++) {
      intake.settle();
      CHECK_FALSE(p.again_ready_o);
      CHECK(p.tr_ready_o != 0);
      intake.turn();
    }
    CHECK(p.again_ready_o);
    CHECK(p.tr_ready_o == 0);
    intake.turn();
    CHECK(intake.did() == 9);
  }
}

TEST_CASE("A request holds still with the lookup, and none is taken over it", "[unit][iommu]") {
  Intake intake;
  auto& p = intake.pins();
  p.tr_valid_i = 1;
  intake.step();
  p.hold_i = 1;
  p.tr_valid_i = 2;
  for (unsigned n = 0; n < 5; n++) {
    CHECK(intake.did() == 1);
    CHECK(p.valid_o);
    CHECK(p.tr_ready_o == 0);
    intake.step();
  }
  p.hold_i = 0;
  intake.step();
  CHECK(intake.did() == 2);
}

TEST_CASE("No more requests are inside than have a place; one that is over makes room",
          "[unit][iommu]") {
  Intake intake;
  auto& p = intake.pins();
  p.tr_valid_i = 3;
  unsigned taken = 0;
  for (unsigned n = 0; n < 20; n++) {
    intake.settle();
    taken += p.tr_ready_o != 0;
    intake.step();
  }
  CHECK(taken == 8);
  p.again_valid_i = 1;  // has its place
  intake.settle();
  CHECK(p.again_ready_o);
  p.again_valid_i = 0;
  p.over_i = 1;
  intake.step();
  p.over_i = 0;
  intake.settle();
  CHECK(p.tr_ready_o != 0);
}

TEST_CASE("As many requests go in again as were over", "[unit][iommu]") {
  Intake intake;
  auto& p = intake.pins();
  p.tr_valid_i = 3;
  intake.step(5_cycles);
  p.tr_valid_i = 0;
  p.over_i = 1;
  intake.step(5_cycles);
  p.over_i = 0;
  p.tr_valid_i = 3;
  unsigned taken = 0;
  for (unsigned n = 0; n < 20; n++) {
    intake.settle();
    taken += p.tr_ready_o != 0;
    intake.step();
  }
  CHECK(taken == 8);
}

TEST_CASE("A request goes to the lookup once, and none after a reset", "[unit][iommu]") {
  Intake intake;
  auto& p = intake.pins();
  intake.settle();
  CHECK_FALSE(p.valid_o);
  p.hold_i = 1;
  intake.step();
  intake.settle();
  CHECK_FALSE(p.valid_o);
  p.hold_i = 0;
  p.tr_valid_i = 1;
  intake.step();
  p.tr_valid_i = 0;
  intake.settle();
  CHECK(p.valid_o);
  intake.step();
  intake.settle();
  CHECK_FALSE(p.valid_o);
  p.tr_valid_i = 1;
  intake.step();
  p.tr_valid_i = 0;
  p.hold_i = 1;
  intake.settle();
  CHECK(p.valid_o);
  intake.reset();
  intake.settle();
  CHECK_FALSE(p.valid_o);
}

TEST_CASE("A debug request is an untranslated one, to execute where it says so", "[unit][iommu]") {
  Intake intake;
  auto& p = intake.pins();
  p.dbg_valid_i = 1;
  set_bits(p.dbg_req_i, 0, 1, 1);
  set_bits(p.dbg_req_i, 1, 1, 1);
  set_bits(p.dbg_req_i, 2, 64, 0x1234'5678);
  intake.settle();
  CHECK(p.dbg_ready_o);
  intake.step();
  p.dbg_valid_i = 0;
  intake.settle();
  CHECK(request(p.ask_o) == Request{.did = 3, .iova = 0x1234'5678, .write = true});
  CHECK(get_bits(p.ask_o, kAskExec, 1) == 1);
  CHECK(get_bits(p.ask_o, kAskFrom, 2) == 2);
  p.tr_valid_i = 1;
  intake.step();
  CHECK(intake.did() == 1);
  CHECK(get_bits(p.ask_o, kAskExec, 3) == 0);
}

TEST_CASE("An answer without a request inside stops the simulation", "[unit][iommu]") {
  Intake intake;
  intake.pins().over_i = 1;
  CHECK_THROWS_AS(intake.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
