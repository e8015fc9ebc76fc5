// SPDX-License-Identifier: Apache-2.0
#include "duo/episode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "dma/stream_side.hpp"
#include "duo/channel_traffic.hpp"
#include "env/function_reset.hpp"
#include "env/msix_setup.hpp"
#include "env/scoreboard_fault.hpp"
#include "env/two_endpoints.hpp"

namespace cw::duo {

using dma::StreamSide;
using env::TwoEndpoints;
using model::DmaKind;

namespace {

constexpr unsigned kEndpoints = TwoEndpoints::kEndpoints;
constexpr uint64_t kStallBudget = 400'000;  // clocks without an entry that ends
constexpr uint32_t kScratch = 0x0c;
constexpr uint64_t kFailBytes = 64;
constexpr unsigned kFaultsEvery = 32;  // steps: the fault queue must not overflow

struct Knobs {
  env::TwoEndpointsOptions system{};
  bool interferes = false;
  bool memory_fails = false;
  unsigned bad = 0, trespass = 0, axi = 0;
  uint64_t reset_every = 0;  // steps between function-level resets, at most; 0: none
};

Knobs draw(agent::Rng& rng) {
  constexpr uint16_t kPayloads[] = {128, 256, 512}, kReads[] = {128, 256, 512, 1024, 4096};
  Knobs k;
  k.system = {.seed = rng.u64(),
              .read_latency = {rng.range(2, rng.chance(20) ? 600 : 150)},
              .write_latency = {rng.range(2, 150)},
              .stall = rng.pick(agent::kEveryStall),
              .ring_log2 = static_cast<unsigned>(rng.range(2, 6))};
  k.system.enumeration.max_payload_bytes = rng.pick(kPayloads);
  k.system.enumeration.max_read_request_bytes = rng.pick(kReads);
  k.interferes = rng.chance(60);
  k.memory_fails = rng.chance(40);
  k.bad = rng.chance(50) ? static_cast<unsigned>(rng.range(1, 4)) : 0;
  k.trespass = rng.chance(80) ? static_cast<unsigned>(rng.range(1, 5)) : 0;
  k.axi = rng.chance(50) ? 1 : 0;
  k.reset_every = rng.chance(70) ? rng.range(20, 300) : 0;
  return k;
}

class Episode : public dut::Clocked {
 public:
  explicit Episode(const dma::EpisodeOptions& options);
  ~Episode() override { system_.kernel().remove(*this); }

  dma::EpisodeResult run();

  void sample() override;
  void commit() override;

 private:
  struct Endpoint {
    env::SavedConfig config{};
    env::DmaSpace::Buffer seen{};  // what card memory holds in the end
    std::unique_ptr<StreamSide> streams{};
    std::vector<std::unique_ptr<ChannelTraffic>> channels{};
  };

  env::DmaSpace::Buffer random_buffer(unsigned n, uint64_t bytes);
  void make_endpoint(unsigned n, uint64_t descriptors);
  void fail_memory(unsigned n);
  void step();
  void reset(unsigned n);
  void touch_registers();
  ChannelTraffic& any_channel(unsigned n);
  void drain();
  std::string states() const;

