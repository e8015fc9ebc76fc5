// SPDX-License-Identifier: Apache-2.0
#include "dma/entry_maker.hpp"

#include <algorithm>

namespace cw::dma {

using model::DmaDescKind;
using model::DmaDescriptor;
using model::DmaKind;

EntryMaker::EntryMaker(DmaKind kind, const Places& places, agent::Rng rng, EntryOptions options)
    : kind_(kind),
      places_(places),
      rng_(rng),
      options_(options),
      host_(places.host_dst, Places::kHostBytes),
      card_(Places::kCardStatic + places.part * places.card_part(), places.card_part()),
      axi_(places.axi + Places::kAxiStatic + places.part * places.axi_part(), places.axi_part()) {}

void EntryMaker::ended(uint64_t entries) {
  for (Arena* arena : {&host_, &card_, &axi_}) arena->free(entries);
}

void EntryMaker::restart() {
  for (Arena* arena : {&host_, &card_, &axi_}) arena->free_all();
}

uint32_t EntryMaker::size() {
  if (options_.big && rng_.chance(50)) return 1u << rng_.range(9, 12);
  switch (rng_.range(0, 7)) {
    case 0:
    case 1:
      return static_cast<uint32_t>(rng_.range(1, 16));
    case 2:
    case 3:
    case 4:
      return static_cast<uint32_t>(rng_.range(1, 300));
    case 5:
    case 6:
      return 1u << rng_.range(5, 11);
    default:
      return static_cast<uint32_t>(rng_.range(1, 5000));
  }
}

uint64_t EntryMaker::source(uint64_t bytes) {
  const bool at_end = rng_.chance(5);
  const auto inside = [&](uint64_t base, uint64_t space) {
    const uint64_t last = space - bytes;
    const uint64_t at = at_end ? last : rng_.range(0, last);
    return base + (rng_.chance(40) ? at & ~uint64_t{63} : at);
  };
  if (from_host(kind_)) return inside(places_.host_src, Places::kHostBytes);
  if (!from_card(kind_)) return rng_.u64();  // of a stream: not looked at
  return rng_.chance(100 - options_.axi) ? inside(0, Places::kCardStatic)
                                         : inside(places_.axi, Places::kAxiStatic);
}

std::optional<uint64_t> EntryMaker::destination(uint64_t entry, uint64_t bytes) {
  Arena& arena = to_host(kind_) ? host_ : rng_.chance(100 - options_.axi) ? card_ : axi_;
  if (kind_ == DmaKind::H2s) return rng_.u64() & ~uint64_t{0x100};  // TUSER[0] is the card's
  const bool at_end = rng_.chance(5);
  const uint64_t gap = rng_.chance(40) ? 64 - arena.base() % 64 : rng_.range(0, 70);
  return arena.take(entry, bytes, gap % 128, at_end);
}

bool EntryMaker::fill(DmaDescriptor& d, uint64_t entry, DmaDescKind kind) {
  d.kind = kind;
  d.attributes = {.no_snoop = rng_.chance(30), .relaxed = rng_.chance(30), .ido = rng_.chance(30)};
  d.arg = rng_.u64();  // where nobody looks
  if (kind == DmaDescKind::Immediate) {
    d.bytes = static_cast<uint32_t>(rng_.range(1, 8));
    d.src = rng_.u64();
  } else {
    d.bytes = size();
  }
  uint64_t src_span = d.bytes, dst_span = d.bytes;
  if (kind == DmaDescKind::Rows) {
    d.bytes = std::min(d.bytes, 600u);
    model::DmaRows rows{.rows = static_cast<uint16_t>(rng_.range(1, rng_.chance(20) ? 20 : 5)),
                        .dst_pitch = d.bytes + static_cast<uint32_t>(rng_.range(0, 90)),
                        .src_pitch = static_cast<uint32_t>(rng_.range(0, 700))};
    if (rng_.chance(20)) rows.dst_pitch = d.bytes;
    src_span = d.bytes + uint64_t{rows.src_pitch} * (rows.rows - 1u);
    dst_span = d.bytes + uint64_t{rows.dst_pitch} * (rows.rows - 1u);
    // Pitches of a stream's side are not looked at.
    if (kind_ == DmaKind::H2s) rows.dst_pitch = rng_.u32() & 0xffffff;
    if (kind_ == DmaKind::S2h) rows.src_pitch = rng_.u32() & 0xffffff;
    d.arg = model::encode(rows);
  }
  if (kind != DmaDescKind::Immediate) d.src = source(src_span);
  const auto dst = destination(entry, dst_span);
  d.dst = dst.value_or(0);
  return dst.has_value();
}

// A chain that leads to itself: cut at its 257th descriptor.
void EntryMaker::make_endless(MadeEntry& made, uint64_t linked) {
  DmaDescriptor& first = made.pieces.front().descriptor;
  first.kind = DmaDescKind::Copy;
  first.bytes = static_cast<uint32_t>(std::min<uint64_t>(first.bytes, rng_.range(1, 8)));
  first.last = false;
  first.chain = true;
  first.arg = linked;
  made.pieces.resize(1);
  made.pieces.push_back({.descriptor = first, .linked_at = linked});
}

std::optional<MadeEntry> EntryMaker::make(uint64_t entry, unsigned room, unsigned slot) {
  MadeEntry made;
  unsigned pieces = rng_.chance(50) ? 1 : static_cast<unsigned>(rng_.range(1, options_.segments));
  if (rng_.chance(3)) pieces = static_cast<unsigned>(rng_.range(10, 40));
  const uint64_t linked = places_.linked + slot * Places::kLinkedSlotBytes;
  unsigned linked_used = 0;
  // In the ring up to this one, linked behind it.
  unsigned in_ring = rng_.chance(50) ? pieces : static_cast<unsigned>(rng_.range(1, pieces));
  in_ring = std::min(in_ring, room);
  DmaDescriptor common{.irq = rng_.chance(40),
                       .fence = rng_.chance(15),
                       .quiet = rng_.chance(options_.quiet),
                       .tag = static_cast<uint16_t>(rng_.u32())};
  for (unsigned n = 0; n < pieces; ++n) {
    MadeEntry::Piece piece{.descriptor = common};
    DmaDescriptor& d = piece.descriptor;
    d.last = n + 1 == pieces;
    const bool leads = !d.last && (n + 1 == in_ring || (n >= in_ring && rng_.chance(30)));
    const uint64_t roll = leads ? 0 : rng_.range(0, 9);
    const DmaDescKind kind = roll == 9                            ? DmaDescKind::Rows
                             : roll == 8 && kind_ != DmaKind::S2h ? DmaDescKind::Immediate
                                                                  : DmaDescKind::Copy;
    if (!fill(d, entry, kind)) {
      if (n == 0) return std::nullopt;
      made.pieces.back().descriptor.last = true;  // as far as there was room
      made.pieces.back().descriptor.chain = false;
      break;
    }
    if (n >= in_ring) piece.linked_at = linked + linked_used++ * model::kDescriptorBytes;
    if (leads) {
      d.chain = true;
      if (n >= in_ring) linked_used += static_cast<unsigned>(rng_.range(0, 2)) & 1;
      d.arg = linked + linked_used * model::kDescriptorBytes;
    }
    if (n != 0) {  // only the first one's count
      d.tag = static_cast<uint16_t>(rng_.u32());
      d.irq = rng_.chance(50);
      d.quiet = rng_.chance(50);
      d.fence = rng_.chance(50);
    }
    if (piece.linked_at) d.phase = rng_.chance(50);
    made.pieces.push_back(piece);
  }
  made.slots = static_cast<unsigned>(
      std::ranges::count_if(made.pieces, [](const auto& piece) { return !piece.linked_at; }));
  if (rng_.range(0, 99) < options_.bad) {
    if (rng_.chance(10)) {
      make_endless(made, linked);
      made.slots = 1;
    } else {
      spoil(made.pieces[rng_.range(0, made.pieces.size() - 1)]);
    }
  }
  return made;
}

void EntryMaker::spoil(MadeEntry::Piece& piece) {
  DmaDescriptor& d = piece.descriptor;
  const uint64_t bytes = d.bytes;
  switch (rng_.range(0, 10)) {
    case 0:
      d.reserved = static_cast<uint8_t>(1u << rng_.range(0, 4));
      break;
    case 1:
      d.kind = DmaDescKind::Reserved;
      break;
    case 2:
      d.bytes = 0;
      break;
    case 3:
      d.kind = DmaDescKind::Immediate;
      d.bytes = static_cast<uint32_t>(rng_.range(9, 1u << rng_.range(4, 31)));
      break;
    case 4:
      d.kind = DmaDescKind::Rows;
      d.arg &= ~(uint64_t{0xffff} << 48);
      break;
    case 5:
      d.chain = d.last = true;
      d.arg &= ~uint64_t{31};
      break;
    case 6:
      d.last = false;
      d.chain = true;
      d.arg |= rng_.range(1, 31);
      break;
    case 7:  // beyond the end of the host's addresses, or of the card's
      if (from_host(kind_) || kind_ == DmaKind::C2c) {
        d.src = from_host(kind_) ? ~uint64_t{0} - bytes + 2 : kCardBytes - bytes + 1;
      } else {
        d.dst = ~uint64_t{0} - bytes + 2;
      }
      break;
    case 8:
      if (to_card(kind_)) d.dst = kCardBytes - bytes + 1;
      if (from_card(kind_)) d.src = rng_.chance(50) ? kCardBytes - bytes + 1 : uint64_t{1} << 41;
      break;
    case 9:
      if (to_card(kind_)) d.dst |= uint64_t{1} << rng_.range(41, 63);
      if (to_card(kind_)) d.dst |= uint64_t{1} << 40;
      break;
    default:
      piece.stale = !piece.linked_at;
      break;
  }
}

}  // namespace cw::dma
