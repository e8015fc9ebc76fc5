// SPDX-License-Identifier: Apache-2.0
#include "agent/axis_sink.hpp"

#include <fmt/format.h>

#include <bit>
#include <stdexcept>

#include "agent/tlp_assembler.hpp"

namespace cw::agent {

AxisSink::AxisSink(dut::Kernel& kernel, AxisPins pins, Rng rng, Stall stall)
    : kernel_(kernel),
      pins_(pins),
      stall_(stall, rng.fork("stall")),
      arrived_(kernel, "a packet of a stream to arrive") {
  kernel_.add(*this);
  AxisSink::reset();
}

AxisSink::~AxisSink() { kernel_.remove(*this); }

AxisPacket AxisSink::pop() {
  if (received_.empty()) throw std::logic_error("AxisSink::pop(): nothing was received");
  AxisPacket packet = std::move(received_.front());
  received_.pop_front();
  return packet;
}

void AxisSink::reset() {
  waits_.reset();
  inside_ = false;
  pins_.ready.drive(false);
}

void AxisSink::sample() {
  check_held();
  if (!pins_.valid.high()) return;
  AxisBeat beat = pins_.get();
  if (pins_.ready.high()) {
    take(beat);
  } else {
    waits_ = std::move(beat);
  }
}

void AxisSink::check_held() {
  if (!waits_) return;
  if (!pins_.valid.high()) throw ProtocolViolation("stream: TVALID fell before TREADY");
  if (pins_.get() != *waits_) throw ProtocolViolation("stream: a beat changed before TREADY");
  waits_.reset();
}

void AxisSink::take(const AxisBeat& beat) {
  const auto bytes = static_cast<size_t>(std::countr_one(beat.keep));
  const uint64_t expected = bytes ? pins_.all_lanes() >> (pins_.lanes() - bytes) : 0;
  if (bytes == 0 || beat.keep != expected) {
    throw ProtocolViolation(fmt::format("stream: TKEEP {:#x} has holes", beat.keep));
  }
  const AxisSide& side = beat.side;
  if (!side.last && bytes != pins_.lanes()) {
    throw ProtocolViolation(fmt::format("stream: TKEEP {:#x} without TLAST", beat.keep));
  }
  if (!inside_) open_ = {.tid = side.tid, .tuser = side.tuser};
  const bool cut = inside_ && side.last && side.tuser == (open_.tuser | 1) && !(open_.tuser & 1);
  if (side.tid != open_.tid || (side.tuser != open_.tuser && !cut)) {
    throw ProtocolViolation("stream: TID or TUSER changed inside a packet");
  }
  open_.cut = cut;
  open_.bytes.insert(open_.bytes.end(), beat.data.begin(),
                     beat.data.begin() + static_cast<ptrdiff_t>(bytes));
  inside_ = !side.last;
  ++beats_;
  kernel_.progress();
  if (!side.last) return;
  received_.push_back(std::move(open_));
  arrived_.notify();
}

void AxisSink::commit() { pins_.ready.drive(!blocked_ && !stall_.stalls()); }

}  // namespace cw::agent
