// SPDX-License-Identifier: Apache-2.0
#include "Vcw_cpl_validator.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/requester_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Judgement {
  unsigned verdict, bytes;
  bool ends;
  bool operator==(const Judgement&) const = default;
};

struct Bench {
  Bench() { module.reset(); }
  Judgement judge(const Cpl& cpl, const Owed& what, bool is_owed = true) {
    const pcie::RawTlp tlp = encode(cpl);
    for (unsigned dw = 0; dw < 4; ++dw) module.pins().hdr_i[3 - dw] = tlp.hdr[dw];
    drive(module.pins().owed_i, what);
    module.pins().is_owed_i = is_owed;
    module.step();  // its assertions look too
    module.settle();
    const uint32_t out = module.pins().judgement_o;
    return {out >> 14 & 7, out >> 1 & 0x1fff, (out & 1) != 0};
  }
  dut::Module<Vcw_cpl_validator> module;
};

// What is left of a read, and the completion that carries `bytes` of it.
Owed left_of(uint64_t address, unsigned bytes) {
  return {.lower_addr = static_cast<unsigned>(address & 127), .bytes = bytes};
}
Cpl part(uint64_t address, unsigned bytes, unsigned left) {
  return {.byte_count = left,
          .length_dw = static_cast<unsigned>(((address & 3) + bytes + 3) / 4),
          .lower_addr = static_cast<unsigned>(address & 127)};
}

}  // namespace

TEST_CASE("a true completion gives its bytes, whole or cut at a boundary",
          "[unit][requester][R23]") {
  Bench bench;
  CHECK(bench.judge(part(0, 4096, 4096), left_of(0, 4096)) == Judgement{VerdictData, 4096, true});
  CHECK(bench.judge(part(3, 1, 1), left_of(3, 1)) == Judgement{VerdictData, 1, true});
  CHECK(bench.judge(part(3, 61, 200), left_of(3, 200)) == Judgement{VerdictData, 61, false});
  CHECK(bench.judge(part(64, 64, 139), left_of(64, 139)) == Judgement{VerdictData, 64, false});
  CHECK(bench.judge(part(2, 4, 4), left_of(2, 4)) == Judgement{VerdictData, 4, true});
}

TEST_CASE("BCM: Byte Count is the part alone", "[unit][requester][R24]") {
  Bench bench;
  Cpl cpl = part(3, 61, 61);
  cpl.bcm = true;
  CHECK(bench.judge(cpl, left_of(3, 200)) == Judgement{VerdictData, 61, false});
  CHECK(bench.judge(cpl, left_of(3, 61)) == Judgement{VerdictData, 61, true});
  CHECK(bench.judge(cpl, left_of(3, 60)).verdict == VerdictLied);
  cpl.byte_count = 200;  // what BCM says it is not
  CHECK(bench.judge(cpl, left_of(3, 200)).verdict == VerdictLied);
  cpl = part(3, 60, 60);  // ends inside a block
  cpl.bcm = true;
  CHECK(bench.judge(cpl, left_of(3, 200)).verdict == VerdictLied);
}

TEST_CASE("who is not asked, or not this requester, is a stray", "[unit][requester][R22]") {
  Bench bench;
  Cpl cpl = part(0, 64, 64);
  CHECK(bench.judge(cpl, left_of(0, 64), /*is_owed=*/false).verdict == VerdictStray);
  cpl.requester_id ^= 0x0100;
  CHECK(bench.judge(cpl, left_of(0, 64)).verdict == VerdictStray);
  cpl.status = 1;
  CHECK(bench.judge(cpl, left_of(0, 64)).verdict == VerdictStray);
}

