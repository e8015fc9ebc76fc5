// SPDX-License-Identifier: Apache-2.0
#include "agent/tlp_source.hpp"

#include <algorithm>

namespace cw::agent {

TlpSource::TlpSource(dut::Kernel& kernel, dut::ChannelPins pins, Rng rng, Stall stall)
    : kernel_(kernel),
      pins_(pins),
      rng_(rng.fork("junk")),
      stall_(stall, rng.fork("stall")),
      taken_(kernel, "a TLP to be taken") {
  kernel_.add(*this);
  TlpSource::reset();
}

TlpSource::~TlpSource() { kernel_.remove(*this); }

void TlpSource::reset() {
  next_dw_ = 0;
  valid_ = false;
  drive_idle();
}

void TlpSource::sample() {
  if (!valid_ || !pins_.ready()) return;
  valid_ = false;
  kernel_.progress();
  if (!last_) return;
  queue_.pop_front();
  next_dw_ = 0;
  ++sent_;
  taken_.notify();
}

void TlpSource::commit() {
  if (valid_) return;
  if (!queue_.empty() && !stall_.stalls()) {
    drive_beat();
  } else if (pins_.valid()) {
    drive_idle();
  }
}

void TlpSource::drive_beat() {
  const pcie::RawTlp& tlp = queue_.front();
  const auto dwords =
      static_cast<unsigned>(std::min<size_t>(tlp.payload.size() - next_dw_, pins_.data_dw()));
  const bool first = next_dw_ == 0;
  last_ = next_dw_ + dwords == tlp.payload.size();
  dut::TlpCtl ctl{.strb = static_cast<uint16_t>((1u << dwords) - 1),
                  .error = last_ && tlp.error,
                  .eop = last_,
                  .sop = first,
                  .digest = last_ ? tlp.digest.value_or(rng_.u32()) : rng_.u32()};
  if (first) {
    ctl.hdr = tlp.hdr;
    ctl.prefix_valid = tlp.prefix.has_value();
    ctl.prefix = tlp.prefix.value_or(0);
  } else {
    for (uint32_t& dword : ctl.hdr) dword = rng_.u32();
  }
  pins_.drive_ctl(ctl);
  pins_.drive_data(tlp.payload.data() + next_dw_, dwords);
  pins_.drive_valid(true);
  next_dw_ += dwords;
  valid_ = true;
}

void TlpSource::drive_idle() {
  dut::TlpCtl junk{.strb = static_cast<uint16_t>(rng_.u32()),
                   .prefix = rng_.u32(),
                   .eop = rng_.chance(50),
                   .sop = rng_.chance(50),
                   .digest = rng_.u32()};
  for (uint32_t& dword : junk.hdr) dword = rng_.u32();
  pins_.drive_ctl(junk);
  for (unsigned lane = 0; lane < pins_.data_dw(); ++lane) pins_.drive_lane(lane, rng_.u32());
  pins_.drive_valid(false);
}

}  // namespace cw::agent
