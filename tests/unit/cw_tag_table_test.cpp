// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "Vcw_tag_table.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/requester_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Table {
  explicit Table(uint64_t seed = 1) : module(seed) {
    p().open_valid_i = p().advance_valid_i = 0;
    module.reset();
  }
  Vcw_tag_table& p() { return module.pins(); }
  void step() {
    module.step();
    p().open_valid_i = p().advance_valid_i = 0;
  }
  void open(unsigned tag, const Owed& what) {
    p().open_tag_i = tag;
    drive(p().open_owed_i, what);
    p().open_valid_i = 1;
  }
  Owed look(unsigned tag) {
    p().lookup_tag_i = tag;
    module.settle();
    return owed(p().lookup_owed_o);
  }
  dut::Module<Vcw_tag_table> module;
};

Owed random_owed(agent::Rng& rng) {
  return {.requester_id = static_cast<uint16_t>(rng.u32()),
          .client = static_cast<unsigned>(rng.range(0, 1)),
          .mark = static_cast<unsigned>(rng.range(0, 4095)),
          .blocks = static_cast<unsigned>(rng.range(1, 64)),
          .dest = rng.u64(),
          .lower_addr = static_cast<unsigned>(rng.range(0, 127)),
          .bytes = static_cast<unsigned>(rng.range(1, 4096))};
}

}  // namespace

TEST_CASE("what is owed shrinks by what has come, and starts anew with the next request",
          "[unit][requester][R23]") {
  Table table(11);
  agent::Rng rng(11, "table");
  std::array<Owed, 32> model;
  for (unsigned tag = 0; tag < 32; ++tag) {
    table.open(tag, model[tag] = random_owed(rng));
    table.step();
  }
  for (unsigned cycle = 0; cycle < 4000; ++cycle) {
    const unsigned tag = rng.range(0, 31), opened = rng.range(0, 31);
    REQUIRE(table.look(tag) == model[tag]);
    if (rng.chance(70)) {
      const unsigned bytes = rng.range(0, model[tag].bytes);
      table.p().advance_tag_i = tag;
      table.p().advance_bytes_i = bytes;
      table.p().advance_valid_i = 1;
      model[tag].bytes -= bytes;
      model[tag].dest += bytes;
      model[tag].lower_addr = (model[tag].lower_addr + bytes) & 127;
    }
    if (opened != tag && rng.chance(20)) table.open(opened, model[opened] = random_owed(rng));
    table.step();
  }
}

TEST_CASE("more than what is owed is an alarm", "[unit][requester][R23]") {
  Table table;
  table.open(4, {.bytes = 64});
  table.step();
  CHECK(table.look(4).bytes == 64);
  table.p().advance_tag_i = 4;
  table.p().advance_bytes_i = 65;
  table.p().advance_valid_i = 1;
  CHECK_THROWS_AS(table.step(), dut::AssertionFailed);
}
