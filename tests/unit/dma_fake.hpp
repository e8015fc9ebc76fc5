// SPDX-License-Identifier: Apache-2.0
//
// What stands around the DMA engine in its tests: a requester that answers reads in any order, in
// any pieces, late or with an error, takes writes, and a card memory that stalls. It keeps a log.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/kernel.hpp"
#include "unit/dma_fields.hpp"
#include "unit/dma_log.hpp"

namespace cw::unit::dma {

template <class Pins>
class DmaFake : public dut::Clocked {
 public:
  static constexpr unsigned kBytes = Pins::kBytes;

  DmaFake(Pins pins, FakePolicy policy, uint64_t seed)
      : policy(policy), card(65536), pins_(pins), rng_(seed, "dma.fake") {
    for (size_t n = 0; n < card.size(); n++) card[n] = static_cast<uint8_t>(rng_.u32());
  }

  FakePolicy policy;
  HostImage host;
  std::vector<uint8_t> card;
  std::map<std::pair<uint64_t, uint64_t>, model::DmaFault> faults;  // [first, end) of iova

  std::vector<model::DmaChunk> data_reads;
  std::vector<model::DmaDescriptorRead> descriptor_reads[2];
  std::vector<LoggedWrite> writes;
  std::vector<LoggedIrq> irqs;
  size_t answer_beats = 0;
  size_t data_write_beats = 0;

  std::optional<model::DmaFault> fault(uint64_t iova, uint32_t bytes) const {
    for (const auto& [range, fault] : faults) {
      if (iova < range.second && range.first < iova + bytes) {
        return model::DmaFault{fault.error, std::min(fault.bytes_before, (bytes - 1) & ~3u)};
      }
    }
    return std::nullopt;
  }
  bool idle() const { return asked_.empty() && !packet_ && card_answers_.empty(); }

  void reset() override {
    for (unsigned c = 0; c < 3; c++) pins_.rd_ready(c, false);
    for (unsigned p = 0; p < NumWritePorts; p++) pins_.wr_ready(p, false);
    pins_.rsp_valid(false);
    pins_.cm_rd_answer(std::nullopt);
    pins_.cm_ready(false, false);
  }

  void sample() override {
    now_++;
    for (unsigned c = 0; c < 3; c++) {
      if (rd_ready_[c] && pins_.rd_valid(c)) take_read(c, pins_.rd_req(c));
    }
    if (packet_ && driven_ && pins_.rsp_ready()) {
      answer_beats++;
      packet_beat_++;
      driven_ = false;
      if (packet_beat_ * kBytes >= packet_->data.size()) packet_.reset();
    }
    for (unsigned p = 0; p < NumWritePorts; p++) {
      if (wr_ready_[p] && pins_.wr_valid(p)) take_write(p);
    }
    if (cm_wr_ready_ && pins_.cm_wr_valid()) pins_.cm_write(card);
    if (cm_rd_ready_ && pins_.cm_rd_valid()) {
      const uint32_t at = pins_.cm_rd_addr();
      REQUIRE(at % kBytes == 0);
      REQUIRE(at + kBytes <= card.size());
      card_answers_.push_back({now_ + 1 + (chance() ? rng_.range(0, 4) : 0),
                               {card.begin() + at, card.begin() + at + kBytes}});
    }
    for (unsigned channel = 0; channel < 2; channel++) {
      if (pins_.irq(channel)) irqs.push_back({channel, writes.size()});
    }
  }

  void commit() override {
    for (unsigned c = 0; c < 3; c++) {
      // Fair: data may not take the last places from descriptors.
      const unsigned kept = c == H2cData ? 3 : c;
      rd_ready_[c] = asked_.size() + kept < policy.outstanding && !chance();
      pins_.rd_ready(c, rd_ready_[c]);
    }
    for (unsigned p = 0; p < NumWritePorts; p++) {
      wr_ready_[p] = !chance();
      pins_.wr_ready(p, wr_ready_[p]);
    }
    cm_wr_ready_ = !chance();
    cm_rd_ready_ = !chance();
    pins_.cm_ready(cm_wr_ready_, cm_rd_ready_);
    if (!card_answers_.empty() && card_answers_.front().due <= now_) {
      pins_.cm_rd_answer(card_answers_.front().data);
      card_answers_.pop_front();
    } else {
      pins_.cm_rd_answer(std::nullopt);
    }
    drive_answer();
  }

 private:
  struct Asked {
    unsigned client;
    ReadReq req;
    uint64_t due;
    uint32_t done = 0;
    std::optional<model::DmaFault> fault;
  };
  struct Packet {
    ReadRsp rsp;
    std::vector<uint8_t> data;  // from byte 0 of lane 0; at least one byte, so that there is a beat
  };
  struct CardAnswer {
    uint64_t due;
    std::vector<uint8_t> data;
  };

  bool chance() { return policy.stall_percent != 0 && rng_.chance(policy.stall_percent); }

