// SPDX-License-Identifier: Apache-2.0
#include "bench_iommu.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <vector>

#include "agent/rng.hpp"
#include "copy.hpp"
#include "env/bringup.hpp"
#include "iommu/timed_iommu.hpp"
#include "svg_plot.hpp"
#include "usage.hpp"

namespace cw::sim {

namespace {

using iommu::Pace;
using iommu::TimedIommu;
using iommu::TimedRequest;
using iommu::Timing;
using Port = TimedRequest::Port;
using Requests = std::vector<TimedRequest>;

constexpr uint64_t kPage = 4096, kMegabyte = 1 << 20;
constexpr std::array<unsigned, 4> kLatencies = {1, 10, 50, 100};
// For a figure that does not depend on it, and for the controls of those that do.
constexpr unsigned kLatency = 10, kSlower = 40;

// Two devices in domains of their own, with pages side by side, and a few that share no table.
constexpr uint32_t kDevice = 0x01'0100, kOther = 0x02'0318;
constexpr uint32_t kSpace = 1, kOtherSpace = 2;
constexpr uint64_t kIova = uint64_t{1} << 32, kHpa = 0x12'0000'0000;
constexpr uint64_t kPages = 512, kApart = 4;

uint64_t page(uint64_t n) { return kIova + n * kPage; }
uint64_t far_page(uint64_t n) { return (n + 8) << 30 | n * 17 * kPage; }

double count(dut::Cycles cycles) { return static_cast<double>(cycles.value); }

struct Scene : TimedIommu {
  Scene(uint64_t seed, unsigned latency) : TimedIommu({.seed = seed, .latency = latency}) {
    add_device(kDevice, kSpace);
    add_device(kOther, kOtherSpace);
    for (uint64_t n = 0; n < kPages; ++n) map(kDevice, page(n), kHpa + 3 * n * kPage, Page::Size4K);
    for (uint64_t n = 0; n < kApart; ++n) map(kDevice, far_page(n), kHpa + n * kPage, Page::Size4K);
    map(kOther, page(0), kHpa, Page::Size4K);
    start();
  }

