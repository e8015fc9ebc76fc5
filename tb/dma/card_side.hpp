// SPDX-License-Identifier: Apache-2.0
//
// Built-in card memory as the DMA engine reaches it: reads answered in order two clocks after they
// were taken, as cw_card_mem does, and stalls by other clients.
#pragma once

#include <deque>
#include <vector>

#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "dma/engine_dut.hpp"

namespace cw::dma {

class CardSide : public dut::Clocked {
 public:
  CardSide(EngineDut& dut, agent::Rng rng, agent::Stall stall);
  ~CardSide() override;
  CardSide(const CardSide&) = delete;
  CardSide& operator=(const CardSide&) = delete;

  std::vector<uint8_t>& memory() { return memory_; }
  bool idle() const { return answers_.empty(); }

  void sample() override;
  void commit() override;
  void reset() override;

 private:
  struct Answer {
    uint64_t due;
    std::vector<uint8_t> data;
  };

  EngineDut& dut_;
  agent::StallPolicy write_stall_, read_stall_;
  std::vector<uint8_t> memory_;
  std::deque<Answer> answers_;
  uint64_t now_ = 0;
  bool write_ready_ = false, read_ready_ = false;
};

}  // namespace cw::dma
