// SPDX-License-Identifier: Apache-2.0
//
// The receive side with a partner that sends as credits and the requester's reservation allow, and
// a check of what leaves: whole, once, in the order that the table wants.
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

inline constexpr uint32_t kMaxPayload = 256, kBlockDw = 16, kReservedBlocks = 256;

inline uint32_t blocks(const pcie::RawTlp& tlp) {
  return std::max(1u, (static_cast<uint32_t>(tlp.payload.size()) + kBlockDw - 1) / kBlockDw);
}

template <class V>
struct PortRxBench : dut::Clocked {
  explicit PortRxBench(uint64_t seed, agent::Stall in = agent::Stall::None,
                       agent::Stall stall = agent::Stall::None)
      : module(seed),
        p(module.pins()),
        rx(dut::channel(p.rx_ctl_i, p.rx_data_i, p.rx_valid_i, p.rx_ready_o)),
        out{dut::channel(p.p_ctl_o, p.p_data_o, p.p_valid_o, p.p_ready_i),
            dut::channel(p.np_ctl_o, p.np_data_o, p.np_valid_o, p.np_ready_i),
            dut::channel(p.cpl_ctl_o, p.cpl_data_o, p.cpl_valid_o, p.cpl_ready_i)},
        source(module.kernel(), rx, {seed, "rx"}, in),
        posted(module.kernel(), out[kPosted], {seed, "p"}, stall),
        non_posted(module.kernel(), out[kNonPosted], {seed, "np"}, stall),
        completion(module.kernel(), out[kCompletion], {seed, "cpl"}, stall) {
    p.max_payload_i = 1;
    p.ecrc_check_i = 1;
    module.kernel().add(*this);
    module.reset();
    module.settle();
    for (unsigned c = 0; c < 3; ++c) start[c] = fc(c);
  }
  ~PortRxBench() override { module.kernel().remove(*this); }

  ClassFc fc(unsigned cls) const {
    const unsigned lsb = (kCompletion - cls) * kClassFcBits;
    const auto field = [&](unsigned at, unsigned width) {
      return static_cast<uint32_t>(dut::get_bits(p.fc_o, lsb + at, width));
    };
    return {.hdr_infinite = field(25, 1) != 0,
            .hdr_limit = field(13, 12),
            .data_infinite = field(12, 1) != 0,
            .data_limit = field(0, 12)};
  }
  agent::TlpSink& sink(unsigned cls) {
    return cls == kPosted ? posted : cls == kNonPosted ? non_posted : completion;
  }

  // Through the credits; a bad one is to vanish.
  void send(pcie::RawTlp tlp, bool bad = false) {
    if (bad && !tlp.error) malformed_owed.push_back(tlp.hdr);
    if (!bad && !tlp.error) {
      kept[class_of(tlp)].push_back(tlp);  // the digest ends at the port, the header stays
      if (tlp.digest) kept[class_of(tlp)].back().digest = 0;
    }
    queue.push_back({std::move(tlp), bad});
  }
  void run(dut::Cycles budget = 300'000_cycles) {
    module.run_until(
        [&] {
          bool done = queue.empty() && source.idle();
          for (unsigned c = 0; c < 3; ++c) done = done && sink(c).size() >= kept[c].size();
          return done;
        },
        budget);
    module.step(8_cycles);
    module.settle();
    for (unsigned c = 0; c < 3; ++c) CHECK(sink(c).received() == kept[c]);
    CHECK(malformed_seen == malformed_owed);
    for (const unsigned c : {kPosted, kNonPosted}) {
      CHECK(fc(c).hdr_limit == (start[c].hdr_limit + used_hdr[c]) % 4096);
      CHECK(fc(c).data_limit == (start[c].data_limit + used_data[c]) % 4096);
    }
  }

  bool credits_for(const pcie::RawTlp& tlp) const {
    const unsigned c = class_of(tlp);
    if (c == kCompletion) return reserved + blocks(tlp) <= kReservedBlocks;
    if (c > kCompletion) return true;
    const ClassFc limit = fc(c);
    return (limit.hdr_limit - used_hdr[c] - 1) % 4096 <= 2048 &&
           (limit.data_limit - used_data[c] - data_credits(tlp)) % 4096 <= 2048;
  }
  void sample() override {
    refusals += rx.valid() && !rx.ready();
    const std::array header{p.dropped_hdr_o[3], p.dropped_hdr_o[2], p.dropped_hdr_o[1],
                            p.dropped_hdr_o[0]};
    if (p.malformed_o) malformed_seen.push_back(header);
    if (p.ecrc_error_o) ecrc_seen.push_back(header);
    if (p.overflow_o) overflow_seen.push_back(header);
    for (const unsigned c : {kNonPosted, kCompletion}) check_order(c);
    if (out[kPosted].transfers() && out[kPosted].ctl().eop) ++posted_out;
    if (source.idle() && !queue.empty() && credits_for(queue.front().tlp)) pass_on();
  }
  // The k-th to leave its class had so many posted TLPs before it: all are out in earlier clocks.
  void check_order(unsigned c) {
    if (!out[c].transfers()) return;
    const dut::TlpCtl ctl = out[c].ctl();
    if (ctl.sop && !marks[c].empty()) {
      const bool may = c == kCompletion && (ctl.hdr[0] >> 13 & 1);
      if (!may && posted_out < marks[c].front()) ++overtakes;
      marks[c].pop_front();
    }
    if (ctl.eop && c == kCompletion) reserved -= sizes.front(), sizes.pop_front();
  }
  void pass_on() {
    auto [tlp, bad] = std::move(queue.front());
    queue.pop_front();
    const unsigned c = class_of(tlp);
    if (c < 3) {
      ++used_hdr[c];
      used_data[c] += data_credits(tlp);
      if (!bad && !tlp.error) {
        if (c == kPosted) ++posted_in;
        marks[c].push_back(posted_in);
        if (c == kCompletion) reserved += blocks(tlp), sizes.push_back(blocks(tlp));
      }
    }
    source.send(std::move(tlp));
  }

  struct Queued {
    pcie::RawTlp tlp;
    bool bad;
  };
  dut::Module<V> module;
  V& p;
  dut::ChannelPins rx, out[3];
  agent::TlpSource source;
  agent::TlpSink posted, non_posted, completion;
  ClassFc start[3];
  std::deque<Queued> queue;
  std::deque<pcie::RawTlp> kept[3];
  std::deque<std::array<uint32_t, 4>> malformed_owed, malformed_seen, ecrc_seen, overflow_seen;
  std::deque<uint64_t> marks[3];
  std::deque<uint32_t> sizes;
  uint32_t used_hdr[3] = {}, used_data[3] = {}, reserved = 0;
  uint64_t posted_in = 0, posted_out = 0, overtakes = 0, refusals = 0;
};

}  // namespace cw::test
