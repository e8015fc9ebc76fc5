// SPDX-License-Identifier: Apache-2.0
//
// Random items through a valid/ready channel with stalls on both sides, for modules with the plain
// ports `in_data_i`, `in_valid_i`, `in_ready_o` and their `out_` counterparts.
#pragma once

#include <cstdint>
#include <vector>

#include "agent/rng.hpp"
#include "agent/stall_policy.hpp"
#include "dut/module.hpp"

namespace cw::unit {

struct ItemFlow {
  agent::Stall in = agent::Stall::None;
  agent::Stall out = agent::Stall::None;
  uint64_t seed = 1;
  size_t count = 300;
};

struct PassedItems {
  std::vector<uint32_t> sent, received;
  uint64_t cycles = 0;
  size_t most_inside = 0;
};

// Runs until every item has left; calls `look(inside)` in every settled cycle.
template <class V, class Look>
PassedItems pass_items(dut::Module<V>& module, const ItemFlow& flow, Look look) {
  agent::Rng rng(flow.seed, "items");
  agent::StallPolicy in(flow.in, rng.fork("in")), out(flow.out, rng.fork("out"));
  PassedItems passed;
  auto& pins = module.pins();
  bool offering = false;
  for (; passed.received.size() < flow.count; ++passed.cycles) {
    if (passed.cycles > 40 * flow.count + 100) throw dut::Timeout("items are stuck");
    if (!offering && passed.sent.size() < flow.count && !in.stalls()) {
      offering = true;
      pins.in_data_i = rng.u32();
    }
    pins.in_valid_i = offering;
    pins.out_ready_i = !out.stalls();
    module.settle();
    const size_t inside = passed.sent.size() - passed.received.size();
    if (inside > passed.most_inside) passed.most_inside = inside;
    look(inside);
    if (pins.out_valid_o && pins.out_ready_i) passed.received.push_back(pins.out_data_o);
    if (offering && pins.in_ready_o) {
      passed.sent.push_back(pins.in_data_i);
      offering = false;
    }
    module.step();
  }
  pins.in_valid_i = pins.out_ready_i = 0;
  return passed;
}

template <class V>
PassedItems pass_items(dut::Module<V>& module, const ItemFlow& flow) {
  return pass_items(module, flow, [](size_t) {});
}

}  // namespace cw::unit
