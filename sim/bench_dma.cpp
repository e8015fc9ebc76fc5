// SPDX-License-Identifier: Apache-2.0
#include "bench_dma.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "env/bringup.hpp"

namespace cw::sim {

namespace {

using env::DmaDriver;
using Channel = DmaDriver env::Bringup::*;

constexpr uint32_t kDescriptor = model::kDescriptorBytes;
constexpr unsigned kRingLog2 = 12;
constexpr uint64_t kHostWindow = 64 << 10, kCardWindow = 32 << 10;

// What one channel does: `bytes` bytes again and again, from and to neighbouring places.
struct Load {
  Channel channel = &env::Bringup::h2c;
  uint32_t bytes = 4096;
  unsigned host_offset = 0;  // bytes by which each place is off a multiple of 64
  unsigned card_offset = 0;
  unsigned rows = 1;  // places that a descriptor moves

  bool to_card() const { return channel == &env::Bringup::h2c; }
};

// A fabric with memory at one latency, used for many measurements.
struct Rig {
  Rig(uint64_t seed, unsigned width, unsigned latency, agent::Stall stall = agent::Stall::None)
      : system({.width = width,
                .seed = seed,
                .read_latency = dut::Cycles{latency},
                .write_latency = dut::Cycles{latency},
                .stall = stall}),
        fabric(system, {.ring_log2 = kRingLog2}),
        buffer(fabric.space.map(2 * kHostWindow)) {}

