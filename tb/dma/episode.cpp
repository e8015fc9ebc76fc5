// SPDX-License-Identifier: Apache-2.0
#include "dma/episode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include "agent/axi_memory.hpp"
#include "agent/axis_sink.hpp"
#include "agent/axis_source.hpp"
#include "dma/card_side.hpp"
#include "dma/channel_traffic.hpp"
#include "dma/host_side.hpp"
#include "env/scoreboard_fault.hpp"

namespace cw::dma {

using env::ScoreboardFault;
using model::DmaKind;
using model::DmaMove;

namespace {

constexpr uint64_t kStallBudget = 400'000;  // clocks without an entry that ends
constexpr uint64_t kTellSlack = 100;        // clocks from an event to its interrupt, beside waits
constexpr unsigned kCalmClocks = 800, kDrainClocks = 40'000;
constexpr uint64_t kEventClocks = 6;  // in which an event reaches the interrupts

struct Knobs {
  HostSide::Options host{};
  agent::Stall stall = agent::Stall::None;
  agent::AxiMemory::Options axi{};
  unsigned max_payload = 1, max_read = 2;
  bool axi_fails = false;
  bool interferes = false;
  unsigned bad = 0;
};

Knobs draw(agent::Rng& rng) {
  Knobs k;
  k.stall = rng.pick(agent::kEveryStall);
  const uint64_t latency = rng.chance(50) ? rng.range(1, 30) : rng.range(30, 400);
  k.host = {.latency_low = latency,
            .latency_high = latency + (rng.chance(50) ? 0 : rng.range(1, 200)),
            .reorder = rng.chance(60),
            .stall = rng.pick(agent::kEveryStall),
            .outstanding = static_cast<unsigned>(rng.range(4, 128)),
            .data_faults = rng.chance(50) ? static_cast<unsigned>(rng.range(1, 12)) : 0,
            .descriptor_faults = rng.chance(30) ? static_cast<unsigned>(rng.range(1, 12)) : 0};
  k.axi = {.read_latency = {rng.range(1, 60)},
           .write_latency = {rng.range(1, 60)},
           .stall = rng.pick(agent::kEveryStall)};
  k.max_payload = static_cast<unsigned>(rng.range(0, 5));
  k.max_read = static_cast<unsigned>(rng.range(0, 5));
  k.axi_fails = rng.chance(30);
  k.interferes = rng.chance(60);
  k.bad = rng.chance(60) ? static_cast<unsigned>(rng.range(1, 8)) : 0;
  return k;
}

class Episode : public dut::Clocked, public HostSide::Listener {
 public:
  explicit Episode(const EpisodeOptions& options);
  ~Episode() override { dut_->module().kernel().remove(*this); }

  EpisodeResult run();

  void sample() override;
  void commit() override;
  void reset() override;

 private:
  struct Channel {
    std::unique_ptr<env::DmaWatch> watch{};
    std::unique_ptr<ChannelTraffic> traffic{};
    size_t reads_open = 0;
    uint16_t head = 0;
    std::deque<uint64_t> untold{};  // when events came
    uint64_t perhaps = 0;           // of them that the last interrupt may have told
    uint64_t masked_at = 0;         // when interrupts were last disabled, or enabled
    bool enabled_before = true;
    uint64_t moved = 0, landed = 0;
    uint64_t told_errors = 0, errors = 0;
  };

  // HostSide::Listener
  HostSide::SeenBy on_read(bool descriptor, const fields::ReadReq& req) override;
  void on_answer(const HostSide::SeenBy& by) override;
  void on_write(bool record, const fields::WriteBeat& beat, std::vector<uint8_t> data) override;

  void make_channels(agent::Rng& rng);
  void ended(unsigned which, const std::vector<env::DmaWatch::Ended>& entries);
  void check_request(unsigned which, bool read, uint64_t iova, uint32_t bytes, unsigned attr);
  void check_landed(unsigned which, const env::DmaWatch::Ended& entry);
  void take_interrupt();
  void check_late(unsigned which);
  void feed_streams();
  void drain();
  void check_streams();
  void check_memories();
  uint8_t card_now(uint64_t card_addr) const;
  bool card_fails(uint64_t card_addr, uint64_t bytes) const;
  std::string states() const;

