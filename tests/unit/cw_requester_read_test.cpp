// SPDX-License-Identifier: Apache-2.0
#include "Vcw_requester_read.h"
#include "agent/tlp_sink.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "unit/requester_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

constexpr uint64_t kIova = 0x4'0000'0000;

struct Bench {
  Bench()
      : np(module.kernel(),
           dut::channel(p().np_ctl_o, p().np_data_o, p().np_valid_o, p().np_ready_i),
           agent::Rng(1, "np")) {
    drive(p().state_i, CfgState{});
    p().rd_valid_i = p().freed_i = p().stop_i = 0;
    p().tag_i = 0;
    p().tag_valid_i = 1;
    module.reset();
  }
  Vcw_requester_read& p() { return module.pins(); }
  void offer(const Read& read) {
    drive(p().rd_req_i, read);
    p().rd_valid_i |= 1u << read.client;
    module.settle();
  }
  // Offers until taken; the tag counts up.
  bool issue(const Read& read, unsigned budget = 4) {
    offer(read);
    while (!(p().rd_ready_o >> read.client & 1) && budget--) step();
    const bool taken = p().rd_ready_o >> read.client & 1;
    if (taken) {
      CHECK(p().issue_o);
      step();
      ++p().tag_i;
    }
    p().rd_valid_i = 0;
    return taken;
  }
  void step() {
    module.step();
    module.settle();
  }
  pcie::RawTlp request() {
    module.run_until([&] { return !np.empty(); }, dut::Cycles{10});
    return np.pop();
  }
  dut::Module<Vcw_requester_read> module;
  agent::TlpSink np;
};

}  // namespace

