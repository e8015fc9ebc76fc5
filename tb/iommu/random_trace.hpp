// SPDX-License-Identifier: Apache-2.0
//
// Random traces: domains whose tables change, devices that ask, queues that fail and go on. What
// must come out is the reference model's; what was changed is invalidated before it is used, so
// that there is one right answer.
#pragma once

#include <cstdint>

#include "iommu/trace.hpp"

namespace cw::iommu {

// Each trace has some of the capabilities that are offered; IGS = BOTH offers all three.
Trace random_trace(uint64_t seed, uint64_t offered);

}  // namespace cw::iommu
