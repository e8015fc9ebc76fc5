// SPDX-License-Identifier: Apache-2.0
//
// Reference model of one DMA channel, from docs/dma.md: performs ring entries one after the other
// and says what the card must read, write, record and raise for each.
//
// How far the engine gets past a failed read is its own choice. There the model follows what was
// seen, and answers with a violation where that is not among the legal choices.
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
};

struct DmaDescriptor {
  bool chain = false;
  bool irq = false;
  uint16_t reserved = 0;  // bits 2-15 of the first two bytes
  uint16_t tag = 0;
  uint32_t bytes = 0;
  pcie::Iova iova{};
  uint64_t card_addr = 0;
  pcie::Iova next{};

  bool operator==(const DmaDescriptor&) const = default;
};

struct DmaRecord {
  bool phase = false;
  DmaError error = DmaError::Ok;
  uint16_t tag = 0;
  uint16_t index = 0;
  uint64_t bytes_done = 0;

  bool operator==(const DmaRecord&) const = default;
};

inline constexpr uint32_t kDescriptorBytes = 32;
inline constexpr uint32_t kRecordBytes = 16;
inline constexpr uint32_t kMaxChain = 256;

std::array<uint8_t, kDescriptorBytes> encode(const DmaDescriptor& descriptor);
DmaDescriptor decode_descriptor(std::span<const uint8_t, kDescriptorBytes> bytes);
std::array<uint8_t, kRecordBytes> encode(const DmaRecord& record);
DmaRecord decode_record(std::span<const uint8_t, kRecordBytes> bytes);

// One memory request's worth of a transfer.
struct DmaChunk {
  pcie::Iova iova{};
  uint32_t bytes = 0;
  uint64_t card_addr = 0;

  bool operator==(const DmaChunk&) const = default;
};

// Cuts a transfer into requests of at most `limit_bytes`.
std::vector<DmaChunk> split(const DmaDescriptor& descriptor, uint32_t limit_bytes);

struct DmaConfig {
  bool to_card = true;
  pcie::Iova ring{};
  pcie::Iova records{};
  unsigned ring_log2 = 3;
  uint32_t limit_bytes = 512;  // Max_Read_Request_Size to the card, Max_Payload_Size to the host
  uint32_t card_mem_bytes = 65536;
};

struct DmaWrite {
  pcie::Iova iova{};
  std::vector<uint8_t> data;

  bool operator==(const DmaWrite&) const = default;
};

// A read that fails, after its first bytes have come.
struct DmaFault {
  DmaError error = DmaError::ReadUr;
  uint32_t bytes_before = 0;
};

// Host memory as the card's reads find it.
struct DmaHost {
  std::function<uint8_t(pcie::Iova)> byte;
  std::function<std::optional<DmaFault>(pcie::Iova, uint32_t bytes)> fault;
};

// A read of one descriptor, or of the two in one 64-byte line.
struct DmaDescriptorRead {
  pcie::Iova iova{};
  uint32_t bytes = kDescriptorBytes;
};

// What the engine did where it has a choice. Without, it reads each descriptor by itself.
struct DmaSeen {
  std::span<const DmaChunk> data_reads{};  // from the entry's first on; matters after a failed read
  std::function<std::optional<DmaDescriptorRead>(pcie::Iova)> descriptor_read{};  // that brought it
  std::optional<DmaError> error{};                                                // in the record
};

// All that one ring entry comes to.
struct DmaEntry {
  std::vector<pcie::Iova> descriptor_reads;
  std::vector<DmaChunk> data_reads;  // to the card
  std::vector<DmaWrite> writes;      // to the host
  pcie::Iova record_iova{};
  DmaRecord record;
  bool interrupt = false;
  bool halts = false;
  std::string violation;  // empty, or what the engine may not have done
};

class DmaChannelModel {
 public:
  DmaChannelModel(DmaConfig config, DmaHost host, std::span<uint8_t> card_memory);

  // False: a bad doorbell; the channel halts.
  bool doorbell(uint16_t tail);
  // Performs the next entry on card memory; nothing if none is claimed or the channel is halted.
  std::optional<DmaEntry> next(const DmaSeen& seen = {});
  void restart();
  // Max_Payload_Size or Max_Read_Request_Size is another, for entries from here on.
  void set_limit(uint32_t bytes) { config_.limit_bytes = bytes; }

  uint16_t head() const { return head_; }
  bool halted() const { return halted_; }

 private:
  struct Walk;  // one entry under way

  void perform(Walk& walk);
  DmaError check(const DmaDescriptor& descriptor) const;
  void move_to_card(Walk& walk, const DmaDescriptor& descriptor);
  void move_to_host(Walk& walk, const DmaDescriptor& descriptor);
  bool unreadable(Walk& walk, pcie::Iova descriptor, const DmaDescriptorRead& read) const;
  DmaDescriptor fetch(pcie::Iova iova) const;
  DmaError first_error(Walk& walk) const;

  DmaConfig config_;
  DmaHost host_;
  std::span<uint8_t> card_;
  uint16_t head_ = 0;
  uint16_t tail_ = 0;
  bool halted_ = false;
};

}  // namespace cw::model
