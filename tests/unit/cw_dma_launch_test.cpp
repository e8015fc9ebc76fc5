// SPDX-License-Identifier: Apache-2.0
#include "Vcw_dma_launch.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using model::DmaDescriptor;
using model::DmaError;

constexpr DmaDescriptor kGood{
    .irq = true, .tag = 0x1234, .bytes = 64, .iova = {0x5001}, .card_addr = 0x33};

struct Launch : dut::Module<Vcw_dma_launch> {
  Launch() {
    pins().desc_valid_i = pins().desc_failed_i = pins().end_i = pins().slot_failed_i = 0;
    pins().open_ready_i = pins().transfer_ready_i = 1;
    pins().open_slot_i = 5;
    pins().desc_first_i = 1;
    reset();
  }

  // Offers a descriptor; true if it is followed. The clock edge is still to come.
  bool offer(const DmaDescriptor& d, bool first = true) {
    drive_bytes(pins().desc_i, model::encode(d));
    pins().desc_first_i = first;
    pins().desc_valid_i = 1;
    settle();
    REQUIRE(pins().desc_ready_o);
    return pins().desc_follow_o;
  }
  void take() {
    step();
    pins().desc_valid_i = 0;
    settle();
  }
  // The splitter takes the last chunk.
  void end_transfer() {
    pins().end_i = 1;
    settle();
  }
  DmaError close_error() { return static_cast<DmaError>(pins().close_error_o); }
};

void check_refused(const DmaDescriptor& d, DmaError error) {
  Launch launch;
  CHECK_FALSE(launch.offer(d));
  CHECK(launch.pins().open_valid_o);
  CHECK_FALSE(launch.pins().transfer_valid_o);
  launch.take();
  CHECK(launch.pins().close_o);
  CHECK(launch.pins().slot_o == 5);
  CHECK(launch.close_error() == error);
  CHECK_FALSE(launch.pins().desc_ready_o);
  launch.step();
  launch.settle();
  CHECK_FALSE(launch.pins().close_o);
}

DmaDescriptor with(auto change) {
  DmaDescriptor d = kGood;
  change(d);
  return d;
}

TEST_CASE("DMA launch opens an entry, starts its transfer and closes it at the end",
          "[unit][dma][R29]") {
  Launch launch;
  CHECK_FALSE(launch.offer(kGood));
  CHECK(launch.pins().open_valid_o);
  CHECK(launch.pins().open_tag_o == 0x1234);
  CHECK(launch.pins().open_irq_o);
  CHECK(launch.pins().transfer_valid_o);
  CHECK(transfer(launch.pins().transfer_o) ==
        Transfer{.iova = 0x5001, .card_addr = 0x33, .bytes = 64});
  launch.take();
  CHECK_FALSE(launch.pins().close_o);
  launch.end_transfer();
  CHECK(launch.pins().close_o);
  CHECK(launch.close_error() == DmaError::Ok);
}

TEST_CASE("DMA launch refuses what is wrong in a descriptor", "[unit][dma][R55]") {
  for (unsigned bit = 0; bit < 14; bit++) {
    check_refused(with([&](auto& d) { d.reserved = static_cast<uint16_t>(1u << bit); }),
                  DmaError::BadDesc);
  }
  check_refused(with([](auto& d) { d.bytes = 0; }), DmaError::BadDesc);
  check_refused(with([](auto& d) { d.iova = {~uint64_t{0} - 62}; }), DmaError::BadDesc);
  check_refused(with([](auto& d) {
                  d.chain = true;
                  d.next = {0x1010};
                }),
                DmaError::BadDesc);
  check_refused(with([](auto& d) { d.card_addr = 65536 - 63; }), DmaError::BadCard);
  check_refused(with([](auto& d) { d.card_addr = uint64_t{1} << 63; }), DmaError::BadCard);
  check_refused(with([](auto& d) { d.card_addr = ~uint64_t{0}; }), DmaError::BadCard);
  check_refused(with([](auto& d) { d.bytes = 0xffff'ffff; }), DmaError::BadCard);
}

TEST_CASE("DMA launch takes a transfer that ends at 2^64 or at the end of card memory",
          "[unit][dma][R55]") {
  for (const auto& d : {with([](auto& d) { d.iova = {~uint64_t{0} - 63}; }),
                        with([](auto& d) { d.card_addr = 65536 - 64; }),
                        with([](auto& d) { d.next = {0x1011}; })}) {
    Launch launch;
    launch.offer(d);
    CHECK(launch.pins().transfer_valid_o);
  }
}

TEST_CASE("DMA launch follows a chain and closes it once", "[unit][dma]") {
  Launch launch;
  const auto linked = with([](auto& d) { d.chain = true; });
  CHECK(launch.offer(linked));
  launch.take();
  launch.end_transfer();
  CHECK_FALSE(launch.pins().close_o);
  CHECK_FALSE(launch.offer(kGood, /*first=*/false));
  CHECK_FALSE(launch.pins().open_valid_o);
  launch.take();
  launch.end_transfer();
  CHECK(launch.pins().close_o);
}

TEST_CASE("DMA launch starts no more of an entry that has failed", "[unit][dma][R59]") {
  Launch launch;
  const auto linked = with([](auto& d) { d.chain = true; });
  CHECK(launch.offer(linked));
  launch.take();
  launch.pins().slot_failed_i = 1;
  CHECK_FALSE(launch.offer(linked, /*first=*/false));
  CHECK_FALSE(launch.pins().transfer_valid_o);
  launch.take();
  CHECK(launch.pins().close_o);
  CHECK(launch.close_error() == DmaError::Ok);  // the first error is known already
}

TEST_CASE("DMA launch closes an entry whose descriptor could not be read", "[unit][dma][R26]") {
  Launch launch;
  launch.pins().desc_failed_i = 1;
  CHECK_FALSE(launch.offer(with([](auto& d) { d.chain = true; })));
  CHECK(launch.pins().open_tag_o == 0);
  CHECK(launch.pins().open_irq_o);
  CHECK_FALSE(launch.pins().transfer_valid_o);
  launch.take();
  CHECK(launch.close_error() == DmaError::DescFetch);
}

TEST_CASE("DMA launch waits for the splitter and for room", "[unit][dma]") {
  Launch launch;
  launch.offer(kGood);
  launch.pins().transfer_ready_i = 0;
  launch.settle();
  CHECK_FALSE(launch.pins().desc_ready_o);
  CHECK_FALSE(launch.pins().open_valid_o);
  launch.pins().transfer_ready_i = 1;
  launch.pins().open_ready_i = 0;
  launch.settle();
  CHECK_FALSE(launch.pins().desc_ready_o);
  CHECK_FALSE(launch.pins().transfer_valid_o);
}

TEST_CASE("DMA launch raises the alarm when a chain's place is lost", "[unit][dma]") {
  Launch launch;
  launch.offer(kGood, /*first=*/false);
  CHECK_THROWS_AS(launch.step(), dut::AssertionFailed);
}

}  // namespace
}  // namespace cw::unit::dma