  env::System system;
  env::Bringup fabric;
  env::DmaSpace::Buffer buffer;
};

constexpr unsigned kSegments = 16;  // descriptors of an entry

// Gives all of a load to its channel; the bytes of an entry and how many there are.
struct Submitted {
  uint64_t entry_bytes = 0;
  unsigned entries = 0;
};

Submitted submit(Rig& rig, const Load& load) {
  constexpr uint64_t kTotal = 512 << 10, kAlign = 64;
  const uint64_t pitch =
      (load.bytes + kAlign - 1) / kAlign * kAlign + (load.card_offset ? kAlign : 0);
  const uint64_t step = pitch * load.rows;
  DmaDriver& channel = rig.fabric.*load.channel;
  const uint64_t whole = uint64_t{load.bytes} * load.rows * kSegments;
  const auto entries = static_cast<unsigned>(
      std::clamp<uint64_t>(kTotal / whole, 8, std::min<uint64_t>(channel.room() / kSegments, 256)));
  uint64_t place = 0;
  const auto next = [&](uint64_t window) { return place * step % (window / step * step); };
  for (unsigned n = 0; n < entries; ++n) {
    std::array<cw_dma_segment, kSegments> segments{};
    for (cw_dma_segment& segment : segments) {
      const uint64_t host = rig.buffer.iova.value + load.host_offset + next(kHostWindow);
      const uint64_t card = load.card_offset + next(kCardWindow);
      segment = {.src = load.to_card() ? host : card,
                 .dst = load.to_card() ? card : host,
                 .bytes = load.bytes,
                 .kind = load.rows > 1 ? CW_DMA_ROWS : CW_DMA_COPY,
                 .attributes = 0,
                 .rows = static_cast<uint16_t>(load.rows),
                 .src_pitch = static_cast<uint32_t>(pitch),
                 .dst_pitch = static_cast<uint32_t>(pitch),
                 .data = 0};
      ++place;
    }
    channel.submit(segments);
  }
  return {.entry_bytes = whole, .entries = entries};
}

// Bytes per clock of each load, over the time in which all of them run, but for its beginning.
std::vector<double> rates(Rig& rig, const std::vector<Load>& loads) {
  std::vector<Submitted> given;
  for (const Load& load : loads) given.push_back(submit(rig, load));
  for (const Load& load : loads) (rig.fabric.*load.channel).ring_doorbell();
  std::vector<std::vector<dut::Cycles>> ended(loads.size());
  const auto ready = [&](size_t n) {
    return ended[n].size() < given[n].entries && (rig.fabric.*loads[n].channel).record_ready();
  };
  const auto any = [&] {
    for (size_t n = 0; n < loads.size(); ++n) {
      if (ready(n)) return true;
    }
    return false;
  };
  const auto open = [&] {
    for (size_t n = 0; n < loads.size(); ++n) {
      if (ended[n].size() < given[n].entries) return true;
    }
    return false;
  };
  while (open()) {
    rig.system.kernel().run_until(any, dut::Cycles{500'000}, "an entry of the benchmark");
    for (size_t n = 0; n < loads.size(); ++n) {
      if (!ready(n)) continue;
      const auto record = (rig.fabric.*loads[n].channel).take_record();
      if (record.error != model::DmaError::Ok || record.bytes_done != given[n].entry_bytes) {
        throw std::runtime_error("an entry of the benchmark failed: " + to_text(record));
      }
      ended[n].push_back(rig.system.now());
    }
  }
  dut::Cycles from{}, to{~uint64_t{0}};
  for (const auto& times : ended) {
    from = std::max(from, times[times.size() / 4]);
    to = std::min(to, times.back());
  }
  std::vector<double> found;
  for (size_t n = 0; n < loads.size(); ++n) {
    const auto inside =
        std::ranges::count_if(ended[n], [&](dut::Cycles at) { return at > from && at <= to; });
    found.push_back(static_cast<double>(given[n].entry_bytes) * static_cast<double>(inside) /
                    static_cast<double>((to - from).value));
  }
  return found;
}

// The translations of all pages are known from a first time.
std::vector<double> warm_rates(Rig& rig, const std::vector<Load>& loads) {
  rates(rig, loads);
  return rates(rig, loads);
}

// ---- What the link allows

// Beats that a load takes on the link for each place it moves, to the card and to the host:
// docs/dma.md, "Limits". A read asks for 512 bytes, a write carries 512.
struct Beats {
  double to_card = 0, to_host = 0;
};

Beats beats(const Load& load, unsigned width) {
  constexpr double kRequest = 512, kBatch = 16;
  const double beat = width / 8.0;
  const auto ceil_of = [](double a, double b) { return std::ceil(a / b); };
  const double lanes = load.host_offset % 4;
  const double data = load.to_card() ? ceil_of(load.bytes + load.card_offset % (width / 8), beat)
                                     : ceil_of(load.bytes + lanes, beat);
  const double descriptor = 1.0 / load.rows;
  const double outbound = descriptor / kBatch + descriptor / kSegments;
  if (load.to_card()) {
    return {.to_card = data + descriptor * kDescriptor / beat,
            .to_host = ceil_of(load.bytes, kRequest) + outbound};
  }
  return {.to_card = descriptor * kDescriptor / beat, .to_host = data + outbound};
}

// Bytes per clock of each load when all run together and none goes before.
double most(const std::vector<Load>& loads, size_t which, unsigned width) {
  Beats sum;
  for (const Load& load : loads) {
    const Beats more = beats(load, width);
    const double share = static_cast<double>(loads[which].bytes) / load.bytes;
    sum.to_card += share * more.to_card;
    sum.to_host += share * more.to_host;
  }
  return loads[which].bytes / std::max(sum.to_card, sum.to_host);
}

Figure rate_figure(std::string name, double value, double ceiling, double target) {
  return {.name = std::move(name),
          .value = value,
          .unit = "bytes/clock",
          .ceiling = ceiling,
          .target = target};
}

// ---- Sizes

constexpr Channel kToCard = &env::Bringup::h2c, kToHost = &env::Bringup::c2h;

const char* name_of(const Load& load) { return load.to_card() ? "h2c" : "c2h"; }

// Rows spare the link the descriptors, so that the width itself is the ceiling.
Figures small(const DmaBenchOptions& options) {
  constexpr unsigned kRows = 16, kLatency = 100;
  constexpr double kBulk = 0.99, kSingle = 0.95;
  Figures figures;
  for (const unsigned width : {256u, 512u}) {
    Rig rig(options.seed, width, kLatency);
    for (const Channel channel : {kToCard, kToHost}) {
      for (const uint32_t bytes : {width / 8, 128u, 256u}) {
        const bool single = bytes == width / 8;
        const Load load{.channel = channel, .bytes = bytes, .rows = kRows};
        figures.push_back(rate_figure(fmt::format("dma.{}.{}.{}B", width, name_of(load), bytes),
                                      warm_rates(rig, {load})[0], width / 8.0,
                                      single ? kSingle : kBulk));
      }
    }
    if (options.brief) break;
  }
  Rig stalling(options.seed, 256, kLatency, agent::Stall::Slow);
  for (const Channel channel : {kToCard, kToHost}) {
    const Load load{.channel = channel, .bytes = 128, .rows = kRows};
    const auto same =
        std::ranges::find(figures, fmt::format("dma.256.{}.128B", name_of(load)), &Figure::name);
    figures.push_back(control(*same, warm_rates(stalling, {load})[0]));
  }
  return figures;
}

// One descriptor a piece: what is left of the link beside the descriptors.
Figures lists(const DmaBenchOptions& options) {
  constexpr double kTarget = 0.99;
  Figures figures;
  for (const unsigned latency : {100u, 250u, 1000u}) {
    Rig rig(options.seed, 256, latency);
    for (const Channel channel : {kToCard, kToHost}) {
      for (const uint32_t bytes : {512u, 4096u}) {
        const Load load{.channel = channel, .bytes = bytes};
        figures.push_back(
            rate_figure(fmt::format("dma.256.{}.{}B.L{}", name_of(load), bytes, latency),
                        warm_rates(rig, {load})[0], most({load}, 0, 256), kTarget));
      }
    }
    if (options.brief) break;
  }
  return figures;
}

Figures both(const DmaBenchOptions& options) {
  constexpr double kTarget = 0.99;
  Figures figures;
  for (const unsigned width : {256u, 512u}) {
    Rig rig(options.seed, width, 100);
    for (const uint32_t bytes : {512u, 4096u}) {
      const std::vector<Load> loads = {{.channel = kToCard, .bytes = bytes},
                                       {.channel = kToHost, .bytes = bytes}};
      const auto found = warm_rates(rig, loads);
      figures.push_back(rate_figure(fmt::format("dma.{}.both.{}B", width, bytes),
                                    found[0] + found[1],
                                    most(loads, 0, width) + most(loads, 1, width), kTarget));
    }
    if (options.brief) break;
  }
  return figures;
}

Figures unaligned(const DmaBenchOptions& options) {
  constexpr double kTarget = 0.66;
  Rig rig(options.seed, 256, 100);
  Figures figures;
  for (const Channel channel : {kToCard, kToHost}) {
    const Load load{
        .channel = channel, .bytes = 64, .host_offset = 3, .card_offset = 1, .rows = 16};
    figures.push_back(rate_figure(fmt::format("dma.256.{}.64B.unaligned", name_of(load)),
                                  warm_rates(rig, {load})[0], 256 / 8.0, kTarget));
  }
  return figures;
}

}  // namespace

Figures dma_figures(const DmaBenchOptions& options) {
  Figures figures;
  for (const auto group : {small, lists, both, unaligned}) {
    const Figures more = group(options);
    figures.insert(figures.end(), more.begin(), more.end());
  }
  return figures;
}

}  // namespace cw::sim
