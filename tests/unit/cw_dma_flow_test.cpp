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
    for (const unsigned chan : {H2c, C2h, H2h, C2c}) {  // these have no stream: it says nothing
      drive(pins().stream_in_i,
            StreamIn{.ptr = 0xffff, .avail = 9, .ends = true, .tuser = 255, .tid = 255}, chan);
      drive(pins().stream_out_i, StreamOut{.ptr = 0xffff, .room = 9}, chan);
    }
    pins().grant_i = pins().direct_i = pins().new_valid_i = 0;
    pins().bytes_i = pins().new_bytes_i = pins().new_chan_i = 0;
    reset();
  }
  void in(const StreamIn& s) { drive(pins().stream_in_i, s, S2h); }
  void out(const StreamOut& s) { drive(pins().stream_out_i, s, H2s); }
  // A new chunk, which is granted if it does not wait.
  bool offer(unsigned chan, uint32_t bytes) {
    pins().new_chan_i = chan;
    pins().new_bytes_i = pins().bytes_i = bytes;
    pins().new_valid_i = pins().direct_i = 1;
    pins().grant_i = 1u << chan;
    settle();
    return !pins().new_waits_o;
  }
  void clock() {
    step();
    pins().new_valid_i = pins().direct_i = 0;
    pins().grant_i = 0;
    pins().new_bytes_i = 1;  // says nothing
    settle();
  }
  // One that is kept.
  bool flows(unsigned chan) {
    settle();
    return pins().flows_o >> chan & 1;
  }
  void grant(unsigned chan, uint32_t bytes) {
    pins().grant_i = 1u << chan;
    pins().bytes_i = bytes;
    settle();
  }
};

TEST_CASE("DMA flow lets channels without a stream go", "[unit][dma][R57]") {
  Flow flow;
  for (const unsigned chan : {H2c, C2h, H2h, C2c}) {
    CHECK(flow.offer(chan, 4096));
    CHECK(flow.pins().bytes_o == 4096);
    CHECK_FALSE(flow.pins().ends_o);
    CHECK(flow.pins().src_o == 0);
    CHECK(flow.pins().dst_o == 0);
    flow.clock();
    CHECK(flow.flows(chan));
    flow.grant(chan, 77);
    CHECK(flow.pins().bytes_o == 77);
    CHECK_FALSE(flow.pins().ends_o);
  }
}

TEST_CASE("DMA flow waits until a chunk of a stream is whole", "[unit][dma][R57]") {
  Flow flow;
  CHECK_FALSE(flow.offer(S2h, 256));
  flow.clock();
  for (const uint32_t avail : {0u, 1u, 255u}) {
    flow.in({.avail = avail});
    CHECK_FALSE(flow.flows(S2h));
  }
  for (const uint32_t avail : {256u, 257u}) {
    flow.in({.ptr = 0x1234, .avail = avail, .tuser = 3, .tid = 9});
    CHECK(flow.flows(S2h));
    flow.grant(S2h, 256);
    CHECK_FALSE(flow.pins().ends_o);
    CHECK(flow.pins().bytes_o == 256);
    CHECK(flow.pins().src_o == 0x1234);
    CHECK(flow.pins().info_o == 0x309);
  }
}

TEST_CASE("DMA flow lets a packet's last bytes go, however few", "[unit][dma]") {
  for (const bool at_once : {false, true}) {
    Flow flow;
    if (at_once) flow.in({.avail = 1, .ends = true});
    CHECK(flow.offer(S2h, 256) == at_once);
    if (!at_once) {
      flow.clock();
      flow.in({.avail = 1, .ends = true});
      CHECK(flow.flows(S2h));
      flow.grant(S2h, 256);
    }
    CHECK(flow.pins().ends_o);
    CHECK(flow.pins().bytes_o == 1);
    flow.in({.avail = 257, .ends = true});  // the end is in a later chunk
    flow.settle();
    CHECK_FALSE(flow.pins().ends_o);
    CHECK(flow.pins().bytes_o == 256);
    flow.in({.avail = 256, .ends = true});  // all of the rest
    flow.settle();
    CHECK(flow.pins().ends_o);
    CHECK(flow.pins().bytes_o == 256);
  }
}

TEST_CASE("DMA flow takes a new chunk of a stream that has it", "[unit][dma]") {
  Flow flow;
  flow.in({.avail = 255});
  CHECK_FALSE(flow.offer(S2h, 256));
  flow.in({.ptr = 0x10, .avail = 256});
  CHECK(flow.offer(S2h, 256));
  CHECK(flow.pins().bytes_o == 256);
  CHECK_FALSE(flow.pins().ends_o);
  CHECK(flow.pins().dst_o == 0);
  flow.out({.ptr = 0x4321, .room = 255});
  CHECK(flow.offer(S2h, 256));
  CHECK(flow.pins().dst_o == 0);
  CHECK_FALSE(flow.offer(H2s, 256));
  CHECK(flow.pins().src_o == 0);
  flow.out({.ptr = 0x4321, .room = 256});
  CHECK(flow.offer(H2s, 256));
  CHECK(flow.pins().bytes_o == 256);
  CHECK(flow.pins().dst_o == 0x4321);
}

TEST_CASE("DMA flow waits for room in an output's buffer", "[unit][dma][R57]") {
  Flow flow;
  CHECK_FALSE(flow.offer(H2s, 256));
  flow.clock();
  flow.out({.ptr = 0x4321, .room = 255});
  CHECK_FALSE(flow.flows(H2s));
  flow.out({.ptr = 0x4321, .room = 0x2000});
  CHECK(flow.flows(H2s));
  flow.grant(H2s, 256);
  CHECK(flow.pins().dst_o == 0x4321);
  CHECK(flow.pins().bytes_o == 256);
  CHECK_FALSE(flow.pins().ends_o);
}

TEST_CASE("DMA flow asks for what the last chunk of the channel needs", "[unit][dma]") {
  Flow flow;
  flow.in({.avail = 100});
  flow.offer(S2h, 256);
  flow.clock();
  flow.offer(H2s, 5);  // another's says nothing
  flow.clock();
  CHECK_FALSE(flow.flows(S2h));
  flow.offer(S2h, 100);
  flow.clock();
  CHECK(flow.flows(S2h));
  flow.offer(S2h, 256);
  flow.pins().new_valid_i = 0;
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
