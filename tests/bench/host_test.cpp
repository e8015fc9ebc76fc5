// SPDX-License-Identifier: Apache-2.0
#include "env/host.hpp"

#include "agent/axi_memory.hpp"
#include "bench/axi_wires.hpp"
#include "catch_shim.hpp"

namespace {

using namespace cw;
using namespace cw::dut::literals;

// The CPU before a memory that stands for everything on its bus.
struct Bench {
  dut::Kernel kernel;
  bench::AxiWires wires;
  model::HostMemory memory;
  agent::AxiMemory bus{kernel, wires.pins(), memory, agent::Rng(1, "bus"), {}};
  agent::AxiHost cpu{kernel, wires.pins(), agent::Rng(1, "cpu"), {}};
  env::Host host{kernel, cpu};
};

dut::Task<> write_later(dut::Kernel& kernel, model::HostMemory& memory) {
  co_await kernel.cycles(500);
  memory.write32({0x4000'0000}, 0x80);
}

}  // namespace

TEST_CASE("A configuration access reaches the function's register in ECAM", "[bench][host]") {
  Bench bench;
  const pcie::Bdf bdf{.bus = 2, .device = 1, .function = 3};
  bench.host.config_write16(bdf, 0x106, 0xbeef);
  CHECK(bench.memory.read32({0x3020'b104}) == 0xbeef'a5a5);
  CHECK(bench.host.config_read8(bdf, 0x107) == 0xbe);
  CHECK(bench.host.config_read32(bdf, 0x104) == 0xbeef'a5a5);
  CHECK(bench.host.config_bytes(bdf, 8).size() == 8);
}

TEST_CASE("Loads and stores keep their width and their order", "[bench][host]") {
  Bench bench;
  bench.host.write64({0x8000'0000}, 0x1122'3344'5566'7788);
  CHECK(bench.host.read32({0x8000'0004}) == 0x1122'3344);
  auto first = bench.host.start_mem_read({0x8000'0000}, 1);
  auto second = bench.host.start_mem_read({0x8000'0001}, 1);
  CHECK(second.wait().data == std::vector<uint8_t>{0x77});
  CHECK(first.done());
  CHECK(first.wait().data == std::vector<uint8_t>{0x88});
}

TEST_CASE("A bus error names the address", "[bench][host]") {
  Bench bench;
  bench.bus.add_error_range({.base = {0x100}, .bytes = 4, .resp = agent::AxiResp::DecErr});
  try {
    bench.host.read32({0x100});
    FAIL("no bus error");
  } catch (const env::BusError& error) {
    CHECK(error.address == pcie::HostPhysAddr{0x100});
    CHECK(std::string(error.what()) == "bus error at 0x100: DECERR");
  }
  CHECK_THROWS_AS(bench.host.write32({0x100}, 0), env::BusError);
}

TEST_CASE("Polling ends with the value or with the budget", "[bench][host]") {
  Bench bench;
  bench.memory.write32({0x4000'0000}, 0);
  CHECK_THROWS_AS(bench.host.poll32({0x4000'0000}, 0x80, 0x80, 100_cycles), dut::Timeout);
  bench.kernel.spawn("device", write_later(bench.kernel, bench.memory));
  CHECK(bench.host.poll32({0x4000'0000}, 0xf0, 0x80, 5'000_cycles) == 0x80);
}

TEST_CASE("An access that nobody answers is a timeout that names it", "[bench][host]") {
  dut::Kernel kernel;
  bench::AxiWires wires;
  agent::AxiHost cpu(kernel, wires.pins(), agent::Rng(1, "cpu"), {.deadline = 200_cycles});
  env::Host host(kernel, cpu);
  std::string message;
  try {
    host.read32({0x4000'0010});
  } catch (const dut::Timeout& timeout) {
    message = timeout.what();
  }
  CHECK(message.find("host access to 0x40000010") != std::string::npos);
}
