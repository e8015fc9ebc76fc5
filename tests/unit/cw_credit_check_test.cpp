// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "Vcw_credit_check.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

struct CreditCheck : dut::Module<Vcw_credit_check> {
  CreditCheck() {
    grant(0, 0);
    pins().data_i = pins().begin_i = 0;
    reset();
  }
  void grant(uint64_t hdrs, uint64_t data, bool infinite = false) {
    pins().fc_i = static_cast<uint32_t>(uint32_t{infinite} << 25 | (hdrs % 4096) << 13 |
                                        uint32_t{infinite} << 12 | data % 4096);
  }
  // Whether a TLP of so many data credits is more than what was granted.
  bool over(unsigned data) {
    pins().data_i = data;
    pins().begin_i = 1;
    settle();
    const bool over = pins().over_o;
    step();
    pins().begin_i = 0;
    settle();
    return over;
  }
};

TEST_CASE("A TLP needs a header credit and all of its data credits", "[unit][port][R35]") {
  CreditCheck check;
  CHECK(check.over(0));
  check.grant(1, 0);
  CHECK(check.over(1));
  CHECK_FALSE(check.over(0));
  CHECK(check.over(0));
  check.grant(3, 20);
  CHECK(check.over(21));
  CHECK_FALSE(check.over(20));
  CHECK_FALSE(check.over(0));
}

TEST_CASE("What is beyond the credits counts for nothing, over many wraps", "[unit][port][R35]") {
  CreditCheck check;
  agent::Rng rng(6, "credits");
  uint64_t hdrs = 0, data = 0, hdr_limit = 0, data_limit = 0;
  unsigned beyond = 0;
  for (int i = 0; i < 8000; ++i) {
    if (rng.chance(30)) hdr_limit += rng.range(0, std::min<uint64_t>(5, 127 - (hdr_limit - hdrs)));
    if (rng.chance(30))
      data_limit += rng.range(0, std::min<uint64_t>(600, 2047 - (data_limit - data)));
    check.grant(hdr_limit, data_limit);
    const auto need = static_cast<unsigned>(rng.range(0, 256));
    const bool fits = hdrs + 1 <= hdr_limit && data + need <= data_limit;
    REQUIRE(check.over(need) == !fits);
    beyond += !fits;
    if (fits) ++hdrs, data += need;
  }
  CHECK(beyond > 100);
  CHECK(data > 3 * 4096);
}

TEST_CASE("Infinite credits are never exceeded", "[unit][port][R35]") {
  CreditCheck check;
  check.grant(0, 0, /*infinite=*/true);
  for (int i = 0; i < 50; ++i) CHECK_FALSE(check.over(256));
}

TEST_CASE("Credits that are taken back raise the alarm", "[unit][port][R35]") {
  CreditCheck check;
  check.grant(4, 4);
  CHECK_FALSE(check.over(4));
  check.grant(4, 3);
  CHECK_THROWS_AS(check.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
