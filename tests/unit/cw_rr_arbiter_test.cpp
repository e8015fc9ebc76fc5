// SPDX-License-Identifier: Apache-2.0
// cw-variant: N=5
// cw-variant: N=1
#include <array>
#include <bit>

#include "Vcw_rr_arbiter.h"
#include "Vcw_rr_arbiter_n1.h"
#include "Vcw_rr_arbiter_n5.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit {
namespace {

template <class V>
struct Arbiter : dut::Module<V> {
  Arbiter() {
    ask(0);
    this->reset();
  }
  // The grant for these requests; the clock has not risen yet.
  unsigned ask(unsigned requests) {
    this->pins().req_i = requests;
    this->pins().take_i = this->pins().lock_i = 0;
    this->settle();
    index = this->pins().index_o;
    return this->pins().grant_o;
  }
  unsigned take(unsigned requests, bool lock = false) {
    const unsigned grant = ask(requests);
    this->pins().take_i = 1;
    this->pins().lock_i = lock;
    this->step();
    this->pins().take_i = 0;
    return grant;
  }
  unsigned index = 0;  // with the last grant
};

using Arbiter5 = Arbiter<Vcw_rr_arbiter_n5>;

TEST_CASE("Arbiter grants in turn while all ask", "[unit][common]") {
  Arbiter5 arbiter;
  for (unsigned turn = 0; turn < 20; ++turn) CHECK(arbiter.take(0x1f) == 1u << turn % 5);
  Arbiter<Vcw_rr_arbiter> two;
  for (unsigned turn = 0; turn < 6; ++turn) CHECK(two.take(3) == 1u << turn % 2);
}

TEST_CASE("Arbiter remembers its turn while nobody asks, and forgets it when it is reset",
          "[unit][common]") {
  Arbiter5 arbiter;
  CHECK(arbiter.take(0b00100) == 0b00100);
  CHECK(arbiter.ask(0) == 0);
  arbiter.step();
  CHECK(arbiter.ask(0b01010) == 0b01000);
  arbiter.ask(0);
  arbiter.reset();
  CHECK(arbiter.take(0x1f) == 1);

  CHECK(arbiter.take(0b00010, /*lock=*/true) == 0b00010);
  arbiter.ask(0);
  arbiter.reset();
  CHECK(arbiter.ask(0b00100) == 0b00100);  // no packet is held
  arbiter.step();
  arbiter.reset();
  CHECK(arbiter.ask(0b10001) == 0b00001);  // nor a grant that was not taken
}

TEST_CASE("Arbiter makes nobody wait longer than all others once", "[unit][common]") {
  Arbiter5 arbiter;
  agent::Rng rng(2, "arbiter");
  std::array<unsigned, 5> waited{};
  unsigned requests = 0;
  for (int i = 0; i < 2000; ++i) {
    requests |= static_cast<unsigned>(rng.range(0, 31));
    if (requests == 0) continue;
    const unsigned grant = arbiter.take(requests);
    REQUIRE(std::popcount(grant) == 1);
    REQUIRE((grant & requests) == grant);
    REQUIRE(grant == 1u << arbiter.index);
    for (unsigned n = 0; n < 5; ++n) {
      const bool waits = requests >> n & 1 && !(grant >> n & 1);
      waited[n] = waits ? waited[n] + 1 : 0;
      REQUIRE(waited[n] <= 4);
    }
    requests &= ~grant;
  }
}

TEST_CASE("Arbiter keeps a grant that is not taken", "[unit][common]") {
  Arbiter5 arbiter;
  CHECK(arbiter.take(0b00100) == 0b00100);
  CHECK(arbiter.ask(0b00010) == 0b00010);
  arbiter.step();
  CHECK(arbiter.ask(0b11010) == 0b00010);
  arbiter.step();
  CHECK(arbiter.take(0b11010) == 0b00010);
  CHECK(arbiter.take(0b11000) == 0b01000);
}

TEST_CASE("Arbiter lets go of a request that is withdrawn", "[unit][common]") {
  Arbiter5 arbiter;
  CHECK(arbiter.ask(0b00010) == 0b00010);
  arbiter.step();
  CHECK(arbiter.ask(0b10000) == 0b10000);
}

TEST_CASE("Arbiter holds the grant through a packet and its gaps", "[unit][common]") {
  Arbiter5 arbiter;
  CHECK(arbiter.take(0b00011, /*lock=*/true) == 0b00001);
  CHECK(arbiter.take(0b00011, /*lock=*/true) == 0b00001);
  CHECK(arbiter.ask(0b00010) == 0);
  CHECK_FALSE(arbiter.pins().any_o);
  arbiter.step();
  CHECK(arbiter.take(0b00011, /*lock=*/false) == 0b00001);
  CHECK(arbiter.take(0b00011) == 0b00010);
}

TEST_CASE("Arbiter of one grants it", "[unit][common]") {
  Arbiter<Vcw_rr_arbiter_n1> arbiter;
  CHECK(arbiter.ask(0) == 0);
  CHECK(arbiter.take(1) == 1);
  CHECK(arbiter.take(1) == 1);
}

TEST_CASE("Arbiter alarms at a take without a grant", "[unit][common]") {
  Arbiter5 arbiter;
  CHECK_THROWS_AS(arbiter.take(0), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit
