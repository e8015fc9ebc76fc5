// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64 TimeoutCycles=200
// cw-variant: W=128 TimeoutCycles=200
// cw-variant: W=256 TimeoutCycles=200
// cw-variant: W=512 TimeoutCycles=200
#include <Vcw_host_bridge_w128_timeoutcycles200.h>
#include <Vcw_host_bridge_w256_timeoutcycles200.h>
#include <Vcw_host_bridge_w512_timeoutcycles200.h>
#include <Vcw_host_bridge_w64_timeoutcycles200.h>

#include "unit/host_bridge_bench.hpp"

namespace cw::unit {
namespace {

using Bench = HostBridge<Vcw_host_bridge_w256_timeoutcycles200>;
using agent::AxiResp;
using pcie::CplStatus;

constexpr uint64_t kEcam = 0x3000'0000, kIommu = 0x1000'0000;
constexpr uint64_t ecam(unsigned bus, unsigned device, unsigned function, unsigned offset) {
  return kEcam + (bus << 20 | device << 15 | function << 12 | offset);
}

// Every length and alignment of a write, then of a read that is answered in two completions.
template <class V>
void move_memory(uint64_t seed, agent::Stall stall) {
  HostBridge<V> bench(seed, stall);
  agent::Rng rng(seed, "test");
  for (unsigned i = 0; i < 40; ++i) {
    const auto offset = static_cast<uint32_t>(rng.range(0, 7));
    const auto bytes = static_cast<uint32_t>(rng.range(1, 64 - offset));
    const uint64_t base = (rng.chance(50) ? 0x4000'0000 : 0x10'0000'0000) + 64 * rng.range(0, 100);
    const auto data = counting(bytes, static_cast<uint8_t>(i));
    CHECK(bench.cpu.write({base + offset}, data).resp == AxiResp::Okay);
    REQUIRE(bench.posted.size() == 1);
    const auto write = bench.write();
    CHECK(write.address.value == base + offset);
    CHECK(write.data == data);

    const auto answer = counting(64, static_cast<uint8_t>(7 * i));
    auto pending = bench.cpu.start_read({base + offset}, bytes);
    const auto read = bench.template request<pcie::MemRead>();
    CHECK(read.address.value <= base + offset);
    const auto first = static_cast<uint32_t>(read.address.value - base);
    const uint32_t end = first + read.length_bytes;
    CHECK(end >= offset + bytes);
    std::vector<uint32_t> dwords;
    for (uint32_t at = first / 4 * 4; at < end; at += 4) dwords.push_back(dword_at(answer, at));
    const auto cut = static_cast<uint32_t>(rng.range(0, dwords.size() - 1));
    if (cut) {
      bench.complete(read.tag, base + first, end - first, {dwords.begin(), dwords.begin() + cut});
    }
    const uint32_t second = cut ? first / 4 * 4 + cut * 4 : first;
    bench.complete(read.tag, base + second, end - second, {dwords.begin() + cut, dwords.end()});
    const agent::AxiResult result = pending.wait();
    CHECK(result.resp == AxiResp::Okay);
    CHECK(result.data == std::vector(answer.begin() + offset, answer.begin() + offset + bytes));
  }
  CHECK(bench.events.take() == 0);
}

TEST_CASE("Memory of devices is written and read at any alignment and width",
          "[unit][root][R05][R14][R23]") {
  uint64_t seed = 1;
  for (const auto stall : agent::kEveryStall) {
    move_memory<Vcw_host_bridge_w64_timeoutcycles200>(seed++, stall);
    move_memory<Vcw_host_bridge_w128_timeoutcycles200>(seed++, stall);
    move_memory<Vcw_host_bridge_w256_timeoutcycles200>(seed++, stall);
    move_memory<Vcw_host_bridge_w512_timeoutcycles200>(seed++, stall);
  }
}

TEST_CASE("Configuration goes to the root port, the link as type 0, or further as type 1",
          "[unit][root][R49]") {
  Bench bench;
  CHECK(dword_at(bench.cpu.read({ecam(0, 0, 0, 0x40)}, 4).data, 0) ==
        bench.registers.config_value(0x40));
  bench.cpu.write({ecam(0, 0, 0, 0x18)}, {1, 2, 3, 4});
  CHECK(bench.registers.config_writes ==
        std::vector<std::pair<unsigned, uint64_t>>{{0x18, 0x04030201}});

  auto pending = bench.cpu.start_read({ecam(1, 0, 2, 0x104)}, 4);
  auto read = bench.request<pcie::CfgRead>();
  CHECK(read.type == pcie::CfgType::Type0);
  CHECK(read.target == pcie::Bdf{.bus = 1, .device = 0, .function = 2});
  CHECK(read.offset == 0x104);
  CHECK(read.first_be == 0xf);
  bench.complete(read.tag, 0, 4, {0x8765'4321});
  CHECK(dword_at(pending.wait().data, 0) == 0x8765'4321);

  pending = bench.cpu.start_write({ecam(2, 5, 0, 0x12)}, {0xaa, 0xbb});
  const auto write = bench.request<pcie::CfgWrite>();
  CHECK(write.type == pcie::CfgType::Type1);
  CHECK(write.target == pcie::Bdf{.bus = 2, .device = 5, .function = 0});
  CHECK(write.offset == 0x10);
  CHECK(write.first_be == 0b1100);
  CHECK(write.data >> 16 == 0xbbaa);
  CHECK(!pending.done());  // not before its completion
  bench.refuse(write.tag, CplStatus::Sc);
  CHECK(pending.wait().resp == AxiResp::Okay);
  CHECK(bench.events.take() == 0);
}

TEST_CASE("A configuration read of one byte enables one byte", "[unit][root][R41]") {
  Bench bench;
  auto pending = bench.cpu.start_read({ecam(1, 0, 0, 0x0d)}, 1);
  const auto read = bench.request<pcie::CfgRead>();
  CHECK(read.first_be == 0b0010);
  bench.complete(read.tag, 0, 4, {0x0000'5500});
  CHECK(pending.wait().data == std::vector<uint8_t>{0x55});
}

TEST_CASE("What is absent reads as all ones and takes writes", "[unit][root][R41][R48][R49][R52]") {
  Bench bench;
  const uint64_t absent[] = {ecam(0, 1, 0, 0), ecam(0, 0, 1, 0), ecam(1, 1, 0, 0),
                             ecam(4, 0, 0, 0), 0x3fff'fff8,      0x4100'0000,
                             0x7fff'fff8,      0x10'0100'0000,   0x1f'ffff'fff8};
  for (const uint64_t at : absent) {
    CHECK(bench.cpu.read({at}, 8) == agent::AxiResult{.resp = AxiResp::Okay, .data = ones(8)});
    CHECK(bench.cpu.write({at}, counting(8)).resp == AxiResp::Okay);
  }
  CHECK(bench.cpu.read({0x0}, 8).resp == AxiResp::DecErr);
  CHECK(bench.cpu.write({0x8000'0000}, counting(8)).resp == AxiResp::DecErr);
  CHECK(bench.cpu.read({0x20'0000'0000}, 4).resp == AxiResp::DecErr);
  CHECK(bench.posted.empty());
  CHECK(bench.nonposted.empty());
}

TEST_CASE("Windows are closed by memory enable, D3hot, and a base above its limit",
          "[unit][root][R47][R48]") {
  Bench bench;
  for (const RootPortState& state :
       {RootPortState{.mem_enable = false}, RootPortState{.power = 3},
        RootPortState{.mem_base = 0x4010'0000, .mem_limit = 0x400f'ffff}}) {
    drive(bench.module.pins().state_i, state);
    CHECK(bench.cpu.read({0x4000'0000}, 4).data == ones(4));
    CHECK(bench.cpu.write({0x4000'0000}, counting(4)).resp == AxiResp::Okay);
  }
  CHECK(bench.posted.empty());
  CHECK(bench.nonposted.empty());
}

TEST_CASE("A read that is refused gives all ones and is logged",
          "[unit][root][R17][R25][R26][R52]") {
  Bench bench;
  const std::pair<CplStatus, unsigned> refusals[] = {{CplStatus::Ur, CfgReceivedUr},
                                                     {CplStatus::Ca, CfgReceivedCa},
                                                     {CplStatus{7}, CfgReceivedUr},
                                                     {CplStatus::Sc, CfgUnexpectedCpl}};
  for (const auto& [status, event] : refusals) {
    for (const uint64_t at : {uint64_t{0x4000'0010}, ecam(1, 0, 0, 0)}) {
      auto pending = bench.cpu.start_read({at}, 4);
      bench.module.run_until([&] { return !bench.nonposted.empty(); }, 100_cycles);
      bench.refuse(pcie::tag(bench.nonposted.pop()), status);
      CHECK(pending.wait() == agent::AxiResult{.resp = AxiResp::Okay, .data = ones(4)});
      CHECK(bench.events.take() == event);
    }
  }
  auto pending = bench.cpu.start_read({0x4000'0010}, 4);
  pcie::Completion poisoned{.completer = {.bus = 1},
                            .tag = bench.request<pcie::MemRead>().tag,
                            .lower_address = 0x10,
                            .payload = {0x1234'5678},
                            .attributes = {.poisoned = true}};
  bench.completions.send(pcie::encode(poisoned));
  CHECK(pending.wait().data == ones(4));
  CHECK(bench.events.take() == (CfgPoisoned | CfgPoisonedCpl));
}

TEST_CASE("A configuration request is sent again while the function asks for it",
          "[unit][root][R19]") {
  Bench bench;
  auto pending = bench.cpu.start_read({ecam(1, 0, 0, 0)}, 4);
  for (unsigned i = 0; i < 3; ++i) {
    bench.refuse(bench.request<pcie::CfgRead>().tag, CplStatus::Rrs);
  }
  bench.complete(bench.request<pcie::CfgRead>().tag, 0, 4, {0xca05'ca5e});
  CHECK(dword_at(pending.wait().data, 0) == 0xca05'ca5e);
  CHECK(bench.events.take() == 0);
}

TEST_CASE(
    "Software that wants to see it reads 0001h as the Vendor ID of a function that is not ready",
    "[unit][root][R19][R52]") {
  Bench bench;
  drive(bench.module.pins().state_i, RootPortState{.rrs_visible = true});
  for (const uint32_t bytes : {4u, 2u}) {
    auto pending = bench.cpu.start_read({ecam(1, 0, 0, 0)}, bytes);
    bench.refuse(bench.request<pcie::CfgRead>().tag, CplStatus::Rrs);
    auto expected = std::vector<uint8_t>{0x01, 0x00, 0xff, 0xff};
    expected.resize(bytes);
    CHECK(pending.wait().data == expected);
  }
  // Anything else is asked for again.
  for (const auto& [offset, bytes] : {std::pair{0u, 1u}, {2u, 2u}, {4u, 4u}}) {
    auto pending = bench.cpu.start_read({ecam(1, 0, 0, offset)}, bytes);
    bench.refuse(bench.request<pcie::CfgRead>().tag, CplStatus::Rrs);
    bench.complete(bench.request<pcie::CfgRead>().tag, 0, 4, {0x4433'2211});
    CHECK(pending.wait().data[0] == (offset == 2 ? 0x33 : 0x11));
  }
  auto ready = bench.cpu.start_read({ecam(1, 0, 0, 0)}, 4);
  bench.complete(bench.request<pcie::CfgRead>().tag, 0, 4, {0xca05'ca5e});
  CHECK(dword_at(ready.wait().data, 0) == 0xca05'ca5e);
  CHECK(bench.events.take() == 0);
}

TEST_CASE("A completion that contradicts its request is not data", "[unit][root][R22][R23]") {
  const pcie::Completion lies[] = {
      {.byte_count = 12, .lower_address = 0x10, .payload = {1, 2}},     // byte count
      {.byte_count = 8, .lower_address = 0x14, .payload = {1, 2}},      // lower address
      {.byte_count = 8, .lower_address = 0x10, .payload = {1, 2, 3}}};  // more than asked for
  for (const pcie::Completion& lie : lies) {
    Bench bench;
    auto pending = bench.cpu.start_read({0x4000'0010}, 8);
    pcie::Completion told = lie;
    told.tag = bench.request<pcie::MemRead>().tag;
    bench.completions.send(pcie::encode(told));
    CHECK(pending.wait().data == ones(8));
    CHECK(bench.events.take() == CfgUnexpectedCpl);
  }
}

TEST_CASE("A read that is never answered gives all ones in time; the late answer is dropped",
          "[unit][root][R22][R27][R52]") {
  Bench bench;
  auto pending = bench.cpu.start_read({0x4000'0000}, 8);
  const pcie::Tag late = bench.request<pcie::MemRead>().tag;
  CHECK(pending.wait(300_cycles).data == ones(8));
  CHECK(bench.events.take() == CfgCplTimeout);
  // Its tag is not given to another request...
  for (unsigned i = 0; i <= 35; ++i) {
    pending = bench.cpu.start_read({0x4000'0000}, 8);
    const pcie::Tag tag = bench.request<pcie::MemRead>().tag;
    CHECK(tag != late);
    if (i == 35) {  // ...not even while its answer passes
      bench.complete(late, 0, 8, {0xdead'dead, 0xdead'dead});
    }
    bench.complete(tag, 0, 8, {1, 2});
    CHECK(dword_at(pending.wait().data, 4) == 2);
    CHECK(bench.events.take() == (i == 35 ? uint32_t{CfgUnexpectedCpl} : 0u));
  }
}

TEST_CASE("Completion Timeout Disable lets a read wait", "[unit][root][R27]") {
  Bench bench;
  drive(bench.module.pins().state_i, RootPortState{.cpl_timeout_disable = true});
  auto pending = bench.cpu.start_read({0x4000'0000}, 4);
  const pcie::Tag tag = bench.request<pcie::MemRead>().tag;
  bench.module.step(1000_cycles);
  CHECK(!pending.done());
  bench.complete(tag, 0, 4, {5});
  CHECK(dword_at(pending.wait().data, 0) == 5);
}

TEST_CASE("A link that takes no requests does not hang the CPU", "[unit][root][R45][R52]") {
  Bench bench;
  bench.nonposted.block(true);
  for (unsigned i = 0; i < 2; ++i) {
    CHECK(bench.cpu.read({0x4000'0000}, 4).data == ones(4));
    CHECK(bench.events.take() == CfgCplTimeout);
  }
  bench.nonposted.block(false);
  const pcie::Tag lost = bench.request<pcie::MemRead>().tag;
  auto pending = bench.cpu.start_read({0x4000'0000}, 4);
  const pcie::Tag tag = bench.request<pcie::MemRead>().tag;
  CHECK(tag != lost);
  bench.complete(tag, 0, 4, {6});
  CHECK(dword_at(pending.wait().data, 0) == 6);
}

TEST_CASE("A posted write does not wait for a read", "[unit][root][R30]") {
  Bench bench;
  auto read = bench.cpu.start_read({0x4000'0000}, 4);
  const pcie::Tag tag = bench.request<pcie::MemRead>().tag;
  CHECK(bench.cpu.write({0x4000'0040}, counting(16)).resp == AxiResp::Okay);
  CHECK(bench.posted.size() == 1);
  CHECK(!read.done());
  bench.complete(tag, 0, 4, {7});
  CHECK(dword_at(read.wait().data, 0) == 7);
}

TEST_CASE("IOMMU registers are read and written in 4 and 8 bytes", "[unit][root]") {
  Bench bench;
  const auto value = bench.registers.iommu_value(0x10);
  const auto read = bench.cpu.read({kIommu + 0x10}, 8).data;
  CHECK(dword_at(read, 0) == static_cast<uint32_t>(value));
  CHECK(dword_at(read, 4) == value >> 32);
  CHECK(dword_at(bench.cpu.read({kIommu + 0x54}, 4).data, 0) ==
        static_cast<uint32_t>(bench.registers.iommu_value(0x54)));
  bench.cpu.write({kIommu + 0x18}, counting(8));
  bench.cpu.write({kIommu + 0x24}, counting(4));
  CHECK(bench.cpu.write({kIommu + 0x30}, counting(2)).resp == AxiResp::SlvErr);
  CHECK(bench.registers.iommu_writes == std::vector<std::pair<unsigned, uint64_t>>{
                                            {0x18, 0x0807'0605'0403'0201}, {0x24, 0x0403'0201}});
}

}  // namespace
}  // namespace cw::unit
