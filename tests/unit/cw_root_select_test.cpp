// SPDX-License-Identifier: Apache-2.0
// cw-variant: Ports=1
#include "Vcw_root_select.h"
#include "Vcw_root_select_ports1.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/host_fields.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;

constexpr unsigned kStateBits = 307;

constexpr RootPortState kFirst{}, kSecond{.secondary = 4,
                                          .subordinate = 6,
                                          .mem_base = 0x4100'0000,
                                          .mem_limit = 0x41ff'ffff,
                                          .pref_base = 0x10'0100'0000,
                                          .pref_limit = 0x10'01ff'ffff};

constexpr uint64_t ecam(unsigned bus, unsigned device, unsigned offset = 0) {
  return 0x3000'0000 + (bus << 20 | device << 15 | offset);
}

template <class V>
struct Select {
  Select() {
    p.take_i = 0;
    p.addr_i = 0;
    state(0, kFirst);
    if constexpr (sizeof(V::state_i) > 64) state(1, kSecond);
    module.reset();
  }
  void state(unsigned port, const RootPortState& s) {
    VlWide<10> one{};
    drive(one, s);
    for (unsigned at = 0; at < kStateBits; at += 32) {
      const unsigned bits = std::min(32u, kStateBits - at);
      dut::set_bits(p.state_i, port * kStateBits + at, bits, dut::get_bits(one, at, bits));
    }
  }
  // The port whose state and ID are shown for an address; the one that is kept once it is taken.
  unsigned chosen(uint64_t addr) {
    p.addr_i = addr;
    module.settle();
    const unsigned port = p.id_o >> 3;
    const auto secondary = dut::get_bits(p.state_o, 279, 8);
    CHECK(secondary == (port == 0 ? kFirst : kSecond).secondary);
    p.take_i = 1;
    module.step();
    p.take_i = 0;
    p.addr_i = 0;  // what comes next changes nothing
    module.step(3_cycles);
    CHECK(p.port_o == port);
    return port;
  }

  dut::Module<V> module;
  V& p = module.pins();
};

TEST_CASE("An access concerns the port whose registers, buses or windows its address names",
          "[unit][root][duo][R48][R49]") {
  Select<Vcw_root_select> select;
  const std::pair<uint64_t, unsigned> cases[] = {
      {ecam(0, 0), 0},    {ecam(0, 1), 1},  {ecam(0, 1, 0xffc), 1}, {ecam(1, 0), 0},
      {ecam(3, 7), 0},    {ecam(4, 0), 1},  {ecam(6, 31), 1},       {0x4000'0000, 0},
      {0x40ff'ffff, 0},   {0x4100'0000, 1}, {0x41ff'ffff, 1},       {0x10'00ff'ffff, 0},
      {0x10'0100'0000, 1}};
  for (const auto& [addr, port] : cases) {
    INFO("address " << std::hex << addr);
    CHECK(select.chosen(addr) == port);
  }
}

TEST_CASE("What names no port concerns the first: nobody is there, or no port is asked",
          "[unit][root][duo][R48][R49]") {
  Select<Vcw_root_select> select;
  for (const uint64_t addr : {ecam(0, 2), ecam(7, 0), uint64_t{0x4200'0000}, uint64_t{0x1000'0000},
                              uint64_t{0x8000'0000}, uint64_t{0}}) {
    select.chosen(0x4100'0000);
    CHECK(select.chosen(addr) == 0);
  }
  // A function of a root port that is not there, and a device of its link.
  CHECK(select.chosen(ecam(0, 1, 0x1000)) == 0);
  CHECK(select.chosen(ecam(4, 1)) == 0);
}

TEST_CASE("Where both claim an address, the first one has it", "[unit][root][duo][R48]") {
  Select<Vcw_root_select> select;
  RootPortState wide = kFirst;
  wide.mem_limit = 0x41ff'ffff;
  wide.subordinate = 6;
  select.state(0, wide);
  CHECK(select.chosen(0x4100'0000) == 0);
  CHECK(select.chosen(ecam(5, 0)) == 0);
  CHECK(select.chosen(ecam(0, 1)) == 1);
}

TEST_CASE("A window that is closed claims nothing", "[unit][root][duo][R47][R48]") {
  Select<Vcw_root_select> select;
  RootPortState closed = kSecond;
  closed.mem_enable = false;
  select.state(1, closed);
  CHECK(select.chosen(0x4100'0000) == 0);
  CHECK(select.chosen(ecam(4, 0)) == 1);
}

TEST_CASE("After a reset no access is under way, and the port is the first", "[unit][root][duo]") {
  Select<Vcw_root_select> select;
  CHECK(select.chosen(0x4100'0000) == 1);
  select.module.reset();
  CHECK(select.p.port_o == 0);
}

TEST_CASE("The only port is always the one", "[unit][root][duo]") {
  Select<Vcw_root_select_ports1> select;
  for (const uint64_t addr : {ecam(0, 0), ecam(0, 1), ecam(1, 0), ecam(9, 0), uint64_t{0x4000'0000},
                              uint64_t{0x5000'0000}}) {
    CHECK(select.chosen(addr) == 0);
  }
}

}  // namespace
}  // namespace cw::unit
