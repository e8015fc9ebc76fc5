// SPDX-License-Identifier: Apache-2.0
//
// Byte enables of contiguous requests, both ways.
// Spec: PCIe Base 2.2.5; tables 2-40 and 2-41 (byte count and lower address of the completion).
#pragma once

#include <bit>
#include <cstdint>
#include <optional>

#include "pcie/tlp.hpp"

namespace cw::pcie {

// Dwords touched by `bytes` bytes from byte `offset` of a dword; a zero-length read touches one.
constexpr uint32_t span_dw(uint32_t offset, uint32_t bytes) {
  return bytes ? (offset + bytes + 3) / kDwordBytes : 1;
}

constexpr ByteEnables byte_enables(uint32_t offset, uint32_t bytes) {
  if (bytes == 0) return {};
  const uint32_t from = 0xfu << offset & 0xf;
  const uint32_t end = (offset + bytes) % kDwordBytes;
  const uint32_t to = end ? (1u << end) - 1 : 0xf;
  if (span_dw(offset, bytes) == 1) return {.first = static_cast<uint8_t>(from & to), .last = 0};
  return {.first = static_cast<uint8_t>(from), .last = static_cast<uint8_t>(to)};
}

// A run of bytes within the dwords of a request.
struct ByteRun {
  uint32_t offset = 0;
  uint32_t bytes = 0;
};

// The contiguous run that the enables of a request for `dw` dwords mean; none if they have holes.
constexpr std::optional<ByteRun> contiguous_run(ByteEnables enables, uint32_t dw) {
  if (dw == 1 && enables.first == 0 && enables.last == 0) return ByteRun{};
  if (enables.first == 0) return std::nullopt;
  const auto offset = static_cast<uint32_t>(std::countr_zero(enables.first));
  const auto tail = static_cast<uint32_t>(std::bit_width(dw == 1 ? enables.first : enables.last));
  const uint32_t whole = dw * kDwordBytes;
  if (dw > 1 && enables.last == 0) return std::nullopt;
  const ByteRun run{.offset = offset, .bytes = whole - offset - (kDwordBytes - tail)};
  if (byte_enables(run.offset, run.bytes) != enables) return std::nullopt;
  return run;
}

// First and last byte enables are legal together (2.2.5).
constexpr bool byte_enables_legal(ByteEnables enables, uint32_t dw, bool quadword_aligned) {
  if (dw == 1) return enables.last == 0;
  if (enables.first == 0 || enables.last == 0) return false;
  return (dw == 2 && quadword_aligned) || contiguous_run(enables, dw).has_value();
}

// Byte Count of the first completion of a read (table 2-40).
constexpr uint32_t requested_bytes(ByteEnables enables, uint32_t dw) {
  const uint8_t tail_be = dw == 1 ? enables.first : enables.last;
  if (enables.first == 0) return 1;
  return dw * kDwordBytes - static_cast<uint32_t>(std::countr_zero(enables.first)) -
         (kDwordBytes - static_cast<uint32_t>(std::bit_width(tail_be)));
}

}  // namespace cw::pcie
