// SPDX-License-Identifier: Apache-2.0
//
// What the endpoint may ask the host for, and what it must make of each answer: its reads by tag,
// what every completion is to them, the two DMA channels beside their models, and the interrupts
// that follow. Card memory is told of every byte that comes, from when it may land to when it has.
// Spec: PCIe Base 2.2.6 (identifiers), 2.2.7 (requests), 2.3.2 (completion handling), 2.8
// (timeout).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/tlp_monitor.hpp"
#include "env/dma_watch.hpp"
#include "model/host_memory.hpp"
#include "random/completer_model.hpp"
#include "random/fault.hpp"
#include "random/judge.hpp"
#include "random/msix_model.hpp"
#include "random/timing.hpp"

namespace cw::random {

enum Channel : unsigned { kToCard, kToHost };
inline constexpr unsigned kChannels = 2;

class RequesterModel {
 public:
  RequesterModel(const model::HostMemory& memory, CompleterModel& completer, ErrorLedger& ledger,
                 Cover& cover);
  RequesterModel(const RequesterModel&) = delete;
  RequesterModel& operator=(const RequesterModel&) = delete;

  // From the endpoint.
  void read(uint64_t now, const pcie::RawTlp& raw, const pcie::MemRead& read);
  void write(uint64_t now, const pcie::RawTlp& raw, const pcie::MemWrite& write);
  // To the endpoint: what the port lets pass.
  void completion(uint64_t now, const pcie::RawTlp& raw);
  // A write of the host to a register of BAR0, in the order of the link.
  void register_write(uint64_t now, uint32_t offset, uint32_t value, uint64_t sequence);

  // Configuration space was written.
  void config_changed();
  // A function-level reset that was asked for then is over: nothing that was under way counts.
  void function_reset(uint64_t asked_at);
  // A read has waited since then, and not so long that it may have been given up.
  bool pending(uint64_t now, uint64_t since) const;
  // A read may have been given up, and nobody has been told.
  bool overdue(uint64_t now) const;
  // A message has come that may be of timeouts. `must_be`: it is of nothing else; false if no read
  // can have timed out.
  bool announce_timeout(uint64_t now, bool must_be);
  // From here on the completion timeout is another.
  void set_timing(Timing timing);
  // At rest: what was never answered has timed out.
  void settle(uint64_t now);

  // All that was sent up to this number has been carried out.
  void flushed(uint64_t sequence) { msix_.flushed(sequence); }
  // At rest, with nothing masked: every interrupt that had to come has come.
  void settle_interrupts() { msix_.settle(), msi_.settle(); }
  const env::DmaWatch& channel(Channel which) const { return *channels_[which].watch; }
  // Reads that wait for completions, entries that wait for records.
  size_t reads_open() const;
  size_t outstanding() const;
  std::string oldest() const;
  // The reads by their ages, for a report.
  std::vector<FieldDifference> ages(uint64_t now) const;
  uint64_t interrupts() const { return interrupts_; }
  uint64_t requests() const { return requests_; }
  // Tags in use or in quarantine, and the distinct ones seen since the last call.
  size_t tags_kept(uint64_t now) const;
  size_t take_distinct_tags();
  // Ranges of host memory that the endpoint may have written.
  using Written = std::function<void(pcie::Iova, const std::vector<uint8_t>&)>;
  void on_host_write(Written told) { written_ = std::move(told); }

 private:
  enum class Life { Open, Muted, Late, Banned, Gone };
  struct Read {
    env::SeenRead* seen = nullptr;  // none, once it has ended
    Channel channel = kToCard;
    bool descriptor = false;
    pcie::Bdf requester{};
    uint64_t next = 0;  // address of the next byte
    uint32_t left = 0;
    Life life = Life::Open;
    uint64_t sent_at = 0;
    uint64_t touched_at = 0;  // by the last completion
    bool announced = false;   // as timed out: a message may have been its own, or shared
    bool told = false;        // a message can have been for nothing else
    bool was_reset = false;   // its function, since it was sent
    bool was_short = false;   // the completion timeout, at some time since
    bool was_free = false;    // perhaps, when that happened
    std::string name{};
  };
  // A piece of an entry that is the card's.
  struct Segment {
    uint64_t entry = 0;  // entries of the channel before it
    uint64_t iova = 0;
    uint32_t bytes = 0;
    uint64_t card = 0;
    std::vector<RacyMemory::FlightRef> flights{};
    RacyMemory::ViewRef view{};
  };
  struct ChannelState {
    std::unique_ptr<env::DmaWatch> watch{};
    uint16_t tail = 0;
    std::list<Segment> segments{};
    uint64_t claimed = 0;  // entries whose segments are known
    bool untold = false;   // an event while IRQ_ENABLE was clear, since the restart
  };
  enum class Fit { Data, Refused, Aborted, Lie };

  Fit fit(const Read& read, const pcie::RawTlp& raw, uint32_t& bytes, bool& ends) const;
  void data(Read& read, const pcie::RawTlp& raw, uint32_t bytes);
  void finish(uint64_t now, uint16_t tag, Read& read);
  void fail_read(uint64_t now, uint16_t tag, Read& read, model::DmaError error, Life next);
  void begin_watch(Channel which);
  bool may_be_free(uint64_t now, const Read& read) const;
  bool may_be_overdue(uint64_t now, const Read& read) const;
  void time_out(uint64_t now, uint16_t number, Read& read);
  void age_reads(uint64_t now, Channel which, uint64_t least);
  void end_entry(uint64_t now, Channel which, const pcie::MemWrite& write);
  void claim_entries(Channel which, uint16_t tail);
  void raise(Channel which, bool certain);
  void drop_segments(Channel which, bool all, uint64_t entry);
  Segment* segment_of(Channel which, uint64_t iova, uint64_t bytes);
  model::DmaConfig config_of(Channel which) const;
  uint32_t reg(Channel which, size_t offset) const;

  const model::HostMemory& memory_;
  CompleterModel& completer_;
  ErrorLedger& ledger_;
  Cover& cover_;
  MsixModel msix_;
  MsixModel msi_;
  Timing timing_{};
  std::vector<uint8_t> scratch_;  // card memory as the DMA models see it: nobody reads it
  std::array<ChannelState, kChannels> channels_;
  std::map<uint16_t, Read> reads_;
  std::array<bool, 1024> tags_seen_{};
  uint64_t interrupts_ = 0;
  uint64_t requests_ = 0;
  Written written_;
};

}  // namespace cw::random
