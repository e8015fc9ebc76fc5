// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64 Channels=2 DescSlots=8
// cw-variant: W=128 Channels=1 DescSlots=4
// cw-variant: W=512 Channels=16
// cw-variant: W=512 CutBytes=32
// cw-variant: CutBytes=32
// cw-variant: W=64 CutBytes=8
#include "Vcw_dma_desc_buffer.h"
#include "Vcw_dma_desc_buffer_cutbytes32.h"
#include "Vcw_dma_desc_buffer_w128_channels1_descslots4.h"
#include "Vcw_dma_desc_buffer_w512_channels16.h"
#include "Vcw_dma_desc_buffer_w512_cutbytes32.h"
#include "Vcw_dma_desc_buffer_w64_channels2_descslots8.h"
#include "Vcw_dma_desc_buffer_w64_cutbytes8.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

template <class V, unsigned kChannels = 6, unsigned kSlots = 32>
struct Buffer : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::piece_data_i);
  static constexpr unsigned kIndices = 2 * kSlots;

  Buffer() {
    pins().piece_valid_i = pins().rd_en_i = 0;
    this->reset();
  }

  // Writes a piece beat by beat; after each, the index up to which all has come.
  std::vector<unsigned> piece(unsigned chan, bool linked, unsigned dest,
                              std::span<const uint8_t> bytes) {
    std::vector<unsigned> come;
    auto& p = pins();
    p.piece_chan_i = static_cast<uint8_t>(chan);
    p.piece_linked_i = linked;
    p.piece_dest_i = dest;
    p.piece_bytes_i = static_cast<uint16_t>(bytes.size());
    p.piece_valid_i = 1;
    for (size_t at = 0; at < bytes.size(); at += kBytes) {
      const auto beat = bytes.subspan(at, std::min<size_t>(kBytes, bytes.size() - at));
      drive_bytes(p.piece_data_i, std::vector<uint8_t>(kBytes, 0xee));
      drive_bytes(p.piece_data_i, beat);
      p.piece_eop_i = at + kBytes >= bytes.size();
      this->settle();
      come.push_back(p.come_o);
      this->step();
      if (at / kBytes % 3 == 0) {  // a clock without a beat
        p.piece_valid_i = 0;
        this->step();
        p.piece_valid_i = 1;
      }
    }
    p.piece_valid_i = 0;
    return come;
  }

  std::vector<uint8_t> read(unsigned chan, bool linked, unsigned index) {
    auto& p = pins();
    p.rd_chan_i = static_cast<uint8_t>(chan);
    p.rd_linked_i = linked;
    p.rd_index_i = index;
    p.rd_en_i = 1;
    this->step();
    p.rd_en_i = 0;
    p.rd_index_i = index ^ 1;
    this->step();
    return get_bytes(p.desc_o, 0, 32);
  }
};

