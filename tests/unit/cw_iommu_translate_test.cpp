// SPDX-License-Identifier: Apache-2.0
// cw-variant: L2Entries=0 Walks=1 Pending=4 DcEntries=4
// cw-variant: Levels=4
#include <set>

#include "Vcw_iommu_translate.h"
#include "Vcw_iommu_translate_l2entries0_walks1_pending4_dcentries4.h"
#include "Vcw_iommu_translate_levels4.h"
#include "iommu_lookup_bench.hpp"

namespace cw::unit::iommu {
namespace {

using Full = Lookup<Vcw_iommu_translate>;
using Small = Lookup<Vcw_iommu_translate_l2entries0_walks1_pending4_dcentries4>;

// Requests on both ports, one tag after the other; the clocks until all are answered.
template <class L>
uint64_t stream(L& look, unsigned count, const std::vector<Request>& pattern) {
  auto& p = look.pins();
  const size_t before = look.told.size();
  const uint64_t begin = look.now();
  unsigned sent = 0;
  while (look.told.size() - before < count) {
    for (unsigned port = 0; port < 2; port++) {
      if (sent == count || p.tr_valid_i >> port & 1) continue;
      Request r = pattern[sent % pattern.size()];
      r.tag = sent++ % 32;
      drive(p.tr_req_i, r, port);
      p.tr_valid_i |= 1 << port;
    }
    look.settle();
    const unsigned taken = p.tr_valid_i & p.tr_ready_o;
    look.step();
    p.tr_valid_i &= ~taken;
    REQUIRE(look.now() - begin < 20 * count + 1000);
  }
  return look.now() - begin;
}

TEMPLATE_TEST_CASE("Ten thousand hits take one clock each, over both ports", "[unit][iommu]", Full,
                   Small) {
  TestType look;
  std::vector<Request> pattern;
  for (uint32_t n = 0; n < 4; n++) {
    look.tables.map(n, 0x100 + n, 0x1000 + n);
    look.ask({.did = n, .iova = (0x100 + n) * 4096});
    pattern.push_back({.did = n, .iova = (0x100 + n) * 4096 + 8});
  }
  look.told.clear();
  CHECK(stream(look, 64, pattern) <= 64 + 3);
  CHECK(stream(look, 10'000, pattern) <= 10'000 + 3);
  for (const Told& t : look.told) CHECK((t.answer.hpa & 0xfff) == 8);
  CHECK(look.walks.begun.size() == 4);
}

TEMPLATE_TEST_CASE("A hit is answered two clocks after its acceptance", "[unit][iommu]", Full,
                   Small) {
  TestType look;
  look.tables.map(1, 5, 50);
  CHECK(look.ask({.did = 1, .iova = 0x5123}) == at(0x32123));
  const uint64_t taken = look.start({.did = 1, .iova = 0x5456, .tag = 7}, 1);
  const Told got = look.wait_for(1, 7);
  CHECK(got.answer == at(0x32456));
  CHECK(got.at - taken == 3);  // two edges after the one that took it, and seen before the next
}

// Hits of device 2, one every `pace` clocks from `delay` after a miss of device 1 on, and what each
// of them took from the clock in which it was offered. Walks answer in the middle of them.
template <class L>
std::vector<uint64_t> hits_beside_miss(L& look, unsigned delay, unsigned pace, unsigned port) {
  constexpr unsigned kHits = 24;
  auto& p = look.pins();
  std::vector<uint64_t> clocks, offered;
  size_t seen = look.told.size();
  unsigned sent = 0;
  look.step({delay});
  while (clocks.size() < kHits) {
    if (sent < kHits && (look.now() - delay) % pace == 0) {
      drive(p.tr_req_i, Request{.did = 2, .iova = 0x6000 + sent, .tag = 2 + sent % 30}, port);
      p.tr_valid_i |= 1 << port;
      offered.push_back(look.now());
      sent++;
    }
    look.settle();
    const unsigned taken = p.tr_valid_i & p.tr_ready_o;
    look.step();
    p.tr_valid_i &= ~taken;
    REQUIRE(p.tr_valid_i == 0);  // each is taken in the clock in which it is offered
    for (; seen < look.told.size(); seen++) {
      const Told& t = look.told[seen];
      if (t.tag < 2) continue;
      const unsigned n = static_cast<unsigned>(clocks.size());
      CHECK(t.answer == at(0x3c000 + n));
      clocks.push_back(t.at - offered[n]);
    }
  }
  return clocks;
}

TEMPLATE_TEST_CASE("No hit waits for another device's miss, in whichever clock they meet",
                   "[unit][iommu]", Full, Small) {
  const bool known = GENERATE(true, false);    // the context of the device that misses
  const bool refused = GENERATE(false, true);  // what comes of its miss
  const unsigned port = GENERATE(0u, 1u);      // the port of the hits
  const unsigned pace = GENERATE(2u, 3u, 5u);
  for (unsigned delay = 0; delay < 2 * pace; delay++) {
    TestType look;
    if (!refused) look.tables.map(1, 5, 50);
    look.tables.map(1, 7, 70);
    look.tables.map(2, 6, 60);
    look.ask({.did = 2, .iova = 0x6000});
    if (known) look.ask({.did = 1, .iova = 0x7000});
    look.step(10_cycles);
    look.walks.shortest = look.walks.longest = 12;
    look.start({.did = 1, .iova = 0x5000, .tag = 0}, 0);
    if (delay % 2) look.start({.did = 1, .iova = 0x5008, .tag = 1}, 0);  // looked up again
    for (const uint64_t clocks : hits_beside_miss(look, delay, pace, port)) CHECK(clocks == 3);
    CHECK(look.wait_for(0, 0).answer == (refused ? kRefused : at(50 << 12)));
    if (delay % 2) CHECK(look.wait_for(0, 1).answer == (refused ? kRefused : at(0x32008)));
  }
}

TEMPLATE_TEST_CASE("A miss is answered beside hits in every clock, on its port or the other",
                   "[unit][iommu]", Full, Small) {
  const bool bare = GENERATE(false, true), mapped = GENERATE(false, true);
  const unsigned port = GENERATE(0u, 1u);
  const uint64_t iova = bare && !mapped ? uint64_t{1} << 60 : 0x5123;
  TestType look;
  auto& p = look.pins();
  look.tables.contexts[1].bare = bare;
  if (mapped) look.tables.map(1, 5, 50);
  look.tables.map(2, 6, 60);
  look.ask({.did = 2, .iova = 0x6000});
  look.walks.shortest = look.walks.longest = 12;
  look.start({.did = 1, .iova = iova, .tag = 31}, 0);
  unsigned sent = 0;
  const auto answered = [&] {
    return std::any_of(look.told.begin(), look.told.end(),
                       [](const Told& t) { return t.port == 0 && t.tag == 31; });
  };
  drive(p.tr_req_i, Request{.did = 2, .iova = 0x6000}, port);
  p.tr_valid_i = 1 << port;
  while (!answered()) {
    look.settle();
    if (p.tr_ready_o >> port & 1) {
      look.step();
      drive(p.tr_req_i, Request{.did = 2, .iova = 0x6000, .tag = ++sent % 31}, port);
    } else {
      look.step();
    }
    REQUIRE(sent < 60);  // two answers of its walk, and seven that go before it
  }
  p.tr_valid_i = 0;
  look.step(10_cycles);
  const Answer due = mapped ? at(bare ? iova : 0x32123) : kRefused;
  CHECK(look.wait_for(0, 31).answer == due);
  CHECK(look.records.size() == (due == kRefused && !bare));
  CHECK(sent > 14);
}

TEST_CASE("Four misses are walked at once, a fifth when one of them has ended", "[unit][iommu]") {
  Full look;
  for (uint32_t n = 0; n < 6; n++) look.tables.map(n, 5, 50 + n);
  look.walks.shortest = look.walks.longest = 50;
  const uint64_t begin = look.now();
  for (uint32_t n = 0; n < 4; n++) look.start({.did = n, .iova = 0x5000, .tag = n}, n % 2);
  look.step(3_cycles);
  CHECK(look.walks.under_way() == 4);
  look.start({.did = 4, .iova = 0x5000, .tag = 4});
  for (uint32_t n = 0; n < 4; n++) CHECK(look.wait_for(n % 2, n).answer == at((50 + n) << 12));
  CHECK(look.now() - begin < 120);  // one walk of two answers takes a hundred
  CHECK(look.wait_for(0, 4).answer == at(54 << 12));
  CHECK(look.walks.most == 4);
}

TEMPLATE_TEST_CASE("Requests for the page of a walk under way begin none", "[unit][iommu]", Full,
                   Small) {
  TestType look;
  look.tables.map(1, 5, 50);
  look.walks.shortest = look.walks.longest = 40;
  for (uint32_t n = 0; n < 3; n++) look.start({.did = 1, .iova = 0x5000 + n, .tag = n}, n % 2);
  for (uint32_t n = 0; n < 3; n++) CHECK(look.wait_for(n % 2, n).answer == at(0x32000 + n));
  CHECK(look.walks.begun.size() == 1);
}

TEST_CASE("A walk that ends badly refuses its own request; who waited for it asks memory again",
          "[unit][iommu]") {
  Full look;
  look.walks.shortest = look.walks.longest = 40;
  for (uint32_t n = 0; n < 5; n++) look.start({.did = 1, .iova = 0x5000 + n, .tag = n});
  look.walks.shortest = look.walks.longest = 3;
  look.step(60_cycles);
  look.tables.map(1, 5, 50);
  unsigned refused = 0;
  for (uint32_t n = 0; n < 5; n++) refused += look.wait_for(0, n).answer == kRefused;
  CHECK(refused == look.records.size());
  CHECK(refused >= 1);
  for (const Record& r : look.records) CHECK(r.cause == 13);
}

// What one request is due after every change of the tables has been invalidated.
Answer due(const Tables& tables, const Request& r) {
  const auto dc = tables.contexts.find(r.did);
  if (dc == tables.contexts.end()) return kRefused;
  if (r.at != 0) return kRefused;
  if (dc->second.bare) return at(r.iova);
  const auto page = tables.pages.find({dc->second.pscid, r.iova >> 12});
  if (page == tables.pages.end() || (r.write && !page->second.w)) return kRefused;
  return at(page->second.ppn << 12 | (r.iova & 0xfff));
}

TEMPLATE_TEST_CASE("Each request has one answer and each refusal one record, whatever the order",
                   "[unit][iommu]", Full, Small) {
  const uint64_t seed = GENERATE(1, 2, 3, 4);
  TestType look;
  auto& p = look.pins();
  agent::Rng rng(seed, "requests");
  look.walks.shortest = 2;
  look.walks.longest = 30;
  look.walks.slots = std::is_same_v<TestType, Small> ? 1 : 4;
  look.walks.busy_percent = 20;
  for (uint32_t did = 0; did < 12; did++) {
    look.tables.contexts[did] = {.bare = did == 3, .pscid = did / 2};
    for (uint64_t vpn = 0; vpn < 8; vpn++) {
      if (rng.chance(80)) look.tables.map(did / 2, vpn, 0x1000 * did + vpn, rng.chance(70));
    }
  }
  look.tables.contexts.erase(11);
  std::map<unsigned, Request> open[2];
  size_t seen = 0, refused = 0;
  for (unsigned n = 0; n < 6000; n++) {
    for (unsigned port = 0; port < 2; port++) {
      const unsigned tag = n % 32;
      if (p.tr_valid_i >> port & 1 || open[port].contains(tag) || !rng.chance(60)) continue;
      const Request r{.did = static_cast<uint32_t>(rng.range(0, 11)),
                      .iova = rng.range(0, 8) << 12 | rng.range(0, 4095),
                      .write = rng.chance(50),
                      .at = rng.chance(5) ? 2u : 0u,
                      .tag = tag};
      open[port][tag] = r;
      drive(p.tr_req_i, r, port);
      p.tr_valid_i |= 1 << port;
    }
    p.record_ready_i = rng.chance(30);
    p.inval_valid_i = rng.chance(5);
    drive(p.inval_i, Inval{.dir = rng.chance(50),
                           .pt = rng.chance(50),
                           .dv = rng.chance(50),
                           .did = static_cast<uint32_t>(rng.range(0, 11)),
                           .leaf = rng.chance(50),
                           .vpn = rng.range(0, 8),
                           .pscv = rng.chance(50),
                           .pscid = static_cast<uint32_t>(rng.range(0, 5))});
    look.settle();
    const unsigned taken = p.tr_valid_i & p.tr_ready_o;
    look.step();
    p.tr_valid_i &= ~taken;
    for (; seen < look.told.size(); seen++) {
      const Told& t = look.told[seen];
      REQUIRE(open[t.port].contains(t.tag));
      REQUIRE(t.answer == due(look.tables, open[t.port][t.tag]));
      refused += t.answer == kRefused;
      open[t.port].erase(t.tag);
    }
  }
  p.inval_valid_i = 0;
  p.tr_valid_i = 0;
  p.record_ready_i = 1;
  look.step(600_cycles);
  for (; seen < look.told.size(); seen++) {
    refused += look.told[seen].answer == kRefused;
    open[look.told[seen].port].erase(look.told[seen].tag);
  }
  CHECK(open[0].size() + open[1].size() <= 2);  // those that were never taken
  CHECK(seen > 150);
  CHECK(look.records.size() == refused);
}

TEMPLATE_TEST_CASE(
    "After an invalidation at any clock of a walk no later request sees the old page",
    "[unit][iommu]", Full, Small) {
  const bool dir = GENERATE(false, true);
  for (unsigned delay = 0; delay < 40; delay++) {
    TestType look;
    look.tables.map(1, 5, 50);
    look.tables.map(2, 5, 70);
    look.walks.shortest = look.walks.longest = 12;
    look.start({.did = 1, .iova = 0x5000, .tag = 0}, 1);
    look.start({.did = 1, .iova = 0x5000, .tag = 1}, 1);  // waits for the walk
    look.step({delay});
    if (dir) {
      look.tables.contexts[1].pscid = 2;
      look.invalidate({.dir = true, .dv = true, .did = 1});
    } else {
      look.tables.map(1, 5, 60);
      look.invalidate({.pt = true, .leaf = true, .vpn = 5, .pscv = true, .pscid = 1});
    }
    const Answer fresh = at(dir ? 70 << 12 : 60 << 12);
    look.start({.did = 1, .iova = 0x5000, .tag = 2});
    CHECK(look.wait_for(0, 2).answer == fresh);
    for (unsigned tag = 0; tag < 2; tag++) {
      const Answer got = look.wait_for(1, tag).answer;
      CHECK((got == at(50 << 12) || got == fresh));
    }
    look.step(20_cycles);
    CHECK(look.ask({.did = 1, .iova = 0x5000}) == fresh);
  }
}

TEST_CASE("A request in the lookup forgets its context with IODIR.INVAL_DDT", "[unit][iommu]") {
  for (unsigned delay = 0; delay < 4; delay++) {
    Full look;
    look.tables.map(1, 5, 50);
    look.tables.map(1, 6, 51);
    look.tables.map(2, 6, 71);
    look.ask({.did = 1, .iova = 0x5000});
    look.start({.did = 1, .iova = 0x6000});  // the context is known, the page is not
    look.step({delay});
    look.tables.contexts[1].pscid = 2;
    look.invalidate({.dir = true});
    look.invalidate({.pt = true, .pscv = true, .pscid = 1});
    look.step(40_cycles);
    look.tables.contexts[1].pscid = 1;  // PSCID 1 again, for other tables
    look.tables.map(1, 6, 99);
    look.invalidate({.dir = true});
    look.ask({.did = 1, .iova = 0x5000, .tag = 2});  // the context is known again
    CHECK(look.ask({.did = 1, .iova = 0x6000, .tag = 1}) == at(99 << 12));
  }
}

TEST_CASE("Hits go on while no fault record is taken, and refusals wait in order",
          "[unit][iommu]") {
  Full look;
  auto& p = look.pins();
  look.tables.map(1, 5, 50);
  look.ask({.did = 1, .iova = 0x5000});
  p.record_ready_i = 0;
  for (uint32_t n = 0; n < 4; n++) look.start({.did = 1, .iova = 0x9000 + n * 4096, .tag = n});
  look.step(60_cycles);
  CHECK(look.told.size() == 1);  // its record waits for the queue, the others for its place
  for (unsigned n = 0; n < 50; n++) {
    const uint64_t taken = look.start({.did = 1, .iova = 0x5000, .tag = 9}, 1);
    CHECK(look.wait_for(1, 9).at - taken == 3);
  }
  p.record_ready_i = 1;
  for (uint32_t n = 0; n < 4; n++) CHECK(look.wait_for(0, n).answer == kRefused);
  look.step(3_cycles);
  REQUIRE(look.records.size() == 4);
}

TEST_CASE("Modes, wide device ids, AT and DTF decide before any walk of a page", "[unit][iommu]") {
  Full look;
  auto& p = look.pins();
  look.tables.contexts[1] = {.dtf = true, .pscid = 1};
  look.tables.contexts[2] = {.bare = true};
  const auto cause = [&](const Request& r) {
    look.records.clear();
    const Answer got = look.ask(r);
    look.step(3_cycles);
    if (got != kRefused) return ~0u;
    return look.records.empty() ? 0u : look.records[0].cause;
  };
  p.mode_i = 0;
  CHECK(cause({.did = 9, .iova = 0}) == 256);
  CHECK(cause({.did = 9, .pass = true}) == ~0u);
  p.mode_i = 1;
  CHECK(look.ask({.did = 9, .iova = 0x7654'3210}) == at(0x7654'3210));
  CHECK(cause({.did = 9, .iova = 0, .at = 1}) == 260);
  CHECK(cause({.did = 9, .iova = uint64_t{1} << 56}) == 0);  // refused, and not a fault
  p.mode_i = 2;
  CHECK(cause({.did = 0x80, .iova = 0}) == 260);
  CHECK(look.walks.begun.empty());
  CHECK(cause({.did = 0x50, .iova = 0, .at = 2}) == 258);  // no context: that comes first
  CHECK(look.walks.begun.back().dc_only);
  CHECK(cause({.did = 3, .iova = 0, .at = 2}) == 260);
  CHECK(cause({.did = 3, .iova = 0, .at = 2}) == 260);  // with the context in the cache
  CHECK(cause({.did = 1, .iova = 0, .at = 2}) == 0);    // DTF
  CHECK(cause({.did = 1, .iova = 0}) == 0);
  CHECK(cause({.did = 1, .iova = 0}) == 0);
  for (int pass = 0; pass < 2; pass++) {
    CHECK(look.ask({.did = 2, .iova = 0xff'1234'5678'9abc}) == at(0xff'1234'5678'9abc));
    CHECK(cause({.did = 2, .iova = uint64_t{1} << 60}) == 0);
  }
}

TEST_CASE("A debug translation uses the caches, may ask to execute, and is not counted",
          "[unit][iommu]") {
  Full look;
  look.tables.map(1, 5, 50);
  look.tables.map(1, 6, 60);
  look.tables.pages[{1, 6}].x = true;
  CHECK(look.debug(1, 0x5123) == at(50 << 12));
  CHECK(look.debug(1, 0x6123, false, true) == at(60 << 12));
  CHECK(look.debug(1, 0x6123, true, true) == at(60 << 12));
  CHECK(look.debug(1, 0x5123, false, true) == kRefused);
  CHECK(look.debug(1, 0x7000, true) == kRefused);
  look.step(3_cycles);
  CHECK(look.walks.begun.size() == 4);
  REQUIRE(look.records.size() == 2);
  CHECK(look.records[0].cause == 12);
  CHECK(look.records[0].ttyp == 1);
  CHECK(look.events[45] + look.events[46] == 0);
  look.ask({.did = 1, .iova = 0x5000});
  look.ask({.did = 1, .iova = 0x8000});
  look.ask({.did = 1, .pass = true});
  CHECK(look.events[46] == 2);  // untranslated requests
  CHECK(look.events[45] == 1);  // that no cache answered
}

TEST_CASE("Debug translations and both ports take turns", "[unit][iommu]") {
  Full look;
  auto& p = look.pins();
  look.tables.map(1, 5, 50);
  look.ask({.did = 1, .iova = 0x5000});
  drive(p.tr_req_i, Request{.did = 1, .iova = 0x5000}, 0);
  drive(p.tr_req_i, Request{.did = 1, .iova = 0x5000}, 1);
  p.tr_valid_i = 3;
  for (unsigned n = 0; n < 20; n++) CHECK(look.debug(1, 0x5000) == at(50 << 12));
}

TEST_CASE("Sv48 contexts use 48 bits of an address, Sv39 contexts 39", "[unit][iommu]") {
  Lookup<Vcw_iommu_translate_levels4> look;
  look.tables.contexts[1] = {.sv48 = true, .pscid = 1};
  const uint64_t high = uint64_t{1} << 38, top = ~uint64_t{0} << 47;
  for (const uint64_t iova : {high, top}) {
    for (uint32_t pscid : {1, 2})
      look.tables.map(pscid, iova >> 12 & 0xf'ffff'ffff, 77 + (iova & high ? 1 : 0));
  }
  for (int pass = 0; pass < 2; pass++) {
    CHECK(look.ask({.did = 1, .iova = high + 4}) == at((78 << 12) + 4));
    CHECK(look.ask({.did = 1, .iova = top + 4}).fault == false);
  }
  CHECK(look.walks.begun.size() == 2);
  // The walk would tell that this address is not canonical; what counts is that no cache answers.
  look.ask({.did = 2, .iova = high + 4});
  look.ask({.did = 2, .iova = high + 4});
  CHECK(look.walks.begun.size() == 4);
}

TEST_CASE("A second walk under one number stops the simulation", "[unit][iommu]") {
  Full look;
  auto& p = look.pins();
  look.walks.shortest = look.walks.longest = 100;
  look.start({.did = 1, .iova = 0x5000});
  look.step(4_cycles);
  drive(p.tr_req_i, Request{.did = 2, .iova = 0x5000, .tag = 1}, 0);
  p.tr_valid_i = 1;
  CHECK_THROWS_AS(
      [&] {
        for (unsigned n = 0; n < 6; n++) {
          p.walk_id_i = 0;
          look.step();
          p.tr_valid_i = 0;
        }
      }(),
      dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
