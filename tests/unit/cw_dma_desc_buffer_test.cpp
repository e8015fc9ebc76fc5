// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include "Vcw_dma_desc_buffer.h"
#include "Vcw_dma_desc_buffer_w512.h"
#include "Vcw_dma_desc_buffer_w64.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

template <class V>
struct Buffer : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::piece_data_i);

  Buffer() {
    pins().piece_valid_i = pins().rd_en_i = 0;
    this->reset();
  }

  // Writes a piece beat by beat; the slots it completes, as a mask.
  unsigned piece(unsigned dest, std::span<const uint8_t> bytes) {
    unsigned filled = 0;
    pins().piece_dest_i = dest;
    pins().piece_bytes_i = bytes.size();
    pins().piece_valid_i = 1;
    for (size_t at = 0; at < bytes.size(); at += kBytes) {
      const auto beat = bytes.subspan(at, std::min<size_t>(kBytes, bytes.size() - at));
      drive_bytes(pins().piece_data_i, std::vector<uint8_t>(kBytes, 0xee));
      drive_bytes(pins().piece_data_i, beat);
      pins().piece_eop_i = at + kBytes >= bytes.size();
      this->settle();
      filled |= pins().filled_o;
      this->step();
    }
    pins().piece_valid_i = 0;
    return filled;
  }

  std::vector<uint8_t> read(unsigned slot) {
    pins().rd_slot_i = slot;
    pins().rd_en_i = 1;
    this->step();
    pins().rd_en_i = 0;
    pins().rd_slot_i = slot ^ 1;
    this->step();
    return get_bytes(pins().desc_o, 0, 32);
  }
};

// Every line in pieces of a random number of dwords, lines interleaved.
template <class V>
void any_pieces() {
  Buffer<V> buffer;
  agent::Rng rng(5, "desc buffer");
  std::vector<uint8_t> expected(256);
  for (int round = 0; round < 20; round++) {
    for (auto& byte : expected) byte = static_cast<uint8_t>(rng.u32());
    unsigned at[4] = {};
    unsigned filled = 0;
    while (at[0] + at[1] + at[2] + at[3] < 256) {
      const auto line = static_cast<unsigned>(rng.range(0, 3));
      if (at[line] == 64) continue;
      const auto bytes = 4 * static_cast<unsigned>(rng.range(1, (64 - at[line]) / 4));
      const unsigned dest = 64 * line + at[line];
      const unsigned done = buffer.piece(dest, std::span(expected).subspan(dest, bytes));
      unsigned due = 0;
      for (unsigned s = 0; s < 8; s++) {
        if (dest < 32 * s + 32 && dest + bytes >= 32 * s + 32) due |= 1u << s;
      }
      REQUIRE(done == due);
      filled |= done;
      at[line] += bytes;
    }
    CHECK(filled == 0xff);
    for (unsigned s = 0; s < 8; s++) {
      const auto want = std::span(expected).subspan(32 * s, 32);
      REQUIRE(buffer.read(s) == std::vector<uint8_t>(want.begin(), want.end()));
    }
  }
}

TEST_CASE("DMA descriptor buffer takes descriptors in any pieces", "[unit][dma][R53]") {
  any_pieces<Vcw_dma_desc_buffer_w64>();
  any_pieces<Vcw_dma_desc_buffer>();
  any_pieces<Vcw_dma_desc_buffer_w512>();
}

TEST_CASE("DMA descriptor buffer raises the alarm on a piece that leaves its line",
          "[unit][dma][R23]") {
  Buffer<Vcw_dma_desc_buffer> buffer;
  const std::vector<uint8_t> bytes(32);
  CHECK_THROWS_AS(buffer.piece(48, bytes), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
