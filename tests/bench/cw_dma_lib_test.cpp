// SPDX-License-Identifier: Apache-2.0
//
// The C library of sw/lib against a card of paper: what it writes is what docs/dma.md says, and
// what it takes is what the reference model writes.
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "catch_shim.hpp"
#include "cw/cw_regs.h"
#include "cw_dma.h"
#include "model/dma.hpp"

namespace cw {

namespace {

constexpr uint64_t kRing = 0x1000, kRecords = 0x2000, kLinked = 0x1'0000'0000;
constexpr unsigned kChannel = 5;

// Registers and memory as they were written; the test is the card.
struct Card {
  std::map<uint64_t, uint8_t> memory;
  std::map<uint32_t, uint32_t> regs{{offsetof(cw_regs_t, VERSION), 2u << 16},
                                    {offsetof(cw_regs_t, BUILD), 6u << 27}};
  std::vector<uint32_t> written;  // offsets, in order
  uint32_t status = 0;
  unsigned busy_polls = 0;

  cw_dma_io io() {
    return {.context = this,
            .reg_read =
                [](void* context, uint32_t offset) {
                  auto& card = *static_cast<Card*>(context);
                  if (offset < offsetof(cw_regs_t, CHANNEL)) return card.regs.at(offset);
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
  model::DmaDescriptor descriptor(uint64_t iova) const {
    std::array<uint8_t, 32> raw;
    for (size_t i = 0; i < raw.size(); ++i) raw[i] = memory.at(iova + i);
    return model::decode_descriptor(raw);
  }
  // The record of this number, which gives back all places before `head`.
  void retire(unsigned number, unsigned head, model::DmaError error = model::DmaError::Ok) {
    put(kRecords + number % 4 * 16,
        model::encode(model::DmaRecord{.phase = (number >> 2 & 1) == 0,
                                       .packet_end = number == 3,
                                       .error = error,
                                       .head = static_cast<uint16_t>(head),
                                       .tag = static_cast<uint16_t>(number + 7),
                                       .packet_info = 0x1234,
                                       .bytes_done = number + 0x1'0000'0000u}));
  }
};

constexpr cw_dma_config kConfig{.channel = kChannel,
                                .ring_log2 = 2,
                                .ring_iova = kRing,
                                .record_iova = kRecords,
                                .vector = 5,
                                .interrupts = true,
                                .moderation_count = 3,
                                .moderation_timer = 9,
                                .share = CW_DMA_CYCLE_STEALING,
                                .level = 1,
                                .weight = 7};

struct Channel {
  explicit Channel(const cw_dma_config& config = kConfig) {
    const cw_dma_io io = card.io();
    REQUIRE(cw_dma_start(&channel, &io, &config, 10) == CW_DMA_OK);
  }
  int submit(std::vector<cw_dma_segment> segments, cw_dma_entry entry = {}) {
    entry.segments = segments.data();
    entry.count = static_cast<unsigned>(segments.size());
    return cw_dma_submit(&channel, &entry);
  }
  uint32_t reg(size_t offset) const { return card.regs.at(channel.block + uint32_t(offset)); }

  Card card;
  cw_dma_channel channel{};
  cw_dma_record record{};
};

cw_dma_segment copy(uint64_t src, uint64_t dst, uint32_t bytes) {
  cw_dma_segment segment{};
  segment.src = src;
  segment.dst = dst;
  segment.bytes = bytes;
  return segment;
}
const cw_dma_segment kSome = copy(0x12'3456'7000, 0x40, 64);

cw_dma_segment changed(cw_dma_segment segment, void (*change)(cw_dma_segment&)) {
  change(segment);
  return segment;
}

}  // namespace

TEST_CASE("The DMA library sets a channel up while it rests, and starts it last", "[bench][dma]") {
  Channel c;
  CHECK(c.channel.block == offsetof(cw_regs_t, CHANNEL) + kChannel * sizeof(cw_dma_regs_t));
  CHECK(c.reg(offsetof(cw_dma_regs_t, RING_LO)) == kRing);
  CHECK(c.reg(offsetof(cw_dma_regs_t, RECORD_LO)) == kRecords);
  CHECK(c.reg(offsetof(cw_dma_regs_t, SIZE)) == 2);
  CHECK(c.reg(offsetof(cw_dma_regs_t, VECTOR)) == 5);
  CHECK(c.reg(offsetof(cw_dma_regs_t, SHARE)) == 0x712);
  CHECK(c.reg(offsetof(cw_dma_regs_t, MODERATION)) == 0x0009'0003);
  CHECK(c.reg(offsetof(cw_dma_regs_t, CONTROL)) ==
        (CW_DMA_REGS__CONTROL__ENABLE_bm | CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm));
  CHECK(c.card.written.front() == c.channel.block + offsetof(cw_dma_regs_t, CONTROL));
  CHECK(c.card.written.back() == c.channel.block + offsetof(cw_dma_regs_t, CONTROL));
  for (uint64_t at = kRecords; at < kRecords + 64; ++at) REQUIRE(c.card.memory.at(at) == 0);
  for (uint64_t at = kRing; at < kRing + 128; ++at) REQUIRE(c.card.memory.at(at) == 0);

  const cw_dma_io io = c.card.io();
  CHECK(cw_dma_channels(&io) == 6);
  c.card.status = 4u << CW_DMA_REGS__STATUS__KIND_bp;
  CHECK(cw_dma_kind_of(&io, kChannel) == CW_DMA_HOST_TO_STREAM);
  c.card.busy_polls = 10;
  CHECK(cw_dma_start(&c.channel, &io, &kConfig, 10) == CW_DMA_EBUSY);
  CHECK(c.reg(offsetof(cw_dma_regs_t, CONTROL)) == CW_DMA_REGS__CONTROL__ABORT_bm);
  c.card.busy_polls = 9;
  CHECK(cw_dma_stop(&c.channel, 10) == CW_DMA_OK);
  CHECK(c.reg(offsetof(cw_dma_regs_t, CONTROL)) == 0);
  cw_dma_resume(&c.channel);
  CHECK((c.reg(offsetof(cw_dma_regs_t, CONTROL)) & CW_DMA_REGS__CONTROL__ENABLE_bm) != 0);
  c.card.busy_polls = 1;
  CHECK(cw_dma_abort(&c.channel, 1) == CW_DMA_EBUSY);
}

TEST_CASE("The DMA library refuses a configuration that no channel can have", "[bench][dma]") {
  Card card;
  const cw_dma_io io = card.io();
  cw_dma_channel channel;
  const auto start = [&](auto change) {
    cw_dma_config config = kConfig;
    change(config);
    const int result = cw_dma_start(&channel, &io, &config, 10);
    CHECK(card.written.empty());
    return result;
  };
  CHECK(start([](auto& config) { config.ring_log2 = 0; }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.ring_log2 = 16; }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.ring_iova += 16; }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.record_iova += 8; }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.ring_iova = -uint64_t{96}; }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.record_iova = -uint64_t{48}; }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.share = static_cast<cw_dma_share>(4); }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.share = static_cast<cw_dma_share>(-1); }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.level = 4; }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.weight = 16; }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.channel = 16; }) == CW_DMA_EINVAL);
  CHECK(start([](auto& config) { config.channel = 6; }) == CW_DMA_EABSENT);
  card.regs[offsetof(cw_regs_t, VERSION)] = 1u << 16;
  CHECK(start([](auto&) {}) == CW_DMA_EABSENT);
}

