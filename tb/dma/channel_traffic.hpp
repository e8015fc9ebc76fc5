// SPDX-License-Identifier: Apache-2.0
//
// The driver of one DMA channel, at random: fills the ring, rings the doorbell, stops and resumes,
// aborts, lies with doorbells, changes its share and moderation, and restarts the channel when it
// has halted. docs/dma.md, "Programmer's guide".
#pragma once

#include <string>

#include "dma/engine_dut.hpp"
#include "dma/entry_maker.hpp"
#include "env/dma_watch.hpp"
#include "model/host_memory.hpp"

namespace cw::dma {

class ChannelTraffic {
 public:
  struct Options {
    unsigned channel = 0;
    uint64_t descriptors = 0;  // to be submitted in all
    bool interferes = false;   // stops, aborts, bad doorbells
    bool lone = false;         // one entry at a time
    bool flat = false;         // on level 0 always
    EntryOptions entries{};
    Places places{};
    uint64_t rings = 0;  // where rings and records may lie
  };

  ChannelTraffic(EngineDut& dut, env::DmaWatch& watch, model::HostMemory& memory, agent::Rng rng,
                 Options options);

  // What it drives in the next clock.
  void commit();
  // Nothing is to be submitted, and what was has ended.
  bool done() const { return done_; }
  // The engine has been reset: it is set up again, and goes on with what is to be submitted.
  void reset();
  // No further descriptor, and no interference.
  void finish() { finishing_ = true; }

  const fields::Ctl& ctl() const { return ctl_; }
  uint64_t submitted() const { return submitted_; }
  uint64_t restarts() const { return restarts_; }
  std::string state() const;

 private:
  enum class Phase { Quiesce, Configure, Run, Halted };

  void run(const fields::Sta& sta);
  void interfere();
  void configure();
  void moderate();
  void share();
  bool submit();
  void doorbell(uint16_t tail);
  void ring();
  unsigned size() const { return 1u << ctl_.ring_log2; }
  unsigned room() const;

  EngineDut& dut_;
  env::DmaWatch& watch_;
  model::HostMemory& memory_;
  agent::Rng rng_;
  Options options_;
  EntryMaker maker_;
  fields::Ctl ctl_{};
  Phase phase_ = Phase::Quiesce;
  uint64_t wait_ = 0;
  unsigned calm_ = 0;  // clocks without anything under way
  uint16_t tail_ = 0;  // of what is in the ring
  uint16_t rung_ = 0;
  uint64_t entry_ = 0;           // number of the next, since the restart
  uint64_t entries_before_ = 0;  // that the watch saw before the restart
  uint64_t submitted_ = 0;       // descriptors
  uint64_t restarts_ = 0;
  bool finishing_ = false;
  bool done_ = false;
};

}  // namespace cw::dma
