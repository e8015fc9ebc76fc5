// SPDX-License-Identifier: Apache-2.0
#include <Vcw_host_tags.h>

#include <set>

#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

struct Tags {
  dut::Module<Vcw_host_tags> module;
  Tags() {
    module.pins().take_i = module.pins().lose_i = module.pins().found_i = 0;
    module.reset();
  }
  unsigned take() {
    module.run_until([&] { return module.pins().tag_valid_o; }, dut::Cycles{40});
    const unsigned tag = module.pins().tag_o;
    module.pins().take_i = 1;
    module.step();
    module.pins().take_i = 0;
    module.settle();
    return tag;
  }
  void lose(unsigned tag) {
    module.pins().lose_i = 1;
    module.pins().lose_tag_i = static_cast<uint8_t>(tag);
    module.step();
    module.pins().lose_i = 0;
  }
  void find(unsigned tag) {
    module.pins().found_i = 1;
    module.pins().found_tag_i = static_cast<uint8_t>(tag);
    module.step();
    module.pins().found_i = 0;
  }
};

TEST_CASE("The host's tags go round", "[unit][root][R12]") {
  Tags dut;
  for (unsigned i = 0; i < 70; ++i) CHECK(dut.take() == i % 32);
}

TEST_CASE("A tag waits as it is until it is taken", "[unit][root][R12]") {
  Tags dut;
  for (unsigned i = 0; i < 40; ++i) {
    dut.module.step(dut::Cycles{3});
    CHECK(dut.module.pins().tag_valid_o);
    CHECK(dut.take() == i % 32);
  }
}

TEST_CASE("A lost tag is not given again until its completion has ended", "[unit][root][R27]") {
  Tags dut;
  const unsigned lost = dut.take();
  dut.lose(lost);
  dut.module.pins().found_tag_i = static_cast<uint8_t>(lost);  // but it has not been found
  for (unsigned i = 0; i < 64; ++i) CHECK(dut.take() != lost);
  dut.find(lost);
  std::set<unsigned> given;
  for (unsigned i = 0; i < 32; ++i) given.insert(dut.take());
  CHECK(given.contains(lost));
}

TEST_CASE("When all tags are lost, all are given again", "[unit][root][R27]") {
  Tags dut;
  for (unsigned i = 0; i < 32; ++i) dut.lose(i);
  CHECK_NOTHROW(dut.take());
}

}  // namespace
}  // namespace cw::unit
