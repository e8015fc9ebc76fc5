// SPDX-License-Identifier: Apache-2.0
#include "random/error_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cw/cw_regs.h"
#include "env/endpoint_shape.hpp"
#include "pcie/codec.hpp"
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
    case ErrorEvent::CompleterAbortPosted:
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

// The registers that say what becomes of an error, with nothing in the log.
model::Aer with_empty_log(model::Aer aer) {
  constexpr unsigned kUncorrectableStatus = 0x04;
  aer.write(kUncorrectableStatus, ~0u, 0xf);
  return aer;
}

constexpr const char* kMessageNames[] = {"ERR_COR", "ERR_NONFATAL", "ERR_FATAL"};
constexpr const char* kEventNames[] = {"malformed",
                                       "unsupported, told",
                                       "unsupported",
                                       "completer abort",
                                       "poisoned",
                                       "poisoned completion",
                                       "unexpected completion",
                                       "completion timeout",
                                       "ECRC",
                                       "overflow",
                                       "internal",
                                       "received UR",
                                       "received CA",
                                       "completer abort, posted"};

constexpr unsigned kAerControl = 0x18;
constexpr uint32_t kFirstError = 0x1f, kPrefixPresent = 1u << 11;

}  // namespace

ErrorLedger::ErrorLedger() : least_(env::only_function()), most_(env::only_function()) {}

void ErrorLedger::about(const pcie::RawTlp& cause, Station station, uint64_t now) {
  now_ = now;
  cause_ = {.header = cause.hdr, .prefix = cause.prefix};
  station_ = station;
}

void ErrorLedger::expect(Event event, bool certain, bool tells) {
  note({.at = now_, .event = event, .certain = certain, .header = cause_.header});
  report(event, certain, tells);
  if (in_reset_) in_reset_events_.push_back(event);
  most_.record(event);
  most_errors_ |= errors_bit(event);
  recent_errors_ |= errors_bit(event);
  if (std::ranges::find(recent_, event) == recent_.end()) recent_.push_back(event);
  if (!certain) return;
  pending_errors_ |= errors_bit(event);
  if (clears_ != 0) return;
  if (std::ranges::find(pending_, event) == pending_.end()) pending_.push_back(event);
}

// The message that the error owes, and whether it may be the first error.
void ErrorLedger::report(Event event, bool certain, bool tells) {
  std::optional<model::SeenError> seen = model::seen_error(event);
  if (!seen) return;
  const bool of_no_tlp = event == Event::CompletionTimeout;
  const Station station = of_no_tlp ? Station::Timer : station_;
  if (!of_no_tlp) {
    seen->header = cause_.header;
    seen->prefix = cause_.prefix;
  }
  model::Aer aer = with_empty_log(most_.extended().aer());
  const model::ErrorClasses owed = aer.report({*seen}, most_.report_enables()).messages;
  const auto owe = [&](bool is_owed, ErrorMessage kind) {
    if (!is_owed) return;
    Owed& message = messages_[static_cast<size_t>(kind)];
    ++message.may;
    if (certain && tells) {
      message.certain = true;
      message.cause = *seen;
    }
  };
  owe(owed.correctable, ErrorMessage::Correctable);
  owe(owed.non_fatal, ErrorMessage::NonFatal);
  owe(owed.fatal, ErrorMessage::Fatal);
  bool& known = first_certain_[static_cast<size_t>(station)];
  if ((aer.read(kAerControl) & kFirstError) == 0 || known || first_settled_) return;
  first_.push_back(*seen);
  known = certain;
}

// Errors that come while a message waits share it, so one may do for all.
bool ErrorLedger::take_message(ErrorMessage kind, uint64_t now) {
  note({.at = now, .message = kind});
  Owed& message = messages_[static_cast<size_t>(kind)];
  if (message.may == 0) return false;
  --message.may;
  message.certain = false;
  return true;
}

size_t ErrorLedger::messages_owed() const {
  return static_cast<size_t>(
      std::ranges::count_if(messages_, [](const Owed& owed) { return owed.certain; }));
}

void ErrorLedger::note(const Line& line) {
  constexpr size_t kKept = 13;
  history_.push_back(line);
  if (history_.size() > kKept) history_.pop_front();
}

