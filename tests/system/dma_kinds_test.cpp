// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "catch_shim.hpp"
#include "cw/cw_regs.h"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

using model::DmaError;

model::DmaRecord run(Fabric& fabric, DmaDriver& channel) {
  fabric.go(channel);
  return channel.take_record();
}

}  // namespace

TEST_CASE("Bytes go from host to host at any alignment of either side",
          "[system][dma][R01][R02][R55]") {
  const Setup setup("dma.h2h", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.up.h2h.start();
  for (unsigned n = 0; n < 8; ++n) {
    const uint64_t bytes = fabric.length();
    const auto source = fabric.buffer(bytes, static_cast<uint32_t>(fabric.rng.range(0, 4095))),
               target = fabric.buffer(bytes, static_cast<uint32_t>(fabric.rng.range(0, 4095)));
    fabric.up.h2h.submit({.segments = {{.iova = source.iova,
                                        .card_addr = target.iova.value,
                                        .bytes = static_cast<uint32_t>(bytes)}},
                          .irq = true});
    const auto record = run(fabric, fabric.up.h2h);
    CHECK(record.error == DmaError::Ok);
    CHECK(record.bytes_done == bytes);
    CHECK(fabric.contents(source) == fabric.contents(target));
  }
  CHECK(fabric.finish().empty());
}

TEST_CASE("Bytes go from card to card, and rows and immediate data to their places",
          "[system][dma][R55]") {
  const Setup setup("dma.c2c", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  fabric.up.c2c.start();
  const uint32_t bytes = static_cast<uint32_t>(fabric.rng.range(1, 3000));
  const cw_dma_segment copy{.src = fabric.rng.range(0, 4000),
                            .dst = 8192 + fabric.rng.range(0, 100),
                            .bytes = bytes,
                            .kind = CW_DMA_COPY,
                            .attributes = 0,
                            .rows = 0,
                            .src_pitch = 0,
                            .dst_pitch = 0,
                            .data = 0};
  cw_dma_segment rows = copy, immediate = copy;
  rows.kind = CW_DMA_ROWS;
  rows.bytes = 37;
  rows.rows = 20;
  rows.src_pitch = 100;
  rows.dst_pitch = 64;
  rows.dst = 20'000;
  immediate.kind = CW_DMA_IMMEDIATE;
  immediate.bytes = 5;
  immediate.data = 0x1122'3344'5566'7788;
  immediate.dst = 30'001;
  const cw_dma_segment all[] = {copy, rows, immediate};
  fabric.up.c2c.submit(all);
  const auto record = run(fabric, fabric.up.c2c);
  CHECK(record.error == DmaError::Ok);
  CHECK(record.bytes_done == bytes + 20 * 37 + 5);

  // The same rows and data to the host.
  const auto target = fabric.buffer(2 * 4096, 5);
  rows.dst = target.iova.value;
  rows.src = 20'000;
  rows.src_pitch = 64;
  rows.dst_pitch = 300;
  immediate.dst = target.iova.value + 7000;
  const cw_dma_segment both[] = {rows, immediate};
  fabric.up.c2h.submit(both);
  CHECK(run(fabric, fabric.up.c2h).error == DmaError::Ok);
  fabric.read_back_card();
  CHECK(fabric.finish().empty());
}

TEST_CASE("A fence lets an entry read what the one before it wrote, and quiet ones have no record",
          "[system][dma][R29]") {
  const Setup setup("dma.fence", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.up.h2h.start();
  constexpr uint64_t kBytes = 3000;
  const auto first = fabric.buffer(kBytes), second = fabric.buffer(kBytes, 77),
             third = fabric.buffer(kBytes, 1001);
  const auto copy = [&](const DmaSpace::Buffer& from, const DmaSpace::Buffer& to, bool last) {
    fabric.up.h2h.submit(
        {.segments = {{.iova = from.iova, .card_addr = to.iova.value, .bytes = kBytes}},
         .tag = static_cast<uint16_t>(last),
         .fence = last,
         .quiet = !last});
  };
  copy(first, second, /*last=*/false);
  copy(second, third, /*last=*/true);
  const auto record = run(fabric, fabric.up.h2h);
  CHECK(record.error == DmaError::Ok);
  CHECK(record.tag == 1);
  CHECK(record.head == 2);
  CHECK(!fabric.up.h2h.record_ready());
  CHECK(fabric.contents(third) == fabric.contents(first));
  CHECK(fabric.finish().empty());
}

TEST_CASE("An abort cuts one channel short, and the others do not notice",
          "[system][dma][R57][R59]") {
  const Setup setup("dma.abort", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  constexpr uint32_t kBytes = 30'000;
  const auto source = fabric.buffer(kBytes, 3), target = fabric.buffer(kBytes, 5);
  fabric.up.h2c.submit({.segments = {{.iova = source.iova, .card_addr = 0, .bytes = kBytes}}});
  fabric.up.c2h.submit({.segments = {{.iova = target.iova, .card_addr = 32'000, .bytes = kBytes}}});
  fabric.go();
  fabric.system.run({fabric.rng.range(100, 600)});
  fabric.up.h2c.abort();
  const auto cut = fabric.up.h2c.take_record(), whole = fabric.up.c2h.take_record();
  CHECK((cut.error == DmaError::Aborted || cut.error == DmaError::Ok));
  CHECK(cut.bytes_done <= kBytes);
  CHECK(whole.error == DmaError::Ok);
  CHECK(whole.bytes_done == kBytes);
  fabric.up.h2c.start();
  fabric.up.h2c.submit({.segments = {{.iova = source.iova, .card_addr = 0, .bytes = kBytes}}});
  const auto again = run(fabric, fabric.up.h2c);
  CHECK(again.error == DmaError::Ok);
  fabric.read_back_card();
  CHECK(fabric.finish().empty());
}

TEST_CASE("Channels of all levels and modes end their work beside each other",
          "[system][dma][R57]") {
  const Setup setup("dma.share", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  fabric.fill_card();
  fabric.up.h2h.start();
  fabric.up.c2c.start();
  constexpr uint32_t kBytes = 6000;
  const auto from = fabric.buffer(kBytes, 9), to = fabric.buffer(kBytes, 10),
             h2h_from = fabric.buffer(kBytes, 11), h2h_to = fabric.buffer(kBytes, 12);
  DmaDriver* const channels[] = {&fabric.up.h2c, &fabric.up.c2h, &fabric.up.h2h, &fabric.up.c2c};
  for (DmaDriver* channel : channels) {
    const auto share =
        static_cast<uint32_t>(fabric.rng.range(0, 3) << CW_DMA_REGS__SHARE__MODE_bp |
                              fabric.rng.range(0, 3) << CW_DMA_REGS__SHARE__LEVEL_bp |
                              fabric.rng.range(0, 15) << CW_DMA_REGS__SHARE__WEIGHT_bp);
    const uint32_t block = env::dma_block(static_cast<unsigned>(channel->kind()));
    fabric.write_register(block + offsetof(cw_dma_regs_t, SHARE), share);
  }
  fabric.up.h2c.submit({.segments = {{.iova = from.iova, .card_addr = 0, .bytes = kBytes}}});
  fabric.up.c2h.submit({.segments = {{.iova = to.iova, .card_addr = 10'001, .bytes = kBytes}}});
  fabric.up.h2h.submit(
      {.segments = {{.iova = h2h_from.iova, .card_addr = h2h_to.iova.value, .bytes = kBytes}}});
  fabric.up.c2c.submit({.segments = {{.iova = {20'003}, .card_addr = 30'000, .bytes = kBytes}}});
  fabric.model.memory().begin();
  for (DmaDriver* channel : channels) channel->ring_doorbell();
  for (DmaDriver* channel : channels) {
    const auto record = channel->take_record();
    CHECK(record.error == DmaError::Ok);
    CHECK(record.bytes_done == kBytes);
  }
  CHECK(fabric.contents(h2h_to) == fabric.contents(h2h_from));
  fabric.read_back_card();
  CHECK(fabric.finish().empty());
}

}  // namespace cw::system_test
