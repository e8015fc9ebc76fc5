// SPDX-License-Identifier: Apache-2.0
//
// The packed structs at the requester's ports as plain values, and completions built field by field
// so that any of them can be false.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "dut/bits.hpp"
#include "pcie/types.hpp"

namespace cw::unit {

enum RdStatus : unsigned { RdOk, RdUr, RdCa, RdPoisoned, RdTimeout, RdLied };
enum Verdict : unsigned {
  VerdictStray,
  VerdictData,
  VerdictPoisoned,
  VerdictUr,
  VerdictCa,
  VerdictLied
};
enum TagState : unsigned {
  TagIdle,
  TagOpen,
  TagClosing,
  TagMuted,
  TagLate,
  TagBanned,
  TagSpent,
  TagGone
};

// attr_t
struct Attr {
  bool ido = false, relaxed = false, no_snoop = false;
  bool operator==(const Attr&) const = default;
  unsigned bits() const { return (ido ? 4u : 0u) | (relaxed ? 2u : 0u) | (no_snoop ? 1u : 0u); }
};

// cfg_event_t
enum Event : unsigned {
  EventReceivedCa = 1u << 0,
  EventReceivedUr = 1u << 1,
  EventTimeout = 1u << 2,
  EventUnexpected = 1u << 3,
  EventPoisonedCpl = 1u << 4,
  EventPoisoned = 1u << 5,
  EventMalformed = 1u << 9
};

// error_report_t
template <class Port>
unsigned report_kinds(const Port& port) {
  return static_cast<unsigned>(dut::get_bits(port, 128, 14));
}
template <class Port>
unsigned report_functions(const Port& port) {
  return static_cast<unsigned>(dut::get_bits(port, 142, 8));
}
template <class Port>
bool report_prefix(const Port& port) {
  return dut::get_bits(port, 182, 1) != 0;
}
template <class Port>
std::array<uint32_t, 4> report_header(const Port& port) {
  std::array<uint32_t, 4> hdr;
  for (unsigned dw = 0; dw < 4; ++dw) {
    hdr[dw] = static_cast<uint32_t>(dut::get_bits(port, 96 - 32 * dw, 32));
  }
  return hdr;
}

// cfg_state_t, of function `function`
struct CfgState {
  uint16_t id = 0x0500;
  bool id_valid = true;
  bool bus_master = true;
  unsigned power = 0;
  unsigned max_payload = 1;       // 256 bytes
  unsigned max_read_request = 5;  // 4096 bytes
  unsigned timeout_range = 0;
  bool timeout_disable = false;
  Attr allowed{};  // attributes that requests may carry
  bool ext_tag = true, tag10 = false;
};

template <class Port>
void drive(Port& port, const CfgState& s, unsigned function = 0) {
  constexpr unsigned kBits = 617;
  const auto set = [&](unsigned lsb, unsigned width, uint64_t value) {
    dut::set_bits(port, function * kBits + lsb, width, value);
  };
  set(386, 1, s.timeout_disable);
  set(387, 4, s.timeout_range);
  set(394, 3, s.max_read_request);
  set(397, 3, s.max_payload);
  set(400, 2, s.power);
  set(402, 1, s.bus_master);
  set(405, 1, s.id_valid);
  set(406, 16, s.id);
  set(391, 1, s.allowed.no_snoop);
  set(392, 1, s.allowed.relaxed);
  set(393, 1, s.ext_tag);
  set(428, 1, s.allowed.ido);
  set(429, 1, s.tag10);
}

// rd_req_t, at its place in the array
struct Read {
  unsigned client = 0;
  uint64_t iova = 0;
  uint32_t bytes = 0;
  uint64_t dest = 0;
  unsigned mark = 0;
  Attr attr{};
};

template <class Port>
void drive(Port& port, const Read& r) {
  const unsigned base = r.client * 156;
  dut::set_bits(port, base, 12, r.mark);
  dut::set_bits(port, base + 12, 64, r.dest);
  dut::set_bits(port, base + 76, 13, r.bytes);
  dut::set_bits(port, base + 89, 64, r.iova);
  dut::set_bits(port, base + 153, 3, r.attr.bits());
}

// rd_rsp_t
struct AnswerBeat {
  template <class Port>
  explicit AnswerBeat(const Port& port)
      : client(field(port, 97, 1)),
        mark(field(port, 85, 12)),
        dest(dut::get_bits(port, 21, 64)),
        offset(field(port, 19, 2)),
        bytes(field(port, 6, 13)),
        sop(field(port, 5, 1)),
        eop(field(port, 4, 1)),
        last(field(port, 3, 1)),
        status(field(port, 0, 3)) {}
  unsigned client, mark;
  uint64_t dest;
  unsigned offset, bytes;
  bool sop, eop, last;
  unsigned status;

