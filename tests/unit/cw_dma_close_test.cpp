// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_close.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

struct Closer : dut::Module<Vcw_dma_close> {
  Closer() {
    pins().taken_valid_i = pins().step_valid_i = 0;
    pins().stop_i = 0;
    pins().taken_error_i = 0;
    reset();
  }
  void take(unsigned chan, uint16_t head, Error error = Error::Ok) {
    pins().taken_valid_i = 1;
    pins().taken_chan_i = chan;
    pins().taken_head_i = head;
    pins().taken_error_i = static_cast<uint8_t>(error);
  }
  void transfer(const Step& s) {
    pins().step_valid_i = 1;
    drive(pins().step_i, s);
  }
  void clock() {
    step();
    pins().taken_valid_i = pins().step_valid_i = 0;
    pins().stop_i = 0;
    take(junk_ % 6, static_cast<uint16_t>(junk_));  // says nothing without valid
    pins().taken_valid_i = 0;
    junk_++;
    settle();
  }
  bool closes() { return pins().close_valid_o; }
  Close seen() {
    REQUIRE(closes());
    return close(pins().close_o);
  }
  bool begun(unsigned chan) { return pins().begun_o >> chan & 1; }
  bool blocked(unsigned chan) { return pins().blocked_o >> chan & 1; }
  unsigned entry(unsigned chan) {
    return static_cast<unsigned>(dut::get_bits(pins().entry_o, 4 * chan, 4));
  }
  // Nothing more is closed.
  void check_quiet() {
    for (int n = 0; n < 4; n++) {
      clock();
      CHECK_FALSE(closes());
    }
    CHECK(pins().begun_o == 0);
  }

 private:
  unsigned junk_ = 7;
};

TEST_CASE("DMA close ends an entry with its last chunk, in the clock after it", "[unit][dma]") {
  Closer closer;
  closer.take(2, 7);
  closer.transfer({.chan = 2, .chunk = true, .over = true, .last = true});
  closer.clock();
  CHECK(closer.seen() == Close{.head = 7, .chunks = 1, .entry = 0, .chan = 2});
  CHECK(closer.entry(2) == 1);
  closer.check_quiet();
}

TEST_CASE("DMA close counts the chunks of all descriptors of an entry", "[unit][dma]") {
  Closer closer;
  for (unsigned entry = 0; entry < 20; entry++) {
    closer.take(5, static_cast<uint16_t>(10 * entry));
    closer.clock();
    CHECK(closer.begun(5));
    for (unsigned n = 0; n < entry; n++) {
      closer.transfer({.chan = 5, .chunk = true, .over = n % 2 == 1, .last = n % 2 == 0});
      if (n % 3 == 0) closer.take(0, 1);
      closer.clock();
      CHECK_FALSE(closer.closes());
    }
    closer.take(5, static_cast<uint16_t>(10 * entry + 1));
    closer.clock();
    closer.transfer({.chan = 5, .chunk = true, .over = true, .last = true});
    closer.clock();
    CHECK(closer.seen() == Close{.head = static_cast<uint16_t>(10 * entry + 1),
                                 .chunks = entry + 1,
                                 .entry = entry % 16,
                                 .chan = 5});
    CHECK_FALSE(closer.begun(5));
  }
  CHECK(closer.begun(0));
}

TEST_CASE("DMA close keeps its count modulo 1024", "[unit][dma]") {
  Closer closer;
  closer.take(1, 1);
  for (int n = 0; n < 1025; n++) {
    closer.transfer({.chan = 1, .chunk = true});
    closer.clock();
  }
  closer.transfer({.chan = 1, .chunk = true, .over = true, .last = true});
  closer.clock();
  CHECK(closer.seen().chunks == 2);
}

TEST_CASE("DMA close ends a refused entry at once and blocks its channel until it is stopped",
          "[unit][dma][R55]") {
  for (const bool first : {true, false}) {
    Closer closer;
    if (!first) {
      closer.take(3, 4);
      closer.clock();
      closer.transfer({.chan = 3, .chunk = true, .over = true});
      closer.clock();
    }
    closer.take(3, 5, Error::BadDesc);
    closer.clock();
    CHECK(closer.pins().refused_o == 0b1000);
    CHECK(closer.pins().hold_o);
    CHECK(closer.blocked(3));
    closer.clock();
    CHECK(
        closer.seen() ==
        Close{
            .head = 5, .error = Error::BadDesc, .chunks = first ? 0u : 1u, .entry = 0, .chan = 3});
    CHECK(closer.pins().refused_o == 0);
    CHECK_FALSE(closer.pins().hold_o);
    closer.check_quiet();
    CHECK(closer.blocked(3));
    closer.pins().stop_i = 0b1000;
    closer.clock();
    CHECK_FALSE(closer.blocked(3));
    closer.check_quiet();
  }
}

TEST_CASE("DMA close ends an entry whose transfer fails", "[unit][dma][R55]") {
  Closer closer;
  closer.take(3, 5);
  closer.transfer({.chan = 3, .error = Error::BadCard});
  closer.clock();
  CHECK(closer.pins().refused_o == 0b1000);
  closer.clock();
  CHECK(closer.seen() == Close{.head = 5, .error = Error::BadCard, .entry = 0, .chan = 3});
  closer.check_quiet();
  CHECK(closer.blocked(3));
}

