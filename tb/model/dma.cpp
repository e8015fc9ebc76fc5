// SPDX-License-Identifier: Apache-2.0
//
// The model of one DMA channel: formats, cutting, and the walk through a ring entry.
#include "model/dma.hpp"

#include <algorithm>

namespace cw::model {

using pcie::Iova;

namespace {

uint64_t get_le(std::span<const uint8_t> bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t n = count; n-- > 0;) value = value << 8 | bytes[at + n];
  return value;
}

void put_le(std::span<uint8_t> bytes, size_t at, size_t count, uint64_t value) {
  for (size_t n = 0; n < count; n++) bytes[at + n] = static_cast<uint8_t>(value >> (8 * n));
}

}  // namespace

std::array<uint8_t, kDescriptorBytes> encode(const DmaDescriptor& d) {
  std::array<uint8_t, kDescriptorBytes> bytes{};
  put_le(bytes, 0, 2, uint64_t{d.chain} | uint64_t{d.irq} << 1 | uint64_t{d.reserved} << 2);
  put_le(bytes, 2, 2, d.tag);
  put_le(bytes, 4, 4, d.bytes);
  put_le(bytes, 8, 8, d.iova.value);
  put_le(bytes, 16, 8, d.card_addr);
  put_le(bytes, 24, 8, d.next.value);
  return bytes;
}

DmaDescriptor decode_descriptor(std::span<const uint8_t, kDescriptorBytes> bytes) {
  const uint64_t flags = get_le(bytes, 0, 2);
  return {.chain = (flags & 1) != 0,
          .irq = (flags & 2) != 0,
          .reserved = static_cast<uint16_t>(flags >> 2),
          .tag = static_cast<uint16_t>(get_le(bytes, 2, 2)),
          .bytes = static_cast<uint32_t>(get_le(bytes, 4, 4)),
          .iova = {get_le(bytes, 8, 8)},
          .card_addr = get_le(bytes, 16, 8),
          .next = {get_le(bytes, 24, 8)}};
}

std::array<uint8_t, kRecordBytes> encode(const DmaRecord& r) {
  std::array<uint8_t, kRecordBytes> bytes{};
  bytes[0] = r.phase ? 1 : 0;
  bytes[1] = static_cast<uint8_t>(r.error);
  put_le(bytes, 2, 2, r.tag);
  put_le(bytes, 4, 2, r.index);
  put_le(bytes, 8, 8, r.bytes_done);
  return bytes;
}

DmaRecord decode_record(std::span<const uint8_t, kRecordBytes> bytes) {
  return {.phase = (bytes[0] & 1) != 0,
          .error = static_cast<DmaError>(bytes[1]),
          .tag = static_cast<uint16_t>(get_le(bytes, 2, 2)),
          .index = static_cast<uint16_t>(get_le(bytes, 4, 2)),
          .bytes_done = get_le(bytes, 8, 8)};
}

std::vector<DmaChunk> split(const DmaDescriptor& descriptor, uint32_t limit_bytes) {
  std::vector<DmaChunk> chunks;
  for (uint64_t done = 0; done < descriptor.bytes;) {
    const uint64_t iova = descriptor.iova.value + done;
    const uint64_t left = descriptor.bytes - done;
    const uint64_t to_page_end = pcie::kPageBytes - iova % pcie::kPageBytes;
    const uint64_t to_multiple = limit_bytes - iova % limit_bytes;
    const bool fits = left + iova % pcie::kDwordBytes <= limit_bytes && left <= to_page_end;
    const uint64_t bytes = fits ? left : std::min(left, to_multiple);
    chunks.push_back({.iova = {iova},
                      .bytes = static_cast<uint32_t>(bytes),
                      .card_addr = descriptor.card_addr + done});
    done += bytes;
  }
  return chunks;
}

struct DmaChannelModel::Walk {
  const DmaSeen& seen;
  DmaEntry entry{};
  std::vector<DmaError> errors{};  // any of them may have been the first in time
  uint64_t bytes_done = 0;
  size_t chunks_of_last = 0;  // started of the last descriptor
};

DmaChannelModel::DmaChannelModel(DmaConfig config, DmaHost host, std::span<uint8_t> card_memory)
    : config_(config), host_(std::move(host)), card_(card_memory) {}

bool DmaChannelModel::doorbell(uint16_t tail) {
  if (halted_) return true;  // ignored
  const auto claimed = static_cast<uint16_t>(tail - head_);
  const auto before = static_cast<uint16_t>(tail_ - head_);
  if (claimed > (1u << config_.ring_log2) || claimed < before) {
    halted_ = true;
    return false;
  }
  tail_ = tail;
  return true;
}

void DmaChannelModel::restart() {
  head_ = tail_ = 0;
  halted_ = false;
}

DmaDescriptor DmaChannelModel::fetch(Iova iova) const {
  std::array<uint8_t, kDescriptorBytes> bytes{};
  for (size_t n = 0; n < bytes.size(); n++) bytes[n] = host_.byte(iova + n);
  return decode_descriptor(bytes);
}

// A failed read of a line takes both descriptors with it, but not one that had come before.
bool DmaChannelModel::unreadable(Walk& walk, Iova descriptor, const DmaDescriptorRead& read) const {
  const bool alone = read.iova == descriptor && read.bytes == kDescriptorBytes;
  const bool line = read.iova.value % (2 * kDescriptorBytes) == 0 &&
                    read.bytes == 2 * kDescriptorBytes && descriptor - read.iova < read.bytes;
  if (!alone && !line) walk.entry.violation = "a descriptor came by a read of something else";
  const auto fault = host_.fault ? host_.fault(read.iova, read.bytes) : std::nullopt;
  return fault && descriptor - read.iova + kDescriptorBytes > fault->bytes_before;
}

