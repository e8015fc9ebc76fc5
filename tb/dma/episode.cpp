// SPDX-License-Identifier: Apache-2.0
#include "dma/episode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "agent/axi_memory.hpp"
#include "dma/card_side.hpp"
#include "dma/channel_traffic.hpp"
#include "dma/event_watch.hpp"
#include "dma/host_side.hpp"
#include "dma/share_check.hpp"
#include "dma/stream_side.hpp"
#include "env/scoreboard_fault.hpp"

namespace cw::dma {

using env::ScoreboardFault;
using model::DmaKind;
using model::DmaMove;

namespace {

constexpr uint64_t kStallBudget = 400'000;  // clocks without an entry that ends
constexpr unsigned kCalmClocks = 800, kDrainClocks = 40'000;
constexpr uint64_t kQuiesceClocks = 1024, kResetClocks = 8;  // as cw_function_reset has them

// When somebody else wants the bus.
enum class Others { Never, Often, LongWhiles };

struct Knobs {
  HostSide::Options host{};
  agent::Stall stall = agent::Stall::None;
  agent::AxiMemory::Options axi{};
  unsigned max_payload = 1, max_read = 2;
  bool axi_fails = false;
  bool interferes = false;
  unsigned bad = 0;
  Others others = Others::Never;
  bool flat = false;         // all channels on one level
  bool contends = false;     // few reads at a time, and long transfers
  uint64_t reset_every = 0;  // clocks between function-level resets, at most; 0: none
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
  constexpr Others kOthers[] = {Others::Never, Others::Often, Others::LongWhiles};
  k.others = rng.pick(kOthers);
  k.flat = rng.chance(40);
  k.contends = rng.chance(25);
  k.reset_every = rng.chance(40) ? rng.range(300, 12'000) : 0;
  if (k.contends) {
    k.host.outstanding = static_cast<unsigned>(rng.range(3, 12));
    k.max_read = k.max_payload = 0;
    k.bad = k.host.data_faults = k.host.descriptor_faults = 0;
    k.interferes = rng.chance(30);
    k.reset_every = 0;
  }
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
    std::unique_ptr<EventWatch> events{};
    size_t reads_open = 0;
    uint16_t head = 0;
    uint64_t moved = 0, landed = 0;
    uint64_t told_errors = 0, errors = 0;
  };

  // HostSide::Listener
  HostSide::SeenBy on_read(bool descriptor, const fields::ReadReq& req) override;
  void on_answer(const HostSide::SeenBy& by) override;
  void on_write(bool record, const fields::WriteBeat& beat, std::vector<uint8_t> data) override;

  void make_channels(agent::Rng& rng);
  std::vector<StreamSide::Port> stream_ports();
  void ended(unsigned which, const std::vector<env::DmaWatch::Ended>& entries);
  bool check_request(unsigned which, bool read, uint64_t iova, uint32_t bytes, unsigned attr);
  void check_landed(unsigned which, const env::DmaWatch::Ended& entry);
  void drive_others();
  void begin_reset();
  void end_reset();
  void step_reset();
  void check_silence();
  void drain();
  void check_card();
  void check_memories();
  uint8_t card_now(uint64_t card_addr);
  bool card_fails(uint64_t card_addr, uint64_t bytes) const;
  std::string states() const;

