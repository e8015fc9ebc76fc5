// SPDX-License-Identifier: Apache-2.0
//
// Takes TLPs out of one channel and keeps them in the order of arrival.
#pragma once

#include <deque>

#include "agent/stall_policy.hpp"
#include "agent/tlp_assembler.hpp"
#include "dut/channel_pins.hpp"
#include "dut/kernel.hpp"
#include "pcie/types.hpp"

namespace cw::agent {

class TlpSink : public dut::Clocked {
 public:
  TlpSink(dut::Kernel& kernel, dut::ChannelPins pins, Rng rng, Stall stall = Stall::None);
  ~TlpSink() override;
  TlpSink(const TlpSink&) = delete;
  TlpSink& operator=(const TlpSink&) = delete;

  const std::deque<pcie::RawTlp>& received() const { return received_; }
  bool empty() const { return received_.empty(); }
  size_t size() const { return received_.size(); }
  pcie::RawTlp pop();
  dut::Event& arrived() { return arrived_; }
  dut::Task<pcie::RawTlp> next(dut::Cycles deadline);

  // Takes nothing until it is opened again.
  void block(bool blocked) { blocked_ = blocked; }

  void sample() override;
  void commit() override;
  void reset() override;

 private:
  dut::Kernel& kernel_;
  dut::ChannelPins pins_;
  StallPolicy stall_;
  TlpAssembler assembler_;
  std::deque<pcie::RawTlp> received_;
  dut::Event arrived_;
  bool blocked_ = false;
};

}  // namespace cw::agent
