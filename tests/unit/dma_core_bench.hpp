// SPDX-License-Identifier: Apache-2.0
//
// The engine's core with a fetch, books of entries, streams and takers of chunks around it. Every
// chunk and every close is held against the plan of its entry.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_cutting.hpp"

namespace cw::unit::dma {

struct CorePolicy {
  unsigned stall_percent = 0;            // of each path
  unsigned present_percent = 100;        // clocks in which a descriptor is on offer
  unsigned stream_percent = 100;         // clocks in which a stream moves
  unsigned unwanted_percent = 0;         // clocks in which a channel that wants none is offered one
  uint32_t stream_step = 4096;           // bytes that it moves
  unsigned land_low = 3, land_high = 3;  // clocks from a chunk to its landing
  unsigned stop_after = 0;               // clocks more from a refusal to the stop
};

template <class V, unsigned kChannels>
class CoreBench : public dut::Module<V> {
 public:
  using dut::Module<V>::pins;
  static constexpr uint32_t kRoom = 8192;  // bytes of a stream's buffer

  explicit CoreBench(CorePolicy policy = {}, uint64_t seed = 1)
      : dut::Module<V>(seed), policy(policy), rng_(seed, "core") {
    for (unsigned c = 0; c < kChannels; c++) channels[c].kind = c % 6;
    pins().max_payload_i = encoded(limits.payload);
    pins().max_read_i = encoded(limits.read);
    dut::clear_bits(pins().share_i);
    pins().yield_i = 0;
    pins().front_valid_i = pins().others_i = pins().chunk_ready_i = 0;
    pins().enable_i = (1u << kChannels) - 1;
    pins().stop_i = 0;
    drive_inputs();
    this->reset();
  }

  void set_limits(Limits value) {
    limits = value;
    pins().max_payload_i = encoded(limits.payload);
    pins().max_read_i = encoded(limits.read);
    this->step(dut::Cycles{2});  // they are registered
  }
  void share(unsigned chan, unsigned mode, unsigned level = 0, unsigned weight = 0) {
    dut::set_bits(pins().share_i, 8 * chan, 8, mode | level << 2 | weight << 4);
  }

  // An entry of these descriptors; the last gets its mark.
  void submit(unsigned chan, std::vector<Desc> descs) {
    std::vector<Front> entry;
    for (const Desc& d : descs) {
      entry.push_back({.chan = chan, .head = ++channels[chan].head, .desc = d});
      entry.back().desc.last = false;
    }
    entry.back().desc.last = true;
    submit(chan, entry);
  }
  void submit(unsigned chan, const std::vector<Front>& entry) {
    channels[chan].entries.push_back(entry);
  }

  void stop(unsigned chan) {
    pins().stop_i |= 1u << chan;
    channels[chan].halted = true;
  }
  // Clears what a restart clears; the entries not begun are forgotten.
  void restart(unsigned chan) {
    REQUIRE(quiet(chan));
    pins().stop_i &= ~(1u << chan);
    channels[chan].entries.clear();
    channels[chan].next = 0;
    channels[chan].halted = channels[chan].refused = false;
  }
  void enable(unsigned chan, bool value) {
    pins().enable_i =
        static_cast<uint16_t>((pins().enable_i & ~(1u << chan)) | unsigned{value} << chan);
  }

  bool quiet(unsigned chan) const {
    return channels[chan].open.empty() && !(model().begun_o >> chan & 1);
  }
  bool done() const {
    for (unsigned c = 0; c < kChannels; c++) {
      if (!quiet(c) || (!channels[c].halted && !channels[c].entries.empty())) return false;
    }
    return true;
  }

  // One clock: all around the core act on what it shows in it.
  void tick() {
    drive_inputs();
    offer();
    this->settle();
    if (pins().take_o) {
      REQUIRE(pins().front_valid_i);
      taken(offered_);
    }
    CHECK(bool(pins().open_valid_o) == opens_);
    opens_ = false;
    if (pins().close_valid_o) closed(close(pins().close_o));
    for (unsigned p = 0; p < 4; p++) {
      if (pins().chunk_valid_o >> p & pins().chunk_ready_i >> p & 1) {
        left(p, chunk(pins().chunk_o, p));
      }
    }
    move_streams();
    for (unsigned c = 0; c < kChannels; c++) {
      if (pins().refused_o >> c & 1) refused(c);
    }
    land();
    wanted_ = pins().want_o;
    this->step();
    this->settle();
    clock++;
  }
  void run(unsigned budget = 200'000) {
    for (unsigned n = 0; !done(); n++) {
      if (n == budget) throw dut::Timeout("the core's entries do not end" + state());
      tick();
    }
  }

