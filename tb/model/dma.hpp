// SPDX-License-Identifier: Apache-2.0
//
// Reference model of one DMA channel, from docs/dma.md: says what the next entry of its ring comes
// to, and whether it may have ended as it was seen to.
//
// How far the engine gets past an error is its own choice. There the model holds what was seen
// against what is legal; everywhere else there is one answer.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pcie/types.hpp"

namespace cw::model {

// ---- Formats

enum class DmaKind : uint8_t { H2c, C2h, H2h, C2c, H2s, S2h };

constexpr bool from_host(DmaKind kind) {
  return kind == DmaKind::H2c || kind == DmaKind::H2h || kind == DmaKind::H2s;
}
constexpr bool to_host(DmaKind kind) {
  return kind == DmaKind::C2h || kind == DmaKind::H2h || kind == DmaKind::S2h;
}
constexpr bool from_card(DmaKind kind) { return kind == DmaKind::C2h || kind == DmaKind::C2c; }
constexpr bool to_card(DmaKind kind) { return kind == DmaKind::H2c || kind == DmaKind::C2c; }

enum class DmaError : uint8_t {
  Ok = 0,
  BadDesc = 1,
  BadCard = 2,
  ChainLong = 3,
  DescFetch = 4,
  ReadUr = 5,
  ReadCa = 6,
  Poisoned = 7,
  Timeout = 8,
  ReadLied = 9,
  Stale = 10,
  CardError = 11,
  Aborted = 12,
};

enum class DmaDescKind : uint8_t { Copy = 0, Rows = 1, Immediate = 2, Reserved = 3 };

// As wished for.
struct DmaAttributes {
  bool no_snoop = false;
  bool relaxed = false;
  bool ido = false;

  bool operator==(const DmaAttributes&) const = default;
};

struct DmaDescriptor {
  DmaDescKind kind = DmaDescKind::Copy;
  bool last = true;
  bool chain = false;
  bool irq = false;
  bool fence = false;
  bool quiet = false;
  DmaAttributes attributes{};
  uint8_t reserved = 0;  // bits 14-10 of the flags
  bool phase = false;
  uint16_t tag = 0;
  uint32_t bytes = 0;
  uint64_t src = 0;
  uint64_t dst = 0;
  uint64_t arg = 0;  // next, rows or data

  bool operator==(const DmaDescriptor&) const = default;
};

// `arg` of DmaDescKind::Rows.
struct DmaRows {
  uint16_t rows = 1;
  uint32_t dst_pitch = 0;
  uint32_t src_pitch = 0;

  bool operator==(const DmaRows&) const = default;
};
uint64_t encode(const DmaRows& rows);
DmaRows decode_rows(uint64_t arg);

struct DmaRecord {
  bool phase = false;
  bool packet_end = false;
  DmaError error = DmaError::Ok;
  uint16_t head = 0;
  uint16_t tag = 0;
  uint16_t packet_info = 0;
  uint64_t bytes_done = 0;

  bool operator==(const DmaRecord&) const = default;
};

inline constexpr uint32_t kDescriptorBytes = 32;
inline constexpr uint32_t kRecordBytes = 16;
inline constexpr uint32_t kMaxSegments = 256;
inline constexpr unsigned kDmaCardAxiBit = 40;

std::array<uint8_t, kDescriptorBytes> encode(const DmaDescriptor& descriptor);
DmaDescriptor decode_descriptor(std::span<const uint8_t, kDescriptorBytes> bytes);
std::array<uint8_t, kRecordBytes> encode(const DmaRecord& record);
DmaRecord decode_record(std::span<const uint8_t, kRecordBytes> bytes);
std::string to_text(const DmaRecord& record);
std::string to_text(const DmaDescriptor& descriptor);

// ---- What a channel does

struct DmaConfig {
  DmaKind kind = DmaKind::H2c;
  pcie::Iova ring{};
  pcie::Iova records{};
  unsigned ring_log2 = 3;
  uint64_t card_mem_bytes = 65536;
  bool axi_card = false;  // there is memory behind the AXI4 port
};

// Bytes that lie side by side on both sides: those of a descriptor, or of a row.
struct DmaMove {
  uint64_t src = 0;  // Immediate: the data
  uint64_t dst = 0;
  uint32_t bytes = 0;
  bool immediate = false;
  DmaAttributes attributes{};

