// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_fault_queue.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

constexpr unsigned kFqmf = 1, kFqof = 2;

struct Faults : dut::Module<Vcw_iommu_fault_queue> {
  QueueState queue{.ppn = 0x80000, .mask = 1};

  Faults() {
    auto& p = pins();
    p.record_valid_i = p.wr_ready_i = p.wr_done_i = p.wr_error_i = 0;
    apply();
    reset();
    settle();
  }
  void apply() {
    drive(pins().queue_i, queue);
    settle();
  }
  // The error bits that the record sets at once.
  unsigned offer(uint64_t value = 1) {
    set_bits(pins().record_i, 0, 64, value);
    pins().record_valid_i = 1;
    settle();
    CHECK(pins().record_ready_o);
    const unsigned errors = pins().error_set_o;
    step();
    pins().record_valid_i = 0;
    settle();
    return errors;
  }
};

TEST_CASE("Record, acknowledgement, tail: in this order", "[unit][iommu]") {
  Faults q;
  q.queue = {.ppn = 0x80000, .mask = 3, .head = 0, .tail = 2};
  q.apply();
  CHECK(q.offer(0x1234) == 0);
  CHECK(q.pins().wr_valid_o);
  CHECK_FALSE(q.pins().record_ready_o);
  CHECK_FALSE(q.pins().idle_o);
  CHECK(get_bits(q.pins().wr_req_o, 266, 56) == 0x8000'0040);
  CHECK(get_bits(q.pins().wr_req_o, 264, 2) == 3);
  CHECK(get_bits(q.pins().wr_req_o, 256, 8) == 0xff);
  CHECK(get_bits(q.pins().wr_req_o, 0, 64) == 0x1234);
  q.pins().wr_ready_i = 1;
  q.step();
  q.settle();
  CHECK_FALSE(q.pins().advance_o);
  q.pins().wr_done_i = 1;
  q.settle();
  CHECK(q.pins().advance_o);
}

TEST_CASE("A full queue drops the record and sets fqof", "[unit][iommu]") {
  Faults q;
  q.queue.tail = 1;
  q.apply();
  CHECK(q.offer() == kFqof);
  CHECK_FALSE(q.pins().wr_valid_o);
  q.queue.errors = kFqof;
  q.queue.head = 1;
  q.apply();
  CHECK(q.offer() == 0);
  CHECK_FALSE(q.pins().wr_valid_o);
  q.queue.errors = 0;
  q.apply();
  q.offer();
  CHECK(q.pins().wr_valid_o);
}

TEST_CASE("A store that fails sets fqmf and leaves the tail", "[unit][iommu]") {
  Faults q;
  q.offer();
  q.pins().wr_ready_i = 1;
  q.step();
  q.pins().wr_done_i = q.pins().wr_error_i = 1;
  q.settle();
  CHECK(q.pins().error_set_o == kFqmf);
  CHECK_FALSE(q.pins().advance_o);
}

TEST_CASE("A queue that is off takes records and forgets them", "[unit][iommu]") {
  Faults q;
  q.queue.on = false;
  q.queue.tail = 1;
  q.apply();
  CHECK(q.offer() == 0);
  CHECK_FALSE(q.pins().wr_valid_o);
  CHECK(q.pins().idle_o);
}

}  // namespace
}  // namespace cw::unit::iommu
