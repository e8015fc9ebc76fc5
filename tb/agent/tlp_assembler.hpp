// SPDX-License-Identifier: Apache-2.0
//
// Puts the beats of a TLP channel together and holds them against the channel's contract.
#pragma once

#include <optional>
#include <stdexcept>

#include "dut/channel_pins.hpp"
#include "pcie/types.hpp"

namespace cw::agent {

// The design broke the contract of a channel.
struct ProtocolViolation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class TlpAssembler {
 public:
  // One transferred beat; the TLP, with its last.
  std::optional<pcie::RawTlp> beat(const dut::ChannelPins& pins);
  void reset() { inside_ = false; }

 private:
  pcie::RawTlp tlp_;
  bool inside_ = false;
};

}  // namespace cw::agent
