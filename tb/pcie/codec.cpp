// SPDX-License-Identifier: Apache-2.0
#include "pcie/codec.hpp"

#include <algorithm>
#include <cstring>

#include "pcie/byte_enables.hpp"
#include "pcie/wire.hpp"

namespace cw::pcie {

namespace {

using namespace wire;

uint8_t with_data(unsigned kind, bool data) {
  return static_cast<uint8_t>(kind | (data ? kWithData : 0));
}

uint32_t make_dw0(uint8_t kind, Tag tag, uint32_t length_dw, const Attributes& attributes) {
  return kKind.put(kind) | kT9.put(tag.value >> 9) | kT8.put(tag.value >> 8) |
         kTc.put(attributes.traffic_class) | kIdo.put(attributes.id_ordering) |
         kEp.put(attributes.poisoned) | kRo.put(attributes.relaxed_ordering) |
         kNoSnoop.put(attributes.no_snoop) | kAt.put(attributes.address_type) |
         kLength.put(length_dw);
}

uint32_t make_dw1(Bdf requester, Tag tag, ByteEnables enables) {
  return kRequesterId.put(requester.id()) | kTag.put(tag.value) | kLastBe.put(enables.last) |
         kFirstBe.put(enables.first);
}

// Addresses below 4 GiB take the 3-DW form, as they must (2.2.4.1).
void put_address(RawTlp& raw, Iova address) {
  const auto high = static_cast<uint32_t>(address.value >> 32);
  const uint32_t low = static_cast<uint32_t>(address.value) & ~3u;
  if (high) {
    raw.hdr[0] |= kKind.put(k4Dw);
    raw.hdr[2] = high;
    raw.hdr[3] = low;
  } else {
    raw.hdr[2] = low;
  }
}

struct Encoder {
  RawTlp operator()(const MemRead& t) const {
    const auto offset = static_cast<uint32_t>(t.address.value & 3);
    const uint32_t dw = span_dw(offset, t.length_bytes);
    RawTlp raw{.hdr = {make_dw0(t.locked ? kMRdLk32 : kMRd32, t.tag, dw, t.attributes),
                       make_dw1(t.requester, t.tag,
                                t.enables.value_or(byte_enables(offset, t.length_bytes)))}};
    put_address(raw, t.address);
    return raw;
  }

  RawTlp operator()(const MemWrite& t) const {
    const auto offset = static_cast<uint32_t>(t.address.value & 3);
    const auto bytes = static_cast<uint32_t>(t.data.size());
    const uint32_t dw = span_dw(offset, bytes);
    RawTlp raw{
        .hdr = {make_dw0(kMWr32, t.tag, dw, t.attributes) | kKind.put(kWithData),
                make_dw1(t.requester, t.tag, t.enables.value_or(byte_enables(offset, bytes)))},
        .payload = std::vector<uint32_t>(dw)};
    put_address(raw, t.address);
    if (bytes)
      std::memcpy(reinterpret_cast<uint8_t*>(raw.payload.data()) + offset, t.data.data(), bytes);
    return raw;
  }

  RawTlp operator()(const IoRead& t) const {
    return {.hdr = {make_dw0(kIoRd, t.tag, 1, {}),
                    make_dw1(t.requester, t.tag, {.first = t.first_be}), t.address & ~3u}};
  }

  RawTlp operator()(const IoWrite& t) const {
    return {.hdr = {make_dw0(kIoWr, t.tag, 1, {.poisoned = t.poisoned}),
                    make_dw1(t.requester, t.tag, {.first = t.first_be}), t.address & ~3u},
            .payload = {t.data}};
  }

  RawTlp operator()(const CfgRead& t) const {
    return {
        .hdr = {make_dw0(static_cast<uint8_t>(kCfgRd0 + static_cast<int>(t.type)), t.tag, 1, {}),
                make_dw1(t.requester, t.tag, {.first = t.first_be}),
                kTargetId.put(t.target.id()) | kRegDw.put(t.offset / 4u)}};
  }

  RawTlp operator()(const CfgWrite& t) const {
    return {.hdr = {make_dw0(static_cast<uint8_t>(kCfgWr0 + static_cast<int>(t.type)), t.tag, 1,
                             {.poisoned = t.poisoned}),
                    make_dw1(t.requester, t.tag, {.first = t.first_be}),
                    kTargetId.put(t.target.id()) | kRegDw.put(t.offset / 4u)},
            .payload = {t.data}};
  }

  RawTlp operator()(const Atomic& t) const {
    const auto dw = static_cast<uint32_t>(t.operands.size());
    RawTlp raw{.hdr = {make_dw0(static_cast<uint8_t>(kFetchAdd32 + static_cast<int>(t.kind)), t.tag,
                                dw, t.attributes),
                       make_dw1(t.requester, t.tag, {})},
               .payload = t.operands};
    put_address(raw, t.address);
    return raw;
  }

  RawTlp operator()(const Message& t) const {
    const auto dw = static_cast<uint32_t>(t.payload.size());
    return {
        .hdr = {make_dw0(with_data(kMsg | (t.routing & 7u), dw != 0), t.tag, dw, t.attributes),
                kRequesterId.put(t.requester.id()) | kTag.put(t.tag.value) | kMsgCode.put(t.code),
                t.dw2, t.dw3},
        .payload = t.payload};
  }

