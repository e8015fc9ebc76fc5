// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_root_port.h>

#include "unit/cfg_compare.hpp"

namespace cw::unit {
namespace {

const model::RootPortShape kShape{.vendor = 0xca5e, .device = 0xca01, .revision = 1};

struct RootPort {
  dut::Module<Vcw_cfg_root_port> module;
  CfgFunction<Vcw_cfg_root_port> function{module};

  // root_port_state_t
  uint64_t state(unsigned lsb, unsigned width) {
    return dut::get_bits(module.pins().state_o, lsb, width);
  }
  model::Window memory() { return {.base = state(207, 64), .limit = state(143, 64)}; }
  model::Window prefetchable() { return {.base = state(79, 64), .limit = state(15, 64)}; }
};

TEST_CASE("A root port tells the bridge its buses, windows and enables",
          "[unit][config][R48][R49]") {
  RootPort dut;
  dut.function.write(0x04, 0x0006);
  dut.function.write(0x18, 0x0003'0201);
  dut.function.write(0x20, 0x40f0'4000);
  dut.function.write(0x24, 0x00f0'0000);
  dut.function.write(0x28, 0x10);
  dut.function.write(0x2c, 0x10);
  dut.function.write(0x3c, 0x0040'0000);
  dut.function.write(0x68, 0x0000'5040);
  CHECK(dut.state(298, 1) == 1);  // memory
  CHECK(dut.state(297, 1) == 1);  // bus master
  CHECK(dut.state(295, 2) == 0);
  CHECK(dut.state(271, 24) == 0x010203);
  CHECK(dut.memory() == model::Window{.base = 0x4000'0000, .limit = 0x40ff'ffff});
  CHECK(dut.prefetchable() == model::Window{.base = 0x10'0000'0000, .limit = 0x10'00ff'ffff});
  CHECK(dut.state(14, 1) == 1);  // secondary reset
  CHECK(dut.state(11, 3) == 2);  // 512 B
  CHECK(dut.state(8, 3) == 5);   // 4096 B
  CHECK(dut.state(306, 1) == 0);
  dut.function.write(0x7c, 0x0000'0010);
  CHECK(dut.state(306, 1) == 1);  // RRS Software Visibility
}

TEST_CASE("A root port's space equals its model, whatever is written",
          "[unit][config][R38][R41][R48]") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    RootPort dut;
    model::ConfigSpace space(kShape);
    CHECK(dump(dut.function) == dump(space));
    compare_at_random(dut.function, space, agent::Rng(seed, "cfg"));
    CHECK(dut.memory() == space.memory_window());
    CHECK(dut.prefetchable() == space.prefetchable_window());
    CHECK(dut.state(279, 8) == space.secondary_bus());
    CHECK(dut.state(271, 8) == space.subordinate_bus());
  }
}

TEST_CASE("A posted request that access control drops is a non-fatal error",
          "[unit][config][R38][R50]") {
  RootPort dut;
  dut.module.pins().acs_dropped_i = 1;
  dut.module.step();
  dut.module.pins().acs_dropped_i = 0;
  CHECK((dut.function.read(0x68) >> 16 & 0xf) == 2);
}

TEST_CASE("lspci decodes a root port without complaint", "[unit][config][R41]") {
  RootPort dut;
  dut.function.write(0x04, 0x0006);
  dut.function.write(0x18, 0x0001'0100);
  dut.function.write(0x20, 0x40f0'4000);
  dut.function.write(0x24, 0x00f0'0000);
  const std::string text = lspci(dump(dut.function), "PCI bridge: Causeway root port");
  check_lspci_is_content(text);
  CHECK(contains(text, "Bus: primary=00, secondary=01, subordinate=01"));
  CHECK(contains(text, "Memory behind bridge: 40000000-40ffffff"));
  CHECK(contains(text, "Capabilities: [40] Power Management version 3"));
  CHECK(contains(text, "Capabilities: [60] Express (v2) Root Port (Slot-)"));
  CHECK(contains(text, "DLActive+"));
  CHECK(contains(text, "Access Control Services"));
  CHECK(contains(text, "SrcValid+ TransBlk+ ReqRedir- CmpltRedir- UpstreamFwd+"));
}

}  // namespace
}  // namespace cw::unit
