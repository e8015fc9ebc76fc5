// SPDX-License-Identifier: Apache-2.0
#include "iommu/memory.hpp"

#include <algorithm>

namespace cw::iommu {

namespace {

constexpr uint64_t kTop = uint64_t{1} << Memory::kAddressBits;

bool outside(uint64_t hpa, uint64_t length) { return hpa >= kTop || length > kTop - hpa; }

}  // namespace

Memory::Answer Memory::read(uint64_t hpa, std::span<uint8_t> bytes) {
  if (outside(hpa, bytes.size()) || touches(Mark::Fault, hpa, bytes.size())) {
    return Answer::AccessFault;
  }
  copy_out(hpa, bytes);
  return touches(Mark::Poison, hpa, bytes.size()) ? Answer::Corrupted : Answer::Ok;
}

Memory::Answer Memory::write(uint64_t hpa, std::span<const uint8_t> bytes) {
  if (outside(hpa, bytes.size()) || touches(Mark::Fault, hpa, bytes.size())) {
    return Answer::AccessFault;
  }
  poke(hpa, bytes);
  return Answer::Ok;
}

void Memory::poke(uint64_t hpa, std::span<const uint8_t> bytes) {
  for (size_t done = 0; done < bytes.size();) {
    const uint64_t at = hpa + done, offset = at % kPageBytes;
    const size_t count = std::min<size_t>(bytes.size() - done, kPageBytes - offset);
    auto& page = pages_[at / kPageBytes];
    if (!page) page = std::make_unique<Page>();  // zero
    std::copy_n(&bytes[done], count, page->data() + offset);
    done += count;
  }
}

void Memory::copy_out(uint64_t hpa, std::span<uint8_t> bytes) const {
  for (size_t done = 0; done < bytes.size();) {
    const uint64_t at = hpa + done, offset = at % kPageBytes;
    const size_t count = std::min<size_t>(bytes.size() - done, kPageBytes - offset);
    const auto page = pages_.find(at / kPageBytes);
    if (page == pages_.end()) {
      std::fill_n(&bytes[done], count, uint8_t{0});
    } else {
      std::copy_n(page->second->data() + offset, count, &bytes[done]);
    }
    done += count;
  }
}

std::vector<uint8_t> Memory::peek(uint64_t hpa, uint64_t count) const {
  std::vector<uint8_t> bytes(count);
  copy_out(hpa, bytes);
  return bytes;
}

void Memory::mark(Mark kind, uint64_t hpa, uint64_t length) {
  if (length == 0) {
    marks_[kind].clear();
  } else {
    marks_[kind].push_back({.begin = hpa, .end = hpa + length});
  }
}

bool Memory::touches(Mark kind, uint64_t hpa, uint64_t length) const {
  const auto ranges = marks_.find(kind);
  if (ranges == marks_.end()) return false;
  return std::ranges::any_of(ranges->second, [&](const Range& range) {
    return hpa < range.end && range.begin < hpa + length;
  });
}

}  // namespace cw::iommu
