// SPDX-License-Identifier: Apache-2.0
//
// The model of one DMA channel: formats, cutting, the walk through an entry, and its end.
#include "model/dma.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cw::model {

using pcie::Iova;

namespace {

uint64_t get_le(std::span<const uint8_t> bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t n = count; n-- > 0;) value = value << 8 | bytes[at + n];
  return value;
}

void put_le(std::span<uint8_t> bytes, size_t at, size_t count, uint64_t value) {
  for (size_t n = 0; n < count; n++) bytes[at + n] = static_cast<uint8_t>(value >> (8 * n));
}

constexpr uint64_t kPitchMask = 0xff'ffff;

// "A range that ends with the last byte of the address space is good."
bool wraps(uint64_t at, uint32_t bytes) { return at + (bytes - 1) < at; }

}  // namespace

// ---- Formats

std::array<uint8_t, kDescriptorBytes> encode(const DmaDescriptor& d) {
  std::array<uint8_t, kDescriptorBytes> bytes{};
  const unsigned flags = static_cast<unsigned>(d.kind) | unsigned{d.last} << 2 |
                         unsigned{d.chain} << 3 | unsigned{d.irq} << 4 | unsigned{d.fence} << 5 |
                         unsigned{d.quiet} << 6 | unsigned{d.attributes.no_snoop} << 7 |
                         unsigned{d.attributes.relaxed} << 8 | unsigned{d.attributes.ido} << 9 |
                         unsigned{d.reserved} << 10 | unsigned{d.phase} << 15;
  put_le(bytes, 0, 8, d.src);
  put_le(bytes, 8, 8, d.dst);
  put_le(bytes, 16, 8, d.arg);
  put_le(bytes, 24, 4, d.bytes);
  put_le(bytes, 28, 2, d.tag);
  put_le(bytes, 30, 2, flags);
  return bytes;
}

DmaDescriptor decode_descriptor(std::span<const uint8_t, kDescriptorBytes> bytes) {
  const uint64_t flags = get_le(bytes, 30, 2);
  const auto bit = [&](unsigned n) { return (flags >> n & 1) != 0; };
  return {.kind = static_cast<DmaDescKind>(flags & 3),
          .last = bit(2),
          .chain = bit(3),
          .irq = bit(4),
          .fence = bit(5),
          .quiet = bit(6),
          .attributes = {.no_snoop = bit(7), .relaxed = bit(8), .ido = bit(9)},
          .reserved = static_cast<uint8_t>(flags >> 10 & 31),
          .phase = bit(15),
          .tag = static_cast<uint16_t>(get_le(bytes, 28, 2)),
          .bytes = static_cast<uint32_t>(get_le(bytes, 24, 4)),
          .src = get_le(bytes, 0, 8),
          .dst = get_le(bytes, 8, 8),
          .arg = get_le(bytes, 16, 8)};
}

uint64_t encode(const DmaRows& rows) {
  return uint64_t{rows.rows} << 48 | (rows.dst_pitch & kPitchMask) << 24 |
         (rows.src_pitch & kPitchMask);
}

DmaRows decode_rows(uint64_t arg) {
  return {.rows = static_cast<uint16_t>(arg >> 48),
          .dst_pitch = static_cast<uint32_t>(arg >> 24 & kPitchMask),
          .src_pitch = static_cast<uint32_t>(arg & kPitchMask)};
}

std::array<uint8_t, kRecordBytes> encode(const DmaRecord& r) {
  std::array<uint8_t, kRecordBytes> bytes{};
  put_le(bytes, 0, 8, r.bytes_done);
  put_le(bytes, 8, 2, r.packet_info);
  put_le(bytes, 10, 2, r.tag);
  put_le(bytes, 12, 2, r.head);
  bytes[14] = static_cast<uint8_t>(r.error);
  bytes[15] = static_cast<uint8_t>(unsigned{r.packet_end} | unsigned{r.phase} << 7);
  return bytes;
}

