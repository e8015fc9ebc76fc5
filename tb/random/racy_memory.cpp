// SPDX-License-Identifier: Apache-2.0
#include "random/racy_memory.hpp"

#include <algorithm>
#include <cstring>

namespace cw::random {

bool RacyMemory::View::allows(size_t offset, uint8_t byte) const {
  if (!known[offset] || value[offset] == byte) return true;
  return std::ranges::find(also, std::pair(static_cast<uint32_t>(offset), byte)) != also.end();
}

bool RacyMemory::View::exact(size_t offset) const {
  return known[offset] &&
         std::ranges::none_of(also, [&](const auto& other) { return other.first == offset; });
}

uint32_t RacyMemory::dword(size_t at) const {
  uint32_t word;
  std::memcpy(&word, &value_[at], sizeof word);
  return word;
}

void RacyMemory::tell_views(size_t at, uint8_t byte) {
  for (View& view : views_) {
    if (at - view.at >= view.value.size()) continue;
    view.also.emplace_back(static_cast<uint32_t>(at - view.at), byte);
  }
}

void RacyMemory::write(size_t at, uint8_t byte) {
  tell_views(at, byte);
  value_[at] = byte;
  known_[at] = true;
  for (Flight& flight : flights_) {
    if (at - flight.at >= flight.data.size()) continue;
    flight.contested[at - flight.at] = true;
    known_[at] = false;
  }
}

void RacyMemory::set(size_t at, std::span<const uint8_t> bytes) {
  for (size_t n = 0; n < bytes.size(); ++n) {
    value_[at + n] = bytes[n];
    known_[at + n] = true;
  }
}

void RacyMemory::forget(size_t at, size_t bytes) {
  for (size_t n = at; n < at + bytes; ++n) known_[n] = false;
  for (View& view : views_) {
    for (size_t n = std::max(at, view.at); n < std::min(at + bytes, view.at + view.value.size());
         ++n)
      view.known[n - view.at] = false;
  }
}

RacyMemory::ViewRef RacyMemory::open(size_t at, size_t bytes) {
  View view{.at = at};
  view.value.assign(value_.begin() + static_cast<ptrdiff_t>(at),
                    value_.begin() + static_cast<ptrdiff_t>(at + bytes));
  view.known.assign(known_.begin() + static_cast<ptrdiff_t>(at),
                    known_.begin() + static_cast<ptrdiff_t>(at + bytes));
  for (const Flight& flight : flights_) {
    const size_t from = std::max(at, flight.at);
    const size_t end = std::min(at + bytes, flight.at + flight.data.size());
    for (size_t n = from; n < end; ++n) {
      if (flight.blind) {
        view.known[n - at] = false;
      } else {
        view.also.emplace_back(static_cast<uint32_t>(n - at), flight.data[n - flight.at]);
      }
    }
  }
  return views_.insert(views_.end(), std::move(view));
}

void RacyMemory::contest(Flight& fresh) {
  fresh.contested.resize(fresh.data.size());
  for (Flight& other : flights_) {
    const size_t from = std::max(fresh.at, other.at);
    const size_t end = std::min(fresh.at + fresh.data.size(), other.at + other.data.size());
    for (size_t n = from; n < end; ++n) {
      other.contested[n - other.at] = fresh.contested[n - fresh.at] = true;
      known_[n] = false;
    }
  }
}

RacyMemory::FlightRef RacyMemory::take_off_blind(size_t at, size_t bytes, ViewRef own) {
  Flight fresh{.at = at, .data = std::vector<uint8_t>(bytes), .blind = true};
  contest(fresh);
  for (auto view = views_.begin(); view != views_.end(); ++view) {
    if (view == own) continue;
    const size_t from = std::max(at, view->at);
    const size_t end = std::min(at + bytes, view->at + view->value.size());
    for (size_t n = from; n < end; ++n) view->known[n - view->at] = false;
  }
  return flights_.insert(flights_.end(), std::move(fresh));
}

RacyMemory::FlightRef RacyMemory::take_off(size_t at, std::span<const uint8_t> data) {
  Flight fresh{.at = at, .data = {data.begin(), data.end()}};
  contest(fresh);
  for (View& view : views_) {
    const size_t from = std::max(at, view.at);
    const size_t end = std::min(at + data.size(), view.at + view.value.size());
    for (size_t n = from; n < end; ++n) {
      view.also.emplace_back(static_cast<uint32_t>(n - view.at), data[n - at]);
    }
  }
  return flights_.insert(flights_.end(), std::move(fresh));
}

void RacyMemory::land(FlightRef flight) {
  for (size_t n = 0; n < flight->data.size(); ++n) {
    if (flight->contested[n]) continue;  // free, unless it was written since by the host alone
    value_[flight->at + n] = flight->data[n];
    known_[flight->at + n] = true;
  }
  flights_.erase(flight);
}

}  // namespace cw::random
