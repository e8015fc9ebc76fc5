// SPDX-License-Identifier: Apache-2.0
// cw-variant: RomLog2=16 Functions=2
#include <Vcw_cfg_space.h>
#include <Vcw_cfg_space_romlog216_functions2.h>

#include "unit/cfg_compare.hpp"

namespace cw::unit {
namespace {

constexpr model::EndpointShape with_rom(model::EndpointShape shape) {
  shape.extended.functions = 2;
  shape.rom_log2 = 16;
  return shape;
}

template <class V>
struct Endpoint {
  dut::Module<V> module;
  CfgFunction<V> function{module};

  uint64_t state(StateField field) const { return function.state(field); }
};
using Plain = Endpoint<Vcw_cfg_space>;
using WithRom = Endpoint<Vcw_cfg_space_romlog216_functions2>;

// Every field that a station goes by.
template <class V>
void check_state(const CfgFunction<V>& function, const model::ConfigSpace& space) {
  using namespace cfg_state;
  const auto state = [&](StateField field) { return function.state(field); };
  CHECK(state(kIoEnable) == space.io_enabled());
  CHECK(state(kMemEnable) == space.memory_enabled());
  CHECK(state(kBusMaster) == space.bus_master_enabled());
  CHECK(state(kIntxDisable) == space.intx_disabled());
  for (unsigned bar = 0; bar < 6; ++bar) CHECK(state(bar_base(bar)) == space.bar_base(bar));
  CHECK(state(kRomEnable) == space.rom_enabled());
  CHECK(state(kRomBase) == space.rom_base());
  CHECK(state(kPower) == (space.in_d3hot() ? 3 : 0));
  CHECK(state(kPmeEnable) == space.pme_enabled());
  CHECK(state(kPmeStatus) == space.pme_pending());
  CHECK(state(kEcrcGenerate) == space.extended().aer().ecrc_generate());
  CHECK(state(kEcrcCheck) == space.extended().aer().ecrc_check());
  CHECK(128u << state(kMaxPayload) == space.max_payload_bytes());
  CHECK(128u << state(kMaxReadRequest) == space.max_read_request_bytes());
  const unsigned control = space.device_control(), control2 = space.device_control2();
  CHECK(state(kExtTag) == (control >> 8 & 1));
  CHECK(state(kRelaxed) == (control >> 4 & 1));
  CHECK(state(kNoSnoop) == (control >> 11 & 1));
  CHECK(state(kTimeoutRange) == (control2 & 0xf));
  CHECK(state(kTimeoutDisable) == (control2 >> 4 & 1));
  CHECK(state(kIdoRequest) == (control2 >> 8 & 1));
  CHECK(state(kIdoCpl) == (control2 >> 9 & 1));
  CHECK(state(kLtrEnable) == (control2 >> 10 & 1));
  CHECK(state(kTag10) == (control2 >> 12 & 1));
  CHECK(state(kMsixEnable) == space.msix_enabled());
  CHECK(state(kMsixMask) == space.msix_masked());
  CHECK(model::MsiSetting{.enabled = state(kMsiEnable) != 0,
                          .vectors = 1u << state(kMsiVectorsLog2),
                          .address = state(kMsiAddress),
                          .data = static_cast<uint16_t>(state(kMsiData)),
                          .mask = static_cast<uint32_t>(state(kMsiMask))} == space.msi());
}

TEST_CASE("A function takes its ID from every configuration write", "[unit][config][R09]") {
  using namespace cfg_state;
  Plain dut;
  CHECK(dut.function.pins().cfg_ready_o);  // a request is taken at once
  CHECK(dut.state(kIdValid) == 0);
  dut.function.read(0);
  CHECK(dut.state(kIdValid) == 0);  // a read tells nothing
  dut.function.target = 0x05f8;
  dut.function.write(0x00, 0);
  CHECK(dut.state(kIdValid) == 1);
  CHECK(dut.state(kId) == 0x05f8);
  dut.function.target = 0x0108;
  dut.function.write(0xffc, 0, /*byte_enables=*/0);
  CHECK(dut.state(kId) == 0x0108);
  function_reset(dut.module);
  CHECK(dut.state(kId) == 0x0108);
  hot_reset(dut.module);
  CHECK(dut.state(kIdValid) == 0);
  CHECK(dut.state(kId) == 0);
}

TEST_CASE("A function tells its stations what software set", "[unit][config][R10][R42]") {
  Plain dut;
  model::ConfigSpace space(kExampleCard);
  check_state(dut.function, space);
  const std::pair<unsigned, uint32_t> writes[] = {
      {0x04, 0x0006},      {0x10, 0x4010'0000}, {0x18, 0x0020'0000}, {0x1c, 0x0000'0010},
      {0x50, 0x8000'0000}, {0x68, 0x0000'5150}, {0x88, 0x0000'1716}, {0xa0, 0x0031'0000},
      {0xa4, 0xfee0'0000}, {0xa8, 0x0000'0001}, {0xac, 0x0000'4321}, {0xb0, 0x0000'00f0},
      {0x44, 0x0000'0103}};
  for (const auto& [offset, value] : writes) {
    dut.function.write(offset, value);
    space.write(offset, value);
    check_state(dut.function, space);
  }
  CHECK(dut.state(cfg_state::bar_base(2)) == 0x10'0020'0000);
  CHECK(dut.state(cfg_state::bar_log2(2)) == 16);
  CHECK(dut.state(cfg_state::kPower) == 3);
}

TEMPLATE_TEST_CASE("Configuration space equals its model, whatever is written and happens",
                   "[unit][config][R38][R41][R42][R43]", Plain, WithRom) {
  const auto shape = std::is_same_v<TestType, WithRom> ? with_rom(kExampleCard) : kExampleCard;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    TestType dut;
    model::ConfigSpace space(shape);
    CHECK(dump(dut.function) == dump(space));
    compare_at_random(dut.function, space, agent::Rng(seed, "cfg"));
    check_state(dut.function, space);
  }
}

TEST_CASE("The capability list ends, and every capability is there once", "[unit][config][R41]") {
  Plain dut;
  std::vector<unsigned> ids;
  for (unsigned at = dut.function.read(0x34) & 0xff; at && ids.size() < 48;) {
    const uint32_t header = dut.function.read(at);
    ids.push_back(header & 0xff);
    at = header >> 8 & 0xff;
  }
  CHECK(ids == std::vector<unsigned>{0x01, 0x11, 0x10, 0x05, 0x03});
}

TEST_CASE("Only a cold reset forgets a wake-up event; a function-level reset keeps the link's part",
          "[unit][config][R41][R43]") {
  Plain dut;
  const auto set_up = [&] {
    dut.function.event(CfgPme);
    dut.function.slot_power(75, 1);
    dut.function.write(0x68, 0x0000'5950);  // 512-byte payloads, 4096-byte reads
    dut.function.write(0x70, 0x0000'00c8);
    dut.function.write(0x04, 0x0000'0006);
    dut.function.write(0xa0, 0x0001'0000);
  };
  set_up();
  function_reset(dut.module);
  CHECK((dut.function.read(0x44) & 0x8000) != 0);
  CHECK((dut.function.read(0x64) & 0x0ffc'0000) == (75u << 18 | 1u << 26));
  CHECK(dut.function.read(0x68) == 0x0000'2850);  // payload size kept, the rest as after reset
  CHECK((dut.function.read(0x70) & 0xffff) == 0xc8);
  CHECK((dut.function.read(0x04) & 0xffff) == 0);
  CHECK((dut.function.read(0xa0) >> 16 & 1) == 0);
  set_up();
  hot_reset(dut.module);
  CHECK((dut.function.read(0x44) & 0x8000) != 0);
  CHECK((dut.function.read(0x64) & 0x0ffc'0000) == 0);
  CHECK(dut.function.read(0x68) == 0x0000'2810);
  CHECK((dut.function.read(0x70) & 0xffff) == 0);
  cold_reset(dut.module);
  CHECK((dut.function.read(0x44) & 0x8000) == 0);
}

TEST_CASE("lspci decodes an endpoint without complaint", "[unit][config][R41]") {
  WithRom dut;
  dut.function.slot_power(250, 1);
  for (const auto& [offset, value] : {std::pair<unsigned, uint32_t>{0x04, 0x0006},
                                      {0x10, 0x4010'0000},
                                      {0x18, 0x0020'0000},
                                      {0x1c, 0x0000'0010},
                                      {0x30, 0x4020'0001},
                                      {0x3c, 0x0000'0005},
                                      {0x50, 0x8000'0000},
                                      {0x88, 0x0000'1700},
                                      {0xa0, 0x0030'0000},
                                      {0xa4, 0xfee0'1000},
                                      {0xb0, 0x0000'00ff}}) {
    dut.function.write(offset, value);
  }
  const std::string text = lspci(dump(dut.function), "Processing accelerators: Causeway endpoint");
  check_lspci_is_content(text);
  for (const char* part : {"Interrupt: pin A routed to IRQ 5",
                           "Expansion ROM at 40200000",
                           "Capabilities: [40] Power Management version 3",
                           "PME(D0+,D1-,D2-,D3hot+,D3cold-)",
                           "Capabilities: [50] MSI-X: Enable+ Count=8 Masked-",
                           "Vector table: BAR=0 offset=00002000",
                           "Capabilities: [60] Express (v2) Endpoint",
                           "SlotPowerLimit 25",
                           "FLReset+",
                           "MaxPayload 512 bytes",
                           "LnkSta:\tSpeed 2.5GT/s",
                           "Completion Timeout: Range ABCD, TimeoutDis+",
                           "LTR+",
                           "10BitTagComp+ 10BitTagReq+",
                           "EETLPPrefix+, MaxEETLPPrefixes 1",
                           "AtomicOpsCap: 32bit+ 64bit+ 128bitCAS+",
                           "Capabilities: [a0] MSI: Enable- Count=8/32 Maskable+ 64bit+",
                           "Address: 00000000fee01000",
                           "Masking: 000000ff  Pending: 00000000",
                           "Capabilities: [c0] Vital Product Data"}) {
    INFO(part << " in\n" << text);
    CHECK(contains(text, part));
  }
}

TEST_CASE("Only requests of type 0 to function 0 reach configuration space", "[unit][config]") {
  Plain dut;
  dut.module.pins().cfg_valid_i = 1;
  dut::clear_bits(dut.module.pins().cfg_hdr_i);
  dut::set_bits(dut.module.pins().cfg_hdr_i, 120, 8, 0x45);  // CfgWr1
  CHECK_THROWS_AS(dut.module.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
