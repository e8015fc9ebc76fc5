// SPDX-License-Identifier: Apache-2.0
//
// The RTL's `cw_iommu` alone as the IOMMU of a trace: its register port, its two request ports and
// a memory on its AXI port.
#pragma once

#include <cstdint>
#include <memory>

#include "iommu/player.hpp"

namespace cw::iommu {

// Which IOMMU: every part at its usual size and Sv48, or all as small as it can be and Sv39 alone.
enum class Build { Usual, Smallest };

struct RtlOptions {
  Build build = Build::Usual;
  uint64_t seed = 1;          // of registers that no reset sets
  unsigned read_latency = 4;  // address taken to first data, in clocks
};

std::unique_ptr<Target> rtl_target(RtlOptions options);

}  // namespace cw::iommu