TEST_CASE("each status with and without data", "[unit][requester][R25][R26]") {
  Bench bench;
  for (unsigned status = 0; status < 8; ++status) {
    Cpl cpl = part(0, 64, 64);
    cpl.status = status;
    const unsigned with_data = status == 0 ? VerdictData : VerdictLied;
    CHECK(bench.judge(cpl, left_of(0, 64)).verdict == with_data);
    cpl.poisoned = true;
    CHECK(bench.judge(cpl, left_of(0, 64)).verdict ==
          (status == 0 ? VerdictPoisoned : VerdictLied));
    cpl.poisoned = cpl.data = false;
    const unsigned without = status == 0 || status == 2 ? VerdictLied
                             : status == 4              ? VerdictCa
                                                        : VerdictUr;
    CHECK(bench.judge(cpl, left_of(0, 64)).verdict == without);
    cpl.locked = true;
    CHECK(bench.judge(cpl, left_of(0, 64)).verdict == VerdictLied);
  }
}

TEST_CASE("what is not copied from the request is a lie", "[unit][requester][R16][R23]") {
  Bench bench;
  Cpl cpl = part(0, 64, 64);
  SECTION("traffic class") { cpl.tc = 5; }
  SECTION("relaxed ordering") { cpl.relaxed = true; }
  SECTION("no snoop") { cpl.no_snoop = true; }
  CHECK(bench.judge(cpl, left_of(0, 64)).verdict == VerdictLied);
}

TEST_CASE("attributes are those of the request, but for ID-based ordering",
          "[unit][requester][R16][R23]") {
  Bench bench;
  for (unsigned bits = 0; bits < 64; ++bits) {
    Owed owed = left_of(0, 64);
    owed.attr = {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    Cpl cpl = part(0, 64, 64);
    cpl.ido = bits & 8, cpl.relaxed = bits & 16, cpl.no_snoop = bits & 32;
    const bool same = cpl.relaxed == owed.attr.relaxed && cpl.no_snoop == owed.attr.no_snoop;
    CHECK(bench.judge(cpl, owed).verdict == (same ? VerdictData : VerdictLied));
  }
}

TEST_CASE("a poisoned completion that lies has lied", "[unit][requester][R23][R26]") {
  Bench bench;
  Cpl cpl = part(0, 64, 64);
  cpl.poisoned = true;
  cpl.byte_count = 60;
  CHECK(bench.judge(cpl, left_of(0, 64)).verdict == VerdictLied);
}

TEST_CASE("no header passes more than what is owed", "[unit][requester][R23][byte-count-lie]") {
  Bench bench;
  agent::Rng rng(3, "validator");
  unsigned passed = 0;
  for (unsigned i = 0; i < 30'000; ++i) {
    const unsigned at = rng.range(0, 127), bytes = rng.range(1, rng.chance(50) ? 4096 : 80);
    const unsigned cut = (at / 64 + rng.range(1, 40)) * 64 - at;
    Cpl cpl = part(at, std::min(cut, bytes), bytes);
    if (rng.chance(30)) cpl.byte_count = rng.range(0, 4095);
    if (rng.chance(20)) cpl.byte_count = std::min(cut, bytes);
    if (rng.chance(30)) cpl.length_dw = rng.range(1, 1024);
    if (rng.chance(20)) cpl.lower_addr = rng.range(0, 127);
    cpl.bcm = rng.chance(30);
    const Judgement judged = bench.judge(cpl, left_of(at, bytes));
    const unsigned offset = cpl.lower_addr & 3;
    const unsigned said = cpl.byte_count & 0xfff ? cpl.byte_count & 0xfff : 4096;
    const bool to_the_end = (offset + bytes + 3) / 4 == cpl.length_dw;
    const unsigned carried = cpl.bcm ? said : to_the_end ? bytes : cpl.length_dw * 4 - offset;
    const bool true_one = cpl.lower_addr == at && (cpl.bcm || said == bytes) && carried <= bytes &&
                          (offset + carried + 3) / 4 == cpl.length_dw &&
                          (carried == bytes || (at + carried) % 64 == 0);
    REQUIRE(judged.verdict == (true_one ? VerdictData : VerdictLied));
    if (!true_one) continue;
    ++passed;
    REQUIRE(judged.bytes == carried);
    REQUIRE(judged.ends == (carried == bytes));
  }
  CHECK(passed > 3000);
}
