// SPDX-License-Identifier: Apache-2.0
#include "env/translation.hpp"

#include <stdexcept>

namespace cw::env {

void Translation::turn_on(uint64_t capabilities, uint64_t ddtp) {
  iommu_.emplace(capabilities, static_cast<model::IommuMemory&>(*this));
  iommu_->write_register(model::iommu_reg::kDdtp, 8, ddtp);
  forget();
}

model::IommuAnswer Translation::translate(pcie::Bdf device, pcie::Iova iova, bool write) {
  if (!iommu_) return {.hpa = iova.value};
  return iommu_->translate({.device_id = device.id(), .iova = iova.value, .write = write});
}

std::optional<uint8_t> Translation::byte(pcie::Bdf device, pcie::Iova iova) {
  const uint64_t number = iova.value / pcie::kPageBytes;
  const auto [found, fresh] = pages_.try_emplace(device.id());
  Page& page = found->second;
  if (fresh || page.iova_page != number) {
    const auto answer = translate(device, {number * pcie::kPageBytes}, /*write=*/false);
    page = Page{.iova_page = number};
    if (!answer.fault) page.hpa = answer.hpa;
  }
  if (!page.hpa) return std::nullopt;
  uint8_t value = 0;
  memory_.read({*page.hpa + iova.value % pcie::kPageBytes}, std::span(&value, 1));
  return value;
}

Translation::Answer Translation::read(uint64_t hpa, std::span<uint8_t> bytes) {
  memory_.read({hpa}, bytes);
  return Answer::Ok;
}

// The model's fault queue is off: the real one is compared by its records.
Translation::Answer Translation::write(uint64_t, std::span<const uint8_t>) {
  throw std::logic_error("the IOMMU's model writes memory");
}

}  // namespace cw::env
