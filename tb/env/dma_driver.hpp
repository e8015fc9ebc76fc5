// SPDX-License-Identifier: Apache-2.0
//
// The driver of one DMA channel of the endpoint: owns its ring and records in the device's address
// space, submits entries, waits for their records. docs/dma.md, "Programmer's guide".
#pragma once

#include <cstdint>
#include <vector>

#include "env/dma_space.hpp"
#include "env/host.hpp"
#include "model/dma.hpp"

namespace cw::env {

class DmaDriver {
 public:
  enum class Direction { HostToCard, CardToHost };
  struct Options {
    Direction direction = Direction::HostToCard;
    unsigned ring_log2 = 6;
    uint16_t vector = 0;
  };
  struct Segment {
    pcie::Iova iova{};
    uint64_t card_addr = 0;
    uint32_t bytes = 0;
  };
  struct Entry {
    std::vector<Segment> segments{};  // one descriptor each, chained behind the first
    uint16_t tag = 0;
    bool irq = false;
  };

  // `registers`: where BAR0 of the endpoint lies.
  DmaDriver(Host& host, DmaSpace& space, pcie::HostPhysAddr registers, Options options);

  // Sets ring, records and vector and enables the channel.
  void start();
  // Clears `enable` and waits until nothing is in flight.
  void stop();

  // Entries that can be submitted now.
  uint32_t room() const { return size() - (submitted_ - taken_); }
  // Writes the entry's descriptors; the card sees it with the next doorbell. Its number.
  uint16_t submit(const Entry& entry);
  // A descriptor as it stands, for tests that lie.
  uint16_t submit_raw(const model::DmaDescriptor& descriptor);
  void ring_doorbell();
  void write_tail(uint16_t tail);

  // True where the record of the oldest entry not taken yet is there.
  bool record_ready() const;
  // Runs the clock until it is, and takes it.
  model::DmaRecord take_record(dut::Cycles budget = dut::Cycles{200'000});

  uint32_t status();
  bool halted();
  uint16_t head();

 private:
  uint32_t size() const { return 1u << options_.ring_log2; }
  uint32_t chain_slots() const { return 8 * size(); }
  pcie::HostPhysAddr reg(uint64_t offset) const { return block_ + offset; }
  void write_descriptor(const DmaSpace::Buffer& buffer, uint32_t slot,
                        const model::DmaDescriptor& descriptor);

  Host& host_;
  DmaSpace& space_;
  Options options_;
  pcie::HostPhysAddr block_;
  DmaSpace::Buffer ring_, records_, chains_;
  uint16_t submitted_ = 0;
  uint16_t taken_ = 0;
  uint32_t next_chain_ = 0;
};

}  // namespace cw::env
