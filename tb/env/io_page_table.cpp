// SPDX-License-Identifier: Apache-2.0
#include "env/io_page_table.hpp"

namespace cw::env {

namespace {

constexpr uint64_t kValid = 1, kRead = 2, kWrite = 4, kUser = 16, kAccessed = 64, kDirty = 128;
constexpr uint64_t kLeaf = kRead | 4 | 8;  // R, W or X
constexpr uint64_t kNapot = uint64_t{1} << 63;
constexpr uint64_t kNapot64K = 8;  // ppn[3:0] of a 64 KiB range
constexpr unsigned kTopLevel = 2;

pcie::HostPhysAddr table_of(uint64_t entry) { return {(entry >> 10 & 0xfff'ffff'ffff) << 12}; }
uint64_t entry_for(pcie::HostPhysAddr to) { return to.value >> 12 << 10; }

}  // namespace

IoPageTable::IoPageTable(model::HostMemory& memory, model::PageAllocator& pages)
    : memory_(memory), pages_(pages), root_(pages.page()) {
  memory_.fill(root_, pcie::kPageBytes, 0);
}

pcie::HostPhysAddr IoPageTable::entry(pcie::Iova iova, unsigned level) {
  pcie::HostPhysAddr table = root_;
  for (unsigned at = kTopLevel;; --at) {
    const uint64_t index = iova.value >> (12 + 9 * at) & 511;
    const pcie::HostPhysAddr place = table + index * 8;
    if (at == level) return place;
    const uint64_t value = memory_.read64(place);
    if ((value & kValid) != 0 && (value & kLeaf) == 0) {
      table = table_of(value);
      continue;
    }
    table = pages_.page();
    memory_.fill(table, pcie::kPageBytes, 0);
    memory_.write64(place, entry_for(table) | kValid);
  }
}

void IoPageTable::map(pcie::Iova iova, pcie::HostPhysAddr to, Size size, Access access) {
  const uint64_t flags =
      kValid | kUser | kAccessed | (access.read ? kRead : 0) | (access.write ? kWrite | kDirty : 0);
  if (size == Size::Napot64K) {
    constexpr unsigned kPages = 16;
    const uint64_t leaf = entry_for(to) | kNapot64K << 10 | kNapot | flags;
    for (unsigned page = 0; page < kPages; ++page) {
      memory_.write64(entry(iova + page * uint64_t{pcie::kPageBytes}, 0), leaf);
    }
    return;
  }
  const unsigned level = size == Size::Giga1G ? 2 : size == Size::Mega2M ? 1 : 0;
  memory_.write64(entry(iova, level), entry_for(to) | flags);
}

void IoPageTable::unmap(pcie::Iova iova) {
  for (unsigned level = kTopLevel;; --level) {
    const pcie::HostPhysAddr place = entry(iova, level);
    if (level == 0 || (memory_.read64(place) & kLeaf) != 0) {
      memory_.write64(place, 0);
      return;
    }
  }
}

}  // namespace cw::env
