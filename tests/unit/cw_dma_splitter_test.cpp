// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_splitter.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using dut::Module;
using dut::operator""_cycles;
using model::DmaChunk;

struct Splitter : Module<Vcw_dma_splitter> {
  explicit Splitter(uint32_t limit_bytes) {
    pins().max_i = limit_bytes / 256 == 0 ? 0 : std::countr_zero(limit_bytes) - 7;
    pins().transfer_valid_i = pins().chunk_ready_i = pins().abort_i = 0;
    reset();
  }

  void offer(const Transfer& transfer) {
    drive(pins().transfer_i, transfer);
    pins().transfer_valid_i = 1;
    run_until([&] { return pins().transfer_ready_o; }, 10_cycles);
    step();
    pins().transfer_valid_i = 0;
  }

  std::vector<DmaChunk> split(const Transfer& transfer) {
    offer(transfer);
    pins().chunk_ready_i = 1;
    std::vector<DmaChunk> chunks;
    for (settle(); pins().chunk_valid_o; settle()) {
      chunks.push_back(chunk(pins().chunk_o));
      CHECK(bool(pins().end_o) ==
            (chunks.back().iova.value + chunks.back().bytes == transfer.iova + transfer.bytes));
      step();
    }
    pins().chunk_ready_i = 0;
    return chunks;
  }
};

TEST_CASE("four-k-split: DMA splitter never lets a chunk cross a 4 KiB page", "[unit][dma][R01]") {
  CHECK(Splitter(512).split({.iova = 0x1fc0, .card_addr = 0, .bytes = 128}) ==
        std::vector<DmaChunk>{{{0x1fc0}, 64, 0}, {{0x2000}, 64, 64}});
}

TEST_CASE("DMA splitter gives a transfer up when it is reset", "[unit][dma][R43]") {
  Splitter splitter(512);
  splitter.offer({.iova = 0x1000, .card_addr = 0, .bytes = 4096});
  splitter.settle();
  CHECK(splitter.pins().chunk_valid_o);
  splitter.reset();
  splitter.settle();
  CHECK_FALSE(splitter.pins().chunk_valid_o);
  CHECK(splitter.pins().transfer_ready_o);
}

TEST_CASE("mrrs-4096: DMA splitter takes a limit of 4 KiB as exactly 4096 bytes",
          "[unit][dma][R02]") {
  Splitter splitter(4096);
  CHECK(splitter.split({.iova = 0x7000, .card_addr = 0, .bytes = 4096}) ==
        std::vector<DmaChunk>{{{0x7000}, 4096, 0}});
  CHECK(splitter.split({.iova = 0x7000, .card_addr = 3, .bytes = 4097}) ==
        std::vector<DmaChunk>{{{0x7000}, 4096, 3}, {{0x8000}, 1, 4099}});
}

TEST_CASE("DMA splitter sends what fits as one request, however it is aligned",
          "[unit][dma][R02]") {
  CHECK(Splitter(128).split({.iova = 0x1043, .card_addr = 1, .bytes = 125}) ==
        std::vector<DmaChunk>{{{0x1043}, 125, 1}});
}

TEST_CASE("DMA splitter counts whole dwords against the limit", "[unit][dma][R02]") {
  CHECK(Splitter(128).split({.iova = 0x1043, .card_addr = 1, .bytes = 126}) ==
        std::vector<DmaChunk>{{{0x1043}, 61, 1}, {{0x1080}, 65, 62}});
}

TEST_CASE("DMA splitter ends at 2^64 and carries into bit 32", "[unit][dma][R55][R04]") {
  Splitter splitter(256);
  CHECK(splitter.split({.iova = 0xffff'ffff'ffff'fff3, .card_addr = 8, .bytes = 13}) ==
        std::vector<DmaChunk>{{{0xffff'ffff'ffff'fff3}, 13, 8}});
  CHECK(splitter.split({.iova = 0xffff'fff0, .card_addr = 0, .bytes = 32}) ==
        std::vector<DmaChunk>{{{0xffff'fff0}, 16, 0}, {{0x1'0000'0000}, 16, 16}});
}

TEST_CASE("DMA splitter cuts any transfer as the model does", "[unit][dma][R01][R02][R55]") {
  agent::Rng rng(11, "splitter");
  for (uint32_t limit = 128; limit <= 4096; limit *= 2) {
    Splitter splitter(limit);
    for (int n = 0; n < 60; n++) {
      const Transfer t{.iova = rng.u64() >> rng.range(0, 40),
                       .card_addr = rng.u32() >> 8,
                       .bytes = static_cast<uint32_t>(rng.range(1, 1u << rng.range(0, 14)))};
      REQUIRE(splitter.split(t) ==
              model::split({.bytes = t.bytes, .iova = {t.iova}, .card_addr = t.card_addr}, limit));
    }
  }
}

TEST_CASE("DMA splitter gives one chunk per clock across transfers", "[unit][dma]") {
  Splitter splitter(128);
  drive(splitter.pins().transfer_i, Transfer{.iova = 0x1000, .card_addr = 0, .bytes = 64});
  splitter.pins().transfer_valid_i = splitter.pins().chunk_ready_i = 1;
  splitter.step();
  for (int n = 0; n < 20; n++) {
    splitter.settle();
    CHECK(splitter.pins().chunk_valid_o);
    CHECK(splitter.pins().transfer_ready_o);
    splitter.step();
  }
}

TEST_CASE("DMA splitter ends an aborted transfer with the chunk on offer", "[unit][dma][R59]") {
  Splitter splitter(128);
  splitter.offer({.iova = 0x1000, .card_addr = 0, .bytes = 4096});
  splitter.pins().abort_i = 1;
  splitter.step();
  CHECK(splitter.pins().chunk_valid_o);
  splitter.pins().chunk_ready_i = 1;
  splitter.settle();
  CHECK(splitter.pins().end_o);
  splitter.step();
  splitter.settle();
  CHECK_FALSE(splitter.pins().chunk_valid_o);
}

TEST_CASE("DMA splitter raises the alarm on an empty transfer", "[unit][dma][R55]") {
  Splitter splitter(128);
  drive(splitter.pins().transfer_i, Transfer{.iova = 0x1000, .card_addr = 0, .bytes = 0});
  splitter.pins().transfer_valid_i = 1;
  CHECK_THROWS_AS(splitter.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
