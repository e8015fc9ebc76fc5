// SPDX-License-Identifier: Apache-2.0
//
// The reference model as the IOMMU of a trace.
#pragma once

#include <optional>

#include "iommu/player.hpp"
#include "model/iommu.hpp"

namespace cw::iommu {

class ModelTarget : public Target {
 public:
  void reset(uint64_t capabilities) override;
  Memory& memory() override { return *memory_; }
  void write_register(uint32_t offset, unsigned size, uint64_t value) override;
  uint64_t read_register(uint32_t offset, unsigned size) override;
  void settle() override {}  // whatever it is asked, it does at once
  Outcome translate(const Translate& request) override;

 private:
  std::optional<Memory> memory_{};
  std::optional<model::Iommu> iommu_{};
};

}  // namespace cw::iommu
