// SPDX-License-Identifier: Apache-2.0
//
// Where an IOVA leads: the IOMMU's model on the tables as they stand in host memory now.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>

#include "model/host_memory.hpp"
#include "model/iommu.hpp"
#include "pcie/types.hpp"

namespace cw::env {

class Translation : private model::IommuMemory {
 public:
  explicit Translation(model::HostMemory& memory) : memory_(memory) {}
  Translation(const Translation&) = delete;
  Translation& operator=(const Translation&) = delete;

  // The registers as software set them. Before that every address stands for itself.
  void turn_on(uint64_t capabilities, uint64_t ddtp);

  model::IommuAnswer translate(pcie::Bdf device, pcie::Iova iova, bool write);
  // The byte that a device reads there; none where the read faults.
  std::optional<uint8_t> byte(pcie::Bdf device, pcie::Iova iova);
  // Tables may have changed since byte() was called last.
  void forget() { pages_.clear(); }

 private:
  struct Page {
    uint64_t iova_page = 0;
    std::optional<uint64_t> hpa{};
  };

  Answer read(uint64_t hpa, std::span<uint8_t> bytes) override;
  Answer write(uint64_t hpa, std::span<const uint8_t> bytes) override;

  model::HostMemory& memory_;
  std::optional<model::Iommu> iommu_{};
  std::map<uint16_t, Page> pages_{};  // the last one of each device
};

}  // namespace cw::env
