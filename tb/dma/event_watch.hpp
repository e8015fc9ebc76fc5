// SPDX-License-Identifier: Apache-2.0
//
// The events of one DMA channel beside its interrupts: none without an event, none before its time
// and none lost, whatever moderation and mask do meanwhile. docs/dma.md, "Interrupts and
// moderation".
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "unit/dma_fields.hpp"

namespace cw::dma {

class EventWatch {
 public:
  explicit EventWatch(std::string name) : name_(std::move(name)) {}

  // In each of these ScoreboardFault, where the page promises otherwise. `ctl`: the registers in
  // this clock.
  void clock(uint64_t now, const unit::dma::Ctl& ctl);
  void event(uint64_t now) { untold_.push_back(now); }
  void interrupt(uint64_t now, const unit::dma::Ctl& ctl);
  void forget();

 private:
  // The extremes of a setting since the oldest event that is not told.
  struct Span {
    unsigned least = 0, most = 0;
    void restart(unsigned value) { least = most = value; }
    void include(unsigned value);
  };
  [[noreturn]] void fail(const std::string& what) const;

  std::string name_;
  std::deque<uint64_t> untold_;  // when they came
  size_t perhaps_ = 0;           // of them that the last interrupt may have told
  uint64_t masked_at_ = 0;       // when interrupts were last disabled, or enabled
  bool enabled_before_ = true;
  Span timer_, count_;
};

}  // namespace cw::dma
