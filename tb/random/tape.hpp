// SPDX-License-Identifier: Apache-2.0
//
// Choice tapes: every random decision of a run is drawn from a named tape, which keeps it. A run is
// its tapes: replayed it is the same run, and with parts of a tape left out it is a simpler one.
// The lowest value is always the simplest choice, and what a tape no longer holds is 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/rng.hpp"

namespace cw::random {

// The draws of one operation. The shrinker deletes or silences spans as a whole.
using TapeSpan = std::vector<uint64_t>;

// What a tape holds, and what is done with it.
struct TapeRecord {
  bool replays = false;  // else it records, from its seed
  std::vector<TapeSpan> spans{};

  bool operator==(const TapeRecord&) const = default;
};

class Tape {
 public:
  Tape(uint64_t seed, std::string_view name, TapeRecord record);

  // Begins an operation; draws belong to the one begun last. False: a replayed tape is at its end.
  bool next_span();
  bool replays() const { return record_.replays; }
  size_t spans_begun() const { return begun_; }

  // 0 to bound - 1.
  uint64_t draw(uint64_t bound);
  // low to high, both included; `low` is the simplest.
  uint64_t range(uint64_t low, uint64_t high) { return low + draw(high - low + 1); }
  bool chance(unsigned percent) { return draw(100) >= 100 - percent; }
  uint32_t u32() { return static_cast<uint32_t>(draw(uint64_t{1} << 32)); }

  template <class Container>
  const auto& pick(const Container& choices) {
    return choices[draw(std::size(choices))];
  }
  // The index of a choice; the first is the simplest.
  size_t weighted(std::initializer_list<unsigned> weights);

  const TapeRecord& record() const { return record_; }

 private:
  agent::Rng rng_;
  TapeRecord record_;
  size_t begun_ = 0;
  size_t at_ = 0;  // in the span
};

// All tapes of a run.
class TapeDeck {
 public:
  using Records = std::map<std::string, TapeRecord>;

  explicit TapeDeck(uint64_t seed, Records records = {})
      : seed_(seed), records_(std::move(records)) {}

  Tape& operator[](const std::string& name);
  uint64_t seed() const { return seed_; }
  // As drawn so far, to be replayed.
  Records records() const;

 private:
  uint64_t seed_;
  Records records_;
  std::map<std::string, Tape> tapes_;
};

}  // namespace cw::random
