// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: Channels=1 DescSlots=8 Reads=2
// cw-variant: Channels=16 DescSlots=128 Reads=16
#include "Vcw_dma_order.h"
#include "Vcw_dma_order_channels16_descslots128_reads16.h"
#include "Vcw_dma_order_channels1_descslots8_reads2.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

template <class V, unsigned kChannels = 6, unsigned kSlots = 32, unsigned kReads = 8>
struct OrderBench : dut::Module<V> {
  using dut::Module<V>::pins;
  static constexpr unsigned kIndices = 2 * kSlots;
  static constexpr unsigned kIndexW = std::bit_width(kIndices) - 1;

  OrderBench() {
    pins().issue_valid_i = pins().come_valid_i = pins().restart_i = 0;
    dut::set_bits(pins().front_i, 0, 64, 0);
    for (unsigned c = 0; c < kChannels; c++) front(c, 0);
    this->reset();
  }

  void front(unsigned c, unsigned index) {
    dut::set_bits(pins().front_i, kIndexW * c, kIndexW, index % kIndices);
  }
  unsigned filled(unsigned c) {
    this->settle();
    return static_cast<unsigned>(dut::get_bits(pins().filled_o, kIndexW * c, kIndexW));
  }
  bool failed(unsigned c) { return pins().failed_o >> c & 1; }
  bool room(unsigned c) {
    this->settle();
    return pins().room_o >> c & 1;
  }
  // The number of the read.
  unsigned issue(unsigned c, unsigned end) {
    pins().issue_chan_i = static_cast<uint8_t>(c);
    pins().issue_end_i = static_cast<uint8_t>(end % kIndices);
    pins().issue_valid_i = 1;
    this->settle();
    const unsigned read = pins().issue_read_o;
    this->step();
    pins().issue_valid_i = 0;
    return read;
  }
  void come(unsigned c, unsigned read, unsigned index, bool fails = false) {
    start_come(c, read, index, fails);
    this->step();
    pins().come_valid_i = 0;
  }
  void start_come(unsigned c, unsigned read, unsigned index, bool fails) {
    pins().come_chan_i = static_cast<uint8_t>(c);
    pins().come_read_i = static_cast<uint8_t>(read);
    pins().come_index_i = static_cast<uint8_t>(index % kIndices);
    pins().come_failed_i = fails;
    pins().come_valid_i = 1;
  }
  void steps(unsigned count) {
    for (unsigned n = 0; n < count; n++) this->step();
  }
  void restart(unsigned c) {
    dut::set_bits(pins().restart_i, 0, kChannels, 1u << c);
    this->step();
    dut::set_bits(pins().restart_i, 0, kChannels, 0);
  }
};

using Order = OrderBench<Vcw_dma_order>;

TEST_CASE("DMA order counts what has come two clocks later", "[unit][dma][R53][rate]") {
  Order order;
  const unsigned read = order.issue(3, 16);
  order.steps(3);
  CHECK(order.filled(3) == 0);
  order.come(3, read, 5);
  CHECK(order.filled(3) == 0);
  order.step();
  CHECK(order.filled(3) == 5);
  CHECK(order.filled(2) == 0);
}

TEST_CASE("DMA order looks at no channel of which nothing comes", "[unit][dma][R57][rate]") {
  Order order;
  for (unsigned c = 0; c < 6; c++) order.come(c, order.issue(c, 4), 2 + c % 3);
  order.steps(8);
  for (unsigned c = 0; c < 6; c++) {
    const unsigned first = order.issue(c, 6);
    const unsigned second = order.issue(c, 8);
    order.come(c, second, 7);
    if (c % 3 != 2) order.come(c, (first + 7) % 8, 4);
    order.come(c, first, 6);
    order.pins().come_chan_i = (c + 1) % 6;
    order.step();
    CHECK(order.filled(c) == 6);
    order.step();
    CHECK(order.filled(c) == 7);
  }
}

TEST_CASE("DMA order counts a later read only behind an earlier one", "[unit][dma][R18]") {
  Order order;
  const unsigned first = order.issue(1, 4);
  const unsigned second = order.issue(1, 6);
  const unsigned third = order.issue(1, 14);
  order.come(1, third, 10);
  order.come(1, second, 6);
  order.come(1, first, 3);
  order.steps(8);
  CHECK(order.filled(1) == 3);
  order.come(1, first, 4);
  order.steps(4);
  CHECK(order.filled(1) == 10);
  order.come(1, third, 14);
  order.steps(2);
  CHECK(order.filled(1) == 14);
}

