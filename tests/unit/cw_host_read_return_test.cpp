// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64 Depth=4
#include <deque>
#include <vector>

#include "Vcw_host_read_return.h"
#include "Vcw_host_read_return_w64_depth4.h"
#include "agent/tlp_sink.hpp"
#include "catch_shim.hpp"
#include "dut/bits.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "pcie/codec.hpp"

namespace cw::unit {
namespace {

using namespace dut::literals;
using pcie::CplStatus;

// One completion owed, and the read beats that bring its data.
struct Owed {
  pcie::Completion cpl{};
  uint32_t lane = 0;  // dword of the first beat
  bool last = true;   // of its request
  std::vector<unsigned> bad_beats{};
};

// Owes and answers as the port around it does: data only for what is owed.
template <class V>
struct ReturnBench : dut::Clocked {
  static constexpr uint32_t kBeatDw = sizeof(V::m_r_data_i) / 4;

  explicit ReturnBench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "return"),
        completions(module.kernel(),
                    dut::channel(p.cpl_ctl_o, p.cpl_data_o, p.cpl_valid_o, p.cpl_ready_i),
                    rng.fork("cpl"), stall),
        owed_stall(stall, rng.fork("owed")),
        beat_stall(stall, rng.fork("beat")) {
    p.owed_valid_i = 0;
    p.m_r_valid_i = 0;
    module.kernel().add(*this);
    module.reset();
  }
  ~ReturnBench() override { module.kernel().remove(*this); }

  void owe(Owed item) { queue.push_back(std::move(item)); }

