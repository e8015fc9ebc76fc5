// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <utility>

#include "Vcw_iommu_mem.h"
#include "agent/axi_memory.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr unsigned kWriteBits = 322, kWalks = 8, kCmd = 8;  // readers: walks, the command queue

struct Mem : dut::Module<Vcw_iommu_mem> {
  model::HostMemory memory;
  agent::AxiMemory axi;

  explicit Mem(agent::Stall stall = agent::Stall::None, bool reorder = false)
      : axi(kernel(), agent::manager_pins(pins()), memory, {1, "memory"},
            {.stall = stall, .reorder = reorder}) {
    auto& p = pins();
    p.pas_i = 46;
    p.walk_valid_i = p.cmd_valid_i = p.wr_valid_i = p.m_r_poison_i = 0;
    reset();
  }

  struct Beats {
    std::vector<uint64_t> data;
    unsigned errors = 0, poisoned = 0;
    bool last = false;
  };
  // Puts a read on the port of its reader.
  void request_read(unsigned reader, uint64_t hpa, unsigned doublewords, bool wrap = false) {
    auto& p = pins();
    auto& port = reader == kCmd ? p.cmd_req_i : p.walk_req_i;
    set_bits(port, 0, 3, doublewords - 1);
    set_bits(port, 3, 56, hpa);
    if (reader == kCmd) {
      p.cmd_valid_i = 1;
    } else {
      set_bits(p.walk_req_i, 59, 1, wrap);
      set_bits(p.walk_req_i, 60, 3, reader);
      p.walk_valid_i = 1;
    }
  }
  void start_read(unsigned reader, uint64_t hpa, unsigned doublewords, bool wrap = false) {
    auto& p = pins();
    request_read(reader, hpa, doublewords, wrap);
    for (bool taken = false; !taken; step()) {
      settle();
      taken = (reader == kCmd ? p.cmd_ready_o : p.walk_ready_o) != 0;
      collect();
    }
    p.walk_valid_i = p.cmd_valid_i = 0;
  }
  // What is answered in this clock.
  void collect() {
    const auto& p = pins();
    if (!p.walk_rsp_valid_o && !p.cmd_rsp_valid_o) return;
    Beats& to = beats[p.cmd_rsp_valid_o ? kCmd : p.walk_rsp_id_o];
    to.data.push_back(get_bits(p.rd_rsp_o, 3, 64));
    to.errors += get_bits(p.rd_rsp_o, 2, 1);
    to.poisoned += get_bits(p.rd_rsp_o, 1, 1);
    to.last = get_bits(p.rd_rsp_o, 0, 1);
  }
  Beats finish_read(unsigned reader) {
    for (unsigned clocks = 0; !beats[reader].last; ++clocks) {
      REQUIRE(clocks < 2000);
      settle();
      collect();
      step();
    }
    return std::exchange(beats[reader], {});
  }
  Beats read(unsigned reader, uint64_t hpa, unsigned doublewords, bool wrap = false) {
    start_read(reader, hpa, doublewords, wrap);
    return finish_read(reader);
  }
  std::array<Beats, kWalks + 1> beats;
  void request_write(unsigned writer, uint64_t hpa, unsigned doublewords, uint8_t strb,
                     uint64_t value) {
    auto& port = pins().wr_req_i;
    const unsigned base = writer * kWriteBits;
    for (unsigned n = 0; n < 4; n++) set_bits(port, base + 64 * n, 64, value + n);
    set_bits(port, base + 256, 8, strb);
    set_bits(port, base + 264, 2, doublewords - 1);
    set_bits(port, base + 266, 56, hpa);
  }
  // True: memory took it.
  bool write(unsigned writer, uint64_t hpa, unsigned doublewords, uint8_t strb, uint64_t value) {
    auto& p = pins();
    request_write(writer, hpa, doublewords, strb, value);
    p.wr_valid_i = 1 << writer;
    run_until([&] { return (p.wr_ready_o >> writer & 1) != 0; }, 1000_cycles);
    step();
    p.wr_valid_i = 0;
    run_until([&] { return p.wr_done_o != 0; }, 1000_cycles);
    CHECK(p.wr_done_o == 1 << writer);
    const bool good = !p.wr_error_o;
    step();
    return good;
  }
};

