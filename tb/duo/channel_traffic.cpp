// SPDX-License-Identifier: Apache-2.0
#include "duo/channel_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "cw/cw_regs.h"
#include "env/scoreboard_fault.hpp"

namespace cw::duo {

using dma::MadeEntry;
using dma::Places;
using model::DmaDescKind;
using model::DmaKind;

namespace {

constexpr uint64_t kAxi = uint64_t{1} << model::kDmaCardAxiBit;
constexpr uint32_t kTrespassBytes = 300;  // at most

}  // namespace

ChannelTraffic::ChannelTraffic(env::TwoEndpoints& system, const Options& options, agent::Rng rng)
    : system_(system),
      options_(options),
      space_(system.card(options.endpoint).space),
      driver_(system.card(options.endpoint).channel(options.kind)),
      rng_(rng),
      source_(space_.map(Places::kHostBytes)),
      target_(space_.map(Places::kHostBytes)),
      linked_(space_.map(Places::kLinkedSlotBytes << options.ring_log2)),
      maker_(options.kind, places(), rng_.fork("entries"), options.entries),
      elsewhere_(options.elsewhere.value + number() * Options::kElsewherePart,
                 Options::kElsewherePart) {
  std::vector<uint8_t> content(source_.bytes);
  for (uint8_t& byte : content) byte = static_cast<uint8_t>(rng_.u32());
  space_.write(source_, 0, content);
}

// Two kinds write to the card.
Places ChannelTraffic::places() {
  return {.host_src = source_.iova.value,
          .host_dst = target_.iova.value,
          .linked = linked_.iova.value,
          .axi = kAxi,
          .part = options_.kind == DmaKind::C2c ? 1u : 0u,
          .parts = 2};
}

std::string ChannelTraffic::state() const {
  return fmt::format(
      "endpoint {}, channel {}: {} of {} descriptors, {} starts, {} in the ring, "
      "head {}{}{}",
      options_.endpoint, number(), submitted_, options_.descriptors, starts_, driver_.submitted(),
      watch().head(), halted_ ? ", halted" : "", unrung_ ? ", not rung" : "");
}

bool ChannelTraffic::idle() const {
  return !halted_ && !unrung_ && !watch().halted() && driver_.room() == 1u << options_.ring_log2;
}

void ChannelTraffic::start() {
  driver_.start();
  maker_.restart();
  elsewhere_.free_all();
  entry_ = 0;
  entries_before_ = watch().entries();
  halted_ = unrung_ = untold_ = false;
  ++starts_;
}

// Entries without a record have ended, too, where the channel says so.
void ChannelTraffic::reclaim() {
  system_.board(options_.endpoint).retired(number(), driver_.head());
}

// What was open has ended with it, and every request of it was seen.
void ChannelTraffic::restart() {
  driver_.abort();
  reclaim();
  if (watch().unclaimed() != 0) {
    throw env::ScoreboardFault(fmt::format("{}: {} requests were not of an entry that ended",
                                           state(), watch().unclaimed()));
  }
  start();
}

void ChannelTraffic::take_records() {
  while (driver_.record_ready()) {
    const model::DmaError error = driver_.take_record().error;
    ++errors_[static_cast<unsigned>(error)];
    halted_ |= error != model::DmaError::Ok;
  }
  halted_ |= watch().halted();
}

// The last one of a batch has a record, so that the ring cannot fill with entries that have none.
bool ChannelTraffic::submit(bool last) {
  const uint64_t over = watch().entries() - entries_before_;
  maker_.ended(over);
  elsewhere_.free(over);
  if (driver_.room() == 0) return false;
  const unsigned size = 1u << options_.ring_log2;
  auto made = maker_.make(entry_, driver_.room(), driver_.submitted() & (size - 1));
  if (!made) return false;
  // Nothing on the link tells when one without a record ends: its event could not be judged.
  model::DmaDescriptor& first = made->pieces.front().descriptor;
  first.quiet &= !last && made->slots <= driver_.room() / 2;
  first.irq &= !first.quiet;
  if (rng_.range(0, 99) < options_.trespass) trespass(*made);
  for (const MadeEntry::Piece& piece : made->pieces) {
    if (piece.linked_at) {
      space_.write(linked_, *piece.linked_at - linked_.iova.value, model::encode(piece.descriptor));
    } else {
      driver_.submit_raw(piece.descriptor, piece.stale);
    }
    ++submitted_;
  }
  ++entry_;
  unrung_ = true;
  untold_ = first.quiet;
  return true;
}

// Data of the other endpoint, or a list that is said to go on in its pages.
void ChannelTraffic::trespass(MadeEntry& made) {
  model::DmaDescriptor& d = made.pieces[rng_.range(0, made.pieces.size() - 1)].descriptor;
  if (d.chain && rng_.chance(30)) {
    d.arg = options_.elsewhere.value + env::kDmaChannels * Options::kElsewherePart +
            number() * model::kDescriptorBytes;
    ++trespasses_;
    return;
  }
  if (d.kind != DmaDescKind::Copy) return;
  const bool reads = from_host(options_.kind) && (!to_host(options_.kind) || rng_.chance(50));
  if (!reads && !to_host(options_.kind)) return;
  const uint32_t bytes = std::min(d.bytes, kTrespassBytes);
  const auto place = elsewhere_.take(entry_, bytes, rng_.range(0, 64));
  if (!place) return;
  d.bytes = bytes;
  (reads ? d.src : d.dst) = *place;
  ++trespasses_;
}

void ChannelTraffic::interfere() {
  switch (rng_.range(0, 3)) {
    case 0:
      driver_.abort();
      halted_ = true;
      break;
    case 1:  // more than the ring has
      driver_.write_tail(static_cast<uint16_t>(driver_.submitted() + (1u << options_.ring_log2) +
                                               rng_.range(1, 9)));
      halted_ = true;
      break;
    case 2:
      driver_.stop();
      system_.run(dut::Cycles{rng_.range(1, 300)});
      driver_.resume();
      break;
    default: {
      const auto share = static_cast<uint32_t>(rng_.u32());
      constexpr uint32_t kPlain =
          CW_DMA_REGS__SHARE__LEVEL_bm | CW_DMA_REGS__SHARE__WEIGHT_bm;  // and no transparent mode
      system_.host().write32(system_.card(options_.endpoint).registers + env::dma_block(number()) +
                                 offsetof(cw_dma_regs_t, SHARE),
                             share & kPlain);
      break;
    }
  }
}

void ChannelTraffic::act() {
  take_records();
  if (halted_) return restart();
  if (submitted_ >= options_.descriptors && !untold_) {
    if (unrung_) driver_.ring_doorbell();
    unrung_ = false;
    system_.run(dut::Cycles{rng_.range(1, 40)});
    return;
  }
  if (options_.interferes && rng_.range(0, 199) == 0) return interfere();
  bool full = false;
  for (uint64_t n = rng_.range(1, 4); n != 0 && !full; --n) full = !submit(/*last=*/n == 1);
  if (unrung_ && (full || rng_.chance(70))) {
    driver_.ring_doorbell();
    unrung_ = false;
  }
  if (full) reclaim();
  if (full || rng_.chance(30)) system_.run(dut::Cycles{rng_.range(1, 60)});
}

}  // namespace cw::duo
