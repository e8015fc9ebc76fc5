// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
#include <deque>

#include "Vcw_atomic_operands.h"
#include "Vcw_atomic_operands_w128.h"
#include "Vcw_atomic_operands_w512.h"
#include "Vcw_atomic_operands_w64.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "pcie/codec.hpp"
#include "unit/atomic_fields.hpp"

namespace cw::unit {
namespace {

using namespace cw::dut::literals;

template <class V>
struct Bench {
  static constexpr size_t kLanes = sizeof(V::np_data_i) / 4;

  Bench() {
    p.np_take_i = p.take_i = 0;
    module.reset();
  }
  // One TLP, beat by beat; false if there is no room for it.
  bool take(const pcie::Tlp& tlp) {
    const pcie::RawTlp raw = pcie::encode(tlp);
    for (size_t at = 0; at == 0 || at < raw.payload.size(); at += kLanes) {
      const auto words =
          dut::pack({.hdr = raw.hdr, .eop = at + kLanes >= raw.payload.size(), .sop = at == 0});
      std::memcpy(&p.np_ctl_i, words.data(), sizeof words);
      std::vector<uint32_t> lanes(kLanes, 0xbad0'0bad);
      for (size_t i = 0; i < kLanes && at + i < raw.payload.size(); ++i) {
        lanes[i] = raw.payload[at + i];
      }
      std::memcpy(&p.np_data_i, lanes.data(), 4 * kLanes);
      p.np_take_i = 0;
      module.settle();
      if (!p.room_o) return false;
      p.np_take_i = 1;
      module.step();
      p.np_take_i = 0;
    }
    return true;
  }
  std::vector<uint32_t> payload(size_t dwords) {
    module.settle();
    REQUIRE(p.valid_o);
    std::vector<uint32_t> data(8);
    std::memcpy(data.data(), &p.operands_o, 32);
    p.take_i = 1;
    module.step();
    p.take_i = 0;
    module.settle();
    data.resize(dwords);
    return data;
  }
  dut::Module<V> module{1};
  V& p = module.pins();
};

template <class V>
void check_random() {
  Bench<V> bench;
  agent::Rng rng(4, "operands");
  std::deque<std::vector<uint32_t>> owed;
  for (unsigned i = 0; i < 300; ++i) {
    switch (rng.range(0, 3)) {
      case 0:
        REQUIRE(bench.take(pcie::CfgWrite{.data = rng.u32()}));
        REQUIRE(bench.take(pcie::MemRead{.address = {64}, .length_bytes = 64}));
        break;
      case 1:
        if (owed.empty()) break;
        REQUIRE(bench.payload(owed.front().size()) == owed.front());
        owed.pop_front();
        break;
      default: {
        const pcie::Atomic request = random_atomic(rng, 4096);
        REQUIRE(bench.take(request) == (owed.size() < 4));
        if (owed.size() < 4) owed.push_back(request.operands);
      }
    }
    bench.module.settle();
    REQUIRE(bench.p.valid_o == !owed.empty());
  }
}

}  // namespace

TEST_CASE("the payload of every AtomicOp is kept, in order, and that of nothing else",
          "[unit][endpoint]") {
  check_random<Vcw_atomic_operands>();
  check_random<Vcw_atomic_operands_w64>();
  check_random<Vcw_atomic_operands_w128>();
  check_random<Vcw_atomic_operands_w512>();
}

TEST_CASE("taking more AtomicOps than there is room for raises the alarm", "[unit][endpoint]") {
  Bench<Vcw_atomic_operands> bench;
  const pcie::Atomic request{.operands = {1}};
  for (unsigned i = 0; i < 4; ++i) REQUIRE(bench.take(request));
  CHECK_FALSE(bench.take(request));
  bench.p.np_take_i = 1;
  CHECK_THROWS_AS(bench.module.step(2_cycles), dut::AssertionFailed);
}

}  // namespace cw::unit