 private:
  template <class Port>
  static unsigned field(const Port& port, unsigned lsb, unsigned width) {
    return static_cast<unsigned>(dut::get_bits(port, lsb, width));
  }
};

// wr_beat_t, at its place in the array
struct WriteBeat {
  unsigned client = 0;
  uint64_t iova = 0;
  uint32_t bytes = 0;
  bool sop = true, eop = true;
  Attr attr{};
  unsigned function = 0;
};

template <class Port>
void drive(Port& port, const WriteBeat& w) {
  const unsigned base = w.client * 85;
  dut::set_bits(port, base, 1, w.eop);
  dut::set_bits(port, base + 1, 1, w.sop);
  dut::set_bits(port, base + 2, 13, w.bytes);
  dut::set_bits(port, base + 15, 64, w.iova);
  dut::set_bits(port, base + 79, 3, w.attr.bits());
  dut::set_bits(port, base + 82, 3, w.function);
}

// owed_t
struct Owed {
  uint16_t requester_id = 0x0500;
  unsigned client = 0, mark = 0, blocks = 0;
  uint64_t dest = 0;
  unsigned lower_addr = 0, bytes = 0;
  Attr attr{};
  bool tag10 = false;
  bool operator==(const Owed&) const = default;
};

template <class Port>
void drive(Port& port, const Owed& o) {
  dut::set_bits(port, 0, 13, o.bytes);
  dut::set_bits(port, 13, 7, o.lower_addr);
  dut::set_bits(port, 20, 64, o.dest);
  dut::set_bits(port, 84, 7, o.blocks);
  dut::set_bits(port, 91, 12, o.mark);
  dut::set_bits(port, 103, 1, o.client);
  dut::set_bits(port, 104, 16, o.requester_id);
  dut::set_bits(port, 120, 3, o.attr.bits());
  dut::set_bits(port, 123, 1, o.tag10);
}

template <class Port>
Owed owed(const Port& port) {
  const auto field = [&](unsigned lsb, unsigned width) {
    return static_cast<uint32_t>(dut::get_bits(port, lsb, width));
  };
  return {.requester_id = static_cast<uint16_t>(field(104, 16)),
          .client = field(103, 1),
          .mark = field(91, 12),
          .blocks = field(84, 7),
          .dest = dut::get_bits(port, 20, 64),
          .lower_addr = field(13, 7),
          .bytes = field(0, 13),
          .attr = {field(122, 1) != 0, field(121, 1) != 0, field(120, 1) != 0},
          .tag10 = field(123, 1) != 0};
}

// life_t
struct Life {
  bool gen = false, sent = true;
  unsigned state = TagOpen, since = 0, bytes = 0;
  bool operator==(const Life&) const = default;
};

template <class Port>
void drive(Port& port, const Life& l) {
  dut::set_bits(port, 0, 13, l.bytes);
  dut::set_bits(port, 13, 6, l.since);
  dut::set_bits(port, 19, 3, l.state);
  dut::set_bits(port, 22, 1, l.sent);
  dut::set_bits(port, 23, 1, l.gen);
}

template <class Port>
Life life(const Port& port) {
  const auto field = [&](unsigned lsb, unsigned width) {
    return static_cast<unsigned>(dut::get_bits(port, lsb, width));
  };
  return {.gen = field(23, 1) != 0,
          .sent = field(22, 1) != 0,
          .state = field(19, 3),
          .since = field(13, 6),
          .bytes = field(0, 13)};
}

// cpl_hdr_t
struct Cpl {
  bool data = true, locked = false;
  unsigned tag = 0, status = 0;  // status 0: Successful Completion
  bool bcm = false, poisoned = false, ido = false, relaxed = false, no_snoop = false;
  unsigned tc = 0;
  unsigned byte_count = 4, length_dw = 1, lower_addr = 0;
  uint16_t requester_id = 0x0500;
};

inline pcie::RawTlp encode(const Cpl& c, std::vector<uint32_t> payload = {}) {
  pcie::RawTlp tlp;
  tlp.hdr[0] = (c.data ? 0x4a000000u : 0x0a000000u) | (c.locked ? 1u << 24 : 0u) | c.tc << 20 |
               (c.tag >> 9 & 1) << 23 | (c.tag >> 8 & 1) << 19 | (c.poisoned ? 1u << 14 : 0u) |
               (c.relaxed ? 1u << 13 : 0u) | (c.no_snoop ? 1u << 12 : 0u) |
               (c.ido ? 1u << 18 : 0u) | (c.data ? c.length_dw & 0x3ff : 0);
  tlp.hdr[1] = 0x00080000u | c.status << 13 | (c.bcm ? 1u << 12 : 0u) | (c.byte_count & 0xfff);
  tlp.hdr[2] = static_cast<uint32_t>(c.requester_id) << 16 | (c.tag & 0xff) << 8 | c.lower_addr;
  tlp.payload = std::move(payload);
  if (c.data) tlp.payload.resize(c.length_dw, 0xdeadbeef);
  return tlp;
}

// A true completion of `bytes` from `address` on, with `left` owed before it.
inline Cpl honest_cpl(unsigned tag, uint64_t address, uint32_t bytes, uint32_t left) {
  return {.tag = tag,
          .byte_count = left,
          .length_dw = static_cast<unsigned>(((address & 3) + bytes + 3) / 4),
          .lower_addr = static_cast<unsigned>(address & 0x7f)};
}

// Tag of ten bits in a request's header.
inline unsigned tag_of(const pcie::RawTlp& tlp) {
  return (tlp.hdr[0] >> 23 & 1) << 9 | (tlp.hdr[0] >> 19 & 1) << 8 | (tlp.hdr[1] >> 8 & 0xff);
}
inline Attr attr_of(const pcie::RawTlp& tlp) {
  return {.ido = (tlp.hdr[0] >> 18 & 1) != 0,
          .relaxed = (tlp.hdr[0] >> 13 & 1) != 0,
          .no_snoop = (tlp.hdr[0] >> 12 & 1) != 0};
}

// What host memory holds, everywhere.
inline uint8_t memory_byte(uint64_t address) {
  return static_cast<uint8_t>((address * 0x9e37'79b9'7f4a'7c15u) >> 56);
}

// Dwords from the one that holds `address` on, for `bytes` bytes; junk around them.
inline std::vector<uint32_t> memory_dwords(uint64_t address, uint32_t bytes) {
  const unsigned offset = address & 3;
  std::vector<uint32_t> dwords((offset + bytes + 3) / 4, 0xa5a5a5a5);
  auto* at = reinterpret_cast<uint8_t*>(dwords.data()) + offset;
  for (uint32_t i = 0; i < bytes; ++i) at[i] = memory_byte(address + i);
  return dwords;
}

}  // namespace cw::unit
