// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include <deque>
#include <vector>

#include "Vcw_card_atomic.h"
#include "Vcw_card_atomic_w512.h"
#include "Vcw_card_atomic_w64.h"
#include "agent/stall_policy.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/atomic_fields.hpp"

namespace cw::unit {
namespace {

using namespace cw::dut::literals;

// Memory that answers a read two clocks later, with stalls; one AtomicOp at a time.
template <class V>
struct Bench : dut::Clocked {
  static constexpr unsigned kBeat = sizeof(V::cm_rd_rdata_i), kBytes = 256;

  Bench(uint64_t seed, agent::Stall kind)
      : rng(seed, "atomic"),
        module(seed),
        read_stall(kind, rng.fork("read")),
        write_stall(kind, rng.fork("write")) {
    for (uint8_t& byte : memory) byte = static_cast<uint8_t>(rng.u32());
    module.kernel().add(*this);
    drive_atomic(p.req_i, {}, /*valid=*/false);
    p.cm_rd_rvalid_i = p.cm_rd_ready_i = p.cm_wr_ready_i = 0;
    module.reset();
  }
  ~Bench() override { module.kernel().remove(*this); }

  std::vector<uint32_t> value(const pcie::Atomic& request) const {
    std::vector<uint32_t> dwords(model::operand_dwords(request));
    std::memcpy(dwords.data(), &memory[request.address.value], 4 * dwords.size());
    return dwords;
  }
  // Carries one out; returns the original value that was told.
  std::vector<uint32_t> run(const pcie::Atomic& request) {
    told.clear();
    unlocked = 0;
    drive_atomic(p.req_i, request);
    for (bool ready = false; !ready;) {
      module.settle();
      ready = atomic_rsp(p.rsp_o).ready;
      module.step();
      REQUIRE(module.now().value < 200'000);
    }
    drive_atomic(p.req_i, request, /*valid=*/false);
    module.settle();
    CHECK_FALSE(p.lock_o);
    CHECK(unlocked == 0);
    told.resize(model::operand_dwords(request));
    return told;
  }

  void sample() override {
    unlocked += (p.cm_rd_valid_o || p.cm_wr_valid_o || !due.empty()) && !p.lock_o;
    if (p.cm_rd_valid_o && p.cm_rd_ready_i) due.push_back({module.now().value + 2, p.cm_rd_addr_o});
    if (p.cm_wr_valid_o && p.cm_wr_ready_i) {
      for (unsigned b = 0; b < kBeat; ++b) {
        if (static_cast<uint64_t>(p.cm_wr_strb_o) >> b & 1) {
          memory[p.cm_wr_addr_o + b] =
              static_cast<uint8_t>(dut::get_bits(p.cm_wr_data_o, 8 * b, 8));
          ++written;
        }
      }
    }
    const AtomicRsp rsp = atomic_rsp(p.rsp_o);
    if (rsp.valid) {
      told.insert(told.end(), rsp.data.begin(), rsp.data.begin() + std::min(kBeat / 4, 4u));
    }
  }
  void commit() override {
    p.cm_rd_ready_i = !read_stall.stalls();
    p.cm_wr_ready_i = !write_stall.stalls();
    p.cm_rd_rvalid_i = !due.empty() && due.front().at <= module.now().value + 1;
    if (p.cm_rd_rvalid_i) {
      std::memcpy(&p.cm_rd_rdata_i, &memory[due.front().addr], kBeat);
      due.pop_front();
    }
  }

  struct Due {
    uint64_t at;
    uint32_t addr;
  };
  agent::Rng rng;
  dut::Module<V> module;
  V& p = module.pins();
  agent::StallPolicy read_stall, write_stall;
  std::vector<uint8_t> memory = std::vector<uint8_t>(kBytes);
  std::deque<Due> due;
  std::vector<uint32_t> told;
  unsigned unlocked = 0, written = 0;
};

template <class V>
void check_random(uint64_t seed, agent::Stall kind) {
  Bench<V> bench(seed, kind);
  for (unsigned i = 0; i < 300; ++i) {
    pcie::Atomic request = random_atomic(bench.rng, Bench<V>::kBytes);
    const auto original = bench.value(request);
    if (request.kind == pcie::AtomicKind::CompareAndSwap && bench.rng.chance(60)) {
      std::copy(original.begin(), original.end(), request.operands.begin());
      if (bench.rng.chance(20)) request.operands[original.size() - 1] ^= 0x8000'0000;
    }
    auto expected = bench.memory;
    const auto result = model::atomic_result(request, original);
    std::memcpy(&expected[request.address.value], result.data(), 4 * result.size());
    REQUIRE(bench.run(request) == original);
    REQUIRE(bench.memory == expected);
  }
}

}  // namespace

TEST_CASE("an AtomicOp tells the original value and leaves the new one, and nothing else changes",
          "[unit][endpoint][R15]") {
  for (const agent::Stall kind : agent::kEveryStall) {
    check_random<Vcw_card_atomic>(1, kind);
    check_random<Vcw_card_atomic_w64>(2, kind);
    check_random<Vcw_card_atomic_w512>(3, kind);
  }
}

TEST_CASE("an AtomicOp writes its operand's bytes alone, under the lock", "[unit][endpoint]") {
  Bench<Vcw_card_atomic_w64> bench(1, agent::Stall::None);
  bench.run({.kind = pcie::AtomicKind::CompareAndSwap,
             .address = {0x30},
             .operands = std::vector<uint32_t>(8, 7)});
  CHECK(bench.written == 16);
  bench.run({.address = {0x34}, .operands = {1}});
  CHECK(bench.written == 16 + 4);
}

TEST_CASE("FetchAdd loses the carry out of its operand and Swap asks nothing", "[unit][endpoint]") {
  Bench<Vcw_card_atomic> bench(1, agent::Stall::None);
  bench.run({.kind = pcie::AtomicKind::Swap, .address = {0x20}, .operands = {~0u, ~0u}});
  bench.run({.address = {0x20}, .operands = {2}});
  CHECK(bench.value({.address = {0x20}, .operands = {0, 0}}) == std::vector<uint32_t>{1, ~0u});
  bench.run({.address = {0x20}, .operands = {~0u, 0}});
  CHECK(bench.value({.address = {0x20}, .operands = {0, 0}}) == std::vector<uint32_t>{0, 0});
}

TEST_CASE("an AtomicOp that is not aligned to its operand raises the alarm",
          "[unit][endpoint][R36]") {
  Bench<Vcw_card_atomic> bench(1, agent::Stall::None);
  drive_atomic(bench.p.req_i, {.address = {0x24}, .operands = {1, 2}});
  CHECK_THROWS_AS(bench.module.step(2_cycles), dut::AssertionFailed);
}

}  // namespace cw::unit
