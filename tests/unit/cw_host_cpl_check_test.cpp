// SPDX-License-Identifier: Apache-2.0
#include <Vcw_host_cpl_check.h>

#include "catch_shim.hpp"
#include "pcie/codec.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

using pcie::Completion;
using pcie::CplStatus;

// An open read of 20 bytes from 0x...3e with tag 9.
struct Judge {
  dut::Module<Vcw_host_cpl_check> module;
  Judge() {
    auto& p = module.pins();
    p.check_i = 0;
    p.open_i = 1;
    p.tag_i = 9;
    p.write_i = p.config_i = 0;
    p.lower_addr_i = 0x3e;
    p.left_i = 20;
    dut::clear_bits(p.hdr_i);
    module.reset();
  }
  Vcw_host_cpl_check& operator()(const Completion& completion) {
    return (*this)(pcie::encode(completion));
  }
  Vcw_host_cpl_check& operator()(const pcie::RawTlp& raw) {
    auto& p = module.pins();
    for (unsigned dw = 0; dw < 4; ++dw) dut::set_bits(p.hdr_i, 32 * (3 - dw), 32, raw.hdr[dw]);
    p.check_i = 1;
    module.settle();
    return p;
  }
};

Completion good() { return {.byte_count = 20, .tag = {9}, .lower_address = 0x3e, .payload = {1}}; }

TEST_CASE("A completion that continues the read is taken", "[unit][root][R14][R23]") {
  Judge judge;
  auto& p = judge(good());
  CHECK(p.ours_o == 1);
  CHECK(p.data_o == 1);
  CHECK(p.bytes_o == 2);
  CHECK(p.last_o == 0);
  CHECK(p.final_o == 0);
  CHECK(p.event_o == 0);
  Completion whole = good();
  whole.payload.resize(6);
  judge(whole);
  CHECK(p.bytes_o == 20);
  CHECK(p.data_o == 1);
  CHECK(p.event_o == 0);
  CHECK(p.last_o == 1);
  CHECK(p.final_o == 1);
}

TEST_CASE("A completion of another tag, requester or moment is unexpected", "[unit][root][R22]") {
  Judge judge;
  for (unsigned which = 0; which < 4; ++which) {
    Completion other = good();
    judge.module.pins().open_i = which != 0;
    if (which == 1) other.tag = {8};
    if (which == 2) other.tag = {0x109};
    if (which == 3) other.requester = {.bus = 1};
    auto& p = judge(other);
    CHECK(p.ours_o == 0);
    CHECK(p.data_o == 0);
    CHECK(p.event_o == CfgUnexpectedCpl);
    other.attributes.poisoned = true;  // its data are nobody's
    CHECK(judge(other).event_o == CfgUnexpectedCpl);
    p.check_i = 0;
    judge.module.settle();
    CHECK(p.event_o == 0);
  }
}

TEST_CASE("Byte count, lower address and length are those owed", "[unit][root][R23][R24]") {
  Judge judge;
  for (unsigned which = 0; which < 4; ++which) {
    Completion wrong = good();
    if (which == 0) wrong.byte_count = 19;
    if (which == 1) wrong.lower_address = 0x3f;
    if (which == 2) wrong.payload.resize(7);
    if (which == 3) wrong.payload.clear();
    auto& p = judge(wrong);
    CHECK(p.data_o == 0);
    CHECK(p.last_o == 1);
    CHECK(p.event_o == CfgUnexpectedCpl);
    wrong.attributes.poisoned = true;
    CHECK(judge(wrong).event_o == CfgUnexpectedCpl);
  }
  Completion modified = good();
  modified.byte_count = 2;
  modified.byte_count_modified = true;
  CHECK(judge(modified).data_o == 1);
  CHECK(judge(modified).final_o == 1);  // all that it says is owed is here
}

TEST_CASE("Status and poison end the read and say why", "[unit][root][R17][R25][R26]") {
  Judge judge;
  const std::pair<CplStatus, unsigned> ends[] = {{CplStatus::Ur, CfgReceivedUr},
                                                 {CplStatus::Ca, CfgReceivedCa},
                                                 {CplStatus::Rrs, CfgReceivedUr},
                                                 {CplStatus{5}, CfgReceivedUr}};
  for (const auto& [status, event] : ends) {
    Completion refused{.status = status, .tag = {9}};
    auto& p = judge(refused);
    CHECK(p.last_o == 1);
    CHECK(p.final_o == 1);
    CHECK(p.data_o == 0);
    CHECK(p.retry_o == 0);
    CHECK(p.event_o == event);
    refused.attributes.poisoned = true;
    CHECK(judge(refused).event_o == event);
    // It ends its request whatever Byte Count and Length say, with data too.
    for (const uint8_t kind : {uint8_t{0x0a}, uint8_t{0x4a}}) {
      pcie::RawTlp raw = pcie::encode(Completion{.status = status, .byte_count = 20, .tag = {9}});
      raw.hdr[0] = uint32_t{kind} << 24 | 1;
      CHECK(judge(raw).final_o == 1);
    }
  }
  pcie::RawTlp empty = pcie::encode(Completion{.byte_count = 20, .tag = {9}});
  empty.hdr[0] |= 1;  // Length is reserved where there are no data
  CHECK(judge(empty).final_o == 1);
  Completion poisoned = good();
  poisoned.attributes.poisoned = true;
  auto& p = judge(poisoned);
  CHECK(p.data_o == 0);
  CHECK(p.last_o == 1);
  CHECK(p.event_o == (CfgPoisoned | CfgPoisonedCpl));
}

TEST_CASE("Configuration requests may be retried and have one dword or none", "[unit][root][R19]") {
  Judge judge;
  auto& p = judge.module.pins();
  p.config_i = 1;
  judge({.status = CplStatus::Rrs, .tag = {9}});
  CHECK(p.retry_o == 1);
  CHECK(p.last_o == 0);
  CHECK(p.event_o == 0);
  judge({.tag = {9}, .payload = {1}});
  CHECK(p.data_o == 1);
  CHECK(p.last_o == 1);
  judge({.tag = {9}, .payload = {1, 2}});
  CHECK(p.event_o == CfgUnexpectedCpl);
  p.write_i = 1;
  judge({.tag = {9}});
  CHECK(p.last_o == 1);
  CHECK(p.event_o == 0);
  judge({.tag = {9}, .payload = {1}});
  CHECK(p.event_o == CfgUnexpectedCpl);
}

}  // namespace
}  // namespace cw::unit
