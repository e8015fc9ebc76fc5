// SPDX-License-Identifier: Apache-2.0
//
// Builds an Sv39 page table in host memory for one I/O address space: pages of 4 KiB, 2 MiB and
// 1 GiB, and naturally aligned 64 KiB (Svnapot). RISC-V privileged architecture, "Sv39".
#pragma once

#include <cstdint>

#include "model/host_memory.hpp"
#include "model/page_allocator.hpp"
#include "pcie/types.hpp"

namespace cw::env {

class IoPageTable {
 public:
  enum class Size { Page4K, Napot64K, Mega2M, Giga1G };
  struct Access {
    bool read = true;
    bool write = true;
  };

  IoPageTable(model::HostMemory& memory, model::PageAllocator& pages);

  // Both addresses are aligned to `size`; an older mapping of the place is replaced.
  void map(pcie::Iova iova, pcie::HostPhysAddr to, Size size, Access access);
  void map(pcie::Iova iova, pcie::HostPhysAddr to) {
    map(iova, to, Size::Page4K, {.read = true, .write = true});
  }
  // The leaf that maps `iova` is made invalid; nothing is invalidated in any cache.
  void unmap(pcie::Iova iova);

  pcie::HostPhysAddr root() const { return root_; }
  // Where the leaf entry of `iova` lies at `level`, tables made on the way: for tests that corrupt.
  pcie::HostPhysAddr entry(pcie::Iova iova, unsigned level);

 private:
  model::HostMemory& memory_;
  model::PageAllocator& pages_;
  pcie::HostPhysAddr root_;
};

}  // namespace cw::env
