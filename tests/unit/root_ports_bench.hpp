// SPDX-License-Identifier: Apache-2.0
//
// The root complex with two ports: a CPU above, one memory beside it, the test in place of a device
// below each port. Enumerated, every device's addresses untranslated or in a space of its own.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "agent/axi_host.hpp"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "env/io_page_table.hpp"
#include "env/iommu_driver.hpp"
#include "pcie/codec.hpp"
#include "unit/array_pins.hpp"
#include "unit/host_bridge_bench.hpp"
#include "unit/port_traffic.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {

template <class V>
struct RootPortsBench : dut::Clocked {
  static constexpr unsigned kPorts = 2, kWidth = 128, kCtlBits = 212, kFcBits = 3 * 26;
  static constexpr uint64_t kEcam = 0x3000'0000;

  // What a channel of one port is, by itself.
  struct Channel {
    VlWide<7> ctl{};
    VlWide<kWidth / 32> data{};
    uint8_t valid = 0, ready = 0;
  };

  explicit RootPortsBench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed), arrays(module.kernel()) {
    cpu.emplace(module.kernel(), HostBridge<V>::axi(p), agent::Rng(seed, "cpu"),
                agent::AxiHost::Options{.stall = stall});
    agent::AxiPins memory_pins = both_halves(p, idle);
    memory_pins.r_id = p.m_r_id_i;
    port.emplace(module.kernel(), memory_pins, memory, agent::Rng(seed, "memory"),
                 agent::AxiMemory::Options{.stall = stall});
    walks.emplace(module.kernel(), walk_pins(p), memory, agent::Rng(seed, "walks"),
                  agent::AxiMemory::Options{.stall = stall});
    for (unsigned n = 0; n < kPorts; ++n) connect(n, seed, stall);
    closer.emplace(module.kernel(), arrays);
    module.kernel().add(*this);
    module.reset();
    host.emplace(module.kernel(), *cpu);
    iommu.emplace(*host, memory, pages,
                  env::IommuDriver::Options{.directory_levels = 2, .queue_log2 = 6});
  }
  ~RootPortsBench() override { module.kernel().remove(*this); }

  // Bus n + 1 and 16 MiB of memory behind port n; devices may write memory, unless translated.
  static constexpr uint64_t window(unsigned n) { return 0x4000'0000 + 0x100'0000 * n; }
  static constexpr pcie::Bdf device(unsigned n) { return {.bus = static_cast<uint8_t>(n + 1)}; }
  static constexpr uint64_t config(unsigned n) { return kEcam + (n << 15); }
  void open() {
    for (unsigned n = 0; n < kPorts; ++n) {
      const uint32_t bus = n + 1, base = static_cast<uint32_t>(window(n) >> 16);
      write(config(n) + 0x18, bus << 16 | bus << 8, 4);
      write(config(n) + 0x20, (base | 0xf0) << 16 | base, 4);
      write(config(n) + 0x04, 0x0006, 2);
    }
  }
  void open_untranslated() {
    open();
    write(0x1000'0010, 1, 8);
    module.step(20_cycles);
  }
  void open_translated() {
    open();
    iommu->start();
    for (unsigned n = 0; n < kPorts; ++n) {
      tables[n].emplace(memory, pages);
      iommu->attach(device(n), *tables[n], n + 1);
    }
  }

  uint32_t read32(uint64_t at) { return dword_at(cpu->read({at}, 4).data, 0); }
  void write(uint64_t at, uint64_t value, uint32_t bytes) {
    std::vector<uint8_t> data(bytes);
    std::memcpy(data.data(), &value, bytes);
    CHECK(cpu->write({at}, data).resp == agent::AxiResp::Okay);
  }
  void send(unsigned n, const pcie::Tlp& tlp) { devices[n]->send(pcie::encode(tlp)); }
  void send_write(unsigned n, uint64_t at, std::vector<uint8_t> data) {
    send(n, pcie::MemWrite{.requester = device(n), .address = {at}, .data = std::move(data)});
  }
  template <class T>
  T next(unsigned n) {  // TLP that goes down a link
    module.run_until([&] { return !links[n]->empty(); }, 2000_cycles);
    return std::get<T>(std::get<pcie::Tlp>(pcie::decode(links[n]->pop())));
  }
  pcie::Completion ask(unsigned n, const pcie::MemRead& read) {
    send(n, read);
    return next<pcie::Completion>(n);
  }
  void sample() override {
    if (p.msi_valid_o) messages.push_back(p.msi_data_o);
  }

  dut::Module<V> module;
  V& p = module.pins();
  ArrayPins arrays;
  std::array<Channel, kPorts> rx{}, tx{};
  std::array<VlWide<3>, kPorts> fc{};
  IdleHalf<kWidth / 8> idle;
  model::HostMemory memory;
  model::PageAllocator pages{{.base = {0xa000'0000}, .bytes = 0x100'0000}, 1};
  std::optional<agent::AxiHost> cpu;
  std::optional<agent::AxiMemory> port, walks;
  std::array<std::optional<agent::TlpSource>, kPorts> devices;
  std::array<std::optional<agent::TlpSink>, kPorts> links;
  std::optional<ArrayPins::Closer> closer;
  std::optional<env::Host> host;
  std::optional<env::IommuDriver> iommu;
  std::array<std::optional<env::IoPageTable>, kPorts> tables;
  std::vector<uint32_t> messages;

 private:
  void connect(unsigned n, uint64_t seed, agent::Stall stall) {
    arrays.input(p.rx_ctl_i, kCtlBits, n, rx[n].ctl);
    arrays.input(p.rx_data_i, kWidth, n, rx[n].data);
    arrays.input(p.rx_valid_i, 1, n, rx[n].valid);
    arrays.output(p.rx_ready_o, 1, n, rx[n].ready);
    arrays.output(p.tx_ctl_o, kCtlBits, n, tx[n].ctl);
    arrays.output(p.tx_data_o, kWidth, n, tx[n].data);
    arrays.output(p.tx_valid_o, 1, n, tx[n].valid);
    arrays.input(p.tx_ready_i, 1, n, tx[n].ready);
    for (unsigned cls = 0; cls < 3; ++cls) {  // a device with endless room
      dut::set_bits(fc[n], cls * test::kClassFcBits + 25, 1, 1);
      dut::set_bits(fc[n], cls * test::kClassFcBits + 12, 1, 1);
    }
    arrays.input(p.tx_fc_i, kFcBits, n, fc[n]);
    devices[n].emplace(module.kernel(),
                       dut::channel(rx[n].ctl, rx[n].data, rx[n].valid, rx[n].ready),
                       agent::Rng(seed, n ? "rx1" : "rx0"), stall);
    links[n].emplace(module.kernel(), dut::channel(tx[n].ctl, tx[n].data, tx[n].valid, tx[n].ready),
                     agent::Rng(seed, n ? "tx1" : "tx0"), stall);
  }
};

}  // namespace cw::unit
