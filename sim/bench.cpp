// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include <fmt/core.h>
#include <sys/resource.h>

#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "bench_dma.hpp"
#include "bench_duo.hpp"
#include "bench_iommu.hpp"
#include "copy.hpp"
#include "demo.hpp"
#include "env/bringup.hpp"
#include "figure.hpp"
#include "latency.hpp"
#include "usage.hpp"

namespace cw::sim {

namespace {

using Group = std::function<Figures(const BenchOptions&)>;

constexpr uint64_t kMegabyte = 1 << 20;
constexpr uint32_t kEntryBytes = 8 << 10;
constexpr unsigned kWidth = 256;
constexpr double kDmaTarget = 0.90;

double bytes_per_clock(env::Bringup& fabric, env::DmaDriver& channel, uint64_t bytes = kMegabyte) {
  const auto buffer = fabric.space.map(bytes);
  const auto cycles = stream(fabric, channel, buffer, kEntryBytes);
  return static_cast<double>(bytes) / static_cast<double>(cycles.value);
}

// 256 bits, host memory at 100 cycles, IOMMU on with 4 KiB pages, 1 MiB each way.
Figures dma(const BenchOptions& options) {
  constexpr uint64_t kFewer = kMegabyte / 8;
  const auto rate = [&](env::DmaDriver env::Bringup::*channel, agent::Stall stall, uint64_t bytes) {
    env::System system({.width = kWidth, .seed = options.seed, .stall = stall});
    env::Bringup fabric(system);
    return bytes_per_clock(fabric, fabric.*channel, bytes);
  };
  Figures figures;
  const auto add = [&](const char* name, env::DmaDriver env::Bringup::*channel) {
    figures.push_back({.name = name,
                       .value = rate(channel, agent::Stall::None, kMegabyte),
                       .unit = "bytes/clock",
                       .ceiling = kWidth / 8.0,
                       .target = kDmaTarget});
    figures.push_back(control(figures.back(), rate(channel, agent::Stall::Slow, kFewer)));
  };
  add("dma.h2c", &env::Bringup::h2c);
  add("dma.c2h", &env::Bringup::c2h);
  const DmaBenchOptions alone{
      .seed = options.seed, .brief = options.brief, .plot = options.out / "dma.svg"};
  for (const Figures& more : {dma_figures(alone), two_endpoint_figures(options.seed)}) {
    figures.insert(figures.end(), more.begin(), more.end());
  }
  return figures;
}

Figures mmio(const BenchOptions& options) {
  constexpr double kMostCycles = 12;
  env::System system({.width = kWidth, .seed = options.seed});
  env::Bringup fabric(system);
  const auto latency = mmio_read_latency(fabric);
  return {{.name = "mmio.read",
           .value = static_cast<double>(latency.endpoint.value),
           .unit = "cycles",
           .ceiling = kMostCycles,
           .target = 1,
           .at_most = true}};
}

Figures simulator(const BenchOptions& options) {
  constexpr double kCyclesPerSecond = 100'000, kMostMegabytes = 500, kMostSeconds = 20;
  using Clock = std::chrono::steady_clock;
  env::System system({.width = kWidth, .seed = options.seed});
  env::Bringup fabric(system);
  const auto begin = Clock::now();
  const auto first = system.now();
  bytes_per_clock(fabric, fabric.h2c);
  bytes_per_clock(fabric, fabric.c2h);
  const std::chrono::duration<double> stream_time = Clock::now() - begin;
  const auto cycles = static_cast<double>((system.now() - first).value);

  const auto demo_begin = Clock::now();
  run_demo({.file = options.demo_file, .seed = options.seed, .quiet = true});
  const std::chrono::duration<double> demo_time = Clock::now() - demo_begin;

  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {{.name = "sim.speed",
           .value = cycles / stream_time.count(),
           .unit = "cycles/s",
           .ceiling = kCyclesPerSecond,
           .target = 1},
          {.name = "sim.demo",
           .value = demo_time.count(),
           .unit = "s",
           .ceiling = kMostSeconds,
           .target = 1,
           .at_most = true},
          {.name = "sim.memory",
           .value = static_cast<double>(usage.ru_maxrss) / 1024,
           .unit = "MB",
           .ceiling = kMostMegabytes,
           .target = 1,
           .at_most = true}};
}

Figures iommu(const BenchOptions& options) {
  return iommu_figures(
      {.seed = options.seed, .brief = options.brief, .plot = options.out / "iommu.svg"});
}

const std::map<std::string, Group>& groups() {
  static const std::map<std::string, Group> all = {
      {"dma", dma}, {"iommu", iommu}, {"mmio", mmio}, {"sim", simulator}};
  return all;
}

void print_table(const Figures& figures) {
  fmt::print("{:32} {:>12} {:12} {:>10} {:>7} {:>8}\n", "figure", "value", "unit", "ceiling",
             "ratio", "target");
  for (const Figure& f : figures) {
    fmt::print("{:32} {:12.2f} {:12} {:10.1f} {:7.3f} {} {:5.2f}  {}", f.name, f.value, f.unit,
               f.ceiling, f.ratio(), f.at_most ? "<=" : ">=", f.target, f.ok() ? "ok" : "MISSED");
    if (f.asked != 0) fmt::print("  (asked {:.2f}, least possible {:.2f})", f.asked, f.least);
    fmt::print("\n");
  }
}

void print_json(const Figures& figures) {
  auto rows = nlohmann::json::array();
  for (const Figure& f : figures) {
    rows.push_back({{"name", f.name},
                    {"value", f.value},
                    {"unit", f.unit},
                    {"ceiling", f.ceiling},
                    {"ratio", f.ratio()},
                    {"target", f.target},
                    {"ok", f.ok()}});
    if (f.asked != 0) rows.back().update({{"asked", f.asked}, {"least", f.least}});
  }
  fmt::print("{}\n", rows.dump(2));
}

}  // namespace

bool run_bench(const BenchOptions& options) {
  if (!options.group.empty() && !groups().contains(options.group)) {
    std::string known;
    for (const auto& [name, group] : groups()) known += " " + name;
    throw UsageError(fmt::format("no benchmark group '{}'; there are:{}", options.group, known));
  }
  if (!env::system_built(kWidth)) {
    throw UsageError(fmt::format("the bench wants a system of {} bits", kWidth));
  }
  check_folder(options.out);
  Figures figures;
  for (const auto& [name, group] : groups()) {
    if (!options.group.empty() && options.group != name) continue;
    const Figures more = group(options);
    figures.insert(figures.end(), more.begin(), more.end());
  }
  options.json ? print_json(figures) : print_table(figures);
  bool ok = true;
  for (const Figure& figure : figures) ok = ok && figure.ok();
  return ok;
}

}  // namespace cw::sim
