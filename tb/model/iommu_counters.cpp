// SPDX-License-Identifier: Apache-2.0
#include "model/iommu_counters.hpp"

#include "model/iommu_bits.hpp"

namespace cw::model {

using namespace iommu_detail;

namespace {

// iohpmevt
constexpr unsigned kDmask = 15, kPv = 60, kDv = 61, kIdt = 62, kOf = 63;

// eventID is WARL: an event that cannot be counted reads back as "do not count".
uint64_t legal_event(uint64_t id) {
  switch (static_cast<IommuEvent>(id)) {
    case IommuEvent::UntranslatedRequest:
    case IommuEvent::TlbMiss:
    case IommuEvent::DirectoryWalk:
    case IommuEvent::FirstStageWalk:
      return id;
    default:
      return 0;
  }
}

// "filtering options", with IDT = 0: by device and process.
bool passes(uint64_t selector, IommuCounters::Source source) {
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
    // IDT = 1 selects by guest and address space, which a first stage alone does not offer
    if (bit(selector, kIdt) || !passes(selector, source)) continue;
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
  if (n < kCounters) selectors_[n] = (value & ~ones(15)) | legal_event(bits(value, 14, 0));
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
