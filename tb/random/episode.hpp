// SPDX-License-Identifier: Apache-2.0
//
// One random episode, from power-on to rest: an endpoint, its partner, the models and the sequences
// that run at the same time. It is wholly made of its tapes: the same tapes are the same episode,
// clock by clock.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/stall_policy.hpp"
#include "random/cover.hpp"
#include "random/fault.hpp"
#include "random/tape.hpp"

namespace cw::random {

struct EpisodeSetup {
  unsigned width = 256;
  uint64_t seed = 1;
  std::optional<agent::Stall> stall{};  // none: drawn
  std::set<std::string> inject{};
  unsigned length = 100;    // percent of the usual number of operations
  uint64_t stop_after = 0;  // clocks: what has not failed then passes; 0: the whole of it
  TapeDeck::Records tapes{};
};

struct Failure {
  std::string sentence{};
  std::vector<FieldDifference> fields{};
  uint64_t cycle = 0;
  std::vector<std::string> operations{};  // what the sequences did
  std::vector<std::string> last_tlps{};
  std::vector<std::string> errors{};  // that the model expects, and the messages of errors
  std::vector<std::string> setup{};
};

struct EpisodeResult {
  std::optional<Failure> failure{};
  uint64_t tlps = 0;
  uint64_t cycles = 0;
  uint64_t trace_hash = 0;
  size_t operations = 0;
  TapeDeck::Records tapes{};
};

// Runs it. What the design does wrong comes back; what the bench does wrong is thrown.
EpisodeResult run_episode(const EpisodeSetup& setup, Cover& cover);

// Every fault that can be injected.
std::set<std::string> all_faults();

}  // namespace cw::random
