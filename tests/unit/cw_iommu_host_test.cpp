// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <vector>

#include "Vcw_iommu_host.h"
#include "catch_shim.hpp"
#include "iommu_access.hpp"
#include "model/host_memory.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr uint64_t kFaults = 0x8000'0000, kMessage = 0x9000'0000;
enum Reg : unsigned {
  Fqb = 0x28,
  Fqh = 0x30,
  Fqt = 0x34,
  Cqcsr = 0x48,
  Fqcsr = 0x4c,
  Ipsr = 0x54,
  Icvec = 0x2f8,
  Table = 0x300
};

// Registers and queues before a memory that takes one store at a time and fails where it is told.
struct HostSide : dut::Module<Vcw_iommu_host> {
  model::HostMemory memory;
  std::vector<uint64_t> stores;  // addresses, in order
  uint64_t bad_page = ~uint64_t{0};

  HostSide() {
    auto& p = pins();
    p.caps_i = kCapsFull;
    p.reg_valid_i = p.reg_write_i = 0;
    p.mode_drained_i = p.inval_ready_i = p.fence_drained_i = 1;
    p.record_valid_i = p.debug_req_ready_i = p.debug_rsp_valid_i = 0;
    drive_perf(p.perf_i, {}, {});
    p.rd_ready_i = p.rd_rsp_valid_i = p.wr_done_i = p.wr_error_i = 0;
    p.wr_ready_i = 0;
    reset();
  }
  void write(unsigned offset, uint64_t value, unsigned bytes = 4) {
    auto& p = pins();
    p.reg_valid_i = p.reg_write_i = 1;
    p.reg_addr_i = offset;
    p.reg_size8_i = bytes == 8;
    p.reg_wdata_i = value;
    clock();
    p.reg_valid_i = p.reg_write_i = 0;
  }
  uint64_t read(unsigned offset, unsigned bytes = 4) {
    auto& p = pins();
    p.reg_valid_i = 1;
    p.reg_addr_i = offset;
    p.reg_size8_i = bytes == 8;
    settle();
    const uint64_t value = p.reg_rdata_o;
    p.reg_valid_i = 0;
    return value;
  }
  void clock(unsigned times = 1) {
    auto& p = pins();
    while (times--) {
      settle();
      p.wr_done_i = done_;
      p.wr_error_i = error_;
      p.wr_ready_i = 0;
      if (const unsigned valid = p.wr_valid_o; valid && !done_) {
        const unsigned writer = static_cast<unsigned>(__builtin_ctz(valid)), base = 322 * writer;
        p.wr_ready_i = 1u << writer;
        next_ = p.wr_ready_i;
        const uint64_t hpa = get_bits(p.wr_req_o, base + 266, 56);
        stores.push_back(hpa);
        next_error_ = hpa >> 12 == bad_page >> 12;
        if (!next_error_) {
          for (unsigned n = 0; n <= get_bits(p.wr_req_o, base + 264, 2); n++) {
            memory.write64({hpa + 8 * n}, get_bits(p.wr_req_o, base + 64 * n, 64));
          }
        }
      }
      step();
      done_ = next_;
      error_ = next_error_ && next_ != 0;
      next_ = 0;
    }
    settle();
  }
  void fault(uint64_t iova) {
    auto& p = pins();
    for (unsigned n = 0; n < 4; n++) set_bits(p.record_i, 64 * n, 64, 0);
    set_bits(p.record_i, 0, 12, 13);
    set_bits(p.record_i, 34, 6, 2);
    set_bits(p.record_i, 128, 64, iova);
    p.record_valid_i = 1;
    clock();
    p.record_valid_i = 0;
    clock(20);
  }
  Record in_queue(unsigned index) {
    std::array<uint64_t, 4> dw;
    for (unsigned n = 0; n < 4; n++) dw[n] = memory.read64({kFaults + 32 * index + 8 * n});
    return record(dw);
  }
  void start(uint64_t message = kMessage) {
    write(Icvec, 0x10, 8);
    write(Table + 16, message, 8);
    write(Table + 24, 0x1234);
    write(Fqb, kFaults >> 12 << 10 | 3, 8);
    write(Fqcsr, 3);
    clock();
  }

