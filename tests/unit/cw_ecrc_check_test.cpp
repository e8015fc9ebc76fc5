// SPDX-License-Identifier: Apache-2.0
// cw-variant: Present=0
#include "Vcw_ecrc_check.h"
#include "Vcw_ecrc_check_present0.h"
#include "unit/digest_bench.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kLanes = 8;
constexpr uint32_t kTd = 1u << 15;

template <class V>
struct Bench {
  Bench() {
    p.valid_i = p.ready_i = p.check_i = 0;
    module.reset();
  }
  // Whether the TLP was found wrong; behind the check it has no digest, and its header as it came.
  bool wrong(const pcie::RawTlp& tlp) {
    const auto beats = controls(tlp, kLanes, rng);
    bool seen = false;
    for (size_t n = 0; n < beats.size(); ++n) {
      drive_ctl(p.ctl_i, beats[n]);
      drive_payload(p.data_i, tlp, n, kLanes, rng);
      p.valid_i = 1;
      p.ready_i = rng.chance(50);
      while (!p.ready_i) {
        module.step();
        p.ready_i = rng.chance(50);
      }
      module.settle();
      if (n + 1 < beats.size()) CHECK(!p.wrong_o);
      seen = p.wrong_o;
      std::array<uint32_t, dut::kTlpCtlWords> words;
      std::copy_n(p.ctl_o.data(), words.size(), words.begin());
      const dut::TlpCtl out = dut::unpack_tlp_ctl(words);
      if (n == 0) CHECK(out.hdr == tlp.hdr);
      CHECK(out.digest == 0);
      CHECK(out.strb == beats[n].strb);
      module.step();
    }
    p.valid_i = 0;
    return seen;
  }
  dut::Module<V> module{5};
  V& p = module.pins();
  agent::Rng rng{5, "digest"};
};

TEST_CASE("A digest that is right passes, one that is not is found with the last beat",
          "[unit][port][R39]") {
  Bench<Vcw_ecrc_check> bench;
  bench.p.check_i = 1;
  for (unsigned n = 0; n < 200; ++n) {
    pcie::RawTlp tlp = pcie::with_ecrc(any_tlp(bench.rng));
    CHECK_FALSE(bench.wrong(tlp));
    *tlp.digest ^= 1u << bench.rng.range(0, 31);
    CHECK(bench.wrong(tlp));
  }
}

TEST_CASE("A digest is looked at only if it is there and the check is enabled",
          "[unit][port][R39]") {
  Bench<Vcw_ecrc_check> bench;
  pcie::RawTlp tlp = pcie::with_ecrc(any_tlp(bench.rng));
  *tlp.digest ^= 1;
  CHECK_FALSE(bench.wrong(tlp));
  bench.p.check_i = 1;
  CHECK(bench.wrong(tlp));
  tlp.hdr[0] &= ~kTd;
  CHECK_FALSE(bench.wrong(tlp));
}

TEST_CASE("A port without ECRC ignores every digest", "[unit][port][R39]") {
  Bench<Vcw_ecrc_check_present0> bench;
  bench.p.check_i = 1;
  pcie::RawTlp tlp = pcie::with_ecrc(any_tlp(bench.rng));
  *tlp.digest ^= 1;
  CHECK_FALSE(bench.wrong(tlp));
}

}  // namespace
}  // namespace cw::unit
