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
  CHECK(bench.faults() ==
        std::vector<Record>{{.cause = 256, .ttyp = 2, .did = 5, .iotval = 0x1234},
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

TEST_CASE("A directory beyond the physical address space is 257 and is not read", "[unit][iommu]") {
  Bench bench;
  bench.memory.write64({kDdt}, pte(uint64_t{1} << 46, kV));
  bench.start(TwoLevels);
  CHECK(bench.load(0, 0) == kRefused);
  CHECK(bench.faults().at(0).cause == 257);
  for (const uint64_t hpa : bench.poison.reads) CHECK(hpa >> 46 == 0);
}

TEST_CASE("DTF suppresses page faults and 260, not a context that is not valid", "[unit][iommu]") {
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
  for (const uint64_t iova :
       {uint64_t{0}, uint64_t{0x80'0000'0000}, uint64_t{0xff'ffff'ffff'ffff}}) {
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

// ---- Commands

constexpr uint64_t kFence = 2 | 3 << 12;  // PR, PW

constexpr uint64_t inval_page(uint32_t pscid) {
  return 1 | 1 << 10 | uint64_t{pscid} << 12 | uint64_t{1} << 32;
}

TEST_CASE("After IOTINVAL and a fence no request uses the old PTE, at any time of the command",
          "[unit][iommu]") {
  for (unsigned delay = 0; delay < 80; delay++) {
    Bench bench;
    const uint64_t root = bench.device(1);
    bench.map(root, kIova, kHpa);
    bench.start();
    auto& p = bench.pins();
    drive(p.tr_req_i, {.did = 1, .iova = kIova}, 1);
    p.tr_valid_i = 2;
    bench.step();
    p.tr_valid_i = 0;
    bench.step({delay});  // the walk is anywhere
    bench.map(root, kIova, kHpa + kPage);
    bench.submit(inval_page(1), kIova >> 12 << 10);
    bench.run_until([&] { return bench.read(Cqh) == 1; }, 2000_cycles);
    bench.retire_at_once = false;
    CHECK(bench.load(1, kIova) == at(kHpa + kPage));
  }
}

TEST_CASE("IODIR.INVAL_DDT makes a device's new context count", "[unit][iommu]") {
  for (const uint64_t low : {uint64_t{3}, 3 | uint64_t{1} << 33 | uint64_t{1} << 40}) {
    Bench bench;
    bench.context(1, {1, 0, 0, 0});
    bench.start();
    CHECK(bench.load(1, 0x123) == at(0x123));
    bench.context(1, {0, 0, 0, 0});
    CHECK(bench.load(1, 0x123) == at(0x123));
    bench.command(low);
    CHECK(bench.load(1, 0x123) == kRefused);
  }
}

TEST_CASE("IOTINVAL of one page keeps the last-level table: one read on the next miss",
          "[unit][iommu]") {
  Bench bench;
  bench.map(bench.device(1), kIova, kHpa);
  bench.start();
  bench.load(1, kIova);
  bench.command(inval_page(1), kIova >> 12 << 10);
  bench.poison.reads.clear();
  CHECK(bench.load(1, kIova) == at(kHpa));
  CHECK(bench.poison.reads.size() == 1);
  bench.command(1);
  bench.poison.reads.clear();
  CHECK(bench.load(1, kIova) == at(kHpa));
  CHECK(bench.poison.reads.size() == 3);
}

TEST_CASE("A fence waits for the requests that were answered before it, on both ports",
          "[unit][iommu]") {
  Bench bench;
  bench.context(1, {1, 0, 0, 0});
  bench.start();
  bench.retire_at_once = false;
  bench.store(1, 0x1000);
  bench.load(1, 0x2000);
  bench.submit(kFence | 1 << 10 | uint64_t{0x55} << 32, 0x9000'0000 >> 2);
  bench.memory.write32({0x9000'0000}, 0);
  bench.step(200_cycles);
  CHECK(bench.read(Cqh) == 0);
  bench.retire(0);
  bench.step(200_cycles);
  CHECK(bench.read(Cqh) == 0);
  CHECK(bench.memory.read32({0x9000'0000}) == 0);
  bench.store(1, 0x3000);  // after the fence: not waited for
  bench.retire(1);
  bench.run_until([&] { return bench.read(Cqh) == 1; }, 200_cycles);
  CHECK(bench.memory.read32({0x9000'0000}) == 0x55);
}

TEST_CASE("A command queue of two entries wraps and serves a thousand commands", "[unit][iommu]") {
  Bench bench;
  bench.start_commands(1);
  for (unsigned n = 0; n < 1000; n++) {
    bench.command(n % 2 ? kFence : 1);
    REQUIRE(bench.read(Cqh) == (n + 1) % 2);
  }
}

TEST_CASE("An illegal command stops the queue until cmd_ill is cleared, and is done again",
          "[unit][iommu]") {
  Bench bench;
  bench.start_commands();
  bench.write(Cqcsr, 3);  // with interrupt
  bench.command(0x7f);
  bench.submit(kFence);
  bench.step(200_cycles);
  CHECK(bench.read(Cqh) == 0);
  CHECK(bench.read(Cqcsr) == 0x1'0403);
  CHECK(bench.pins().irq_o == 1);
  bench.write(Cqcsr, 0x403);
  bench.step(100_cycles);
  CHECK((bench.read(Cqcsr) & 0x400) != 0);  // met again
  bench.memory.write64({kCommands}, 1);
  bench.write(Cqcsr, 0x403);
  bench.run_until([&] { return bench.read(Cqh) == 2; }, 500_cycles);
  bench.write(Ipsr, 1);
  bench.step(2_cycles);
  CHECK(bench.pins().irq_o == 0);
}

TEST_CASE("Memory faults of the fetch and of the fence's store set cqmf", "[unit][iommu]") {
  Bench bench;
  bench.start_commands();
  bench.axi.add_error_range({.base = {kCommands}, .bytes = 16});
  bench.axi.add_error_range({.base = {0x9000'0000}, .bytes = 8});
  bench.command(1);
  CHECK((bench.read(Cqcsr) & 0xf00) == 0x100);
  bench.axi.clear_error_ranges();
  bench.axi.add_error_range({.base = {0x9000'0000}, .bytes = 8});
  bench.write(Cqcsr, 0x101);
  bench.run_until([&] { return bench.read(Cqh) == 1; }, 500_cycles);
  bench.command(kFence | 1 << 10, 0x9000'0004 >> 2);
  CHECK((bench.read(Cqcsr) & 0xf00) == 0x100);
  CHECK(bench.read(Cqh) == 1);
}

// L: clocks from an accepted read to its first data.
TEST_CASE("With no traffic IOTINVAL and a fence are done within 2L+8 clocks of the write of cqt",
          "[unit][iommu]") {
  for (const unsigned latency : {1u, 10u, 50u, 100u}) {
    Bench bench(1, {.read_latency = dut::Cycles{latency}});
    bench.start_commands();
    bench.memory.write64({kCommands}, inval_page(1));
    bench.memory.write64({kCommands + 8}, 0);
    bench.memory.write64({kCommands + 16}, kFence);
    bench.memory.write64({kCommands + 24}, 0);
    auto& p = bench.pins();
    bench.write(Cqt, 2);
    const auto begin = bench.now();
    unsigned l = 0;
    bool accepted = false, came = false;
    while (bench.read(Cqh) != 2) {
      if (accepted && !came) l++;
      if (p.m_ar_valid_o && p.m_ar_ready_i) accepted = true;
      if (p.m_r_valid_i) came = true;
      bench.step();
      REQUIRE(bench.now() - begin <= dut::Cycles{2 * latency + 20});
    }
    CAPTURE(latency, l);
    CHECK(bench.now() - begin <= dut::Cycles{2 * l + 8});
  }
}

TEST_CASE("A fence with WSI raises its wire when it is done", "[unit][iommu]") {
  Bench bench;
  bench.write(Icvec, 0x0002, 8);
  bench.start_commands();
  bench.write(Cqcsr, 3);
  bench.command(kFence | 1 << 11);
  bench.step(3_cycles);
  CHECK((bench.read(Cqcsr) & 0xf00) == 0x800);
  CHECK(bench.pins().irq_o == 4);
  bench.write(Cqcsr, 0x803);
  bench.write(Ipsr, 1);
  bench.step(3_cycles);
  CHECK(bench.pins().irq_o == 0);
}

TEST_CASE("Turning the command queue off ends the command under way first", "[unit][iommu]") {
  Bench bench;
  bench.context(1, {1, 0, 0, 0});
  bench.start();
  bench.retire_at_once = false;
  bench.store(1, 0);
  bench.submit(kFence);
  bench.step(100_cycles);
  bench.write(Cqcsr, 0);
  bench.step(50_cycles);
  CHECK(bench.read(Cqcsr) == 0x3'0000);
  bench.retire(0);
  bench.step(5_cycles);
  CHECK(bench.read(Cqcsr) == 0);
  CHECK(bench.read(Cqh) == 1);
}

// ---- Fault queue

TEST_CASE("A fault queue of two overflows, drops until cleared, and loses no order",
          "[unit][iommu]") {
  Bench bench;
  bench.start_faults(1);
  bench.write(Fqcsr, 3);
  bench.load(1, 0x1000);
  bench.step(60_cycles);
  CHECK(bench.read(Fqt) == 1);
  CHECK(bench.pins().irq_o == 1);
  bench.load(2, 0x2000);
  CHECK((bench.read(Fqcsr) & 0x300) == 0x200);
  bench.write(Fqh, 1);
  bench.load(3, 0x3000);
  bench.step(60_cycles);
  CHECK(bench.read(Fqt) == 1);
  bench.write(Fqcsr, 0x203);
  bench.load(4, 0x4000);
  CHECK(bench.faults() ==
        std::vector<Record>{{.cause = 256, .ttyp = 2, .did = 4, .iotval = 0x4000}});
}

TEST_CASE("A fault record that memory refuses sets fqmf", "[unit][iommu]") {
  Bench bench;
  bench.start_faults();
  bench.axi.add_error_range({.base = {kFaults}, .bytes = 4096});
  CHECK(bench.load(1, 0) == kRefused);
  bench.step(60_cycles);
  CHECK((bench.read(Fqcsr) & 0x300) == 0x100);
  CHECK(bench.read(Fqt) == 0);
}

// ---- Registers as drivers use them

TEST_CASE("Linux's probe: sizes, empty PPN, unsupported modes read back", "[unit][iommu]") {
  Bench bench;
  CHECK(bench.read(Capabilities, 8) == kCaps);
  CHECK((bench.read(Fctl) & 2) == 2);
  for (const unsigned base : {Cqb, Fqb}) {
    bench.write(base, 31, 8);
    CHECK(bench.read(base, 8) == 15);
    bench.write(base, kCommands >> 12 << 10 | 12, 8);
    CHECK(bench.read(base, 8) == (kCommands >> 12 << 10 | 12));
  }
  bench.mode(Bare, 0);
  CHECK(bench.read(Ddtp, 8) == 1);
  bench.write(Ddtp, 5, 8);
  CHECK(bench.read(Ddtp, 8) == 1);
  bench.mode(ThreeLevels);
  CHECK(bench.read(Ddtp, 8) == (kDdt >> 12 << 10 | 4));
  bench.write(Ddtp, kDdt >> 12 << 10 | 3, 8);
  CHECK(bench.read(Ddtp, 8) == (kDdt >> 12 << 10 | 4));
}

TEST_CASE("ddtp is busy until the requests under the old mode are finished", "[unit][iommu]") {
  Bench bench;
  bench.mode(Bare);
  bench.retire_at_once = false;
  bench.store(1, 0);
  bench.write(Ddtp, 0, 8);
  bench.step(100_cycles);
  CHECK((bench.read(Ddtp) & 0x10) != 0);
  bench.retire(0);
  bench.step(3_cycles);
  CHECK((bench.read(Ddtp) & 0x1f) == 0);
}

TEST_CASE("Traffic, commands and faults on slow memory: everything ends", "[unit][iommu]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Bench bench(1, {.read_latency = 30_cycles, .stall = stall});
    const uint64_t root = bench.device(1);
    for (uint64_t n = 0; n < 32; n += 2) bench.map(root, n * kPage, kHpa + n * kPage);
    bench.start();
    for (uint64_t n = 0; n < 100; n++) {
      const uint64_t page = n * 7 % 32;
      if (n % 8 == 0) bench.submit(n % 16 ? 3 : 1);
      if (n % 8 == 4) bench.submit(kFence);
      const Answer expected = page % 2 ? kRefused : at(kHpa + page * kPage);
      REQUIRE(bench.ask({.did = 1, .iova = page * kPage}, n & 1) == expected);
    }
    bench.run_until([&] { return bench.read(Cqh) == bench.read(Cqt); }, 5000_cycles);
    CHECK(bench.faults().size() == 50);
  }
}

}  // namespace
}  // namespace cw::unit::iommu
