// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64 Channels=12
// cw-variant: W=64 Channels=4
#include <array>
#include <memory>
#include <vector>

#include "Vcw_dma_streams.h"
#include "Vcw_dma_streams_w64_channels12.h"
#include "Vcw_dma_streams_w64_channels4.h"
#include "agent/axis_sink.hpp"
#include "agent/axis_source.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using dut::operator""_cycles;
using Bytes = std::vector<uint8_t>;

template <class V>
struct Streams : dut::Module<V> {
  static constexpr unsigned kBeat = sizeof(V::wr_data_i);

  Streams() {
    auto& p = this->pins();
    p.reserve_valid_i = p.abort_i = p.take_valid_i = p.wr_valid_i = p.rd_valid_i = 0;
    p.h2s_ready_i = p.s2h_valid_i = p.flush_i = 0;
    this->reset();
    this->step(1100_cycles);  // the buffers have been cleared
  }
  StreamIn in(unsigned chan) {
    this->settle();
    return stream_in(this->pins().stream_in_o, chan);
  }
  // A packet of one whole beat.
  void write(unsigned chan, const Bytes& data, unsigned tid) {
    auto& p = this->pins();
    this->settle();
    const unsigned at = stream_out(p.stream_out_o, chan).ptr;
    drive(p.reserve_i, Reserve{.bytes = kBeat, .packet_end = true, .tid = tid});
    p.reserve_valid_i = static_cast<uint16_t>(1u << chan);
    this->step();
    p.reserve_valid_i = 0;
    drive(p.wr_i, CardWrite{.addr = at, .beats = 1, .first = true, .last = true, .pad = true});
    p.wr_chan_i = chan & 15;
    drive_bytes(p.wr_data_i, data);
    dut::set_bits(p.wr_strb_i, 0, kBeat, ~uint64_t{0});
    p.wr_valid_i = 1;
    this->run_until([&] { return p.wr_ready_o; }, 10_cycles);
    this->step();
    p.wr_valid_i = 0;
  }
  Bytes read(unsigned chan) {
    auto& p = this->pins();
    p.rd_addr_i = in(chan).ptr;
    p.rd_chan_i = chan & 15;
    p.take_bytes_i = kBeat;
    p.take_valid_i = static_cast<uint16_t>(1u << chan);
    this->step();
    p.take_valid_i = 0;
    p.rd_valid_i = 1;
    this->step();
    p.rd_valid_i = 0;
    this->step();
    this->settle();
    return get_bytes(p.rd_rdata_o, 0, kBeat);
  }
};

TEST_CASE("DMA streams: what is written to a channel leaves by its own output",
          "[unit][dma][R57]") {
  Streams<Vcw_dma_streams_w64_channels12> s;
  auto& p = s.pins();
  constexpr unsigned kBeat = 8;
  for (const unsigned port : {1u, 0u}) {
    const unsigned chan = 4 + 6 * port;
    const Bytes data{1, 2, 3, 4, 5, 6, 7, static_cast<uint8_t>(port)};
    s.write(chan, data, 0x40 + port);
    p.h2s_ready_i = 0;
    s.run_until([&] { return p.h2s_valid_o; }, 20_cycles);
    CHECK(p.h2s_valid_o == 1u << port);
    CHECK(get_bytes(p.h2s_data_o, port * kBeat, kBeat) == data);
    CHECK(dut::get_bits(p.h2s_o, 17 * port + 8, 8) == 0x40 + port);
    CHECK(dut::get_bits(p.h2s_o, 17 * port + 16, 1) == 1);
    p.h2s_ready_i = static_cast<uint8_t>(1u << port);
    s.step();
    s.settle();
    CHECK(p.h2s_valid_o == 0);
  }
}

TEST_CASE("DMA streams: what comes by an input is its own channel's", "[unit][dma][R57]") {
  Streams<Vcw_dma_streams_w64_channels12> s;
  auto& p = s.pins();
  constexpr unsigned kBeat = 8;
  const auto data = [](unsigned port) {
    return Bytes{9, 8, 7, 6, 5, 4, 3, static_cast<uint8_t>(port)};
  };
  for (const unsigned port : {0u, 1u}) {
    drive_bytes(p.s2h_data_i, data(port), port * kBeat);
    dut::set_bits(p.s2h_keep_i, port * kBeat, kBeat, 0xff);
    dut::set_bits(p.s2h_i, 17 * port, 17, 1u << 16);
  }
  p.s2h_valid_i = 2;
  s.run_until([&] { return p.s2h_ready_o & 2; }, 10_cycles);
  s.step();
  p.s2h_valid_i = 0;
  s.run_until([&] { return s.in(11).avail == kBeat; }, 10_cycles);
  CHECK(s.in(5).avail == 0);
  p.s2h_valid_i = 1;
  s.run_until([&] { return p.s2h_ready_o & 1; }, 10_cycles);
  s.step();
  p.s2h_valid_i = 0;
  s.run_until([&] { return s.in(5).avail == kBeat; }, 10_cycles);
  CHECK(s.read(11) == data(1));
  CHECK(s.read(5) == data(0));
}

TEST_CASE("DMA streams: a build without streams offers and takes nothing", "[unit][dma]") {
  Streams<Vcw_dma_streams_w64_channels4> s;
  auto& p = s.pins();
  p.h2s_ready_i = p.s2h_valid_i = 1;
  for (unsigned n = 0; n < 20; ++n) {
    s.settle();
    CHECK(p.h2s_valid_o == 0);
    CHECK(p.s2h_ready_o == 0);
    s.step();
  }
}

TEST_CASE("DMA streams: beats of a channel that has no stream are caught", "[unit][dma]") {
  Streams<Vcw_dma_streams> s;
  auto& p = s.pins();
  p.wr_chan_i = H2c;
  p.wr_valid_i = 1;
  CHECK_THROWS_AS(s.step(), dut::AssertionFailed);
  Streams<Vcw_dma_streams> t;
  t.pins().rd_chan_i = H2s;
  t.pins().rd_valid_i = 1;
  CHECK_THROWS_AS(t.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
