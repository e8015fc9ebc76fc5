// SPDX-License-Identifier: Apache-2.0
#include "dma_rig.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>

#include "cw/cw_regs.h"
#include "env/endpoint_shape.hpp"

namespace cw::sim {

namespace {

using model::DmaKind;

constexpr unsigned kRingLog2 = 12;
constexpr uint64_t kPlaces = 64;  // each at a multiple of this
constexpr uint64_t kHostWindow = 64 << 10, kCardWindow = 32 << 10;
constexpr uint64_t kHostBytes = 256 << 10, kTargets = 128 << 10;  // H2h: where its second half is
// More descriptors than any build reads ahead.
constexpr unsigned kAhead = 704;
constexpr unsigned kLeastEntries = 4;  // of a window
constexpr dut::Cycles kBudget{1'000'000};
constexpr unsigned kMostSegments = model::kMaxSegments;

constexpr double kRequest = 512;  // Max_Read_Request_Size and Max_Payload_Size of the fabric
constexpr double kBatch = 16;     // descriptors that a read brings

uint64_t pitch(const Load& load) {
  return (load.bytes + load.card_offset + kPlaces - 1) / kPlaces * kPlaces;
}

}  // namespace

unsigned Load::per_entry() const {
  const uint64_t fitting = entry_most / (uint64_t{bytes} * rows);
  return static_cast<unsigned>(std::clamp<uint64_t>(fitting, 1, kMostSegments));
}

Window Window::at(unsigned latency) {
  return {.lead = dut::Cycles{800 + 2 * latency}, .length = dut::Cycles{8000 + 4 * latency}};
}

// One load while it runs.
class Rig::Run {
 public:
  Run(Rig& rig, const Load& load)
      : load_(load),
        channel_(rig.fabric_.*load.channel),
        stream_(rig.system_.stream_in()),
        beat_bytes_(rig.options_.width / 8),
        host_(rig.buffer_.iova.value) {}

  // Gives the channel as much as it needs for so many clocks of the whole width, and more.
  void submit(uint64_t bytes) {
    const uint64_t wanted = bytes / load_.entry_bytes() + kLeastEntries;
    const uint64_t entries = std::min<uint64_t>(wanted + kAhead / load_.per_entry() + 1,
                                                channel_.room() / load_.per_entry());
    for (; given_ < entries; ++given_) {
      std::vector<cw_dma_segment> segments(load_.per_entry());
      for (cw_dma_segment& segment : segments) segment = next();
      channel_.submit(segments);
    }
  }
  void begin() {
    channel_.ring_doorbell();
    if (channel_.kind() != DmaKind::S2h) return;
    const uint64_t beats = given_ * load_.entry_bytes() / beat_bytes_ + 1;
    stream_.send({.bytes = std::vector<uint8_t>(beats * beat_bytes_)}, /*with_last=*/false);
  }

  void look(dut::Cycles now) {
    if (ended() == given_ || !channel_.record_ready()) return;
    const auto record = channel_.take_record();
    if (record.error != model::DmaError::Ok || record.bytes_done != load_.entry_bytes()) {
      throw std::runtime_error("an entry of the benchmark failed: " + to_text(record));
    }
    ended_.push_back(now);
  }
  size_t ended() const { return ended_.size(); }
  size_t ended_since(dut::Cycles from) const {
    return static_cast<size_t>(std::ranges::count_if(ended_, [&](auto at) { return at >= from; }));
  }
  // The next descriptors to be read are given.
  bool fed() const { return (given_ - ended()) * load_.per_entry() > kAhead; }

  // From the first to the last entry that ended in the window; a load that starves has none.
  double bytes_per_clock(dut::Cycles from) const {
    const auto first = std::ranges::lower_bound(ended_, from);
    const auto entries = ended_.end() - first - 1;
    if (entries < 1) return 0;
    return static_cast<double>(load_.entry_bytes()) * static_cast<double>(entries) /
           static_cast<double>((ended_.back() - *first).value);
  }

 private:
  cw_dma_segment next() {
    const uint64_t step = pitch(load_) * load_.rows;
    const auto place = [&](uint64_t window) {
      return place_ * step % (std::max(window, step) / step * step);
    };
    const uint64_t host = host_ + load_.host_offset + place(kHostWindow);
    const uint64_t card = load_.card_offset + place(kCardWindow);
    ++place_;
    const DmaKind kind = channel_.kind();
    return {.src = from_host(kind) ? host : card,
            .dst = kind == DmaKind::H2h ? host + kTargets
                   : to_host(kind)      ? host
                   : to_card(kind)      ? card
                                        : 0,
            .bytes = load_.bytes,
            .kind = load_.rows > 1 ? CW_DMA_ROWS : CW_DMA_COPY,
            .attributes = 0,
            .rows = static_cast<uint16_t>(load_.rows),
            .src_pitch = static_cast<uint32_t>(pitch(load_)),
            .dst_pitch = static_cast<uint32_t>(pitch(load_)),
            .data = 0};
  }

