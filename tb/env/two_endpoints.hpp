// SPDX-License-Identifier: Apache-2.0
//
// Two endpoints, each at a root port of its own, that compete for one host: the system under a
// clock, brought up as an operating system would leave it. Enumerated, IOMMU on, each endpoint in
// an address space of its own, random bytes in its memory, interrupts and DMA channels ready, every
// TLP of both links judged.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "agent/axi_host.hpp"
#include "agent/axi_memory.hpp"
#include "agent/axis_pins.hpp"
#include "agent/rng.hpp"
#include "agent/tlp_monitor.hpp"
#include "env/dma_driver.hpp"
#include "env/dma_space.hpp"
#include "env/enumeration.hpp"
#include "env/host_model.hpp"
#include "env/iommu_driver.hpp"
#include "env/link_checker.hpp"
#include "env/scoreboard.hpp"
#include "env/system.hpp"
#include "env/topology.hpp"
#include "model/host_memory.hpp"
#include "model/page_allocator.hpp"

namespace cw::env {

struct TwoEndpointsOptions {
  uint64_t seed = 1;
  dut::Cycles read_latency{100};
  dut::Cycles write_latency{100};
  agent::Stall stall = agent::Stall::None;  // of host memory and the CPU
  unsigned ring_log2 = 8;
  EnumerationOptions enumeration{};
};

class TwoEndpoints {
 public:
  static constexpr unsigned kEndpoints = 2;
  static constexpr unsigned kWidth = 128;  // bits of a beat, of links as of host memory

  // One of them, and the link that it hangs on.
  struct Card {
    Card(TwoEndpoints& system, unsigned number, const Function& function);

    // After a reset of the function that left the host as it is: ready again, rings empty.
    void restart();
    DmaDriver& channel(model::DmaKind kind);
    // All of card memory by one entry: by h2c out of the buffer, by c2h into it.
    void move_memory(DmaDriver& channel, const DmaSpace::Buffer& buffer);
    uint64_t memory_bytes() const { return function.bar(2).bytes; }

    Function function;
    pcie::HostPhysAddr registers;    // BAR0
    pcie::HostPhysAddr card_memory;  // BAR2
    uint32_t msi_data;               // of vector 0
    DmaSpace space;
    DmaDriver h2c;  // these three are started
    DmaDriver c2h;
    DmaDriver h2h;
    DmaDriver c2c;
    DmaDriver h2s;
    DmaDriver s2h;

   private:
    Host& host_;
  };

  explicit TwoEndpoints(const TwoEndpointsOptions& options = {});
  ~TwoEndpoints();

  dut::Kernel& kernel();
  dut::Cycles now() { return kernel().now(); }
  void run(dut::Cycles cycles);

  Card& card(unsigned n) { return *cards_.at(n); }
  const Topology& topology() const { return topology_; }
  Host& host() { return *host_; }
  IommuDriver& iommu() { return *iommu_; }
  MsiListener& interrupts() { return *interrupts_; }
  model::HostMemory& memory() { return memory_; }
  agent::AxiMemory& memory_port() { return *memory_port_; }

  // The link of endpoint n: down to it and up from it.
  agent::TlpMonitor& down(unsigned n);
  agent::TlpMonitor& up(unsigned n);
  LinkChecker& link(unsigned n);
  Scoreboard& board(unsigned n);
  HostModel& model() { return model_; }
  // It carries nothing down while it is held.
  void hold(unsigned n, bool held);
  // Streams of endpoint n, out of it and into it. While nobody drives them, all that comes out is
  // taken, and nothing goes in.
  agent::AxisPins stream_out(unsigned n);
  agent::AxisPins stream_in(unsigned n);

  // Fault records since the last call, oldest first.
  std::vector<IommuFault> take_faults();
  // Runs until nothing is owed. ScoreboardFault if something stays owed, if fault records or
  // interrupts are others than the models say, or if memory is.
  void finish();

 private:
  struct Dut;
  struct Link;

  void bring_up();
  bool quiet();

  TwoEndpointsOptions options_;
  std::unique_ptr<Dut> dut_;
  model::HostMemory memory_;
  HostModel model_;
  model::PageAllocator pages_;
  std::unique_ptr<agent::AxiMemory> memory_port_, walk_port_;
  std::unique_ptr<agent::AxiHost> cpu_;
  std::unique_ptr<Host> host_;
  std::unique_ptr<MsiListener> interrupts_;
  std::array<std::unique_ptr<Link>, kEndpoints> links_;
  Topology topology_;
  std::unique_ptr<IommuDriver> iommu_;
  std::array<std::unique_ptr<Card>, kEndpoints> cards_;
  std::vector<IommuFault> recorded_, owed_;  // faults since the last finish()
};

}  // namespace cw::env
