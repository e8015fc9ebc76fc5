// SPDX-License-Identifier: Apache-2.0
//
// The host's address map: `cw_root_pkg`, for software.
#pragma once

#include <cstdint>

#include "pcie/types.hpp"

namespace cw::env {

struct AddressWindow {
  pcie::HostPhysAddr base{};
  uint64_t bytes = 0;

  constexpr bool contains(pcie::HostPhysAddr at) const {
    return at.value >= base.value && at.value - base.value < bytes;
  }
  constexpr uint64_t end() const { return base.value + bytes; }
};

namespace map {
inline constexpr AddressWindow kIommu{.base = {0x1000'0000}, .bytes = 0x1000};
inline constexpr AddressWindow kMsi{.base = {0x2800'0000}, .bytes = 0x1000};
inline constexpr AddressWindow kEcam{.base = {0x3000'0000}, .bytes = 0x1000'0000};
inline constexpr AddressWindow kMem32{.base = {0x4000'0000}, .bytes = 0x4000'0000};
inline constexpr AddressWindow kRam{.base = {0x8000'0000}, .bytes = 0xf'8000'0000};
inline constexpr AddressWindow kMem64{.base = {0x10'0000'0000}, .bytes = 0x10'0000'0000};
}  // namespace map

// Where ECAM puts a function's register (PCIe Base 7.2.2).
constexpr pcie::HostPhysAddr ecam_address(pcie::Bdf bdf, uint16_t offset) {
  return map::kEcam.base + (uint64_t{bdf.id()} << 12 | offset);
}

}  // namespace cw::env
