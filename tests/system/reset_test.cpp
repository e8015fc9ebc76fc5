// SPDX-License-Identifier: Apache-2.0
//
// Resets of the endpoint in the midst of DMA, as an operating system asks for them.
#include "catch_shim.hpp"
#include "env/memory_check.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

constexpr uint32_t kSecondaryReset = 1u << 6, kInitiateFlr = 1u << 15,
                   kTransactionsPending = 1u << 5;
constexpr uint16_t kBridgeControl = 0x3e, kDeviceControl = 8, kDeviceStatus = 10;
constexpr pcie::Bdf kRootPort{};

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
    host.config_write(kRootPort, kBridgeControl, 2, kSecondaryReset);
    const auto from = fabric.system.now().value;
    reading.wait(dut::Cycles{300});
    CHECK(host.read32(fabric.up.registers) == 0xffff'ffff);
    CHECK(host.config_read(fabric.up.endpoint.bdf, 0, 4) == 0xffff'ffff);
    host.write32(fabric.up.registers + 0xc, 1);  // goes nowhere, and hangs nobody
    CHECK(fabric.system.now().value - from < 1000);
    CHECK(fabric.system.in_hot_reset());
    fabric.system.run(dut::Cycles{fabric.rng.range(1, 2000)});
    host.config_write(kRootPort, kBridgeControl, 2, 0);
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
  env::Host& host = fabric.system.host();
  const auto bdf = fabric.up.endpoint.bdf;
  const auto pcie = *fabric.up.endpoint.capability(pcie::CapId::Pcie);
  for (unsigned round = 0; round < 3; ++round) {
    fabric.load();
    const auto control = static_cast<uint16_t>(pcie + kDeviceControl);
    host.config_write(bdf, control, 2, host.config_read(bdf, control, 2) | kInitiateFlr);
    const auto status = static_cast<uint16_t>(pcie + kDeviceStatus);
    CHECK((host.config_read(bdf, status, 2) & kTransactionsPending) == 0);
    CHECK((host.config_read(bdf, 4, 2) & 7) == 0);
    fabric.system.run(dut::Cycles{3000});  // what is late comes
    CHECK((host.config_read(bdf, status, 2) & 0xf) == 0);
    fabric.check_afresh();
  }
}

}  // namespace cw::system_test
