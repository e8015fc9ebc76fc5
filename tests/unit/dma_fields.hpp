// SPDX-License-Identifier: Apache-2.0
//
// The packed structs between the DMA engine's stations, and at its ports, as plain values.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dut/bits.hpp"

namespace cw::unit::dma {

enum Client : unsigned { ClientData, ClientDesc };
enum WriteClient : unsigned { WrMsix, WrRecord, WrData };
enum Status : unsigned { RdOk, RdUr, RdCa, RdPoisoned, RdTimeout, RdLied };
enum Kind : unsigned { H2c, C2h, H2h, C2c, H2s, S2h };
enum Path : unsigned { PathHost, PathCard, PathImm, PathAxi };

// dma_error_e
enum class Error : unsigned {
  Ok,
  BadDesc,
  BadCard,
  ChainLong,
  DescFetch,
  ReadUr,
  ReadCa,
  Poisoned,
  Timeout,
  ReadLied,
  Stale,
  CardError,
  Aborted
};

// One field after the other, from the least significant bit on.
template <class Port>
class FieldReader {
 public:
  FieldReader(const Port& port, unsigned lsb) : port_(port), at_(lsb) {}
  uint64_t wide(unsigned width) {
    const uint64_t value = dut::get_bits(port_, at_, width);
    at_ += width;
    return value;
  }
  uint32_t operator()(unsigned width) { return static_cast<uint32_t>(wide(width)); }
  bool bit() { return wide(1) != 0; }
  Error error() { return static_cast<Error>(wide(8)); }

 private:
  const Port& port_;
  unsigned at_;
};
template <class Port>
class FieldWriter {
 public:
  FieldWriter(Port& port, unsigned lsb) : port_(port), at_(lsb) {}
  void operator()(unsigned width, uint64_t value) {
    dut::set_bits(port_, at_, width, value);
    at_ += width;
  }
  void error(Error value) { (*this)(8, static_cast<uint64_t>(value)); }

 private:
  Port& port_;
  unsigned at_;
};

// mark_t; attr: ID-based ordering 4, relaxed ordering 2, no snoop 1
struct Mark {
  static constexpr unsigned kBits = 12;
  unsigned entry = 0, chan = 0, attr = 0;
  bool packet_end = false;
  bool operator==(const Mark&) const = default;
  unsigned bits() const { return entry | chan << 4 | attr << 8 | unsigned{packet_end} << 11; }
  static Mark of(uint64_t v) {
    return {.entry = static_cast<unsigned>(v & 15),
            .chan = static_cast<unsigned>(v >> 4 & 15),
            .attr = static_cast<unsigned>(v >> 8 & 7),
            .packet_end = (v >> 11 & 1) != 0};
  }
};

// rd_req_t
struct ReadReq {
  static constexpr unsigned kBits = 156;
  uint64_t iova = 0;
  uint32_t bytes = 0;
  uint64_t dest = 0;
  unsigned mark = 0, attr = 0;
  bool operator==(const ReadReq&) const = default;
};

template <class Port>
ReadReq read_req(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * ReadReq::kBits);
  ReadReq r;
  r.mark = field(12);
  r.dest = field.wide(64);
  r.bytes = field(13);
  r.iova = field.wide(64);
  r.attr = field(3);
  return r;
}

// rd_rsp_t
struct ReadRsp {
  unsigned client = 0, mark = 0;
  uint64_t dest = 0;
  unsigned offset = 0, bytes = 0;
  bool sop = true, eop = true, last = true;
  unsigned status = RdOk;
};

template <class Port>
void drive(Port& port, const ReadRsp& r) {
  FieldWriter field(port, 0);
  field(3, r.status);
  field(1, r.last);
  field(1, r.eop);
  field(1, r.sop);
  field(13, r.bytes);
  field(2, r.offset);
  field(64, r.dest);
  field(12, r.mark);
  field(1, r.client);
}

// wr_beat_t
struct WriteBeat {
  static constexpr unsigned kBits = 85;
  uint64_t iova = 0;
  uint32_t bytes = 0;
  bool sop = false, eop = false;
  unsigned attr = 0, fn = 0;
  bool operator==(const WriteBeat&) const = default;
};

