// SPDX-License-Identifier: Apache-2.0
#include "model/host_memory.hpp"

#include <algorithm>
#include <cstring>

namespace cw::model {

using pcie::HostPhysAddr;

const HostMemory::Page* HostMemory::find(uint64_t number) const {
  if (number == last_number_) return last_page_;
  const auto found = pages_.find(number);
  if (found == pages_.end()) return nullptr;
  last_number_ = number;
  return last_page_ = found->second.get();
}

HostMemory::Page& HostMemory::touch(uint64_t number) {
  if (number == last_number_) return *last_page_;
  auto& page = pages_[number];
  if (!page) {
    page = std::make_unique<Page>();
    page->fill(kUntouched);
  }
  last_number_ = number;
  last_page_ = page.get();
  return *page;
}

// Calls part(page number, offset in the page, offset in the range, bytes) for each page touched.
template <class F>
void HostMemory::for_each_part(HostPhysAddr at, uint64_t bytes, F&& part) {
  for (uint64_t done = 0; done < bytes;) {
    const uint64_t address = at.value + done;
    const uint64_t offset = address % kPageBytes;
    const uint64_t count = std::min(bytes - done, kPageBytes - offset);
    part(address / kPageBytes, offset, done, count);
    done += count;
  }
}

void HostMemory::read(HostPhysAddr from, std::span<uint8_t> out) const {
  for_each_part(from, out.size(),
                [&](uint64_t number, uint64_t offset, uint64_t at, uint64_t count) {
                  if (const Page* page = find(number)) {
                    std::memcpy(&out[at], page->data() + offset, count);
                  } else {
                    std::memset(&out[at], kUntouched, count);
                  }
                });
}

void HostMemory::write(HostPhysAddr to, std::span<const uint8_t> data) {
  for_each_part(to, data.size(),
                [&](uint64_t number, uint64_t offset, uint64_t at, uint64_t count) {
                  std::memcpy(touch(number).data() + offset, &data[at], count);
                });
}

void HostMemory::write_strobed(HostPhysAddr to, std::span<const uint8_t> data, uint64_t strobe) {
  for (size_t i = 0; i < data.size(); ++i) {
    if ((strobe >> i & 1) == 0) continue;
    const uint64_t address = to.value + i;
    touch(address / kPageBytes)[address % kPageBytes] = data[i];
  }
}

void HostMemory::fill(HostPhysAddr to, uint64_t bytes, uint8_t value) {
  for_each_part(to, bytes, [&](uint64_t number, uint64_t offset, uint64_t, uint64_t count) {
    std::memset(touch(number).data() + offset, value, count);
  });
}

std::vector<uint8_t> HostMemory::read(HostPhysAddr from, uint64_t bytes) const {
  std::vector<uint8_t> data(bytes);
  read(from, data);
  return data;
}

uint32_t HostMemory::read32(HostPhysAddr from) const {
  std::array<uint8_t, 4> bytes;
  read(from, bytes);
  uint32_t value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

uint64_t HostMemory::read64(HostPhysAddr from) const {
  std::array<uint8_t, 8> bytes;
  read(from, bytes);
  uint64_t value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

void HostMemory::write32(HostPhysAddr to, uint32_t value) {
  std::array<uint8_t, 4> bytes;
  std::memcpy(bytes.data(), &value, sizeof value);
  write(to, bytes);
}

void HostMemory::write64(HostPhysAddr to, uint64_t value) {
  std::array<uint8_t, 8> bytes;
  std::memcpy(bytes.data(), &value, sizeof value);
  write(to, bytes);
}

std::vector<uint64_t> HostMemory::pages() const {
  std::vector<uint64_t> numbers;
  numbers.reserve(pages_.size());
  for (const auto& [number, page] : pages_) numbers.push_back(number);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace cw::model
