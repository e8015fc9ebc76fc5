// SPDX-License-Identifier: Apache-2.0
//
// How long the partner takes, so that no answer falls into the time in which the endpoint may or
// may not have given it up. The endpoint counts from the moment it decides to ask, the models from
// the moment they see the request on the link.
#pragma once

#include <cstdint>

namespace cw::random {

struct Timing {
  uint64_t timeout = 2048;  // completion timeout, in clocks

  // A request may wait so long inside the endpoint, an answer before it.
  uint64_t margin() const { return timeout * 2 / 5; }
  uint64_t slowest_answer() const { return timeout / 2; }
  // A timeout is late by an eighth at most, and by the time that an answer waits.
  uint64_t surely_late() const { return timeout * 8 / 7 + margin(); }
};

}  // namespace cw::random
