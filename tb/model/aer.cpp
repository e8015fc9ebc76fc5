// SPDX-License-Identifier: Apache-2.0
#include "model/aer.hpp"

#include <algorithm>

namespace cw::model {
namespace {

// Data Link Protocol, and all that can happen here.
constexpr uint32_t kUncorrectable = 0x005f'd010;
// Bad TLP, Bad DLLP, REPLAY_NUM rollover, replay timeout, Advisory Non-Fatal.
constexpr uint32_t kCorrectable = 0x0000'31c0;
constexpr uint32_t kAdvisory = 1u << 13;
// Capabilities and Control (7.8.4.7).
constexpr uint32_t kEcrcCapable = 1u << 5 | 1u << 7, kEcrcEnables = 1u << 6 | 1u << 8;
constexpr uint32_t kPrefixPresent = 1u << 11;

uint32_t bit(Uncorrectable error) { return 1u << static_cast<unsigned>(error); }

// 6.2.3.2.3, highest precedence first; a timeout is of no received TLP.
unsigned precedence(const SeenError& seen) {
  switch (seen.error) {
    case Uncorrectable::Internal:
      return 0;
    case Uncorrectable::Overflow:
      return 1;
    case Uncorrectable::Malformed:
      return 2;
    case Uncorrectable::Ecrc:
      return 3;
    case Uncorrectable::Unsupported:
      return 4;
    case Uncorrectable::CompleterAbort:
      return 5;
    case Uncorrectable::UnexpectedCompletion:
      return 6;
    case Uncorrectable::Poisoned:
      return 7;
    case Uncorrectable::CompletionTimeout:
      return 8;
  }
  return 9;
}

// 6.2.3.2.4.1 and 6.2.3.2.4.5. A poisoned TLP's data are lost here, and no request is sent again
// after a timeout, so 6.2.3.2.4.3 and 6.2.3.2.4.4 do not apply.
bool is_advisory_case(const SeenError& seen) {
  switch (seen.error) {
    case Uncorrectable::Unsupported:
    case Uncorrectable::CompleterAbort:
      return seen.told;
    case Uncorrectable::UnexpectedCompletion:
      return true;
    default:
      return false;
  }
}

uint32_t enabled_bits(uint8_t byte_enables) {
  uint32_t bits = 0;
  for (unsigned i = 0; i < 4; ++i) bits |= byte_enables >> i & 1 ? 0xffu << 8 * i : 0;
  return bits;
}

}  // namespace

uint32_t Aer::read(unsigned offset) const {
  switch (offset) {
    case 0x04:
      return status_;
    case 0x08:
      return mask_;
    case 0x0c:
      return severity_;
    case 0x10:
      return correctable_status_;
    case 0x14:
      return correctable_mask_;
    case 0x18: {
      uint32_t value = kEcrcCapable | control_;
      if (first_) value |= static_cast<uint32_t>(first_->error);
      if (first_ && first_->prefix) value |= kPrefixPresent;
      return value;
    }
    case 0x1c:
    case 0x20:
    case 0x24:
    case 0x28:
      return header_[(offset - 0x1c) / 4];
    case 0x38:
      return prefix_;
    default:  // registers of root ports, further prefixes
      return 0;
  }
}

void Aer::write(unsigned offset, uint32_t value, uint8_t byte_enables) {
  const uint32_t reached = enabled_bits(byte_enables);
  const auto assign = [&](uint32_t& target, uint32_t writable) {
    target = (target & ~(reached & writable)) | (value & reached & writable);
  };
  switch (offset) {
    case 0x04:
      status_ &= ~(value & reached);
      // 6.2.4.2: the log is valid while the bit of its error is set.
      if (first_ && !(status_ & bit(first_->error))) first_.reset();
      break;
    case 0x08:
      assign(mask_, kUncorrectable);
      break;
    case 0x0c:
      assign(severity_, kUncorrectable);
      break;
    case 0x10:
      correctable_status_ &= ~(value & reached);
      break;
    case 0x14:
      assign(correctable_mask_, kCorrectable);
      break;
    case 0x18:
      assign(control_, kEcrcEnables);
      break;
    default:
      break;
  }
}

Reported Aer::report(std::vector<SeenError> errors, const ReportEnables& enables) {
  std::stable_sort(errors.begin(), errors.end(), [](const SeenError& a, const SeenError& b) {
    return precedence(a) < precedence(b);
  });
  Reported reported;
  for (const SeenError& seen : errors) report_one(seen, enables, reported);
  return reported;
}

// 6.2.5, the figure of error signaling and logging, from its top to its bottom.
void Aer::report_one(const SeenError& seen, const ReportEnables& enables, Reported& reported) {
  ErrorClasses& messages = seen.shared ? reported.shared_messages : reported.messages;
  const uint32_t error = bit(seen.error);
  const bool unsupported = seen.error == Uncorrectable::Unsupported;
  const bool fatal = severity_ & error;
  if (unsupported) reported.detected.unsupported = true;
  if (!fatal && is_advisory_case(seen)) {
    reported.detected.correctable = true;
    correctable_status_ |= kAdvisory;
    if (correctable_mask_ & kAdvisory) return;
    if (!(mask_ & error)) log(seen);
    status_ |= error;
    if (unsupported && !enables.unsupported) return;
    if (enables.correctable) messages.correctable = true;
    return;
  }
  (fatal ? reported.detected.fatal : reported.detected.non_fatal) = true;
  const bool masked = mask_ & error;
  if (!masked) log(seen);
  status_ |= error;
  if (masked) return;
  if (unsupported && !enables.unsupported && !enables.serr) return;
  if (enables.serr || (fatal ? enables.fatal : enables.non_fatal)) {
    (fatal ? messages.fatal : messages.non_fatal) = true;
  }
}

// 6.2.4.2: one header at a time.
void Aer::log(const SeenError& seen) {
  if (first_) return;
  first_ = seen;
  header_ = seen.header;
  if (seen.error == Uncorrectable::Internal && header_ == std::array<uint32_t, 4>{}) {
    header_.fill(~0u);  // no TLP is known
  }
  prefix_ = seen.prefix.value_or(0);
}

}  // namespace cw::model
