// SPDX-License-Identifier: Apache-2.0
//
// Sends packets into an AXI4-Stream, in the order of send(). While idle, and in lanes that TKEEP
// leaves out, the pins hold junk.
#pragma once

#include <deque>

#include "agent/axis_pins.hpp"
#include "agent/stall_policy.hpp"
#include "dut/kernel.hpp"

namespace cw::agent {

class AxisSource : public dut::Clocked {
 public:
  AxisSource(dut::Kernel& kernel, AxisPins pins, Rng rng, Stall stall = Stall::None);
  ~AxisSource() override;
  AxisSource(const AxisSource&) = delete;
  AxisSource& operator=(const AxisSource&) = delete;

  // Without TLAST the packet goes on in the next call; all but its last part fill whole beats.
  void send(const AxisPacket& packet, bool with_last = true);
  // As given, however odd its TKEEP.
  void send_beat(AxisBeat beat) { queue_.push_back(std::move(beat)); }

  bool idle() const { return queue_.empty(); }
  uint64_t beats() const { return beats_; }  // taken
  // Offers nothing new until it is opened again.
  void block(bool blocked) { blocked_ = blocked; }

  void sample() override;
  void commit() override;
  void reset() override;

 private:
  void drive_idle();

  dut::Kernel& kernel_;
  AxisPins pins_;
  Rng junk_;
  StallPolicy stall_;
  std::deque<AxisBeat> queue_;
  uint64_t beats_ = 0;
  bool valid_ = false;
  bool blocked_ = false;
};

}  // namespace cw::agent
