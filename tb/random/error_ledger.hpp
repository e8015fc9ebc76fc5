// SPDX-License-Identifier: Apache-2.0
//
// What the function's registers must say of errors, and what they may: two configuration spaces
// that differ only where an error is on its way. One is told of an error when its cause is sent,
// the other when the endpoint has come to rest.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "model/config_space.hpp"

namespace cw::random {

class ErrorLedger {
 public:
  using Event = model::ErrorEvent;

  ErrorLedger();

  // The cause of an error has been sent: it will be recorded, or may be.
  void must(Event event) { expect(event, /*certain=*/true); }
  void may(Event event) { expect(event, /*certain=*/false); }
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

  // The function as software set it up.
  const model::ConfigSpace& config() const { return most_; }
  // A dword of configuration space, and the bits of it that are certain.
  std::pair<uint32_t, uint32_t> config_dword(unsigned offset) const;
  std::pair<uint32_t, uint32_t> errors() const;
  uint64_t events() const { return events_; }

 private:
  void expect(Event event, bool certain);

  model::ConfigSpace least_;
  model::ConfigSpace most_;
  std::vector<Event> pending_;  // certain, and on their way
  std::vector<Event> recent_;   // all since the last rest
  uint32_t least_errors_ = 0;
  uint32_t most_errors_ = 0;
  uint32_t pending_errors_ = 0;
  uint32_t recent_errors_ = 0;
  uint64_t events_ = 0;
  unsigned clears_ = 0;  // writes under way that clear status
};

// The bit of an event in the register ERRORS.
uint32_t errors_bit(model::ErrorEvent event);

}  // namespace cw::random
