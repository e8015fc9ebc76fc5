// SPDX-License-Identifier: Apache-2.0
#include "random/endpoint_model.hpp"

#include <fmt/format.h>

namespace cw::random {

using namespace pcie;
using model::ErrorEvent;

EndpointModel::Parts::Parts(EndpointModel& owner, const model::HostMemory& memory, Cover& cover,
                            ErrorLedger errors)
    : ledger(std::move(errors)),
      completer(
          ledger, cover,
          {.register_write =
               [&owner, this](uint32_t offset, uint32_t value) {
                 requester.register_write(owner.now_, offset, value, owner.sequence_);
               },
           .config_changed = [this] { requester.config_changed(); },
           .function_reset = [this](uint64_t asked_at) { requester.function_reset(asked_at); },
           .pending = [&owner,
                       this](uint64_t since) { return requester.pending(owner.now_, since); },
           .overdue = [&owner, this] { return requester.overdue(owner.now_); },
           .done = [&owner](Tag tag, const Answer& answer) { owner.ended(tag, answer); }}),
      requester(memory, completer, ledger, cover) {
  requester.on_host_write([&owner](Iova at, const std::vector<uint8_t>& data) {
    owner.check_.write({at.value}, data);
  });
}

EndpointModel::EndpointModel(agent::TlpMonitor& down, agent::TlpMonitor& up,
                             model::HostMemory& memory, Cover& cover, Done done)
    : memory_(memory),
      cover_(cover),
      done_(std::move(done)),
      check_(memory),
      parts_(std::make_unique<Parts>(*this, memory, cover, ErrorLedger())),
      down_(*this, /*towards_endpoint=*/true),
      up_(*this, /*towards_endpoint=*/false) {
  down.listen(down_);
  up.listen(up_);
}

void EndpointModel::reset(model::ResetKind kind) {
  ErrorLedger kept = parts_->ledger;
  kept.reset(kind);
  parts_ = std::make_unique<Parts>(*this, memory_, cover_, std::move(kept));
}

void EndpointModel::mix(const agent::SeenTlp& seen, bool down) {
  const auto add = [this](uint64_t value) { hash_ = (hash_ ^ value) * 0x100'0000'01b3; };
  now_ = last_at_ = seen.at.value;
  ++tlps_;
  add(now_ << 1 | down);
  for (const uint32_t dword : seen.tlp.hdr) add(dword);
  for (const uint32_t dword : seen.tlp.payload) add(dword);
}

// What the answer proves: every write before its request has been carried out.
void EndpointModel::ended(Tag tag, const Answer& answer) {
  if (!answer.dropped) parts_->requester.flushed(sent_sequence_.at(tag.value));
  if (done_) done_(tag, answer);
}

void EndpointModel::to_endpoint(const agent::SeenTlp& seen) {
  const RawTlp& raw = seen.tlp;
  ++sequence_;
  cover_.kind_down.hit(kind_name(raw));
  const TlpClass group = tlp_class(raw);
  parts_->completer.at(now_);
  const Judgement judged =
      judge(raw, {.max_payload_bytes = parts_->ledger.config().max_payload_bytes(),
                  .checks_ecrc = parts_->ledger.config().extended().aer().ecrc_check()});
  if (judged.verdict != Verdict::Good) {
    if (judged.verdict == Verdict::Malformed) {
      parts_->ledger.about(raw, Station::Port, now_);
      parts_->ledger.must(ErrorEvent::Malformed);
      cover_.malformed.hit(static_cast<size_t>(group));
    }
    if (judged.verdict == Verdict::BadEcrc) {
      parts_->ledger.about(raw, Station::Port, now_);
      parts_->ledger.must(ErrorEvent::Ecrc);
      cover_.ecrc.hit("wrong");
    }
    if (group == TlpClass::NonPosted || group == TlpClass::Unknown) {
      if (done_) done_(tag(raw), {.dropped = true});
    }
    return;
  }
  if (raw.digest) cover_.ecrc.hit(*raw.digest == ecrc(raw) ? "right" : "ignored");
  if (group == TlpClass::Completion) {
    parts_->ledger.about(raw, Station::Completion, now_);
    parts_->requester.completion(now_, raw);
    return;
  }
  parts_->ledger.about(raw, group == TlpClass::Posted ? Station::Posted : Station::NonPosted, now_);
  if (group == TlpClass::NonPosted) sent_sequence_.at(tag(raw).value) = sequence_;
  parts_->completer.request(raw, std::get<Tlp>(judged.decoded));
}

void EndpointModel::own_request(const RawTlp& raw, const Tlp& tlp) const {
  if (!parts_->completer.captured()) {
    throw Fault(to_text(raw) + ": a request before the bus number is known [R09]");
  }
  if (pcie::requester(raw) != parts_->completer.endpoint()) {
    throw Fault(
        to_text(raw) + ": not under the function's own ID [R09]",
        {{"requester", to_text(parts_->completer.endpoint()), to_text(pcie::requester(raw))}});
  }
  if (!parts_->completer.may_master() && !std::holds_alternative<Message>(tlp)) {
    throw Fault(to_text(raw) + ": with Bus Master Enable off, or outside D0 [R10]");
  }
  if ((raw.hdr[0] >> 20 & 7) != 0 || (raw.hdr[0] & 0x3000) != 0) {
    throw Fault(to_text(raw) + ": traffic class or attributes that nobody enabled [R11]");
  }
}

// PME_TO_Ack answers PME_Turn_Off (5.3.3.2.1); errors are told by messages of their own (6.2.3.1).
void EndpointModel::own_message(const RawTlp& raw, const Message& message) {
  constexpr uint8_t kPmeToAck = 0x1b, kErrCor = 0x30, kErrNonFatal = 0x31, kErrFatal = 0x33;
  if (message.code == kPmeToAck) {
    if (!parts_->completer.take_pme_ack()) throw Fault(to_text(raw) + ": nobody turned off [R47]");
    return;
  }
  if (message.code == kErrCor) {
    error_message(raw, ErrorMessage::Correctable);
  } else if (message.code == kErrNonFatal) {
    error_message(raw, ErrorMessage::NonFatal);
  } else if (message.code == kErrFatal) {
    error_message(raw, ErrorMessage::Fatal);
  } else {
    throw Fault(to_text(raw) + ": a message that nothing called for [R38]");
  }
}

// A timeout may be told before anything else shows that it has come.
void EndpointModel::error_message(const RawTlp& raw, ErrorMessage kind) {
  cover_.error_message.hit(static_cast<size_t>(kind));
  const bool owed = parts_->ledger.take_message(kind, now_);
  if (kind != ErrorMessage::Correctable && parts_->requester.announce_timeout(now_, !owed)) return;
  if (owed) return;
  throw Fault(to_text(raw) + ": a message that no error owes [R38]", parts_->requester.ages(now_));
}

void EndpointModel::from_endpoint(const agent::SeenTlp& seen) {
  const RawTlp& raw = seen.tlp;
  parts_->completer.at(now_);
  const Judgement judged =
      judge(raw, {.max_payload_bytes = parts_->ledger.config().max_payload_bytes(),
                  .from_root = false,
                  .checks_ecrc = true});
  if (judged.verdict == Verdict::BadEcrc) throw Fault(to_text(raw) + ": its ECRC is wrong [R39]");
  if (raw.digest) cover_.ecrc.hit("sent");
  if (judged.verdict == Verdict::GivenUp && parts_->completer.resetting()) return;  // R43
  if (judged.verdict != Verdict::Good || !std::holds_alternative<Tlp>(judged.decoded)) {
    throw Fault(to_text(raw) + ": malformed: " + judged.reason + " [R36][R01][R02][R05]");
  }
  cover_.kind_up.hit(kind_name(raw));
  const Tlp& tlp = std::get<Tlp>(judged.decoded);
  if (const auto* cpl = std::get_if<Completion>(&tlp)) {
    parts_->completer.completion(raw, *cpl);
    return;
  }
  own_request(raw, tlp);
  if (const auto* read = std::get_if<MemRead>(&tlp)) {
    parts_->requester.read(now_, raw, *read);
  } else if (const auto* write = std::get_if<MemWrite>(&tlp)) {
    parts_->requester.write(now_, raw, *write);
  } else if (const auto* message = std::get_if<Message>(&tlp)) {
    own_message(raw, *message);
  } else {
    throw Fault(to_text(raw) + ": not a request of this endpoint");
  }
}

}  // namespace cw::random
