// SPDX-License-Identifier: Apache-2.0
#include "copy.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

namespace cw::sim {

namespace {

using env::DmaDriver;

struct Piece {
  uint64_t at = 0;
  uint32_t bytes = 0;
  uint64_t card_addr = 0;
};

void check(const model::DmaRecord& record, const char* channel, uint64_t wanted) {
  if (record.error != model::DmaError::Ok || record.bytes_done != wanted) {
    throw std::runtime_error(fmt::format("{} entry {:#x}: error {}, {} of {} bytes", channel,
                                         record.tag, static_cast<unsigned>(record.error),
                                         record.bytes_done, wanted));
  }
}

// Cuts a piece into one to four descriptors of any length.
DmaDriver::Entry entry_of(const Piece& piece, pcie::Iova iova, agent::Rng& rng) {
  DmaDriver::Entry entry{.tag = static_cast<uint16_t>(rng.u32()), .irq = true};
  uint32_t done = 0;
  for (uint64_t cuts = rng.range(0, 3);; --cuts) {
    const uint32_t left = piece.bytes - done;
    const uint32_t part =
        cuts == 0 || left < 2 ? left : static_cast<uint32_t>(rng.range(1, left - 1));
    entry.segments.push_back(
        {.iova = iova + (piece.at + done), .card_addr = piece.card_addr + done, .bytes = part});
    done += part;
    if (done == piece.bytes) return entry;
  }
}

}  // namespace

CopyResult copy_through_card(env::Bringup& fabric, const env::DmaSpace::Buffer& source,
                             const env::DmaSpace::Buffer& target, agent::Rng rng,
                             const std::function<void(uint64_t)>& progress) {
  // Card memory in slots with odd gaps, so that every alignment of either side occurs.
  constexpr uint64_t kSlots = 4;
  const uint64_t slot_bytes = fabric.card_bytes() / kSlots;
  const dut::Cycles begin = fabric.system.now();
  CopyResult result;
  std::deque<Piece> coming, leaving;
  uint64_t next = 0, done = 0;
  while (done < source.bytes) {
    while (next < source.bytes && coming.size() + leaving.size() < kSlots) {
      const uint64_t gap = rng.range(0, 63);
      const uint64_t bytes = std::min<uint64_t>(source.bytes - next, slot_bytes - 64);
      const Piece piece{.at = next,
                        .bytes = static_cast<uint32_t>(bytes),
                        .card_addr = result.pieces % kSlots * slot_bytes + gap};
      const auto entry = entry_of(piece, source.iova, rng);
      fabric.h2c.submit(entry);
      fabric.h2c.ring_doorbell();
      coming.push_back(piece);
      next += bytes;
      ++result.pieces;
      result.descriptors += entry.segments.size();
    }
    const auto moved = [&] {
      return (!coming.empty() && fabric.h2c.record_ready()) ||
             (!leaving.empty() && fabric.c2h.record_ready());
    };
    fabric.system.kernel().run_until(moved, dut::Cycles{200'000}, "a piece of the copy");
    if (!coming.empty() && fabric.h2c.record_ready()) {
      const Piece piece = coming.front();
      check(fabric.h2c.take_record(), "host-to-card", piece.bytes);
      const auto entry = entry_of(piece, target.iova, rng);
      fabric.c2h.submit(entry);
      fabric.c2h.ring_doorbell();
      result.descriptors += entry.segments.size();
      coming.pop_front();
      leaving.push_back(piece);
    }
    if (!leaving.empty() && fabric.c2h.record_ready()) {
      check(fabric.c2h.take_record(), "card-to-host", leaving.front().bytes);
      done += leaving.front().bytes;
      leaving.pop_front();
      progress(done);
    }
  }
  // Records follow their data in order: the last one is in memory, so everything before it is.
  result.cycles = fabric.system.now() - begin;
  return result;
}

dut::Cycles stream(env::Bringup& fabric, env::DmaDriver& channel,
                   const env::DmaSpace::Buffer& buffer, uint32_t entry_bytes) {
  const uint64_t slots = fabric.card_bytes() / entry_bytes;
  uint64_t submitted = 0, taken = 0;
  const auto entries = (buffer.bytes + entry_bytes - 1) / entry_bytes;
  const auto submit = [&] {
    while (submitted < entries && channel.room() > 0) {
      const uint64_t at = submitted * entry_bytes;
      const auto bytes = static_cast<uint32_t>(std::min<uint64_t>(entry_bytes, buffer.bytes - at));
      channel.submit({.segments = {{.iova = buffer.iova + at,
                                    .card_addr = submitted % slots * entry_bytes,
                                    .bytes = bytes}}});
      ++submitted;
    }
  };
  submit();
  channel.ring_doorbell();
  const dut::Cycles begin = fabric.system.now();
  while (taken < entries) {
    const uint64_t bytes = std::min<uint64_t>(entry_bytes, buffer.bytes - taken * entry_bytes);
    check(channel.take_record(), "streaming", bytes);
    ++taken;
    constexpr uint64_t kBatch = 8;
    if (submitted < entries && channel.room() >= kBatch) {
      submit();
      channel.ring_doorbell();
    }
  }
  return fabric.system.now() - begin;
}

}  // namespace cw::sim
