// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_refusals.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

struct Refusals : dut::Module<Vcw_iommu_refusals> {
  Refusals() {
    auto& p = pins();
    p.in_valid_i = p.pause_i = 0;
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
    set_bits(p.ask_i, 97, 1, exec);
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

TEST_CASE("A refusal waits out a pause", "[unit][iommu]") {
  Refusals refusals;
  auto& p = refusals.pins();
  p.pause_i = 1;
  refusals.push(1, 13);
  CHECK_FALSE(p.refuse_o);
  p.pause_i = 0;
  refusals.settle();
  CHECK(p.refuse_o);
}

TEST_CASE("A refusal without a cause stops the simulation", "[unit][iommu]") {
  Refusals refusals;
  CHECK_THROWS_AS(refusals.push(0, 0), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
