// SPDX-License-Identifier: Apache-2.0
#include "dma/share_check.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "env/scoreboard_fault.hpp"
#include "model/dma.hpp"

namespace cw::dma {

namespace {

enum Mode : unsigned { kWeighted, kBurst, kCycleStealing, kTransparent };

constexpr uint64_t kNoLimit = ~uint64_t{0};
constexpr uint64_t kOnTheWay = 4;    // requests between a turn and the port
constexpr uint64_t kStaysAway = 64;  // clocks after the last bytes of a higher level, at most

// Channels are of one kind each, over and over.
bool to_host(size_t channel) { return model::to_host(static_cast<model::DmaKind>(channel % 6)); }

}  // namespace

void ShareCheck::share(unsigned channel, const unit::dma::Ctl& ctl, bool busy) {
  Channel& c = channels_[channel];
  c.rests = busy ? 0 : c.rests + 1;
  if (channel == 0) ++unchanged_;
  if (c.mode == ctl.mode && c.level == ctl.level && c.weight == ctl.weight) return;
  c.mode = ctl.mode;
  c.level = ctl.level;
  c.weight = ctl.weight;
  unchanged_ = 0;
  forget(channel);
  for (Channel& other : channels_) std::ranges::fill(other.since, 0);
}

void ShareCheck::others(bool want) {
  if (want && !others_) {
    for (Channel& c : channels_) c.pushed = 0;
  }
  others_ = want;
}

void ShareCheck::forget(unsigned channel) {
  channels_[channel].wants = false;
  channels_[channel].pushed = 0;
}

bool ShareCheck::may_give_way(size_t channel) const {
  if (unchanged_ <= kStaysAway) return true;
  for (size_t n = 0; n < channels_.size(); ++n) {
    const Channel& other = channels_[n];
    if (to_host(n) == to_host(channel) && other.rests <= kStaysAway && other.mode != kTransparent &&
        other.level > channels_[channel].level) {
      return true;
    }
  }
  return false;
}

uint64_t ShareCheck::limit(size_t waiting, size_t going) const {
  const Channel &channel = channels_[waiting], &other = channels_[going];
  if (channel.mode == kTransparent) return kNoLimit;
  if (other.mode == kTransparent) return kOnTheWay;
  if (other.mode == kBurst || other.level > channel.level) return kNoLimit;
  if (to_host(waiting) != to_host(going) && may_give_way(waiting)) return kNoLimit;
  if (other.level < channel.level) return kOnTheWay;
  const uint64_t turn = other.mode == kWeighted ? other.weight + 1 : 1;
  return 2 * turn + kOnTheWay;  // the end of one, and the next
}

void ShareCheck::request(unsigned channel, bool more) {
  Channel& own = channels_[channel];
  const auto fail = [&](const std::string& what) {
    throw env::ScoreboardFault(
        fmt::format("channel {}: a request out of turn: {} [R57]", channel, what));
  };
  for (size_t n = 0; n < channels_.size(); ++n) {
    const Channel& other = channels_[n];
    if (n == channel || !other.wants) continue;
    const uint64_t seen = ++channels_[n].since[channel];
    const uint64_t most = limit(n, channel);
    judged_ += most != kNoLimit;
    if (seen <= most) continue;
    fail(
        fmt::format("{} since the last one of channel {}, mode {} level {} before mode {} level {}",
                    seen, n, own.mode, own.level, other.mode, other.level));
  }
  if (own.mode == kTransparent && others_ && ++own.pushed > kOnTheWay) {
    fail("transparent, and the host wants the bus");
  }
  std::ranges::fill(own.since, 0);
  own.wants = more;
}

}  // namespace cw::dma
