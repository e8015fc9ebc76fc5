// SPDX-License-Identifier: Apache-2.0
//
// Holds everything that the endpoint's link carries against the models: host accesses against the
// configuration, register and card memory models, DMA traffic against the model of its channel,
// every address against the IOMMU's model, interrupts against what is owed, and in the end host
// memory against what may have been written. A difference throws ScoreboardFault.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/tlp_monitor.hpp"
#include "env/address_map.hpp"
#include "env/dma_watch.hpp"
#include "env/endpoint_shape.hpp"
#include "env/host_watch.hpp"
#include "env/iommu_driver.hpp"
#include "env/memory_check.hpp"
#include "env/msix_watch.hpp"
#include "env/translation.hpp"
#include "model/host_cache.hpp"
#include "model/host_memory.hpp"

namespace cw::env {

class Scoreboard {
 public:
  // Listens from now on, which is before enumeration. `down` goes to the endpoint.
  Scoreboard(agent::TlpMonitor& down, agent::TlpMonitor& up, model::HostMemory& memory);
  Scoreboard(const Scoreboard&) = delete;
  Scoreboard& operator=(const Scoreboard&) = delete;

  Translation& translation() { return translation_; }
  MemoryCheck& memory() { return check_; }
  HostWatch& host() { return host_; }
  // Interrupt messages whose address the IOMMU lets pass: so many reach the host.
  uint64_t interrupts() const { return interrupts_; }
  DmaWatch& channel(unsigned which) { return *channels_.at(which).watch; }
  // What memory behind the card's AXI4 port should hold, from its address 0 on.
  std::vector<uint8_t>& axi_card() { return axi_card_; }

  // The CPU's cache: a snooped read sees what it holds.
  void look_up(const model::HostCache& cache) { cache_ = &cache; }

  // Host memory answers this range with an error from now on.
  void memory_refuses(AddressWindow range) { refused_.push_back(range); }

  // Memory behind the card's AXI4 port answers this range with an error from now on; its base is
  // an address of that port.
  void card_refuses(AddressWindow range) { card_refused_.push_back(range); }

  // The fault records that the IOMMU owes since the last call, in no order.
  std::vector<IommuFault> take_faults() { return std::exchange(faults_, {}); }

  // All that is owed and has not come: reads, entries, messages, answers.
  size_t outstanding() const;

 private:
  struct Listener : agent::TlpListener {
    Listener(Scoreboard& owner, bool towards_endpoint) : board(owner), down(towards_endpoint) {}
    void on_tlp(const agent::SeenTlp& seen) override { board.look(down, seen); }
    Scoreboard& board;
    bool down;
  };
  struct OwedRead {
    SeenRead* read = nullptr;
    DmaWatch* channel = nullptr;
    bool descriptor = false;
    bool faults = false;  // at translation
    bool no_snoop = false;
    uint64_t hpa = 0;
  };

  struct Channel {
    std::unique_ptr<DmaWatch> watch{};
    bool untold = false;  // an event came while the interrupt was disabled
  };

  void look(bool down, const agent::SeenTlp& seen);
  void host_request(const pcie::RawTlp& raw, const pcie::Tlp& tlp);
  void register_write(const HostWatch::RegisterWrite& write);
  void card_read(const pcie::RawTlp& raw, const pcie::MemRead& read);
  void card_write(const pcie::MemWrite& write);
  void card_completion(const pcie::Completion& completion);
  void channel_write(unsigned which, const HostWatch::RegisterWrite& write);
  void end_entry(unsigned which, const pcie::MemWrite& write);
  model::DmaConfig config_of(unsigned which) const;
  uint32_t reg(unsigned which, size_t offset) const;
  model::IommuAnswer translate(pcie::Bdf device, pcie::Iova at, bool write);
  bool refused(uint64_t hpa, uint64_t bytes) const;
  bool card_refused(uint64_t card_addr, uint64_t bytes) const;

  std::vector<uint8_t> host_bytes(uint64_t hpa, size_t bytes, bool no_snoop) const;

  model::HostMemory& memory_;
  const model::HostCache* cache_ = nullptr;
  std::vector<uint8_t> axi_card_;
  Translation translation_;
  MemoryCheck check_;
  HostWatch host_;
  MsixWatch msix_;
  pcie::Bdf endpoint_{};
  std::array<Channel, kDmaChannels> channels_;
  std::map<uint16_t, OwedRead> owed_;
  std::vector<IommuFault> faults_;
  std::vector<AddressWindow> refused_, card_refused_;
  uint64_t interrupts_ = 0;
  Listener down_;
  Listener up_;
};

}  // namespace cw::env
