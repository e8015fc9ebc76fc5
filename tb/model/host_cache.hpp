// SPDX-License-Identifier: Apache-2.0
//
// The CPU's cache in front of host memory: what the CPU writes stays in lines that memory does not
// have yet. A snooped access of a device finds them; one with No Snoop goes past them to memory,
// and it is the driver that must have written them back, or dropped them, before (PCIe
// Base 2.2.6.5).
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/host_memory.hpp"
#include "pcie/types.hpp"

namespace cw::model {

class HostCache {
 public:
  static constexpr uint64_t kLineBytes = 64;

  explicit HostCache(HostMemory& memory) : memory_(memory) {}
  HostCache(const HostCache&) = delete;
  HostCache& operator=(const HostCache&) = delete;

  // The CPU. Both bring the lines into the cache; a write changes nothing in memory.
  std::vector<uint8_t> read(pcie::HostPhysAddr from, uint64_t bytes);
  void write(pcie::HostPhysAddr to, std::span<const uint8_t> data);

  // Lines of the range leave the cache: those the CPU has written go to memory first, or are lost.
  void flush(pcie::HostPhysAddr at, uint64_t bytes) { evict(at, bytes, /*write_back=*/true); }
  void drop(pcie::HostPhysAddr at, uint64_t bytes) { evict(at, bytes, /*write_back=*/false); }

  // A device, snooped. A read changes nothing; a write takes the lines out of the cache, so that
  // the CPU's next read sees it.
  void snooped_read(pcie::HostPhysAddr from, std::span<uint8_t> out) const;
  void snooped_write(pcie::HostPhysAddr to, std::span<const uint8_t> data, uint64_t strobe);

  size_t lines() const { return lines_.size(); }

 private:
  struct Line {
    std::array<uint8_t, kLineBytes> data{};
    bool dirty = false;  // memory does not have it
  };

  Line& bring(uint64_t number);
  void evict(pcie::HostPhysAddr at, uint64_t bytes, bool write_back);

  HostMemory& memory_;
  std::unordered_map<uint64_t, Line> lines_;  // by address / kLineBytes
};

}  // namespace cw::model
