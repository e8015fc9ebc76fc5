// SPDX-License-Identifier: Apache-2.0
#include "env/memory_check.hpp"

#include <fmt/format.h>

namespace cw::env {

using pcie::kPageBytes;

void MemoryCheck::begin() {
  begun_ = true;
  pages_.clear();
  for (const uint64_t number : memory_.pages()) {
    memory_.read({number * kPageBytes}, pages_[number]);
  }
}

MemoryCheck::Page& MemoryCheck::expected(uint64_t number) {
  const auto [place, fresh] = pages_.try_emplace(number);
  if (fresh) place->second.fill(model::HostMemory::kUntouched);
  return place->second;
}

void MemoryCheck::write(pcie::HostPhysAddr to, std::span<const uint8_t> data) {
  if (!begun_) return;
  for (size_t n = 0; n < data.size(); ++n) {
    const uint64_t at = to.value + n;
    expected(at / kPageBytes)[at % kPageBytes] = data[n];
  }
}

std::string MemoryCheck::compare(uint64_t number, const Page& page) const {
  Page now;
  memory_.read({number * kPageBytes}, now);
  for (uint32_t at = 0; at < kPageBytes; ++at) {
    if (now[at] == page[at]) continue;
    return fmt::format("host memory at {:#x} is {:#04x}, and should be {:#04x}",
                       number * kPageBytes + at, now[at], page[at]);
  }
  return "";
}

std::string MemoryCheck::difference() const {
  if (!begun_) return "";
  Page untouched;
  untouched.fill(model::HostMemory::kUntouched);
  for (const uint64_t number : memory_.pages()) {
    if (ignored_.contains(number)) continue;
    const auto found = pages_.find(number);
    const std::string text = compare(number, found == pages_.end() ? untouched : found->second);
    if (!text.empty()) return text;
  }
  for (const auto& [number, page] : pages_) {
    if (ignored_.contains(number)) continue;
    const std::string text = compare(number, page);
    if (!text.empty()) return text;
  }
  return "";
}

}  // namespace cw::env
