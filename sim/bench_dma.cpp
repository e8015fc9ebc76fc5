// SPDX-License-Identifier: Apache-2.0
#include "bench_dma.hpp"

namespace cw::sim {

Figures dma_figures(const DmaBenchOptions& options) {
  Figures figures;
  for (const auto group : {dma_rates, dma_sweep, dma_sharing, dma_latencies}) {
    const Figures more = group(options);
    figures.insert(figures.end(), more.begin(), more.end());
  }
  return figures;
}

}  // namespace cw::sim
