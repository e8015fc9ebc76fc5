// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include <vector>

#include "Vcw_dma_axi.h"
#include "Vcw_dma_axi_w512.h"
#include "Vcw_dma_axi_w64.h"
#include "agent/axi_memory.hpp"
#include "catch_shim.hpp"
#include "dut/module.hpp"
#include "unit/axi_struct.hpp"
#include "unit/dma_fields.hpp"

namespace cw::unit::dma {
namespace {

using dut::operator""_cycles;
using Bytes = std::vector<uint8_t>;

template <class V>
struct AxiBench : dut::Module<V> {
  static constexpr unsigned kBeat = sizeof(V::wr_data_i);

  explicit AxiBench(agent::Stall stall)
      : opener(this->kernel(), *this),
        memory(
            this->kernel(),
            port.pins(this->pins().axi_wdata_o, this->pins().axi_wstrb_o, this->pins().axi_rdata_i),
            space, {1, "axi"}, {.stall = stall}),
        closer(this->kernel(), *this) {
    auto& p = this->pins();
    p.wr_valid_i = p.rd_valid_i = p.flush_i = 0;
    p.beat_ready_i = 1;
    this->reset();
  }
  // One clock; answers are counted.
  void step() override {
    this->settle();
    auto& p = this->pins();
    done += p.done_valid_o;
    errors += p.done_valid_o && p.done_error_o;
    if (p.beat_valid_o && p.beat_ready_i) {
      const Bytes beat = get_bytes(p.beat_data_o, 0, kBeat);
      read.insert(read.end(), beat.begin(), beat.end());
      read_errors += p.beat_error_o;
    }
    dut::Module<V>::step();
  }
  void write(uint64_t at, const Bytes& data) {
    auto& p = this->pins();
    const auto beats = static_cast<unsigned>(data.size() / kBeat);
    for (unsigned n = 0; n < beats; ++n) {
      drive(
          p.wr_i,
          CardWrite{
              .addr = at + n * kBeat, .beats = beats - n, .first = n == 0, .last = n + 1 == beats});
      drive_bytes(p.wr_data_i, std::span(data).subspan(n * kBeat, kBeat));
      dut::set_bits(p.wr_strb_i, 0, kBeat, ~uint64_t{0});
      p.wr_valid_i = 1;
      while (this->settle(), !p.wr_ready_o) step();
      step();
    }
    p.wr_valid_i = 0;
  }
  void ask(uint64_t at, unsigned beats) {
    auto& p = this->pins();
    dut::set_bits(p.rd_i, 0, 10, beats);
    dut::set_bits(p.rd_i, 10, 40, at);
    p.rd_valid_i = 1;
    while (this->settle(), !p.rd_ready_o) step();
    step();
    p.rd_valid_i = 0;
  }

  struct Opener : dut::Clocked {
    Opener(dut::Kernel& kernel, AxiBench& bench) : bench(bench) { kernel.add(*this); }
    void sample() override { bench.port.open(bench.pins().axi_o); }
    AxiBench& bench;
  };
  struct Closer : dut::Clocked {
    Closer(dut::Kernel& kernel, AxiBench& bench) : bench(bench) { kernel.add(*this); }
    void sample() override {}
    void commit() override { bench.port.close(bench.pins().axi_i); }
    void reset() override { bench.port.close(bench.pins().axi_i); }
    AxiBench& bench;
  };

  unsigned done = 0, errors = 0, read_errors = 0;
  Bytes read;
  model::HostMemory space;
  AxiStruct port;
  Opener opener;
  agent::AxiMemory memory;
  Closer closer;
};

template <class V>
void moves(agent::Stall stall) {
  AxiBench<V> b(stall);
  agent::Rng rng(1, "data");
  Bytes data(4 * b.kBeat);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(rng.u32());
  const uint64_t at = 0x12'3456'7fc0 / b.kBeat * b.kBeat;  // across 4 KiB where beats are long
  b.write(at, data);
  b.run_until([&] { return b.done == 1; }, 500_cycles);
  CHECK(b.errors == 0);
  CHECK(b.space.read({at}, data.size()) == data);
  b.ask(at, 4);
  b.run_until([&] { return b.read.size() == data.size(); }, 500_cycles);
  CHECK(b.read == data);
  CHECK(b.read_errors == 0);
  CHECK(b.port.aw_user == AxiStruct::User{});

  b.memory.add_error_range({.base = {at}, .bytes = 1});
  b.ask(at, 4);
  b.write(at, data);
  b.run_until([&] { return b.done == 2 && b.read.size() == 2 * data.size(); }, 1000_cycles);
  CHECK(b.errors == 1);
  CHECK(b.read_errors != 0);
}

TEST_CASE("DMA AXI4: packets are written and runs are read, each with its error",
          "[unit][dma][R58]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    moves<Vcw_dma_axi>(stall);
    moves<Vcw_dma_axi_w64>(stall);
    moves<Vcw_dma_axi_w512>(stall);
  }
}

TEST_CASE("DMA AXI4: reads that nobody takes hold back no write", "[unit][dma][R57]") {
  AxiBench<Vcw_dma_axi> b(agent::Stall::None);
  b.pins().beat_ready_i = 0;
  for (unsigned n = 0; n < 4; ++n) b.ask(0x1000 * n, 64);
  for (unsigned n = 0; n < 300; ++n) b.step();
  for (unsigned n = 0; n < 20; ++n) b.write(0x2'0000 + 0x100 * n, Bytes(0x100, 7));
  b.run_until([&] { return b.done == 20; }, 500_cycles);
  CHECK(b.space.read({0x2'0000}, 0x1400) == Bytes(0x1400, 7));
}

}  // namespace
}  // namespace cw::unit::dma
