// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "Vcw_iommu_mem.h"
#include "agent/axi_memory.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "iommu_fields.hpp"

namespace cw::unit::iommu {
namespace {

using namespace dut::literals;

constexpr unsigned kReadBits = 59, kWriteBits = 322;

struct Mem : dut::Module<Vcw_iommu_mem> {
  model::HostMemory memory;
  agent::AxiMemory axi;

  static agent::AxiPins axi_pins(Vcw_iommu_mem& p) {
    return {.aw = p.m_aw_o,
            .aw_valid = p.m_aw_valid_o,
            .aw_ready = p.m_aw_ready_i,
            .w_data = p.m_w_data_o,
            .w_strb = p.m_w_strb_o,
            .w_last = p.m_w_last_o,
            .w_valid = p.m_w_valid_o,
            .w_ready = p.m_w_ready_i,
            .b = p.m_b_i,
            .b_valid = p.m_b_valid_i,
            .b_ready = p.m_b_ready_o,
            .ar = p.m_ar_o,
            .ar_valid = p.m_ar_valid_o,
            .ar_ready = p.m_ar_ready_i,
            .r_id = p.m_r_id_i,
            .r_data = p.m_r_data_i,
            .r_resp = p.m_r_resp_i,
            .r_last = p.m_r_last_i,
            .r_valid = p.m_r_valid_i,
            .r_ready = p.m_r_ready_o};
  }

  explicit Mem(agent::Stall stall = agent::Stall::None)
      : axi(kernel(), axi_pins(pins()), memory, {1, "memory"}, {.stall = stall}) {
    pins().pas_i = 46;
    pins().rd_valid_i = pins().wr_valid_i = pins().m_r_poison_i = 0;
    reset();
  }

  struct Beats {
    std::vector<uint64_t> data;
    unsigned errors = 0, poisoned = 0;
  };
  Beats read(unsigned reader, uint64_t hpa, unsigned doublewords) {
    auto& p = pins();
    set_bits(p.rd_req_i, reader * kReadBits, 3, doublewords - 1);
    set_bits(p.rd_req_i, reader * kReadBits + 3, 56, hpa);
    p.rd_valid_i = 1 << reader;
    run_until([&] { return (p.rd_ready_o >> reader & 1) != 0; }, 1000_cycles);
    step();
    p.rd_valid_i = 0;
    Beats beats;
    for (bool last = false; !last; step()) {
      run_until([&] { return p.rd_rsp_valid_o != 0; }, 1000_cycles);
      CHECK(p.rd_rsp_valid_o == 1 << reader);
      beats.data.push_back(get_bits(p.rd_rsp_o, 3, 64));
      beats.errors += get_bits(p.rd_rsp_o, 2, 1);
      beats.poisoned += get_bits(p.rd_rsp_o, 1, 1);
      last = get_bits(p.rd_rsp_o, 0, 1);
    }
    return beats;
  }
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

TEST_CASE("Each reader gets its own beats, in address order", "[unit][iommu]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Mem mem(stall);
    for (unsigned n = 0; n < 8; n++) mem.memory.write64({0x8000'0000 + 8 * n}, 100 + n);
    for (unsigned reader : {0u, 1u, 1u, 0u}) {
      CHECK(mem.read(reader, 0x8000'0000, 8).data ==
            std::vector<uint64_t>{100, 101, 102, 103, 104, 105, 106, 107});
      CHECK(mem.read(reader, 0x8000'0010, 2).data == std::vector<uint64_t>{102, 103});
    }
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

TEST_CASE("Beyond the physical address space every beat is an error and memory sees nothing",
          "[unit][iommu]") {
  Mem mem;
  for (unsigned bit = 46; bit < 56; bit++) {
    const auto beats = mem.read(bit & 1, uint64_t{1} << bit, 8);
    CHECK(beats.data.size() == 8);
    CHECK(beats.errors == 8);
    CHECK_FALSE(mem.write(bit & 1, uint64_t{1} << bit, 4, 0xff, 0));
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
  CHECK(mem.read(1, 0x2000, 4).poisoned == 4);
}

TEST_CASE("Neither reader waits for more than one burst of the other", "[unit][iommu]") {
  Mem mem;
  auto& p = mem.pins();
  for (unsigned reader : {0u, 1u}) {
    set_bits(p.rd_req_i, reader * kReadBits, 3, 0);
    set_bits(p.rd_req_i, reader * kReadBits + 3, 56, 0x1000);
  }
  p.rd_valid_i = 3;
  std::optional<unsigned> last;
  for (unsigned grants = 0; grants < 20;) {
    mem.run_until([&] { return p.rd_ready_o != 0; }, 200_cycles);
    const unsigned reader = p.rd_ready_o >> 1;
    CHECK(last != reader);
    last = reader;
    ++grants;
    mem.step();
  }
}

}  // namespace
}  // namespace cw::unit::iommu