TEST_CASE("DMA close aborts what a stop finds begun, wherever it is", "[unit][dma][R44]") {
  Closer closer;
  closer.pins().stop_i = 0b111111;  // nothing is begun
  closer.clock();
  closer.check_quiet();
  closer.take(0, 1);  // a transfer is under way
  closer.transfer({.chan = 0, .chunk = true});
  closer.clock();
  closer.take(4, 2);  // between descriptors
  closer.transfer({.chan = 4, .chunk = true, .over = true});
  closer.clock();
  closer.take(5, 3);  // ends in the clock before the stop
  closer.transfer({.chan = 5, .chunk = true, .over = true, .last = true});
  closer.clock();
  CHECK(closer.seen().error == Error::Ok);
  closer.pins().stop_i = 0b111111;
  closer.clock();
  CHECK(closer.pins().refused_o == 0);
  std::vector<Close> seen;
  for (int n = 0; n < 4; n++) {
    closer.pins().stop_i = 0b111111;
    closer.clock();
    if (closer.closes()) seen.push_back(closer.seen());
  }
  REQUIRE(seen.size() == 2);
  std::sort(seen.begin(), seen.end(),
            [](const Close& a, const Close& b) { return a.chan < b.chan; });
  CHECK(seen[0] == Close{.head = 1, .error = Error::Aborted, .chunks = 1, .chan = 0});
  CHECK(seen[1] == Close{.head = 2, .error = Error::Aborted, .chunks = 1, .chan = 4});
  closer.check_quiet();
  CHECK(closer.pins().blocked_o == 0);
}

TEST_CASE("DMA close keeps the first error when a stop follows it", "[unit][dma][R44]") {
  Closer closer;
  closer.take(1, 9, Error::ChainLong);
  closer.clock();
  closer.pins().stop_i = 0b10;
  closer.clock();
  CHECK(closer.seen().error == Error::ChainLong);
  closer.check_quiet();
}

TEST_CASE("DMA close serves one channel after the other", "[unit][dma]") {
  Closer closer;
  for (unsigned c = 0; c < 6; c++) {
    closer.take(c, static_cast<uint16_t>(c + 1));
    closer.clock();
  }
  closer.pins().stop_i = 0b111111;
  closer.clock();
  unsigned closed = 0;
  for (int n = 0; n < 6; n++) {
    CHECK(closer.pins().hold_o);
    closer.clock();
    CHECK(closer.seen().head == closer.seen().chan + 1);
    closed |= 1u << closer.seen().chan;
  }
  CHECK(closed == 0b111111);
  closer.check_quiet();
}

TEST_CASE("DMA close tells of a packet that ended with the entry", "[unit][dma]") {
  Closer closer;
  closer.take(5, 1);
  closer.transfer({.chan = 5,
                   .chunk = true,
                   .over = true,
                   .last = true,
                   .packet_end = true,
                   .packet_info = 0xabcd});
  closer.clock();
  CHECK(closer.seen() ==
        Close{.packet_info = 0xabcd, .packet_end = true, .head = 1, .chunks = 1, .chan = 5});
  closer.take(5, 2);  // the next goes on with another packet
  closer.transfer({.chan = 5, .chunk = true, .over = true, .last = true, .packet_info = 0x1111});
  closer.clock();
  CHECK(closer.seen() == Close{.head = 2, .chunks = 1, .entry = 1, .chan = 5});
}

TEST_CASE("DMA close has the rest of an entry passed over when its packet has ended",
          "[unit][dma]") {
  Closer closer;
  closer.take(5, 1);
  closer.transfer(
      {.chan = 5, .chunk = true, .over = true, .packet_end = true, .packet_info = 0x1234});
  closer.clock();
  CHECK_FALSE(closer.closes());
  CHECK(closer.pins().pass_o == 0b100000);
  closer.take(5, 2);
  closer.transfer({.chan = 5, .over = true, .packet_info = 0x9999});
  closer.clock();
  CHECK(closer.pins().pass_o == 0b100000);
  closer.take(5, 3);
  closer.transfer({.chan = 5, .over = true, .last = true, .packet_info = 0x8888});
  closer.clock();
  CHECK(closer.seen() ==
        Close{.packet_info = 0x1234, .packet_end = true, .head = 3, .chunks = 1, .chan = 5});
  CHECK(closer.pins().pass_o == 0);
}

TEST_CASE("DMA close forgets all with reset", "[unit][dma][R43]") {
  const bool ends = GENERATE(true, false), later = GENERATE(true, false);
  Closer closer;
  closer.take(4, 1);
  closer.clock();
  closer.take(2, 7, ends ? Error::Ok : Error::BadDesc);
  if (ends) closer.transfer({.chan = 2, .chunk = true, .over = true, .last = true});
  if (later) closer.clock();
  closer.reset(dut::Cycles{1});
  closer.settle();
  CHECK_FALSE(closer.closes());
  CHECK(closer.pins().refused_o == 0);
  CHECK(closer.pins().blocked_o == 0);
  CHECK(closer.pins().begun_o == 0);
  CHECK_FALSE(closer.pins().hold_o);
  closer.pins().taken_valid_i = closer.pins().step_valid_i = 0;
  closer.check_quiet();
}

TEST_CASE("DMA close raises the alarm for a chunk of no entry", "[unit][dma]") {
  Closer closer;
  closer.transfer({.chan = 1, .chunk = true});
  CHECK_THROWS_AS(closer.step(), dut::AssertionFailed);
}

TEST_CASE("DMA close raises the alarm for a descriptor of a blocked channel", "[unit][dma]") {
  Closer closer;
  closer.take(1, 9, Error::BadDesc);
  closer.clock();
  closer.clock();
  closer.take(1, 10);
  CHECK_THROWS_AS(closer.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
