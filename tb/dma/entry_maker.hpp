// SPDX-License-Identifier: Apache-2.0
//
// Random entries of one DMA channel: every kind of descriptor, any length and alignment, in the
// ring and linked, now and then one that the card must refuse. Destinations of entries that may be
// open together do not overlap.
#pragma once

#include <optional>
#include <vector>

#include "agent/rng.hpp"
#include "dma/arena.hpp"
#include "dma/engine_dut.hpp"

namespace cw::dma {

// Where a channel's bytes lie.
struct Places {
  uint64_t host_src = 0;  // kHostBytes each
  uint64_t host_dst = 0;
  uint64_t linked = 0;  // kLinkedBytes
  uint64_t axi = 0;     // card address of kAxiBytes behind AXI4
  unsigned part = 0;    // of the parts of card memory that is the channel's to write
  unsigned parts = 1;
  static constexpr uint64_t kHostBytes = 128 * 1024;
  static constexpr uint64_t kLinkedSlotBytes = 64 * model::kDescriptorBytes;
  static constexpr uint64_t kAxiBytes = 256 * 1024;
  // Card memory, built in and behind AXI4: a quarter that nobody writes, and a part for each
  // channel that does.
  static constexpr uint64_t kCardStatic = kCardBytes / 4;
  static constexpr uint64_t kAxiStatic = kAxiBytes / 4;
  uint64_t card_part() const { return (kCardBytes - kCardStatic) / parts; }
  uint64_t axi_part() const { return (kAxiBytes - kAxiStatic) / parts; }
};

struct EntryOptions {
  bool big = false;       // kilobytes rather than bytes
  unsigned segments = 6;  // at most, now and then many more
  unsigned bad = 0;       // percent of entries with a bad descriptor
  unsigned quiet = 20;    // percent
  unsigned axi = 40;      // percent of what goes to the card: to its AXI4
};

// Descriptors and where they lie, the first in the ring.
struct MadeEntry {
  struct Piece {
    model::DmaDescriptor descriptor{};
    std::optional<uint64_t> linked_at{};  // none: the next slot of the ring
    bool stale = false;
  };
  std::vector<Piece> pieces{};
  unsigned slots = 0;  // of the ring
};

class EntryMaker {
 public:
  EntryMaker(model::DmaKind kind, const Places& places, agent::Rng rng, EntryOptions options);

  // Nothing where there is no room for it. `slot`: the ring's, whose linked memory it may use.
  std::optional<MadeEntry> make(uint64_t entry, unsigned room, unsigned slot);
  void ended(uint64_t entries);  // all before this number
  void restart();

 private:
  bool fill(model::DmaDescriptor& descriptor, uint64_t entry, model::DmaDescKind kind);
  std::optional<uint64_t> destination(uint64_t entry, uint64_t bytes);
  uint64_t source(uint64_t bytes);
  uint32_t size();
  void spoil(MadeEntry::Piece& piece);
  void make_endless(MadeEntry& made, uint64_t linked);

  model::DmaKind kind_;
  Places places_;
  agent::Rng rng_;
  EntryOptions options_;
  Arena host_, card_, axi_;
};

}  // namespace cw::dma
