// SPDX-License-Identifier: Apache-2.0
#include "model/page_allocator.hpp"

#include <bit>

namespace cw::model {

using pcie::HostPhysAddr;
using pcie::kPageBytes;

namespace {

uint64_t pages_for(uint64_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes; }

}  // namespace

PageAllocator::PageAllocator(Window window, uint64_t seed) : window_(window), state_(seed) {
  if (window_.base.value % kPageBytes || window_.bytes < kPageBytes) {
    throw std::logic_error("PageAllocator: the window holds no whole page");
  }
}

uint64_t PageAllocator::draw(uint64_t below) {
  state_ = state_ * 0x5851'f42d'4c95'7f2d + 0x1405'7b7e'f767'814f;
  return (state_ >> 20) % below;
}

HostPhysAddr PageAllocator::page() { return contiguous(kPageBytes); }

HostPhysAddr PageAllocator::contiguous(uint64_t bytes) {
  const uint64_t count = pages_for(bytes);
  const uint64_t step = std::bit_ceil(count);
  const uint64_t first = (window_.base.value / kPageBytes + step - 1) / step;
  const uint64_t end = (window_.base.value + window_.bytes) / kPageBytes / step;
  if (end <= first) throw std::logic_error("PageAllocator: larger than the window");
  const uint64_t places = end - first;
  const uint64_t start = draw(places);
  for (uint64_t i = 0; i < places; ++i) {  // the next free place after a random one
    const uint64_t page = (first + (start + i) % places) * step;
    bool free = true;
    for (uint64_t p = page; free && p < page + count; ++p) free = !taken_.contains(p);
    if (!free) continue;
    for (uint64_t p = page; p < page + count; ++p) taken_.insert(p);
    return {page * kPageBytes};
  }
  throw std::logic_error("PageAllocator: the window is full");
}

std::vector<HostPhysAddr> PageAllocator::scattered(uint64_t bytes) {
  std::vector<HostPhysAddr> pages(pages_for(bytes));
  for (HostPhysAddr& place : pages) place = page();
  return pages;
}

void PageAllocator::release(HostPhysAddr page) {
  if (!taken_.erase(page.value / kPageBytes)) {
    throw std::logic_error("PageAllocator: released a page that nobody has");
  }
}

}  // namespace cw::model
