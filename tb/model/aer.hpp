// SPDX-License-Identifier: Apache-2.0
//
// Predicts the Advanced Error Reporting capability of an endpoint function: its registers, and what
// Device Status and the messages say of an error.
// Spec: PCIe Base 7.8.4 (registers), 6.2 (error signaling and logging).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace cw::model {

// By bit of the Uncorrectable Error Status register (7.8.4.2).
enum class Uncorrectable : uint8_t {
  Poisoned = 12,
  CompletionTimeout = 14,
  CompleterAbort = 15,
  UnexpectedCompletion = 16,
  Overflow = 17,
  Malformed = 18,
  Ecrc = 19,
  Unsupported = 20,
  Internal = 22
};

struct SeenError {
  Uncorrectable error = Uncorrectable::Malformed;
  bool told = false;    // Unsupported and CompleterAbort: by a completion
  bool shared = false;  // of no function in particular
  std::array<uint32_t, 4> header{};
  std::optional<uint32_t> prefix{};
  bool operator==(const SeenError&) const = default;
};

// SERR# Enable of Command, and the reporting enables of Device Control (6.2.5).
struct ReportEnables {
  bool serr = false;
  bool unsupported = false;
  bool fatal = false;
  bool non_fatal = false;
  bool correctable = false;
};

// Bits of Device Status (7.5.3.5) or, without `unsupported`, messages.
struct ErrorClasses {
  bool unsupported = false;
  bool fatal = false;
  bool non_fatal = false;
  bool correctable = false;
  bool operator==(const ErrorClasses&) const = default;
};

struct Reported {
  ErrorClasses detected;
  ErrorClasses messages;         // owed for errors of this function
  ErrorClasses shared_messages;  // owed by one function of the device
};

class Aer {
 public:
  static constexpr unsigned kBytes = 0x48;

  // Offsets count from the capability's header, which is not part of this.
  uint32_t read(unsigned offset) const;
  // Takes effect for the next read, and before the errors of the same moment.
  void write(unsigned offset, uint32_t value, uint8_t byte_enables);
  // The errors of one moment.
  Reported report(std::vector<SeenError> errors, const ReportEnables& enables);

  bool ecrc_generate() const { return control_ >> 6 & 1; }
  bool ecrc_check() const { return control_ >> 8 & 1; }

 private:
  void report_one(const SeenError& seen, const ReportEnables& enables, Reported& reported);
  void log(const SeenError& seen);

  uint32_t status_ = 0;
  uint32_t mask_ = 1u << 22;         // Uncorrectable Internal Error
  uint32_t severity_ = 0x0046'0010;  // internal, malformed, overflow, data link protocol
  uint32_t correctable_status_ = 0;
  uint32_t correctable_mask_ = 1u << 13;  // Advisory Non-Fatal
  uint32_t control_ = 0;                  // the enables alone
  std::optional<SeenError> first_;        // what the log holds, while it is valid
  std::array<uint32_t, 4> header_{};
  uint32_t prefix_ = 0;
};

}  // namespace cw::model
