// SPDX-License-Identifier: Apache-2.0
//
// One random run of two endpoints at one host: all DMA channels of both with all that a driver may
// do, each endpoint in an address space of its own and now and then out of it, function-level
// resets of one under load of both, and every TLP of both links held against the models. Throws
// ScoreboardFault, Timeout, AssertionFailed or an agent's complaint.
#pragma once

#include "dma/episode.hpp"

namespace cw::duo {

dma::EpisodeResult run_episode(const dma::EpisodeOptions& options);

}  // namespace cw::duo