  EpisodeOptions options_;
  agent::Rng rng_;
  Knobs knobs_;
  std::unique_ptr<EngineDut> dut_;
  model::HostMemory host_memory_, axi_memory_;
  std::vector<uint8_t> card_model_, axi_model_;
  uint64_t axi_base_;
  std::vector<uint64_t> fails_at_;  // of the AXI4 port's address space, kFailBytes from there
  static constexpr uint64_t kFailBytes = 64;
  // Bytes behind AXI4 that writes under way at a reset may still change, and to what.
  std::map<uint64_t, std::set<uint8_t>> loose_;
  std::vector<Channel> channels_;
  std::unique_ptr<HostSide> host_;
  std::unique_ptr<CardSide> card_;
  std::unique_ptr<agent::AxiMemory> axi_;
  std::unique_ptr<StreamSide> streams_;
  ShareCheck share_;
  enum class Reset { None, Quiesce, On } reset_ = Reset::None;
  uint64_t reset_left_ = 0;                           // clocks of this state
  bool reset_seen_ = false;                           // the engine has had a clock of it
  std::vector<std::pair<uint64_t, uint8_t>> may_be_;  // bytes of card memory that it may change
  bool others_ = false;
  uint64_t others_left_ = 0;
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
                (rng_.chance(50) ? (uint64_t{1} << 40) - Places::kAxiBytes : 0)),
      channels_(dut_->channels()),
      share_(dut_->channels()) {
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
  if (knobs_.axi_fails) {  // where is read, and where is written
    constexpr uint64_t kRead = Places::kAxiStatic / kFailBytes,
                       kAll = Places::kAxiBytes / kFailBytes;
    for (const uint64_t place : {rng_.range(0, kRead - 1), rng_.range(kRead, kAll - 1)}) {
      fails_at_.push_back(axi_at + place * kFailBytes);
      axi_->add_error_range(
          {.base = {fails_at_.back()},
           .bytes = kFailBytes,
           .resp = rng_.chance(50) ? agent::AxiResp::SlvErr : agent::AxiResp::DecErr});
    }
  }
  make_channels(rng_);
  std::vector<env::DmaWatch*> watches;
  for (const Channel& channel : channels_) watches.push_back(channel.watch.get());
  streams_ = std::make_unique<StreamSide>(kernel, stream_ports(), watches, rng_.fork("streams"));
  reset_left_ = rng_.range(0, knobs_.reset_every);
  kernel.add(*this);
  dut_->module().reset();
}

void Episode::make_channels(agent::Rng& rng) {
  const unsigned count = dut_->channels();
  const unsigned at_top = static_cast<unsigned>(rng.range(0, 2 * count - 1));
  unsigned writers = 0, writer = 0;  // of card memory
  for (unsigned c = 0; c < count; ++c) writers += to_card(dut_->kind(c));
  for (unsigned c = 0; c < count; ++c) {
    Channel& channel = channels_[c];
    const DmaKind kind = dut_->kind(c);
    channel.events = std::make_unique<EventWatch>(fmt::format("channel {}", c));
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
                  .axi = axi_base_,
                  .part = to_card(kind) ? writer++ : 0,
                  .parts = writers};
    if (at_top == c) places.host_src = 0 - Places::kHostBytes;
    if (at_top == c + count) places.host_dst = 0 - Places::kHostBytes;
    std::vector<uint8_t> content(Places::kHostBytes);
    for (uint8_t& byte : content) byte = static_cast<uint8_t>(rng.u32());
    host_memory_.write({places.host_src}, content);
    channel.traffic = std::make_unique<ChannelTraffic>(
        *dut_, *channel.watch, host_memory_, rng.fork("traffic"),
        ChannelTraffic::Options{
            .channel = c,
            .descriptors = options_.descriptors / count + 1,
            .interferes = knobs_.interferes,
            .lone = rng.chance(8) && !knobs_.contends,
            .flat = knobs_.flat,
            .entries = {.big = rng.chance(25) || knobs_.contends, .bad = knobs_.bad},
            .places = places,
            .rings = far});
  }
}

std::vector<StreamSide::Port> Episode::stream_ports() {
  const auto outputs = dut_->stream_outputs(), inputs = dut_->stream_inputs();
  auto output = outputs.begin(), input = inputs.begin();
  std::vector<StreamSide::Port> ports;
  for (unsigned c = 0; c < dut_->channels(); ++c) {
    if (dut_->kind(c) == DmaKind::H2s) ports.push_back({.channel = c, .pins = *output++});
    if (dut_->kind(c) == DmaKind::S2h) ports.push_back({.channel = c, .pins = *input++});
  }
  return ports;
}

// A byte that a reset has left open becomes in the model what it has become.
uint8_t Episode::card_now(uint64_t card_addr) {
  if (card_addr >> 40 == 0) return card_->memory()[card_addr];
  uint8_t byte;
  axi_memory_.read({card_addr - (uint64_t{1} << 40)}, {&byte, 1});
  const uint64_t at = card_addr % axi_model_.size();
  const auto loose = loose_.find(at);
  if (loose != loose_.end() && loose->second.contains(byte)) axi_model_[at] = byte;
  return byte;
}

// Bursts are of whole beats.
bool Episode::card_fails(uint64_t card_addr, uint64_t bytes) const {
  if (card_addr >> 40 != 1) return false;
  const uint64_t beat = dut_->beat_bytes();
  const uint64_t at = card_addr - (uint64_t{1} << 40);
  const uint64_t first = at / beat * beat, past = (at + bytes + beat - 1) / beat * beat;
  return std::ranges::any_of(
      fails_at_, [&](uint64_t place) { return first < place + kFailBytes && place < past; });
}

// ---- What the engine asks

HostSide::SeenBy Episode::on_read(bool descriptor, const fields::ReadReq& req) {
  if (descriptor) {
    for (unsigned which = 0; which < channels_.size(); ++which) {
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
  if (mark.chan >= channels_.size()) {
    throw ScoreboardFault("a read of a channel that is not there");
  }
  const bool more = check_request(mark.chan, /*read=*/true, req.iova, req.bytes, req.attr);
  share_.request(mark.chan, more && !dut_->sta(mark.chan).halted);
  ++channels_[mark.chan].reads_open;
  return {mark.chan, &channels_[mark.chan].watch->data_read({req.iova}, req.bytes)};
}

void Episode::on_answer(const HostSide::SeenBy& by) {
  if (by.read->ended) --channels_[by.channel].reads_open;
  channels_[by.channel].watch->arrived(*by.read);
}

// It is one request of an open entry, cut as the page says, with the descriptor's attributes, and
// not of one that a fence holds back. True: a read, and surely not the last of its transfer.
bool Episode::check_request(unsigned which, bool read, uint64_t iova, uint32_t bytes,
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
  bool fenced = false, found = false, more = kind == DmaKind::H2c || kind == DmaKind::H2h;
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
      if (!read || kind == DmaKind::S2h) return false;
      for (const model::DmaChunk& chunk : model::split(kind, move, limits)) {
        if (chunk.src != iova || chunk.bytes != bytes) continue;
        found = true;
        more &= offset + bytes < move.bytes;
      }
    }
  }
  if (found) return more;
  throw ScoreboardFault(place() + fmt::format(", attributes {}: no entry that may begin wants "
                                              "that [R01][R55]",
                                              attr));
}

void Episode::on_write(bool record, const fields::WriteBeat& beat, std::vector<uint8_t> data) {
  const pcie::MemWrite write{.address = {beat.iova}, .data = std::move(data)};
  for (unsigned which = 0; which < channels_.size(); ++which) {
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
    if (entry.event) channel.events->event(now_);
  }
}

// Before its record is asked for, all that an entry moves to the card is there [R29].
void Episode::check_landed(unsigned which, const env::DmaWatch::Ended& entry) {
  const bool whole = !entry.record || entry.record->error == model::DmaError::Ok;
  for (const DmaMove& move : entry.landed) {
    for (uint64_t n = 0; n < move.bytes; ++n) {
      const uint64_t at = move.dst + n, axi_at = at % axi_model_.size();
      if (whole && at >> 40 != 0) loose_.erase(axi_at);  // behind all that was under way
      const uint8_t now = card_now(at);
      const uint8_t expected = at >> 40 == 0 ? card_model_[at] : axi_model_[axi_at];
      if (now == expected) continue;
      throw ScoreboardFault(fmt::format(
          "channel {}: card memory at {:#x} is {:#04x} at the end of its entry, and should be "
          "{:#04x} [R29]",
          which, at, now, expected));
    }
  }
}

// ---- Clock by clock

void Episode::sample() {
  ++now_;
  if (reset_ == Reset::On) return check_silence();
  for (unsigned which = 0; which < channels_.size(); ++which) {
    Channel& channel = channels_[which];
    const fields::Sta sta = dut_->sta(which);
    const fields::Ctl& ctl = channel.traffic->ctl();
    share_.share(which, ctl, sta.busy);
    if (sta.halted || ctl.abort_all || channel.watch->halted()) share_.forget(which);
    if (ctl.restart && channel.reads_open != 0) {
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
  if (const auto which = dut_->irq()) {
    ++result_.interrupts;
    channels_[*which].events->interrupt(now_, channels_[*which].traffic->ctl());
  }
  for (Channel& channel : channels_) channel.events->clock(now_, channel.traffic->ctl());
  if (now_ > progress_at_ + kStallBudget) throw dut::Timeout("no entry ends\n" + states());
}

void Episode::commit() {
  step_reset();
  if (reset_ != Reset::On) {
    for (Channel& channel : channels_) channel.traffic->commit();
  }
  drive_others();
  streams_->commit(finishing_);
  dut_->drive_pins();
}

void Episode::reset() {
  for (unsigned c = 0; c < channels_.size(); ++c) dut_->ctl(c, {});
  dut_->others(false);
  dut_->flush(false);
  dut_->drive_pins();
}

void Episode::drive_others() {
  if (knobs_.others == Others::Often) others_ = rng_.chance(30);
  if (knobs_.others == Others::LongWhiles && others_left_-- == 0) {
    others_ = !others_;
    others_left_ = rng_.range(1, 600);
  }
  others_ &= !finishing_;
  share_.others(others_);
  dut_->others(others_);
}

// ---- Function-level reset (docs/dma.md, "Stopping")

// As cw_function_reset goes about it: first nothing new leaves, then all is reset at once.
void Episode::step_reset() {
  if (knobs_.reset_every == 0 || (finishing_ && reset_ == Reset::None)) return;
  if (reset_ == Reset::Quiesce && !host_->writing()) reset_left_ = 0;
  if (reset_left_ != 0) {
    --reset_left_;
    return;
  }
  switch (reset_) {
    case Reset::None:
      reset_ = Reset::Quiesce;
      reset_left_ = rng_.chance(50) ? rng_.range(0, 5) : kQuiesceClocks;
      host_->stop(true);
      break;
    case Reset::Quiesce:
      reset_ = Reset::On;
      reset_left_ = kResetClocks + rng_.range(0, 8);
      begin_reset();
      break;
    case Reset::On:
      reset_ = Reset::None;
      reset_left_ = rng_.range(1, knobs_.reset_every);
      end_reset();
      break;
  }
}

// Nothing that is under way ends: the model forgets it, but for what may have come of it.
void Episode::begin_reset() {
  ++result_.resets;
  dut_->flush(true);
  host_->forget();
  for (unsigned which = 0; which < channels_.size(); ++which) {
    Channel& channel = channels_[which];
    dut_->ctl(which, {});
    if (channel.watch->started()) ++result_.under_way;
    const env::DmaWatch::Unfinished unfinished = channel.watch->reset();
    streams_->cut(which, unfinished.packets);
    for (const auto& [at, byte] : unfinished.card) {
      if (at >> 40 != 0) {
        loose_[at % axi_model_.size()].insert({byte, axi_model_[at % axi_model_.size()]});
      } else {
        may_be_.emplace_back(at, byte);
      }
    }
    if (channel.moved < channel.landed || channel.moved > channel.landed + unfinished.bytes) {
      throw ScoreboardFault(fmt::format("channel {}: MOVED counts {} bytes up to a reset, of {}",
                                        which, channel.moved, channel.landed));
    }
    channel.moved = channel.landed;
    channel.told_errors = channel.errors;
    channel.reads_open = 0;
    channel.head = 0;
    channel.events->forget();
    share_.forget(which);
  }
}

// From its second clock on a reset holds back everything but AXI4 and streams.
void Episode::check_silence() {
  if (!std::exchange(reset_seen_, true)) return;
  bool silent = !dut_->irq() && !dut_->card_write() && !dut_->card_read();
  for (unsigned client = 0; client < kReadClients; ++client) silent &= !dut_->read(client);
  for (unsigned port = 0; port < kWritePorts; ++port) silent &= !dut_->write(port);
  for (unsigned which = 0; which < channels_.size(); ++which) {
    const fields::Sta sta = dut_->sta(which);
    silent &= !sta.busy && !sta.halted && !sta.moved && !sta.entry_error && sta.head == 0;
  }
  if (!silent) throw ScoreboardFault("something goes on in a reset");
}

void Episode::end_reset() {
  reset_seen_ = false;
  dut_->flush(false);
  host_->stop(false);
  streams_->after_reset();
  for (const auto& [at, byte] : may_be_) {
    if (card_->memory()[at] == byte) card_model_[at] = byte;
  }
  may_be_.clear();
  check_card();
  for (Channel& channel : channels_) channel.traffic->reset();
  progress_at_ = now_;
}

std::string Episode::states() const {
  std::string text;
  for (const Channel& channel : channels_) text += channel.traffic->state() + "\n";
  return text;
}

// ---- The end

// Until nothing has come out of a stream for a while, and AXI4 has ended what a reset left to it;
// interrupts come in that time, too.
void Episode::drain() {
  uint64_t beats = 0;
  for (unsigned calm = 0, n = 0; calm < kCalmClocks && n < kDrainClocks; ++calm, ++n) {
    dut_->module().step();
    const uint64_t sum = streams_->beats_out();
    if (sum != beats || !axi_->idle()) calm = 0;
    beats = sum;
  }
}

void Episode::check_card() {
  const auto at = std::ranges::mismatch(card_->memory(), card_model_);
  if (at.in2 == card_model_.end()) return;
  throw ScoreboardFault(fmt::format("card memory at {:#x} is {:#04x}, and should be {:#04x}",
                                    at.in2 - card_model_.begin(), *at.in1, *at.in2));
}

void Episode::check_memories() {
  check_card();
  for (const auto& [at, values] : loose_) card_now(axi_base_ + at);
  std::vector<uint8_t> axi(axi_model_.size());
  axi_memory_.read({axi_base_ - (uint64_t{1} << 40)}, axi);
  if (axi != axi_model_) throw ScoreboardFault("memory behind AXI4 is not as it should be");
}

EpisodeResult Episode::run() {
  const auto all = [&](auto condition) { return std::ranges::all_of(channels_, condition); };
  while (reset_ != Reset::None || !all([](const Channel& c) { return c.traffic->done(); })) {
    dut_->module().step();
  }
  finishing_ = true;
  drain();
  for (unsigned which = 0; which < channels_.size(); ++which) {
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
  streams_->check();
  check_memories();
  result_.judged = share_.judged();
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
  resets += other.resets;
  under_way += other.under_way;
  judged += other.judged;
  faults += other.faults;
  trespasses += other.trespasses;
  for (const auto& [error, count] : other.errors) errors[error] += count;
}

EpisodeResult run_episode(const EpisodeOptions& options) { return Episode(options).run(); }

}  // namespace cw::dma
