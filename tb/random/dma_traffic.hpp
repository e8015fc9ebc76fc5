// SPDX-License-Identifier: Apache-2.0
//
// The driver of one DMA channel, at random: fills the ring, rings the doorbell, stops and resumes,
// submits descriptors that the card must refuse, and restarts the channel when it halts.
// docs/dma.md, "Programmer's guide".
#pragma once

#include "model/dma.hpp"
#include "random/host_port.hpp"
#include "random/tape.hpp"

namespace cw::random {

class DmaTraffic {
 public:
  DmaTraffic(HostPort& host, Tape& tape, Cover& cover, Channel channel, size_t operations)
      : host_(host), tape_(tape), cover_(cover), channel_(channel), operations_(operations) {}

  dut::Task<> run();
  // One good entry of this size, and its record: the channel must do it.
  dut::Task<> prove(uint32_t bytes);

  // Where the buffers of a channel lie: across a 4 GiB boundary.
  static uint64_t arena(Channel channel);
  static constexpr uint64_t kArenaBytes = 512 * 1024;

 private:
  const env::DmaWatch& watch() const { return host_.model().requester().channel(channel_); }
  uint64_t reg(size_t offset) const;
  uint64_t ring_at() const;
  uint64_t records_at() const;
  uint64_t chains_at() const;
  unsigned ring_size() const { return 1u << ring_log2_; }
  unsigned room() const { return ring_size() - static_cast<uint16_t>(submitted_ - watch().head()); }

  void setup();
  dut::Task<> operation();
  dut::Task<> restart();
  dut::Task<uint32_t> read_status();
  dut::Task<> until_stopped();
  dut::Task<> until_retired();
  void submit();
  void submit_long_chain();
  void store(model::DmaDescriptor descriptor, bool stale = false);
  uint32_t length();
  model::DmaDescriptor descriptor(uint32_t bytes);
  uint64_t& host_side(model::DmaDescriptor& descriptor) const;
  uint64_t& card_side(model::DmaDescriptor& descriptor) const;
  void spoil(model::DmaDescriptor& descriptor);
  void doorbell(uint16_t tail);

  HostPort& host_;
  Tape& tape_;
  Cover& cover_;
  Channel channel_;
  size_t operations_;
  unsigned ring_log2_ = 3;
  uint16_t submitted_ = 0;
  uint16_t rung_ = 0;
  uint16_t long_chain_ = 0xffff;  // the place of the last one
  uint64_t next_buffer_ = 0;
  unsigned next_chain_ = 0;
  uint64_t next_ring_ = 0;  // where the ring lies
  bool set_up_ = false;
};

}  // namespace cw::random
