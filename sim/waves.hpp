// SPDX-License-Identifier: Apache-2.0
//
// Writes the GTKWave save file that goes with a dump of the system: the TLP rows of the link first,
// opened where something happens.
#pragma once

#include <filesystem>

#include "dut/kernel.hpp"

namespace cw::sim {

struct SaveFileOptions {
  std::filesystem::path dump;
  unsigned width = 256;  // of the data path
  dut::Cycles from{};    // the left edge of the window
};

void write_save_file(const std::filesystem::path& save, const SaveFileOptions& options);

}  // namespace cw::sim
