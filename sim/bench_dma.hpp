// SPDX-License-Identifier: Apache-2.0
//
// Figures of the DMA engine in the whole fabric: descriptors in host memory, IOMMU on with its
// translations known. Rates of h2c and c2h by size, alignment, latency of memory and width, each
// against the width or against what the link leaves beside the descriptors.
#pragma once

#include <cstdint>

#include "figure.hpp"

namespace cw::sim {

struct DmaBenchOptions {
  uint64_t seed = 1;
  bool brief = false;  // one width and one latency: to see that everything runs
};

Figures dma_figures(const DmaBenchOptions& options);

}  // namespace cw::sim
