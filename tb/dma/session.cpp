// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <stdexcept>

#include "agent/rng.hpp"
#include "dma/engine_dut.hpp"
#include "dma/episode.hpp"
#include "env/scoreboard_fault.hpp"

namespace cw::dma {

namespace {

constexpr const char* kErrors[] = {
    "ok",     "bad descriptor", "bad card address", "chain too long", "unreadable", "UR",
    "CA",     "poisoned",       "timeout",          "lied",           "stale",      "AXI4 error",
    "aborted"};

}  // namespace

SessionResult run_one(const EpisodeOptions& episode, const RunEpisode& run) {
  SessionResult result{.sum = {}, .episodes = 1, .failure = {}};
  try {
    result.sum = run(episode);
  } catch (const std::logic_error&) {
    throw;  // the bench itself
  } catch (const std::runtime_error& error) {
    result.failure = Failure{.episode = episode, .sentence = error.what()};
  }
  return result;
}

SessionResult run_session(const SessionOptions& options, const RunEpisode& run) {
  std::vector<unsigned> widths = options.widths;
  if (widths.empty()) {
    for (const unsigned width : kEngineWidths) {
      if (EngineDut::built(width)) widths.push_back(width);
    }
  }
  if (widths.empty()) throw std::invalid_argument("no engine was built");
  agent::Rng rng(options.seed, "dma.session");
  SessionResult result;
  while (result.sum.descriptors < options.descriptors && !result.failure) {
    const SessionResult one = run_one({.width = widths[result.episodes % widths.size()],
                                       .endpoints = options.endpoints,
                                       .seed = rng.u64() >> 16,
                                       .descriptors = 120u << rng.range(0, 4)},
                                      run);
    result.sum.add(one.sum);
    result.failure = one.failure;
    ++result.episodes;
  }
  return result;
}

std::string report(const Failure& failure) {
  const EpisodeOptions& episode = failure.episode;
  const std::string design = episode.endpoints == 0
                                 ? fmt::format("--width {}", episode.width)
                                 : fmt::format("--endpoints {}", episode.endpoints);
  return fmt::format("{}\n  again: cw-sim dma --episode {} {} -n {}\n", failure.sentence,
                     episode.seed, design, episode.descriptors);
}

std::string summary(const SessionResult& result) {
  const EpisodeResult& sum = result.sum;
  std::string text = fmt::format(
      "{} descriptors of {} entries in {} episodes: {} bytes, {} clocks, {} interrupts, {} "
      "starts, {} resets of {} channels at work, {} requests in turn\n",
      sum.descriptors, sum.entries, result.episodes, sum.bytes, sum.cycles, sum.interrupts,
      sum.restarts, sum.resets, sum.under_way, sum.judged);
  if (sum.trespasses != 0) {
    text += fmt::format("  {} transfers to pages of the other endpoint, {} fault records\n",
                        sum.trespasses, sum.faults);
  }
  for (const auto& [error, count] : sum.errors) {
    const bool known = error < std::size(kErrors);
    text += fmt::format("  {:8} records: {}\n", count, known ? kErrors[error] : "unknown error");
  }
  return text;
}

}  // namespace cw::dma
