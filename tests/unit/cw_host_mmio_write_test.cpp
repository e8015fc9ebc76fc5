// SPDX-License-Identifier: Apache-2.0
#include <Vcw_host_mmio_write.h>

#include <vector>

#include "agent/axi_pins.hpp"
#include "agent/tlp_sink.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "unit/host_fields.hpp"

namespace cw::unit {
namespace {

using agent::AxiAddress;
using agent::AxiBurst;
using agent::AxiResp;

struct Beat {
  uint64_t data;
  unsigned strobes;
};

struct Writer {
  dut::Module<Vcw_host_mmio_write> module;
  agent::TlpSink posted{module.kernel(),
                        dut::channel(module.pins().p_ctl_o, module.pins().p_data_o,
                                     module.pins().p_valid_o, module.pins().p_ready_i),
                        agent::Rng(1, "p"), agent::Stall::Bursty};
  std::vector<HostOp> asked;
  Writer() {
    auto& p = module.pins();
    drive(p.state_i, RootPortState{});
    p.port_id_i = 0;
    p.s_aw_valid_i = p.s_w_valid_i = p.s_b_ready_i = p.op_done_i = 0;
    module.reset();
  }
  // One burst; accesses are answered after a clock.
  AxiResp write(const AxiAddress& address, const std::vector<Beat>& beats) {
    auto& p = module.pins();
    agent::AxiAddressPins(p.s_aw_i).set(address);
    p.s_aw_valid_i = 1;
    module.step();
    p.s_aw_valid_i = 0;
    for (size_t i = 0; i < beats.size(); ++i) {
      p.s_w_valid_i = 1;
      p.s_w_data_i = beats[i].data;
      p.s_w_strb_i = static_cast<uint8_t>(beats[i].strobes);
      p.s_w_last_i = i + 1 == beats.size();
      module.settle();
      REQUIRE(p.s_w_ready_o == 1);
      module.step();
    }
    p.s_w_valid_i = 0;
    for (unsigned cycles = 0;; ++cycles) {
      REQUIRE(cycles < 300);
      module.settle();
      if (p.s_b_valid_o) break;
      p.op_done_i = p.op_valid_o && cycles % 2;
      if (p.op_done_i) asked.push_back(host_op(p.op_o));
      module.step();
      p.op_done_i = 0;
    }
    const agent::AxiResponsePins b(p.s_b_o);
    CHECK(p.s_b_o >> 2 == address.id);
    const AxiResp resp = b.resp();
    p.s_b_ready_i = 1;
    module.step();
    p.s_b_ready_i = 0;
    return resp;
  }
};

TEST_CASE("A burst to memory leaves as posted requests before its response", "[unit][root][R05]") {
  Writer dut;
  CHECK(dut.write({.id = 3, .addr = 0x4000'0000, .len = 2, .size = 3},
                  {{0x0807'0605'0403'0201, 0xfe}, {0x1817'1615'1413'1211, 0xff}, {0, 0x00}}) ==
        AxiResp::Okay);
  REQUIRE(dut.posted.size() == 1);
  const pcie::RawTlp tlp = dut.posted.pop();
  CHECK(tlp.hdr[0] == 0x4000'0004);
  CHECK((tlp.hdr[1] & 0xff) == 0xfe);
  CHECK(tlp.hdr[2] == 0x4000'0000);
  CHECK(tlp.payload.size() == 4);
  CHECK(tlp.payload[3] == 0x1817'1615);
}

TEST_CASE("A write without strobes does nothing", "[unit][root]") {
  Writer dut;
  CHECK(dut.write({.addr = 0x4000'0000, .size = 3}, {{1, 0}}) == AxiResp::Okay);
  CHECK(dut.write({.addr = 0x3010'0000, .size = 3}, {{1, 0}}) == AxiResp::Okay);
  CHECK(dut.posted.empty());
  CHECK(dut.asked.empty());
}

TEST_CASE("Narrow beats are written where they lie", "[unit][root]") {
  Writer dut;
  dut.write({.addr = 0x4000'0002, .len = 3, .size = 1}, {{0x2222'0000, 0x0c},
                                                         {0x3333'0000'0000, 0x30},
                                                         {0x4444'0000'0000'0000, 0xc0},
                                                         {0x5555, 0x03}});
  REQUIRE(dut.posted.size() == 1);
  const pcie::RawTlp tlp = dut.posted.pop();
  CHECK((tlp.hdr[1] & 0xff) == 0x3c);
  CHECK(tlp.payload.size() == 3);
  CHECK(tlp.payload[1] == 0x4444'3333);
  CHECK((tlp.payload[2] & 0xffff) == 0x5555);
}

TEST_CASE("Configuration is written dword by dword with its byte enables", "[unit][root][R41]") {
  Writer dut;
  CHECK(dut.write({.addr = 0x3010'0010, .size = 3}, {{0x2222'2222'1111'1111, 0x6f}}) ==
        AxiResp::Okay);
  REQUIRE(dut.asked.size() == 2);
  CHECK(dut.asked[0].target == TargetConfig0);
  CHECK(dut.asked[0].addr == 0x3010'0010);
  CHECK(dut.asked[0].be == 0xf);
  CHECK((dut.asked[0].wdata & 0xffff'ffff) == 0x1111'1111);
  CHECK(dut.asked[1].addr == 0x3010'0014);
  CHECK(dut.asked[1].be == 0x6);
  CHECK((dut.asked[1].wdata & 0xffff'ffff) == 0x0022'2200);
}

TEST_CASE("The IOMMU is written in 4 or 8 bytes and in no others", "[unit][root]") {
  Writer dut;
  CHECK(dut.write({.addr = 0x1000'0008, .size = 3}, {{0x8877'6655'4433'2211, 0xff}}) ==
        AxiResp::Okay);
  CHECK(dut.write({.addr = 0x1000'0014, .size = 2}, {{0x9900'0000'0000, 0xf0}}) == AxiResp::Okay);
  CHECK(dut.write({.addr = 0x1000'0018, .size = 1}, {{0x1234, 0x03}}) == AxiResp::SlvErr);
  REQUIRE(dut.asked.size() == 2);
  CHECK(dut.asked[0].size8);
  CHECK(dut.asked[0].wdata == 0x8877'6655'4433'2211);
  CHECK(!dut.asked[1].size8);
  CHECK(dut.asked[1].addr == 0x1000'0014);
  CHECK((dut.asked[1].wdata & 0xffff'ffff) == 0x9900);
}

TEST_CASE("Bursts that are not served are taken whole and refused", "[unit][root]") {
  Writer dut;
  const std::vector<Beat> nine(9, {1, 0xff});
  CHECK(dut.write({.addr = 0x4000'0000, .len = 8, .size = 3}, nine) == AxiResp::SlvErr);
  CHECK(dut.write({.addr = 0x4000'0000, .size = 3, .burst = AxiBurst::Fixed}, {{1, 0xff}}) ==
        AxiResp::SlvErr);
  CHECK(dut.write({.addr = 0x8000'0000, .size = 3}, {{1, 0xff}}) == AxiResp::DecErr);
  CHECK(dut.write({.addr = 0x5000'0000, .size = 3}, {{1, 0xff}}) == AxiResp::Okay);
  CHECK(dut.posted.empty());
  CHECK(dut.asked.empty());
  CHECK(dut.write({.addr = 0x4000'0000, .size = 3}, {{1, 0xff}}) == AxiResp::Okay);
  CHECK(dut.posted.size() == 1);
}

}  // namespace
}  // namespace cw::unit
