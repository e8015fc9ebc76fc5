// SPDX-License-Identifier: Apache-2.0
#include "Vcw_cpl_route.h"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "pcie/codec.hpp"
#include "unit/host_fields.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;

struct Route {
  Route() {
    drive(p.state_i, RootPortState{.secondary = 2, .subordinate = 4});
    p.in_valid_i = p.pass_i = 0;
    p.host_ready_i = p.peer_ready_i = 1;
    module.reset();
  }
  // A beat is offered; `requester` in the first.
  void offer(pcie::Bdf requester, bool sop = true, bool eop = true, bool relaxed = false) {
    const pcie::RawTlp raw = pcie::encode(
        pcie::Completion{.requester = requester, .attributes = {.relaxed_ordering = relaxed}});
    dut::TlpCtl ctl{.eop = eop, .sop = sop};
    if (sop) ctl.hdr = raw.hdr;
    std::memcpy(&p.in_ctl_i, dut::pack(ctl).data(), sizeof p.in_ctl_i);
    p.in_valid_i = 1;
    module.settle();
  }
  bool to_host() { return p.host_valid_o; }
  bool to_peer() { return p.peer_valid_o; }

  dut::Module<Vcw_cpl_route> module;
  Vcw_cpl_route& p = module.pins();
};

TEST_CASE("A completion goes to the device that its requester names, any other to the host",
          "[unit][root][R22][R50]") {
  Route route;
  route.p.pass_i = 1;
  for (const unsigned bus : {0u, 1u, 2u, 3u, 4u, 5u, 255u}) {
    const bool below = bus >= 2 && bus <= 4;
    route.offer({.bus = static_cast<uint8_t>(bus), .device = 3, .function = 1});
    CHECK(route.to_peer() == below);
    CHECK(route.to_host() == !below);
    CHECK(route.p.in_ready_o);
    CHECK(route.p.peer_begins_o == below);
    CHECK(route.p.take_o);
    route.module.step();
  }
}

TEST_CASE("A completion of many beats stays on its way, whatever the port's buses become",
          "[unit][root][R50]") {
  Route route;
  route.p.pass_i = 1;
  route.p.peer_ready_i = 0;
  route.offer({.bus = 3}, true, false);
  CHECK(route.to_peer());
  CHECK_FALSE(route.p.in_ready_o);
  route.module.step();
  drive(route.p.state_i, RootPortState{.secondary = 7, .subordinate = 7});
  route.module.settle();
  CHECK(route.to_peer());
  route.p.peer_ready_i = 1;
  route.module.settle();
  CHECK(route.p.peer_begins_o);
  CHECK_FALSE(route.p.take_o);
  route.module.step();
  route.p.in_valid_i = route.p.pass_i = 0;  // a gap; it has passed before
  route.module.step();
  route.offer({}, false, true);
  CHECK(route.to_peer());
  CHECK_FALSE(route.p.peer_begins_o);
  CHECK(route.p.take_o);
  route.module.step();
  route.p.pass_i = 1;
  route.offer({.bus = 3});
  CHECK(route.to_host());
}

TEST_CASE("What was decided of a completion by its first beat holds to its end",
          "[unit][root][R33][R50]") {
  for (const bool relaxed : {false, true}) {
    Route route;
    route.p.pass_i = 1;
    route.p.host_ready_i = 0;
    route.p.peer_ready_i = 1;
    route.offer({.bus = 0}, true, false, relaxed);
    for (unsigned n = 0; n < 3; ++n) {
      CHECK(route.to_host());
      CHECK(route.p.relaxed_o == relaxed);
      CHECK_FALSE(route.p.in_ready_o);
      CHECK_FALSE(route.p.take_o);
      route.module.step();
      // The buses change, and later beats have no header.
      drive(route.p.state_i, RootPortState{.secondary = 0, .subordinate = 9});
      route.offer({}, false, true);
    }
    route.p.host_ready_i = 1;
    route.p.in_valid_i = 0;
    route.module.settle();
    CHECK_FALSE(route.p.take_o);
    route.p.in_valid_i = 1;
    route.module.settle();
    CHECK(route.p.take_o);
  }
}

TEST_CASE("A completion behind one that a reset cut off waits until it may go",
          "[unit][root][R33][R45]") {
  Route route;
  route.p.pass_i = 1;
  route.offer({.bus = 3}, true, false);
  route.module.step();
  route.p.in_valid_i = 0;
  route.module.reset();
  route.p.pass_i = 0;
  route.offer({.bus = 0});
  CHECK_FALSE(route.to_host());
  CHECK_FALSE(route.to_peer());
}

TEST_CASE("No completion goes before it may", "[unit][root][R30][R33]") {
  Route route;
  for (const uint8_t bus : {uint8_t{0}, uint8_t{3}}) {
    route.p.pass_i = 0;
    route.offer({.bus = bus}, true, true, /*relaxed=*/bus == 0);
    CHECK(route.p.wait_o);
    CHECK(route.p.relaxed_o == (bus == 0));
    CHECK_FALSE(route.to_host());
    CHECK_FALSE(route.to_peer());
    CHECK_FALSE(route.p.in_ready_o);
    route.module.step();
    route.p.pass_i = 1;
    route.module.settle();
    CHECK(route.p.take_o);
    route.module.step();
  }
}

}  // namespace
}  // namespace cw::unit
