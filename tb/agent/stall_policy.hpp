// SPDX-License-Identifier: Apache-2.0
//
// When an agent holds back: asked once in every cycle in which it could act.
#pragma once

#include "agent/rng.hpp"

namespace cw::agent {

enum class Stall {
  None,
  Bursty,       // runs of 1 to 16 cycles of each kind
  Slow,         // one cycle in eight acts
  Adversarial,  // single gaps, alternation and long stops, changing without notice
};

inline constexpr Stall kEveryStall[] = {Stall::None, Stall::Bursty, Stall::Slow,
                                        Stall::Adversarial};

class StallPolicy {
 public:
  StallPolicy(Stall kind, Rng rng) : kind_(kind), rng_(rng) {}

  bool stalls() { return kind_ != Stall::None && draw(); }

 private:
  bool draw();

  Stall kind_;
  Rng rng_;
  unsigned left_ = 0;
  bool stalled_ = false;
};

}  // namespace cw::agent
