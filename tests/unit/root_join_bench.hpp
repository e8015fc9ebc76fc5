// SPDX-License-Identifier: Apache-2.0
//
// Two paths of 64 bits, a CPU's port standing for each, joined into one port of host memory. A
// module may have one half of it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "agent/axi_host.hpp"
#include "catch_shim.hpp"
#include "unit/array_pins.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {

template <class V>
struct RootJoinBench : dut::Clocked {
  static constexpr unsigned kPaths = 2;
  static constexpr uint64_t kBase = 0x8000'0000, kBytes = 0x1'0000;  // of each path
  static constexpr bool kWrites = requires(V & v) { v.s_aw_i; };
  static constexpr bool kReads = requires(V & v) { v.s_ar_i; };

  explicit RootJoinBench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None,
                         agent::AxiMemory::Options options = {})
      : module(seed), arrays(module.kernel()) {
    for (unsigned n = 0; n < kPaths; ++n) {
      connect(n);
      hosts[n] = std::make_unique<agent::AxiHost>(module.kernel(), pins(n),
                                                  agent::Rng(seed, "host").fork(n ? "1" : "0"),
                                                  agent::AxiHost::Options{.stall = stall});
    }
    options.stall = stall;
    port.emplace(module.kernel(), memory_pins(), memory, agent::Rng(seed, "memory"), options);
    closer.emplace(module.kernel(), arrays);
    module.kernel().add(*this);
    module.reset();
  }
  ~RootJoinBench() override { module.kernel().remove(*this); }

  agent::AxiHost& host(unsigned n) { return *hosts[n]; }
  static uint64_t base(unsigned n) { return kBase + n * kBytes; }

  void sample() override {
    if constexpr (kWrites) {
      if (p.m_aw_valid_o && p.m_aw_ready_i) turns.push_back(id_of(p.m_aw_o));
    }
    if constexpr (kReads) {
      if (p.m_ar_valid_o && p.m_ar_ready_i) read_turns.push_back(id_of(p.m_ar_o));
    }
  }
  static unsigned id_of(const VlWide<3>& ax) {
    return static_cast<unsigned>(dut::get_bits(ax, 77, 4));
  }

  // Of the paths' ports.
  struct Path {
    VlWide<3> aw{}, ar{};
    uint64_t w_data = 0, r_data = 0;
    uint8_t aw_valid = 0, aw_ready = 0, w_strb = 0, w_last = 0, w_valid = 0, w_ready = 0;
    uint8_t b = 0, b_valid = 0, b_ready = 0, ar_valid = 0, ar_ready = 0;
    uint8_t r_id = 0, r_resp = 0, r_last = 0, r_valid = 0, r_ready = 0;
  };

  dut::Module<V> module;
  V& p = module.pins();
  ArrayPins arrays;
  std::array<Path, kPaths> paths{};
  IdleHalf<8> idle;
  model::HostMemory memory;
  std::array<std::unique_ptr<agent::AxiHost>, kPaths> hosts;
  std::optional<agent::AxiMemory> port;
  std::optional<ArrayPins::Closer> closer;
  std::vector<unsigned> turns, read_turns;  // whose burst memory was asked for

 private:
  agent::AxiPins pins(unsigned n) {
    Path& at = paths[n];
    return {.aw = at.aw,
            .aw_valid = at.aw_valid,
            .aw_ready = at.aw_ready,
            .w_data = at.w_data,
            .w_strb = at.w_strb,
            .w_last = at.w_last,
            .w_valid = at.w_valid,
            .w_ready = at.w_ready,
            .b = at.b,
            .b_valid = at.b_valid,
            .b_ready = at.b_ready,
            .ar = at.ar,
            .ar_valid = at.ar_valid,
            .ar_ready = at.ar_ready,
            .r_id = at.r_id,
            .r_data = at.r_data,
            .r_resp = at.r_resp,
            .r_last = at.r_last,
            .r_valid = at.r_valid,
            .r_ready = at.r_ready};
  }
  agent::AxiPins memory_pins() {
    if constexpr (kWrites && kReads) {
      agent::AxiPins all = both_halves(p, idle);
      all.r_id = p.m_r_id_i;
      return all;
    } else if constexpr (kWrites) {
      return write_half(p, idle);
    } else {
      agent::AxiPins half = read_half(p, idle);
      half.r_id = p.m_r_id_i;
      return half;
    }
  }
  void connect(unsigned n) {
    Path& at = paths[n];
    if constexpr (kWrites) {
      p.s_aw_no_snoop_i = 0;
      arrays.input(p.s_aw_i, 81, n, at.aw);
      arrays.input(p.s_aw_valid_i, 1, n, at.aw_valid);
      arrays.output(p.s_aw_ready_o, 1, n, at.aw_ready);
      arrays.input(p.s_w_data_i, 64, n, at.w_data);
      arrays.input(p.s_w_strb_i, 8, n, at.w_strb);
      arrays.input(p.s_w_last_i, 1, n, at.w_last);
      arrays.input(p.s_w_valid_i, 1, n, at.w_valid);
      arrays.output(p.s_w_ready_o, 1, n, at.w_ready);
      arrays.output(p.s_b_o, 6, 0, at.b);
      arrays.output(p.s_b_valid_o, 1, n, at.b_valid);
      arrays.input(p.s_b_ready_i, 1, n, at.b_ready);
    }
    if constexpr (kReads) {
      p.s_ar_no_snoop_i = 0;
      arrays.input(p.s_ar_i, 81, n, at.ar);
      arrays.input(p.s_ar_valid_i, 1, n, at.ar_valid);
      arrays.output(p.s_ar_ready_o, 1, n, at.ar_ready);
      arrays.output(p.s_r_data_o, 64, n, at.r_data);
      arrays.output(p.s_r_resp_o, 2, n, at.r_resp);
      arrays.output(p.s_r_last_o, 1, n, at.r_last);
      arrays.output(p.s_r_valid_o, 1, n, at.r_valid);
      arrays.input(p.s_r_ready_i, 1, n, at.r_ready);
    }
  }
};

inline std::vector<uint8_t> random_bytes(agent::Rng& rng, uint32_t bytes) {
  std::vector<uint8_t> data(bytes);
  for (uint8_t& byte : data) byte = static_cast<uint8_t>(rng.u32());
  return data;
}

// No path twice in a row, from the moment on at which both ask.
inline bool alternate(const std::vector<unsigned>& turns, size_t from, size_t to) {
  for (size_t n = from + 1; n < to; ++n) {
    if (turns[n] == turns[n - 1]) return false;
  }
  return true;
}

}  // namespace cw::unit
