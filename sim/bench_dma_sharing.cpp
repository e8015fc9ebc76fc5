// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/rng.hpp"
#include "bench_dma.hpp"
#include "dma_rig.hpp"

namespace cw::sim {

namespace {

constexpr unsigned kLatency = 100, kWidth = 256;

struct Mode {
  const char* name;
  cw_dma_share share;
};
constexpr std::array<Mode, 4> kModes = {{{"burst", CW_DMA_BURST},
                                         {"steal", CW_DMA_CYCLE_STEALING},
                                         {"weighted", CW_DMA_WEIGHTED},
                                         {"transparent", CW_DMA_TRANSPARENT}}};

// ---- A CPU that reads a register again and again, while both ways are full

class Reader {
 public:
  Reader(Rig& rig, uint64_t seed) : rig_(rig), rng_(seed, "bench.reader") {}

  void clock() {
    const dut::Cycles now = rig_.system().now();
    if (read_ && read_->done()) {
      read_->wait();
      waits_.push_back(static_cast<double>((now - began_).value));
      read_.reset();
      next_ = now + dut::Cycles{rng_.range(1, 40)};
    }
    if (!read_ && now >= next_) {
      began_ = now;
      read_ = rig_.system().host().start_mem_read(rig_.fabric().registers, 4);
    }
  }
  double median() {
    std::ranges::sort(waits_);
    return waits_.at(waits_.size() / 2);
  }
  double most() const { return *std::ranges::max_element(waits_); }