  RawTlp operator()(const Completion& t) const {
    const auto dw = static_cast<uint32_t>(t.payload.size());
    return {
        .hdr = {make_dw0(with_data(t.locked ? kCplLk : kCpl, dw != 0), t.tag, dw, t.attributes),
                kCompleterId.put(t.completer.id()) | kStatus.put(static_cast<uint32_t>(t.status)) |
                    kBcm.put(t.byte_count_modified) | kByteCount.put(t.byte_count),
                kCplRequesterId.put(t.requester.id()) | kCplTag.put(t.tag.value) |
                    kLowerAddr.put(t.lower_address)},
        .payload = t.payload};
  }
};

}  // namespace

RawTlp encode(const Tlp& tlp) { return std::visit(Encoder{}, tlp); }

std::vector<uint8_t> enabled_bytes(const Completion& completion) {
  const size_t skip = completion.lower_address & 3u;
  const size_t carried = completion.payload.size() * kDwordBytes;
  if (carried <= skip) return {};
  std::vector<uint8_t> bytes(std::min<size_t>(carried - skip, completion.byte_count));
  std::memcpy(bytes.data(), reinterpret_cast<const uint8_t*>(completion.payload.data()) + skip,
              bytes.size());
  return bytes;
}

// ---- Fields

uint8_t kind(const RawTlp& raw) { return static_cast<uint8_t>(kKind.get(raw.hdr[0])); }

bool has_payload(const RawTlp& raw) { return (kind(raw) & kWithData) != 0; }

bool has_digest(const RawTlp& raw) { return kTd.get(raw.hdr[0]) != 0; }

uint32_t header_dw(const RawTlp& raw) { return (kind(raw) & k4Dw) != 0 ? 4 : 3; }

uint32_t length_dw(const RawTlp& raw) {
  const uint32_t field = kLength.get(raw.hdr[0]);
  return field ? field : kMaxLengthDw;
}

TlpClass tlp_class(const RawTlp& raw) {
  const uint8_t value = kind(raw);
  if ((value & 0b100'00000) != 0) return TlpClass::Unknown;  // prefixes
  if ((value & 0b101'11000) == kMsg) return TlpClass::Posted;
  switch (value & ~(k4Dw | kWithData)) {
    case kMRd32:
      return (value & kWithData) ? TlpClass::Posted : TlpClass::NonPosted;
    case kMRdLk32:
      return (value & kWithData) ? TlpClass::Unknown : TlpClass::NonPosted;
    case kIoRd:
    case kCfgRd0:
    case kCfgRd0 + 1:
      return (value & k4Dw) ? TlpClass::Unknown : TlpClass::NonPosted;
    case kCpl:
    case kCplLk:
      return (value & k4Dw) ? TlpClass::Unknown : TlpClass::Completion;
    case 0b01100:
    case 0b01101:
    case 0b01110:
      return (value & kWithData) ? TlpClass::NonPosted : TlpClass::Unknown;
    default:
      return TlpClass::Unknown;
  }
}

Bdf requester(const RawTlp& raw) {
  const bool completion = tlp_class(raw) == TlpClass::Completion;
  return Bdf::from_id(static_cast<uint16_t>(completion ? kCplRequesterId.get(raw.hdr[2])
                                                       : kRequesterId.get(raw.hdr[1])));
}

Tag tag(const RawTlp& raw) {
  const bool completion = tlp_class(raw) == TlpClass::Completion;
  const uint32_t low = completion ? kCplTag.get(raw.hdr[2]) : kTag.get(raw.hdr[1]);
  return {static_cast<uint16_t>(kT9.get(raw.hdr[0]) << 9 | kT8.get(raw.hdr[0]) << 8 | low)};
}

// ---- Dwords of the link

std::vector<uint32_t> to_dwords(const RawTlp& raw) {
  std::vector<uint32_t> dwords(raw.hdr.begin(), raw.hdr.begin() + header_dw(raw));
  dwords.insert(dwords.end(), raw.payload.begin(), raw.payload.end());
  if (raw.digest) dwords.push_back(*raw.digest);
  return dwords;
}

std::variant<RawTlp, Malformed> from_dwords(std::span<const uint32_t> dwords) {
  if (dwords.size() < 3) return Malformed{"shorter than a header"};
  RawTlp raw{.hdr = {dwords[0]}};
  const uint32_t header = header_dw(raw);
  if (dwords.size() < header) return Malformed{"shorter than its header"};
  std::copy_n(dwords.begin(), header, raw.hdr.begin());
  const uint32_t digest = has_digest(raw) ? 1 : 0;
  if (dwords.size() < header + digest) return Malformed{"shorter than its digest"};
  raw.payload.assign(dwords.begin() + header, dwords.end() - digest);
  if (digest) raw.digest = dwords.back();
  return raw;
}

Decoded decode(std::span<const uint32_t> dwords) {
  auto raw = from_dwords(dwords);
  if (auto* malformed = std::get_if<Malformed>(&raw)) return *malformed;
  return decode(std::get<RawTlp>(raw));
}

}  // namespace cw::pcie
