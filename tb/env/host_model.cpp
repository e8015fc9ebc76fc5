// SPDX-License-Identifier: Apache-2.0
#include "env/host_model.hpp"

#include <algorithm>

#include "env/host.hpp"

namespace cw::env {

namespace {

constexpr uint8_t kUntranslatedRead = 2, kUntranslatedWrite = 3;  // TTYP of a fault record

}  // namespace

HostModel::HostModel(model::HostMemory& memory)
    : memory_(memory), translation_(memory), check_(memory) {}

void HostModel::turn_on(Host& host, const IommuDriver& iommu) {
  translation_.turn_on(iommu.capabilities(),
                       host.read64(map::kIommu.base + uint64_t{model::iommu_reg::kDdtp}));
  const AddressWindow queue = iommu.fault_queue();
  for (uint64_t at = 0; at < queue.bytes; at += pcie::kPageBytes) check_.ignore(queue.base + at);
}

model::IommuAnswer HostModel::translate(pcie::Bdf device, pcie::Iova at, bool write) {
  auto answer = translation_.translate(device, {at.value & ~uint64_t{3}}, write);
  answer.hpa += at.value % 4;
  return answer;
}

void HostModel::owe_fault(pcie::Bdf device, pcie::Iova at, bool write, model::IommuCause cause) {
  faults_.push_back({.cause = static_cast<uint16_t>(cause),
                     .transaction_type = write ? kUntranslatedWrite : kUntranslatedRead,
                     .device_id = device.id(),
                     .iova = {at.value & ~uint64_t{3}}});
}

bool HostModel::refused(uint64_t hpa, uint64_t bytes) const {
  return std::ranges::any_of(refused_, [&](const AddressWindow& range) {
    return hpa < range.end() && hpa + bytes > range.base.value;
  });
}

std::vector<uint8_t> HostModel::bytes(uint64_t hpa, size_t count, bool no_snoop) const {
  std::vector<uint8_t> seen(count);
  if (cache_ && !no_snoop) {
    cache_->snooped_read({hpa}, seen);
  } else {
    memory_.read({hpa}, seen);
  }
  return seen;
}

}  // namespace cw::env
