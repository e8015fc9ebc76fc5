// SPDX-License-Identifier: Apache-2.0
#include "random/judge.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace cw::random {

using namespace pcie;

namespace {

constexpr uint8_t kVendorType0 = 0x7e, kVendorType1 = 0x7f;

std::optional<std::string> broken_rule(const RawTlp& raw, const Tlp& tlp, unsigned max_payload) {
  if (raw.payload.size() * kDwordBytes > max_payload) return "more than Max_Payload_Size (2.2.2)";
  if (const auto* message = std::get_if<Message>(&tlp)) {
    const bool vendor = message->code == kVendorType0 || message->code == kVendorType1;
    if (message->attributes.traffic_class != 0 && !vendor) return "a message not of TC 0 (2.2.8)";
  }
  if (const auto* atomic = std::get_if<Atomic>(&tlp)) {
    const size_t dw = atomic->operands.size();
    const size_t operand = atomic->kind == AtomicKind::CompareAndSwap ? dw / 2 : dw;
    if (atomic->address.value % (operand * kDwordBytes) != 0) {
      return "an operand not naturally aligned (2.2.7)";
    }
  }
  return std::nullopt;
}

}  // namespace

Judgement judge(const RawTlp& raw, unsigned max_payload_bytes) {
  if (raw.error) return {.verdict = Verdict::GivenUp};
  Judgement result{.decoded = decode(raw)};
  if (const auto* malformed = std::get_if<Malformed>(&result.decoded)) {
    // Data with an unsuccessful completion is for the requester to judge (2.3.2).
    if (tlp_class(raw) == TlpClass::Completion &&
        raw.payload.size() == (has_payload(raw) ? length_dw(raw) : 0) &&
        raw.payload.size() * kDwordBytes <= max_payload_bytes && (raw.hdr[0] >> 15 & 1) == 0 &&
        !raw.prefix) {
      return result;
    }
    return {.verdict = Verdict::Malformed, .reason = malformed->reason};
  }
  if (raw.prefix) return {.verdict = Verdict::Malformed, .reason = "a prefix (2.2.10)"};
  if (auto rule = broken_rule(raw, std::get<Tlp>(result.decoded), max_payload_bytes)) {
    return {.verdict = Verdict::Malformed, .reason = *rule};
  }
  return result;
}

bool endpoint_knows_message(uint8_t code) {
  constexpr uint8_t kKnown[] = {
      0x00,                                            // Unlock
      0x14, 0x19,                                      // PM_Active_State_Nak, PME_Turn_Off
      0x40, 0x41, 0x43, 0x44, 0x45, 0x47, 0x48,        // Ignored messages
      0x50,                                            // Set_Slot_Power_Limit
      kVendorType1};                                   // dropped in silence
  return std::ranges::find(kKnown, code) != std::end(kKnown);
}

std::string kind_name(const RawTlp& raw) {
  const std::string text = to_text(raw);
  const std::string name = text.substr(0, text.find(' '));
  return name.starts_with('?') ? "reserved" : name;
}

}  // namespace cw::random
