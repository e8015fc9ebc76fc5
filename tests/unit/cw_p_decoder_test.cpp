// SPDX-License-Identifier: Apache-2.0
#include "Vcw_p_decoder.h"
#include "agent/stall_policy.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

const Claims kClaims;
const Claims kOther{.bar = {0x9000'0000, 0, 0x40'0000'0000}, .bar_log2 = {0, 0, 20}};
const uint64_t kRegs = kClaims.bar[0], kCard = kClaims.bar[2];

// Takes the decoded beats and keeps the verdict of each TLP.
struct Decoder : dut::Clocked {
  explicit Decoder(agent::Stall stall = agent::Stall::None)
      : rng(1, "decoder"),
        source(module.kernel(),
               dut::channel(p().p_ctl_i, p().p_data_i, p().p_valid_i, p().p_ready_o),
               rng.fork("source"), stall),
        stalls(stall, rng.fork("sink")) {
    module.kernel().add(*this);
    drive(p().state_i, kClaims);
    drive(p().state_i, kOther, 1);
    module.reset();
  }
  Vcw_p_decoder& p() { return module.pins(); }
  void sample() override {
    if (!p().req_valid_o || !p().req_ready_i) return;
    const PRequest now = p_request(p().req_o);
    if (p().req_sop_o) {
      verdicts.push_back(now);
    } else {
      CHECK(now.hdr == verdicts.back().hdr);
      CHECK(now.route == verdicts.back().route);
    }
    beats += 1;
  }
  void commit() override { p().req_ready_i = !stalls.stalls(); }
  PRequest decode(const pcie::RawTlp& raw) {
    const size_t before = verdicts.size();
    source.send(raw);
    module.run_until([&] { return verdicts.size() > before; }, 50_cycles);
    module.step(20_cycles);
    CHECK(verdicts.back().hdr == raw.hdr);
    return verdicts.back();
  }
  PRequest decode(const pcie::Tlp& tlp) { return decode(pcie::encode(tlp)); }
  PRequest write(uint64_t to, uint32_t bytes = 4, bool poisoned = false) {
    return decode(pcie::MemWrite{.address = {to},
                                 .data = std::vector<uint8_t>(bytes, 1),
                                 .attributes = {.poisoned = poisoned}});
  }

  dut::Module<Vcw_p_decoder> module{1};
  agent::Rng rng;
  agent::TlpSource source;
  agent::StallPolicy stalls;
  std::vector<PRequest> verdicts;
  unsigned beats = 0;
};

}  // namespace

TEST_CASE("a memory write goes to what its BAR is, on behalf of the function that claims it",
          "[unit][endpoint][R37]") {
  Decoder decoder;
  PRequest request = decoder.write(kRegs + 0x104);
  CHECK(request.route == RouteRegs);
  CHECK(request.target == RegBlock);
  CHECK(request.offset == 0x104);
  CHECK(request.functions == 0b01);
  request = decoder.write(kCard + 0x8000, 256);
  CHECK(request.route == RouteCard);
  CHECK(request.offset == 0x8000);
  request = decoder.write(kOther.bar[0] + 8);
  CHECK(request.route == RouteRegs);
  CHECK(request.target == RegAxil);
  CHECK(request.fn == 1);
  CHECK(request.functions == 0b10);
  request = decoder.write(kOther.bar[2] + 0xf'ff00, 256);
  CHECK(request.route == RouteAxi);
  CHECK(request.bar == 2);
}

TEST_CASE("a write that no BAR claims whole is unsupported, and concerns all functions",
          "[unit][endpoint][R21][R37]") {
  Decoder decoder;
  for (const uint64_t to : {kRegs + 0x3ffc, kCard - 4, kOther.bar[2] + 0xf'fffc, uint64_t{0}}) {
    const PRequest request = decoder.write(to, 8);
    CHECK(request.route == RouteUr);
    CHECK(request.functions == 0b11);
  }
  const pcie::MemWrite empty{
      .address = {kCard - 4}, .data = {1, 2, 3, 4}, .enables = pcie::ByteEnables{}};
  CHECK(decoder.decode(empty).route == RouteUr);
}

TEST_CASE("bar64-low-half: a write with other upper address bits is unsupported",
          "[unit][endpoint][R37][bar64-low-half]") {
  Decoder decoder;
  for (unsigned bit = 32; bit < 64; ++bit) {
    CHECK(decoder.write(kCard ^ uint64_t{1} << bit).route == RouteUr);
  }
}

TEST_CASE("asleep, or with memory space disabled, a function takes messages alone",
          "[unit][endpoint][R37][R47]") {
  Decoder decoder;
  drive(decoder.p().state_i, GENERATE(Claims{.power = 3}, Claims{.mem_enable = false}));
  CHECK(decoder.write(kCard).route == RouteUr);
  CHECK(decoder.write(kOther.bar[0]).route == RouteRegs);
  CHECK(decoder.decode(pcie::Message{.routing = 3, .code = 0x19}).route == RouteNothing);
}

TEST_CASE("poisoned-mwr: a poisoned write or message may not take effect",
          "[unit][endpoint][R37][poisoned-mwr]") {
  Decoder decoder;
  for (const uint64_t to : {kRegs, kCard, kOther.bar[0], kOther.bar[2]}) {
    CHECK(decoder.write(to, 64, /*poisoned=*/true).route == RoutePoisoned);
  }
  CHECK(decoder.write(0, 4, /*poisoned=*/true).route == RouteUr);  // nobody's: that comes first
  pcie::Message power{
      .routing = 4, .code = 0x50, .payload = {0x10}, .attributes = {.poisoned = true}};
  CHECK(decoder.decode(power).route == RoutePoisoned);
  // Without data there is nothing that could be poisoned.
  CHECK(decoder.decode(pcie::Message{.routing = 3, .code = 0x19, .attributes = {.poisoned = true}})
            .route == RouteNothing);
}

TEST_CASE("a write without bytes, or to the expansion ROM, is without effect and no error",
          "[unit][endpoint][R07][R42]") {
  Decoder decoder;
  for (const uint64_t to : {kRegs, kCard, kOther.bar[0], kOther.bar[2]}) {
    const pcie::MemWrite empty{
        .address = {to}, .data = {1, 2, 3, 4}, .enables = pcie::ByteEnables{}};
    CHECK(decoder.decode(empty).route == RouteNothing);
  }
  drive(decoder.p().state_i, Claims{.rom_enable = true, .rom_base = 0x8000'0000});
  CHECK(decoder.write(0x8000'0000).route == RouteNothing);
}

TEST_CASE("messages that an endpoint knows pass, the others are unsupported",
          "[unit][endpoint][R37][R40]") {
  Decoder decoder;
  unsigned known = 0;
  for (unsigned code = 0; code < 256; ++code) {
    const PRequest request = decoder.decode(
        pcie::Message{.routing = 4,
                      .code = static_cast<uint8_t>(code),
                      .dw2 = static_cast<uint32_t>(kCard >> 32),  // an address in other requests
                      .dw3 = static_cast<uint32_t>(kCard)});
    known += request.route == RouteNothing;
    if (request.route != RouteNothing) CHECK(request.route == RouteUr);
    CHECK(request.functions == 0b11);
  }
  CHECK(known == 12);
}

TEST_CASE("a write with a PASID is unsupported", "[unit][endpoint][R11][R37]") {
  Decoder decoder;
  pcie::RawTlp raw = pcie::encode(pcie::MemWrite{.address = {kCard}, .data = {1, 2, 3, 4}});
  raw.prefix = 0x9100'0001;
  CHECK(decoder.decode(raw).route == RouteUr);
}

TEST_CASE("one beat per clock passes, however short the TLPs", "[unit][endpoint][performance]") {
  Decoder decoder;
  for (unsigned i = 0; i < 64; ++i) {
    decoder.source.send(pcie::encode(
        pcie::MemWrite{.address = {kCard + 32 * i}, .data = std::vector<uint8_t>(32, 1)}));
  }
  const uint64_t start = decoder.module.now().value;
  decoder.module.run_until([&] { return decoder.verdicts.size() == 64; }, 200_cycles);
  CHECK(decoder.module.now().value - start <= 64 + 3);
  CHECK(decoder.p().p_taken_o == 0);  // 64 modulo 16
}

TEST_CASE("requests that were taken are counted once, however many beats they have",
          "[unit][endpoint][R30]") {
  Decoder decoder;
  CHECK(decoder.p().p_taken_o == 0);
  for (unsigned n = 1; n <= 17; ++n) {
    decoder.write(kCard, 4 * n);
    CHECK(decoder.p().p_taken_o == n % 16);
  }
}

TEST_CASE("a verdict stays with its TLP under stalls", "[unit][endpoint][R31]") {
  Decoder decoder(agent::Stall::Adversarial);
  for (unsigned i = 0; i < 40; ++i) {
    decoder.source.send(pcie::encode(
        pcie::MemWrite{.address = {i & 1 ? kCard : kRegs}, .data = std::vector<uint8_t>(96, 1)}));
  }
  decoder.module.run_until([&] { return decoder.beats == 40 * 3; }, 5000_cycles);
  for (unsigned i = 0; i < 40; ++i) {
    CHECK(decoder.verdicts[i].route == (i & 1 ? RouteCard : RouteRegs));
  }
}

TEST_CASE("a read here raises the alarm", "[unit][endpoint][R31]") {
  Decoder decoder;
  decoder.source.send(pcie::encode(pcie::MemRead{.length_bytes = 4}));
  CHECK_THROWS_AS(decoder.module.step(5_cycles), dut::AssertionFailed);
}
