// SPDX-License-Identifier: Apache-2.0
//
// The packed structs at the completer's ports as plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "dut/bits.hpp"
#include "dut/module.hpp"
#include "pcie/codec.hpp"

namespace cw::unit {

using namespace cw::dut::literals;

// What configuration space says to the completer: `cfg_state_t`.
struct Claims {
  uint16_t id = 0x0100;
  bool mem_enable = true;
  bool io_enable = false;
  unsigned power = 0;        // D0
  unsigned max_payload = 1;  // 256 bytes
  bool ido_cpl = false;      // IDO Completion Enable
  std::array<uint64_t, 6> bar{0x1'0000'4000, 0, 0x23'4560'0000, 0, 0xe000, 0xa000'0000};
  std::array<unsigned, 6> bar_log2{};  // of resizable BARs
  bool rom_enable = false;
  uint32_t rom_base = 0;
};
inline constexpr unsigned kClaimsBits = 617;

// Of one function; the port has those of all, function 0 in the low bits.
template <class Port>
void drive(Port& port, const Claims& c, unsigned fn = 0) {
  const auto set = [&](unsigned lsb, unsigned width, uint64_t value) {
    dut::set_bits(port, fn * kClaimsBits + lsb, width, value);
  };
  for (unsigned lsb = 0; lsb < kClaimsBits; lsb += 8) set(lsb, 8, 0);
  for (unsigned b = 0; b < 6; ++b) set(64 * b, 64, c.bar[b]);
  set(397, 3, c.max_payload);
  set(400, 2, c.power);
  set(402, 1, 1);
  set(403, 1, c.mem_enable);
  set(404, 1, c.io_enable);
  set(405, 1, 1);
  set(406, 16, c.id);
  for (unsigned b = 0; b < 6; ++b) set(430 + 6 * b, 6, c.bar_log2[b]);
  set(466, 32, c.rom_base);
  set(498, 1, c.rom_enable);
  set(427, 1, c.ido_cpl);
}

// `claim_t`
struct Claim {
  unsigned fn = 0, bar = 0, route = 0, target = 0;
  uint32_t offset = 0;

  bool operator==(const Claim&) const = default;
};
template <class Port>
Claim claim(const Port& port) {
  const auto field = [&](unsigned lsb, unsigned width) {
    return static_cast<uint32_t>(dut::get_bits(port, lsb, width));
  };
  return {.fn = field(40, 3),
          .bar = field(37, 3),
          .route = field(34, 3),
          .target = field(32, 2),
          .offset = field(0, 32)};
}

// `reg_target_e`
enum RegTarget : unsigned { RegBlock, RegAxil, RegRom };

// `error_report_t`
struct ErrorReport {
  unsigned functions = 0;
  unsigned kinds = 0;  // of Report
  std::array<uint32_t, 4> hdr{};
  std::optional<uint32_t> prefix{};

  bool operator==(const ErrorReport&) const = default;
};

// `cfg_event_t`
enum Report : unsigned {
  ReportPoisoned = 1u << 5,
  ReportAbort = 1u << 6,
  ReportAdvisory = 1u << 7,
  ReportUnsupported = 1u << 8
};

// `route_e`
enum Route : unsigned {
  RouteUr,
  RoutePoisoned,
  RouteNothing,
  RouteRegs,
  RouteCard,
  RouteCfg,
  RouteAxi,
  RouteAtomic
};

// `reg_req_t`
struct RegAccess {
  bool write = false;
  uint32_t addr = 0;
  unsigned be = 0xf;
  uint32_t wdata = 0;
  unsigned target = RegBlock;
  unsigned fn = 0, bar = 0;

