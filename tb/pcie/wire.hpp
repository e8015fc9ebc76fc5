// SPDX-License-Identifier: Apache-2.0
//
// Where the fields of a TLP header lie. Known to the codec alone.
// Spec: PCIe Base 2.2.1 (DW0), table 2-3 (Fmt and Type).
#pragma once

#include <cstdint>

#include "pcie/types.hpp"

namespace cw::pcie::wire {

enum Kind : uint8_t {
  kMRd32 = 0b000'00000,
  kMRdLk32 = 0b000'00001,
  kMWr32 = 0b010'00000,
  kIoRd = 0b000'00010,
  kIoWr = 0b010'00010,
  kCfgRd0 = 0b000'00100,
  kCfgWr0 = 0b010'00100,
  kMsg = 0b001'10000,
  kCpl = 0b000'01010,
  kCplLk = 0b000'01011,
  kFetchAdd32 = 0b010'01100,
  k4Dw = 0b001'00000,
  kWithData = 0b010'00000,
};

// A field of a dword, by its least significant bit and width.
struct Field {
  unsigned lsb;
  unsigned width;

  constexpr uint32_t mask() const { return (width == 32 ? 0 : 1u << width) - 1u; }
  constexpr uint32_t get(uint32_t dword) const { return dword >> lsb & mask(); }
  constexpr uint32_t put(uint32_t value) const { return (value & mask()) << lsb; }
};

// DW0
inline constexpr Field kKind{24, 8}, kT9{23, 1}, kTc{20, 3}, kT8{19, 1}, kIdo{18, 1}, kLn{17, 1},
    kTh{16, 1}, kTd{15, 1}, kEp{14, 1}, kRo{13, 1}, kNoSnoop{12, 1}, kAt{10, 2}, kLength{0, 10};
// DW1 of a request
inline constexpr Field kRequesterId{16, 16}, kTag{8, 8}, kLastBe{4, 4}, kFirstBe{0, 4},
    kMsgCode{0, 8};
// DW2 of a configuration request
inline constexpr Field kTargetId{16, 16}, kRegDw{2, 10};
// DW1 and DW2 of a completion
inline constexpr Field kCompleterId{16, 16}, kStatus{13, 3}, kBcm{12, 1}, kByteCount{0, 12},
    kCplRequesterId{16, 16}, kCplTag{8, 8}, kLowerAddr{0, 7};

}  // namespace cw::pcie::wire
