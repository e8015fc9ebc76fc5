// SPDX-License-Identifier: Apache-2.0
#include "usage.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace cw::sim {

void check_folder(const std::filesystem::path& folder) {
  std::error_code none;
  std::filesystem::path there = std::filesystem::absolute(folder);
  while (!std::filesystem::exists(there, none) && there.has_relative_path()) {
    there = there.parent_path();
  }
  if (!std::filesystem::is_directory(there, none)) {
    throw UsageError(fmt::format("{}: {} is not a folder", folder.string(), there.string()));
  }
  if (access(there.c_str(), W_OK) != 0) {
    throw UsageError(fmt::format("{}: {}", folder.string(), std::strerror(errno)));
  }
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) throw UsageError(fmt::format("{}: {}", path.string(), error.message()));
  std::ofstream file(path, std::ios::binary);
  file << text;
  if (!file.flush()) throw UsageError(fmt::format("{}: cannot be written", path.string()));
}

}  // namespace cw::sim
