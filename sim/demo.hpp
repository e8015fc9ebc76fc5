// SPDX-License-Identifier: Apache-2.0
//
// The walk through the whole fabric: enumerate, set up, move a file to the card and back, provoke
// one page fault, and say what was seen.
#pragma once

#include <cstdint>
#include <filesystem>

namespace cw::sim {

struct DemoOptions {
  std::filesystem::path file;
  std::filesystem::path out = "out/demo";
  uint64_t seed = 1;
  unsigned width = 256;
  bool waves = false;
  bool quiet = false;
};

// Throws UsageError, and what says how the design went wrong.
void run_demo(const DemoOptions& options);

}  // namespace cw::sim
