// SPDX-License-Identifier: Apache-2.0
// cw-variant: MsiVectors=0 MsixVectors=0 HasVpd=0 Function=1
// cw-variant: MsixVectors=0 HasVpd=0
#include <Vcw_cfg_compatible.h>
#include <Vcw_cfg_compatible_msivectors0_msixvectors0_hasvpd0_function1.h>
#include <Vcw_cfg_compatible_msixvectors0_hasvpd0.h>

#include <vector>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

// The IDs of the list, by following it.
template <class V>
std::vector<unsigned> list(CfgBus<V>& bus) {
  std::vector<unsigned> ids;
  for (unsigned at = bus.read(0x34) & 0xff; at && ids.size() < 48;) {
    const uint32_t header = bus.read(at);
    ids.push_back(header & 0xff);
    at = header >> 8 & 0xff;
  }
  return ids;
}

TEST_CASE("A capability that is absent is not in the list, and reads zero where it would be",
          "[unit][config][R41]") {
  dut::Module<Vcw_cfg_compatible> whole;
  CfgBus all(whole);
  CHECK(list(all) == std::vector<unsigned>{0x01, 0x11, 0x10, 0x05, 0x03});

  dut::Module<Vcw_cfg_compatible_msixvectors0_hasvpd0> user;
  CfgBus with_msi(user);
  CHECK(list(with_msi) == std::vector<unsigned>{0x01, 0x10, 0x05});
  CHECK(with_msi.read(0x50) == 0);
  CHECK(with_msi.read(0xc0) == 0);

  dut::Module<Vcw_cfg_compatible_msivectors0_msixvectors0_hasvpd0_function1> least;
  CfgBus bare(least);
  CHECK(list(bare) == std::vector<unsigned>{0x01, 0x10});
  for (unsigned at = 0xa0; at < 0x100; at += 4) {
    bare.write(at, 0xffff'ffff);
    CHECK(bare.read(at) == 0);
  }
  CHECK(dut::get_bits(bare.pins().state_o, cfg_state::kMsiEnable.lsb, 1) == 0);
}

TEST_CASE("Nothing of the first 256 bytes answers above them", "[unit][config][R41]") {
  dut::Module<Vcw_cfg_compatible> module;
  CfgBus bus(module);
  for (unsigned at = 0x100; at < 0x1000; at += 4) CHECK(bus.read(at) == 0);
}

TEST_CASE("Error messages are allowed by Command and by Device Control", "[unit][config][R38]") {
  dut::Module<Vcw_cfg_compatible> module;
  CfgBus bus(module);
  const auto report = [&] { return unsigned{bus.pins().report_o}; };  // report_enable_t
  CHECK(report() == 0);
  bus.write(0x04, 0x0100);
  CHECK(report() == 0b10000);
  bus.write(0x04, 0);
  for (unsigned bit = 0; bit < 4; ++bit) {
    bus.write(0x68, 1u << bit);
    CHECK(report() == 1u << bit);
  }
}

}  // namespace
}  // namespace cw::unit
