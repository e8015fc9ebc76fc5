// SPDX-License-Identifier: Apache-2.0
//
// One DMA channel beside its model: collects what the channel was seen to read and write until an
// entry ends, then takes what belongs to the entry, performs it on the card and compares it all.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
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

  std::optional<model::DmaError> failure() const;
};

// What goes over a stream between two beats with TLAST.
struct StreamPacket {
  std::vector<uint8_t> data{};
  uint16_t info = 0;  // TID, and TUSER above it
  bool cut = false;   // an error ended it: it may come shorter, or not at all

  bool operator==(const StreamPacket&) const = default;
};

class DmaWatch {
 public:
  struct Surroundings {
    std::string name{};
    model::DmaKind kind = model::DmaKind::H2c;
    std::function<uint8_t(pcie::Iova)> byte{};  // of host memory
    std::span<uint8_t> card{};
    std::span<uint8_t> axi_card{};
    bool compares_data = true;  // false: someone else does, who knows what races with it
    // What the card really holds, if it can be seen: then it may end up with less than an entry
    // in error could have moved.
    std::function<uint8_t(uint64_t)> card_now{};
    // Memory behind AXI4 answers an access to these bytes with an error.
    std::function<bool(uint64_t card_addr, uint64_t bytes)> card_fails{};
    // What it holds cannot be seen: an entry in error may have left this byte as it was.
    std::function<void(uint64_t card_addr, uint8_t old)> card_keeps{};
    // The byte may be another one than in `card` after an error or a reset.
    std::function<bool(uint64_t card_addr, uint8_t byte)> card_may_hold{};
  };
  // An entry that is over.
  struct Ended {
    model::DmaPlan plan{};
    std::optional<model::DmaRecord> record{};  // none: it was quiet
    bool event = false;
    uint64_t bytes = 0;                    // that it has moved
    std::vector<model::DmaMove> landed{};  // on the card: where bytes have come
  };

  // What entries that a reset takes away may have done by then.
  struct Unfinished {
    std::vector<std::pair<uint64_t, uint8_t>> card{};  // bytes by their card addresses
    std::vector<StreamPacket> packets{};
    uint64_t bytes = 0;  // that they can have moved
  };

  explicit DmaWatch(Surroundings surroundings) : around_(std::move(surroundings)) {}
  DmaWatch(const DmaWatch&) = delete;
  DmaWatch& operator=(const DmaWatch&) = delete;

  // What software tells the channel.
  void start(const model::DmaConfig& config);
  void restart();
  void abort();
  // The device is being reset: what its open entries wrote to the host is compared, they and all
  // that is under way are forgotten.
  Unfinished reset();
  void doorbell(uint16_t tail, bool enabled = true);
  bool started() const { return model_.has_value(); }

  // The read is one of descriptors of this channel; it may be no other's.
  bool reads_descriptor(pcie::Iova iova, uint32_t bytes) const;
  // An entry that is the card's reads, or writes, all these bytes of the host.
  bool reads_data(pcie::Iova iova, uint64_t bytes) const;
  bool writes_data(pcie::Iova iova, uint64_t bytes) const;
  bool writes_record(pcie::Iova iova) const;

  SeenRead& descriptor_read(pcie::Iova iova, uint32_t bytes);
  SeenRead& data_read(pcie::Iova iova, uint32_t bytes);
  // A completion of it has come.
  void arrived(const SeenRead& read);
  void data_write(const pcie::MemWrite& write);
  // The record that ends an entry, and quiet ones before it: all of them are compared.
  const std::vector<Ended>& record(const pcie::MemWrite& write);
  // The card says so: quiet entries before it are over.
  const std::vector<Ended>& retired(uint16_t head);

  // What the channel's stream brings, and must have sent.
  std::deque<StreamPacket> stream_in{};
  std::deque<StreamPacket> stream_out{};

  // TLPs that belong to no entry yet, entries that have not ended.
  size_t outstanding() const;
  size_t unclaimed() const { return reads_.size() + writes_.size(); }
  uint64_t entries() const { return entries_; }
  bool halted() const { return model_ && model_->halted(); }
  uint16_t head() const { return model_ ? model_->head() : 0; }
  model::DmaKind kind() const { return around_.kind; }
  const model::DmaConfig& config() const { return config_; }
  // Entries that are the card's, as their descriptors were at the doorbell.
  const std::deque<model::DmaPlan>& upcoming() const { return upcoming_; }

 private:
  struct Descriptors {
    SeenRead read{};
    uint32_t used = 0;     // bit n: the n-th of them
    size_t looked_at = 0;  // bytes, for what they lead to
  };
  struct Landing;  // of an entry that ends

  std::optional<model::DmaDescriptor> in_memory(pcie::Iova iova) const;
  std::optional<model::DmaDescriptor> take_descriptor(pcie::Iova iova, bool chained, bool& missing);
  void forget_descriptors();
  void end(std::optional<model::DmaRecord> record, pcie::Iova at);
  void read_host(Landing& landing, const model::DmaMove& move);
  void read_card(Landing& landing, const model::DmaMove& move);
  void read_stream(Landing& landing, const model::DmaMove& move);
  void write_host(Landing& landing, const model::DmaMove& move);
  void write_card(Landing& landing, const model::DmaMove& move);
  void write_stream(Landing& landing, const model::DmaMove& move);
  std::vector<uint8_t> source_of(const model::DmaMove& move) const;
  void pass_stream(std::vector<std::vector<uint8_t>>& sources) const;
  void compare_unfinished() const;
  uint8_t* card_byte(uint64_t card_addr) const;
  uint64_t ring_bytes() const { return uint64_t{model::kDescriptorBytes} << config_.ring_log2; }
  [[noreturn]] void fail(const std::string& sentence) const;

  Surroundings around_;
  model::DmaConfig config_{};
  std::optional<model::DmaChannelModel> model_{};
  std::deque<model::DmaPlan> upcoming_;
  std::list<Descriptors> descriptors_;
  std::multiset<uint64_t> linked_;  // IOVAs at which an entry goes on
  std::list<SeenRead> reads_;
  std::list<pcie::MemWrite> writes_;
  size_t stream_at_ = 0;  // bytes taken of the first packet of stream_in
  std::vector<Ended> ended_;
  uint64_t entries_ = 0;
};

}  // namespace cw::env
