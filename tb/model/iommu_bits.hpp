// SPDX-License-Identifier: Apache-2.0
//
// Fields of the IOMMU's 64-bit words, as the specification numbers their bits.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

namespace cw::model::iommu_detail {

constexpr uint64_t ones(unsigned count) {
  return count >= 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}
constexpr uint64_t bits(uint64_t value, unsigned high, unsigned low) {
  return value >> low & ones(high - low + 1);
}
constexpr bool bit(uint64_t value, unsigned n) { return (value >> n & 1) != 0; }

// Structures in memory are little-endian doublewords: capabilities.END is 0.
inline uint64_t load(std::span<const uint8_t> bytes, unsigned at) {
  uint64_t value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

// Bits of `capabilities` (6.3).
inline constexpr unsigned kSv39 = 9, kSv48 = 10, kIgs = 28, kHpm = 30, kDbg = 31, kPas = 32;
inline constexpr unsigned kIgsMsi = 0, kIgsWsi = 1, kIgsBoth = 2;

// ddtp.iommu_mode (6.5).
inline constexpr unsigned kModeOff = 0, kModeBare = 1, kMode1Lvl = 2, kMode2Lvl = 3, kMode3Lvl = 4;

// Queue control and status (6.15, 6.16).
inline constexpr uint32_t kEnable = 1u << 0, kInterruptEnable = 1u << 1, kMemFault = 1u << 8;
inline constexpr uint32_t kCmdTimeout = 1u << 9, kCmdIllegal = 1u << 10, kFenceInterrupt = 1u << 11;
inline constexpr uint32_t kOverflow = 1u << 9, kOn = 1u << 16;
inline constexpr uint32_t kCommandErrors = kMemFault | kCmdTimeout | kCmdIllegal | kFenceInterrupt;
inline constexpr uint32_t kFaultErrors = kMemFault | kOverflow;

}  // namespace cw::model::iommu_detail
