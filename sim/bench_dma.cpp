// SPDX-License-Identifier: Apache-2.0
#include "bench_dma.hpp"

namespace cw::sim {

std::vector<unsigned> widths(const DmaBenchOptions& options) {
  if (options.brief) return {256};
  return {256, 512};
}

Figures dma_figures(const DmaBenchOptions& options) {
  Figures figures;
  for (const auto group : {dma_rates, dma_sweep, dma_sharing, dma_latencies}) {
    const Figures more = group(options);
    figures.insert(figures.end(), more.begin(), more.end());
  }
  return figures;
}

}  // namespace cw::sim
