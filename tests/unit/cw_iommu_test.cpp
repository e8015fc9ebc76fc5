// SPDX-License-Identifier: Apache-2.0
#include "catch_shim.hpp"
#include "iommu_bench.hpp"

namespace cw::unit::iommu {
namespace {

constexpr uint64_t kPage = 4096, kIova = 0x12'3456'7000, kHpa = 0x9000'0000;

// ---- Which requests are translated at all

TEST_CASE("Off refuses everything and records 256", "[unit][iommu]") {
  Bench bench;
  CHECK(bench.load(5, 0x1234) == kRefused);
  bench.start_faults();
  CHECK(bench.load(5, 0x1234) == kRefused);
  CHECK(bench.store(6, 0x5678) == kRefused);
  CHECK(bench.faults() == std::vector<Record>{{.cause = 256, .ttyp = 2, .did = 5, .iotval = 0x1234},
                                              {.cause = 256, .ttyp = 3, .did = 6, .iotval = 0x5678}});
}

TEST_CASE("Bare passes untranslated requests, and refuses AT=1 and AT=2 with 260",
          "[unit][iommu]") {
  Bench bench;
  bench.mode(Bare);
  bench.start_faults();
  CHECK(bench.store(0xffffff, 0x3f'dead'beef'cafe) == at(0x3f'dead'beef'cafe));
  CHECK(bench.ask({.did = 9, .iova = 0x40, .at = 1}) == kRefused);
  CHECK(bench.ask({.did = 9, .iova = 0x40, .at = 2}) == kRefused);
  CHECK(bench.ask({.did = 9, .iova = 0x40, .write = true, .at = 2}) == kRefused);
  CHECK(bench.load(1, uint64_t{1} << 56) == kRefused);  // no memory has this address
  CHECK(bench.faults() == std::vector<Record>{{.cause = 260, .ttyp = 8, .did = 9, .iotval = 0x40},
                                              {.cause = 260, .ttyp = 6, .did = 9, .iotval = 0x40},
                                              {.cause = 260, .ttyp = 7, .did = 9, .iotval = 0x40}});
}

TEST_CASE("What is no memory request passes in every mode", "[unit][iommu]") {
  Bench bench;
  CHECK_FALSE(bench.ask({.did = 9, .iova = ~uint64_t{0}, .at = 3, .pass = true}).fault);
}

TEST_CASE("A device id wider than the directory is 260", "[unit][iommu]") {
  Bench bench;
  bench.start(OneLevel);
  for (unsigned bit = 7; bit < 24; bit++) CHECK(bench.load(1u << bit, 0) == kRefused);
  for (const auto& fault : bench.faults()) CHECK(fault.cause == 260);
  bench.mode(Off);
  bench.mode(TwoLevels);
  for (unsigned bit = 16; bit < 24; bit++) CHECK(bench.load(1u << bit, 0) == kRefused);
  for (const auto& fault : bench.faults()) CHECK(fault.cause == 260);
}

TEST_CASE("Directories of two and three levels find their devices", "[unit][iommu]") {
  for (const bool three : {false, true}) {
    Bench bench;
    const uint64_t middle = three ? bench.new_table() : kDdt, last = bench.new_table();
    const uint32_t did = (three ? 0xab0000 : 0) | 0x1234;
    if (three) bench.memory.write64({kDdt + 8 * 0xab}, pte(middle, kV));
    bench.memory.write64({middle + 8 * (0x1234 >> 7)}, pte(last, kV));
    bench.memory.write64({last + 32 * (0x1234 & 127)}, 1);
    for (unsigned n = 8; n < 32; n += 8) bench.memory.write64({last + 32 * (0x1234 & 127) + n}, 0);
    bench.start(three ? ThreeLevels : TwoLevels);
    CHECK(bench.load(did, 0x7777) == at(0x7777));
    CHECK(bench.load(did ^ 0x80, 0x7777) == kRefused);
    CHECK(bench.faults().at(0).cause == 258);
  }
}

TEST_CASE("A directory beyond the physical address space is 257 and is not read",
          "[unit][iommu]") {
  Bench bench;
  bench.memory.write64({kDdt}, pte(uint64_t{1} << 46, kV));
  bench.start(TwoLevels);
  CHECK(bench.load(0, 0) == kRefused);
  CHECK(bench.faults().at(0).cause == 257);
  for (const uint64_t hpa : bench.poison.reads) CHECK(hpa >> 46 == 0);
}

TEST_CASE("DTF suppresses page faults and 260, not a context that is not valid",
          "[unit][iommu]") {
  Bench bench;
  bench.device(1, 1, /*tc=*/1 | 1 << 4);
  bench.context(2, {1 << 4, 0, 0, 0});
  bench.start();
  CHECK(bench.load(1, kIova) == kRefused);
  CHECK(bench.ask({.did = 1, .iova = 0, .at = 2}) == kRefused);
  CHECK(bench.load(2, kIova) == kRefused);
  CHECK(bench.faults() ==
        std::vector<Record>{{.cause = 258, .ttyp = 2, .did = 2, .iotval = kIova}});
}

TEST_CASE("AT=1 and AT=2 with a valid context are 260", "[unit][iommu]") {
  Bench bench;
  bench.device(1);
  bench.start();
  CHECK(bench.ask({.did = 1, .iova = 0x10, .at = 1}) == kRefused);
  CHECK(bench.ask({.did = 1, .iova = 0x20, .at = 2}) == kRefused);
  CHECK(bench.faults() == std::vector<Record>{{.cause = 260, .ttyp = 8, .did = 1, .iotval = 0x10},
                                              {.cause = 260, .ttyp = 6, .did = 1, .iotval = 0x20}});
}

TEST_CASE("A Bare first stage passes any IOVA, also one that is not canonical", "[unit][iommu]") {
  Bench bench;
  bench.context(3, {1, 0, 0, 0});
  bench.start();
  for (const uint64_t iova : {uint64_t{0}, uint64_t{0x80'0000'0000}, uint64_t{0xff'ffff'ffff'ffff}}) {
    CHECK(bench.load(3, iova) == at(iova));
  }
}

// ---- Page tables through the whole

TEST_CASE("Every page size keeps the offset bits, cold and hit", "[unit][iommu]") {
  Bench bench;
  const uint64_t root = bench.device(1);
  for (uint64_t n = 0; n < 16; n++) {
    bench.map(root, 0x10'0000 + n * kPage, kHpa + 8 * kPage, kLeaf | kN);
  }
  bench.map(root, 0x4000'0000, 0x12'4020'0000, kLeaf, 1);
  bench.map(root, 0x8000'0000, 0x15'4000'0000, kLeaf, 2);
  bench.start();
  for (int pass = 0; pass < 2; pass++) {
    for (uint64_t n = 0; n < 16; n++) {
      CHECK(bench.load(1, 0x10'0000 + n * kPage + 0xabc) == at(kHpa + n * kPage + 0xabc));
    }
    CHECK(bench.load(1, 0x4012'3456) == at(0x12'4032'3456));
    CHECK(bench.load(1, 0xb765'4321) == at(0x15'7765'4321));
  }
}

TEST_CASE("A write to a read-only page is 15 although its read hit", "[unit][iommu]") {
  Bench bench;
  const uint64_t root = bench.device(1);
  bench.map(root, kIova, kHpa, kLeaf & ~uint64_t{kW});
  bench.start();
  CHECK(bench.load(1, kIova + 4) == at(kHpa + 4));
  CHECK(bench.store(1, kIova + 4) == kRefused);
  CHECK(bench.load(1, kIova + 4) == at(kHpa + 4));
  CHECK(bench.faults() ==
        std::vector<Record>{{.cause = 15, .ttyp = 3, .did = 1, .iotval = kIova + 4}});
}

TEST_CASE("A table beyond the physical address space is 5 or 7; a page there is translated",
          "[unit][iommu]") {
  Bench bench;
  const uint64_t root = bench.device(1);
  bench.memory.write64({bench.entry(root, kIova, 1)}, pte(uint64_t{1} << 46, kV));
  bench.map(root, 0, uint64_t{1} << 55);
  bench.start();
  CHECK(bench.load(1, kIova) == kRefused);
  CHECK(bench.store(1, kIova) == kRefused);
  CHECK(bench.load(1, 8) == at((uint64_t{1} << 55) + 8));
  const auto faults = bench.faults();
  CHECK(faults.at(0).cause == 5);
  CHECK(faults.at(1).cause == 7);
}

TEST_CASE("Bus errors and poison of tables reach the fault record", "[unit][iommu]") {
  Bench bench;
  const uint64_t root = bench.device(1);
  bench.map(root, kIova, kHpa);
  bench.start();
  bench.poison.at = {kDdt + 32 + 24};
  CHECK(bench.load(1, kIova) == kRefused);
  bench.poison.at = {bench.entry(root, kIova)};
  CHECK(bench.load(1, kIova) == kRefused);
  bench.poison.at = {};
  bench.axi.add_error_range({.base = {bench.entry(root, kIova, 1)}, .bytes = 8});
  bench.invalidate_all();
  CHECK(bench.load(1, kIova) == kRefused);
  bench.axi.clear_error_ranges();
  CHECK(bench.load(1, kIova) == at(kHpa));
  const auto faults = bench.faults();
  REQUIRE(faults.size() == 3);
  CHECK(faults[0].cause == 268);
  CHECK(faults[1].cause == 274);
  CHECK(faults[2].cause == 5);
}

// ---- Caches and figures

TEST_CASE("Hits are answered one per clock, after two clocks", "[unit][iommu]") {
  Bench bench;
  const uint64_t root = bench.device(1);
  bench.map(root, kIova, kHpa);
  bench.start();
  bench.load(1, kIova);
  bench.load(1, kIova);
  CHECK(bench.latency <= 2_cycles);
  auto& p = bench.pins();
  drive(p.tr_req_i, {.did = 1, .iova = kIova}, 0);
  drive(p.tr_req_i, {.did = 1, .iova = kIova + 8}, 1);
  p.tr_valid_i = 3;
  bench.retire_at_once = false;
  unsigned answers = 0;
  const auto begin = bench.now();
  while (answers < 64) {
    bench.settle();
    answers += (p.tr_rsp_valid_o & 1) + (p.tr_rsp_valid_o >> 1);
    bench.step();
  }
  CHECK(bench.now() - begin <= 68_cycles);
}

TEST_CASE("Sequential pages read memory once for eight of them", "[unit][iommu]") {
  Bench bench;
  const uint64_t root = bench.device(1);
  for (uint64_t n = 0; n < 64; n++) bench.map(root, n * kPage, kHpa + n * kPage);
  bench.start();
  bench.load(1, 0);
  bench.poison.reads.clear();
  for (uint64_t n = 8; n < 64; n++) CHECK(bench.load(1, n * kPage) == at(kHpa + n * kPage));
  CHECK(bench.poison.reads.size() == 7);
}

TEST_CASE("More devices than the context cache holds are all served", "[unit][iommu]") {
  Bench bench;
  for (uint32_t did = 0; did < 10; did++) {
    bench.map(bench.device(did, did), kIova, kHpa + did * kPage);
  }
  bench.start();
  for (int pass = 0; pass < 3; pass++) {
    for (uint32_t did = 0; did < 10; did++) CHECK(bench.load(did, kIova) == at(kHpa + did * kPage));
  }
}

}  // namespace
}  // namespace cw::unit::iommu
