// SPDX-License-Identifier: Apache-2.0
//
// Random well-formed TLPs of each class, and the credits that they take: for the tests of the port.
#pragma once

#include <algorithm>
#include <array>

#include "agent/rng.hpp"
#include "pcie/byte_enables.hpp"
#include "pcie/codec.hpp"
#include "pcie/tlp.hpp"

namespace cw::test {

enum Class : unsigned { kPosted, kNonPosted, kCompletion };

inline pcie::Iova random_address(agent::Rng& rng, uint32_t offset) {
  const uint64_t page = rng.chance(50) ? rng.range(0, 0xf'ffff) : rng.range(0x10'0000, 1ull << 50);
  return {page * pcie::kPageBytes + offset};
}

inline pcie::RawTlp random_write(agent::Rng& rng, uint32_t max_bytes) {
  const auto dw = static_cast<uint32_t>(
      rng.chance(50) ? rng.range(1, 8) : rng.range(1, max_bytes / pcie::kDwordBytes));
  const uint32_t bytes = dw * pcie::kDwordBytes;
  const auto offset = static_cast<uint32_t>(rng.range(0, (pcie::kPageBytes - bytes) / 4)) * 4;
  pcie::MemWrite write{.tag = {static_cast<uint16_t>(rng.range(0, 255))},
                       .address = random_address(rng, offset)};
  write.data.resize(bytes);
  for (uint8_t& byte : write.data) byte = static_cast<uint8_t>(rng.u32());
  return pcie::encode(write);
}

inline pcie::RawTlp random_posted(agent::Rng& rng, uint32_t max_bytes) {
  if (rng.chance(15)) {
    return pcie::encode(pcie::Message{.routing = 4, .code = 0x14, .dw3 = rng.u32()});
  }
  return random_write(rng, max_bytes);
}

inline pcie::RawTlp random_non_posted(agent::Rng& rng) {
  const pcie::Tag tag{static_cast<uint16_t>(rng.range(0, 255))};
  if (rng.chance(40)) {
    return pcie::encode(pcie::CfgWrite{.tag = tag, .offset = 0x10, .data = rng.u32()});
  }
  const auto offset = static_cast<uint32_t>(rng.range(0, 4095));
  return pcie::encode(
      pcie::MemRead{.tag = tag,
                    .address = random_address(rng, offset),
                    .length_bytes = static_cast<uint32_t>(rng.range(1, 4096 - offset))});
}

inline pcie::RawTlp random_completion(agent::Rng& rng, uint32_t max_bytes, bool relaxed) {
  pcie::Completion completion{.tag = {static_cast<uint16_t>(rng.range(0, 255))},
                              .attributes = {.relaxed_ordering = relaxed}};
  completion.payload.resize(rng.chance(20) ? 0 : rng.range(1, max_bytes / 4));
  for (uint32_t& dword : completion.payload) dword = rng.u32();
  completion.byte_count =
      std::max<uint32_t>(4, static_cast<uint32_t>(completion.payload.size()) * 4);
  return pcie::encode(completion);
}

inline pcie::RawTlp random_tlp(agent::Rng& rng, unsigned cls, uint32_t max_bytes) {
  if (cls == kPosted) return random_posted(rng, max_bytes);
  if (cls == kNonPosted) return random_non_posted(rng);
  return random_completion(rng, max_bytes, rng.chance(30));
}

inline bool relaxed(const pcie::RawTlp& tlp) { return (tlp.hdr[0] >> 13 & 1) != 0; }

inline unsigned class_of(const pcie::RawTlp& tlp) {
  return static_cast<unsigned>(pcie::tlp_class(tlp));
}

// 2.6.1: one data credit is 16 bytes; counted by the Length field.
inline uint32_t data_credits(const pcie::RawTlp& tlp) {
  return pcie::has_payload(tlp) ? (pcie::length_dw(tlp) + 3) / 4 : 0;
}

inline size_t beats(const pcie::RawTlp& tlp, unsigned data_dw) {
  return std::max<size_t>(1, (tlp.payload.size() + data_dw - 1) / data_dw);
}

// One class of `cw_port_pkg::fc_t`, by position in the port.
struct ClassFc {
  bool hdr_infinite = false;
  uint32_t hdr_limit = 0;
  bool data_infinite = false;
  uint32_t data_limit = 0;

  bool operator==(const ClassFc&) const = default;
};

inline constexpr unsigned kClassFcBits = 26;

}  // namespace cw::test
