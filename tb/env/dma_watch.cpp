// SPDX-License-Identifier: Apache-2.0
#include "env/dma_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "env/scoreboard_fault.hpp"

namespace cw::env {

using model::kDescriptorBytes;
using pcie::Iova;

namespace {

std::string to_text(const model::DmaRecord& r) {
  return fmt::format("phase {} error {} tag {:#x} index {} bytes {}", r.phase ? 1 : 0,
                     static_cast<unsigned>(r.error), r.tag, r.index, r.bytes_done);
}

}  // namespace

void DmaWatch::fail(const std::string& sentence) const {
  throw ScoreboardFault(std::string(around_.name) + ": " + sentence);
}

// ---- Software

void DmaWatch::start(const model::DmaConfig& config) {
  if (model_) return;  // goes on where it was stopped
  config_ = config;
  tail_ = 0;
  descriptors_.clear();
  chained_.clear();
  reads_.clear();
  writes_.clear();
  last_taken_ = nullptr;
  model_.emplace(config_,
                 model::DmaHost{.byte = around_.byte,
                                .fault = [this](Iova at, uint32_t n) { return fault(at, n); }},
                 around_.card);
}

void DmaWatch::doorbell(uint16_t tail) {
  if (model_ && !model_->halted() && model_->doorbell(tail)) tail_ = tail;
}

// ---- What is seen

// Descriptors of the ring only as far as the doorbell went; of a chain where one names them.
bool DmaWatch::reads_descriptor(Iova iova, uint32_t bytes) const {
  if (!model_) return false;
  const uint64_t offset = iova - config_.ring;
  if (offset >= ring_bytes()) {
    return bytes == kDescriptorBytes && chained_.contains(iova.value);
  }
  const uint64_t mask = (uint64_t{1} << config_.ring_log2) - 1;
  for (uint64_t at = offset / kDescriptorBytes; at < (offset + bytes) / kDescriptorBytes; ++at) {
    const uint64_t ahead = (at - model_->head()) & mask;
    if (ahead >= static_cast<uint16_t>(tail_ - model_->head())) {
      fail(fmt::format("reads descriptor {} of the ring, which is not the card's", at));
    }
  }
  return true;
}

SeenRead& DmaWatch::descriptor_read(Iova iova, uint32_t bytes) {
  descriptors_.push_back({.read = {.iova = iova, .bytes = bytes}});
  return descriptors_.back().read;
}

SeenRead& DmaWatch::data_read(Iova iova, uint32_t bytes) {
  return reads_.emplace_back(SeenRead{.iova = iova, .bytes = bytes});
}

void DmaWatch::arrived(const SeenRead& read) {
  const auto found = std::ranges::find_if(
      descriptors_, [&](const Descriptor& candidate) { return &candidate.read == &read; });
  if (found == descriptors_.end()) return;
  const std::span<const uint8_t> data(read.data);
  for (size_t at = 0; at + kDescriptorBytes <= data.size(); at += kDescriptorBytes) {
    const auto descriptor = model::decode_descriptor(data.subspan(at).first<kDescriptorBytes>());
    if (descriptor.chain) chained_.insert(descriptor.next.value);
  }
}

void DmaWatch::data_write(const pcie::MemWrite& write) {
  if (!model_) fail("writes data while it is stopped");
  writes_.push_back(write);
}

bool DmaWatch::writes_record(Iova iova) const {
  return model_ && iova - config_.records < uint64_t{model::kRecordBytes} << config_.ring_log2;
}

// ---- What the model asks for

model::DmaDescriptor DmaWatch::fetch(Iova iova) const {
  std::array<uint8_t, kDescriptorBytes> bytes{};
  for (size_t n = 0; n < bytes.size(); ++n) bytes[n] = around_.byte(iova + n);
  return model::decode_descriptor(bytes);
}

// The oldest read that brought the descriptor and has not been used for it.
std::optional<model::DmaDescriptorRead> DmaWatch::take_descriptor(Iova iova) {
  for (Descriptor& candidate : descriptors_) {
    const uint64_t offset = iova - candidate.read.iova;
    if (offset >= candidate.read.bytes) continue;
    const unsigned half = 1u << offset / kDescriptorBytes;
    if ((candidate.used & half) != 0) continue;
    if (!candidate.read.ended) return std::nullopt;
    candidate.used |= half;
    last_taken_ = &candidate.read;
    if (const auto place = chained_.find(iova.value); place != chained_.end())
      chained_.erase(place);
    return model::DmaDescriptorRead{.iova = candidate.read.iova, .bytes = candidate.read.bytes};
  }
  return std::nullopt;
}

std::optional<model::DmaFault> DmaWatch::fault(Iova iova, uint32_t bytes) const {
  const auto same = [&](const SeenRead& read) { return read.iova == iova && read.bytes == bytes; };
  const SeenRead* read = last_taken_ && same(*last_taken_) ? last_taken_ : nullptr;
  if (read == nullptr) {
    const auto found = std::ranges::find_if(reads_, same);
    if (found != reads_.end()) read = &*found;
  }
  if (read == nullptr || (read->status == pcie::CplStatus::Sc && !read->error)) return std::nullopt;
  const auto told =
      read->status == pcie::CplStatus::Ca ? model::DmaError::ReadCa : model::DmaError::ReadUr;
  return model::DmaFault{.error = read->error.value_or(told),
                         .bytes_before = static_cast<uint32_t>(read->data.size())};
}

// The entry's chunks as far as reads were seen for them.
std::vector<model::DmaChunk> DmaWatch::seen_chunks() const {
  std::vector<model::DmaChunk> chunks;
  auto read = reads_.begin();
  const uint64_t mask = (uint64_t{1} << config_.ring_log2) - 1;
  Iova at = config_.ring + kDescriptorBytes * (model_->head() & mask);
  for (uint32_t place = 0; place < model::kMaxChain; ++place) {
    const auto descriptor = fetch(at);
    if (descriptor.card_addr + descriptor.bytes > config_.card_mem_bytes) return chunks;
    for (const auto& chunk : model::split(descriptor, config_.limit_bytes)) {
      if (read == reads_.end() || read->iova != chunk.iova || read->bytes != chunk.bytes) {
        return chunks;
      }
      chunks.push_back(chunk);
      ++read;
    }
    if (!descriptor.chain) break;
    at = descriptor.next;
  }
  return chunks;
}

// ---- The record

const model::DmaEntry& DmaWatch::record(const pcie::MemWrite& write) {
  if (write.data.size() != model::kRecordBytes) fail("a record of another size");
  const auto seen = model::decode_record(std::span(write.data).first<model::kRecordBytes>());
  const auto chunks = around_.to_card ? seen_chunks() : std::vector<model::DmaChunk>{};
  last_taken_ = nullptr;
  auto entry = model_->next({.data_reads = chunks,
                             .descriptor_read = [this](Iova at) { return take_descriptor(at); },
                             .error = seen.error});
  if (!entry) fail("a record, and no entry is the card's: " + to_text(seen));
  entry_ = std::move(*entry);
  const std::string place = fmt::format("entry {}: ", entry_.record.index);
  if (!entry_.violation.empty()) fail(place + entry_.violation);
  if (write.address != entry_.record_iova) {
    fail(fmt::format("{}its record goes to {:#x}, and should to {:#x}", place, write.address.value,
                     entry_.record_iova.value));
  }
  if (seen != entry_.record) {
    fail(place + "recorded " + to_text(seen) + ", and should " + to_text(entry_.record));
  }
  compare_reads(entry_);
  compare_writes(entry_);
  const unsigned all = 3;
  std::erase_if(descriptors_, [&](const Descriptor& d) {
    return d.used == (d.read.bytes == kDescriptorBytes ? 1u : all);
  });
  ++entries_;
  return entry_;
}

void DmaWatch::compare_reads(const model::DmaEntry& entry) {
  for (const auto& chunk : entry.data_reads) {
    if (reads_.empty())
      fail(fmt::format("no read of {} bytes at {:#x}", chunk.bytes, chunk.iova.value));
    const SeenRead& read = reads_.front();
    if (read.iova != chunk.iova || read.bytes != chunk.bytes) {
      fail(fmt::format("read {} bytes at {:#x}, and should {} at {:#x}", read.bytes,
                       read.iova.value, chunk.bytes, chunk.iova.value));
    }
    if (!read.ended) fail(fmt::format("recorded before the read at {:#x} ended", read.iova.value));
    reads_.pop_front();
  }
}

void DmaWatch::compare_writes(const model::DmaEntry& entry) {
  for (const auto& expected : entry.writes) {
    if (writes_.empty()) fail(fmt::format("no write at {:#x}", expected.iova.value));
    const pcie::MemWrite& write = writes_.front();
    if (write.address != expected.iova || write.data.size() != expected.data.size()) {
      fail(fmt::format("wrote {} bytes at {:#x}, and should {} at {:#x}", write.data.size(),
                       write.address.value, expected.data.size(), expected.iova.value));
    }
    const auto wrong = std::ranges::mismatch(write.data, expected.data);
    if (around_.compares_data && wrong.in1 != write.data.end()) {
      fail(fmt::format("wrote {:#04x} at {:#x}, and should {:#04x}", *wrong.in1,
                       write.address.value + static_cast<uint64_t>(wrong.in1 - write.data.begin()),
                       *wrong.in2));
    }
    writes_.pop_front();
  }
}

size_t DmaWatch::outstanding() const {
  const bool halted = !model_ || model_->halted();
  const size_t entries = halted ? 0 : static_cast<uint16_t>(tail_ - model_->head());
  const size_t reads = halted ? 0 : reads_.size();
  return reads + writes_.size() + entries;
}

}  // namespace cw::env
