// SPDX-License-Identifier: Apache-2.0
#include "model/iommu_counters.hpp"

#include "model/iommu_bits.hpp"

namespace cw::model {

using namespace iommu_detail;

namespace {

// iohpmevt
constexpr unsigned kDmask = 15, kPv = 60, kDv = 61, kIdt = 62, kOf = 63;

// eventID is WARL.
bool legal_event(uint64_t id) {
  switch (static_cast<IommuEvent>(id)) {
    case IommuEvent::None:
    case IommuEvent::UntranslatedRequest:
    case IommuEvent::TlbMiss:
    case IommuEvent::DirectoryWalk:
    case IommuEvent::FirstStageWalk:
      return true;
    default:
      return false;
  }
}

// "Standard Events list": which of them know an address space.
bool selects_by_space(IommuEvent event) {
  return event == IommuEvent::TlbMiss || event == IommuEvent::FirstStageWalk;
}

// "filtering options": by device and process, or, with IDT, by guest and address space. There is no
// guest.
bool passes(uint64_t selector, IommuEvent event, IommuCounters::Source source) {
  if (bit(selector, kIdt)) {
    if (!selects_by_space(event) || bit(selector, kDv)) return false;
    return !bit(selector, kPv) || source.pscid == bits(selector, 35, 16);
  }
  if (bit(selector, kDv)) {
    const auto id = static_cast<uint32_t>(bits(selector, 59, 36));
    // DMASK: the low bits up to and with the first 0 are not compared
    const uint32_t ignored = bit(selector, kDmask) ? id ^ (id + 1) : 0;
    if (((id ^ source.device_id) & ~ignored & ones(24)) != 0) return false;
  }
  if (bit(selector, kPv)) return source.process_id == bits(selector, 35, 16);
  return true;
}

}  // namespace

bool IommuCounters::count(IommuEvent event, Source source) {
  bool interrupt = false;
  for (unsigned n = 0; n < kCounters; ++n) {
    uint64_t& selector = selectors_[n];
    if (bit(inhibits_, n + 1)) continue;
    if (static_cast<IommuEvent>(bits(selector, 14, 0)) != event) continue;
    if (!passes(selector, event, source)) continue;
    counters_[n] = (counters_[n] + 1) & ones(kCounterBits);
    if (counters_[n] != 0) continue;
    interrupt |= !bit(selector, kOf);
    selector |= uint64_t{1} << kOf;
  }
  return interrupt;
}

void IommuCounters::write_counter(unsigned n, uint64_t value) {
  if (n < kCounters) counters_[n] = value & ones(kCounterBits);
}

void IommuCounters::write_selector(unsigned n, uint64_t value) {
  if (n >= kCounters) return;
  // An event that cannot be counted leaves the one that was there
  const uint64_t event = legal_event(bits(value, 14, 0)) ? value : selectors_[n];
  selectors_[n] = (value & ~ones(15)) | bits(event, 14, 0);
}

uint32_t IommuCounters::overflows() const {
  auto shadow = static_cast<uint32_t>(bit(cycles_, kOf));
  for (unsigned n = 0; n < kCounters; ++n) {
    shadow |= static_cast<uint32_t>(bit(selectors_[n], kOf)) << (n + 1);
  }
  return shadow;
}

void IommuCounters::write_inhibits(uint32_t value) {
  inhibits_ = value & static_cast<uint32_t>(ones(kCounters + 1));
}

}  // namespace cw::model
