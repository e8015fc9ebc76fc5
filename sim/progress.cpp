// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>

namespace cw::sim {

namespace {

constexpr auto kPatience = std::chrono::milliseconds(500);
constexpr auto kPeriod = std::chrono::milliseconds(100);
constexpr unsigned kWidth = 40;

}  // namespace

Progress::Progress(std::string label, uint64_t total)
    : label_(std::move(label)),
      total_(total),
      terminal_(isatty(STDERR_FILENO) != 0),
      started_(Clock::now()),
      drawn_(started_) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

void Progress::at(uint64_t done) {
  if (!terminal_ || total_ == 0) return;
  const auto now = Clock::now();
  if (now - started_ < kPatience || now - drawn_ < kPeriod) return;
  drawn_ = now;
  shown_ = true;
  const unsigned filled = static_cast<unsigned>(kWidth * done / total_);
  fmt::print(stderr, "\r{} [{:=<{}}{: <{}}] {:3}%", label_, "", filled, "", kWidth - filled,
             100 * done / total_);
  std::fflush(stderr);
}

}  // namespace cw::sim