template <class Port>
WriteBeat write_beat(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * WriteBeat::kBits);
  WriteBeat w;
  w.eop = field.bit();
  w.sop = field.bit();
  w.bytes = field(13);
  w.iova = field.wide(64);
  w.attr = field(3);
  w.fn = field(3);
  return w;
}

// dma_ctl_t
struct Ctl {
  static constexpr unsigned kBits = 185;
  bool enable = false, restart = false, irq_enable = true, abort_all = false;
  uint64_t ring = 0, records = 0;
  unsigned ring_log2 = 3;
  bool tail_write = false;
  uint16_t tail = 0;
  unsigned count = 0, timer = 0;             // moderation_t
  unsigned mode = 0, level = 0, weight = 0;  // share_t
  bool operator==(const Ctl&) const = default;
};

template <class Port>
void drive(Port& port, const Ctl& c, unsigned index = 0) {
  FieldWriter field(port, index * Ctl::kBits);
  field(16, c.tail);
  field(1, c.tail_write);
  field(4, c.ring_log2);
  field(64, c.records);
  field(64, c.ring);
  field(1, c.abort_all);
  field(1, c.restart);
  field(1, c.enable);
  field(1, c.irq_enable);
  field(8, c.count);
  field(16, c.timer);
  field(2, c.mode);
  field(2, c.level);
  field(4, c.weight);
}

template <class Port>
Ctl ctl(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * Ctl::kBits);
  Ctl c;
  c.tail = static_cast<uint16_t>(field(16));
  c.tail_write = field.bit();
  c.ring_log2 = field(4);
  c.records = field.wide(64);
  c.ring = field.wide(64);
  c.abort_all = field.bit();
  c.restart = field.bit();
  c.enable = field.bit();
  c.irq_enable = field.bit();
  c.count = field(8);
  c.timer = field(16);
  c.mode = field(2);
  c.level = field(2);
  c.weight = field(4);
  return c;
}

// dma_sta_t
struct Sta {
  static constexpr unsigned kBits = 34;
  uint32_t moved_bytes = 0;
  bool moved = false;
  uint16_t head = 0;
  bool entry_error = false, bad_doorbell = false, halted = false, busy = false;
};

template <class Port>
Sta sta(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * Sta::kBits);
  Sta s;
  s.moved_bytes = field(13);
  s.moved = field.bit();
  s.head = static_cast<uint16_t>(field(16));
  s.entry_error = field.bit();
  s.bad_doorbell = field.bit();
  s.halted = field.bit();
  s.busy = field.bit();
  return s;
}

template <class Port>
void drive(Port& port, const Sta& s, unsigned index = 0) {
  FieldWriter field(port, index * Sta::kBits);
  field(13, s.moved_bytes);
  field(1, s.moved);
  field(16, s.head);
  field(1, s.entry_error);
  field(1, s.bad_doorbell);
  field(1, s.halted);
  field(1, s.busy);
}

// desc_t
struct Desc {
  static constexpr unsigned kBits = 256;
  uint64_t src = 0, dst = 0, arg = 0;
  uint32_t bytes = 0;
  unsigned tag = 0;
  unsigned kind = 0;  // 0: Copy, 1: Rows, 2: Immediate
  bool last = true, chain = false, irq = false, fence = false, quiet = false;
  unsigned attr = 0, rsvd = 0;
  bool phase = false;
  bool operator==(const Desc&) const = default;
};

template <class Port>
void drive(Port& port, const Desc& d, unsigned lsb = 0) {
  FieldWriter field(port, lsb);
  field(64, d.src);
  field(64, d.dst);
  field(64, d.arg);
  field(32, d.bytes);
  field(16, d.tag);
  field(2, d.kind);
  field(1, d.last);
  field(1, d.chain);
  field(1, d.irq);
  field(1, d.fence);
  field(1, d.quiet);
  field(3, d.attr);
  field(5, d.rsvd);
  field(1, d.phase);
}

template <class Port>
Desc desc(const Port& port, unsigned lsb = 0) {
  FieldReader field(port, lsb);
  Desc d;
  d.src = field.wide(64);
  d.dst = field.wide(64);
  d.arg = field.wide(64);
  d.bytes = field(32);
  d.tag = field(16);
  d.kind = field(2);
  d.last = field.bit();
  d.chain = field.bit();
  d.irq = field.bit();
  d.fence = field.bit();
  d.quiet = field.bit();
  d.attr = field(3);
  d.rsvd = field(5);
  d.phase = field.bit();
  return d;
}