 private:
  unsigned done_ = 0, next_ = 0;
  bool error_ = false, next_error_ = false;
};

TEST_CASE("A fault is in memory before its message is sent", "[unit][iommu]") {
  HostSide host;
  host.start();
  host.fault(0x5000);
  CHECK(host.stores == std::vector<uint64_t>{kFaults, kMessage});
  CHECK(host.read(Fqt) == 1);
  CHECK(host.memory.read32({kMessage}) == 0x1234);
  host.fault(0x6000);  // fip is up: no second message
  CHECK(host.stores == std::vector<uint64_t>{kFaults, kMessage, kFaults + 32});
  host.write(Ipsr, 2);
  host.fault(0x7000);
  CHECK(host.stores.size() == 5);
}

// Corner case 47
TEST_CASE("A message that memory refuses is one record 273 and causes no further message",
          "[unit][iommu]") {
  HostSide host;
  host.start();
  host.bad_page = kMessage;
  host.fault(0x5000);
  host.clock(100);
  CHECK(host.stores == std::vector<uint64_t>{kFaults, kMessage, kFaults + 32});
  CHECK(host.in_queue(1) == Record{.cause = 273, .ttyp = 0, .did = 0, .iotval = kMessage});
  CHECK(host.read(Fqt) == 2);
  CHECK(host.read(Ipsr) == 2);
}

// Corner case 45
TEST_CASE("A message is sent again when software clears ipsr while the cause persists",
          "[unit][iommu]") {
  HostSide host;
  host.write(Icvec, 0x10, 8);
  host.start();
  for (uint64_t n = 0; n < 16; n++) host.fault(n << 12);  // one too many
  CHECK((host.read(Fqcsr) & 0x200) != 0);
  const auto sent = [&] { return std::count(host.stores.begin(), host.stores.end(), kMessage); };
  CHECK(sent() == 1);
  host.write(Ipsr, 2);
  host.clock(20);
  CHECK(sent() == 2);
  CHECK(host.read(Ipsr) == 2);
  host.write(Fqcsr, 0x203);
  host.write(Ipsr, 2);
  host.clock(20);
  CHECK(sent() == 2);
  CHECK(host.read(Ipsr) == 0);
}

// Corner case 50
TEST_CASE("An error that is pending interrupts when its enable is set", "[unit][iommu]") {
  HostSide host;
  host.start();
  host.write(Fqcsr, 1);
  for (uint64_t n = 0; n < 16; n++) host.fault(n << 12);
  CHECK(host.read(Ipsr) == 0);
  CHECK(std::count(host.stores.begin(), host.stores.end(), kMessage) == 0);
  host.write(Fqcsr, 3);
  host.clock(20);
  CHECK(host.read(Ipsr) == 2);
  CHECK(std::count(host.stores.begin(), host.stores.end(), kMessage) == 1);
}

// Corner case 40
TEST_CASE("Without a fault queue records are dropped and nothing waits", "[unit][iommu]") {
  HostSide host;
  for (uint64_t n = 0; n < 10; n++) host.fault(n);
  CHECK(host.stores.empty());
  CHECK(host.pins().record_ready_o);
}

