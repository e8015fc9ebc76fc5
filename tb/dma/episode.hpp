// SPDX-License-Identifier: Apache-2.0
//
// One random run of the DMA engine: all channels with all that a driver may do, function-level
// resets, memories and streams that stall and fail, and everything held against the model. Throws
// ScoreboardFault, Timeout, AssertionFailed or an agent's complaint.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cw::dma {

struct EpisodeOptions {
  unsigned width = 256;
  unsigned endpoints = 0;  // of a whole system; 0: the engine alone
  uint64_t seed = 1;       // of everything
  uint64_t descriptors = 1000;
};

struct EpisodeResult {
  uint64_t descriptors = 0;
  uint64_t entries = 0;
  uint64_t cycles = 0;
  uint64_t bytes = 0;
  uint64_t restarts = 0;
  uint64_t interrupts = 0;
  uint64_t resets = 0;
  uint64_t under_way = 0;                 // channels that were at work at a reset
  uint64_t judged = 0;                    // requests before which somebody had to go
  uint64_t faults = 0;                    // records of the IOMMU
  uint64_t trespasses = 0;                // transfers to and from pages of another device
  std::map<unsigned, uint64_t> errors{};  // records by their error

  void add(const EpisodeResult& other);
};

EpisodeResult run_episode(const EpisodeOptions& options);
using RunEpisode = std::function<EpisodeResult(const EpisodeOptions&)>;

struct SessionOptions {
  uint64_t seed = 1;  // of the episodes' seeds
  uint64_t descriptors = 100'000;
  std::vector<unsigned> widths{};  // by turns; none: all that were built
  unsigned endpoints = 0;          // as of an episode
};

// One that failed: its options bring it back.
struct Failure {
  EpisodeOptions episode{};
  std::string sentence{};
};

struct SessionResult {
  EpisodeResult sum{};
  uint64_t episodes = 0;
  std::optional<Failure> failure{};
};

SessionResult run_one(const EpisodeOptions& episode, const RunEpisode& run = run_episode);
// Episodes one after the other until so many descriptors have been submitted, or one fails.
SessionResult run_session(const SessionOptions& options, const RunEpisode& run = run_episode);
// The command line that plays it again, and what it says.
std::string report(const Failure& failure);
std::string summary(const SessionResult& result);

}  // namespace cw::dma