  bool operator==(const DmaMove&) const = default;
};

// One memory request's worth of a move.
struct DmaChunk {
  uint64_t src = 0;
  uint64_t dst = 0;
  uint32_t bytes = 0;

  bool operator==(const DmaChunk&) const = default;
};

struct DmaLimits {
  uint32_t read_bytes = 512;     // Max_Read_Request_Size
  uint32_t payload_bytes = 128;  // Max_Payload_Size
};

// Cuts a move of a channel that touches the host, but not of S2h, whose pieces depend on its
// stream.
std::vector<DmaChunk> split(DmaKind kind, const DmaMove& move, const DmaLimits& limits);

// What an entry comes to if nothing fails but its descriptors.
struct DmaPlan {
  uint16_t tag = 0;
  bool irq = false;
  bool quiet = false;
  bool fence = false;
  uint16_t packet_info = 0;  // H2s: TID and TUSER
  std::vector<DmaMove> moves{};
  DmaError error = DmaError::Ok;          // of its descriptors, behind all of `moves`
  std::vector<pcie::Iova> descriptors{};  // in order
  uint16_t head = 0;                      // behind the last that it uses of the ring
  bool given = true;                      // false: its last descriptor is not the card's yet

  uint64_t bytes() const;
};

// Descriptors as the card's reads find them; nothing where one cannot be read.
using DmaFetch = std::function<std::optional<DmaDescriptor>(pcie::Iova)>;

// How an entry was seen to end.
struct DmaSeen {
  std::optional<DmaRecord> record{};  // none: it ended without one
  uint64_t landed = 0;                // bytes
  uint64_t wanted = 0;                // bytes it should move if nothing fails
  std::vector<DmaError> faults{};     // met by its reads, and at the card
  bool packet_end = false;            // S2h
  uint16_t packet_info = 0;
};

struct DmaEnd {
  pcie::Iova record_iova{};  // of the record, if there is one
  bool event = false;
  std::string violation{};  // empty, or what the engine may not have done
};

class DmaChannelModel {
 public:
  explicit DmaChannelModel(DmaConfig config) : config_(config) {}

  // False: a bad doorbell; the channel halts. `enabled`: CONTROL.enable.
  bool doorbell(uint16_t tail, bool enabled = true);
  void abort() { aborting_ = true; }
  void restart();

  // The next entry; nothing if no descriptor of it is the card's.
  std::optional<DmaPlan> plan(const DmaFetch& fetch) const { return plan_at(head_, fetch); }
  // All that are the card's, up to one with an error.
  std::vector<DmaPlan> plans(const DmaFetch& fetch) const;
  // It has ended: `plan` is what plan() said.
  DmaEnd end(const DmaPlan& plan, const DmaSeen& seen);

  uint16_t head() const { return head_; }
  uint16_t tail() const { return tail_; }
  // An entry ended with an error, a doorbell was bad, or software aborted.
  bool halted() const { return failed_ || aborting_; }
  const DmaConfig& config() const { return config_; }

 private:
  std::optional<DmaPlan> plan_at(uint16_t first, const DmaFetch& fetch) const;
  DmaError check(const DmaDescriptor& descriptor) const;
  DmaError check_row(const DmaMove& move) const;
  DmaError add_moves(DmaPlan& plan, const DmaDescriptor& descriptor) const;
  bool may_end_with(DmaError error, const DmaPlan& plan, const DmaSeen& seen) const;
  std::string check_record(const DmaRecord& record, const DmaPlan& plan, const DmaSeen& seen) const;

  DmaConfig config_;
  uint16_t head_ = 0;
  uint16_t tail_ = 0;
  uint32_t records_ = 0;  // written since restart
  bool failed_ = false;   // a record showed an error
  bool aborting_ = false;
};

}  // namespace cw::model