// Corner case 41
TEST_CASE("fqh keeps the bits of an index into the queue", "[unit][iommu]") {
  HostSide host;
  host.start();
  host.write(Fqh, 0xffff'ffff);
  CHECK(host.read(Fqh) == 15);
}

// Corner case 49
TEST_CASE("fence_w_ip exists with wires only", "[unit][iommu]") {
  HostSide host;
  host.write(0x8, 2);
  CHECK(host.read(0x8) == 2);
  host.write(Cqcsr, 1);
  host.clock();
  CHECK((host.read(Cqcsr) & 0xf00) == 0);
}

// Corner case 37
TEST_CASE("cqb and fqb ignore writes while their queue is on", "[unit][iommu]") {
  HostSide host;
  for (const unsigned base : {0x18u, 0x28u}) {
    const unsigned csr = base == 0x18 ? 0x48 : 0x4c;
    host.write(base, kFaults >> 12 << 10 | 3, 8);
    host.write(csr, 1);
    host.clock();
    host.write(base, kMessage >> 12 << 10 | 7, 8);
    CHECK(host.read(base, 8) == (kFaults >> 12 << 10 | 3));
    host.write(csr, 0);
    host.clock();
    host.write(base, kMessage >> 12 << 10 | 7, 8);
    CHECK(host.read(base, 8) == (kMessage >> 12 << 10 | 7));
  }
}

// Corner case 42: the register accesses of the Linux driver (drivers/iommu/riscv), in its order.
TEST_CASE("Linux's probe, line by line", "[unit][iommu]") {
  HostSide host;
  const auto ppn = [](uint64_t hpa) { return hpa >> 12 << 10; };
  // Probe: capabilities and features; a version, a first stage, a kind of interrupt
  const uint64_t caps = host.read(0x0, 8);
  CHECK((caps & 0xff) == 0x10);
  CHECK((caps >> 9 & 1) == 1);
  CHECK((caps >> 28 & 3) == 2);
  CHECK((caps >> 32 & 0x3f) == 46);
  // With both kinds of interrupt it takes messages: fctl.WSI = 0
  host.write(0x8, host.read(0x8) & ~2u);
  CHECK(host.read(0x8) == 0);
  // The MSI table, by halves: address, data, then unmasked
  for (unsigned v = 0; v < 4; v++) {
    const uint64_t address = 0x12'3400'0000 + 4 * v;
    host.write(0x300 + 16 * v, address & 0xffff'ffff);
    host.write(0x304 + 16 * v, address >> 32);
    host.write(0x308 + 16 * v, 0x40 + v);
    host.write(0x30c + 16 * v, 0);
    CHECK(host.read(0x300 + 16 * v, 8) == address);
    CHECK(host.read(0x308 + 16 * v, 8) == 0x40 + v);
  }
  // Mode is Off, not busy; a directory at a fixed address would show in the PPN
  CHECK((host.read(0x10, 8) & 0x1f) == 0);
  host.write(0x10, 0, 8);
  host.clock();
  CHECK(host.read(0x10, 8) == 0);
  // Vectors: FIV = 1, PIV = 2, PMIV = 3, each modulo the number of interrupts; no field beyond it
  for (const uint64_t vectors : {1, 2, 3, 4}) {
    host.write(0x2f8, 1 % vectors << 4 | 2 % vectors << 12 | 3 % vectors << 8, 8);
    const uint64_t icvec = host.read(0x2f8, 8);
    for (unsigned field = 0; field < 16; field += 4) CHECK((icvec >> field & 15) < vectors);
    CHECK((icvec >> 4 & 15) == 1 % vectors);
  }
  // Each queue: the largest size and no fixed address; then exactly what is written; empty; on
  struct Queue {
    unsigned base, index, csr;
    uint64_t real;
  };
  for (const Queue& q : {Queue{0x18, 0x24, 0x48, ppn(0x8004'0000) | 12},
                         Queue{0x28, 0x30, 0x4c, ppn(0x8008'0000) | 11}}) {
    host.write(q.base, 31, 8);
    CHECK(host.read(q.base, 8) == 15);
    host.write(q.base, q.real, 8);
    CHECK(host.read(q.base, 8) == q.real);
    host.write(q.index, 0);
    host.write(q.csr, 0x103);  // enable, interrupt, clear the memory fault
    host.clock(2);
    CHECK(host.read(q.csr) == 0x1'0003);
  }
  // The directory: three levels are taken, with their address; another mode only through Bare
  host.write(0x10, ppn(0x8010'0000) | 4, 8);
  host.clock();
  CHECK(host.read(0x10, 8) == (ppn(0x8010'0000) | 4));
  host.write(0x10, ppn(0x8010'0000) | 3, 8);
  host.clock();
  CHECK(host.read(0x10, 8) == (ppn(0x8010'0000) | 4));
  for (const uint64_t mode : {1, 3, 1, 2, 0}) {
    const uint64_t wanted = mode > 1 ? ppn(0x8010'0000) | mode : mode;
    host.write(0x10, wanted, 8);
    host.clock();
    CHECK(host.read(0x10, 8) == wanted);
  }
  // Mode Off at the end: queues off
  for (const unsigned csr : {0x48u, 0x4cu}) {
    host.write(csr, 0);
    host.clock(2);
    CHECK(host.read(csr) == 0);
  }
}

}  // namespace
}  // namespace cw::unit::iommu
