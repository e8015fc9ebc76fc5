// SPDX-License-Identifier: Apache-2.0
//
// The I/O address space of one device: buffers of scattered host pages at neighbouring IOVAs.
// A page that nobody mapped lies between any two buffers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "env/io_page_table.hpp"
#include "env/iommu_driver.hpp"
#include "env/memory_check.hpp"

namespace cw::env {

class DmaSpace {
 public:
  struct Buffer {
    pcie::Iova iova{};
    uint64_t bytes = 0;
    std::vector<pcie::HostPhysAddr> pages{};  // the one with the first byte first

    // Where byte `at` lies in host memory.
    pcie::HostPhysAddr place(uint64_t at) const;
  };

  // Where buffers lie: on pages from all over memory, or where their IOVA says, so that addresses
  // mean the same to an IOMMU that translates and to one that does not.
  enum class Placement { Scattered, Identity };

  DmaSpace(IommuDriver& iommu, model::HostMemory& memory, model::PageAllocator& pages,
           pcie::Bdf device, uint32_t pscid, Placement placement = Placement::Scattered);

  // `bytes` bytes from `offset` of a page on; released only by unmap().
  Buffer map(uint64_t bytes, uint32_t offset = 0, IoPageTable::Access access = {});
  // Takes the mapping away, invalidates and gives the pages back.
  void unmap(const Buffer& buffer);

  void write(const Buffer& buffer, uint64_t at, std::span<const uint8_t> data);
  void read(const Buffer& buffer, uint64_t at, std::span<uint8_t> data) const;

  // What software writes is told to it from now on.
  void tell(MemoryCheck& check) { check_ = &check; }
  // Leaves so many bytes of addresses out: nobody ever maps them.
  void skip(uint64_t bytes);

  // An address that is mapped by nothing.
  pcie::Iova unmapped() const { return next_; }
  IoPageTable& table() { return table_; }
  uint32_t pscid() const { return pscid_; }

 private:
  IommuDriver& iommu_;
  model::HostMemory& memory_;
  MemoryCheck* check_ = nullptr;
  model::PageAllocator& pages_;
  uint32_t pscid_;
  Placement placement_;
  IoPageTable table_;
  pcie::Iova next_{0x1'0000'0000};  // above 4 GiB: headers of four dwords
};

}  // namespace cw::env
