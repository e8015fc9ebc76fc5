// SPDX-License-Identifier: Apache-2.0
//
// Event counters of the IOMMU's model. The cycle counter holds what is written to it: a model
// without a clock has nothing to count there.
// RISC-V IOMMU 1.0: iocountovf, iocountinh, iohpmcycles, iohpmctr, iohpmevt.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace cw::model {

// "Standard Events list": those of a first stage without address translation service.
enum class IommuEvent : uint16_t {
  None = 0,
  UntranslatedRequest = 1,
  TlbMiss = 4,
  DirectoryWalk = 5,
  FirstStageWalk = 7,
};

class IommuCounters {
 public:
  static constexpr unsigned kCounters = 4, kCounterBits = 40;

  struct Source {
    uint32_t device_id = 0;
    std::optional<uint32_t> process_id{};
    std::optional<uint32_t> pscid{};  // where the address space is known
  };

  // True where a counter overflows whose OF was clear: an interrupt.
  bool count(IommuEvent event, Source source);

  // `n` counts from 0 for iohpmctr1.
  uint64_t counter(unsigned n) const { return n < kCounters ? counters_[n] : 0; }
  uint64_t selector(unsigned n) const { return n < kCounters ? selectors_[n] : 0; }
  void write_counter(unsigned n, uint64_t value);
  void write_selector(unsigned n, uint64_t value);

  uint32_t overflows() const;
  uint32_t inhibits() const { return inhibits_; }
  void write_inhibits(uint32_t value);
  uint64_t cycles() const { return cycles_; }
  void write_cycles(uint64_t value) { cycles_ = value; }

 private:
  uint64_t cycles_ = 0;
  uint32_t inhibits_ = 0;
  std::array<uint64_t, kCounters> counters_{};
  std::array<uint64_t, kCounters> selectors_{};
};

}  // namespace cw::model
