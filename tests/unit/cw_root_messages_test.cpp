// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "Vcw_root_messages.h"
#include "catch_shim.hpp"
#include "pcie/codec.hpp"
#include "unit/completer_fields.hpp"

namespace cw::unit {
namespace {

// `root_message_t`, without the source and the latencies.
enum Kind : unsigned {
  IsLtr = 1u << 0,
  IsPmeToAck = 1u << 1,
  IsPmPme = 1u << 2,
  IsFatal = 1u << 3,
  IsNonFatal = 1u << 4,
  IsCorrectable = 1u << 5
};

struct Root {
  Root() {
    dut::clear_bits(p.hdr_i);
    p.take_i = p.link_reset_i = 0;
    module.reset();
  }
  // What is said of a TLP in the clock in which it is done with; wires are those of the next.
  unsigned take(const pcie::Tlp& tlp) {
    drive_hdr(p.hdr_i, 0, pcie::encode(tlp).hdr);
    p.take_i = 1;
    module.settle();
    const auto kinds = static_cast<unsigned>(dut::get_bits(p.msg_o, 48, 6));
    module.step();
    p.take_i = 0;
    module.settle();
    return kinds;
  }
  unsigned take(uint8_t code, uint8_t routing) {
    return take(pcie::Message{
        .requester = {.bus = 5, .device = 2, .function = 1}, .routing = routing, .code = code});
  }
  dut::Module<Vcw_root_messages> module{1};
  Vcw_root_messages& p = module.pins();
};

TEST_CASE("Assert and Deassert messages are the levels of four wires", "[unit][root][intx]") {
  Root root;
  for (uint8_t pin = 0; pin < 4; ++pin) {
    CHECK(root.take(0x20 + pin, 4) == 0);
    CHECK(root.p.intx_o == 1u << pin);
    root.take(0x20 + pin, 4);  // once more is no harm
    CHECK(root.p.intx_o == 1u << pin);
    root.take(0x24 + pin, 4);
    CHECK(root.p.intx_o == 0);
  }
  for (uint8_t pin = 0; pin < 4; ++pin) root.take(0x20 + pin, 4);
  root.take(0x26, 4);
  CHECK(root.p.intx_o == 0b1011);
}

TEST_CASE("A reset of the link drops every wire", "[unit][root][intx][R45]") {
  Root root;
  for (uint8_t pin = 0; pin < 4; ++pin) root.take(0x20 + pin, 4);
  root.p.link_reset_i = 1;
  root.module.step();
  CHECK(root.p.intx_o == 0);
}

TEST_CASE("Every other message that comes up is told once, with who sent it",
          "[unit][root][R38][R47]") {
  Root root;
  const std::pair<uint8_t, unsigned> rows[] = {{0x30, IsCorrectable}, {0x31, IsNonFatal},
                                               {0x33, IsFatal},       {0x18, IsPmPme},
                                               {0x1b, IsPmeToAck},    {0x10, IsLtr}};
  for (const auto& [code, kind] : rows) {
    CHECK(root.take(code, code == 0x1b ? 5 : code == 0x10 ? 4 : 0) == kind);
    CHECK(dut::get_bits(root.p.msg_o, 48, 6) == 0);
    CHECK(root.p.intx_o == 0);
  }
  CHECK(root.take(pcie::Message{.requester = {.bus = 5, .device = 2, .function = 1},
                                .routing = 4,
                                .code = 0x10,
                                .dw3 = 0x8803'9005}) == IsLtr);
  CHECK(dut::get_bits(root.p.msg_o, 32, 16) == 0x0511);
  CHECK(dut::get_bits(root.p.msg_o, 0, 32) == 0x8803'9005);
}

TEST_CASE("What is no message, and messages that go down, say nothing", "[unit][root]") {
  Root root;
  for (const uint8_t code : {0x00, 0x12, 0x14, 0x19, 0x50, 0x7f}) CHECK(root.take(code, 3) == 0);
  const std::vector<uint8_t> data(4, 0x20);
  CHECK(root.take(pcie::MemWrite{.address = {0x2000}, .data = data}) == 0);
  CHECK(root.p.intx_o == 0);
}

}  // namespace
}  // namespace cw::unit
