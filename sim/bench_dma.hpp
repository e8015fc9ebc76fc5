// SPDX-License-Identifier: Apache-2.0
//
// Figures of the DMA engine in the whole fabric: descriptors in host memory, IOMMU on with its
// translations known. Each has a ceiling, the width or what link and card memory leave beside the
// descriptors, or the most clocks that it may take; and a control, a fault that it must notice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "figure.hpp"

namespace cw::sim {

struct DmaBenchOptions {
  uint64_t seed = 1;
  bool brief = false;          // one width, few latencies: to see that everything runs
  std::filesystem::path plot;  // the sweep as SVG; its numbers beside it as CSV
};

std::vector<unsigned> widths(const DmaBenchOptions& options);

// Bytes per clock of rows, of lists of descriptors, both ways at once, and misaligned.
Figures dma_rates(const DmaBenchOptions& options);
// The same over sizes, alignments, latencies of memory and widths, as a plot.
Figures dma_sweep(const DmaBenchOptions& options);
// How channels share the bus with one another and with the CPU.
Figures dma_sharing(const DmaBenchOptions& options);
// From the doorbell, and from the descriptor, to the first data.
Figures dma_latencies(const DmaBenchOptions& options);

// All of them.
Figures dma_figures(const DmaBenchOptions& options);

}  // namespace cw::sim
