// SPDX-License-Identifier: Apache-2.0
//
// How long the partner takes, so that no answer falls into the time in which the endpoint may or
// may not have given it up. The endpoint counts from when its port sends (docs/endpoint.md), the
// models from when the link has carried the request.
#pragma once

#include <cstdint>

namespace cw::random {

struct Timing {
  uint64_t timeout = 2048;  // completion timeout, in clocks

  // From the port to the link, through a slow partner.
  static constexpr uint64_t kOnTheWay = 128;
  // No timeout is earlier than this after the request was seen.
  uint64_t earliest() const { return timeout - kOnTheWay; }
  // An answer may wait that long inside the endpoint.
  uint64_t slowest_answer() const { return timeout / 2; }
  // A timeout is late by an eighth at most, and one tag has its turn in a clock.
  uint64_t surely_late() const { return timeout * 8 / 7 + kOnTheWay; }
};

}  // namespace cw::random
