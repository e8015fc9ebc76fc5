// SPDX-License-Identifier: Apache-2.0
//
// The DMA engine under random traffic: a short fixed set of episodes. `cw-sim dma` runs the same
// from any seed and for as long as one likes.
#include "catch_shim.hpp"
#include "dma/engine_dut.hpp"
#include "dma/episode.hpp"

namespace cw::dma {
namespace {

TEST_CASE("The DMA engine does what its model says, whatever it is asked and whatever fails",
          "[dma][random][R01][R02][R18][R26][R29][R32][R44][R53][R54][R55][R56][R57][R59]") {
  EpisodeResult sum;
  bool all = true;  // widths are built
  for (const unsigned width : kEngineWidths) {
    all &= EngineDut::built(width);
    if (!EngineDut::built(width)) continue;
    const SessionResult result =
        run_session({.seed = width, .descriptors = 4000, .widths = {width}});
    if (result.failure) FAIL(report(*result.failure));
    sum.add(result.sum);
  }
  if (!all) return;  // fewer descriptors, and perhaps not all that can happen
  using model::DmaError;
  for (const auto error :
       {DmaError::BadDesc, DmaError::BadCard, DmaError::DescFetch, DmaError::ReadUr,
        DmaError::Stale, DmaError::CardError, DmaError::Aborted}) {
    CAPTURE(static_cast<unsigned>(error));
    CHECK(sum.errors.contains(static_cast<unsigned>(error)));
  }
  CHECK(sum.resets != 0);
  CHECK(sum.under_way != 0);
  CHECK(sum.judged != 0);
}

TEST_CASE("One seed is one run of the DMA engine", "[dma][random]") {
  for (const unsigned width : kEngineWidths) {
    if (!EngineDut::built(width)) continue;
    const EpisodeOptions options{.width = width, .seed = 5, .descriptors = 200};
    const EpisodeResult first = run_episode(options), second = run_episode(options);
    CHECK(first.cycles == second.cycles);
    CHECK(first.errors == second.errors);
    CHECK(first.bytes == second.bytes);
    return;
  }
}

}  // namespace
}  // namespace cw::dma
