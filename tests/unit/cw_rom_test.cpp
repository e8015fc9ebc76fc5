// SPDX-License-Identifier: Apache-2.0
#include "Vcw_rom.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"

using namespace cw;

namespace {

constexpr uint32_t kImageBytes = 512;

struct Rom {
  Rom() {
    module.pins().valid_i = 0;
    module.reset();
  }
  uint8_t byte(uint32_t address) {
    module.pins().addr_i = address & ~3u;
    module.pins().valid_i = 1;
    module.settle();
    return static_cast<uint8_t>(module.pins().rdata_o >> 8 * (address & 3));
  }
  uint32_t number(uint32_t address, unsigned bytes) {
    uint32_t value = 0;
    while (bytes-- > 0) value = value << 8 | byte(address + bytes);
    return value;
  }
  dut::Module<Vcw_rom> module{1};
};

}  // namespace

TEST_CASE("the ROM holds one legal image: header, PCI data structure, checksum",
          "[unit][endpoint][R42]") {
  Rom rom;
  CHECK(rom.number(0, 2) == 0xaa55);
  CHECK(rom.byte(2) == 1);  // times 512 bytes
  CHECK(rom.byte(3) == 0xcb);
  const uint32_t data = rom.number(0x18, 2);
  REQUIRE(data % 4 == 0);
  CHECK(rom.byte(data) == 'P');
  CHECK(rom.byte(data + 1) == 'C');
  CHECK(rom.byte(data + 2) == 'I');
  CHECK(rom.byte(data + 3) == 'R');
  CHECK(rom.number(data + 4, 2) == 0xca5e);
  CHECK(rom.number(data + 6, 2) == 0xca05);
  CHECK(rom.number(data + 0xa, 2) == 0x1c);
  CHECK(rom.byte(data + 0xc) == 3);
  CHECK(rom.number(data + 0xd, 3) == 0x12'0000);
  CHECK(rom.number(data + 0x10, 2) == 1);
  CHECK(rom.byte(data + 0x14) == 0);
  CHECK((rom.byte(data + 0x15) & 0x80) != 0);  // the last image
  uint8_t sum = 0;
  for (uint32_t i = 0; i < kImageBytes; ++i) sum = static_cast<uint8_t>(sum + rom.byte(i));
  CHECK(sum == 0);
}

TEST_CASE("behind the image the ROM is ones", "[unit][endpoint][R42]") {
  Rom rom;
  for (const uint32_t at : {kImageBytes, kImageBytes + 0x18, 0x1'0000u, 0xff'fffcu}) {
    CHECK(rom.number(at, 4) == 0xffff'ffff);
  }
}

TEST_CASE("an access between dwords raises the alarm", "[unit][endpoint][R42]") {
  Rom rom;
  rom.module.pins().addr_i = 2;
  rom.module.pins().valid_i = 1;
  CHECK_THROWS_AS(rom.module.step(), dut::AssertionFailed);
}
