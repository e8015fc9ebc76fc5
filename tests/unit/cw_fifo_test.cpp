// SPDX-License-Identifier: Apache-2.0
// cw-variant: Depth=3
// cw-variant: Depth=2
// cw-variant: Depth=40
#include "Vcw_fifo.h"
#include "Vcw_fifo_depth2.h"
#include "Vcw_fifo_depth3.h"
#include "Vcw_fifo_depth40.h"
#include "catch_shim.hpp"
#include "unit/item_stream.hpp"

namespace cw::unit {
namespace {

using agent::kEveryStall;
using agent::Stall;

template <class V>
struct Fifo : dut::Module<V> {
  explicit Fifo(uint64_t seed = 1) : dut::Module<V>(seed) {
    this->pins().in_valid_i = this->pins().out_ready_i = 0;
    this->reset();
  }
};

template <class V>
void check_order(size_t depth) {
  for (const auto in : kEveryStall) {
    for (const auto out : kEveryStall) {
      Fifo<V> fifo(5);
      bool level_true = true;
      const auto passed =
          pass_items(fifo, {.in = in, .out = out, .seed = 11, .count = 400},
                     [&](size_t inside) { level_true &= fifo.pins().level_o == inside; });
      CHECK(passed.received == passed.sent);
      CHECK(passed.most_inside <= depth);
      CHECK(level_true);
    }
  }
}

TEST_CASE("Queue passes every item once and in order at any depth", "[unit][common]") {
  check_order<Vcw_fifo>(4);
  check_order<Vcw_fifo_depth2>(2);
  check_order<Vcw_fifo_depth3>(3);
  check_order<Vcw_fifo_depth40>(40);
}

template <class V>
size_t fill() {
  Fifo<V> fifo;
  fifo.pins().in_valid_i = 1;
  size_t taken = 0;
  for (fifo.settle(); fifo.pins().in_ready_o && taken < 1000; fifo.settle()) {
    ++taken;
    fifo.step();
  }
  return taken;
}

TEST_CASE("Queue takes exactly its depth while nothing leaves", "[unit][common]") {
  CHECK(fill<Vcw_fifo>() == 4);
  CHECK(fill<Vcw_fifo_depth2>() == 2);
  CHECK(fill<Vcw_fifo_depth3>() == 3);
  CHECK(fill<Vcw_fifo_depth40>() == 40);
}

template <class V>
uint64_t cycles_for_100() {
  Fifo<V> fifo;
  return pass_items(fifo, {.count = 100}).cycles;
}

TEST_CASE("Queue passes an item per clock, one clock later or two with RAM", "[unit][common]") {
  CHECK(cycles_for_100<Vcw_fifo>() == 101);
  CHECK(cycles_for_100<Vcw_fifo_depth2>() == 101);
  CHECK(cycles_for_100<Vcw_fifo_depth3>() == 101);
  CHECK(cycles_for_100<Vcw_fifo_depth40>() == 102);
}

TEST_CASE("Queue is empty after reset", "[unit][common]") {
  Fifo<Vcw_fifo_depth40> fifo;
  fifo.pins().in_valid_i = 1;
  fifo.step({5});
  fifo.pins().in_valid_i = 0;
  fifo.reset();
  CHECK(fifo.pins().level_o == 0);
  fifo.step({3});
  CHECK_FALSE(fifo.pins().out_valid_o);
}

}  // namespace
}  // namespace cw::unit
