// SPDX-License-Identifier: Apache-2.0
//
// The root complex with a CPU above it, memory beside it, and the test in place of a device.
#pragma once

#include <utility>
#include <vector>

#include "agent/axi_host.hpp"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "pcie/codec.hpp"
#include "unit/host_bridge_bench.hpp"
#include "unit/port_traffic.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {

template <class V>
struct RootComplexBench : dut::Clocked {
  static constexpr uint64_t kEcam = 0x3000'0000, kDdtp = 0x1000'0010, kBare = 1;
  static constexpr pcie::Bdf kDevice{.bus = 1};

  explicit RootComplexBench(dut::Cycles write_latency = 20_cycles,
                            agent::Stall stall = agent::Stall::None, uint64_t seed = 1)
      : module(seed),
        cpu(module.kernel(), HostBridge<V>::axi(p), {seed, "cpu"}, {.stall = stall}),
        port(module.kernel(), both_halves(p, idle), memory, {seed, "memory"},
             {.write_latency = write_latency, .stall = stall}),
        walks(module.kernel(), walk_pins(p), memory, {seed, "walks"}, {.stall = stall}),
        device(module.kernel(), dut::channel(p.rx_ctl_i, p.rx_data_i, p.rx_valid_i, p.rx_ready_o),
               {seed, "rx"}, stall),
        link(module.kernel(), dut::channel(p.tx_ctl_o, p.tx_data_o, p.tx_valid_o, p.tx_ready_i),
             {seed, "tx"}, stall) {
    for (unsigned cls = 0; cls < 3; ++cls) {  // a device with endless room
      dut::set_bits(p.tx_fc_i, cls * test::kClassFcBits + 25, 1, 1);
      dut::set_bits(p.tx_fc_i, cls * test::kClassFcBits + 12, 1, 1);
    }
    module.kernel().add(*this);
    module.reset();
  }
  ~RootComplexBench() override { module.kernel().remove(*this); }

  // ---- The CPU

  uint32_t read32(uint64_t at) { return dword_at(cpu.read({at}, 4).data, 0); }
  void write(uint64_t at, uint64_t value, uint32_t bytes) {
    std::vector<uint8_t> data(bytes);
    std::memcpy(data.data(), &value, bytes);
    CHECK(cpu.write({at}, data).resp == agent::AxiResp::Okay);
  }
  // Bus 1 to 2 and a window of 16 MiB behind the port; devices may write memory, unless translated.
  void open() {
    write(kEcam + 0x18, 0x0002'0100, 4);
    write(kEcam + 0x20, 0x40f0'4000, 4);
    write(kEcam + 0x04, 0x0006, 2);
  }
  void open_untranslated() {
    open();
    write(kDdtp, kBare, 8);
    module.step(20_cycles);
  }

  // ---- The device

  template <class T>
  T next() {  // TLP that goes down the link
    module.run_until([&] { return !link.empty(); }, 1000_cycles);
    return std::get<T>(std::get<pcie::Tlp>(pcie::decode(link.pop())));
  }
  void send(const pcie::Tlp& tlp) { device.send(pcie::encode(tlp)); }
  void send_write(uint64_t at, std::vector<uint8_t> data) {
    send(pcie::MemWrite{.requester = kDevice, .address = {at}, .data = std::move(data)});
  }
  void settle_traffic() {
    module.run_until([&] { return device.idle(); }, 1000_cycles);
    module.step(200_cycles);
  }
  void sample() override {
    if (p.msi_valid_o) messages.push_back({p.msi_addr_o, p.msi_data_o});
  }

  dut::Module<V> module;
  V& p = module.pins();
  IdleHalf<sizeof(V::m_w_data_o)> idle;
  model::HostMemory memory;
  agent::AxiHost cpu;
  agent::AxiMemory port, walks;
  agent::TlpSource device;
  agent::TlpSink link;
  std::vector<std::pair<uint64_t, uint32_t>> messages;
};

}  // namespace cw::unit
