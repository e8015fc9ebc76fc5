// SPDX-License-Identifier: Apache-2.0
#include "Vcw_iommu_cmd_queue.h"
#include "catch_shim.hpp"
#include "dut/module.hpp"
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
  CHECK(get_bits(q.pins().wr_req_o, 266, 56) == 0x9000'1230);
  CHECK(get_bits(q.pins().wr_req_o, 256, 8) == 0xf0);
  CHECK(get_bits(q.pins().wr_req_o, 32, 32) == 0xcafe'f00d);
}

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

}  // namespace
}  // namespace cw::unit::iommu
