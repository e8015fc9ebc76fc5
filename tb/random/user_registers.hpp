// SPDX-License-Identifier: Apache-2.0
//
// The user's logic behind the endpoint's AXI4-Lite port: plain registers, and two ranges in which
// every access fails. It takes its time on every channel. Spec: AMBA AXI4-Lite (IHI 0022).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/stall_policy.hpp"
#include "random/endpoint_dut.hpp"

namespace cw::random {

inline constexpr uint32_t kUserBytes = 0x1'0000, kUserSlverrAt = 0xe000, kUserDecerrAt = 0xf000;

class UserRegisters : public dut::Clocked {
 public:
  UserRegisters(EndpointDut& dut, agent::Rng rng, agent::Stall stall);
  ~UserRegisters() override;
  UserRegisters(const UserRegisters&) = delete;
  UserRegisters& operator=(const UserRegisters&) = delete;

  void sample() override;
  void commit() override { dut_.answer_user(sense_); }
  void reset() override;

 private:
  static uint8_t response(uint32_t address);
  void write(uint32_t address, uint32_t data, uint8_t strobes);
  uint32_t read(uint32_t address) const;
  bool ready() { return rng_.chance(ready_percent_); }

  EndpointDut& dut_;
  agent::Rng rng_;
  unsigned ready_percent_;
  std::vector<uint8_t> bytes_;
  UserSense sense_{};
  std::optional<uint32_t> write_address_{};
  std::optional<std::pair<uint32_t, uint8_t>> write_data_{};  // with its strobes
  std::optional<uint32_t> read_address_{};
};

}  // namespace cw::random
