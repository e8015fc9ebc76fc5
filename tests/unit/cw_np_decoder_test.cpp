// SPDX-License-Identifier: Apache-2.0
#include "Vcw_np_decoder.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

const Claims kClaims;
const Claims kOther{.bar = {0x9000'0000, 0, 0x40'0000'0000}, .bar_log2 = {0, 0, 20}};

struct Decoder {
  Decoder() {
    p().np_valid_i = p().req_ready_i = 0;
    configure({});
    drive(p().state_i, kOther, 1);
    module.reset();
  }
  Vcw_np_decoder& p() { return module.pins(); }
  void configure(const Claims& claims) { drive(p().state_i, claims); }
  // One beat; returns whether it was taken.
  bool offer(const pcie::RawTlp& raw, bool sop, bool eop, uint32_t dword) {
    dut::clear_bits(p().np_ctl_i);
    dut::set_bits(p().np_ctl_i, 179, 1, sop);
    dut::set_bits(p().np_ctl_i, 178, 1, eop);
    dut::set_bits(p().np_ctl_i, 176, 1, prefix);
    drive_hdr(p().np_ctl_i, 0, raw.hdr);
    p().np_dword_i = dword;
    p().np_valid_i = 1;
    module.settle();
    const bool taken = p().np_ready_o;
    module.step();
    p().np_valid_i = 0;
    return taken;
  }
  NpRequest decode(const pcie::Tlp& tlp, unsigned beats = 1) {
    const pcie::RawTlp raw = pcie::encode(tlp);
    for (unsigned b = 0; b < beats; ++b) {
      CHECK(offer(raw, b == 0, b + 1 == beats,
                  b                     ? 0xbad
                  : raw.payload.empty() ? 0
                                        : raw.payload[0]));
    }
    module.settle();
    REQUIRE(p().req_valid_o);
    const NpRequest request = np_request(p().req_o);
    CHECK(request.hdr == raw.hdr);
    p().req_ready_i = 1;
    module.step();
    p().req_ready_i = 0;
    module.settle();
    CHECK_FALSE(p().req_valid_o);
    return request;
  }
  bool prefix = false;
  dut::Module<Vcw_np_decoder> module{1};
};

}  // namespace

TEST_CASE("a memory read goes to what its BAR is", "[unit][endpoint][R06][R21][R37]") {
  Decoder decoder;
  const uint64_t regs = kClaims.bar[0], card = kClaims.bar[2];
  NpRequest request = decoder.decode(pcie::MemRead{.address = {regs + 0x124}, .length_bytes = 4});
  CHECK(request.route == RouteRegs);
  CHECK(request.offset == 0x124);
  request = decoder.decode(pcie::MemRead{.address = {card + 0xf003}, .length_bytes = 4093});
  CHECK(request.route == RouteCard);
  CHECK(request.offset == 0xf000);
  CHECK(decoder.decode(pcie::MemRead{.address = {card}}).route == RouteNothing);
  CHECK(decoder.decode(pcie::MemRead{.address = {card - 4}}).route == RouteUr);
  CHECK(decoder.decode(pcie::MemRead{.address = {0x4000}, .length_bytes = 4}).route == RouteUr);
  CHECK(decoder.decode(pcie::MemRead{.address = {regs + 0x3ffe}, .length_bytes = 3}).route ==
        RouteUr);
}

TEST_CASE("an I/O request goes to the registers behind an I/O BAR", "[unit][endpoint][R37][R42]") {
  Decoder decoder;
  decoder.configure({.io_enable = true});
  const auto port = static_cast<uint32_t>(kClaims.bar[4]);
  NpRequest request = decoder.decode(pcie::IoRead{.address = port + 0x10});
  CHECK(request.route == RouteRegs);
  CHECK(request.offset == 0x10);
  CHECK(request.bar == 4);
  CHECK(request.functions == 0b01);
  request = decoder.decode(pcie::IoWrite{.address = port + 0xfc, .data = 0x1234});
  CHECK(request.route == RouteRegs);
  CHECK(request.wdata == 0x1234);
  CHECK(decoder.decode(pcie::IoRead{.address = port, .first_be = 0}).route == RouteNothing);
  CHECK(decoder.decode(pcie::IoWrite{.address = port, .first_be = 0}).route == RouteNothing);
  CHECK(decoder.decode(pcie::IoRead{.address = port + 0x100}).route == RouteUr);
  CHECK(decoder.decode(pcie::MemRead{.address = {port}, .length_bytes = 4}).route == RouteUr);
  decoder.configure({.io_enable = false});
  CHECK(decoder.decode(pcie::IoRead{.address = port}).route == RouteUr);
}

TEST_CASE("a request of another function goes to the user's ports, with function and BAR",
          "[unit][endpoint][R37]") {
  Decoder decoder;
  NpRequest request =
      decoder.decode(pcie::MemRead{.address = {kOther.bar[0] + 0x124}, .length_bytes = 4});
  CHECK(request.route == RouteRegs);
  CHECK(request.target == RegAxil);
  CHECK(request.fn == 1);
  CHECK(request.bar == 0);
  CHECK(request.functions == 0b10);
  request =
      decoder.decode(pcie::MemRead{.address = {kOther.bar[2] + 0xf'f000}, .length_bytes = 64});
  CHECK(request.route == RouteAxi);
  CHECK(request.bar == 2);
  CHECK(request.offset == 0xf'f000);
}

TEST_CASE("the expansion ROM is read on the register bus", "[unit][endpoint][R42]") {
  Decoder decoder;
  decoder.configure({.rom_enable = true, .rom_base = 0x8000'0000});
  const NpRequest request =
      decoder.decode(pcie::MemRead{.address = {0x8000'0010}, .length_bytes = 4});
  CHECK(request.route == RouteRegs);
  CHECK(request.target == RegRom);
  CHECK(request.offset == 0x10);
}

TEST_CASE("an error that no function claims concerns all that are there", "[unit][endpoint][R37]") {
  Decoder decoder;
  CHECK(decoder.decode(pcie::MemRead{.address = {0x4000}, .length_bytes = 4}).functions == 0b11);
  CHECK(decoder.decode(pcie::CfgRead{.target = {3, 9, 7}}).functions == 0b11);
  const pcie::MemRead locked{.address = {kOther.bar[0]}, .length_bytes = 4, .locked = true};
  CHECK(decoder.decode(locked).functions == 0b10);
}

TEST_CASE("a request with a PASID, or for a translation, is refused",
          "[unit][endpoint][R11][R37]") {
  Decoder decoder;
  const pcie::MemRead read{.address = {kClaims.bar[2]}, .length_bytes = 4};
  pcie::MemRead translation = read;
  translation.attributes.address_type = 1;
  CHECK(decoder.decode(translation).route == RouteUr);
  decoder.prefix = true;
  CHECK(decoder.decode(read).route == RouteUr);
  CHECK(decoder.decode(pcie::CfgRead{}).route == RouteUr);
  decoder.prefix = false;
  CHECK(decoder.decode(read).route == RouteCard);
}

TEST_CASE("configuration space is for type 0 accesses of functions that are there",
          "[unit][endpoint][R37][R41]") {
  Decoder decoder;
  using pcie::CfgType;
  CHECK(decoder.decode(pcie::CfgRead{.target = {3, 9, 0}}).route == RouteCfg);
  CHECK(decoder.decode(pcie::CfgRead{.target = {3, 9, 1}}).route == RouteCfg);
  for (uint8_t fn = 2; fn < 8; ++fn) {
    const NpRequest absent = decoder.decode(pcie::CfgRead{.target = {3, 9, fn}});
    CHECK(absent.route == RouteUr);
    CHECK(absent.fn == fn);  // the completion says who was asked
  }
  CHECK(decoder.decode(pcie::CfgRead{.type = CfgType::Type1}).route == RouteUr);
  CHECK(decoder.decode(pcie::CfgWrite{.type = CfgType::Type1}).route == RouteUr);
  const NpRequest write = decoder.decode(pcie::CfgWrite{.data = 0xfeed'f00d});
  CHECK(write.route == RouteCfg);
  CHECK(write.wdata == 0xfeed'f00d);
  CHECK(decoder.decode(pcie::CfgWrite{.poisoned = true}).route == RoutePoisoned);
  CHECK(decoder.decode(pcie::CfgWrite{.target = {0, 0, 2}, .poisoned = true}).route == RouteUr);
}

TEST_CASE("asleep, a function answers configuration requests alone", "[unit][endpoint][R37][R47]") {
  Decoder decoder;
  decoder.configure({.power = 3});
  CHECK(decoder.decode(pcie::MemRead{.address = {kClaims.bar[2]}, .length_bytes = 4}).route ==
        RouteUr);
  CHECK(decoder.decode(pcie::CfgRead{}).route == RouteCfg);
  CHECK(decoder.decode(pcie::MemRead{.address = {kOther.bar[0]}, .length_bytes = 4}).route ==
        RouteRegs);
}

TEST_CASE("locked reads, I/O, and AtomicOps on anything but card memory, are refused",
          "[unit][endpoint][R37]") {
  Decoder decoder;
  const uint64_t card = kClaims.bar[2];
  CHECK(decoder.decode(pcie::MemRead{.address = {card}, .length_bytes = 4, .locked = true}).route ==
        RouteUr);
  CHECK(decoder.decode(pcie::IoRead{}).route == RouteUr);
  CHECK(decoder.decode(pcie::IoWrite{.poisoned = true}).route == RouteUr);
  pcie::Atomic atomic{.kind = pcie::AtomicKind::CompareAndSwap,
                      .address = {card},
                      .operands = std::vector<uint32_t>(8)};
  CHECK(decoder.decode(atomic, /*beats=*/4).route == RouteAtomic);
  atomic.attributes.poisoned = true;
  CHECK(decoder.decode(atomic, /*beats=*/4).route == RoutePoisoned);
  atomic.address = {kClaims.bar[0]};
  CHECK(decoder.decode(atomic, /*beats=*/4).route == RouteUr);
}

TEST_CASE("a CompareAndSwap of the last bytes of card memory is carried out: it names one operand",
          "[unit][endpoint][R21]") {
  constexpr uint64_t kCardBytes = 1 << 16;
  for (const unsigned operand_dw : {1u, 2u, 4u}) {
    Decoder decoder;
    const pcie::Atomic atomic{.kind = pcie::AtomicKind::CompareAndSwap,
                              .address = {kClaims.bar[2] + kCardBytes - 4 * operand_dw},
                              .operands = std::vector<uint32_t>(2 * operand_dw)};
    const NpRequest request = decoder.decode(atomic);
    CHECK(request.route == RouteAtomic);
    CHECK(request.offset == kCardBytes - 4 * operand_dw);
  }
}

TEST_CASE("a request that nobody takes holds the next one, not the rest of its payload",
          "[unit][endpoint][R31]") {
  Decoder decoder;
  const auto read = pcie::encode(pcie::MemRead{.address = {kClaims.bar[2]}, .length_bytes = 4});
  const auto atomic = pcie::encode(pcie::Atomic{.operands = {1, 2, 3, 4}});
  CHECK(decoder.offer(read, true, true, 0));
  CHECK(decoder.offer(atomic, true, false, 0));
  CHECK(decoder.offer(atomic, false, true, 0));
  CHECK_FALSE(decoder.offer(read, true, true, 0));
}

TEST_CASE("a posted request here raises the alarm", "[unit][endpoint][R31]") {
  Decoder decoder;
  CHECK_THROWS_AS(decoder.offer(pcie::encode(pcie::MemWrite{.data = {1, 2, 3, 4}}), true, true, 0),
                  dut::AssertionFailed);
}