// front_t
struct Front {
  unsigned chan = 0;
  uint16_t head = 0;
  bool linked = false;
  Error error = Error::Ok;
  Desc desc{};
  bool operator==(const Front&) const = default;
};

template <class Port>
void drive(Port& port, const Front& f) {
  FieldWriter field(port, 0);
  field(4, f.chan);
  field(16, f.head);
  field(1, f.linked);
  field.error(f.error);
  drive(port, f.desc, 29);
}

template <class Port>
Front front(const Port& port) {
  FieldReader field(port, 0);
  Front f;
  f.chan = field(4);
  f.head = static_cast<uint16_t>(field(16));
  f.linked = field.bit();
  f.error = field.error();
  f.desc = desc(port, 29);
  return f;
}

// open_t
struct Open {
  bool quiet = false, irq = false;
  unsigned tag = 0, entry = 0, chan = 0;
  bool operator==(const Open&) const = default;
};

template <class Port>
void drive(Port& port, const Open& o) {
  FieldWriter field(port, 0);
  field(1, o.quiet);
  field(1, o.irq);
  field(16, o.tag);
  field(4, o.entry);
  field(4, o.chan);
}

template <class Port>
Open open(const Port& port) {
  FieldReader field(port, 0);
  Open o;
  o.quiet = field.bit();
  o.irq = field.bit();
  o.tag = field(16);
  o.entry = field(4);
  o.chan = field(4);
  return o;
}

// close_t
struct Close {
  unsigned packet_info = 0;
  bool packet_end = false;
  uint16_t head = 0;
  Error error = Error::Ok;
  unsigned chunks = 0, entry = 0, chan = 0;
  bool operator==(const Close&) const = default;
};

template <class Port>
void drive(Port& port, const Close& c) {
  FieldWriter field(port, 0);
  field(16, c.packet_info);
  field(1, c.packet_end);
  field(16, c.head);
  field.error(c.error);
  field(10, c.chunks);
  field(4, c.entry);
  field(4, c.chan);
}

template <class Port>
Close close(const Port& port) {
  FieldReader field(port, 0);
  Close c;
  c.packet_info = field(16);
  c.packet_end = field.bit();
  c.head = static_cast<uint16_t>(field(16));
  c.error = field.error();
  c.chunks = field(10);
  c.entry = field(4);
  c.chan = field(4);
  return c;
}

// ended_t
struct Ended {
  unsigned packet_info = 0;
  bool packet_end = false, quiet = false, irq = false;
  unsigned tag = 0;
  uint16_t head = 0;
  Error error = Error::Ok;
  uint64_t bytes = 0;
  bool operator==(const Ended&) const = default;
};

template <class Port>
Ended ended(const Port& port) {
  FieldReader field(port, 0);
  Ended e;
  e.packet_info = field(16);
  e.packet_end = field.bit();
  e.quiet = field.bit();
  e.irq = field.bit();
  e.tag = field(16);
  e.head = static_cast<uint16_t>(field(16));
  e.error = field.error();
  e.bytes = field.wide(56);
  return e;
}

// record_t, as its bytes lie in memory
struct Record {
  static constexpr unsigned kBytes = 16;
  uint64_t bytes_done = 0;
  unsigned packet_info = 0, tag = 0;
  uint16_t head = 0;
  Error error = Error::Ok;
  bool packet_end = false;
  unsigned rsvd = 0;
  bool phase = false;
  bool operator==(const Record&) const = default;
};

inline Record record(std::span<const uint8_t> bytes) {
  const auto field = [&](unsigned first, unsigned count) {
    uint64_t value = 0;
    for (unsigned n = 0; n < count; n++) value |= uint64_t{bytes[first + n]} << 8 * n;
    return value;
  };
  return {.bytes_done = field(0, 8),
          .packet_info = static_cast<unsigned>(field(8, 2)),
          .tag = static_cast<unsigned>(field(10, 2)),
          .head = static_cast<uint16_t>(field(12, 2)),
          .error = static_cast<Error>(bytes[14]),
          .packet_end = (bytes[15] & 1) != 0,
          .rsvd = static_cast<unsigned>(bytes[15] >> 1 & 0x3f),
          .phase = (bytes[15] & 0x80) != 0};
}

