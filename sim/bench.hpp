// SPDX-License-Identifier: Apache-2.0
//
// Figures against their ceilings and targets. Those of DMA and of the IOMMU have negative controls:
// a fault that must make the figure miss its target.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cw::sim {

struct BenchOptions {
  std::string group{};  // empty: all
  uint64_t seed = 1;
  bool json = false;
  bool brief = false;  // where a group can: a coarse run that shows that everything works
  std::filesystem::path out = "out/bench";  // plots
  std::filesystem::path demo_file;
};

// True where every figure reaches its target. Throws UsageError for a group that is not there.
bool run_bench(const BenchOptions& options);

}  // namespace cw::sim