std::vector<std::string> ErrorLedger::history() const {
  const model::Aer& aer = most_.extended().aer();
  std::vector<std::string> lines{
      fmt::format("mask {:08x}, severity {:08x}, correctable mask {:08x}, Device Control {:04x}, "
                  "Command {:04x}",
                  aer.read(0x08), aer.read(0x0c), aer.read(0x14), most_.device_control(),
                  most_.read(pcie::reg::kCommand) & 0xffff)};
  for (const Line& line : history_) {
    if (!line.event) {
      lines.push_back(
          fmt::format("{:>8}  {}", line.at, kMessageNames[static_cast<size_t>(line.message)]));
      continue;
    }
    lines.push_back(fmt::format("{:>8}  {}{} of {:08x} {:08x} {:08x} {:08x}", line.at,
                                line.certain ? "" : "maybe ",
                                kEventNames[static_cast<size_t>(*line.event)], line.header[0],
                                line.header[1], line.header[2], line.header[3]));
  }
  return lines;
}

std::string ErrorLedger::oldest_message() const {
  for (size_t n = 0; n < messages_.size(); ++n) {
    if (!messages_[n].certain) continue;
    const pcie::RawTlp cause{.hdr = messages_[n].cause.header};
    return fmt::format("{} of error {}, {}", kMessageNames[n],
                       static_cast<unsigned>(messages_[n].cause.error), pcie::to_text(cause));
  }
  return "";
}

void ErrorLedger::check_log(const Log& seen) {
  const auto fault = [&](const std::string& sentence) {
    std::vector<FieldDifference> fields;
    const auto header = [](const std::array<uint32_t, 4>& dw) {
      return fmt::format("{:08x} {:08x} {:08x} {:08x}", dw[0], dw[1], dw[2], dw[3]);
    };
    fields.push_back({"error", "", std::to_string(seen.control & kFirstError)});
    fields.push_back({"header", "", header(seen.header)});
    for (const model::SeenError& legal : first_) {
      fields.push_back({"legal", std::to_string(static_cast<unsigned>(legal.error)), ""});
      fields.push_back({"  its header", header(legal.header), ""});
    }
    throw Fault(sentence + " [R38]", std::move(fields));
  };
  const uint32_t bit = seen.control & kFirstError;
  const bool some = first_settled_ || std::ranges::count(first_certain_, true) != 0;
  if (bit == 0) {
    if (some) fault("an error was to be logged, and there is no first error");
    first_.clear();
    return;
  }
  const auto legal = std::ranges::find_if(first_, [&](const model::SeenError& error) {
    return static_cast<uint32_t>(error.error) == bit && error.header == seen.header &&
           error.prefix.has_value() == ((seen.control & kPrefixPresent) != 0) &&
           (!error.prefix || *error.prefix == seen.prefix);
  });
  if (legal == first_.end()) fault("the log does not hold the first error");
  first_ = {model::SeenError(*legal)};
  first_settled_ = true;
}

// An error that is on its way may be recorded before the write, and be cleared by it, or after.
bool ErrorLedger::config_write(unsigned offset, uint32_t value, uint8_t enables) {
  uint32_t lanes = 0;
  for (unsigned n = 0; n < 4; ++n) lanes |= (enables >> n & 1) ? 0xffu << 8 * n : 0;
  least_.write(offset, value, enables);
  most_.write(offset, value, enables);
  const bool freed = !first_.empty() && offset == model::ConfigExtended::kAer + 4 &&
                     (value & lanes & 1u << static_cast<unsigned>(first_.front().error)) != 0;
  if (freed) {  // the log is free again (6.2.4.2)
    first_.clear();
    first_certain_ = {};
    first_settled_ = false;
  }
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

bool ErrorLedger::begin_function_reset() {
  in_reset_ |= most_.take_function_reset();
  return in_reset_;
}

void ErrorLedger::reset(model::ResetKind kind) {
  least_.reset(kind);
  most_.reset(kind);
  pending_.clear();
  recent_.clear();
  least_errors_ = most_errors_ = pending_errors_ = recent_errors_ = 0;
  clears_ = 0;
  in_reset_ = false;
  if (kind == model::ResetKind::Function) {
    for (const Event event : in_reset_events_) most_.record(event);
    for (const Event event : in_reset_events_) most_errors_ |= errors_bit(event);
  }
  in_reset_events_.clear();
  for (Owed& owed : messages_) {  // one may be on its way
    const bool link = kind != model::ResetKind::Function;
    owed = {.may = owed.may == 0 || link ? 0u : 1u};
  }
  if (kind == model::ResetKind::Cold) {
    first_.clear();
    first_settled_ = false;
  }
  first_certain_ = {};
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
