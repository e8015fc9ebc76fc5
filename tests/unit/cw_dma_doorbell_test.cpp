// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_doorbell.h"
#include "agent/rng.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"

namespace cw::unit::dma {
namespace {

struct Doorbell : dut::Module<Vcw_dma_doorbell> {
  Doorbell() {
    auto& p = pins();
    p.valid_i = 0;
    p.ring_iova_i = p.record_iova_i = 0;
    reset();
  }
  // Of a ring that holds descriptors from `head` to `head` + `held`.
  bool good(unsigned tail, unsigned head, unsigned held, unsigned log2) {
    auto& p = pins();
    p.tail_i = static_cast<uint16_t>(tail);
    p.head_i = static_cast<uint16_t>(head);
    p.given_i = static_cast<uint16_t>(head + held);
    p.ring_log2_i = static_cast<uint8_t>(log2);
    p.valid_i = 1;
    settle();
    const bool is_good = !p.bad_o;
    step();
    return is_good;
  }
};

TEST_CASE("DMA doorbell is good from the tail before to a whole ring behind head, and no further",
          "[unit][dma][R54]") {
  Doorbell doorbell;
  for (unsigned log2 = 1; log2 <= 15; ++log2) {
    const unsigned size = 1u << log2;
    for (const unsigned head : {0u, 1u, 0x7fffu, 0x8000u, 0xfff0u, 0xffffu}) {
      for (const unsigned held : {0u, 1u, size / 2, size - 1, size}) {
        INFO("size " << size << " head " << head << " held " << held);
        CHECK(doorbell.good(head + held, head, held, log2));
        CHECK(doorbell.good(head + size, head, held, log2));
        CHECK_FALSE(doorbell.good(head + size + 1, head, held, log2));
        CHECK_FALSE(doorbell.good(head + held - 1, head, held, log2));
        CHECK(doorbell.good(head, head, held, log2) == (held == 0));
      }
    }
  }
}

TEST_CASE("DMA doorbell with any tail is good exactly if it gives what the ring has room for",
          "[unit][dma][R54]") {
  Doorbell doorbell;
  agent::Rng rng(1, "doorbell");
  for (unsigned n = 0; n < 20'000; ++n) {
    const auto log2 = static_cast<unsigned>(rng.range(1, 15));
    const auto head = static_cast<unsigned>(rng.range(0, 0xffff));
    const auto held = static_cast<unsigned>(rng.range(0, 1u << log2));
    const auto claimed =
        static_cast<unsigned>(rng.chance(50) ? rng.range(0, 0xffff) : rng.range(0, 2u << log2)) &
        0xffff;
    REQUIRE(doorbell.good(head + claimed, head, held, log2) ==
            (claimed >= held && claimed <= 1u << log2));
  }
}

TEST_CASE("DMA doorbell is bad if the ring or its records go beyond the address space",
          "[unit][dma][R54][R55]") {
  Doorbell doorbell;
  auto& p = doorbell.pins();
  for (unsigned log2 = 1; log2 <= 15; ++log2) {
    INFO("size " << (1u << log2));
    const uint64_t last_ring = -(uint64_t{32} << log2);  // it ends with the last byte
    const uint64_t last_records = -(uint64_t{16} << log2);
    p.ring_iova_i = last_ring;
    p.record_iova_i = last_records;
    CHECK(doorbell.good(1, 0, 0, log2));
    p.ring_iova_i = last_ring + 32;
    CHECK_FALSE(doorbell.good(1, 0, 0, log2));
    p.ring_iova_i = uint64_t{0} - 32;
    CHECK_FALSE(doorbell.good(1, 0, 0, log2));
    p.ring_iova_i = last_ring;
    p.record_iova_i = last_records + 16;
    CHECK_FALSE(doorbell.good(1, 0, 0, log2));
    p.record_iova_i = uint64_t{0} - 16;
    CHECK_FALSE(doorbell.good(1, 0, 0, log2));
    // Any other bit of the address that is clear stops the carry.
    for (unsigned bit = 21; bit < 64; ++bit) {
      p.ring_iova_i = ~(uint64_t{1} << bit) & ~uint64_t{31};
      p.record_iova_i = ~(uint64_t{1} << bit) & ~uint64_t{15};
      CHECK(doorbell.good(1, 0, 0, log2));
    }
    p.ring_iova_i = p.record_iova_i = 0;
  }
}

}  // namespace
}  // namespace cw::unit::dma
