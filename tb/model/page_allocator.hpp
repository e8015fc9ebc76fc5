// SPDX-License-Identifier: Apache-2.0
//
// Hands out host memory page by page from all over a window, so that neighbours in an I/O address
// space are no neighbours in memory. The places depend on the seed alone.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <unordered_set>
#include <vector>

#include "pcie/types.hpp"

namespace cw::model {

class PageAllocator {
 public:
  struct Window {
    pcie::HostPhysAddr base{};
    uint64_t bytes = 0;
  };

  PageAllocator(Window window, uint64_t seed);

  // One page that nobody has.
  pcie::HostPhysAddr page();
  // Pages in a row, aligned to their size rounded up to a power of two.
  pcie::HostPhysAddr contiguous(uint64_t bytes);
  // Pages for so many bytes, each anywhere.
  std::vector<pcie::HostPhysAddr> scattered(uint64_t bytes);

  void release(pcie::HostPhysAddr page);
  uint64_t pages_taken() const { return taken_.size(); }

 private:
  uint64_t draw(uint64_t below);

  Window window_;
  uint64_t state_;
  std::unordered_set<uint64_t> taken_;  // page numbers; only asked for membership
};

}  // namespace cw::model
