// SPDX-License-Identifier: Apache-2.0
//
// What the function's registers must say of errors, and what they may: two configuration spaces
// that differ only where an error is on its way. One is told of an error when its cause is sent,
// the other when the endpoint has come to rest. Beside them the messages that errors owe, and the
// headers that the log may hold.
// Spec: PCIe Base 6.2 (error signaling and logging), 7.8.4 (Advanced Error Reporting).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/config_space.hpp"
#include "pcie/types.hpp"
#include "random/fault.hpp"

namespace cw::random {

// Where an error is found. Errors of one station are recorded in the order of their causes, those
// of different stations in any order.
enum class Station : uint8_t { Port, Posted, NonPosted, UserRead, UserWrite, Completion, Timer };
inline constexpr size_t kStations = 7;

enum class ErrorMessage : uint8_t { Correctable, NonFatal, Fatal };
inline constexpr size_t kErrorMessages = 3;

class ErrorLedger {
 public:
  using Event = model::ErrorEvent;

  ErrorLedger();

  // The TLP that the next errors are of.
  void about(const pcie::RawTlp& cause, Station station, uint64_t now);
  // The cause of an error has been sent: it will be recorded, or may be.
  void must(Event event) { expect(event, /*certain=*/!in_reset_, /*tells=*/true); }
  void may(Event event) { expect(event, /*certain=*/false, /*tells=*/true); }
  // It will be recorded, and its message has come already.
  void must_in_silence(Event event) { expect(event, /*certain=*/!in_reset_, /*tells=*/false); }
  // Bits of the register ERRORS that no TLP causes.
  void card_must(uint32_t errors) { pending_errors_ |= errors, most_errors_ |= errors; }

  // Software's writes: configuration space, and the register ERRORS.
  // True if the write may clear status: until it is completed, what happens meanwhile as well.
  bool config_write(unsigned offset, uint32_t value, uint8_t enables);
  void clear_completed() { --clears_; }
  void clear_errors(uint32_t ones);

  // Set_Slot_Power_Limit was sent.
  void slot_power(uint8_t value, uint8_t scale) {
    least_.slot_power(value, scale);
    most_.slot_power(value, scale);
  }

  // Nothing is on its way any more.
  void settle();
  // Since the last call a function-level reset has been asked for. What happens until its end may
  // be forgotten by it.
  bool begin_function_reset();
  // The function has been reset; what was on its way may have been recorded before.
  void reset(model::ResetKind kind);

  // A message of an error has come. False if no error owes it.
  bool take_message(ErrorMessage kind, uint64_t now);
  // Messages that must still come.
  size_t messages_owed() const;
  // The first of them; empty if there is none.
  std::string oldest_message() const;
  // At rest: throws a Fault unless the log holds the first error, or nothing if there was none.
  struct Log {
    uint32_t control = 0;  // Capabilities and Control
    std::array<uint32_t, 4> header{};
    uint32_t prefix = 0;
  };
  void check_log(const Log& seen);

  // The function as software set it up.
  const model::ConfigSpace& config() const { return most_; }
  // A dword of configuration space, and the bits of it that are certain.
  std::pair<uint32_t, uint32_t> config_dword(unsigned offset) const;
  std::pair<uint32_t, uint32_t> errors() const;
  // The last errors and their messages, for a report.
  std::vector<std::string> history() const;

 private:
  struct Owed {
    uint64_t may = 0;      // messages that may come
    bool certain = false;  // one must
    model::SeenError cause{};
  };

  struct Line {
    uint64_t at = 0;
    std::optional<Event> event{};  // none: a message
    bool certain = false;
    std::array<uint32_t, 4> header{};
    ErrorMessage message{};
  };

  void expect(Event event, bool certain, bool tells);
  void report(Event event, bool certain, bool tells);
  void note(const Line& line);

  model::ConfigSpace least_;
  model::ConfigSpace most_;
  std::vector<Event> pending_;  // certain, and on their way
  std::vector<Event> recent_;   // all since the last rest
  uint32_t least_errors_ = 0;
  uint32_t most_errors_ = 0;
  uint32_t pending_errors_ = 0;
  uint32_t recent_errors_ = 0;
  std::deque<Line> history_;
  unsigned clears_ = 0;  // writes under way that clear status
  bool in_reset_ = false;
  std::vector<Event> in_reset_events_;  // before its end, or after

  uint64_t now_ = 0;
  model::SeenError cause_{};
  Station station_ = Station::Port;
  std::array<Owed, kErrorMessages> messages_{};
  // What may be the first error: of each station all up to the first that is certain.
  std::vector<model::SeenError> first_;
  std::array<bool, kStations> first_certain_{};
  bool first_settled_ = false;
};

// The bit of an event in the register ERRORS.
uint32_t errors_bit(model::ErrorEvent event);

}  // namespace cw::random
