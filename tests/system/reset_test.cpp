// SPDX-License-Identifier: Apache-2.0
//
// Resets of the endpoint in the midst of DMA, as an operating system asks for them.
#include "catch_shim.hpp"
#include "env/function_reset.hpp"
#include "env/memory_check.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

constexpr uint16_t kErrorsDetected = 0xf;  // of Device Status
constexpr pcie::Bdf kRootPort{};
constexpr uint64_t kAxi = uint64_t{1} << model::kDmaCardAxiBit;

// A fabric without a scoreboard: who is reset owes nothing, and what it had begun may be in memory
// or not. Memory that no descriptor names must not change; the link keeps its rules all along.
struct ResetFabric {
  explicit ResetFabric(const Setup& setup)
      : system(setup.system),
        link(system.down(), system.up()),
        up(system, setup.bringup),
        rng(system.rng("test")) {
    for (auto& canary : canaries) canary = filled(4096);
  }

  struct Filled {
    DmaSpace::Buffer buffer;
    std::vector<uint8_t> data;
  };
  Filled filled(uint64_t bytes) {
    Filled made{up.space.map(bytes), std::vector<uint8_t>(bytes)};
    for (uint8_t& byte : made.data) byte = static_cast<uint8_t>(rng.u32());
    up.space.write(made.buffer, 0, made.data);
    return made;
  }
  std::vector<uint8_t> contents(const DmaSpace::Buffer& buffer) const {
    std::vector<uint8_t> data(buffer.bytes);
    up.space.read(buffer, 0, data);
    return data;
  }
  void submit(DmaDriver& channel, const DmaSpace::Buffer& buffer, uint64_t card_addr) {
    channel.submit({.segments = {{.iova = buffer.iova,
                                  .card_addr = card_addr,
                                  .bytes = static_cast<uint32_t>(buffer.bytes)}},
                    .irq = true});
  }
  // Both directions at work, for a random while.
  void load() {
    for (unsigned n = 0; n < 4; ++n) {
      submit(up.h2c, sources.emplace_back(filled(6000)).buffer, n * 6000);
      submit(up.c2h, up.space.map(6000), 32768 + n * 6000);
    }
    up.h2c.ring_doorbell();
    up.c2h.ring_doorbell();
    system.run(dut::Cycles{rng.range(1, 3000)});
  }
  // Streams and memory behind AXI4 at work, for a random while.
  void load_card_side() {
    for (DmaDriver* channel : {&up.c2c, &up.h2s, &up.s2h}) channel->start();
    for (unsigned n = 0; n < 3; ++n) {
      submit(up.h2c, sources.emplace_back(filled(5000)).buffer, kAxi + n * 8192);
      submit(up.c2h, up.space.map(5000), kAxi + 0x10003 + n * 8192);
      submit(up.h2s, sources.emplace_back(filled(3000)).buffer, 0x1200);
      submit(up.s2h, up.space.map(500), 0);
      up.c2c.submit(
          {.segments = {{.iova = {kAxi + 77}, .card_addr = kAxi + 0x20000, .bytes = 4000}}});
      system.stream_in().send({.bytes = std::vector<uint8_t>(1500, 7), .tid = 1});
    }
    for (DmaDriver* channel : {&up.h2c, &up.c2h, &up.c2c, &up.h2s, &up.s2h}) {
      channel->ring_doorbell();
    }
    system.run(dut::Cycles{rng.range(1, 3000)});
  }
  // The channels are idle, and everything passes; the sink looks at what leaves a stream all along.
  void check_card_side() {
    for (DmaDriver* channel : {&up.c2c, &up.h2s, &up.s2h}) channel->start();
    const auto source = filled(5000);
    const auto target = up.space.map(5000);
    submit(up.h2c, source.buffer, kAxi + 3);
    up.h2c.ring_doorbell();
    CHECK(up.h2c.take_record().error == model::DmaError::Ok);
    submit(up.c2h, target, kAxi + 3);
    up.c2h.ring_doorbell();
    CHECK(up.c2h.take_record().error == model::DmaError::Ok);
    CHECK(contents(target) == source.data);
    submit(up.h2s, source.buffer, 0x3456);
    up.h2s.ring_doorbell();
    CHECK(up.h2s.take_record().error == model::DmaError::Ok);
    const agent::AxisPacket sent{.bytes = source.data, .tid = 0x56, .tuser = 0x34};
    const auto& received = system.stream_out().received();
    system.kernel().run_until([&] { return !received.empty() && received.back() == sent; },
                              dut::Cycles{50'000});
    while (!received.empty()) system.stream_out().pop();
    // Packets that began behind the reset come before this one.
    system.stream_in().send({.bytes = source.data, .tid = 0x77});
    for (unsigned n = 0; n < 4; ++n) {
      const auto taken = up.space.map(5000);
      submit(up.s2h, taken, 0);
      up.s2h.ring_doorbell();
      const auto record = up.s2h.take_record();
      CHECK(record.error == model::DmaError::Ok);
      CHECK(record.packet_end);
      CHECK(record.bytes_done == (record.packet_info == 0x77 ? 5000 : 1500));
      if (record.packet_info != 0x77) continue;
      CHECK(contents(taken) == source.data);
      return;
    }
    FAIL("the packet did not come");
  }
  // By software, as 6.6.2 has it: silent in time, then as after a reset.
  void function_reset() {
    env::reset_function(system.host(), up.endpoint);
    system.run(dut::Cycles{3000});  // what is late comes
    CHECK((env::device_status(system.host(), up.endpoint) & kErrorsDetected) == 0);
  }
  // Set up again, the endpoint moves all of card memory there and back.
  void check_afresh() {
    up.restart_endpoint();
    const auto source = filled(up.card_bytes());
    const auto target = up.space.map(up.card_bytes());
    submit(up.h2c, source.buffer, 0);
    up.h2c.ring_doorbell();
    CHECK(up.h2c.take_record().error == model::DmaError::Ok);
    submit(up.c2h, target, 0);
    up.c2h.ring_doorbell();
    CHECK(up.c2h.take_record().error == model::DmaError::Ok);
    CHECK(contents(target) == source.data);
    for (const auto& canary : canaries) CHECK(contents(canary.buffer) == canary.data);
    for (const auto& kept : sources) CHECK(contents(kept.buffer) == kept.data);
    CHECK(up.iommu.take_faults().empty());
    system.run(dut::Cycles{500});
    CHECK(link.outstanding() == 0);
  }

  env::System system;
  env::LinkChecker link;
  env::Bringup up;
  agent::Rng rng;
  std::array<Filled, 4> canaries{};
  std::vector<Filled> sources{};
};

}  // namespace

TEST_CASE("Secondary Bus Reset in the midst of DMA ends everything at once, and all begins anew",
          "[system][reset][R45][R52]") {
  Setup setup("reset.hot", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  ResetFabric fabric(setup);
  env::Host& host = fabric.system.host();
  for (unsigned round = 0; round < 3; ++round) {
    fabric.load();
    auto reading = host.start_mem_read(fabric.up.registers, 4);
    fabric.system.run(dut::Cycles{fabric.rng.range(0, 40)});
    host.config_write16(kRootPort, pcie::reg::kBridgeControl, pcie::kBridgeControlSecondaryReset);
    const auto from = fabric.system.now().value;
    reading.wait(dut::Cycles{300});
    CHECK(host.read32(fabric.up.registers) == 0xffff'ffff);
    CHECK(host.config_read(fabric.up.endpoint.bdf, 0, 4) == 0xffff'ffff);
    host.write32(fabric.up.registers + 0xc, 1);  // goes nowhere, and hangs nobody
    CHECK(fabric.system.now().value - from < 1000);
    CHECK(fabric.system.in_hot_reset());
    fabric.system.run(dut::Cycles{fabric.rng.range(1, 2000)});
    host.config_write16(kRootPort, pcie::reg::kBridgeControl, 0);
    fabric.system.kernel().run_until([&] { return !fabric.system.in_hot_reset(); },
                                     dut::Cycles{20'000});
    fabric.check_afresh();
  }
}

TEST_CASE("flr-under-load: a function-level reset in the midst of DMA, and all begins anew",
          "[system][reset][R43][flr-under-load]") {
  Setup setup("reset.function", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  ResetFabric fabric(setup);
  for (unsigned round = 0; round < 3; ++round) {
    fabric.load();
    fabric.function_reset();
    fabric.check_afresh();
  }
}

TEST_CASE("flr-under-load: a function-level reset leaves streams and memory behind AXI4 in order",
          "[system][reset][R43][R58][flr-under-load]") {
  Setup setup("reset.card_side", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  ResetFabric fabric(setup);
  for (unsigned round = 0; round < 4; ++round) {
    fabric.load_card_side();
    fabric.function_reset();
    fabric.check_afresh();
    fabric.check_card_side();
  }
  CHECK(fabric.system.card_port().idle());
}

}  // namespace cw::system_test
