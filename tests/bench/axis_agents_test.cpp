// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "agent/axis_sink.hpp"
#include "agent/axis_source.hpp"
#include "agent/tlp_assembler.hpp"
#include "catch_shim.hpp"

namespace {

using namespace cw::agent;
using namespace cw::dut::literals;
using cw::dut::Kernel;

template <size_t Lanes>
struct StreamWires {
  std::array<uint8_t, Lanes> data{};
  std::array<uint8_t, Lanes / 8> keep{};
  uint32_t side = 0;
  uint8_t valid = 0, ready = 0;
  AxisPins pins() {
    return {.data = data, .keep = keep, .side = side, .valid = valid, .ready = ready};
  }
};

template <size_t Lanes>
void send_and_compare(Stall source_stall, Stall sink_stall) {
  Kernel kernel;
  StreamWires<Lanes> wires;
  AxisSource source(kernel, wires.pins(), Rng(1, "source"), source_stall);
  AxisSink sink(kernel, wires.pins(), Rng(1, "sink"), sink_stall);
  Rng rng(1, "packets");
  std::deque<AxisPacket> expected;
  for (int i = 0; i < 100; ++i) {
    AxisPacket packet{.bytes = std::vector<uint8_t>(rng.range(1, 5 * Lanes)),
                      .tid = static_cast<uint8_t>(rng.u32()),
                      .tuser = static_cast<uint8_t>(rng.u32() & 0xfe)};
    for (uint8_t& byte : packet.bytes) byte = static_cast<uint8_t>(rng.u32());
    source.send(packet);
    expected.push_back(std::move(packet));
  }
  kernel.run_until([&] { return source.idle(); }, 200'000_cycles);
  CHECK(sink.received() == expected);
  CHECK(sink.beats() == source.beats());
  CHECK_FALSE(sink.inside_packet());
}

// A sink that is offered beats by hand.
struct Offered {
  Offered() : sink(kernel, wires.pins(), Rng(1, "sink")) { kernel.step(); }
  void beat(uint64_t keep, AxisSide side) {
    wires.pins().set({.data = std::vector<uint8_t>(8, 7), .keep = keep, .side = side});
    wires.valid = 1;
    kernel.step();
    wires.valid = 0;
  }
  Kernel kernel;
  StreamWires<8> wires;
  AxisSink sink;
};

}  // namespace

TEST_CASE("Packets cross a stream unchanged under every stall policy and width", "[bench][agent]") {
  for (const Stall source : kEveryStall) {
    for (const Stall sink : kEveryStall) {
      send_and_compare<8>(source, sink);
      send_and_compare<64>(source, sink);
    }
  }
}

TEST_CASE("A packet may be sent in parts", "[bench][agent]") {
  Kernel kernel;
  StreamWires<8> wires;
  AxisSource source(kernel, wires.pins(), Rng(1, "source"));
  AxisSink sink(kernel, wires.pins(), Rng(1, "sink"));
  source.send({.bytes = std::vector<uint8_t>(16, 1), .tid = 3}, /*with_last=*/false);
  kernel.run_until([&] { return source.idle(); }, 100_cycles);
  CHECK(sink.bytes_inside() == 16);
  source.send({.bytes = {2, 2}, .tid = 3});
  kernel.run_until([&] { return !sink.received().empty(); }, 100_cycles);
  CHECK(sink.pop().bytes.size() == 18);
  CHECK_THROWS_AS(source.send({.bytes = {1}}, /*with_last=*/false), std::logic_error);
}

TEST_CASE("A blocked sink and a blocked source move nothing", "[bench][agent]") {
  Kernel kernel;
  StreamWires<8> wires;
  AxisSource source(kernel, wires.pins(), Rng(1, "source"));
  AxisSink sink(kernel, wires.pins(), Rng(1, "sink"));
  source.block(true);
  source.send({.bytes = {1}});
  for (int i = 0; i < 20; ++i) kernel.step();
  CHECK(wires.valid == 0);
  source.block(false);
  sink.block(true);
  for (int i = 0; i < 20; ++i) kernel.step();
  CHECK(wires.valid == 1);
  CHECK(sink.received().empty());
  sink.block(false);
  kernel.run_until([&] { return source.idle(); }, 20_cycles);
  CHECK(sink.received().size() == 1);
}

TEST_CASE("The sink refuses an offer that is taken back or changed", "[bench][agent]") {
  const bool taken_back = GENERATE(true, false);
  Offered bench;
  bench.sink.block(true);
  bench.kernel.step();
  bench.beat(0xff, {});
  bench.wires.valid = !taken_back;
  bench.wires.data[7] = taken_back ? 7 : 8;
  CHECK_THROWS_AS(bench.kernel.step(), ProtocolViolation);
}

TEST_CASE("The sink refuses a TKEEP with holes, without a byte, or partial before the end",
          "[bench][agent]") {
  const std::pair<uint64_t, bool> bad =
      GENERATE(std::pair{0xfdull, true}, std::pair{0xfeull, true}, std::pair{0ull, true},
               std::pair{0x7full, false}, std::pair{0ull, false});
  Offered bench;
  CHECK_THROWS_AS(bench.beat(bad.first, {.last = bad.second}), ProtocolViolation);
}

TEST_CASE("The sink refuses a TID or TUSER that changes, but for the mark of a cut",
          "[bench][agent]") {
  for (const AxisSide& bad : {AxisSide{.tid = 1, .tuser = 2}, AxisSide{.tid = 4, .tuser = 3},
                              AxisSide{.last = true, .tid = 4, .tuser = 6}}) {
    Offered bench;
    bench.beat(0xff, {.tid = 4, .tuser = 2});
    CHECK_THROWS_AS(bench.beat(0xff, bad), ProtocolViolation);
  }
  Offered bench;
  bench.beat(0xff, {.tid = 4, .tuser = 2});
  bench.beat(0x01, {.last = true, .tid = 4, .tuser = 3});
  CHECK(bench.sink.pop() ==
        AxisPacket{.bytes = std::vector<uint8_t>(9, 7), .tid = 4, .tuser = 2, .cut = true});
}
