// SPDX-License-Identifier: Apache-2.0
#include "env/enumeration.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "bench/fake_fabric.hpp"
#include "catch_shim.hpp"
#include "env/lspci.hpp"
#include "env/sha256.hpp"

namespace {

using namespace cw;
using bench::FakeFabric;
using bench::kEndpoint;
using bench::kRootPort;

// What lspci makes of a dump.
std::string run_lspci(const std::string& dump, const std::string& options) {
  const auto path = std::filesystem::temp_directory_path() / "causeway-lspci.txt";
  std::ofstream(path) << dump;
  FILE* pipe = popen(("lspci -F " + path.string() + " " + options + " 2>&1").c_str(), "r");
  REQUIRE(pipe);
  std::string text;
  for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  CHECK(pclose(pipe) == 0);
  std::filesystem::remove(path);
  return text;
}

}  // namespace

TEST_CASE("One endpoint below one root port gets a bus, two BARs and both windows",
          "[bench][enumeration]") {
  FakeFabric fabric;
  auto& port = fabric.add(fabric.bus0(), 0, kRootPort);
  auto& card = fabric.add(port.below, 0, kEndpoint);
  const env::Topology found = env::enumerate(fabric);
  REQUIRE(found.functions.size() == 2);

  const env::Function& bridge = found.at({});
  CHECK(bridge.bridge->secondary == 1);
  CHECK(bridge.bridge->subordinate == 1);
  CHECK(port.space.memory_window() == model::Window{0x4000'0000, 0x400f'ffff});
  CHECK(port.space.prefetchable_window() == model::Window{0x10'0000'0000, 0x10'000f'ffff});
  CHECK(port.space.bus_master_enabled());

  const env::Function& endpoint = found.at({.bus = 1});
  CHECK(&endpoint == found.find_device(0xca5e, 0xca05));
  CHECK(endpoint.bars ==
        std::vector<env::Bar>{{.index = 0, .base = {0x4000'0000}, .bytes = 65536, .is_64bit = true},
                              {.index = 2,
                               .base = {0x10'0000'0000},
                               .bytes = 65536,
                               .is_64bit = true,
                               .prefetchable = true}});
  CHECK(card.space.bar_base(0) == 0x4000'0000);
  CHECK(card.space.bar_base(2) == 0x10'0000'0000);
  CHECK(card.space.memory_enabled());
  CHECK(card.space.bus_master_enabled());
  CHECK(endpoint.capability(pcie::CapId::Pm) == 0x40);
  CHECK(endpoint.capability(pcie::CapId::MsiX) == 0x50);
  CHECK(endpoint.capability(pcie::CapId::Pcie) == 0x60);
  CHECK_FALSE(endpoint.capability(pcie::CapId::Msi));
  CHECK(endpoint.max_payload_bytes == port.space.max_payload_bytes());
  CHECK(card.space.max_payload_bytes() == port.space.max_payload_bytes());
  CHECK(card.space.max_read_request_bytes() == 512);
}

TEST_CASE("Options limit payload sizes and keep functions from mastering the bus",
          "[bench][enumeration]") {
  FakeFabric fabric;
  auto& port = fabric.add(fabric.bus0(), 0, kRootPort);
  auto& card = fabric.add(port.below, 0, kEndpoint);
  env::enumerate(
      fabric,
      {.max_payload_bytes = 128, .max_read_request_bytes = 4096, .bus_master_enable = false});
  CHECK(card.space.max_payload_bytes() == 128);
  CHECK(port.space.max_payload_bytes() == 128);
  CHECK(card.space.max_read_request_bytes() == 4096);
  CHECK_FALSE(card.space.bus_master_enabled());
  CHECK(port.space.bus_master_enabled());
}

TEST_CASE("A tree of bridges gets nested buses and nested windows", "[bench][enumeration]") {
  FakeFabric fabric;
  auto& left = fabric.add(fabric.bus0(), 0, kRootPort);
  auto& right = fabric.add(fabric.bus0(), 3, kRootPort);
  auto& inner = fabric.add(left.below, 0, kRootPort);
  fabric.add(inner.below, 0, kEndpoint);
  fabric.add(right.below, 0, kEndpoint);
  const env::Topology found = env::enumerate(fabric);
  REQUIRE(found.functions.size() == 5);
  CHECK(left.space.secondary_bus() == 1);
  CHECK(left.space.subordinate_bus() == 2);
  CHECK(inner.space.secondary_bus() == 2);
  CHECK(right.space.secondary_bus() == 3);
  CHECK(left.space.memory_window() == inner.space.memory_window());
  CHECK(right.space.memory_window().base > left.space.memory_window().limit);
  CHECK(found.at({.bus = 3}).bar(2).base.value == right.space.prefetchable_window().base);
  CHECK_THROWS_AS(found.at({.bus = 4}), std::logic_error);
  CHECK(env::tree(found) ==
        "00:00.0  ca5e:ca01  PCI bridge  bus 01-02  mem 0x40000000-0x400fffff"
        "  pref 0x1000000000-0x10000fffff\n"
        "+- 01:00.0  ca5e:ca01  PCI bridge  bus 02-02  mem 0x40000000-0x400fffff"
        "  pref 0x1000000000-0x10000fffff\n"
        "   +- 02:00.0  ca5e:ca05  processing accelerator\n"
        "00:03.0  ca5e:ca01  PCI bridge  bus 03-03  mem 0x40100000-0x401fffff"
        "  pref 0x1000100000-0x10001fffff\n"
        "+- 03:00.0  ca5e:ca05  processing accelerator\n");
  CHECK(env::bar_map(found).find(
            "02:00.0  BAR2  0x0000001000000000    64 KiB  64-bit prefetchable") !=
        std::string::npos);
}

// An endpoint of two functions: the first with an I/O BAR and a ROM, the second with MSI.
model::EndpointShape function_of_two(unsigned function) {
  model::EndpointShape shape = kEndpoint;
  shape.extended.function = function;
  shape.extended.functions = 2;
  if (function == 0) {
    shape.bars[4] = {.kind = model::BarKind::Io, .size_log2 = 8};
    shape.rom_log2 = 16;
  } else {
    shape.device = 0xca06;
    shape.bars = {{{.kind = model::BarKind::Mem32, .size_log2 = 12}}};
    shape.msix_vectors = 0;
    shape.msi_vectors = 4;
  }
  return shape;
}

TEST_CASE("Every function of a device is found, with BARs of its own", "[bench][enumeration]") {
  FakeFabric fabric;
  auto& port = fabric.add(fabric.bus0(), 0, kRootPort);
  auto& first = fabric.add(port.below, 0, function_of_two(0));
  auto& second = fabric.add(port.below, 0, function_of_two(1));
  const env::Topology found = env::enumerate(fabric);
  REQUIRE(found.functions.size() == 3);
  const env::Function& user = found.at({.bus = 1, .function = 1});
  CHECK(user.device_id == 0xca06);
  CHECK(user.capability(pcie::CapId::Msi) == 0xa0);
  CHECK_FALSE(user.capability(pcie::CapId::MsiX));
  REQUIRE(user.bars.size() == 1);
  CHECK(second.space.bar_base(0) == user.bar(0).base.value);
  CHECK(second.space.bar_base(0) != first.space.bar_base(0));
  CHECK(port.space.memory_window().base <= second.space.bar_base(0));
  CHECK(second.space.bar_base(0) + 0xfff <= port.space.memory_window().limit);
  CHECK(second.space.memory_enabled());
  CHECK(second.space.bus_master_enabled());
}

TEST_CASE("A ROM is placed and stays off", "[bench][enumeration][R42]") {
  FakeFabric fabric;
  auto& port = fabric.add(fabric.bus0(), 0, kRootPort);
  auto& card = fabric.add(port.below, 0, function_of_two(0));
  const env::Topology found = env::enumerate(fabric);
  const env::Function& endpoint = found.at({.bus = 1});
  REQUIRE(endpoint.rom);
  CHECK(endpoint.rom->bytes == 65536);
  CHECK(card.space.rom_base() == endpoint.rom->base.value);
  CHECK(endpoint.bridge.has_value() == false);
  CHECK(port.space.memory_window().base <= card.space.rom_base());
  CHECK(card.space.rom_base() + 65535 <= port.space.memory_window().limit);
  CHECK(card.space.rom_base() != card.space.bar_base(0));
  CHECK_FALSE(card.space.rom_enabled());
  CHECK(env::bar_map(found).find("01:00.0  ROM   0x0000000040010000    64 KiB  32-bit") !=
        std::string::npos);
}

TEST_CASE("I/O BARs are placed where every port above has an I/O window, and stay off elsewhere",
          "[bench][enumeration][R42]") {
  constexpr env::AddressWindow kIo{.base = {0x1000}, .bytes = 0xf000};
  auto with_window = kRootPort;
  with_window.io_window = true;
  FakeFabric fabric;
  auto& open = fabric.add(fabric.bus0(), 0, with_window);
  auto& closed = fabric.add(fabric.bus0(), 1, kRootPort);
  auto& inner = fabric.add(closed.below, 0, with_window);
  auto& near = fabric.add(open.below, 0, function_of_two(0));
  auto& far = fabric.add(inner.below, 0, function_of_two(0));
  const env::Topology found = env::enumerate(fabric, {.io = kIo});
  CHECK(near.space.bar_base(4) == 0x1000);
  CHECK(near.space.io_enabled());
  CHECK(open.space.io_enabled());
  CHECK(open.space.io_window() == model::Window{0x1000, 0x1fff});
  CHECK(found.at({.bus = 1}).bar(4).is_io);
  CHECK(found.at({.bus = 1}).bar(4).bytes == 256);
  CHECK(far.space.bar_base(4) == 0);
  CHECK_FALSE(far.space.io_enabled());
  CHECK_FALSE(closed.space.io_enabled());
  CHECK_FALSE(inner.space.io_enabled());
  CHECK(inner.space.io_window().base > inner.space.io_window().limit);
  CHECK_FALSE(found.at({.bus = 3}).bar(4).placed);
  CHECK(far.space.memory_enabled());

  FakeFabric without;  // a host without I/O space
  auto& port = without.add(without.bus0(), 0, with_window);
  auto& card = without.add(port.below, 0, function_of_two(0));
  env::enumerate(without);
  CHECK_FALSE(card.space.io_enabled());
  CHECK(port.space.io_window().base > port.space.io_window().limit);
}

TEST_CASE("An empty root port gets closed windows", "[bench][enumeration]") {
  FakeFabric fabric;
  auto& port = fabric.add(fabric.bus0(), 0, kRootPort);
  const env::Topology found = env::enumerate(fabric);
  CHECK(found.functions.size() == 1);
  CHECK(port.space.memory_window().base > port.space.memory_window().limit);
  CHECK(port.space.prefetchable_window().base > port.space.prefetchable_window().limit);
}

TEST_CASE("A window too small for the BARs is said so", "[bench][enumeration]") {
  FakeFabric fabric;
  auto& port = fabric.add(fabric.bus0(), 0, kRootPort);
  fabric.add(port.below, 0, kEndpoint);
  CHECK_THROWS_AS(env::enumerate(fabric, {.memory = {.base = {0x4000'0000}, .bytes = 4096}}),
                  std::runtime_error);
}

TEST_CASE("lspci reads the dump of an enumerated fabric and complains of nothing",
          "[bench][enumeration]") {
  FakeFabric fabric;
  auto& port = fabric.add(fabric.bus0(), 0, kRootPort);
  fabric.add(port.below, 0, kEndpoint);
  const env::Topology found = env::enumerate(fabric);
  const std::string text = run_lspci(env::lspci_dump(fabric, found), "-vvv -n");
  INFO(text);
  CHECK(text.find("Memory at 1000000000 (64-bit, prefetchable)") != std::string::npos);
  CHECK(text.find("Bus: primary=00, secondary=01, subordinate=01") != std::string::npos);
  CHECK(text.find("MSI-X: Enable- Count=8") != std::string::npos);
  CHECK(text.find("!!") == std::string::npos);
  CHECK(text.find("<chain") == std::string::npos);
}

TEST_CASE("SHA-256 is the standard's", "[bench]") {
  const std::string abc = "abc";
  const std::span bytes(reinterpret_cast<const uint8_t*>(abc.data()), abc.size());
  CHECK(env::sha256(bytes) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
