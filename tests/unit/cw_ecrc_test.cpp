// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
// cw-variant: W=512
#include "Vcw_ecrc.h"
#include "Vcw_ecrc_w512.h"
#include "Vcw_ecrc_w64.h"
#include "unit/digest_bench.hpp"

namespace cw::unit {
namespace {

template <class V>
uint32_t digest_of(dut::Module<V>& module, const pcie::RawTlp& tlp, unsigned lanes,
                   agent::Rng& rng) {
  auto& p = module.pins();
  const auto beats = controls(tlp, lanes, rng);
  uint32_t digest = 0;
  for (size_t n = 0; n < beats.size(); ++n) {
    for (unsigned wait = static_cast<unsigned>(rng.range(0, 2)); wait; --wait) {
      p.take_i = 0;
      module.step();
    }
    drive_ctl(p.ctl_i, beats[n]);
    drive_payload(p.data_i, tlp, n, lanes, rng);
    p.enable_i = 1;
    p.take_i = 1;
    module.settle();
    digest = p.digest_o;
    module.step();
  }
  p.take_i = 0;
  return digest;
}

template <class V>
void equals_model(unsigned lanes) {
  dut::Module<V> module(3);
  module.pins().take_i = module.pins().enable_i = 0;
  module.reset();
  agent::Rng rng(7, "ecrc");
  for (unsigned n = 0; n < 300; ++n) {
    const pcie::RawTlp tlp = any_tlp(rng);
    INFO(pcie::to_text(tlp));
    REQUIRE(digest_of(module, tlp, lanes, rng) == pcie::ecrc(tlp));
  }
}

TEST_CASE("The ECRC is that of prefix, header and payload, at every width", "[unit][tlp][R39]") {
  equals_model<Vcw_ecrc>(8);
  equals_model<Vcw_ecrc_w64>(2);
  equals_model<Vcw_ecrc_w512>(16);
}

TEST_CASE("Bits that may change on the way do not count", "[unit][tlp][R39]") {
  dut::Module<Vcw_ecrc> module(3);
  module.reset();
  agent::Rng rng(8, "ecrc");
  pcie::RawTlp tlp = pcie::encode(pcie::MemWrite{.address = {0x40}, .data = {1, 2, 3, 4}});
  const uint32_t digest = digest_of(module, tlp, 8, rng);
  tlp.hdr[0] ^= 1u << 14;  // EP
  CHECK(digest_of(module, tlp, 8, rng) == digest);
  tlp.hdr[0] ^= 1u << 24;  // Type[0]
  CHECK(digest_of(module, tlp, 8, rng) == digest);
  tlp.hdr[0] ^= 1u << 20;  // traffic class
  CHECK(digest_of(module, tlp, 8, rng) != digest);
}

TEST_CASE("A payload that leaves out lane 0 raises the alarm of the digest", "[unit][tlp]") {
  dut::Module<Vcw_ecrc> module(3);
  module.reset();
  drive_ctl(module.pins().ctl_i, {.strb = 2, .eop = true, .sop = true});
  module.pins().enable_i = module.pins().take_i = 1;
  CHECK_THROWS_AS(module.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
