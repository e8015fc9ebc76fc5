// SPDX-License-Identifier: Apache-2.0
#include "env/scoreboard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "cw/cw_regs.h"
#include "env/scoreboard_fault.hpp"
#include "pcie/codec.hpp"

namespace cw::env {

using namespace pcie;

namespace {

constexpr uint32_t kH2c = offsetof(cw_regs_t, CHANNEL[0]), kC2h = offsetof(cw_regs_t, CHANNEL[1]);
constexpr uint32_t kControl = offsetof(cw_dma_regs_t, CONTROL),
                   kTail = offsetof(cw_dma_regs_t, TAIL);
constexpr uint8_t kUntranslatedRead = 2, kUntranslatedWrite = 3;  // TTYP of a fault record

}  // namespace

Scoreboard::Scoreboard(agent::TlpMonitor& down, agent::TlpMonitor& up, model::HostMemory& memory)
    : memory_(memory),
      translation_(memory),
      check_(memory),
      h2c_({.name = "host-to-card",
            .to_card = true,
            .byte = [this](Iova at) { return translation_.byte(endpoint_, at).value_or(0); },
            .card = host_.card()}),
      c2h_({.name = "card-to-host",
            .to_card = false,
            .byte = [this](Iova at) { return translation_.byte(endpoint_, at).value_or(0); },
            .card = host_.card()}),
      down_(*this, /*towards_endpoint=*/true),
      up_(*this, /*towards_endpoint=*/false) {
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
  for (const uint32_t block : {kH2c, kC2h}) {
    DmaWatch& channel = block == kH2c ? h2c_ : c2h_;
    const bool enabled = (host_.value(block + kControl) & CW_DMA_REGS__CONTROL__ENABLE_bm) != 0;
    if (write.offset == block + kControl) {
      if ((write.value & CW_DMA_REGS__CONTROL__RESTART_bm) != 0 && !enabled) {
        channel.restart();
        host_.clear(block + kTail);
      }
      if (enabled) channel.start(config_of(block, block == kH2c));
    }
    if (write.offset == block + kTail && enabled) {
      channel.doorbell(static_cast<uint16_t>(write.value));
    }
  }
}

model::DmaConfig Scoreboard::config_of(uint32_t block, bool to_card) const {
  const auto pair = [&](size_t low) {
    const auto at = block + static_cast<uint32_t>(low);
    return Iova{uint64_t{host_.value(at + 4)} << 32 | host_.value(at)};
  };
  const model::ConfigSpace& config = host_.config();
  return {.to_card = to_card,
          .ring = pair(offsetof(cw_dma_regs_t, RING_LO)),
          .records = pair(offsetof(cw_dma_regs_t, RECORD_LO)),
          .ring_log2 = host_.value(block + static_cast<uint32_t>(offsetof(cw_dma_regs_t, SIZE))),
          .limit_bytes = to_card ? config.max_read_request_bytes() : config.max_payload_bytes(),
          .card_mem_bytes = 1u << kCardMemLog2};
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

void Scoreboard::card_read(const RawTlp& raw, const MemRead& read) {
  DmaWatch* of_ring = h2c_.reads_descriptor(read.address, read.length_bytes)   ? &h2c_
                      : c2h_.reads_descriptor(read.address, read.length_bytes) ? &c2h_
                                                                               : nullptr;
  DmaWatch& channel = of_ring ? *of_ring : h2c_;
  if (!channel.started()) throw ScoreboardFault(to_text(raw) + ": no channel runs");
  const auto answer = translate(read.requester, read.address, /*write=*/false);
  owed_[tag(raw).value] = {.read = of_ring
                                       ? &channel.descriptor_read(read.address, read.length_bytes)
                                       : &channel.data_read(read.address, read.length_bytes),
                           .channel = &channel,
                           .descriptor = of_ring != nullptr,
                           .faults = answer.fault.has_value(),
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
    if (!owed.descriptor && bytes != memory_.read({hpa}, bytes.size())) {
      throw ScoreboardFault(place +
                            fmt::format(" returns other bytes than host memory at {:#x}", hpa));
    }
    read.data.insert(read.data.end(), bytes.begin(), bytes.end());
  }
  read.ended = completion.status != CplStatus::Sc || read.data.size() >= read.bytes;
  if (!read.ended) return;
  owed.channel->arrived(read);
  owed_.erase(found);
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
  if (h2c_.writes_record(write.address)) {
    end_entry(h2c_, kH2c, write);
  } else if (c2h_.writes_record(write.address)) {
    end_entry(c2h_, kC2h, write);
  } else {
    c2h_.data_write(write);
  }
}

void Scoreboard::end_entry(DmaWatch& channel, uint32_t block, const MemWrite& write) {
  translation_.forget();
  const model::DmaEntry& entry = channel.record(write);
  for (const auto& chunk : entry.data_reads) host_.mark_known(chunk.card_addr, chunk.bytes);
  const uint32_t control = host_.value(block + kControl);
  if (entry.interrupt && (control & CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm) != 0) {
    msix_.event(host_.value(block + static_cast<uint32_t>(offsetof(cw_dma_regs_t, VECTOR))));
  }
}

size_t Scoreboard::outstanding() const {
  return owed_.size() + host_.outstanding() + h2c_.outstanding() + c2h_.outstanding() +
         msix_.outstanding();
}

}  // namespace cw::env
