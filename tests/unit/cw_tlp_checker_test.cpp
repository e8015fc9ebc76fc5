// SPDX-License-Identifier: Apache-2.0
#include "Vcw_tlp_checker.h"
#include "unit/digest_bench.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;

constexpr unsigned kLanes = 8;

struct Checker {
  Checker() {
    p.rx_valid_i = p.tx_valid_o = 0;
    p.rx_ready_o = 1;
    p.tx_ready_i = 1;
    p.max_payload_i = 1;
    grant(true);
    module.reset();
  }
  // Infinite credits, or none.
  void grant(bool infinite) {
    dut::clear_bits(p.tx_fc_i);
    for (unsigned bit = 12; infinite && bit < 78; bit += 13) dut::set_bits(p.tx_fc_i, bit, 1, 1);
  }
  void beats(const pcie::RawTlp& tlp, bool sent) {
    const auto all = controls(tlp, kLanes, rng);
    for (size_t n = 0; n < all.size(); ++n) {
      if (sent) {
        drive_ctl(p.tx_ctl_o, all[n]);
        drive_payload(p.tx_data_o, tlp, n, kLanes, rng);
        p.tx_valid_o = 1;
      } else {
        drive_ctl(p.rx_ctl_i, all[n]);
        p.rx_valid_i = 1;
      }
      module.step();
      p.tx_valid_o = p.rx_valid_i = 0;
    }
  }
  void send(const pcie::RawTlp& tlp) { beats(tlp, true); }
  void receive(const pcie::RawTlp& tlp) { beats(tlp, false); }
  void bad(const pcie::RawTlp& tlp) { CHECK_THROWS_AS(send(tlp), dut::AssertionFailed); }

  dut::Module<Vcw_tlp_checker> module{9};
  Vcw_tlp_checker& p = module.pins();
  agent::Rng rng{9, "checker"};
};

pcie::RawTlp write_at(uint64_t address, uint32_t bytes) {
  return pcie::encode(
      pcie::MemWrite{.address = {address}, .data = std::vector<uint8_t>(bytes, 0x11)});
}

TEST_CASE("The checker is content with TLPs that keep the rules", "[unit][port][R36]") {
  Checker checker;
  for (unsigned n = 0; n < 300; ++n) {
    pcie::RawTlp tlp = test::random_tlp(checker.rng, n % 2, 256);
    checker.receive(pcie::encode(pcie::MemRead{.tag = {5}, .address = {0x40}, .length_bytes = 8}));
    checker.send(pcie::encode(
        pcie::Completion{.byte_count = 8, .tag = {5}, .lower_address = 0x40, .payload = {1, 2}}));
    const uint8_t kind = pcie::kind(tlp) & 0x1f;
    if (kind != 4 && kind != 5) checker.send(tlp);  // configuration goes down only
  }
}

TEST_CASE("The checker names each rule that a sent TLP breaks",
          "[unit][port][R01][R02][R04][R05][R11][R25][R36]") {
  const pcie::RawTlp good = write_at(0x1000, 64);
  SECTION("page") {
    Checker().bad([] {
      auto t = write_at(0x1f80, 128);
      t.hdr[2] += 64;
      return t;
    }());
  }
  SECTION("payload size") { Checker().bad(write_at(0x1000, 512)); }
  SECTION("header of four dwords below 4 GiB") {
    pcie::RawTlp tlp = write_at(0x1'0000'1000, 64);
    tlp.hdr[2] = 0;
    Checker().bad(tlp);
  }
  SECTION("byte enables") {
    pcie::RawTlp tlp = good;
    tlp.hdr[1] &= ~0xfu;
    Checker().bad(tlp);
  }
  SECTION("address type") {
    pcie::RawTlp tlp = good;
    tlp.hdr[0] |= 1u << 10;
    Checker().bad(tlp);
  }
  SECTION("length") {
    pcie::RawTlp tlp = good;
    tlp.payload.pop_back();
    Checker().bad(tlp);
  }
  SECTION("reserved kind") {
    pcie::RawTlp tlp = good;
    tlp.hdr[0] |= 0x1f00'0000;
    Checker().bad(tlp);
  }
  SECTION("message routing") {
    Checker().bad(pcie::encode(pcie::Message{.routing = 4, .code = 0x30}));
  }
  SECTION("configuration from an endpoint") { Checker().bad(pcie::encode(pcie::CfgRead{})); }
  SECTION("data with a refusal") {
    Checker checker;
    checker.receive(pcie::encode(pcie::MemRead{.address = {0x40}, .length_bytes = 4}));
    checker.bad(pcie::encode(pcie::Completion{.status = pcie::CplStatus::Ur, .payload = {1}}));
  }
}

TEST_CASE("The checker knows which completions somebody asked for", "[unit][port][R40]") {
  Checker checker;
  const pcie::RawTlp part = pcie::encode(
      pcie::Completion{.byte_count = 12, .tag = {7}, .lower_address = 0x78, .payload = {1, 2}});
  const pcie::RawTlp last =
      pcie::encode(pcie::Completion{.byte_count = 4, .tag = {7}, .payload = {3}});
  checker.receive(pcie::encode(pcie::MemRead{.tag = {7}, .address = {0x78}, .length_bytes = 12}));
  checker.send(part);
  checker.send(last);
  checker.bad(last);
}

TEST_CASE("The checker counts the partner's credits", "[unit][port][R35]") {
  Checker checker;
  checker.grant(false);
  checker.bad(write_at(0x1000, 16));
}

TEST_CASE("The checker wants a beat to stay until it is taken", "[unit][port]") {
  Checker checker;
  drive_ctl(checker.p.tx_ctl_o, controls(write_at(0x1000, 32), kLanes, checker.rng)[0]);
  checker.p.tx_valid_o = 1;
  checker.p.tx_ready_i = 0;
  checker.module.step();
  checker.p.tx_valid_o = 0;
  CHECK_THROWS_AS(checker.module.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
