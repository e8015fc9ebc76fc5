// SPDX-License-Identifier: Apache-2.0
//
// The driver of one DMA channel of the endpoint: the C library of sw/lib, on registers that the
// host reaches over the fabric and on memory that the device sees. docs/dma.md, "Programmer's
// guide".
#pragma once

#include <cstdint>
#include <vector>

#include "cw_dma.h"
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
    unsigned max_segments = 8;
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
  DmaDriver(const DmaDriver&) = delete;  // the library holds a pointer to it
  DmaDriver& operator=(const DmaDriver&) = delete;

  // Sets ring, records and vector and enables the channel.
  void start();
  // Clears `enable` and waits until nothing is in flight.
  void stop();

  // Entries that can be submitted now.
  uint32_t room() const { return cw_dma_room(&channel_); }
  // Writes the entry's descriptors; the card sees it with the next doorbell. Its number.
  uint16_t submit(const Entry& entry);
  // A descriptor as it stands, for tests that lie.
  uint16_t submit_raw(const model::DmaDescriptor& descriptor);
  void ring_doorbell() { cw_dma_doorbell(&channel_); }
  void write_tail(uint16_t tail);

  // True where the record of the oldest entry not taken yet is there.
  bool record_ready() const;
  // Runs the clock until it is, and takes it.
  model::DmaRecord take_record(dut::Cycles budget = dut::Cycles{200'000});

  bool halted() const { return cw_dma_halted(&channel_); }
  uint16_t head();

 private:
  pcie::HostPhysAddr reg(uint64_t offset) const { return registers_ + offset; }
  const DmaSpace::Buffer& buffer_at(uint64_t iova) const;
  cw_dma_io io();

  Host& host_;
  DmaSpace& space_;
  pcie::HostPhysAddr registers_;
  DmaSpace::Buffer ring_, records_, chains_;
  cw_dma_config config_;
  cw_dma_channel channel_{};
};

}  // namespace cw::env
