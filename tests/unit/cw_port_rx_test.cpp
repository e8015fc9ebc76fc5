// SPDX-License-Identifier: Apache-2.0
//
// The receive side stores, checks, orders, and returns credits, whatever its partner does.
// cw-variant: W=64 PHdrs=4 PBeats=128
// cw-variant: W=512 PHdrs=4 PBeats=16 NpHdrs=4 NpBeats=8
// cw-variant: W=512 PHdrs=4 PBeats=16 NpHdrs=4 NpBeats=8 CreditCheck=1
#include "Vcw_port_rx.h"
#include "Vcw_port_rx_w512_phdrs4_pbeats16_nphdrs4_npbeats8.h"
#include "Vcw_port_rx_w512_phdrs4_pbeats16_nphdrs4_npbeats8_creditcheck1.h"
#include "Vcw_port_rx_w64_phdrs4_pbeats128.h"
#include "catch_shim.hpp"
#include "port_rx_bench.hpp"

using namespace cw;
using namespace cw::dut::literals;
using test::kCompletion, test::kMaxPayload, test::kNonPosted, test::kPosted, test::kReservedBlocks;

namespace {

template <class V>
using Bench = test::PortRxBench<V>;

using W64 = Vcw_port_rx_w64_phdrs4_pbeats128;
using W512 = Vcw_port_rx_w512_phdrs4_pbeats16_nphdrs4_npbeats8;
using Checks = Vcw_port_rx_w512_phdrs4_pbeats16_nphdrs4_npbeats8_creditcheck1;

pcie::RawTlp spoil(agent::Rng& rng, pcie::RawTlp tlp) {
  switch (rng.range(0, 3)) {
    case 0:
      tlp.payload.empty() ? tlp.payload.push_back(0) : tlp.payload.pop_back();
      break;
    case 1:
      tlp.payload.resize(tlp.payload.size() + rng.range(1, 300));
      break;
    case 2:
      tlp.prefix = 0x9000'0000;
      break;
    default:
      tlp.hdr[0] |= 0xe0u << 24;
      break;  // a reserved kind
  }
  return tlp;
}

template <class V>
void random_traffic(int tlps) {
  uint64_t seed = 20;
  for (const agent::Stall in : {agent::Stall::None, agent::Stall::Adversarial}) {
    for (const agent::Stall stall : agent::kEveryStall) {
      Bench<V> bench(++seed, in, stall);
      agent::Rng rng(seed, "ops");
      for (int n = 0; n < tlps; ++n) {
        pcie::RawTlp tlp =
            test::random_tlp(rng, static_cast<unsigned>(rng.range(0, 2)), kMaxPayload);
        const bool bad = rng.chance(10);
        if (bad) tlp = spoil(rng, std::move(tlp));
        tlp.error = rng.chance(5);
        bench.send(!bad && rng.chance(30) ? pcie::with_ecrc(std::move(tlp)) : std::move(tlp), bad);
      }
      bench.run();
      CHECK(bench.refusals == 0);
      CHECK(bench.overtakes == 0);
      CHECK(bench.overflow_seen.empty());
    }
  }
}

pcie::RawTlp write_of(uint32_t bytes) {
  return pcie::encode(
      pcie::MemWrite{.address = {0x1000}, .data = std::vector<uint8_t>(bytes, 0x33)});
}
pcie::RawTlp read_of(uint8_t tag) {
  return pcie::encode(pcie::MemRead{.tag = {tag}, .length_bytes = 4});
}
pcie::RawTlp completion_of(size_t dw, bool relaxed = false) {
  return pcie::encode(pcie::Completion{.payload = std::vector<uint32_t>(dw, 0x44),
                                       .attributes = {.relaxed_ordering = relaxed}});
}

}  // namespace

TEST_CASE("Port RX never refuses a partner that keeps to the credits, and returns every credit",
          "[unit][port][R30][R31][R35][R36]") {
  random_traffic<W64>(250);
  random_traffic<Vcw_port_rx>(400);
  random_traffic<W512>(400);
  random_traffic<Checks>(400);
}

