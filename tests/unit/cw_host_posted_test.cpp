// SPDX-License-Identifier: Apache-2.0
#include <Vcw_host_posted.h>

#include <bit>
#include <vector>

#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "pcie/byte_enables.hpp"
#include "pcie/codec.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kBeatDw = 8;

// The write buffer's part is played here: enables of 16 dwords, each dword its own number.
struct Cutter {
  dut::Module<Vcw_host_posted> module;
  uint64_t addr = 0, enables = 0;
  uint32_t first_dword = 0;
  std::vector<pcie::RawTlp> sent;

  Cutter() {
    module.pins().go_i = 0;
    module.pins().p_ready_i = 0;
    module.reset();
  }
  void run(uint64_t at, uint64_t byte_enables, agent::Rng& rng) {
    auto& p = module.pins();
    addr = at;
    enables = byte_enables;
    first_dword = 0;
    const auto channel = dut::channel(p.p_ctl_o, p.p_data_o, p.p_valid_o, p.p_ready_i);
    for (unsigned cycles = 0; enables; ++cycles) {
      REQUIRE(cycles < 200);
      p.go_i = 1;
      p.addr_i = addr;
      p.be_i = enables;
      for (unsigned i = 0; i < kBeatDw; ++i)
        channel.drive_lane(i, 0), p.data_i[i] = first_dword + i;
      p.p_ready_i = rng.chance(50);
      module.settle();
      if (channel.transfers()) take(channel);
      const bool skip = p.skip_o, beat = p.beat_o, done = p.done_o;
      const unsigned done_dw = p.done_dw_o;
      module.step();
      const unsigned down = skip ? 1 : beat ? kBeatDw : 0;
      addr += 4 * down;
      first_dword += down;
      enables >>= 4 * down;
      if (done) enables &= done_dw < 16 ? ~uint64_t{0} << 4 * done_dw : 0;
    }
    p.go_i = 0;
    module.settle();
  }
  void take(const dut::ChannelPins& channel) {
    const dut::TlpCtl ctl = channel.ctl();
    if (ctl.sop) sent.push_back({.hdr = ctl.hdr});
    for (unsigned i = 0; i < static_cast<unsigned>(std::popcount(ctl.strb)); ++i) {
      sent.back().payload.push_back(first_dword + i);
    }
  }
};

struct Header {
  uint64_t addr;
  uint32_t length;
  uint8_t first, last;
  bool operator==(const Header&) const = default;
};
Header header(const pcie::RawTlp& tlp) {
  const bool wide = tlp.hdr[0] >> 29 & 1;
  return {.addr = wide ? uint64_t{tlp.hdr[2]} << 32 | tlp.hdr[3] : tlp.hdr[2],
          .length = pcie::length_dw(tlp),
          .first = static_cast<uint8_t>(tlp.hdr[1] & 15),
          .last = static_cast<uint8_t>(tlp.hdr[1] >> 4 & 15)};
}

TEST_CASE("A write without holes is one request", "[unit][root][R04][R05]") {
  Cutter dut;
  agent::Rng rng(1, "ready");
  dut.run(0x4000'0000, ~uint64_t{0}, rng);
  dut.run(0x10'0000'0ff8, 0x7c, rng);
  REQUIRE(dut.sent.size() == 2);
  CHECK(header(dut.sent[0]) == Header{0x4000'0000, 16, 0xf, 0xf});
  CHECK(dut.sent[0].payload.size() == 16);
  CHECK(header(dut.sent[1]) == Header{0x10'0000'0ff8, 2, 0xc, 0x7});
}

TEST_CASE("A write with holes becomes legal requests for exactly its bytes", "[unit][root][R05]") {
  Cutter dut;
  agent::Rng rng(2, "strobes");
  for (unsigned i = 0; i < 200; ++i) {
    uint64_t strobes = rng.u64();
    if (rng.chance(50)) strobes |= rng.u64() | rng.u64();  // fewer holes
    if (rng.chance(20)) strobes &= rng.u64() & rng.u64();
    const uint64_t base = 0x4000'0000 + 64 * rng.range(0, 63);
    dut.sent.clear();
    dut.run(base, strobes, rng);
    uint64_t written = 0;
    for (const pcie::RawTlp& tlp : dut.sent) {
      const Header h = header(tlp);
      CHECK(
          pcie::byte_enables_legal({.first = h.first, .last = h.last}, h.length, h.addr % 8 == 0));
      REQUIRE(tlp.payload.size() == h.length);
      for (uint32_t dw = 0; dw < h.length; ++dw) {
        const auto index = static_cast<uint32_t>((h.addr - base) / 4 + dw);
        CHECK(tlp.payload[dw] == index);
        const uint64_t be = dw == 0 ? h.first : dw + 1 == h.length ? h.last : 0xf;
        CHECK((written >> 4 * index & be) == 0);
        written |= be << 4 * index;
      }
    }
    CHECK(written == strobes);
  }
}

}  // namespace
}  // namespace cw::unit