DmaError DmaChannelModel::check(const DmaDescriptor& d) const {
  const uint64_t last = d.iova.value + d.bytes - 1;
  if (d.reserved != 0 || d.bytes == 0 || last < d.iova.value) return DmaError::BadDesc;
  if (d.chain && d.next.value % kDescriptorBytes != 0) return DmaError::BadDesc;
  const uint64_t card_bytes = config_.card_mem_bytes;
  if (d.card_addr > card_bytes || d.bytes > card_bytes - d.card_addr) return DmaError::BadCard;
  return DmaError::Ok;
}

void DmaChannelModel::move_to_card(Walk& walk, const DmaDescriptor& descriptor) {
  walk.chunks_of_last = 0;
  for (const DmaChunk& chunk : split(descriptor, config_.limit_bytes)) {
    const size_t place = walk.entry.data_reads.size();
    if (!walk.errors.empty()) {  // past a failure: only what was seen
      const auto seen = walk.seen.data_reads;
      if (place >= seen.size() || seen[place] != chunk) return;
    }
    walk.entry.data_reads.push_back(chunk);
    walk.chunks_of_last++;
    const auto fault = host_.fault ? host_.fault(chunk.iova, chunk.bytes) : std::nullopt;
    const uint32_t bytes = fault ? fault->bytes_before : chunk.bytes;
    for (uint32_t n = 0; n < bytes; n++) card_[chunk.card_addr + n] = host_.byte(chunk.iova + n);
    walk.bytes_done += bytes;
    if (fault) walk.errors.push_back(fault->error);
  }
}

void DmaChannelModel::move_to_host(Walk& walk, const DmaDescriptor& descriptor) {
  for (const DmaChunk& chunk : split(descriptor, config_.limit_bytes)) {
    const auto data = card_.subspan(chunk.card_addr, chunk.bytes);
    walk.entry.writes.push_back({.iova = chunk.iova, .data = {data.begin(), data.end()}});
    walk.bytes_done += chunk.bytes;
  }
  walk.chunks_of_last = 1;
}

// Descriptor by descriptor until the chain or an error ends the entry.
void DmaChannelModel::perform(Walk& walk) {
  const uint16_t mask = static_cast<uint16_t>((1u << config_.ring_log2) - 1);
  Iova at = config_.ring + uint64_t{kDescriptorBytes} * (head_ & mask);
  for (uint32_t place = 0;; place++) {
    const auto& seen = walk.seen.descriptor_read;
    const auto read = seen ? seen(at) : DmaDescriptorRead{.iova = at};
    if (!walk.errors.empty() && (!seen || !read)) return;  // past a failure: only what was seen
    if (!read) {
      walk.entry.violation = "a descriptor was not read";
      return;
    }
    walk.entry.descriptor_reads.push_back(at);
    if (unreadable(walk, at, *read)) {
      walk.errors.push_back(DmaError::DescFetch);
      walk.entry.halts = walk.entry.interrupt = true;
      return;
    }
    const DmaDescriptor descriptor = fetch(at);
    if (place == 0) {
      walk.entry.record.tag = descriptor.tag;
      walk.entry.interrupt = descriptor.irq;
    }
    if (const DmaError bad = check(descriptor); bad != DmaError::Ok) {
      walk.errors.push_back(bad);
      return;
    }
    if (config_.to_card) {
      move_to_card(walk, descriptor);
    } else {
      move_to_host(walk, descriptor);
    }
    if (walk.chunks_of_last == 0 || !descriptor.chain) return;  // not started, or the end
    if (place + 1 == kMaxChain) {
      walk.errors.push_back(DmaError::ChainLong);
      return;
    }
    at = descriptor.next;
  }
}

// Where several errors met, the one in the record, if it is one of them.
DmaError DmaChannelModel::first_error(Walk& walk) const {
  if (walk.errors.empty()) return DmaError::Ok;
  if (!walk.seen.error) return walk.errors.front();
  if (std::ranges::find(walk.errors, *walk.seen.error) != walk.errors.end()) {
    return *walk.seen.error;
  }
  walk.entry.violation = "entry " + std::to_string(head_) + " records error " +
                         std::to_string(static_cast<unsigned>(*walk.seen.error)) +
                         ", which it did not meet";
  return walk.errors.front();
}

std::optional<DmaEntry> DmaChannelModel::next(const DmaSeen& seen) {
  if (halted_ || head_ == tail_) return std::nullopt;
  Walk walk{.seen = seen};
  perform(walk);

  const uint16_t mask = static_cast<uint16_t>((1u << config_.ring_log2) - 1);
  walk.entry.record.error = first_error(walk);
  walk.entry.record.index = head_;
  walk.entry.record.phase = (head_ >> config_.ring_log2 & 1) == 0;
  walk.entry.record.bytes_done = walk.bytes_done;
  walk.entry.record_iova = config_.records + uint64_t{kRecordBytes} * (head_ & mask);
  if (walk.entry.halts) {
    halted_ = true;
  } else {
    head_++;
  }
  return walk.entry;
}

}  // namespace cw::model
