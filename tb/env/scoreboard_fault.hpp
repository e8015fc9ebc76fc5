// SPDX-License-Identifier: Apache-2.0
//
// The design did something else than a model says.
#pragma once

#include <stdexcept>

namespace cw::env {

struct ScoreboardFault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace cw::env
