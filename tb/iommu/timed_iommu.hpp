// SPDX-License-Identifier: Apache-2.0
//
// The RTL's `cw_iommu` alone before a memory of known latency, its tables, and streams of requests
// that say when each was taken and when it was answered.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dut/kernel.hpp"

namespace cw::iommu {

// A request of a device, at one of the two ports of the translation.
struct TimedRequest {
  enum class Port { Posted, NonPosted };
  uint32_t device = 0;
  uint64_t iova = 0;
  Port port = Port::NonPosted;
  unsigned not_before = 0;  // clocks from the beginning of its stream
};

struct Timing {
  dut::Cycles taken{};
  dut::Cycles answered{};
  bool fault = false;
  uint64_t hpa = 0;

  // From the edge that took the request to the answer being there.
  dut::Cycles latency() const { return answered - taken - dut::Cycles{1}; }
};

// How fast requests are offered.
struct Pace {
  unsigned clocks_per_request = 1;
  unsigned outstanding = 32;  // of a port
  unsigned skip_percent = 0;  // of the clocks in which one could be offered: an injected stall
};

class TimedIommu {
 public:
  struct Options {
    uint64_t seed = 1;
    unsigned latency = 10;  // of memory, from an address taken to the first data, in clocks
  };
  enum class Page { Size4K, Size2M };

  explicit TimedIommu(Options options);
  ~TimedIommu();

  // A device behind a directory of three levels, with Sv39 tables of its own.
  void add_device(uint32_t device, uint32_t pscid);
  void map(uint32_t device, uint64_t iova, uint64_t hpa, Page size);
  void start();

  // Offers the requests of each port in their order; returns when all are answered. An answer that
  // is not what the tables say is a std::runtime_error.
  std::vector<Timing> run(std::span<const TimedRequest> requests, const Pace& pace);
  Timing run(const TimedRequest& request);

  // Commands, with a fence behind them; the time from the tail's write to the head's arrival.
  dut::Cycles forget_page(uint32_t pscid, uint64_t iova);  // IOTINVAL.VMA with address
  void forget_pages();                                     // every page table
  void forget_everything();                                // and the directory

  uint64_t bursts() const;  // read from memory so far

 private:
  class Rig;
  std::unique_ptr<Rig> rig_;
};

}  // namespace cw::iommu
