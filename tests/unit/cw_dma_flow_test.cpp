// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_flow.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

struct Flow : dut::Module<Vcw_dma_flow> {
  Flow() {
    dut::clear_bits(pins().stream_in_i);
    dut::clear_bits(pins().stream_out_i);
    pins().pass_i = pins().stop_i = pins().grant_i = pins().tried_i = pins().done_i = 0;
    pins().whole_i = 0;
    reset();
  }
  void in(const StreamIn& s) { drive(pins().stream_in_i, s, S2h); }
  void out(const StreamOut& s) { drive(pins().stream_out_i, s, H2s); }
  bool flows(unsigned chan) {
    settle();
    return pins().flows_o >> chan & 1;
  }
  void grant(unsigned chan, uint32_t whole) {
    pins().grant_i = 1u << chan;
    pins().whole_i = whole;
    pins().tried_i = 1;
    settle();
  }
  // The clock ends; whether the chunk is issued.
  bool clock() {
    const bool done = !pins().waits_o;
    pins().done_i = done;
    step();
    pins().grant_i = pins().tried_i = pins().done_i = 0;
    settle();
    return done;
  }
  bool attempt(unsigned chan, uint32_t whole) {
    grant(chan, whole);
    return clock();
  }
};

TEST_CASE("DMA flow lets channels without a stream go", "[unit][dma][R57]") {
  Flow flow;
  for (const unsigned chan : {H2c, C2h, H2h, C2c}) {
    CHECK(flow.flows(chan));
    CHECK(flow.attempt(chan, 4096));
    CHECK(flow.flows(chan));
    flow.grant(chan, 4096);
    CHECK(flow.pins().most_o == 4096);
    CHECK_FALSE(flow.pins().ends_o);
    flow.clock();
  }
}

TEST_CASE("DMA flow waits until a chunk of a stream is whole", "[unit][dma][R57]") {
  Flow flow;
  CHECK(flow.flows(S2h));
  CHECK_FALSE(flow.attempt(S2h, 256));
  for (const uint32_t avail : {0u, 1u, 255u}) {
    flow.in({.avail = avail});
    CHECK_FALSE(flow.flows(S2h));
  }
  flow.in({.ptr = 0x1234, .avail = 256, .tuser = 3, .tid = 9});
  CHECK(flow.flows(S2h));
  flow.grant(S2h, 256);
  CHECK_FALSE(flow.pins().waits_o);
  CHECK_FALSE(flow.pins().ends_o);
  CHECK(flow.pins().most_o == 256);
  CHECK(flow.pins().src_o == 0x1234);
  CHECK(flow.pins().info_o == 0x309);
  CHECK(flow.clock());
  flow.in({.avail = 0});
  CHECK(flow.flows(S2h));  // the next one is tried
}

TEST_CASE("DMA flow lets a packet's last bytes go, however few", "[unit][dma]") {
  Flow flow;
  CHECK_FALSE(flow.attempt(S2h, 256));
  flow.in({.avail = 1, .ends = true});
  CHECK(flow.flows(S2h));
  flow.grant(S2h, 256);
  CHECK(flow.pins().ends_o);
  CHECK(flow.pins().most_o == 1);
  CHECK(flow.clock());
  flow.in({.avail = 300, .ends = true});  // the end is in a later chunk
  flow.grant(S2h, 256);
  CHECK_FALSE(flow.pins().ends_o);
  CHECK(flow.clock());
  flow.in({.avail = 256, .ends = true});  // all of the rest
  flow.grant(S2h, 256);
  CHECK(flow.pins().ends_o);
  CHECK(flow.clock());
}

TEST_CASE("DMA flow waits for room in an output's buffer", "[unit][dma][R57]") {
  Flow flow;
  flow.out({.ptr = 0x4321, .room = 255});
  CHECK(flow.flows(H2s));
  CHECK_FALSE(flow.attempt(H2s, 256));
  CHECK_FALSE(flow.flows(H2s));
  flow.out({.ptr = 0x4321, .room = 256});
  CHECK(flow.flows(H2s));
  flow.grant(H2s, 256);
  CHECK(flow.pins().dst_o == 0x4321);
  CHECK(flow.pins().most_o == 4096);
  CHECK_FALSE(flow.pins().ends_o);
  CHECK(flow.clock());
  flow.out({.room = 0});
  CHECK(flow.flows(H2s));
}

TEST_CASE("DMA flow forgets what a stopped transfer waited for", "[unit][dma][R44]") {
  for (const unsigned chan : {H2s, S2h}) {
    Flow flow;
    CHECK_FALSE(flow.attempt(chan, 256));
    CHECK_FALSE(flow.flows(chan));
    flow.pins().stop_i = 1u << chan;
    flow.step();
    flow.pins().stop_i = 0;
    CHECK(flow.flows(chan));
    flow.attempt(chan, 256);
    flow.reset();
    CHECK(flow.flows(chan));
  }
}

TEST_CASE("DMA flow lets a transfer go that moves nothing", "[unit][dma]") {
  Flow flow;
  CHECK_FALSE(flow.attempt(S2h, 256));
  flow.pins().pass_i = 1u << S2h;
  CHECK(flow.flows(S2h));
}

TEST_CASE("DMA flow changes nothing where no transfer is tried", "[unit][dma]") {
  Flow flow;
  flow.grant(S2h, 256);
  flow.pins().tried_i = 0;
  flow.clock();
  CHECK(flow.flows(S2h));
}

TEST_CASE("DMA flow raises the alarm when a packet ends without a byte", "[unit][dma]") {
  Flow flow;
  flow.in({.ends = true});
  flow.grant(S2h, 64);
  CHECK_THROWS_AS(flow.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
