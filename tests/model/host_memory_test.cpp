// SPDX-License-Identifier: Apache-2.0
#include "model/host_memory.hpp"

#include <algorithm>

#include "catch_shim.hpp"
#include "model/page_allocator.hpp"

using namespace cw::model;
using cw::pcie::HostPhysAddr;

TEST_CASE("Memory holds what was written, across pages", "[model][memory]") {
  HostMemory memory;
  std::vector<uint8_t> data(10'000);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<uint8_t>(i * 7);
  memory.write({0x3fff'ffff'f123}, data);
  CHECK(memory.read({0x3fff'ffff'f123}, data.size()) == data);
  CHECK(memory.pages().size() == 3);
}

TEST_CASE("Memory that nobody wrote reads as the pattern and takes no page", "[model][memory]") {
  HostMemory memory;
  CHECK(memory.read32({0x8000'0000}) == 0xa5a5'a5a5);
  CHECK(memory.pages().empty());
  memory.write32({0x8000'0004}, 1);
  CHECK(memory.read64({0x8000'0000}) == 0x0000'0001'a5a5'a5a5);
}

TEST_CASE("Strobed writes change the enabled bytes only", "[model][memory]") {
  HostMemory memory;
  memory.write64({0x1000}, 0);
  const std::vector<uint8_t> data{1, 2, 3, 4, 5, 6, 7, 8};
  memory.write_strobed({0x1000}, data, 0b1010'0001);
  CHECK(memory.read64({0x1000}) == 0x0800'0600'0000'0001);
  memory.fill({0xffe}, 4, 0xcc);
  CHECK(memory.read32({0xffe}) == 0xcccc'cccc);
}

TEST_CASE("A page read before it exists is seen once it does", "[model][memory]") {
  HostMemory memory;
  memory.write32({0x5000}, 5);
  CHECK(memory.read32({0x6000}) == 0xa5a5'a5a5);
  memory.write32({0x6000}, 6);
  CHECK(memory.read32({0x6000}) == 6);
  CHECK(memory.read32({0x5000}) == 5);
}

TEST_CASE("The allocator scatters pages and never gives one twice", "[model][memory]") {
  constexpr PageAllocator::Window kWindow{.base = {0x8000'0000}, .bytes = 64 * 4096};
  PageAllocator allocator(kWindow, 3);
  std::vector<HostPhysAddr> pages = allocator.scattered(60 * 4096);
  CHECK_FALSE(std::is_sorted(pages.begin(), pages.end()));
  PageAllocator again(kWindow, 3);
  CHECK(again.scattered(60 * 4096) == pages);
  std::sort(pages.begin(), pages.end());
  CHECK(std::adjacent_find(pages.begin(), pages.end()) == pages.end());
  CHECK(pages.front() >= kWindow.base);
  CHECK(pages.back() < kWindow.base + kWindow.bytes);
  CHECK_THROWS_AS(allocator.scattered(5 * 4096), std::logic_error);
}

TEST_CASE("Contiguous memory is aligned to its size", "[model][memory]") {
  PageAllocator allocator({.base = {0x8000'0000}, .bytes = 64 * 4096}, 5);
  const HostPhysAddr block = allocator.contiguous(3 * 4096);
  CHECK(block.value % (4 * 4096) == 0);
  CHECK(allocator.pages_taken() == 3);
  allocator.release(block);
  CHECK_THROWS_AS(allocator.release(block), std::logic_error);
}
