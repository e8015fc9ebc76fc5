// SPDX-License-Identifier: Apache-2.0
//
// Plots of a few curves over a logarithmic axis of bytes, alone or several on a sheet, as an SVG
// file that needs nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cw::sim {

struct Curve {
  std::string name;
  std::vector<double> values{};  // one for each place on the axis
  unsigned colour = 0;
  bool dashed = false;
};

struct Marker {  // a vertical line
  uint64_t bytes = 0;
  std::string label;
};

struct Plot {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<uint64_t> bytes{};  // places on the axis, ascending
  std::vector<Curve> curves{};
  std::vector<Marker> markers{};
};

// Panels of the same axes and curves side by side; the legend is of the first.
struct Sheet {
  std::string title;
  unsigned columns = 1;
  std::vector<Plot> panels{};
};

std::string svg(const Plot& plot);
std::string svg(const Sheet& sheet);

// "64 B", "4 KiB", "16 MiB".
std::string bytes_text(uint64_t bytes);

}  // namespace cw::sim
