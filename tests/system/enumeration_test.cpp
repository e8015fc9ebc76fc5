// SPDX-License-Identifier: Apache-2.0
#include "catch_shim.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

using pcie::CapId;

TEST_CASE("Enumeration finds a root port and an endpoint, and sizes and places the BARs",
          "[system][config][R09][R41][R42]") {
  const Setup setup("enumeration", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  const env::Topology& found = fabric.up.topology;
  REQUIRE(found.functions.size() == 3);

  const env::Function& port = found.functions[0];
  REQUIRE(port.bridge);
  CHECK(port.bdf == pcie::Bdf{});
  CHECK(port.class_code == 0x060400);
  CHECK(port.bridge->secondary == 1);
  CHECK(port.capability(CapId::Pcie));

  const env::Function& card = found.functions[1];
  CHECK(card.bdf == pcie::Bdf{.bus = 1});
  CHECK(card.vendor_id == env::kEndpointShape.vendor);
  CHECK(card.device_id == env::kEndpointShape.device);
  for (const auto id : {CapId::Pm, CapId::MsiX, CapId::Pcie, CapId::Msi, CapId::Vpd}) {
    CHECK(card.capability(id));
  }
  REQUIRE(card.bars.size() == 2);
  CHECK(card.bar(0).bytes == 16384);
  CHECK(card.bar(0).is_64bit);
  CHECK(!card.bar(0).prefetchable);
  CHECK(card.bar(2).bytes == 65536);
  CHECK(card.bar(2).is_64bit);
  CHECK(card.bar(2).prefetchable);
  CHECK(port.bridge->memory.contains(card.bar(0).base));
  CHECK(port.bridge->prefetchable.contains(card.bar(2).base));

  const env::Function& user = found.functions[2];
  CHECK(user.bdf == pcie::Bdf{.bus = 1, .function = 1});
  CHECK(user.bar(env::kUserRegisterBar).bytes == 4096);
  CHECK(user.bar(env::kUserMemoryBar).bytes == 1 << 20);  // resizable, the smallest at first
  CHECK(fabric.finish().empty());
}

TEST_CASE("slverr-to-ca: an access to a bus that nobody answers is aborted, not made up",
          "[system][mmio][R20][R52]") {
  const Setup setup("user.absent", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  const env::Function& user = fabric.up.topology.functions.at(2);
  fabric.host().config_write16(user.bdf, 0x04, 2);
  for (const unsigned bar : {env::kUserRegisterBar, env::kUserMemoryBar}) {
    fabric.host().write32({user.bar(bar).base.value + 0x40}, 5);
    CHECK(fabric.host().read32({user.bar(bar).base.value + 0x40}) == ~0u);
  }
  CHECK(fabric.finish().empty());
}

TEST_CASE("A second enumeration finds what the first one found", "[system][config][R41][R42]") {
  const Setup setup("enumeration.twice", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  const auto again = env::enumerate(fabric.host(), setup.bringup.enumeration);
  CHECK(env::tree(again) == env::tree(fabric.up.topology));
  CHECK(env::bar_map(again) == env::bar_map(fabric.up.topology));
  CHECK(fabric.finish().empty());
}

TEST_CASE("A function, a device and a bus that are not there read as all ones",
          "[system][config][R41][R52]") {
  const Setup setup("enumeration.absent", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  env::Host& host = fabric.host();
  for (const pcie::Bdf absent : {pcie::Bdf{.bus = 0, .device = 1},
                                 pcie::Bdf{.bus = 1, .function = 2}, pcie::Bdf{.bus = 7}}) {
    CHECK(host.config_read32(absent, 0) == ~0u);
    host.config_write32(absent, 4, ~0u);
  }
  // Registers that are not there: zero, and a write changes nothing
  CHECK(host.config_read32(fabric.up.endpoint.bdf, 0xf0) == 0);
  host.config_write32(fabric.up.endpoint.bdf, 0xf0, ~0u);
  CHECK(host.config_read32(fabric.up.endpoint.bdf, 0xf0) == 0);
  CHECK(host.config_read32(fabric.up.endpoint.bdf, 0x10c) == 0);
  CHECK(fabric.finish().empty());
}

TEST_CASE("Configuration writes of every width reach exactly their bytes",
          "[system][config][R41]") {
  const Setup setup("config.bytes", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  env::Host& host = fabric.host();
  const pcie::Bdf card = fabric.up.endpoint.bdf;
  constexpr uint16_t kCacheLine = 0x0c, kInterruptLine = 0x3c;  // a byte each that holds anything
  for (unsigned n = 0; n < 8; ++n) {
    const auto first = static_cast<uint8_t>(fabric.rng.u32()),
               second = static_cast<uint8_t>(fabric.rng.u32());
    host.config_write8(card, kCacheLine, first);
    host.config_write16(card, kInterruptLine, second);
    CHECK(host.config_read8(card, kCacheLine) == first);
    CHECK(host.config_read16(card, kInterruptLine) == (0x0100 | second));  // INTA
  }
  host.config_bytes(card);  // the scoreboard compares each dword with the model
  CHECK(fabric.finish().empty());
}

}  // namespace cw::system_test
