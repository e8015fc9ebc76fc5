// SPDX-License-Identifier: Apache-2.0
//
// Memory behind the `rd_*` and `wr_*` ports of one walker or queue: it counts, delays, and fails
// where a test says so.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <vector>

#include "dut/kernel.hpp"
#include "iommu_fields.hpp"
#include "model/host_memory.hpp"

namespace cw::unit::iommu {

struct Fetch {
  uint64_t hpa = 0;
  unsigned doublewords = 1;
  bool operator==(const Fetch&) const = default;
};

// Doublewords that fail, and what was asked.
struct MemoryScript {
  model::HostMemory memory;
  std::set<uint64_t> error, poison;
  std::vector<Fetch> fetches;
  unsigned latency = 2;

  void zero_page(uint64_t hpa) { memory.fill({hpa}, 4096, 0); }
  void write64(uint64_t hpa, uint64_t value) { memory.write64({hpa}, value); }
};

template <class V>
class WalkMemory : public dut::Clocked, public MemoryScript {
 public:
  WalkMemory(dut::Kernel& kernel, V& pins) : kernel_(kernel), p_(pins) { kernel.add(*this); }
  ~WalkMemory() override { kernel_.remove(*this); }

  void sample() override {
    if (sending_ && ++beat_ == fetches.back().doublewords) sending_ = waiting_ = false;
    if (p_.rd_valid_o && p_.rd_ready_i) {
      fetches.push_back({.hpa = get_bits(p_.rd_req_o, 3, 56),
                         .doublewords = static_cast<unsigned>(get_bits(p_.rd_req_o, 0, 3)) + 1});
      waiting_ = true;
      beat_ = 0;
      left_ = latency;
    } else if (waiting_ && left_ > 0) {
      --left_;
    }
    if (waiting_ && left_ == 0) sending_ = true;
  }

  void commit() override {
    p_.rd_ready_i = !waiting_;
    p_.rd_rsp_valid_i = sending_;
    if (!sending_) return;
    const Fetch& fetch = fetches.back();
    uint64_t hpa = fetch.hpa + 8 * beat_;
    if (fetch.doublewords == 8) hpa = fetch.hpa / 64 * 64 + hpa % 64;  // a line wraps
    set_bits(p_.rd_rsp_i, 0, 1, beat_ + 1 == fetches.back().doublewords);
    set_bits(p_.rd_rsp_i, 1, 1, poison.contains(hpa));
    set_bits(p_.rd_rsp_i, 2, 1, error.contains(hpa));
    set_bits(p_.rd_rsp_i, 3, 64, memory.read64({hpa}));
  }

  void reset() override {
    waiting_ = sending_ = false;
    commit();
  }

 private:
  dut::Kernel& kernel_;
  V& p_;
  bool waiting_ = false, sending_ = false;
  unsigned beat_ = 0, left_ = 0;
};

}  // namespace cw::unit::iommu
