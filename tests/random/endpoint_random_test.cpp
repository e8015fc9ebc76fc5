// SPDX-License-Identifier: Apache-2.0
//
// The endpoint under random traffic: a short fixed set of episodes. `cw-sim random` runs the same
// from any seed and for as long as one likes.
#include "catch_shim.hpp"
#include "random/endpoint_dut.hpp"
#include "random/session.hpp"
#include "random/tape_file.hpp"

namespace cw::random {
namespace {

// Failures go nowhere: the report is enough to see what to run.
SessionOptions options(unsigned width, uint64_t seed, uint64_t tlps) {
  return {.seed = seed, .tlps = tlps, .width = width, .shrink_seconds = 5};
}

void passes(const SessionOptions& session, Cover& cover) {
  const SessionResult result = run_session(session, cover);
  if (result.failure) FAIL(report(*result.failure, result.tape));
}

TEST_CASE("Concurrent random traffic without faults meets every model",
          "[random][endpoint][R13][R14][R16][R21][R30][R33][R35][R37]") {
  Cover cover;
  for (const unsigned width : {64u, 256u, 512u}) {
    if (EndpointDut::built(width)) passes(options(width, width, 8'000), cover);
  }
}

TEST_CASE("With every fault between the ports the endpoint recovers, and loses nothing",
          "[random][endpoint][R22][R23][R25][R26][R27][R28][R36][R38]") {
  Cover cover;
  for (const unsigned width : {64u, 256u, 512u}) {
    if (!EndpointDut::built(width)) continue;
    SessionOptions session = options(width, width + 1, 10'000);
    session.inject = all_faults();
    passes(session, cover);
  }
}

TEST_CASE("Each kind of fault by itself is dropped, reported and survived",
          "[random][endpoint][R22][R23][R36]") {
  for (const std::string& fault : all_faults()) {
    CAPTURE(fault);
    Cover cover;
    EpisodeSetup setup{.width = 256, .seed = 99, .stall = agent::Stall::None, .inject = {fault}};
    setup.length = 40;
    for (unsigned n = 0; n < 12 && cover.all.count("inject." + fault) == 0; ++n) {
      setup.seed = episode_seed(99, n);
      const EpisodeResult result = run_episode(setup, cover);
      CHECK((result.failure ? result.failure->sentence : "") == "");
    }
    CHECK(cover.all.count("inject." + fault) != 0);
  }
}

TEST_CASE("One seed is one run, and its tapes are that run again", "[random][endpoint][tape]") {
  Cover cover;
  for (const uint64_t seed : {5u, 6u}) {
    const EpisodeSetup setup{.width = 256, .seed = seed, .inject = all_faults()};
    const EpisodeResult first = run_episode(setup, cover);
    CHECK(run_episode(setup, cover).trace_hash == first.trace_hash);
    EpisodeSetup replay = setup;
    replay.tapes = first.tapes;
    replay = setup_from_text(to_text(replay));
    CHECK(run_episode(replay, cover).trace_hash == first.trace_hash);
    EpisodeSetup other = setup;
    other.seed += 100;
    CHECK(run_episode(other, cover).trace_hash != first.trace_hash);
  }
}

}  // namespace
}  // namespace cw::random
