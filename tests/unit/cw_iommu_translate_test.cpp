// SPDX-License-Identifier: Apache-2.0
#include <deque>

#include "Vcw_iommu_translate.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

// Caches that know everything: a page is at itself plus 2^40.
struct Sequencer : dut::Module<Vcw_iommu_translate> {
  Sequencer() {
    auto& p = pins();
    p.mode_i = 2;
    p.hold_i = 0;
    p.tr_valid_i = 0;
    p.tr_rsp_ready_i = 3;
    p.dc_hit_i = p.tlb_hit_i = 1;
    p.ddt_done_i = p.pt_done_i = 0;
    p.record_ready_i = 1;
    drive(p.dc_i, DcInfo{});
    drive(p.ddt_dc_i, DcInfo{});
    reset();
  }
  void offer(unsigned port, uint64_t iova, bool write = false) {
    drive(pins().tr_req_i, {.did = 1, .iova = iova, .write = write}, port);
    pins().tr_valid_i |= 1 << port;
  }
  void follow() {
    settle();
    pins().tlb_ppn_i = (pins().iova_o >> 12) + (1 << 28);
    settle();
  }
};

TEST_CASE("Each request is answered once and in order by port, whoever stalls", "[unit][iommu]") {
  Sequencer seq;
  auto& p = seq.pins();
  agent::Rng rng(1, "translate");
  std::deque<uint64_t> owed[2];
  uint64_t next = 0, answers = 0;
  for (unsigned n = 0; n < 4000; n++) {
    for (unsigned port = 0; port < 2; port++) {
      if (!(p.tr_valid_i >> port & 1) && rng.chance(60)) seq.offer(port, 8 * ++next);
    }
    p.tr_rsp_ready_i = rng.range(0, 3);
    p.hold_i = rng.chance(10);
    seq.follow();
    const unsigned taken = p.tr_valid_i & p.tr_ready_o;
    for (unsigned port = 0; port < 2; port++) {
      if (taken >> port & 1)
        owed[port].push_back(get_bits(p.tr_req_i, port * kRequestBits + 3, 64));
      if (p.tr_rsp_valid_o & p.tr_rsp_ready_i & 1 << port) {
        REQUIRE_FALSE(owed[port].empty());
        REQUIRE(answer(p.tr_rsp_o, port) == at(owed[port].front() + (uint64_t{1} << 40)));
        owed[port].pop_front();
        ++answers;
      }
    }
    seq.step();
    p.tr_valid_i &= ~taken;
  }
  CHECK(answers > 1000);
}

TEST_CASE("Hold keeps a request out until it is released; quiet tells that none is inside",
          "[unit][iommu]") {
  Sequencer seq;
  auto& p = seq.pins();
  p.hold_i = 1;
  seq.offer(0, 0x10);
  for (unsigned n = 0; n < 10; n++) {
    seq.follow();
    CHECK(p.quiet_o);
    CHECK(p.tr_rsp_valid_o == 0);
    seq.step();
    p.tr_valid_i = 0;
  }
  p.hold_i = 0;
  seq.step();
  seq.follow();
  CHECK_FALSE(p.quiet_o);
  seq.step();
  seq.follow();
  CHECK(p.quiet_o);
  CHECK(p.tr_rsp_valid_o == 1);
}

TEST_CASE("A walk that fails is recorded and refused exactly once", "[unit][iommu]") {
  Sequencer seq;
  auto& p = seq.pins();
  p.dc_hit_i = p.tlb_hit_i = 0;
  p.record_ready_i = 0;
  seq.offer(1, 0x1234, true);
  seq.step();
  p.tr_valid_i = 0;
  seq.run_until([&] { return p.ddt_valid_o != 0; }, 10_cycles);
  CHECK_FALSE(p.pt_valid_o);
  p.ddt_done_i = 1;
  p.ddt_cause_i = 0;
  seq.step();
  p.ddt_done_i = 0;
  seq.run_until([&] { return p.pt_valid_o != 0; }, 10_cycles);
  p.pt_done_i = 1;
  p.pt_cause_i = 15;
  seq.step();
  p.pt_done_i = 0;
  seq.run_until([&] { return p.record_valid_o != 0; }, 10_cycles);
  CHECK(get_bits(p.record_o, 0, 12) == 15);
  CHECK(get_bits(p.record_o, 34, 6) == 3);
  CHECK(get_bits(p.record_o, 128, 64) == 0x1234);
  seq.step(5_cycles);
  CHECK(p.tr_rsp_valid_o == 0);
  p.record_ready_i = 1;
  unsigned answers = 0, records = 0;
  for (unsigned n = 0; n < 20; n++) {
    seq.settle();
    records += p.record_valid_o;
    answers += p.tr_rsp_valid_o == 2 && answer(p.tr_rsp_o, 1) == kRefused;
    seq.step();
  }
  CHECK(records == 1);
  CHECK(answers == 1);
}

TEST_CASE("A port that takes no answers does not stop the other before its register is full",
          "[unit][iommu]") {
  Sequencer seq;
  auto& p = seq.pins();
  p.tr_rsp_ready_i = 2;
  seq.offer(0, 0x10);
  seq.follow();
  seq.step();
  p.tr_valid_i = 0;
  unsigned answers = 0;
  seq.offer(1, 0x20);
  for (unsigned n = 0; n < 40; n++) {
    seq.follow();
    answers += p.tr_rsp_valid_o >> 1;
    seq.step();
  }
  CHECK(answers >= 36);
  CHECK((p.tr_rsp_valid_o & 1) == 1);
}

}  // namespace
}  // namespace cw::unit::iommu