// chunk_t
struct Chunk {
  static constexpr unsigned kBits = 156;
  Mark mark{};
  uint64_t src = 0, dst = 0;
  uint32_t bytes = 0;
  unsigned lane = 0;
  bool operator==(const Chunk&) const = default;
};

template <class Port>
void drive(Port& port, const Chunk& c, unsigned index = 0) {
  FieldWriter field(port, index * Chunk::kBits);
  field(3, c.lane);
  field(13, c.bytes);
  field(64, c.dst);
  field(64, c.src);
  field(12, c.mark.bits());
}

template <class Port>
Chunk chunk(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * Chunk::kBits);
  Chunk c;
  c.lane = field(3);
  c.bytes = field(13);
  c.dst = field.wide(64);
  c.src = field.wide(64);
  c.mark = Mark::of(field(12));
  return c;
}

// job_t
struct Job {
  static constexpr unsigned kBits = 85;
  uint32_t bytes = 0, dst_pitch = 0, src_pitch = 0;
  unsigned attr = 0;
  bool imm = false, last = false;
  bool operator==(const Job&) const = default;
};

template <class Port>
void drive(Port& port, const Job& j, unsigned lsb = 0) {
  FieldWriter field(port, lsb);
  field(1, j.last);
  field(1, j.imm);
  field(3, j.attr);
  field(24, j.src_pitch);
  field(24, j.dst_pitch);
  field(32, j.bytes);
}

template <class Port>
Job job(const Port& port, unsigned lsb = 0) {
  FieldReader field(port, lsb);
  Job j;
  j.last = field.bit();
  j.imm = field.bit();
  j.attr = field(3);
  j.src_pitch = field(24);
  j.dst_pitch = field(24);
  j.bytes = field(32);
  return j;
}

// rest_t
struct Rest {
  static constexpr unsigned kBits = 179;
  uint64_t src = 0, dst = 0;
  bool src_past = false, dst_past = false;
  uint32_t left = 0;
  unsigned rows = 1;
  bool begins = true;
  bool operator==(const Rest&) const = default;
};

template <class Port>
void drive(Port& port, const Rest& r, unsigned lsb = 0) {
  FieldWriter field(port, lsb);
  field(1, r.begins);
  field(16, r.rows);
  field(32, r.left);
  field(1, r.dst_past);
  field(1, r.src_past);
  field(64, r.dst);
  field(64, r.src);
}

template <class Port>
Rest rest(const Port& port, unsigned lsb = 0) {
  FieldReader field(port, lsb);
  Rest r;
  r.begins = field.bit();
  r.rows = field(16);
  r.left = field(32);
  r.dst_past = field.bit();
  r.src_past = field.bit();
  r.dst = field.wide(64);
  r.src = field.wide(64);
  return r;
}

// cut_t
struct CutChunk {
  static constexpr unsigned kBits = 84, kStepBits = 33;
  int64_t src_step = 0, dst_step = 0;
  uint32_t bytes = 0;
  unsigned lane = 0;
  bool row_over = false, over = false;
  bool operator==(const CutChunk&) const = default;
};

template <class Port>
void drive(Port& port, const CutChunk& c, unsigned lsb = 0) {
  FieldWriter field(port, lsb);
  field(1, c.over);
  field(1, c.row_over);
  field(3, c.lane);
  field(13, c.bytes);
  constexpr uint64_t kMask = (uint64_t{1} << CutChunk::kStepBits) - 1;
  field(CutChunk::kStepBits, static_cast<uint64_t>(c.dst_step) & kMask);
  field(CutChunk::kStepBits, static_cast<uint64_t>(c.src_step) & kMask);
}

template <class Port>
CutChunk cut_chunk(const Port& port, unsigned lsb = 0) {
  FieldReader field(port, lsb);
  CutChunk c;
  c.over = field.bit();
  c.row_over = field.bit();
  c.lane = field(3);
  c.bytes = field(13);
  const auto step = [&] {
    constexpr unsigned kAbove = 64 - CutChunk::kStepBits;
    return static_cast<int64_t>(field.wide(CutChunk::kStepBits) << kAbove) >> kAbove;
  };
  c.dst_step = step();
  c.src_step = step();
  return c;
}

// held_t
struct Held {
  Job job{};
  Rest rest{};
  CutChunk cut{};
  bool operator==(const Held&) const = default;
};

