// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "catch_shim.hpp"
#include "cw/cw_regs.h"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

using env::Bringup;

constexpr uint32_t kH2cData = Bringup::kMsiData + Bringup::kVectorH2c,
                   kC2hData = Bringup::kMsiData + Bringup::kVectorC2h;
constexpr uint32_t kVectorControl = env::kMsixTableOffset + 12;  // of vector 0
constexpr uint32_t kIrqStatus = offsetof(cw_regs_t, IRQ_STATUS),
                   kIrqEnable = offsetof(cw_regs_t, IRQ_ENABLE);
constexpr uint32_t kC2hBit = 1u << 1;  // of the channels in both
constexpr uint64_t kCardAddr = 300;

void submit(Fabric& fabric, DmaDriver& channel, const DmaSpace::Buffer& buffer, bool irq) {
  auto entry = fabric.entry(buffer, kCardAddr);
  entry.irq = irq;
  channel.submit(entry);
}

}  // namespace

TEST_CASE("An interrupt comes when its record and all data are in memory",
          "[system][dma][msix][R29][R32]") {
  const Setup setup("interrupt.order", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  const auto source = fabric.buffer(4000, 123), target = fabric.buffer(4000, 3001);
  const auto interrupt = [&](uint32_t data) {
    fabric.system.kernel().run_until([&] { return fabric.system.interrupts().count(data) == 1; },
                                     100'000_cycles, "an interrupt");
  };
  submit(fabric, fabric.up.h2c, source, /*irq=*/true);
  fabric.go(fabric.up.h2c);
  interrupt(kH2cData);
  CHECK(fabric.up.h2c.record_ready());  // without another clock
  fabric.up.h2c.take_record();

  submit(fabric, fabric.up.c2h, target, /*irq=*/true);
  fabric.go(fabric.up.c2h);
  interrupt(kC2hData);
  CHECK(fabric.up.c2h.record_ready());
  CHECK(fabric.contents(target) == fabric.contents(source));
  fabric.up.c2h.take_record();

  CHECK(fabric.finish().empty());
  CHECK(fabric.system.interrupts().messages().size() == 2);
  for (const auto& message : fabric.system.interrupts().messages()) {
    CHECK(message.address == env::map::kMsi.base);
  }
}

TEST_CASE("A masked vector stays pending and is sent once when the mask goes",
          "[system][msix][R46]") {
  const Setup setup("interrupt.mask", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  const auto buffer = fabric.buffer(100);
  const auto transfer = [&](bool irq) {
    submit(fabric, fabric.up.h2c, buffer, irq);
    fabric.go(fabric.up.h2c);
    fabric.up.h2c.take_record();
    fabric.system.run(500_cycles);
  };
  const auto sent = [&] { return fabric.system.interrupts().count(kH2cData); };
  const auto pending = [&] { return fabric.read_register(env::kMsixPbaOffset); };
  transfer(/*irq=*/false);
  CHECK(sent() == 0);

  // The vector's own mask
  fabric.write_register(kVectorControl, 1);
  transfer(/*irq=*/true);
  transfer(/*irq=*/true);
  CHECK(sent() == 0);
  CHECK(pending() == 1u << Bringup::kVectorH2c);
  fabric.write_register(kVectorControl, 0);
  fabric.finish();
  CHECK(sent() == 1);
  CHECK(pending() == 0);

  // The function's mask
  const auto control = static_cast<uint16_t>(model::ConfigSpace::kMsix + pcie::msix_cap::kControl);
  const pcie::Bdf card = fabric.up.endpoint.bdf;
  const uint16_t enabled = fabric.host().config_read16(card, control);
  fabric.host().config_write16(card, control,
                               static_cast<uint16_t>(enabled | pcie::msix_cap::kFunctionMask));
  transfer(/*irq=*/true);
  CHECK(sent() == 1);
  CHECK(pending() == 1u << Bringup::kVectorH2c);
  fabric.host().config_write16(card, control, enabled);
  CHECK(fabric.finish().empty());
  CHECK(sent() == 2);
  CHECK(pending() == 0);
}

TEST_CASE("Without MSI-X an interrupt is INTA, up to when software clears its status",
          "[system][intx][R29][R32]") {
  const Setup setup("interrupt.intx", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  const auto control = static_cast<uint16_t>(model::ConfigSpace::kMsix + pcie::msix_cap::kControl);
  const pcie::Bdf card = fabric.up.endpoint.bdf;
  const uint16_t enabled = fabric.host().config_read16(card, control);
  fabric.host().config_write16(card, control,
                               static_cast<uint16_t>(enabled & ~pcie::msix_cap::kEnable));
  const uint16_t command = fabric.host().config_read16(card, pcie::reg::kCommand);  // INTx is off
  fabric.host().config_write16(card, pcie::reg::kCommand,
                               static_cast<uint16_t>(command & ~pcie::command::kIntxDisable));
  fabric.write_register(kIrqEnable, kC2hBit);
  const auto target = fabric.buffer(3000, 99);
  fabric.fill_card();
  for (int n = 0; n < 2; ++n) {
    CHECK(fabric.system.intx() == 0);
    submit(fabric, fabric.up.c2h, target, /*irq=*/true);
    fabric.go(fabric.up.c2h);
    fabric.system.kernel().run_until([&] { return fabric.system.intx() != 0; }, 100'000_cycles,
                                     "an interrupt");
    CHECK(fabric.system.intx() == 1);
    CHECK(fabric.up.c2h.record_ready());  // without another clock
    fabric.up.c2h.take_record();
    CHECK(fabric.read_register(kIrqStatus) == kC2hBit);
    fabric.write_register(kIrqStatus, kC2hBit);
    fabric.system.kernel().run_until([&] { return fabric.system.intx() == 0; }, 2'000_cycles,
                                     "the end of the interrupt");
  }
  CHECK(fabric.finish().empty());
  CHECK(fabric.system.interrupts().messages().empty());
}

TEST_CASE("Bus Master Enable off stops DMA and interrupts, and on lets them go on",
          "[system][config][R10]") {
  const Setup setup("busmaster", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  const pcie::Bdf card = fabric.up.endpoint.bdf;
  const auto target = fabric.buffer(4000, 77);
  fabric.fill_card();
  for (unsigned n = 0; n < 4; ++n) submit(fabric, fabric.up.c2h, target, /*irq=*/true);
  const uint16_t command = fabric.host().config_read16(card, pcie::reg::kCommand);
  fabric.go(fabric.up.c2h);
  fabric.system.run({fabric.rng.range(100, 800)});
  fabric.host().config_write16(card, pcie::reg::kCommand,
                               static_cast<uint16_t>(command & ~pcie::command::kBusMasterEnable));
  const uint64_t before = fabric.link.requests_up();
  fabric.system.run(2000_cycles);
  CHECK(fabric.link.requests_up() == before);
  // Registers answer all the same.
  CHECK(fabric.host().read32(fabric.up.registers) == 0x4357'4159);

  fabric.host().config_write16(card, pcie::reg::kCommand, command);
  for (unsigned n = 0; n < 4; ++n) {
    const auto record = fabric.up.c2h.take_record();
    CHECK(record.error == model::DmaError::Ok);
  }
  CHECK(fabric.finish().empty());
  CHECK(fabric.system.interrupts().count(kC2hData) >= 1);
}

}  // namespace cw::system_test
