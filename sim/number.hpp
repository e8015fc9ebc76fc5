// SPDX-License-Identifier: Apache-2.0
//
// What a number on the command line must be: CLI11 takes -1 and 2^64 for some other one.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>

namespace cw::sim {

// Empty where the text is a whole number of 64 bits, decimal or 0x; else what is wrong.
inline std::string check_number(const std::string& text) {
  const bool hex = text.starts_with("0x");
  const char* begin = text.data() + (hex ? 2 : 0);
  const char* end = text.data() + text.size();
  uint64_t value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value, hex ? 16 : 10);
  return error == std::errc{} && stop == end && begin != end
             ? ""
             : text + " is no whole number of at most 64 bits";
}

}  // namespace cw::sim
