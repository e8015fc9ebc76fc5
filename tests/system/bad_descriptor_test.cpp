// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "catch_shim.hpp"
#include "cw/cw_regs.h"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

using model::DmaDescriptor;
using model::DmaError;

constexpr unsigned kRingLog2 = 4;
constexpr pcie::Iova kNowhere{0x10'0000'0000};  // far above all that is ever mapped

void good_entry(Fabric& fabric, DmaDriver& channel, uint64_t card_addr) {
  channel.submit(fabric.entry(fabric.buffer(fabric.rng.range(1, 600)), card_addr));
}

}  // namespace

TEST_CASE("A bad descriptor gets its error and halts its channel, and a restart lets it go on",
          "[system][dma][R55][R59]") {
  const Setup setup("descriptors.bad", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  const auto buffer = fabric.buffer(256);
  const uint64_t card_bytes = fabric.up.card_bytes();
  for (DmaDriver* channel : {&fabric.up.h2c, &fabric.up.c2h}) {
    const bool to_card = channel == &fabric.up.h2c;
    const auto with = [&](auto&& change) {
      DmaDescriptor bad{.bytes = 64};
      uint64_t host = buffer.iova.value, card = 128;
      change(bad, host, card);
      bad.src = to_card ? host : card;
      bad.dst = to_card ? card : host;
      return bad;
    };
    using Kind = model::DmaDescKind;
    const std::pair<DmaDescriptor, DmaError> cases[] = {
        {with([](auto& d, auto&, auto&) { d.bytes = 0; }), DmaError::BadDesc},
        {with([](auto& d, auto&, auto&) { d.reserved = 1; }), DmaError::BadDesc},
        {with([](auto& d, auto&, auto&) { d.reserved = 1 << 4; }), DmaError::BadDesc},
        {with([](auto& d, auto&, auto&) { d.kind = Kind::Reserved; }), DmaError::BadDesc},
        {with([](auto& d, auto&, auto&) { d.kind = Kind::Rows; }), DmaError::BadDesc},
        {with([](auto& d, auto&, auto&) { d.kind = Kind::Immediate, d.bytes = 9; }),
         DmaError::BadDesc},
        {with([](auto& d, auto&, auto&) { d.chain = true; }), DmaError::BadDesc},
        {with([](auto& d, auto&, auto&) { d.last = false, d.chain = true, d.arg = 16; }),
         DmaError::BadDesc},
        {with([](auto&, auto& host, auto&) { host = ~uint64_t{0} - 62; }), DmaError::BadDesc},
        {with([&](auto&, auto&, auto& card) { card = card_bytes - 63; }), DmaError::BadCard},
        {with([&](auto&, auto&, auto& card) { card = card_bytes; }), DmaError::BadCard},
        {with([](auto&, auto&, auto& card) { card = uint64_t{1} << 32; }), DmaError::BadCard},
        {with([](auto& d, auto&, auto&) { d.bytes = 0xffff'ffff; }), DmaError::BadCard},
    };
    for (const auto& [descriptor, error] : cases) {
      channel->submit_raw(descriptor);
      fabric.go(*channel);
      const auto bad = channel->take_record();
      CHECK(bad.error == error);
      CHECK(bad.bytes_done == 0);
      CHECK(channel->halted());
      channel->start();
      good_entry(fabric, *channel, 1024);
      fabric.go(*channel);
      const auto next = channel->take_record();
      CHECK(next.error == DmaError::Ok);
    }
  }
  CHECK((fabric.read_register(offsetof(cw_regs_t, ERRORS)) & CW_REGS__ERRORS__DMA_ENTRY_bm) != 0);
  fabric.read_back_card();
  CHECK(fabric.finish().empty());
}

TEST_CASE("A chain that leads back to itself ends after 256 descriptors", "[system][dma]") {
  Setup setup("descriptors.loop", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  setup.system.read_latency = {10};  // 256 reads, one after the other
  setup.system.stall = agent::Stall::Bursty;
  Fabric fabric(setup);
  fabric.fill_card();
  const auto data = fabric.buffer(8), chain = fabric.buffer(model::kDescriptorBytes);
  const DmaDescriptor loop{.last = false,
                           .chain = true,
                           .bytes = 8,
                           .src = data.iova.value,
                           .dst = 77,
                           .arg = chain.iova.value};
  fabric.up.space.write(chain, 0, model::encode(loop));
  fabric.up.h2c.submit_raw(loop);
  fabric.go(fabric.up.h2c);
  const auto record = fabric.up.h2c.take_record();
  CHECK(record.error == DmaError::ChainLong);
  CHECK(record.bytes_done == 8 * model::kMaxSegments);
  CHECK(fabric.up.h2c.halted());
  CHECK(fabric.finish().empty());
}

TEST_CASE("An unreadable descriptor halts its channel alone, and a restart lets it go on",
          "[system][dma][R59]") {
  const Setup setup("descriptors.unreadable", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  const auto buffer = fabric.buffer(64);
  for (DmaDriver* channel : {&fabric.up.h2c, &fabric.up.c2h}) {
    const bool to_card = channel == &fabric.up.h2c;
    DmaDriver& other = to_card ? fabric.up.c2h : fabric.up.h2c;
    good_entry(fabric, *channel, 2048);
    channel->submit_raw({.last = false,
                         .chain = true,
                         .tag = 0x77,
                         .bytes = 64,
                         .src = to_card ? buffer.iova.value : 0,
                         .dst = to_card ? 0 : buffer.iova.value,
                         .arg = kNowhere.value});
    good_entry(fabric, *channel, 3072);
    fabric.go(*channel);
    const auto before = channel->take_record(), broken = channel->take_record();
    CHECK(before.error == DmaError::Ok);
    CHECK(broken.error == DmaError::DescFetch);
    CHECK(broken.tag == 0x77);
    fabric.system.run(1500_cycles);
    CHECK(channel->halted());
    CHECK(!channel->record_ready());
    CHECK(fabric.finish().size() == 1);

    good_entry(fabric, other, 5120);
    fabric.go(other);
    const auto meanwhile = other.take_record();
    CHECK(meanwhile.error == DmaError::Ok);

    channel->start();
    CHECK(!channel->halted());
    good_entry(fabric, *channel, 6144);
    fabric.go(*channel);
    const auto again = channel->take_record();
    CHECK(again.error == DmaError::Ok);
  }
  CHECK(fabric.finish().empty());
}

TEST_CASE("A doorbell that claims more than the ring halts the channel until it is restarted",
          "[system][dma][R54]") {
  Setup setup("doorbell.bad", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  setup.bringup.ring_log2 = kRingLog2;
  Fabric fabric(setup);
  fabric.fill_card();
  fabric.up.h2c.write_tail(static_cast<uint16_t>(fabric.up.h2c.head() + (1u << kRingLog2) + 1));
  CHECK(fabric.up.h2c.halted());
  CHECK(fabric.up.h2c.head() == 1);
  CHECK((fabric.read_register(offsetof(cw_regs_t, ERRORS)) & CW_REGS__ERRORS__DMA_DOORBELL_bm) !=
        0);
  const uint64_t before = fabric.link.requests_up();
  fabric.up.h2c.write_tail(2);  // ignored while halted
  fabric.system.run(1500_cycles);
  CHECK(fabric.link.requests_up() == before);

  fabric.up.h2c.start();
  good_entry(fabric, fabric.up.h2c, 512);
  fabric.go(fabric.up.h2c);
  const auto record = fabric.up.h2c.take_record();
  CHECK(record.error == DmaError::Ok);
  CHECK(fabric.finish().empty());
}

}  // namespace cw::system_test
