// SPDX-License-Identifier: Apache-2.0
//
// The endpoint alone, at the width that is asked for: its link and the credits of both sides.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "dut/channel_pins.hpp"
#include "dut/module.hpp"

namespace cw::random {

inline constexpr unsigned kEndpointWidths[] = {64, 128, 256, 512};
// The completion timeout that the models are built with, in clocks: not more than an eighth late.
inline constexpr uint64_t kTimeoutCycles = 2048;

enum FlowClass : unsigned { kPosted, kNonPosted, kCompletion };
inline constexpr unsigned kFlowClasses = 3;

// Limits of one class, modulo 4096 since reset (PCIe Base 2.6.1).
struct CreditLimit {
  bool header_infinite = false;
  uint32_t header = 0;
  bool data_infinite = false;
  uint32_t data = 0;

  bool operator==(const CreditLimit&) const = default;
};
inline constexpr uint32_t kCreditModulus = 4096;

// The user's AXI4-Lite port: what the endpoint drives, and what it is answered.
struct UserDrive {
  bool aw_valid = false, w_valid = false, b_ready = false, ar_valid = false, r_ready = false;
  uint32_t aw_address = 0, w_data = 0, ar_address = 0;
  uint8_t w_strobes = 0;
};
struct UserSense {
  bool aw_ready = false, w_ready = false, b_valid = false, ar_ready = false, r_valid = false;
  uint8_t b_resp = 0, r_resp = 0;
  uint32_t r_data = 0;
};

class EndpointDut {
 public:
  virtual ~EndpointDut() = default;
  virtual dut::ModuleBase& module() = 0;
  // Link down: the same as a fundamental reset, but that sticky registers stay.
  virtual void hot_reset() = 0;
  virtual dut::ChannelPins rx() = 0;  // to the endpoint
  virtual dut::ChannelPins tx() = 0;
  virtual UserDrive user() = 0;
  virtual void answer_user(const UserSense& sense) = 0;
  virtual CreditLimit granted(FlowClass which) = 0;  // by the endpoint
  virtual void grant(FlowClass which, const CreditLimit& limit) = 0;

  static bool built(unsigned width);
  // std::invalid_argument for a width that was not built. The seed sets registers and memories.
  static std::unique_ptr<EndpointDut> make(unsigned width, uint64_t seed);
};

}  // namespace cw::random
