// SPDX-License-Identifier: Apache-2.0
#include "agent/axis_source.hpp"

#include <algorithm>
#include <stdexcept>

namespace cw::agent {

AxisSource::AxisSource(dut::Kernel& kernel, AxisPins pins, Rng rng, Stall stall)
    : kernel_(kernel), pins_(pins), junk_(rng.fork("junk")), stall_(stall, rng.fork("stall")) {
  kernel_.add(*this);
  AxisSource::reset();
}

AxisSource::~AxisSource() { kernel_.remove(*this); }

void AxisSource::send(const AxisPacket& packet, bool with_last) {
  const size_t lanes = pins_.lanes();
  if (packet.bytes.empty() || (!with_last && packet.bytes.size() % lanes)) {
    throw std::logic_error("AxisSource: no byte, or a part that does not fill its beats");
  }
  for (size_t at = 0; at < packet.bytes.size(); at += lanes) {
    const size_t bytes = std::min(lanes, packet.bytes.size() - at);
    AxisBeat beat{.data = std::vector<uint8_t>(lanes),
                  .keep = pins_.all_lanes() >> (lanes - bytes),
                  .side = {.last = with_last && at + bytes == packet.bytes.size(),
                           .tid = packet.tid,
                           .tuser = packet.tuser}};
    for (uint8_t& lane : beat.data) lane = static_cast<uint8_t>(junk_.u32());
    std::copy_n(packet.bytes.begin() + static_cast<ptrdiff_t>(at), bytes, beat.data.begin());
    queue_.push_back(std::move(beat));
  }
}

void AxisSource::reset() {
  valid_ = false;
  drive_idle();
}

void AxisSource::sample() {
  if (!valid_ || !pins_.ready.high()) return;
  valid_ = false;
  queue_.pop_front();
  ++beats_;
  kernel_.progress();
}

void AxisSource::commit() {
  if (valid_) return;
  if (!queue_.empty() && !blocked_ && !stall_.stalls()) {
    pins_.set(queue_.front());
    pins_.valid.drive(true);
    valid_ = true;
  } else if (pins_.valid.high()) {
    drive_idle();
  }
}

void AxisSource::drive_idle() {
  AxisBeat junk{.data = std::vector<uint8_t>(pins_.lanes()),
                .keep = junk_.u64() & pins_.all_lanes(),
                .side = {.last = junk_.chance(50),
                         .tid = static_cast<uint8_t>(junk_.u32()),
                         .tuser = static_cast<uint8_t>(junk_.u32())}};
  for (uint8_t& lane : junk.data) lane = static_cast<uint8_t>(junk_.u32());
  pins_.set(junk);
  pins_.valid.drive(false);
}

}  // namespace cw::agent
