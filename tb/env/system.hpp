// SPDX-License-Identifier: Apache-2.0
//
// The whole fabric on the bench: the system under a clock, host memory behind its two ports, a CPU
// with its cache, the card's memory and streams, monitors on the link, and a listener for
// interrupts. Left by an exception, it prints the last TLPs of the link.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/axi_host.hpp"
#include "agent/axi_memory.hpp"
#include "agent/axis_sink.hpp"
#include "agent/axis_source.hpp"
#include "agent/rng.hpp"
#include "agent/tlp_monitor.hpp"
#include "env/host.hpp"
#include "env/last_tlps.hpp"
#include "env/system_dut.hpp"
#include "model/host_cache.hpp"
#include "model/host_memory.hpp"
#include "model/page_allocator.hpp"

namespace cw::env {

// Interrupt messages in the order in which they came.
class MsiListener : public dut::Clocked {
 public:
  struct Message {
    dut::Cycles at{};
    pcie::HostPhysAddr address{};
    uint32_t data = 0;
  };

  MsiListener(dut::Kernel& kernel, MsiPins pins);
  ~MsiListener() override;
  MsiListener(const MsiListener&) = delete;
  MsiListener& operator=(const MsiListener&) = delete;

  const std::vector<Message>& messages() const { return messages_; }
  uint64_t count(uint32_t data) const;
  void sample() override;

 private:
  dut::Kernel& kernel_;
  MsiPins pins_;
  std::vector<Message> messages_;
};

struct SystemOptions {
  unsigned width = 256;
  uint64_t seed = 1;
  dut::Cycles read_latency{100};
  dut::Cycles write_latency{100};
  agent::Stall stall = agent::Stall::None;  // of host memory and the CPU
  dut::Cycles card_latency{20};             // of the card's memory behind AXI4
};

class System {
 public:
  explicit System(const SystemOptions& options);

  void reset() { dut_->module().reset(); }

  unsigned width() const { return options_.width; }
  dut::Kernel& kernel() { return dut_->module().kernel(); }
  dut::Cycles now() { return kernel().now(); }
  void run(dut::Cycles cycles) { dut_->module().step(cycles); }
  void trace(const std::string& path) { dut_->trace(path); }

  model::HostMemory& memory() { return memory_; }
  model::PageAllocator& pages() { return pages_; }
  // Of the CPU. Empty, and so without effect, until a test writes by it.
  model::HostCache& cache() { return cache_; }
  // Behind the card's AXI4 port, and its streams.
  model::HostMemory& card_memory() { return card_memory_; }
  agent::AxiMemory& card_port() { return card_port_; }
  agent::AxisSink& stream_out() { return stream_out_; }
  agent::AxisSource& stream_in() { return stream_in_; }
  agent::AxiMemory& memory_port() { return memory_port_; }
  agent::AxiMemory& walk_port() { return walk_port_; }
  Host& host() { return host_; }
  MsiListener& interrupts() { return interrupts_; }
  agent::TlpMonitor& down() { return down_; }
  agent::TlpMonitor& up() { return up_; }
  bool iommu_irq(unsigned wire) { return (iommu_irq_.get() >> wire & 1) != 0; }
  // INTA to INTD, as the root complex holds them.
  unsigned intx() { return static_cast<unsigned>(intx_.get()); }
  bool in_hot_reset() const { return hot_reset_.high(); }  // the link is down
  agent::Rng rng(std::string_view tape) const { return agent::Rng(options_.seed, tape); }

 private:
  SystemOptions options_;
  std::unique_ptr<SystemDut> dut_;
  model::HostMemory memory_, card_memory_;
  model::HostCache cache_;
  model::PageAllocator pages_;
  agent::AxiMemory memory_port_;
  agent::AxiMemory walk_port_;
  agent::AxiMemory card_port_;
  agent::AxisSink stream_out_;
  agent::AxisSource stream_in_;
  agent::AxiHost cpu_;
  Host host_;
  MsiListener interrupts_;
  agent::Pin hot_reset_;
  agent::TlpMonitor down_;
  agent::TlpMonitor up_;
  agent::Pin iommu_irq_;
  agent::Pin intx_;
  TlpsOnFailure tell_;
};

}  // namespace cw::env
