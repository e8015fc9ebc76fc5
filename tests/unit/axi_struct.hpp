// SPDX-License-Identifier: Apache-2.0
//
// `axi_drive_t` and `axi_sense_t`, beside the data of a port, as pins of an agent.
#pragma once

#include <array>
#include <cstdint>

#include "agent/axi_pins.hpp"
#include "dut/bits.hpp"

namespace cw::unit {

struct AxiStruct {
  struct User {
    unsigned fn = 0, bar = 0;
    bool operator==(const User&) const = default;
  };
  User aw_user, ar_user;  // what the last address of each channel said

  template <class Data, class Strobe>
  agent::AxiPins pins(Data& w_data, Strobe& w_strb, Data& r_data) {
    return {.aw = aw_,
            .aw_valid = aw_valid_,
            .aw_ready = aw_ready_,
            .w_data = w_data,
            .w_strb = w_strb,
            .w_last = w_last_,
            .w_valid = w_valid_,
            .w_ready = w_ready_,
            .b = b_,
            .b_valid = b_valid_,
            .b_ready = b_ready_,
            .ar = ar_,
            .ar_valid = ar_valid_,
            .ar_ready = ar_ready_,
            .r_id = r_id_,
            .r_data = r_data,
            .r_resp = r_resp_,
            .r_last = r_last_,
            .r_valid = r_valid_,
            .r_ready = r_ready_};
  }
  // Before the agent samples.
  template <class Drive>
  void open(const Drive& drive) {
    const auto bit = [&](unsigned lsb) {
      return static_cast<uint8_t>(dut::get_bits(drive, lsb, 1));
    };
    const auto address = [&](unsigned lsb) {
      return std::array{static_cast<uint32_t>(dut::get_bits(drive, lsb, 32)),
                        static_cast<uint32_t>(dut::get_bits(drive, lsb + 32, 32)),
                        static_cast<uint32_t>(dut::get_bits(drive, lsb + 64, 17))};
    };
    const auto user = [&](unsigned lsb) {
      return User{.fn = static_cast<unsigned>(dut::get_bits(drive, lsb, 3)),
                  .bar = static_cast<unsigned>(dut::get_bits(drive, lsb + 3, 3))};
    };
    r_ready_ = bit(0);
    ar_valid_ = bit(1);
    ar_ = address(8);
    b_ready_ = bit(89);
    w_valid_ = bit(90);
    w_last_ = bit(91);
    aw_valid_ = bit(92);
    aw_ = address(99);
    if (ar_valid_) ar_user = user(2);
    if (aw_valid_) aw_user = user(93);
  }
  // After it has committed.
  template <class Sense>
  void close(Sense& sense) const {
    dut::set_bits(sense, 0, 1, r_valid_);
    dut::set_bits(sense, 1, 1, r_last_);
    dut::set_bits(sense, 2, 2, r_resp_);
    dut::set_bits(sense, 4, 4, r_id_);
    dut::set_bits(sense, 8, 1, ar_ready_);
    dut::set_bits(sense, 9, 1, b_valid_);
    dut::set_bits(sense, 10, 6, b_);
    dut::set_bits(sense, 16, 1, w_ready_);
    dut::set_bits(sense, 17, 1, aw_ready_);
  }

 private:
  std::array<uint32_t, 3> aw_{}, ar_{};
  uint8_t aw_valid_ = 0, aw_ready_ = 0, w_last_ = 0, w_valid_ = 0, w_ready_ = 0, b_ = 0;
  uint8_t b_valid_ = 0, b_ready_ = 0, ar_valid_ = 0, ar_ready_ = 0, r_id_ = 0, r_resp_ = 0;
  uint8_t r_last_ = 0, r_valid_ = 0, r_ready_ = 0;
};

}  // namespace cw::unit
