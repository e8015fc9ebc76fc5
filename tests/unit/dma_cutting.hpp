// SPDX-License-Identifier: Apache-2.0
//
// How a transfer is cut and what is refused, from docs/dma.md, "Cutting" and "Errors".
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <deque>
#include <vector>

#include "agent/rng.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {

enum DescKind : unsigned { Copy, Rows, Immediate };

struct Limits {
  uint32_t payload = 256, read = 512;  // bytes
};

// Encoding of Max_Payload_Size or Max_Read_Request_Size.
inline unsigned encoded(uint32_t bytes) {
  return static_cast<unsigned>(std::countr_zero(bytes)) - 7;
}

struct Card {
  uint64_t mem_bytes = 65536;
  bool axi = true;
};

inline bool reads_host(unsigned kind) { return kind == H2c || kind == H2h || kind == H2s; }
inline bool writes_host(unsigned kind) { return kind == C2h || kind == H2h || kind == S2h; }
inline bool reads_card(unsigned kind) { return kind == C2h || kind == C2c; }
inline bool writes_card(unsigned kind) { return kind == H2c || kind == C2c; }

inline uint64_t rows_arg(unsigned rows, uint32_t src_pitch, uint32_t dst_pitch) {
  return src_pitch | uint64_t{dst_pitch} << 24 | uint64_t{rows} << 48;
}

using Wide = unsigned __int128;
inline constexpr Wide kSpace = Wide{1} << 64;

// All of the rest where one request may carry it, else up to the next multiple of the limit.
inline uint64_t request_bytes(uint64_t address, uint64_t left, uint32_t limit) {
  const uint64_t dwords = (address % 4 + left + 3) / 4;
  if (dwords * 4 <= limit && address % 4096 + left <= 4096) return left;
  return std::min<uint64_t>(left, limit - address % limit);
}

inline uint64_t piece_bytes(unsigned kind, bool imm, uint64_t src, uint64_t dst, uint64_t left,
                            const Limits& limits) {
  uint64_t bytes = std::min<uint64_t>(left, 4096);
  if (kind == H2h) {
    const uint32_t limit = std::min(limits.payload, limits.read);
    if (!imm) bytes = std::min(bytes, request_bytes(src, left, limit));
    return std::min(bytes, request_bytes(dst, left, limit));
  }
  if (reads_host(kind) && !imm) bytes = request_bytes(src, left, limits.read);
  if (writes_host(kind)) bytes = request_bytes(dst, left, limits.payload);
  if (kind == C2c) {
    if (!imm) bytes = std::min(bytes, request_bytes(src, left, 512));
    bytes = std::min(bytes, 4096 - dst % 4096);
  }
  return bytes;
}

inline bool on_card(Wide address, uint64_t bytes, const Card& card) {
  const Wide axi = Wide{1} << 40;
  if (address + bytes <= card.mem_bytes) return true;
  return card.axi && address >= axi && address + bytes <= 2 * axi;
}

inline Error row_error(unsigned kind, bool imm, Wide src, Wide dst, uint64_t bytes,
                       const Card& card) {
  if (reads_host(kind) && !imm && src + bytes > kSpace) return Error::BadDesc;
  if (writes_host(kind) && dst + bytes > kSpace) return Error::BadDesc;
  if (reads_card(kind) && !imm && !on_card(src, bytes, card)) return Error::BadCard;
  if (writes_card(kind) && !on_card(dst, bytes, card)) return Error::BadCard;
  return Error::Ok;
}

inline Error descriptor_error(unsigned kind, const Desc& d) {
  const bool bad = d.rsvd != 0 || d.bytes == 0 || d.kind == 3 ||
                   (d.kind == Immediate && (d.bytes > 8 || kind == S2h)) ||
                   (d.kind == Rows && d.arg >> 48 == 0) ||
                   (d.chain && (d.last || d.kind != Copy || d.arg % 32 != 0));
  return bad ? Error::BadDesc : Error::Ok;
}

