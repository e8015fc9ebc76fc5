// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: CardMemBytes=4096 AxiCard=0
#include "Vcw_dma_bounds.h"
#include "Vcw_dma_bounds_cardmembytes4096_axicard0.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_cutting.hpp"

namespace cw::unit::dma {
namespace {

constexpr uint64_t kTop = ~uint64_t{0};
constexpr uint64_t kAxi = uint64_t{1} << 40;

template <class V = Vcw_dma_bounds>
struct Bounds : dut::Module<V> {
  Error error(unsigned kind, const Rest& rest, bool imm = false) {
    drive(this->pins().rest_i, rest);
    this->pins().kind_i = kind;
    this->pins().imm_i = imm;
    this->step();
    return static_cast<Error>(this->pins().error_o);
  }
};

Rest row(uint64_t src, uint64_t dst, uint32_t bytes) {
  return {.src = src, .dst = dst, .left = bytes};
}

TEST_CASE("DMA bounds let a host range end at 2^64 and not beyond", "[unit][dma][R55]") {
  Bounds bounds;
  for (const uint32_t bytes : {1u, 2u, 64u, 0xffff'ffffu}) {
    const uint64_t fits = kTop - bytes + 1;
    CHECK(bounds.error(H2h, row(fits, 0, bytes)) == Error::Ok);
    CHECK(bounds.error(H2h, row(0, fits, bytes)) == Error::Ok);
    CHECK(bounds.error(H2s, row(fits, 0, bytes)) == Error::Ok);
    CHECK(bounds.error(S2h, row(0, fits, bytes)) == Error::Ok);
    if (bytes == 1) continue;
    CHECK(bounds.error(H2h, row(fits + 1, 0, bytes)) == Error::BadDesc);
    CHECK(bounds.error(H2h, row(0, fits + 1, bytes)) == Error::BadDesc);
    CHECK(bounds.error(H2c, row(fits + 1, 0, bytes)) == Error::BadDesc);
    CHECK(bounds.error(H2s, row(fits + 1, 0, bytes)) == Error::BadDesc);
    CHECK(bounds.error(C2h, row(0, fits + 1, bytes)) == Error::BadDesc);
    CHECK(bounds.error(S2h, row(0, fits + 1, bytes)) == Error::BadDesc);
    CHECK(bounds.error(S2h, row(kTop, fits, bytes)) == Error::Ok);  // a stream has no address
    CHECK(bounds.error(H2s, row(fits, kTop, bytes)) == Error::Ok);
  }
}

TEST_CASE("DMA bounds let a card range end with its memory and not beyond", "[unit][dma][R55]") {
  Bounds bounds;
  for (const uint32_t bytes : {1u, 2u, 64u, 65536u}) {
    const uint64_t fits = 65536 - bytes;
    CHECK(bounds.error(H2c, row(0, fits, bytes)) == Error::Ok);
    CHECK(bounds.error(H2c, row(0, fits + 1, bytes)) == Error::BadCard);
    CHECK(bounds.error(C2h, row(fits, 0, bytes)) == Error::Ok);
    CHECK(bounds.error(C2h, row(fits + 1, 0, bytes)) == Error::BadCard);
    CHECK(bounds.error(C2c, row(fits, fits, bytes)) == Error::Ok);
    CHECK(bounds.error(C2c, row(fits + 1, fits, bytes)) == Error::BadCard);
    CHECK(bounds.error(C2c, row(fits, fits + 1, bytes)) == Error::BadCard);
  }
  for (const uint64_t addr : {uint64_t{1} << 32, uint64_t{1} << 39, uint64_t{1} << 63, kTop}) {
    CHECK(bounds.error(H2c, row(0, addr, 64)) == Error::BadCard);
    CHECK(bounds.error(C2h, row(addr, 0, 64)) == Error::BadCard);
  }
  CHECK(bounds.error(H2c, row(0, 0, 0xffff'ffff)) == Error::BadCard);
}

TEST_CASE("DMA bounds know the window of the AXI4 port", "[unit][dma][R55]") {
  Bounds bounds;
  CHECK(bounds.error(H2c, row(0, kAxi, 0xffff'ffff)) == Error::Ok);
  CHECK(bounds.error(H2c, row(0, 2 * kAxi - 64, 64)) == Error::Ok);
  CHECK(bounds.error(H2c, row(0, 2 * kAxi - 63, 64)) == Error::BadCard);
  CHECK(bounds.error(C2h, row(kAxi - 1, 0, 1)) == Error::BadCard);
  CHECK(bounds.error(C2h, row(2 * kAxi, 0, 1)) == Error::BadCard);
  CHECK(bounds.error(C2c, row(kAxi, 2 * kAxi - 1, 1)) == Error::Ok);
  Bounds<Vcw_dma_bounds_cardmembytes4096_axicard0> without;
  CHECK(without.error(H2c, row(0, kAxi, 64)) == Error::BadCard);
  CHECK(without.error(H2c, row(0, 4096 - 64, 64)) == Error::Ok);
  CHECK(without.error(H2c, row(0, 4096 - 63, 64)) == Error::BadCard);
}

TEST_CASE("DMA bounds do not look at the source of immediate data", "[unit][dma][R55]") {
  Bounds bounds;
  for (const unsigned kind : {H2c, C2h, H2h, C2c, H2s}) {
    CHECK(bounds.error(kind, row(kTop, 0, 8), /*imm=*/true) == Error::Ok);
  }
  CHECK(bounds.error(C2h, row(0, kTop - 6, 8), /*imm=*/true) == Error::BadDesc);
  CHECK(bounds.error(C2c, row(0, 65529, 8), /*imm=*/true) == Error::BadCard);
}

TEST_CASE("DMA bounds refuse a row that would begin beyond 2^64", "[unit][dma][R55]") {
  Bounds bounds;
  Rest src_past = row(0x40, 0x40, 1), dst_past = src_past;
  src_past.src_past = dst_past.dst_past = true;
  CHECK(bounds.error(H2c, src_past) == Error::BadDesc);
  CHECK(bounds.error(H2c, dst_past) == Error::BadCard);
  CHECK(bounds.error(C2h, src_past) == Error::BadCard);
  CHECK(bounds.error(C2h, dst_past) == Error::BadDesc);
  CHECK(bounds.error(H2h, src_past) == Error::BadDesc);
  CHECK(bounds.error(H2h, dst_past) == Error::BadDesc);
  CHECK(bounds.error(S2h, src_past) == Error::Ok);
  CHECK(bounds.error(H2s, dst_past) == Error::Ok);
}

TEST_CASE("DMA bounds name a bad descriptor before a bad card address", "[unit][dma][R55]") {
  Bounds bounds;
  CHECK(bounds.error(H2c, row(kTop, kTop, 2)) == Error::BadDesc);
  CHECK(bounds.error(C2h, row(kTop, kTop, 2)) == Error::BadDesc);
}

TEST_CASE("DMA bounds look only when a row begins", "[unit][dma][R55]") {
  Bounds bounds;
  Rest later = row(kTop, kTop, 2);
  later.begins = false;
  for (unsigned kind = H2c; kind <= S2h; kind++) CHECK(bounds.error(kind, later) == Error::Ok);
}

TEST_CASE("DMA bounds agree with the rules on any row", "[unit][dma][R55]") {
  Bounds bounds;
  agent::Rng rng(5, "bounds");
  const std::array<uint64_t, 6> edges{0, 65536, kAxi, 2 * kAxi, uint64_t{1} << 32, 4096};
  for (int n = 0; n < 4000; n++) {
    const auto bytes = static_cast<uint32_t>(rng.range(1, 0xffff'ffffull >> rng.range(0, 31)));
    const auto side = [&] {
      return rng.pick(edges) - (rng.chance(70) ? bytes : 0) + rng.range(0, 2) - 1;
    };
    const Rest rest = row(side(), side(), bytes);
    const bool imm = rng.chance(20);
    const unsigned kind = n % 6;
    REQUIRE(bounds.error(kind, rest, imm) ==
            row_error(kind, imm, rest.src, rest.dst, bytes, Card{}));
  }
}

}  // namespace
}  // namespace cw::unit::dma
