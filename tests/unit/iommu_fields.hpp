// SPDX-License-Identifier: Apache-2.0
//
// The packed structs of the IOMMU at the ports of the IOMMU's modules, as plain values.
#pragma once

#include <array>
#include <cstdint>

#include "dut/bits.hpp"

namespace cw::unit::iommu {

using dut::get_bits;
using dut::set_bits;

// PTE bits.
enum PteBit : uint64_t {
  kV = 1,
  kR = 2,
  kW = 4,
  kX = 8,
  kU = 16,
  kG = 32,
  kA = 64,
  kD = 128,
  kN = uint64_t{1} << 63
};
inline constexpr uint64_t kLeaf = kV | kR | kW | kU | kA | kD;
inline constexpr uint64_t pte(uint64_t hpa, uint64_t bits) { return hpa >> 12 << 10 | bits; }

// Version 1.0, Sv39, wired interrupts, 46 address bits.
inline constexpr uint64_t kCaps = 0x0000'002e'1000'0210;
// The same with interrupts of both kinds, performance counters and debug translation.
inline constexpr uint64_t kCapsFull = 0x0000'002e'e000'0210;

enum Size : unsigned { Page4k, Page64k, Page2m, Page1g, Page512g };

struct Inval {
  bool dir = false, pt = false, dv = false;
  uint32_t did = 0;
  bool leaf = false;
  uint64_t vpn = 0;
  bool pscv = false;
  uint32_t pscid = 0;
};

template <class P>
void drive(P& port, const Inval& i) {
  set_bits(port, 0, 20, i.pscid);
  set_bits(port, 20, 1, i.pscv);
  set_bits(port, 21, 36, i.vpn);
  set_bits(port, 57, 1, i.leaf);
  set_bits(port, 58, 24, i.did);
  set_bits(port, 82, 1, i.dv);
  set_bits(port, 83, 1, i.pt);
  set_bits(port, 84, 1, i.dir);
}

template <class P>
Inval inval(const P& port) {
  return {.dir = get_bits(port, 84, 1) != 0,
          .pt = get_bits(port, 83, 1) != 0,
          .dv = get_bits(port, 82, 1) != 0,
          .did = static_cast<uint32_t>(get_bits(port, 58, 24)),
          .leaf = get_bits(port, 57, 1) != 0,
          .vpn = get_bits(port, 21, 36),
          .pscv = get_bits(port, 20, 1) != 0,
          .pscid = static_cast<uint32_t>(get_bits(port, 0, 20))};
}

struct DcInfo {
  bool bare = false, sv48 = false, dtf = false;
  uint32_t pscid = 0;
  uint64_t root = 0;
  bool operator==(const DcInfo&) const = default;
};

template <class P>
void drive(P& port, const DcInfo& d, unsigned base = 0) {
  set_bits(port, base, 44, d.root);
  set_bits(port, base + 44, 20, d.pscid);
  set_bits(port, base + 64, 1, d.dtf);
  set_bits(port, base + 65, 1, d.sv48);
  set_bits(port, base + 66, 1, d.bare);
}

template <class P>
DcInfo dc_info(const P& port, unsigned base = 0) {
  return {.bare = get_bits(port, base + 66, 1) != 0,
          .sv48 = get_bits(port, base + 65, 1) != 0,
          .dtf = get_bits(port, base + 64, 1) != 0,
          .pscid = static_cast<uint32_t>(get_bits(port, base + 44, 20)),
          .root = get_bits(port, base, 44)};
}

struct TlbEntry {
  uint32_t pscid = 0;
  uint64_t vpn = 0;
  unsigned size = Page4k;
  bool r = true, w = true, x = false;
  uint64_t ppn = 0;
  bool operator==(const TlbEntry&) const = default;
};

template <class P>
void drive(P& port, const TlbEntry& e, unsigned base = 0) {
  set_bits(port, base, 44, e.ppn);
  set_bits(port, base + 44, 1, e.x);
  set_bits(port, base + 45, 1, e.w);
  set_bits(port, base + 46, 1, e.r);
  set_bits(port, base + 47, 3, e.size);
  set_bits(port, base + 50, 36, e.vpn);
  set_bits(port, base + 86, 20, e.pscid);
}

template <class P>
TlbEntry tlb_entry(const P& port, unsigned base = 0) {
  return {.pscid = static_cast<uint32_t>(get_bits(port, base + 86, 20)),
          .vpn = get_bits(port, base + 50, 36),
          .size = static_cast<unsigned>(get_bits(port, base + 47, 3)),
          .r = get_bits(port, base + 46, 1) != 0,
          .w = get_bits(port, base + 45, 1) != 0,
          .x = get_bits(port, base + 44, 1) != 0,
          .ppn = get_bits(port, base, 44)};
}

struct Request {
  uint32_t did = 0;
  uint64_t iova = 0;
  bool write = false;
  unsigned at = 0;
  bool pass = false;
  unsigned tag = 0;
  bool operator==(const Request&) const = default;
};
inline constexpr unsigned kRequestBits = 97;

// What `ask_t` has beside its request.
enum Fate : unsigned { Open, Granted, Refused };
inline constexpr unsigned kAskExec = 97, kAskFrom = 98, kAskFate = 100;

template <class P>
unsigned fate_of(const P& ask) {
  return static_cast<unsigned>(get_bits(ask, kAskFate, 2));
}

template <class P>
void drive(P& port, const Request& r, unsigned index = 0) {
  const unsigned base = index * kRequestBits;
  set_bits(port, base, 2, r.at);
  set_bits(port, base + 2, 1, r.write);
  set_bits(port, base + 3, 64, r.iova);
  set_bits(port, base + 67, 24, r.did);
  set_bits(port, base + 91, 1, r.pass);
  set_bits(port, base + 92, 5, r.tag);
}

template <class P>
Request request(const P& port) {
  return {.did = static_cast<uint32_t>(get_bits(port, 67, 24)),
          .iova = get_bits(port, 3, 64),
          .write = get_bits(port, 2, 1) != 0,
          .at = static_cast<unsigned>(get_bits(port, 0, 2)),
          .pass = get_bits(port, 91, 1) != 0,
          .tag = static_cast<unsigned>(get_bits(port, 92, 5))};
}

struct Answer {
  bool fault = false;
  uint64_t hpa = 0;  // 0 with a fault
  bool operator==(const Answer&) const = default;
};
inline constexpr unsigned kAnswerBits = 62;
inline constexpr Answer kRefused{.fault = true, .hpa = 0};
inline constexpr Answer at(uint64_t hpa) { return {.fault = false, .hpa = hpa}; }

template <class P>
Answer answer(const P& port, unsigned index = 0) {
  if (get_bits(port, index * kAnswerBits, 1)) return kRefused;
  return at(get_bits(port, index * kAnswerBits + 1, 56));
}

template <class P>
unsigned answer_tag(const P& port, unsigned index = 0) {
  return static_cast<unsigned>(get_bits(port, index * kAnswerBits + 57, 5));
}

template <class P>
void drive(P& port, const Answer& a, unsigned tag) {
  set_bits(port, 0, 1, a.fault);
  set_bits(port, 1, 56, a.hpa);
  set_bits(port, 57, 5, tag);
}

struct QueueState {
  bool on = true;
  uint64_t ppn = 0;
  unsigned mask = 3, head = 0, tail = 0, errors = 0;
};

template <class P>
void drive(P& port, const QueueState& q) {
  set_bits(port, 0, 4, q.errors);
  set_bits(port, 4, 16, q.tail);
  set_bits(port, 20, 16, q.head);
  set_bits(port, 36, 16, q.mask);
  set_bits(port, 52, 44, q.ppn);
  set_bits(port, 96, 1, q.on);
}

template <class P>
QueueState queue_state(const P& port) {
  return {.on = get_bits(port, 96, 1) != 0,
          .ppn = get_bits(port, 52, 44),
          .mask = static_cast<unsigned>(get_bits(port, 36, 16)),
          .head = static_cast<unsigned>(get_bits(port, 20, 16)),
          .tail = static_cast<unsigned>(get_bits(port, 4, 16)),
          .errors = static_cast<unsigned>(get_bits(port, 0, 4))};
}

// A fault record as four doublewords.
struct Record {
  unsigned cause = 0, ttyp = 0;
  uint32_t did = 0;
  uint64_t iotval = 0;
  uint64_t rest = 0;  // everything that must be zero in this profile
  bool operator==(const Record&) const = default;
};

inline Record record(const std::array<uint64_t, 4>& dw) {
  return {.cause = static_cast<unsigned>(dw[0] & 0xfff),
          .ttyp = static_cast<unsigned>(dw[0] >> 34 & 0x3f),
          .did = static_cast<uint32_t>(dw[0] >> 40),
          .iotval = dw[2],
          .rest = (dw[0] >> 12 & 0x3f'ffff) | dw[1] | dw[3]};
}

}  // namespace cw::unit::iommu
