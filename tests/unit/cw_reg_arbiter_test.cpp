// SPDX-License-Identifier: Apache-2.0
#include "Vcw_reg_arbiter.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Arbiter {
  Arbiter() {
    for (unsigned c = 0; c < 2; ++c) offer(c, RegAccess{}, false);
    p().reg_ready_i = 0;
    module.reset();
  }
  Vcw_reg_arbiter& p() { return module.pins(); }
  void offer(unsigned client, const RegAccess& access, bool valid = true) {
    drive(p().client_req_i, access, client);
    p().client_valid_i =
        static_cast<uint8_t>((p().client_valid_i & ~(1u << client)) | unsigned{valid} << client);
  }
  dut::Module<Vcw_reg_arbiter> module{1};
};

}  // namespace

TEST_CASE("two clients that always ask get every other access", "[unit][endpoint]") {
  Arbiter arbiter;
  arbiter.offer(0, {.write = true, .addr = 0x10, .wdata = 1});
  arbiter.offer(1, {.addr = 0x20});
  arbiter.p().reg_ready_i = 1;
  unsigned served[2] = {};
  for (unsigned i = 0; i < 20; ++i) {
    arbiter.module.settle();
    const unsigned ready = arbiter.p().client_ready_o;
    REQUIRE((ready == 1 || ready == 2));
    CHECK(reg_access(arbiter.p().reg_req_o).addr == (ready == 1 ? 0x10 : 0x20));
    ++served[ready - 1];
    arbiter.module.step();
  }
  CHECK(served[0] == 10);
  CHECK(served[1] == 10);
}

TEST_CASE("an access stays on the bus until it is answered, whoever else asks",
          "[unit][endpoint][R31]") {
  Arbiter arbiter;
  const RegAccess read{.addr = 0x44};
  arbiter.offer(1, read);
  arbiter.module.step();
  arbiter.offer(0, {.write = true, .addr = 0x48, .wdata = 7});
  for (unsigned i = 0; i < 5; ++i) {
    arbiter.module.settle();
    CHECK(reg_access(arbiter.p().reg_req_o) == read);
    CHECK(arbiter.p().client_ready_o == 0);
    arbiter.module.step();
  }
  arbiter.p().reg_ready_i = 1;
  arbiter.module.settle();
  CHECK(arbiter.p().client_ready_o == 2);
  arbiter.module.step();
  arbiter.module.settle();
  CHECK(arbiter.p().client_ready_o == 1);
}

TEST_CASE("a client that changes its mind raises the alarm", "[unit][endpoint]") {
  Arbiter arbiter;
  arbiter.offer(0, {.addr = 0x44});
  arbiter.module.step();
  arbiter.offer(0, {.addr = 0x48});
  CHECK_THROWS_AS(arbiter.module.step(dut::Cycles{2}), dut::AssertionFailed);
}