TEST_CASE("Port RX offers non-posted and plain completions only after older posted TLPs left",
          "[unit][port][R30]") {
  Bench<Vcw_port_rx> bench(2);
  bench.posted.block(true);
  bench.send(completion_of(1));
  bench.send(read_of(1));
  bench.send(write_of(64));
  bench.send(read_of(2));
  bench.send(completion_of(2));
  bench.module.step(40_cycles);
  CHECK(bench.completion.size() == 1);
  CHECK(bench.non_posted.size() == 1);
  bench.posted.block(false);
  bench.run(100_cycles);
}

TEST_CASE("Port RX lets a relaxed completion pass posted TLPs", "[unit][port][R30]") {
  Bench<Vcw_port_rx> bench(3);
  bench.posted.block(true);
  bench.send(write_of(64));
  bench.send(completion_of(1, /*relaxed=*/true));
  bench.module.step(40_cycles);
  CHECK(bench.completion.size() == 1);
  bench.posted.block(false);
  bench.run(100_cycles);
}

TEST_CASE("Port RX delivers posted TLPs and completions past stuck non-posted ones",
          "[unit][port][R30][R31]") {
  Bench<W512> bench(4);
  bench.non_posted.block(true);
  for (uint8_t n = 0; n < 4; ++n) bench.send(read_of(n));  // all there is room for
  for (int n = 0; n < 40; ++n) {
    bench.send(write_of(128));
    bench.send(completion_of(16));
  }
  bench.module.step(500_cycles);
  CHECK(bench.posted.size() == 40);
  CHECK(bench.completion.size() == 40);
  CHECK(bench.refusals == 0);
  bench.non_posted.block(false);
  bench.run(100_cycles);
}

