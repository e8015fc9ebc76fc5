// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
#include <array>
#include <deque>
#include <vector>

#include "Vcw_requester_write.h"
#include "Vcw_requester_write_w512.h"
#include "Vcw_requester_write_w64.h"
#include "agent/tlp_monitor.hpp"
#include "agent/tlp_sink.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "unit/requester_fields.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Write {
  uint64_t iova = 0;
  uint32_t bytes = 0;
};

// The four clients and the port.
template <class V>
struct Bench : dut::Clocked {
  static constexpr unsigned kLanesDw = sizeof(V::wr_data_i) / 16;

  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "write"),
        gaps(stall, rng.fork("gaps")),
        p_pins(dut::channel(p().p_ctl_o, p().p_data_o, p().p_valid_o, p().p_ready_i)),
        posted(module.kernel(), p_pins, rng.fork("p"), stall),
        monitor(module.kernel(), p_pins) {
    module.kernel().add(*this);
    drive(p().state_i, CfgState{});
    module.reset();
  }
  ~Bench() override { module.kernel().remove(*this); }
  V& p() { return module.pins(); }

  void sample() override {
    for (unsigned c = 0; c < 4; ++c) {
      if (!(valid & p().wr_ready_o & 1u << c)) continue;
      valid &= ~(1u << c);
      ++beats;
      done[c] += kLanesDw;
      if (done[c] >= memory_dwords(queue[c].front().iova, queue[c].front().bytes).size()) {
        queue[c].pop_front();
        done[c] = 0;
      }
    }
  }
  void commit() override {
    for (unsigned c = 0; c < 4; ++c) {
      if ((valid & 1u << c) || queue[c].empty() || gaps.stalls()) continue;
      const Write& write = queue[c].front();
      std::vector<uint32_t> payload = memory_dwords(write.iova, write.bytes);
      const bool last = done[c] + kLanesDw >= payload.size();
      payload.resize(done[c] + kLanesDw, 0x5a5a5a5a);
      drive(p().wr_beat_i, WriteBeat{.client = c,
                                     .iova = write.iova,
                                     .bytes = write.bytes,
                                     .sop = done[c] == 0,
                                     .eop = last});
      for (unsigned lane = 0; lane < kLanesDw; ++lane) {
        dut::set_bits(p().wr_data_i, (c * kLanesDw + lane) * 32, 32, payload[done[c] + lane]);
      }
      valid |= 1u << c;
    }
    p().wr_valid_i = valid;
  }
  void reset() override { p().wr_valid_i = valid = 0; }
  bool idle() {
    for (const auto& writes : queue) {
      if (!writes.empty()) return false;
    }
    return !p().p_valid_o;
  }

  dut::Module<V> module;
  agent::Rng rng;
  agent::StallPolicy gaps;
  dut::ChannelPins p_pins;
  agent::TlpSink posted;
  agent::TlpMonitor monitor;
  std::array<std::deque<Write>, 4> queue;
  std::array<size_t, 4> done{};
  unsigned valid = 0;
  uint64_t beats = 0;
};

uint64_t address_of(const pcie::RawTlp& tlp) {
  return tlp.hdr[0] >> 29 & 1 ? uint64_t{tlp.hdr[2]} << 32 | tlp.hdr[3] : tlp.hdr[2];
}

template <class V>
void random_run(uint64_t seed, agent::Stall stall) {
  Bench<V> bench(seed, stall);
  std::array<std::deque<Write>, 4> expected;
  for (unsigned i = 0; i < 300; ++i) {
    const auto bytes = static_cast<uint32_t>(bench.rng.range(1, 253));  // in 64 dwords, anyhow
    const unsigned client = bench.rng.range(0, 3);
    const uint64_t page =
        uint64_t{client} << 28 | uint64_t{i} << 12 | (bench.rng.chance(50) ? uint64_t{7} << 32 : 0);
    expected[client].push_back({page + bench.rng.range(0, 4096 - bytes), bytes});
    bench.queue[client].push_back(expected[client].back());
  }
  bench.module.run_until([&] { return bench.idle(); }, dut::Cycles{100'000});
  for (const pcie::RawTlp& tlp : bench.posted.received()) {
    const uint64_t address = address_of(tlp);
    auto& owed = expected[address >> 28 & 3];
    REQUIRE_FALSE(owed.empty());
    const Write write = owed.front();
    owed.pop_front();
    const unsigned offset = write.iova & 3, dw = (offset + write.bytes + 3) / 4;
    const unsigned over = (offset + write.bytes) & 3;
    const unsigned head = 0xfu << offset & 0xf, tail = over ? (1u << over) - 1 : 0xf;
    CHECK(address == (write.iova & ~uint64_t{3}));
    CHECK(tlp.hdr[0] == ((write.iova >> 32 ? 0x6000'0000 : 0x4000'0000) | dw));
    CHECK(tlp.hdr[1] == (0x0500'0000 | (dw == 1 ? head & tail : tail << 4 | head)));
    CHECK(tlp.payload == memory_dwords(write.iova, write.bytes));
  }
  for (const auto& owed : expected) CHECK(owed.empty());
}

}  // namespace

TEST_CASE("every write leaves once, whole and in its client's order",
          "[unit][requester][R02][R03][R04][R05][R32]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  random_run<Vcw_requester_write>(1, stall);
  random_run<Vcw_requester_write_w64>(2, stall);
  random_run<Vcw_requester_write_w512>(3, stall);
}

TEST_CASE("no write begins without bus mastership; one that has begun ends",
          "[unit][requester][R09][R10]") {
  Bench<Vcw_requester_write> bench;
  CfgState state;
  SECTION("no bus number yet") { state.id_valid = false; }
  SECTION("bus mastership off") { state.bus_master = false; }
  SECTION("D3hot") { state.power = 3; }
  for (unsigned c = 0; c < 4; ++c) bench.queue[c] = {{uint64_t{c} << 12, 256}, {0x8000, 256}};
  bench.module.step(dut::Cycles{4});
  drive(bench.p().state_i, state);
  bench.module.step(dut::Cycles{50});
  CHECK(bench.posted.size() == 1);
  CHECK(bench.beats == 8);
  drive(bench.p().state_i, CfgState{});
  bench.module.step(dut::Cycles{80});
  CHECK(bench.posted.size() == 8);
}

TEST_CASE("a beat every clock, a TLP of one beat every clock", "[unit][requester][performance]") {
  Bench<Vcw_requester_write_w512> bench;
  for (unsigned i = 0; i < 400; ++i) bench.queue[i % 4].push_back({i * 64, 64});
  bench.module.step(dut::Cycles{403});
  CHECK(bench.posted.size() == 400);
}

TEST_CASE("each client gets its turn", "[unit][requester][R57]") {
  Bench<Vcw_requester_write> bench;
  for (auto& writes : bench.queue) {
    for (unsigned i = 0; i < 20; ++i) writes.push_back({i * 256, 256});
  }
  bench.module.step(dut::Cycles{40 * 8});
  for (const auto& writes : bench.queue) CHECK(writes.size() <= 11);
}

TEST_CASE("a write that breaks its client's contract is an alarm", "[unit][requester][R01][R02]") {
  Bench<Vcw_requester_write> bench;
  Write write{.iova = 0x1000, .bytes = 257};
  SECTION("more than Max_Payload_Size") {}
  SECTION("across 4 KiB") { write = {.iova = 0x1f80, .bytes = 129}; }
  bench.queue[2] = {write};
  CHECK_THROWS_AS(bench.module.step(dut::Cycles{5}), dut::AssertionFailed);
}
