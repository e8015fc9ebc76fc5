// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "bench_dma.hpp"
#include "dma_rig.hpp"
#include "svg_plot.hpp"
#include "usage.hpp"

namespace cw::sim {

namespace {

// Lists: a descriptor for each piece.
constexpr std::array<uint32_t, 10> kSizes = {32, 64, 128, 256, 512, 1024, 2048, 4096, 16384, 65536};
constexpr std::array<uint32_t, 3> kFewSizes = {32, 512, 16384};
constexpr uint32_t kBulk = 512;  // from here on the rate is to be kept at every latency
constexpr double kTarget = 0.99, kOver = 1.005;

// A panel of the plot, and what its curves are of.
struct Corner {
  unsigned width = 256;
  Channel channel = kToCard;
  bool aligned = true;

  std::string name() const {
    return fmt::format("{}.{}.{}", width, channel == kToCard ? "h2c" : "c2h",
                       aligned ? "aligned" : "misaligned");
  }
  std::string title() const {
    return fmt::format("{} bits, {}{}", width, channel == kToCard ? "to card" : "to host",
                       aligned ? "" : ", misaligned");
  }
  // The card's memory has room for 64 KiB, misaligned for a byte less.
  Load load(uint32_t bytes, unsigned latency) const {
    // An entry is of so many clocks: docs/dma.md, "Limits", says why.
    const uint64_t clocks = latency < 1000 ? 512 : 2048;
    return {.channel = channel,
            .bytes = aligned ? bytes : std::min(bytes, kSizes.back() - 1),
            .host_offset = aligned ? 0u : 3u,
            .card_offset = aligned ? 0u : 1u,
            .entry_most = clocks * width / 8};
  }
};

struct Point {
  uint32_t bytes = 0;
  double rate = 0, ceiling = 0;
};
using Points = std::vector<Point>;

std::vector<uint32_t> sizes(const DmaBenchOptions& options) {
  if (options.brief) return {kFewSizes.begin(), kFewSizes.end()};
  return {kSizes.begin(), kSizes.end()};
}

std::vector<unsigned> latencies(const DmaBenchOptions& options) {
  if (options.brief) return {100};
  return {100, 250, 1000};
}

std::vector<Corner> corners(const DmaBenchOptions& options) {
  std::vector<Corner> all;
  for (const unsigned width : widths(options)) {
    for (const bool aligned : {true, false}) {
      for (const Channel channel : {kToCard, kToHost}) all.push_back({width, channel, aligned});
    }
  }
  return all;
}

Points measure(Rig& rig, const Corner& corner, unsigned latency, const DmaBenchOptions& options) {
  const Window window{.lead = dut::Cycles{800 + 2 * latency},
                      .length = dut::Cycles{4000 + 4 * latency}};
  Points points;
  for (const uint32_t bytes : sizes(options)) {
    const Load load = corner.load(bytes, latency);
    points.push_back(
        {.bytes = bytes, .rate = rig.rate(load, window), .ceiling = ceiling(load, corner.width)});
  }
  return points;
}

// What is asked: of pieces from kBulk on, at every latency where they are aligned.
bool is_asked(const Corner& corner, unsigned latency) {
  constexpr unsigned kMisalignedUpTo = 250;
  return corner.aligned || latency <= kMisalignedUpTo;
}

// The least share of the ceilings that is kept from kBulk on; `of` may be rates of something else.
double least(const Points& of, const Points& ceilings) {
  double found = 1;
  for (size_t n = 0; n < of.size(); ++n) {
    if (of[n].bytes >= kBulk) found = std::min(found, of[n].rate / ceilings[n].ceiling);
  }
  return found;
}

double most(const Points& of, const Points& ceilings) {
  double found = 0;
  for (size_t n = 0; n < of.size(); ++n) {
    found = std::max(found, of[n].rate / ceilings[n].ceiling);
  }
  return found;
}

// The fault: pieces of less than kBulk held against the ceiling of those.
double in_short_pieces(const Points& points) {
  const auto bulk = std::ranges::find_if(points, [](auto& p) { return p.bytes >= kBulk; });
  double found = 1;
  for (const Point& point : std::span(points.begin(), bulk)) {
    found = std::min(found, point.rate / bulk->ceiling);
  }
  return found;
}

Plot panel(const Corner& corner, const std::vector<Points>& curves,
           const std::vector<unsigned>& latencies) {
  const double width = corner.width / 8.0;
  Plot plot{.title = corner.title(), .x_label = "bytes of a descriptor", .y_label = "of the width"};
  Curve most{.name = "link and card allow", .colour = 5, .dashed = true};
  for (const Point& point : curves.front()) {
    plot.bytes.push_back(point.bytes);
    most.values.push_back(point.ceiling / width);
  }
  plot.curves.push_back(most);
  for (unsigned n = 0; n < curves.size(); ++n) {
    Curve curve{.name = fmt::format("memory at {} clocks", latencies[n]), .colour = n};
    for (const Point& point : curves[n]) curve.values.push_back(point.rate / width);
    plot.curves.push_back(curve);
  }
  return plot;
}

using Sweep = std::vector<std::vector<Points>>;  // by corner, by latency

Sweep measure_all(const std::vector<Corner>& corners, const DmaBenchOptions& options) {
  Sweep found(corners.size());
  for (const unsigned width : widths(options)) {
    for (const unsigned latency : latencies(options)) {
      Rig rig({.seed = options.seed, .width = width, .latency = latency});
      for (size_t n = 0; n < corners.size(); ++n) {
        if (corners[n].width != width) continue;
        found[n].push_back(measure(rig, corners[n], latency, options));
      }
    }
  }
  return found;
}

void write(const std::vector<Corner>& corners, const Sweep& found, const DmaBenchOptions& options) {
  const auto waits = latencies(options);
  Sheet sheet{.title = "DMA by lists of descriptors: share of the width", .columns = 4};
  for (size_t n = 0; n < corners.size(); ++n) {
    sheet.panels.push_back(panel(corners[n], found[n], waits));
  }
  write_file(options.plot, svg(sheet));
  std::ofstream csv(std::filesystem::path(options.plot).replace_extension(".csv"));
  csv << "of,latency,bytes,rate,ceiling\n";
  for (size_t n = 0; n < corners.size(); ++n) {
    for (size_t l = 0; l < waits.size(); ++l) {
      for (const Point& point : found[n][l]) {
        csv << fmt::format("{},{},{},{:.3f},{:.3f}\n", corners[n].name(), waits[l], point.bytes,
                           point.rate, point.ceiling);
      }
    }
  }
}

}  // namespace

Figures dma_sweep(const DmaBenchOptions& options) {
  const auto all = corners(options);
  const auto waits = latencies(options);
  const Sweep found = measure_all(all, options);
  write(all, found, options);

  constexpr size_t kOther = 2;  // from an aligned corner to the same misaligned
  Figures figures;
  double over = 0, over_with_fault = 0;
  for (size_t n = 0; n < all.size(); ++n) {
    double kept = 1, with_fault = 1;
    for (size_t l = 0; l < waits.size(); ++l) {
      const Points& points = found[n][l];
      over = std::max(over, most(points, points));
      if (all[n].aligned) {
        with_fault = std::min(with_fault, least(found[n + kOther][l], points));
        over_with_fault = std::max(over_with_fault, most(points, found[n + kOther][l]));
      } else {
        with_fault = std::min(with_fault, in_short_pieces(points));
      }
      if (is_asked(all[n], waits[l])) kept = std::min(kept, least(points, points));
    }
    figures.push_back({.name = "dma.sweep." + all[n].name(),
                       .value = kept,
                       .unit = "of ceiling",
                       .ceiling = 1,
                       .target = kTarget});
    figures.push_back(control(figures.back(), with_fault));
  }
  figures.push_back({.name = "dma.sweep.over",
                     .value = over,
                     .unit = "of ceiling",
                     .ceiling = 1,
                     .target = kOver,
                     .at_most = true});
  figures.push_back(control(figures.back(), over_with_fault));
  return figures;
}

}  // namespace cw::sim
