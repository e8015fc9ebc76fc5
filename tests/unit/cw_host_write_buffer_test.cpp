// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
#include <Vcw_host_write_buffer.h>
#include <Vcw_host_write_buffer_w64.h>

#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

template <class V>
struct Buffer {
  dut::Module<V> module;
  Buffer() {
    idle();
    module.reset();
  }
  V& pins() { return module.pins(); }
  void idle() {
    pins().start_i = pins().load_i = pins().skip_i = pins().beat_i = pins().done_i = 0;
  }
  void step() {
    module.step();
    idle();
    module.settle();
  }
  void start(uint64_t addr) {
    pins().start_i = 1;
    pins().start_addr_i = addr >> 3;
    step();
  }
  void load(unsigned index, uint64_t data, unsigned strobes) {
    pins().load_i = 1;
    pins().load_index_i = static_cast<uint8_t>(index);
    pins().load_data_i = data;
    pins().load_strb_i = static_cast<uint8_t>(strobes);
    step();
  }
  uint32_t dword(unsigned lane) {
    return static_cast<uint32_t>(dut::get_bits(pins().data_o, 32 * lane, 32));
  }
};

TEST_CASE("The write buffer merges beats of the same 8 bytes", "[unit][root]") {
  Buffer<Vcw_host_write_buffer> dut;
  CHECK(dut.pins().empty_o == 1);
  dut.start(0x4000'0104);
  dut.load(0, 0x8877'6655'4433'2211, 0x0f);
  dut.load(0, 0xaaaa'aaaa'bbbb'bbbb, 0xc0);
  dut.load(7, 0x0102'0304'0506'0708, 0xff);
  CHECK(dut.pins().empty_o == 0);
  CHECK(dut.pins().addr_o == 0x4000'0100);
  CHECK(dut.pins().be_o == 0xff00'0000'0000'00cf);
  CHECK(dut.dword(0) == 0x4433'2211);
  CHECK(dut.dword(1) >> 16 == 0xaaaa);
}

TEST_CASE("The write buffer gives dwords off the bottom, one or a beat", "[unit][root]") {
  Buffer<Vcw_host_write_buffer_w64> dut;
  dut.start(0x1000);
  dut.load(0, 0, 0x00);
  for (unsigned i = 1; i < 8; ++i) dut.load(i, uint64_t{2 * i + 1} << 32 | 2 * i, 0xff);
  for (unsigned i = 0; i < 2; ++i) {
    dut.pins().skip_i = 1;
    dut.step();
  }
  CHECK(dut.pins().addr_o == 0x1008);
  CHECK(dut.dword(0) == 2);
  dut.pins().beat_i = 1;
  dut.step();
  CHECK(dut.pins().addr_o == 0x1010);
  CHECK(dut.dword(0) == 4);
  CHECK(dut.dword(1) == 5);
  dut.pins().done_i = 1;
  dut.pins().done_dw_i = 1;
  dut.step();
  CHECK(dut.pins().be_o == 0x0000'ffff'ffff'fff0);
  dut.start(0x2000);
  CHECK(dut.pins().empty_o == 1);  // the rest is forgotten
}

TEST_CASE("The write buffer does not skip what is still to be written", "[unit][root]") {
  Buffer<Vcw_host_write_buffer> dut;
  dut.start(0);
  dut.load(0, 1, 0x01);
  dut.pins().skip_i = 1;
  CHECK_THROWS_AS(dut.module.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
