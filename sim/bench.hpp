// SPDX-License-Identifier: Apache-2.0
//
// Figures against their ceilings and targets. The DMA group has a negative control: a stall of host
// memory that must make the figure miss its target.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cw::sim {

struct BenchOptions {
  std::string group{};  // empty: all
  uint64_t seed = 1;
  bool json = false;
  std::filesystem::path demo_file;
};

// True where every figure reaches its target. Throws UsageError for a group that is not there.
bool run_bench(const BenchOptions& options);

}  // namespace cw::sim