  std::string state() const {
    std::string text;
    for (unsigned c = 0; c < kChannels; c++) {
      const Channel& channel = channels[c];
      if (quiet(c) && (channel.halted || channel.entries.empty())) continue;
      text += "; channel " + std::to_string(c) + ": begun " +
              std::to_string(model().begun_o >> c & 1) + ", open " +
              std::to_string(channel.open.size()) + ", to come " +
              std::to_string(channel.entries.size()) + (channel.halted ? ", halted" : "");
      if (!channel.open.empty()) {
        const OpenEntry& e = channel.open.front();
        text += ", landed " + std::to_string(e.landed) + " of " +
                (e.chunks ? std::to_string(*e.chunks) : "?");
      }
    }
    return text;
  }

  struct Seen {
    unsigned path = 0;
    Chunk chunk{};
    uint64_t clock = 0;
  };
  struct OpenEntry {
    Plan plan;
    unsigned packet_info = 0;  // H2s: of the first descriptor
    unsigned number = 0;
    size_t left = 0;  // chunks that have left their path
    size_t landed = 0;
    size_t highest = 0;              // of them, counted from 1
    std::optional<size_t> chunks{};  // once closed
  };
  struct Channel {
    unsigned kind = 0;
    uint16_t head = 0;
    std::deque<std::vector<Front>> entries;
    size_t next = 0;  // descriptor of the first entry
    bool halted = false, refused = false;
    unsigned stop_in = 0;  // clocks
    std::deque<OpenEntry> open;
    unsigned number = 0;  // entries opened
    StreamState stream;
    uint32_t avail = 0, room = kRoom;
    std::vector<Close> closes;
    std::map<unsigned, std::deque<std::pair<unsigned, size_t>>> queue;  // by path: entry, piece
  };

  CorePolicy policy;
  Limits limits;
  Card card;
  std::array<Channel, kChannels> channels;
  std::vector<Seen> seen;
  std::vector<Open> opens;
  uint64_t clock = 0;
  unsigned stalled_paths = 0;  // one bit each: takes nothing
  unsigned refusals = 0;

 private:
  const V& model() const { return const_cast<CoreBench*>(this)->pins(); }

  void offer() {
    pins().front_valid_i = 0;
    std::vector<unsigned> ready;
    for (unsigned c = 0; c < kChannels; c++) {
      const bool wants = (wanted_ >> c & 1) && !channels[c].halted;
      if (channels[c].entries.empty()) continue;
      if (wants || rng_.chance(policy.unwanted_percent)) ready.push_back(c);
    }
    if (ready.empty() || !rng_.chance(policy.present_percent)) return;
    turn_ = (turn_ + 1) % ready.size();
    offered_ = ready[turn_];
    drive(pins().front_i, channels[offered_].entries.front()[channels[offered_].next]);
    pins().front_valid_i = 1;
  }

  void drive_inputs() {
    unsigned room = 0, idle = 0, ready = 0;
    for (unsigned c = 0; c < kChannels; c++) {
      Channel& channel = channels[c];
      if (channel.stop_in != 0 && --channel.stop_in == 0) pins().stop_i |= 1u << c;
      room |= unsigned{channel.open.size() < 16} << c;
      idle |= unsigned{channel.open.empty()} << c;
      StreamIn in{.ptr = channel.stream.ptr};
      if (channel.kind == S2h && !channel.stream.packets.empty()) {
        const StreamPacket& packet = channel.stream.packets.front();
        in.avail = std::min(std::min(channel.avail, packet.left), 4096u);
        in.ends = in.avail != 0 && in.avail == packet.left;
        in.tid = packet.tid;
        in.tuser = packet.tuser;
      }
      drive(pins().stream_in_i, in, c);
      drive(pins().stream_out_i, StreamOut{.ptr = channel.stream.ptr, .room = channel.room}, c);
    }
    for (unsigned p = 0; p < 4; p++) {
      ready |= unsigned{!(stalled_paths >> p & 1) && !rng_.chance(policy.stall_percent)} << p;
    }
    pins().room_i = static_cast<uint16_t>(room);
    pins().idle_i = static_cast<uint16_t>(idle);
    pins().chunk_ready_i = static_cast<uint8_t>(ready);
  }

  void taken(unsigned chan) {
    Channel& channel = channels[chan];
    const std::vector<Front>& entry = channel.entries.front();
    const Front& front = entry[channel.next];
    opens_ = channel.next == 0;
    if (opens_) {
      if (front.desc.fence && front.error == Error::Ok) CHECK(channel.open.empty());
      CHECK((pins().enable_i >> chan & 1));
      const Open seen_open = open(pins().open_o);
      const bool readable = front.error == Error::Ok;
      CHECK(seen_open == Open{.quiet = readable && front.desc.quiet,
                              .irq = !readable || front.desc.irq,
                              .tag = readable ? front.desc.tag : 0,
                              .entry = channel.number % 16,
                              .chan = chan});
      opens.push_back(seen_open);
      Planner planner(channel.kind, chan, limits, card);
      OpenEntry begun{.plan = planner.plan(entry, channel.number % 16, channel.stream),
                      .packet_info = static_cast<uint16_t>(front.desc.dst),
                      .number = channel.number};
      for (size_t n = 0; n < begun.plan.pieces.size(); n++) {
        channel.queue[begun.plan.pieces[n].path].push_back({channel.number, n});
      }
      channel.open.push_back(begun);
      channel.number++;
      heads_[chan].clear();
    }
    heads_[chan].push_back(front.head);
    if (++channel.next == entry.size()) {
      channel.entries.pop_front();
      channel.next = 0;
    }
  }

