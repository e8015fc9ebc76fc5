// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_refusals.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_lookup_bench.hpp"

namespace cw::unit::iommu {
namespace {

struct Refusals : dut::Module<Vcw_iommu_refusals> {
  Refusals() {
    auto& p = pins();
    p.in_valid_i = p.walk_rsp_valid_i = 0;
    p.record_ready_i = 1;
    reset();
  }
  void push(unsigned index, unsigned cause, bool dtf = false) {
    auto& p = pins();
    p.in_index_i = index;
    p.in_cause_i = cause;
    p.in_dtf_i = dtf;
    p.in_valid_i = 1;
    step();
    p.in_valid_i = 0;
    settle();
  }
  Record recorded() {
    auto& p = pins();
    return record({get_bits(p.record_o, 0, 64), get_bits(p.record_o, 64, 64),
                   get_bits(p.record_o, 128, 64), get_bits(p.record_o, 192, 64)});
  }
};

TEST_CASE("A refusal has its record one clock later, with all that was asked", "[unit][iommu]") {
  Refusals refusals;
  auto& p = refusals.pins();
  struct Case {
    Request request;
    bool exec;
    unsigned ttyp;
  };
  for (const auto& [request, exec, ttyp] :
       {Case{{.did = 0xabcdef, .iova = ~uint64_t{0}}, false, 2},
        Case{{.did = 1, .iova = 0x1234, .write = true}, false, 3},
        Case{{.did = 1, .iova = 0x1234}, true, 1}, Case{{.iova = 8, .at = 1}, false, 8},
        Case{{.iova = 8, .at = 2}, false, 6},
        Case{{.iova = 8, .write = true, .at = 2}, false, 7}}) {
    refusals.push(3, 13);
    CHECK(p.refuse_o);
    CHECK(p.index_o == 3);
    drive(p.ask_i, request);
    set_bits(p.ask_i, kAskExec, 1, exec);
    refusals.step();
    refusals.settle();
    CHECK_FALSE(p.refuse_o);
    REQUIRE(p.record_valid_o);
    CHECK(refusals.recorded() ==
          Record{.cause = 13, .ttyp = ttyp, .did = request.did, .iotval = request.iova});
    refusals.step();
    refusals.settle();
    CHECK_FALSE(p.record_valid_o);
  }
}

TEST_CASE("Refusals keep their order while records wait, and none is refused before its record",
          "[unit][iommu]") {
  Refusals refusals;
  auto& p = refusals.pins();
  p.record_ready_i = 0;
  for (unsigned n = 0; n < 4; n++) refusals.push(n, 13);
  CHECK(p.record_valid_o);
  CHECK_FALSE(p.refuse_o);
  const Record first = refusals.recorded();
  drive(p.ask_i, Request{.did = first.did + 1, .iova = 0x5000});
  refusals.step();
  refusals.settle();
  CHECK(refusals.recorded() == first);
  p.record_ready_i = 1;
  for (unsigned n = 1; n < 4; n++) {
    refusals.settle();
    CHECK(p.refuse_o);
    CHECK(p.index_o == n);
    refusals.step();
  }
  refusals.settle();
  CHECK_FALSE(p.refuse_o);
}

TEST_CASE("DTF refuses without a record, but for what is wrong with the directory",
          "[unit][iommu]") {
  for (const unsigned cause : {1, 5, 7, 12, 13, 15, 256, 257, 258, 259, 260, 268, 274}) {
    Refusals refusals;
    const bool always = cause >= 256 && cause != 260 && cause != 274;
    refusals.push(1, cause, /*dtf=*/true);
    CHECK(refusals.pins().refuse_o);
    refusals.step();
    refusals.settle();
    CHECK((refusals.pins().record_valid_o != 0) == always);
  }
}

TEST_CASE("No refusal in the clock of a walk's answer", "[unit][iommu]") {
  Refusals refusals;
  auto& p = refusals.pins();
  drive(p.walk_rsp_i, ToldWalk{.done = false, .dc_found = true});
  p.walk_rsp_valid_i = 1;
  refusals.push(1, 13);
  CHECK_FALSE(p.refuse_o);
  p.walk_rsp_valid_i = 0;
  refusals.settle();
  CHECK(p.refuse_o);
}

TEST_CASE("What a walk found wrong is recorded, whatever AT asks for", "[unit][iommu]") {
  Refusals refusals;
  auto& p = refusals.pins();
  drive(p.ask_i, Request{.at = 1});
  drive(p.walk_rsp_i, ToldWalk{.cause = 258});
  p.walk_rsp_valid_i = 1;
  refusals.step();
  p.walk_rsp_valid_i = 0;
  p.record_ready_i = 0;
  refusals.step();
  refusals.settle();
  REQUIRE(p.record_valid_o);
  CHECK(refusals.recorded().cause == 258);
  refusals.reset();
  refusals.settle();
  CHECK_FALSE(p.record_valid_o);
}

TEST_CASE("DTF is that of the walk's context where its answer tells none", "[unit][iommu]") {
  const bool dtf = GENERATE(false, true);
  Refusals refusals;
  auto& p = refusals.pins();
  drive(p.ask_i, Request{});
  drive(p.walk_rsp_i, ToldWalk{.cause = 13, .dc = {.dtf = !dtf}});
  p.walk_dtf_i = dtf;
  p.walk_rsp_valid_i = 1;
  refusals.step();
  p.walk_rsp_valid_i = 0;
  refusals.settle();
  CHECK(p.refuse_o);
  refusals.step();
  refusals.settle();
  CHECK(p.record_valid_o == !dtf);
}

TEST_CASE("A walk that ends refuses its own request, before one of the lookup", "[unit][iommu]") {
  Refusals refusals;
  auto& p = refusals.pins();
  drive(p.walk_rsp_i, ToldWalk{.cause = 13});
  p.walk_index_i = 5;
  p.in_index_i = 2;
  p.in_cause_i = 256;
  p.in_valid_i = p.walk_rsp_valid_i = 1;
  refusals.settle();
  CHECK(p.walk_refused_o);
  CHECK_FALSE(p.in_ready_o);
  refusals.step();
  p.in_valid_i = p.walk_rsp_valid_i = 0;
  refusals.settle();
  CHECK(p.refuse_o);
  CHECK(p.index_o == 5);
  refusals.step();
  refusals.settle();
  CHECK_FALSE(p.refuse_o);
  CHECK(refusals.recorded().cause == 13);
}

TEST_CASE("A walk that finds what was asked for refuses nothing; a context may forbid AT",
          "[unit][iommu]") {
  const bool found = GENERATE(false, true), dtf = GENERATE(false, true);
  const unsigned at = GENERATE(0, 1, 2);
  Refusals refusals;
  auto& p = refusals.pins();
  drive(p.ask_i, Request{.at = at});
  drive(p.walk_rsp_i, ToldWalk{.dc_found = found, .dc = {.dtf = dtf}});
  p.walk_dtf_i = !dtf;  // what is told counts
  p.walk_rsp_valid_i = 1;
  refusals.settle();
  const bool refused = found && at != 0;
  CHECK(p.walk_refused_o == refused);
  refusals.step();
  p.walk_rsp_valid_i = 0;
  refusals.settle();
  CHECK(p.refuse_o == refused);
  refusals.step();
  refusals.settle();
  CHECK(p.record_valid_o == (refused && !dtf));
  if (refused && !dtf) CHECK(refusals.recorded().cause == 260);
}

TEST_CASE("A refusal without a cause stops the simulation", "[unit][iommu]") {
  Refusals refusals;
  CHECK_THROWS_AS(refusals.push(0, 0), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