  void sample() override {
    retired += p.retired_o;
    errors += p.mem_error_o;
    if (p.owed_valid_i && p.owed_ready_o) {
      owing = false;
      list_beats(queue.front());
      queue.pop_front();
    }
    if (p.m_r_valid_i && p.m_r_ready_o) {
      answering = false;
      beats.pop_front();
    }
  }
  void commit() override {
    owing = owing || (!queue.empty() && !owed_stall.stalls());
    p.owed_valid_i = owing;
    if (owing) present(queue.front());
    const bool due = !beats.empty() && beats.front().from <= module.now().value;
    answering = answering || (due && !beat_stall.stalls());
    p.m_r_valid_i = answering;
    if (!answering) return;
    const Beat& beat = beats.front();
    std::memcpy(&p.m_r_data_i, beat.data.data(), kBeatDw * 4);
    p.m_r_last_i = beat.last;
    p.m_r_resp_i = beat.bad ? 2 : 0;
  }
  // All of it comes; the completions without those that were given up, and these apart.
  std::vector<pcie::Completion> run(unsigned requests) {
    module.run_until([&] { return retired == requests; }, 50'000_cycles);
    module.step(20_cycles);
    CHECK(retired == requests);
    CHECK(beats.empty());
    std::vector<pcie::Completion> came;
    for (const pcie::RawTlp& raw : completions.received()) {
      if (raw.error) {
        ++given_up;
      } else {
        came.push_back(std::get<pcie::Completion>(std::get<pcie::Tlp>(pcie::decode(raw))));
      }
    }
    return came;
  }

  dut::Module<V> module;
  V& p = module.pins();
  agent::Rng rng;
  agent::TlpSink completions;
  agent::StallPolicy owed_stall, beat_stall;
  std::deque<Owed> queue;
  unsigned retired = 0, errors = 0, given_up = 0;

 private:
  struct Beat {
    std::vector<uint32_t> data;
    bool last, bad;
    uint64_t from;
  };
  void present(const Owed& item) {
    const pcie::RawTlp raw = pcie::encode(item.cpl);
    for (unsigned n = 0; n < 4; ++n) p.owed_hdr_i[n] = raw.hdr[3 - n];
    p.owed_data_i = !item.cpl.payload.empty();
    p.owed_dw_i = static_cast<uint16_t>(item.cpl.payload.size());
    p.owed_lane_i = static_cast<uint8_t>(item.lane * 4);
    p.owed_last_i = item.last;
  }
  void list_beats(const Owed& item) {
    if (item.cpl.payload.empty()) return;
    std::vector<uint32_t> lanes(item.lane);
    for (uint32_t& junk : lanes) junk = rng.u32();
    lanes.insert(lanes.end(), item.cpl.payload.begin(), item.cpl.payload.end());
    while (lanes.size() % kBeatDw) lanes.push_back(rng.u32());
    const size_t count = lanes.size() / kBeatDw;
    for (size_t n = 0; n < count; ++n) {
      const bool bad = std::ranges::count(item.bad_beats, n) != 0;
      beats.push_back({{lanes.begin() + n * kBeatDw, lanes.begin() + (n + 1) * kBeatDw},
                       n + 1 == count,
                       bad,
                       module.now().value + 2});
    }
  }
  std::deque<Beat> beats;
  bool owing = false, answering = false;
};

Owed owed_data(agent::Rng& rng, uint32_t dw, uint32_t lane, bool last = true) {
  Owed item{.cpl = {.byte_count = dw * 4, .requester = {.bus = 1}, .tag = {3}},
            .lane = lane,
            .last = last};
  for (uint32_t n = 0; n < dw; ++n) item.cpl.payload.push_back(rng.u32());
  return item;
}

TEMPLATE_TEST_CASE("Random completions leave in order with their data, errors as one abort each",
                   "[unit][root][R17][R18][R20]", Vcw_host_read_return,
                   Vcw_host_read_return_w64_depth4) {
  for (const agent::Stall stall : agent::kEveryStall) {
    ReturnBench<TestType> bench(3, stall);
    std::vector<pcie::Completion> expected;
    unsigned requests = 0, aborts = 0;
    bool aborted = false, requests_end = true;
    for (unsigned n = 0; n < 120; ++n) {
      Owed item = owed_data(bench.rng, static_cast<uint32_t>(bench.rng.range(1, 40)),
                            static_cast<uint32_t>(bench.rng.range(0, bench.kBeatDw - 1)),
                            bench.rng.chance(40));
      const bool first = requests_end;
      if (first && bench.rng.chance(15)) {
        item = {.cpl = {.status = CplStatus::Ur, .requester = {.bus = 1}, .tag = {4}}};
      } else if (bench.rng.chance(15)) {
        item.bad_beats = {static_cast<unsigned>(
            bench.rng.range(0, (item.lane + item.cpl.payload.size() - 1) / bench.kBeatDw))};
      }
      if (n == 119) item.last = true;
      bench.owe(item);
      if (!aborted) {
        pcie::Completion cpl = item.cpl;
        if (!item.bad_beats.empty()) {
          cpl.status = CplStatus::Ca;
          cpl.payload.clear();
          ++aborts;
        }
        expected.push_back(cpl);
        aborted = !item.bad_beats.empty();
      }
      requests += item.last;
      requests_end = item.last;
      if (item.last) aborted = false;
    }
    CHECK(bench.run(requests) == expected);
    CHECK(bench.errors == aborts);
    CHECK(bench.given_up == aborts);
  }
}

TEST_CASE("The verdict on a packet is that of all its beats", "[unit][root][R20]") {
  for (unsigned beat = 0; beat < 4; ++beat) {
    ReturnBench<Vcw_host_read_return> bench;
    Owed item = owed_data(bench.rng, 32, 0);
    item.bad_beats = {beat};
    bench.owe(item);
    bench.owe(owed_data(bench.rng, 32, 0));
    const auto came = bench.run(2);
    REQUIRE(came.size() == 2);
    CHECK(came[0].status == CplStatus::Ca);
    CHECK(came[0].byte_count == 128);
    CHECK(came[1].status == CplStatus::Sc);
  }
}

TEST_CASE("What follows an abort in its request is read and forgotten", "[unit][root][R17]") {
  ReturnBench<Vcw_host_read_return> bench;
  Owed bad = owed_data(bench.rng, 8, 0, /*last=*/false);
  bad.bad_beats = {0};
  bench.owe(bad);
  bench.owe(owed_data(bench.rng, 20, 3, /*last=*/false));
  bench.owe(bad);  // a second error in the same request is no second abort
  bench.owe(owed_data(bench.rng, 1, 7));
  const Owed next = owed_data(bench.rng, 9, 1);
  bench.owe(next);
  const auto came = bench.run(2);
  REQUIRE(came.size() == 2);
  CHECK(came[0].status == CplStatus::Ca);
  CHECK(came[0].payload.empty());
  CHECK(came[1] == next.cpl);
  CHECK(bench.errors == 1);
}

TEST_CASE("No more is owed than there is room for", "[unit][root]") {
  ReturnBench<Vcw_host_read_return_w64_depth4> bench;
  bench.completions.block(true);
  for (unsigned n = 0; n < 8; ++n) bench.owe({.cpl = {.status = CplStatus::Ur, .tag = {7}}});
  bench.module.step(50_cycles);
  CHECK(bench.queue.size() == 4);
  bench.completions.block(false);
  CHECK(bench.run(8).size() == 8);
}

}  // namespace
}  // namespace cw::unit
