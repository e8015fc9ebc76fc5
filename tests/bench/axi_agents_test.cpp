// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <numeric>

#include "agent/axi_host.hpp"
#include "agent/axi_memory.hpp"
#include "agent/tlp_assembler.hpp"
#include "bench/axi_wires.hpp"
#include "catch_shim.hpp"

namespace {

using namespace cw::agent;
using namespace cw::dut::literals;
using cw::dut::Kernel;
using cw::model::HostMemory;
using cw::pcie::HostPhysAddr;

struct Bench {
  explicit Bench(Stall stall = Stall::None, bool reorder = false)
      : memory_port(kernel, wires.pins(), memory, Rng(1, "memory"),
                    {.stall = stall, .reorder = reorder}),
        host(kernel, wires.pins(), Rng(1, "host"), {.stall = stall}) {}
  Kernel kernel;
  cw::bench::AxiWires wires;
  HostMemory memory;
  AxiMemory memory_port;
  AxiHost host;
};

std::vector<uint8_t> counting(size_t bytes) {
  std::vector<uint8_t> data(bytes);
  std::iota(data.begin(), data.end(), uint8_t{1});
  return data;
}

}  // namespace

TEST_CASE("The CPU's port reads and writes exactly the bytes asked for", "[bench][axi]") {
  Bench bench;
  bench.memory.fill({0x1000}, 256, 0);
  for (const uint32_t bytes : {1u, 2u, 3u, 4u, 7u, 8u, 9u, 33u, 56u}) {
    for (uint64_t offset = 0; offset < 8; ++offset) {
      INFO(bytes << " bytes at offset " << offset);
      const HostPhysAddr at{0x1020 + offset};
      CHECK(bench.host.write(at, counting(bytes)).resp == AxiResp::Okay);
      CHECK(bench.memory.read(at, bytes) == counting(bytes));
      CHECK(bench.memory.read({at.value - 1}, 1)[0] == 0);
      CHECK(bench.memory.read(at + bytes, 1)[0] == 0);
      CHECK(bench.host.read(at, bytes).data == counting(bytes));
      bench.memory.fill(at, bytes, 0);
    }
  }
}

TEST_CASE("Accesses of either kind keep their order under every stall policy", "[bench][axi]") {
  for (const Stall stall : kEveryStall) {
    Bench bench(stall);
    std::vector<cw::dut::Pending<AxiResult>> writes, reads;
    for (uint64_t i = 0; i < 40; ++i) {
      bench.memory.write64({0x8000 + 8 * i}, i);
      reads.push_back(bench.host.start_read({0x8000 + 8 * i}, 8));
      writes.push_back(bench.host.start_write({0x4000}, {static_cast<uint8_t>(i)}));
    }
    for (uint64_t i = 0; i < 40; ++i) CHECK(reads[i].wait().data[0] == i);
    for (auto& write : writes) write.wait();
    CHECK(bench.memory.read({0x4000}, 1)[0] == 39);
    CHECK(bench.memory_port.idle());
    CHECK(bench.memory_port.counters().reads == 40);
  }
}

TEST_CASE("A write is in memory only when its response is offered", "[bench][axi]") {
  Bench bench;
  bench.memory_port.set_latency(5_cycles, 100_cycles);
  bench.memory.write32({0x2000}, 7);
  auto write = bench.host.start_write({0x2000}, {9, 0, 0, 0});
  for (int i = 0; i < 50; ++i) bench.kernel.step();
  CHECK(bench.host.read({0x2000}, 4).data[0] == 7);
  write.wait();
  CHECK(bench.memory.read32({0x2000}) == 9);
}

