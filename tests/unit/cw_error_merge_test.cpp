// SPDX-License-Identifier: Apache-2.0
// cw-variant: Sources=3 Functions=3 Posted=4
#include <Vcw_error_merge_sources3_functions3_posted4.h>

#include <array>
#include <optional>

#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/aer_pins.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kSources = 3, kFunctions = 3;

struct Report {
  unsigned functions = 0;
  unsigned kinds = 0;
  std::array<uint32_t, 4> header{};
  std::optional<uint32_t> prefix{};
};

// What a function hears in a clock.
struct Heard {
  unsigned event = 0;
  uint64_t own = 0, shared = 0;  // errors_t
  std::array<uint32_t, 4> header{};
  std::optional<uint32_t> prefix{};
  bool operator==(const Heard&) const = default;
};

struct Merge {
  dut::Module<Vcw_error_merge_sources3_functions3_posted4> module;

  Merge() {
    for (unsigned s = 0; s < kSources; ++s) report(s, {});
    for (unsigned f = 0; f < kFunctions; ++f) settings(f, 0, 0, false);
    module.reset();
  }
  void report(unsigned source, const Report& report) {
    auto& port = module.pins().report_i;
    const unsigned lsb = 183 * source;
    dut::set_bits(port, lsb + 182, 1, report.prefix.has_value());
    dut::set_bits(port, lsb + 150, 32, report.prefix.value_or(0));
    dut::set_bits(port, lsb + 142, 8, report.functions);
    dut::set_bits(port, lsb + 128, 14, report.kinds);
    for (unsigned i = 0; i < 4; ++i) {
      dut::set_bits(port, lsb + 32 * (3 - i), 32, report.header.at(i));
    }
  }
  void settings(unsigned function, uint32_t severity, uint32_t mask, bool mask_advisory) {
    auto& port = module.pins().settings_i;
    dut::set_bits(port, 65 * function, 1, mask_advisory);
    dut::set_bits(port, 65 * function + 1, 32, mask);
    dut::set_bits(port, 65 * function + 33, 32, severity);
  }
  Heard heard(unsigned function) {
    module.settle();
    const auto& port = module.pins().errors_o;
    const unsigned lsb = 289 * function;
    Heard heard{
        .event = static_cast<unsigned>(dut::get_bits(module.pins().event_o, 14 * function, 14)),
        .own = dut::get_bits(port, lsb + kOwnLsb, 64),
        .shared = dut::get_bits(port, lsb + kSharedLsb, 64)};
    for (unsigned i = 0; i < 4; ++i) {
      heard.header.at(i) =
          static_cast<uint32_t>(dut::get_bits(port, lsb + kHeaderLsb + 32 * (3 - i), 32));
    }
    if (dut::get_bits(port, lsb + kPrefixValidLsb, 1)) {
      heard.prefix = static_cast<uint32_t>(dut::get_bits(port, lsb + kPrefixLsb, 32));
    }
    return heard;
  }
};

constexpr uint64_t untold(unsigned bit) { return uint64_t{1} << bit; }
constexpr uint64_t told(unsigned bit) { return uint64_t{1} << (32 + bit); }

TEST_CASE("A report reaches the functions that it names and no other", "[unit][config][R38]") {
  Merge dut;
  dut.report(1, {.functions = 0b010, .kinds = CfgPoisoned, .header = {1, 2, 3, 4}});
  CHECK(dut.heard(0) == Heard{});
  CHECK(dut.heard(1) == Heard{.event = CfgPoisoned, .own = untold(12), .header = {1, 2, 3, 4}});
  CHECK(dut.heard(2) == Heard{});
  // Of no function in particular: as stations say it, they do not know how many there are
  dut.report(1, {.functions = 0xff, .kinds = CfgMalformed, .header = {5, 6, 7, 8}});
  for (unsigned f = 0; f < kFunctions; ++f) {
    CHECK(dut.heard(f) ==
          Heard{.event = CfgMalformed, .shared = untold(18), .header = {5, 6, 7, 8}});
  }
}

TEST_CASE("Every kind of error becomes its bit, told or not", "[unit][config][R38]") {
  constexpr std::pair<unsigned, uint64_t> kKinds[] = {{CfgMalformed, untold(18)},
                                                      {CfgEcrcError, untold(19)},
                                                      {CfgOverflow, untold(17)},
                                                      {CfgInternalError, untold(22)},
                                                      {CfgUnsupported, untold(20)},
                                                      {CfgUnsupported | CfgAdvisory, told(20)},
                                                      {CfgCompleterAbort, told(15)},
                                                      {CfgPoisoned, untold(12)},
                                                      {CfgPoisoned | CfgPoisonedCpl, untold(12)},
                                                      {CfgUnexpectedCpl, told(16)},
                                                      {CfgCplTimeout, untold(14)},
                                                      {CfgReceivedUr | CfgReceivedCa | CfgPme, 0}};
  Merge dut;
  for (const auto& [kinds, error] : kKinds) {
    dut.report(0, {.functions = 1, .kinds = kinds});
    CHECK(dut.heard(0).event == kinds);
    CHECK(dut.heard(0).own == error);
  }
}

TEST_CASE("An abort is told by a completion, but not where requests are posted",
          "[unit][config][R20][R38]") {
  Merge dut;
  dut.report(1, {.functions = 1, .kinds = CfgCompleterAbort});
  CHECK(dut.heard(0).own == told(15));
  dut.report(2, {.functions = 1, .kinds = CfgCompleterAbort});  // the station of posted requests
  CHECK(dut.heard(0).own == (told(15) | untold(15)));
}

TEST_CASE("An advisory and a grave Unsupported Request of one clock are both kept",
          "[unit][config][R38]") {
  Merge dut;
  dut.report(0, {.functions = 1, .kinds = CfgUnsupported | CfgAdvisory});
  dut.report(2, {.functions = 1, .kinds = CfgUnsupported});
  CHECK(dut.heard(0).own == (told(20) | untold(20)));
}

TEST_CASE("The header is that of the error that counts most of those that are logged",
          "[unit][config][R38]") {
  Merge dut;
  dut.report(0, {.functions = 1, .kinds = CfgPoisoned, .header = {1, 1, 1, 1}});
  dut.report(1, {.functions = 1, .kinds = CfgUnexpectedCpl, .header = {2, 2, 2, 2}});
  dut.report(
      2, {.functions = 7, .kinds = CfgMalformed, .header = {3, 3, 3, 3}, .prefix = 0x9100'0003});
  CHECK(dut.heard(0).header[0] == 3);
  CHECK(dut.heard(0).prefix == 0x9100'0003);
  dut.settings(0, 0, 1u << 18, false);
  CHECK(dut.heard(0).header[0] == 2);
  CHECK(dut.heard(0).prefix == std::nullopt);
  CHECK(dut.heard(1).header[0] == 3);  // each function has masks of its own
  dut.settings(0, 0, 1u << 18, true);  // an advisory error that is masked is not logged
  CHECK(dut.heard(0).header[0] == 1);
  dut.settings(0, 1u << 16, 1u << 18, true);  // now it is fatal
  CHECK(dut.heard(0).header[0] == 2);
  dut.settings(0, 0, ~0u, false);
  CHECK(dut.heard(0) == Heard{.event = CfgPoisoned | CfgUnexpectedCpl | CfgMalformed,
                              .own = untold(12) | told(16),
                              .shared = untold(18)});
}

}  // namespace
}  // namespace cw::unit
