// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include <cstring>

#include "Vcw_cpl_sender.h"
#include "Vcw_cpl_sender_w512.h"
#include "Vcw_cpl_sender_w64.h"
#include "agent/tlp_sink.hpp"
#include "catch_shim.hpp"
#include "unit/completer_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

// Gives entries and beats as early as there is room.
template <class V>
class Sender : public dut::Clocked {
 public:
  static constexpr unsigned kLanes = sizeof(V::data_i) / 4;
  static constexpr unsigned kBeats = 16;

  Sender(uint64_t seed, agent::Stall stall)
      : rng(seed, "sender"),
        module(seed),
        sink(module.kernel(),
             dut::channel(p().cpl_ctl_o, p().cpl_data_o, p().cpl_valid_o, p().cpl_ready_i),
             rng.fork("sink"), stall),
        entry_stall_(stall, rng.fork("entry")),
        data_stall_(stall, rng.fork("data")) {
    module.kernel().add(*this);
    p().entry_valid_i = p().data_valid_i = 0;
    module.reset();
  }
  V& p() { return module.pins(); }

  void send(const Entry& entry, const std::vector<uint32_t>& payload) {
    entries_.push_back(entry);
    std::vector<uint32_t> stream(entry.skip_dw, 0x0bad0bad);
    stream.insert(stream.end(), payload.begin(), payload.end());
    for (size_t at = 0; at < stream.size(); at += kLanes) {
      std::array<uint32_t, kLanes> lanes;
      lanes.fill(0x7bad7bad);
      for (unsigned i = 0; i < kLanes && at + i < stream.size(); ++i) lanes[i] = stream[at + i];
      beats_.push_back(lanes);
    }
  }
  bool idle() const { return entries_.empty() && beats_.empty() && held_ == 0; }

  void sample() override {
    if (p().entry_valid_i && p().entry_ready_o) entries_.pop_front();
    if (p().data_valid_i) beats_.pop_front();
    held_ += p().data_valid_i;
    held_ -= p().data_taken_o;
  }
  void commit() override {
    if (!entries_.empty()) drive(p().entry_i, entries_.front());
    // Once offered an entry stays; the reader offers one only with room.
    p().entry_valid_i = !entries_.empty() && !entry_stall_.stalls();
    p().data_valid_i = !beats_.empty() && held_ < kBeats && !data_stall_.stalls();
    if (p().data_valid_i) std::memcpy(&p().data_i, beats_.front().data(), 4 * kLanes);
  }

  agent::Rng rng;
  dut::Module<V> module;
  agent::TlpSink sink;

 private:
  agent::StallPolicy entry_stall_, data_stall_;
  std::deque<Entry> entries_;
  std::deque<std::array<uint32_t, kLanes>> beats_;
  unsigned held_ = 0;
};

template <class V>
void check_random(uint64_t seed, agent::Stall stall) {
  Sender<V> sender(seed, stall);
  std::deque<pcie::RawTlp> expected;
  for (unsigned i = 0; i < 200; ++i) {
    Entry entry{.dw = static_cast<unsigned>(sender.rng.range(0, sender.rng.chance(80) ? 8 : 64))};
    if (entry.dw) {
      entry.skip_dw = static_cast<unsigned>(sender.rng.range(0, Sender<V>::kLanes - 1));
      entry.discard = sender.rng.chance(20);
    }
    std::vector<uint32_t> payload;
    for (unsigned d = 0; d < entry.dw; ++d) payload.push_back(sender.rng.u32());
    pcie::Completion cpl{.requester = {1, 2, 3}, .tag = {static_cast<uint16_t>(i)}};
    if (!entry.discard) cpl.payload = payload;
    cpl.byte_count = std::max(4 * entry.dw, 4u);
    expected.push_back(pcie::encode(cpl));
    entry.hdr = expected.back().hdr;
    if (entry.discard && entry.dw > 32) entry.dw = 32, payload.resize(32);
    sender.send(entry, payload);
  }
  sender.module.run_until([&] { return sender.sink.size() == expected.size(); }, 40000_cycles);
  for (const pcie::RawTlp& tlp : expected) REQUIRE(sender.sink.pop() == tlp);
  sender.module.step(20_cycles);
  CHECK(sender.sink.empty());
  CHECK(sender.idle());
}

}  // namespace

TEST_CASE("completions leave in order, each with its own data from lane 0 on",
          "[unit][endpoint][R16][R18]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Slow,
                              agent::Stall::Adversarial);
  check_random<Vcw_cpl_sender>(1, stall);
  check_random<Vcw_cpl_sender_w64>(2, stall);
  check_random<Vcw_cpl_sender_w512>(3, stall);
}

TEST_CASE("discarded data leave no trace", "[unit][endpoint][R17]") {
  Sender<Vcw_cpl_sender> sender(1, agent::Stall::None);
  const pcie::RawTlp refusal = pcie::encode(pcie::Completion{.status = pcie::CplStatus::Ca});
  const pcie::RawTlp good = pcie::encode(pcie::Completion{.payload = {0x1234}});
  sender.send({.hdr = refusal.hdr, .dw = 20, .discard = true}, std::vector<uint32_t>(20, 0xbad));
  sender.send({.hdr = good.hdr, .dw = 1}, good.payload);
  sender.module.run_until([&] { return sender.sink.size() == 2; }, 50_cycles);
  CHECK(sender.sink.pop() == refusal);
  CHECK(sender.sink.pop() == good);
}

TEST_CASE("what follows a refusal of its request is swallowed with its header",
          "[unit][endpoint][R17][R20]") {
  Sender<Vcw_cpl_sender> sender(1, agent::Stall::Bursty);
  const pcie::RawTlp good = pcie::encode(pcie::Completion{.payload = {0x1234}});
  for (unsigned i = 0; i < 20; ++i) {
    sender.send({.hdr = pcie::encode(pcie::Completion{.payload = {1}}).hdr,
                 .dw = 1 + i,
                 .skip_dw = i % 8,
                 .discard = true,
                 .silent = true},
                std::vector<uint32_t>(1 + i, 0xbad));
    sender.send({.hdr = good.hdr, .dw = 1}, good.payload);
  }
  sender.module.run_until([&] { return sender.idle(); }, 2000_cycles);
  sender.module.step(20_cycles);
  CHECK(sender.sink.size() == 20);
  while (!sender.sink.empty()) CHECK(sender.sink.pop() == good);
}

TEST_CASE("a beat without room for it raises the alarm", "[unit][endpoint]") {
  Sender<Vcw_cpl_sender> sender(1, agent::Stall::None);
  sender.module.kernel().remove(sender);
  sender.p().entry_valid_i = 0;
  sender.p().data_valid_i = 1;
  CHECK_THROWS_AS(sender.module.step(20_cycles), dut::AssertionFailed);
}
