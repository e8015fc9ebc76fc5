// SPDX-License-Identifier: Apache-2.0
//
// Watches one channel that others drive: keeps the last TLPs, tells its listeners of each, and
// throws ProtocolViolation when the channel's contract is broken.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "agent/tlp_assembler.hpp"
#include "dut/channel_pins.hpp"
#include "dut/kernel.hpp"
#include "pcie/types.hpp"

namespace cw::agent {

struct SeenTlp {
  dut::Cycles at{};  // cycle of the last beat
  pcie::RawTlp tlp{};
};

struct TlpListener {
  virtual ~TlpListener() = default;
  virtual void on_tlp(const SeenTlp& seen) = 0;
  virtual void on_link_down() {}  // once each time
};

class TlpMonitor : public dut::Clocked {
 public:
  struct Options {
    std::string name = "channel";
    size_t keep = 4096;                 // TLPs remembered
    bool well_formed = false;           // a malformed TLP breaks the contract too
    std::function<bool()> link_down{};  // both sides are in reset: nothing on the pins counts
  };

  TlpMonitor(dut::Kernel& kernel, dut::ChannelPins pins, Options options);
  TlpMonitor(dut::Kernel& kernel, dut::ChannelPins pins) : TlpMonitor(kernel, pins, Options{}) {}
  ~TlpMonitor() override;
  TlpMonitor(const TlpMonitor&) = delete;
  TlpMonitor& operator=(const TlpMonitor&) = delete;

  void listen(TlpListener& listener) { listeners_.push_back(&listener); }

  const std::string& name() const { return options_.name; }
  const std::deque<SeenTlp>& seen() const { return seen_; }
  uint64_t tlps() const { return tlps_; }
  uint64_t beats() const { return beats_; }
  uint64_t payload_bytes() const { return payload_bytes_; }

  void sample() override;
  void reset() override;

 private:
  void check_held();
  void check_well_formed(const pcie::RawTlp& tlp) const;

  dut::Kernel& kernel_;
  dut::ChannelPins pins_;
  Options options_;
  TlpAssembler assembler_;
  std::vector<TlpListener*> listeners_;
  std::deque<SeenTlp> seen_;
  uint64_t tlps_ = 0;
  uint64_t beats_ = 0;
  uint64_t payload_bytes_ = 0;
  bool stalled_ = false;
  bool down_ = false;
  dut::TlpCtl held_ctl_;
  std::array<uint32_t, 16> held_data_{};
};

}  // namespace cw::agent
