// SPDX-License-Identifier: Apache-2.0
//
// Two endpoints at one host under random DMA traffic: a short fixed set of episodes. `cw-sim dma
// --endpoints 2` runs the same from any seed and for as long as one likes.
#include "catch_shim.hpp"
#include "duo/episode.hpp"
#include "model/dma.hpp"

namespace cw::duo {
namespace {

TEST_CASE("Two endpoints do what their models say, and neither reaches the other's pages",
          "[duo][dma][random][R01][R02][R18][R31][R43]") {
  const dma::SessionResult result = dma::run_session(
      {.seed = 1, .descriptors = 3000, .widths = {128}, .endpoints = 2}, duo::run_episode);
  if (result.failure) FAIL(dma::report(*result.failure));
  using model::DmaError;
  for (const auto error : {DmaError::ReadUr, DmaError::Aborted}) {
    CAPTURE(static_cast<unsigned>(error));
    CHECK(result.sum.errors.contains(static_cast<unsigned>(error)));
  }
  CHECK(result.sum.trespasses != 0);
  CHECK(result.sum.faults != 0);
  CHECK(result.sum.resets != 0);
  CHECK(result.sum.under_way != 0);
}

TEST_CASE("One seed is one run of two endpoints", "[duo][dma][random]") {
  const dma::EpisodeOptions options{.width = 128, .endpoints = 2, .seed = 5, .descriptors = 120};
  const dma::EpisodeResult first = duo::run_episode(options), second = duo::run_episode(options);
  CHECK(first.cycles == second.cycles);
  CHECK(first.errors == second.errors);
  CHECK(first.bytes == second.bytes);
}

}  // namespace
}  // namespace cw::duo
