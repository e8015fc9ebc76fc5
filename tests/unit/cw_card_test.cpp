// SPDX-License-Identifier: Apache-2.0
#include "Vcw_card.h"
#include "unit/card_bench.hpp"

namespace cw::unit {
namespace {

using Bench = CardBench<Vcw_card>;

using dma::Desc, dma::WrMsix, dma::WrRecord, dma::WrData;
constexpr uint32_t kScratch = 0x00c, kErrors = 0x010, kIrqStatus = 0x014, kIrqEnable = 0x018,
                   kH2c = 0x100, kC2h = 0x140;
constexpr uint32_t kControl = 0x00, kRing = 0x08, kRecord = 0x10, kSize = 0x18, kVector = 0x1c,
                   kTail = 0x20, kMoved = 0x24;
constexpr uint64_t kRingIova = 0x1'0000'0000, kRecordIova = 0x1'0000'1000, kData = 0x2'0000'0000;
constexpr uint64_t kMessage = 0x5'fee0'0000;

std::vector<uint8_t> pattern(uint32_t bytes) {
  std::vector<uint8_t> data(bytes);
  agent::Rng rng(bytes, "pattern");
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(rng.u32());
  return data;
}

void enable_vector(Bench& bench, uint32_t vector) {
  bench.regs.write(msix::entry(vector, msix::kAddrLo), static_cast<uint32_t>(kMessage));
  bench.regs.write(msix::entry(vector, msix::kAddrHi), kMessage >> 32);
  bench.regs.write(msix::entry(vector, msix::kData), 0x700 + vector);
  bench.regs.write(msix::entry(vector, msix::kControl), 0);
}

// One entry of a channel's ring.
void start(Bench& bench, uint32_t channel, Desc desc, bool irq_enable) {
  desc.irq = desc.phase = true;
  bench.host.write({kRingIova}, to_bytes(desc));
  bench.regs.write(channel + kRing, static_cast<uint32_t>(kRingIova));
  bench.regs.write(channel + kRing + 4, kRingIova >> 32);
  bench.regs.write(channel + kRecord, static_cast<uint32_t>(kRecordIova));
  bench.regs.write(channel + kRecord + 4, kRecordIova >> 32);
  bench.regs.write(channel + kSize, 1);
  bench.regs.write(channel + kVector, channel == kH2c ? 2 : 5);
  bench.regs.write(channel + kControl, irq_enable ? 5 : 1);
  bench.regs.write(channel + kTail, 1);
}

std::vector<unsigned> ports(const Bench& bench) {
  std::vector<unsigned> all;
  for (const auto& write : bench.writes) all.push_back(write.port);
  return all;
}

TEST_CASE("The register bus reaches the registers, the MSI-X table and pending bits",
          "[unit][endpoint][R46]") {
  Bench bench;
  CHECK(bench.regs.read(0) == 0x4357'4159);
  bench.regs.write(kScratch, 0x1234'5678);
  bench.regs.write(msix::entry(7, msix::kData), 0xaabb'ccdd);
  CHECK(bench.regs.read(kScratch) == 0x1234'5678);
  CHECK(bench.regs.read(msix::entry(7, msix::kData)) == 0xaabb'ccdd);
  CHECK(bench.regs.read(msix::entry(0, msix::kControl)) == 1);  // masked after reset
  CHECK(bench.regs.read(msix::kPba) == 0);
  CHECK(bench.regs.read(0x3ffc) == 0);
}

TEST_CASE("Errors of the function stay in their register until they are cleared",
          "[unit][endpoint][R38]") {
  Bench bench;
  bench.p.event_i = 1u << 5 | 1u << 0;  // poisoned, received Completer Abort
  bench.module.step();
  bench.p.event_i = 0;
  bench.module.step(5_cycles);
  CHECK(bench.regs.read(kErrors) == (1u << 3 | 1u << 7));
  bench.regs.write(kErrors, 1u << 3);
  CHECK(bench.regs.read(kErrors) == 1u << 7);
}

TEST_CASE("The host writes and reads card memory at any byte", "[unit][endpoint]") {
  Bench bench;
  const auto data = pattern(200);
  bench.write_card(0x1013, data);
  CHECK(bench.read_card(0x1013, 200) == data);
  bench.write_card(0xffff, {0x5a});
  CHECK(bench.read_card(0xffff, 1) == std::vector<uint8_t>{0x5a});
}

TEST_CASE(
    "What the DMA engine fetches is in card memory before the record, the record before "
    "the message",
    "[unit][endpoint][R29][R32]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Bench bench(3, stall);
    enable_vector(bench, 2);
    const auto data = pattern(777);
    bench.host.write({kData + 0x0f3}, data);
    start(bench, kH2c, {.src = kData + 0x0f3, .dst = 0x4567, .bytes = 777, .tag = 9},
          /*irq_enable=*/true);
    bench.module.run_until([&] { return bench.writes.size() == 2; }, 20'000_cycles);
    CHECK(bench.read_card(0x4567, 777) == data);
    CHECK(ports(bench) == std::vector<unsigned>{WrRecord, WrMsix});
    CHECK(bench.writes[1] == Bench::Write{.port = WrMsix, .iova = kMessage, .data = {2, 7, 0, 0}});
    CHECK(bench.regs.read(kH2c + kMoved) == 777);
    CHECK(bench.regs.read(kH2c + kMoved) == 0);
  }
}

TEST_CASE("What the DMA engine sends is card memory, then the record, then the message",
          "[unit][endpoint][R02][R29][R32]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Bench bench(4, stall);
    enable_vector(bench, 5);
    const auto data = pattern(600);
    bench.write_card(0x0abc, data);
    start(bench, kC2h, {.src = 0x0abc, .dst = kData + 0x101, .bytes = 600},
          /*irq_enable=*/true);
    bench.module.run_until([&] { return bench.writes.size() == 5; }, 20'000_cycles);
    CHECK(bench.host.read({kData + 0x101}, 600) == data);
    CHECK(ports(bench) == std::vector<unsigned>{WrData, WrData, WrData, WrRecord, WrMsix});
    CHECK(bench.writes[4].data == std::vector<uint8_t>{5, 7, 0, 0});
  }
}

TEST_CASE("A channel whose interrupt is off raises no message", "[unit][endpoint][R46]") {
  Bench bench;
  enable_vector(bench, 2);
  start(bench, kH2c, {.src = kData, .bytes = 64}, /*irq_enable=*/false);
  bench.module.step(1000_cycles);
  CHECK(ports(bench) == std::vector<unsigned>{WrRecord});
}

TEST_CASE("INTx rises when the record has left, and falls when software clears the status",
          "[unit][endpoint][interrupts][R29][R32]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Bench bench(6, stall);
    dut::set_bits(bench.p.state_i, 385, 1, 0);  // MSI-X Enable
    bench.regs.write(kIrqEnable, 3);
    start(bench, kC2h, {.dst = kData, .bytes = 64}, /*irq_enable=*/true);
    bench.module.run_until([&] { return bench.p.intx_o != 0; }, 20'000_cycles);
    CHECK(ports(bench) == std::vector<unsigned>{WrData, WrRecord});
    CHECK(bench.p.intx_o == 1);
    CHECK(bench.p.intx_status_o == 1);
    CHECK(bench.regs.read(kIrqStatus) == 2);
    bench.regs.write(kIrqStatus, 2);
    bench.module.step(2_cycles);
    CHECK(bench.p.intx_o == 0);
    CHECK(bench.p.intx_status_o == 0);
  }
}

TEST_CASE("A function-level reset takes registers and interrupts back to where they start",
          "[unit][endpoint][interrupts][R43]") {
  Bench bench;
  bench.regs.write(kScratch, 0x1234);
  bench.regs.write(kIrqEnable, 3);
  enable_vector(bench, 2);
  bench.p.fn_rst_i = 1;
  bench.module.step();
  bench.p.fn_rst_i = 0;
  CHECK(bench.regs.read(kScratch) == 0);
  CHECK(bench.regs.read(kIrqEnable) == 0);
  CHECK(bench.regs.read(msix::entry(2, msix::kControl)) == 1);
}

TEST_CASE("A masked vector waits in the pending bits", "[unit][endpoint][R46]") {
  Bench bench;
  enable_vector(bench, 2);
  bench.regs.write(msix::entry(2, msix::kControl), 1);
  start(bench, kH2c, {.src = kData, .bytes = 64}, /*irq_enable=*/true);
  bench.module.step(1000_cycles);
  CHECK(ports(bench) == std::vector<unsigned>{WrRecord});
  CHECK(bench.regs.read(msix::kPba) == 1u << 2);
  bench.regs.write(msix::entry(2, msix::kControl), 0);
  bench.module.step(20_cycles);
  CHECK(ports(bench) == std::vector<unsigned>{WrRecord, WrMsix});
}

TEST_CASE(
    "flr-under-load: a reset in the midst of a copy leaves registers as after reset, card "
    "memory as it is, and a card that works",
    "[unit][endpoint][R43][flr-under-load]") {
  for (unsigned after = 0; after < 160; after += 7) {
    Bench bench(after);
    const auto mine = pattern(64), data = pattern(3000);
    bench.write_card(0xff00, mine);
    bench.host.write({kData}, data);
    enable_vector(bench, 2);
    start(bench, kH2c, {.src = kData, .dst = 0x100, .bytes = 3000}, true);
    bench.module.step(dut::Cycles{after});
    bench.p.fn_rst_i = 1;
    bench.module.step(8_cycles);
    bench.p.fn_rst_i = 0;
    CHECK(bench.regs.read(kH2c + kTail) == 0);
    CHECK(bench.regs.read(msix::entry(2, msix::kControl)) == 1);
    CHECK(bench.read_card(0xff00, 64) == mine);
    bench.writes.clear();
    bench.module.step(100_cycles);
    CHECK(bench.writes.empty());
    enable_vector(bench, 2);
    start(bench, kH2c, {.src = kData, .dst = 0x100, .bytes = 3000}, true);
    bench.module.run_until([&] { return bench.writes.size() == 2; }, 3000_cycles);
    CHECK(ports(bench) == std::vector<unsigned>{WrRecord, WrMsix});
    CHECK(bench.read_card(0x100, 3000) == data);
  }
}

TEST_CASE("Between what an AtomicOp reads and what it writes, nobody writes card memory",
          "[unit][endpoint]") {
  Bench bench;
  auto& p = bench.p;
  constexpr uint32_t kAt = 0x44, kAdd = 5;
  const pcie::Atomic add{.address = {kAt}, .operands = {kAdd}};
  uint32_t held = 0, offered = 0x1000;
  unsigned added = 0, written = 0, inside = 0;
  bench.write_card(kAt, {0, 0, 0, 0});
  p.cm_wr_addr_i = kAt & ~31u;
  p.cm_wr_strb_i = 0xfu << kAt % 32;
  p.cm_wr_valid_i = 1;
  for (unsigned cycle = 0; cycle < 600; ++cycle) {
    dut::set_bits(p.cm_wr_data_i, 8 * (kAt % 32), 32, offered);
    const bool asked = cycle % 20 >= 8 && !(cycle % 20 > 8 && inside == 0);
    if (cycle % 20 == 8) inside = 1;
    drive_atomic(p.atomic_req_i, add, asked);
    bench.module.settle();
    const AtomicRsp rsp = atomic_rsp(p.atomic_rsp_o);
    if (asked) CHECK_FALSE(p.cm_wr_ready_o);
    if (p.cm_wr_ready_o) {
      held = offered;
      offered += 0x1000;
      ++written;
    }
    if (rsp.ready) {
      REQUIRE(rsp.data[0] == held);
      held += kAdd;
      inside = 0;
      ++added;
    }
    bench.module.step();
  }
  CHECK(added == 30);
  CHECK(written > 200);
  p.cm_wr_valid_i = 0;
  drive_atomic(p.atomic_req_i, add, /*valid=*/false);
  const auto bytes = bench.read_card(kAt, 4);
  CHECK((bytes[0] | bytes[1] << 8 | bytes[2] << 16) == static_cast<int>(held & 0xff'ffff));
}

}  // namespace
}  // namespace cw::unit
