// SPDX-License-Identifier: Apache-2.0
#include "random/judge.hpp"

#include <algorithm>
#include <iterator>
#include <optional>

namespace cw::random {

using namespace pcie;

namespace {

constexpr uint8_t kVendorType0 = 0x7e, kVendorType1 = 0x7f, kPasidPrefix = 0x91;

// How the specification's messages are routed, and whether they carry a dword (2.2.8).
struct MessageFormat {
  uint8_t first, last;  // codes
  uint8_t routing;
  bool data;
};
constexpr uint8_t kToRoot = 0, kBroadcast = 3, kLocal = 4, kGather = 5;
constexpr MessageFormat kMessageFormats[] = {{0x00, 0x00, kBroadcast, false},  // Unlock
                                             {0x10, 0x10, kLocal, false},      // LTR
                                             {0x12, 0x12, kLocal, false},      // OBFF
                                             {0x14, 0x14, kLocal, false},   // PM_Active_State_Nak
                                             {0x18, 0x18, kToRoot, false},  // PM_PME
                                             {0x19, 0x19, kBroadcast, false},  // PME_Turn_Off
                                             {0x1b, 0x1b, kGather, false},     // PME_TO_Ack
                                             {0x20, 0x27, kLocal, false},      // INTx
                                             {0x30, 0x31, kToRoot, false},  // ERR_COR, ERR_NONFATAL
                                             {0x33, 0x33, kToRoot, false},  // ERR_FATAL
                                             {0x50, 0x50, kLocal, true}};   // Set_Slot_Power_Limit

bool message_format_legal(const Message& message) {
  if (message.code == kVendorType0 || message.code == kVendorType1) {
    return message.routing != 1 && message.routing != kGather;
  }
  for (const MessageFormat& format : kMessageFormats) {
    if (message.code < format.first || message.code > format.last) continue;
    return message.routing == format.routing && message.payload.size() == (format.data ? 1 : 0);
  }
  return true;
}

// LTR, PM_PME, PME_TO_Ack, INTx and errors go towards the root: a function that faces it takes one
// for malformed, as 2.2.8.1 permits.
bool goes_up(uint8_t code) {
  return code == 0x10 || code == 0x18 || code == 0x1b || (code >= 0x20 && code <= 0x27) ||
         code == 0x30 || code == 0x31 || code == 0x33;
}

std::optional<std::string> broken_rule(const RawTlp& raw, const Tlp& tlp, unsigned max_payload,
                                       bool from_root) {
  if (raw.payload.size() * kDwordBytes > max_payload) return "more than Max_Payload_Size (2.2.2)";
  if (const auto* message = std::get_if<Message>(&tlp)) {
    if (from_root && goes_up(message->code)) return "a message in the wrong direction (2.2.8)";
    const bool vendor = message->code == kVendorType0 || message->code == kVendorType1;
    if (!message_format_legal(*message)) return "a message routed or filled wrongly (2.2.8)";
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

Judgement judge(const RawTlp& raw, const Receiver& receiver) {
  const unsigned max_payload_bytes = receiver.max_payload_bytes;
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
  const Tlp& tlp = std::get<Tlp>(result.decoded);
  const bool memory = std::holds_alternative<MemRead>(tlp) || std::holds_alternative<MemWrite>(tlp);
  if (raw.prefix && (*raw.prefix >> 24 != kPasidPrefix || !memory)) {
    return {.verdict = Verdict::Malformed, .reason = "a prefix (2.2.10)"};
  }
  if (auto rule = broken_rule(raw, tlp, max_payload_bytes, receiver.from_root)) {
    return {.verdict = Verdict::Malformed, .reason = *rule};
  }
  if (receiver.checks_ecrc && raw.digest && *raw.digest != ecrc(raw)) {
    return {.verdict = Verdict::BadEcrc};
  }
  return result;
}

uint8_t message_routing(uint8_t code) {
  for (const MessageFormat& format : kMessageFormats) {
    if (code >= format.first && code <= format.last) return format.routing;
  }
  return kLocal;
}

bool endpoint_knows_message(uint8_t code) {
  constexpr uint8_t kKnown[] = {0x00,               // Unlock
                                0x14,        0x19,  // PM_Active_State_Nak, PME_Turn_Off
                                0x40,        0x41, 0x43, 0x44,
                                0x45,        0x47, 0x48,  // Ignored messages
                                0x50,                     // Set_Slot_Power_Limit
                                kVendorType1};            // dropped in silence
  return std::ranges::find(kKnown, code) != std::end(kKnown);
}

std::string kind_name(const RawTlp& raw) {
  const std::string text = to_text(raw);
  const std::string name = text.substr(0, text.find(' '));
  return name.starts_with('?') ? "reserved" : name;
}

}  // namespace cw::random
