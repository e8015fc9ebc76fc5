// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
// cw-variant: W=512
#include "Vcw_host_read.h"
#include "Vcw_host_read_w512.h"
#include "Vcw_host_read_w64.h"
#include "unit/host_read_bench.hpp"

namespace cw::unit {
namespace {

using Bench = HostReadBench<Vcw_host_read>;
using pcie::CplStatus;
using pcie::MemRead;

constexpr pcie::Bdf kDevice{.bus = 1};

// A read of `bytes` from a byte offset into the two pages of pattern.
template <class B>
MemRead read_at(uint64_t offset, uint32_t bytes, uint16_t tag = 5) {
  return {.requester = kDevice,
          .tag = {tag},
          .address = iova_of(B::kRam + offset),
          .length_bytes = bytes};
}

template <class B>
MemRead random_read(agent::Rng& rng) {
  const auto offset = static_cast<uint32_t>(rng.range(0, 4095));
  const auto most = rng.chance(50) ? 70u : 4096u;
  const auto bytes = static_cast<uint32_t>(rng.range(1, std::min(most, 4096 - offset)));
  MemRead read =
      read_at<B>(offset + 4096 * rng.range(0, 1), bytes, static_cast<uint16_t>(rng.range(0, 1023)));
  read.attributes = {.traffic_class = static_cast<uint8_t>(rng.range(0, 7)),
                     .relaxed_ordering = rng.chance(30),
                     .no_snoop = rng.chance(30),
                     .id_ordering = rng.chance(30)};
  return read;
}

TEMPLATE_TEST_CASE("Every alignment and length of a read brings its bytes",
                   "[unit][root][R13][R14]", Vcw_host_read, Vcw_host_read_w64, Vcw_host_read_w512) {
  HostReadBench<TestType> bench;
  for (uint32_t offset = 0; offset < 66; ++offset) {
    for (const uint32_t bytes : {1u, 2u, 3u, 4u, 5u, 31u, 32u, 33u, 63u, 64u, 65u, 127u, 200u}) {
      bench.send(read_at<HostReadBench<TestType>>(offset, bytes));
    }
  }
  bench.check();
  CHECK(bench.given_up == 0);
}

TEMPLATE_TEST_CASE("A read of 4 KiB is cut at Max_Payload_Size, and at 64 bytes when unaligned",
                   "[unit][root][R03][R13][R14]", Vcw_host_read, Vcw_host_read_w64,
                   Vcw_host_read_w512) {
  for (unsigned encoding = 0; encoding < 3; ++encoding) {
    HostReadBench<TestType> bench(encoding + 1);
    bench.p.max_payload_i = static_cast<uint8_t>(encoding);
    bench.send(read_at<HostReadBench<TestType>>(0, 4096));
    bench.send(read_at<HostReadBench<TestType>>(4096 + 1, 4095));
    bench.send(read_at<HostReadBench<TestType>>(124, 3972));
    bench.check();
    CHECK(bench.completions.size() >= 2 * (4096u >> (7 + encoding)));
    CHECK(bench.first().byte_count == 4096);
    CHECK(bench.first().payload.size() == 32u << encoding);
  }
}

TEST_CASE("Holes of a one-dword read, and of two aligned ones, shape byte count and address",
          "[unit][root][R05][R08][R14]") {
  Bench bench;
  for (uint8_t first = 1; first < 16; ++first) {
    MemRead read = read_at<Bench>(first * 4, 4);
    read.enables = pcie::ByteEnables{.first = first};
    bench.send(read);
    MemRead pair = read_at<Bench>(first * 8, 8);
    pair.enables = pcie::ByteEnables{.first = first, .last = static_cast<uint8_t>(16 - first)};
    bench.send(pair);
  }
  bench.check();
}

TEST_CASE("A zero-length read is answered with one dword and a byte count of one",
          "[unit][root][R06]") {
  Bench bench;
  bench.send(read_at<Bench>(0x40, 0));
  bench.check();
  CHECK(bench.first().byte_count == 1);
  CHECK(bench.first().payload.size() == 1);
  CHECK(bench.port.counters().reads == 1);  // it waits for memory, as a flush must
}

TEMPLATE_TEST_CASE("Random reads, refusals and memory errors are answered in order under any stall",
                   "[unit][root][R13][R14][R16][R17][R18][R20]", Vcw_host_read, Vcw_host_read_w64,
                   Vcw_host_read_w512) {
  using B = HostReadBench<TestType>;
  uint64_t seed = 7;
  for (const agent::Stall stall : agent::kEveryStall) {
    for (unsigned encoding = 0; encoding < 3; ++encoding) {
      B bench(++seed, stall, dut::Cycles{seed % 2 ? 1u : 40u});
      bench.p.max_payload_i = static_cast<uint8_t>(encoding);
      for (unsigned i = 0; i < 12; ++i) {  // some beats of the second page are bad
        bench.bad.addresses.insert(B::kRam + 4096 + bench.rng.range(0, 4095) / B::kBus * B::kBus);
      }
      for (unsigned i = 0; i < 60; ++i) {
        MemRead read = random_read<B>(bench.rng);
        if (bench.rng.chance(10)) read.address.value |= kFaultBit;
        if (bench.rng.chance(10)) read.locked = true;
        bench.send(read);
        if (bench.rng.chance(10)) bench.send(pcie::CfgWrite{.requester = kDevice, .tag = {9}});
      }
      bench.check();
      CHECK(bench.given_up == bench.errors);
    }
  }
}

TEST_CASE("A memory error in any beat ends its request with Completer Abort; the next goes on",
          "[unit][root][R17][R20]") {
  for (unsigned beat = 0; beat < 32; ++beat) {
    Bench bench;
    bench.bad.addresses = {Bench::kRam + beat * Bench::kBus};
    bench.send(read_at<Bench>(0, 1024));
    bench.send(read_at<Bench>(4096, 300));
    bench.check();
    CHECK(bench.errors == 1);
    CHECK(bench.given_up == 1);
    CHECK(bench.owed.size() == beat * Bench::kBus / 256 + 1 + 2);
  }
}

TEST_CASE("What is not a readable read of host memory is refused, and memory is not asked",
          "[unit][root][R17][R37]") {
  constexpr uint64_t kNotRam[] = {
      0x0, 0x2800'0000, 0x7fff'fffc, 0x10'0000'0000, 0x1f'ffff'fffc, uint64_t{1} << 46};
  Bench bench;
  for (const uint64_t hpa : kNotRam) {
    bench.send(MemRead{.requester = kDevice, .address = iova_of(hpa), .length_bytes = 4});
  }
  MemRead faulted = read_at<Bench>(0x123, 77);
  faulted.address.value |= kFaultBit;
  bench.send(faulted);
  faulted.locked = true;
  bench.send(faulted);
  bench.send(pcie::CfgRead{.requester = kDevice, .tag = {1}});
  bench.send(pcie::IoWrite{.requester = kDevice, .tag = {2}, .address = 0x1000});
  bench.send(pcie::Atomic{.kind = pcie::AtomicKind::CompareAndSwap,
                          .requester = kDevice,
                          .address = iova_of(Bench::kRam),
                          .operands = {1, 2, 3, 4}});
  bench.check();
  CHECK(bench.refused == std::size(kNotRam) + 5);
  CHECK(bench.port.counters().reads == 0);
}

TEST_CASE("An AtomicOp of several beats is swallowed with its refusal, which tells its operand",
          "[unit][root][R15][R37]") {
  HostReadBench<Vcw_host_read_w64> bench;
  bench.send(
      pcie::Atomic{.requester = kDevice, .address = iova_of(bench.kRam), .operands = {1, 2}});
  bench.send(pcie::Atomic{.kind = pcie::AtomicKind::CompareAndSwap,
                          .requester = kDevice,
                          .address = iova_of(bench.kRam),
                          .operands = {1, 2, 3, 4}});
  bench.send(read_at<HostReadBench<Vcw_host_read_w64>>(8, 100));
  bench.check();
}

TEST_CASE("The edges of host memory are read", "[unit][root]") {
  Bench bench;
  for (const uint64_t hpa : {uint64_t{0x8000'0000}, uint64_t{0xf'ffff'fffc},
                             uint64_t{0x20'0000'0000}, (uint64_t{1} << 46) - 4}) {
    bench.memory.write32({hpa}, static_cast<uint32_t>(hpa >> 16) + 1);
    bench.send(MemRead{.requester = kDevice, .address = iova_of(hpa), .length_bytes = 4});
  }
  bench.check();
  CHECK(bench.refused == 0);
}

TEST_CASE("No read starts, and none is refused, before the writes ahead of it are in memory",
          "[unit][root][R30]") {
  Bench bench;
  MemRead faulted = read_at<Bench>(0, 4);
  faulted.address.value |= kFaultBit;
  for (const MemRead& read : {read_at<Bench>(0, 64), faulted}) {
    const auto asked = bench.port.counters().reads;
    const auto answered = bench.completions.size();
    bench.p.order_ok_i = 0;
    bench.send(read);
    bench.module.step(50_cycles);
    CHECK(bench.port.counters().reads == asked);
    CHECK(bench.completions.size() == answered);
    CHECK(!bench.requests.idle());
    bench.p.order_ok_i = 1;
    bench.check();
  }
}

TEST_CASE("Reads overlap: sixty-four wait for memory at once", "[unit][root]") {
  Bench bench(1, agent::Stall::None, 400_cycles);
  for (uint16_t n = 0; n < 64; ++n) bench.send(read_at<Bench>(n * 128, 128, n));
  bench.module.step(300_cycles);
  CHECK(bench.port.counters().reads == 64);
  CHECK(bench.completions.empty());
  bench.check(1000_cycles);
}

TEST_CASE("No Snoop of a read goes with each of its bursts, and with no other's", "[unit][root]") {
  Bench bench;
  bench.p.max_payload_i = 0;  // two completions, and two bursts, for each
  std::vector<bool> expected, seen;
  for (uint16_t n = 0; n < 16; ++n) {
    const bool no_snoop = n % 3 == 1;
    auto read = read_at<Bench>(n * 256 + 4, 252, n);
    read.attributes.no_snoop = no_snoop;
    bench.send(read);
    expected.insert(expected.end(), 2, no_snoop);
  }
  bench.module.run_until(
      [&] {
        if (bench.p.m_ar_valid_o && bench.p.m_ar_ready_i) {
          seen.push_back(bench.p.m_ar_no_snoop_o != 0);
        }
        return bench.retired == 16;
      },
      2000_cycles);
  CHECK(seen == expected);
  bench.check();
}

TEST_CASE("Long reads fill the completion channel", "[unit][root]") {
  Bench bench;
  for (uint16_t n = 0; n < 8; ++n) bench.send(read_at<Bench>(0, 4096, n));
  const auto start = bench.module.now();
  bench.check();
  CHECK((bench.module.now() - start).value < 8 * 4096 / Bench::kBus + 90);
}

}  // namespace
}  // namespace cw::unit
