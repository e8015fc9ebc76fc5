// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "Vcw_iommu_cmd_queue.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_access.hpp"
#include "iommu_memory.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr uint64_t kQueue = 0x8000'0000;
constexpr unsigned kCqmf = 1, kCmdIll = 4, kFenceWIp = 8;

struct Commands : dut::Module<Vcw_iommu_cmd_queue> {
  WalkMemory<Vcw_iommu_cmd_queue> memory{kernel(), pins()};
  QueueState queue{.ppn = kQueue >> 12};

  Commands() {
    auto& p = pins();
    p.caps_i = kCaps;
    p.wsi_i = 1;
    p.inval_ready_i = p.drained_i = 1;
    p.wr_ready_i = p.wr_done_i = p.wr_error_i = 0;
    drive(p.queue_i, queue);
    reset();
  }
  struct Result {
    bool advanced = false, invalidated = false;
    unsigned errors = 0;
    Store store{};
  };
  // One command at the head, until the queue is idle again.
  Result run(uint64_t low, uint64_t high) {
    memory.write64(kQueue + 16 * queue.head, low);
    memory.write64(kQueue + 16 * queue.head + 8, high);
    queue.tail = (queue.head + 1) & queue.mask;
    drive(pins().queue_i, queue);
    Result result;
    for (unsigned n = 0; n < 200; n++) {
      settle();
      pins().wr_done_i = stored_;
      settle();
      stored_ = pins().wr_valid_o;
      if (stored_) result.store = store(pins().wr_req_o);
      pins().wr_ready_i = stored_;
      result.errors |= pins().error_set_o;
      if (pins().inval_valid_o && pins().inval_ready_i) {
        result.invalidated = true;
        inval = iommu::inval(pins().inval_o);
      }
      const bool advance = pins().advance_o, stop = advance || pins().error_set_o;
      step();
      if (stop) {
        result.advanced = advance;
        queue.tail = queue.head = (queue.head + advance) & queue.mask;
        drive(pins().queue_i, queue);
        pins().wr_done_i = 0;
        stored_ = false;
        return result;
      }
    }
    throw dut::Timeout("a command never ended");
  }
  Inval inval;

 private:
  bool stored_ = false;
};

bool legal(Commands& q, uint64_t low, uint64_t high) {
  const auto result = q.run(low, high);
  CHECK(result.advanced == (result.errors != kCmdIll));
  return result.advanced;
}

TEST_CASE("IOTINVAL.VMA carries its operands to the caches", "[unit][iommu]") {
  Commands q;
  const auto done = q.run(1 | 1 << 10 | uint64_t{0x54321} << 12 | uint64_t{1} << 32,
                          0x7654'3210'f000 >> 12 << 10);
  CHECK(done.advanced);
  CHECK(done.invalidated);
  CHECK(q.inval.pt);
  CHECK_FALSE(q.inval.dir);
  CHECK(q.inval.leaf);
  CHECK(q.inval.vpn == 0x7654'3210'f000 >> 12);
  CHECK(q.inval.pscv);
  CHECK(q.inval.pscid == 0x54321);
  q.run(1, 0);
  CHECK_FALSE(q.inval.leaf);
  CHECK_FALSE(q.inval.pscv);
}

TEST_CASE("IODIR.INVAL_DDT carries its device to the cache", "[unit][iommu]") {
  Commands q;
  CHECK(q.run(3 | uint64_t{1} << 33 | uint64_t{0xabcdef} << 40, 0).invalidated);
  CHECK(q.inval.dir);
  CHECK(q.inval.dv);
  CHECK(q.inval.did == 0xabcdef);
  q.run(3, 0);
  CHECK_FALSE(q.inval.dv);
}

