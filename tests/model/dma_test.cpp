// SPDX-License-Identifier: Apache-2.0
#include "model/dma.hpp"

#include <map>

#include "catch_shim.hpp"

namespace cw::model {
namespace {

// A ring of eight at 0x1000, records at 0x2000.
struct Bench {
  explicit Bench(bool to_card = true)
      : card(65536),
        channel({.to_card = to_card, .ring = {0x1000}, .records = {0x2000}, .limit_bytes = 128},
                {.byte = [this](pcie::Iova iova) { return byte(iova); },
                 .fault = [this](pcie::Iova iova, uint32_t bytes) -> std::optional<DmaFault> {
                   const auto found = faults.lower_bound(iova.value);
                   if (found == faults.end() || found->first >= iova.value + bytes) return {};
                   return found->second;
                 }},
                card) {}

  uint8_t byte(pcie::Iova iova) const {
    const auto found = host.find(iova.value);
    return found != host.end() ? found->second : static_cast<uint8_t>(iova.value);
  }
  void put(uint64_t at, const DmaDescriptor& descriptor) {
    for (const uint8_t value : encode(descriptor)) host[at++] = value;
  }

  std::map<uint64_t, uint8_t> host;
  std::map<uint64_t, DmaFault> faults;
  std::vector<uint8_t> card;
  DmaChannelModel channel;
};

TEST_CASE("A DMA descriptor's fields lie where the format says", "[model][dma]") {
  const DmaDescriptor d{.chain = true,
                        .irq = false,
                        .reserved = 1,
                        .tag = 0x1122,
                        .bytes = 0x33445566,
                        .iova = {0x778899aabbccddee},
                        .card_addr = 0x0102030405060708,
                        .next = {0x1112131415161718}};
  const auto bytes = encode(d);
  CHECK(bytes[0] == 5);
  CHECK(bytes[2] == 0x22);
  CHECK(bytes[4] == 0x66);
  CHECK(bytes[8] == 0xee);
  CHECK(bytes[16] == 0x08);
  CHECK(bytes[31] == 0x11);
  CHECK(decode_descriptor(bytes) == d);
}

TEST_CASE("A DMA record's fields lie where the format says", "[model][dma]") {
  const DmaRecord r{.phase = true,
                    .error = DmaError::Timeout,
                    .tag = 0x1122,
                    .index = 0x3344,
                    .bytes_done = 0x0102030405060708};
  const std::array<uint8_t, 16> bytes{1, 8, 0x22, 0x11, 0x44, 0x33, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1};
  CHECK(encode(r) == bytes);
  CHECK(decode_record(bytes) == r);
}

TEST_CASE("A DMA entry to the card reads, moves and records", "[model][dma][R01][R02]") {
  Bench bench;
  bench.put(0x1000, {.irq = true, .tag = 7, .bytes = 200, .iova = {0x8f81}, .card_addr = 5});
  REQUIRE(bench.channel.doorbell(1));
  const auto entry = bench.channel.next();
  REQUIRE(entry);
  CHECK(entry->data_reads == std::vector<DmaChunk>{{{0x8f81}, 127, 5}, {{0x9000}, 73, 132}});
  CHECK(entry->record == DmaRecord{.phase = true, .tag = 7, .index = 0, .bytes_done = 200});
  CHECK(entry->record_iova.value == 0x2000);
  CHECK(entry->interrupt);
  CHECK(bench.card[5] == 0x81);
  CHECK(bench.card[204] == 0x48);
  CHECK(bench.card[205] == 0);
  CHECK_FALSE(bench.channel.next());
}

TEST_CASE("A DMA entry to the host writes what card memory holds", "[model][dma]") {
  Bench bench(/*to_card=*/false);
  bench.card[9] = 0xab;
  bench.put(0x1000, {.bytes = 2, .iova = {0x8fff}, .card_addr = 9});
  bench.channel.doorbell(1);
  CHECK(bench.channel.next()->writes == std::vector<DmaWrite>{{{0x8fff}, {0xab}}, {{0x9000}, {0}}});
}

TEST_CASE("A DMA entry past a failed read follows what was seen", "[model][dma][R59]") {
  Bench bench;
  bench.put(0x1000, {.bytes = 512, .iova = {0x8000}, .card_addr = 0});
  bench.faults[0x8080] = {.error = DmaError::ReadCa};
  bench.channel.doorbell(1);
  const std::vector<DmaChunk> seen{{{0x8000}, 128, 0}, {{0x8080}, 128, 128}, {{0x8100}, 128, 256}};
  SECTION("as far as it went") {
    const auto entry = bench.channel.next({.data_reads = seen, .error = DmaError::ReadCa});
    CHECK(entry->data_reads == seen);
    CHECK(entry->record.bytes_done == 256);
    CHECK(entry->record.error == DmaError::ReadCa);
    CHECK(entry->violation == "");
  }
  SECTION("never less than the failed read") {
    CHECK(bench.channel.next()->data_reads.size() == 2);
  }
  SECTION("an error that did not happen is a violation") {
    CHECK(bench.channel.next({.data_reads = seen, .error = DmaError::Timeout})->violation != "");
  }
}

TEST_CASE("An unreadable DMA descriptor halts the channel", "[model][dma][R26]") {
  Bench bench;
  bench.put(0x1000, {.bytes = 4, .iova = {0x8000}, .card_addr = 0});
  bench.faults[0x1020] = {.error = DmaError::ReadUr};
  bench.channel.doorbell(3);
  CHECK(bench.channel.next()->record.error == DmaError::Ok);
  const auto entry = bench.channel.next();
  CHECK(entry->record.error == DmaError::DescFetch);
  CHECK(entry->interrupt);
  CHECK(bench.channel.halted());
  CHECK(bench.channel.head() == 1);
  CHECK_FALSE(bench.channel.next());
}

TEST_CASE("A DMA doorbell is bad beyond the ring and backwards", "[model][dma][R54]") {
  Bench bench;
  CHECK(bench.channel.doorbell(8));
  CHECK_FALSE(bench.channel.doorbell(7));
  CHECK(bench.channel.halted());
  bench.channel.restart();
  CHECK_FALSE(bench.channel.doorbell(9));
}

}  // namespace
}  // namespace cw::model
