// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "bench_dma.hpp"
#include "dma_rig.hpp"

namespace cw::sim {

namespace {

constexpr unsigned kLatency = 100;
constexpr double kBulk = 0.99, kSingle = 0.95, kMisaligned = 0.66;  // as asked
constexpr std::array<Channel, 2> kWays = {kToCard, kToHost};

const char* name_of(const Load& load) { return load.channel == kToCard ? "h2c" : "c2h"; }

Figure rate_figure(std::string name, double value, double most, double target) {
  return {.name = std::move(name),
          .value = value,
          .unit = "bytes/clock",
          .ceiling = most,
          .target = target};
}

// The fault of most controls: a beat more for what should fill its beats.
Load misaligned(Load load) {
  load.host_offset = 3;
  load.card_offset = 1;
  return load;
}

// Long rows spare the link the descriptors, so that the width itself is the ceiling; of short ones
// it is what the descriptors leave.
Figures rows(const DmaBenchOptions& options) {
  constexpr uint32_t kLong = 8 << 10;  // bytes of a descriptor
  constexpr unsigned kShort = 16;      // rows of one
  Figures figures;
  for (const unsigned width : widths(options)) {
    Rig rig({.seed = options.seed, .width = width, .latency = kLatency});
    for (const Channel channel : kWays) {
      for (const uint32_t bytes : {width / 8, 128u, 256u}) {
        const double target = bytes == width / 8 ? kSingle : kBulk;
        const Load in_long{.channel = channel, .bytes = bytes, .rows = kLong / bytes};
        const Load in_short{.channel = channel, .bytes = bytes, .rows = kShort};
        const std::string name = fmt::format("dma.{}.{}.{}B", width, name_of(in_long), bytes);
        figures.push_back(rate_figure(name, rig.rate(in_long), width / 8.0, target));
        figures.push_back(control(figures.back(), rig.rate(misaligned(in_long))));
        figures.push_back(
            rate_figure(name + ".rows16", rig.rate(in_short), ceiling(in_short, width), target));
      }
    }
  }
  Rig stalling({.seed = options.seed, .latency = kLatency, .stall = agent::Stall::Slow});
  for (const Channel channel : kWays) {
    const Load load{.channel = channel, .bytes = 128, .rows = kShort, .entry_most = 4 << 10};
    const Figure figure = rate_figure(fmt::format("dma.256.{}.128B.rows16", name_of(load)), 0,
                                      ceiling(load, 256), kBulk);
    figures.push_back(control(figure, stalling.rate(load)));
  }
  return figures;
}

// One descriptor a piece: what is left of the link beside the descriptors.
Figures lists(const DmaBenchOptions& options) {
  constexpr unsigned kFar = 8000;  // more than tags and the buffer of completions are there for
  constexpr std::array<uint32_t, 2> kSizes = {512, 4096};
  Figures figures;
  const auto figure = [](const Load& load, unsigned latency, double value) {
    return rate_figure(fmt::format("dma.256.{}.{}B.L{}", name_of(load), load.bytes, latency), value,
                       ceiling(load, 256), kBulk);
  };
  for (const unsigned latency : {100u, 250u, 1000u}) {
    Rig rig({.seed = options.seed, .latency = latency});
    for (const Channel channel : kWays) {
      for (const uint32_t bytes : kSizes) {
        const Load load{.channel = channel, .bytes = bytes};
        figures.push_back(figure(load, latency, rig.rate(load)));
        figures.push_back(control(figures.back(), rig.rate(misaligned(load))));
      }
    }
    if (options.brief) return figures;
  }
  Rig far({.seed = options.seed, .latency = kLatency});
  far.system().memory_port().set_latency({kFar}, {kFar});
  for (const uint32_t bytes : kSizes) {
    const Load load{.channel = kToCard, .bytes = bytes};
    figures.push_back(control(figure(load, kFar, 0), far.rates({load}, Window::at(kFar))[0]));
  }
  return figures;
}

Figures both(const DmaBenchOptions& options) {
  Figures figures;
  for (const unsigned width : widths(options)) {
    Rig rig({.seed = options.seed, .width = width, .latency = kLatency});
    for (const uint32_t bytes : {512u, 4096u}) {
      const Load down{.channel = kToCard, .bytes = bytes};
      const Load up{.channel = kToHost, .bytes = bytes};
      const auto sum = [&](const Load& one, const Load& other) {
        const auto found = rig.rates({one, other}, Window::at(kLatency));
        return found[0] + found[1];
      };
      figures.push_back(rate_figure(fmt::format("dma.{}.both.{}B", width, bytes), sum(down, up),
                                    ceiling(down, up, width), kBulk));
      figures.push_back(control(figures.back(), sum(misaligned(down), misaligned(up))));
    }
  }
  return figures;
}

Figures unaligned(const DmaBenchOptions& options) {
  Rig rig({.seed = options.seed, .latency = kLatency});
  Figures figures;
  for (const Channel channel : kWays) {
    Load load = misaligned({.channel = channel, .bytes = 64, .rows = 128});
    figures.push_back(rate_figure(fmt::format("dma.256.{}.64B.unaligned", name_of(load)),
                                  rig.rate(load), 256 / 8.0, kMisaligned));
    load.rows = 1;
    load.entry_most = 0;  // a descriptor and a record for each
    figures.push_back(control(figures.back(), rig.rate(load)));
  }
  return figures;
}

}  // namespace

Figures dma_rates(const DmaBenchOptions& options) {
  Figures figures;
  for (const auto group : {rows, lists, both, unaligned}) {
    const Figures more = group(options);
    figures.insert(figures.end(), more.begin(), more.end());
  }
  return figures;
}

}  // namespace cw::sim
