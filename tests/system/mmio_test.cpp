// SPDX-License-Identifier: Apache-2.0
#include <cstddef>

#include "catch_shim.hpp"
#include "cw/cw_regs.h"
#include "system/fabric.hpp"

namespace cw::system_test {

namespace {

constexpr uint16_t kDevSta = model::ConfigSpace::kPcie + pcie::pcie_cap::kDevSta;
constexpr uint16_t kUnsupportedDetected = 8;
constexpr uint32_t kH2c = env::dma_block(0);

}  // namespace

TEST_CASE("Registers are read-only, writable, cleared by ones and cleared by a read as described",
          "[system][regs]") {
  const Setup setup("registers", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  const auto at = [&](size_t offset) { return fabric.up.registers + uint64_t{offset}; };
  env::Host& host = fabric.host();

  // Read-only
  host.write32(at(offsetof(cw_regs_t, ID)), 0);
  CHECK(host.read32(at(offsetof(cw_regs_t, ID))) == CW_REGS__ID__MAGIC_reset);
  const uint32_t build = host.read32(at(offsetof(cw_regs_t, BUILD)));
  CHECK((8u << (build & CW_REGS__BUILD__WIDTH_LOG2_bm)) == fabric.system.width());

  // Read and write, byte by byte
  const uint32_t value = fabric.rng.u32();
  host.write32(at(offsetof(cw_regs_t, SCRATCH)), value);
  CHECK(host.read32(at(offsetof(cw_regs_t, SCRATCH))) == value);
  host.mem_write(at(offsetof(cw_regs_t, SCRATCH)) + uint64_t{1}, {0x5a, 0xa5});
  CHECK(host.read32(at(offsetof(cw_regs_t, SCRATCH))) == ((value & 0xff00'00ff) | 0x00a5'5a00));

  // Doorbell, and a counter that a read clears
  const auto buffer = fabric.buffer(333, 5);
  const uint16_t behind = fabric.up.h2c.submit(fabric.entry(buffer, 64));
  fabric.go(fabric.up.h2c);
  const auto record = fabric.up.h2c.take_record();
  CHECK(record.bytes_done == 333);
  CHECK(fabric.read_register(kH2c + offsetof(cw_dma_regs_t, TAIL)) == behind);
  CHECK(fabric.up.h2c.head() == behind);
  CHECK(fabric.read_register(kH2c + offsetof(cw_dma_regs_t, MOVED)) == 333);
  CHECK(fabric.read_register(kH2c + offsetof(cw_dma_regs_t, MOVED)) == 0);

  // Cleared by writing ones. Enumeration has asked for functions that are absent.
  CHECK(fabric.read_register(offsetof(cw_regs_t, ERRORS)) == CW_REGS__ERRORS__UNSUPPORTED_bm);
  fabric.write_register(offsetof(cw_regs_t, ERRORS), CW_REGS__ERRORS__UNSUPPORTED_bm);
  CHECK(fabric.read_register(offsetof(cw_regs_t, ERRORS)) == 0);
  fabric.up.h2c.write_tail(0);  // takes the entry back
  const uint32_t errors = fabric.read_register(offsetof(cw_regs_t, ERRORS));
  CHECK(errors == CW_REGS__ERRORS__DMA_DOORBELL_bm);
  fabric.write_register(offsetof(cw_regs_t, ERRORS), 0);
  CHECK(fabric.read_register(offsetof(cw_regs_t, ERRORS)) == errors);
  fabric.write_register(offsetof(cw_regs_t, ERRORS), errors);
  CHECK(fabric.read_register(offsetof(cw_regs_t, ERRORS)) == 0);
  CHECK(fabric.finish().empty());
}

TEST_CASE("Card memory takes and gives accesses of every size and alignment",
          "[system][endpoint][R05][R13][R14][R16]") {
  const Setup setup("card.sizes", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  env::Host& host = fabric.host();
  // Two lines whose every byte is known, round a boundary of completions
  constexpr uint64_t kBase = 4096 - 64;
  std::vector<uint8_t> shadow(128);
  for (uint8_t& byte : shadow) byte = static_cast<uint8_t>(fabric.rng.u32());
  const auto place = [&](uint64_t at) { return fabric.up.card_memory + (kBase + at); };
  host.mem_write(place(0), {shadow.begin(), shadow.begin() + 64});
  host.mem_write(place(64), {shadow.begin() + 64, shadow.end()});
  const auto access = [&](uint32_t at, uint32_t bytes) {
    std::vector<uint8_t> data(bytes);
    for (uint8_t& byte : data) byte = static_cast<uint8_t>(fabric.rng.u32());
    host.mem_write(place(at), data);
    std::copy(data.begin(), data.end(), shadow.begin() + at);
    const uint32_t line = at / 64 * 64;
    const std::vector<uint8_t> expected(shadow.begin() + line, shadow.begin() + line + 64);
    CHECK(host.mem_read(place(line), 64) == expected);
    CHECK(host.mem_read(place(at), bytes) == data);
  };
  for (uint32_t bytes = 1; bytes <= 9; ++bytes) {  // every byte enable of one, two, three dwords
    for (uint32_t offset = 0; offset < 4; ++offset) access(60 - bytes + offset - 3, bytes);
  }
  for (unsigned n = 0; n < 24; ++n) {
    const auto at = static_cast<uint32_t>(fabric.rng.range(0, 63));
    access(n % 2 * 64 + at, static_cast<uint32_t>(fabric.rng.range(1, 64 - at)));
  }
  CHECK(fabric.finish().empty());
}

TEST_CASE("A read beside every BAR returns all ones, a write there is dropped, both are logged",
          "[system][endpoint][R17][R37][R48][R52]") {
  const Setup setup("mmio.outside", GENERATE(64u, 128u, 256u, 512u));
  INFO(setup.replay());
  Fabric fabric(setup);
  env::Host& host = fabric.host();
  const pcie::Bdf card = fabric.up.endpoint.bdf;
  const auto unsupported = [&] {
    const bool seen = (host.config_read16(card, kDevSta) & kUnsupportedDetected) != 0;
    host.config_write16(card, kDevSta, 0xf);
    return seen;
  };
  unsupported();
  fabric.write_register(offsetof(cw_regs_t, ERRORS), ~0u);

  for (const auto beside :
       {fabric.up.registers + uint64_t{0x8000}, fabric.up.card_memory + uint64_t{0x2'0000}}) {
    CHECK(host.read32(beside) == ~0u);
    CHECK(unsupported());
    CHECK(host.mem_read(beside + uint64_t{3}, 21) == std::vector<uint8_t>(21, 0xff));
    CHECK(unsupported());
    host.write32(beside, 0x1234'5678);
    CHECK(host.read32(fabric.up.registers) == CW_REGS__ID__MAGIC_reset);  // flushes the write
    CHECK(unsupported());
    CHECK((fabric.read_register(offsetof(cw_regs_t, ERRORS)) & CW_REGS__ERRORS__UNSUPPORTED_bm) !=
          0);
    fabric.write_register(offsetof(cw_regs_t, ERRORS), ~0u);
    CHECK(!unsupported());
  }

  // Outside the root port's windows nothing leaves for the link.
  const uint64_t before = fabric.system.down().tlps();
  CHECK(host.read32(env::map::kMem32.base + uint64_t{0x3000'0000}) == ~0u);
  host.write32(env::map::kMem64.base + uint64_t{0x8'0000'0000}, 1);
  CHECK(fabric.system.down().tlps() == before);

  // With decoding off the BARs claim nothing.
  const uint16_t command = host.config_read16(card, pcie::reg::kCommand);
  host.config_write16(card, pcie::reg::kCommand,
                      static_cast<uint16_t>(command & ~pcie::command::kMemEnable));
  CHECK(host.read32(fabric.up.registers) == ~0u);
  host.config_write16(card, pcie::reg::kCommand, command);
  CHECK(host.read32(fabric.up.registers) == CW_REGS__ID__MAGIC_reset);
  CHECK(fabric.finish().empty());
}

}  // namespace cw::system_test
