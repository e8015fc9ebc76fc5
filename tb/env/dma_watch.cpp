// SPDX-License-Identifier: Apache-2.0
#include "env/dma_watch.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "env/scoreboard_fault.hpp"

namespace cw::env {

using model::DmaError;
using model::DmaKind;
using model::DmaMove;
using model::kDescriptorBytes;
using pcie::Iova;

std::optional<DmaError> SeenRead::failure() const {
  if (error) return error;
  if (status == pcie::CplStatus::Sc) return std::nullopt;
  return status == pcie::CplStatus::Ca ? DmaError::ReadCa : DmaError::ReadUr;
}

namespace {

template <class Condition>
bool all_of(size_t count, Condition condition) {
  for (size_t n = 0; n < count; ++n) {
    if (!condition(n)) return false;
  }
  return true;
}

}  // namespace

void DmaWatch::fail(const std::string& sentence) const {
  throw ScoreboardFault(around_.name + ": " + sentence);
}

// ---- Software

void DmaWatch::start(const model::DmaConfig& config) {
  if (model_) return;  // goes on where it was stopped
  config_ = config;
  model_.emplace(config_);
}

void DmaWatch::restart() {
  model_.reset();
  upcoming_.clear();
  descriptors_.clear();
  linked_.clear();
  reads_.clear();
  writes_.clear();
}

void DmaWatch::abort() {
  if (model_) model_->abort();
}

// What a move brings if nothing fails; of a stream see pass_stream().
std::vector<uint8_t> DmaWatch::source_of(const DmaMove& move) const {
  std::vector<uint8_t> bytes(move.bytes);
  for (uint32_t n = 0; n < move.bytes; ++n) {
    if (move.immediate) {
      bytes[n] = static_cast<uint8_t>(move.src >> 8 * n);
    } else if (from_host(around_.kind)) {
      bytes[n] = around_.byte({move.src + n});
    } else if (from_card(around_.kind)) {
      bytes[n] = *card_byte(move.src + n);
    }
  }
  return bytes;
}

// Entry by entry, as far as packets go: the rest of an entry whose packet ends gets nothing.
void DmaWatch::pass_stream(std::vector<std::vector<uint8_t>>& sources) const {
  size_t packet = 0, at = stream_at_;
  auto source = sources.begin();
  for (const model::DmaPlan& plan : upcoming_) {
    bool ended = false;
    for (size_t n = 0; n < plan.moves.size(); ++n, ++source) {
      if (ended || packet == stream_in.size()) {
        source->clear();
        continue;
      }
      const std::vector<uint8_t>& data = stream_in[packet].data;
      source->resize(std::min(source->size(), data.size() - at));
      std::copy_n(data.begin() + static_cast<ptrdiff_t>(at), source->size(), source->begin());
      at += source->size();
      ended = at == data.size();
      if (ended) at = 0;
      packet += ended;
    }
  }
}

void DmaWatch::compare_unfinished() const {
  if (!around_.compares_data || !to_host(around_.kind) || writes_.empty()) return;
  std::vector<std::vector<uint8_t>> sources;
  for (const model::DmaPlan& plan : upcoming_) {
    for (const DmaMove& move : plan.moves) sources.push_back(source_of(move));
  }
  if (around_.kind == DmaKind::S2h) pass_stream(sources);
  for (const pcie::MemWrite& write : writes_) {
    bool right = false;
    auto source = sources.begin();
    for (const model::DmaPlan& plan : upcoming_) {
      for (const DmaMove& move : plan.moves) {
        const std::vector<uint8_t>& bytes = *source++;
        const uint64_t at = write.address.value - move.dst;
        right |= at < bytes.size() && write.data.size() <= bytes.size() - at &&
                 std::equal(write.data.begin(), write.data.end(),
                            bytes.begin() + static_cast<ptrdiff_t>(at));
      }
    }
    if (!right) {
      fail(fmt::format("up to a reset it wrote {} bytes at {:#x} that no open entry brings",
                       write.data.size(), write.address.value));
    }
  }
}

DmaWatch::Unfinished DmaWatch::reset() {
  compare_unfinished();
  Unfinished unfinished;
  for (const model::DmaPlan& plan : upcoming_) {
    unfinished.bytes += plan.bytes();
    StreamPacket packet{.info = plan.packet_info, .cut = !plan.given || plan.error != DmaError::Ok};
    for (const DmaMove& move : plan.moves) {
      if (to_host(around_.kind)) continue;
      const std::vector<uint8_t> bytes = source_of(move);
      packet.data.insert(packet.data.end(), bytes.begin(), bytes.end());
      if (!to_card(around_.kind)) continue;
      for (size_t n = 0; n < bytes.size(); ++n) {
        unfinished.card.emplace_back(move.dst + n, bytes[n]);
      }
    }
    if (around_.kind == DmaKind::H2s) unfinished.packets.push_back(std::move(packet));
  }
  restart();
  stream_at_ = 0;
  return unfinished;
}

void DmaWatch::doorbell(uint16_t tail, bool enabled) {
  if (!model_ || model_->halted() || !model_->doorbell(tail, enabled)) return;
  const auto plans = model_->plans([this](Iova at) { return in_memory(at); });
  upcoming_.assign(plans.begin(), plans.end());
}

std::optional<model::DmaDescriptor> DmaWatch::in_memory(Iova iova) const {
  std::array<uint8_t, kDescriptorBytes> bytes{};
  for (size_t n = 0; n < bytes.size(); ++n) bytes[n] = around_.byte(iova + n);
  return model::decode_descriptor(bytes);
}

// ---- What is seen

// Descriptors of the ring only as far as the doorbell went; others where one leads to them.
bool DmaWatch::reads_descriptor(Iova iova, uint32_t bytes) const {
  if (!model_) return false;
  const uint64_t offset = iova - config_.ring;
  if (offset >= ring_bytes()) return linked_.contains(iova.value);
  const uint64_t mask = (uint64_t{1} << config_.ring_log2) - 1;
  for (uint64_t at = offset / kDescriptorBytes; at < (offset + bytes) / kDescriptorBytes; ++at) {
    const uint64_t ahead = (at - model_->head()) & mask;
    if (ahead >= static_cast<uint16_t>(model_->tail() - model_->head())) {
      fail(fmt::format("reads descriptor {} of the ring, which is not the card's", at));
    }
  }
  return true;
}

bool DmaWatch::reads_data(Iova iova, uint64_t bytes) const {
  if (!from_host(around_.kind)) return false;
  return std::ranges::any_of(upcoming_, [&](const model::DmaPlan& plan) {
    return std::ranges::any_of(plan.moves, [&](const DmaMove& move) {
      const uint64_t at = iova.value - move.src;
      return !move.immediate && at < move.bytes && bytes <= move.bytes - at;
    });
  });
}

bool DmaWatch::writes_data(Iova iova, uint64_t bytes) const {
  if (!to_host(around_.kind)) return false;
  return std::ranges::any_of(upcoming_, [&](const model::DmaPlan& plan) {
    return std::ranges::any_of(plan.moves, [&](const DmaMove& move) {
      const uint64_t at = iova.value - move.dst;
      return at < move.bytes && bytes <= move.bytes - at;
    });
  });
}

bool DmaWatch::writes_record(Iova iova) const {
  return model_ && iova - config_.records < uint64_t{model::kRecordBytes} << config_.ring_log2;
}

SeenRead& DmaWatch::descriptor_read(Iova iova, uint32_t bytes) {
  if (const auto place = linked_.find(iova.value); place != linked_.end()) linked_.erase(place);
  descriptors_.push_back({.read = {.iova = iova, .bytes = bytes}});
  return descriptors_.back().read;
}

SeenRead& DmaWatch::data_read(Iova iova, uint32_t bytes) {
  return reads_.emplace_back(SeenRead{.iova = iova, .bytes = bytes});
}

void DmaWatch::arrived(const SeenRead& read) {
  const auto found = std::ranges::find_if(
      descriptors_, [&](const Descriptors& candidate) { return &candidate.read == &read; });
  if (found == descriptors_.end()) return;
  const bool in_ring = read.iova - config_.ring < ring_bytes();
  const std::span<const uint8_t> data(read.data);
  for (; found->looked_at + kDescriptorBytes <= data.size(); found->looked_at += kDescriptorBytes) {
    const auto descriptor =
        model::decode_descriptor(data.subspan(found->looked_at).first<kDescriptorBytes>());
    if (descriptor.chain) linked_.insert(descriptor.arg);
    const size_t past = found->looked_at + kDescriptorBytes;
    if (!in_ring && !descriptor.chain && !descriptor.last && past == read.bytes) {
      linked_.insert(read.iova.value + past);
    }
  }
}

void DmaWatch::data_write(const pcie::MemWrite& write) {
  if (!model_) fail("writes data while it is stopped");
  writes_.push_back(write);
}

// ---- An entry ends

struct DmaWatch::Landing {
  std::optional<DmaError> error{};  // in the record
  model::DmaSeen seen{};
  std::vector<uint8_t> bytes{};   // of the move, as far as its source gave them
  std::vector<bool> has{};        // which of them
  std::vector<uint8_t> packet{};  // up to the first byte that is missing
  bool hole = false;
  bool exact = true;  // all that landed was seen
  Ended ended{};
  bool failed() const { return error && *error != DmaError::Ok; }
};

// The oldest read that brought the descriptor and has not been used for it. What `chain` leads to
// is read anew.
std::optional<model::DmaDescriptor> DmaWatch::take_descriptor(Iova iova, bool chained,
                                                              bool& missing) {
  const bool in_ring = iova - config_.ring < ring_bytes();
  std::optional<model::DmaDescriptor> taken;
  bool found = false;
  for (Descriptors& candidate : descriptors_) {
    const uint64_t offset = iova - candidate.read.iova;
    if (offset >= candidate.read.bytes || (chained && offset != 0)) continue;
    const uint32_t place = 1u << offset / kDescriptorBytes;
    if ((candidate.used & place) != 0 || (found && !in_ring)) continue;
    const bool here = offset + kDescriptorBytes <= candidate.read.data.size();
    if (!here && !candidate.read.ended) continue;
    candidate.used |= place;  // a slot of the ring that was read twice, too
    if (!found && here) {
      taken = model::decode_descriptor(
          std::span<const uint8_t>(candidate.read.data).subspan(offset).first<kDescriptorBytes>());
    }
    found = true;
  }
  if (found) return taken;
  missing = true;
  return in_memory(iova);
}

// What was read for an entry that is over, outside the ring: up to the last that it has used.
void DmaWatch::forget_descriptors() {
  const auto in_ring = [this](const Descriptors& d) {
    return d.read.iova - config_.ring < ring_bytes();
  };
  auto past = descriptors_.begin();
  for (auto at = descriptors_.begin(); at != descriptors_.end(); ++at) {
    if (!in_ring(*at) && at->used != 0) past = std::next(at);
  }
  for (auto at = descriptors_.begin(); at != past;) {
    const bool dead = !in_ring(*at);
    if (dead) at->used = ~0u;  // what may still come of it is nobody's
    at = dead && at->read.ended ? descriptors_.erase(at) : std::next(at);
  }
  std::erase_if(descriptors_, [&](const Descriptors& d) {
    const uint64_t all = (uint64_t{1} << d.read.bytes / kDescriptorBytes) - 1;
    return d.read.ended && in_ring(d) && d.used == all;
  });
}

uint8_t* DmaWatch::card_byte(uint64_t card_addr) const {
  if (card_addr >> model::kDmaCardAxiBit == 0) return &around_.card[card_addr];
  const uint64_t at = card_addr - (uint64_t{1} << model::kDmaCardAxiBit);
  return &around_.axi_card[at % around_.axi_card.size()];
}

void DmaWatch::read_host(Landing& landing, const DmaMove& move) {
  std::vector<bool> asked(move.bytes);
  for (auto read = reads_.begin(); read != reads_.end();) {
    const uint64_t at = read->iova.value - move.src;
    const bool other = at >= move.bytes || read->bytes > move.bytes - at || asked[at];
    if (other) {
      ++read;
      continue;
    }
    if (!read->ended) {
      fail(fmt::format("an entry ended before its read at {:#x} did", read->iova.value));
    }
    for (uint32_t n = 0; n < read->bytes; ++n) asked[at + n] = true;
    for (size_t n = 0; n < read->data.size(); ++n) {
      landing.bytes[at + n] = read->data[n];
      landing.has[at + n] = true;
    }
    if (const auto error = read->failure()) landing.seen.faults.push_back(*error);
    read = reads_.erase(read);
  }
}

void DmaWatch::read_card(Landing& landing, const DmaMove& move) {
  if (around_.card_fails && around_.card_fails(move.src, move.bytes)) {
    landing.seen.faults.push_back(DmaError::CardError);
  }
  for (uint32_t n = 0; n < move.bytes; ++n) landing.bytes[n] = *card_byte(move.src + n);
  landing.has.assign(move.bytes, true);
}

// As many bytes as were seen to be written have been taken.
void DmaWatch::read_stream(Landing& landing, const DmaMove& move) {
  if (stream_in.empty() || landing.seen.packet_end) return;
  const StreamPacket& packet = stream_in.front();
  const size_t left = packet.data.size() - stream_at_;
  const auto bytes = std::min<size_t>(move.bytes, left);
  landing.seen.wanted += bytes;
  for (size_t n = 0; n < bytes; ++n) {
    landing.bytes[n] = packet.data[stream_at_ + n];
    landing.has[n] = true;
  }
}

// A write of bytes that the source did not give belongs to another move, or to none.
void DmaWatch::write_host(Landing& landing, const DmaMove& move) {
  std::vector<bool> written(move.bytes);
  for (auto write = writes_.begin(); write != writes_.end();) {
    const uint64_t at = write->address.value - move.dst;
    const size_t bytes = write->data.size();
    const bool inside = at < move.bytes && bytes <= move.bytes - at;
    const auto given = [&](size_t n) { return landing.has[at + n]; };
    if (!inside || written[at] || !all_of(bytes, given)) {
      ++write;
      continue;
    }
    for (size_t n = 0; n < bytes; ++n) {
      if (written[at + n]) fail(fmt::format("wrote {:#x} twice", move.dst + at + n));
      const bool right =
          write->data[n] == landing.bytes[at + n] ||
          (from_card(around_.kind) && move.src + at + n < around_.card.size() &&
           around_.card_may_hold && around_.card_may_hold(move.src + at + n, write->data[n]));
      if (around_.compares_data && !right) {
        fail(fmt::format("wrote {:#04x} at {:#x}, and should {:#04x}", write->data[n],
                         move.dst + at + n, landing.bytes[at + n]));
      }
      written[at + n] = true;
    }
    landing.seen.landed += bytes;
    write = writes_.erase(write);
  }
  if (around_.kind == DmaKind::S2h && !stream_in.empty()) {
    const auto taken = static_cast<size_t>(std::ranges::find(written, false) - written.begin());
    if (std::ranges::find(written.begin() + static_cast<ptrdiff_t>(taken), written.end(), true) !=
        written.end()) {
      fail(fmt::format("left a gap at {:#x}", move.dst + taken));
    }
    stream_at_ += taken;
    if (stream_at_ == stream_in.front().data.size()) {
      landing.seen.packet_end = true;
      landing.seen.packet_info = stream_in.front().info;
      stream_in.pop_front();
      stream_at_ = 0;
    }
  }
}

// Where the card shows what it holds, an entry in error may have changed less.
void DmaWatch::write_card(Landing& landing, const DmaMove& move) {
  const bool fails = around_.card_fails && around_.card_fails(move.dst, move.bytes);
  if (fails) landing.seen.faults.push_back(DmaError::CardError);
  const bool unseen = landing.failed() && (around_.kind == DmaKind::C2c || move.immediate ||
                                           move.dst >> model::kDmaCardAxiBit != 0);
  const bool looks = unseen && around_.card_now;
  landing.exact &= !unseen;
  for (uint32_t n = 0; n < move.bytes; ++n) {
    if (!landing.has[n]) continue;
    uint8_t& byte = *card_byte(move.dst + n);
    if (looks) {
      const uint8_t now = around_.card_now(move.dst + n);
      if (now != landing.bytes[n] && now != byte) {
        fail(fmt::format("card memory at {:#x} is {:#04x}, and may be {:#04x} or {:#04x}",
                         move.dst + n, now, byte, landing.bytes[n]));
      }
      byte = now;
    } else {
      if (unseen && around_.card_keeps) around_.card_keeps(move.dst + n, byte);
      byte = landing.bytes[n];
      ++landing.seen.landed;
    }
  }
  landing.ended.landed.push_back(move);
}

void DmaWatch::write_stream(Landing& landing, const DmaMove& move) {
  landing.exact &= !landing.failed() || !move.immediate;
  for (size_t n = 0; n < landing.bytes.size(); ++n) {
    landing.seen.landed += landing.has[n];
    landing.hole |= !landing.has[n];
    if (!landing.hole) landing.packet.push_back(landing.bytes[n]);
  }
}

void DmaWatch::end(std::optional<model::DmaRecord> record, Iova at) {
  bool missing = false;
  std::vector<model::DmaDescriptor> used;
  auto plan = model_->plan([&](Iova place) {
    const bool chained = !used.empty() && used.back().chain;
    auto descriptor = take_descriptor(place, chained, missing);
    used.push_back(descriptor.value_or(model::DmaDescriptor{}));
    return descriptor;
  });
  if (!plan) fail("an entry ended, and none is the card's");
  Landing landing;
  landing.error = record ? std::optional(record->error) : std::nullopt;
  if (missing && !landing.failed()) {
    std::string text = "an entry ended whose descriptors were not all read:";
    for (const Iova place : plan->descriptors) text += fmt::format(" {:#x}", place.value);
    fail(text);
  }
  const DmaKind kind = around_.kind;
  for (const DmaMove& move : plan->moves) {
    landing.bytes.assign(move.bytes, 0);
    landing.has.assign(move.bytes, false);
    if (kind != DmaKind::S2h) landing.seen.wanted += move.bytes;
    if (move.immediate) {
      for (uint32_t n = 0; n < move.bytes; ++n) {
        landing.bytes[n] = static_cast<uint8_t>(move.src >> 8 * n);
      }
      landing.has.assign(move.bytes, true);
    } else if (from_host(kind)) {
      read_host(landing, move);
    } else if (from_card(kind)) {
      read_card(landing, move);
    } else {
      read_stream(landing, move);
    }
    if (to_host(kind)) {
      write_host(landing, move);
    } else if (to_card(kind)) {
      write_card(landing, move);
    } else {
      write_stream(landing, move);
    }
  }
  if (kind == DmaKind::H2s && (!landing.packet.empty() || landing.failed())) {
    stream_out.push_back({std::move(landing.packet), plan->packet_info, landing.failed()});
  }
  // What an entry in error moved without being seen is what it says, if that can be.
  if (!landing.exact && record->bytes_done <= landing.seen.wanted) {
    landing.seen.landed = record->bytes_done;
  }
  if (landing.failed() && !record->packet_end) landing.seen.packet_end = false;
  if (!landing.seen.packet_end) landing.seen.packet_info = 0;
  landing.seen.record = record;
  const uint16_t first = model_->head();
  const model::DmaEnd end = model_->end(*plan, landing.seen);
  if (!end.violation.empty()) {
    std::string text = fmt::format("entry at {}: {}", first, end.violation);
    for (size_t n = 0; n < used.size(); ++n) {
      text += fmt::format("\n  {:#x}: {}", plan->descriptors[n].value, model::to_text(used[n]));
    }
    fail(text);
  }
  if (record && at != end.record_iova) {
    fail(fmt::format("entry at {}: its record goes to {:#x}, and should to {:#x}", first, at.value,
                     end.record_iova.value));
  }
  if (!upcoming_.empty()) upcoming_.pop_front();
  forget_descriptors();
  ++entries_;
  landing.ended.plan = std::move(*plan);
  landing.ended.record = record;
  landing.ended.event = end.event;
  landing.ended.bytes = landing.seen.landed;
  ended_.push_back(std::move(landing.ended));
}

const std::vector<DmaWatch::Ended>& DmaWatch::record(const pcie::MemWrite& write) {
  if (write.data.size() != model::kRecordBytes) fail("a record of another size");
  if (!model_) fail("a record while it is stopped");
  const auto seen = model::decode_record(std::span(write.data).first<model::kRecordBytes>());
  ended_.clear();
  while (!upcoming_.empty() && upcoming_.front().quiet &&
         static_cast<int16_t>(seen.head - upcoming_.front().head) > 0) {
    end(std::nullopt, {});
  }
  if (model_->head() == model_->tail()) {
    fail("a record, and no entry is the card's: " + model::to_text(seen));
  }
  end(seen, write.address);
  return ended_;
}

const std::vector<DmaWatch::Ended>& DmaWatch::retired(uint16_t head) {
  ended_.clear();
  while (model_ && !upcoming_.empty() && upcoming_.front().quiet &&
         static_cast<int16_t>(head - upcoming_.front().head) >= 0) {
    end(std::nullopt, {});
  }
  return ended_;
}

size_t DmaWatch::outstanding() const {
  const bool halted = !model_ || model_->halted();
  const size_t entries = halted ? 0 : static_cast<uint16_t>(model_->tail() - model_->head());
  const size_t reads = halted ? 0 : reads_.size();
  return reads + writes_.size() + entries;
}

}  // namespace cw::env