// Corner case 34
TEST_CASE("Each reserved bit of a command is illegal and keeps the head", "[unit][iommu]") {
  struct Format {
    uint64_t low, low_fields, high_fields;
  };
  // Bits that may be one without changing the command.
  const Format formats[] = {
      {1, 0x0fff'f003'ffff'f400, 0x3fff'ffff'ffff'fc00},  // IOTINVAL.VMA
      {2, 0xffff'ffff'0000'3c00, 0x3fff'ffff'ffff'ffff},  // IOFENCE.C
      {3, 0xffff'ff02'0000'0000, 0},                      // IODIR.INVAL_DDT
  };
  Commands q;
  for (const auto& format : formats) {
    for (unsigned bit = 7; bit < 128; bit++) {
      const uint64_t low = format.low | (bit < 64 ? uint64_t{1} << bit : 0);
      const uint64_t high = bit < 64 ? 0 : uint64_t{1} << (bit - 64);
      const bool field =
          (bit < 64 ? format.low_fields >> bit : format.high_fields >> (bit - 64)) & 1;
      const bool gvma = format.low == 1 && bit == 7;
      CAPTURE(format.low, bit);
      CHECK(legal(q, low, high) == (field || gvma));
    }
  }
}

// Corner case 34
TEST_CASE("Unknown opcodes and functions, and what a capability forbids, are illegal",
          "[unit][iommu]") {
  Commands q;
  for (uint64_t opcode = 0; opcode < 128; opcode++) {
    CHECK(legal(q, opcode, 0) == (opcode >= 1 && opcode <= 3));
  }
  CHECK_FALSE(legal(q, 1 | 1 << 7 | uint64_t{1} << 32, 0));  // GVMA with PSCV
  CHECK_FALSE(legal(q, 3 | 1 << 7, 0));                      // INVAL_PDT without DV
  CHECK(legal(q, 3 | 1 << 7 | uint64_t{1} << 33, 0));
  q.pins().wsi_i = 0;
  CHECK_FALSE(legal(q, 2 | 1 << 11, 0));
  q.pins().wsi_i = 1;
  CHECK(q.run(2 | 1 << 11, 0).errors == kFenceWIp);
}

// Corner case 35
TEST_CASE("A memory fault on either half of a command sets cqmf", "[unit][iommu]") {
  for (uint64_t at : {kQueue, kQueue + 8}) {
    Commands q;
    q.memory.error = {at};
    CHECK(q.run(1, 0).errors == kCqmf);
    q.memory.error = {};
    q.memory.poison = {at};
    CHECK(q.run(1, 0).errors == kCqmf);
  }
}

TEST_CASE("A fence waits for the drain, stores 4 bytes, then moves the head", "[unit][iommu]") {
  Commands q;
  q.pins().drained_i = 0;
  CHECK_THROWS_AS(q.run(2 | 1 << 10 | uint64_t{0xcafe'f00d} << 32, 0x9000'1234 >> 2), dut::Timeout);
  q.settle();
  CHECK(q.pins().drain_o);
  q.pins().drained_i = 1;
  const auto done = q.run(2 | 1 << 10 | uint64_t{0xcafe'f00d} << 32, 0x9000'1234 >> 2);
  CHECK(done.advanced);
  CHECK(done.store == Store{0x9000'1230, 0xcafe'f00d'cafe'f00d, 0xf0});
}

// Corner case 35
TEST_CASE("A store that fails sets cqmf and keeps the fence at the head", "[unit][iommu]") {
  Commands q;
  q.pins().wr_error_i = 1;
  auto done = q.run(2 | 3 << 10, 0x9000'1000 >> 2);
  CHECK(done.errors == kCqmf);
  CHECK_FALSE(done.advanced);
  q.pins().wr_error_i = 0;
  done = q.run(2 | 1 << 10, uint64_t{1} << 56 >> 2);  // beyond any memory
  CHECK(done.errors == kCqmf);
  CHECK_FALSE(done.advanced);
}

// ---- Bursts

// The queue with its registers: what was put in is done until the queue stands.
struct Stream : Commands {
  std::vector<unsigned> done;  // devices of the invalidations, in order; ~0 for a fence
  unsigned errors = 0;

  explicit Stream(unsigned entries) {
    queue.mask = entries - 1;
    pins().drained_i = 0;
    drive(pins().queue_i, queue);
  }
  uint64_t slot(unsigned index) const { return kQueue + 16ull * index; }
  void put(uint64_t low) {
    memory.write64(slot(queue.tail), low);
    memory.write64(slot(queue.tail) + 8, 0);
    queue.tail = (queue.tail + 1) & queue.mask;
  }
  void put_device(uint64_t did) { put(3 | uint64_t{1} << 33 | did << 40); }
  void clock() {
    settle();
    pins().drained_i = drain_before_ && pins().drain_o;
    drain_before_ = pins().drain_o;
    settle();
    if (pins().inval_valid_o) done.push_back(iommu::inval(pins().inval_o).did);
    if (pins().advance_o && !pins().inval_valid_o) done.push_back(~0u);
    errors = pins().error_set_o;
    const bool advance = pins().advance_o;
    step();
    if (advance) queue.head = (queue.head + 1) & queue.mask;
    queue.errors |= errors;
    drive(pins().queue_i, queue);
  }
  // Until the queue is empty or stands on an error.
  void go(unsigned clocks = 400) {
    drive(pins().queue_i, queue);
    while (clocks-- && (queue.head != queue.tail) && !queue.errors) clock();
    for (unsigned n = 0; n < 20; n++) clock();
  }

 private:
  bool drain_before_ = false;
};

TEST_CASE("Up to four commands are fetched in one burst, which ends with its line",
          "[unit][iommu]") {
  Stream q(16);
  for (unsigned n = 0; n < 11; n++) q.put_device(n);
  q.go();
  CHECK(q.done == std::vector<unsigned>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  CHECK(q.memory.fetches == std::vector<Fetch>{{q.slot(0), 8}, {q.slot(4), 8}, {q.slot(8), 6}});
  q.memory.fetches.clear();
  for (unsigned n = 0; n < 7; n++) q.put_device(n);
  q.go();
  CHECK(q.memory.fetches == std::vector<Fetch>{{q.slot(11), 2}, {q.slot(12), 8}, {q.slot(0), 4}});
  CHECK(q.queue.head == 2);
}

// Corner case 33
TEST_CASE("Command queues of every size are fetched in order, wrap, and may be full",
          "[unit][iommu]") {
  for (unsigned entries = 2; entries <= 1u << 16; entries *= 2) {
    Stream q(entries);
    q.queue.head = q.queue.tail = entries - 1;  // to wrap at once
    for (unsigned round = 0; round < 3; round++) {
      const unsigned full = std::min(entries - 1, 9u);
      for (unsigned n = 0; n < full; n++) q.put_device(n);
      q.go();
      REQUIRE(q.done.size() == full);
      for (unsigned n = 0; n < full; n++) CHECK(q.done[n] == n);
      q.done.clear();
    }
    for (const auto& fetch : q.memory.fetches) {
      CHECK(fetch.hpa >= kQueue);
      CHECK(fetch.hpa + 8 * fetch.doublewords <= kQueue + 16ull * entries);
      CHECK(fetch.hpa / 64 == (fetch.hpa + 8 * fetch.doublewords - 1) / 64);
    }
  }
}

// Corner case 34
TEST_CASE("What was fetched behind an illegal command is forgotten and fetched again",
          "[unit][iommu]") {
  Stream q(16);
  q.put_device(1);
  q.put(0x7f);
  q.put_device(2);
  q.put_device(3);
  q.go();
  CHECK(q.done == std::vector<unsigned>{1});
  CHECK(q.queue.errors == kCmdIll);
  CHECK(q.queue.head == 1);
  q.memory.write64(q.slot(1), 3 | uint64_t{1} << 33 | uint64_t{7} << 40);
  q.memory.write64(q.slot(2), 3 | uint64_t{1} << 33 | uint64_t{8} << 40);
  q.queue.errors = 0;
  q.go();
  CHECK(q.done == std::vector<unsigned>{1, 7, 8, 3});
}

// Corner case 35
TEST_CASE("A memory fault inside a burst counts for its own command, when its turn comes",
          "[unit][iommu]") {
  for (unsigned victim = 0; victim < 4; victim++) {
    for (const unsigned half : {0u, 8u}) {
      Stream q(16);
      for (unsigned n = 0; n < 4; n++) q.put_device(n);
      q.memory.error = {q.slot(victim) + half};
      q.go();
      CHECK(q.done.size() == victim);
      CHECK(q.queue.errors == kCqmf);
      CHECK(q.queue.head == victim);
      q.memory.error = {};
      q.queue.errors = 0;
      q.go();
      CHECK(q.done == std::vector<unsigned>{0, 1, 2, 3});
    }
  }
}

// Corner case 36
TEST_CASE("A queue that is turned off in mid-burst ends the command under way, then is idle",
          "[unit][iommu]") {
  for (unsigned delay = 0; delay < 40; delay++) {
    Stream q(16);
    for (unsigned n = 0; n < 8; n++) q.put_device(n);
    q.queue.on = true;
    drive(q.pins().queue_i, q.queue);
    for (unsigned n = 0; n < delay; n++) q.clock();
    const auto before = q.done.size();
    q.queue.on = false;
    drive(q.pins().queue_i, q.queue);
    for (unsigned n = 0; n < 40; n++) q.clock();
    CHECK(q.pins().idle_o);
    CHECK(q.done.size() <= before + 1);
    CHECK(q.queue.head == q.done.size());
    const auto fetched = q.memory.fetches.size();
    for (unsigned n = 0; n < 20; n++) q.clock();
    CHECK(q.memory.fetches.size() == fetched);
  }
}

TEST_CASE("Two fences in a row each ask for a drain of their own", "[unit][iommu]") {
  Stream q(16);
  q.put(2);
  q.put(2);
  q.put_device(5);
  q.go();
  CHECK(q.done == std::vector<unsigned>{~0u, ~0u, 5});
  Stream again(16);
  again.put(2);
  again.put(2);
  drive(again.pins().queue_i, again.queue);
  unsigned asked = 0;
  for (unsigned n = 0; n < 60; n++) {
    const bool before = again.pins().drain_o;
    again.clock();
    again.settle();
    asked += again.pins().drain_o && !before;
  }
  CHECK(asked == 2);
}

}  // namespace
}  // namespace cw::unit::iommu
