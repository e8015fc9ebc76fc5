// SPDX-License-Identifier: Apache-2.0
//
// The ports of Advanced Error Reporting as plain values: `function_errors_t`, `error_class_t`,
// `error_message_t`, `report_enable_t`.
#pragma once

#include <vector>

#include "dut/bits.hpp"
#include "model/aer.hpp"

namespace cw::unit {

// function_errors_t, from its least significant bit: prefix, its mark, header, shared errors, own
// errors; of errors the untold, then the told.
inline constexpr unsigned kPrefixLsb = 0, kPrefixValidLsb = 32, kHeaderLsb = 33, kSharedLsb = 161,
                          kOwnLsb = 225;

inline bool is_told(const model::SeenError& seen) {
  return seen.told || seen.error == model::Uncorrectable::UnexpectedCompletion;
}

// Errors of one clock; the header and the prefix are those of the first.
template <class Port>
void drive_errors(Port& port, const std::vector<model::SeenError>& errors) {
  dut::clear_bits(port);
  for (const model::SeenError& seen : errors) {
    const unsigned lsb = (seen.shared ? kSharedLsb : kOwnLsb) + (is_told(seen) ? 32 : 0);
    dut::set_bits(port, lsb + static_cast<unsigned>(seen.error), 1, 1);
  }
  if (errors.empty()) return;
  for (unsigned i = 0; i < 4; ++i) {
    dut::set_bits(port, kHeaderLsb + 32 * (3 - i), 32, errors.front().header.at(i));
  }
  if (errors.front().prefix) {
    dut::set_bits(port, kPrefixValidLsb, 1, 1);
    dut::set_bits(port, kPrefixLsb, 32, *errors.front().prefix);
  }
}

inline unsigned class_bits(const model::ErrorClasses& classes) {
  return unsigned{classes.unsupported} << 3 | unsigned{classes.fatal} << 2 |
         unsigned{classes.non_fatal} << 1 | unsigned{classes.correctable};
}

inline unsigned enable_bits(const model::ReportEnables& enables) {
  return unsigned{enables.serr} << 4 | unsigned{enables.unsupported} << 3 |
         unsigned{enables.fatal} << 2 | unsigned{enables.non_fatal} << 1 |
         unsigned{enables.correctable};
}

}  // namespace cw::unit
