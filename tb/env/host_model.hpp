// SPDX-License-Identifier: Apache-2.0
//
// The host as devices find it, whatever link they are on: where the IOMMU's model lets a request
// go, which memory refuses it, which fault records it is worth, and what host memory must hold in
// the end.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "env/address_map.hpp"
#include "env/iommu_driver.hpp"
#include "env/memory_check.hpp"
#include "env/translation.hpp"
#include "model/host_cache.hpp"
#include "model/host_memory.hpp"

namespace cw::env {

class HostModel {
 public:
  explicit HostModel(model::HostMemory& memory);
  HostModel(const HostModel&) = delete;
  HostModel& operator=(const HostModel&) = delete;

  Translation& translation() { return translation_; }
  MemoryCheck& memory() { return check_; }

  // The IOMMU as software has set it up: translation is on from now on, and its fault queue is
  // written by itself.
  void turn_on(Host& host, const IommuDriver& iommu);
  // The CPU's cache: a snooped read sees what it holds.
  void look_up(const model::HostCache& cache) { cache_ = &cache; }
  // Host memory answers this range with an error from now on.
  void memory_refuses(AddressWindow range) { refused_.push_back(range); }

  // Where a request for the dword at `at` leads now, its place inside the dword kept.
  model::IommuAnswer translate(pcie::Bdf device, pcie::Iova at, bool write);
  // A request that faults is owed a record.
  void owe_fault(pcie::Bdf device, pcie::Iova at, bool write, model::IommuCause cause);
  // The fault records that the IOMMU owes since the last call, in no order.
  std::vector<IommuFault> take_faults() { return std::exchange(faults_, {}); }

  // There is memory behind this address: everything else refuses the requests of devices.
  static bool is_memory(uint64_t hpa) { return map::kRam.contains({hpa}); }
  bool refused(uint64_t hpa, uint64_t bytes) const;
  std::vector<uint8_t> bytes(uint64_t hpa, size_t count, bool no_snoop) const;

 private:
  model::HostMemory& memory_;
  const model::HostCache* cache_ = nullptr;
  Translation translation_;
  MemoryCheck check_;
  std::vector<IommuFault> faults_;
  std::vector<AddressWindow> refused_;
};

}  // namespace cw::env
