// SPDX-License-Identifier: Apache-2.0
#include <zlib.h>

#include <array>

#include "pcie/codec.hpp"
#include "pcie/wire.hpp"

namespace cw::pcie {

namespace {

// The CRC-32 of Ethernet and zlib: same polynomial, seed, bit order and complement (2.7.1).
uint32_t add(uint32_t crc, uint32_t dword, bool first_byte_high) {
  std::array<uint8_t, 4> bytes;
  for (unsigned i = 0; i < 4; ++i) {
    bytes[i] = static_cast<uint8_t>(dword >> 8 * (first_byte_high ? 3 - i : i));
  }
  return static_cast<uint32_t>(crc32(crc, bytes.data(), bytes.size()));
}

}  // namespace

uint32_t ecrc(const RawTlp& raw) {
  constexpr uint32_t kType0 = 1u << 24;  // may change on the way, as EP may
  uint32_t crc = 0;
  if (raw.prefix) crc = add(crc, *raw.prefix, true);
  for (uint32_t n = 0; n < header_dw(raw); ++n) {
    crc = add(crc, raw.hdr[n] | (n == 0 ? kType0 | wire::kEp.mask() << wire::kEp.lsb : 0), true);
  }
  for (const uint32_t dword : raw.payload) crc = add(crc, dword, false);
  return crc;
}

RawTlp with_ecrc(RawTlp raw) {
  raw.hdr[0] |= wire::kTd.mask() << wire::kTd.lsb;
  raw.digest = ecrc(raw);
  return raw;
}

}  // namespace cw::pcie
