// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "agent/tlp_monitor.hpp"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "pcie/codec.hpp"

namespace {

using namespace cw::agent;
using namespace cw::dut::literals;
using cw::dut::channel;
using cw::dut::Kernel;
using cw::dut::TlpCtl;
using cw::pcie::RawTlp;

template <size_t DataDw>
struct Wire {
  std::array<uint32_t, cw::dut::kTlpCtlWords> ctl{};
  std::array<uint32_t, DataDw> data{};
  uint8_t valid = 0;
  uint8_t ready = 0;
  cw::dut::ChannelPins pins() { return channel(ctl, data, valid, ready); }
};

RawTlp random_tlp(Rng& rng) {
  RawTlp tlp;
  for (uint32_t& dword : tlp.hdr) dword = rng.u32();
  tlp.payload.resize(rng.range(0, 40));
  for (uint32_t& dword : tlp.payload) dword = rng.u32();
  tlp.error = rng.chance(10);
  if (rng.chance(20)) tlp.prefix = rng.u32();
  if (cw::pcie::has_digest(tlp)) tlp.digest = rng.u32();
  return tlp;
}

template <size_t DataDw>
void send_and_compare(Stall source_stall, Stall sink_stall) {
  Kernel kernel;
  Wire<DataDw> wire;
  TlpSource source(kernel, wire.pins(), Rng(1, "source"), source_stall);
  TlpSink sink(kernel, wire.pins(), Rng(1, "sink"), sink_stall);
  TlpMonitor monitor(kernel, wire.pins());
  Rng rng(1, "tlps");
  std::deque<RawTlp> expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back(random_tlp(rng));
    source.send(expected.back());
  }
  kernel.run_until([&] { return source.idle(); }, 200'000_cycles);
  CHECK(sink.received() == expected);
  CHECK(monitor.tlps() == 100);
  CHECK(source.sent() == 100);
}

}  // namespace

TEST_CASE("TLPs cross a channel unchanged under every stall policy and width", "[bench][agent]") {
  for (const Stall source : kEveryStall) {
    for (const Stall sink : kEveryStall) {
      send_and_compare<2>(source, sink);
      send_and_compare<16>(source, sink);
    }
  }
}

TEST_CASE("A source without stalls fills every cycle", "[bench][agent]") {
  Kernel kernel;
  Wire<8> wire;
  TlpSource source(kernel, wire.pins(), Rng(1, "source"));
  TlpSink sink(kernel, wire.pins(), Rng(1, "sink"));
  for (int i = 0; i < 50; ++i) source.send({.payload = std::vector<uint32_t>(16)});
  kernel.run_until([&] { return source.idle(); }, 102_cycles);
  CHECK(kernel.now() >= 100_cycles);
}

TEST_CASE("A sink hands out a TLP that arrives later", "[bench][agent]") {
  Kernel kernel;
  Wire<8> wire;
  TlpSource source(kernel, wire.pins(), Rng(1, "source"));
  TlpSink sink(kernel, wire.pins(), Rng(1, "sink"));
  auto later = kernel.start("reader", sink.next(100_cycles));
  kernel.step();
  source.send({.hdr = {1, 2, 3, 4}});
  CHECK(later.wait().hdr == std::array<uint32_t, 4>{1, 2, 3, 4});
  CHECK_THROWS_AS(kernel.run(sink.next(10_cycles)), cw::dut::Timeout);
}

TEST_CASE("The monitor refuses a beat that changes while it is stalled", "[bench][agent]") {
  Kernel kernel;
  Wire<8> wire;
  TlpMonitor monitor(kernel, wire.pins());
  wire.pins().drive_ctl({.eop = true, .sop = true});
  wire.valid = 1;
  SECTION("withdrawn") {
    kernel.step();
    wire.valid = 0;
    CHECK_THROWS_AS(kernel.step(), ProtocolViolation);
  }
  SECTION("changed data") {
    kernel.step();
    wire.data[7] ^= 1;
    CHECK_THROWS_AS(kernel.step(), ProtocolViolation);
  }
  SECTION("held") {
    kernel.step();
    wire.ready = 1;
    CHECK_NOTHROW(kernel.step());
    CHECK(monitor.tlps() == 1);
  }
}

TEST_CASE("The monitor refuses broken framing", "[bench][agent]") {
  Kernel kernel;
  Wire<8> wire;
  TlpMonitor monitor(kernel, wire.pins());
  wire.valid = wire.ready = 1;
  const auto drive = [&](const TlpCtl& ctl) { wire.pins().drive_ctl(ctl); };
  SECTION("no sop") {
    drive({.eop = true});
    CHECK_THROWS_AS(kernel.step(), ProtocolViolation);
  }
  SECTION("sop twice") {
    drive({.strb = 0xff, .sop = true});
    kernel.step();
    CHECK_THROWS_AS(kernel.step(), ProtocolViolation);
  }
  SECTION("a partial beat before the last") {
    drive({.strb = 0x7f, .sop = true});
    CHECK_THROWS_AS(kernel.step(), ProtocolViolation);
  }
  SECTION("holes in the strobes") {
    drive({.strb = 0x05, .eop = true, .sop = true});
    CHECK_THROWS_AS(kernel.step(), ProtocolViolation);
  }
}

TEST_CASE("The monitor refuses a malformed TLP where none may pass", "[bench][agent]") {
  Kernel kernel;
  Wire<8> wire;
  TlpMonitor monitor(kernel, wire.pins(), {.name = "link", .well_formed = true});
  wire.valid = wire.ready = 1;
  RawTlp tlp = cw::pcie::encode(cw::pcie::MemRead{.address = {0xfc0}, .length_bytes = 64});
  wire.pins().drive_ctl({.hdr = tlp.hdr, .eop = true, .sop = true});
  CHECK_NOTHROW(kernel.step());
  wire.pins().drive_ctl(
      {.hdr = {tlp.hdr[0] + 1, tlp.hdr[1], tlp.hdr[2]}, .eop = true, .sop = true});
  CHECK_THROWS_AS(kernel.step(), ProtocolViolation);
}

TEST_CASE("A tape gives the same choices whatever other tapes do", "[bench][agent]") {
  Rng first(7, "a"), again(7, "a"), other(7, "b"), reseeded(8, "a");
  const uint64_t value = first.u64();
  CHECK(value == again.u64());
  CHECK(value != other.u64());
  CHECK(value != reseeded.u64());
}
