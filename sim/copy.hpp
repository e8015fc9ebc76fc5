// SPDX-License-Identifier: Apache-2.0
//
// Moves bytes through the card: host pages to card memory, card memory to other host pages, in
// pieces that overlap, each piece a ring entry of one or several chained descriptors.
#pragma once

#include <cstdint>
#include <functional>

#include "agent/rng.hpp"
#include "dut/kernel.hpp"
#include "env/bringup.hpp"

namespace cw::sim {

struct CopyResult {
  dut::Cycles cycles{};
  uint64_t pieces = 0;
  uint64_t descriptors = 0;
};

// Throws std::runtime_error when a record reports an error, dut::Timeout when none comes.
CopyResult copy_through_card(env::Bringup& fabric, const env::DmaSpace::Buffer& source,
                             const env::DmaSpace::Buffer& target, agent::Rng rng,
                             const std::function<void(uint64_t bytes_done)>& progress);

// One direction alone at full rate: `bytes` bytes as entries of `entry_bytes` over the same card
// memory. The cycles from the doorbell to the last record.
dut::Cycles stream(env::Bringup& fabric, env::DmaDriver& channel,
                   const env::DmaSpace::Buffer& buffer, uint32_t entry_bytes);

}  // namespace cw::sim
