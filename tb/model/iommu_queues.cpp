// SPDX-License-Identifier: Apache-2.0
//
// The in-memory queues of the IOMMU's model (chapter 4), and the messages of its interrupts.
#include <array>
#include <cstring>

#include "model/iommu.hpp"
#include "model/iommu_bits.hpp"

namespace cw::model {

using namespace iommu_detail;

namespace {

constexpr unsigned kCommandBytes = 16, kFaultBytes = 32;

// "IOMMU command opcodes"
constexpr uint64_t kIotinval = 1, kIofence = 2, kIodir = 3;

// "Fault record TTYP field encodings"
uint64_t type_of(const IommuRequest& request) {
  enum : uint64_t { kExecute = 1, kRead, kWrite, kTranslated = 4, kAtsRequest = 8 };
  if (request.address_type == 1) return kAtsRequest;
  const uint64_t access = request.write ? kWrite : request.execute ? kExecute : kRead;
  return request.address_type == 2 ? kTranslated + access : access;
}

}  // namespace

// 4.2, fault queue records.
void Iommu::report(IommuCause cause, const IommuRequest& request, bool faults_disabled) {
  // DTF hides what the device did, never what is wrong with the directory ("Reported if DTF is 1")
  const auto code = static_cast<uint16_t>(cause);
  const bool always = (code >= 256 && code <= 259) || cause == IommuCause::DdtCorrupted;
  if (faults_disabled && !always) return;
  record({.cause = cause,
          .type = type_of(request),
          .device_id = request.device_id,
          .process_id = request.process_id,
          .privileged = request.process_id && request.privileged,
          .iotval = request.iova});
}

void Iommu::record(const Record& record) {
  if (!faults_.on() || (faults_.csr & kFaultErrors) != 0) return;
  if (faults_.full()) {
    faults_.csr |= kOverflow;
    return;
  }
  const uint64_t process =
      record.process_id ? uint64_t{*record.process_id} << 12 | uint64_t{1} << 32 : 0;
  const std::array<uint64_t, 4> words = {static_cast<uint64_t>(record.cause) | process |
                                             uint64_t{record.privileged} << 33 | record.type << 34 |
                                             uint64_t{record.device_id} << 40,
                                         0, record.iotval, 0};
  std::array<uint8_t, kFaultBytes> raw;
  std::memcpy(raw.data(), words.data(), raw.size());
  const uint64_t address = faults_.address() + uint64_t{faults_.tail} * kFaultBytes;
  if (beyond_physical(address, kFaultBytes) ||
      memory_.write(address, raw) != IommuMemory::Answer::Ok) {
    faults_.csr |= kMemFault;
    return;
  }
  faults_.tail = (faults_.tail + 1) & faults_.mask();
  if (faults_.csr & kInterruptEnable) interrupts_.raise(IommuInterrupt::Fault, wired());
}

// 4.1, the command queue: until it is empty, off, or stands at an error.
void Iommu::run_commands() {
  while (commands_.on() && (commands_.csr & (kMemFault | kCmdTimeout | kCmdIllegal)) == 0 &&
         commands_.head != commands_.tail) {
    const uint64_t address = commands_.address() + uint64_t{commands_.head} * kCommandBytes;
    std::array<uint8_t, kCommandBytes> raw{};
    if (beyond_physical(address, kCommandBytes) ||
        memory_.read(address, raw) != IommuMemory::Answer::Ok) {
      commands_.csr |= kMemFault;
      return;
    }
    const uint64_t low = load(raw, 0), high = load(raw, 8);
    if (command_illegal(low, high)) {
      commands_.csr |= kCmdIllegal;
      return;
    }
    // There are no caches to invalidate
    if (bits(low, 6, 0) == kIofence && !run_fence(low, high)) {
      commands_.csr |= kMemFault;
      return;
    }
    commands_.head = (commands_.head + 1) & commands_.mask();
  }
}

bool Iommu::command_illegal(uint64_t low, uint64_t high) const {
  const uint64_t function = bits(low, 9, 7);
  switch (bits(low, 6, 0)) {
    case kIotinval: {  // 4.1.1: VMA, GVMA. NL and S need capabilities that are not there
      enum : uint64_t { kVma, kGvma };
      if (function > kGvma) return true;
      if (bit(low, 11) || bits(low, 43, 34) != 0 || bits(low, 63, 60) != 0) return true;
      if (bits(high, 9, 0) != 0 || bits(high, 63, 62) != 0) return true;
      return function == kGvma && bit(low, 32);  // PSCV
    }
    case kIofence:  // 4.1.2: C. WSI is reserved without wired interrupts
      if (function != 0 || bits(low, 31, 14) != 0 || bits(high, 63, 62) != 0) return true;
      return bit(low, 11) && !wired();
    case kIodir: {  // 4.1.3: INVAL_DDT, INVAL_PDT
      enum : uint64_t { kDdt, kPdt };
      if (function > kPdt) return true;
      if (bits(low, 11, 10) != 0 || bit(low, 32) || bits(low, 39, 34) != 0 || high != 0) {
        return true;
      }
      // PID is reserved, or not wider than a process directory of one level
      constexpr unsigned kProcessIdBits = 8;
      const uint64_t process_id = bits(low, 31, 12);
      return function == kDdt ? process_id != 0
                              : !bit(low, 33) || process_id >> kProcessIdBits != 0;
    }
    default:
      return true;
  }
}

// 4.1.2, IOFENCE.C: everything before it is finished already.
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

// 6.13: a pending bit is set for as long as its cause lasts. 6.22: each change from 0 to 1 is a
// message, and a message that memory refuses is a fault of its own, which may interrupt again.
void Iommu::signal() {
  for (;;) {
    if ((commands_.csr & kCommandErrors) != 0 && (commands_.csr & kInterruptEnable)) {
      interrupts_.raise(IommuInterrupt::Command, wired());
    }
    if ((faults_.csr & kFaultErrors) != 0 && (faults_.csr & kInterruptEnable)) {
      interrupts_.raise(IommuInterrupt::Fault, wired());
    }
    const auto message = interrupts_.take_message();
    if (!message) return;
    std::array<uint8_t, 4> raw;
    std::memcpy(raw.data(), &message->data, raw.size());
    if (beyond_physical(message->address, 4) ||
        memory_.write(message->address, raw) != IommuMemory::Answer::Ok) {
      record({.cause = IommuCause::MsiWriteFault, .iotval = message->address});
    }
  }
}

}  // namespace cw::model
