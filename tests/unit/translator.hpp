// SPDX-License-Identifier: Apache-2.0
//
// An IOMMU that needs no tables, for modules with two translation ports.
#pragma once

#include <deque>

#include "agent/stall_policy.hpp"
#include "dut/bits.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {

// Answers each translation port after a while, each request by its tag.
template <class V>
class Translator : public dut::Clocked {
 public:
  Translator(dut::Module<V>& module, agent::Rng rng, agent::Stall stall)
      : module_(module), stalls_{{stall, rng.fork("p")}, {stall, rng.fork("np")}} {
    module_.kernel().add(*this);
  }
  ~Translator() override { module_.kernel().remove(*this); }
  unsigned latency = 3;

  void sample() override {
    V& p = module_.pins();
    for (unsigned port = 0; port < 2; ++port) {
      if (p.tr_rsp_valid_i & 1 << port) due_[port].pop_front();
      if (p.tr_valid_o & p.tr_ready_i & 1 << port) {
        const uint64_t iova = dut::get_bits(p.tr_req_o, port * kRequestBits + 3, 64);
        const uint64_t tag = dut::get_bits(p.tr_req_o, port * kRequestBits + 92, 5);
        due_[port].push_back({module_.now().value + latency, tag, translate(iova)});
      }
    }
  }
  void commit() override {
    V& p = module_.pins();
    p.tr_ready_i = 3;
    p.tr_rsp_valid_i = 0;
    for (unsigned port = 0; port < 2; ++port) {
      if (due_[port].empty() || due_[port].front().at > module_.now().value) continue;
      if (stalls_[port].stalls()) continue;
      const Translated& to = due_[port].front().to;
      p.tr_rsp_valid_i |= 1 << port;
      dut::set_bits(p.tr_rsp_i, port * kAnswerBits, 1, to.fault);
      dut::set_bits(p.tr_rsp_i, port * kAnswerBits + 1, 56, to.hpa);
      dut::set_bits(p.tr_rsp_i, port * kAnswerBits + 57, 5, due_[port].front().tag);
    }
  }

 private:
  static constexpr unsigned kRequestBits = 97, kAnswerBits = 62;
  struct Due {
    uint64_t at, tag;
    Translated to;
  };
  dut::Module<V>& module_;
  agent::StallPolicy stalls_[2];
  std::deque<Due> due_[2];
};

}  // namespace cw::unit
