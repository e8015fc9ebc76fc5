// SPDX-License-Identifier: Apache-2.0
// cw-variant: IsRootPort=1
// cw-variant: LtrControl=0
#include <Vcw_cfg_pcie.h>
#include <Vcw_cfg_pcie_isrootport1.h>
#include <Vcw_cfg_pcie_ltrcontrol0.h>

#include <tuple>

#include "catch_shim.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kPcie = 0x60, kDevCtl = kPcie + 8, kLinkCtl = kPcie + 16, kDevCtl2 = kPcie + 40;

template <class V>
struct Capability {
  dut::Module<V> module;
  CfgBus<V> bus{module};

  void detect(unsigned classes) {
    bus.pins().detected_i = static_cast<uint8_t>(classes);
    module.step();
    bus.pins().detected_i = 0;
    module.settle();
  }
  unsigned device_status() { return bus.read(kDevCtl) >> 16; }
  // Fields of ctl_o from their least significant bit.
  unsigned timeout_range() const { return module_field(10, 4); }
  unsigned max_read_request() const { return module_field(17, 3); }
  unsigned max_payload() const { return module_field(20, 3); }
  unsigned module_field(unsigned lsb, unsigned width) const {
    return static_cast<unsigned>(
        dut::get_bits(const_cast<Capability*>(this)->bus.pins().ctl_o, lsb, width));
  }
};

