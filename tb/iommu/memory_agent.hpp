// SPDX-License-Identifier: Apache-2.0
//
// The memory of a trace on the AXI port of a Verilated `cw_iommu`.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "agent/axi_pins.hpp"
#include "dut/kernel.hpp"
#include "iommu/memory.hpp"

namespace cw::iommu {

// The trace's memory behind the AXI port. Answers come in order; each beat of a read has the marks
// of its own 8 bytes, a write those of all its bytes.
template <class Pins>
class MemoryAgent : public dut::Clocked {
 public:
  MemoryAgent(dut::Kernel& kernel, Pins& pins, unsigned read_latency)
      : kernel_(kernel),
        p_(pins),
        ar_(pins.m_ar_o),
        aw_(pins.m_aw_o),
        b_(pins.m_b_i),
        read_latency_(read_latency) {
    kernel.add(*this);
    reset();
  }
  ~MemoryAgent() override { kernel_.remove(*this); }

  Memory memory;
  bool idle() const { return beats_.empty() && writes_.empty() && data_.empty() && !answer_; }
  uint64_t transfers() const { return transfers_; }

  void sample() override {
    if (p_.m_r_valid_i && p_.m_r_ready_o) beats_.pop_front();
    if (p_.m_b_valid_i && p_.m_b_ready_o) answer_ = false;
    if (p_.m_ar_valid_o && p_.m_ar_ready_i) take_read(ar_.get());
    if (p_.m_aw_valid_o && p_.m_aw_ready_i) writes_.push_back(aw_.get());
    if (p_.m_w_valid_o && p_.m_w_ready_i) {
      data_.push_back({.data = p_.m_w_data_o, .strobe = static_cast<uint8_t>(p_.m_w_strb_o)});
    }
    transfers_ += p_.m_r_valid_i + p_.m_b_valid_i + p_.m_ar_valid_o + p_.m_aw_valid_o;
  }

  void commit() override {
    p_.m_ar_ready_i = p_.m_aw_ready_i = p_.m_w_ready_i = 1;
    p_.m_r_valid_i = !beats_.empty() && kernel_.now() >= beats_.front().due;
    if (p_.m_r_valid_i) {
      const Beat& beat = beats_.front();
      p_.m_r_id_i = beat.id;
      p_.m_r_data_i = beat.data;
      p_.m_r_resp_i =
          static_cast<uint8_t>(beat.fault ? agent::AxiResp::SlvErr : agent::AxiResp::Okay);
      p_.m_r_poison_i = beat.poison;
      p_.m_r_last_i = beat.last;
    }
    if (!answer_ && !writes_.empty() && data_.size() >= writes_.front().beats()) perform_write();
    p_.m_b_valid_i = answer_;
  }

  void reset() override {
    p_.m_ar_ready_i = p_.m_aw_ready_i = p_.m_w_ready_i = 0;
    p_.m_r_valid_i = p_.m_b_valid_i = 0;
    beats_.clear();
    writes_.clear();
    data_.clear();
    answer_ = false;
  }

 private:
  static constexpr unsigned kBusBytes = 8;
  struct Beat {
    dut::Cycles due;
    uint8_t id = 0;
    uint64_t data = 0;
    bool fault = false, poison = false, last = false;
  };
  struct Data {
    uint64_t data = 0;
    uint8_t strobe = 0;
  };

  // AXI A3.4.1: a burst that wraps goes on at the start of its own aligned block.
  static uint64_t place_of(const agent::AxiAddress& address, unsigned beat) {
    const uint64_t start = address.addr / kBusBytes * kBusBytes;
    const uint64_t next = start + uint64_t{beat} * kBusBytes;
    if (address.burst != agent::AxiBurst::Wrap) return next;
    const uint64_t block = uint64_t{address.beats()} * kBusBytes;
    return start / block * block + next % block;
  }

  void take_read(const agent::AxiAddress& address) {
    for (unsigned n = 0; n < address.beats(); ++n) {
      const uint64_t at = place_of(address, n);
      std::array<uint8_t, kBusBytes> bytes{};
      const auto answer = memory.read(at, bytes);
      Beat beat{.due = kernel_.now() + dut::Cycles{read_latency_},
                .id = address.id,
                .fault = answer == Memory::Answer::AccessFault,
                .poison = memory.touches(Memory::Mark::Poison, at, kBusBytes),
                .last = n + 1 == address.beats()};
      std::memcpy(&beat.data, bytes.data(), bytes.size());
      beats_.push_back(beat);
    }
  }

  void perform_write() {
    const agent::AxiAddress address = writes_.front();
    writes_.pop_front();
    bool fault = false;
    struct Byte {
      uint64_t at;
      uint8_t value;
    };
    std::vector<Byte> bytes;
    for (unsigned n = 0; n < address.beats(); ++n) {
      const Data data = data_.front();
      data_.pop_front();
      for (unsigned byte = 0; byte < kBusBytes; ++byte) {
        if ((data.strobe >> byte & 1) == 0) continue;
        const uint64_t at = place_of(address, n) + byte;
        fault |= at >> Memory::kAddressBits != 0 || memory.touches(Memory::Mark::Fault, at, 1);
        bytes.push_back({.at = at, .value = static_cast<uint8_t>(data.data >> (8 * byte))});
      }
    }
    if (!fault) {
      for (const Byte& byte : bytes) memory.poke(byte.at, std::span(&byte.value, 1));
    }
    b_.set(address.id, fault ? agent::AxiResp::SlvErr : agent::AxiResp::Okay);
    answer_ = true;
  }

  dut::Kernel& kernel_;
  Pins& p_;
  agent::AxiAddressPins ar_, aw_;
  agent::AxiResponsePins b_;
  unsigned read_latency_;
  std::deque<Beat> beats_;
  std::deque<agent::AxiAddress> writes_;
  std::deque<Data> data_;
  bool answer_ = false;
  uint64_t transfers_ = 0;
};

}  // namespace cw::iommu