DmaRecord decode_record(std::span<const uint8_t, kRecordBytes> bytes) {
  return {.phase = (bytes[15] & 0x80) != 0,
          .packet_end = (bytes[15] & 1) != 0,
          .error = static_cast<DmaError>(bytes[14]),
          .head = static_cast<uint16_t>(get_le(bytes, 12, 2)),
          .tag = static_cast<uint16_t>(get_le(bytes, 10, 2)),
          .packet_info = static_cast<uint16_t>(get_le(bytes, 8, 2)),
          .bytes_done = get_le(bytes, 0, 8)};
}

std::string to_text(const DmaRecord& r) {
  return fmt::format("phase {} error {} head {} tag {:#x} bytes {}{}", r.phase ? 1 : 0,
                     static_cast<unsigned>(r.error), r.head, r.tag, r.bytes_done,
                     r.packet_end ? fmt::format(" packet end {:#06x}", r.packet_info) : "");
}

std::string to_text(const DmaDescriptor& d) {
  constexpr const char* kKinds[] = {"copy", "rows", "immediate", "reserved kind"};
  std::string flags;
  for (const auto& [flag, name] : {std::pair{d.last, " last"},
                                   {d.chain, " chain"},
                                   {d.irq, " irq"},
                                   {d.fence, " fence"},
                                   {d.quiet, " quiet"},
                                   {d.phase, " phase"},
                                   {d.reserved != 0, " reserved"}}) {
    if (flag) flags += name;
  }
  return fmt::format("{} {} bytes, src {:#x}, dst {:#x}, arg {:#x}, tag {:#x},{}",
                     kKinds[static_cast<size_t>(d.kind)], d.bytes, d.src, d.dst, d.arg, d.tag,
                     flags);
}

// ---- Cutting

namespace {

// Bytes of the next request at a host address.
uint64_t request_bytes(uint64_t iova, uint64_t left, uint32_t limit) {
  const uint64_t to_page_end = pcie::kPageBytes - iova % pcie::kPageBytes;
  const bool fits = left + iova % pcie::kDwordBytes <= limit && left <= to_page_end;
  return fits ? left : std::min<uint64_t>(left, limit - iova % limit);
}

}  // namespace

std::vector<DmaChunk> split(DmaKind kind, const DmaMove& move, const DmaLimits& limits) {
  if (move.immediate && !to_host(kind)) return {{move.src, move.dst, move.bytes}};
  const uint32_t both = std::min(limits.read_bytes, limits.payload_bytes);
  const uint32_t limit = kind == DmaKind::H2h && !move.immediate ? both
                         : to_host(kind)                         ? limits.payload_bytes
                                                                 : limits.read_bytes;
  std::vector<DmaChunk> chunks;
  for (uint64_t done = 0; done < move.bytes;) {
    const uint64_t left = move.bytes - done;
    uint64_t bytes = left;
    if (from_host(kind) && !move.immediate) {
      bytes = std::min(bytes, request_bytes(move.src + done, left, limit));
    }
    if (to_host(kind)) bytes = std::min(bytes, request_bytes(move.dst + done, left, limit));
    chunks.push_back({.src = move.immediate ? move.src >> 8 * done : move.src + done,
                      .dst = move.dst + done,
                      .bytes = static_cast<uint32_t>(bytes)});
    done += bytes;
  }
  return chunks;
}

// ---- Rings

bool DmaChannelModel::doorbell(uint16_t tail, bool enabled) {
  if (halted()) return true;  // ignored
  const auto claimed = static_cast<uint16_t>(tail - head_);
  const auto before = static_cast<uint16_t>(tail_ - head_);
  const bool misplaced = wraps(config_.ring.value, kDescriptorBytes << config_.ring_log2) ||
                         wraps(config_.records.value, kRecordBytes << config_.ring_log2);
  if (!enabled || claimed > (1u << config_.ring_log2) || claimed < before || misplaced) {
    aborting_ = true;
    return false;
  }
  tail_ = tail;
  return true;
}

void DmaChannelModel::restart() {
  head_ = tail_ = 0;
  records_ = 0;
  failed_ = aborting_ = false;
}

// ---- What an entry comes to

