// SPDX-License-Identifier: Apache-2.0
//
// The wires of a 64-bit AXI4 port between two agents, as structs.
#pragma once

#include <array>
#include <cstdint>

#include "agent/axi_pins.hpp"

namespace cw::bench {

struct AxiWires {
  std::array<uint32_t, 3> aw{}, ar{};
  uint8_t aw_valid = 0, aw_ready = 0, ar_valid = 0, ar_ready = 0;
  uint64_t w_data = 0, r_data = 0;
  uint8_t w_strb = 0, w_last = 0, w_valid = 0, w_ready = 0;
  uint8_t b = 0, b_valid = 0, b_ready = 0;
  uint8_t r_id = 0, r_resp = 0, r_last = 0, r_valid = 0, r_ready = 0;

  agent::AxiPins pins() {
    return {.aw = aw,
            .aw_valid = aw_valid,
            .aw_ready = aw_ready,
            .w_data = w_data,
            .w_strb = w_strb,
            .w_last = w_last,
            .w_valid = w_valid,
            .w_ready = w_ready,
            .b = b,
            .b_valid = b_valid,
            .b_ready = b_ready,
            .ar = ar,
            .ar_valid = ar_valid,
            .ar_ready = ar_ready,
            .r_id = r_id,
            .r_data = r_data,
            .r_resp = r_resp,
            .r_last = r_last,
            .r_valid = r_valid,
            .r_ready = r_ready};
  }
};

}  // namespace cw::bench
