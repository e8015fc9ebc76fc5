// SPDX-License-Identifier: Apache-2.0
#include "env/dma_space.hpp"

#include <algorithm>

namespace cw::env {

using pcie::kPageBytes;

pcie::HostPhysAddr DmaSpace::Buffer::place(uint64_t at) const {
  const uint64_t offset = iova.value % kPageBytes + at;
  return pages[offset / kPageBytes] + offset % kPageBytes;
}

DmaSpace::DmaSpace(IommuDriver& iommu, model::HostMemory& memory, model::PageAllocator& pages,
                   pcie::Bdf device, uint32_t pscid, Placement placement)
    : iommu_(iommu),
      memory_(memory),
      pages_(pages),
      pscid_(pscid),
      placement_(placement),
      table_(memory, pages) {
  iommu_.attach(device, table_, pscid_);
}

DmaSpace::Buffer DmaSpace::map(uint64_t bytes, uint32_t offset, IoPageTable::Access access) {
  Buffer buffer{.bytes = bytes};
  if (placement_ == Placement::Scattered) {
    buffer.pages = pages_.scattered(offset + bytes);
  } else {
    const pcie::HostPhysAddr base = pages_.contiguous(offset + bytes);
    for (uint64_t at = 0; at < offset + bytes; at += kPageBytes) buffer.pages.push_back(base + at);
    next_ = pcie::Iova{base.value};
  }
  buffer.iova = next_ + uint64_t{offset};
  for (const auto page : buffer.pages) {
    table_.map(next_, page, IoPageTable::Size::Page4K, access);
    next_ = next_ + uint64_t{kPageBytes};
  }
  next_ = next_ + uint64_t{kPageBytes};
  return buffer;
}

void DmaSpace::skip(uint64_t bytes) {
  next_ = next_ + (bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

void DmaSpace::unmap(const Buffer& buffer) {
  pcie::Iova page{buffer.iova.value / kPageBytes * kPageBytes};
  for (const auto place : buffer.pages) {
    table_.unmap(page);
    pages_.release(place);
    page = page + uint64_t{kPageBytes};
  }
  iommu_.invalidate(pscid_);
}

void DmaSpace::write(const Buffer& buffer, uint64_t at, std::span<const uint8_t> data) {
  while (!data.empty()) {
    const auto to = buffer.place(at);
    const size_t part = std::min<size_t>(data.size(), kPageBytes - to.value % kPageBytes);
    memory_.write(to, data.first(part));
    if (check_) check_->write(to, data.first(part));
    data = data.subspan(part);
    at += part;
  }
}

void DmaSpace::read(const Buffer& buffer, uint64_t at, std::span<uint8_t> data) const {
  while (!data.empty()) {
    const auto from = buffer.place(at);
    const size_t part = std::min<size_t>(data.size(), kPageBytes - from.value % kPageBytes);
    memory_.read(from, data.first(part));
    data = data.subspan(part);
    at += part;
  }
}

}  // namespace cw::env
