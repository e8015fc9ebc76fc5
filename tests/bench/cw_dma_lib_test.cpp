// SPDX-License-Identifier: Apache-2.0
//
// The C library of sw/lib against a card of paper: what it writes is what docs/dma.md says, and
// what it takes is what the reference model writes.
#include <cstddef>
#include <map>
#include <vector>

#include "catch_shim.hpp"
#include "cw/cw_regs.h"
#include "cw_dma.h"
#include "model/dma.hpp"

namespace cw {

namespace {

constexpr uint64_t kRing = 0x1000, kRecords = 0x2000, kChain = 0x1'0000'0000;

// Registers and memory as they were written; the test is the card.
struct Card {
  std::map<uint64_t, uint8_t> memory;
  std::map<uint32_t, uint32_t> regs;
  std::vector<uint32_t> written;  // offsets, in order
  uint32_t status = 0;
  unsigned busy_polls = 0;

  cw_dma_io io() {
    return {.context = this,
            .reg_read =
                [](void* context, uint32_t) {
                  auto& card = *static_cast<Card*>(context);
                  if (card.busy_polls == 0) return card.status;
                  --card.busy_polls;
                  return card.status | CW_DMA_REGS__STATUS__BUSY_bm;
                },
            .reg_write =
                [](void* context, uint32_t offset, uint32_t value) {
                  auto& card = *static_cast<Card*>(context);
                  card.regs[offset] = value;
                  card.written.push_back(offset);
                },
            .mem_read =
                [](void* context, uint64_t iova, void* to, size_t bytes) {
                  auto& card = *static_cast<Card*>(context);
                  for (size_t i = 0; i < bytes; ++i) {
                    static_cast<uint8_t*>(to)[i] = card.memory.at(iova + i);
                  }
                },
            .mem_write =
                [](void* context, uint64_t iova, const void* from, size_t bytes) {
                  auto& card = *static_cast<Card*>(context);
                  for (size_t i = 0; i < bytes; ++i) {
                    card.memory[iova + i] = static_cast<const uint8_t*>(from)[i];
                  }
                }};
  }
  template <size_t n>
  void put(uint64_t iova, const std::array<uint8_t, n>& raw) {
    for (size_t i = 0; i < n; ++i) memory[iova + i] = raw[i];
  }
  std::array<uint8_t, 32> descriptor(uint64_t iova) const {
    std::array<uint8_t, 32> raw;
    for (size_t i = 0; i < raw.size(); ++i) raw[i] = memory.at(iova + i);
    return raw;
  }
  void retire(unsigned index, unsigned ring_log2, model::DmaError error = model::DmaError::Ok) {
    put(kRecords + index % (1u << ring_log2) * 16,
        model::encode(model::DmaRecord{.phase = (index >> ring_log2 & 1) == 0,
                                       .error = error,
                                       .tag = static_cast<uint16_t>(index + 7),
                                       .index = static_cast<uint16_t>(index),
                                       .bytes_done = index + 0x1'0000'0000u}));
  }
};

constexpr cw_dma_config kConfig{.direction = CW_DMA_CARD_TO_HOST,
                                .ring_log2 = 2,
                                .max_segments = 3,
                                .ring_iova = kRing,
                                .record_iova = kRecords,
                                .chain_iova = kChain,
                                .vector = 5,
                                .interrupts = true};

struct Channel {
  explicit Channel(const cw_dma_config& config = kConfig) {
    const cw_dma_io io = card.io();
    REQUIRE(cw_dma_start(&channel, &io, &config, 10) == CW_DMA_OK);
  }
  int submit(std::vector<cw_dma_segment> segments, uint16_t tag = 0, bool interrupt = false) {
    const cw_dma_entry entry{.segments = segments.data(),
                             .count = static_cast<unsigned>(segments.size()),
                             .tag = tag,
                             .interrupt = interrupt};
    return cw_dma_submit(&channel, &entry);
  }
  uint32_t reg(size_t offset) const { return card.regs.at(channel.block + uint32_t(offset)); }

