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

inline constexpr std::pair<unsigned, model::ErrorEvent> kCfgErrors[] = {
    {CfgMalformed, model::ErrorEvent::Malformed},
    {CfgUnsupported | CfgAdvisory, model::ErrorEvent::UnsupportedTold},
    {CfgUnsupported, model::ErrorEvent::UnsupportedPosted},
    {CfgCompleterAbort, model::ErrorEvent::CompleterAbort},
    {CfgPoisoned, model::ErrorEvent::Poisoned},
    {CfgPoisoned | CfgPoisonedCpl, model::ErrorEvent::PoisonedCompletion},
    {CfgUnexpectedCpl, model::ErrorEvent::UnexpectedCompletion},
    {CfgCplTimeout, model::ErrorEvent::CompletionTimeout},
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

// Writes of random bytes, mostly to what exists, and errors; after each the dword is compared, and
// the whole space at the end.
template <class V>
void compare_at_random(CfgFunction<V>& function, model::ConfigSpace& space, agent::Rng rng) {
  for (unsigned i = 0; i < 3000; ++i) {
    if (rng.chance(20)) {
      const auto& [pins, error] = rng.pick(kCfgErrors);
      function.event(pins);
      space.record(error);
    }
    const auto offset = static_cast<unsigned>(4 * (rng.chance(60)   ? rng.range(0, 0x9c / 4)
                                                   : rng.chance(75) ? rng.range(0x40, 0x7f)
                                                                    : rng.range(0, 1023)));
    const uint32_t value = rng.chance(30) ? 0xffff'ffff : rng.u32();
    const auto enables = static_cast<uint8_t>(rng.chance(50) ? 0xf : rng.range(0, 15));
    function.write(offset, value, enables);
    space.write(offset, value, enables);
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
