// SPDX-License-Identifier: Apache-2.0
//
// A system brought up as an operating system would: enumerated, IOMMU on, the endpoint in an
// address space of its own, its interrupts and the DMA channels of card memory ready.
#pragma once

#include <cstdint>

#include "env/dma_driver.hpp"
#include "env/dma_space.hpp"
#include "env/enumeration.hpp"
#include "env/iommu_driver.hpp"
#include "env/system.hpp"
#include "env/topology.hpp"

namespace cw::env {

struct BringupOptions {
  EnumerationOptions enumeration{};
  unsigned directory_levels = 2;
  unsigned ring_log2 = 6;
  DmaSpace::Placement placement = DmaSpace::Placement::Scattered;
};

class Bringup {
 public:
  // Interrupt vectors, that of a DMA channel its number, and the data that their messages carry.
  static constexpr uint16_t kVectorH2c = 0, kVectorC2h = 1;
  static constexpr uint32_t kMsiData = 0x4000;

  explicit Bringup(System& system, const BringupOptions& options = {});

  System& system;
  Topology topology;
  const Function& endpoint;
  pcie::HostPhysAddr registers;    // BAR0
  pcie::HostPhysAddr card_memory;  // BAR2
  IommuDriver iommu;
  DmaSpace space;
  DmaDriver h2c;  // these two are started
  DmaDriver c2h;
  DmaDriver h2h;
  DmaDriver c2c;
  DmaDriver h2s;
  DmaDriver s2h;

  // After a reset of the endpoint that left the host as it is: enumerated, interrupts and channels
  // ready again. Rings are empty.
  void restart_endpoint();

  uint64_t card_bytes() const { return endpoint.bar(2).bytes; }

 private:
  EnumerationOptions enumeration_;
};

}  // namespace cw::env
