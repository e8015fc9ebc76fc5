// SPDX-License-Identifier: Apache-2.0
// cw-variant: Functions=3
#include <Vcw_functions.h>
#include <Vcw_functions_functions3.h>

#include "unit/cfg_compare.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kSuccess = 0, kRetry = 2;  // Completion Status

struct Device {
  dut::Module<Vcw_functions_functions3> module;
  CfgFunction<Vcw_functions_functions3> access{module};

  uint32_t read(unsigned function, unsigned offset) {
    access.target = static_cast<uint16_t>(0x0100 | function);
    return access.read(offset);
  }
  void write(unsigned function, unsigned offset, uint32_t value) {
    access.target = static_cast<uint16_t>(0x0100 | function);
    access.write(offset, value);
  }
  uint64_t state(unsigned function, StateField field) {
    return dut::get_bits(module.pins().state_o, function * cfg_state::kBits + field.lsb,
                         field.width);
  }
  void reset_function(unsigned function) {
    module.pins().fn_rst_i = static_cast<uint8_t>(1u << function);
    module.step();
    module.pins().fn_rst_i = 0;
    module.settle();
  }
};

TEST_CASE("Each function has registers of its own", "[unit][config][R41][R42]") {
  Device device;
  for (unsigned f = 0; f < 3; ++f) {
    device.write(f, 0x04, f == 1 ? 6 : 2);
    device.write(f, 0x10, 0x1000'0000 * (f + 1));
  }
  for (unsigned f = 0; f < 3; ++f) {
    CHECK((device.read(f, 0x04) & 7) == (f == 1 ? 6 : 2));
    CHECK((device.read(f, 0x10) & ~15u) == 0x1000'0000 * (f + 1));
    CHECK(device.state(f, cfg_state::kBusMaster) == (f == 1));
    CHECK(device.state(f, cfg_state::kId) == (0x0100 | f));
  }
}

TEST_CASE("Function 0 is the card, the others are the user's, and each has its pin",
          "[unit][config][R41]") {
  Device device;
  CHECK(device.read(0, 0x00) == 0xca05ca5e);
  CHECK(device.read(0, 0x08) >> 8 == 0x120000);
  for (unsigned f = 0; f < 3; ++f) {
    if (f) {
      CHECK(device.read(f, 0x00) == 0xca06ca5e);
      CHECK(device.read(f, 0x08) >> 8 == 0x050000);
    }
    CHECK(device.read(f, 0x0c) == 0x00800000);
    CHECK(device.read(f, 0x2c) == ((f + 1) << 16 | 0xca5e));
    CHECK(device.read(f, 0x3c) == (f + 1) << 8);
  }
  dut::Module<Vcw_functions> alone;
  CfgFunction access(alone);
  CHECK(access.read(0x0c) == 0);
}

TEST_CASE("Each function equals its model, whatever is written and happens to the others",
          "[unit][config][R38][R41][R42]") {
  model::EndpointShape shape = kExampleCard;
  shape.extended.functions = 3;
  shape.extended.build = {0, 0x0008'2308, 0x0002'0010};
  Device device;
  std::vector<model::ConfigSpace> spaces{model::ConfigSpace(shape)};
  shape.device = 0xca06;
  shape.class_code = 0x050000;
  shape.msix_vectors = 0;
  shape.vpd = {};
  shape.bars = {{{.kind = model::BarKind::Mem32, .size_log2 = 12},
                 {},
                 {.kind = model::BarKind::Mem64Prefetchable, .size_log2 = 24}}};
  shape.extended.resizable_log2 = {0, 0, 24};
  shape.extended.build = {0, 0x0000'0308, 0};
  for (unsigned f = 1; f < 3; ++f) {
    shape.extended.function = f;
    shape.subsystem = static_cast<uint16_t>(f + 1);
    shape.intx_pin = static_cast<uint8_t>(f + 1);
    spaces.emplace_back(shape);
  }
  agent::Rng rng(1, "cfg");
  for (unsigned i = 0; i < 4000; ++i) {
    const auto f = static_cast<unsigned>(rng.range(0, 2));
    if (rng.chance(20)) {
      const auto& [pins, error] = rng.pick(kCfgErrors);
      device.access.target = static_cast<uint16_t>(0x0100 | f);
      device.access.event(pins);
      spaces[f].record(error);
    }
    if (rng.chance(2)) {
      device.reset_function(f);
      spaces[f].reset(model::ResetKind::Function);
    }
    if (rng.chance(1)) {
      hot_reset(device.module);
      for (auto& space : spaces) space.reset(model::ResetKind::Hot);
    }
    const auto offset = static_cast<unsigned>(
        4 * (rng.chance(70) ? rng.range(0, 0xcc / 4) : rng.range(0x100 / 4, 0x1bc / 4)));
    const uint32_t value = rng.u32();
    const auto enables = static_cast<uint8_t>(rng.range(0, 15));
    device.access.target = static_cast<uint16_t>(0x0100 | f);
    device.access.write(offset, value, enables);
    spaces[f].write(offset, value, enables);
    for (unsigned g = 0; g < 3; ++g) {
      INFO("function " << g << " after a write to " << f << " at 0x" << std::hex << offset);
      REQUIRE(device.read(g, offset) == spaces[g].read(offset));
      REQUIRE(device.read(g, 0x18) == spaces[g].read(0x18));  // may have been resized
      REQUIRE(device.state(g, cfg_state::bar_base(2)) == spaces[g].bar_base(2));
    }
  }
}

TEST_CASE("A BAR is resized only while memory space is disabled", "[unit][config][R42]") {
  constexpr unsigned kSize = 0x1b8;  // of BAR 2
  Device device;
  const auto log2 = [&](unsigned f) { return device.state(f, cfg_state::bar_log2(2)); };
  device.write(1, kSize, 2 << 8);
  CHECK(log2(1) == 22);
  device.write(1, 0x04, 2);
  device.write(1, kSize, 4 << 8);
  CHECK(log2(1) == 22);
  device.write(2, kSize, 4 << 8);  // of another function that is off
  CHECK(log2(2) == 24);
  device.write(1, 0x04, 0);
  device.write(1, kSize, 4 << 8);
  CHECK(log2(1) == 24);
}

TEST_CASE("What happens in a function shows in its own registers", "[unit][config][R41][R43]") {
  Device device;
  auto& pins = device.module.pins();
  for (unsigned busy = 0; busy < 3; ++busy) {
    pins.busy_i = pins.intx_pending_i = static_cast<uint8_t>(1u << busy);
    dut::clear_bits(pins.msi_pending_i);
    dut::set_bits(pins.msi_pending_i, 32 * busy, 32, 0x8000'0005);
    for (unsigned f = 0; f < 3; ++f) {
      CHECK((device.read(f, 0x68) >> 21 & 1) == (f == busy));  // Transactions Pending
      CHECK((device.read(f, 0x04) >> 19 & 1) == (f == busy));  // Interrupt Status
      CHECK((device.read(f, 0xb4) != 0) == (f == busy));       // Pending Bits
    }
  }
}

TEST_CASE("The port goes by the largest payload of any function", "[unit][config][R02]") {
  const auto payload = [](Device& device) {
    return dut::get_bits(device.module.pins().port_ctl_o, 17, 3);
  };
  for (unsigned large = 0; large < 3; ++large) {
    Device device;
    CHECK(payload(device) == 0);
    for (unsigned f = 0; f < 3; ++f) device.write(f, 0x68, f == large ? 2u << 5 : 1u << 5);
    CHECK(payload(device) == 2);
  }
}

TEST_CASE("Requests of a function that may not be a master, or sleeps, are held",
          "[unit][config][R10][R47]") {
  Device device;
  const auto held = [&] { return dut::get_bits(device.module.pins().port_ctl_o, 0, 3); };
  CHECK(held() == 0b111);
  for (unsigned f = 0; f < 3; ++f) device.write(f, 0x04, 0x0004);
  CHECK(held() == 0);
  for (unsigned f = 0; f < 3; ++f) {
    device.write(f, 0x44, 0x0003);  // D3hot
    CHECK(held() == 1u << f);
    device.write(f, 0x44, 0);
    device.write(f, 0x04, 0x0004);
    CHECK(held() == 0);
    device.write(f, 0x04, 0);
    CHECK(held() == 1u << f);
    device.write(f, 0x04, 0x0004);
  }
}

TEST_CASE("Of two errors of one clock that is logged which software does not mask",
          "[unit][config][R38]") {
  constexpr unsigned kReportBits = 183, kMask = 0x148, kHeaderLog = 0x15c;
  for (const bool masked : {false, true}) {
    Device device;
    device.write(0, kMask, masked ? 1u << 18 : 0);  // Malformed TLP
    auto& port = device.module.pins().report_i;
    for (const auto& [station, kinds, header] : {std::tuple{0u, unsigned{CfgMalformed}, 0x1111u},
                                                 std::tuple{1u, unsigned{CfgEcrcError}, 0x2222u}}) {
      const unsigned lsb = station * kReportBits;
      dut::set_bits(port, lsb + 96, 32, header);
      dut::set_bits(port, lsb + 128, 14, kinds);
      dut::set_bits(port, lsb + 142, 8, 1);
    }
    device.module.step();
    dut::clear_bits(port);
    CHECK(device.read(0, kHeaderLog) == (masked ? 0x2222 : 0x1111));
  }
}

// A report of station 0.
void report(Device& device, unsigned functions, unsigned kinds, uint32_t header = 0) {
  auto& port = device.module.pins().report_i;
  dut::set_bits(port, 96, 32, header);
  dut::set_bits(port, 128, 14, kinds);
  dut::set_bits(port, 142, 8, functions);
  device.module.step();
  dut::clear_bits(port);
  device.module.settle();
}

TEST_CASE("An error of no function in particular is logged by all, and told once of a severity",
          "[unit][config][R38]") {
  constexpr unsigned kAll = 0xff, kErrNonFatal = 2, kErrFatal = 4;
  Device device;
  auto& message = device.module.pins().message_o;                  // three bits for each function
  for (unsigned f = 1; f < 3; ++f) device.write(f, 0x68, 0x000f);  // function 0 may not tell
  report(device, kAll, CfgMalformed, 0x1234'5678);
  CHECK(message == kErrFatal << 3);
  device.module.step();
  CHECK(message == 0);
  for (unsigned f = 0; f < 3; ++f) {
    CHECK((device.read(f, 0x68) >> 16 & 0xf) == 0b0100);
    CHECK(device.read(f, 0x144) == 1u << 18);
    CHECK(device.read(f, 0x15c) == 0x1234'5678);
  }
  // For function 1 it is not fatal now: it tells one, function 2 the other
  device.write(1, 0x14c, 0);
  report(device, kAll, CfgMalformed);
  CHECK(message == (kErrNonFatal << 3 | kErrFatal << 6));
  // An error of each function's own is told by each
  report(device, 0b010, CfgPoisoned);
  CHECK(message == kErrNonFatal << 3);
  report(device, 0b100, CfgPoisoned);
  CHECK(message == kErrNonFatal << 6);
}

TEST_CASE("Signaled System Error is of the function that sent the message", "[unit][config][R38]") {
  Device device;
  for (unsigned f = 0; f < 3; ++f) device.write(f, 0x04, 0x0100);
  report(device, 0xff, CfgMalformed);
  device.module.step();
  for (unsigned f = 0; f < 3; ++f) CHECK((device.read(f, 0x04) >> 30 & 1) == (f == 0));
}

TEST_CASE("Set_Slot_Power_Limit is captured by every function", "[unit][config][R41]") {
  Device device;
  device.module.pins().msg_seen_i = 1 << 10 | 1 << 8 | 0x19;
  device.module.step();
  device.module.pins().msg_seen_i = 1 << 11;  // PME_Turn_Off says nothing of power
  device.module.step();
  for (unsigned f = 0; f < 3; ++f) {
    CHECK((device.read(f, 0x64) & 0x0ffc'0000) == (1u << 26 | 0x19u << 18));
  }
}

TEST_CASE("A function that is being reset puts requests off, the others answer",
          "[unit][config][R19][R43]") {
  Device device;
  for (unsigned f = 0; f < 3; ++f) device.write(f, 0x3c, 0x11);
  auto& pins = device.module.pins();
  pins.resetting_i = 0b010;
  device.write(1, 0x3c, 0x77);
  device.write(2, 0x3c, 0x22);
  const auto status = [&](unsigned f) {
    pins.cfg_valid_i = 1;
    dut::clear_bits(pins.cfg_hdr_i);
    dut::set_bits(pins.cfg_hdr_i, 120, 8, 0x04);
    dut::set_bits(pins.cfg_hdr_i, 48, 16, 0x0100 | f);
    device.module.settle();
    CHECK(pins.cfg_ready_o == 1);
    CHECK(pins.cfg_done_o == 1);
    const unsigned answer = pins.cfg_status_o;
    const uint32_t data = pins.cfg_rdata_o;
    device.module.step();
    pins.cfg_valid_i = 0;
    CHECK((data != 0) == (answer == kSuccess));
    return answer;
  };
  CHECK(status(0) == kSuccess);
  CHECK(status(1) == kRetry);
  CHECK(status(2) == kSuccess);
  pins.resetting_i = 0;
  CHECK(status(1) == kSuccess);
  CHECK(device.read(1, 0x3c) == 0x0211);  // the write was put off as well
  CHECK(device.read(2, 0x3c) == 0x0322);
}

TEST_CASE("An access to a function that is absent does not arrive", "[unit][config][R41]") {
  Device device;
  CHECK_THROWS_AS(device.read(3, 0), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
