// SPDX-License-Identifier: Apache-2.0
#include "agent/tlp_source.hpp"

#include <algorithm>
#include <bit>

namespace cw::agent {

dut::TlpCtl beat_of(const pcie::RawTlp& tlp, size_t first_dw, unsigned lanes, Rng& junk) {
  const auto dwords = std::min<size_t>(tlp.payload.size() - first_dw, lanes);
  const bool first = first_dw == 0, last = first_dw + dwords == tlp.payload.size();
  dut::TlpCtl ctl{.strb = static_cast<uint16_t>((1u << dwords) - 1),
                  .prefix = tlp.prefix.value_or(junk.u32()),
                  .prefix_valid = first && tlp.prefix.has_value(),
                  .error = last && tlp.error,
                  .eop = last,
                  .sop = first,
                  .digest = last ? tlp.digest.value_or(junk.u32()) : junk.u32()};
  for (size_t n = 0; n < ctl.hdr.size(); ++n) ctl.hdr[n] = first ? tlp.hdr[n] : junk.u32();
  return ctl;
}

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
  const dut::TlpCtl ctl = beat_of(tlp, next_dw_, pins_.data_dw(), rng_);
  const auto dwords = static_cast<unsigned>(std::popcount(ctl.strb));
  last_ = ctl.eop;
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
