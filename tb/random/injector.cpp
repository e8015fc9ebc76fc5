// SPDX-License-Identifier: Apache-2.0
#include "random/injector.hpp"

#include <algorithm>

#include "pcie/codec.hpp"
#include "pcie/wire.hpp"

namespace cw::random {

using namespace pcie;

namespace {

void put(uint32_t& dword, wire::Field field, uint32_t value) {
  dword = (dword & ~(field.mask() << field.lsb)) | field.put(value);
}

bool is_memory(const RawTlp& raw) { return (kind(raw) & 0b000'11110) == 0; }
bool is_config(const RawTlp& raw) { return (kind(raw) & 0b000'11110) == wire::kCfgRd0; }
bool is_message(const RawTlp& raw) { return (kind(raw) & 0b000'11000) == 0b10000; }

uint32_t& low_address(RawTlp& raw) { return raw.hdr[header_dw(raw) - 1]; }

// Kinds that the specification leaves open (table 2-3); no prefix among them.
constexpr uint8_t kReservedKinds[] = {0b000'00011, 0b010'00001, 0b001'00010, 0b011'00100,
                                      0b000'01000, 0b010'01001, 0b001'01010, 0b000'01111,
                                      0b010'01111, 0b000'01100, 0b001'11011, 0b000'11011};

// Fields of a request, changed so that the receiver must see it. Some faults need a kind of
// request: on another they do nothing, and false comes back.
bool break_request(const std::string& fault, RawTlp& raw, uint32_t limit, uint32_t salt) {
  const bool data = has_payload(raw);
  if (fault == "poison") {
    if (data) put(raw.hdr[0], wire::kEp, 1);
    return data;
  }
  if (fault == "length") {
    const uint32_t was = length_dw(raw);
    put(raw.hdr[0], wire::kLength, was + 1 + salt % 7);
    return true;
  }
  if (fault == "byte-enables") {
    if (is_message(raw)) return false;
    const bool one = length_dw(raw) == 1;
    put(raw.hdr[1], wire::kLastBe, one ? 1 + salt % 15 : 0);
    return true;
  }
  if (fault == "over-mps") {
    if (!is_memory(raw) || !data || limit >= kPageBytes) return false;
    raw.payload.resize(limit / kDwordBytes + 1 + salt % 16, salt);
    put(raw.hdr[0], wire::kLength, static_cast<uint32_t>(raw.payload.size()));
    raw.hdr[1] |= wire::kFirstBe.put(0xf) | wire::kLastBe.put(0xf);
    low_address(raw) &= ~0xfffu;
    return true;
  }
  if (fault == "page-cross") {
    if (!is_memory(raw) || length_dw(raw) < 2) return false;
    raw.hdr[1] |= wire::kFirstBe.put(0xf) | wire::kLastBe.put(0xf);
    low_address(raw) |= 0xffc;
    return true;
  }
  if (fault == "reserved-kind") {
    // As long a header and as much data as before: only the kind is wrong.
    for (size_t n = 0; n < std::size(kReservedKinds); ++n) {
      const uint8_t other = kReservedKinds[(salt + n) % std::size(kReservedKinds)];
      if (((other ^ kind(raw)) & 0b011'00000) != 0) continue;
      put(raw.hdr[0], wire::kKind, other);
      return true;
    }
    return false;
  }
  if (fault == "digest") {
    put(raw.hdr[0], wire::kTd, 1);
    return true;
  }
  if (fault == "ecrc") {  // the right one
    raw = with_ecrc(std::move(raw));
    return true;
  }
  if (fault == "pasid") {  // a prefix that is known, for an address space that is not
    if (!is_memory(raw)) return false;
    raw.prefix = 0b1001'0001u << 24 | (salt & 0x3f'ffff);
    return true;
  }
  if (fault == "prefix") {
    raw.prefix = 0b100'00000u << 24 | (salt & 0xffffff);
    return true;
  }
  if (fault == "traffic-class") {
    if (is_memory(raw)) return false;
    put(raw.hdr[0], wire::kTc, 1 + salt % 7);
    return true;
  }
  if (fault == "spoof") {
    put(raw.hdr[1], wire::kRequesterId, 0x0100 | (salt & 0xff));
    return true;
  }
  if (fault == "give-up") {
    raw.error = true;
    return true;
  }
  if (fault == "function") {
    if (!is_config(raw)) return false;
    put(raw.hdr[2], wire::Field{16, 3}, 1 + salt % 7);
    return true;
  }
  if (fault == "type-1") {
    if (!is_config(raw)) return false;
    put(raw.hdr[0], wire::kKind, kind(raw) | 1u);
    return true;
  }
  if (fault == "misaligned-atomic") {
    const uint8_t group = kind(raw) & 0b11111;
    if (group < 0b01100 || group > 0b01110 || length_dw(raw) < 2) return false;
    if (group == 0b01110 && length_dw(raw) == 2) return false;
    low_address(raw) |= 4;
    return true;
  }
  return false;
}

}  // namespace

Injector::Injector(TapeDeck& deck, Cover& cover, const std::set<std::string>& kinds,
                   unsigned percent)
    : requests_(deck["inject.requests"]),
      answers_(deck["inject.answers"]),
      link_(deck["inject.credits"]),
      cover_(cover),
      percent_(percent) {
  const auto chosen = [&](const std::vector<std::string>& from) {
    std::vector<std::string> some;
    for (const std::string& name : from) {
      if (kinds.contains(name)) some.push_back(name);
    }
    return some;
  };
  request_kinds_ = chosen(kRequestFaults);
  answer_kinds_ = chosen(kCompletionFaults);
  credits_ = kinds.contains("credits");
}

void Injector::request(RawTlp& raw, uint32_t limit) {
  if (request_kinds_.empty()) return;
  requests_.next_span();
  if (!requests_.chance(percent_)) return;
  const std::string& fault = requests_.pick(request_kinds_);
  if (break_request(fault, raw, limit, requests_.u32())) cover_.inject.hit(fault);
}

AnswerPlan Injector::plan(uint64_t longest_latency) {
  answers_.next_span();
  AnswerPlan plan;
  constexpr uint32_t kPieces[] = {0, 64, 128, 192, 256};
  plan.latency =
      answers_.weighted({3, 1}) ? answers_.range(0, longest_latency) : answers_.range(0, 60);
  plan.piece_bytes = answers_.pick(kPieces);
  if (answer_kinds_.empty() || !answers_.chance(percent_)) return plan;
  const std::string& fault = answers_.pick(answer_kinds_);
  plan.at_piece = static_cast<unsigned>(answers_.range(0, 3));
  plan.salt = answers_.u32();
  if (!late_ && (fault == "cpl-late" || fault == "cpl-missing" || fault == "cpl-cut" ||
                 fault == "cpl-length" || fault == "cpl-digest" || fault == "cpl-give-up" ||
                 fault == "cpl-tag" || fault == "cpl-requester")) {
    return plan;
  }
  plan.fault = fault;
  cover_.inject.hit(fault);
  return plan;
}

std::vector<RawTlp> Injector::completion(const AnswerPlan& plan, RawTlp raw) {
  const std::string& fault = *plan.fault;
  const auto strip = [&](uint32_t status) {
    raw.payload.clear();
    put(raw.hdr[0], wire::kKind, wire::kCpl);
    put(raw.hdr[0], wire::kLength, 0);
    put(raw.hdr[1], wire::kStatus, status);
  };
  if (fault == "cpl-poison") put(raw.hdr[0], wire::kEp, 1);
  if (fault == "cpl-ur") strip(1);
  if (fault == "cpl-ca") strip(4);
  if (fault == "cpl-rrs") strip(2);
  if (fault == "cpl-reserved-status") strip(plan.salt & 1 ? 3 : 5 + plan.salt % 3);
  if (fault == "cpl-missing" || fault == "cpl-cut") return {};
  if (fault == "cpl-duplicate") return {raw, raw};
  if (fault == "cpl-byte-count") {
    put(raw.hdr[1], wire::kByteCount, wire::kByteCount.get(raw.hdr[1]) + 1 + plan.salt % 4094);
  }
  if (fault == "cpl-lower-address") {
    put(raw.hdr[2], wire::kLowerAddr, wire::kLowerAddr.get(raw.hdr[2]) ^ (1 + plan.salt % 127));
  }
  if (fault == "cpl-length") {
    put(raw.hdr[0], wire::kLength, wire::kLength.get(raw.hdr[0]) + 1 + plan.salt % 5);
  }
  if (fault == "cpl-tag") {  // one that this endpoint never uses
    put(raw.hdr[2], wire::kCplTag, 32 + plan.salt % 224);
  }
  if (fault == "cpl-requester") {
    put(raw.hdr[2], wire::kCplRequesterId,
        wire::kCplRequesterId.get(raw.hdr[2]) ^ (1 + plan.salt % 0xffff));
  }
  if (fault == "cpl-locked" && (plan.salt & 1) != 0) strip(1);
  if (fault == "cpl-locked") put(raw.hdr[0], wire::kKind, kind(raw) | 1u);
  if (fault == "cpl-no-data") strip(0);
  if (fault == "cpl-ur-with-data") put(raw.hdr[1], wire::kStatus, 1);
  if (fault == "cpl-digest") put(raw.hdr[0], wire::kTd, 1);
  if (fault == "cpl-ecrc") raw = with_ecrc(std::move(raw));
  if (fault == "cpl-give-up") raw.error = true;
  if (fault == "cpl-bcm") {  // as a PCI-X bridge would: legal, and to be understood
    put(raw.hdr[1], wire::kBcm, 1);
  }
  if (fault == "cpl-traffic-class") put(raw.hdr[0], wire::kTc, 1 + plan.salt % 7);
  return {raw};
}

uint64_t Injector::withhold(uint64_t longest) {
  if (!credits_) return 0;
  link_.next_span();
  if (!link_.chance(percent_)) return 0;
  cover_.inject.hit("credits");
  // At times for longer than a completion timeout, which counts from when a request is sent.
  return link_.weighted({15, 1}) ? link_.range(longest, 16 * longest) : link_.range(1, longest);
}

}  // namespace cw::random