TEST_CASE("a read becomes an MRd with its length, byte enables, id and tag",
          "[unit][requester][R03][R04][R05][R12]") {
  Bench bench;
  bench.p().tag_i = 17;
  bench.issue({.client = 1, .iova = kIova + 3, .bytes = 6, .dest = 0x1234, .mark = 0xf07});
  CHECK(owed(bench.p().owed_o).requester_id == 0x0500);
  pcie::RawTlp tlp = bench.request();
  CHECK(tlp.hdr == std::array<uint32_t, 4>{0x2000'0003, 0x0500'1118, 4, 0});
  CHECK(tlp.payload.empty());
  bench.issue({.client = 1, .iova = 0x8000'1000, .bytes = 4096});
  tlp = bench.request();
  CHECK(tlp.hdr == std::array<uint32_t, 4>{0x0000'0000, 0x0500'12ff, 0x8000'1000, 0});
}

TEST_CASE("what a read is owed goes to the tag table with it", "[unit][requester][R23][R34]") {
  Bench bench;
  bench.offer({.client = 1,
               .iova = kIova + 0x7f,
               .bytes = 66,
               .dest = 0x1234'5678'abcd'ef01,
               .mark = 0x803});
  CHECK(owed(bench.p().owed_o) == Owed{.requester_id = 0x0500,
                                       .client = 1,
                                       .mark = 0x803,
                                       .blocks = 3,
                                       .dest = 0x1234'5678'abcd'ef01,
                                       .lower_addr = 0x7f,
                                       .bytes = 66});
}

TEST_CASE("nothing is read without a bus number, bus mastership or full power",
          "[unit][requester][R09][R10]") {
  Bench bench;
  CfgState state;
  SECTION("no bus number yet") { state.id_valid = false; }
  SECTION("bus mastership off") { state.bus_master = false; }
  SECTION("D3hot") { state.power = 3; }
  SECTION("D1") { state.power = 1; }
  drive(bench.p().state_i, state);
  CHECK_FALSE(bench.issue({.iova = kIova, .bytes = 64}));
  CHECK(bench.np.empty());
  drive(bench.p().state_i, CfgState{});
  CHECK(bench.issue({.iova = kIova, .bytes = 64}));
}

TEST_CASE("nothing is read while the function is to be reset", "[unit][requester][R43]") {
  Bench bench;
  bench.p().stop_i = 1;
  CHECK_FALSE(bench.issue({.iova = kIova, .bytes = 64}));
  bench.p().stop_i = 0;
  CHECK(bench.issue({.iova = kIova, .bytes = 64}));
}

TEST_CASE("tag and attributes are noted as they were sent", "[unit][requester][R11][R12]") {
  Bench bench;
  drive(bench.p().state_i, CfgState{.allowed = {.ido = true, .no_snoop = true}, .tag10 = true});
  bench.p().tag_i = 9;
  bench.offer({.iova = kIova, .bytes = 64, .attr = {.ido = true, .relaxed = true}});
  CHECK(owed(bench.p().owed_o).tag10);
  CHECK(owed(bench.p().owed_o).attr == Attr{.ido = true});
  bench.issue({.iova = kIova, .bytes = 64, .attr = {.ido = true, .relaxed = true}});
  const pcie::RawTlp request = bench.request();
  CHECK(tag_of(request) == 0x109);
  CHECK(attr_of(request) == Attr{.ido = true});
}

TEST_CASE("the id is that of the last capture", "[unit][requester][R09]") {
  Bench bench;
  drive(bench.p().state_i, CfgState{.id = 0x3a08});
  bench.issue({.iova = kIova, .bytes = 64});
  CHECK(bench.request().hdr[1] >> 16 == 0x3a08);
}

TEST_CASE("no read without a tag", "[unit][requester][R12]") {
  Bench bench;
  bench.p().tag_valid_i = 0;
  CHECK_FALSE(bench.issue({.iova = kIova, .bytes = 64}));
}

TEST_CASE("all completions of all reads always have room", "[unit][requester][R34]") {
  Bench bench;
  // 16 KiB: 4 KiB reads at a block boundary touch 64 blocks, others 65.
  for (unsigned i = 0; i < 3; ++i) CHECK(bench.issue({.iova = kIova, .bytes = 4096}));
  CHECK(bench.issue({.iova = kIova + 1, .bytes = 4032}));
  CHECK_FALSE(bench.issue({.client = 1, .iova = kIova + 63, .bytes = 2}));
  bench.p().freed_blocks_i = 2;
  bench.p().freed_i = 1;
  bench.step();
  bench.p().freed_i = 0;
  CHECK(bench.issue({.client = 1, .iova = kIova + 63, .bytes = 2}));
  CHECK_FALSE(bench.issue({.client = 1, .iova = kIova, .bytes = 1}));
}

TEST_CASE("a request that waits does not change, nor give way", "[unit][requester][R34]") {
  Bench bench;
  bench.np.block(true);
  bench.step();
  bench.issue({.client = 0, .iova = kIova, .bytes = 64});
  bench.offer({.client = 0, .iova = kIova + 64, .bytes = 64});
  for (unsigned i = 0; i < 20; ++i) bench.step();
  CHECK(bench.p().rd_ready_o == 0);
  bench.np.block(false);
  CHECK(bench.request().hdr[3] == 0);
}

TEST_CASE("one read every clock, fair among clients", "[unit][requester][performance]") {
  Bench bench;
  for (unsigned c = 0; c < 2; ++c) bench.offer({.client = c, .iova = kIova + c * 64, .bytes = 4});
  bench.step();
  std::array<unsigned, 2> taken{};
  for (unsigned i = 0; i < 60; ++i) {
    REQUIRE(bench.p().issue_o);
    for (unsigned c = 0; c < 2; ++c) taken[c] += bench.p().rd_ready_o >> c & 1;
    bench.step();
  }
  CHECK(taken == std::array<unsigned, 2>{30, 30});
}

TEST_CASE("a read that breaks its client's contract is an alarm", "[unit][requester][R01][R02]") {
  Bench bench;
  Read read{.iova = kIova, .bytes = 128};
  SECTION("across 4 KiB") { read.iova += 4000; }
  SECTION("more than Max_Read_Request_Size") {
    drive(bench.p().state_i, CfgState{.max_read_request = 0});
    read.bytes = 129;
  }
  SECTION("of nothing") { read.bytes = 0; }
  CHECK_THROWS_AS(bench.issue(read), dut::AssertionFailed);
}
