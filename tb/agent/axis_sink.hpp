// SPDX-License-Identifier: Apache-2.0
//
// Takes packets out of an AXI4-Stream and keeps them in the order of arrival. Throws
// ProtocolViolation when an offered beat changes or goes away before it is taken (AXI4-Stream
// 2.2.1), when a beat's bytes do not lie side by side from lane 0, when one without TLAST does not
// fill its lanes, and when TID or TUSER change inside a packet: but for TUSER[0] set with TLAST,
// which cuts it.
#pragma once

#include <deque>
#include <optional>

#include "agent/axis_pins.hpp"
#include "agent/stall_policy.hpp"
#include "dut/kernel.hpp"

namespace cw::agent {

class AxisSink : public dut::Clocked {
 public:
  AxisSink(dut::Kernel& kernel, AxisPins pins, Rng rng, Stall stall = Stall::None);
  ~AxisSink() override;
  AxisSink(const AxisSink&) = delete;
  AxisSink& operator=(const AxisSink&) = delete;

  const std::deque<AxisPacket>& received() const { return received_; }
  AxisPacket pop();
  bool inside_packet() const { return inside_; }
  size_t bytes_inside() const { return inside_ ? open_.bytes.size() : 0; }  // come of it so far
  uint64_t beats() const { return beats_; }
  dut::Event& arrived() { return arrived_; }

  // Takes nothing until it is opened again.
  void block(bool blocked) { blocked_ = blocked; }

  void sample() override;
  void commit() override;
  void reset() override;

 private:
  void check_held();
  void take(const AxisBeat& beat);

  dut::Kernel& kernel_;
  AxisPins pins_;
  StallPolicy stall_;
  std::optional<AxisBeat> waits_;  // offered and not taken
  AxisPacket open_;
  bool inside_ = false;
  bool blocked_ = false;
  uint64_t beats_ = 0;
  std::deque<AxisPacket> received_;
  dut::Event arrived_;
};

}  // namespace cw::agent
