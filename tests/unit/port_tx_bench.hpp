// SPDX-License-Identifier: Apache-2.0
//
// The transmit side with a partner that grants credits, and a check of what leaves: whole, in
// order, within the limits.
#pragma once

#include <deque>

#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "port_traffic.hpp"

namespace cw::test {

using namespace dut::literals;

inline constexpr ClassFc kInfinite{.hdr_infinite = true, .data_infinite = true};

template <class V>
struct PortTxBench : dut::Clocked {
  explicit PortTxBench(uint64_t seed, agent::Stall stall_in = agent::Stall::None,
                       agent::Stall stall_out = agent::Stall::None)
      : module(seed),
        p(module.pins()),
        in{dut::channel(p.p_ctl_i, p.p_data_i, p.p_valid_i, p.p_ready_o),
           dut::channel(p.np_ctl_i, p.np_data_i, p.np_valid_i, p.np_ready_o),
           dut::channel(p.cpl_ctl_i, p.cpl_data_i, p.cpl_valid_i, p.cpl_ready_o)},
        tx(dut::channel(p.tx_ctl_o, p.tx_data_o, p.tx_valid_o, p.tx_ready_i)),
        posted(module.kernel(), in[kPosted], {seed, "p"}, stall_in),
        non_posted(module.kernel(), in[kNonPosted], {seed, "np"}, stall_in),
        completion(module.kernel(), in[kCompletion], {seed, "cpl"}, stall_in),
        sink(module.kernel(), tx, {seed, "tx"}, stall_out),
        rng(seed, "credits") {
    module.kernel().add(*this);
    p.np_hold_i = p.np_drop_i = 0;
    PortTxBench::commit();
    module.reset();
  }
  ~PortTxBench() override { module.kernel().remove(*this); }

  agent::TlpSource& source(unsigned c) {
    return c == kPosted ? posted : c == kNonPosted ? non_posted : completion;
  }
  void send(pcie::RawTlp tlp) {
    const unsigned c = class_of(tlp);
    owed[c].push_back(tlp);
    source(c).send(std::move(tlp));
  }
  void run(dut::Cycles budget = 300'000_cycles) {
    const size_t all = owed[0].size() + owed[1].size() + owed[2].size();
    module.run_until([&] { return sink.size() == all; }, budget);
    for (const pcie::RawTlp& tlp : sink.received()) {
      auto& queue = owed[class_of(tlp)];
      REQUIRE_FALSE(queue.empty());
      CHECK(tlp == queue.front());
      queue.pop_front();
    }
    CHECK(overtakes == 0);
    CHECK(overdrafts == 0);
  }

  void sample() override {
    check_tx();
    const uint64_t before = posted_in;
    for (unsigned c = 0; c < 3; ++c) {
      // The owner of a posted TLP may take it as sent as soon as it is offered.
      const bool fresh = c == kPosted ? in[c].valid() && !offered : in[c].transfers();
      if (c == kPosted) offered = in[c].valid() && !in[c].transfers();
      if (!fresh || !in[c].ctl().sop) continue;
      if (c == kPosted) ++posted_in;
      marks[c].push_back(before);
    }
    if (grant_percent) grant();
  }
  void check_tx() {
    if (!tx.transfers()) return;
    const dut::TlpCtl ctl = tx.ctl();
    if (ctl.sop) {
      const pcie::RawTlp tlp{.hdr = ctl.hdr};
      current = class_of(tlp);
      used_hdr[current] += 1;
      used_data[current] += data_credits(tlp);
      const ClassFc& fc = limit[current];
      overdrafts += !fc.hdr_infinite && (fc.hdr_limit - used_hdr[current]) % 4096 > 2048;
      overdrafts += !fc.data_infinite && (fc.data_limit - used_data[current]) % 4096 > 2048;
      const bool may = current == kPosted || (current == kCompletion && relaxed(tlp));
      overtakes += !may && posted_out < marks[current].front();
      marks[current].pop_front();
    }
    if (ctl.eop && current == kPosted) ++posted_out;
  }
  // Now and then the partner has freed some of what was used: never more than 127 and 2047 ahead.
  void grant() {
    for (unsigned c = 0; c < 3; ++c) {
      if (!rng.chance(grant_percent)) continue;
      const uint32_t hdr = window_hdr - (limit[c].hdr_limit - used_hdr[c]) % 4096;
      const uint32_t data = window_data - (limit[c].data_limit - used_data[c]) % 4096;
      if (hdr <= window_hdr) limit[c].hdr_limit += static_cast<uint32_t>(rng.range(0, hdr));
      if (data <= window_data) limit[c].data_limit += static_cast<uint32_t>(rng.range(0, data));
    }
  }
  void commit() override {
    for (unsigned c = 0; c < 3; ++c) {
      const unsigned lsb = (kCompletion - c) * kClassFcBits;
      dut::set_bits(p.fc_i, lsb + 25, 1, limit[c].hdr_infinite);
      dut::set_bits(p.fc_i, lsb + 13, 12, limit[c].hdr_limit % 4096);
      dut::set_bits(p.fc_i, lsb + 12, 1, limit[c].data_infinite);
      dut::set_bits(p.fc_i, lsb, 12, limit[c].data_limit % 4096);
    }
  }
  void all_infinite() {
    for (ClassFc& fc : limit) fc = kInfinite;
    commit();
  }

  dut::Module<V> module;
  V& p;
  dut::ChannelPins in[3], tx;
  agent::TlpSource posted, non_posted, completion;
  agent::TlpSink sink;
  agent::Rng rng;
  std::deque<pcie::RawTlp> owed[3];
  std::deque<uint64_t> marks[3];
  ClassFc limit[3];
  unsigned grant_percent = 0;
  bool offered = false;  // a posted beat was on offer in the last clock and was not taken
  uint32_t window_hdr = 4, window_data = 64;
  uint32_t used_hdr[3] = {}, used_data[3] = {};
  unsigned current = 0;
  uint64_t posted_in = 0, posted_out = 0, overtakes = 0, overdrafts = 0;
};

}  // namespace cw::test