  OpenEntry& entry_of(unsigned chan, unsigned number) {
    for (OpenEntry& e : channels[chan].open) {
      if (e.number % 16 == number % 16) return e;
    }
    FAIL("no entry " << number << " of channel " << chan << " is open");
    throw std::logic_error("unreachable");
  }

  void closed(const Close& c) {
    INFO("channel " << c.chan << " entry " << c.entry << " clock " << clock);
    OpenEntry& e = entry_of(c.chan, c.entry);
    REQUIRE_FALSE(e.chunks.has_value());
    const size_t planned = e.plan.pieces.size();
    if (c.error == Error::Aborted) {
      CHECK(c.chunks <= planned);
      CHECK((pins().stop_i >> c.chan & 1));
      CHECK(c.head == heads_[c.chan].back());
    } else {
      CHECK(c.chunks == planned % 1024);
      CHECK(c.error == e.plan.error);
      CHECK(c.head == e.plan.head);
      CHECK(c.packet_end == e.plan.packet_end);
      CHECK(c.packet_info == e.plan.packet_info);
    }
    e.chunks = c.error == Error::Aborted ? c.chunks : planned;
    CHECK(e.highest <= *e.chunks);
    for (auto& [path, queue] : channels[c.chan].queue) {
      std::erase_if(queue, [&](const auto& item) {
        return item.first == e.number && item.second >= *e.chunks;
      });
    }
    channels[c.chan].closes.push_back(c);
  }

  void left(unsigned path, const Chunk& c) {
    INFO("path " << path << " channel " << c.mark.chan << " clock " << clock);
    Channel& channel = channels.at(c.mark.chan);
    auto& queue = channel.queue[path];
    REQUIRE_FALSE(queue.empty());
    const auto [number, index] = queue.front();
    queue.pop_front();
    OpenEntry& e = entry_of(c.mark.chan, number);
    CHECK(c == e.plan.pieces[index].chunk);
    e.left++;
    e.highest = std::max(e.highest, index + 1);
    landings_.push_back(
        {clock + rng_.range(policy.land_low, policy.land_high), c.mark.chan, number});
    seen.push_back({path, c, clock});
  }

  void move_streams() {
    const auto bytes = static_cast<uint32_t>(pins().stream_bytes_o);
    const Reserve r = reserve(pins().reserve_o);
    for (unsigned c = 0; c < kChannels; c++) {
      Channel& channel = channels[c];
      if (pins().stream_take_o >> c & 1) {
        REQUIRE(bytes <= channel.avail);
        channel.avail -= bytes;
        channel.stream.take(bytes);
      }
      if (pins().reserve_valid_o >> c & 1) {
        REQUIRE(r.bytes <= channel.room);
        CHECK((r.tid | r.tuser << 8) == channel.open.back().packet_info);
        channel.room -= r.bytes;
        channel.stream.reserve(r.bytes, r.packet_end);
      }
      if (rng_.chance(policy.stream_percent)) {
        const auto step = static_cast<uint32_t>(rng_.range(1, policy.stream_step));
        channel.avail = std::min(channel.avail + step, kRoom);
        channel.room = std::min(channel.room + step, kRoom);
      }
      if (channel.stream.packets.size() < 64) {
        channel.stream.packets.push_back(
            {.left = static_cast<uint32_t>(rng_.range(1, uint64_t{1} << rng_.range(0, 12))),
             .tid = rng_.u32() & 255,
             .tuser = rng_.u32() & 255});
      }
    }
  }

  void refused(unsigned chan) {
    CHECK_FALSE(channels[chan].refused);  // a stop may come in the same clock
    channels[chan].refused = channels[chan].halted = true;
    channels[chan].stop_in = 1 + policy.stop_after;
    refusals++;
  }

  void land() {
    std::erase_if(landings_, [&](const Landing& l) {
      if (l.clock > clock) return false;
      entry_of(l.chan, l.number).landed++;
      return true;
    });
    for (Channel& channel : channels) {
      while (!channel.open.empty() && channel.open.front().chunks &&
             channel.open.front().landed == *channel.open.front().chunks) {
        channel.open.pop_front();
      }
    }
  }

  struct Landing {
    uint64_t clock = 0;
    unsigned chan = 0, number = 0;
  };

  agent::Rng rng_;
  std::vector<Landing> landings_;
  std::map<unsigned, std::vector<uint16_t>> heads_;
  unsigned offered_ = 0;
  size_t turn_ = 0;
  uint32_t wanted_ = ~0u;
  bool opens_ = false;
};

}  // namespace cw::unit::dma