  using TimedIommu::run;
  double latency(uint64_t iova) { return count(run({.device = kDevice, .iova = iova}).latency()); }
  // Its context is known, and no table.
  double cold() {
    latency(page(0));
    forget_pages();
    return latency(page(0));
  }
  double beside_known() {
    cold();
    return latency(page(kPages / 2));  // the same table, another line of it
  }
  double cold_directory() {
    forget_everything();
    return latency(page(0));
  }
};

Figure clocks(std::string name, double value, double most) {
  return {.name = std::move(name),
          .value = value,
          .unit = "clocks",
          .ceiling = most,
          .target = 1,
          .at_most = true};
}

// ---- Hits

double rate(Scene& scene, const Pace& pace) {
  constexpr size_t kRequests = 10'000, kHot = 8;
  Requests requests;
  for (size_t n = 0; n < kRequests; ++n) {
    requests.push_back({.device = kDevice, .iova = page(n % kHot) + 8 * (n % 512)});
  }
  scene.run(std::span(requests).first(kHot), {});
  const auto timings = scene.run(requests, pace);
  return (kRequests - 1) / count(timings.back().answered - timings.front().answered);
}

Figures hits(uint64_t seed) {
  constexpr double kMostClocks = 2;
  Scene scene(seed, kLatency);
  scene.latency(page(0));
  const Figure latency = clocks("iommu.hit.latency", scene.latency(page(0)), kMostClocks);
  const Figure throughput{.name = "iommu.hit.rate",
                          .value = rate(scene, {}),
                          .unit = "per clock",
                          .ceiling = 1,
                          .target = 1};
  scene.forget_page(kSpace, page(0));
  return {latency, control(latency, scene.latency(page(0))), throughput,
          control(throughput, rate(scene, {.skip_percent = 5}))};
}

// ---- Misses, at every latency of memory

// Four at once, as a multiple of one. They share no table, so each has its three reads, and an
// address leaves in each clock at most: the last of twelve leaves eleven clocks after the first,
// which has its request behind it as the last has its data and answer before it. And as one request
// enters in each clock, the last walk begins three clocks after the first.
double four_at_least(unsigned latency) {
  const double one = 3 * latency + 4, reads = latency + 2 + 11, entry = one + 3;
  return std::max(reads, entry) / one;
}

double four(Scene& scene, unsigned outstanding) {
  scene.latency(page(0));
  scene.forget_pages();
  const double one = scene.latency(far_page(0));
  scene.forget_pages();
  Requests requests;
  for (uint64_t n = 0; n < kApart; ++n) {
    requests.push_back({.device = kDevice, .iova = far_page(n)});
  }
  const auto timings = scene.run(requests, {.outstanding = outstanding});
  dut::Cycles end = timings.front().answered;
  for (const Timing& timing : timings) end = std::max(end, timing.answered);
  return (count(end - timings.front().taken) - 1) / one;
}

Figures misses(uint64_t seed) {
  Figures figures;
  const auto add = [&](const char* name, double (Scene::*measure)(), unsigned reads,
                       unsigned clocks_more) {
    for (const unsigned latency : kLatencies) {
      Scene scene(seed, latency);
      figures.push_back(clocks(fmt::format("iommu.miss.{}.{}", name, latency), (scene.*measure)(),
                               reads * latency + clocks_more));
      if (latency != kLatency) continue;
      Scene slower(seed, kSlower);
      figures.push_back(control(figures.back(), (slower.*measure)()));
    }
  };
  add("cold", &Scene::cold, 3, 4);
  add("known-table", &Scene::beside_known, 1, 4);
  add("directory", &Scene::cold_directory, 6, 10);
  for (const unsigned latency : kLatencies) {
    Scene scene(seed, latency);
    constexpr double kAsked = 1.3;
    const double least = four_at_least(latency);
    figures.push_back({.name = fmt::format("iommu.miss.four.{}", latency),
                       .value = four(scene, kApart),
                       .unit = "of one",
                       .ceiling = std::max(kAsked, least),
                       .target = 1,
                       .at_most = true,
                       .asked = kAsked,
                       .least = least});
    if (latency == kLatency || least > kAsked) {
      figures.push_back(control(figures.back(), four(scene, /*outstanding=*/1)));
    }
  }
  return figures;
}

// ---- A stream of 256-byte reads at the rate of 256 bits; every `stride`th page comes next

double bursts_per_line(Scene& scene, uint64_t stride) {
  constexpr uint64_t kBytes = 256, kClocks = 8, kPagesOfLine = 8;
  scene.forget_pages();
  scene.latency(page(0));
  Requests requests;
  for (uint64_t n = 0; n < kPages; ++n) {
    for (uint64_t at = 0; at < kPage; at += kBytes) {
      requests.push_back({.device = kDevice, .iova = page(n * stride % kPages) + at});
    }
  }
  const uint64_t before = scene.bursts();
  scene.run(requests, {.clocks_per_request = kClocks});
  return static_cast<double>((scene.bursts() - before) * kPagesOfLine) / kPages;
}

Figures streams(uint64_t seed) {
  constexpr unsigned kFar = 50;
  constexpr uint64_t kNoNeighbours = 73;
  Scene scene(seed, kFar);
  const Figure stream{.name = "iommu.stream",
                      .value = bursts_per_line(scene, 1),
                      .unit = "per 8 pages",
                      .ceiling = 1,
                      .target = 1,
                      .at_most = true};
  return {stream, control(stream, bursts_per_line(scene, kNoNeighbours))};
}

// ---- Hits of one device while another one misses, which begins `delay` clocks after the first hit

double slowest_hit(Scene& scene, bool known, unsigned delay, unsigned pace) {
  constexpr uint64_t kClocks = 160;  // the miss and some more
  constexpr uint64_t kMissing = 3;   // not the other's page: both levels keep that
  const Requests warm = {{.device = kOther, .iova = page(0)}, {.device = kDevice, .iova = page(1)}};
  scene.run(warm, {});
  scene.forget_page(kSpace, page(kMissing));
  if (!known) scene.forget_page(kOtherSpace, page(0));
  Requests requests = {
      {.device = kDevice, .iova = page(kMissing), .port = Port::Posted, .not_before = delay}};
  for (uint64_t n = 0; n < kClocks / pace; ++n) {
    requests.push_back({.device = kOther, .iova = page(0) + 16 * n});
  }
  const auto timings = scene.run(requests, {.clocks_per_request = pace});
  dut::Cycles most{};
  for (size_t n = 1; n < timings.size(); ++n) most = std::max(most, timings[n].latency());
  return count(most);
}

// In every clock in which the miss and its answer may meet the hits.
double slowest_hit(Scene& scene) {
  double most = 0;
  for (unsigned pace = 2; pace < 7; ++pace) {
    for (unsigned delay = 0; delay < pace; ++delay) {
      most = std::max(most, slowest_hit(scene, /*known=*/true, delay, pace));
    }
  }
  return most;
}

Figures other_device(uint64_t seed) {
  constexpr unsigned kFar = 100;
  Scene scene(seed, kFar);
  scene.latency(page(0));
  const double alone = scene.latency(page(0));
  const Figure hit = clocks("iommu.other-device", slowest_hit(scene), alone);
  return {hit, control(hit, slowest_hit(scene, /*known=*/false, /*delay=*/0, /*pace=*/5))};
}

// ---- IOTINVAL and IOFENCE, with nothing else under way

Figures invalidations(uint64_t seed) {
  Figures figures;
  const auto measure = [&](unsigned latency) {
    Scene scene(seed, latency);
    scene.latency(page(0));
    return count(scene.forget_page(kSpace, page(0)));
  };
  for (const unsigned latency : kLatencies) {
    figures.push_back(
        clocks(fmt::format("iommu.invalidate.{}", latency), measure(latency), 2 * latency + 8));
    if (latency == kLatency) figures.push_back(control(figures.back(), measure(kSlower)));
  }
  return figures;
}

// ---- Random reads in a window that grows: the share of a data path of 256 bits that they fill

constexpr uint64_t kPathBytes = 32, kFirstWindow = kPage, kLastWindow = 64 * kMegabyte;

class Sweep {
 public:
  // Each device has an address space of its own.
  Sweep(const IommuBenchOptions& options, TimedIommu::Page size, uint32_t devices = 1)
      : options_(options),
        devices_(devices),
        iommu_({.seed = options.seed, .latency = 100}),
        rng_(options.seed, "sweep") {
    const uint64_t bytes = size == TimedIommu::Page::Size4K ? kPage : 2 * kMegabyte;
    for (uint32_t n = 0; n < devices_; ++n) {
      iommu_.add_device(kDevice + n, kSpace + n);
      for (uint64_t at = 0; at < kLastWindow; at += bytes) {
        iommu_.map(kDevice + n, kIova + at, 2 * kHpa + 2 * at, size);
      }
    }
    iommu_.start();
  }