  Load load_;
  env::DmaDriver& channel_;
  agent::AxisSource& stream_;  // of S2h: one packet that has no end
  unsigned beat_bytes_;
  uint64_t host_;
  uint64_t place_ = 0;
  unsigned given_ = 0;
  std::vector<dut::Cycles> ended_;
};

Rig::Rig(const Options& options)
    : options_(options),
      system_({.width = options.width,
               .seed = options.seed,
               .read_latency = dut::Cycles{options.latency},
               .write_latency = dut::Cycles{options.latency},
               .stall = options.stall}),
      fabric_(system_, {.ring_log2 = kRingLog2}),
      buffer_(fabric_.space.map(kHostBytes)),
      shares_(env::kDmaChannels) {
  warm();
}

void Rig::share(Channel channel, const Share& share) {
  shares_[static_cast<size_t>((fabric_.*channel).kind())] = share;
}

void Rig::start(Channel which) {
  env::DmaDriver& channel = fabric_.*which;
  channel.start();
  const auto number = static_cast<unsigned>(channel.kind());  // one of each kind
  const Share& share = shares_[number];
  system_.host().write32(
      fabric_.registers + env::dma_block(number) + offsetof(cw_dma_regs_t, SHARE),
      static_cast<uint32_t>(share.mode) << CW_DMA_REGS__SHARE__MODE_bp |
          share.level << CW_DMA_REGS__SHARE__LEVEL_bp |
          share.weight << CW_DMA_REGS__SHARE__WEIGHT_bp);
}

// Every page that a load can touch is translated once, so that the IOTLB knows them.
void Rig::warm() {
  for (const Channel channel : options_.channels) {
    start(channel);
    Run ring(*this, {.channel = channel, .bytes = 4});
    ring.submit(kHostBytes);
    ring.begin();
    system_.kernel().run_until([&] { return ring.look(system_.now()), !ring.fed(); }, kBudget,
                               "translating the benchmark's pages");
    (fabric_.*channel).abort();
  }
}

std::vector<double> Rig::rates(const std::vector<Load>& loads, const Window& window,
                               const std::function<void()>& each_clock) {
  const dut::Cycles span = window.lead + window.length;
  std::vector<Run> runs;
  for (const Load& load : loads) {
    start(load.channel);
    runs.emplace_back(*this, load).submit(span.value * options_.width / 8);
  }
  for (Run& run : runs) run.begin();
  const dut::Cycles from = system_.now() + window.lead, to = system_.now() + span;
  const auto complete = [&](const Run& run) { return run.ended_since(from) > kLeastEntries; };
  const auto over = [&] {
    for (Run& run : runs) run.look(system_.now());
    if (each_clock && system_.now() >= from) each_clock();
    return (system_.now() >= to && std::ranges::all_of(runs, complete)) ||
           !std::ranges::all_of(runs, &Run::fed);
  };
  system_.kernel().run_until(over, span + kBudget, "the benchmark's window");
  std::vector<double> found;
  for (const Run& run : runs) found.push_back(run.bytes_per_clock(from));
  for (const Load& load : loads) (fabric_.*load.channel).abort();
  return found;
}

// ---- What link and card memory allow: docs/dma.md, "Limits"

namespace {

// Beats that a descriptor takes of each.
struct Beats {
  double to_card = 0, to_host = 0;  // the link
  double card_writes = 0, card_reads = 0;

  double most() const { return std::max({to_card, to_host, card_writes, card_reads}); }
};

Beats beats(const Load& load, DmaKind kind, unsigned width) {
  const unsigned beat = width / 8;
  const auto count = [&](uint64_t offset, uint32_t bytes) {
    return static_cast<double>((offset + bytes + beat - 1) / beat);
  };
  Beats of_place;
  const bool to_card = kind == DmaKind::H2c;
  const model::DmaMove move{.src = to_card ? load.host_offset : load.card_offset,
                            .dst = to_card ? load.card_offset : load.host_offset,
                            .bytes = load.bytes};
  for (const auto& chunk : split(kind, move,
                                 {.read_bytes = static_cast<uint32_t>(kRequest),
                                 .payload_bytes = static_cast<uint32_t>(kRequest)})) {
    if (to_card) {
      of_place.to_card += count(chunk.src % 4, chunk.bytes);
      of_place.to_host += 1;
      of_place.card_writes += count(chunk.dst % beat, chunk.bytes);
    } else {
      of_place.to_host += count(chunk.dst % 4, chunk.bytes);
      of_place.card_reads += count(chunk.src % beat, chunk.bytes);
    }
  }
  return {.to_card = load.rows * of_place.to_card + double{model::kDescriptorBytes} / beat,
          .to_host = load.rows * of_place.to_host + 1 / kBatch + 1.0 / load.per_entry(),
          .card_writes = load.rows * of_place.card_writes,
          .card_reads = load.rows * of_place.card_reads};
}

double bytes_of(const Load& load) { return static_cast<double>(load.bytes) * load.rows; }

}  // namespace

double ceiling(const Load& load, unsigned width) {
  const DmaKind kind = load.channel == kToCard ? DmaKind::H2c : DmaKind::C2h;
  return bytes_of(load) / beats(load, kind, width).most();
}

double ceiling(const Load& to_card, const Load& to_host, unsigned width) {
  const Beats down = beats(to_card, DmaKind::H2c, width), up = beats(to_host, DmaKind::C2h, width);
  // Descriptors per clock of each, x and y, with both ways full:
  //   down.to_card x + up.to_card y = 1,  down.to_host x + up.to_host y = 1
  const double area = down.to_card * up.to_host - up.to_card * down.to_host;
  return bytes_of(to_card) * (up.to_host - up.to_card) / area +
         bytes_of(to_host) * (down.to_card - down.to_host) / area;
}

}  // namespace cw::sim