struct StreamPacket {
  uint32_t left = 0;
  unsigned tid = 0, tuser = 0;
};

// A channel's stream as its chunks find it: packets to come (S2h), the next address (both).
struct StreamState {
  std::deque<StreamPacket> packets;
  uint16_t ptr = 0;
  void take(uint32_t bytes) {
    ptr = static_cast<uint16_t>(ptr + bytes);
    packets.front().left -= bytes;
    if (packets.front().left == 0) {
      packets.pop_front();
      ptr = static_cast<uint16_t>((ptr + 63) / 64 * 64);
    }
  }
  void reserve(uint32_t bytes, bool packet_end) {
    ptr = static_cast<uint16_t>(ptr + bytes);
    if (packet_end) ptr = static_cast<uint16_t>((ptr + 63) / 64 * 64);
  }
};

struct Piece {
  Chunk chunk;
  unsigned path = PathHost;
  bool operator==(const Piece&) const = default;
};

// All that an entry comes to, as far as nothing stops it.
struct Plan {
  std::vector<Piece> pieces;
  Error error = Error::Ok;
  uint16_t head = 0;
  bool packet_end = false;
  unsigned packet_info = 0;
  size_t descriptors = 0;  // looked at
};

inline unsigned path_of(unsigned kind, bool imm, uint64_t src) {
  if (imm) return PathImm;
  if (reads_host(kind)) return PathHost;
  return kind != S2h && (src >> 40 & 1) ? PathAxi : PathCard;
}

class Planner {
 public:
  Planner(unsigned kind, unsigned chan, Limits limits, Card card)
      : kind_(kind), chan_(chan), limits_(limits), card_(card) {}

  Plan plan(const std::vector<Front>& entry, unsigned number, StreamState stream) {
    plan_ = {};
    for (const Front& front : entry) {
      plan_.head = front.head;
      plan_.error = front.error;
      if (plan_.descriptors++ == 256) plan_.error = Error::ChainLong;
      if (plan_.error == Error::Ok) plan_.error = descriptor_error(kind_, front.desc);
      if (plan_.error != Error::Ok) return plan_;
      const Mark mark{.entry = number, .chan = chan_, .attr = front.desc.attr};
      transfer(front.desc, mark, stream);
      if (plan_.error != Error::Ok) return plan_;
    }
    return plan_;
  }

 private:
  void transfer(const Desc& d, Mark mark, StreamState& stream) {
    const bool imm = d.kind == Immediate;
    const unsigned rows = d.kind == Rows ? d.arg >> 48 : 1;
    const bool passed = plan_.packet_end;
    Wide row_src = d.src, row_dst = d.dst;
    for (unsigned row = 0; row < rows; row++) {
      plan_.error = row_error(kind_, imm, row_src, row_dst, d.bytes, card_);
      if (plan_.error != Error::Ok || passed) return;
      for (uint64_t done = 0; done < d.bytes;) {
        const auto src = static_cast<uint64_t>(row_src + done);
        const auto dst = static_cast<uint64_t>(row_dst + done);
        uint64_t bytes = piece_bytes(kind_, imm, src, dst, d.bytes - done, limits_);
        Chunk chunk{.mark = mark, .src = src, .dst = dst};
        bool packet_end = false;
        if (kind_ == S2h) {
          const StreamPacket packet = stream.packets.front();
          packet_end = packet.left <= bytes;
          bytes = std::min<uint64_t>(bytes, packet.left);
          chunk.src = stream.ptr;
          stream.take(static_cast<uint32_t>(bytes));
          if (packet_end) plan_.packet_info = packet.tid | packet.tuser << 8;
        }
        chunk.bytes = static_cast<uint32_t>(bytes);
        if (imm) chunk.src = d.arg, chunk.lane = static_cast<unsigned>(done);
        if (kind_ == H2s) {
          chunk.dst = stream.ptr;
          chunk.mark.packet_end = d.last && row + 1 == rows && done + bytes == d.bytes;
          stream.reserve(chunk.bytes, chunk.mark.packet_end);
        }
        plan_.pieces.push_back({chunk, path_of(kind_, imm, d.src)});
        done += bytes;
        if (packet_end) {
          plan_.packet_end = true;
          return;
        }
      }
      row_src += d.arg & 0xff'ffff;
      row_dst += d.arg >> 24 & 0xff'ffff;
    }
  }

