// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench_dma.hpp"
#include "dma/engine_dut.hpp"
#include "dma_rig.hpp"
#include "latency.hpp"

namespace cw::sim {

namespace {

namespace fields = dma::fields;

constexpr unsigned kWidth = 256;
constexpr uint64_t kRing = 0x10'0000'0000, kRecords = 0x20'0000'0000, kHost = 0x30'0000'0000;
constexpr uint32_t kBytes = 256;
constexpr dut::Cycles kBudget{10'000};

double count(dut::Cycles cycles) { return static_cast<double>(cycles.value); }

// The clocks in which each was seen first.
struct Seen {
  std::optional<dut::Cycles> doorbell{}, asked{}, came{}, data{};

  double descriptor() const { return count(*came - *asked); }
  double to_data() const { return count(*data - *came); }
  double all() const { return count(*data - *doorbell); }
};

// ---- The engine alone: the answer to a descriptor's read is at its port a latency after the
// request is there, and card memory answers two clocks later, as the engine wants it.

class LoneEngine : private dut::Clocked {
 public:
  LoneEngine(uint64_t seed, unsigned latency)
      : dut_(dma::EngineDut::make(kWidth, seed)), latency_{latency} {
    kernel().add(*this);
    for (unsigned n = 0; n < dut_->channels(); ++n) dut_->ctl(n, control());
    for (unsigned n = 0; n < dma::kReadClients; ++n) dut_->read_ready(n, true);
    for (unsigned n = 0; n < dma::kWritePorts; ++n) dut_->write_ready(n, true);
    dut_->limits(/*max_payload=*/2, /*max_read=*/2);
    dut_->others(false);
    dut_->answer_valid(false);
    dut_->card_write_ready(true);
    dut_->card_read_ready(true);
    dut_->card_answer({});
    for (const auto& stream : dut_->stream_inputs()) stream.valid.drive(false);
    for (const auto& stream : dut_->stream_outputs()) stream.ready.drive(true);
    dut_->drive_pins();  // nothing comes from AXI4, nor from streams
    dut_->module().reset();
  }
  ~LoneEngine() override { kernel().remove(*this); }
  LoneEngine(const LoneEngine&) = delete;
  LoneEngine& operator=(const LoneEngine&) = delete;

  struct Way {
    bool waits = false;   // the descriptor is there before it may begin; `came` is when it may
    bool modest = false;  // somebody else wants the bus, and the channel lets him
  };
  Seen move(model::DmaKind kind, const Way& way) {
    constexpr dut::Cycles kQuiet{50}, kOthers{20};
    constexpr unsigned kTransparent = 3;
    step(kQuiet);
    descriptor_ = model::encode({.phase = true,
                                 .bytes = kBytes,
                                 .src = to_card(kind) ? kHost : 0,
                                 .dst = to_card(kind) ? 0 : kHost});
    fields::Ctl ctl = control();
    if (way.modest) ctl.mode = kTransparent;
    const auto set = [&] { dut_->ctl(static_cast<unsigned>(kind), ctl); };
    dut_->others(way.modest);
    ctl.tail = 1;
    ctl.tail_write = true;
    set();
    seen_ = {.doorbell = kernel().now()};
    step(dut::Cycles{1});
    ctl.tail_write = false;
    set();
    until([&] { return seen_.asked.has_value(); });
    ctl.enable = !way.waits;
    set();
    until([&] { return seen_.came && kernel().now() >= *seen_.came; });
    if (way.waits) {
      step(kQuiet);
      ctl.enable = true;
      set();
      seen_.came = kernel().now();
    }
    if (way.modest) step(kOthers);
    dut_->others(false);
    until([&] { return seen_.data.has_value(); });
    return seen_;
  }

 private:
  static fields::Ctl control() {
    return {.enable = true, .ring = kRing, .records = kRecords, .ring_log2 = 3};
  }
  dut::Kernel& kernel() { return dut_->module().kernel(); }
  void step(dut::Cycles cycles) { dut_->module().step(cycles); }
  template <class P>
  void until(P done) {
    kernel().run_until(done, kBudget, "the first data of a transfer");
  }

  void sample() override {
    const dut::Cycles now = kernel().now();
    if (const auto request = dut_->read(kDescriptors); request && !seen_.asked) {
      seen_.asked = now;
      request_ = *request;
    }
    const bool data = dut_->read(kData) || dut_->write(dma::kDataPort);
    if (data && !seen_.data) seen_.data = now;
    card_[1] = card_[0];
    card_[0] = dut_->card_read().has_value();
  }
  void commit() override {
    const dut::Cycles next = kernel().now() + dut::Cycles{1};
    const bool due = seen_.asked && !seen_.came && next == *seen_.asked + latency_;
    if (due) {
      seen_.came = next;
      dut_->answer({.client = kDescriptors,
                    .mark = request_.mark,
                    .dest = request_.dest,
                    .bytes = request_.bytes},
                   descriptor_);
    }
    dut_->answer_valid(due);
    const std::vector<uint8_t> beat(card_[1] ? dut_->beat_bytes() : 0);
    dut_->card_answer(beat);
  }
  void reset() override { seen_ = {}; }

  static constexpr unsigned kData = fields::ClientData, kDescriptors = fields::ClientDesc;
  std::unique_ptr<dma::EngineDut> dut_;
  dut::Cycles latency_;
  std::array<uint8_t, model::kDescriptorBytes> descriptor_{};
  fields::ReadReq request_{};
  std::array<bool, 2> card_{};  // reads of the clock before, and of the one before that
  Seen seen_;
};

// ---- The whole fabric, as the link shows it

Seen on_link(Rig& rig, Channel which) {
  constexpr uint32_t kBeat = kWidth / 8;
  env::System& system = rig.system();
  env::DmaDriver& channel = rig.fabric().*which;
  channel.start();
  const env::DmaSpace::Buffer buffer = rig.fabric().space.map(pcie::kPageBytes);
  // The second time every page is known.
  Seen seen;
  for (unsigned n = 0; n < 2; ++n) {
    seen = {};
    channel.submit({.segments = {{.iova = buffer.iova, .card_addr = 0, .bytes = kBeat}}});
    system.run(dut::Cycles{3000});
    const dut::Cycles begin = system.now();
    channel.ring_doorbell();
    channel.take_record();
    const auto after = [&](const auto& tlps) {
      std::vector<dut::Cycles> at;
      for (const agent::SeenTlp& tlp : tlps) {
        if (tlp.at >= begin) at.push_back(tlp.at);
      }
      return at;
    };
    const auto down = after(system.down().seen()), up = after(system.up().seen());
    // Down come the doorbell and the descriptor, up the reads of descriptor and data, or the data.
    seen = {.doorbell = down.at(0), .asked = up.at(0), .came = down.at(1), .data = up.at(1)};
  }
  return seen;
}

Figure clocks(std::string name, double value, double asked, double least = 0) {
  return {.name = std::move(name),
          .value = value,
          .unit = "clocks",
          .ceiling = std::max(asked, least),
          .target = 1,
          .at_most = true,
          .asked = least > 0 ? asked : 0,
          .least = least};
}

struct Direction {
  const char* name;
  model::DmaKind kind;
  Channel channel;
  double asked;  // from the descriptor to the first TLP
};
constexpr std::array<Direction, 2> kDirections = {
    {{"read", model::DmaKind::H2c, kToCard, 2}, {"write", model::DmaKind::C2h, kToHost, 5}}};
constexpr double kFromDoorbell = 12;  // asked beside the latency of the descriptor's read

double doorbell_alone(const DmaBenchOptions& options, const Direction& way, unsigned latency) {
  return LoneEngine(options.seed, latency).move(way.kind, {}).all();
}

// A descriptor that comes is written to a memory of many, read in the next clock, and taken in the
// one after that.
Figures engine_alone(const DmaBenchOptions& options) {
  constexpr unsigned kLatency = 100, kMore = 30;
  constexpr double kThroughMemory = 2;
  Figures figures;
  const auto from_descriptor = [&](const Direction& way, LoneEngine::Way how) {
    return LoneEngine(options.seed, kLatency).move(way.kind, how).to_data();
  };
  const auto add = [&](const Figure& figure, double with_fault) {
    figures.push_back(figure);
    figures.push_back(control(figure, with_fault));
  };
  for (const Direction& way : kDirections) {
    const std::string name = fmt::format("dma.descriptor.{}", way.name);
    const double there = from_descriptor(way, {.waits = true});
    add(clocks(name, there, way.asked), from_descriptor(way, {.waits = true, .modest = true}));
    add(clocks(name + ".comes", from_descriptor(way, {}), way.asked, there - 1 + kThroughMemory),
        from_descriptor(way, {.modest = true}));
  }
  for (const Direction& way : kDirections) {
    for (const unsigned latency : {10u, kLatency, 1000u}) {
      add(clocks(fmt::format("dma.doorbell.{}.L{}", way.name, latency),
                 doorbell_alone(options, way, latency), latency + kFromDoorbell),
          doorbell_alone(options, way, latency + kMore));
    }
  }
  return figures;
}

// The whole is no longer than its parts: the descriptor's read as the link sees it, the engine, and
// twice a way into the endpoint and out of it, as a read of a register takes it.
Figures in_the_fabric(const DmaBenchOptions& options) {
  constexpr unsigned kMore = 30;
  Figures figures;
  for (const unsigned latency : {100u, 250u, 1000u}) {
    Rig rig({.seed = options.seed, .width = kWidth, .latency = latency});
    rig.system().run(dut::Cycles{2 * latency});  // nothing is under way any more
    const double port = count(mmio_read_latency(rig.fabric()).endpoint);
    for (const Direction& way : kDirections) {
      rig.system().memory_port().set_latency({latency}, {latency});
      const Seen seen = on_link(rig, way.channel);
      const double engine = doorbell_alone(options, way, latency) - latency;
      figures.push_back(clocks(fmt::format("dma.doorbell.link.{}.L{}", way.name, latency),
                               seen.all(), latency + kFromDoorbell,
                               seen.descriptor() + engine + 2 * port));
      rig.system().memory_port().set_latency({latency + kMore}, {latency});
      figures.push_back(control(figures.back(), on_link(rig, way.channel).all()));
    }
    if (options.brief) break;
  }
  return figures;
}

}  // namespace

Figures dma_latencies(const DmaBenchOptions& options) {
  Figures figures = engine_alone(options);
  const Figures more = in_the_fabric(options);
  figures.insert(figures.end(), more.begin(), more.end());
  return figures;
}

}  // namespace cw::sim
