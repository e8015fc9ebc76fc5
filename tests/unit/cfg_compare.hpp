// SPDX-License-Identifier: Apache-2.0
//
// A configuration space beside its model: random accesses and errors, and the whole space as lspci
// sees it.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "model/config_space.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {

// Function 0 with the parameters' defaults.
inline constexpr model::EndpointShape kExampleCard{
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
    .extended = {.serial_number = 0xca5e'00ff'fe00'0001, .build = {0, 0x0008'2108, 0x0002'0010}},
    .intx_pin = 1,
    .msi_vectors = 32,
    .vpd = {.name = "Causeway endpoint   ",
            .part_number = "CW-EP-DMA   ",
            .serial_number = "000000000001"}};

inline constexpr std::pair<unsigned, model::ErrorEvent> kCfgErrors[] = {
    {CfgMalformed, model::ErrorEvent::Malformed},
    {CfgUnsupported | CfgAdvisory, model::ErrorEvent::UnsupportedTold},
    {CfgUnsupported, model::ErrorEvent::UnsupportedPosted},
    {CfgCompleterAbort, model::ErrorEvent::CompleterAbort},
    {CfgPoisoned, model::ErrorEvent::Poisoned},
    {CfgPoisoned | CfgPoisonedCpl, model::ErrorEvent::PoisonedCompletion},
    {CfgUnexpectedCpl, model::ErrorEvent::UnexpectedCompletion},
    {CfgCplTimeout, model::ErrorEvent::CompletionTimeout},
    {CfgEcrcError, model::ErrorEvent::Ecrc},
    {CfgOverflow, model::ErrorEvent::ReceiverOverflow},
    {CfgInternalError, model::ErrorEvent::Internal},
    {CfgReceivedUr, model::ErrorEvent::ReceivedUr},
    {CfgReceivedCa, model::ErrorEvent::ReceivedCa}};

template <class V>
std::vector<uint32_t> dump(CfgFunction<V>& function) {
  std::vector<uint32_t> dwords;
  for (unsigned offset = 0; offset < model::ConfigSpace::kBytes; offset += 4) {
    dwords.push_back(function.read(offset));
  }
  return dwords;
}

inline std::vector<uint32_t> dump(const model::ConfigSpace& space) {
  std::vector<uint32_t> dwords;
  for (unsigned offset = 0; offset < model::ConfigSpace::kBytes; offset += 4) {
    dwords.push_back(space.read(offset));
  }
  return dwords;
}

// What only an endpoint meets: events that are no error, levels, and every kind of reset.
template <class V>
void happen_to_endpoint(CfgFunction<V>& function, model::ConfigSpace& space, agent::Rng& rng) {
  auto& pins = function.pins();
  switch (rng.range(0, 99)) {
    case 0:
      cold_reset(function.module());
      space.reset(model::ResetKind::Cold);
      break;
    case 1:
      hot_reset(function.module());
      space.reset(model::ResetKind::Hot);
      break;
    case 2:
    case 3:
      function_reset(function.module());
      space.reset(model::ResetKind::Function);
      break;
    case 4: {
      const auto value = static_cast<uint8_t>(rng.u32()),
                 scale = static_cast<uint8_t>(rng.range(0, 3));
      function.slot_power(value, scale);
      space.slot_power(value, scale);
      break;
    }
    case 5:
    case 6:
    case 7:
      function.event(CfgPme);
      space.wake();
      break;
    default:
      return;
  }
  pins.busy_i = rng.chance(50);
  pins.intx_pending_i = rng.chance(50);
  pins.msi_pending_i = rng.u32();
  function.module().settle();
  space.set_transactions_pending(pins.busy_i);
  space.set_intx_pending(pins.intx_pending_i);
  space.set_msi_pending(pins.msi_pending_i);
}

// Writes of random bytes, mostly to what exists, errors, and what else happens; after each the
// dword is compared, and the whole space at the end.
template <class V>
void compare_at_random(CfgFunction<V>& function, model::ConfigSpace& space, agent::Rng rng) {
  for (unsigned i = 0; i < 3000; ++i) {
    if (rng.chance(20)) {
      const auto& [pins, error] = rng.pick(kCfgErrors);
      function.event(pins);
      space.record(error);
    }
    if constexpr (requires { function.pins().fn_rst_i; }) happen_to_endpoint(function, space, rng);
    const auto offset = static_cast<unsigned>(4 * (rng.chance(60)   ? rng.range(0, 0xcc / 4)
                                                   : rng.chance(75) ? rng.range(0x40, 0x7f)
                                                                    : rng.range(0, 1023)));
    const uint32_t value = rng.chance(30) ? 0xffff'ffff : rng.u32();
    const auto enables = static_cast<uint8_t>(rng.chance(50) ? 0xf : rng.range(0, 15));
    function.write(offset, value, enables);
    space.write(offset, value, enables);
    if constexpr (requires { function.pins().fn_rst_i; }) {
      REQUIRE(function.state(cfg_state::kFlr) == space.take_function_reset());
    }
    INFO("offset 0x" << std::hex << offset << ", value 0x" << value << ", enables " << +enables);
    REQUIRE(function.read(offset) == space.read(offset));
  }
  CHECK(dump(function) == dump(space));
}

// What `lspci -vvv` prints of the space.
inline std::string lspci(const std::vector<uint32_t>& dwords, const std::string& title) {
  const auto path =
      std::filesystem::temp_directory_path() / ("cw-lspci-" + std::to_string(::getpid()) + ".txt");
  std::ofstream(path) << model::lspci_text("01:00.0", title, dwords);
  std::string text;
  const std::string command = "lspci -F '" + path.string() + "' -vvv 2>/dev/null";
  if (FILE* pipe = ::popen(command.c_str(), "r")) {
    for (int c; (c = std::fgetc(pipe)) != EOF;) text += static_cast<char>(c);
    CHECK(::pclose(pipe) == 0);
  }
  std::filesystem::remove(path);
  return text;
}

inline void check_lspci_is_content(const std::string& text) {
  INFO(text);
  for (const char* complaint :
       {"<chain", "<unreadable", "!!!", "nknown", "Chain looped", "access denied"}) {
    CHECK(text.find(complaint) == std::string::npos);
  }
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace cw::unit
