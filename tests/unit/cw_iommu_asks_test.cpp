// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_asks.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

struct Asks : dut::Module<Vcw_iommu_asks> {
  Asks() {
    pins().put_i = pins().settle_i = pins().page_valid_i = 0;
    reset();
  }
  void put(unsigned place, const Request& r, unsigned from = 1) {
    auto& p = pins();
    dut::clear_bits(p.ask_i);
    drive(p.ask_i, r);
    set_bits(p.ask_i, kAskFrom, 2, from);
    p.place_i = place;
    p.put_i = 1;
    step();
    p.put_i = 0;
  }
  void settle_at(unsigned place, Fate fate, bool page = false, uint64_t ppn = 0) {
    auto& p = pins();
    p.index_i = place;
    p.fate_i = fate;
    p.page_valid_i = page;
    p.page_i = ppn;
    p.settle_i = 1;
    step();
    p.settle_i = 0;
  }
  Request at(unsigned place) {
    pins().index_i = place;
    settle();
    return request(pins().ask_o);
  }
  unsigned fate(unsigned place) {
    at(place);
    return fate_of(pins().ask_o);
  }
};

TEST_CASE("Each place keeps its request as it came", "[unit][iommu]") {
  Asks asks;
  const auto request = [](unsigned n) {
    return Request{.did = 0xabc000 + n,
                   .iova = ~uint64_t{0} - n,
                   .write = n % 2 != 0,
                   .at = n % 4,
                   .tag = 31 - n};
  };
  for (unsigned n = 0; n < 8; n++) asks.put(n, request(n), n % 3);
  for (unsigned n = 0; n < 8; n++) {
    CHECK(asks.at(n) == request(n));
    CHECK(get_bits(asks.pins().ask_o, kAskFrom, 2) == n % 3);
    CHECK(asks.fate(n) == Open);
  }
}

TEST_CASE("A request that is settled has its fate, and its page where it is translated",
          "[unit][iommu]") {
  Asks asks;
  for (unsigned n = 0; n < 3; n++) asks.put(n, {.did = n, .iova = 0xabcd'1234'5678, .tag = n});
  asks.settle_at(0, Granted, true, 0xfff'ffff'fff5);
  asks.settle_at(1, Granted);
  asks.settle_at(2, Refused);
  CHECK(asks.at(0) == Request{.did = 0, .iova = 0xff'ffff'ffff'5678, .tag = 0});
  CHECK(asks.at(1).iova == 0xabcd'1234'5678);
  CHECK(asks.at(2).iova == 0xabcd'1234'5678);
  CHECK(asks.fate(0) == Granted);
  CHECK(asks.fate(1) == Granted);
  CHECK(asks.fate(2) == Refused);
  asks.put(2, {.iova = 1});
  CHECK(asks.fate(2) == Open);
}

TEST_CASE("A request that takes a place while one is settled stops the simulation",
          "[unit][iommu]") {
  Asks asks;
  asks.put(0, {});
  asks.pins().put_i = 1;
  CHECK_THROWS_AS(asks.settle_at(0, Granted), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::iommu