TEST_CASE("Port RX has room for all the completions that the requester reserved",
          "[unit][port][R34]") {
  for (const size_t dw : {0, 1, 16}) {  // one 64-byte block each
    Bench<Vcw_port_rx> bench(5);
    CHECK(bench.start[kCompletion] == test::ClassFc{.hdr_infinite = true, .data_infinite = true});
    bench.completion.block(true);
    for (uint32_t n = 0; n < kReservedBlocks; ++n) bench.send(completion_of(dw));
    bench.module.step(dut::Cycles{kReservedBlocks * 3});
    CHECK(bench.source.sent() == kReservedBlocks);
    CHECK(bench.refusals == 0);
    bench.completion.block(false);
    bench.run(3'000_cycles);
  }
}

TEST_CASE("Port RX holds off a partner that ignores the credits and loses nothing",
          "[unit][port][R35]") {
  Bench<W512> bench(6);
  bench.posted.block(true);
  for (int n = 0; n < 10; ++n) {
    bench.source.send(write_of(256));  // past the bench's credits
    bench.kept[kPosted].push_back(write_of(256));
    bench.used_hdr[kPosted] += 1;
    bench.used_data[kPosted] += 16;
  }
  bench.module.step(200_cycles);
  CHECK(bench.refusals > 0);
  CHECK(bench.source.sent() == 4);
  bench.posted.block(false);
  bench.run(500_cycles);
}

// Beyond the bench's credits.
template <class V>
void send_unasked(Bench<V>& bench, pcie::RawTlp tlp, bool kept) {
  const unsigned cls = test::class_of(tlp);
  if (kept) {
    bench.kept[cls].push_back(tlp);
    ++bench.used_hdr[cls];
    bench.used_data[cls] += test::data_credits(tlp);
  }
  bench.source.send(std::move(tlp));
}

TEST_CASE("A TLP beyond the credits is discarded and reported where credits are checked",
          "[unit][port][R35]") {
  for (const bool headers : {true, false}) {  // what runs out: 4 headers, or 52 data credits
    Bench<Checks> bench(10);
    const uint32_t bytes = headers ? 64 : 256;
    bench.posted.block(true);
    std::deque<std::array<uint32_t, 4>> discarded;
    for (uint32_t n = 0; n < 7; ++n) {
      pcie::RawTlp tlp = write_of(bytes);
      tlp.hdr[2] += 0x1000 * n;
      const bool kept = n < (headers ? 4 : 3);
      if (!kept) discarded.push_back(tlp.hdr);
      send_unasked(bench, tlp, kept);
    }
    for (uint8_t n = 0; n < 6; ++n) {
      if (n >= 4) discarded.push_back(read_of(n).hdr);
      send_unasked(bench, read_of(n), n < 4);
    }
    bench.non_posted.block(true);
    bench.module.step(300_cycles);
    CHECK(bench.source.idle());  // nothing waits
    CHECK(bench.refusals == 0);
    CHECK(bench.overflow_seen == discarded);
    CHECK(bench.malformed_seen.empty());
    bench.posted.block(false);
    bench.non_posted.block(false);
    bench.run(500_cycles);  // what was granted is whole, and its credits come back
    bench.send(write_of(bytes));
    bench.run(100_cycles);
    CHECK(bench.overflow_seen == discarded);
  }
}

TEST_CASE("Beyond the credits a TLP is that and nothing else, whatever else is wrong with it",
          "[unit][port][R35][R38]") {
  Bench<Checks> bench(11);
  bench.posted.block(true);
  for (int n = 0; n < 4; ++n) send_unasked(bench, write_of(4), /*kept=*/true);
  pcie::RawTlp longer = write_of(4);
  longer.payload.resize(500);
  pcie::RawTlp damaged = pcie::with_ecrc(write_of(4));
  *damaged.digest ^= 1;
  pcie::RawTlp given_up = write_of(4);
  given_up.error = true;
  for (const pcie::RawTlp& tlp : {longer, damaged, given_up}) send_unasked(bench, tlp, false);
  bench.module.step(200_cycles);
  CHECK(bench.overflow_seen == std::deque{longer.hdr, damaged.hdr});
  CHECK(bench.malformed_seen.empty());
  CHECK(bench.ecrc_seen.empty());
  bench.posted.block(false);
  bench.run(200_cycles);
}

TEST_CASE("What is dropped is reported with its header as it came, TD too",
          "[unit][port][R38][R39]") {
  Bench<Vcw_port_rx> bench(12);
  pcie::RawTlp malformed = pcie::with_ecrc(write_of(8));
  malformed.payload.pop_back();
  pcie::RawTlp damaged = pcie::with_ecrc(write_of(8));
  *damaged.digest ^= 1;
  for (const pcie::RawTlp& tlp : {malformed, damaged}) {
    CHECK((tlp.hdr[0] >> 15 & 1) == 1);
    bench.source.send(tlp);
  }
  bench.module.step(50_cycles);
  CHECK(bench.malformed_seen == std::deque{malformed.hdr});
  CHECK(bench.ecrc_seen == std::deque{damaged.hdr});
}

TEST_CASE("Port RX is not filled by a TLP longer than announced or than the payload limit",
          "[unit][port][R36]") {
  Bench<W512> bench(7);
  pcie::RawTlp longer = write_of(4);
  longer.payload.resize(5'000);
  bench.source.send(longer);
  bench.source.send(write_of(4096));  // the buffer holds a quarter of it
  bench.malformed_owed = {longer.hdr, write_of(4096).hdr};
  bench.used_hdr[kPosted] = 2;
  bench.used_data[kPosted] = 1 + 256;
  bench.send(write_of(256));
  bench.run(1'000_cycles);
  CHECK(bench.refusals == 0);
}

TEST_CASE("Port RX offers a request two clocks after its last beat", "[unit][port]") {
  Bench<Vcw_port_rx> bench(8);
  bench.source.send(read_of(1));
  bench.module.run_until([&] { return bench.rx.transfers(); }, 10_cycles);
  const dut::Cycles taken = bench.module.now();
  bench.module.run_until([&] { return bench.out[kNonPosted].valid(); }, 10_cycles);
  CHECK((bench.module.now() - taken).value == 2);
}

TEST_CASE("Port RX passes one beat per clock", "[unit][port]") {
  Bench<Vcw_port_rx> bench(9);
  for (int n = 0; n < 100; ++n) bench.send(write_of(n % 4 ? 256 : 32));
  const dut::Cycles start = bench.module.now();
  bench.module.run_until([&] { return bench.posted.size() == 100; }, 2'000_cycles);
  CHECK((bench.module.now() - start).value <= 75 * 8 + 25 + 8 + 4);
}