  unsigned kind_, chan_;
  Limits limits_;
  Card card_;
  Plan plan_;
};

// Descriptors of a kind of channel: mostly good, often at the edges.
struct DescSource {
  agent::Rng rng;
  Card card;
  unsigned bad_percent = 0;

  uint64_t host(uint64_t span) {
    switch (rng.range(0, 5)) {
      case 0:
        return ~uint64_t{0} - span + 1;  // up to the last byte
      case 1:
        return uint64_t{0x1'0000'0000} - rng.range(0, 5000);
      default:
        return (rng.u64() >> rng.range(8, 40)) & ~(rng.chance(50) ? 63ull : 0ull);
    }
  }
  uint64_t card_side(uint64_t span) {
    const uint64_t window = uint64_t{1} << 40;
    const bool axi = card.axi && rng.chance(40);
    const uint64_t base = axi ? window : 0, size = axi ? window : card.mem_bytes;
    if (span > size) return base;
    if (rng.chance(20)) return base + size - span;
    return base + rng.range(0, std::min<uint64_t>(size - span, 1 << 20));
  }

  Desc desc(unsigned kind, bool last) {
    Desc d{.tag = rng.u32() & 0xffff, .last = last, .attr = rng.u32() & 7};
    d.irq = rng.chance(50);
    d.quiet = rng.chance(30);
    d.fence = rng.chance(10);
    d.phase = rng.chance(50);
    const uint64_t draw = rng.range(0, 9);
    d.kind = draw < 5 ? Copy : draw < 8 || kind == S2h ? Rows : Immediate;
    d.bytes = static_cast<uint32_t>(rng.range(1, uint64_t{1} << rng.range(0, 11)));
    if (d.kind == Immediate) d.bytes = static_cast<uint32_t>(rng.range(1, 8));
    uint64_t src_span = d.bytes, dst_span = d.bytes;
    d.arg = rng.u64();
    if (d.kind == Copy && !last && rng.chance(20)) d.chain = true, d.arg &= ~uint64_t{31};
    if (d.kind == Rows) {
      d.bytes = (d.bytes + 3) / 4;
      const auto rows = static_cast<unsigned>(rng.range(1, 6));
      const auto pitch = [&] { return static_cast<uint32_t>(rng.range(0, 2 * d.bytes)); };
      const uint32_t src_pitch = pitch(), dst_pitch = pitch();
      d.arg = rows_arg(rows, src_pitch, dst_pitch);
      src_span = uint64_t{rows - 1} * src_pitch + d.bytes;
      dst_span = uint64_t{rows - 1} * dst_pitch + d.bytes;
    }
    if (rng.chance(bad_percent)) {  // some row goes beyond what is there
      if (rng.chance(50)) src_span -= std::min<uint64_t>(src_span, rng.range(1, 8));
      if (rng.chance(50)) dst_span -= std::min<uint64_t>(dst_span, rng.range(1, 8));
    }
    d.src = reads_card(kind) ? card_side(src_span) : host(src_span);
    d.dst = writes_card(kind) ? card_side(dst_span) : host(dst_span);
    if (rng.chance(bad_percent)) {
      switch (rng.range(0, 4)) {
        case 0:
          d.rsvd = 1u << rng.range(0, 4);
          break;
        case 1:
          d.bytes = 0;
          break;
        case 2:
          d.kind = 3;
          break;
        case 3:
          d.chain = true;
          break;
        default:
          if (d.kind != Immediate) d.kind = Rows, d.arg = 0;
          break;
      }
    }
    return d;
  }
};

}  // namespace cw::unit::dma
