// SPDX-License-Identifier: Apache-2.0
//
// Fields of packed structs on Verilated ports of any width, by least significant bit and width.
#pragma once

#include <verilated.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace cw::dut {

namespace detail {

constexpr uint64_t mask(unsigned width) {
  return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
}

}  // namespace detail

// CData, SData, IData, QData.
template <class T>
requires std::is_unsigned_v<T> uint64_t get_bits(T value, unsigned lsb, unsigned width) {
  return (static_cast<uint64_t>(value) >> lsb) & detail::mask(width);
}

template <class T>
requires std::is_unsigned_v<T>
void set_bits(T& target, unsigned lsb, unsigned width, uint64_t value) {
  const uint64_t field = detail::mask(width) << lsb;
  target = static_cast<T>((static_cast<uint64_t>(target) & ~field) | ((value << lsb) & field));
}

// Fields of up to 64 bits of a vector of 32-bit words, least significant first.
inline uint64_t get_word_bits(const uint32_t* words, unsigned lsb, unsigned width) {
  uint64_t value = 0;
  for (unsigned done = 0; done < width;) {
    const unsigned bit = lsb + done;
    const unsigned part = std::min(32 - bit % 32, width - done);
    value |= ((words[bit / 32] >> (bit % 32)) & detail::mask(part)) << done;
    done += part;
  }
  return value;
}

inline void set_word_bits(uint32_t* words, unsigned lsb, unsigned width, uint64_t value) {
  for (unsigned done = 0; done < width;) {
    const unsigned bit = lsb + done;
    const unsigned part = std::min(32 - bit % 32, width - done);
    const auto field = static_cast<uint32_t>(detail::mask(part) << (bit % 32));
    const auto bits = static_cast<uint32_t>((value >> done) << (bit % 32));
    words[bit / 32] = (words[bit / 32] & ~field) | (bits & field);
    done += part;
  }
}

// Wider ports.
template <std::size_t Words>
uint64_t get_bits(const VlWide<Words>& value, unsigned lsb, unsigned width) {
  return get_word_bits(value.data(), lsb, width);
}

template <std::size_t Words>
void set_bits(VlWide<Words>& target, unsigned lsb, unsigned width, uint64_t value) {
  set_word_bits(target.data(), lsb, width, value);
}

// A whole port set to zero.
template <class T>
void clear_bits(T& target) {
  if constexpr (std::is_unsigned_v<T>) {
    target = 0;
  } else {
    std::fill_n(target.data(), sizeof(T) / sizeof(uint32_t), 0u);
  }
}

}  // namespace cw::dut
