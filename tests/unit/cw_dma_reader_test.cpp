// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include "Vcw_dma_reader.h"
#include "Vcw_dma_reader_w512.h"
#include "Vcw_dma_reader_w64.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using model::DmaError;

template <class V>
struct Reader : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kBytes = sizeof(V::rsp_data_i);

  std::vector<uint8_t> card = std::vector<uint8_t>(4096, 0);
  std::vector<Landed> landed_log;
  unsigned clocks = 0;
  agent::Rng rng{1, "reader"};
  unsigned stall_percent = 0;

  Reader() {
    pins().chunk_valid_i = pins().rd_ready_i = pins().rsp_valid_i = 0;
    pins().cm_wr_ready_i = 1;
    this->reset();
  }

  void tick() {
    this->settle();
    if (pins().cm_wr_valid_o && pins().cm_wr_ready_i) {
      const auto data = get_bytes(pins().cm_wr_data_o, 0, kBytes);
      REQUIRE(pins().cm_wr_addr_o % kBytes == 0);
      for (unsigned n = 0; n < kBytes; n++) {
        if (pins().cm_wr_strb_o >> n & 1) card.at(pins().cm_wr_addr_o + n) = data[n];
      }
    }
    if (pins().landed_valid_o) landed_log.push_back(landed(pins().landed_o));
    this->step();
    clocks++;
    pins().cm_wr_ready_i = !(stall_percent != 0 && rng.chance(stall_percent));
  }

  // One packet, its bytes at `rsp.offset` of lane 0.
  void packet(ReadRsp rsp, const std::vector<uint8_t>& bytes) {
    std::vector<uint8_t> lanes(rsp.offset, 0xdd);
    lanes.insert(lanes.end(), bytes.begin(), bytes.end());
    rsp.bytes = static_cast<unsigned>(bytes.size());
    size_t at = 0;
    do {
      const size_t end = std::min(lanes.size(), at + kBytes);
      rsp.sop = at == 0;
      rsp.eop = end == lanes.size();
      drive(pins().rsp_i, rsp);
      drive_bytes(pins().rsp_data_i, std::vector<uint8_t>(kBytes, 0xcc));
      drive_bytes(pins().rsp_data_i, {lanes.data() + at, end - at});
      pins().rsp_valid_i = 1;
      for (this->settle(); !pins().rsp_ready_o; this->settle()) tick();
      tick();
      pins().rsp_valid_i = 0;
      at = end;
    } while (at < lanes.size());
  }
  void drain() {
    for (int n = 0; n < 40; n++) tick();
  }
};

// Packets of every alignment, and nothing but their bytes changes.
template <class V>
void any_alignment() {
  Reader<V> reader;
  reader.stall_percent = 25;
  agent::Rng rng(2, "packets");
  std::vector<uint8_t> expected = reader.card;
  std::vector<Landed> log;
  for (unsigned n = 0; n < 300; n++) {
    const auto dest = static_cast<uint32_t>(rng.range(0, 3000));
    std::vector<uint8_t> bytes(rng.range(1, rng.chance(50) ? 8 : 512));
    for (auto& byte : bytes) byte = static_cast<uint8_t>(rng.u32());
    std::ranges::copy(bytes, expected.begin() + dest);
    const bool last = rng.chance(50);
    log.push_back({.slot = n % 8, .bytes = static_cast<uint32_t>(bytes.size()), .ends = last});
    reader.packet({.client = H2cData,
                   .slot = n % 8,
                   .dest = dest,
                   .offset = static_cast<unsigned>(rng.range(0, 3)),
                   .last = last},
                  bytes);
    if (rng.chance(10)) {
      reader.packet({.client = H2cData, .slot = 3, .dest = 0, .status = RdTimeout}, {});
      log.push_back({.slot = 3, .bytes = 0, .ends = true, .error = DmaError::Timeout});
    }
  }
  reader.drain();
  CHECK(reader.card == expected);
  CHECK(reader.landed_log == log);
}

TEST_CASE("DMA reader puts any bytes at any byte of card memory", "[unit][dma][R55][R18]") {
  any_alignment<Vcw_dma_reader_w64>();
  any_alignment<Vcw_dma_reader>();
  any_alignment<Vcw_dma_reader_w512>();
}

TEST_CASE("DMA reader takes an aligned beat every clock", "[unit][dma][throughput]") {
  Reader<Vcw_dma_reader> reader;
  for (int n = 0; n < 50; n++) {
    reader.packet({.client = H2cData, .slot = 1, .dest = 256}, std::vector<uint8_t>(64));
  }
  CHECK(reader.clocks <= 100 + 4);
}

TEST_CASE("DMA reader turns every failure into its record error", "[unit][dma][R26][R27]") {
  Reader<Vcw_dma_reader> reader;
  for (unsigned status = RdUr; status <= RdLied; status++) {
    reader.packet({.client = H2cData, .slot = 2, .status = status}, {});
  }
  reader.drain();
  REQUIRE(reader.landed_log.size() == 5);
  for (unsigned n = 0; n < 5; n++) {
    CHECK(reader.landed_log[n].error == static_cast<DmaError>(5 + n));
    CHECK(reader.landed_log[n].ends);
  }
}

TEST_CASE("DMA reader counts bytes as landed when card memory has them", "[unit][dma][R29]") {
  Reader<Vcw_dma_reader> reader;
  reader.stall_percent = 100;
  reader.tick();
  reader.packet({.client = H2cData, .slot = 1, .dest = 0}, std::vector<uint8_t>(8, 1));
  reader.drain();
  CHECK(reader.landed_log.empty());
  reader.stall_percent = 0;
  reader.drain();
  CHECK(reader.landed_log.size() == 1);
}

TEST_CASE("DMA reader leaves other clients' answers alone", "[unit][dma]") {
  Reader<Vcw_dma_reader> reader;
  reader.packet({.client = H2cDesc, .slot = 1, .dest = 0}, std::vector<uint8_t>(32, 1));
  reader.drain();
  CHECK(reader.landed_log.empty());
  CHECK(reader.card == std::vector<uint8_t>(4096, 0));
}

TEST_CASE("DMA reader asks for a chunk in the clock it is offered", "[unit][dma]") {
  Reader<Vcw_dma_reader> reader;
  drive(reader.pins().chunk_i,
        model::DmaChunk{.iova = {0x1234'5678'9abc}, .bytes = 77, .card_addr = 9});
  reader.pins().chunk_slot_i = 6;
  reader.pins().chunk_valid_i = 1;
  reader.settle();
  CHECK(reader.pins().rd_valid_o);
  CHECK_FALSE(reader.pins().chunk_ready_o);
  CHECK(read_req(reader.pins().rd_req_o) ==
        ReadReq{.iova = 0x1234'5678'9abc, .bytes = 77, .dest = 9, .slot = 6});
}

TEST_CASE("DMA reader raises the alarm on a failure that brings data", "[unit][dma][R26]") {
  Reader<Vcw_dma_reader> reader;
  CHECK_THROWS_AS(reader.packet({.client = H2cData, .status = RdPoisoned}, std::vector<uint8_t>(8)),
                  dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
