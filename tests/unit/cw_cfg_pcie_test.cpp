// SPDX-License-Identifier: Apache-2.0
// cw-variant: IsRootPort=1
#include <Vcw_cfg_pcie.h>
#include <Vcw_cfg_pcie_isrootport1.h>

#include <utility>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kPcie = 0x60, kDevCtl = kPcie + 8, kLinkCtl = kPcie + 16, kDevCtl2 = kPcie + 40;

template <class V>
struct Capability {
  dut::Module<V> module;
  CfgBus<V> bus{quiet(module)};

  static dut::Module<V>& quiet(dut::Module<V>& module) {
    module.pins().event_i = 0;
    module.pins().busy_i = 0;
    return module;
  }
  void event(unsigned events) {
    bus.pins().event_i = static_cast<uint16_t>(events);
    module.step();
    bus.pins().event_i = 0;
    module.settle();
  }
  unsigned device_status() { return bus.read(kDevCtl) >> 16; }
  // Fields of ctl_o from their least significant bit.
  unsigned timeout_range() const { return module_field(1, 4); }
  unsigned max_read_request() const { return module_field(8, 3); }
  unsigned max_payload() const { return module_field(11, 3); }
  unsigned module_field(unsigned lsb, unsigned width) const {
    return static_cast<unsigned>(
        dut::get_bits(const_cast<Capability*>(this)->bus.pins().ctl_o, lsb, width));
  }
};

TEST_CASE("PCI Express capability describes a version 2 endpoint on a Gen1 x1 link",
          "[unit][config][R41]") {
  Capability<Vcw_cfg_pcie> dut;
  CHECK(dut.bus.read(kPcie) == 0x00020010);
  CHECK(dut.bus.read(kPcie + 4) == 0x00008022);
  CHECK(dut.bus.read(kDevCtl) == 0x00002810);  // 128 B payloads, 512 B reads, RO, no snoop
  CHECK(dut.bus.read(kPcie + 12) == 0x00400011);
  CHECK(dut.bus.read(kLinkCtl) == 0x10110000);
  CHECK(dut.bus.read(kPcie + 36) == 0x0000001f);
  CHECK(dut.bus.read(kPcie + 44) == 0x00000002);
  CHECK(dut.bus.read(kPcie + 48) == 0x00000001);
  for (const unsigned absent : {20u, 24u, 28u, 32u, 52u, 56u, 60u}) {
    CHECK(dut.bus.read(kPcie + absent) == 0);
  }
}

TEST_CASE("PCI Express capability of a root port reports an active link and root controls",
          "[unit][config][R41]") {
  Capability<Vcw_cfg_pcie_isrootport1> dut;
  CHECK(dut.bus.read(kPcie) == 0x00420010);
  CHECK(dut.bus.read(kPcie + 12) == 0x00500011);
  dut.bus.write(kLinkCtl, 0xffff'ffff);
  CHECK(dut.bus.read(kLinkCtl) == 0x301100c0);  // its RCB is 64 bytes and read-only
  dut.bus.write(kPcie + 28, 0xffff'ffff);
  CHECK(dut.bus.read(kPcie + 28) == 0x0000000f);
}

TEST_CASE("Device Control clips payload and read request sizes", "[unit][config][R02][R41]") {
  Capability<Vcw_cfg_pcie> dut;
  for (unsigned encoding = 0; encoding < 8; ++encoding) {
    dut.bus.write(kDevCtl, encoding << 5 | encoding << 12);
    CHECK(dut.max_payload() == std::min(encoding, 2u));
    CHECK(dut.max_read_request() == std::min(encoding, 5u));
  }
  dut.bus.write(kDevCtl, 0xffff'ffff);
  CHECK(dut.bus.read(kDevCtl) == 0x0000595f);
  dut.bus.write(kDevCtl, 0, /*byte_enables=*/0b0001);
  CHECK(dut.bus.read(kDevCtl) == 0x00005900);
}

TEST_CASE("Device Control 2 keeps its range when told one that does not exist",
          "[unit][config][R27]") {
  Capability<Vcw_cfg_pcie> dut;
  unsigned kept = 0;
  for (unsigned range = 0; range < 16; ++range) {
    dut.bus.write(kDevCtl2, range);
    if (range == 0 || range % 4 == 1 || range % 4 == 2) kept = range;
    CHECK(dut.timeout_range() == kept);
  }
  dut.bus.write(kDevCtl2, 0xffff'fff0);
  CHECK(dut.bus.read(kDevCtl2) == 0x00000010);
  CHECK((dut.bus.pins().ctl_o & 1) == 1);  // disable
}

TEST_CASE("Device Status records each error in its severity and is cleared by ones",
          "[unit][config][R38][R41]") {
  constexpr unsigned kCed = 1, kNfed = 2, kFed = 4, kUrd = 8;
  const std::pair<unsigned, unsigned> errors[] = {{CfgMalformed, kFed},
                                                  {CfgUnsupported, kUrd | kNfed},
                                                  {CfgUnsupported | CfgAdvisory, kUrd | kCed},
                                                  {CfgCompleterAbort, kCed},
                                                  {CfgPoisoned, kNfed},
                                                  {CfgUnexpectedCpl, kCed},
                                                  {CfgCplTimeout, kNfed},
                                                  {CfgReceivedUr | CfgReceivedCa, 0}};
  Capability<Vcw_cfg_pcie> dut;
  for (const auto& [event, status] : errors) {
    dut.event(event);
    CHECK(dut.device_status() == status);
    dut.bus.write(kDevCtl, 0x0000'2810);  // zeros clear nothing
    CHECK(dut.device_status() == status);
    dut.bus.write(kDevCtl, 0xffff'0000, /*byte_enables=*/0b1011);
    CHECK(dut.device_status() == status);
    dut.bus.write(kDevCtl, 0xffff'0000, /*byte_enables=*/0b0100);
    CHECK(dut.device_status() == 0);
  }
}

TEST_CASE("Device Status keeps an error that arrives while software clears it",
          "[unit][config][R38]") {
  Capability<Vcw_cfg_pcie> dut;
  dut.event(CfgMalformed);
  dut.bus.pins().event_i = CfgMalformed;
  dut.bus.write(kDevCtl, 0xffff'2810);
  dut.bus.pins().event_i = 0;
  CHECK(dut.device_status() == 4);
}

TEST_CASE("Transactions Pending shows whether completions are owed", "[unit][config][R43]") {
  Capability<Vcw_cfg_pcie> dut;
  CHECK(dut.device_status() == 0);
  dut.bus.pins().busy_i = 1;
  CHECK(dut.device_status() == 0x20);
  dut.bus.write(kDevCtl, 0xffff'0000);
  CHECK(dut.device_status() == 0x20);
  dut.bus.pins().busy_i = 0;
  CHECK(dut.device_status() == 0);
}

}  // namespace
}  // namespace cw::unit