 private:
  Rig& rig_;
  agent::Rng rng_;
  dut::Cycles began_{}, next_{};
  std::optional<dut::Pending<agent::AxiResult>> read_;
  std::vector<double> waits_;
};

Figure clocks(std::string name, double value, double most) {
  return {.name = std::move(name),
          .value = value,
          .unit = "clocks",
          .ceiling = most,
          .target = 1,
          .at_most = true};
}

double idle_read(Rig& rig, uint64_t seed) {
  constexpr unsigned kClocks = 1000;
  rig.system().run(dut::Cycles{kClocks});  // what was under way has ended
  Reader reader(rig, seed);
  for (unsigned n = 0; n < kClocks; ++n) {
    rig.system().run(dut::Cycles{1});
    reader.clock();
  }
  return reader.most();
}

// A read waits on its way down for the TLP under way and for one that the arbiter puts first, its
// completion the same on the way up, and there until the writes before it are in host memory.
Figures with_cpu(const DmaBenchOptions& options) {
  constexpr double kTarget = 0.99, kTlps = 4, kTlpBeats = 512.0 * 8 / kWidth;
  Rig rig({.seed = options.seed, .width = kWidth, .latency = kLatency});
  const Load down{.channel = kToCard}, up{.channel = kToHost};
  const double idle = idle_read(rig, options.seed);
  const double bound = idle + kLatency + kTlps * kTlpBeats;
  Figures figures;
  const auto run = [&](const Mode& mode) {
    rig.share(kToCard, {.mode = mode.share});
    rig.share(kToHost, {.mode = mode.share});
    Reader reader(rig, options.seed);
    const auto found = rig.rates({down, up}, Window::at(kLatency), [&] { reader.clock(); });
    const std::string name = fmt::format("dma.share.{}", mode.name);
    return Figures{clocks(name + ".mmio.median", reader.median(), bound),
                   clocks(name + ".mmio.most", reader.most(), bound),
                   {.name = name + ".both",
                    .value = found[0] + found[1],
                    .unit = "bytes/clock",
                    .ceiling = ceiling(down, up, kWidth),
                    .target = kTarget}};
  };
  figures.push_back(clocks("dma.share.idle.mmio.most", idle, bound));
  for (const Mode& mode : kModes) {
    const Figures more = run(mode);
    figures.insert(figures.end(), more.begin(), more.end());
  }
  // Memory of which the fabric knows nothing is slower, and stalls the one way.
  constexpr dut::Cycles kSlower{4 * kLatency};
  rig.system().memory_port().set_latency(kSlower, kSlower);
  const size_t last = figures.size();
  const Figures slower = run(kModes.back());
  for (size_t n = 0; n < 2; ++n) {
    figures.push_back(control(figures[last - slower.size() + n], slower[n].value));
  }
  return figures;
}

// ---- Two channels that want the same way

// Many turns of either.
constexpr Window kTurns{.length = dut::Cycles{30'000}};
constexpr uint64_t kEntry = 16 << 10;
constexpr double kNear = 0.95;  // to what is meant to be

// How near the rates are to `wanted` to one: the smaller of both ways to look at it.
double nearness(const std::vector<double>& rates, double wanted) {
  const double found = rates[0] / rates[1] / wanted;
  return std::min(found, 1 / found);
}

Figure share_figure(std::string name, double value) {
  return {
      .name = std::move(name), .value = value, .unit = "of ideal", .ceiling = 1, .target = kNear};
}

// Both read from the host, by requests that take turns.
Figures of_one_source(const DmaBenchOptions& options) {
  constexpr unsigned kWeight = 3;
  constexpr Channel kPeer = &env::Bringup::h2h;
  const Load one{.channel = kToCard, .entry_most = kEntry};
  const Load other{.channel = kPeer, .entry_most = kEntry};
  Rig rig(
      {.seed = options.seed, .width = kWidth, .latency = kLatency, .channels = {kToCard, kPeer}});
  const auto run = [&](const Share& of_one, const Share& of_other) {
    rig.share(kToCard, of_one);
    rig.share(kPeer, of_other);
    return rig.rates({one, other}, kTurns);
  };
  const double alone = rig.rate(one);
  const auto weighted = run({.weight = kWeight}, {});
  Figures figures;
  std::vector<double> equal;
  const auto add = [&](const std::string& name, double value, double with_fault) {
    figures.push_back(share_figure("dma.share." + name, value));
    figures.push_back(control(figures.back(), with_fault));
  };
  for (const Mode& mode : kModes) {
    equal = run({.mode = mode.share}, {.mode = mode.share});
    add(fmt::format("{}.equal", mode.name), nearness(equal, 1), nearness(weighted, 1));
  }
  add("weights", nearness(weighted, kWeight + 1), nearness(equal, kWeight + 1));
  add("levels", run({.level = 1}, {})[0] / alone, equal[0] / alone);
  add("transparent.alone", run({}, {.mode = CW_DMA_TRANSPARENT})[0] / alone, equal[0] / alone);
  return figures;
}

// Bytes of two sources on their way to the same side. The first one's are of the card: built-in
// memory or a stream; the other one's of the host, whose reads are under way for long.
struct Meeting {
  const char* name;
  Channel one, other;
};
constexpr std::array<Meeting, 3> kMeetings = {{{"to_host", kToHost, &env::Bringup::h2h},
                                               {"stream", &env::Bringup::s2h, &env::Bringup::h2h},
                                               {"to_card", &env::Bringup::c2c, kToCard}}};

Figures of_two_sources(const DmaBenchOptions& options, const Meeting& meeting) {
  constexpr unsigned kWeight = 3;
  const Load one{.channel = meeting.one, .entry_most = kEntry};
  const Load other{.channel = meeting.other, .entry_most = kEntry};
  Rig rig({.seed = options.seed,
           .width = kWidth,
           .latency = kLatency,
           .channels = {meeting.one, meeting.other}});
  const auto run = [&](const Share& of_one, const Share& of_other) {
    rig.share(meeting.one, of_one);
    rig.share(meeting.other, of_other);
    return rig.rates({one, other}, kTurns);
  };
  const double one_alone = rig.rate(one), other_alone = rig.rate(other);
  const auto equal = run({}, {});
  const auto weighted = run({.weight = kWeight}, {}), weighed = run({}, {.weight = kWeight});
  Figures figures;
  const auto add = [&](const char* name, double value, double with_fault) {
    figures.push_back(share_figure(fmt::format("dma.share.{}.{}", meeting.name, name), value));
    figures.push_back(control(figures.back(), with_fault));
  };
  add("equal", nearness(equal, 1), nearness(weighted, 1));
  add("weights.card", nearness(weighted, kWeight + 1), nearness(equal, kWeight + 1));
  add("weights.host", nearness(weighed, 1.0 / (kWeight + 1)), nearness(equal, 1.0 / (kWeight + 1)));
  add("levels.card", run({.level = 1}, {})[0] / one_alone, equal[0] / one_alone);
  add("levels.host", run({}, {.level = 1})[1] / other_alone, equal[1] / other_alone);
  return figures;
}

}  // namespace

Figures dma_sharing(const DmaBenchOptions& options) {
  Figures figures;
  const auto add = [&](const Figures& more) {
    figures.insert(figures.end(), more.begin(), more.end());
  };
  add(with_cpu(options));
  add(of_one_source(options));
  for (const Meeting& meeting : kMeetings) add(of_two_sources(options, meeting));
  return figures;
}

}  // namespace cw::sim
