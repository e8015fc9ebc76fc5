// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "pcie/byte_enables.hpp"
#include "pcie/codec.hpp"
#include "pcie/wire.hpp"

namespace cw::pcie {

namespace {

using namespace wire;

Attributes attributes_of(uint32_t dw0) {
  return {.traffic_class = static_cast<uint8_t>(kTc.get(dw0)),
          .relaxed_ordering = kRo.get(dw0) != 0,
          .no_snoop = kNoSnoop.get(dw0) != 0,
          .id_ordering = kIdo.get(dw0) != 0,
          .poisoned = kEp.get(dw0) != 0,
          .address_type = static_cast<uint8_t>(kAt.get(dw0))};
}

ByteEnables enables_of(uint32_t dw1) {
  return {.first = static_cast<uint8_t>(kFirstBe.get(dw1)),
          .last = static_cast<uint8_t>(kLastBe.get(dw1))};
}

Iova address_of(const RawTlp& raw) {
  if (header_dw(raw) == 3) return {raw.hdr[2] & ~3u};
  return {uint64_t{raw.hdr[2]} << 32 | (raw.hdr[3] & ~3u)};
}

Decoded decode_memory(const RawTlp& raw) {
  const Iova address = address_of(raw);
  const uint32_t dw = length_dw(raw);
  const ByteEnables enables = enables_of(raw.hdr[1]);
  if (address.value % kPageBytes + dw * kDwordBytes > kPageBytes) {
    return Malformed{"crosses a 4 KiB boundary"};
  }
  if (!byte_enables_legal(enables, dw, address.value % 8 == 0)) {
    return Malformed{"illegal byte enables"};
  }
  const auto run = contiguous_run(enables, dw);
  const ByteRun bytes = run.value_or(ByteRun{.offset = 0, .bytes = dw * kDwordBytes});
  const auto sparse = run ? std::nullopt : std::optional(enables);
  if (!has_payload(raw)) {
    return MemRead{.requester = requester(raw),
                   .tag = tag(raw),
                   .address = address + uint64_t{bytes.offset},
                   .length_bytes = bytes.bytes,
                   .enables = sparse,
                   .locked = (kind(raw) & 1) != 0,
                   .attributes = attributes_of(raw.hdr[0])};
  }
  const auto* first = reinterpret_cast<const uint8_t*>(raw.payload.data()) + bytes.offset;
  return MemWrite{.requester = requester(raw),
                  .tag = tag(raw),
                  .address = address + uint64_t{bytes.offset},
                  .data = {first, first + bytes.bytes},
                  .enables = sparse,
                  .attributes = attributes_of(raw.hdr[0])};
}

// I/O and configuration requests: one dword, traffic class and attributes zero (2.2.7).
Decoded decode_io_or_config(const RawTlp& raw) {
  const Attributes attributes = attributes_of(raw.hdr[0]);
  const ByteEnables enables = enables_of(raw.hdr[1]);
  if (length_dw(raw) != 1) return Malformed{"Length is not 1"};
  if (enables.last != 0) return Malformed{"Last DW BE is not 0"};
  if (attributes != Attributes{.poisoned = attributes.poisoned}) {
    return Malformed{"TC, Attr or AT is not 0"};
  }
  const bool write = has_payload(raw);
  if ((kind(raw) & ~kWithData) == kIoRd) {
    if (write) {
      return IoWrite{.requester = requester(raw),
                     .tag = tag(raw),
                     .address = raw.hdr[2] & ~3u,
                     .first_be = enables.first,
                     .data = raw.payload[0],
                     .poisoned = attributes.poisoned};
    }
    return IoRead{.requester = requester(raw),
                  .tag = tag(raw),
                  .address = raw.hdr[2] & ~3u,
                  .first_be = enables.first};
  }
  const auto type = (kind(raw) & 1) != 0 ? CfgType::Type1 : CfgType::Type0;
  const Bdf target = Bdf::from_id(static_cast<uint16_t>(kTargetId.get(raw.hdr[2])));
  const auto offset = static_cast<uint16_t>(kRegDw.get(raw.hdr[2]) * kDwordBytes);
  if (write) {
    return CfgWrite{.type = type,
                    .requester = requester(raw),
                    .tag = tag(raw),
                    .target = target,
                    .offset = offset,
                    .first_be = enables.first,
                    .data = raw.payload[0],
                    .poisoned = attributes.poisoned};
  }
  return CfgRead{.type = type,
                 .requester = requester(raw),
                 .tag = tag(raw),
                 .target = target,
                 .offset = offset,
                 .first_be = enables.first};
}

// AtomicOps: one operand of 4 or 8 bytes, or two of 4, 8 or 16 (2.2.7.1.2).
Decoded decode_atomic(const RawTlp& raw) {
  const auto which = static_cast<AtomicKind>(kind(raw) & 3);
  const uint32_t dw = length_dw(raw);
  const bool legal =
      which == AtomicKind::CompareAndSwap ? dw == 2 || dw == 4 || dw == 8 : dw == 1 || dw == 2;
  if (!legal) return Malformed{"illegal operand size"};
  return Atomic{.kind = which,
                .requester = requester(raw),
                .tag = tag(raw),
                .address = address_of(raw),
                .operands = raw.payload,
                .attributes = attributes_of(raw.hdr[0])};
}

Decoded decode_message(const RawTlp& raw) {
  const auto routing = static_cast<uint8_t>(kind(raw) & 7);
  if (routing > 5) return Malformed{"reserved message routing"};
  return Message{.requester = requester(raw),
                 .tag = tag(raw),
                 .routing = routing,
                 .code = static_cast<uint8_t>(kMsgCode.get(raw.hdr[1])),
                 .dw2 = raw.hdr[2],
                 .dw3 = raw.hdr[3],
                 .payload = raw.payload,
                 .attributes = attributes_of(raw.hdr[0])};
}

// Reserved status values are Unsupported Request (2.2.9).
CplStatus status_of(uint32_t field) {
  switch (field) {
    case 0:
      return CplStatus::Sc;
    case 2:
      return CplStatus::Rrs;
    case 4:
      return CplStatus::Ca;
    default:
      return CplStatus::Ur;
  }
}

Decoded decode_completion(const RawTlp& raw) {
  const CplStatus status = status_of(kStatus.get(raw.hdr[1]));
  if (status != CplStatus::Sc && has_payload(raw)) {
    return Malformed{"data with an unsuccessful completion"};
  }
  const uint32_t byte_count = kByteCount.get(raw.hdr[1]);
  return Completion{.completer = Bdf::from_id(static_cast<uint16_t>(kCompleterId.get(raw.hdr[1]))),
                    .status = status,
                    .byte_count_modified = kBcm.get(raw.hdr[1]) != 0,
                    .byte_count = byte_count ? byte_count : kPageBytes,
                    .requester = requester(raw),
                    .tag = tag(raw),
                    .lower_address = static_cast<uint8_t>(kLowerAddr.get(raw.hdr[2])),
                    .payload = raw.payload,
                    .locked = (kind(raw) & 1) != 0,
                    .attributes = attributes_of(raw.hdr[0])};
}

}  // namespace

Decoded decode(const RawTlp& raw) {
  const TlpClass group = tlp_class(raw);
  if (group == TlpClass::Unknown) return Malformed{"reserved Fmt and Type"};
  if (raw.error) return Malformed{"given up by its sender"};
  if (has_digest(raw) != raw.digest.has_value()) return Malformed{"TD and digest disagree"};
  const size_t owed = has_payload(raw) ? length_dw(raw) : 0;
  if (raw.payload.size() != owed) return Malformed{"payload does not match Length"};
  if (group == TlpClass::Completion) return decode_completion(raw);
  switch (kind(raw) & ~(k4Dw | kWithData)) {
    case kMRd32:
    case kMRdLk32:
      return decode_memory(raw);
    case kIoRd:
    case kCfgRd0:
    case kCfgRd0 + 1:
      return decode_io_or_config(raw);
    case kFetchAdd32 & ~kWithData:
    case (kFetchAdd32 & ~kWithData) + 1:
    case (kFetchAdd32 & ~kWithData) + 2:
      return decode_atomic(raw);
    default:
      return decode_message(raw);
  }
}

}  // namespace cw::pcie
