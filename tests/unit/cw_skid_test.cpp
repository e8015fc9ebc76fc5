// SPDX-License-Identifier: Apache-2.0
#include "Vcw_skid.h"
#include "catch_shim.hpp"
#include "unit/item_stream.hpp"

namespace cw::unit {
namespace {

using agent::kEveryStall;

struct Skid : dut::Module<Vcw_skid> {
  explicit Skid(uint64_t seed = 1) : Module(seed) {
    pins().in_valid_i = pins().out_ready_i = 0;
    reset();
  }
};

TEST_CASE("Skid passes every item once and in order under any stalls", "[unit][common]") {
  for (const auto in : kEveryStall) {
    for (const auto out : kEveryStall) {
      Skid skid(3);
      const auto passed = pass_items(skid, {.in = in, .out = out, .seed = 7});
      CHECK(passed.received == passed.sent);
      CHECK(passed.most_inside <= 2);
    }
  }
}

TEST_CASE("Skid passes one item per clock, one clock later", "[unit][common]") {
  Skid skid;
  CHECK(pass_items(skid, {.count = 100}).cycles == 101);
}

TEST_CASE("Skid outputs follow no input within the clock", "[unit][common]") {
  Skid skid;
  skid.pins().in_data_i = 5;
  for (const bool in_valid : {true, false}) {
    for (const bool out_ready : {false, true}) {
      skid.pins().in_valid_i = in_valid;
      skid.pins().out_ready_i = out_ready;
      skid.settle();
      CHECK(skid.pins().in_ready_o);
      CHECK_FALSE(skid.pins().out_valid_o);
    }
  }
}

TEST_CASE("Skid is empty after reset", "[unit][common]") {
  Skid skid;
  skid.pins().in_valid_i = 1;
  skid.step({2});
  skid.pins().in_valid_i = 0;
  skid.settle();
  CHECK_FALSE(skid.pins().in_ready_o);
  skid.reset();
  CHECK(skid.pins().in_ready_o);
  CHECK_FALSE(skid.pins().out_valid_o);
}

}  // namespace
}  // namespace cw::unit
