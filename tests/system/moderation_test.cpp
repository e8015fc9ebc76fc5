// SPDX-License-Identifier: Apache-2.0
//
// Moderated interrupts as the host sees them: docs/dma.md, "Interrupts and moderation".
#include <cstddef>

#include "catch_shim.hpp"
#include "cw/cw_regs.h"
#include "pcie/codec.hpp"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

using env::Bringup;

constexpr uint32_t kData = Bringup::kMsiData + Bringup::kVectorC2h;
constexpr uint32_t kBlock = env::dma_block(1);
constexpr uint64_t kUnit = 16;      // clocks of the timer
constexpr uint64_t kTelling = 400;  // clocks from an interrupt's time to the host, at most

struct Moderated : Fabric {
  explicit Moderated(const Setup& setup) : Fabric(setup), target(buffer(64)) { fill_card(); }

  void moderate(uint32_t count, uint32_t timer) {
    up.c2h.stop();
    write_register(
        kBlock + offsetof(cw_dma_regs_t, MODERATION),
        count << CW_DMA_REGS__MODERATION__COUNT_bp | timer << CW_DMA_REGS__MODERATION__TIMER_bp);
    up.c2h.resume();
  }
  // The driver's mask.
  void tell(bool on) {
    write_register(
        kBlock + offsetof(cw_dma_regs_t, CONTROL),
        CW_DMA_REGS__CONTROL__ENABLE_bm | (on ? CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm : 0u));
  }
  // An entry with an interrupt; runs until its record is on the link, and says when it came.
  dut::Cycles event() {
    up.c2h.submit({.segments = {{.iova = target.iova, .card_addr = 0, .bytes = 64}}, .irq = true});
    go(up.c2h);
    const auto record = up.c2h.take_record();
    CHECK(record.error == model::DmaError::Ok);
    return last_write(model::kRecordBytes);
  }
  // When a write of so many bytes crossed the link last.
  dut::Cycles last_write(size_t bytes) {
    dut::Cycles at{};
    for (const agent::SeenTlp& seen : system.up().seen()) {
      const auto decoded = pcie::decode(seen.tlp);
      const auto* tlp = std::get_if<pcie::Tlp>(&decoded);
      const auto* write = tlp ? std::get_if<pcie::MemWrite>(tlp) : nullptr;
      if (write && write->data.size() == bytes) at = seen.at;
    }
    return at;
  }
  uint64_t told() { return system.interrupts().count(kData); }
  void until_told(uint64_t count, uint64_t clocks) {
    system.kernel().run_until([&] { return told() >= count; }, {clocks}, "an interrupt");
    CHECK(told() == count);
  }

  DmaSpace::Buffer target;
};

Setup calm(const std::string& name, unsigned width) {
  Setup setup(name, width);
  setup.system.stall = agent::Stall::None;
  setup.system.read_latency = setup.system.write_latency = 20_cycles;
  return setup;
}

}  // namespace

TEST_CASE("A moderated interrupt comes its time after the first event, not before, for all of them",
          "[system][dma][msix][R56]") {
  const Setup setup = calm("moderation.timer", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Moderated fabric(setup);
  for (const uint32_t timer : {100u, 250u}) {
    fabric.moderate(/*count=*/200, timer);
    const uint64_t before = fabric.told();
    const dut::Cycles first = fabric.event();
    fabric.event();
    fabric.event();
    CHECK(fabric.told() == before);
    fabric.until_told(before + 1, timer * kUnit + kTelling);
    // The message crosses the link a little after its time, as the record does.
    const uint64_t waited = (fabric.last_write(4) - first).value;
    CHECK(waited + kUnit >= timer * kUnit);
    CHECK(waited <= timer * kUnit + 4 * kUnit);
    fabric.system.run({2 * timer * kUnit});
    CHECK(fabric.told() == before + 1);
  }
  CHECK(fabric.finish().empty());
}

TEST_CASE("A moderated interrupt comes with its count of events, long before its time",
          "[system][dma][msix][R56]") {
  const Setup setup = calm("moderation.count", GENERATE(64u, 256u));
  INFO(setup.replay());
  Moderated fabric(setup);
  fabric.moderate(/*count=*/3, /*timer=*/4000);
  for (uint64_t n = 1; n <= 2; ++n) {
    fabric.event();
    fabric.event();
    fabric.system.run(1000_cycles);
    CHECK(fabric.told() == n - 1);
    fabric.event();
    fabric.until_told(n, kTelling);
  }
  fabric.event();  // is told by the timer
  fabric.until_told(3, 4000 * kUnit + kTelling);
  CHECK(fabric.finish().empty());
}

TEST_CASE(
    "An event while interrupts are off is told when they are on, as if they had been all along",
    "[system][dma][msix][R56]") {
  const Setup setup = calm("moderation.mask", GENERATE(64u, 256u));
  INFO(setup.replay());
  Moderated fabric(setup);
  constexpr uint32_t kTimer = 200;
  fabric.moderate(/*count=*/0xff, kTimer);
  fabric.tell(false);
  fabric.event();
  fabric.system.run({kTimer * kUnit + 500});
  CHECK(fabric.told() == 0);
  fabric.tell(true);  // its time is over
  fabric.until_told(1, kTelling);

  fabric.tell(false);
  const dut::Cycles first = fabric.event();
  fabric.tell(true);  // its time runs
  fabric.until_told(2, kTimer * kUnit + kTelling);
  CHECK((fabric.last_write(4) - first).value + kUnit >= kTimer * kUnit);
  fabric.system.run({2 * kTimer * kUnit});
  CHECK(fabric.finish().empty());
}

TEST_CASE("A driver that sleeps between moderated interrupts misses no record",
          "[system][dma][msix][R54][R56]") {
  Setup setup("moderation.sleep", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  setup.bringup.ring_log2 = 3;
  Moderated fabric(setup);
  constexpr unsigned kEntries = 60;
  unsigned sent = 0, taken = 0;
  uint64_t heard = fabric.told();
  while (taken < kEntries) {
    if (fabric.rng.chance(15)) {
      fabric.moderate(static_cast<uint32_t>(fabric.rng.range(0, 6)),
                      static_cast<uint32_t>(fabric.rng.range(0, 60)));
    }
    for (uint64_t n = fabric.rng.range(1, 4); n != 0 && sent < kEntries; --n) {
      if (fabric.up.c2h.room() == 0) break;
      fabric.up.c2h.submit(
          {.segments = {{.iova = fabric.target.iova, .card_addr = 0, .bytes = 64}}, .irq = true});
      ++sent;
    }
    fabric.go(fabric.up.c2h);
    // Looks, arms, and looks again before it sleeps.
    fabric.tell(false);
    const auto look = [&] {
      const unsigned before = taken;
      for (; taken < sent && fabric.up.c2h.record_ready(); ++taken) {
        CHECK(fabric.up.c2h.take_record().error == model::DmaError::Ok);
      }
      return taken != before;
    };
    look();
    heard = fabric.told();
    fabric.tell(true);
    if (taken == sent || look()) continue;
    fabric.system.kernel().run_until([&] { return fabric.told() != heard; }, 60'000_cycles,
                                     "an interrupt that tells of a record");
    look();
  }
  fabric.system.run(2000_cycles);
  CHECK(fabric.finish().empty());
}

}  // namespace cw::system_test
