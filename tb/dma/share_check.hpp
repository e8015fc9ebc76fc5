// SPDX-License-Identifier: Apache-2.0
//
// How the channels of the DMA engine share the port by which data of the host are read, as far as
// its requests show it: levels are strict, nobody starves inside a level, and a transparent channel
// gives way to all. docs/dma.md, "Sharing the bus".
//
// A channel in the midst of a copy into memory has a request to issue; of others one cannot know.
// Nor can one see here what makes it give way on its side: bytes of a higher level that come there
// from elsewhere. Then those that go to the other side go on, and before it.
#pragma once

#include <cstdint>
#include <vector>

#include "unit/dma_fields.hpp"

namespace cw::dma {

class ShareCheck {
 public:
  explicit ShareCheck(unsigned channels)
      : channels_(channels, Channel{.since = std::vector<uint64_t>(channels)}) {}

  // The settings of a channel in this clock, and whether it has an entry open; of each, in every
  // clock.
  void share(unsigned channel, const unit::dma::Ctl& ctl, bool busy);
  // Whether somebody else wants the bus in this clock.
  void others(bool want);
  // A request of the channel has been taken; `more`: it surely has another one. ScoreboardFault if
  // it was not its turn.
  void request(unsigned channel, bool more);
  // It may want nothing any more.
  void forget(unsigned channel);

  uint64_t judged() const { return judged_; }  // requests before which somebody had to go

 private:
  struct Channel {
    unsigned mode = 0, level = 0, weight = 0;
    bool wants = false;
    uint64_t rests = 0;             // clocks since it was busy
    std::vector<uint64_t> since{};  // of each other channel, requests since its own last one
    uint64_t pushed = 0;            // its own, since somebody else wants the bus
  };
  // How many requests of `other` may be seen between two of `channel`; ~0: no promise.
  uint64_t limit(size_t waiting, size_t going) const;
  // A channel to the same side that is at work has a higher level, or has had it just now.
  bool may_give_way(size_t channel) const;

  std::vector<Channel> channels_;
  bool others_ = false;
  uint64_t unchanged_ = 0;  // clocks since a setting has changed
  uint64_t judged_ = 0;
};

}  // namespace cw::dma