TEST_CASE("PCI Express capability describes a version 2 endpoint on a Gen1 x1 link",
          "[unit][config][R41]") {
  Capability<Vcw_cfg_pcie> dut;
  CHECK(dut.bus.read(kPcie) == 0x00020010);
  CHECK(dut.bus.read(kPcie + 4) == 0x10008022);
  CHECK(dut.bus.read(kDevCtl) == 0x00002810);  // 128 B payloads, 512 B reads, RO, no snoop
  CHECK(dut.bus.read(kPcie + 12) == 0x00400011);
  CHECK(dut.bus.read(kLinkCtl) == 0x10110000);
  CHECK(dut.bus.read(kPcie + 36) == 0x00730b9f);
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
  CHECK(dut.bus.read(kPcie + 4) == 0x00008022);
  CHECK(dut.bus.read(kPcie + 12) == 0x00500011);
  CHECK(dut.bus.read(kPcie + 36) == 0x0000001f);
  dut.bus.write(kLinkCtl, 0xffff'ffff);
  CHECK(dut.bus.read(kLinkCtl) == 0x301100c0);  // its RCB is 64 bytes and read-only
  dut.bus.write(kPcie + 28, 0xffff'ffff);
  CHECK(dut.bus.read(kPcie + 28) == 0x0001001f);
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
  CHECK(dut.bus.read(kDevCtl2) == 0x00001710);
  CHECK(dut.module_field(9, 1) == 1);  // disable
}

TEST_CASE("Device Status records each class of error and is cleared by ones",
          "[unit][config][R38][R41]") {
  Capability<Vcw_cfg_pcie> dut;
  for (unsigned classes = 1; classes < 16; ++classes) {
    dut.detect(classes);
    CHECK(dut.device_status() == classes);
    dut.bus.write(kDevCtl, 0x0000'2810);  // zeros clear nothing
    CHECK(dut.device_status() == classes);
    dut.bus.write(kDevCtl, 0xffff'0000, /*byte_enables=*/0b1011);
    CHECK(dut.device_status() == classes);
    dut.bus.write(kDevCtl, 0xffff'0000, /*byte_enables=*/0b0100);
    CHECK(dut.device_status() == 0);
  }
}

TEST_CASE("Device Status keeps an error that arrives while software clears it",
          "[unit][config][R38]") {
  Capability<Vcw_cfg_pcie> dut;
  dut.detect(ClassFatal);
  dut.bus.pins().detected_i = ClassFatal;
  dut.bus.write(kDevCtl, 0xffff'2810);
  dut.bus.pins().detected_i = 0;
  CHECK(dut.device_status() == 4);
}

TEST_CASE("Device Control 2 enables what requests may carry, LTR in function 0 only",
          "[unit][config][R11][R12][R41]") {
  const auto enables = [](auto& dut, uint32_t control) {
    dut.bus.write(kDevCtl2, control);
    return dut.module_field(5, 4);  // tag10, ido_request, ido_cpl, ltr
  };
  Capability<Vcw_cfg_pcie> dut;
  CHECK(enables(dut, 0) == 0b0000);
  CHECK(enables(dut, 1 << 12) == 0b1000);
  CHECK(enables(dut, 1 << 8) == 0b0100);
  CHECK(enables(dut, 1 << 9) == 0b0010);
  CHECK(enables(dut, 1 << 10) == 0b0001);
  CHECK(enables(dut, ~0x1700u) == 0b0000);
  Capability<Vcw_cfg_pcie_ltrcontrol0> other;
  CHECK(enables(other, 0xffff'fff0) == 0b1110);
  CHECK(other.bus.read(kDevCtl2) == 0x00001310);
  Capability<Vcw_cfg_pcie_isrootport1> port;
  CHECK(enables(port, 0xffff'fff0) == 0);
}

TEST_CASE("Initiate Function Level Reset is one pulse and reads as zero", "[unit][config][R43]") {
  const auto asked = [](auto& dut) { return dut.module_field(4, 1); };
  Capability<Vcw_cfg_pcie> dut;
  for (const auto& [value, enables, pulse] : {std::tuple{0x8000u, 0xfu, 1u},
                                              {0x8000u, 0b0010u, 1u},
                                              {0x8000u, 0b1101u, 0u},
                                              {0x7fffu, 0xfu, 0u}}) {
    dut.bus.write(kDevCtl, value, enables);
    CHECK(asked(dut) == pulse);
    CHECK((dut.bus.read(kDevCtl) & 0x8000) == 0);
    CHECK(asked(dut) == 0);
  }
  dut.bus.write(kDevCtl + 4, 0x8000);
  CHECK(asked(dut) == 0);
  Capability<Vcw_cfg_pcie_isrootport1> port;
  port.bus.write(kDevCtl, 0x8000);
  CHECK(asked(port) == 0);
}

TEST_CASE("The reset that Initiate Function Level Reset asks for asks for no other",
          "[unit][config][R43]") {
  Capability<Vcw_cfg_pcie> dut;
  dut.bus.write(kDevCtl, 0x8000);
  function_reset(dut.module);
  CHECK(dut.module_field(4, 1) == 0);
}

TEST_CASE("A function-level reset keeps payload size, link controls and slot power",
          "[unit][config][R43]") {
  Capability<Vcw_cfg_pcie> dut;
  const auto set_up = [&] {
    dut.bus.write(kDevCtl, 0x0000'ffff);
    dut.bus.write(kLinkCtl, 0x0000'ffff);
    dut.bus.write(kDevCtl2, 0x0000'fff6);
    dut.bus.pins().slot_power_i = 1 << 10 | 2 << 8 | 0x4b;
    dut.detect(0xf);
    dut.bus.pins().slot_power_i = 0xff;  // without the message it says nothing
    dut.detect(0xf);
  };
  set_up();
  CHECK(dut.bus.read(kPcie + 4) == (0x10008022 | 2u << 26 | 0x4bu << 18));
  function_reset(dut.module);
  CHECK(dut.bus.read(kPcie + 4) == (0x10008022 | 2u << 26 | 0x4bu << 18));
  CHECK(dut.bus.read(kDevCtl) == 0x00002850);
  CHECK(dut.bus.read(kLinkCtl) == 0x101100c8);
  CHECK(dut.bus.read(kDevCtl2) == 0);
  set_up();
  hot_reset(dut.module);
  CHECK(dut.bus.read(kPcie + 4) == 0x10008022);
  CHECK(dut.bus.read(kDevCtl) == 0x00002810);
  CHECK(dut.bus.read(kLinkCtl) == 0x10110000);
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