TEST_CASE("The DMA library refuses what is not there, and a channel that was not started",
          "[bench][dma]") {
  Channel good;
  cw_dma_channel fresh{};
  const cw_dma_io io = good.card.io();
  for (const int lacking : {0, 1, 2, 3}) {
    cw_dma_io part = io;
    if (lacking == 0) part.reg_read = nullptr;
    if (lacking == 1) part.reg_write = nullptr;
    if (lacking == 2) part.mem_read = nullptr;
    if (lacking == 3) part.mem_write = nullptr;
    CHECK(cw_dma_start(&fresh, &part, &kConfig, 10) == CW_DMA_EINVAL);
  }
  CHECK(cw_dma_start(nullptr, &io, &kConfig, 10) == CW_DMA_EINVAL);
  CHECK(cw_dma_start(&fresh, nullptr, &kConfig, 10) == CW_DMA_EINVAL);
  CHECK(cw_dma_start(&fresh, &io, nullptr, 10) == CW_DMA_EINVAL);

  const cw_dma_entry entry{.segments = &kSome,
                           .count = 1,
                           .tag = 0,
                           .interrupt = false,
                           .fence = false,
                           .quiet = false,
                           .linked_iova = 0};
  const uint8_t descriptor[CW_DMA_DESCRIPTOR_BYTES] = {};
  cw_dma_record record;
  for (cw_dma_channel* channel : {&fresh, static_cast<cw_dma_channel*>(nullptr)}) {
    CHECK(cw_dma_restart(channel, 10) == CW_DMA_EINVAL);
    CHECK(cw_dma_stop(channel, 10) == CW_DMA_EINVAL);
    CHECK(cw_dma_abort(channel, 10) == CW_DMA_EINVAL);
    CHECK(cw_dma_submit(channel, &entry) == CW_DMA_EINVAL);
    CHECK(cw_dma_submit_raw(channel, descriptor) == CW_DMA_EINVAL);
    CHECK(cw_dma_poll(channel, &record) == CW_DMA_EINVAL);
    CHECK(cw_dma_wait(channel, &record, 10) == CW_DMA_EINVAL);
  }
  CHECK(cw_dma_submit(&good.channel, nullptr) == CW_DMA_EINVAL);
  CHECK(cw_dma_submit_raw(&good.channel, nullptr) == CW_DMA_EINVAL);
  cw_dma_entry empty = entry;
  empty.segments = nullptr;
  CHECK(cw_dma_submit(&good.channel, &empty) == CW_DMA_EINVAL);
  REQUIRE(cw_dma_submit(&good.channel, &entry) == 1);
  CHECK(cw_dma_poll(&good.channel, nullptr) == CW_DMA_EINVAL);
  CHECK(cw_dma_wait(&good.channel, nullptr, 10) == CW_DMA_EINVAL);

  cw_dma_list list;
  cw_dma_list_init(&list, nullptr, 8, CW_DMA_HOST_TO_CARD);
  CHECK(cw_dma_list_add(&list, 0, 0, 16) == CW_DMA_EINVAL);
  CHECK(cw_dma_list_add(nullptr, 0, 0, 16) == CW_DMA_EINVAL);
}

