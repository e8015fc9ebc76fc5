// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_space.h>

#include "unit/cfg_compare.hpp"

namespace cw::unit {
namespace {

const model::EndpointShape kShape{
    .vendor = 0xca5e,
    .device = 0xca05,
    .class_code = 0x120000,
    .revision = 1,
    .subsystem_vendor = 0xca5e,
    .subsystem = 1,
    .bars = {{{.kind = model::BarKind::Mem64, .size_log2 = 16},
              {},
              {.kind = model::BarKind::Mem64Prefetchable, .size_log2 = 16}}},
    .msix_vectors = 8,
    .msix_table = 0x2000,
    .msix_pba = 0x3000,
    .extended = {.serial_number = 0xca5e'00ff'fe00'0001, .build = {0, 0x0008'2108, 0x0002'0010}}};

struct Endpoint {
  dut::Module<Vcw_cfg_space> module;
  CfgFunction<Vcw_cfg_space> function{quiet(module)};

  static dut::Module<Vcw_cfg_space>& quiet(dut::Module<Vcw_cfg_space>& module) {
    module.pins().busy_i = 0;
    return module;
  }
  uint64_t state(unsigned lsb, unsigned width) {
    return dut::get_bits(module.pins().state_o, lsb, width);
  }
};

TEST_CASE("A function takes its ID from every configuration write", "[unit][config][R09]") {
  Endpoint dut;
  CHECK(dut.state(405, 1) == 0);
  dut.function.read(0);
  CHECK(dut.state(405, 1) == 0);  // a read tells nothing
  dut.function.target = 0x05f8;
  dut.function.write(0x00, 0);
  CHECK(dut.state(405, 1) == 1);
  CHECK(dut.state(406, 16) == 0x05f8);
  dut.function.target = 0x0108;
  dut.function.write(0xffc, 0, /*byte_enables=*/0);
  CHECK(dut.state(406, 16) == 0x0108);
}

TEST_CASE("A function tells its stations what software set", "[unit][config][R10][R42]") {
  Endpoint dut;
  dut.function.write(0x04, 0x0006);
  dut.function.write(0x10, 0x4010'0000);
  dut.function.write(0x18, 0x0020'0000);
  dut.function.write(0x1c, 0x0000'0010);
  dut.function.write(0x50, 0x8000'0000);
  dut.function.write(0x68, 0x0000'5150);  // 4096 B reads, extended tags, 512 B, relaxed ordering
  dut.function.write(0x88, 0x0000'0016);
  CHECK(dut.state(404, 1) == 0);  // no I/O BAR, no enable
  CHECK(dut.state(403, 1) == 1);
  CHECK(dut.state(402, 1) == 1);
  CHECK(dut.state(400, 2) == 0);
  CHECK(dut.state(397, 3) == 2);
  CHECK(dut.state(394, 3) == 5);
  CHECK(dut.state(391, 3) == 0b110);
  CHECK(dut.state(387, 4) == 6);
  CHECK(dut.state(386, 1) == 1);
  CHECK(dut.state(384, 2) == 0b10);
  CHECK(dut.state(0, 64) == 0x4010'0000);
  CHECK(dut.state(128, 64) == 0x10'0020'0000);
  dut.function.write(0x44, 3);
  CHECK(dut.state(400, 2) == 3);
}

TEST_CASE("Configuration space equals its model, whatever is written",
          "[unit][config][R38][R41][R42]") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Endpoint dut;
    model::ConfigSpace space(kShape);
    CHECK(dump(dut.function) == dump(space));
    compare_at_random(dut.function, space, agent::Rng(seed, "cfg"));
    CHECK(dut.state(0, 64) == space.bar_base(0));
    CHECK(dut.state(128, 64) == space.bar_base(2));
    CHECK((128u << dut.state(397, 3)) == space.max_payload_bytes());
    CHECK((128u << dut.state(394, 3)) == space.max_read_request_bytes());
    CHECK(dut.state(385, 1) == space.msix_enabled());
  }
}

TEST_CASE("The capability list ends, and every capability is there once", "[unit][config][R41]") {
  Endpoint dut;
  std::vector<unsigned> ids;
  for (unsigned at = dut.function.read(0x34) & 0xff; at && ids.size() < 48;) {
    const uint32_t header = dut.function.read(at);
    ids.push_back(header & 0xff);
    at = header >> 8 & 0xff;
  }
  CHECK(ids == std::vector<unsigned>{0x01, 0x11, 0x10});
}

TEST_CASE("lspci decodes an endpoint without complaint", "[unit][config][R41]") {
  Endpoint dut;
  dut.function.write(0x04, 0x0006);
  dut.function.write(0x10, 0x4010'0000);
  dut.function.write(0x18, 0x0020'0000);
  dut.function.write(0x1c, 0x0000'0010);
  dut.function.write(0x50, 0x8000'0000);
  const std::string text = lspci(dump(dut.function), "Processing accelerators: Causeway endpoint");
  check_lspci_is_content(text);
  CHECK(contains(text, "Capabilities: [40] Power Management version 3"));
  CHECK(contains(text, "Capabilities: [50] MSI-X: Enable+ Count=8 Masked-"));
  CHECK(contains(text, "Vector table: BAR=0 offset=00002000"));
  CHECK(contains(text, "Capabilities: [60] Express (v2) Endpoint"));
  CHECK(contains(text, "MaxPayload 512 bytes"));
  CHECK(contains(text, "LnkSta:\tSpeed 2.5GT/s"));
  CHECK(contains(text, "Completion Timeout: Range ABCD, TimeoutDis+"));
}

TEST_CASE("Only requests of type 0 to function 0 reach configuration space", "[unit][config]") {
  Endpoint dut;
  dut.module.pins().cfg_valid_i = 1;
  dut::clear_bits(dut.module.pins().cfg_hdr_i);
  dut::set_bits(dut.module.pins().cfg_hdr_i, 120, 8, 0x45);  // CfgWr1
  CHECK_THROWS_AS(dut.module.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
