// SPDX-License-Identifier: Apache-2.0
// cw-variant: Paths=1
#include <array>
#include <deque>
#include <vector>

#include "Vcw_iommu_join.h"
#include "Vcw_iommu_join_paths1.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kRequestBits = 97, kAnswerBits = 62, kClasses = 2, kPaths = 2, kTags = 32;

// Two paths, each with an identifier in the IOVA of what it asks; a lookup that answers anyhow.
struct Join {
  struct Asked {
    uint64_t iova = 0;
    unsigned tag = 0;
  };

  explicit Join(uint64_t seed = 1) : module(seed), rng(seed, "join") {
    dut::clear_bits(p.req_i);
    dut::clear_bits(p.rsp_i);
    p.valid_i = p.ready_i = p.rsp_valid_i = 0;
    module.reset();
  }
  static constexpr unsigned place(unsigned path, unsigned cls) { return path * kClasses + cls; }

  void offer(unsigned path, unsigned cls, Asked asked) {
    const unsigned at = place(path, cls) * kRequestBits;
    dut::set_bits(p.req_i, at + 3, 64, asked.iova);
    dut::set_bits(p.req_i, at + 92, 5, asked.tag);
    p.valid_i |= 1u << place(path, cls);
    offered[place(path, cls)] = asked;
  }
  void answer(unsigned cls, unsigned tag, uint64_t hpa) {
    dut::set_bits(p.rsp_i, cls * kAnswerBits + 1, 56, hpa);
    dut::set_bits(p.rsp_i, cls * kAnswerBits + 57, 5, tag);
    p.rsp_valid_i |= 1u << cls;
  }
  // What the lookup is asked by a class now.
  Asked asked(unsigned cls) {
    return {.iova = dut::get_bits(p.req_o, cls * kRequestBits + 3, 64),
            .tag = static_cast<unsigned>(dut::get_bits(p.req_o, cls * kRequestBits + 92, 5))};
  }
  // One clock of random traffic.
  void clock(unsigned percent) {
    for (unsigned path = 0; path < kPaths; ++path) {
      for (unsigned cls = 0; cls < kClasses; ++cls) {
        const unsigned at = place(path, cls);
        if ((p.valid_i >> at & 1) || !rng.chance(percent)) continue;
        const auto tag = static_cast<unsigned>(rng.range(0, kTags - 1));
        if (used[at][tag]) continue;
        used[at][tag] = true;
        offer(path, cls, {.iova = rng.u64() >> 10 << 2 | at, .tag = tag});
      }
    }
    p.ready_i = rng.u32() & 3;
    p.rsp_valid_i = 0;
    for (unsigned cls = 0; cls < kClasses; ++cls) {
      if (inside[cls].empty() || !rng.chance(percent)) continue;
      const size_t n = rng.range(0, inside[cls].size() - 1);
      answer(cls, inside[cls][n].tag, inside[cls][n].iova & 0xff'ffff'ffff'ffff);
      answered[cls] = inside[cls][n];
      inside[cls].erase(inside[cls].begin() + static_cast<ptrdiff_t>(n));
    }
    module.settle();
    look();
    const auto taken = static_cast<unsigned>(p.valid_i & p.ready_o);
    module.step();
    p.valid_i &= ~taken;
    p.rsp_valid_i = 0;
  }
  void look() {
    for (unsigned cls = 0; cls < kClasses; ++cls) {
      if ((p.valid_o & p.ready_i) >> cls & 1) {
        const Asked now = asked(cls);
        const unsigned at = now.iova & 3;
        CHECK(at % kClasses == cls);
        CHECK((p.ready_o >> at & 1) == 1);
        CHECK(now.iova == offered[at].iova);
        inside[cls].push_back(now);
        ++taken[at];
      }
      if (!(p.rsp_valid_i >> cls & 1)) continue;
      const unsigned at = answered[cls].iova & 3;
      CHECK((p.rsp_valid_o & (1u << place(0, cls) | 1u << place(1, cls))) == 1u << at);
      const auto hpa = dut::get_bits(p.rsp_o, at * kAnswerBits + 1, 56);
      const auto tag = static_cast<unsigned>(dut::get_bits(p.rsp_o, at * kAnswerBits + 57, 5));
      CHECK(hpa == (answered[cls].iova & 0xff'ffff'ffff'ffff));
      CHECK(used[at][tag]);
      used[at][tag] = false;
      ++answers[at];
    }
  }

  dut::Module<Vcw_iommu_join> module;
  Vcw_iommu_join& p = module.pins();
  agent::Rng rng;
  std::array<Asked, kPaths * kClasses> offered{};
  std::array<std::array<bool, kTags>, kPaths * kClasses> used{};
  std::array<std::vector<Asked>, kClasses> inside{};
  std::array<Asked, kClasses> answered{};
  std::array<unsigned, kPaths * kClasses> taken{}, answers{};
};

TEST_CASE("Each path has the answers to its own requests, under its own tags, in any order",
          "[unit][iommu][duo][R30]") {
  for (const unsigned percent : {20u, 60u, 95u}) {
    Join join(percent);
    for (unsigned n = 0; n < 4000; ++n) join.clock(percent);
    for (const unsigned count : join.answers) CHECK(count > 200);
  }
}

TEST_CASE("Two paths that always ask have every other turn", "[unit][iommu][duo][R31]") {
  Join join;
  join.p.ready_i = 3;
  std::vector<unsigned> turns;
  for (unsigned n = 0; n < 40; ++n) {
    for (unsigned path = 0; path < kPaths; ++path) {
      join.offer(path, 0, {.iova = path, .tag = n % kTags});
    }
    join.p.rsp_valid_i = 0;
    if (!join.inside[0].empty()) {
      join.answer(0, join.inside[0].back().tag, 0);
      join.inside[0].pop_back();
    }
    join.module.settle();
    if (join.p.valid_o & 1) {
      turns.push_back(static_cast<unsigned>(join.asked(0).iova));
      join.inside[0].push_back(join.asked(0));
    }
    join.module.step();
  }
  REQUIRE(turns.size() >= 38);  // one a clock, but for the first
  for (size_t n = 1; n < turns.size(); ++n) CHECK(turns[n] != turns[n - 1]);
}

TEST_CASE("A request passes in the clock in which it is offered, and its answer likewise",
          "[unit][iommu][duo]") {
  Join join;
  join.module.step();
  join.p.ready_i = 3;
  join.offer(1, 1, {.iova = 0x1234'5000, .tag = 9});
  join.module.settle();
  REQUIRE(join.p.valid_o == 2);
  CHECK(join.p.ready_o == 1u << Join::place(1, 1));
  const auto asked = join.asked(1);
  CHECK(asked.iova == 0x1234'5000);
  join.module.step();
  join.p.valid_i = 0;
  join.answer(1, asked.tag, 0x777'7000);
  join.module.settle();
  CHECK(join.p.rsp_valid_o == 1u << Join::place(1, 1));
  CHECK(dut::get_bits(join.p.rsp_o, Join::place(1, 1) * kAnswerBits + 57, 5) == 9);
  CHECK(dut::get_bits(join.p.rsp_o, Join::place(1, 1) * kAnswerBits + 1, 56) == 0x777'7000);
}

TEST_CASE("A lookup that answers nobody is asked for no more than has a place",
          "[unit][iommu][duo]") {
  Join join;
  join.p.ready_i = 3;
  unsigned asked = 0;
  for (unsigned n = 0; n < 40; ++n) {
    join.offer(n % 2, 0, {.iova = 1, .tag = n % kTags});
    join.module.settle();
    asked += join.p.valid_o & 1;
    join.module.step();
  }
  CHECK(asked == 16);
}

TEST_CASE("A translation that no path asked for stops the simulation", "[unit][iommu][duo]") {
  Join join;
  join.answer(0, 3, 0);
  CHECK_THROWS_AS(join.module.step(), dut::AssertionFailed);
}

TEST_CASE("One path is joined to nothing: its ports are those of the lookup",
          "[unit][iommu][duo]") {
  dut::Module<Vcw_iommu_join_paths1> module;
  auto& p = module.pins();
  p.valid_i = p.rsp_valid_i = 0;
  module.reset();
  agent::Rng rng(1, "pins");
  for (unsigned n = 0; n < 100; ++n) {
    for (unsigned at = 0; at + 32 <= 2 * kRequestBits; at += 32) {
      dut::set_bits(p.req_i, at, 32, rng.u32());
    }
    for (unsigned at = 0; at + 31 <= 2 * kAnswerBits; at += 31) {
      dut::set_bits(p.rsp_i, at, 31, rng.u32() >> 1);
    }
    p.valid_i = rng.u32() & 3;
    p.ready_i = rng.u32() & 3;
    p.rsp_valid_i = rng.u32() & 3;
    module.settle();
    for (unsigned at = 0; at + 32 <= 2 * kRequestBits; at += 32) {
      CHECK(dut::get_bits(p.req_o, at, 32) == dut::get_bits(p.req_i, at, 32));
    }
    for (unsigned at = 0; at + 31 <= 2 * kAnswerBits; at += 31) {
      CHECK(dut::get_bits(p.rsp_o, at, 31) == dut::get_bits(p.rsp_i, at, 31));
    }
    CHECK(p.valid_o == p.valid_i);
    CHECK(p.ready_o == p.ready_i);
    CHECK(p.rsp_valid_o == p.rsp_valid_i);
    module.step();
  }
}

}  // namespace
}  // namespace cw::unit
