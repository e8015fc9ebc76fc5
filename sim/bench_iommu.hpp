// SPDX-License-Identifier: Apache-2.0
//
// Figures of the IOMMU: the RTL alone before memory of known latency, a sweep of the window of
// random reads as a plot, and DMA through the whole fabric with translation on and off.
#pragma once

#include <cstdint>
#include <filesystem>

#include "figure.hpp"

namespace cw::sim {

struct IommuBenchOptions {
  uint64_t seed = 1;
  bool brief = false;          // a coarse sweep, no DMA: to see that everything runs
  std::filesystem::path plot;  // the sweep as SVG; its numbers beside it as CSV
};

Figures iommu_figures(const IommuBenchOptions& options);

}  // namespace cw::sim
