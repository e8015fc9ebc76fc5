// SPDX-License-Identifier: Apache-2.0
//
// Packets of bytes between the DMA engine's sources and sinks: cut into beats, put together again,
// and made up at random.
#pragma once

#include <deque>
#include <numeric>
#include <optional>
#include <vector>

#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {

using Bytes = std::vector<uint8_t>;

// Channels of the tests: as cw_dma_pkg::every_kind().
inline Kind kind_of(unsigned chan) { return static_cast<Kind>(chan % 6); }
inline bool to_host(unsigned chan) {
  const Kind kind = kind_of(chan);
  return kind == C2h || kind == H2h || kind == S2h;
}
inline bool from_host(unsigned chan) {
  const Kind kind = kind_of(chan);
  return kind == H2c || kind == H2h || kind == H2s;
}

constexpr uint64_t kAxi = uint64_t{1} << 40;  // the bit of an address on the card

inline Bytes random_bytes(agent::Rng& rng, size_t count) {
  Bytes bytes(count);
  for (auto& byte : bytes) byte = static_cast<uint8_t>(rng.u32());
  return bytes;
}
inline Mark random_mark(agent::Rng& rng) {
  return {.entry = static_cast<unsigned>(rng.range(0, 15)),
          .chan = static_cast<unsigned>(rng.range(0, 15)),
          .attr = static_cast<unsigned>(rng.range(0, 7)),
          .packet_end = rng.chance(30)};
}
// Mostly short: what is at the ends of a packet matters.
inline uint32_t random_count(agent::Rng& rng, uint32_t most) {
  const uint32_t limit = rng.pick(std::array<uint32_t, 4>{8, 64, 200, most});
  return static_cast<uint32_t>(rng.range(1, std::min(limit, most)));
}

struct Packet {
  Mark mark{};
  uint64_t dest = 0;
  unsigned lane = 0;
  bool last = true;
  Error error = Error::Ok;
  Bytes bytes;
  bool operator==(const Packet&) const = default;
};

inline Landed landed_of(const Packet& p) {
  return {.chan = p.mark.chan,
          .entry = p.mark.entry,
          .bytes = static_cast<uint32_t>(p.bytes.size()),
          .ends = p.last,
          .error = p.error};
}

// Cuts packets into beats.
class PacketGiver {
 public:
  explicit PacketGiver(unsigned beat_bytes) : beat_bytes_(beat_bytes) {}
  void send(Packet packet) { queue_.push_back(std::move(packet)); }
  bool idle() const { return queue_.empty(); }
  PacketBeat beat() const {
    const Packet& p = queue_.front();
    return {.mark = p.mark,
            .dest = p.dest,
            .lane = p.lane,
            .bytes = static_cast<uint32_t>(p.bytes.size()),
            .sop = at_ == 0,
            .eop = at_ + beat_bytes_ >= p.lane + p.bytes.size(),
            .last = p.last,
            .error = p.error};
  }
  Bytes lanes() const {  // junk around what counts
    const Packet& p = queue_.front();
    Bytes lanes(beat_bytes_, 0xcc);
    for (size_t n = 0; n < beat_bytes_; ++n) {
      const size_t byte = at_ + n;
      if (byte >= p.lane && byte < p.lane + p.bytes.size()) lanes[n] = p.bytes[byte - p.lane];
    }
    return lanes;
  }
  void taken() {
    const bool eop = beat().eop;
    at_ = eop ? 0 : at_ + beat_bytes_;
    if (eop) queue_.pop_front();
  }

 private:
  size_t beat_bytes_, at_ = 0;
  std::deque<Packet> queue_;
};

// Puts packets together again.
class PacketTaker {
 public:
  std::vector<Packet> packets;
  bool inside() const { return inside_; }

  void take(const PacketBeat& beat, const Bytes& lanes) {
    REQUIRE(beat.sop == !inside_);
    if (beat.sop) {
      now_ = {.mark = beat.mark,
              .dest = beat.dest,
              .lane = beat.lane,
              .last = beat.last,
              .error = beat.error,
              .bytes = {}};
      bytes_ = beat.bytes;
    }
    PacketBeat constant = beat;
    constant.sop = constant.eop = true;
    REQUIRE(constant == PacketBeat{.mark = now_.mark,
                                   .dest = now_.dest,
                                   .lane = now_.lane,
                                   .bytes = bytes_,
                                   .last = now_.last,
                                   .error = now_.error});
    for (size_t n = beat.sop ? beat.lane : 0; n < lanes.size() && now_.bytes.size() < bytes_; ++n) {
      now_.bytes.push_back(lanes[n]);
    }
    inside_ = !beat.eop;
    REQUIRE(beat.eop == (now_.bytes.size() == bytes_));
    if (beat.eop) packets.push_back(now_);
  }

 private:
  Packet now_;
  uint32_t bytes_ = 0;
  bool inside_ = false;
};

// Card memory, or a stream's buffer: what is asked for comes two clocks later.
class TwoClocks {
 public:
  void ask(Bytes beat) { asked_ = std::move(beat); }
  // After every clock: what comes in the next.
  std::optional<Bytes> step() {
    std::optional<Bytes> out = std::move(coming_);
    coming_ = std::move(asked_);
    asked_.reset();
    return out;
  }

 private:
  std::optional<Bytes> asked_, coming_;
};

}  // namespace cw::unit::dma
