// SPDX-License-Identifier: Apache-2.0
#include "env/host_watch.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "cw/cw_regs.h"
#include "env/scoreboard_fault.hpp"
#include "pcie/byte_enables.hpp"
#include "pcie/codec.hpp"
#include "pcie/config_space.hpp"
#include "pcie/text.hpp"

namespace cw::env {

using namespace pcie;

namespace {

constexpr uint64_t kRegisterBytes = uint64_t{1} << 14, kCardBytes = uint64_t{1} << kCardMemLog2;
constexpr unsigned kRegisterBar = 0, kCardBar = 2;

// Status and Device Status tell of errors: they are compared where a test causes one.
constexpr uint32_t volatile_bits(uint16_t offset) {
  if (offset == reg::kCommand) return 0xffff'0000;
  if (offset == model::ConfigSpace::kPcie + pcie_cap::kDevCtl) return 0xffff'0000;
  using model::ConfigExtended;
  if (offset == ConfigExtended::kVsec + 12) return 0x0000'000f;  // the width of this build
  // Advanced Error Reporting: what it has seen.
  const bool aer = offset > ConfigExtended::kAer && offset < ConfigExtended::kAer + 0x48;
  return aer ? 0xffff'ffff : 0;
}

}  // namespace

HostWatch::HostWatch() : card_(kCardBytes), known_(kCardBytes) {
  for (unsigned f = 0; f < kSystemFunctions; ++f) functions_.emplace_back(system_function(f));
  define_registers();
}

// As after a reset.
void HostWatch::define_registers() {
  registers_.clear();
  registers_[offsetof(cw_regs_t, ID)] = {.value = CW_REGS__ID__MAGIC_reset};
  registers_[offsetof(cw_regs_t, VERSION)] = {.value = CW_REGS__VERSION__MAJOR_reset << 16 |
                                                       CW_REGS__VERSION__MINOR_reset};
  registers_[offsetof(cw_regs_t, SCRATCH)] = {.writable = ~0u};
  registers_[offsetof(cw_regs_t, IRQ_ENABLE)] = {.writable = CW_REGS__IRQ_ENABLE__CHANNELS_bm |
                                                             CW_REGS__IRQ_ENABLE__USER_bm};
  for (unsigned channel = 0; channel < kDmaChannels; ++channel) {
    const auto define = [&](size_t offset, uint32_t writable, uint32_t value = 0) {
      registers_[dma_block(channel) + static_cast<uint32_t>(offset)] = {.value = value,
                                                                        .writable = writable};
    };
    define(offsetof(cw_dma_regs_t, CONTROL),
           CW_DMA_REGS__CONTROL__ENABLE_bm | CW_DMA_REGS__CONTROL__IRQ_ENABLE_bm);
    define(offsetof(cw_dma_regs_t, RING_LO), CW_DMA_REGS__RING_LO__ADDR_bm);
    define(offsetof(cw_dma_regs_t, RING_HI), ~0u);
    define(offsetof(cw_dma_regs_t, RECORD_LO), CW_DMA_REGS__RECORD_LO__ADDR_bm);
    define(offsetof(cw_dma_regs_t, RECORD_HI), ~0u);
    define(offsetof(cw_dma_regs_t, SIZE), CW_DMA_REGS__SIZE__LOG2_bm,
           CW_DMA_REGS__SIZE__LOG2_reset);
    define(offsetof(cw_dma_regs_t, VECTOR), CW_DMA_REGS__VECTOR__VECTOR_bm);
    define(offsetof(cw_dma_regs_t, TAIL), CW_DMA_REGS__TAIL__TAIL_bm);
    define(offsetof(cw_dma_regs_t, SHARE), CW_DMA_REGS__SHARE__MODE_bm |
                                               CW_DMA_REGS__SHARE__LEVEL_bm |
                                               CW_DMA_REGS__SHARE__WEIGHT_bm);
    define(offsetof(cw_dma_regs_t, MODERATION),
           CW_DMA_REGS__MODERATION__COUNT_bm | CW_DMA_REGS__MODERATION__TIMER_bm);
  }
  for (uint32_t at = 0; at < kMsixVectors * 16; at += 16) {
    registers_[kMsixTableOffset + at] = {.writable = ~3u, .known = false};
    registers_[kMsixTableOffset + at + 4] = {.writable = ~0u, .known = false};
    registers_[kMsixTableOffset + at + 8] = {.writable = ~0u, .known = false};
    registers_[kMsixTableOffset + at + 12] = {.value = 1, .writable = 1};
  }
}

void HostWatch::loosen(uint64_t card_addr, uint8_t value) { loose_[card_addr].insert(value); }

void HostWatch::settle(uint64_t card_addr, uint64_t bytes) {
  loose_.erase(loose_.lower_bound(card_addr), loose_.lower_bound(card_addr + bytes));
}

bool HostWatch::may_hold(uint64_t card_addr, uint8_t value) const {
  if (card_[card_addr] == value) return true;
  const auto found = loose_.find(card_addr);
  return found != loose_.end() && found->second.contains(value);
}

// Software will not be answered again before it is over (6.6.2).
void HostWatch::begin_reset(unsigned function) {
  functions_[function].reset(model::ResetKind::Function);
  resetting_[function] = true;
  if (function == 0) define_registers();
}

void HostWatch::link_down() {
  for (model::ConfigSpace& function : functions_) function.reset(model::ResetKind::Hot);
  define_registers();
  writes_.clear();
  owed_.clear();
  resetting_ = {};
  reset_ = false;
}

uint32_t HostWatch::value(uint32_t offset) const { return registers_.at(offset).value; }

void HostWatch::clear(uint32_t offset) { registers_.at(offset).value = 0; }

void HostWatch::mark_known(uint64_t card_addr, uint64_t bytes) {
  for (uint64_t n = 0; n < bytes; ++n) known_.at(card_addr + n) = true;
}

std::optional<std::pair<unsigned, uint64_t>> HostWatch::claim(uint64_t address,
                                                              uint64_t bytes) const {
  if (!config().memory_enabled() || config().in_d3hot()) return std::nullopt;
  for (const auto& [bar, size] :
       {std::pair(kRegisterBar, kRegisterBytes), {kCardBar, kCardBytes}}) {
    const uint64_t base = config().bar_base(bar);
    if (address >= base && address - base < size && bytes <= size - (address - base)) {
      return std::pair(bar, address - base);
    }
  }
  return std::nullopt;
}

bool HostWatch::user_claims(uint64_t address, uint64_t bytes) const {
  const model::ConfigSpace& user = functions_[1];
  if (!user.memory_enabled() || user.in_d3hot()) return false;
  const auto inside = [&](unsigned bar, unsigned log2) {
    const uint64_t base = user.bar_base(bar), size = uint64_t{1} << log2;
    return address >= base && address - base < size && bytes <= size - (address - base);
  };
  return inside(kUserRegisterBar, kUserRegisterLog2) ||
         inside(kUserMemoryBar, user.extended().resizable_bar_log2(kUserMemoryBar));
}

std::optional<uint8_t> HostWatch::read_byte(unsigned bar, uint64_t offset) const {
  if (bar == kCardBar) {
    const bool settled = known_[offset] && !loose_.contains(offset);
    return settled ? std::optional(card_[offset]) : std::nullopt;
  }
  const auto found = registers_.find(static_cast<uint32_t>(offset & ~uint64_t{3}));
  if (found == registers_.end() || !found->second.known) return std::nullopt;
  return static_cast<uint8_t>(found->second.value >> 8 * (offset & 3));
}

void HostWatch::write_byte(unsigned bar, uint64_t offset, uint8_t value) {
  if (bar == kCardBar) {
    card_[offset] = value;
    known_[offset] = true;
    loose_.erase(offset);
    return;
  }
  const auto found = registers_.find(static_cast<uint32_t>(offset & ~uint64_t{3}));
  if (found == registers_.end()) return;
  const unsigned shift = 8 * (offset & 3);
  const uint32_t lane = found->second.writable & 0xffu << shift;
  found->second.value = (found->second.value & ~lane) | (uint32_t{value} << shift & lane);
}

// ---- Requests

HostWatch::Owed HostWatch::answer(const RawTlp& raw, const MemRead& read) const {
  const uint32_t dw = length_dw(raw);
  const uint64_t first_dw = read.address.value & ~uint64_t{3};
  const auto place = claim(first_dw, uint64_t{dw} * 4);
  if (read.locked) return {.status = CplStatus::Ur};
  if (!place) {
    if (!user_claims(first_dw, uint64_t{dw} * 4)) return {.status = CplStatus::Ur};
    if (read.length_bytes == 0) return {.bytes = {std::nullopt}};
    return {.status = CplStatus::Ca};  // nobody is behind the user's buses
  }
  Owed owed;
  const bool nothing = read.length_bytes == 0;
  const auto enables = read.enables.value_or(
      byte_enables(static_cast<uint32_t>(read.address.value % 4), read.length_bytes));
  const uint64_t skip = read.enables && enables.first != 0
                            ? static_cast<uint64_t>(std::countr_zero(enables.first))
                            : read.address.value % 4;
  const uint32_t bytes = requested_bytes(enables, dw);
  for (uint32_t n = 0; n < bytes; ++n) {
    const uint64_t lane = skip + n;
    const bool hole = lane < 4 ? (enables.first >> lane & 1) == 0
                               : lane / 4 == dw - 1 && (enables.last >> lane % 4 & 1) == 0;
    const bool free = nothing || hole;
    owed.bytes.push_back(free ? std::nullopt : read_byte(place->first, place->second + lane));
  }
  return owed;
}

HostWatch::Owed HostWatch::answer(const CfgRead& read) const {
  if (read.type != CfgType::Type0 || read.target.function >= functions_.size()) {
    return {.status = CplStatus::Ur};
  }
  const uint32_t dword = functions_[read.target.function].read(read.offset);
  const uint32_t skipped = volatile_bits(read.offset);
  Owed owed;
  for (unsigned n = 0; n < 4; ++n) {
    const bool free = (skipped >> 8 * n & 0xff) != 0 || (read.first_be >> n & 1) == 0;
    owed.bytes.push_back(free ? std::nullopt : std::optional(static_cast<uint8_t>(dword >> 8 * n)));
  }
  return owed;
}

void HostWatch::write(const RawTlp& raw, const MemWrite& write) {
  const uint32_t dw = length_dw(raw);
  const uint64_t first_dw = write.address.value & ~uint64_t{3};
  const auto place = claim(first_dw, uint64_t{dw} * 4);
  if (!place || write.attributes.poisoned) return;
  const auto enables = write.enables.value_or(byte_enables(
      static_cast<uint32_t>(write.address.value % 4), static_cast<uint32_t>(write.data.size())));
  for (uint32_t n = 0; n < dw; ++n) {
    const uint8_t lanes = n == 0 ? enables.first : n == dw - 1 ? enables.last : 0xf;
    if (lanes == 0) continue;
    const uint64_t offset = place->second + n * 4;
    for (unsigned b = 0; b < 4; ++b) {
      if ((lanes >> b & 1) == 0) continue;
      write_byte(place->first, offset + b, static_cast<uint8_t>(raw.payload[n] >> 8 * b));
    }
    if (place->first != kRegisterBar) continue;
    // A dword that software has named in full is known from here on.
    const auto found = registers_.find(static_cast<uint32_t>(offset));
    if (found == registers_.end()) continue;
    if (lanes == 0xf) found->second.known = true;
    // What does not stay in a register is in the write all the same.
    const uint32_t passing = raw.payload[n] & ~found->second.writable & (lanes & 1 ? 0xffu : 0);
    writes_.push_back(
        {.offset = static_cast<uint32_t>(offset), .value = found->second.value | passing});
  }
}

void HostWatch::request(const RawTlp& raw, const Tlp& tlp) {
  if (const auto* posted = std::get_if<MemWrite>(&tlp)) {
    write(raw, *posted);
    return;
  }
  if (tlp_class(raw) == TlpClass::Posted) return;
  Owed owed{.status = CplStatus::Ur};
  if (const auto* read = std::get_if<MemRead>(&tlp)) owed = answer(raw, *read);
  if (const auto* read = std::get_if<CfgRead>(&tlp)) {
    owed = answer(*read);
    owed.function = read->target.function;
  }
  if (const auto* cfg = std::get_if<CfgWrite>(&tlp)) {
    const bool there = cfg->type == CfgType::Type0 && cfg->target.function < functions_.size();
    if (there && !cfg->poisoned) {
      owed.status = CplStatus::Sc;
      if (resetting_[cfg->target.function]) {
        owed.write = *cfg;
      } else {
        model::ConfigSpace& function = functions_[cfg->target.function];
        function.write(cfg->offset, cfg->data, cfg->first_be);
        owed.asks_reset = function.take_function_reset();
      }
    }
    owed.function = cfg->target.function;
  }
  const bool configures =
      std::holds_alternative<CfgRead>(tlp) || std::holds_alternative<CfgWrite>(tlp);
  owed.in_reset = configures && owed.function < functions_.size() && resetting_[owed.function];
  owed.what = to_text(raw);
  owed_[tag(raw).value] = std::move(owed);
}

void HostWatch::completion(const Completion& completion) {
  const auto found = owed_.find(completion.tag.value);
  if (found == owed_.end()) return;  // the link checker says so
  Owed& owed = found->second;
  if (owed.in_reset && completion.status == CplStatus::Rrs) {
    owed_.erase(found);
    return;
  }
  if (owed.in_reset) {
    reset_ |= owed.function == 0 && resetting_[0];
    resetting_[owed.function] = false;
    if (owed.write) {
      functions_[owed.function].write(owed.write->offset, owed.write->data, owed.write->first_be);
    }
  }
  if (owed.asks_reset) begin_reset(owed.function);
  if (completion.status != owed.status) {
    throw ScoreboardFault(fmt::format("{} ends with status {}, and should with {}", owed.what,
                                      name_of(completion.status), name_of(owed.status)));
  }
  for (const uint8_t byte : enabled_bytes(completion)) {
    if (owed.done == owed.bytes.size()) throw ScoreboardFault(owed.what + " returns too much");
    const auto& expected = owed.bytes[owed.done];
    if (expected && *expected != byte) {
      throw ScoreboardFault(fmt::format("{} returns {:#04x} as byte {}, and should {:#04x}",
                                        owed.what, byte, owed.done, *expected));
    }
    ++owed.done;
  }
  if (owed.status != CplStatus::Sc || owed.done == owed.bytes.size()) owed_.erase(found);
}

}  // namespace cw::env
