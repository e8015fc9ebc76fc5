// SPDX-License-Identifier: Apache-2.0
//
// A DMA channel kept busy: so many entries of one size, submitted at once, and when each of them
// ended. What several of them had of the host while all were busy is a rate for each.
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
    unsigned entries = 96;  // no more than the ring has room for
    uint32_t bytes = 4096;  // of an entry, and no more than a page
  };

  // The channel has been started, and is idle. It moves pages of its own, again and again.
  DmaLoad(DmaSpace& space, DmaDriver& channel, Options options);
  DmaLoad(DmaSpace& space, DmaDriver& channel) : DmaLoad(space, channel, Options{}) {}

  void start();
  // Takes a record if there is one; std::runtime_error if it tells of an error.
  bool take(dut::Cycles now);
  bool ended() const { return ends_.size() == options_.entries; }
  // Runs the clock until the last entry has ended.
  void finish(dut::Kernel& kernel);

  const std::vector<dut::Cycles>& ends() const { return ends_; }
  uint32_t bytes() const { return options_.bytes; }

 private:
  DmaDriver& channel_;
  Options options_;
  DmaSpace::Buffer buffer_;
  std::vector<dut::Cycles> ends_;
};

// Starts all of them and runs them to their end; bytes per clock of each over the time in which all
// were busy, but for its beginning.
std::vector<double> measure(dut::Kernel& kernel, std::span<DmaLoad> loads);

}  // namespace cw::env
