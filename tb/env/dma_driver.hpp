// SPDX-License-Identifier: Apache-2.0
//
// The driver of one DMA channel of the endpoint: the C library of sw/lib, on registers that the
// host reaches over the fabric and on memory that the device sees. docs/dma.md, "Programmer's
// guide".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cw_dma.h"
#include "env/dma_space.hpp"
#include "env/host.hpp"
#include "model/dma.hpp"

namespace cw::env {

class DmaDriver {
 public:
  struct Options {
    unsigned channel = 0;
    unsigned ring_log2 = 6;
    unsigned max_segments = 8;  // of a linked entry
    uint16_t vector = 0;
  };
  // One descriptor. `iova` is the side in the host, `card_addr` the other; of two sides in the host
  // or two on the card, the source and the destination.
  struct Segment {
    pcie::Iova iova{};
    uint64_t card_addr = 0;
    uint32_t bytes = 0;
  };
  struct Entry {
    std::vector<Segment> segments{};
    uint16_t tag = 0;
    bool irq = false;
    bool linked = false;  // one place of the ring, and the others in memory of their own
    bool fence = false;
    bool quiet = false;
  };

  // `registers`: where BAR0 of the endpoint lies.
  DmaDriver(Host& host, DmaSpace& space, pcie::HostPhysAddr registers, Options options);
  DmaDriver(const DmaDriver&) = delete;  // the library holds a pointer to it
  DmaDriver& operator=(const DmaDriver&) = delete;

  // Sets ring, records and vector and enables the channel. Again after a halt.
  void start();
  // Clears `enable` and waits until nothing is in flight; goes on.
  void stop();
  void resume() { cw_dma_resume(&channel_); }
  // Stops it, and cuts short what is under way.
  void abort();

  // Places of the ring that are free now.
  uint32_t room() const { return cw_dma_room(&channel_); }
  // Writes the entry's descriptors; the card sees it with the next doorbell. What `head` of its
  // record will be.
  uint16_t submit(const Entry& entry);
  uint16_t submit(const cw_dma_entry& entry);
  // An entry of these descriptors in the ring, with nothing else asked for.
  uint16_t submit(std::span<const cw_dma_segment> segments);
  // A descriptor as it stands but for its phase, for tests that lie; `stale`: even there.
  uint16_t submit_raw(model::DmaDescriptor descriptor, bool stale = false);
  // Descriptors that were given since the start.
  uint16_t submitted() const { return channel_.submitted; }
  void ring_doorbell() { cw_dma_doorbell(&channel_); }
  void write_tail(uint16_t tail);

  // True where the record of the oldest entry not taken yet is there.
  bool record_ready() const;
  // Runs the clock until it is, and takes it.
  model::DmaRecord take_record(dut::Cycles budget = dut::Cycles{200'000});

  model::DmaKind kind() const { return static_cast<model::DmaKind>(kind_); }
  bool halted() const { return cw_dma_halted(&channel_); }
  uint16_t head();

 private:
  pcie::HostPhysAddr reg(uint64_t offset) const { return registers_ + offset; }
  const DmaSpace::Buffer& buffer_at(uint64_t iova) const;
  cw_dma_io io();

  Host& host_;
  DmaSpace& space_;
  pcie::HostPhysAddr registers_;
  DmaSpace::Buffer ring_, records_, linked_;
  cw_dma_config config_;
  cw_dma_kind kind_;
  unsigned max_segments_;
  cw_dma_channel channel_{};
};

}  // namespace cw::env
