// SPDX-License-Identifier: Apache-2.0
//
// Makes a failing episode small: stalls and faults silenced, operations deleted by halves, single
// draws set to 0 or bisected, as long as it fails in the same way and the budget lasts.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "random/episode.hpp"

namespace cw::random {

struct Shrunk {
  EpisodeSetup setup{};  // replays the smallest failure found
  EpisodeResult result{};
  size_t operations_before = 0;
  unsigned runs = 0;
  double seconds = 0;
};

// How a failure is recognised: its sentence without what differs from run to run.
std::string bucket(const std::string& sentence);

class Shrinker {
 public:
  using Run = std::function<EpisodeResult(const EpisodeSetup&)>;

  Shrinker(Run run, std::chrono::duration<double> budget) : run_(std::move(run)), budget_(budget) {}

  // `failed` is what the run of `setup` came to.
  Shrunk shrink(const EpisodeSetup& setup, const EpisodeResult& failed);

 private:
  // Keeps the candidate if it fails as before.
  bool try_setup(EpisodeSetup candidate);
  bool over() const;
  void silence();
  void delete_operations(const std::string& tape, size_t part);
  void silence_spans(const std::string& tape, size_t smallest_part);
  void simplify_draws(const std::string& tape);

  Run run_;
  std::chrono::duration<double> budget_;
  std::chrono::steady_clock::time_point begin_{};
  std::string bucket_{};
  Shrunk best_{};
};

}  // namespace cw::random