template <class Port>
void drive(Port& port, const Held& h) {
  drive(port, h.cut, 0);
  drive(port, h.rest, CutChunk::kBits);
  drive(port, h.job, CutChunk::kBits + Rest::kBits);
}

template <class Port>
Held held(const Port& port) {
  return {.job = job(port, CutChunk::kBits + Rest::kBits),
          .rest = rest(port, CutChunk::kBits),
          .cut = cut_chunk(port)};
}

// start_t
struct Start {
  unsigned chan = 0;
  bool first = true;
  Job job{};
  Rest rest{};
  bool operator==(const Start&) const = default;
};

template <class Port>
void drive(Port& port, const Start& s) {
  drive(port, s.rest, 0);
  drive(port, s.job, Rest::kBits);
  FieldWriter field(port, Rest::kBits + Job::kBits);
  field(1, s.first);
  field(4, s.chan);
}

template <class Port>
Start start(const Port& port) {
  FieldReader field(port, Rest::kBits + Job::kBits);
  Start s;
  s.rest = rest(port, 0);
  s.job = job(port, Rest::kBits);
  s.first = field.bit();
  s.chan = field(4);
  return s;
}

// step_t
struct Step {
  unsigned chan = 0;
  bool chunk = false, over = false, last = false, packet_end = false;
  unsigned packet_info = 0;
  Error error = Error::Ok;
  bool operator==(const Step&) const = default;
};

template <class Port>
void drive(Port& port, const Step& s) {
  FieldWriter field(port, 0);
  field.error(s.error);
  field(16, s.packet_info);
  field(1, s.packet_end);
  field(1, s.last);
  field(1, s.over);
  field(1, s.chunk);
  field(4, s.chan);
}

template <class Port>
Step step(const Port& port) {
  FieldReader field(port, 0);
  Step s;
  s.error = field.error();
  s.packet_info = field(16);
  s.packet_end = field.bit();
  s.last = field.bit();
  s.over = field.bit();
  s.chunk = field.bit();
  s.chan = field(4);
  return s;
}

// packet_t
struct PacketBeat {
  static constexpr unsigned kBits = 106;
  Mark mark{};
  uint64_t dest = 0;
  unsigned lane = 0;
  uint32_t bytes = 0;
  bool sop = true, eop = true, last = true;
  Error error = Error::Ok;
  bool operator==(const PacketBeat&) const = default;
};

template <class Port>
void drive(Port& port, const PacketBeat& p, unsigned index = 0) {
  FieldWriter field(port, index * PacketBeat::kBits);
  field.error(p.error);
  field(1, p.last);
  field(1, p.eop);
  field(1, p.sop);
  field(13, p.bytes);
  field(6, p.lane);
  field(64, p.dest);
  field(12, p.mark.bits());
}

template <class Port>
PacketBeat packet_beat(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * PacketBeat::kBits);
  PacketBeat p;
  p.error = field.error();
  p.last = field.bit();
  p.eop = field.bit();
  p.sop = field.bit();
  p.bytes = field(13);
  p.lane = field(6);
  p.dest = field.wide(64);
  p.mark = Mark::of(field(12));
  return p;
}

// landed_t
struct Landed {
  static constexpr unsigned kBits = 30;
  unsigned chan = 0, entry = 0;
  uint32_t bytes = 0;
  bool ends = false;
  Error error = Error::Ok;
  bool operator==(const Landed&) const = default;
};

template <class Port>
void drive(Port& port, const Landed& l, unsigned index = 0) {
  FieldWriter field(port, index * Landed::kBits);
  field.error(l.error);
  field(1, l.ends);
  field(13, l.bytes);
  field(4, l.entry);
  field(4, l.chan);
}

template <class Port>
Landed landed(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * Landed::kBits);
  Landed l;
  l.error = field.error();
  l.ends = field.bit();
  l.bytes = field(13);
  l.entry = field(4);
  l.chan = field(4);
  return l;
}

// card_wr_t
struct CardWrite {
  static constexpr unsigned kBits = 54;
  uint64_t addr = 0;
  unsigned beats = 0;
  bool first = false, last = false, pad = false;
  bool operator==(const CardWrite&) const = default;
};

template <class Port>
void drive(Port& port, const CardWrite& w) {
  FieldWriter field(port, 0);
  field(1, w.pad);
  field(1, w.last);
  field(1, w.first);
  field(10, w.beats);
  field(41, w.addr);
}