  double share(uint64_t window, uint64_t bytes) {
    const uint64_t most = options_.brief ? 1000 : 4000, reads = options_.brief ? 200 : 1000;
    Requests warm, requests;
    for (uint64_t n = 0; n < 2 * devices_ * std::min(window / kPage, most); ++n) {
      const uint32_t which = kDevice + static_cast<uint32_t>(n % devices_);
      warm.push_back({.device = which, .iova = kIova + n / devices_ * kPage % window});
    }
    for (uint64_t n = 0; n < reads; ++n) {
      const uint64_t at = rng_.range(0, window / bytes - 1) * bytes;
      requests.push_back({.device = device(), .iova = kIova + at});
    }
    iommu_.run(warm, {});
    const auto clocks = static_cast<unsigned>(bytes / kPathBytes);
    const auto timings = iommu_.run(requests, {.clocks_per_request = clocks});
    dut::Cycles end{};
    for (const Timing& timing : timings) end = std::max(end, timing.answered);
    const double ideal = static_cast<double>(clocks) * static_cast<double>(reads - 1);
    return ideal / std::max(ideal, count(end - timings.front().answered));
  }

 private:
  uint32_t device() { return kDevice + static_cast<uint32_t>(rng_.range(0, devices_ - 1)); }

  const IommuBenchOptions& options_;
  uint32_t devices_;
  TimedIommu iommu_;
  agent::Rng rng_;
};

// The widest window that keeps nine tenths of what the smallest has.
uint64_t knee(const std::vector<uint64_t>& windows, const std::vector<double>& shares) {
  constexpr double kKept = 0.9;
  size_t last = 0;
  while (last + 1 < shares.size() && shares[last + 1] >= kKept * shares.front()) ++last;
  return windows[last];
}

void write_csv(std::filesystem::path to, const Plot& plot) {
  std::ofstream file(to.replace_extension(".csv"));
  file << "window";
  for (const Curve& curve : plot.curves) file << ',' << curve.name;
  for (size_t n = 0; n < plot.bytes.size(); ++n) {
    file << '\n' << plot.bytes[n];
    for (const Curve& curve : plot.curves) file << fmt::format(",{:.4f}", curve.values[n]);
  }
  file << '\n';
}

Figures sweep(const IommuBenchOptions& options) {
  std::vector<uint64_t> windows;
  for (uint64_t bytes = kFirstWindow; bytes <= kLastWindow; bytes *= options.brief ? 8 : 2) {
    windows.push_back(bytes);
  }
  const std::vector<uint64_t> sizes =
      options.brief ? std::vector<uint64_t>{64} : std::vector<uint64_t>{64, 128, 256, 512};
  const auto measure = [&](Sweep& of, uint64_t bytes) {
    std::vector<double> shares;
    for (const uint64_t window : windows) shares.push_back(of.share(window, bytes));
    return shares;
  };
  Sweep small(options, TimedIommu::Page::Size4K), large(options, TimedIommu::Page::Size2M);
  Sweep shared(options, TimedIommu::Page::Size4K, /*devices=*/4);
  Plot plot{.title = "Random reads through the IOMMU, memory at 100 clocks",
            .x_label = "window",
            .y_label = "share of the data path (256 bits)",
            .bytes = windows};
  for (unsigned n = 0; n < sizes.size(); ++n) {
    plot.curves.push_back({.name = fmt::format("{} B, 4 KiB pages", sizes[n]),
                           .values = measure(small, sizes[n]),
                           .colour = n});
    plot.curves.push_back({.name = fmt::format("{} B, 2 MiB pages", sizes[n]),
                           .values = measure(large, sizes[n]),
                           .colour = n,
                           .dashed = true});
  }
  const uint64_t place = knee(windows, plot.curves.front().values);
  plot.markers = {{.bytes = place, .label = "knee at " + bytes_text(place)}};
  write_file(options.plot, svg(plot));
  write_csv(options.plot, plot);
  const Figure figure{.name = "iommu.knee",
                      .value = static_cast<double>(place) / 1024,
                      .unit = "KiB",
                      .ceiling = 2 * 1024,
                      .target = 1};
  return {figure,
          control(figure, static_cast<double>(knee(windows, measure(shared, sizes[0]))) / 1024)};
}

// ---- DMA through the whole fabric: translated, as a share of what passes untranslated

double dma_rate(uint64_t seed, env::DmaDriver env::Bringup::*channel, bool translated,
                dut::Cycles walk_latency, bool warm) {
  constexpr uint32_t kEntryBytes = 8 << 10;
  env::System system({.width = 256, .seed = seed});
  env::Bringup fabric(system, {.placement = env::DmaSpace::Placement::Identity});
  system.walk_port().set_latency(walk_latency, walk_latency);
  const auto buffer = fabric.space.map(kMegabyte);
  if (!translated) fabric.iommu.bypass();
  if (warm) stream(fabric, fabric.*channel, buffer, kEntryBytes);
  return kMegabyte / count(stream(fabric, fabric.*channel, buffer, kEntryBytes));
}

Figures dma(uint64_t seed) {
  constexpr dut::Cycles kNear{100}, kFar{2000};
  Figures figures;
  const auto add = [&](const char* name, env::DmaDriver env::Bringup::*channel) {
    const double off = dma_rate(seed, channel, /*translated=*/false, kNear, /*warm=*/true);
    const auto share = [&](dut::Cycles walk, bool warm) {
      return dma_rate(seed, channel, /*translated=*/true, walk, warm) / off;
    };
    figures.push_back({.name = name,
                       .value = share(kNear, /*warm=*/true),
                       .unit = "of Bare",
                       .ceiling = 1,
                       .target = 0.99});
    figures.push_back(control(figures.back(), share(kFar, /*warm=*/false)));
  };
  add("iommu.dma.h2c", &env::Bringup::h2c);
  add("iommu.dma.c2h", &env::Bringup::c2h);
  return figures;
}

}  // namespace

Figures iommu_figures(const IommuBenchOptions& options) {
  Figures figures;
  const auto add = [&](const Figures& more) {
    figures.insert(figures.end(), more.begin(), more.end());
  };
  add(hits(options.seed));
  add(misses(options.seed));
  add(streams(options.seed));
  add(other_device(options.seed));
  add(invalidations(options.seed));
  add(sweep(options));
  if (!options.brief) add(dma(options.seed));
  return figures;
}

}  // namespace cw::sim
