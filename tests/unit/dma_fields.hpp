// SPDX-License-Identifier: Apache-2.0
//
// The packed structs at the DMA engine's ports as plain values.
#pragma once

#include <cstdint>
#include <vector>

#include "dut/bits.hpp"
#include "model/dma.hpp"

namespace cw::unit::dma {

enum Client : unsigned { H2cData, H2cDesc, C2hDesc };
enum Status : unsigned { RdOk, RdUr, RdCa, RdPoisoned, RdTimeout, RdLied };

// rd_req_t
struct ReadReq {
  static constexpr unsigned kBits = 116;
  uint64_t iova = 0;
  uint32_t bytes = 0;
  uint32_t dest = 0;
  unsigned slot = 0;
  bool operator==(const ReadReq&) const = default;
};

template <class Port>
ReadReq read_req(const Port& port, unsigned index = 0) {
  const unsigned base = index * ReadReq::kBits;
  return {.iova = dut::get_bits(port, base + 49, 64),
          .bytes = static_cast<uint32_t>(dut::get_bits(port, base + 36, 13)),
          .dest = static_cast<uint32_t>(dut::get_bits(port, base + 4, 32)),
          .slot = static_cast<unsigned>(dut::get_bits(port, base, 4))};
}

// rd_rsp_t
struct ReadRsp {
  unsigned client = 0, slot = 0;
  uint32_t dest = 0;
  unsigned offset = 0, bytes = 0;
  bool sop = true, eop = true, last = true;
  unsigned status = RdOk;
};

template <class Port>
void drive(Port& port, const ReadRsp& r) {
  dut::set_bits(port, 0, 3, r.status);
  dut::set_bits(port, 3, 1, r.last);
  dut::set_bits(port, 4, 1, r.eop);
  dut::set_bits(port, 5, 1, r.sop);
  dut::set_bits(port, 6, 13, r.bytes);
  dut::set_bits(port, 19, 2, r.offset);
  dut::set_bits(port, 21, 32, r.dest);
  dut::set_bits(port, 53, 4, r.slot);
  dut::set_bits(port, 57, 2, r.client);
}

// wr_beat_t
struct WriteBeat {
  static constexpr unsigned kBits = 85;
  uint64_t iova = 0;
  uint32_t bytes = 0;
  bool sop = false, eop = false;
  bool operator==(const WriteBeat&) const = default;
};

template <class Port>
WriteBeat write_beat(const Port& port, unsigned index = 0) {
  const unsigned base = index * WriteBeat::kBits;
  return {.iova = dut::get_bits(port, base + 15, 64),
          .bytes = static_cast<uint32_t>(dut::get_bits(port, base + 2, 13)),
          .sop = dut::get_bits(port, base + 1, 1) != 0,
          .eop = dut::get_bits(port, base, 1) != 0};
}

// dma_ctl_t
struct Ctl {
  bool enable = false, restart = false;
  uint64_t ring = 0, records = 0;
  unsigned ring_log2 = 3;
  bool tail_write = false;
  uint16_t tail = 0;
};

template <class Port>
void drive(Port& port, const Ctl& c) {
  dut::set_bits(port, 0, 16, c.tail);
  dut::set_bits(port, 16, 1, c.tail_write);
  dut::set_bits(port, 17, 4, c.ring_log2);
  dut::set_bits(port, 21, 64, c.records);
  dut::set_bits(port, 85, 64, c.ring);
  dut::set_bits(port, 149, 1, c.restart);
  dut::set_bits(port, 150, 1, c.enable);
}

// dma_sta_t
struct Sta {
  explicit Sta(uint64_t v)
      : busy(v >> 33 & 1),
        halted(v >> 32 & 1),
        bad_doorbell(v >> 31 & 1),
        entry_error(v >> 30 & 1),
        head(static_cast<uint16_t>(v >> 14)),
        moved(v >> 13 & 1),
        moved_bytes(v & 0x1fff) {}
  bool busy, halted, bad_doorbell, entry_error;
  uint16_t head;
  bool moved;
  uint32_t moved_bytes;
};

// chunk_t
template <class Port>
void drive(Port& port, const model::DmaChunk& c) {
  dut::set_bits(port, 0, 13, c.bytes);
  dut::set_bits(port, 13, 32, c.card_addr);
  dut::set_bits(port, 45, 64, c.iova.value);
}

template <class Port>
model::DmaChunk chunk(const Port& port) {
  return {.iova = {dut::get_bits(port, 45, 64)},
          .bytes = static_cast<uint32_t>(dut::get_bits(port, 0, 13)),
          .card_addr = dut::get_bits(port, 13, 32)};
}

// transfer_t
struct Transfer {
  uint64_t iova = 0;
  uint32_t card_addr = 0, bytes = 0;
  bool operator==(const Transfer&) const = default;
};

template <class Port>
void drive(Port& port, const Transfer& t) {
  dut::set_bits(port, 0, 32, t.bytes);
  dut::set_bits(port, 32, 32, t.card_addr);
  dut::set_bits(port, 64, 64, t.iova);
}

template <class Port>
Transfer transfer(const Port& port) {
  return {.iova = dut::get_bits(port, 64, 64),
          .card_addr = static_cast<uint32_t>(dut::get_bits(port, 32, 32)),
          .bytes = static_cast<uint32_t>(dut::get_bits(port, 0, 32))};
}

// landed_t
struct Landed {
  unsigned slot = 0;
  uint32_t bytes = 0;
  bool ends = false;
  model::DmaError error = model::DmaError::Ok;
  bool operator==(const Landed&) const = default;
};

inline Landed landed(uint64_t v) {
  return {.slot = static_cast<unsigned>(v >> 22 & 15),
          .bytes = static_cast<uint32_t>(v >> 9 & 0x1fff),
          .ends = (v >> 8 & 1) != 0,
          .error = static_cast<model::DmaError>(v & 0xff)};
}

inline uint64_t bits(const Landed& l) {
  return uint64_t{l.slot} << 22 | uint64_t{l.bytes} << 9 | uint64_t{l.ends} << 8 |
         static_cast<uint64_t>(l.error);
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

}  // namespace cw::unit::dma
