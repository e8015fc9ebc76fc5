// SPDX-License-Identifier: Apache-2.0
//
// The transmit side keeps the partner's limits and the ordering table, cell by cell.
// cw-variant: W=64
// cw-variant: W=512
#include "Vcw_port_tx.h"
#include "Vcw_port_tx_w512.h"
#include "Vcw_port_tx_w64.h"
#include "catch_shim.hpp"
#include "port_tx_bench.hpp"

using namespace cw;
using namespace cw::dut::literals;
using test::kCompletion, test::kInfinite, test::kNonPosted, test::kPosted;

namespace {

template <class V>
using Bench = test::PortTxBench<V>;

template <class V>
void random_traffic(int tlps, uint32_t max_bytes) {
  uint64_t seed = 40;
  for (const agent::Stall stall_in : {agent::Stall::None, agent::Stall::Bursty}) {
    for (const agent::Stall stall_out : {agent::Stall::None, agent::Stall::Adversarial}) {
      Bench<V> bench(++seed, stall_in, stall_out);
      bench.grant_percent = 20;
      bench.window_data = max_bytes / 8;  // room for two of the longest
      agent::Rng rng(seed, "ops");
      for (int n = 0; n < tlps; ++n) {
        bench.send(test::random_tlp(rng, static_cast<unsigned>(rng.range(0, 2)), max_bytes));
      }
      bench.run();
    }
  }
}

pcie::RawTlp write_of(uint32_t bytes) {
  return pcie::encode(
      pcie::MemWrite{.address = {0x1000}, .data = std::vector<uint8_t>(bytes, 0x77)});
}

// A TLP with `dw` dwords of payload, as far as its class has such.
pcie::RawTlp tlp_of(unsigned cls, size_t dw, bool relaxed) {
  const pcie::Attributes attributes{.relaxed_ordering = relaxed};
  if (cls == kPosted) {
    pcie::RawTlp tlp = write_of(static_cast<uint32_t>(dw * 4));
    if (relaxed) tlp.hdr[0] |= 1u << 13;
    return tlp;
  }
  if (cls == kCompletion) {
    return pcie::encode(
        pcie::Completion{.payload = std::vector<uint32_t>(dw, 0x88), .attributes = attributes});
  }
  return pcie::encode(pcie::Atomic{.kind = pcie::AtomicKind::CompareAndSwap,
                                   .operands = std::vector<uint32_t>(dw, 0x99),
                                   .attributes = attributes});
}

// Table 2-42 as this fabric answers it: may the row's TLP pass the column's?
bool table(unsigned later, bool relaxed, unsigned earlier) {
  constexpr bool kMay[3][3] = {{false, true, true}, {false, false, true}, {false, true, false}};
  return kMay[later][earlier] || (later == kCompletion && earlier == kPosted && relaxed);
}

}  // namespace

TEST_CASE("Port TX passes a blocked TLP exactly where the ordering table says so",
          "[unit][port][R30]") {
  for (unsigned later = 0; later < 3; ++later) {
    for (unsigned earlier = 0; earlier < 3; ++earlier) {
      for (const bool relaxed : {false, true}) {
        CAPTURE(later, earlier, relaxed);
        Bench<Vcw_port_tx> bench(1);
        // One data credit: the earlier TLP needs two, the later one.
        for (test::ClassFc& fc : bench.limit) fc = {.hdr_limit = 8, .data_limit = 1};
        bench.commit();
        const pcie::RawTlp first = tlp_of(earlier, 8, false);
        const pcie::RawTlp second = tlp_of(later, later == earlier ? 2 : 4, relaxed);
        bench.send(first);
        bench.module.run_until([&] { return bench.source(earlier).idle(); }, 10_cycles);
        bench.send(second);
        bench.module.step(30_cycles);
        const bool passed = table(later, relaxed, earlier);
        CHECK(bench.sink.size() == (passed ? 1 : 0));
        bench.limit[earlier].data_limit = 4;
        bench.module.run_until([&] { return bench.sink.size() == 2; }, 30_cycles);
        CHECK((bench.sink.received().front() == second) == passed);
      }
    }
  }
}