// Runs of descriptors all over the rounds of all channels, and linked lines between them, in pieces
// of any number of dwords.
template <class B, unsigned kChannels, unsigned kSlots, unsigned kCut = 4>
void any_pieces() {
  B buffer;
  agent::Rng rng(5, "desc buffer");
  std::vector<uint8_t> ring[kChannels], line[kChannels];
  for (unsigned c = 0; c < kChannels; c++) ring[c].resize(32 * kSlots), line[c].resize(64);
  const auto fill = [&](unsigned c, bool linked, unsigned index, unsigned count) {
    auto& to = linked ? line[c] : ring[c];
    std::vector<uint8_t> bytes(32 * count);
    for (unsigned n = 0; n < bytes.size(); n++) {
      to[(32 * index + n) % to.size()] = bytes[n] = static_cast<uint8_t>(rng.u32());
    }
    for (unsigned at = 0; at < bytes.size();) {
      const auto left = static_cast<unsigned>(bytes.size()) - at;
      const unsigned part = kCut * static_cast<unsigned>(rng.range(1, left / kCut));
      const unsigned dest = (32 * index + at) % (32 * B::kIndices);
      const auto come = buffer.piece(c, linked, dest, std::span(bytes).subspan(at, part));
      for (unsigned beat = 0; beat < come.size(); beat++) {
        const unsigned end = at + std::min(part, (beat + 1) * B::kBytes);
        REQUIRE(come[beat] == (index + end / 32) % B::kIndices);
      }
      at += part;
    }
  };
  for (unsigned c = 0; c < kChannels; c++) {
    fill(c, false, 0, kSlots);
    fill(c, true, 0, 2);
  }
  for (int round = 0; round < 200; round++) {
    const auto c = static_cast<unsigned>(rng.range(0, kChannels - 1));
    const bool linked = rng.chance(20);
    const auto index = static_cast<unsigned>(rng.range(0, linked ? 1 : B::kIndices - 1));
    const auto most = linked ? 2 - index : std::min(kSlots, 16u);
    fill(c, linked, index, static_cast<unsigned>(rng.range(1, most)));
    for (int n = 0; n < 8; n++) {
      const auto other = n < 4 ? c : static_cast<unsigned>(rng.range(0, kChannels - 1));
      const bool link = rng.chance(30);
      const auto at = static_cast<unsigned>(rng.range(0, link ? 1 : B::kIndices - 1));
      const auto& from = link ? line[other] : ring[other];
      const auto want = std::span(from).subspan(32 * at % from.size(), 32);
      REQUIRE(buffer.read(other, link, at) == std::vector<uint8_t>(want.begin(), want.end()));
    }
  }
}

TEST_CASE("DMA descriptor buffer takes descriptors in any pieces", "[unit][dma][R53]") {
  any_pieces<Buffer<Vcw_dma_desc_buffer>, 6, 32>();
  any_pieces<Buffer<Vcw_dma_desc_buffer_w64_channels2_descslots8, 2, 8>, 2, 8>();
  any_pieces<Buffer<Vcw_dma_desc_buffer_w128_channels1_descslots4, 1, 4>, 1, 4>();
  any_pieces<Buffer<Vcw_dma_desc_buffer_w512_channels16, 16>, 16, 32>();
  any_pieces<Buffer<Vcw_dma_desc_buffer_cutbytes32>, 6, 32, 32>();
  any_pieces<Buffer<Vcw_dma_desc_buffer_w512_cutbytes32>, 6, 32, 32>();
  any_pieces<Buffer<Vcw_dma_desc_buffer_w64_cutbytes8>, 6, 32, 8>();
}

TEST_CASE("DMA descriptor buffer counts nothing of an answer without bytes", "[unit][dma][R26]") {
  Buffer<Vcw_dma_desc_buffer> buffer;
  auto& p = buffer.pins();
  p.piece_chan_i = 1;
  p.piece_linked_i = 0;
  p.piece_dest_i = 5 * 32 + 28;
  p.piece_bytes_i = 0;
  p.piece_eop_i = 1;
  p.piece_valid_i = 1;
  buffer.settle();
  CHECK(p.come_o == 5);
  buffer.step();
  CHECK(buffer.piece(1, false, 5 * 32, std::vector<uint8_t>(32)) == std::vector<unsigned>{6});
}

TEST_CASE("DMA descriptor buffer raises the alarm on a linked piece that leaves its line",
          "[unit][dma][R23]") {
  Buffer<Vcw_dma_desc_buffer> buffer;
  const std::vector<uint8_t> bytes(40);
  CHECK_THROWS_AS(buffer.piece(0, true, 32, bytes), dut::AssertionFailed);
}

TEST_CASE("DMA descriptor buffer raises the alarm on a cut where none may be", "[unit][dma][R23]") {
  Buffer<Vcw_dma_desc_buffer_cutbytes32> buffer;
  const std::vector<uint8_t> bytes(48);
  CHECK_THROWS_AS(buffer.piece(0, false, 0, bytes), dut::AssertionFailed);
}

TEST_CASE("DMA descriptor buffer raises the alarm on a piece of odd bytes", "[unit][dma][R23]") {
  Buffer<Vcw_dma_desc_buffer> buffer;
  const std::vector<uint8_t> bytes(30);
  CHECK_THROWS_AS(buffer.piece(0, false, 0, bytes), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
