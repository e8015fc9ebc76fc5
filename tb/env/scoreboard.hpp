// SPDX-License-Identifier: Apache-2.0
//
// Holds everything that the endpoint's link carries against the models: host accesses against the
// configuration, register and card memory models, DMA traffic against the model of its channel,
// every address against the IOMMU's model, interrupts against what is owed. What it may write is
// told to the host's model, which all links of a host share. A difference throws ScoreboardFault.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "agent/tlp_monitor.hpp"
#include "env/dma_watch.hpp"
#include "env/endpoint_shape.hpp"
#include "env/host_model.hpp"
#include "env/host_watch.hpp"
#include "env/msix_watch.hpp"

namespace cw::env {

class Scoreboard {
 public:
  // Listens from now on, which is before enumeration. `down` goes to the endpoint.
  Scoreboard(agent::TlpMonitor& down, agent::TlpMonitor& up, HostModel& model);
  Scoreboard(const Scoreboard&) = delete;
  Scoreboard& operator=(const Scoreboard&) = delete;

  HostWatch& host() { return host_; }
  // Interrupt messages whose address the IOMMU lets pass: so many reach the host.
  uint64_t interrupts() const { return interrupts_; }
  DmaWatch& channel(unsigned which) { return *channels_.at(which).watch; }
  // What memory behind the card's AXI4 port should hold, from its address 0 on.
  std::vector<uint8_t>& axi_card() { return axi_card_; }

  // Memory behind the card's AXI4 port answers this range with an error from now on; its base is
  // an address of that port.
  void card_refuses(AddressWindow range) { card_refused_.push_back(range); }

  // A channel's STATUS says so: entries before it that have no record are over.
  void retired(unsigned channel, uint16_t head);

  // These pages are being unmapped: until it is done, reads of them are answered or fault.
  void unmapping(pcie::Iova at, uint64_t bytes);
  void unmapped() { unmapping_.reset(); }

  // Is called with what a channel's open entries may have done when a reset of the endpoint takes
  // them away: as soon as nothing of before can come any more.
  using OnReset = std::function<void(unsigned channel, const DmaWatch::Unfinished& unfinished)>;
  void on_reset(OnReset listener) { on_reset_ = std::move(listener); }

  // All that is owed and has not come: reads, entries, messages, answers.
  size_t outstanding() const;

 private:
  struct Listener : agent::TlpListener {
    Listener(Scoreboard& owner, bool towards_endpoint) : board(owner), down(towards_endpoint) {}
    void on_tlp(const agent::SeenTlp& seen) override { board.look(down, seen); }
    void on_link_down() override { board.link_down(); }
    Scoreboard& board;
    bool down;
  };
  struct OwedRead {
    SeenRead* read = nullptr;
    DmaWatch* channel = nullptr;  // none: a reset has taken its entry away
    SeenRead orphan{};            // what is read then
    pcie::Bdf device{};
    bool descriptor = false;
    std::optional<model::IommuCause> fault{};  // at translation
    bool may_fault = false;                    // its page is being unmapped
    bool no_snoop = false;
    uint64_t hpa = 0;
  };
  struct Range {
    pcie::Iova at{};
    uint64_t bytes = 0;
    bool holds(pcie::Iova iova) const { return iova - at < bytes; }
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
  void end_entries(unsigned which, const std::vector<DmaWatch::Ended>& entries);
  model::DmaConfig config_of(unsigned which) const;
  uint32_t reg(unsigned which, size_t offset) const;
  void check_read(OwedRead& owed, const pcie::Completion& completion);
  void reset_function();
  void link_down();
  bool card_refused(uint64_t card_addr, uint64_t bytes) const;

  HostModel& model_;
  std::vector<uint8_t> axi_card_;
  HostWatch host_;
  MsixWatch msix_;
  pcie::Bdf endpoint_{};
  std::array<Channel, kDmaChannels> channels_;
  std::map<uint16_t, OwedRead> owed_;
  std::vector<AddressWindow> card_refused_;
  std::optional<Range> unmapping_{};
  OnReset on_reset_{};
  uint64_t interrupts_ = 0;
  Listener down_;
  Listener up_;
};

}  // namespace cw::env
