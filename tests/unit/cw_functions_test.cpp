// SPDX-License-Identifier: Apache-2.0
// cw-variant: Functions=3
#include <Vcw_functions_functions3.h>

#include "unit/cfg_compare.hpp"

namespace cw::unit {
namespace {

struct Device {
  dut::Module<Vcw_functions_functions3> module;
  CfgFunction<Vcw_functions_functions3> access{quiet(module)};

  static dut::Module<Vcw_functions_functions3>& quiet(
      dut::Module<Vcw_functions_functions3>& module) {
    module.pins().busy_i = 0;
    return module;
  }
  uint32_t read(unsigned function, unsigned offset) {
    access.target = static_cast<uint16_t>(0x0100 | function);
    return access.read(offset);
  }
  void write(unsigned function, unsigned offset, uint32_t value) {
    access.target = static_cast<uint16_t>(0x0100 | function);
    access.write(offset, value);
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
  }
}

TEST_CASE("An access to a function that is absent does not arrive", "[unit][config][R41]") {
  Device device;
  CHECK_THROWS_AS(device.read(3, 0), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
