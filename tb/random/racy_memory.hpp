// SPDX-License-Identifier: Apache-2.0
//
// The card's memory, or its registers, as several may see them at once: for each byte the set of
// values that a reader may legally get.
//
// A host write takes effect somewhere between the moment it is sent and the answer of a read that
// is sent after it; a read sees every write that was sent before it, and may see those that are
// sent while it is under way. A flight is a DMA write: it may land at any moment from take-off on,
// and has landed when its entry's record is seen. Where two writes race, the loser is not known:
// the byte is free until it is written again. Spec: PCIe Base 2.4.1 (ordering).
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <utility>
#include <vector>

namespace cw::random {

class RacyMemory {
 public:
  // What one reader may see, from when it began to when it is closed.
  struct View {
    size_t at = 0;
    std::vector<uint8_t> value{};
    std::vector<bool> known{};
    std::vector<std::pair<uint32_t, uint8_t>> also{};  // further legal values, by offset

    bool allows(size_t offset, uint8_t byte) const;
    bool exact(size_t offset) const;  // one value is legal
  };
  using ViewRef = std::list<View>::iterator;

  struct Flight {
    size_t at = 0;
    std::vector<uint8_t> data{};
    std::vector<bool> contested{};
    bool blind = false;  // what it writes is known when it lands
  };
  using FlightRef = std::list<Flight>::iterator;

  explicit RacyMemory(size_t bytes) : value_(bytes), known_(bytes) {}

  size_t size() const { return value_.size(); }
  // The last value written; meaningful where it is known.
  uint8_t value(size_t at) const { return value_[at]; }
  bool known(size_t at) const { return known_[at]; }
  uint32_t dword(size_t at) const;

  void write(size_t at, uint8_t byte);
  void set(size_t at, std::span<const uint8_t> bytes);  // nobody looks
  void forget(size_t at, size_t bytes);                 // any value from here on

  ViewRef open(size_t at, size_t bytes);
  void close(ViewRef view) { views_.erase(view); }
  size_t open_views() const { return views_.size(); }

  FlightRef take_off(size_t at, std::span<const uint8_t> data);
  // A write of what nobody knows yet; its own reader sees what was there before.
  FlightRef take_off_blind(size_t at, size_t bytes, ViewRef own);
  void land(FlightRef flight);
  size_t in_flight() const { return flights_.size(); }

 private:
  void tell_views(size_t at, uint8_t byte);
  void contest(Flight& fresh);

  std::vector<uint8_t> value_;
  std::vector<bool> known_;
  std::list<View> views_;
  std::list<Flight> flights_;
};

}  // namespace cw::random