  bool operator==(const RegAccess&) const = default;
};
inline constexpr unsigned kRegAccessBits = 77;
template <class Port>
RegAccess reg_access(const Port& port, unsigned index = 0) {
  const unsigned base = index * kRegAccessBits;
  return {.write = dut::get_bits(port, base + 68, 1) != 0,
          .addr = static_cast<uint32_t>(dut::get_bits(port, base + 36, 32)),
          .be = static_cast<unsigned>(dut::get_bits(port, base + 32, 4)),
          .wdata = static_cast<uint32_t>(dut::get_bits(port, base, 32)),
          .target = static_cast<unsigned>(dut::get_bits(port, base + 75, 2)),
          .fn = static_cast<unsigned>(dut::get_bits(port, base + 72, 3)),
          .bar = static_cast<unsigned>(dut::get_bits(port, base + 69, 3))};
}
template <class Port>
void drive(Port& port, const RegAccess& access, unsigned index = 0) {
  const unsigned base = index * kRegAccessBits;
  dut::set_bits(port, base, kRegAccessBits - 64, 0);
  dut::set_bits(port, base + 36, kRegAccessBits - 36, 0);
  dut::set_bits(port, base, 32, access.wdata);
  dut::set_bits(port, base + 32, 4, access.be);
  dut::set_bits(port, base + 36, 32, access.addr);
  dut::set_bits(port, base + 68, 1, access.write);
  dut::set_bits(port, base + 69, 3, access.bar);
  dut::set_bits(port, base + 72, 3, access.fn);
  dut::set_bits(port, base + 75, 2, access.target);
}

// A header as the high bits of a struct.
template <class Port>
void drive_hdr(Port& port, unsigned lsb, const std::array<uint32_t, 4>& hdr) {
  for (unsigned i = 0; i < 4; ++i) dut::set_bits(port, lsb + 32 * (3 - i), 32, hdr[i]);
}
template <class Port>
std::array<uint32_t, 4> header(const Port& port, unsigned lsb) {
  std::array<uint32_t, 4> hdr;
  for (unsigned i = 0; i < 4; ++i) {
    hdr[i] = static_cast<uint32_t>(dut::get_bits(port, lsb + 32 * (3 - i), 32));
  }
  return hdr;
}

// `np_req_t`
struct NpRequest {
  unsigned functions = 1;  // concerned by an error
  std::array<uint32_t, 4> hdr{};
  unsigned route = RouteUr;
  unsigned target = 0;  // `reg_target_e`
  unsigned fn = 0, bar = 0;
  uint32_t offset = 0;
  uint32_t wdata = 0;
  std::optional<uint32_t> prefix{};
};
template <class Port>
void drive(Port& port, const NpRequest& r) {
  dut::clear_bits(port);
  dut::set_bits(port, 0, 32, r.wdata);
  dut::set_bits(port, 32, 32, r.offset);
  dut::set_bits(port, 64, 3, r.bar);
  dut::set_bits(port, 67, 3, r.fn);
  dut::set_bits(port, 70, 2, r.target);
  dut::set_bits(port, 72, 3, r.route);
  drive_hdr(port, 75, r.hdr);
  dut::set_bits(port, 203, 8, r.functions);
  dut::set_bits(port, 211, 32, r.prefix.value_or(0));
  dut::set_bits(port, 243, 1, r.prefix.has_value());
}
template <class Port>
NpRequest np_request(const Port& port) {
  const auto field = [&](unsigned lsb, unsigned width) {
    return static_cast<uint32_t>(dut::get_bits(port, lsb, width));
  };
  return {.functions = field(203, 8),
          .hdr = header(port, 75),
          .route = field(72, 3),
          .target = field(70, 2),
          .fn = field(67, 3),
          .bar = field(64, 3),
          .offset = field(32, 32),
          .wdata = field(0, 32)};
}

// `p_req_t`
struct PRequest {
  unsigned functions = 1;
  std::array<uint32_t, 4> hdr{};
  unsigned route = RouteUr;
  unsigned target = RegBlock;
  unsigned fn = 0, bar = 0;
  uint32_t offset = 0;
};
template <class Port>
void drive(Port& port, const PRequest& r) {
  dut::clear_bits(port);
  dut::set_bits(port, 0, 32, r.offset);
  dut::set_bits(port, 32, 3, r.bar);
  dut::set_bits(port, 35, 3, r.fn);
  dut::set_bits(port, 38, 2, r.target);
  dut::set_bits(port, 40, 3, r.route);
  drive_hdr(port, 43, r.hdr);
  dut::set_bits(port, 171, 8, r.functions);
}
template <class Port>
PRequest p_request(const Port& port) {
  const auto field = [&](unsigned lsb, unsigned width) {
    return static_cast<uint32_t>(dut::get_bits(port, lsb, width));
  };
  return {.functions = field(171, 8),
          .hdr = header(port, 43),
          .route = field(40, 3),
          .target = field(38, 2),
          .fn = field(35, 3),
          .bar = field(32, 3),
          .offset = field(0, 32)};
}

// `piece_t`
struct Piece {
  std::array<uint32_t, 4> hdr{};
  uint32_t offset = 0;
  unsigned dw = 1;
  unsigned first_be = 0xf, last_be = 0xf;
  bool last = true;
};
template <class Port>
void drive(Port& port, const Piece& p) {
  dut::clear_bits(port);
  dut::set_bits(port, 0, 1, p.last);
  dut::set_bits(port, 1, 4, p.last_be);
  dut::set_bits(port, 5, 4, p.first_be);
  dut::set_bits(port, 9, 11, p.dw);
  dut::set_bits(port, 20, 32, p.offset);
  drive_hdr(port, 52, p.hdr);
}
template <class Port>
Piece piece(const Port& port) {
  const auto field = [&](unsigned lsb, unsigned width) {
    return static_cast<uint32_t>(dut::get_bits(port, lsb, width));
  };
  return {.hdr = header(port, 52),
          .offset = field(20, 32),
          .dw = field(9, 11),
          .first_be = field(5, 4),
          .last_be = field(1, 4),
          .last = field(0, 1) != 0};
}

// `cpl_entry_t`
struct Entry {
  std::array<uint32_t, 4> hdr{};
  unsigned dw = 0, skip_dw = 0;
  bool discard = false, silent = false;
};
template <class Port>
void drive(Port& port, const Entry& e) {
  dut::clear_bits(port);
  dut::set_bits(port, 0, 1, e.silent);
  dut::set_bits(port, 1, 1, e.discard);
  dut::set_bits(port, 2, 4, e.skip_dw);
  dut::set_bits(port, 6, 11, e.dw);
  drive_hdr(port, 17, e.hdr);
}
template <class Port>
Entry entry(const Port& port) {
  return {.hdr = header(port, 17),
          .dw = static_cast<unsigned>(dut::get_bits(port, 6, 11)),
          .skip_dw = static_cast<unsigned>(dut::get_bits(port, 2, 4)),
          .discard = dut::get_bits(port, 1, 1) != 0,
          .silent = dut::get_bits(port, 0, 1) != 0};
}

// `beat_read_t`
struct BeatRead {
  unsigned target = kTargetCard;
  unsigned fn = 0, bar = 0;
  bool first = false;
  unsigned beats = 0;

  static constexpr unsigned kTargetCard = 1, kTargetAxi = 3;
  bool operator==(const BeatRead&) const = default;
};
template <class Port>
BeatRead beat_read(const Port& port) {
  const auto field = [&](unsigned lsb, unsigned width) {
    return static_cast<unsigned>(dut::get_bits(port, lsb, width));
  };
  return {.target = field(18, 2),
          .fn = field(15, 3),
          .bar = field(12, 3),
          .first = field(11, 1) != 0,
          .beats = field(0, 11)};
}

template <class Port>
ErrorReport error_report(const Port& port) {
  return {.functions = static_cast<unsigned>(dut::get_bits(port, 142, 8)),
          .kinds = static_cast<unsigned>(dut::get_bits(port, 128, 14)),
          .hdr = header(port, 0),
          .prefix = dut::get_bits(port, 182, 1)
                        ? std::optional(static_cast<uint32_t>(dut::get_bits(port, 150, 32)))
                        : std::nullopt};
}

// The byte that lies at an address before anybody has written.
inline uint8_t first_byte(uint64_t address) {
  return static_cast<uint8_t>((address * 0x9e37'79b9'7f4a'7c15u) >> 56);
}

}  // namespace cw::unit