TEST_CASE("An error range answers with its error and takes no write", "[bench][axi]") {
  Bench bench;
  bench.memory.write32({0x3000}, 1);
  bench.memory_port.add_error_range({.base = {0x3000}, .bytes = 4, .resp = AxiResp::DecErr});
  CHECK(bench.host.read({0x3000}, 4).resp == AxiResp::DecErr);
  CHECK(bench.host.write({0x3003}, {5}).resp == AxiResp::DecErr);
  CHECK(bench.host.read({0x3004}, 4).resp == AxiResp::Okay);
  CHECK(bench.memory.read32({0x3000}) == 1);
}

TEST_CASE("The memory looks the CPU's cache up where AxCACHE, or no_snoop, says so",
          "[bench][axi]") {
  Kernel kernel;
  cw::bench::AxiWires wires;
  uint8_t cache_pin = 0b1111, no_snoop_pin = 1;
  AxiPins pins = wires.pins();
  pins.aw_snoop = AxiSnoopPin::no_snoop(no_snoop_pin);
  pins.ar_snoop = AxiSnoopPin::cache(cache_pin);
  HostMemory memory;
  cw::model::HostCache cache(memory);
  AxiMemory port(kernel, pins, memory, Rng(1, "memory"), {});
  port.attach(cache);
  AxiHost host(kernel, wires.pins(), Rng(1, "host"), {});
  memory.write64({0x1000}, 1);
  const std::vector<uint8_t> fresh = counting(8);
  cache.write({0x1000}, fresh);
  CHECK(host.read({0x1000}, 8).data == fresh);
  cache_pin = 0b0011;
  CHECK(host.read({0x1000}, 8).data == std::vector<uint8_t>{1, 0, 0, 0, 0, 0, 0, 0});
  host.write({0x1000}, {9});
  CHECK(memory.read({0x1000}, 1)[0] == 9);
  CHECK(cache.read({0x1000}, 1)[0] == fresh[0]);
  no_snoop_pin = 0;
  host.write({0x1001}, {8});
  CHECK(cache.lines() == 0);
  CHECK(cache.read({0x1000}, 2) == std::vector<uint8_t>{fresh[0], 8});
}

TEST_CASE("Latency is what was asked for, and reads overlap", "[bench][axi]") {
  Bench bench;
  bench.memory_port.set_latency(100_cycles, 100_cycles);
  std::vector<cw::dut::Pending<AxiResult>> reads;
  for (uint64_t i = 0; i < 16; ++i) reads.push_back(bench.host.start_read({8 * i}, 8));
  for (auto& read : reads) read.wait();
  CHECK(bench.kernel.now() >= 100_cycles);
  CHECK(bench.kernel.now() <= 130_cycles);
}

