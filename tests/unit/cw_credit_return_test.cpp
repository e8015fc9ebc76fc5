// SPDX-License-Identifier: Apache-2.0
//
// Credits advertised fit into the buffer whatever the TLPs' lengths, and come back once.
// cw-variant: W=64
// cw-variant: W=512 Hdrs=8 Beats=64
// cw-variant: Infinite=1
#include "Vcw_credit_return.h"
#include "Vcw_credit_return_infinite1.h"
#include "Vcw_credit_return_w512_hdrs8_beats64.h"
#include "Vcw_credit_return_w64.h"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/module.hpp"
#include "port_traffic.hpp"

using namespace cw;
using namespace cw::dut::literals;

namespace {

template <class V>
struct Bench {
  Bench() : p(module.pins()) {
    p.taken_i = p.dropped_i = 0;
    module.reset();
    module.settle();
  }
  test::ClassFc fc() const {
    return {.hdr_infinite = dut::get_bits(p.fc_o, 25, 1) != 0,
            .hdr_limit = static_cast<uint32_t>(dut::get_bits(p.fc_o, 13, 12)),
            .data_infinite = dut::get_bits(p.fc_o, 12, 1) != 0,
            .data_limit = static_cast<uint32_t>(dut::get_bits(p.fc_o, 0, 12))};
  }

  dut::Module<V> module;
  V& p;
};

// No sequence of up to `hdrs` TLPs within the credits needs more than `beats` beats: the worst is
// as many one-credit TLPs as there are headers, and the rest of the credits in one of them.
template <class V>
void fits(uint32_t width_bits, uint32_t hdrs, uint32_t beats) {
  Bench<V> bench;
  const test::ClassFc fc = bench.fc();
  CHECK(fc.hdr_limit == hdrs);
  CHECK_FALSE(fc.hdr_infinite);
  for (uint32_t tlps = 1; tlps <= hdrs; ++tlps) {
    const uint32_t bits = (fc.data_limit - (tlps - 1)) * 128;
    const uint32_t spread = (128 + width_bits - 1) / width_bits;
    CHECK((tlps - 1) * spread + (bits + width_bits - 1) / width_bits <= beats);
  }
}

}  // namespace

TEST_CASE("Credit return advertises no more than the buffer holds for sure", "[unit][port][R35]") {
  fits<Vcw_credit_return>(256, 16, 64);
  fits<Vcw_credit_return_w64>(64, 16, 64);
  fits<Vcw_credit_return_w512_hdrs8_beats64>(512, 8, 64);
}

TEST_CASE("Credit return counts what has left and what was dropped, modulo 4096",
          "[unit][port][R35]") {
  Bench<Vcw_credit_return> bench;
  agent::Rng rng(1, "ops");
  test::ClassFc expected = bench.fc();
  for (int n = 0; n < 10'000; ++n) {
    bench.p.taken_i = rng.chance(60);
    bench.p.taken_data_i = static_cast<uint16_t>(rng.range(0, 256));
    bench.p.dropped_i = rng.chance(20);
    bench.p.dropped_data_i = static_cast<uint16_t>(rng.range(0, 256));
    if (bench.p.taken_i) expected.data_limit += bench.p.taken_data_i;
    if (bench.p.dropped_i) expected.data_limit += bench.p.dropped_data_i;
    expected.hdr_limit += bench.p.taken_i + bench.p.dropped_i;
    expected.hdr_limit %= 4096;
    expected.data_limit %= 4096;
    bench.module.step();
    bench.module.settle();
    REQUIRE(bench.fc() == expected);
  }
}

TEST_CASE("Credit return of an infinite class never counts", "[unit][port][R34][R35]") {
  Bench<Vcw_credit_return_infinite1> bench;
  bench.p.taken_i = bench.p.dropped_i = 1;
  bench.p.taken_data_i = bench.p.dropped_data_i = 7;
  bench.module.step(5_cycles);
  CHECK(bench.fc() == test::ClassFc{.hdr_infinite = true, .data_infinite = true});
}
