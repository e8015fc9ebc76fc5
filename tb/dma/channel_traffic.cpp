// SPDX-License-Identifier: Apache-2.0
#include "dma/channel_traffic.hpp"

#include <fmt/format.h>

#include "env/scoreboard_fault.hpp"

namespace cw::dma {

using env::ScoreboardFault;

namespace {

constexpr uint64_t kRecordsAt = 64 * 1024;  // behind the ring
constexpr const char* kPhases[] = {"quiesces", "is configured", "runs", "has halted"};

}  // namespace

ChannelTraffic::ChannelTraffic(EngineDut& dut, env::DmaWatch& watch, model::HostMemory& memory,
                               agent::Rng rng, Options options)
    : dut_(dut),
      watch_(watch),
      memory_(memory),
      rng_(rng),
      options_(options),
      maker_(watch.kind(), options.places, rng_.fork("entries"), options.entries) {}

std::string ChannelTraffic::state() const {
  return fmt::format("channel {} {}: tail {}, rung {}, head {}, {} descriptors, {} restarts",
                     options_.channel, kPhases[static_cast<size_t>(phase_)], tail_, rung_,
                     watch_.head(), submitted_, restarts_);
}

unsigned ChannelTraffic::room() const {
  return size() - static_cast<uint16_t>(tail_ - watch_.head());
}

void ChannelTraffic::commit() {
  ctl_.restart = ctl_.abort_all = ctl_.tail_write = false;
  const fields::Sta sta = dut_.sta(options_.channel);
  if (wait_ != 0) {
    --wait_;
  } else {
    switch (phase_) {
      case Phase::Quiesce:  // disabled
        calm_ = sta.busy ? 0 : calm_ + 1;
        if (calm_ < 2) break;  // what ended with it has been seen
        if (watch_.started() && sta.halted != watch_.halted()) {
          throw ScoreboardFault(
              fmt::format("channel {} {} halted", options_.channel, sta.halted ? "is" : "is not"));
        }
        if (watch_.unclaimed() != 0) {
          throw ScoreboardFault(
              fmt::format("channel {}: {} requests were not of an entry that ended",
                          options_.channel, watch_.unclaimed()));
        }
        calm_ = 0;
        configure();
        phase_ = Phase::Configure;
        break;
      case Phase::Configure:
        ctl_.enable = true;
        watch_.start({.kind = watch_.kind(),
                      .ring = {ctl_.ring},
                      .records = {ctl_.records},
                      .ring_log2 = ctl_.ring_log2,
                      .card_mem_bytes = kCardBytes,
                      .axi_card = true});
        phase_ = Phase::Run;
        break;
      case Phase::Halted:
        if (sta.busy && rng_.chance(90)) break;
        ctl_.enable = false;
        phase_ = Phase::Quiesce;
        break;
      default:
        run(sta);
        break;
    }
  }
  dut_.ctl(options_.channel, ctl_);
}

void ChannelTraffic::reset() {
  ctl_ = {};
  phase_ = Phase::Quiesce;
  wait_ = rng_.range(0, 100);
  calm_ = 0;
  tail_ = rung_ = 0;
  done_ = false;
}

// The first round has phase 1, of descriptors and of records.
void ChannelTraffic::configure() {
  ctl_.restart = true;
  ctl_.ring_log2 = static_cast<unsigned>(rng_.range(1, 6));
  ctl_.ring = options_.rings + rng_.range(0, 200) * model::kDescriptorBytes;
  ctl_.records = options_.rings + kRecordsAt + rng_.range(0, 300) * model::kRecordBytes;
  moderate();
  share();
  memory_.fill({ctl_.ring}, uint64_t{model::kDescriptorBytes} << ctl_.ring_log2, 0);
  memory_.fill({ctl_.records}, uint64_t{model::kRecordBytes} << ctl_.ring_log2, 0);
  watch_.restart();
  maker_.restart();
  tail_ = rung_ = 0;
  entry_ = 0;
  entries_before_ = watch_.entries();
  ++restarts_;
}

// An entry into the ring; false where there is no room.
bool ChannelTraffic::submit() {
  maker_.ended(watch_.entries() - entries_before_);
  if (room() == 0) return false;
  const unsigned slot = tail_ & (size() - 1);
  const auto made = maker_.make(entry_, room(), slot);
  if (!made) return false;
  for (const MadeEntry::Piece& piece : made->pieces) {
    model::DmaDescriptor d = piece.descriptor;
    uint64_t at = piece.linked_at.value_or(0);
    if (!piece.linked_at) {
      const bool first_phase = (tail_ >> ctl_.ring_log2 & 1) == 0;
      d.phase = first_phase != piece.stale;
      at = ctl_.ring + uint64_t{model::kDescriptorBytes} * (tail_ & (size() - 1));
      ++tail_;
    }
    memory_.write({at}, model::encode(d));
    ++submitted_;
  }
  ++entry_;
  return true;
}

void ChannelTraffic::doorbell(uint16_t tail) {
  ctl_.tail = tail;
  ctl_.tail_write = true;
  watch_.doorbell(tail, ctl_.enable);
}

void ChannelTraffic::ring() {
  if (!ctl_.enable || !dut_.take_doorbell()) return;
  doorbell(tail_);
  rung_ = tail_;
}

void ChannelTraffic::interfere() {
  switch (rng_.range(0, 6)) {
    case 0:
      ctl_.abort_all = true;
      watch_.abort();
      break;
    case 1:  // more than the ring has, or taken back
      if (!dut_.take_doorbell()) break;
      doorbell(static_cast<uint16_t>(rng_.chance(50) ? watch_.head() + size() + rng_.range(1, 9)
                                                     : rung_ - 1u));
      break;
    case 2:  // stops, for a while or for good
      ctl_.enable = false;
      wait_ = rng_.range(0, 300);
      if (rng_.chance(30)) phase_ = Phase::Quiesce;
      break;
    case 3:
      ctl_.irq_enable = !ctl_.irq_enable;
      break;
    case 4:
      moderate();
      break;
    default:
      share();
      break;
  }
}

void ChannelTraffic::moderate() {
  ctl_.count = static_cast<unsigned>(rng_.range(0, 5));
  ctl_.timer = rng_.chance(50) ? 0 : static_cast<unsigned>(rng_.range(1, 20));
}

void ChannelTraffic::share() {
  ctl_.mode = static_cast<unsigned>(rng_.range(0, 3));
  ctl_.level = static_cast<unsigned>(options_.flat ? 0 : rng_.range(0, 3));
  ctl_.weight = static_cast<unsigned>(rng_.range(0, 15));
}

void ChannelTraffic::run(const fields::Sta& sta) {
  if (sta.halted || watch_.halted()) {
    phase_ = Phase::Halted;
    wait_ = rng_.range(0, 60);
    return;
  }
  if (!ctl_.enable) {  // was stopped for a while
    ctl_.enable = true;
    return;
  }
  const bool enough = submitted_ >= options_.descriptors || finishing_;
  if (enough) {
    if (rung_ != tail_) return ring();
    ctl_.irq_enable = true;
    done_ = watch_.head() == tail_ && !sta.busy;
    wait_ = 3;
    return;
  }
  if (options_.interferes && rng_.range(0, 199) == 0) return interfere();
  if (options_.lone && watch_.head() != tail_) {
    if (rung_ != tail_) ring();
    return;
  }
  bool full = false;
  for (uint64_t n = options_.lone ? 1 : rng_.range(1, 4); n != 0 && !full; --n) full = !submit();
  if (full || rng_.chance(70)) ring();
  wait_ = rng_.range(0, rng_.chance(80) ? 40 : 400);
}

}  // namespace cw::dma
