// SPDX-License-Identifier: Apache-2.0
#include "random/error_ledger.hpp"

#include <algorithm>

#include "cw/cw_regs.h"
#include "env/endpoint_shape.hpp"
#include "pcie/config_space.hpp"

namespace cw::random {

using model::ErrorEvent;

uint32_t errors_bit(ErrorEvent event) {
  switch (event) {
    case ErrorEvent::Malformed:
      return CW_REGS__ERRORS__MALFORMED_bm;
    case ErrorEvent::UnsupportedTold:
    case ErrorEvent::UnsupportedPosted:
      return CW_REGS__ERRORS__UNSUPPORTED_bm;
    case ErrorEvent::CompleterAbort:
      return CW_REGS__ERRORS__COMPLETER_ABORT_bm;
    case ErrorEvent::Poisoned:
    case ErrorEvent::PoisonedCompletion:
      return CW_REGS__ERRORS__POISONED_bm;
    case ErrorEvent::UnexpectedCompletion:
      return CW_REGS__ERRORS__UNEXPECTED_CPL_bm;
    case ErrorEvent::CompletionTimeout:
      return CW_REGS__ERRORS__CPL_TIMEOUT_bm;
    case ErrorEvent::ReceivedUr:
      return CW_REGS__ERRORS__RECEIVED_UR_bm;
    case ErrorEvent::ReceivedCa:
      return CW_REGS__ERRORS__RECEIVED_CA_bm;
    default:  // nothing that this card tells of
      return 0;
  }
  return 0;
}

namespace {

// Bits that errors set, and software clears.
constexpr uint32_t status_bits(unsigned offset) {
  const bool status = offset == pcie::reg::kCommand ||
                      offset == model::ConfigSpace::kPcie + pcie::pcie_cap::kDevCtl;
  return status ? 0xffff'0000 : 0;
}

}  // namespace

ErrorLedger::ErrorLedger() : least_(env::kEndpointShape), most_(env::kEndpointShape) {}

void ErrorLedger::expect(Event event, bool certain) {
  ++events_;
  most_.record(event);
  most_errors_ |= errors_bit(event);
  recent_errors_ |= errors_bit(event);
  if (std::ranges::find(recent_, event) == recent_.end()) recent_.push_back(event);
  if (!certain) return;
  pending_errors_ |= errors_bit(event);
  if (clears_ != 0) return;
  if (std::ranges::find(pending_, event) == pending_.end()) pending_.push_back(event);
}

// An error that is on its way may be recorded before the write, and be cleared by it, or after.
bool ErrorLedger::config_write(unsigned offset, uint32_t value, uint8_t enables) {
  uint32_t lanes = 0;
  for (unsigned n = 0; n < 4; ++n) lanes |= (enables >> n & 1) ? 0xffu << 8 * n : 0;
  least_.write(offset, value, enables);
  most_.write(offset, value, enables);
  if ((value & lanes & status_bits(offset)) == 0) return false;
  pending_.clear();
  for (const Event event : recent_) most_.record(event);
  ++clears_;
  return true;
}

void ErrorLedger::clear_errors(uint32_t ones) {
  least_errors_ &= ~ones;
  pending_errors_ &= ~ones;
  most_errors_ = (most_errors_ & ~ones) | recent_errors_;
}

void ErrorLedger::settle() {
  for (const Event event : pending_) least_.record(event);
  least_errors_ |= pending_errors_;
  pending_.clear();
  recent_.clear();
  pending_errors_ = recent_errors_ = 0;
}

std::pair<uint32_t, uint32_t> ErrorLedger::config_dword(unsigned offset) const {
  const uint32_t most = most_.read(offset);
  return {most, ~(most ^ least_.read(offset))};
}

std::pair<uint32_t, uint32_t> ErrorLedger::errors() const {
  return {most_errors_, ~(most_errors_ ^ least_errors_)};
}

}  // namespace cw::random
