// SPDX-License-Identifier: Apache-2.0
//
// The other end of the endpoint's link: sends what the host queues, by the ordering rules and the
// endpoint's credits; answers the endpoint's reads out of host memory, in any order and in any
// legal pieces; takes its writes; grants credits, and holds the endpoint to them. Faults come from
// the injector. Spec: PCIe Base 2.3.1.1 (RCB), 2.4.1 (ordering), 2.6.1 (flow control).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <list>

#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "model/host_memory.hpp"
#include "random/endpoint_dut.hpp"
#include "random/injector.hpp"
#include "random/timing.hpp"

namespace cw::random {

class Partner : public dut::Clocked {
 public:
  struct Options {
    agent::Stall rx = agent::Stall::None;
    agent::Stall tx = agent::Stall::None;
    bool infinite_credits = true;
    uint32_t headers = 8;  // granted of each class
    uint64_t longest_latency = 200;
    Timing timing{};
  };

  Partner(EndpointDut& dut, model::HostMemory& memory, TapeDeck& deck, Injector& injector,
          Cover& cover, Options options);
  ~Partner() override;
  Partner(const Partner&) = delete;
  Partner& operator=(const Partner&) = delete;

  // Queued for the link. `limits` of the endpoint: Max_Payload_Size.
  void post(pcie::RawTlp raw) { queue(kPosted, std::move(raw)); }
  void ask(pcie::RawTlp raw) { queue(kNonPosted, std::move(raw)); }
  size_t queued(FlowClass which) const { return queues_[which].size(); }

  bool source_idle() const { return source_.idle(); }
  // Nothing is queued, nothing is owed to the endpoint.
  bool idle() const;
  // The payload limit of its completions.
  void set_max_payload(uint32_t bytes) { max_payload_ = bytes; }
  void set_timing(Timing timing) { options_.timing = timing; }
  // No more faults, no more latency: to come to rest.
  void calm();
  // Empty if the credits that the endpoint has granted are those of the start and what was sent.
  std::string credits_missing();
  // The endpoint is in reset.
  void reset() override;

  void sample() override;
  void commit() override;

 private:
  struct Queued {
    pcie::RawTlp raw{};
    uint64_t sequence = 0;
  };
  // A read of the endpoint, as far as it has been answered.
  struct Job {
    pcie::Bdf requester{};
    pcie::Tag tag{};
    pcie::Attributes attributes{};
    uint64_t next = 0;
    uint32_t left = 0;
    unsigned pieces = 0;
    uint64_t arrived = 0;
    uint64_t not_before = 0;
    AnswerPlan plan{};
  };

  void queue(FlowClass which, pcie::RawTlp raw);
  void feed();
  bool credits_for(FlowClass which, const pcie::RawTlp& raw);
  void count_sent(const pcie::RawTlp& raw);
  void push(pcie::RawTlp raw);
  bool answer();
  pcie::RawTlp piece(Job& job);
  void take(const pcie::RawTlp& raw);
  void start_credits();
  void return_credits();
  void drive_credits();

  EndpointDut& dut_;
  dut::Kernel& kernel_;
  model::HostMemory& memory_;
  Injector& injector_;
  Cover& cover_;
  Options options_;
  Tape& order_;
  agent::TlpSource source_;
  agent::TlpSink sink_;
  std::array<std::deque<Queued>, 2> queues_;  // posted, non-posted
  std::deque<pcie::RawTlp> completions_;      // broken ones may be several
  std::list<Job> jobs_;
  uint64_t sequence_ = 0;
  uint32_t max_payload_ = 128;
  bool calm_ = false;

  struct Count {
    uint32_t headers = 0;
    uint32_t data = 0;
  };
  std::array<Count, kFlowClasses> sent_{};  // to the endpoint
  std::array<CreditLimit, kFlowClasses> initial_{};
  bool initial_known_ = false;
  std::array<Count, kFlowClasses> received_{};  // from the endpoint
  std::array<CreditLimit, kFlowClasses> grants_{};
  struct Return {
    uint64_t at = 0;
    FlowClass which = kPosted;
    uint32_t data = 0;
  };
  std::deque<Return> returns_;
  uint64_t withheld_until_ = 0;
  bool credits_changed_ = false;
  std::array<bool, kFlowClasses> withheld_{};
};

}  // namespace cw::random
