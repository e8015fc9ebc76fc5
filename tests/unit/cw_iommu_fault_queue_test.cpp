// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_fault_queue.h"
#include "catch_shim.hpp"
#include "iommu_access.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr unsigned kFqmf = 1, kFqof = 2;

Record fault(uint64_t iova) { return {.cause = 13, .ttyp = 2, .did = 0xabcdef, .iotval = iova}; }

struct Faults : dut::Module<Vcw_iommu_fault_queue> {
  QueueState queue{.ppn = 0x80000, .mask = 1};

  Faults() {
    auto& p = pins();
    p.record_valid_i = p.msi_record_valid_i = 0;
    p.wr_ready_i = p.wr_done_i = p.wr_error_i = 0;
    apply();
    reset();
    settle();
  }
  void apply() {
    drive(pins().queue_i, queue);
    settle();
  }
  template <class P>
  static void put(P& port, const Record& r) {
    for (unsigned n = 0; n < 4; n++) set_bits(port, 64 * n, 64, 0);
    set_bits(port, 0, 12, r.cause);
    set_bits(port, 34, 6, r.ttyp);
    set_bits(port, 40, 24, r.did);
    set_bits(port, 128, 64, r.iotval);
  }
  void offer(uint64_t iova) {
    put(pins().record_i, fault(iova));
    pins().record_valid_i = 1;
    settle();
    CHECK(pins().record_ready_o);
    step();
    pins().record_valid_i = 0;
    settle();
  }
  // The error bits that are set within a few clocks.
  unsigned errors() {
    unsigned set = 0;
    for (unsigned n = 0; n < 6; n++) {
      set |= pins().error_set_o;
      step();
      queue.errors |= set;
      apply();
    }
    return set;
  }
  // The record that is stored next, and where; memory acknowledges it.
  std::pair<uint64_t, Record> stored(bool error = false) {
    auto& p = pins();
    run_until([&] { return p.wr_valid_o != 0; }, 10_cycles);
    const auto result = std::pair{get_bits(p.wr_req_o, 266, 56), record_of(p.wr_req_o)};
    CHECK(get_bits(p.wr_req_o, 264, 2) == 3);
    CHECK(get_bits(p.wr_req_o, 256, 8) == 0xff);
    p.wr_ready_i = 1;
    step();
    p.wr_ready_i = 0;
    settle();
    CHECK_FALSE(p.advance_o);
    p.wr_done_i = 1;
    p.wr_error_i = error;
    settle();
    CHECK(p.advance_o != error);
    CHECK(p.error_set_o == (error ? kFqmf : 0));
    step();
    p.wr_done_i = p.wr_error_i = 0;
    if (error)
      queue.errors |= kFqmf;
    else
      queue.tail = (queue.tail + 1) & queue.mask;
    apply();
    return result;
  }
};

TEST_CASE("Record, acknowledgement, tail: in this order", "[unit][iommu]") {
  Faults q;
  q.queue = {.ppn = 0x80000, .mask = 3, .head = 0, .tail = 2};
  q.apply();
  q.offer(0x1234);
  CHECK(q.stored() == std::pair{uint64_t{0x8000'0040}, fault(0x1234)});
  CHECK(q.queue.tail == 3);
  CHECK(q.pins().idle_o);
}

TEST_CASE("Four fault records wait while one is written, and keep their order", "[unit][iommu]") {
  Faults q;
  q.queue = {.ppn = 0x80000, .mask = 15};
  q.apply();
  for (uint64_t n = 0; n < 4; n++) q.offer(n);
  CHECK_FALSE(q.pins().record_ready_o);
  for (uint64_t n = 0; n < 4; n++) {
    CHECK(q.stored() == std::pair{0x8000'0000 + 32 * n, fault(n)});
  }
  CHECK(q.pins().record_ready_o);
}

TEST_CASE("The record of a message waits behind those of requests", "[unit][iommu]") {
  Faults q;
  q.queue = {.ppn = 0x80000, .mask = 15};
  q.apply();
  const Record message{.cause = 273, .ttyp = 0, .did = 0, .iotval = 0x9000};
  Faults::put(q.pins().msi_record_i, message);
  q.pins().msi_record_valid_i = 1;
  q.pins().record_valid_i = 1;
  q.settle();
  CHECK_FALSE(q.pins().msi_record_ready_o);
  q.offer(1);
  CHECK(q.pins().msi_record_ready_o);
  q.step();
  q.pins().msi_record_valid_i = 0;
  q.settle();
  CHECK(q.stored().second == fault(1));
  CHECK(q.stored().second == message);
}

// Corner case 38
TEST_CASE("A full queue drops the record and those behind it, until fqof is cleared",
          "[unit][iommu]") {
  Faults q;
  q.queue.tail = 1;
  q.apply();
  q.offer(1);
  CHECK(q.errors() == kFqof);
  q.queue.head = 1;  // room, but the bit stands
  q.apply();
  q.offer(2);
  CHECK(q.errors() == 0);
  CHECK_FALSE(q.pins().wr_valid_o);
  q.queue.errors = 0;
  q.apply();
  q.offer(3);
  CHECK(q.stored().second == fault(3));
}

// Corner case 39
TEST_CASE("A store that fails sets fqmf, loses its record and leaves the tail", "[unit][iommu]") {
  Faults q;
  q.queue.mask = 3;
  q.apply();
  q.offer(1);
  q.offer(2);
  q.stored(/*error=*/true);
  CHECK(q.errors() == 0);
  CHECK_FALSE(q.pins().wr_valid_o);
  q.queue.errors = 0;
  q.apply();
  q.offer(3);
  CHECK(q.stored() == std::pair{uint64_t{0x8000'0000}, fault(3)});
}

// Corner case 40
TEST_CASE("A queue that is off takes records and forgets them", "[unit][iommu]") {
  Faults q;
  q.queue.on = false;
  q.queue.tail = 1;
  q.apply();
  for (uint64_t n = 0; n < 10; n++) q.offer(n);
  CHECK(q.errors() == 0);
  CHECK_FALSE(q.pins().wr_valid_o);
  CHECK(q.pins().idle_o);
}

TEST_CASE("A queue that is turned off while a record is written ends the write first",
          "[unit][iommu]") {
  Faults q;
  q.queue.mask = 3;
  q.apply();
  q.offer(1);
  q.offer(2);
  q.step();
  q.settle();
  q.queue.on = false;
  q.apply();
  CHECK_FALSE(q.pins().idle_o);
  CHECK(q.stored().second == fault(1));
  CHECK(q.pins().idle_o);
  CHECK(q.errors() == 0);
  CHECK_FALSE(q.pins().wr_valid_o);
}

}  // namespace
}  // namespace cw::unit::iommu
