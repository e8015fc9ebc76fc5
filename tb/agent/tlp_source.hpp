// SPDX-License-Identifier: Apache-2.0
//
// Drives TLPs into one channel, in the order of send(). While idle, and wherever the contract says
// that a field means nothing, the pins hold junk.
#pragma once

#include <deque>

#include "agent/stall_policy.hpp"
#include "dut/channel_pins.hpp"
#include "dut/kernel.hpp"
#include "pcie/types.hpp"

namespace cw::agent {

// The beat of a TLP that begins with dword `first_dw` of its payload; what means nothing is junk.
dut::TlpCtl beat_of(const pcie::RawTlp& tlp, size_t first_dw, unsigned lanes, Rng& junk);

class TlpSource : public dut::Clocked {
 public:
  TlpSource(dut::Kernel& kernel, dut::ChannelPins pins, Rng rng, Stall stall = Stall::None);
  ~TlpSource() override;
  TlpSource(const TlpSource&) = delete;
  TlpSource& operator=(const TlpSource&) = delete;

  void send(pcie::RawTlp tlp) { queue_.push_back(std::move(tlp)); }

  void drop_all() {  // the link went down
    reset();
    queue_.clear();
  }

  uint64_t sent() const { return sent_; }  // TLPs whose last beat was taken
  size_t waiting() const { return queue_.size(); }
  bool idle() const { return queue_.empty(); }
  dut::Event& taken() { return taken_; }  // at the last beat of each TLP

  void sample() override;
  void commit() override;
  void reset() override;

 private:
  void drive_beat();
  void drive_idle();

  dut::Kernel& kernel_;
  dut::ChannelPins pins_;
  Rng rng_;
  StallPolicy stall_;
  std::deque<pcie::RawTlp> queue_;
  size_t next_dw_ = 0;
  bool valid_ = false;  // a beat is on the pins
  bool last_ = false;   // and it is the last of its TLP
  uint64_t sent_ = 0;
  dut::Event taken_;
};

}  // namespace cw::agent
