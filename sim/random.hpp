// SPDX-License-Identifier: Apache-2.0
//
// cw-sim random: random traffic against the endpoint alone, with faults, shrinking and replay.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cw::sim {

struct RandomOptions {
  uint64_t seed = 1;
  uint64_t tlps = 100'000;
  unsigned width = 256;
  std::string stall = "drawn";
  std::vector<std::string> inject = {"all"};
  std::filesystem::path replay{};
  double shrink_seconds = 10;
  std::filesystem::path out = "out/fail";
  std::filesystem::path coverage{};  // JSON
  bool list_bins = false;
};

CLI::App* add_random(CLI::App& app, RandomOptions& options);
// False: the endpoint, or the replayed one, failed.
bool run_random(const RandomOptions& options);

}  // namespace cw::sim
