// SPDX-License-Identifier: Apache-2.0
//
// Memory of a trace: sparse, 46 address bits, zero until written, with ranges that answer with an
// access fault or with poisoned data.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/iommu.hpp"

namespace cw::iommu {

class Memory : public model::IommuMemory {
 public:
  static constexpr unsigned kAddressBits = 46;
  enum class Mark { Fault, Poison };

  // As the IOMMU sees it: marks count, and a refused write changes nothing.
  Answer read(uint64_t hpa, std::span<uint8_t> bytes) override;
  Answer write(uint64_t hpa, std::span<const uint8_t> bytes) override;

  // As the trace sees it.
  void poke(uint64_t hpa, std::span<const uint8_t> bytes);
  std::vector<uint8_t> peek(uint64_t hpa, uint64_t count) const;
  // A length of 0 clears every mark of the kind.
  void mark(Mark kind, uint64_t hpa, uint64_t length);
  bool touches(Mark kind, uint64_t hpa, uint64_t length) const;

 private:
  static constexpr uint64_t kPageBytes = 4096;
  using Page = std::array<uint8_t, kPageBytes>;
  struct Range {
    uint64_t begin = 0, end = 0;
  };

  void copy_out(uint64_t hpa, std::span<uint8_t> bytes) const;

  std::unordered_map<uint64_t, std::unique_ptr<Page>> pages_;
  std::map<Mark, std::vector<Range>> marks_;
};

}  // namespace cw::iommu
