// SPDX-License-Identifier: Apache-2.0
// cw-variant: Present=0
#include "Vcw_ecrc_append.h"
#include "Vcw_ecrc_append_present0.h"
#include "unit/digest_bench.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kLanes = 8;

template <class V>
struct Bench {
  Bench() {
    p.valid_i = p.ready_i = 0;
    p.generate_i = 0;
    module.reset();
  }
  // What leaves for a TLP that waits now and then.
  pcie::RawTlp through(const pcie::RawTlp& tlp, bool toggle = false) {
    pcie::RawTlp out{.payload = tlp.payload, .prefix = tlp.prefix};
    const auto beats = controls(tlp, kLanes, rng);
    for (size_t n = 0; n < beats.size(); ++n) {
      drive_ctl(p.ctl_i, beats[n]);
      drive_payload(p.data_i, tlp, n, kLanes, rng);
      p.valid_i = 1;
      p.ready_i = 0;
      module.settle();
      const dut::TlpCtl held = leaving();
      for (unsigned wait = static_cast<unsigned>(rng.range(0, 2)); wait; --wait) {
        module.step();
        if (toggle) p.generate_i = static_cast<uint8_t>(~p.generate_i);
        module.settle();
        CHECK(leaving() == held);
      }
      p.ready_i = 1;
      module.settle();
      if (n == 0) out.hdr = leaving().hdr;
      if (n + 1 == beats.size() && pcie::has_digest(out)) out.digest = leaving().digest;
      module.step();
    }
    p.valid_i = 0;
    module.step();
    return out;
  }
  dut::TlpCtl leaving() {
    std::array<uint32_t, dut::kTlpCtlWords> words;
    std::copy_n(p.ctl_o.data(), words.size(), words.begin());
    return dut::unpack_tlp_ctl(words);
  }
  dut::Module<V> module{6};
  V& p = module.pins();
  agent::Rng rng{6, "digest"};
};

pcie::RawTlp from_function(agent::Rng& rng, unsigned function) {
  pcie::RawTlp tlp = any_tlp(rng);
  tlp.hdr[1] = (tlp.hdr[1] & ~0x0007'0000u) | function << 16;
  return tlp;
}

TEST_CASE("What a function with ECRC Generation Enable sends has the digest that it must have",
          "[unit][port][R39]") {
  Bench<Vcw_ecrc_append> bench;
  bench.p.generate_i = 0b0000'0100;
  for (unsigned n = 0; n < 200; ++n) {
    const pcie::RawTlp two = from_function(bench.rng, 2), five = from_function(bench.rng, 5);
    CHECK(bench.through(two) == pcie::with_ecrc(two));
    CHECK(bench.through(five) == five);
  }
}

TEST_CASE("A change of the enable does not reach a TLP that waits", "[unit][port][R39]") {
  Bench<Vcw_ecrc_append> bench;
  for (unsigned n = 0; n < 200; ++n) {
    bench.p.generate_i = n % 2 ? 0xff : 0;
    const pcie::RawTlp tlp = from_function(bench.rng, 1);
    CHECK(bench.through(tlp, /*toggle=*/true) == (n % 2 ? pcie::with_ecrc(tlp) : tlp));
  }
}

TEST_CASE("A port without ECRC gives no digest", "[unit][port]") {
  Bench<Vcw_ecrc_append_present0> bench;
  bench.p.generate_i = 0xff;
  const pcie::RawTlp tlp = from_function(bench.rng, 1);
  CHECK(bench.through(tlp) == tlp);
}

}  // namespace
}  // namespace cw::unit