  void take_read(unsigned client, const ReadReq& req) {
    REQUIRE(req.bytes >= 1);
    REQUIRE(req.iova % 4096 + req.bytes <= 4096);
    if (client == H2cData) {
      data_reads.push_back({.iova = {req.iova}, .bytes = req.bytes, .card_addr = req.dest});
    } else {
      REQUIRE(req.iova % req.bytes == 0);
      REQUIRE((req.bytes == 32 || req.bytes == 64));
      descriptor_reads[client == C2hDesc].push_back({.iova = {req.iova}, .bytes = req.bytes});
    }
    asked_.push_back({.client = client,
                      .req = req,
                      .due = now_ + rng_.range(policy.latency_low, policy.latency_high),
                      .fault = fault(req.iova, req.bytes)});
  }

  void take_write(unsigned port) {
    const WriteBeat beat = pins_.wr_beat(port);
    auto& open = open_writes_[port];
    if (port == C2hData) data_write_beats++;
    REQUIRE(beat.sop == !open);
    if (!open) open = LoggedWrite{.port = port, .iova = beat.iova, .data = {}, .card = {}};
    REQUIRE(beat.iova == open->iova);
    const unsigned first = beat.sop ? beat.iova % 4 : 0;
    const auto left = static_cast<unsigned>(beat.bytes - open->data.size());
    const unsigned count = std::min(kBytes - first, left);
    const auto bytes = pins_.wr_data(port, first, count);
    open->data.insert(open->data.end(), bytes.begin(), bytes.end());
    REQUIRE(beat.eop == (open->data.size() == beat.bytes));
    if (!beat.eop) return;
    REQUIRE(beat.iova % 4096 + beat.bytes <= 4096);
    host.write(open->iova, open->data);
    if (port == H2cDone) open->card = card;
    writes.push_back(*open);
    open.reset();
  }

  // The next piece of a request that is due; of any such request with `reorder`.
  void start_packet() {
    std::vector<size_t> due;
    for (size_t n = 0; n < asked_.size() && (due.empty() || policy.reorder); n++) {
      if (asked_[n].client == policy.withheld) continue;
      if (asked_[n].due <= now_) due.push_back(n);
      if (!policy.reorder && due.empty()) break;
    }
    if (due.empty()) return;
    const size_t choice = due[rng_.range(0, due.size() - 1)];
    Asked& asked = asked_[choice];
    const uint64_t iova = asked.req.iova + asked.done;
    const uint32_t good = asked.fault ? asked.fault->bytes_before : asked.req.bytes;
    const bool fails = asked.fault && asked.done == good;
    const auto unit =
        static_cast<uint32_t>(policy.piece_bytes ? policy.piece_bytes : 64 * rng_.range(1, 8));
    const uint32_t bytes =
        fails ? 0
              : std::min<uint32_t>(good - asked.done, unit - static_cast<uint32_t>(iova % unit));
    packet_ = Packet{.rsp = {.client = asked.client,
                             .slot = asked.req.slot,
                             .dest = asked.req.dest + asked.done,
                             .offset = static_cast<unsigned>(iova % 4),
                             .bytes = bytes,
                             .last = fails || (!asked.fault && asked.done + bytes == good),
                             .status = fails ? status(asked) : 0},
                     .data = {}};
    packet_->data.resize(fails ? 1 : iova % 4 + bytes);
    for (uint32_t n = 0; n < bytes; n++) packet_->data[iova % 4 + n] = host.byte(iova + n);
    packet_beat_ = 0;
    asked.done += bytes;
    if (packet_->rsp.last) asked_.erase(asked_.begin() + static_cast<ptrdiff_t>(choice));
  }

  static unsigned status(const Asked& asked) {
    if (asked.fault->error < model::DmaError::ReadUr) return RdUr;  // of a descriptor
    return static_cast<unsigned>(asked.fault->error) -
           static_cast<unsigned>(model::DmaError::ReadUr) + RdUr;
  }

  void drive_answer() {
    if (driven_) return;  // held until taken
    if (!packet_) start_packet();
    driven_ = packet_ && !chance();
    pins_.rsp_valid(driven_);
    if (!driven_) return;
    const size_t at = packet_beat_ * kBytes;
    const size_t end = std::min<size_t>(packet_->data.size(), at + kBytes);
    ReadRsp rsp = packet_->rsp;
    rsp.sop = packet_beat_ == 0;
    rsp.eop = end == packet_->data.size();
    pins_.rsp(rsp, {packet_->data.data() + at, end - at}, static_cast<uint8_t>(rng_.u32()));
  }

  Pins pins_;
  agent::Rng rng_;
  uint64_t now_ = 0;
  bool rd_ready_[3] = {}, wr_ready_[NumWritePorts] = {}, cm_wr_ready_ = false, cm_rd_ready_ = false;
  bool driven_ = false;
  std::deque<Asked> asked_;
  std::optional<Packet> packet_;
  size_t packet_beat_ = 0;
  std::optional<LoggedWrite> open_writes_[NumWritePorts];
  std::deque<CardAnswer> card_answers_;
};

}  // namespace cw::unit::dma
