// SPDX-License-Identifier: Apache-2.0
#include "random/requester_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "cw/cw_regs.h"
#include "pcie/byte_enables.hpp"

namespace cw::random {

using namespace pcie;
using model::DmaError;
using model::ErrorEvent;

namespace {

constexpr uint32_t kRootRcbBytes = 64;
constexpr uint32_t kControl = offsetof(cw_dma_regs_t, CONTROL),
                   kTail = offsetof(cw_dma_regs_t, TAIL);
constexpr const char* kLives[] = {"open", "muted", "late", "banned", "reset"};

}  // namespace

RequesterModel::RequesterModel(const model::HostMemory& memory, CompleterModel& completer,
                               ErrorLedger& ledger, Cover& cover)
    : memory_(memory),
      completer_(completer),
      ledger_(ledger),
      cover_(cover),
      scratch_(completer.card().size()) {
  for (const Channel which : {kToCard, kToHost}) begin_watch(which);
}

void RequesterModel::begin_watch(Channel which) {
  channels_[which].watch = std::make_unique<env::DmaWatch>(
      env::DmaWatch::Surroundings{.name = which == kToCard ? "host-to-card" : "card-to-host",
                                  .kind = env::dma_kind(which),
                                  .byte =
                                      [this](Iova at) {
                                        uint8_t byte;
                                        memory_.read({at.value}, {&byte, 1});
                                        return byte;
                                      },
                                  .card = scratch_,
                                  .compares_data = false});
}

uint32_t RequesterModel::reg(Channel which, size_t offset) const {
  return completer_.registers().dword(env::dma_block(which) + offset);
}

model::DmaConfig RequesterModel::config_of(Channel which) const {
  const auto pair = [&](size_t low) {
    return Iova{uint64_t{reg(which, low + 4)} << 32 | reg(which, low)};
  };
  return {.kind = channels_[which].watch->kind(),
          .ring = pair(offsetof(cw_dma_regs_t, RING_LO)),
          .records = pair(offsetof(cw_dma_regs_t, RECORD_LO)),
          .ring_log2 = reg(which, offsetof(cw_dma_regs_t, SIZE)),
          .card_mem_bytes = scratch_.size(),
          .axi_card = true};
}

// ---- Software

void RequesterModel::config_changed() {
  const model::ConfigSpace& config = ledger_.config();
  msix_.set_function(config.msix_enabled(), config.msix_masked());
  msi_.set_msi(config.msi());
}

void RequesterModel::set_timing(Timing timing) {
  if (timing.timeout == timing_.timeout) return;
  timing_ = timing;
  for (auto& [number, read] : reads_) read.was_short = true;
}

// 6.6.2: what was asked for may still be answered, and is dropped without a word.
void RequesterModel::function_reset(uint64_t asked_at) {
  for (auto& [number, read] : reads_) {
    read.was_free |= !read.seen && may_be_free(asked_at, read);
    read.seen = nullptr;
    read.was_reset = read.was_short = true;
    if (read.life != Life::Banned) read.life = Life::Gone;
    read.touched_at = std::max(read.touched_at, asked_at);
  }
  for (const Channel which : {kToCard, kToHost}) {
    drop_segments(which, /*all=*/true, 0);
    channels_[which] = {};
    begin_watch(which);
  }
  msix_ = msi_ = {};
  cover_.reset.hit(reads_.empty() ? "function-idle" : "function-reads");
}

// A tag in quarantine is used again when it has been quiet for a whole period (R27). After a
// function-level reset that is one of the range after reset.
bool RequesterModel::may_be_free(uint64_t now, const Read& read) const {
  if (read.was_free) return true;
  if (read.was_reset) return now - read.touched_at >= Timing{}.timeout;
  if (read.was_short) {
    return now - read.touched_at >= Timing{}.earliest() &&
           (read.life == Life::Banned || now - read.sent_at >= 2 * Timing{}.earliest());
  }
  const bool timed_out = now - read.sent_at >= timing_.earliest() + timing_.timeout;
  const bool quiet = now - read.touched_at >= timing_.earliest();
  return quiet && (read.life == Life::Banned || timed_out);
}

bool RequesterModel::may_be_overdue(uint64_t now, const Read& read) const {
  return read.seen && read.life == Life::Open && now - read.sent_at >= timing_.earliest();
}

bool RequesterModel::pending(uint64_t now, uint64_t since) const {
  return std::ranges::any_of(reads_, [&](const auto& entry) {
    const Read& read = entry.second;
    return read.seen && read.life == Life::Open && read.sent_at < since &&
           !may_be_overdue(now, read);
  });
}

bool RequesterModel::overdue(uint64_t now) const {
  return std::ranges::any_of(reads_,
                             [&](const auto& entry) { return may_be_overdue(now, entry.second); });
}

// Reads that time out together share it.
bool RequesterModel::announce_timeout(uint64_t now, bool must_be) {
  bool explained = !must_be;
  for (auto& [number, read] : reads_) {
    if (!may_be_overdue(now, read)) continue;
    read.announced = true;
    if (explained || read.told) continue;
    explained = read.told = true;
  }
  return explained;
}

void RequesterModel::time_out(uint64_t now, uint16_t number, Read& read) {
  if (read.announced) {
    ledger_.must_in_silence(ErrorEvent::CompletionTimeout);
  } else {
    ledger_.must(ErrorEvent::CompletionTimeout);
  }
  fail_read(now, number, read, DmaError::Timeout, Life::Late);
}

void RequesterModel::settle(uint64_t now) {
  for (const Channel which : {kToCard, kToHost}) age_reads(now, which, timing_.surely_late());
}

void RequesterModel::register_write(uint64_t now, uint32_t offset, uint32_t value,
                                    uint64_t sequence) {
  if (offset >= env::kMsixTableOffset && offset < env::kMsixTableOffset + env::kMsixVectors * 16) {
    msix_.write_table(offset - env::kMsixTableOffset, value, sequence);
    return;
  }
  for (const Channel which : {kToCard, kToHost}) {
    ChannelState& channel = channels_[which];
    const bool enabled = (reg(which, kControl) & CW_DMA_REGS__CONTROL__ENABLE_bm) != 0;
    if (offset == env::dma_block(which) + kControl) {
      if ((value & CW_DMA_REGS__CONTROL__RESTART_bm) != 0 && !enabled) {
        age_reads(now, which, timing_.earliest());  // read ahead of a halt
        channel.watch->restart();
        channel.tail = 0;
        channel.untold = false;
        channel.claimed = channel.watch->entries();
        drop_segments(which, /*all=*/true, 0);
      }
      if (enabled) channel.watch->start(config_of(which));
      if ((value & CW_DMA_REGS__CONTROL__ABORT_bm) != 0) channel.watch->abort();
      if ((value & CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm) != 0 && channel.untold) {
        channel.untold = false;
        raise(which, /*certain=*/false);
      }
    }
    if (offset != env::dma_block(which) + kTail || channel.watch->halted()) continue;
    const auto tail = static_cast<uint16_t>(value);
    channel.watch->doorbell(tail, enabled);
    if (channel.watch->halted()) {
      ledger_.card_must(CW_REGS__ERRORS__DMA_DOORBELL_bm);
      cover_.doorbell.hit("bad");
    } else {
      claim_entries(which, tail);
    }
  }
}

void RequesterModel::raise(Channel which, bool certain) {
  (ledger_.config().msi().enabled ? msi_ : msix_)
      .event(reg(which, offsetof(cw_dma_regs_t, VECTOR)), certain);
}

// From the doorbell on the card may move what the descriptors say, at any moment.
void RequesterModel::claim_entries(Channel which, uint16_t tail) {
  ChannelState& channel = channels_[which];
  const model::DmaConfig& config = channel.watch->config();
  const auto fresh = static_cast<uint16_t>(tail - channel.tail);
  cover_.doorbell_of(fresh, static_cast<uint16_t>(tail - channel.watch->head()), config.ring_log2);
  const uint64_t mask = (uint64_t{1} << config.ring_log2) - 1;
  if ((channel.tail & mask) + fresh > mask + 1) cover_.doorbell.hit("wrap");
  channel.tail = tail;
  const auto& upcoming = channel.watch->upcoming();
  const uint64_t first = channel.watch->entries();
  for (; channel.claimed < first + upcoming.size(); ++channel.claimed) {
    for (const model::DmaMove& move : upcoming[channel.claimed - first].moves) {
      Segment segment{.entry = channel.claimed,
                      .iova = which == kToCard ? move.src : move.dst,
                      .bytes = move.bytes,
                      .card = which == kToCard ? move.dst : move.src};
      if (which == kToHost) segment.view = completer_.card().open(segment.card, segment.bytes);
      channel.segments.push_back(std::move(segment));
    }
  }
}

void RequesterModel::drop_segments(Channel which, bool all, uint64_t entry) {
  RacyMemory& card = completer_.card();
  auto& segments = channels_[which].segments;
  for (auto segment = segments.begin(); segment != segments.end();) {
    if (!all && segment->entry != entry) {
      ++segment;
      continue;
    }
    for (const auto flight : segment->flights) card.land(flight);
    if (which == kToHost) card.close(segment->view);
    if (all && which == kToCard) card.forget(segment->card, segment->bytes);
    segment = segments.erase(segment);
  }
}

RequesterModel::Segment* RequesterModel::segment_of(Channel which, uint64_t iova, uint64_t bytes) {
  for (Segment& segment : channels_[which].segments) {
    if (iova >= segment.iova && iova + bytes <= segment.iova + segment.bytes) return &segment;
  }
  return nullptr;
}

// ---- Requests of the endpoint

void RequesterModel::read(uint64_t now, const RawTlp& raw, const MemRead& read) {
  ++requests_;
  const uint32_t asked = length_dw(raw) * kDwordBytes;
  if (asked > ledger_.config().max_read_request_bytes()) {
    throw Fault(to_text(raw) + ": asks for more than Max_Read_Request_Size [R02]",
                {{"bytes", fmt::format("<= {}", ledger_.config().max_read_request_bytes()),
                  std::to_string(asked)}});
  }
  const uint16_t number = tag(raw).value;
  tags_seen_.at(number) = true;
  auto found = reads_.find(number);
  if (found != reads_.end()) {
    Read& before = found->second;
    if (before.seen) age_reads(now, before.channel, timing_.earliest());
    if (before.life == Life::Open && now - before.sent_at < timing_.earliest()) {
      throw Fault(to_text(raw) + ": its tag is still in use by " + before.name + " [R12]");
    }
    if (!may_be_free(now, before)) {
      throw Fault(to_text(raw) + ": its tag is in quarantine after " + before.name + " [R27]",
                  ages(now));
    }
    if (before.seen)
      throw Fault(before.name + ": was never answered, and its entry not ended [R27]");
    reads_.erase(found);
  }
  Channel which = kToCard;
  bool descriptor = false;
  for (const Channel candidate : {kToCard, kToHost}) {
    if (descriptor) break;
    if (!channels_[candidate].watch->reads_descriptor(read.address, read.length_bytes)) continue;
    which = candidate;
    descriptor = true;
  }
  env::DmaWatch& watch = *channels_[which].watch;
  if (!watch.started()) throw Fault(to_text(raw) + ": no channel runs [R44]");
  if (!descriptor && !segment_of(kToCard, read.address.value, read.length_bytes)) {
    throw Fault(to_text(raw) + ": no descriptor asks for these bytes [R53]");
  }
  cover_.request(read, length_dw(raw), descriptor);
  reads_[number] = {.seen = descriptor ? &watch.descriptor_read(read.address, read.length_bytes)
                                       : &watch.data_read(read.address, read.length_bytes),
                    .channel = which,
                    .descriptor = descriptor,
                    .requester = read.requester,
                    .next = read.address.value,
                    .left = read.length_bytes,
                    .sent_at = now,
                    .touched_at = now,
                    .name = to_text(raw)};
}

void RequesterModel::write(uint64_t now, const RawTlp& raw, const MemWrite& write) {
  ++requests_;
  const bool by_msi = ledger_.config().msi().enabled;
  if ((by_msi ? msi_ : msix_).message(write)) {
    ++interrupts_;
    if (written_) written_(write.address, write.data);
    cover_.interrupt.hit(by_msi ? "msi" : "message");
    return;
  }
  if (written_) written_(write.address, write.data);
  for (const Channel which : {kToCard, kToHost}) {
    if (channels_[which].watch->writes_record(write.address)) {
      end_entry(now, which, write);
      return;
    }
  }
  const Segment* segment = segment_of(kToHost, write.address.value, write.data.size());
  if (!segment) throw Fault(to_text(raw) + ": no descriptor asks for this write [R55]");
  cover_.data_write(write, length_dw(raw));
  const uint64_t from = write.address.value - segment->iova;
  for (size_t n = 0; n < write.data.size(); ++n) {
    if (segment->view->allows(from + n, write.data[n])) continue;
    throw Fault(to_text(raw) + ": other bytes than card memory held [R55]",
                {{fmt::format("byte at {:#x} (card {:#x})", write.address.value + n,
                              segment->card + from + n),
                  fmt::format("{:#04x}", segment->view->value[from + n]),
                  fmt::format("{:#04x}", write.data[n])}});
  }
  channels_[kToHost].watch->data_write(write);
}

// A record may tell of a timeout only when the time is over.
void RequesterModel::age_reads(uint64_t now, Channel which, uint64_t least) {
  for (auto& [number, read] : reads_) {
    if (!read.seen || read.channel != which || read.life != Life::Open) continue;
    if (now - read.sent_at < least) continue;
    time_out(now, number, read);
  }
}

void RequesterModel::end_entry(uint64_t now, Channel which, const MemWrite& write) {
  age_reads(now, which, timing_.earliest());
  ChannelState& channel = channels_[which];
  const auto& ended = channel.watch->record(write);
  uint64_t number = channel.watch->entries() - ended.size();
  for (const env::DmaWatch::Ended& entry : ended) {
    drop_segments(which, /*all=*/false, number++);
    cover_.entry(which == kToCard, entry);
    const bool failed = entry.record && entry.record->error != DmaError::Ok;
    if (failed) ledger_.card_must(CW_REGS__ERRORS__DMA_ENTRY_bm);
    if (!entry.event) continue;
    const bool raises = (reg(which, kControl) & CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm) != 0;
    channel.untold |= !raises;  // told at once if it was before the write that clears the bit
    raise(which, /*certain=*/raises);
  }
}

// ---- Completions of the host

// What a completion is to the request whose tag it carries (2.2.9, 2.3.2).
RequesterModel::Fit RequesterModel::fit(const Read& read, const RawTlp& raw, uint32_t& bytes,
                                        bool& ends) const {
  const uint32_t status = raw.hdr[1] >> 13 & 7;
  const bool with_data = has_payload(raw);
  const bool locked = (kind(raw) & 1) != 0;
  const bool foreign = (raw.hdr[0] >> 20 & 7) != 0 || (raw.hdr[0] & 0x3000) != 0;
  if (locked || foreign) return Fit::Lie;
  if (status == 4) return with_data ? Fit::Lie : Fit::Aborted;
  if (status == 2) return Fit::Lie;  // a memory read is never asked to retry
  if (status != 0) return with_data ? Fit::Lie : Fit::Refused;
  if (!with_data) return Fit::Lie;
  const uint32_t count = raw.hdr[1] & 0xfff ? raw.hdr[1] & 0xfff : kPageBytes;
  const bool modified = (raw.hdr[1] >> 12 & 1) != 0;  // Byte Count is this completion's
  const auto offset = static_cast<uint32_t>(read.next % 4);
  const uint32_t dw = length_dw(raw);
  if ((raw.hdr[2] & 0x7f) != (read.next & 0x7f)) return Fit::Lie;
  if (modified) {
    if (count > read.left || span_dw(offset, count) != dw) return Fit::Lie;
    bytes = count;
  } else {
    if (count != read.left || dw > span_dw(offset, read.left)) return Fit::Lie;
    bytes = dw == span_dw(offset, read.left) ? read.left : dw * kDwordBytes - offset;
  }
  ends = bytes == read.left;
  if (!ends && (read.next + bytes) % kRootRcbBytes != 0) return Fit::Lie;
  return Fit::Data;
}

void RequesterModel::data(Read& read, const RawTlp& raw, uint32_t bytes) {
  const auto* from =
      reinterpret_cast<const uint8_t*>(raw.payload.data()) + static_cast<size_t>(read.next % 4);
  read.seen->data.insert(read.seen->data.end(), from, from + bytes);
  if (read.descriptor) {  // what it leads to may be read from now on
    channels_[read.channel].watch->arrived(*read.seen);
    return;
  }
  Segment* segment = segment_of(kToCard, read.next, bytes);
  if (!segment) return;
  segment->flights.push_back(
      completer_.card().take_off(segment->card + (read.next - segment->iova), {from, bytes}));
}

void RequesterModel::finish(uint64_t, uint16_t tag, Read& read) {
  read.seen->ended = true;
  channels_[read.channel].watch->arrived(*read.seen);
  reads_.erase(tag);
}

void RequesterModel::fail_read(uint64_t now, uint16_t tag, Read& read, DmaError error, Life next) {
  if (error == DmaError::ReadCa) read.seen->status = CplStatus::Ca;
  if (error == DmaError::ReadUr) read.seen->status = CplStatus::Ur;
  read.seen->error = error;
  read.seen->ended = true;
  channels_[read.channel].watch->arrived(*read.seen);
  cover_.read_failed(error);
  read.seen = nullptr;
  read.life = next;
  // What is seen of a timeout comes after it.
  read.touched_at =
      error == DmaError::Timeout ? std::min(now, read.sent_at + timing_.earliest()) : now;
  if (next == Life::Open) reads_.erase(tag);
}

void RequesterModel::completion(uint64_t now, const RawTlp& raw) {
  const uint16_t number = tag(raw).value;
  const auto found = reads_.find(number);
  if (found == reads_.end() || requester(raw) != found->second.requester) {
    ledger_.must(ErrorEvent::UnexpectedCompletion);
    cover_.stray.hit(found == reads_.end() ? "idle-tag" : "foreign-id");
    return;
  }
  Read& read = found->second;
  const bool poisoned = (raw.hdr[0] >> 14 & 1) != 0;
  uint32_t bytes = 0;
  bool ends = false;
  const Fit what = fit(read, raw, bytes, ends);
  if (read.life == Life::Open && now - read.sent_at > timing_.surely_late()) {
    time_out(now, number, read);
  }
  if (read.life != Life::Gone) read.touched_at = now;
  if (read.life != Life::Open) {  // what comes after the end can only be dropped
    cover_.stray.hit(read.life == Life::Late     ? "late"
                     : read.life == Life::Banned ? "after-lie"
                     : read.life == Life::Gone   ? "after-reset"
                                                 : "after-poison");
    if (read.life == Life::Muted || (read.was_reset && read.life == Life::Banned)) {
      ledger_.may(ErrorEvent::UnexpectedCompletion);
    } else if (read.was_free || (read.life == Life::Gone && may_be_free(now, read))) {
      ledger_.may(ErrorEvent::UnexpectedCompletion);
    } else if (read.life != Life::Gone) {
      ledger_.must(ErrorEvent::UnexpectedCompletion);
    }
    for (const ErrorEvent event : {ErrorEvent::Malformed, ErrorEvent::PoisonedCompletion,
                                   ErrorEvent::ReceivedUr, ErrorEvent::ReceivedCa}) {
      if (read.life == Life::Gone) continue;  // 6.6.2: silently
      if (what != Fit::Data || poisoned) ledger_.may(event);
    }
    if (what == Fit::Data && read.life != Life::Banned) {
      read.next += bytes;
      read.left -= bytes;
      if (ends) reads_.erase(found);
    } else if (read.life != Life::Banned) {
      if (what == Fit::Lie) {
        read.life = Life::Banned;
      } else {
        reads_.erase(found);
      }
    }
    return;
  }
  switch (what) {
    case Fit::Refused:
      ledger_.must(ErrorEvent::ReceivedUr);
      fail_read(now, number, read, DmaError::ReadUr, Life::Open);
      return;
    case Fit::Aborted:
      ledger_.must(ErrorEvent::ReceivedCa);
      fail_read(now, number, read, DmaError::ReadCa, Life::Open);
      return;
    case Fit::Lie:
      ledger_.must(ErrorEvent::Malformed);
      fail_read(now, number, read, DmaError::ReadLied, Life::Banned);
      return;
    case Fit::Data:
      break;
  }
  if (poisoned) {
    ledger_.must(ErrorEvent::PoisonedCompletion);
    read.next += bytes;
    read.left -= bytes;
    fail_read(now, number, read, DmaError::Poisoned, ends ? Life::Open : Life::Muted);
    return;
  }
  cover_.answered(ends && read.seen->data.empty());
  data(read, raw, bytes);
  read.next += bytes;
  read.left -= bytes;
  if (ends) finish(now, number, read);
}

// ---- What is left

size_t RequesterModel::reads_open() const {
  return static_cast<size_t>(
      std::ranges::count_if(reads_, [](const auto& read) { return read.second.seen != nullptr; }));
}

size_t RequesterModel::outstanding() const {
  return reads_open() + channels_[kToCard].watch->outstanding() +
         channels_[kToHost].watch->outstanding() + msix_.outstanding() + msi_.outstanding();
}

std::string RequesterModel::oldest() const {
  for (const auto& [number, read] : reads_) {
    if (read.seen) return read.name;
  }
  return channels_[kToCard].watch->outstanding()    ? "an entry of host-to-card"
         : channels_[kToHost].watch->outstanding()  ? "an entry of card-to-host"
         : msix_.outstanding() + msi_.outstanding() ? "an interrupt"
                                                    : "";
}

std::vector<FieldDifference> RequesterModel::ages(uint64_t now) const {
  std::vector<FieldDifference> rows;
  for (const auto& [number, read] : reads_) {
    rows.push_back({read.name, kLives[static_cast<size_t>(read.life)],
                    fmt::format("sent {}, touched {} ago{}", now - read.sent_at,
                                now - read.touched_at, read.seen ? "" : ", ended")});
  }
  return rows;
}

size_t RequesterModel::tags_kept(uint64_t now) const {
  return static_cast<size_t>(std::ranges::count_if(reads_, [now, this](const auto& entry) {
    return now - entry.second.touched_at < 3 * timing_.timeout;
  }));
}

size_t RequesterModel::take_distinct_tags() {
  const auto seen = static_cast<size_t>(std::ranges::count(tags_seen_, true));
  tags_seen_.fill(false);
  return seen;
}

}  // namespace cw::random
