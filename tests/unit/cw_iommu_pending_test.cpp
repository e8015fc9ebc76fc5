// SPDX-License-Identifier: Apache-2.0
// cw-variant: Entries=4 Walks=1
#include <algorithm>
#include <deque>

#include "Vcw_iommu_pending.h"
#include "Vcw_iommu_pending_entries4_walks1.h"
#include "iommu_lookup_bench.hpp"

namespace cw::unit::iommu {
namespace {

// The lookup, by hand: `begin` brings a request that misses, `again` the one that comes back.
template <class V>
struct Pending : dut::Module<V> {
  unsigned slots = std::is_same_v<V, Vcw_iommu_pending> ? 4 : 1;
  unsigned busy = 0;  // walks under way
  unsigned taken_fate = 0;
  std::vector<uint64_t> vpns{};

  Pending() {
    V& p = this->pins();
    p.in_stays_i = p.in_leaves_i = p.in_answered_i = p.in_again_i = p.walk_rsp_valid_i = 0;
    p.in_cause_i = p.in_dtf_i = 0;
    p.out_ready_i = 0;
    p.record_ready_i = 1;
    this->reset();
    offer_walk();
  }
  void offer_walk() {
    V& p = this->pins();
    unsigned free = 0;
    while (free < slots && busy >> free & 1) free++;
    p.walk_ready_i = free < slots;
    p.walk_id_i = free % slots;
    this->settle();
  }
  // One clock with a request from the lookup; whether it began a walk.
  bool in(const Request& r, bool stays = true, int place = -1, unsigned cause = 0) {
    V& p = this->pins();
    drive(p.in_ask_i, r);
    set_bits(p.in_ask_i, kAskExec, 5, 0);
    p.in_vpn_i = r.iova >> 12;
    p.in_again_i = place >= 0;
    p.in_index_i = std::max(place, 0);
    p.in_stays_i = stays;
    p.in_leaves_i = p.in_answered_i = !stays;
    p.in_cause_i = cause;
    offer_walk();
    const bool walks = p.walk_valid_o;
    if (walks) busy |= 1 << p.walk_id_i;
    this->step();
    p.in_stays_i = p.in_leaves_i = p.in_answered_i = p.in_again_i = p.in_cause_i = 0;
    offer_walk();
    return walks;
  }
  // One clock with the answer of a walk.
  Answer end(ToldWalk told) {
    V& p = this->pins();
    drive(p.walk_rsp_i, told);
    p.walk_rsp_valid_i = 1;
    this->settle();
    const Answer got = p.told_valid_o ? answer(p.told_o) : Answer{.hpa = ~uint64_t{0}};
    this->step();
    p.walk_rsp_valid_i = 0;
    if (told.done) busy &= ~(1 << told.id);
    offer_walk();
    return got;
  }
  // The request that is offered to the lookup now, and its place; it is taken.
  std::pair<Request, int> again() {
    V& p = this->pins();
    this->run_until([&] { return p.out_valid_o != 0; }, 10_cycles);
    const std::pair got{request(p.out_ask_o), static_cast<int>(p.out_index_o)};
    taken_fate = fate_of(p.out_ask_o);
    p.out_ready_i = 1;
    this->step();
    p.out_ready_i = 0;
    this->settle();
    return got;
  }
};
using Four = Pending<Vcw_iommu_pending>;
using One = Pending<Vcw_iommu_pending_entries4_walks1>;

constexpr Answer kNone{.hpa = ~uint64_t{0}};
constexpr uint64_t page(uint64_t n) { return n << 12; }

TEMPLATE_TEST_CASE("The request that began a walk is answered from its result", "[unit][iommu]",
                   Four, One) {
  TestType pending;
  CHECK(pending.in({.did = 1, .iova = page(5) + 0x123, .tag = 3}));
  CHECK(pending.end({.done = false, .dc_found = true}) == kNone);
  CHECK(pending.end({.entry = {.vpn = 5, .ppn = 50}}) == at(page(50) + 0x123));
  pending.step(5_cycles);
  CHECK_FALSE(pending.pins().out_valid_o);
  CHECK_FALSE(pending.pins().record_valid_o);
}

TEMPLATE_TEST_CASE("A Bare context answers with the address itself, or refuses one beyond memory",
                   "[unit][iommu]", Four, One) {
  TestType pending;
  const ToldWalk bare{.dc_found = true, .dc = {.bare = true}};
  CHECK(pending.in({.did = 1, .iova = 0xff'ffff'ffff'ff12}));
  CHECK(pending.end(bare) == at(0xff'ffff'ffff'ff12));
  CHECK(pending.in({.did = 1, .iova = uint64_t{1} << 56}));
  CHECK(pending.end(bare) == kRefused);
  pending.step();
  CHECK_FALSE(pending.pins().record_valid_o);
}

TEST_CASE("Requests wait for the walk to their page and device, and for no other",
          "[unit][iommu]") {
  Four pending;
  CHECK(pending.in({.did = 1, .iova = page(5)}));
  CHECK_FALSE(pending.in({.did = 1, .iova = page(5) + 8, .tag = 1}));
  CHECK(pending.in({.did = 2, .iova = page(5), .tag = 2}));
  CHECK(pending.in({.did = 1, .iova = page(6), .tag = 3}));
  CHECK_FALSE(pending.in({.did = 1, .iova = page(5) + 16, .tag = 4}));
  CHECK_FALSE(pending.pins().out_valid_o);
  CHECK(pending.end({.id = 1, .entry = {.vpn = 5}}) == at(0));
  CHECK_FALSE(pending.pins().out_valid_o);
  pending.end({.id = 0, .entry = {.vpn = 5}});
  std::vector<unsigned> tags;
  for (unsigned n = 0; n < 2; n++) {
    const auto [r, place] = pending.again();
    tags.push_back(r.tag);
    pending.in(r, /*stays=*/false, place);
  }
  std::sort(tags.begin(), tags.end());
  CHECK(tags == std::vector<unsigned>{1, 4});
  pending.step(5_cycles);
  CHECK_FALSE(pending.pins().out_valid_o);
}

TEST_CASE("Those that waited for one walk are looked up one a clock", "[unit][iommu]") {
  Four pending;
  auto& p = pending.pins();
  pending.in({.did = 1, .iova = page(5)});
  for (unsigned n = 1; n < 8; n++) pending.in({.did = 1, .iova = page(5), .tag = n});
  pending.end({.entry = {.vpn = 5}});
  p.out_ready_i = 1;
  pending.settle();
  for (unsigned n = 1; n < 8; n++) {
    CHECK(p.out_valid_o);
    pending.step();
    pending.settle();
  }
  CHECK_FALSE(p.out_valid_o);
}

TEMPLATE_TEST_CASE("Requests for which no walk is free have theirs in their order", "[unit][iommu]",
                   Four, One) {
  TestType pending;
  const unsigned slots = pending.slots;
  for (unsigned n = 0; n < slots; n++) CHECK(pending.in({.did = n, .iova = page(5)}));
  for (unsigned n = 0; n < 3; n++) CHECK_FALSE(pending.in({.did = 10 + n, .iova = page(5)}));
  for (unsigned n = 0; n < 3; n++) {
    pending.end({.entry = {.vpn = 5}});
    const auto [r, place] = pending.again();
    CHECK(r.did == 10 + n);
    CHECK_FALSE(pending.pins().out_valid_o);  // one at a time
    if (n == 1) {
      // A newcomer takes no walk before those in the queue.
      CHECK_FALSE(pending.in({.did = 20, .iova = page(5)}));
    }
    CHECK(pending.in(r, true, place));
  }
  pending.end({.entry = {.vpn = 5}});
  CHECK(pending.again().first.did == 20);
}

TEMPLATE_TEST_CASE("The first in the queue keeps its turn when the walk is taken back",
                   "[unit][iommu]", Four, One) {
  TestType pending;
  for (unsigned n = 0; n < pending.slots; n++) pending.in({.did = n, .iova = page(5)});
  for (unsigned n = 0; n < 2; n++) CHECK_FALSE(pending.in({.did = 10 + n, .iova = page(5)}));
  pending.end({.entry = {.vpn = 5}});
  const auto [r, place] = pending.again();
  CHECK(r.did == 10);
  const unsigned busy = pending.busy;
  pending.busy = ~0u;
  CHECK_FALSE(pending.in(r, true, place));
  pending.busy = busy;
  pending.offer_walk();
  CHECK(pending.again().first.did == 10);
}

TEST_CASE("A walk that fails records and refuses its request, and wakes the others",
          "[unit][iommu]") {
  Four pending;
  auto& p = pending.pins();
  pending.in({.did = 1, .iova = page(5) + 4, .write = true});
  pending.in({.did = 1, .iova = page(5) + 8, .tag = 1});
  CHECK(pending.end({.cause = 15}) == kNone);
  CHECK(p.told_valid_o);
  CHECK(answer(p.told_o) == kRefused);
  pending.step();
  pending.settle();
  CHECK_FALSE(p.told_valid_o);
  REQUIRE(p.record_valid_o);
  CHECK(record({get_bits(p.record_o, 0, 64), 0, get_bits(p.record_o, 128, 64), 0}) ==
        Record{.cause = 15, .ttyp = 3, .did = 1, .iotval = page(5) + 4});
  CHECK(pending.again().first.tag == 1);
}

TEST_CASE("A context that is found forbids AT other than 0, and its DTF is remembered",
          "[unit][iommu]") {
  for (const bool dtf : {false, true}) {
    Four pending;
    auto& p = pending.pins();
    pending.in({.did = 1, .iova = 4, .at = 1});
    pending.end({.dc_found = true, .dc = {.dtf = dtf}});
    CHECK(answer(p.told_o) == kRefused);
    pending.step();
    CHECK((p.record_valid_o != 0) == !dtf);
    if (!dtf) CHECK(get_bits(p.record_o, 0, 12) == 260);
    pending.step();
    pending.in({.did = 1, .iova = 4});
    pending.end({.done = false, .dc_found = true, .dc = {.dtf = dtf}});
    pending.end({.cause = 13});
    pending.step();
    CHECK((p.record_valid_o != 0) == !dtf);
  }
}

TEST_CASE("A request that is refused without a walk needs none", "[unit][iommu]") {
  Four pending;
  auto& p = pending.pins();
  CHECK_FALSE(pending.in({.did = 1, .iova = 4}, true, -1, 256));
  CHECK(p.told_valid_o);
  CHECK(answer(p.told_o) == kRefused);
}

// ---- The lookup goes on beside walks and refusals

TEMPLATE_TEST_CASE("What a walk finds in a clock with a hit is kept until the lookup has a clock",
                   "[unit][iommu]", Four, One) {
  TestType pending;
  auto& p = pending.pins();
  struct Case {
    uint64_t iova;
    ToldWalk told;
    Fate fate;
    uint64_t settled;
  };
  const ToldWalk bare{.dc_found = true, .dc = {.bare = true}};
  for (const auto& [iova, told, fate, settled] :
       {Case{page(5) + 0x123, {.entry = {.vpn = 5, .ppn = 50}}, Granted, page(50) + 0x123},
        Case{page(5) + 0x123, bare, Granted, page(5) + 0x123},
        Case{uint64_t{1} << 60, bare, Refused, uint64_t{1} << 60}}) {
    REQUIRE(pending.in({.did = 1, .iova = iova, .tag = 3}));
    p.in_answered_i = 1;
    CHECK(pending.end(told) == kNone);
    p.in_answered_i = 0;
    CHECK_FALSE(p.told_valid_o);
    const auto [r, place] = pending.again();
    CHECK(r == Request{.did = 1, .iova = settled, .tag = 3});
    CHECK(pending.taken_fate == fate);
    pending.in(r, /*stays=*/false, place);
    pending.step(5_cycles);
    CHECK_FALSE(p.out_valid_o);
  }
}

TEST_CASE("A refusal in a clock with a hit has its record, and is told by the lookup",
          "[unit][iommu]") {
  Four pending;
  auto& p = pending.pins();
  pending.in({.did = 1, .iova = page(5) + 4, .tag = 2});
  CHECK(pending.end({.cause = 13}) == kNone);
  p.in_answered_i = 1;
  pending.settle();
  CHECK_FALSE(p.told_valid_o);
  pending.step();
  p.in_answered_i = 0;
  pending.settle();
  REQUIRE(p.record_valid_o);
  CHECK(get_bits(p.record_o, 128, 64) == page(5) + 4);
  CHECK_FALSE(p.told_valid_o);
  CHECK(pending.again().first.tag == 2);
  CHECK(pending.taken_fate == Refused);
}

TEMPLATE_TEST_CASE("A request that comes for the page of a walk that ends then is looked up again",
                   "[unit][iommu]", Four, One) {
  TestType pending;
  auto& p = pending.pins();
  pending.in({.did = 1, .iova = page(5)});
  drive(p.walk_rsp_i, ToldWalk{.entry = {.vpn = 5, .ppn = 50}});
  p.walk_rsp_valid_i = 1;
  CHECK_FALSE(pending.in({.did = 1, .iova = page(5) + 8, .tag = 1}));
  p.walk_rsp_valid_i = 0;
  pending.busy = 0;
  CHECK(pending.again().first.tag == 1);
  CHECK(pending.taken_fate == Open);
}

TEST_CASE("A walk begins in the clock in which another ends", "[unit][iommu]") {
  Four pending;
  auto& p = pending.pins();
  pending.in({.did = 1, .iova = page(5)});
  drive(p.walk_rsp_i, ToldWalk{.entry = {.vpn = 5, .ppn = 50}});
  p.walk_rsp_valid_i = 1;
  CHECK(pending.in({.did = 2, .iova = page(6), .tag = 1}));
  p.walk_rsp_valid_i = 0;
  CHECK(pending.end({.id = 1, .entry = {.vpn = 6, .ppn = 60}}) == at(page(60)));
}

TEST_CASE("Two refusals that are known in one clock come one after the other", "[unit][iommu]") {
  Four pending;
  auto& p = pending.pins();
  pending.in({.did = 1, .iova = page(5)});
  drive(p.walk_rsp_i, ToldWalk{.cause = 13});
  p.walk_rsp_valid_i = 1;
  pending.in({.did = 2, .iova = page(6), .tag = 1}, true, -1, 260);
  p.walk_rsp_valid_i = 0;
  pending.busy = 0;
  pending.settle();
  CHECK(p.told_valid_o);
  CHECK(answer_tag(p.told_o) == 0);
  const auto [r, place] = pending.again();
  CHECK(r.tag == 1);
  CHECK(pending.taken_fate == Open);
  pending.in(r, true, place, 260);
  CHECK(p.told_valid_o);
  CHECK(answer(p.told_o) == kRefused);
  CHECK(answer_tag(p.told_o) == 1);
}

TEST_CASE("A walk without a request stops the simulation", "[unit][iommu]") {
  Four pending;
  CHECK_THROWS_AS(pending.end({.id = 2}), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
