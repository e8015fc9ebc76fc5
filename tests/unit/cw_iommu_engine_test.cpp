// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_engine.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_memory.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr uint64_t kDirectory = 0x8000'0000, kRoot = 0x8001'0000;

// Device n has a gigabyte page at IOVA 0, at n + 1 gigabytes, in its own address space.
struct Engine : dut::Module<Vcw_iommu_engine> {
  WalkMemory<Vcw_iommu_engine> memory{kernel(), pins()};

  Engine() {
    auto& p = pins();
    p.caps_i = kCaps;
    p.mode_i = 2;
    p.directory_i = kDirectory >> 12;
    p.tr_valid_i = p.hold_i = p.inval_valid_i = 0;
    p.record_ready_i = 1;
    memory.zero_page(kDirectory);
    for (uint64_t n = 0; n < 8; n++) {
      const uint64_t root = kRoot + n * 4096, dc = kDirectory + 32 * n;
      memory.zero_page(root);
      memory.write64(root, pte((n + 1) << 30, kLeaf));
      memory.write64(dc, 1);
      memory.write64(dc + 16, n << 12);
      memory.write64(dc + 24, uint64_t{8} << 60 | root >> 12);
    }
    pins().rd_rsp_id_i = 0;
    reset();
  }
  Answer ask(uint32_t did, uint64_t iova, unsigned port = 0) {
    auto& p = pins();
    memory.fetches.clear();
    drive(p.tr_req_i, {.did = did, .iova = iova}, port);
    p.tr_valid_i = 1 << port;
    run_until([&] { return (p.tr_ready_o >> port & 1) != 0; }, 100_cycles);
    step();
    p.tr_valid_i = 0;
    run_until([&] { return (p.tr_rsp_valid_o >> port & 1) != 0; }, 500_cycles);
    const Answer got = answer(p.tr_rsp_o, port);
    step();
    return got;
  }
  void invalidate(const Inval& what) {
    auto& p = pins();
    p.hold_i = 1;
    run_until([&] { return p.quiet_o != 0; }, 500_cycles);
    drive(p.inval_i, what);
    p.inval_valid_i = 1;
    step();
    p.inval_valid_i = p.hold_i = 0;
  }
};

TEST_CASE("A cold request walks directory then table; the next one neither", "[unit][iommu]") {
  Engine engine;
  CHECK(engine.ask(3, 0x123456) == at(0x1'0012'3456));
  CHECK(engine.memory.fetches == std::vector<Fetch>{{kDirectory + 96, 4}, {kRoot + 3 * 4096, 1}});
  CHECK(engine.ask(3, 0x3fff'ffff, 1) == at(0x1'3fff'ffff));
  CHECK(engine.memory.fetches.empty());
}

TEST_CASE("Each kind of invalidation clears its caches and no other", "[unit][iommu]") {
  Engine engine;
  engine.ask(0, 0);
  engine.invalidate({.dir = true});
  CHECK(engine.ask(0, 0) == at(1 << 30));
  CHECK(engine.memory.fetches == std::vector<Fetch>{{kDirectory, 4}});
  engine.invalidate({.pt = true});
  CHECK(engine.ask(0, 0) == at(1 << 30));
  CHECK(engine.memory.fetches == std::vector<Fetch>{{kRoot, 1}});
}

TEST_CASE("An invalidation waits for the walk under way, at every clock of it", "[unit][iommu]") {
  for (unsigned delay = 0; delay < 40; delay++) {
    Engine engine;
    auto& p = engine.pins();
    engine.memory.latency = 5;
    drive(p.tr_req_i, {.did = 0, .iova = 0}, 0);
    p.tr_valid_i = 1;
    engine.step();
    p.tr_valid_i = 0;
    engine.step({delay});
    engine.memory.write64(kRoot, pte(uint64_t{100} << 30, kLeaf));
    engine.invalidate({.pt = true});
    engine.step(40_cycles);
    CHECK(engine.ask(0, 0) == at(uint64_t{100} << 30));
  }
}

TEST_CASE("Devices take turns in the caches without mixing", "[unit][iommu]") {
  Engine engine;
  for (unsigned n = 0; n < 64; n++) {
    const uint32_t did = n * 5 % 8;
    CHECK(engine.ask(did, n, n & 1) == at((uint64_t{did + 1} << 30) + n));
  }
}

TEST_CASE("An invalidation during a walk stops the simulation", "[unit][iommu]") {
  Engine engine;
  auto& p = engine.pins();
  drive(p.tr_req_i, {.did = 0}, 0);
  p.tr_valid_i = 1;
  engine.step(4_cycles);
  p.inval_valid_i = 1;
  CHECK_THROWS_AS(engine.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
