// SPDX-License-Identifier: Apache-2.0
//
// Everything that the endpoint's link carries, held against the models: listens to both directions,
// judges each TLP by itself, hands it to the side that owes or is owed, and in the end holds
// memory, registers and credits against what must be. A difference throws a Fault.
//
// A feature of the endpoint that is not modelled yet has its place in completer_model (requests it
// answers), requester_model (requests it issues), error_ledger (what it records).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "agent/tlp_monitor.hpp"
#include "env/memory_check.hpp"
#include "random/completer_model.hpp"
#include "random/requester_model.hpp"

namespace cw::random {

class EndpointModel {
 public:
  // Told of a request of the host that is over; the tag is free.
  using Done = std::function<void(pcie::Tag tag, const Answer& answer)>;

  EndpointModel(agent::TlpMonitor& down, agent::TlpMonitor& up, model::HostMemory& memory,
                Cover& cover, Done done);
  EndpointModel(const EndpointModel&) = delete;
  EndpointModel& operator=(const EndpointModel&) = delete;

  ErrorLedger& ledger() { return parts_->ledger; }
  CompleterModel& completer() { return parts_->completer; }
  RequesterModel& requester() { return parts_->requester; }
  env::MemoryCheck& memory() { return check_; }

  size_t outstanding() const {
    return parts_->completer.outstanding() + parts_->completer.pme_acks_owed() +
           parts_->requester.outstanding() + parts_->ledger.messages_owed();
  }
  // The endpoint has been reset: it owes nothing, is owed nothing, and remembers what is sticky.
  void reset(model::ResetKind kind);

  uint64_t trace_hash() const { return hash_; }
  uint64_t tlps() const { return tlps_; }
  uint64_t last_tlp_at() const { return last_at_; }

 private:
  struct Listener : agent::TlpListener {
    Listener(EndpointModel& owner, bool towards_endpoint) : model(owner), down(towards_endpoint) {}
    void on_tlp(const agent::SeenTlp& seen) override {
      model.mix(seen, down);
      if (down) {
        model.to_endpoint(seen);
      } else {
        model.from_endpoint(seen);
      }
    }
    EndpointModel& model;
    bool down;
  };

  void mix(const agent::SeenTlp& seen, bool down);
  void to_endpoint(const agent::SeenTlp& seen);
  void from_endpoint(const agent::SeenTlp& seen);
  void own_request(const pcie::RawTlp& raw, const pcie::Tlp& tlp) const;
  void own_message(const pcie::RawTlp& raw, const pcie::Message& message);
  void error_message(const pcie::RawTlp& raw, ErrorMessage kind);
  void ended(pcie::Tag tag, const Answer& answer);

  // What a reset renews.
  struct Parts {
    Parts(EndpointModel& owner, const model::HostMemory& memory, Cover& cover, ErrorLedger errors);
    ErrorLedger ledger;
    CompleterModel completer;
    RequesterModel requester;
  };

  const model::HostMemory& memory_;
  Cover& cover_;
  Done done_;
  env::MemoryCheck check_;
  std::unique_ptr<Parts> parts_;
  Listener down_;
  Listener up_;
  std::array<uint64_t, 1024> sent_sequence_{};  // of the host's request with this tag
  uint64_t sequence_ = 0;
  uint64_t now_ = 0;
  uint64_t tlps_ = 0;
  uint64_t last_at_ = 0;
  uint64_t hash_ = 0xcbf2'9ce4'8422'2325;
};

}  // namespace cw::random
