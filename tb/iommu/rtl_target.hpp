// SPDX-License-Identifier: Apache-2.0
//
// The RTL's `cw_iommu` alone as the IOMMU of a trace: its register port, its two request ports and
// a memory on its AXI port.
#pragma once

#include <cstdint>
#include <memory>

#include "iommu/player.hpp"

namespace cw::iommu {

class RtlTarget : public Target {
 public:
  struct Options {
    uint64_t seed = 1;          // of registers that no reset sets
    unsigned read_latency = 4;  // address taken to first data, in clocks
  };

  explicit RtlTarget(Options options);
  ~RtlTarget() override;

  void reset(uint64_t capabilities) override;
  Memory& memory() override;
  void write_register(uint32_t offset, unsigned size, uint64_t value) override;
  uint64_t read_register(uint32_t offset, unsigned size) override;
  void settle() override;
  Outcome translate(const Translate& request) override;

 private:
  class Bench;

  Options options_;
  std::unique_ptr<Bench> bench_;
};

}  // namespace cw::iommu
