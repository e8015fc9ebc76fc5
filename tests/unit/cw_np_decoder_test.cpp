// SPDX-License-Identifier: Apache-2.0
#include "Vcw_np_decoder.h"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Decoder {
  Decoder() {
    p().np_valid_i = p().req_ready_i = 0;
    drive(p().state_i, Claims{});
    module.reset();
  }
  Vcw_np_decoder& p() { return module.pins(); }
  // One beat; returns whether it was taken.
  bool offer(const pcie::RawTlp& raw, bool sop, bool eop, uint32_t dword) {
    dut::clear_bits(p().np_ctl_i);
    dut::set_bits(p().np_ctl_i, 179, 1, sop);
    dut::set_bits(p().np_ctl_i, 178, 1, eop);
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
  dut::Module<Vcw_np_decoder> module{1};
};

const Claims kClaims;

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

TEST_CASE("configuration space is for type 0 accesses of function 0", "[unit][endpoint][R37]") {
  Decoder decoder;
  using pcie::CfgType;
  CHECK(decoder.decode(pcie::CfgRead{.target = {3, 9, 0}}).route == RouteCfg);
  CHECK(decoder.decode(pcie::CfgRead{.target = {3, 9, 1}}).route == RouteUr);
  CHECK(decoder.decode(pcie::CfgRead{.type = CfgType::Type1}).route == RouteUr);
  CHECK(decoder.decode(pcie::CfgWrite{.type = CfgType::Type1}).route == RouteUr);
  const NpRequest write = decoder.decode(pcie::CfgWrite{.data = 0xfeed'f00d});
  CHECK(write.route == RouteCfg);
  CHECK(write.wdata == 0xfeed'f00d);
  CHECK(decoder.decode(pcie::CfgWrite{.poisoned = true}).route == RoutePoisoned);
  CHECK(decoder.decode(pcie::CfgWrite{.target = {0, 0, 1}, .poisoned = true}).route == RouteUr);
}

TEST_CASE("locked reads, I/O and AtomicOps are refused, with all their payload",
          "[unit][endpoint][R37]") {
  Decoder decoder;
  const uint64_t card = kClaims.bar[2];
  CHECK(decoder.decode(pcie::MemRead{.address = {card}, .length_bytes = 4, .locked = true}).route ==
        RouteUr);
  CHECK(decoder.decode(pcie::IoRead{}).route == RouteUr);
  CHECK(decoder.decode(pcie::IoWrite{.poisoned = true}).route == RouteUr);
  CHECK(decoder
            .decode(pcie::Atomic{.kind = pcie::AtomicKind::CompareAndSwap,
                                 .address = {card},
                                 .operands = std::vector<uint32_t>(8)},
                    /*beats=*/4)
            .route == RouteUr);
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
