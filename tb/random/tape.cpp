// SPDX-License-Identifier: Apache-2.0
#include "random/tape.hpp"

#include <numeric>

namespace cw::random {

Tape::Tape(uint64_t seed, std::string_view name, TapeRecord record)
    : rng_(seed, name), record_(std::move(record)) {}

bool Tape::next_span() {
  if (record_.replays) {
    if (begun_ == record_.spans.size()) return false;  // what comes belongs to the last one
  } else {
    record_.spans.emplace_back();
  }
  at_ = 0;
  ++begun_;
  return true;
}

uint64_t Tape::draw(uint64_t bound) {
  if (begun_ == 0) next_span();
  if (record_.replays) {
    if (begun_ == 0) return 0;
    const TapeSpan& span = record_.spans[begun_ - 1];
    if (at_ >= span.size()) return 0;
    return bound > 1 ? span[at_++] % bound : (++at_, 0);
  }
  const uint64_t value = bound > 1 ? rng_.u64() % bound : 0;
  record_.spans.back().push_back(value);
  return value;
}

size_t Tape::weighted(std::initializer_list<unsigned> weights) {
  uint64_t left = draw(std::accumulate(weights.begin(), weights.end(), 0u));
  size_t index = 0;
  for (const unsigned weight : weights) {
    if (left < weight) break;
    left -= weight;
    ++index;
  }
  return index;
}

Tape& TapeDeck::operator[](const std::string& name) {
  const auto found = tapes_.find(name);
  if (found != tapes_.end()) return found->second;
  const auto given = records_.find(name);
  TapeRecord record = given == records_.end() ? TapeRecord{} : given->second;
  return tapes_.emplace(name, Tape(seed_, name, std::move(record))).first->second;
}

TapeDeck::Records TapeDeck::records() const {
  Records all;
  for (const auto& [name, tape] : tapes_) {
    TapeRecord record = tape.record();
    record.replays = true;
    all.emplace(name, std::move(record));
  }
  return all;
}

}  // namespace cw::random
