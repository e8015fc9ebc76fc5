// SPDX-License-Identifier: Apache-2.0
//
// The register file of the IOMMU's model (chapter 6).
#include <algorithm>

#include "model/iommu.hpp"
#include "model/iommu_bits.hpp"

namespace cw::model {

using namespace iommu_detail;
using namespace iommu_reg;

namespace {

constexpr uint32_t kEventRegisters = 31, kTableDoublewords = 32;
constexpr uint64_t kUpper = ~ones(32);

// tr_req_ctl: Go, Exe, NW, DID. Without process directories there is no process id to ask for:
// Priv, PID and PV are WARL and stay 0.
constexpr uint64_t kGo = 1, kExe = 4, kNw = 8;
constexpr uint64_t kDebugFields = kExe | kNw | ones(24) << 40;

// Number of the register of `offset` in a run of `count` doublewords from `first`.
std::optional<unsigned> index_in(uint32_t offset, uint32_t first, uint32_t count) {
  if (offset < first || offset >= first + count * 8) return std::nullopt;
  return (offset - first) / 8;
}

}  // namespace

uint64_t Iommu::ppn_mask() const { return ones(physical_bits() - 12) << 10; }

// The whole register after a write of one half or both.
uint64_t Iommu::merged(uint64_t old, uint32_t offset, unsigned size, uint64_t value) const {
  if (size == 8) return value;
  return offset % 8 == 0 ? (old & kUpper) | (value & ones(32)) : (old & ones(32)) | value << 32;
}

// 6.4: a choice only where capabilities.IGS says so; not while anything is in use.
void Iommu::write_fctl(uint64_t value) {
  const bool idle = mode() == kModeOff && ((commands_.csr | faults_.csr) & (kOn | kEnable)) == 0;
  if (idle && bits(capabilities_, 29, kIgs) == kIgsBoth) fctl_ = value & 2;
}

// 6.5: between two directories there is Off or Bare; a mode that is not legal changes nothing.
void Iommu::write_ddtp(uint64_t value) {
  const uint64_t next = bits(value, 3, 0);
  if (next > kMode3Lvl) return;
  if (next > kModeBare && mode() > kModeBare) return;
  ddtp_ = next | (value & ppn_mask());
}

// 6.6, 6.9: not while the queue is on; the index that software moves starts again.
void Iommu::write_base(Queue& queue, uint32_t& index, uint64_t value) {
  constexpr uint64_t kLog2SizeLess1Max = 15;
  if (queue.on()) return;
  queue.base = std::min(bits(value, 4, 0), kLog2SizeLess1Max) | (value & ppn_mask());
  index = 0;
}

// 6.15, 6.16: true where the queue was turned on.
bool Iommu::write_csr(Queue& queue, uint32_t value, uint32_t errors) {
  constexpr uint32_t kPlain = kEnable | kInterruptEnable;
  const bool was_on = queue.on();
  queue.csr = (queue.csr & ~(value & errors) & ~kPlain) | (value & kPlain);
  const bool now_on = (value & kEnable) != 0;
  if (now_on && !was_on) queue.csr = (queue.csr & ~errors) | kOn;
  if (!now_on) queue.csr &= ~kOn;
  return now_on && !was_on;
}

// 6.19 to 6.21, chapter 7: the translation is done at once, so Go never reads 1.
void Iommu::write_debug(uint64_t value) {
  debug_control_ = value & kDebugFields;
  if ((value & kGo) == 0) return;
  const IommuAnswer answer = process({.device_id = static_cast<uint32_t>(value >> 40),
                                      .iova = debug_iova_,
                                      .write = (value & kNw) == 0,
                                      .debug = true,
                                      .execute = (value & kExe) != 0});
  // Pages are reported by 4 KiB, without a memory type; an address that passes untranslated and is
  // wider than a PPN leads nowhere
  constexpr unsigned kPhysicalBits = 56;
  const bool fault = answer.fault || answer.hpa >> kPhysicalBits != 0;
  debug_response_ = fault ? 1 : bits(answer.hpa, 55, 12) << 10;
}

// True where the offset belongs to the performance monitor.
bool Iommu::write_counters(uint32_t offset, unsigned size, uint64_t value) {
  const uint32_t aligned = offset & ~7u;
  if (offset == kIocountinh) {
    counters_.write_inhibits(static_cast<uint32_t>(value));
  } else if (aligned == kIohpmcycles) {
    counters_.write_cycles(merged(counters_.cycles(), offset, size, value));
  } else if (const auto n = index_in(aligned, kIohpmctr, kEventRegisters)) {
    counters_.write_counter(*n, merged(counters_.counter(*n), offset, size, value));
  } else if (const auto m = index_in(aligned, kIohpmevt, kEventRegisters)) {
    counters_.write_selector(*m, merged(counters_.selector(*m), offset, size, value));
  } else {
    return false;
  }
  return true;
}

void Iommu::write_register(uint32_t offset, unsigned size, uint64_t value) {
  const uint32_t aligned = offset & ~7u;
  // Registers of 4 bytes, written as a pair: the high one first
  const bool pair = aligned == kCqh || aligned == kFqh || aligned == kCqcsr ||
                    aligned == (kIpsr & ~7u) || aligned == kIocountovf || aligned == kFctl;
  if (size == 8 && pair) {
    write_register(offset + 4, 4, value >> 32);
    write_register(offset, 4, value & ones(32));
    return;
  }
  switch (pair ? offset : aligned) {
    case kFctl:
      write_fctl(value);
      break;
    case kDdtp:
      write_ddtp(merged(ddtp_, offset, size, value));
      break;
    case kCqb:
      write_base(commands_, commands_.tail, merged(commands_.base, offset, size, value));
      break;
    case kCqt:
      commands_.tail = static_cast<uint32_t>(value) & commands_.mask();
      break;
    case kFqb:
      write_base(faults_, faults_.head, merged(faults_.base, offset, size, value));
      break;
    case kFqh:
      faults_.head = static_cast<uint32_t>(value) & faults_.mask();
      break;
    case kCqcsr:
      if (write_csr(commands_, static_cast<uint32_t>(value), kCommandErrors)) commands_.head = 0;
      break;
    case kFqcsr:
      if (write_csr(faults_, static_cast<uint32_t>(value), kFaultErrors)) faults_.tail = 0;
      break;
    case kIpsr:
      interrupts_.clear(static_cast<uint32_t>(value));
      break;
    case kTrReqIova:
      if (has(kDbg)) debug_iova_ = merged(debug_iova_, offset, size, value) & ~ones(12);
      break;
    case kTrReqCtl:
      if (has(kDbg)) write_debug(merged(debug_control_, offset, size, value));
      break;
    case kIcvec:
      interrupts_.write_vectors(merged(interrupts_.vectors(), offset, size, value), has(kHpm));
      break;
    default:
      if (has(kHpm) && write_counters(offset, size, value)) break;
      if (bits(capabilities_, 29, kIgs) == kIgsWsi) break;
      if (const auto n = index_in(aligned, kMsiCfgTbl, kTableDoublewords)) {
        interrupts_.write_table(*n, merged(interrupts_.read_table(*n), offset, size, value));
      }
      break;
  }
  run_commands();
  signal();
}

uint64_t Iommu::read_aligned(uint32_t offset) const {
  switch (offset) {
    case kCapabilities:
      return capabilities_;
    case kFctl:
      return fctl_;
    case kDdtp:
      return ddtp_;
    case kCqb:
      return commands_.base;
    case kCqh:
      return commands_.head | uint64_t{commands_.tail} << 32;
    case kFqb:
      return faults_.base;
    case kFqh:
      return faults_.head | uint64_t{faults_.tail} << 32;
    case kCqcsr:
      return commands_.csr | uint64_t{faults_.csr} << 32;
    case kIpsr & ~7u:
      return uint64_t{interrupts_.pending()} << 32;
    case kIcvec:
      return interrupts_.vectors();
    default:
      break;
  }
  if (has(kHpm)) {
    if (offset == kIocountovf) {
      return counters_.overflows() | uint64_t{counters_.inhibits()} << 32;
    }
    if (offset == kIohpmcycles) return counters_.cycles();
    if (const auto n = index_in(offset, kIohpmctr, kEventRegisters)) return counters_.counter(*n);
    if (const auto n = index_in(offset, kIohpmevt, kEventRegisters)) return counters_.selector(*n);
  }
  if (has(kDbg)) {
    if (offset == kTrReqIova) return debug_iova_;
    if (offset == kTrReqCtl) return debug_control_;
    if (offset == kTrResponse) return debug_response_;
  }
  if (const auto n = index_in(offset, kMsiCfgTbl, kTableDoublewords)) {
    return interrupts_.read_table(*n);
  }
  return 0;
}

uint64_t Iommu::read_register(uint32_t offset, unsigned size) const {
  const uint64_t value = read_aligned(offset & ~7u);
  if (size == 8) return value;
  return offset % 8 == 0 ? value & ones(32) : value >> 32;
}

uint16_t Iommu::interrupts() const { return wired() ? interrupts_.wires() : 0; }

}  // namespace cw::model