TEST_CASE("DMA order fails what had not come of a read that fails", "[unit][dma][R26]") {
  Order order;
  const unsigned first = order.issue(0, 4);
  const unsigned second = order.issue(0, 8);
  SECTION("none had come") {
    order.come(0, second, 4, /*fails=*/true);
    order.come(0, first, 4);
    order.steps(4);
    CHECK(order.filled(0) == 4);
  }
  SECTION("some had, and the answer without bytes names an old place") {
    order.come(0, second, 6);
    order.come(0, second, 4, /*fails=*/true);
    order.steps(4);
    CHECK_FALSE(order.failed(0));
    order.come(0, first, 4);
    order.steps(4);
    CHECK(order.filled(0) == 6);
  }
  CHECK(order.failed(0));
  CHECK_FALSE(order.failed(1));
  order.restart(0);
  CHECK(order.filled(0) == 0);
  CHECK_FALSE(order.failed(0));
  const unsigned read = order.issue(0, 2);
  order.steps(4);
  CHECK(order.filled(0) == 0);
  CHECK_FALSE(order.failed(0));
  order.come(0, read, 2);
  order.steps(2);
  CHECK(order.filled(0) == 2);
}

TEST_CASE("DMA order has room as long as a whole batch and a number are left", "[unit][dma][R57]") {
  Order order;
  CHECK(order.room(2));
  unsigned read = order.issue(2, 16);
  CHECK(order.room(2));
  order.come(2, read, 16);
  read = order.issue(2, 17);
  CHECK_FALSE(order.room(2));
  CHECK(order.room(1));
  order.front(2, 1);
  CHECK(order.room(2));
  order.come(2, read, 17);
  order.front(2, 17);
  order.steps(4);
  for (unsigned n = 0; n < 8; n++) {
    CHECK(order.room(2));
    read = order.issue(2, 18 + n);
  }
  CHECK_FALSE(order.room(2));
  order.come(2, (read + 1) % 8, 18);
  CHECK_FALSE(order.room(2));
  order.step();
  CHECK(order.room(2));
}

// Reads of all channels, answered in any order and pieces, used as they come.
template <class V, unsigned kChannels, unsigned kSlots, unsigned kReads>
void any_order(uint64_t seed) {
  OrderBench<V, kChannels, kSlots, kReads> order;
  agent::Rng rng(seed, "order");
  struct Read {
    unsigned c, number, begin, come, end;
  };
  std::vector<Read> reads;
  unsigned next[kChannels] = {}, used[kChannels] = {};
  for (int n = 0; n < 6000; n++) {
    auto& p = order.pins();
    const auto c = static_cast<unsigned>(rng.range(0, kChannels - 1));
    p.issue_valid_i = p.come_valid_i = 0;
    order.settle();
    bool issued = false;
    if (order.room(c) && rng.chance(50)) {
      const auto count = static_cast<unsigned>(rng.range(1, std::min(16u, kSlots / 2)));
      p.issue_chan_i = static_cast<uint8_t>(c);
      p.issue_end_i = static_cast<uint8_t>((next[c] + count) % order.kIndices);
      p.issue_valid_i = 1;
      order.settle();
      reads.push_back({c, p.issue_read_o, next[c], next[c], next[c] + count});
      next[c] += count;
      issued = true;
    }
    const size_t old = reads.size() - (issued ? 1 : 0);
    if (old != 0 && rng.chance(80)) {
      const size_t at = rng.range(0, old - 1);
      Read& r = reads[at];
      r.come += static_cast<unsigned>(rng.range(0, r.end - r.come));
      order.start_come(r.c, r.number, r.come, false);
      if (r.come == r.end) reads.erase(reads.begin() + static_cast<long>(at));
    }
    order.step();
    for (unsigned k = 0; k < kChannels; k++) {
      unsigned there = next[k];
      for (const Read& r : reads) {
        if (r.c == k) there = std::min(there, r.come);
      }
      const unsigned count =
          (order.filled(k) + order.kIndices - used[k] % order.kIndices) % order.kIndices;
      REQUIRE(count <= there - used[k]);
      if (rng.chance(30)) used[k] += static_cast<unsigned>(rng.range(0, count));
      order.front(k, used[k]);
    }
  }
  order.pins().issue_valid_i = order.pins().come_valid_i = 0;
  order.steps(kChannels * (kReads + 2));
  for (unsigned k = 0; k < kChannels; k++) {
    unsigned there = next[k];
    for (const Read& r : reads) {
      if (r.c == k) there = std::min(there, r.come);
    }
    CHECK(order.filled(k) == there % order.kIndices);
    CHECK(there > 200 / kChannels);
  }
}

TEST_CASE("DMA order never counts over a gap, and in the end all", "[unit][dma][R18][R53]") {
  any_order<Vcw_dma_order, 6, 32, 8>(1);
  any_order<Vcw_dma_order_channels1_descslots8_reads2, 1, 8, 2>(2);
  any_order<Vcw_dma_order_channels16_descslots128_reads16, 16, 128, 16>(3);
}

TEST_CASE("DMA order raises the alarm on a read without room", "[unit][dma][R29]") {
  Order order;
  order.issue(0, 16);
  order.issue(0, 32);
  CHECK_THROWS_AS(order.issue(0, 33), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
