// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Channels=1 DescSlots=8
// cw-variant: Channels=2 DescSlots=128
// cw-variant: Channels=16
#include "Vcw_dma_queues.h"
#include "Vcw_dma_queues_channels16.h"
#include "Vcw_dma_queues_channels1_descslots8.h"
#include "Vcw_dma_queues_channels2_descslots128.h"
#include "unit/dma_front_bench.hpp"

namespace cw::unit::dma {
namespace {

enum : unsigned { Read128, Read256, Read512, Read4096 = 5 };

template <class V, unsigned kChannels>
struct QueuesBench : dut::Module<V> {
  using dut::Module<V>::pins;
  Ctl ctl[kChannels];

  QueuesBench() {
    auto& p = pins();
    for (unsigned c = 0; c < kChannels; c++) {
      ctl[c] = {.enable = true, .ring = 0x4000'0000ull * (c + 1), .ring_log2 = 10};
    }
    p.max_read_i = Read512;
    p.open_i = p.halt_i = p.retired_valid_i = p.batch_ready_i = 0;
    dut::set_bits(p.rest_i, 0, kChannels, ~0u);
    dut::set_bits(p.room_i, 0, kChannels, ~0u);
    apply();
    this->reset();
  }

  void apply() {
    for (unsigned c = 0; c < kChannels; c++) drive(pins().ctl_i, ctl[c], c);
    this->settle();
  }

  void doorbell(unsigned c, unsigned tail) {
    ctl[c].tail = static_cast<uint16_t>(tail);
    ctl[c].tail_write = true;
    apply();
    this->step();
    ctl[c].tail_write = false;
    apply();
  }

  std::optional<Batch> offered() {
    this->settle();
    if (!pins().batch_valid_o) return std::nullopt;
    return batch(pins().batch_o);
  }
  // The next batch, taken.
  std::optional<Batch> take(unsigned clocks = 2 + kChannels) {
    pins().batch_ready_i = 1;
    std::optional<Batch> b;
    for (unsigned n = 0; n < clocks && !b; n++) {
      b = offered();
      this->step();
    }
    pins().batch_ready_i = 0;
    this->settle();
    return b;
  }
  void retire(unsigned c, unsigned head) {
    pins().retired_chan_i = static_cast<uint8_t>(c);
    pins().retired_head_i = static_cast<uint16_t>(head);
    pins().retired_valid_i = 1;
    this->step();
    pins().retired_valid_i = 0;
    this->settle();
  }
  void room(unsigned mask) { dut::set_bits(pins().room_i, 0, kChannels, mask); }
};

using Queues = QueuesBench<Vcw_dma_queues, 6>;

TEST_CASE("DMA queues offer a lone descriptor one clock after its doorbell",
          "[unit][dma][R54][rate]") {
  for (unsigned c = 0; c < 6; c++) {
    Queues queues;
    CHECK_FALSE(queues.offered());
    queues.doorbell(c, 1);
    CHECK(queues.offered() == Batch{.count = 1, .iova = 0x4000'0000ull * (c + 1), .chan = c});
  }
}

TEST_CASE("DMA queues offer as many descriptors as one read may bring", "[unit][dma][R54]") {
  Queues queues;
  SECTION("Max_Read_Request_Size") {
    queues.doorbell(1, 100);
    unsigned index = 0;
    for (const auto& [size, count] :
         {std::pair{Read128, 4u}, {Read256, 8u}, {Read512, 16u}, {Read4096, 16u}}) {
      queues.pins().max_read_i = size;
      CHECK(queues.take() ==
            Batch{.index = index, .count = count, .iova = 0x8000'0000 + 32 * index, .chan = 1});
      index += count;
    }
  }
  SECTION("a 4 KiB page") {
    queues.ctl[1].ring = 0x8000'0000 + 4096 - 5 * 32;
    queues.doorbell(1, 30);
    CHECK(queues.take()->count == 5);
    CHECK(queues.take() == Batch{.index = 5, .count = 16, .iova = 0x8000'1000, .chan = 1});
    CHECK(queues.take()->count == 9);
  }
  SECTION("the end of the ring") {
    queues.ctl[1].ring_log2 = 4;
    queues.doorbell(1, 6);
    CHECK(queues.take()->count == 6);
    queues.doorbell(1, 16);
    CHECK(queues.take()->count == 10);
    queues.retire(1, 16);
    CHECK(queues.pins().head_o[0] >> 16 == 16);
    queues.doorbell(1, 26);
    CHECK(queues.take() == Batch{.index = 16, .count = 10, .iova = 0x8000'0000, .chan = 1});
    queues.retire(1, 26);
    queues.doorbell(1, 39);
    CHECK(queues.take() == Batch{.index = 26, .count = 6, .iova = 0x8000'0140, .chan = 1});
    CHECK(queues.take() == Batch{.index = 32, .count = 7, .iova = 0x8000'0000, .chan = 1});
  }
  SECTION("doorbells while it waits") {
    queues.doorbell(1, 1);
    queues.doorbell(1, 3);
    CHECK(queues.take() == Batch{.count = 3, .iova = 0x8000'0000, .chan = 1});
  }
  CHECK((queues.take(), true));
}

TEST_CASE("DMA queues leave room for two batches in small buffers", "[unit][dma]") {
  QueuesBench<Vcw_dma_queues_channels1_descslots8, 1> one;
  one.doorbell(0, 9);
  CHECK(one.take()->count == 4);
  CHECK(one.take()->count == 4);
  CHECK(one.take()->count == 1);
  CHECK_FALSE(one.take());
  QueuesBench<Vcw_dma_queues_channels2_descslots128, 2> two;
  two.doorbell(1, 100);
  CHECK(two.take()->count == 16);
}

TEST_CASE("DMA queues offer a batch a clock to one busy channel", "[unit][dma][rate]") {
  Queues queues;
  queues.doorbell(3, 1000);
  queues.pins().batch_ready_i = 1;
  for (unsigned n = 0; n < 40; n++) {
    CHECK(queues.offered()->index == 16 * n);
    queues.step();
  }
}

template <class V, unsigned kChannels>
void round_robin() {
  QueuesBench<V, kChannels> queues;
  for (unsigned c = 0; c < kChannels; c++) queues.doorbell(c, 1000);
  unsigned served[kChannels] = {};
  for (unsigned n = 0; n < 10 * kChannels; n++) {
    const auto b = queues.take(1);
    REQUIRE(b);
    CHECK(b->count == 16);
    served[b->chan]++;
  }
  for (const unsigned times : served) {
    CHECK(times >= 9);
    CHECK(times <= 11);
  }
}

TEST_CASE("DMA queues serve channels in turn", "[unit][dma][R57]") {
  round_robin<Vcw_dma_queues, 6>();
  round_robin<Vcw_dma_queues_channels16, 16>();
  round_robin<Vcw_dma_queues_channels2_descslots128, 2>();
}

TEST_CASE("DMA queues keep a channel's turn until its batch is taken", "[unit][dma][R57]") {
  Queues queues;
  for (const unsigned c : {1u, 4u, 5u}) queues.doorbell(c, 100);
  for (int n = 0; n < 8; n++) {
    const unsigned chan = queues.offered()->chan;
    for (int wait = 0; wait < n; wait++) {
      queues.step();
      CHECK(queues.offered()->chan == chan);
    }
    CHECK(queues.take(1)->chan == chan);
  }
}

TEST_CASE("DMA queues go round channels without room, halted or stopped", "[unit][dma][R57]") {
  Queues queues;
  for (unsigned c = 0; c < 6; c++) queues.doorbell(c, 200);
  queues.room(0b010000);
  queues.step();
  for (int n = 0; n < 3; n++) CHECK(queues.take(2)->chan == 4);
  queues.room(0);
  CHECK_FALSE(queues.take());
  queues.room(~0u);
  queues.pins().halt_i = 0b001111;
  queues.step();
  queues.pins().halt_i = 0;
  queues.ctl[4].enable = false;
  queues.apply();
  CHECK(queues.pins().halted_o == 0b001111);
  for (int n = 0; n < 3; n++) CHECK(queues.take(2)->chan == 5);
  queues.pins().open_i = 0b010000;  // its entry goes on
  bool seen = false;
  for (int n = 0; n < 3; n++) seen = queues.take(2)->chan == 4 || seen;
  CHECK(seen);
}

TEST_CASE("DMA queues withdraw what is offered when its channel halts", "[unit][dma][R54]") {
  Queues queues;
  queues.doorbell(2, 3);
  CHECK(queues.offered());
  queues.ctl[2].abort_all = true;
  queues.apply();
  queues.step();
  queues.ctl[2].abort_all = false;
  queues.apply();
  CHECK_FALSE(queues.offered());
  queues.ctl[2].enable = false;
  queues.ctl[2].restart = true;
  queues.apply();
  CHECK(queues.pins().restart_o == 4);
  queues.step();
  queues.ctl[2].restart = false;
  queues.ctl[2].enable = true;
  queues.apply();
  CHECK(queues.pins().halted_o == 0);
  queues.doorbell(2, 1);
  CHECK(queues.offered() == Batch{.count = 1, .iova = 0xc000'0000, .chan = 2});
}

TEST_CASE("DMA queues offer nothing for a bad doorbell", "[unit][dma][R54]") {
  Queues queues;
  queues.ctl[0].ring_log2 = 2;
  queues.ctl[0].tail = 5;
  queues.ctl[0].tail_write = true;
  queues.apply();
  CHECK(queues.pins().bad_doorbell_o == 1);
  queues.step();
  queues.ctl[0].tail_write = false;
  queues.apply();
  CHECK(queues.pins().halted_o == 1);
  CHECK_FALSE(queues.take());
}

TEST_CASE("DMA queues hold a doorbell against the ring of its own channel", "[unit][dma][R54]") {
  Queues queues;
  queues.ctl[0].ring_log2 = 4;
  queues.ctl[3].ring_log2 = 6;
  queues.apply();
  queues.doorbell(3, 40);
  CHECK(queues.pins().halted_o == 0);
  queues.doorbell(0, 17);
  CHECK(queues.pins().halted_o == 1);
  queues.doorbell(3, 65);
  CHECK(queues.pins().halted_o == 0b1001);
}

TEST_CASE("DMA queues refuse a doorbell of a ring, or of records, beyond the address space",
          "[unit][dma][R54][R55]") {
  const uint64_t beyond = uint64_t{0} - 0x20;
  const bool records = GENERATE(false, true);
  Queues queues;
  (records ? queues.ctl[3].records : queues.ctl[3].ring) = beyond;
  queues.apply();
  queues.doorbell(2, 1);
  CHECK(queues.pins().halted_o == 0);
  queues.doorbell(3, 1);
  CHECK(queues.pins().halted_o == 0b1000);
  CHECK(queues.take() == Batch{.count = 1, .iova = 0xc000'0000, .chan = 2});
  CHECK_FALSE(queues.take());
}

TEST_CASE("DMA queues raise the alarm when a channel that is not there retires",
          "[unit][dma][R29]") {
  Queues queues;
  queues.pins().retired_chan_i = 6;
  queues.pins().retired_head_i = 0;
  queues.pins().retired_valid_i = 1;
  CHECK_THROWS_AS(queues.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