uint64_t DmaPlan::bytes() const {
  uint64_t sum = 0;
  for (const DmaMove& move : moves) sum += move.bytes;
  return sum;
}

// "DmaBadDesc": but for addresses.
DmaError DmaChannelModel::check(const DmaDescriptor& d) const {
  const bool bad =
      d.reserved != 0 || d.kind == DmaDescKind::Reserved || d.bytes == 0 ||
      (d.kind == DmaDescKind::Immediate && (d.bytes > 8 || config_.kind == DmaKind::S2h)) ||
      (d.kind == DmaDescKind::Rows && decode_rows(d.arg).rows == 0) ||
      (d.chain && (d.last || d.kind != DmaDescKind::Copy || d.arg % kDescriptorBytes != 0));
  return bad ? DmaError::BadDesc : DmaError::Ok;
}

// "a side in the host that goes beyond 2^64", "not card memory from the first byte to the last"
DmaError DmaChannelModel::check_row(const DmaMove& m) const {
  const auto in_card = [&](uint64_t at) {
    const uint64_t bit = uint64_t{1} << kDmaCardAxiBit;
    if (at >> kDmaCardAxiBit == 1) return config_.axi_card && m.bytes <= 2 * bit - at;
    return at <= config_.card_mem_bytes && m.bytes <= config_.card_mem_bytes - at;
  };
  const DmaKind kind = config_.kind;
  if (from_host(kind) && !m.immediate && wraps(m.src, m.bytes)) return DmaError::BadDesc;
  if (to_host(kind) && wraps(m.dst, m.bytes)) return DmaError::BadDesc;
  if (from_card(kind) && !m.immediate && !in_card(m.src)) return DmaError::BadCard;
  if (to_card(kind) && !in_card(m.dst)) return DmaError::BadCard;
  return DmaError::Ok;
}

DmaError DmaChannelModel::add_moves(DmaPlan& plan, const DmaDescriptor& d) const {
  DmaMove move{.src = d.src, .dst = d.dst, .bytes = d.bytes, .attributes = d.attributes};
  if (d.kind == DmaDescKind::Immediate) {
    move.immediate = true;
    move.src = d.arg;
  }
  if (d.kind != DmaDescKind::Rows) {
    const DmaError error = check_row(move);
    if (error == DmaError::Ok) plan.moves.push_back(move);
    return error;
  }
  const DmaRows rows = decode_rows(d.arg);
  for (unsigned n = 0; n < rows.rows; n++) {
    if (const DmaError error = check_row(move); error != DmaError::Ok) return error;
    plan.moves.push_back(move);
    const DmaMove before = move;
    move.src += rows.src_pitch;
    move.dst += rows.dst_pitch;
    const bool beyond = (from_host(config_.kind) && move.src < before.src) ||
                        (to_host(config_.kind) && move.dst < before.dst);
    if (beyond && n + 1u < rows.rows) return DmaError::BadDesc;
  }
  return DmaError::Ok;
}

std::optional<DmaPlan> DmaChannelModel::plan_at(uint16_t first, const DmaFetch& fetch) const {
  if (first == tail_) return std::nullopt;
  const auto mask = static_cast<uint16_t>((1u << config_.ring_log2) - 1);
  DmaPlan plan{.head = first};
  std::optional<Iova> linked;
  bool past = false;  // the linked one would lie beyond 2^64
  for (uint32_t place = 0;; place++) {
    if (!linked && plan.head == tail_) {
      plan.given = false;
      return plan;
    }
    const bool odd_round = (plan.head >> config_.ring_log2 & 1) != 0;
    const Iova at = linked.value_or(config_.ring + uint64_t{kDescriptorBytes} * (plan.head & mask));
    if (!linked) plan.head++;
    const auto with = [&](DmaError error) {
      plan.error = error;
      return plan;
    };
    if (place == kMaxSegments) return with(DmaError::ChainLong);
    if (past) return with(DmaError::DescFetch);
    plan.descriptors.push_back(at);
    const auto fetched = fetch(at);
    if (!fetched) return with(DmaError::DescFetch);
    const DmaDescriptor& d = *fetched;
    if (!linked && d.phase == odd_round) return with(DmaError::Stale);
    if (place == 0) {
      plan.tag = d.tag;
      plan.irq = d.irq;
      plan.quiet = d.quiet;
      plan.fence = d.fence;
      plan.packet_info = static_cast<uint16_t>(d.dst);
    }
    if (const DmaError error = check(d); error != DmaError::Ok) return with(error);
    if (const DmaError error = add_moves(plan, d); error != DmaError::Ok) return with(error);
    if (d.last) return plan;
    if (d.chain) {
      linked = Iova{d.arg};
    } else if (linked) {
      past = wraps(at.value, 2 * kDescriptorBytes);
      linked = at + uint64_t{kDescriptorBytes};
    }
  }
}

