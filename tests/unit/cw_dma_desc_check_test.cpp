// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_desc_check.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_cutting.hpp"

namespace cw::unit::dma {
namespace {

constexpr Desc kGood{.src = 0x5001, .dst = 0x33, .arg = 0x1020, .bytes = 64};

struct Check : dut::Module<Vcw_dma_desc_check> {
  Error error(unsigned kind, const Desc& d, Error fetch = Error::Ok, bool surplus = false) {
    drive(pins().desc_i, d);
    pins().fetch_error_i = static_cast<uint8_t>(fetch);
    pins().kind_i = kind;
    pins().surplus_i = surplus;
    step();
    return static_cast<Error>(pins().error_o);
  }
};

Desc with(auto change) {
  Desc d = kGood;
  change(d);
  return d;
}

TEST_CASE("DMA descriptor check finds every reserved bit and kind", "[unit][dma][R55]") {
  Check check;
  for (unsigned kind = H2c; kind <= S2h; kind++) {
    CHECK(check.error(kind, kGood) == Error::Ok);
    CHECK(check.error(kind, with([](auto& d) { d.kind = 3; })) == Error::BadDesc);
    for (unsigned bit = 0; bit < 5; bit++) {
      CHECK(check.error(kind, with([&](auto& d) { d.rsvd = 1u << bit; })) == Error::BadDesc);
    }
    for (unsigned attr = 0; attr < 8; attr++) {
      CHECK(check.error(kind, with([&](auto& d) { d.attr = attr; })) == Error::Ok);
    }
  }
}

TEST_CASE("DMA descriptor check takes 1 to 2^32-1 bytes", "[unit][dma][R55]") {
  Check check;
  for (const unsigned kind : {unsigned{Copy}, unsigned{Rows}}) {
    for (const uint32_t bytes : {0u, 1u, 0x8000'0000u, 0xffff'ffffu}) {
      const Desc d = with([&](auto& d) {
        d.kind = kind;
        d.bytes = bytes;
        d.arg = rows_arg(1, 0, 0);
      });
      CHECK(check.error(H2c, d) == (bytes == 0 ? Error::BadDesc : Error::Ok));
    }
  }
}

TEST_CASE("DMA descriptor check takes 1 to 8 immediate bytes, and none for a stream's input",
          "[unit][dma][R55]") {
  Check check;
  for (const uint32_t bytes : {0u, 1u, 7u, 8u, 9u, 16u, 0x8000'0001u}) {
    const Desc d = with([&](auto& d) {
      d.kind = Immediate;
      d.bytes = bytes;
      d.arg = ~uint64_t{0};
    });
    for (unsigned kind = H2c; kind <= S2h; kind++) {
      const bool good = bytes >= 1 && bytes <= 8 && kind != S2h;
      CHECK(check.error(kind, d) == (good ? Error::Ok : Error::BadDesc));
    }
  }
}

TEST_CASE("DMA descriptor check wants a row at least", "[unit][dma][R55]") {
  Check check;
  for (const unsigned rows : {0u, 1u, 0x8000u, 0xffffu}) {
    const Desc d = with([&](auto& d) {
      d.kind = Rows;
      d.arg = rows_arg(rows, 0xff'ffff, 0xff'ffff);
    });
    CHECK(check.error(C2h, d) == (rows == 0 ? Error::BadDesc : Error::Ok));
  }
}

TEST_CASE("DMA descriptor check takes a chain of Copy only, to an aligned place, not with last",
          "[unit][dma][R55]") {
  Check check;
  const auto chain = [&](unsigned kind, bool last, uint64_t next) {
    return check.error(H2c, with([&](auto& d) {
                         d.chain = true;
                         d.last = last;
                         d.kind = kind;
                         d.arg = next;
                         d.bytes = 8;
                       }));
  };
  CHECK(chain(Copy, false, 0) == Error::Ok);
  CHECK(chain(Copy, false, ~uint64_t{31}) == Error::Ok);
  CHECK(chain(Copy, true, 0x40) == Error::BadDesc);
  CHECK(chain(Rows, false, rows_arg(1, 0x20, 0)) == Error::BadDesc);
  CHECK(chain(Immediate, false, 0x40) == Error::BadDesc);
  for (unsigned bit = 0; bit < 5; bit++) CHECK(chain(Copy, false, 1u << bit) == Error::BadDesc);
  CHECK(chain(Copy, false, 32) == Error::Ok);
  CHECK(check.error(H2c, with([](auto& d) { d.arg = 1; })) == Error::Ok);  // not looked at
}

TEST_CASE("DMA descriptor check does not look at what could not be read, or comes too late",
          "[unit][dma][R26]") {
  Check check;
  const Desc bad = with([](auto& d) { d.rsvd = 1; });
  for (const Error fetch : {Error::DescFetch, Error::Stale}) {
    CHECK(check.error(H2c, kGood, fetch) == fetch);
    CHECK(check.error(H2c, bad, fetch) == fetch);
    CHECK(check.error(H2c, kGood, fetch, /*surplus=*/true) == Error::ChainLong);
  }
  CHECK(check.error(H2c, kGood, Error::Ok, /*surplus=*/true) == Error::ChainLong);
  CHECK(check.error(H2c, bad, Error::Ok, /*surplus=*/true) == Error::ChainLong);
}

TEST_CASE("DMA descriptor check agrees with the rules on any descriptor", "[unit][dma][R55]") {
  Check check;
  DescSource source{.rng = agent::Rng(3, "check"), .card = {}, .bad_percent = 30};
  for (int n = 0; n < 3000; n++) {
    const unsigned kind = n % 6;
    const Desc d = source.desc(kind, source.rng.chance(50));
    REQUIRE(check.error(kind, d) == descriptor_error(kind, d));
  }
}

}  // namespace
}  // namespace cw::unit::dma
