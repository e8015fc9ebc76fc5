// SPDX-License-Identifier: Apache-2.0
// cw-variant: Functions=3 Function=1
#include <Vcw_cfg_extended.h>
#include <Vcw_cfg_extended_functions3_function1.h>

#include <array>

#include "unit/aer_pins.hpp"
#include "unit/cfg_compare.hpp"

namespace cw::unit {
namespace {

using Single = Vcw_cfg_extended;                       // function 0 of 1
using Middle = Vcw_cfg_extended_functions3_function1;  // function 1 of 3

template <class V>
struct Extended {
  dut::Module<V> module;
  CfgBus<V> bus{quiet(module)};

  static dut::Module<V>& quiet(dut::Module<V>& module) {
    V& pins = module.pins();
    pins.mem_enable_i = 0;
    pins.report_i = 0;
    pins.told_i = 0;
    pins.cfg_valid_i = 0;
    drive_errors(pins.errors_i, {});
    pins.cold_rst_i = 1;
    module.reset();
    pins.cold_rst_i = 0;
    return module;
  }
  // Offset and ID of each capability from 0x100 on.
  std::vector<std::pair<unsigned, unsigned>> chain() {
    std::vector<std::pair<unsigned, unsigned>> capabilities;
    for (unsigned at = 0x100; at && capabilities.size() < 32;) {
      const uint32_t header = bus.read(at);
      CHECK((header >> 16 & 0xf) == ((header & 0xffff) == 1 ? 2 : 1));  // AER has version 2
      capabilities.emplace_back(at, header & 0xffff);
      at = header >> 20;
    }
    return capabilities;
  }
};

model::ExtendedShape shape(unsigned function, unsigned functions) {
  return {.function = function,
          .functions = functions,
          .serial_number = 0xca5e'00ff'fe00'0001,
          .build = {0, 0x0008'2108, 0x0002'0010},
          .resizable_log2 = {0, 22, 24}};
}

// Writes of random bytes to what exists and what does not; after each the dword is compared.
template <class V>
void compare_at_random(Extended<V>& dut, model::ConfigExtended& space, agent::Rng rng) {
  const auto pick = [&rng] {
    return rng.pick(std::array{model::Uncorrectable::Malformed, model::Uncorrectable::Poisoned,
                               model::Uncorrectable::CompleterAbort});
  };
  for (unsigned i = 0; i < 2000; ++i) {
    if (rng.chance(2)) {
      dut.module.reset();
      space.reset(/*cold=*/false);
    }
    if (rng.chance(10)) {
      const std::vector<model::SeenError> errors{{.error = pick(), .header = {rng.u32(), 2, 3, 4}}};
      drive_errors(dut.bus.pins().errors_i, errors);
      dut.module.step();
      drive_errors(dut.bus.pins().errors_i, {});
      space.report(errors, {});
    }
    if (rng.chance(5)) dut.bus.pins().mem_enable_i = rng.chance(30);
    const auto offset = static_cast<unsigned>(
        4 * (rng.chance(80) ? rng.range(0x40, 0x7f) : rng.range(0x40, 0x3ff)));
    const uint32_t value = rng.chance(30)   ? 0xffff'ffff
                           : rng.chance(50) ? rng.u32() & 0x0707'0707
                                            : rng.u32();
    const auto enables = static_cast<uint8_t>(rng.chance(50) ? 0xf : rng.range(0, 15));
    dut.bus.write(offset, value, enables);
    space.write(offset, value, enables, dut.bus.pins().mem_enable_i);
    INFO("offset 0x" << std::hex << offset << ", value 0x" << value << ", enables " << +enables);
    REQUIRE(dut.bus.read(offset) == space.read(offset));
    for (const unsigned bar : {1u, 2u}) {
      REQUIRE(dut::get_bits(dut.bus.pins().bar_log2_o, 6 * bar, 6) ==
              space.resizable_bar_log2(bar));
    }
  }
  for (unsigned offset = 0x100; offset < 0x1000; offset += 4) {
    CHECK(dut.bus.read(offset) == space.read(offset));
  }
}

TEST_CASE("The extended chain of a single function has neither ARI nor ACS",
          "[unit][config][R41]") {
  Extended<Single> dut;
  CHECK(dut.chain() == std::vector<std::pair<unsigned, unsigned>>{
                           {0x100, 0x3}, {0x110, 0xb}, {0x140, 0x1}, {0x1a0, 0x18}, {0x1b0, 0x15}});
}

TEST_CASE("The extended chain of a function above 0 has no LTR", "[unit][config][R41]") {
  Extended<Middle> dut;
  CHECK(dut.chain() ==
        std::vector<std::pair<unsigned, unsigned>>{
            {0x100, 0x3}, {0x110, 0xb}, {0x140, 0x1}, {0x190, 0xe}, {0x198, 0xd}, {0x1b0, 0x15}});
  CHECK(dut.bus.read(0x194) == 0x0000'0200);
}

TEST_CASE("Extended space equals its model, whatever is written", "[unit][config][R41][R42]") {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    Extended<Single> single;
    model::ConfigExtended single_space(shape(0, 1));
    compare_at_random(single, single_space, agent::Rng(seed, "single"));
    Extended<Middle> middle;
    model::ConfigExtended middle_space(shape(1, 3));
    compare_at_random(middle, middle_space, agent::Rng(seed, "middle"));
  }
}

// The space of a function as lspci sees it, with a header from the model.
template <class V>
std::string lspci_of(Extended<V>& dut) {
  std::vector<uint32_t> dwords =
      dump(model::ConfigSpace(model::EndpointShape{.vendor = 0xca5e, .device = 0xca05}));
  for (unsigned offset = 0x100; offset < 0x1000; offset += 4) {
    dwords.at(offset / 4) = dut.bus.read(offset);
  }
  const std::string text = lspci(dwords, "Processing accelerators: Causeway endpoint");
  check_lspci_is_content(text);
  INFO(text);
  CHECK(contains(text, "Device Serial Number ca-5e-00-ff-fe-00-00-01"));
  CHECK(contains(text, "Vendor Specific Information: ID=0001 Rev=1 Len=014"));
  return text;
}

TEST_CASE("lspci decodes the extended capabilities without complaint", "[unit][config][R41]") {
  Extended<Single> single;
  single.bus.write(0x1a4, 0x1003'0846);
  single.bus.write(0x1b0 + 16, 0x0000'0300);
  single.bus.write(0x140 + 0x18, 0x0000'0100);
  drive_errors(single.bus.pins().errors_i,
               {{.error = model::Uncorrectable::Poisoned, .header = {0x4a00'0001, 4, 5, 6}},
                {.error = model::Uncorrectable::CompleterAbort, .told = true}});
  single.module.step();
  drive_errors(single.bus.pins().errors_i, {});
  const std::string text = lspci_of(single);
  INFO(text);
  CHECK(contains(text, "Capabilities: [140 v2] Advanced Error Reporting"));
  CHECK(
      contains(text, "UESta:\tDLP- SDES- TLP+ FCP- CmpltTO- CmpltAbrt- UnxCmplt- RxOF- MalfTLP-"));
  CHECK(
      contains(text, "UESvrt:\tDLP+ SDES- TLP- FCP- CmpltTO- CmpltAbrt- UnxCmplt- RxOF+ MalfTLP+"));
  CHECK(contains(text, "CESta:\tRxErr- BadTLP- BadDLLP- Rollover- Timeout- AdvNonFatalErr+"));
  CHECK(contains(text, "First Error Pointer: 0c, ECRCGenCap+ ECRCGenEn- ECRCChkCap+ ECRCChkEn+"));
  CHECK(contains(text, "HeaderLog: 4a000001 00000004 00000005 00000006"));
  CHECK(contains(text, "Latency Tolerance Reporting"));
  CHECK(contains(text, "Max snoop latency: 71680ns"));
  CHECK(contains(text, "Max no snoop latency: 3145728ns"));
  CHECK(contains(text, "Physical Resizable BAR"));
  CHECK(contains(text, "BAR 1: current size: 1MB, supported: 1MB 2MB 4MB"));
  CHECK(contains(text, "BAR 2: current size: 8MB, supported: 1MB 2MB 4MB 8MB 16MB"));

  Extended<Middle> middle;
  const std::string of_middle = lspci_of(middle);
  INFO(of_middle);
  CHECK(contains(of_middle, "ARICap:\tMFVC- ACS-, Next Function: 2"));
  CHECK(contains(of_middle, "ACSCap:\tSrcValid- TransBlk- ReqRedir- CmpltRedir- UpstreamFwd-"));
  CHECK(!contains(of_middle, "Latency Tolerance"));
}

}  // namespace
}  // namespace cw::unit