  agent::Rng rng_;
  Knobs knobs_;
  TwoEndpoints system_;
  std::array<Endpoint, kEndpoints> endpoints_;
  bool finishing_ = false;
  std::array<env::DmaSpace::Buffer, kEndpoints> elsewhere_;  // that this endpoint alone has
  uint64_t steps_ = 0, reset_left_ = 0;
  dut::Cycles progress_at_{};
  dma::EpisodeResult result_{};
};

Episode::Episode(const dma::EpisodeOptions& options)
    : rng_(options.seed, "duo.episode"), knobs_(draw(rng_)), system_(knobs_.system) {
  // What one endpoint has elsewhere, the other one has not.
  for (unsigned n = 0; n < kEndpoints; ++n) {
    constexpr uint64_t kBytes = ChannelTraffic::Options::kElsewhereBytes;
    elsewhere_[n] = random_buffer(n, kBytes);
    system_.card(1 - n).space.skip(kBytes + pcie::kPageBytes);
  }
  for (unsigned n = 0; n < kEndpoints; ++n) make_endpoint(n, options.descriptors / kEndpoints);
  for (unsigned n = 0; n < kEndpoints; ++n) {
    if (knobs_.memory_fails) fail_memory(n);
    system_.card(n).space.tell(system_.model().memory());
  }
  system_.model().memory().begin();
  system_.kernel().add(*this);
  for (unsigned n = 0; n < kEndpoints; ++n) {
    for (auto& channel : endpoints_[n].channels) channel->start();
  }
}

env::DmaSpace::Buffer Episode::random_buffer(unsigned n, uint64_t bytes) {
  auto buffer = system_.card(n).space.map(bytes);
  std::vector<uint8_t> content(bytes);
  for (uint8_t& byte : content) byte = static_cast<uint8_t>(rng_.u32());
  system_.card(n).space.write(buffer, 0, content);
  return buffer;
}

void Episode::make_endpoint(unsigned n, uint64_t descriptors) {
  Endpoint& endpoint = endpoints_[n];
  env::Scoreboard& board = system_.board(n);
  endpoint.config = env::save_config(system_.host(), system_.card(n).function);
  endpoint.seen = system_.card(n).space.map(system_.card(n).memory_bytes());
  std::vector<env::DmaWatch*> watches;
  std::vector<StreamSide::Port> ports;
  for (unsigned c = 0; c < env::kDmaChannels; ++c) {
    const DmaKind kind = env::dma_kind(c);
    watches.push_back(&board.channel(c));
    if (kind == DmaKind::H2s) ports.push_back({.channel = c, .pins = system_.stream_out(n)});
    if (kind == DmaKind::S2h) ports.push_back({.channel = c, .pins = system_.stream_in(n)});
    endpoint.channels.push_back(std::make_unique<ChannelTraffic>(
        system_,
        ChannelTraffic::Options{
            .endpoint = n,
            .kind = kind,
            .descriptors = descriptors / env::kDmaChannels + 1,
            .ring_log2 = knobs_.system.ring_log2,
            .interferes = knobs_.interferes,
            .entries = {.big = rng_.chance(25), .bad = knobs_.bad, .axi = knobs_.axi},
            .trespass = knobs_.trespass,
            .elsewhere = elsewhere_[1 - n].iova},
        rng_.fork("traffic")));
  }
  endpoint.streams =
      std::make_unique<StreamSide>(system_.kernel(), ports, watches, rng_.fork("streams"));
  board.on_reset([&endpoint](unsigned channel, const env::DmaWatch::Unfinished& unfinished) {
    endpoint.streams->cut(channel, unfinished.packets, /*over=*/true);
  });
}

// Some bytes that a channel reads, and a page that one writes.
void Episode::fail_memory(unsigned n) {
  const auto refuse = [&](pcie::HostPhysAddr at, uint64_t bytes) {
    const auto resp = rng_.chance(50) ? agent::AxiResp::SlvErr : agent::AxiResp::DecErr;
    system_.memory_port().add_error_range({.base = at, .bytes = bytes, .resp = resp});
    system_.model().memory_refuses({.base = at, .bytes = bytes});
  };
  const ChannelTraffic& reads = any_channel(n);
  const ChannelTraffic& writes = any_channel(n);
  const uint64_t places = reads.source().bytes / kFailBytes;
  refuse(reads.source().place(rng_.range(0, places - 1) * kFailBytes), kFailBytes);
  refuse(writes.target().pages[rng_.range(0, writes.target().pages.size() - 1)], pcie::kPageBytes);
}

ChannelTraffic& Episode::any_channel(unsigned n) {
  auto& channels = endpoints_[n].channels;
  return *channels[rng_.range(0, channels.size() - 1)];
}

// ---- Clock by clock

void Episode::sample() {
  uint64_t entries = 0;
  for (unsigned n = 0; n < kEndpoints; ++n) {
    for (const auto& channel : endpoints_[n].channels) entries += channel->watch().entries();
  }
  if (entries != result_.entries || finishing_) progress_at_ = system_.now();
  result_.entries = entries;
  if (system_.now() > progress_at_ + dut::Cycles{kStallBudget})
    throw dut::Timeout("no entry ends" + states());
}

void Episode::commit() {
  for (Endpoint& endpoint : endpoints_) endpoint.streams->commit(finishing_);
}

std::string Episode::states() const {
  std::string text;
  for (const Endpoint& endpoint : endpoints_) {
    for (const auto& channel : endpoint.channels) text += "\n  " + channel->state();
  }
  return text;
}

// ---- Step by step

void Episode::step() {
  const auto n = static_cast<unsigned>(rng_.range(0, kEndpoints - 1));
  any_channel(n).act();
  if (rng_.chance(5)) touch_registers();
  if (++steps_ % kFaultsEvery == 0) result_.faults += system_.take_faults().size();
  if (reset_left_ == 0 || --reset_left_ != 0) return;
  reset(n);
  reset_left_ = rng_.range(1, knobs_.reset_every);
}

void Episode::touch_registers() {
  const std::array<uint32_t, kEndpoints> values = {rng_.u32(), rng_.u32()};
  for (unsigned n = 0; n < kEndpoints; ++n) {
    system_.host().write32(system_.card(n).registers + kScratch, values[n]);
  }
  for (unsigned n = 0; n < kEndpoints; ++n) {
    if (system_.host().read32(system_.card(n).registers + kScratch) != values[n]) {
      throw env::ScoreboardFault(fmt::format("SCRATCH of endpoint {} is not what was written", n));
    }
  }
}

// Whether a packet that begins about the end of a reset counts cannot be seen: none does begin.
void Episode::reset(unsigned n) {
  constexpr unsigned kPolls = 100;
  constexpr dut::Cycles kPoll{20};
  Endpoint& endpoint = endpoints_[n];
  endpoint.streams->hold_inputs(true);
  for (unsigned poll = 0; poll < kPolls && !endpoint.streams->inputs_idle(); ++poll) {
    system_.run(kPoll);
  }
  if (endpoint.streams->inputs_idle()) {
    ++result_.resets;
    for (const auto& channel : endpoint.channels) {
      result_.under_way += channel->watch().outstanding() != 0;
    }
    const TwoEndpoints::Card& card = system_.card(n);
    env::reset_function(system_.host(), card.function);
    env::restore_config(system_.host(), card.function, endpoint.config);
    env::set_up_msix(system_.host(), card.function, card.msi_data);
    endpoint.streams->after_reset();
    for (auto& channel : endpoint.channels) channel->start();
  }
  endpoint.streams->hold_inputs(false);
}

// ---- The end

// Until nothing has come out of a stream for a while.
void Episode::drain() {
  constexpr unsigned kCalmRounds = 20, kRounds = 1000;
  constexpr dut::Cycles kRound{50};
  finishing_ = true;
  uint64_t beats = 0;
  for (unsigned calm = 0, round = 0; calm < kCalmRounds && round < kRounds; ++calm, ++round) {
    system_.run(kRound);
    uint64_t sum = 0;
    for (const Endpoint& endpoint : endpoints_) sum += endpoint.streams->beats_out();
    if (sum != beats) calm = 0;
    beats = sum;
  }
}

dma::EpisodeResult Episode::run() {
  const auto done = [](const Endpoint& endpoint) {
    return std::ranges::all_of(endpoint.channels, [](const auto& c) { return c->done(); });
  };
  reset_left_ = knobs_.reset_every == 0 ? 0 : rng_.range(1, knobs_.reset_every);
  while (!std::ranges::all_of(endpoints_, done)) step();
  drain();
  for (unsigned n = 0; n < kEndpoints; ++n) {
    system_.card(n).move_memory(system_.card(n).c2h, endpoints_[n].seen);
    endpoints_[n].streams->check();
    for (const auto& channel : endpoints_[n].channels) {
      result_.descriptors += channel->submitted();
      result_.restarts += channel->starts();
      result_.trespasses += channel->trespasses();
      for (const auto& [error, count] : channel->errors()) result_.errors[error] += count;
    }
  }
  result_.faults += system_.take_faults().size();
  system_.finish();
  result_.interrupts = system_.interrupts().messages().size();
  for (unsigned n = 0; n < kEndpoints; ++n) {
    result_.bytes += system_.up(n).payload_bytes() + system_.down(n).payload_bytes();
  }
  result_.cycles = system_.now().value;
  return result_;
}

}  // namespace

dma::EpisodeResult run_episode(const dma::EpisodeOptions& options) {
  return Episode(options).run();
}

}  // namespace cw::duo
