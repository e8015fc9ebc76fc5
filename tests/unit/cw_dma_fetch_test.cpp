// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_fetch.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using dut::operator""_cycles;
using model::DmaDescriptor;

constexpr uint64_t kRing = 0x4000;

// A ring of descriptors whose tag is their number; the test answers reads when it likes.
struct Fetch : dut::Module<Vcw_dma_fetch> {
  explicit Fetch(unsigned entries) : entries_(entries) {
    auto& p = pins();
    p.restart_i = p.rd_ready_i = p.rsp_valid_i = p.desc_ready_i = p.desc_follow_i = 0;
    offer_entries();
    reset();
  }

  void offer_entries() {
    auto& p = pins();
    p.entry_avail_i = taken_ < entries_;
    p.entry_pair_i = taken_ % 2 == 0 && taken_ + 1 < entries_;
    p.entry_iova_i = kRing + 32 * taken_;
    settle();
  }
  void tick() {
    offer_entries();
    const unsigned count = pins().entry_take_o ? 1 + pins().entry_both_o : 0;
    step();
    taken_ += count;
    offer_entries();
  }
  void tick(int clocks) {
    for (int n = 0; n < clocks; n++) tick();
  }

  std::vector<ReadReq> reads() {
    std::vector<ReadReq> all;
    pins().rd_ready_i = 1;
    for (int n = 0; n < 20; n++) {
      offer_entries();
      if (pins().rd_valid_o) all.push_back(read_req(pins().rd_req_o));
      tick();
    }
    pins().rd_ready_i = 0;
    return all;
  }

  static std::vector<uint8_t> ring_bytes(const ReadReq& req, DmaDescriptor d = {}) {
    std::vector<uint8_t> bytes;
    for (uint64_t at = req.iova; at < req.iova + req.bytes; at += 32) {
      d.tag = static_cast<uint16_t>((at - kRing) / 32);
      const auto encoded = model::encode(d);
      bytes.insert(bytes.end(), encoded.begin(), encoded.end());
    }
    return bytes;
  }

  void answer(const ReadReq& req, const std::vector<uint8_t>& bytes, unsigned status = RdOk) {
    for (size_t at = 0; at < bytes.size() || (bytes.empty() && at == 0); at += 32) {
      const size_t end = std::min(bytes.size(), at + 32);
      drive(pins().rsp_i, ReadRsp{.client = H2cDesc,
                                  .slot = req.slot,
                                  .dest = req.dest,
                                  .bytes = static_cast<unsigned>(bytes.size()),
                                  .sop = at == 0,
                                  .eop = end == bytes.size(),
                                  .status = status});
      drive_bytes(pins().rsp_data_i, {bytes.data() + at, end - at});
      pins().rsp_valid_i = 1;
      tick();
      pins().rsp_valid_i = 0;
    }
  }

  // The next descriptor's number, or -1 for one that failed; nothing if none is offered.
  std::optional<int> take(bool follow = false) {
    for (int n = 0; n < 4 && !pins().desc_valid_o; n++) tick();
    if (!pins().desc_valid_o) return std::nullopt;
    const int tag = pins().desc_failed_o ? -1 : static_cast<int>(get_bits(pins().desc_o, 16, 16));
    pins().desc_follow_i = follow;
    pins().desc_ready_i = 1;
    tick();
    pins().desc_ready_i = pins().desc_follow_i = 0;
    settle();
    return tag;
  }

 private:
  static uint64_t get_bits(const auto& port, unsigned lsb, unsigned width) {
    return dut::get_bits(port, lsb, width);
  }
  unsigned taken_ = 0;
  unsigned entries_;
};

TEST_CASE("DMA fetch reads 8 descriptors ahead, two to a request", "[unit][dma][R53]") {
  Fetch fetch(20);
  const auto reads = fetch.reads();
  REQUIRE(reads.size() == 4);
  for (unsigned n = 0; n < 4; n++) {
    CHECK(reads[n].iova == kRing + 64 * n);
    CHECK(reads[n].bytes == 64);
  }
  CHECK(Fetch(1).reads().at(0).bytes == 32);
}

