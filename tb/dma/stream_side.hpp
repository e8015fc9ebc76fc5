// SPDX-License-Identifier: Apache-2.0
//
// The streams of a DMA engine: packets into those of the S2h channels, at random, and what comes
// out of those of the H2s channels beside what should. A reset of the engine takes away what has
// come in and not gone on, and what should have gone out; the packet that is leaving is cut.
// docs/dma.md, "Streams".
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "agent/axis_pins.hpp"
#include "agent/axis_sink.hpp"
#include "agent/axis_source.hpp"
#include "env/dma_watch.hpp"

namespace cw::dma {

class StreamSide {
 public:
  struct Port {
    unsigned channel = 0;  // whose it is: out of an H2s channel, into an S2h one
    agent::AxisPins pins;
  };
  // `watches`: of all channels.
  StreamSide(dut::Kernel& kernel, const std::vector<Port>& ports,
             std::vector<env::DmaWatch*> watches, agent::Rng rng);

  // What they drive in the next clock; `calm`: nothing stands still any more.
  void commit(bool calm);
  // No further packet begins to come in; the one that has begun comes to its end.
  void hold_inputs(bool held) { held_ = held; }
  bool inputs_idle() const;
  // The engine is being reset. Packets of entries that have not ended may have gone out; `over`: it
  // has been, so the one that was leaving may have come with its end cut off.
  void cut(unsigned channel, const std::vector<env::StreamPacket>& unfinished, bool over = false);
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
    size_t beat_bytes = 0;
    uint64_t sent = 0;                 // beats
    std::deque<uint64_t> begins_at{};  // beats sent before each packet that is not taken yet
  };
  void expect_ended(Output& output);
  void match(Output& output, bool reset);

  std::vector<env::DmaWatch*> watches_;
  agent::Rng rng_;
  std::vector<Output> outputs_;
  std::vector<Input> inputs_;
  bool out_blocked_ = false, in_blocked_ = false, held_ = false;
};

}  // namespace cw::dma