template <class Port>
CardWrite card_write(const Port& port) {
  FieldReader field(port, 0);
  CardWrite w;
  w.pad = field.bit();
  w.last = field.bit();
  w.first = field.bit();
  w.beats = field(10);
  w.addr = field.wide(41);
  return w;
}

// stream_in_t
struct StreamIn {
  static constexpr unsigned kBits = 46;
  uint32_t ptr = 0, avail = 0;
  bool ends = false;
  unsigned tuser = 0, tid = 0;
  bool operator==(const StreamIn&) const = default;
};

template <class Port>
void drive(Port& port, const StreamIn& s, unsigned index = 0) {
  FieldWriter field(port, index * StreamIn::kBits);
  field(8, s.tid);
  field(8, s.tuser);
  field(1, s.ends);
  field(13, s.avail);
  field(16, s.ptr);
}

template <class Port>
StreamIn stream_in(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * StreamIn::kBits);
  StreamIn s;
  s.tid = field(8);
  s.tuser = field(8);
  s.ends = field.bit();
  s.avail = field(13);
  s.ptr = field(16);
  return s;
}

// stream_out_t
struct StreamOut {
  static constexpr unsigned kBits = 32;
  uint32_t ptr = 0, room = 0;
  bool operator==(const StreamOut&) const = default;
};

template <class Port>
void drive(Port& port, const StreamOut& s, unsigned index = 0) {
  FieldWriter field(port, index * StreamOut::kBits);
  field(16, s.room);
  field(16, s.ptr);
}

template <class Port>
StreamOut stream_out(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * StreamOut::kBits);
  StreamOut s;
  s.room = field(16);
  s.ptr = field(16);
  return s;
}

// stream_reserve_t
struct Reserve {
  static constexpr unsigned kBits = 30;
  uint32_t bytes = 0;
  bool packet_end = false;
  unsigned tuser = 0, tid = 0;
  bool operator==(const Reserve&) const = default;
};

template <class Port>
void drive(Port& port, const Reserve& r, unsigned index = 0) {
  FieldWriter field(port, index * Reserve::kBits);
  field(8, r.tid);
  field(8, r.tuser);
  field(1, r.packet_end);
  field(13, r.bytes);
}

template <class Port>
Reserve reserve(const Port& port, unsigned index = 0) {
  FieldReader field(port, index * Reserve::kBits);
  Reserve r;
  r.tid = field(8);
  r.tuser = field(8);
  r.packet_end = field.bit();
  r.bytes = field(13);
  return r;
}

// dma_irq_t
struct Irq {
  bool valid = false;
  unsigned vector = 0;
  bool operator==(const Irq&) const = default;
};

template <class Port>
void drive(Port& port, const Irq& i) {
  FieldWriter field(port, 0);
  field(1, i.valid);
  field(11, i.vector);
}

template <class Port>
Irq irq(const Port& port) {
  FieldReader field(port, 0);
  Irq i;
  i.valid = field.bit();
  i.vector = field(11);
  return i;
}

// Bytes as they lie in memory: desc_t, record_t, beats.
template <class Port>
void drive_bytes(Port& port, std::span<const uint8_t> bytes, unsigned first_byte = 0) {
  for (size_t n = 0; n < bytes.size(); n++) {
    dut::set_bits(port, 8 * (first_byte + static_cast<unsigned>(n)), 8, bytes[n]);
  }
}

template <class Port>
std::vector<uint8_t> get_bytes(const Port& port, unsigned first_byte, unsigned count) {
  std::vector<uint8_t> bytes(count);
  for (unsigned n = 0; n < count; n++) {
    bytes[n] = static_cast<uint8_t>(dut::get_bits(port, 8 * (first_byte + n), 8));
  }
  return bytes;
}

// desc_t as it lies in memory
inline std::vector<uint8_t> to_bytes(const Desc& d) {
  VlWide<Desc::kBits / 32> image;
  drive(image, d);
  return get_bytes(image, 0, Desc::kBits / 8);
}

// rows_t
inline uint64_t rows(unsigned count, unsigned src_pitch, unsigned dst_pitch) {
  return uint64_t{count} << 48 | uint64_t{dst_pitch} << 24 | src_pitch;
}

}  // namespace cw::unit::dma
