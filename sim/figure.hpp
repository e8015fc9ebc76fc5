// SPDX-License-Identifier: Apache-2.0
//
// One measured figure, the best or the most that it is held against, and what of that is asked.
#pragma once

#include <string>
#include <vector>

namespace cw::sim {

struct Figure {
  std::string name;
  double value = 0;
  std::string unit;
  double ceiling = 0;  // the best that could be; for a latency or a size, the most that may be
  double target = 0;   // of the ratio of value to ceiling
  bool at_most = false;
  // Where some of what is asked cannot be: what is asked, and what is the least that could be; then
  // the larger of both is the ceiling.
  double asked = 0, least = 0;

  double ratio() const { return value / ceiling; }
  bool ok() const { return at_most ? ratio() <= target : ratio() >= target; }
};

using Figures = std::vector<Figure>;

// The negative control of a figure: measured with a fault that it must notice, or it measures
// nothing. `noticed` is how much worse at least, as a share of what is asked.
inline Figure control(Figure figure, double value, double noticed = 0.02) {
  figure.name += ".control";
  figure.value = value;
  figure.target *= figure.at_most ? 1 + noticed : 1 - noticed;
  figure.at_most = !figure.at_most;
  return figure;
}

}  // namespace cw::sim
