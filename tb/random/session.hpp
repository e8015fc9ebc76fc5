// SPDX-License-Identifier: Apache-2.0
//
// A random run: episodes one after the other from one base seed until so many TLPs have crossed the
// link, or one fails. A failure is shrunk, reported on one screen, and left behind as a tape.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

#include "random/cover.hpp"
#include "random/shrinker.hpp"

namespace cw::random {

struct SessionOptions {
  uint64_t seed = 1;
  uint64_t tlps = 100'000;
  unsigned width = 256;
  std::optional<agent::Stall> stall{};  // none: drawn for each episode
  std::set<std::string> inject{};
  double shrink_seconds = 10;
  std::filesystem::path out = "out/fail";
};

struct SessionResult {
  uint64_t episodes = 0;
  uint64_t tlps = 0;
  uint64_t cycles = 0;
  double seconds = 0;
  uint64_t trace_hash = 0;
  std::optional<Shrunk> failure{};
  std::filesystem::path tape{};
};

// The seed of an episode.
uint64_t episode_seed(uint64_t base, uint64_t number);

SessionResult run_session(const SessionOptions& options, Cover& cover);

// One screen: what is wrong, where, how to get there again.
std::string report(const Shrunk& failure, const std::filesystem::path& tape);
// TLPs, time and coverage, with the holes.
std::string summary(const SessionResult& result, const Cover& cover);

}  // namespace cw::random