  EpisodeOptions options_;
  agent::Rng rng_;
  Knobs knobs_;
  std::unique_ptr<EngineDut> dut_;
  model::HostMemory host_memory_, axi_memory_;
  std::vector<uint8_t> card_model_, axi_model_;
  uint64_t axi_base_;
  uint64_t fails_at_ = 0;  // of the AXI4 port's address space, kFailBytes from there
  static constexpr uint64_t kFailBytes = 64;
  Channel channels_[kChannels];
  std::unique_ptr<HostSide> host_;
  std::unique_ptr<CardSide> card_;
  std::unique_ptr<agent::AxiMemory> axi_;
  std::vector<std::unique_ptr<agent::AxisSink>> sinks_;
  std::vector<std::unique_ptr<agent::AxisSource>> sources_;
  std::vector<unsigned> h2s_, s2h_;  // channels
  bool out_blocked_ = false, in_blocked_ = false;
  bool finishing_ = false;
  uint64_t now_ = 0, progress_at_ = 0;
  EpisodeResult result_{};
};

Episode::Episode(const EpisodeOptions& options)
    : options_(options),
      rng_(options.seed, "dma.episode"),
      knobs_(draw(rng_)),
      dut_(EngineDut::make(options.width, rng_.u64())),
      card_model_(kCardBytes),
      axi_model_(Places::kAxiBytes),
      axi_base_((uint64_t{1} << 40) +
                (rng_.chance(50) ? (uint64_t{1} << 40) - Places::kAxiBytes : 0)) {
  dut::Kernel& kernel = dut_->module().kernel();
  dut_->limits(knobs_.max_payload, knobs_.max_read);
  host_ = std::make_unique<HostSide>(*dut_, *this, host_memory_, rng_.fork("host"), knobs_.host);
  card_ = std::make_unique<CardSide>(*dut_, rng_.fork("card"), knobs_.stall);
  card_model_ = card_->memory();
  axi_ = std::make_unique<agent::AxiMemory>(kernel, dut_->axi(), axi_memory_, rng_.fork("axi"),
                                            knobs_.axi);
  for (uint8_t& byte : axi_model_) byte = static_cast<uint8_t>(rng_.u32());
  const uint64_t axi_at = axi_base_ - (uint64_t{1} << 40);
  axi_memory_.write({axi_at}, axi_model_);
  if (knobs_.axi_fails) {
    fails_at_ = axi_at + rng_.range(0, Places::kAxiBytes / kFailBytes - 1) * kFailBytes;
    axi_->add_error_range(
        {.base = {fails_at_},
         .bytes = kFailBytes,
         .resp = rng_.chance(50) ? agent::AxiResp::SlvErr : agent::AxiResp::DecErr});
  }
  for (unsigned c = 0; c < kChannels; ++c) {
    const auto kind = static_cast<DmaKind>(c % 6);
    if (kind == DmaKind::H2s) h2s_.push_back(c);
    if (kind == DmaKind::S2h) s2h_.push_back(c);
  }
  for (const auto& pins : dut_->stream_outputs()) {
    sinks_.push_back(std::make_unique<agent::AxisSink>(kernel, pins, rng_.fork("sink"),
                                                       rng_.pick(agent::kEveryStall)));
  }
  for (const auto& pins : dut_->stream_inputs()) {
    sources_.push_back(std::make_unique<agent::AxisSource>(kernel, pins, rng_.fork("source"),
                                                           rng_.pick(agent::kEveryStall)));
  }
  make_channels(rng_);
  kernel.add(*this);
  dut_->module().reset();
}

void Episode::make_channels(agent::Rng& rng) {
  const unsigned at_top = static_cast<unsigned>(rng.range(0, 2 * kChannels - 1));
  for (unsigned c = 0; c < kChannels; ++c) {
    Channel& channel = channels_[c];
    const auto kind = static_cast<DmaKind>(c % 6);
    channel.watch = std::make_unique<env::DmaWatch>(env::DmaWatch::Surroundings{
        .name = fmt::format("channel {}", c),
        .kind = kind,
        .byte =
            [this](pcie::Iova at) {
              uint8_t byte;
              host_memory_.read({at.value}, {&byte, 1});
              return byte;
            },
        .card = card_model_,
        .axi_card = axi_model_,
        .card_now = [this](uint64_t at) { return card_now(at); },
        .card_fails = [this](uint64_t at, uint64_t bytes) { return card_fails(at, bytes); }});
    // Across a 4 GiB boundary, or up to the end of all addresses.
    const uint64_t far = uint64_t{c + 1} << 36;
    Places places{.host_src = far + 0x1'0000'0000 - Places::kHostBytes / 2,
                  .host_dst = far + 0x3'0000'0000 - Places::kHostBytes / 2,
                  .linked = far + 0x4'0000'0000 + rng.range(0, 100) * model::kDescriptorBytes,
                  .axi = axi_base_};
    if (at_top == c) places.host_src = 0 - Places::kHostBytes;
    if (at_top == c + kChannels) places.host_dst = 0 - Places::kHostBytes;
    std::vector<uint8_t> content(Places::kHostBytes);
    for (uint8_t& byte : content) byte = static_cast<uint8_t>(rng.u32());
    host_memory_.write({places.host_src}, content);
    channel.traffic = std::make_unique<ChannelTraffic>(
        *dut_, *channel.watch, host_memory_, rng.fork("traffic"),
        ChannelTraffic::Options{.channel = c,
                                .descriptors = options_.descriptors / kChannels + 1,
                                .interferes = knobs_.interferes,
                                .lone = rng.chance(8),
                                .entries = {.big = rng.chance(25), .bad = knobs_.bad},
                                .places = places,
                                .rings = far});
  }
}

uint8_t Episode::card_now(uint64_t card_addr) const {
  if (card_addr >> 40 == 0) return card_->memory()[card_addr];
  uint8_t byte;
  axi_memory_.read({card_addr - (uint64_t{1} << 40)}, {&byte, 1});
  return byte;
}

// Bursts are of whole beats.
bool Episode::card_fails(uint64_t card_addr, uint64_t bytes) const {
  if (!knobs_.axi_fails || card_addr >> 40 != 1) return false;
  const uint64_t beat = dut_->beat_bytes();
  const uint64_t at = card_addr - (uint64_t{1} << 40);
  const uint64_t first = at / beat * beat, past = (at + bytes + beat - 1) / beat * beat;
  return first < fails_at_ + kFailBytes && fails_at_ < past;
}

// ---- What the engine asks

HostSide::SeenBy Episode::on_read(bool descriptor, const fields::ReadReq& req) {
  if (descriptor) {
    for (unsigned which = 0; which < kChannels; ++which) {
      Channel& channel = channels_[which];
      if (!channel.watch->reads_descriptor({req.iova}, req.bytes)) continue;
      if (req.bytes % model::kDescriptorBytes != 0 || req.bytes > 512 ||
          req.bytes > 128u << knobs_.max_read || req.attr != 0) {
        throw ScoreboardFault(fmt::format("reads descriptors, {} bytes at {:#x}, attributes {}",
                                          req.bytes, req.iova, req.attr));
      }
      ++channel.reads_open;
      return {which, &channel.watch->descriptor_read({req.iova}, req.bytes)};
    }
    throw ScoreboardFault(
        fmt::format("reads a descriptor at {:#x}, and nobody said so [R53]", req.iova));
  }
  const fields::Mark mark = fields::Mark::of(req.mark);
  if (mark.chan >= kChannels) throw ScoreboardFault("a read of a channel that is not there");
  check_request(mark.chan, /*read=*/true, req.iova, req.bytes, req.attr);
  ++channels_[mark.chan].reads_open;
  return {mark.chan, &channels_[mark.chan].watch->data_read({req.iova}, req.bytes)};
}

void Episode::on_answer(const HostSide::SeenBy& by) {
  if (by.read->ended) --channels_[by.channel].reads_open;
  channels_[by.channel].watch->arrived(*by.read);
}

// It is one request of an open entry, cut as the page says, with the descriptor's attributes, and
// not of one that a fence holds back.
void Episode::check_request(unsigned which, bool read, uint64_t iova, uint32_t bytes,
                            unsigned attr) {
  const env::DmaWatch& watch = *channels_[which].watch;
  const DmaKind kind = watch.kind();
  const model::DmaLimits limits{.read_bytes = std::min(4096u, 128u << knobs_.max_read),
                                .payload_bytes = std::min(4096u, 128u << knobs_.max_payload)};
  const uint32_t limit = read ? limits.read_bytes : limits.payload_bytes;
  const auto place = [&] {
    return fmt::format("channel {}: {} {} bytes at {:#x}", which, read ? "reads" : "writes", bytes,
                       iova);
  };
  if (iova % 4 + bytes > limit) throw ScoreboardFault(place() + ", more than its limit [R02]");
  bool fenced = false;
  for (size_t n = 0; n < watch.upcoming().size(); ++n) {
    const model::DmaPlan& plan = watch.upcoming()[n];
    fenced |= n != 0 && plan.fence;
    for (const DmaMove& move : plan.moves) {
      const uint64_t offset = iova - (read ? move.src : move.dst);
      if ((read && move.immediate) || offset >= move.bytes || bytes > move.bytes - offset) continue;
      const unsigned wish = unsigned{move.attributes.no_snoop} |
                            unsigned{move.attributes.relaxed} << 1 |
                            unsigned{move.attributes.ido} << 2;
      if (wish != attr) continue;
      if (fenced) continue;
      if (!read || kind == DmaKind::S2h) return;
      for (const model::DmaChunk& chunk : model::split(kind, move, limits)) {
        if (chunk.src == iova && chunk.bytes == bytes) return;
      }
    }
  }
  throw ScoreboardFault(place() + fmt::format(", attributes {}: no entry that may begin wants "
                                              "that [R01][R55]",
                                              attr));
}

void Episode::on_write(bool record, const fields::WriteBeat& beat, std::vector<uint8_t> data) {
  const pcie::MemWrite write{.address = {beat.iova}, .data = std::move(data)};
  for (unsigned which = 0; which < kChannels; ++which) {
    env::DmaWatch& watch = *channels_[which].watch;
    if (record && watch.writes_record(write.address)) {
      if (beat.attr != 0) throw ScoreboardFault("a record with attributes [R32]");
      return ended(which, watch.record(write));
    }
    if (!record && watch.writes_data(write.address, write.data.size())) {
      check_request(which, /*read=*/false, beat.iova, beat.bytes, beat.attr);
      return watch.data_write(write);
    }
  }
  throw ScoreboardFault(
      fmt::format("writes {} bytes at {:#x}, and nobody said so [R55]", beat.bytes, beat.iova));
}

// ---- Entries end

void Episode::ended(unsigned which, const std::vector<env::DmaWatch::Ended>& entries) {
  Channel& channel = channels_[which];
  for (const env::DmaWatch::Ended& entry : entries) {
    progress_at_ = now_;
    ++result_.entries;
    channel.landed += entry.bytes;
    result_.bytes += entry.bytes;
    if (entry.record) {
      const auto error = static_cast<unsigned>(entry.record->error);
      ++result_.errors[error];
      channel.errors += error != 0;
    }
    check_landed(which, entry);
    if (!entry.event) continue;
    channel.untold.push_back(now_);
  }
}

// Before its record is asked for, all that an entry moves to the card is there [R29].
void Episode::check_landed(unsigned which, const env::DmaWatch::Ended& entry) {
  for (const DmaMove& move : entry.landed) {
    for (uint64_t n = 0; n < move.bytes; ++n) {
      const uint64_t at = move.dst + n;
      const uint8_t expected = at >> 40 == 0 ? card_model_[at] : axi_model_[at % axi_model_.size()];
      if (card_now(at) == expected) continue;
      throw ScoreboardFault(fmt::format(
          "channel {}: card memory at {:#x} is {:#04x} at the end of its entry, and should be "
          "{:#04x} [R29]",
          which, at, card_now(at), expected));
    }
  }
}

void Episode::take_interrupt() {
  const auto which = dut_->irq();
  if (!which) return;
  ++result_.interrupts;
  Channel& channel = channels_[*which];
  const fields::Ctl& ctl = channel.traffic->ctl();
  const auto fail = [&](const std::string& what) {
    throw ScoreboardFault(fmt::format("channel {}: an interrupt {}", *which, what));
  };
  if (ctl.restart) return;  // just in time
  if (channel.untold.empty()) fail("without an event");
  if (!ctl.irq_enable) fail("while disabled");
  const uint64_t age = now_ - channel.untold.front();
  const bool early = ctl.timer != 0 && channel.untold.size() < std::max(1u, ctl.count) &&
                     age + 16 < uint64_t{ctl.timer} * 16;
  if (early) fail(fmt::format("after {} events and {} clocks", channel.untold.size(), age));
  // The oldest is told. What has just come may be told by this one or by the next.
  do {
    channel.untold.pop_front();
  } while (!channel.untold.empty() && channel.untold.front() + kEventClocks < now_);
  channel.perhaps = channel.untold.size();
}

void Episode::check_late(unsigned which) {
  Channel& channel = channels_[which];
  const fields::Ctl& ctl = channel.traffic->ctl();
  if (ctl.irq_enable != channel.enabled_before) {
    channel.enabled_before = ctl.irq_enable;
    channel.masked_at = now_;
  }
  if (ctl.restart) {
    channel.untold.clear();
    channel.perhaps = 0;
  }
  if (channel.untold.size() == channel.perhaps || !ctl.irq_enable) return;
  const uint64_t since = std::max(channel.untold[channel.perhaps], channel.masked_at);
  if (now_ > since + uint64_t{ctl.timer} * 16 + 16 + kTellSlack) {
    throw ScoreboardFault(fmt::format("channel {}: {} events without an interrupt [R56]", which,
                                      channel.untold.size()));
  }
}

// ---- Clock by clock

void Episode::sample() {
  ++now_;
  for (unsigned which = 0; which < kChannels; ++which) {
    Channel& channel = channels_[which];
    const fields::Sta sta = dut_->sta(which);
    if (channel.traffic->ctl().restart && channel.reads_open != 0) {
      throw ScoreboardFault(fmt::format("channel {}: not busy, and reads are open [R44]", which));
    }
    if (sta.moved) channel.moved += sta.moved_bytes;
    channel.told_errors += sta.entry_error;
    if (sta.head != channel.head) {
      channel.head = sta.head;
      ended(which, channel.watch->retired(sta.head));
      if (static_cast<int16_t>(sta.head - channel.watch->head()) > 0) {
        throw ScoreboardFault(fmt::format("channel {}: STATUS says head {}, and records {} [R33]",
                                          which, sta.head, channel.watch->head()));
      }
    }
  }
  take_interrupt();
  for (unsigned which = 0; which < kChannels; ++which) check_late(which);
  if (now_ > progress_at_ + kStallBudget) throw dut::Timeout("no entry ends\n" + states());
}

void Episode::commit() {
  for (Channel& channel : channels_) channel.traffic->commit();
  dut_->others(!finishing_ && rng_.chance(30));
  feed_streams();
  dut_->drive_axi();
}

void Episode::reset() {
  for (unsigned c = 0; c < kChannels; ++c) dut_->ctl(c, {});
  dut_->others(false);
  dut_->drive_axi();
}

void Episode::feed_streams() {
  if (rng_.range(0, 499) == 0) out_blocked_ = !out_blocked_ && !finishing_;
  if (rng_.range(0, 499) == 0) in_blocked_ = !in_blocked_ && !finishing_;
  for (auto& sink : sinks_) sink->block(out_blocked_);
  for (size_t n = 0; n < sources_.size(); ++n) {
    sources_[n]->block(in_blocked_);
    auto& expected = channels_[s2h_[n]].watch->stream_in;
    if (!sources_[n]->idle() || expected.size() > 40) continue;
    env::StreamPacket packet{.info = static_cast<uint16_t>(rng_.u32())};
    packet.data.resize(rng_.range(1, rng_.chance(70) ? 300 : 6000));
    for (uint8_t& byte : packet.data) byte = static_cast<uint8_t>(rng_.u32());
    sources_[n]->send({.bytes = packet.data,
                       .tid = static_cast<uint8_t>(packet.info),
                       .tuser = static_cast<uint8_t>(packet.info >> 8)});
    expected.push_back(std::move(packet));
  }
}

std::string Episode::states() const {
  std::string text;
  for (const Channel& channel : channels_) text += channel.traffic->state() + "\n";
  return text;
}

// ---- The end

// Until nothing has come out of a stream for a while; interrupts come in that time, too.
void Episode::drain() {
  uint64_t beats = 0;
  for (unsigned calm = 0, n = 0; calm < kCalmClocks && n < kDrainClocks; ++calm, ++n) {
    dut_->module().step();
    uint64_t sum = 0;
    for (const auto& sink : sinks_) sum += sink->beats();
    if (sum != beats) calm = 0;
    beats = sum;
  }
}

void Episode::check_streams() {
  for (size_t n = 0; n < sinks_.size(); ++n) {
    const unsigned which = h2s_[n];
    auto& expected = channels_[which].watch->stream_out;
    const auto fail = [&](const std::string& what) {
      throw ScoreboardFault(fmt::format("channel {}: its stream: {}", which, what));
    };
    size_t at = 0;
    for (const agent::AxisPacket& packet : sinks_[n]->received()) {
      const auto info = static_cast<uint16_t>((packet.tuser << 8) | packet.tid);
      for (;; ++at) {  // one that was cut may not have come
        if (at == expected.size()) fail("a packet that nobody sent");
        const env::StreamPacket& wanted = expected[at];
        if (!packet.cut) {
          if (packet.bytes == wanted.data && (info == wanted.info)) break;
        } else if (wanted.cut && packet.bytes.size() <= wanted.data.size() + 1) {
          const auto mismatch =
              std::mismatch(packet.bytes.begin(), packet.bytes.end() - 1, wanted.data.begin());
          if (mismatch.first == packet.bytes.end() - 1 && (info | 0x100) == (wanted.info | 0x100)) {
            break;
          }
        }
        if (!wanted.cut) {
          fail(fmt::format("packet {} of {} bytes, cut {}, and should be of {} bytes", at,
                           packet.bytes.size(), packet.cut, wanted.data.size()));
        }
      }
      ++at;
    }
    for (; at < expected.size(); ++at) {
      if (!expected[at].cut) fail(fmt::format("packet {} did not come", at));
    }
    if (sinks_[n]->inside_packet()) fail("a packet without an end");
  }
}

void Episode::check_memories() {
  if (card_->memory() != card_model_) throw ScoreboardFault("card memory is not as it should be");
  std::vector<uint8_t> axi(axi_model_.size());
  axi_memory_.read({axi_base_ - (uint64_t{1} << 40)}, axi);
  if (axi != axi_model_) throw ScoreboardFault("memory behind AXI4 is not as it should be");
}

EpisodeResult Episode::run() {
  const auto all = [&](auto condition) { return std::ranges::all_of(channels_, condition); };
  while (!all([](const Channel& c) { return c.traffic->done(); })) {
    dut_->module().step();
  }
  finishing_ = true;
  out_blocked_ = in_blocked_ = false;
  drain();
  for (unsigned which = 0; which < kChannels; ++which) {
    const Channel& channel = channels_[which];
    const auto fail = [&](const std::string& what) {
      throw ScoreboardFault(fmt::format("channel {}: {}", which, what));
    };
    if (channel.watch->outstanding() != 0) fail("something is outstanding");
    if (channel.reads_open != 0) fail("reads are outstanding");
    if (channel.moved != channel.landed) {
      fail(fmt::format("MOVED counts {} bytes, and should {}", channel.moved, channel.landed));
    }
    if (channel.told_errors != channel.errors) {
      fail(fmt::format("{} errors told, and should be {}", channel.told_errors, channel.errors));
    }
    result_.descriptors += channel.traffic->submitted();
    result_.restarts += channel.traffic->restarts();
  }
  if (host_->reads_open() != 0 || !axi_->idle() || !card_->idle()) {
    throw ScoreboardFault("memory accesses are outstanding");
  }
  check_streams();
  check_memories();
  result_.cycles = now_;
  return result_;
}

}  // namespace

void EpisodeResult::add(const EpisodeResult& other) {
  descriptors += other.descriptors;
  entries += other.entries;
  cycles += other.cycles;
  bytes += other.bytes;
  restarts += other.restarts;
  interrupts += other.interrupts;
  for (const auto& [error, count] : other.errors) errors[error] += count;
}

EpisodeResult run_episode(const EpisodeOptions& options) { return Episode(options).run(); }

}  // namespace cw::dma