TEST_CASE("Each reader gets its own beats, a line from its wanted doubleword on",
          "[unit][iommu][walk]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Mem mem(stall);
    for (unsigned n = 0; n < 8; n++) mem.memory.write64({0x8000'0000 + 8 * n}, 100 + n);
    for (const unsigned reader : {0u, kCmd, kCmd, 7u, 3u}) {
      CHECK(mem.read(reader, 0x8000'0010, 4).data == std::vector<uint64_t>{102, 103, 104, 105});
    }
    CHECK(mem.read(5, 0x8000'0028, 8, true).data ==
          std::vector<uint64_t>{105, 106, 107, 100, 101, 102, 103, 104});
  }
}

TEST_CASE("Reads of all readers are under way together and answered in any order",
          "[unit][iommu][walk]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Mem mem(stall, /*reorder=*/true);
    for (unsigned n = 0; n < 64; n++) mem.memory.write64({0x1000 + 8 * n}, n);
    for (unsigned round = 0; round < 4; round++) {
      for (unsigned n = 0; n <= kWalks; n++) mem.start_read(n, 0x1000 + 32 * n, 4);
      for (unsigned n = 0; n <= kWalks; n++) {
        CHECK(mem.finish_read(n).data ==
              std::vector<uint64_t>{4ull * n, 4ull * n + 1, 4ull * n + 2, 4ull * n + 3});
      }
    }
  }
}

TEST_CASE("A read leaves in the clock in which it is asked, its answer passes in its own",
          "[unit][iommu][walk]") {
  Mem mem;
  mem.axi.set_latency(1_cycles, 1_cycles);
  mem.step();
  for (const unsigned reader : {2u, kCmd}) {
    mem.request_read(reader, 0x1000, 1);
    mem.settle();
    CHECK(mem.pins().m_ar_valid_o);
    mem.step();
    mem.pins().walk_valid_i = mem.pins().cmd_valid_i = 0;
    mem.settle();
    CHECK(mem.pins().m_r_valid_i);
    CHECK((reader == kCmd ? mem.pins().cmd_rsp_valid_o : mem.pins().walk_rsp_valid_o));
    mem.step(5_cycles);
  }
}

TEST_CASE("A write is done when memory has it, byte strobes included", "[unit][iommu]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Mem mem(stall);
    mem.memory.fill({0x1000}, 64, 0);
    CHECK(mem.write(0, 0x1000, 4, 0xff, 0x1111'1111'1111'1111));
    CHECK(mem.memory.read64({0x1018}) == 0x1111'1111'1111'1114);
    CHECK(mem.write(1, 0x1020, 1, 0xf0, ~uint64_t{0}));
    CHECK(mem.memory.read64({0x1020}) == 0xffff'ffff'0000'0000);
  }
}

TEST_CASE(
    "Beyond the physical address space one beat with an error is all, and memory sees nothing",
    "[unit][iommu]") {
  Mem mem;
  for (unsigned bit = 46; bit < 56; bit++) {
    const auto beats = mem.read(bit & 1 ? kCmd : bit & 7, uint64_t{1} << bit, 8);
    CHECK(beats.data.size() == 1);
    CHECK(beats.errors == 1);
    CHECK_FALSE(mem.write(bit % 3, uint64_t{1} << bit, 4, 0xff, 0));
  }
  CHECK(mem.axi.counters().reads == 0);
  CHECK(mem.axi.counters().writes == 0);
}

TEST_CASE("Bus errors and poison are told to the one who asked", "[unit][iommu]") {
  Mem mem;
  mem.axi.add_error_range({.base = {0x1000}, .bytes = 64});
  CHECK(mem.read(0, 0x1000, 4).errors == 4);
  CHECK_FALSE(mem.write(1, 0x1000, 1, 0xff, 0));
  CHECK(mem.read(0, 0x2000, 4).errors == 0);
  mem.pins().m_r_poison_i = 1;
  CHECK(mem.read(kCmd, 0x2000, 4).poisoned == 4);
}

TEST_CASE("A refused read answers between the beats of memory", "[unit][iommu][walk]") {
  Mem mem;
  for (unsigned n = 0; n < 8; n++) mem.memory.write64({0x1000 + 8 * n}, n);
  mem.start_read(1, 0x1000, 8, true);
  for (unsigned n = 0; n < 30; n++) {
    mem.start_read(n % 2 ? kCmd : 4, uint64_t{1} << 46, 1);
    CHECK(mem.finish_read(n % 2 ? kCmd : 4).errors == 1);
  }
  const auto beats = mem.finish_read(1);
  CHECK(beats.data == std::vector<uint64_t>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(beats.errors == 0);
}

TEST_CASE("Walks and the command queue take turns", "[unit][iommu][walk]") {
  Mem mem;
  auto& p = mem.pins();
  mem.request_read(0, 0x1000, 1);
  mem.request_read(kCmd, 0x1000, 1);
  mem.step();
  for (unsigned n = 0; n < 20; n++) {
    mem.settle();
    const bool walk = p.walk_ready_o != 0;
    CHECK(walk != (p.cmd_ready_o != 0));
    mem.step();
    mem.settle();
    CHECK(walk != (p.walk_ready_o != 0));
  }
}

}  // namespace
}  // namespace cw::unit::iommu
