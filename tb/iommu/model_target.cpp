// SPDX-License-Identifier: Apache-2.0
#include "iommu/model_target.hpp"

namespace cw::iommu {

void ModelTarget::reset(uint64_t capabilities) {
  iommu_.reset();
  memory_.emplace();
  iommu_.emplace(capabilities, *memory_);
}

void ModelTarget::write_register(uint32_t offset, unsigned size, uint64_t value) {
  iommu_->write_register(offset, size, value);
}

uint64_t ModelTarget::read_register(uint32_t offset, unsigned size) {
  return iommu_->read_register(offset, size);
}

Outcome ModelTarget::translate(const Translate& request) {
  const model::IommuAnswer answer = iommu_->translate(
      {.device_id = request.device_id, .iova = request.iova, .write = request.write});
  // A physical address has at most 56 bits: what passes untranslated and is wider leads nowhere
  constexpr unsigned kPhysicalBits = 56;
  if (answer.fault || answer.hpa >> kPhysicalBits != 0) return {.status = Status::Ur};
  return {.status = Status::Ok, .address = answer.hpa};
}

}  // namespace cw::iommu
