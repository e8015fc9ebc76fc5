// SPDX-License-Identifier: Apache-2.0
#include "env/scoreboard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "cw/cw_regs.h"
#include "env/scoreboard_fault.hpp"
#include "pcie/codec.hpp"

namespace cw::env {

using namespace pcie;

namespace {

constexpr size_t kControl = offsetof(cw_dma_regs_t, CONTROL), kTail = offsetof(cw_dma_regs_t, TAIL);
constexpr size_t kAxiCardBytes = 1 << 20;

}  // namespace

Scoreboard::Scoreboard(agent::TlpMonitor& down, agent::TlpMonitor& up, HostModel& model)
    : model_(model),
      axi_card_(kAxiCardBytes),
      down_(*this, /*towards_endpoint=*/true),
      up_(*this, /*towards_endpoint=*/false) {
  for (unsigned which = 0; which < kDmaChannels; ++which) {
    channels_[which].watch = std::make_unique<DmaWatch>(DmaWatch::Surroundings{
        .name = fmt::format("{}, channel {}", up.name(), which),
        .kind = dma_kind(which),
        .byte = [this](Iova at) { return model_.translation().byte(endpoint_, at).value_or(0); },
        .card = host_.card(),
        .axi_card = axi_card_,
        .card_fails = [this](uint64_t at, uint64_t bytes) { return card_refused(at, bytes); },
        .card_keeps = [this](uint64_t at, uint8_t old) { host_.loosen(at, old); },
        .card_may_hold = [this](uint64_t at, uint8_t byte) { return host_.may_hold(at, byte); }});
  }
  down.listen(down_);
  up.listen(up_);
}

void Scoreboard::look(bool down, const agent::SeenTlp& seen) {
  const Decoded decoded = decode(seen.tlp);
  if (!std::holds_alternative<Tlp>(decoded)) return;  // the link checker says so
  const Tlp& tlp = std::get<Tlp>(decoded);
  if (const auto* completion = std::get_if<Completion>(&tlp)) {
    if (down) {
      card_completion(*completion);
    } else {
      host_.completion(*completion);
      if (host_.take_reset()) reset_function();
    }
  } else if (down) {
    host_request(seen.tlp, tlp);
  } else if (const auto* read = std::get_if<MemRead>(&tlp)) {
    card_read(seen.tlp, *read);
  } else if (const auto* write = std::get_if<MemWrite>(&tlp)) {
    card_write(*write);
  }
}

// ---- The host asks

void Scoreboard::host_request(const RawTlp& raw, const Tlp& tlp) {
  if (const auto* cfg = std::get_if<CfgWrite>(&tlp); cfg && cfg->type == CfgType::Type0) {
    endpoint_ = {.bus = cfg->target.bus, .device = cfg->target.device};
  }
  host_.request(raw, tlp);
  msix_.set_function(host_.config().msix_enabled(), host_.config().msix_masked());
  for (const auto& write : host_.take_writes()) register_write(write);
}

void Scoreboard::register_write(const HostWatch::RegisterWrite& write) {
  if (write.offset >= kMsixTableOffset && write.offset < kMsixTableOffset + kMsixVectors * 16) {
    msix_.write_table(write.offset - kMsixTableOffset, write.value);
  }
  for (unsigned which = 0; which < kDmaChannels; ++which) channel_write(which, write);
}

uint32_t Scoreboard::reg(unsigned which, size_t offset) const {
  return host_.value(static_cast<uint32_t>(dma_block(which) + offset));
}

void Scoreboard::channel_write(unsigned which, const HostWatch::RegisterWrite& write) {
  Channel& channel = channels_[which];
  const bool enabled = (reg(which, kControl) & CW_DMA_REGS__CONTROL__ENABLE_bm) != 0;
  if (write.offset == dma_block(which) + kControl) {
    if ((write.value & CW_DMA_REGS__CONTROL__ABORT_bm) != 0) channel.watch->abort();
    if ((write.value & CW_DMA_REGS__CONTROL__RESTART_bm) != 0 && !enabled) {
      channel.watch->restart();
      channel.untold = false;
      host_.clear(static_cast<uint32_t>(dma_block(which) + kTail));
    }
    if (enabled) channel.watch->start(config_of(which));
    if ((write.value & CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm) != 0 &&
        std::exchange(channel.untold, false)) {
      msix_.event(reg(which, offsetof(cw_dma_regs_t, VECTOR)));
    }
  }
  if (write.offset == dma_block(which) + kTail) {
    channel.watch->doorbell(static_cast<uint16_t>(write.value), enabled);
  }
}

model::DmaConfig Scoreboard::config_of(unsigned which) const {
  const auto pair = [&](size_t low) {
    return Iova{uint64_t{reg(which, low + 4)} << 32 | reg(which, low)};
  };
  return {.kind = dma_kind(which),
          .ring = pair(offsetof(cw_dma_regs_t, RING_LO)),
          .records = pair(offsetof(cw_dma_regs_t, RECORD_LO)),
          .ring_log2 = reg(which, offsetof(cw_dma_regs_t, SIZE)),
          .card_mem_bytes = 1u << kCardMemLog2,
          .axi_card = true};
}

// ---- The card asks

bool Scoreboard::card_refused(uint64_t card_addr, uint64_t bytes) const {
  const uint64_t at = card_addr - (uint64_t{1} << model::kDmaCardAxiBit);
  return std::ranges::any_of(card_refused_, [&](const AddressWindow& range) {
    return at < range.end() && at + bytes > range.base.value;
  });
}

void Scoreboard::card_read(const RawTlp& raw, const MemRead& read) {
  DmaWatch* of_descriptors = nullptr;
  DmaWatch* of_data = nullptr;
  for (const Channel& channel : channels_) {
    DmaWatch& watch = *channel.watch;
    if (!of_descriptors && watch.reads_descriptor(read.address, read.length_bytes)) {
      of_descriptors = &watch;
    }
    if (!of_data && watch.reads_data(read.address, read.length_bytes)) of_data = &watch;
  }
  if (!of_descriptors && !of_data) {
    throw ScoreboardFault(to_text(raw) + ": no entry reads these bytes");
  }
  DmaWatch& channel = of_descriptors ? *of_descriptors : *of_data;
  const auto answer = model_.translate(read.requester, read.address, /*write=*/false);
  owed_[tag(raw).value] = {.read = of_descriptors
                                       ? &channel.descriptor_read(read.address, read.length_bytes)
                                       : &channel.data_read(read.address, read.length_bytes),
                           .channel = &channel,
                           .device = read.requester,
                           .descriptor = of_descriptors != nullptr,
                           .fault = answer.fault,
                           .may_fault = unmapping_ && unmapping_->holds(read.address),
                           .no_snoop = read.attributes.no_snoop,
                           .hpa = answer.hpa};
}

void Scoreboard::unmapping(Iova at, uint64_t bytes) {
  unmapping_ = {.at = at, .bytes = bytes};
  for (auto& [tag, owed] : owed_) owed.may_fault |= unmapping_->holds(owed.read->iova);
}

// Data are compared where they were when the completion came: nobody writes what a card reads.
void Scoreboard::card_completion(const Completion& completion) {
  const auto found = owed_.find(completion.tag.value);
  if (found == owed_.end()) return;
  OwedRead& owed = found->second;
  SeenRead& read = owed.channel ? *owed.read : owed.orphan;
  read.status = completion.status;
  check_read(owed, completion);
  read.ended = completion.status != CplStatus::Sc || read.data.size() >= read.bytes;
  if (owed.channel) owed.channel->arrived(read);
  if (read.ended) owed_.erase(found);
}

void Scoreboard::check_read(OwedRead& owed, const Completion& completion) {
  SeenRead& read = owed.channel ? *owed.read : owed.orphan;
  const auto fail = [&](const std::string& what) {
    throw ScoreboardFault(
        fmt::format("the read of {} bytes at {:#x} {}", read.bytes, read.iova.value, what));
  };
  const uint64_t hpa = owed.hpa + read.data.size();
  const bool nowhere = !owed.fault && !HostModel::is_memory(owed.hpa);
  if (completion.status == CplStatus::Ur) {
    if (!owed.fault && owed.may_fault) {
      owed.fault = model_.translate(owed.device, read.iova, /*write=*/false).fault;
    }
    if (!owed.fault && !nowhere) fail("is refused");
    if (owed.fault) model_.owe_fault(owed.device, read.iova, /*write=*/false, *owed.fault);
    return;
  }
  if (nowhere || (owed.fault && !owed.may_fault)) fail("faults, and is answered");
  if (completion.status == CplStatus::Ca && !model_.refused(hpa, read.bytes - read.data.size())) {
    fail("is aborted");
  }
  if (completion.status != CplStatus::Sc) return;
  const auto bytes = enabled_bytes(completion);
  if (model_.refused(hpa, bytes.size())) fail("cannot be read, and is answered");
  if (!owed.descriptor && !owed.fault && bytes != model_.bytes(hpa, bytes.size(), owed.no_snoop)) {
    fail(fmt::format("returns other bytes than host memory at {:#x}", hpa));
  }
  read.data.insert(read.data.end(), bytes.begin(), bytes.end());
}

void Scoreboard::card_write(const MemWrite& write) {
  const auto answer = model_.translate(write.requester, write.address, /*write=*/true);
  if (answer.fault) {
    model_.owe_fault(write.requester, write.address, /*write=*/true, *answer.fault);
  }
  if (msix_.message(write)) {
    interrupts_ += !answer.fault;
    return;
  }
  if (!answer.fault && HostModel::is_memory(answer.hpa) &&
      !model_.refused(answer.hpa, write.data.size())) {
    model_.memory().write({answer.hpa}, write.data);
  }
  for (unsigned which = 0; which < kDmaChannels; ++which) {
    if (!channels_[which].watch->writes_record(write.address)) continue;
    end_entries(which, channels_[which].watch->record(write));
    return;
  }
  for (const Channel& channel : channels_) {
    if (!channel.watch->writes_data(write.address, write.data.size())) continue;
    channel.watch->data_write(write);
    return;
  }
  throw ScoreboardFault(
      fmt::format("no entry writes {} bytes at {:#x}", write.data.size(), write.address.value));
}

void Scoreboard::retired(unsigned channel, uint16_t head) {
  end_entries(channel, channels_.at(channel).watch->retired(head));
}

void Scoreboard::end_entries(unsigned which, const std::vector<DmaWatch::Ended>& entries) {
  model_.translation().forget();
  Channel& channel = channels_[which];
  for (const DmaWatch::Ended& entry : entries) {
    for (const auto& move : entry.landed) {
      if (move.dst >> model::kDmaCardAxiBit != 0) continue;
      host_.mark_known(move.dst, move.bytes);
      if (!entry.record || entry.record->error == model::DmaError::Ok) {
        host_.settle(move.dst, move.bytes);
      }
    }
    if (!entry.event) continue;
    if ((reg(which, kControl) & CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm) != 0) {
      msix_.event(reg(which, offsetof(cw_dma_regs_t, VECTOR)));
    } else {
      channel.untold = true;
    }
  }
}

// ---- Resets

// Entries that were open may have changed what they would have; what was read for them is nobody's.
void Scoreboard::reset_function() {
  for (unsigned which = 0; which < kDmaChannels; ++which) {
    Channel& channel = channels_[which];
    for (auto& [tag, owed] : owed_) {
      if (owed.channel != channel.watch.get()) continue;
      owed.orphan = *owed.read;
      owed.channel = nullptr;
    }
    const DmaWatch::Unfinished unfinished = channel.watch->reset();
    channel.untold = false;
    for (const auto& [at, byte] : unfinished.card) {
      if (at >> model::kDmaCardAxiBit == 0) host_.loosen(at, byte);
    }
    if (on_reset_) on_reset_(which, unfinished);
  }
  msix_ = {};
}

// Nothing is owed across it.
void Scoreboard::link_down() {
  host_.link_down();
  reset_function();
  owed_.clear();
}

size_t Scoreboard::outstanding() const {
  size_t sum = owed_.size() + host_.outstanding() + msix_.outstanding();
  for (const Channel& channel : channels_) sum += channel.watch->outstanding();
  return sum;
}

}  // namespace cw::env