  Card card;
  cw_dma_channel channel{};
  cw_dma_record record{};
};

const cw_dma_segment kSome{.iova = 0x12'3456'7000, .card_addr = 0x40, .bytes = 64};

}  // namespace

TEST_CASE("The DMA library sets a channel up while it rests, and starts it last", "[bench][dma]") {
  Channel c;
  CHECK(c.channel.block == offsetof(cw_regs_t, C2H));
  CHECK(c.reg(offsetof(cw_dma_regs_t, RING_LO)) == kRing);
  CHECK(c.reg(offsetof(cw_dma_regs_t, RECORD_LO)) == kRecords);
  CHECK(c.reg(offsetof(cw_dma_regs_t, SIZE)) == 2);
  CHECK(c.reg(offsetof(cw_dma_regs_t, VECTOR)) == 5);
  CHECK(c.reg(offsetof(cw_dma_regs_t, CONTROL)) ==
        (CW_DMA_REGS__CONTROL__ENABLE_bm | CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm));
  CHECK(c.card.written.front() == c.channel.block + offsetof(cw_dma_regs_t, CONTROL));
  CHECK(c.card.written.back() == c.channel.block + offsetof(cw_dma_regs_t, CONTROL));
  for (uint64_t at = kRecords; at < kRecords + 64; ++at) REQUIRE(c.card.memory.at(at) == 0);

  const cw_dma_io io = c.card.io();
  c.card.busy_polls = 10;
  CHECK(cw_dma_start(&c.channel, &io, &kConfig, 10) == CW_DMA_EBUSY);
  CHECK(c.reg(offsetof(cw_dma_regs_t, CONTROL)) == 0);
  c.card.busy_polls = 9;
  CHECK(cw_dma_stop(&c.channel, 10) == CW_DMA_OK);
}

TEST_CASE("The DMA library refuses a configuration that no channel can have", "[bench][dma]") {
  Card card;
  const cw_dma_io io = card.io();
  cw_dma_channel channel;
  const auto refused = [&](auto change) {
    cw_dma_config config = kConfig;
    change(config);
    return cw_dma_start(&channel, &io, &config, 10) == CW_DMA_EINVAL && card.written.empty();
  };
  CHECK(refused([](auto& config) { config.ring_log2 = 0; }));
  CHECK(refused([](auto& config) { config.ring_log2 = 16; }));
  CHECK(refused([](auto& config) { config.max_segments = 0; }));
  CHECK(refused([](auto& config) { config.max_segments = 257; }));
  CHECK(refused([](auto& config) { config.ring_iova += 16; }));
  CHECK(refused([](auto& config) { config.record_iova += 8; }));
  CHECK(refused([](auto& config) { config.chain_iova += 16; }));
}

TEST_CASE("An entry of the DMA library is a chain, as the model writes it", "[bench][dma]") {
  Channel c;
  REQUIRE(c.submit({kSome}) == 0);
  const std::vector<cw_dma_segment> three{
      {.iova = 0xffff'ffff'ffff'ffff, .card_addr = 1, .bytes = 1},
      {.iova = 3, .card_addr = 0x1'0000'0000, .bytes = 0xffff'ffff},
      {.iova = 5, .card_addr = 6, .bytes = 7}};
  REQUIRE(c.submit(three, 0xabcd, true) == 1);
  CHECK(c.card.descriptor(kRing) == model::encode(model::DmaDescriptor{
                                        .bytes = 64, .iova = {0x12'3456'7000}, .card_addr = 0x40}));
  const uint64_t chain = kChain + 2 * 32;  // two places for each entry of the ring
  const std::array<uint64_t, 4> places{kRing + 32, chain, chain + 32, 0};
  for (unsigned n = 0; n < 3; ++n) {
    CHECK(c.card.descriptor(places[n]) ==
          model::encode(model::DmaDescriptor{.chain = n != 2,
                                             .irq = true,
                                             .tag = 0xabcd,
                                             .bytes = three[n].bytes,
                                             .iova = {three[n].iova},
                                             .card_addr = three[n].card_addr,
                                             .next = {places[n + 1]}}));
  }
  c.card.written.clear();
  cw_dma_doorbell(&c.channel);
  CHECK(c.card.written.size() == 1);
  CHECK(c.reg(offsetof(cw_dma_regs_t, TAIL)) == 2);
  CHECK(c.submit({}) == CW_DMA_EINVAL);
  CHECK(c.submit({kSome, kSome, kSome, kSome}) == CW_DMA_EINVAL);
  CHECK(c.submit({{.iova = 0, .card_addr = 0, .bytes = 0}}) == CW_DMA_EINVAL);
  CHECK(cw_dma_room(&c.channel) == 2);
}

TEST_CASE("The DMA library takes records in order, each once, round after round", "[bench][dma]") {
  Channel c;
  unsigned submitted = 0;
  for (unsigned index = 0; index < 70'000; ++index) {  // 16-bit numbers wrap
    while (cw_dma_room(&c.channel)) {
      REQUIRE(c.submit({kSome}) == static_cast<int>(submitted++ & 0xffff));
    }
    REQUIRE(c.submit({kSome}) == CW_DMA_EFULL);
    REQUIRE(cw_dma_poll(&c.channel, &c.record) == 0);  // the last round's is no news
    c.card.retire(index, 2, index == 3 ? model::DmaError::ReadUr : model::DmaError::Ok);
    REQUIRE(cw_dma_poll(&c.channel, &c.record) == 1);
    REQUIRE(c.record.index == static_cast<uint16_t>(index));
    REQUIRE(c.record.tag == static_cast<uint16_t>(index + 7));
    REQUIRE(c.record.bytes_done == index + 0x1'0000'0000u);
    REQUIRE(c.record.error == (index == 3 ? CW_DMA_READ_UR : CW_DMA_DONE));
  }
  Channel idle;
  idle.card.retire(0, 2);  // of an entry that was never submitted
  CHECK(cw_dma_poll(&idle.channel, &idle.record) == 0);
}

TEST_CASE("Waiting for a record ends, whatever the card does", "[bench][dma]") {
  Channel c;
  CHECK(cw_dma_wait(&c.channel, &c.record, 5) == CW_DMA_EINVAL);
  REQUIRE(c.submit({kSome}) == 0);
  CHECK(cw_dma_wait(&c.channel, &c.record, 5) == CW_DMA_EBUSY);
  c.card.status = CW_DMA_REGS__STATUS__HALTED_bm;
  c.card.busy_polls = 2;  // it still writes records
  CHECK(cw_dma_wait(&c.channel, &c.record, 2) == CW_DMA_EBUSY);
  CHECK(cw_dma_wait(&c.channel, &c.record, 5) == CW_DMA_EHALTED);
  CHECK(cw_dma_halted(&c.channel));
  c.card.retire(0, 2, model::DmaError::DescFetch);
  CHECK(cw_dma_wait(&c.channel, &c.record, 5) == 1);
  CHECK(c.record.error == CW_DMA_DESCRIPTOR_FETCH);
}

TEST_CASE("A list of segments joins neighbours, cuts giants and is never half changed",
          "[bench][dma]") {
  std::array<cw_dma_segment, 3> segments;
  cw_dma_list list;
  cw_dma_list_init(&list, segments.data(), 3);
  const auto is = [&](unsigned n, uint64_t iova, uint64_t card_addr, uint64_t bytes) {
    return segments[n].iova == iova && segments[n].card_addr == card_addr &&
           segments[n].bytes == bytes;
  };
  CHECK(cw_dma_list_add(&list, 0x1000, 0, 0) == CW_DMA_OK);
  CHECK(list.count == 0);
  CHECK(cw_dma_list_add(&list, 0x1000, 0x20, 0x100) == CW_DMA_OK);
  CHECK(cw_dma_list_add(&list, 0x1100, 0x120, 0x10) == CW_DMA_OK);
  CHECK(list.count == 1);
  CHECK(is(0, 0x1000, 0x20, 0x110));
  CHECK(cw_dma_list_add(&list, 0x1110, 0x131, 1) == CW_DMA_OK);  // a gap on one side
  CHECK(list.count == 2);
  CHECK(cw_dma_list_add(&list, 0x1111, 0x132, 0x1'0000'0000) == CW_DMA_OK);
  CHECK(list.count == 3);
  CHECK(is(1, 0x1110, 0x131, 0xffff'ffff));
  CHECK(is(2, 0x1'0000'110f, 0x1'0000'0130, 2));
  CHECK(cw_dma_list_add(&list, 0x1'0000'1111, 0x1'0000'0132, 0x1'0000'0000) == CW_DMA_EFULL);
  CHECK(list.count == 3);
  CHECK(is(2, 0x1'0000'110f, 0x1'0000'0130, 2));

  cw_dma_list_init(&list, segments.data(), 3);
  CHECK(cw_dma_list_add(&list, UINT64_MAX, 0, 1) == CW_DMA_OK);
  CHECK(cw_dma_list_add(&list, 0, 1, 1) == CW_DMA_OK);
  CHECK(list.count == 2);  // no neighbours: an address space ends
  CHECK(cw_dma_list_add(&list, UINT64_MAX, 0, 2) == CW_DMA_EINVAL);
  CHECK(cw_dma_list_add(&list, 0, UINT64_MAX - 1, 3) == CW_DMA_EINVAL);
}

TEST_CASE("Every status and error of the DMA library has a text of its own", "[bench][dma]") {
  std::map<std::string, int> texts;
  for (int code = CW_DMA_EHALTED; code <= CW_DMA_OK; ++code) ++texts[cw_dma_status_text(code)];
  for (int error = CW_DMA_DONE; error <= CW_DMA_READ_LIED; ++error) {
    ++texts[cw_dma_error_text(static_cast<cw_dma_error>(error))];
  }
  CHECK(texts.size() == 15);
  CHECK(cw_dma_error_text(static_cast<cw_dma_error>(200)) == std::string("unknown error"));
}

}  // namespace cw
