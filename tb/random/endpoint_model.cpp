// SPDX-License-Identifier: Apache-2.0
#include "random/endpoint_model.hpp"

#include <fmt/format.h>

namespace cw::random {

using namespace pcie;
using model::ErrorEvent;

EndpointModel::EndpointModel(agent::TlpMonitor& down, agent::TlpMonitor& up,
                             model::HostMemory& memory, Cover& cover, Done done)
    : cover_(cover),
      done_(std::move(done)),
      completer_(ledger_, cover,
                 {.register_write =
                      [this](uint32_t offset, uint32_t value) {
                        requester_.register_write(now_, offset, value, sequence_);
                      },
                  .config_changed = [this] { requester_.config_changed(); },
                  .done = [this](Tag tag, const Answer& answer) { ended(tag, answer); }}),
      requester_(memory, completer_, ledger_, cover),
      check_(memory),
      down_(*this, /*towards_endpoint=*/true),
      up_(*this, /*towards_endpoint=*/false) {
  requester_.on_host_write([this](Iova at, const std::vector<uint8_t>& data) {
    check_.write({at.value}, data);
  });
  down.listen(down_);
  up.listen(up_);
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
  if (!answer.dropped) requester_.msix().flushed(sent_sequence_.at(tag.value));
  if (done_) done_(tag, answer);
}

void EndpointModel::to_endpoint(const agent::SeenTlp& seen) {
  const RawTlp& raw = seen.tlp;
  ++sequence_;
  cover_.kind_down.hit(kind_name(raw));
  const TlpClass group = tlp_class(raw);
  const Judgement judged = judge(raw, ledger_.config().max_payload_bytes(), /*from_root=*/true);
  if (judged.verdict != Verdict::Good) {
    if (judged.verdict == Verdict::Malformed) {
      ledger_.must(ErrorEvent::Malformed);
      cover_.malformed.hit(static_cast<size_t>(group));
    }
    if (group == TlpClass::NonPosted || group == TlpClass::Unknown) {
      if (done_) done_(tag(raw), {.dropped = true});
    }
    return;
  }
  if (group == TlpClass::Completion) {
    requester_.completion(now_, raw);
    return;
  }
  if (group == TlpClass::NonPosted) sent_sequence_.at(tag(raw).value) = sequence_;
  completer_.request(raw, std::get<Tlp>(judged.decoded));
}

void EndpointModel::own_request(const RawTlp& raw, const Tlp& tlp) const {
  if (!completer_.captured()) {
    throw Fault(to_text(raw) + ": a request before the bus number is known [R09]");
  }
  if (pcie::requester(raw) != completer_.endpoint()) {
    throw Fault(to_text(raw) + ": not under the function's own ID [R09]",
                {{"requester", to_text(completer_.endpoint()), to_text(pcie::requester(raw))}});
  }
  if (!completer_.may_master() && !std::holds_alternative<Message>(tlp)) {
    throw Fault(to_text(raw) + ": with Bus Master Enable off, or outside D0 [R10]");
  }
  if ((raw.hdr[0] >> 20 & 7) != 0 || (raw.hdr[0] & 0x3000) != 0) {
    throw Fault(to_text(raw) + ": traffic class or attributes that nobody enabled [R11]");
  }
}

void EndpointModel::from_endpoint(const agent::SeenTlp& seen) {
  const RawTlp& raw = seen.tlp;
  const Judgement judged = judge(raw, ledger_.config().max_payload_bytes(), /*from_root=*/false);
  if (judged.verdict != Verdict::Good || !std::holds_alternative<Tlp>(judged.decoded)) {
    throw Fault(to_text(raw) + ": malformed: " + judged.reason + " [R36][R01][R02][R05]");
  }
  cover_.kind_up.hit(kind_name(raw));
  const Tlp& tlp = std::get<Tlp>(judged.decoded);
  if (const auto* cpl = std::get_if<Completion>(&tlp)) {
    completer_.completion(raw, *cpl);
    return;
  }
  own_request(raw, tlp);
  if (const auto* read = std::get_if<MemRead>(&tlp)) {
    requester_.read(now_, raw, *read);
  } else if (const auto* write = std::get_if<MemWrite>(&tlp)) {
    requester_.write(now_, raw, *write);
  } else {
    throw Fault(to_text(raw) + ": not a request of this endpoint");
  }
}

}  // namespace cw::random