std::vector<DmaPlan> DmaChannelModel::plans(const DmaFetch& fetch) const {
  std::vector<DmaPlan> plans;
  uint16_t at = head_;
  while (auto plan = plan_at(at, fetch)) {
    at = plan->head;
    plans.push_back(std::move(*plan));
    if (!plans.back().given || plans.back().error != DmaError::Ok) break;
  }
  return plans;
}

// ---- How it may end

bool DmaChannelModel::may_end_with(DmaError error, const DmaPlan& plan, const DmaSeen& seen) const {
  const bool whole = seen.faults.empty() && seen.landed == seen.wanted;
  switch (error) {
    case DmaError::Ok:
      return !failed_ && whole && plan.given && plan.error == DmaError::Ok;
    case DmaError::Aborted:  // "by software, a bad doorbell, or an error of an entry before"
      return halted();
    default:
      if (error == plan.error) return plan.given && (whole || !seen.faults.empty() || halted());
      return std::ranges::find(seen.faults, error) != seen.faults.end();
  }
}

std::string DmaChannelModel::check_record(const DmaRecord& r, const DmaPlan& plan,
                                          const DmaSeen& seen) const {
  if (!may_end_with(r.error, plan, seen)) {
    return fmt::format(
        "error {}: {} bytes of {} landed, its descriptors have error {}, its reads {}{}",
        static_cast<unsigned>(r.error), seen.landed, seen.wanted, static_cast<unsigned>(plan.error),
        seen.faults.size(), halted() ? ", the channel was halted before" : "");
  }
  DmaRecord expected{.phase = (records_ >> config_.ring_log2 & 1) == 0,
                     .packet_end = seen.packet_end,
                     .error = r.error,
                     .head = plan.head,
                     .tag = plan.tag,
                     .packet_info = seen.packet_info,
                     .bytes_done = seen.landed};
  // Cut short, the entry may not have come to its last descriptor.
  if (r.error != DmaError::Ok) {
    const auto used = static_cast<uint16_t>(r.head - head_);
    if (used >= 1 && used <= static_cast<uint16_t>(plan.head - head_)) expected.head = r.head;
  }
  if (r == expected) return "";
  return "recorded " + to_text(r) + ", and should " + to_text(expected);
}

DmaEnd DmaChannelModel::end(const DmaPlan& plan, const DmaSeen& seen) {
  const auto mask = (uint32_t{1} << config_.ring_log2) - 1;
  DmaEnd end{.record_iova = config_.records + uint64_t{kRecordBytes} * (records_ & mask),
             .event = plan.irq};
  if (!seen.record) {
    if (!plan.quiet) end.violation = "it ended without a record";
    if (!may_end_with(DmaError::Ok, plan, seen)) {
      end.violation = fmt::format("it ended without a record, and {} bytes of {} have landed",
                                  seen.landed, seen.wanted);
    }
    head_ = plan.head;
    return end;
  }
  end.violation = check_record(*seen.record, plan, seen);
  if (seen.record->error == DmaError::Ok && plan.quiet) end.violation = "a record of a quiet entry";
  if (seen.record->error != DmaError::Ok) failed_ = end.event = true;
  head_ = seen.record->head;
  records_++;
  return end;
}

}  // namespace cw::model
