// SPDX-License-Identifier: Apache-2.0
#include "dma/event_watch.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "env/scoreboard_fault.hpp"

namespace cw::dma {

namespace {

constexpr uint64_t kUnit = 16;        // clocks of the timer's unit; a timer is at most one late
constexpr uint64_t kTellSlack = 100;  // clocks from an event to its interrupt, beside waits
constexpr uint64_t kEventClocks = 6;  // in which an event reaches the interrupts

}  // namespace

void EventWatch::Span::include(unsigned value) {
  least = std::min(least, value);
  most = std::max(most, value);
}

void EventWatch::fail(const std::string& what) const {
  throw env::ScoreboardFault(name_ + ": " + what);
}

void EventWatch::forget() {
  untold_.clear();
  perhaps_ = 0;
}

void EventWatch::clock(uint64_t now, const unit::dma::Ctl& ctl) {
  if (ctl.irq_enable != enabled_before_) {
    enabled_before_ = ctl.irq_enable;
    masked_at_ = now;
  }
  if (ctl.restart) forget();
  if (untold_.empty()) {
    timer_.restart(ctl.timer);
    count_.restart(ctl.count);
    return;
  }
  timer_.include(ctl.timer);
  count_.include(ctl.count);
  if (untold_.size() == perhaps_ || !ctl.irq_enable) return;
  const auto late = [&](size_t event, uint64_t waits) {
    return now > std::max(untold_[event], masked_at_) + waits + kTellSlack;
  };
  const size_t enough = perhaps_ + std::max(1u, count_.most);
  if (late(perhaps_, uint64_t{timer_.most} * kUnit + kUnit) ||
      (untold_.size() >= enough && late(enough - 1, 0))) {
    fail(fmt::format("{} events without an interrupt [R56]", untold_.size()));
  }
}

void EventWatch::interrupt(uint64_t now, const unit::dma::Ctl& ctl) {
  if (ctl.restart) return;  // just in time
  if (untold_.empty()) fail("an interrupt without an event");
  if (!ctl.irq_enable) fail("an interrupt while disabled");
  const uint64_t age = now - untold_.front();
  if (timer_.least != 0 && untold_.size() < std::max(1u, count_.least) &&
      age + kUnit < uint64_t{timer_.least} * kUnit) {
    fail(fmt::format("an interrupt after {} events and {} clocks", untold_.size(), age));
  }
  // The oldest is told. What has just come may be told by this one or by the next.
  do {
    untold_.pop_front();
  } while (!untold_.empty() && untold_.front() + kEventClocks < now);
  perhaps_ = untold_.size();
  timer_.restart(ctl.timer);
  count_.restart(ctl.count);
}

}  // namespace cw::dma
