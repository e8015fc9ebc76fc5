// SPDX-License-Identifier: Apache-2.0
//
// Host memory as it must be: a copy of every page, changed only by what the device may write. What
// differs at the end was written by nobody's leave: each page beside a buffer is a canary.
#pragma once

#include <array>
#include <map>
#include <set>
#include <span>
#include <string>

#include "model/host_memory.hpp"
#include "pcie/types.hpp"

namespace cw::env {

class MemoryCheck {
 public:
  explicit MemoryCheck(const model::HostMemory& memory) : memory_(memory) {}

  // Memory is right as it stands. Software has written what it wants to.
  void begin();
  // A legal write of a device.
  void write(pcie::HostPhysAddr to, std::span<const uint8_t> data);
  // A page that is written by others, such as a fault queue.
  void ignore(pcie::HostPhysAddr page) { ignored_.insert(page.value / pcie::kPageBytes); }

  // Empty, or where memory differs. Nothing is known before begin().
  std::string difference() const;

 private:
  using Page = std::array<uint8_t, pcie::kPageBytes>;

  Page& expected(uint64_t number);
  std::string compare(uint64_t number, const Page& page) const;

  const model::HostMemory& memory_;
  std::map<uint64_t, Page> pages_;
  std::set<uint64_t> ignored_;
  bool begun_ = false;
};

}  // namespace cw::env
