// SPDX-License-Identifier: Apache-2.0
//
// Plays a trace on an IOMMU, and says where it is not as the trace wants it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "iommu/memory.hpp"
#include "iommu/trace.hpp"

namespace cw::iommu {

// An IOMMU with memory behind it. What does not end in time throws dut::Timeout.
class Target {
 public:
  virtual ~Target() = default;

  virtual void reset(uint64_t capabilities) = 0;
  virtual Memory& memory() = 0;
  // Returns when no busy bit is set any more.
  virtual void write_register(uint32_t offset, unsigned size, uint64_t value) = 0;
  virtual uint64_t read_register(uint32_t offset, unsigned size) = 0;
  virtual void settle() = 0;
  // Returns when the request is finished in memory, or refused.
  virtual Outcome translate(const Translate& request) = 0;
};

struct Mismatch {
  unsigned line = 0;
  std::string expected, got;
};

// Every mismatch; one that leaves nothing to compare with (no answer, a failed assertion) ends it.
std::vector<Mismatch> play(const Trace& trace, Target& target);

}  // namespace cw::iommu
