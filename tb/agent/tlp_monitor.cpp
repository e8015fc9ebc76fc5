// SPDX-License-Identifier: Apache-2.0
#include "agent/tlp_monitor.hpp"

#include "pcie/codec.hpp"

namespace cw::agent {

TlpMonitor::TlpMonitor(dut::Kernel& kernel, dut::ChannelPins pins, Options options)
    : kernel_(kernel), pins_(pins), options_(std::move(options)) {
  kernel_.add(*this);
}

TlpMonitor::~TlpMonitor() { kernel_.remove(*this); }

void TlpMonitor::reset() {
  assembler_.reset();
  stalled_ = false;
}

// Once valid, a beat stays until it is taken.
void TlpMonitor::check_held() {
  std::array<uint32_t, 16> data{};
  if (!pins_.valid()) throw ProtocolViolation(options_.name + ": a beat was withdrawn");
  pins_.read_data(data.data(), pins_.data_dw());
  if (pins_.ctl() != held_ctl_ || data != held_data_) {
    throw ProtocolViolation(options_.name + ": a beat changed before it was taken");
  }
}

// A TLP that its sender gave up may be anything.
void TlpMonitor::check_well_formed(const pcie::RawTlp& tlp) const {
  if (tlp.error || !std::holds_alternative<pcie::Malformed>(pcie::decode(tlp))) return;
  throw ProtocolViolation(options_.name + ": " + pcie::to_text(tlp));
}

void TlpMonitor::sample() {
  const bool down = options_.link_down && options_.link_down();
  if (down && !down_) {
    reset();
    for (TlpListener* listener : listeners_) listener->on_link_down();
  }
  down_ = down;
  if (down) return;
  if (stalled_) check_held();
  if (!pins_.valid()) return;
  if (!pins_.ready()) {
    if (!stalled_) {
      held_ctl_ = pins_.ctl();
      pins_.read_data(held_data_.data(), pins_.data_dw());
      stalled_ = true;
    }
    return;
  }
  stalled_ = false;
  ++beats_;
  auto tlp = assembler_.beat(pins_);
  if (!tlp) return;
  if (options_.well_formed) check_well_formed(*tlp);
  ++tlps_;
  payload_bytes_ += tlp->payload.size() * pcie::kDwordBytes;
  seen_.push_back({.at = kernel_.now(), .tlp = std::move(*tlp)});
  for (TlpListener* listener : listeners_) listener->on_tlp(seen_.back());
  if (seen_.size() > options_.keep) seen_.pop_front();
}

}  // namespace cw::agent