TEST_CASE("An entry of the DMA library lies in the ring, as the model writes it", "[bench][dma]") {
  Channel c;
  REQUIRE(c.submit({kSome}) == 1);
  const model::DmaDescriptor some{.phase = true, .bytes = 64, .src = 0x12'3456'7000, .dst = 0x40};
  CHECK(c.card.descriptor(kRing) == some);
  auto rows = copy(3, 0x1'0000'0000, 0xffff'ffff);
  rows.kind = CW_DMA_ROWS;
  rows.rows = 0xfedc;
  rows.src_pitch = 0xffffff;
  rows.dst_pitch = 0x123456;
  auto immediate = copy(0, 6, 8);
  immediate.kind = CW_DMA_IMMEDIATE;
  immediate.data = 0x0102'0304'0506'0708;
  immediate.attributes = CW_DMA_RELAXED | CW_DMA_IDO;
  REQUIRE(c.submit({rows, immediate}, {.segments = nullptr,
                                       .count = 0,
                                       .tag = 0xabcd,
                                       .interrupt = true,
                                       .fence = true,
                                       .quiet = true,
                                       .linked_iova = 0}) == 3);
  model::DmaDescriptor expected{.kind = model::DmaDescKind::Rows,
                                .last = false,
                                .irq = true,
                                .fence = true,
                                .quiet = true,
                                .phase = true,
                                .tag = 0xabcd,
                                .bytes = 0xffff'ffff,
                                .src = 3,
                                .dst = 0x1'0000'0000,
                                .arg = model::encode(model::DmaRows{
                                    .rows = 0xfedc, .dst_pitch = 0x123456, .src_pitch = 0xffffff})};
  CHECK(c.card.descriptor(kRing + 32) == expected);
  expected.kind = model::DmaDescKind::Immediate;
  expected.last = true;
  expected.attributes = {.relaxed = true, .ido = true};
  expected.bytes = 8;
  expected.src = 0;
  expected.dst = 6;
  expected.arg = 0x0102'0304'0506'0708;
  CHECK(c.card.descriptor(kRing + 64) == expected);

  c.card.written.clear();
  cw_dma_doorbell(&c.channel);
  CHECK(c.card.written.size() == 1);
  CHECK(c.reg(offsetof(cw_dma_regs_t, TAIL)) == 3);
  CHECK(cw_dma_room(&c.channel) == 1);
  CHECK(c.submit({kSome, kSome}) == CW_DMA_EFULL);

  // The next round has the other phase.
  c.card.retire(0, 3);
  REQUIRE(cw_dma_poll(&c.channel, &c.record) == 1);
  REQUIRE(c.submit({kSome, kSome}) == 5);
  CHECK(c.card.descriptor(kRing + 96).phase);
  CHECK_FALSE(c.card.descriptor(kRing).phase);
}

TEST_CASE("A linked entry of the DMA library takes one place of the ring", "[bench][dma]") {
  Channel c;
  cw_dma_entry linked{};
  linked.linked_iova = kLinked;
  REQUIRE(c.submit({kSome, kSome, kSome}, linked) == 1);
  model::DmaDescriptor expected{.last = false,
                                .chain = true,
                                .phase = true,
                                .bytes = 64,
                                .src = 0x12'3456'7000,
                                .dst = 0x40,
                                .arg = kLinked};
  CHECK(c.card.descriptor(kRing) == expected);
  expected.chain = expected.phase = false;
  expected.arg = 0;
  CHECK(c.card.descriptor(kLinked) == expected);
  expected.last = true;
  CHECK(c.card.descriptor(kLinked + 32) == expected);
  REQUIRE(c.submit({kSome}, linked) == 2);  // nothing to link
  CHECK(c.card.descriptor(kRing + 32).last);
}

TEST_CASE("The DMA library refuses segments that no descriptor can say", "[bench][dma]") {
  Channel c;
  CHECK(c.submit({}) == CW_DMA_EINVAL);
  CHECK(c.submit(std::vector<cw_dma_segment>(5, kSome)) == CW_DMA_EINVAL);
  cw_dma_entry linked{};
  linked.linked_iova = kLinked;
  CHECK(c.submit(std::vector<cw_dma_segment>(257, kSome), linked) == CW_DMA_EINVAL);
  linked.linked_iova = kLinked + 16;
  CHECK(c.submit({kSome, kSome}, linked) == CW_DMA_EINVAL);
  linked.linked_iova = -uint64_t{32};
  CHECK(c.submit({kSome, kSome, kSome}, linked) == CW_DMA_EINVAL);
  REQUIRE(c.submit({kSome, kSome}, linked) == 1);  // ends with the address space
  const auto refused = [&](void (*change)(cw_dma_segment&)) {
    return c.submit({changed(kSome, change)}) == CW_DMA_EINVAL;
  };
  CHECK(refused([](auto& s) { s.bytes = 0; }));
  CHECK(refused([](auto& s) { s.attributes = 8; }));
  CHECK(refused([](auto& s) { s.kind = CW_DMA_ROWS; }));
  CHECK(refused([](auto& s) { s.kind = CW_DMA_ROWS, s.rows = 1, s.src_pitch = 1 << 24; }));
  CHECK(refused([](auto& s) { s.kind = CW_DMA_ROWS, s.rows = 1, s.dst_pitch = 1 << 24; }));
  CHECK(refused([](auto& s) { s.kind = CW_DMA_IMMEDIATE, s.bytes = 9; }));
  CHECK(refused([](auto& s) { s.kind = static_cast<cw_dma_segment_kind>(3); }));
  linked.linked_iova = kLinked;  // only a Copy leads there
  CHECK(c.submit({changed(kSome, [](auto& s) { s.kind = CW_DMA_ROWS, s.rows = 1; }), kSome},
                 linked) == CW_DMA_EINVAL);
  CHECK(cw_dma_room(&c.channel) == 3);
}

TEST_CASE("The DMA library takes records in order, each once, round after round", "[bench][dma]") {
  Channel c;
  unsigned submitted = 0;
  for (unsigned number = 0; number < 70'000; ++number) {  // 16-bit indices wrap
    while (cw_dma_room(&c.channel)) {
      REQUIRE(c.submit({kSome}) == static_cast<int>(++submitted & 0xffff));
    }
    REQUIRE(c.submit({kSome}) == CW_DMA_EFULL);
    REQUIRE(cw_dma_poll(&c.channel, &c.record) == 0);  // the last round's is no news
    c.card.retire(number, number + 1, number == 3 ? model::DmaError::ReadUr : model::DmaError::Ok);
    REQUIRE(cw_dma_poll(&c.channel, &c.record) == 1);
    REQUIRE(c.record.head == static_cast<uint16_t>(number + 1));
    REQUIRE(c.record.tag == static_cast<uint16_t>(number + 7));
    REQUIRE(c.record.bytes_done == number + 0x1'0000'0000u);
    REQUIRE(c.record.error == (number == 3 ? CW_DMA_READ_UR : CW_DMA_DONE));
    REQUIRE(c.record.packet_end == (number == 3));
    REQUIRE(c.record.tid == 0x34);
    REQUIRE(c.record.tuser == 0x12);
  }
  Channel idle;
  idle.card.retire(0, 1);  // of an entry that was never submitted
  CHECK(cw_dma_poll(&idle.channel, &idle.record) == 0);
}

TEST_CASE("Places of quiet DMA entries come back by the status, but behind records",
          "[bench][dma]") {
  Channel c;
  for (unsigned n = 0; n < 4; ++n) c.submit({kSome});
  c.card.status = 3u << CW_DMA_REGS__STATUS__HEAD_bp;
  c.card.retire(0, 2);
  CHECK(cw_dma_reclaim(&c.channel) == 0);
  REQUIRE(cw_dma_poll(&c.channel, &c.record) == 1);
  CHECK(cw_dma_room(&c.channel) == 2);
  CHECK(cw_dma_reclaim(&c.channel) == 3);
}

TEST_CASE("Waiting for a record ends, whatever the card does", "[bench][dma]") {
  Channel c;
  CHECK(cw_dma_wait(&c.channel, &c.record, 5) == CW_DMA_EINVAL);
  REQUIRE(c.submit({kSome}) == 1);
  CHECK(cw_dma_wait(&c.channel, &c.record, 5) == CW_DMA_EBUSY);
  c.card.status = CW_DMA_REGS__STATUS__HALTED_bm;
  c.card.busy_polls = 2;  // it still writes records
  CHECK(cw_dma_wait(&c.channel, &c.record, 2) == CW_DMA_EBUSY);
  CHECK(cw_dma_wait(&c.channel, &c.record, 5) == CW_DMA_EHALTED);
  CHECK(cw_dma_halted(&c.channel));
  c.card.retire(0, 1, model::DmaError::DescFetch);
  CHECK(cw_dma_wait(&c.channel, &c.record, 5) == 1);
  CHECK(c.record.error == CW_DMA_DESCRIPTOR_FETCH);

  c.card.status = 0;
  REQUIRE(cw_dma_restart(&c.channel, 5) == CW_DMA_OK);
  CHECK(cw_dma_room(&c.channel) == 4);
  CHECK(c.submit({kSome}) == 1);
  CHECK(cw_dma_poll(&c.channel, &c.record) == 0);
}

TEST_CASE("A list of segments joins neighbours, cuts giants and is never half changed",
          "[bench][dma]") {
  std::array<cw_dma_segment, 3> segments;
  cw_dma_list list;
  cw_dma_list_init(&list, segments.data(), 3, CW_DMA_CARD_TO_HOST);
  const auto is = [&](unsigned n, uint64_t src, uint64_t dst, uint64_t bytes) {
    return segments[n].src == src && segments[n].dst == dst && segments[n].bytes == bytes;
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

  cw_dma_list_init(&list, segments.data(), 3, CW_DMA_CARD_TO_HOST);
  CHECK(cw_dma_list_add(&list, UINT64_MAX, 0, 1) == CW_DMA_OK);
  CHECK(cw_dma_list_add(&list, 0, 1, 1) == CW_DMA_OK);
  CHECK(list.count == 2);  // no neighbours: an address space ends
  CHECK(cw_dma_list_add(&list, UINT64_MAX, 0, 2) == CW_DMA_EINVAL);
  CHECK(cw_dma_list_add(&list, 0, UINT64_MAX - 1, 3) == CW_DMA_EINVAL);

  // The side of a stream has no addresses.
  cw_dma_list_init(&list, segments.data(), 3, CW_DMA_HOST_TO_STREAM);
  CHECK(cw_dma_list_add(&list, 0x1000, UINT64_MAX, 16) == CW_DMA_OK);
  CHECK(cw_dma_list_add(&list, 0x1010, UINT64_MAX, 0x1'0000'0000) == CW_DMA_OK);
  CHECK(list.count == 2);
  CHECK(is(0, 0x1000, UINT64_MAX, 0xffff'ffff));
  CHECK(is(1, 0x1'0000'0fff, UINT64_MAX, 17));
  CHECK(cw_dma_list_add(&list, 0x1'0000'1010, 1, 1) == CW_DMA_OK);  // another packet's
  CHECK(list.count == 3);
  cw_dma_list_init(&list, segments.data(), 3, CW_DMA_STREAM_TO_HOST);
  CHECK(cw_dma_list_add(&list, 0, 0x1000, 16) == CW_DMA_OK);
  CHECK(cw_dma_list_add(&list, 0, 0x1010, 16) == CW_DMA_OK);
  CHECK(list.count == 1);
}

TEST_CASE("Every status and error of the DMA library has a text of its own", "[bench][dma]") {
  std::map<std::string, int> texts;
  for (int code = CW_DMA_EABSENT; code <= CW_DMA_OK; ++code) ++texts[cw_dma_status_text(code)];
  for (int error = CW_DMA_DONE; error <= CW_DMA_ABORTED; ++error) {
    ++texts[cw_dma_error_text(static_cast<cw_dma_error>(error))];
  }
  CHECK(texts.size() == 19);
  CHECK(cw_dma_error_text(static_cast<cw_dma_error>(200)) == std::string("unknown error"));
}

}  // namespace cw
