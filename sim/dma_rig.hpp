// SPDX-License-Identifier: Apache-2.0
//
// What the figures of DMA are measured with: a fabric whose channels are kept busy, a window of
// clocks in the midst of it, and what link and card memory would allow in such a window.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "env/bringup.hpp"

namespace cw::sim {

using Channel = env::DmaDriver env::Bringup::*;

inline constexpr Channel kToCard = &env::Bringup::h2c, kToHost = &env::Bringup::c2h;

// What one channel does again and again, from and to neighbouring places: a descriptor for each.
struct Load {
  Channel channel = kToCard;
  uint32_t bytes = 4096;
  unsigned host_offset = 0;  // bytes by which each place is off a multiple of 64
  unsigned card_offset = 0;
  unsigned rows = 1;               // places that a descriptor moves
  uint64_t entry_most = 64 << 10;  // bytes of an entry, which has one record

  unsigned per_entry() const;  // descriptors
  uint64_t entry_bytes() const { return uint64_t{bytes} * rows * per_entry(); }
};

// When it is measured. In front of it the engine has read descriptors ahead as far as it can, and
// behind it there are more than it can read ahead: in the window as many are read as are done.
struct Window {
  dut::Cycles lead{1500};
  dut::Cycles length{10'000};

  // Long enough for memory of this latency.
  static Window at(unsigned latency);
};

struct Share {
  cw_dma_share mode = CW_DMA_WEIGHTED;
  unsigned level = 0;
  unsigned weight = 0;
};

class Rig {
 public:
  struct Options {
    uint64_t seed = 1;
    unsigned width = 256;
    unsigned latency = 100;  // of host memory
    agent::Stall stall = agent::Stall::None;
    std::vector<Channel> channels = {kToCard, kToHost};  // that are used
  };
  explicit Rig(const Options& options);

  unsigned width() const { return options_.width; }
  env::System& system() { return system_; }
  env::Bringup& fabric() { return fabric_; }

  // Bytes per clock of each load while all of them run. `each_clock` is called in the window.
  std::vector<double> rates(const std::vector<Load>& loads, const Window& window,
                            const std::function<void()>& each_clock = {});
  double rate(const Load& load, const Window& window) { return rates({load}, window)[0]; }
  double rate(const Load& load) { return rate(load, Window::at(options_.latency)); }

  // From here on; what each channel has is set before its load begins.
  void share(Channel channel, const Share& share);

 private:
  class Run;
  void start(Channel channel);
  void warm();

  Options options_;
  env::System system_;
  env::Bringup fabric_;
  env::DmaSpace::Buffer buffer_;
  std::vector<Share> shares_;  // by number of the channel
};

// The most bytes per clock that link and card memory allow a load that has them for itself.
double ceiling(const Load& load, unsigned width);
// Of two at once, one of which fills the way to the card, the other one the way to the host.
double ceiling(const Load& to_card, const Load& to_host, unsigned width);

}  // namespace cw::sim
