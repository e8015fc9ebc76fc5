// SPDX-License-Identifier: Apache-2.0
//
// A progress bar on a terminal, nothing anywhere else. Shows itself once the work has taken a
// while.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cw::sim {

class Progress {
 public:
  Progress(std::string label, uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void at(uint64_t done);

 private:
  using Clock = std::chrono::steady_clock;

  std::string label_;
  uint64_t total_;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point started_;
  Clock::time_point drawn_;
};

}  // namespace cw::sim
