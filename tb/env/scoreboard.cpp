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
constexpr uint8_t kUntranslatedRead = 2, kUntranslatedWrite = 3;  // TTYP of a fault record

}  // namespace

Scoreboard::Scoreboard(agent::TlpMonitor& down, agent::TlpMonitor& up, model::HostMemory& memory)
    : memory_(memory),
      axi_card_(kAxiCardBytes),
      translation_(memory),
      check_(memory),
      down_(*this, /*towards_endpoint=*/true),
      up_(*this, /*towards_endpoint=*/false) {
  for (unsigned which = 0; which < kDmaChannels; ++which) {
    channels_[which].watch = std::make_unique<DmaWatch>(DmaWatch::Surroundings{
        .name = fmt::format("channel {}", which),
        .kind = dma_kind(which),
        .byte = [this](Iova at) { return translation_.byte(endpoint_, at).value_or(0); },
        .card = host_.card(),
        .axi_card = axi_card_,
        .card_fails = [this](uint64_t at, uint64_t bytes) { return card_refused(at, bytes); }});
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

// Where a request leads; a fault is owed a record.
model::IommuAnswer Scoreboard::translate(Bdf device, Iova at, bool write) {
  const Iova dword{at.value & ~uint64_t{3}};
  auto answer = translation_.translate(device, dword, write);
  if (answer.fault) {
    faults_.push_back({.cause = static_cast<uint16_t>(*answer.fault),
                       .transaction_type = write ? kUntranslatedWrite : kUntranslatedRead,
                       .device_id = device.id(),
                       .iova = dword});
  }
  answer.hpa += at.value % 4;
  return answer;
}

bool Scoreboard::refused(uint64_t hpa, uint64_t bytes) const {
  return std::ranges::any_of(refused_, [&](const AddressWindow& range) {
    return hpa < range.end() && hpa + bytes > range.base.value;
  });
}

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
  const auto answer = translate(read.requester, read.address, /*write=*/false);
  owed_[tag(raw).value] = {.read = of_descriptors
                                       ? &channel.descriptor_read(read.address, read.length_bytes)
                                       : &channel.data_read(read.address, read.length_bytes),
                           .channel = &channel,
                           .descriptor = of_descriptors != nullptr,
                           .faults = answer.fault.has_value(),
                           .no_snoop = read.attributes.no_snoop,
                           .hpa = answer.hpa};
}

// Data are compared where they were when the completion came: nobody writes what a card reads.
void Scoreboard::card_completion(const Completion& completion) {
  const auto found = owed_.find(completion.tag.value);
  if (found == owed_.end()) return;
  OwedRead& owed = found->second;
  SeenRead& read = *owed.read;
  const std::string place =
      fmt::format("the read of {} bytes at {:#x}", read.bytes, read.iova.value);
  const uint64_t hpa = owed.hpa + read.data.size();
  read.status = completion.status;
  if (owed.faults != (completion.status == CplStatus::Ur)) {
    throw ScoreboardFault(place + (owed.faults ? " faults, and is answered" : " is refused"));
  }
  if (completion.status == CplStatus::Ca && !refused(hpa, read.bytes - read.data.size())) {
    throw ScoreboardFault(place + " is aborted");
  }
  const auto bytes = enabled_bytes(completion);
  if (completion.status == CplStatus::Sc) {
    if (refused(hpa, bytes.size()))
      throw ScoreboardFault(place + " cannot be read, and is answered");
    if (!owed.descriptor && bytes != host_bytes(hpa, bytes.size(), owed.no_snoop)) {
      throw ScoreboardFault(place +
                            fmt::format(" returns other bytes than host memory at {:#x}", hpa));
    }
    read.data.insert(read.data.end(), bytes.begin(), bytes.end());
  }
  read.ended = completion.status != CplStatus::Sc || read.data.size() >= read.bytes;
  owed.channel->arrived(read);
  if (read.ended) owed_.erase(found);
}

std::vector<uint8_t> Scoreboard::host_bytes(uint64_t hpa, size_t bytes, bool no_snoop) const {
  std::vector<uint8_t> seen(bytes);
  if (cache_ && !no_snoop) {
    cache_->snooped_read({hpa}, seen);
  } else {
    memory_.read({hpa}, seen);
  }
  return seen;
}

void Scoreboard::card_write(const MemWrite& write) {
  const auto answer = translate(write.requester, write.address, /*write=*/true);
  if (msix_.message(write)) {
    interrupts_ += !answer.fault;
    return;
  }
  if (!answer.fault && !refused(answer.hpa, write.data.size())) {
    check_.write({answer.hpa}, write.data);
  }
  for (unsigned which = 0; which < kDmaChannels; ++which) {
    if (!channels_[which].watch->writes_record(write.address)) continue;
    end_entry(which, write);
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

void Scoreboard::end_entry(unsigned which, const MemWrite& write) {
  translation_.forget();
  Channel& channel = channels_[which];
  for (const DmaWatch::Ended& entry : channel.watch->record(write)) {
    for (const auto& move : entry.landed) {
      if (move.dst >> model::kDmaCardAxiBit == 0) host_.mark_known(move.dst, move.bytes);
    }
    if (!entry.event) continue;
    if ((reg(which, kControl) & CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm) != 0) {
      msix_.event(reg(which, offsetof(cw_dma_regs_t, VECTOR)));
    } else {
      channel.untold = true;
    }
  }
}

size_t Scoreboard::outstanding() const {
  size_t sum = owed_.size() + host_.outstanding() + msix_.outstanding();
  for (const Channel& channel : channels_) sum += channel.watch->outstanding();
  return sum;
}

}  // namespace cw::env
