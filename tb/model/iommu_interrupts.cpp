// SPDX-License-Identifier: Apache-2.0
#include "model/iommu_interrupts.hpp"

#include "model/iommu_bits.hpp"

namespace cw::model {

using namespace iommu_detail;

namespace {

constexpr IommuInterrupt kCauses[] = {IommuInterrupt::Command, IommuInterrupt::Fault,
                                      IommuInterrupt::Counter};

// icvec: civ, fiv, pmiv; four bits of place each, two that can be written. piv has no queue.
constexpr unsigned kVectorBits = 4;
constexpr uint64_t kQueueVectors = 0x033, kCounterVector = 0x300;

// msi_addr: bits 55:2; msi_vec_ctl: M.
constexpr uint64_t kAddressMask = ones(56) & ~uint64_t{3};
constexpr unsigned kMask = 32;

}  // namespace

unsigned IommuInterrupts::vector_of(IommuInterrupt cause) const {
  const unsigned place = cause == IommuInterrupt::Command ? 0
                         : cause == IommuInterrupt::Fault ? 1
                                                          : 2;
  return bits(icvec_, place * kVectorBits + 3, place * kVectorBits);
}

void IommuInterrupts::raise(IommuInterrupt cause, bool wired) {
  const auto bit = static_cast<uint32_t>(cause);
  if (!wired && (pending_ & bit) == 0) table_[vector_of(cause)].due = true;
  pending_ |= bit;
}

uint16_t IommuInterrupts::wires() const {
  uint16_t lines = 0;
  for (const IommuInterrupt cause : kCauses) {
    if (pending_ & static_cast<uint32_t>(cause)) {
      lines |= static_cast<uint16_t>(1u << vector_of(cause));
    }
  }
  return lines;
}

std::optional<IommuInterrupts::Message> IommuInterrupts::take_message() {
  for (Entry& entry : table_) {
    if (!entry.due || entry.masked) continue;
    entry.due = false;
    return entry.message;
  }
  return std::nullopt;
}

void IommuInterrupts::write_vectors(uint64_t value, bool has_counters) {
  icvec_ = value & (kQueueVectors | (has_counters ? kCounterVector : 0));
}

uint64_t IommuInterrupts::read_table(unsigned doubleword) const {
  if (doubleword / 2 >= kVectors) return 0;
  const Entry& entry = table_[doubleword / 2];
  if (doubleword % 2 == 0) return entry.message.address;
  return entry.message.data | uint64_t{entry.masked} << kMask;
}

void IommuInterrupts::write_table(unsigned doubleword, uint64_t value) {
  if (doubleword / 2 >= kVectors) return;
  Entry& entry = table_[doubleword / 2];
  if (doubleword % 2 == 0) {
    entry.message.address = value & kAddressMask;
  } else {
    entry.message.data = static_cast<uint32_t>(value);
    entry.masked = bit(value, kMask);
  }
}

}  // namespace cw::model
