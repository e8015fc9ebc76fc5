// SPDX-License-Identifier: Apache-2.0
//
// Host memory: 64-bit, sparse, by 4 KiB pages that exist once they are written; the rest reads as
// a fixed pattern, so that a read of what nobody wrote is seen.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "pcie/types.hpp"

namespace cw::model {

class HostMemory {
 public:
  static constexpr uint64_t kPageBytes = pcie::kPageBytes;
  static constexpr uint8_t kUntouched = 0xa5;

  HostMemory() = default;
  HostMemory(const HostMemory&) = delete;
  HostMemory& operator=(const HostMemory&) = delete;

  void read(pcie::HostPhysAddr from, std::span<uint8_t> out) const;
  void write(pcie::HostPhysAddr to, std::span<const uint8_t> data);
  // Byte i of `data` only where bit i of `strobe` is one.
  void write_strobed(pcie::HostPhysAddr to, std::span<const uint8_t> data, uint64_t strobe);
  void fill(pcie::HostPhysAddr to, uint64_t bytes, uint8_t value);

  std::vector<uint8_t> read(pcie::HostPhysAddr from, uint64_t bytes) const;
  uint32_t read32(pcie::HostPhysAddr from) const;
  uint64_t read64(pcie::HostPhysAddr from) const;
  void write32(pcie::HostPhysAddr to, uint32_t value);
  void write64(pcie::HostPhysAddr to, uint64_t value);

  // Numbers of the pages that were ever written, in ascending order.
  std::vector<uint64_t> pages() const;

 private:
  using Page = std::array<uint8_t, kPageBytes>;

  const Page* find(uint64_t number) const;
  Page& touch(uint64_t number);
  template <class F>
  static void for_each_part(pcie::HostPhysAddr at, uint64_t bytes, F&& part);

  std::unordered_map<uint64_t, std::unique_ptr<Page>> pages_;
  // The page of the last access: most accesses are to the same one.
  mutable uint64_t last_number_ = ~uint64_t{0};
  mutable Page* last_page_ = nullptr;
};

}  // namespace cw::model
