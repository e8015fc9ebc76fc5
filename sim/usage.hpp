// SPDX-License-Identifier: Apache-2.0
//
// What the user gave and cannot be used, and where results are written.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

namespace cw::sim {

// One line, exit status 2.
struct UsageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Refuses a folder that cannot be made or written, before a long run finds out. Makes nothing.
void check_folder(const std::filesystem::path& folder);

// The whole of a file, and the folders above it.
void write_file(const std::filesystem::path& path, const std::string& text);

}  // namespace cw::sim
