// SPDX-License-Identifier: Apache-2.0
//
// A DMA channel kept busy: entries of one size, and when each of them ended. What several of them
// have of the host while all are busy is a rate for each.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dut/kernel.hpp"
#include "env/dma_driver.hpp"
#include "env/dma_space.hpp"

namespace cw::env {

class DmaLoad {
 public:
  struct Options {
    unsigned entries = 64;  // under way at a time; no more than the ring has room for
    uint32_t bytes = 4096;  // of an entry, and no more than a page
  };

  // The channel has been started, and is idle. It moves pages of its own, again and again.
  DmaLoad(DmaSpace& space, DmaDriver& channel, Options options);
  DmaLoad(DmaSpace& space, DmaDriver& channel) : DmaLoad(space, channel, Options{}) {}

  // Gives the channel all of its entries.
  void start();
  // Takes the records that are there; std::runtime_error if one tells of an error.
  void take(dut::Cycles now);
  bool record_ready() const { return !ended() && channel_.record_ready(); }
  // All of its entries again, once half of them have ended: few doorbells beside the data.
  void top_up();
  bool ended() const { return ends_.size() == submitted_; }
  // Runs the clock until the last entry has ended.
  void finish(dut::Kernel& kernel);

  const std::vector<dut::Cycles>& ends() const { return ends_; }
  uint32_t bytes() const { return options_.bytes; }

 private:
  void submit(unsigned entries);

  DmaDriver& channel_;
  Options options_;
  DmaSpace::Buffer buffer_;
  unsigned submitted_ = 0;
  std::vector<dut::Cycles> ends_;
};

// Starts all of them and keeps them busy until each has ended `entries`, then runs them to their
// end; bytes per clock of each while all were busy, but for the first quarter of the slowest.
std::vector<double> measure(dut::Kernel& kernel, std::span<DmaLoad> loads, unsigned entries = 48);

}  // namespace cw::env
