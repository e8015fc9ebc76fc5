// SPDX-License-Identifier: Apache-2.0
#include "agent/stall_policy.hpp"

namespace cw::agent {

bool StallPolicy::draw() {
  if (kind_ == Stall::Slow) return rng_.range(0, 7) != 0;
  if (left_ == 0) {
    stalled_ = !stalled_;
    if (kind_ == Stall::Bursty) {
      left_ = static_cast<unsigned>(rng_.range(1, 16));
    } else {
      const uint64_t mood = rng_.range(0, 15);
      left_ = mood == 15 ? static_cast<unsigned>(rng_.range(20, 60))
                         : static_cast<unsigned>(mood < 10 ? 1 : rng_.range(1, 4));
    }
  }
  --left_;
  return stalled_;
}

}  // namespace cw::agent
