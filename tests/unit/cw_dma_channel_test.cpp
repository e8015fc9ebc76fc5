// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=512
// cw-variant: ToCard=0
// cw-variant: W=512 ToCard=0
#include "Vcw_dma_channel.h"
#include "Vcw_dma_channel_tocard0.h"
#include "Vcw_dma_channel_w512.h"
#include "Vcw_dma_channel_w512_tocard0.h"
#include "unit/dma_bench.hpp"

namespace cw::unit::dma {
namespace {

template <class V, bool kToCard>
struct Channel : DmaBench<V, ChannelPins<V, kToCard>> {
  static constexpr unsigned kIndex = kToCard ? 0 : 1;
  using DmaBench<V, ChannelPins<V, kToCard>>::DmaBench;

  void fill(size_t count, uint32_t bytes, unsigned ring_log2 = 6) {
    this->ctl[kIndex].ring_log2 = ring_log2;
    this->engine.ctl(kIndex, this->ctl[kIndex]);
    for (size_t n = 0; n < count; n++) {
      this->entries[kIndex].push_back({{.irq = true,
                                        .bytes = bytes,
                                        .iova = {0x5000'0000 + n * 0x1000},
                                        .card_addr = n * bytes % 65536}});
    }
  }

  size_t data_bytes() const { return this->moved[kIndex]; }

  // Payload per clock between the first and the last entry, as a part of the width.
  double share(size_t count) {
    for (size_t n = 0; n < count; n++) this->write_entry(kIndex, n);
    this->doorbell(kIndex, static_cast<uint16_t>(count));
    const auto tick_until = [&](uint16_t head) {
      while (this->engine.sta(kIndex).head < head) {
        if (this->now() > 50'000_cycles) throw dut::Timeout("no progress");
        this->tick();
      }
    };
    tick_until(4);
    const auto since = this->now();
    const size_t before = data_bytes();
    tick_until(static_cast<uint16_t>(count - 4));
    const auto clocks = static_cast<double>((this->now() - since).value);
    return static_cast<double>(data_bytes() - before) / clocks / this->fake.kBytes;
  }
};

constexpr FakePolicy kFar{.latency_low = 100, .latency_high = 100, .piece_bytes = 256};

TEST_CASE("A DMA channel moves 4 KiB descriptors at 0.99 of the width", "[unit][dma][throughput]") {
  SECTION("to the card, 256 bits") {
    Channel<Vcw_dma_channel, true> channel(kFar);
    channel.fill(40, 4096);
    CHECK(channel.share(40) >= 0.99);
  }
  SECTION("to the card, 512 bits") {
    Channel<Vcw_dma_channel_w512, true> channel(kFar);
    channel.fill(40, 4096);
    CHECK(channel.share(40) >= 0.99);
  }
  SECTION("to the host, 256 bits") {
    Channel<Vcw_dma_channel_tocard0, false> channel(kFar);
    channel.fill(40, 4096);
    CHECK(channel.share(40) >= 0.99);
  }
  SECTION("to the host, 512 bits") {
    Channel<Vcw_dma_channel_w512_tocard0, false> channel(kFar);
    channel.fill(40, 4096);
    CHECK(channel.share(40) >= 0.99);
  }
}

TEST_CASE("A stalling card memory costs a DMA channel what it stalls", "[unit][dma][throughput]") {
  FakePolicy stalling = kFar;
  stalling.stall_percent = 20;
  Channel<Vcw_dma_channel, true> channel(stalling);
  channel.fill(40, 4096);
  CHECK(channel.share(40) < 0.9);  // the measurement is able to fail
}

TEST_CASE("A DMA channel keeps 8 short descriptors in flight", "[unit][dma][throughput]") {
  Channel<Vcw_dma_channel_w512, true> channel(kFar);
  channel.fill(60, 64);
  const double clocks_per_entry = 1 / channel.share(60);
  CHECK(clocks_per_entry <= (100 + 12) / 8.0);
}

TEST_CASE("A DMA channel's first read leaves two clocks after its descriptor", "[unit][dma]") {
  Channel<Vcw_dma_channel, true> channel;
  channel.fill(1, 64);
  channel.write_entry(0, 0);
  channel.doorbell(0, 1);
  const auto tick_until = [&](auto done) {
    while (!done()) channel.tick();
    return channel.now();
  };
  const auto asked = channel.now();
  const auto descriptor = tick_until([&] { return channel.fake.answer_beats == 1; });
  const auto data = tick_until([&] { return !channel.fake.data_reads.empty(); });
  CHECK((data - descriptor).value <= 4);
  CHECK((descriptor - asked).value <= 2 + 2 + 2);  // to the pins, the fake's latency, back
}

TEST_CASE("A stopped DMA channel ends what is in flight and goes on when enabled",
          "[unit][dma][R44][R54]") {
  Channel<Vcw_dma_channel, true> channel(kFar);
  channel.fill(20, 512);
  for (size_t n = 0; n < 20; n++) channel.write_entry(0, n);
  channel.doorbell(0, 20);
  for (int n = 0; n < 150; n++) channel.tick();
  channel.ctl[0].enable = false;
  channel.engine.ctl(0, channel.ctl[0]);
  for (int n = 0; n < 600; n++) channel.tick();
  const uint16_t stopped_at = channel.engine.sta(0).head;
  CHECK_FALSE(channel.engine.sta(0).busy);
  CHECK(stopped_at > 0);
  CHECK(stopped_at < 20);
  CHECK(channel.fake.writes.size() == stopped_at);
  channel.ctl[0].enable = true;
  channel.engine.ctl(0, channel.ctl[0]);
  while (channel.engine.sta(0).head != 20) channel.tick();
  for (int n = 0; n < 4; n++) channel.tick();
  channel.verify(0);
}

TEST_CASE("A bad doorbell halts a DMA channel after what is in flight", "[unit][dma][R54]") {
  Channel<Vcw_dma_channel_tocard0, false> channel(kFar);
  channel.fill(2, 512, 2);
  for (size_t n = 0; n < 2; n++) channel.write_entry(1, n);
  channel.doorbell(1, 2);
  for (int n = 0; n < 20; n++) channel.tick();
  channel.doorbell(1, 7);
  while (channel.engine.sta(1).busy) channel.tick();
  CHECK(channel.engine.sta(1).halted);
  CHECK(channel.engine.sta(1).head == 2);
  CHECK(channel.fake.irqs.size() == 2);
}

TEST_CASE("A DMA channel asks for little more once a read has failed", "[unit][dma][R59]") {
  Channel<Vcw_dma_channel, true> channel(kFar);
  channel.pins().max_read_i = 0;
  channel.fill(2, 65536);
  channel.fake.faults[{0x5000'0000, 0x5000'0001}] = {.error = DmaError::Timeout};
  channel.entries[0][1][0].iova = {0x6000'0000};
  channel.run();
  channel.verify(0);
  // 128 clocks to the failure, one read in each at most, of the 512 that the entry has.
  CHECK(channel.fake.data_reads.size() < 128 + 512);
  CHECK(channel.entry_errors[0] == 1);
}

TEST_CASE("A DMA channel has no more than 63 chunks of an entry in flight", "[unit][dma]") {
  FakePolicy roomy = kFar;
  roomy.outstanding = 200;
  Channel<Vcw_dma_channel, true> channel(roomy);
  channel.pins().max_read_i = 0;
  channel.fill(1, 65536);
  channel.write_entry(0, 0);
  channel.doorbell(0, 1);
  channel.run_until([&] { return channel.fake.answer_beats == 2; }, 1'000_cycles);
  CHECK(channel.fake.data_reads.size() == 63);
  while (channel.engine.sta(0).busy) channel.tick();
  CHECK(channel.moved[0] == 65536);
}

TEST_CASE("A DMA chain of 256 descriptors is whole, one more is refused", "[unit][dma][R55]") {
  for (const size_t length : {size_t{256}, size_t{257}}) {
    Channel<Vcw_dma_channel, true> channel;
    Entry chain;
    for (size_t n = 0; n < length; n++) {
      chain.push_back({.bytes = 3, .iova = {0x1ffe + n * 0x1001}, .card_addr = n * 5});
    }
    channel.entries[0] = {chain, {chain[0]}};
    channel.run();
    channel.verify(0);
    CHECK(channel.entry_errors[0] == (length == 257));
  }
}

}  // namespace
}  // namespace cw::unit::dma
