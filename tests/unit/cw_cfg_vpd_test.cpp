// SPDX-License-Identifier: Apache-2.0
#include <Vcw_cfg_vpd.h>

#include <numeric>
#include <string>

#include "catch_shim.hpp"
#include "model/vpd.hpp"
#include "unit/cfg_pins.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kVpd = 0xc0;
constexpr uint32_t kFlag = 0x8000'0000;

struct Vpd {
  dut::Module<Vcw_cfg_vpd> module;
  CfgBus<Vcw_cfg_vpd> bus{module};

  // As software reads: the address without the flag, then the data when the flag is set.
  uint32_t read(uint32_t address) {
    bus.write(kVpd, address << 16, /*byte_enables=*/0b1100);
    REQUIRE(bus.read(kVpd) == (kFlag | address << 16 | 0x0003));
    return bus.read(kVpd + 4);
  }
  std::vector<uint8_t> image(uint32_t bytes) {
    std::vector<uint8_t> bytes_read;
    for (uint32_t at = 0; at < bytes; at += 4) {
      for (unsigned i = 0; i < 4; ++i)
        bytes_read.push_back(static_cast<uint8_t>(read(at) >> 8 * i));
    }
    return bytes_read;
  }
};

TEST_CASE("VPD names product, part and serial number, and adds up", "[unit][config][R41]") {
  Vpd vpd;
  const auto wanted = model::vpd_image({.name = "Causeway endpoint   ",
                                        .part_number = "CW-EP-DMA   ",
                                        .serial_number = "000000000001"});
  const auto image = vpd.image(64);
  CHECK(image == wanted);
  const size_t checksum = image.size() - 5;  // three spare bytes and the end follow
  CHECK(std::accumulate(image.begin(), image.begin() + checksum + 1, 0u) % 256 == 0);
  CHECK(image.back() == 0x78);
}

TEST_CASE("VPD behind its image is zero", "[unit][config]") {
  Vpd vpd;
  for (const uint32_t address : {64u, 128u, 0x4000u, 0x7ffcu}) CHECK(vpd.read(address) == 0);
  CHECK(vpd.read(0) != 0);
}

TEST_CASE("A write of VPD ends and changes nothing", "[unit][config][R41]") {
  Vpd vpd;
  const uint32_t before = vpd.read(4);
  vpd.bus.write(kVpd + 4, 0x1234'5678);
  CHECK(vpd.bus.read(kVpd + 4) == 0x1234'5678);
  vpd.bus.write(kVpd, kFlag | 4 << 16);
  CHECK(vpd.bus.read(kVpd) == (4u << 16 | 0x0003));  // the flag says that it is done
  CHECK(vpd.bus.read(kVpd + 4) == 0x1234'5678);
  CHECK(vpd.read(4) == before);
}

TEST_CASE("VPD data are zero after a reset", "[unit][config][R43]") {
  Vpd vpd;
  CHECK(vpd.read(0) != 0);
  hot_reset(vpd.module);
  CHECK(vpd.bus.read(kVpd) == 0x0003);
  CHECK(vpd.bus.read(kVpd + 4) == 0);
}

TEST_CASE("A transfer of VPD starts with the byte that has the flag", "[unit][config][R41]") {
  Vpd vpd;
  const uint32_t first = vpd.read(0);
  vpd.bus.write(kVpd, 8 << 16, /*byte_enables=*/0b0111);
  CHECK(vpd.bus.read(kVpd) == (kFlag | 8 << 16 | 0x0003));
  CHECK(vpd.bus.read(kVpd + 4) == first);
  vpd.bus.write(kVpd, 0, /*byte_enables=*/0b1000);
  CHECK(vpd.bus.read(kVpd + 4) == vpd.read(8));
}

}  // namespace
}  // namespace cw::unit
