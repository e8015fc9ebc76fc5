// SPDX-License-Identifier: Apache-2.0
//
// One DMA channel beside its model: collects what the channel was seen to read and write until a
// completion record leaves, then lets the model perform the entry and compares all of it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "model/dma.hpp"
#include "pcie/tlp.hpp"

namespace cw::env {

// A read of the endpoint, as far as it has been answered.
struct SeenRead {
  pcie::Iova iova{};
  uint32_t bytes = 0;
  std::vector<uint8_t> data{};
  pcie::CplStatus status = pcie::CplStatus::Sc;
  std::optional<model::DmaError> error{};  // a failure that no status tells
  bool ended = false;
};

class DmaWatch {
 public:
  struct Surroundings {
    const char* name = "";
    bool to_card = true;
    std::function<uint8_t(pcie::Iova)> byte{};  // of host memory
    std::span<uint8_t> card{};
    bool compares_data = true;  // false: someone else does, who knows what races with it
  };

  explicit DmaWatch(Surroundings surroundings) : around_(std::move(surroundings)) {}
  DmaWatch(const DmaWatch&) = delete;
  DmaWatch& operator=(const DmaWatch&) = delete;

  // What software tells the channel.
  void start(const model::DmaConfig& config);
  void restart() { model_.reset(); }
  void set_limit(uint32_t bytes) {
    config_.limit_bytes = bytes;
    if (model_) model_->set_limit(bytes);
  }
  bool started() const { return model_.has_value(); }
  void doorbell(uint16_t tail);

  // The read is one of a descriptor of this channel; it may be no other's.
  bool reads_descriptor(pcie::Iova iova, uint32_t bytes) const;
  SeenRead& descriptor_read(pcie::Iova iova, uint32_t bytes);
  SeenRead& data_read(pcie::Iova iova, uint32_t bytes);
  // Its last completion has come.
  void arrived(const SeenRead& read);
  void data_write(const pcie::MemWrite& write);
  bool writes_record(pcie::Iova iova) const;
  // The record that ends an entry: all of the entry is compared.
  const model::DmaEntry& record(const pcie::MemWrite& write);

  // TLPs that belong to no entry yet, entries that have no record yet.
  size_t outstanding() const;
  uint64_t entries() const { return entries_; }
  bool halted() const { return model_ && model_->halted(); }
  uint16_t head() const { return model_ ? model_->head() : 0; }
  const model::DmaConfig& config() const { return config_; }

 private:
  struct Descriptor {
    SeenRead read{};
    unsigned used = 0;  // bit n: the n-th descriptor of it
  };

  std::optional<model::DmaDescriptorRead> take_descriptor(pcie::Iova iova);
  std::optional<model::DmaFault> fault(pcie::Iova iova, uint32_t bytes) const;
  std::vector<model::DmaChunk> seen_chunks() const;
  model::DmaDescriptor fetch(pcie::Iova iova) const;
  void compare_reads(const model::DmaEntry& entry);
  void compare_writes(const model::DmaEntry& entry);
  uint64_t ring_bytes() const { return uint64_t{model::kDescriptorBytes} << config_.ring_log2; }
  [[noreturn]] void fail(const std::string& sentence) const;

  Surroundings around_;
  model::DmaConfig config_{};
  std::optional<model::DmaChannelModel> model_{};
  uint16_t tail_ = 0;
  std::list<Descriptor> descriptors_;
  std::multiset<uint64_t> chained_;  // IOVAs that descriptors name as their next
  const SeenRead* last_taken_ = nullptr;
  std::list<SeenRead> reads_;
  std::deque<pcie::MemWrite> writes_;
  model::DmaEntry entry_{};
  uint64_t entries_ = 0;
};

}  // namespace cw::env
