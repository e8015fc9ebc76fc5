// SPDX-License-Identifier: Apache-2.0
//
// Writes the GTKWave save file that goes with a dump of the system: the TLP rows of the link first.
#pragma once

#include <filesystem>

namespace cw::sim {

void write_save_file(const std::filesystem::path& save, const std::filesystem::path& dump,
                     unsigned width);

}  // namespace cw::sim