TEST_CASE("An address phase survives its packed and its flat form", "[bench][axi]") {
  std::array<uint32_t, 3> port{};
  const AxiAddressPins pins(port);
  const AxiAddress address{
      .id = 0xb, .addr = 0xfedc'ba98'7654'3210, .len = 0xa5, .size = 5, .burst = AxiBurst::Wrap};
  pins.set(address);
  CHECK(pins.get() == address);
  CHECK(port[2] >> 13 == 0xb);
  uint64_t addr = 0;
  uint8_t id = 0, len = 0, size = 0, burst = 0;
  AxiAddressPins flat(
      AxiAddressPins::Flat{.id = id, .addr = addr, .len = len, .size = size, .burst = burst});
  flat.set(address);
  CHECK(flat.get() == address);
  CHECK(addr == address.addr);
}

// Address phases put on the wires by hand, and the beats that come back.
struct RawReads : Bench {
  explicit RawReads(bool reorder = false) : Bench(Stall::None, reorder) {
    kernel.remove(host);
    wires.ar_valid = 0;
    wires.r_ready = 1;
    kernel.step();
    for (uint64_t n = 0; n < 64; ++n) memory.write64({0x1000 + 8 * n}, n);
  }
  void address(const AxiAddress& address) {
    AxiAddressPins(wires.ar).set(address);
    wires.ar_valid = 1;
    kernel.step();
    wires.ar_valid = 0;
  }
  struct Beat {
    unsigned id;
    uint64_t data;
    bool last;
    bool operator==(const Beat&) const = default;
  };
  std::vector<Beat> beats(size_t count) {
    std::vector<Beat> seen;
    for (int cycles = 0; seen.size() < count && cycles < 1000; ++cycles) {
      if (wires.r_valid) seen.push_back({wires.r_id, wires.r_data, wires.r_last != 0});
      kernel.step();
    }
    return seen;
  }
};

TEST_CASE("A wrapping burst begins where it was asked and turns at its boundary", "[bench][axi]") {
  RawReads bench;
  for (const unsigned beats : {2u, 4u, 8u, 16u}) {
    for (uint64_t first = 0; first < beats; ++first) {
      bench.address({.addr = 0x1080 + 8 * first,
                     .len = static_cast<uint8_t>(beats - 1),
                     .size = 3,
                     .burst = AxiBurst::Wrap});
      std::vector<RawReads::Beat> expected;
      for (uint64_t n = 0; n < beats; ++n) {
        expected.push_back({0, 16 + (first + n) % beats, n + 1 == beats});
      }
      CHECK(bench.beats(beats) == expected);
    }
  }
}

TEST_CASE("An error range is met by a burst that wraps into it", "[bench][axi]") {
  RawReads bench;
  bench.memory_port.add_error_range({.base = {0x1040}, .bytes = 8});
  bench.address({.addr = 0x1078, .len = 7, .size = 3, .burst = AxiBurst::Wrap});
  bench.beats(8);
  CHECK(bench.memory_port.counters().read_errors == 1);
  bench.address({.addr = 0x1038, .len = 0, .size = 3});
  bench.beats(1);
  CHECK(bench.memory_port.counters().read_errors == 1);
}

TEST_CASE("A wrap of three beats, or one that is not aligned, is refused", "[bench][axi]") {
  for (const AxiAddress& bad : {AxiAddress{.addr = 0x1000, .len = 2, .size = 3},
                                AxiAddress{.addr = 0x1004, .len = 3, .size = 3},
                                AxiAddress{.addr = 0x1000, .len = 0, .size = 3}}) {
    RawReads bench;
    AxiAddress wrap = bad;
    wrap.burst = AxiBurst::Wrap;
    CHECK_THROWS_AS(bench.address(wrap), ProtocolViolation);
  }
}

TEST_CASE("With reordering reads of different ids overtake and mix, each id keeps its order",
          "[bench][axi]") {
  RawReads bench(/*reorder=*/true);
  for (uint8_t n = 0; n < 8; ++n) {
    bench.address({.id = static_cast<uint8_t>(n % 4),
                   .addr = 0x1000 + 32u * n,
                   .len = 3,
                   .size = 3,
                   .burst = AxiBurst::Incr});
  }
  const auto seen = bench.beats(32);
  REQUIRE(seen.size() == 32);
  bool mixed = false;
  for (unsigned id = 0; id < 4; ++id) {
    std::vector<uint64_t> data;
    for (const auto& beat : seen) {
      if (beat.id == id) data.push_back(beat.data);
    }
    CHECK(data == std::vector<uint64_t>{4ull * id, 4ull * id + 1, 4 * id + 2, 4 * id + 3,
                                        4 * id + 16, 4 * id + 17, 4 * id + 18, 4 * id + 19});
  }
  for (size_t n = 1; n < seen.size(); ++n) {
    mixed |= seen[n].id != seen[n - 1].id && !seen[n - 1].last;
  }
  CHECK(mixed);
}

TEST_CASE("The memory refuses a burst across 4 KiB", "[bench][axi]") {
  Bench bench;
  const AxiAddressPins pins(bench.wires.ar);
  bench.kernel.step();
  bench.kernel.remove(bench.host);
  pins.set({.addr = 0xff8, .len = 1, .size = 3});
  bench.wires.ar_valid = 1;
  CHECK_THROWS_AS(bench.kernel.step(), ProtocolViolation);
}