TEST_CASE("DMA fetch hands descriptors out in ring order whatever is answered first",
          "[unit][dma][R18]") {
  Fetch fetch(8);
  const auto reads = fetch.reads();
  for (const unsigned n : {3u, 1u, 2u}) fetch.answer(reads[n], Fetch::ring_bytes(reads[n]));
  CHECK(fetch.take() == std::nullopt);
  fetch.answer(reads[0], Fetch::ring_bytes(reads[0]));
  for (int n = 0; n < 8; n++) CHECK(fetch.take() == n);
  CHECK(fetch.take() == std::nullopt);
  CHECK_FALSE(fetch.pins().busy_o);
}

TEST_CASE("DMA fetch follows the front's chain before the ring", "[unit][dma]") {
  Fetch fetch(2);
  const auto reads = fetch.reads();
  fetch.answer(reads[0], Fetch::ring_bytes(reads[0], {.next = {0x9'0000'0040}}));
  CHECK(fetch.pins().desc_first_o);
  CHECK(fetch.take(/*follow=*/true) == 0);
  const auto chained = fetch.reads();
  REQUIRE(chained.size() == 1);
  CHECK(chained[0].iova == 0x9'0000'0040);
  CHECK(chained[0].bytes == 32);
  CHECK(fetch.take() == std::nullopt);
  const auto bytes = model::encode(DmaDescriptor{.tag = 77});
  fetch.answer(chained[0], {bytes.begin(), bytes.end()});
  fetch.tick(2);
  CHECK_FALSE(fetch.pins().desc_first_o);
  CHECK(fetch.take() == 77);
  CHECK(fetch.take() == 1);
}

TEST_CASE("DMA fetch stops at a descriptor that cannot be read", "[unit][dma][R26]") {
  Fetch fetch(20);
  const auto reads = fetch.reads();
  fetch.answer(reads[1], {}, RdPoisoned);
  fetch.answer(reads[0], Fetch::ring_bytes(reads[0]));
  CHECK(fetch.take() == 0);
  CHECK(fetch.take() == 1);
  CHECK(fetch.take() == -1);
  CHECK(fetch.take() == std::nullopt);
  CHECK(fetch.reads().empty());
  CHECK(fetch.pins().busy_o);  // two requests are still to be answered
  fetch.answer(reads[3], Fetch::ring_bytes(reads[3]));
  fetch.answer(reads[2], {}, RdTimeout);
  fetch.tick(2);
  CHECK_FALSE(fetch.pins().busy_o);
  CHECK(fetch.take() == std::nullopt);
  fetch.pins().restart_i = 1;
  fetch.tick();
  fetch.pins().restart_i = 0;
  CHECK_FALSE(fetch.reads().empty());
}

TEST_CASE("DMA fetch keeps the first of two descriptors when only the second fails",
          "[unit][dma][R26][R53]") {
  Fetch fetch(2);
  const auto read = fetch.reads().at(0);
  auto half = Fetch::ring_bytes(read);
  half.resize(32);
  fetch.answer(read, half);  // a piece; the request is not over
  CHECK(fetch.take(/*follow=*/true) == 0);
  const auto chained = fetch.reads();
  fetch.answer(read, {}, RdCa);
  CHECK(fetch.take() == std::nullopt);  // the chain is not what failed
  const auto bytes = model::encode(DmaDescriptor{.tag = 78});
  fetch.answer(chained.at(0), {bytes.begin(), bytes.end()});
  CHECK(fetch.take() == 78);
  CHECK(fetch.take() == -1);
}

TEST_CASE("DMA fetch raises the alarm on an answer that nobody asked for", "[unit][dma][R22]") {
  Fetch fetch(0);
  CHECK_THROWS_AS(
      fetch.answer({.iova = kRing, .bytes = 32, .dest = 0, .slot = 0}, std::vector<uint8_t>(32)),
      dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
