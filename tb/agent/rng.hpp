// SPDX-License-Identifier: Apache-2.0
//
// Random choices from one base seed, drawn through named tapes: a tape gives the same choices
// whatever the others do. The lowest value is always the simplest choice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cw::agent {

class Rng {
 public:
  Rng(uint64_t base_seed, std::string_view tape) : state_(base_seed ^ hash(tape)) {}

  uint64_t u64() {  // SplitMix64
    state_ += 0x9e37'79b9'7f4a'7c15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }
  uint32_t u32() { return static_cast<uint32_t>(u64() >> 32); }

  // low to high, both included.
  uint64_t range(uint64_t low, uint64_t high) {
    const uint64_t span = high - low + 1;
    return low + (span ? u64() % span : u64());
  }
  bool chance(unsigned percent) { return range(0, 99) >= 100 - percent; }

  template <class Container>
  const auto& pick(const Container& choices) {
    return choices[range(0, std::size(choices) - 1)];
  }

  // A tape of its own below this one's name.
  Rng fork(std::string_view tape) { return Rng(u64(), tape); }

 private:
  static constexpr uint64_t hash(std::string_view text) {  // FNV-1a
    uint64_t value = 0xcbf2'9ce4'8422'2325;
    for (const char c : text) {
      value = (value ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3;
    }
    return value;
  }

  uint64_t state_;
};

}  // namespace cw::agent
