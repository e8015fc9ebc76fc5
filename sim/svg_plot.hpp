// SPDX-License-Identifier: Apache-2.0
//
// A plot of a few curves over a logarithmic axis of bytes, as an SVG file that needs nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cw::sim {

struct Curve {
  std::string name;
  std::vector<double> values;  // one for each place on the axis
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
  std::vector<uint64_t> bytes;  // places on the axis, ascending
  std::vector<Curve> curves{};
  std::vector<Marker> markers{};
};

std::string svg(const Plot& plot);
// Makes the folder; throws std::runtime_error where the file cannot be written.
void write_svg(const std::filesystem::path& to, const Plot& plot);

// "64 B", "4 KiB", "16 MiB".
std::string bytes_text(uint64_t bytes);

}  // namespace cw::sim
