// SPDX-License-Identifier: Apache-2.0
#include "model/iommu.hpp"

#include <array>
#include <cstring>

namespace cw::model {

namespace {

constexpr uint64_t bits(uint64_t value, unsigned high, unsigned low) {
  return value >> low & (high - low == 63 ? ~uint64_t{0} : (uint64_t{1} << (high - low + 1)) - 1);
}
constexpr bool bit(uint64_t value, unsigned n) { return (value >> n & 1) != 0; }

// capabilities (6.3)
constexpr unsigned kSv39 = 9, kSv48 = 10, kSvpbmt = 15, kAmoHwad = 24, kPas = 32;
constexpr unsigned kIgsLow = 28;

// ddtp.iommu_mode (6.5)
constexpr unsigned kModeOff = 0, kModeBare = 1, kMode3Lvl = 4;

// Queue control bits (6.10, 6.11)
constexpr uint32_t kEnable = 1u << 0, kInterruptEnable = 1u << 1, kMemFault = 1u << 8;
constexpr uint32_t kCmdIllegal = 1u << 10, kFenceInterrupt = 1u << 11;
constexpr uint32_t kOverflow = 1u << 9, kOn = 1u << 16;
constexpr uint32_t kCommandErrors = kMemFault | 1u << 9 | kCmdIllegal | kFenceInterrupt;
constexpr uint32_t kFaultErrors = kMemFault | kOverflow;

// ipsr (6.13)
constexpr uint32_t kCip = 1, kFip = 2;

constexpr unsigned kCommandBytes = 16, kFaultBytes = 32;

uint64_t load(std::span<const uint8_t> bytes, unsigned at) {
  uint64_t value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

}  // namespace

// fctl.WSI is writable only where both kinds of interrupt are there (6.4).
Iommu::Iommu(uint64_t capabilities, IommuMemory& memory)
    : capabilities_(capabilities),
      memory_(memory),
      fctl_(bits(capabilities, 29, kIgsLow) == 1 ? 2 : 0) {}

bool Iommu::beyond_physical(uint64_t hpa, unsigned bytes) const {
  return (hpa + bytes - 1) >> bits(capabilities_, 37, kPas) != 0;
}

// 3.3, process to translate an IOVA.
IommuAnswer Iommu::translate(const IommuRequest& request) {
  const unsigned mode = bits(ddtp_, 3, 0);
  const auto refuse = [&](IommuCause cause, bool faults_disabled) {
    report(cause, request, faults_disabled);
    return IommuAnswer{.fault = cause};
  };

  // Step 1
  if (mode == kModeOff) return refuse(IommuCause::AllDisallowed, false);
  // Step 2
  if (mode == kModeBare) {
    if (request.address_type != 0) return refuse(IommuCause::TypeDisallowed, false);
    return {.hpa = request.iova};
  }
  // Steps 3 and 4
  const uint32_t too_wide = mode == 2   ? request.device_id >> 7
                            : mode == 3 ? request.device_id >> 16
                                        : 0;
  if (too_wide != 0) return refuse(IommuCause::TypeDisallowed, false);
  // Step 5
  DeviceContext context;
  if (const auto cause = locate_context(request.device_id, context)) return refuse(*cause, false);
  const bool faults_disabled = bit(context.tc, 4);
  // Step 6: no translated and no translation requests without EN_ATS
  if (request.address_type != 0) return refuse(IommuCause::TypeDisallowed, faults_disabled);
  // Steps 9 to 19: without a process id the context's own first stage is used; where PDTV says that
  // fsc is a process directory, its mode is Bare in this profile.
  const Walk walk = first_stage(context, request);
  if (walk.fault) return refuse(*walk.fault, faults_disabled);
  // Step 20
  return {.hpa = walk.hpa};
}

// 3.3.1, process to locate the device context.
std::optional<IommuCause> Iommu::locate_context(uint32_t device_id, DeviceContext& context) {
  const std::array<uint64_t, 3> index = {bits(device_id, 6, 0), bits(device_id, 15, 7),
                                         bits(device_id, 23, 16)};
  // Step 1
  uint64_t table = bits(ddtp_, 53, 10) << 12;
  // Steps 2 to 7
  for (unsigned level = bits(ddtp_, 3, 0) - 2; level > 0; --level) {
    const uint64_t address = table + index[level] * 8;
    std::array<uint8_t, 8> raw{};
    if (beyond_physical(address, 8)) return IommuCause::DdtLoadFault;
    const auto answer = memory_.read(address, raw);
    if (answer == IommuMemory::Answer::AccessFault) return IommuCause::DdtLoadFault;
    if (answer == IommuMemory::Answer::Corrupted) return IommuCause::DdtCorrupted;
    const uint64_t entry = load(raw, 0);
    if (!bit(entry, 0)) return IommuCause::DdtNotValid;
    if (bits(entry, 9, 1) != 0 || bits(entry, 63, 54) != 0) return IommuCause::DdtMisconfigured;
    table = bits(entry, 53, 10) << 12;
  }
  // Step 8
  const uint64_t address = table + index[0] * 32;
  std::array<uint8_t, 32> raw{};
  if (beyond_physical(address, 32)) return IommuCause::DdtLoadFault;
  const auto answer = memory_.read(address, raw);
  if (answer == IommuMemory::Answer::AccessFault) return IommuCause::DdtLoadFault;
  if (answer == IommuMemory::Answer::Corrupted) return IommuCause::DdtCorrupted;
  context = {
      .tc = load(raw, 0), .iohgatp = load(raw, 8), .ta = load(raw, 16), .fsc = load(raw, 24)};
  // Step 9
  if (!bit(context.tc, 0)) return IommuCause::DdtNotValid;
  // Steps 10 and 11
  if (context_misconfigured(context)) return IommuCause::DdtMisconfigured;
  return std::nullopt;
}

// 3.1.3.1 to 3.1.3.4, and 3.1.4: device-context configuration checks.
bool Iommu::context_misconfigured(const DeviceContext& context) const {
  // Bits 31:24 of tc are for custom use, all above and 23:12 are reserved. EN_ATS, EN_PRI, T2GPA,
  // PRPR, GADE, SADE, SBE and SXL each need a capability that this profile does not have.
  constexpr uint64_t kUsable = 1u << 0 | 1u << 4 | 1u << 5 | 1u << 9 | 0xffull << 24;
  if ((context.tc & ~kUsable) != 0) return true;
  const bool pdtv = bit(context.tc, 5);
  if (bit(context.tc, 9) && !pdtv) return true;  // DPE without PDTV
  // iohgatp.MODE Bare, and then nothing else
  if (bits(context.iohgatp, 63, 60) != 0) return true;
  // ta: PSCID in 31:12
  if (bits(context.ta, 11, 0) != 0 || bits(context.ta, 63, 32) != 0) return true;
  // fsc
  if (bits(context.fsc, 59, 44) != 0) return true;
  const unsigned mode = bits(context.fsc, 63, 60);
  if (pdtv) return mode != 0;
  return !(mode == 0 || (mode == 8 && has(kSv39)) || (mode == 9 && has(kSv48)));
}

// Privileged architecture, virtual address translation process, with the access checks that 3.3
// asks for: a request without process id has user privilege.
Iommu::Walk Iommu::first_stage(const DeviceContext& context, const IommuRequest& request) {
  const unsigned mode = bits(context.fsc, 63, 60);
  if (mode == 0) return {.hpa = request.iova};
  const auto page_fault = request.write ? IommuCause::WritePageFault : IommuCause::ReadPageFault;
  const auto access_fault =
      request.write ? IommuCause::WriteAccessFault : IommuCause::ReadAccessFault;

  // The address is canonical
  const int levels = mode == 8 ? 3 : 4;
  const unsigned top_bit = 12 + 9 * levels - 1;
  const auto extension = static_cast<int64_t>(request.iova) >> top_bit;
  if (extension != 0 && extension != -1) return {.fault = page_fault};

  // Step 1
  uint64_t table = bits(context.fsc, 43, 0) << 12;
  for (int level = levels - 1;; --level) {
    // Step 2
    const unsigned shift = 12 + 9 * level;
    const uint64_t address = table + bits(request.iova, shift + 8, shift) * 8;
    std::array<uint8_t, 8> raw{};
    if (beyond_physical(address, 8)) return {.fault = access_fault};
    const auto answer = memory_.read(address, raw);
    if (answer == IommuMemory::Answer::AccessFault) return {.fault = access_fault};
    if (answer == IommuMemory::Answer::Corrupted) return {.fault = IommuCause::PtCorrupted};
    const uint64_t pte = load(raw, 0);
    const bool v = bit(pte, 0), r = bit(pte, 1), w = bit(pte, 2), x = bit(pte, 3), u = bit(pte, 4),
               a = bit(pte, 6), d = bit(pte, 7), n = bit(pte, 63);
    // Step 3
    if (!v || (!r && w)) return {.fault = page_fault};
    if (bits(pte, 60, 54) != 0) return {.fault = page_fault};
    if (bits(pte, 62, 61) != 0 && !has(kSvpbmt)) return {.fault = page_fault};
    const uint64_t ppn = bits(pte, 53, 10);
    // Step 4
    if (!r && !x) {
      if (n || a || d || u || level == 0) return {.fault = page_fault};
      table = ppn << 12;
      continue;
    }
    // Svnapot: N only in a level-0 leaf, and only for 64 KiB
    if (n && (level != 0 || bits(ppn, 3, 0) != 8)) return {.fault = page_fault};
    // Steps 5 and 6
    if (!u || (request.write ? !w : !r)) return {.fault = page_fault};
    // Step 7: a superpage is aligned
    if (level > 0 && bits(ppn, 9 * level - 1, 0) != 0) return {.fault = page_fault};
    // Step 8: accessed and dirty are not set by this profile
    if (!has(kAmoHwad) && (!a || (request.write && !d))) return {.fault = page_fault};
    // Step 10
    const unsigned offset_bits = n ? 16 : shift;
    const uint64_t offset = bits(request.iova, offset_bits - 1, 0);
    return {.hpa = (ppn << 12 >> offset_bits << offset_bits) | offset};
  }
}

// 4.2, fault queue records.
void Iommu::report(IommuCause cause, const IommuRequest& request, bool faults_disabled) {
  // DTF suppresses what the device did, never what is wrong with the directory (table 11).
  const auto code = static_cast<uint16_t>(cause);
  const bool always = (code >= 256 && code <= 259) || cause == IommuCause::DdtCorrupted;
  if (faults_disabled && !always) return;
  if (!faults_.on() || (faults_.csr & kFaultErrors) != 0) return;
  if (((faults_.tail + 1) & faults_.mask()) == faults_.head) {
    faults_.csr |= kOverflow;
    raise_pending();
    return;
  }
  constexpr uint64_t kTypeAts = 8;
  const uint64_t type = request.address_type == 1   ? kTypeAts
                        : request.address_type == 2 ? (request.write ? 7 : 6)
                                                    : (request.write ? 3 : 2);
  std::array<uint64_t, 4> record = {};
  record[0] = code | type << 34 | uint64_t{request.device_id} << 40;
  record[2] = request.iova;
  std::array<uint8_t, kFaultBytes> raw;
  std::memcpy(raw.data(), record.data(), raw.size());
  const uint64_t address = faults_.address() + uint64_t{faults_.tail} * kFaultBytes;
  if (beyond_physical(address, kFaultBytes) ||
      memory_.write(address, raw) != IommuMemory::Answer::Ok) {
    faults_.csr |= kMemFault;
  } else {
    faults_.tail = (faults_.tail + 1) & faults_.mask();
    if (faults_.csr & kInterruptEnable) ipsr_ |= kFip;
  }
  raise_pending();
}

// 4.1, the command queue.
void Iommu::run_commands() {
  constexpr uint64_t kIofence = 2;
  while (commands_.on() && (commands_.csr & (kMemFault | kCmdIllegal)) == 0 &&
         commands_.head != commands_.tail) {
    const uint64_t address = commands_.address() + uint64_t{commands_.head} * kCommandBytes;
    std::array<uint8_t, kCommandBytes> raw{};
    if (beyond_physical(address, kCommandBytes) ||
        memory_.read(address, raw) != IommuMemory::Answer::Ok) {
      commands_.csr |= kMemFault;
      break;
    }
    const uint64_t low = load(raw, 0), high = load(raw, 8);
    if (command_illegal(low, high)) {
      commands_.csr |= kCmdIllegal;
      break;
    }
    if (bits(low, 6, 0) == kIofence && !run_fence(low, high)) {
      commands_.csr |= kMemFault;
      break;
    }
    commands_.head = (commands_.head + 1) & commands_.mask();
  }
  raise_pending();
}

bool Iommu::command_illegal(uint64_t low, uint64_t high) const {
  const unsigned opcode = bits(low, 6, 0), function = bits(low, 9, 7);
  switch (opcode) {
    case 1: {  // IOTINVAL.VMA, .GVMA (4.1.1): without S, NL and a second stage
      if (function > 1 || bit(low, 11) || bits(low, 43, 36) != 0 || bits(low, 63, 60) != 0)
        return true;
      if (bit(low, 34) || bits(high, 8, 0) != 0 || bits(high, 63, 62) != 0 || bit(high, 9))
        return true;
      if (bit(low, 35)) return true;
      return function == 1 && bit(low, 32);
    }
    case 2:  // IOFENCE.C (4.1.2)
      if (function != 0 || bits(low, 31, 14) != 0 || bits(high, 63, 62) != 0) return true;
      return bit(low, 11) && !bit(fctl_, 1);
    case 3:  // IODIR.INVAL_DDT, .INVAL_PDT (4.1.3)
      if (function > 1 || bits(low, 11, 10) != 0 || bits(low, 32, 32) != 0 ||
          bits(low, 39, 34) != 0 || high != 0) {
        return true;
      }
      return function == 0 ? bits(low, 31, 12) != 0 : !bit(low, 33);
    default:
      return true;
  }
}

bool Iommu::run_fence(uint64_t low, uint64_t high) {
  if (bit(low, 10)) {  // AV: DATA to ADDR
    const uint64_t address = bits(high, 61, 0) << 2;
    const auto data = static_cast<uint32_t>(low >> 32);
    std::array<uint8_t, 4> raw;
    std::memcpy(raw.data(), &data, raw.size());
    if (beyond_physical(address, 4) || memory_.write(address, raw) != IommuMemory::Answer::Ok) {
      return false;
    }
  }
  if (bit(low, 11)) commands_.csr |= kFenceInterrupt;
  return true;
}

// A pending bit follows its cause for as long as the cause stays (6.13).
void Iommu::raise_pending() {
  if ((commands_.csr & kCommandErrors) != 0 && (commands_.csr & kInterruptEnable)) ipsr_ |= kCip;
  if ((faults_.csr & kFaultErrors) != 0 && (faults_.csr & kInterruptEnable)) ipsr_ |= kFip;
}

uint16_t Iommu::interrupts() const {
  if (!bit(fctl_, 1)) return 0;
  uint16_t lines = 0;
  if (ipsr_ & kCip) lines |= static_cast<uint16_t>(1u << bits(icvec_, 3, 0));
  if (ipsr_ & kFip) lines |= static_cast<uint16_t>(1u << bits(icvec_, 7, 4));
  return lines;
}

void Iommu::write_csr(Queue& queue, uint32_t value, uint32_t errors) {
  const bool was_on = queue.on();
  queue.csr &= ~(value & errors);
  queue.csr = (queue.csr & ~(kEnable | kInterruptEnable)) | (value & (kEnable | kInterruptEnable));
  const bool now_on = (value & kEnable) != 0;
  if (now_on && !was_on) queue.csr = (queue.csr & ~errors) | kOn;
  if (!now_on) queue.csr &= ~kOn;
}

void Iommu::write_register(uint32_t offset, unsigned size, uint64_t value) {
  using namespace iommu_reg;
  constexpr uint64_t kQueueBase = 0x003f'ffff'ffff'fc1f, kVector = 3;
  const uint64_t ppn_mask = ((uint64_t{1} << (bits(capabilities_, 37, kPas) - 12)) - 1) << 10;
  // Halves of the 64-bit registers
  const auto merged = [&](uint64_t old, uint32_t base) {
    if (size == 8) return value;
    return offset == base ? (old & ~uint64_t{0xffff'ffff}) | (value & 0xffff'ffff)
                          : (old & 0xffff'ffff) | value << 32;
  };
  switch (offset) {
    case kFctl: {
      const bool idle = bits(ddtp_, 3, 0) == kModeOff && !commands_.on() && !faults_.on();
      const bool both = bits(capabilities_, 29, kIgsLow) == 2;
      if (idle && both) fctl_ = value & 2;
      break;
    }
    case kDdtp:
    case kDdtp + 4: {
      const uint64_t next = merged(ddtp_, kDdtp);
      const unsigned mode = bits(next, 3, 0), old = bits(ddtp_, 3, 0);
      if (mode > kMode3Lvl || (mode > kModeBare && old > kModeBare && mode != old)) break;
      ddtp_ = mode | (next & ppn_mask);
      break;
    }
    case kCqb:
    case kCqb + 4:
      if (!commands_.on()) {
        commands_.base = merged(commands_.base, kCqb) & kQueueBase & (ppn_mask | 31);
        commands_.tail = 0;
      }
      break;
    case kCqt:
      commands_.tail = static_cast<uint32_t>(value) & commands_.mask();
      break;
    case kFqb:
    case kFqb + 4:
      if (!faults_.on()) {
        faults_.base = merged(faults_.base, kFqb) & kQueueBase & (ppn_mask | 31);
        faults_.head = 0;
      }
      break;
    case kFqh:
      faults_.head = static_cast<uint32_t>(value) & faults_.mask();
      break;
    case kCqcsr: {
      const bool was_on = commands_.on();
      write_csr(commands_, static_cast<uint32_t>(value), kCommandErrors);
      if (commands_.on() && !was_on) commands_.head = 0;
      break;
    }
    case kFqcsr: {
      const bool was_on = faults_.on();
      write_csr(faults_, static_cast<uint32_t>(value), kFaultErrors);
      if (faults_.on() && !was_on) faults_.tail = 0;
      break;
    }
    case kIpsr:
      ipsr_ &= ~static_cast<uint32_t>(value);
      break;
    case kIcvec:
      icvec_ = value & (kVector | kVector << 4 | kVector << 8);
      break;
    default:
      break;
  }
  raise_pending();
  run_commands();
}

uint64_t Iommu::read_register(uint32_t offset, unsigned size) const {
  using namespace iommu_reg;
  const auto aligned = [&]() -> uint64_t {
    switch (offset & ~7u) {
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
        return uint64_t{ipsr_} << 32;
      case kIcvec:
        return icvec_;
      default:
        return 0;
    }
  }();
  if (size == 8) return aligned;
  return (offset & 4) ? aligned >> 32 : aligned & 0xffff'ffff;
}

}  // namespace cw::model
