// SPDX-License-Identifier: Apache-2.0
//
// The streams of the DMA engine: packets into those of the S2h channels, at random, and what comes
// out of those of the H2s channels beside what should. A reset of the engine takes away what has
// come in and not gone on, and what should have gone out; the packet that is leaving is cut.
// docs/dma.md, "Streams".
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "agent/axis_sink.hpp"
#include "agent/axis_source.hpp"
#include "dma/engine_dut.hpp"
#include "env/dma_watch.hpp"

namespace cw::dma {

class StreamSide {
 public:
  // `watches`: of all channels.
  StreamSide(EngineDut& dut, std::vector<env::DmaWatch*> watches, agent::Rng rng);

  // What they drive in the next clock; `calm`: nothing stands still any more.
  void commit(bool calm);
  // The engine is being reset. Packets of entries that have not ended may have gone out.
  void cut(unsigned channel, const std::vector<env::StreamPacket>& unfinished);
  // It is so no more: packets that had begun to come count for nothing.
  void after_reset();

  uint64_t beats_out() const;
  // ScoreboardFault if something else came out than should have, or is missing.
  void check();

 private:
  struct Expected {
    env::StreamPacket packet{};
    bool lost = false;  // by a reset: it may come whole, cut, or not at all
  };
  struct Output {
    unsigned channel = 0;
    std::unique_ptr<agent::AxisSink> sink{};
    size_t looked_at = 0;  // packets received
    std::deque<Expected> expected{};
  };
  struct Input {
    unsigned channel = 0;
    std::unique_ptr<agent::AxisSource> source{};
    uint64_t sent = 0;                 // beats
    std::deque<uint64_t> begins_at{};  // beats sent before each packet that is not taken yet
  };
  void expect_ended(Output& output);
  void match(Output& output);

  EngineDut& dut_;
  std::vector<env::DmaWatch*> watches_;
  agent::Rng rng_;
  std::vector<Output> outputs_;
  std::vector<Input> inputs_;
  bool out_blocked_ = false, in_blocked_ = false;
};

}  // namespace cw::dma
