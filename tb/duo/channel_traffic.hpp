// SPDX-License-Identifier: Apache-2.0
//
// The driver of one DMA channel of an endpoint in the whole system, at random, by the registers
// that the host reaches: fills the ring, rings the doorbell, stops and resumes, aborts, lies with
// doorbells, reaches for pages of the other endpoint, and restarts the channel when it has halted.
#pragma once

#include <map>
#include <string>

#include "dma/arena.hpp"
#include "dma/entry_maker.hpp"
#include "env/two_endpoints.hpp"

namespace cw::duo {

class ChannelTraffic {
 public:
  struct Options {
    unsigned endpoint = 0;
    model::DmaKind kind = model::DmaKind::H2c;
    uint64_t descriptors = 0;  // to be submitted in all
    unsigned ring_log2 = 6;
    bool interferes = false;  // stops, aborts, bad doorbells
    dma::EntryOptions entries{};
    unsigned trespass = 0;  // percent of entries
    // Pages that the other endpoint alone has: a part for each channel, and a last one for lists.
    pcie::Iova elsewhere{};
    static constexpr uint64_t kElsewherePart = 8192;
    static constexpr uint64_t kElsewhereBytes =
        env::kDmaChannels * kElsewherePart + pcie::kPageBytes;
  };

  // Maps what it moves. The channel is started by start().
  ChannelTraffic(env::TwoEndpoints& system, const Options& options, agent::Rng rng);
  ChannelTraffic(const ChannelTraffic&) = delete;
  ChannelTraffic& operator=(const ChannelTraffic&) = delete;

  // Where it reads the host, and where it writes it.
  const env::DmaSpace::Buffer& source() const { return source_; }
  const env::DmaSpace::Buffer& target() const { return target_; }

  // At first, and whenever the endpoint has been reset; its ring is empty then.
  void start();
  // One thing that a driver does; runs the clock.
  void act();
  // All that was to be submitted has ended.
  bool done() const { return submitted_ >= options_.descriptors && idle(); }
  // Nothing that was submitted is still to end.
  bool idle() const;

  env::DmaWatch& watch() const { return system_.board(options_.endpoint).channel(number()); }
  env::DmaDriver& driver() const { return driver_; }
  uint64_t submitted() const { return submitted_; }  // descriptors
  uint64_t starts() const { return starts_; }
  uint64_t trespasses() const { return trespasses_; }
  const std::map<unsigned, uint64_t>& errors() const { return errors_; }  // records by theirs
  std::string state() const;

 private:
  unsigned number() const { return static_cast<unsigned>(options_.kind); }
  dma::Places places();
  void take_records();
  void reclaim();
  bool submit(bool last);
  void interfere();
  void trespass(dma::MadeEntry& made);
  void restart();

  env::TwoEndpoints& system_;
  Options options_;
  env::DmaSpace& space_;
  env::DmaDriver& driver_;
  agent::Rng rng_;
  env::DmaSpace::Buffer source_, target_, linked_;
  dma::EntryMaker maker_;
  dma::Arena elsewhere_;
  uint64_t entry_ = 0;           // number of the next, since the restart
  uint64_t entries_before_ = 0;  // that the watch saw before the restart
  uint64_t submitted_ = 0, starts_ = 0, trespasses_ = 0;
  std::map<unsigned, uint64_t> errors_;
  bool halted_ = false;  // or will have: it is restarted
  bool unrung_ = false;  // something is in the ring that the card does not know of
  bool untold_ = false;  // the last entry has no record
};

}  // namespace cw::duo
