// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64
// cw-variant: W=512
#include "Vcw_host_write.h"
#include "Vcw_host_write_w512.h"
#include "Vcw_host_write_w64.h"
#include "agent/tlp_sink.hpp"
#include "unit/host_write_bench.hpp"

namespace cw::unit {
namespace {

using Bench = HostWriteBench<Vcw_host_write>;
using pcie::MemWrite;

constexpr pcie::Bdf kDevice{.bus = 1};

MemWrite write_to(agent::Rng& rng, uint64_t hpa, uint32_t bytes) {
  MemWrite write{.requester = kDevice, .address = iova_of(hpa)};
  for (uint32_t n = 0; n < bytes; ++n) write.data.push_back(static_cast<uint8_t>(rng.u32()));
  return write;
}

TEMPLATE_TEST_CASE("Every alignment and length of a write puts its bytes, and no others",
                   "[unit][root][R05]", Vcw_host_write, Vcw_host_write_w64, Vcw_host_write_w512) {
  HostWriteBench<TestType> bench;
  for (uint32_t offset = 0; offset < 66; ++offset) {
    for (const uint32_t bytes : {1u, 2u, 3u, 4u, 5u, 31u, 33u, 60u, 64u, 65u, 127u, 256u}) {
      bench.send(write_to(bench.rng, bench.kRam + offset, bytes));
    }
  }
  bench.check();
}

TEST_CASE("Byte enables with holes write their bytes; a write without bytes writes none",
          "[unit][root][R05][R07]") {
  Bench bench;
  for (uint8_t first = 0; first < 16; ++first) {
    MemWrite one = write_to(bench.rng, Bench::kRam + first * 4u, 4);
    one.enables = pcie::ByteEnables{.first = first};
    bench.send(one);
    if (!first) continue;
    MemWrite pair = write_to(bench.rng, Bench::kRam + 0x100 + first * 8u, 8);
    pair.enables = pcie::ByteEnables{.first = first, .last = static_cast<uint8_t>(16 - first)};
    bench.send(pair);
  }
  bench.check();
  CHECK(bench.refused == 0);
}

TEST_CASE("A poisoned, a faulted and a misdirected write are dropped whole",
          "[unit][root][R26][R37]") {
  constexpr uint64_t kNotRam[] = {
      0x0, 0x1000'0000, 0x7fff'f000, 0x10'0000'0000, 0x1f'ffff'f000, uint64_t{1} << 46};
  Bench bench;
  for (const uint64_t hpa : kNotRam) bench.send(write_to(bench.rng, hpa + 4, 200));
  MemWrite poisoned = write_to(bench.rng, Bench::kRam, 200);
  poisoned.attributes.poisoned = true;
  bench.send(poisoned);
  poisoned.address = iova_of(kDoorbell);
  poisoned.data.resize(4);
  bench.send(poisoned);
  MemWrite faulted = write_to(bench.rng, Bench::kRam, 200);
  faulted.address.value |= kFaultBit;
  bench.send(faulted);
  bench.check();
  CHECK(bench.refused == std::size(kNotRam) + 1);
  CHECK(bench.poisoned == 2);
  CHECK(bench.port.counters().writes == 0);
  bench.send(write_to(bench.rng, Bench::kRam, 200));
  bench.check();
}

TEST_CASE("A message signalled after writes comes when they are in memory", "[unit][root][R32]") {
  Bench bench(1, agent::Stall::None, 200_cycles);
  for (unsigned n = 0; n < 5; ++n) bench.send(write_to(bench.rng, Bench::kRam + 300 * n, 256));
  bench.send(write_to(bench.rng, kDoorbell + 0x40, 4));
  bench.send(write_to(bench.rng, Bench::kRam, 4));
  bench.module.step(150_cycles);
  CHECK(bench.messages.empty());
  bench.check();
  CHECK(bench.messages.size() == 1);
}

TEST_CASE("The doorbell takes whole dwords only", "[unit][root][R46]") {
  Bench bench;
  bench.send(write_to(bench.rng, kDoorbell, 4));
  bench.send(write_to(bench.rng, kDoorbell + 0xffc, 4));
  bench.send(write_to(bench.rng, kDoorbell, 8));
  bench.send(write_to(bench.rng, kDoorbell, 2));
  bench.send(write_to(bench.rng, kDoorbell + 4, 3));
  bench.send(write_to(bench.rng, kDoorbell + 0x1000, 4));
  bench.check();
  CHECK(bench.messages.size() == 2);
  CHECK(bench.refused == 4);
}

TEMPLATE_TEST_CASE("Writes for devices go down whole and in order, between those to memory",
                   "[unit][root][R30][R50]", Vcw_host_write, Vcw_host_write_w64,
                   Vcw_host_write_w512) {
  constexpr uint64_t kPeer = 0x4000'0000, kPeer64 = 0x10'0000'0000;
  uint64_t seed = 40;
  for (const agent::Stall stall : agent::kEveryStall) {
    HostWriteBench<TestType> bench(++seed, stall);
    agent::TlpSink down(bench.module.kernel(),
                        dut::channel(bench.p.peer_ctl_o, bench.p.p_data_i, bench.p.peer_valid_o,
                                     bench.p.peer_ready_i),
                        {seed, "down"}, stall);
    bench.p.p_peer_i = 1;
    std::deque<pcie::RawTlp> owed;
    unsigned sent = 0, to_memory = 0;
    for (; sent < 60; ++sent) {
      const uint64_t base = bench.rng.chance(50) ? kPeer : kPeer64;
      MemWrite write = write_to(bench.rng, base + 4 * bench.rng.range(0, 100),
                                static_cast<uint32_t>(bench.rng.range(1, 256)));
      write.attributes = {.relaxed_ordering = true, .poisoned = bench.rng.chance(20)};
      const bool memory = bench.rng.chance(40);
      if (memory) {
        write = write_to(bench.rng, bench.kRam, 64);
        ++to_memory;
      } else {
        MemWrite expected = write;
        expected.address = {write.address.value ^ iova_of(0).value};
        owed.push_back(pcie::encode(expected));
      }
      bench.writes.send(pcie::encode(write));
    }
    bench.module.run_until([&] { return bench.retired == sent; }, 50'000_cycles);
    CHECK(down.received() == owed);
    CHECK(bench.port.counters().writes == to_memory);
    CHECK(bench.refused + bench.poisoned == 0);
  }
}

TEST_CASE("Messages of the link are taken without complaint", "[unit][root][R40]") {
  Bench bench;
  bench.send(write_to(bench.rng, Bench::kRam, 64));
  bench.send(pcie::Message{.requester = kDevice, .code = 0x19});
  bench.send(
      pcie::Message{.requester = kDevice, .code = 0x50, .payload = {1, 2, 3, 4, 5, 6, 7, 8, 9}});
  bench.send(write_to(bench.rng, Bench::kRam + 64, 64));
  bench.check();
  CHECK(bench.refused == 0);
}

TEMPLATE_TEST_CASE("Random writes, messages and refusals end as the model says, in order",
                   "[unit][root][R05][R07][R20][R32][R37]", Vcw_host_write, Vcw_host_write_w64,
                   Vcw_host_write_w512) {
  uint64_t seed = 20;
  for (const agent::Stall stall : agent::kEveryStall) {
    for (const uint64_t latency : {1, 30}) {
      HostWriteBench<TestType> bench(++seed, stall, dut::Cycles{latency});
      bench.refuse(bench.kRam + 0x800, 256);
      for (unsigned n = 0; n < 150; ++n) {
        const auto offset = static_cast<uint32_t>(bench.rng.range(0, 4095));
        const auto most = std::min(4096 - offset, bench.rng.chance(50) ? 12u : 512u);
        MemWrite write = write_to(bench.rng, bench.kRam + 4096 * bench.rng.range(0, 1) + offset,
                                  static_cast<uint32_t>(bench.rng.range(0, most)));
        write.attributes.poisoned = bench.rng.chance(5);
        if (bench.rng.chance(5)) write.address.value |= kFaultBit;
        if (bench.rng.chance(10)) {
          write = write_to(bench.rng, kDoorbell + bench.rng.range(0, 1023) * 4, 4);
        }
        bench.send(write);
        if (bench.rng.chance(5)) bench.send(pcie::Message{.requester = kDevice, .code = 0x7f});
      }
      bench.check();
      CHECK(bench.errors_owed > 0);
    }
  }
}

TEST_CASE("An error of memory is reported, and the write still retires", "[unit][root][R20]") {
  Bench bench;
  bench.refuse(Bench::kRam + 0x400, 64);
  bench.send(write_to(bench.rng, Bench::kRam + 0x380, 256));
  bench.send(write_to(bench.rng, Bench::kRam + 0x480, 256));
  bench.check();
  CHECK(bench.errors == 1);
}

TEST_CASE("Writes overlap, up to sixty-four", "[unit][root]") {
  Bench bench(1, agent::Stall::None, 1000_cycles);
  for (unsigned n = 0; n < 70; ++n) bench.send(write_to(bench.rng, Bench::kRam + 32 * n, 32));
  bench.module.step(900_cycles);
  CHECK(bench.port.counters().write_beats == 64);
  bench.check();
}

TEST_CASE("No Snoop of a write goes with its burst, and with no other's", "[unit][root]") {
  Bench bench;
  std::vector<bool> expected, seen;
  for (unsigned n = 0; n < 16; ++n) {
    auto write = write_to(bench.rng, Bench::kRam + 64 * n, 64);
    write.attributes.no_snoop = n % 3 == 1;
    bench.send(write);
    expected.push_back(n % 3 == 1);
  }
  bench.module.run_until(
      [&] {
        if (bench.p.m_aw_valid_o && bench.p.m_aw_ready_i) {
          seen.push_back(bench.p.m_aw_no_snoop_o != 0);
        }
        return bench.retired == 16;
      },
      2000_cycles);
  CHECK(seen == expected);
  bench.check();
}

TEST_CASE("Writes fill the channel to memory", "[unit][root]") {
  Bench bench;
  for (unsigned n = 0; n < 16; ++n) bench.send(write_to(bench.rng, Bench::kRam + 256 * n, 256));
  const auto start = bench.module.now();
  bench.check();
  CHECK((bench.module.now() - start).value < 16 * 256 / Bench::kBus + 60);
}

}  // namespace
}  // namespace cw::unit
