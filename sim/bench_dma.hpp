// SPDX-License-Identifier: Apache-2.0
//
// Figures of the DMA engine in the whole fabric: descriptors in host memory, IOMMU on with its
// translations known. Rates by size, alignment, latency and width with a plot; latencies; what the
// ways to share the bus do to register reads and to other channels.
#pragma once

#include <cstdint>
#include <filesystem>

#include "figure.hpp"

namespace cw::sim {

struct DmaBenchOptions {
  uint64_t seed = 1;
  bool brief = false;          // one width and few sizes: to see that everything runs
  std::filesystem::path plot;  // folder of the sweep's plots and of their numbers
};

Figures dma_figures(const DmaBenchOptions& options);

}  // namespace cw::sim