TEST_CASE("Port TX keeps to the partner's limits and to the order of its channels",
          "[unit][port][R30][R35]") {
  random_traffic<Vcw_port_tx_w64>(300, 256);
  random_traffic<Vcw_port_tx>(600, 1024);
  random_traffic<Vcw_port_tx_w512>(600, 4096);
}

TEST_CASE("Port TX counts credits modulo 4096", "[unit][port][R35]") {
  Bench<Vcw_port_tx> bench(2);
  bench.grant_percent = 50;
  bench.window_data = 512;
  bench.window_hdr = 16;
  for (int n = 0; n < 50; ++n) bench.send(write_of(4096));  // 12800 data credits
  for (int n = 0; n < 4500; ++n) bench.send(tlp_of(kCompletion, 1, false));
  bench.run();
  CHECK(bench.used_data[kPosted] == 12'800);
  CHECK(bench.used_hdr[kCompletion] == 4'500);
}

TEST_CASE("Port TX keeps the requests of a function that may not send them, and nothing else",
          "[unit][port][R10][R31]") {
  Bench<Vcw_port_tx> bench(7);
  for (test::ClassFc& fc : bench.limit) fc = kInfinite;
  bench.commit();
  const auto read_of = [](uint8_t function) {
    return pcie::encode(
        pcie::MemRead{.requester = {.function = function}, .address = {64}, .length_bytes = 4});
  };
  bench.p.np_hold_i = 1 << 2;
  bench.send(read_of(2));
  bench.module.step(20_cycles);
  CHECK(bench.sink.empty());
  bench.send(write_of(8));
  bench.send(tlp_of(kCompletion, 4, false));
  bench.module.run_until([&] { return bench.sink.size() == 2; }, 30_cycles);
  bench.p.np_hold_i = static_cast<uint8_t>(~(1 << 2));
  bench.run(30_cycles);
}

TEST_CASE("Port TX drops the requests of a function that is being reset, each in its turn",
          "[unit][port][R31][R43]") {
  Bench<Vcw_port_tx> bench(8);
  auto& p = bench.p;
  const auto read_of = [](uint8_t function, uint16_t tag) {
    return pcie::encode(pcie::MemRead{
        .requester = {.function = function}, .tag = tag, .address = {64}, .length_bytes = 4});
  };
  std::vector<unsigned> left;
  const auto step = [&](unsigned cycles) {
    for (; cycles != 0; --cycles) {
      bench.module.settle();
      if (p.np_left_o) left.push_back(p.np_left_tag_o);
      bench.module.step();
    }
  };
  for (test::ClassFc& fc : bench.limit) fc = kInfinite;
  bench.limit[kPosted] = {};  // nothing passes the write
  bench.commit();
  bench.send(write_of(8));
  step(4);
  bench.source(kNonPosted).send(read_of(2, 5));
  p.np_drop_i = 1 << 2;
  step(20);
  CHECK(left.empty());
  bench.limit[kPosted] = kInfinite;
  bench.commit();
  step(10);
  CHECK(left == std::vector{5u});
  bench.send(read_of(1, 6));
  step(10);
  bench.send(read_of(3, 7));
  step(10);
  CHECK(left == std::vector{5u, 6u, 7u});
  bench.run(30_cycles);
}

TEST_CASE("Port TX needs no credit of an infinite class", "[unit][port][R35]") {
  Bench<Vcw_port_tx> bench(3);
  bench.limit[kCompletion] = kInfinite;
  bench.commit();
  for (int n = 0; n < 200; ++n) bench.send(tlp_of(kCompletion, 256, false));
  bench.run(10'000_cycles);
  bench.send(tlp_of(kPosted, 1, false));  // the others have none
  bench.send(tlp_of(kNonPosted, 2, false));
  bench.module.step(50_cycles);
  CHECK(bench.sink.size() == 200);
}

TEST_CASE("Port TX waits for header credits and data credits alike", "[unit][port][R35]") {
  for (unsigned c = 0; c < 3; ++c) {
    Bench<Vcw_port_tx> bench(4);
    bench.limit[c] = {.hdr_limit = 1, .data_limit = 1};
    bench.commit();
    bench.send(tlp_of(c, 8, false));  // two data credits
    bench.send(tlp_of(c, 8, false));
    bench.module.step(20_cycles);
    CHECK(bench.sink.empty());
    bench.limit[c].data_limit = 4;
    bench.module.step(20_cycles);
    CHECK(bench.sink.size() == 1);
    bench.limit[c].hdr_limit = 2;
    bench.module.step(20_cycles);
    CHECK(bench.sink.size() == 2);
    CHECK(bench.overdrafts == 0);
  }
}

TEST_CASE("Port TX takes turns between classes that may leave", "[unit][port][R31]") {
  Bench<Vcw_port_tx> bench(5);
  bench.all_infinite();
  for (int n = 0; n < 400; ++n) {
    for (unsigned c = 0; c < 3; ++c) bench.send(tlp_of(c, 4, false));
  }
  bench.module.run_until([&] { return bench.sink.size() == 300; }, 400_cycles);
  size_t share[3] = {};
  for (const pcie::RawTlp& tlp : bench.sink.received()) ++share[test::class_of(tlp)];
  for (const size_t tlps : share) CHECK(tlps >= 60);
}

TEST_CASE("Port TX lets two requests go behind a TLP of many beats, one behind a single beat",
          "[unit][port][R31]") {
  const bool many = GENERATE(false, true);
  Bench<Vcw_port_tx> bench(8);
  bench.all_infinite();
  for (int n = 0; n < 100; ++n) {
    bench.send(write_of(many ? 256 : 32));
    for (int reads = 0; reads < 2; ++reads) bench.send(tlp_of(kNonPosted, 8, false));
  }
  bench.module.run_until([&] { return bench.sink.size() == 150; }, 1'000_cycles);
  const auto reads =
      std::ranges::count(bench.sink.received(), unsigned{kNonPosted},
                         [](const pcie::RawTlp& tlp) { return test::class_of(tlp); });
  CHECK(reads >= (many ? 95 : 70));
  CHECK(reads <= (many ? 102 : 80));
}

TEST_CASE("Port TX puts a TLP on the link in two clocks, then a beat in each", "[unit][port]") {
  Bench<Vcw_port_tx> bench(6);
  bench.all_infinite();
  SECTION("latency") {
    for (unsigned c = 0; c < 3; ++c) {
      bench.send(tlp_of(c, 8, false));
      bench.module.run_until([&] { return bench.in[c].transfers(); }, 10_cycles);
      const dut::Cycles taken = bench.module.now();
      bench.module.run_until([&] { return bench.tx.valid(); }, 10_cycles);
      CHECK((bench.module.now() - taken).value == 2);
      bench.module.step(5_cycles);
    }
  }
  SECTION("rate of posted TLPs of one and of eight beats") {
    for (int n = 0; n < 100; ++n) bench.send(write_of(n % 2 ? 256 : 32));
    const dut::Cycles start = bench.module.now();
    bench.module.run_until([&] { return bench.sink.size() == 100; }, 1'000_cycles);
    CHECK((bench.module.now() - start).value <= 50 * 9 + 4);
  }
  SECTION("rate of three classes together") {
    for (int n = 0; n < 100; ++n) {
      for (unsigned c = 0; c < 3; ++c) bench.send(tlp_of(c, c == kCompletion ? 64 : 8, false));
    }
    const dut::Cycles start = bench.module.now();
    bench.module.run_until([&] { return bench.sink.size() == 300; }, 2'000_cycles);
    CHECK((bench.module.now() - start).value <= 100 * 10 + 4);
  }
}

TEST_CASE("Port TX's alarms ring for a limit taken back and for a TLP in the wrong channel",
          "[unit][port][R35]") {
  Bench<Vcw_port_tx> bench(7);
  SECTION("limit") {
    bench.limit[kPosted] = {.hdr_limit = 8, .data_limit = 8};
    bench.commit();
    bench.send(write_of(64));
    bench.module.step(20_cycles);
    REQUIRE(bench.sink.size() == 1);
    bench.limit[kPosted].data_limit = 3;
    CHECK_THROWS_AS(bench.module.step(3_cycles), dut::AssertionFailed);
  }
  SECTION("channel") {
    bench.non_posted.send(write_of(4));
    CHECK_THROWS_AS(bench.module.step(3_cycles), dut::AssertionFailed);
  }
}
