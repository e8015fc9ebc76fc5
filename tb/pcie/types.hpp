// SPDX-License-Identifier: Apache-2.0
//
// The words of PCI Express as types: quantities that do not mix, identifiers, and the TLP as it
// stands on a channel.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

namespace cw::pcie {

// A number with a unit. Two units do not convert into each other.
template <class Unit, class Rep>
struct Quantity {
  Rep value{};

  auto operator<=>(const Quantity&) const = default;
  friend constexpr Quantity operator+(Quantity a, Rep offset) {
    return {static_cast<Rep>(a.value + offset)};
  }
  friend constexpr Rep operator-(Quantity a, Quantity b) {
    return static_cast<Rep>(a.value - b.value);
  }
};

using Iova = Quantity<struct IovaUnit, uint64_t>;                  // an address in a TLP
using HostPhysAddr = Quantity<struct HostPhysAddrUnit, uint64_t>;  // behind the IOMMU
using Tag = Quantity<struct TagUnit, uint16_t>;                    // ten bits

struct Bdf {
  uint8_t bus = 0;
  uint8_t device = 0;
  uint8_t function = 0;

  auto operator<=>(const Bdf&) const = default;
  constexpr uint16_t id() const {
    return static_cast<uint16_t>(bus << 8 | (device & 31) << 3 | (function & 7));
  }
  static constexpr Bdf from_id(uint16_t id) {
    return {.bus = static_cast<uint8_t>(id >> 8),
            .device = static_cast<uint8_t>(id >> 3 & 31),
            .function = static_cast<uint8_t>(id & 7)};
  }
};

inline constexpr uint32_t kDwordBytes = 4;
inline constexpr uint32_t kPageBytes = 4096;
inline constexpr uint32_t kMaxLengthDw = 1024;

// A TLP in wire order: hdr[0] is DW0; a 3-DW header leaves hdr[3] zero. Byte 0 of a payload dword
// is in its bits [7:0].
struct RawTlp {
  std::array<uint32_t, 4> hdr{};
  std::vector<uint32_t> payload{};
  bool error = false;  // the sender gave it up
  std::optional<uint32_t> prefix{};
  std::optional<uint32_t> digest{};  // with TD: the ECRC, first byte of the wire in [7:0]

  bool operator==(const RawTlp&) const = default;
};

}  // namespace cw::pcie
