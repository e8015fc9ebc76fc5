// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=512
// cw-variant: Functions=2
#include <array>
#include <deque>
#include <vector>

#include "Vcw_requester_write.h"
#include "Vcw_requester_write_functions2.h"
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
  Attr attr{};
  unsigned function = 0;
};

// The three clients and the port.
template <class V>
struct Bench : dut::Clocked {
  static constexpr unsigned kLanesDw = sizeof(V::wr_data_i) / 12;

  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "write"),
        gaps(stall, rng.fork("gaps")),
        p_pins(dut::channel(p().p_ctl_o, p().p_data_o, p().p_valid_o, p().p_ready_i)),
        posted(module.kernel(), p_pins, rng.fork("p"), stall),
        monitor(module.kernel(), p_pins) {
    module.kernel().add(*this);
    dut::clear_bits(p().state_i);
    drive(p().state_i, CfgState{});
    p().stop_i = p().fn_rst_i = 0;
    module.reset();
  }
  ~Bench() override { module.kernel().remove(*this); }
  V& p() { return module.pins(); }

  void sample() override {
    for (unsigned c = 0; c < 3; ++c) {
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
    for (unsigned c = 0; c < 3; ++c) {
      if ((valid & 1u << c) || queue[c].empty() || gaps.stalls()) continue;
      const Write& write = queue[c].front();
      std::vector<uint32_t> payload = memory_dwords(write.iova, write.bytes);
      const bool last = done[c] + kLanesDw >= payload.size();
      payload.resize(done[c] + kLanesDw, 0x5a5a5a5a);
      drive(p().wr_beat_i, WriteBeat{.client = c,
                                     .iova = write.iova,
                                     .bytes = write.bytes,
                                     .sop = done[c] == 0,
                                     .eop = last,
                                     .attr = write.attr,
                                     .function = write.function});
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
  std::array<std::deque<Write>, 3> queue;
  std::array<size_t, 3> done{};
  unsigned valid = 0;
  uint64_t beats = 0;
};

uint64_t address_of(const pcie::RawTlp& tlp) {
  return tlp.hdr[0] >> 29 & 1 ? uint64_t{tlp.hdr[2]} << 32 | tlp.hdr[3] : tlp.hdr[2];
}

template <class V>
void random_run(uint64_t seed, agent::Stall stall) {
  Bench<V> bench(seed, stall);
  std::array<std::deque<Write>, 3> expected;
  for (unsigned i = 0; i < 300; ++i) {
    const auto bytes = static_cast<uint32_t>(bench.rng.range(1, 253));  // in 64 dwords, anyhow
    const unsigned client = bench.rng.range(0, 2);
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
  for (unsigned c = 0; c < 3; ++c) bench.queue[c] = {{uint64_t{c} << 12, 256}, {0x8000, 256}};
  bench.module.step(dut::Cycles{4});
  drive(bench.p().state_i, state);
  bench.module.step(dut::Cycles{50});
  CHECK(bench.posted.size() == 1);
  CHECK(bench.beats == 8);
  drive(bench.p().state_i, CfgState{});
  bench.module.step(dut::Cycles{80});
  CHECK(bench.posted.size() == 6);
}

TEST_CASE("a write is of its function: its ID, its mastership, and nobody else waits for it",
          "[unit][requester][R09][R10]") {
  Bench<Vcw_requester_write_functions2> bench;
  CfgState silent{.id = 0x0501};
  SECTION("no bus number yet") { silent.id_valid = false; }
  SECTION("bus mastership off") { silent.bus_master = false; }
  SECTION("D3hot") { silent.power = 3; }
  drive(bench.p().state_i, silent, 1);
  bench.queue[0] = {{.iova = 0x1000, .bytes = 4, .function = 1}};
  bench.queue[2] = {{.iova = 0x2000, .bytes = 64}, {.iova = 0x3000, .bytes = 64}};
  bench.module.step(dut::Cycles{30});
  REQUIRE(bench.posted.size() == 2);
  CHECK(bench.posted.received()[0].hdr[1] >> 16 == 0x0500);
  drive(bench.p().state_i, CfgState{.id = 0x0501}, 1);
  bench.module.step(dut::Cycles{5});
  REQUIRE(bench.posted.size() == 3);
  CHECK(bench.posted.received()[2].hdr[1] >> 16 == 0x0501);
}

TEST_CASE("data carry the attributes they wish for where these are enabled, and no others",
          "[unit][requester][R11][R32]") {
  Bench<Vcw_requester_write> bench;
  for (unsigned bits = 0; bits < 64; ++bits) {
    const Attr wish{(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0};
    const Attr allowed{(bits & 8) != 0, (bits & 16) != 0, (bits & 32) != 0};
    drive(bench.p().state_i, CfgState{.allowed = allowed});
    bench.queue[2] = {{.iova = 0x1000, .bytes = 40, .attr = wish}};
    bench.module.run_until([&] { return !bench.posted.empty(); }, dut::Cycles{20});
    CHECK(attr_of(bench.posted.pop()) == Attr{wish.ido && allowed.ido,
                                              wish.relaxed && allowed.relaxed,
                                              wish.no_snoop && allowed.no_snoop});
  }
}

TEST_CASE("an interrupt or a record with an attribute is an alarm", "[unit][requester][R32]") {
  Bench<Vcw_requester_write> bench;
  bench.queue[GENERATE(0u, 1u)] = {{.iova = 0x1000, .bytes = 4, .attr = {.relaxed = true}}};
  CHECK_THROWS_AS(bench.module.step(dut::Cycles{5}), dut::AssertionFailed);
}

TEST_CASE("flr-under-load: a function that stops ends the write it has begun, and begins none",
          "[unit][requester][R43][flr-under-load]") {
  Bench<Vcw_requester_write_functions2> bench;
  drive(bench.p().state_i, CfgState{.id = 0x0501}, 1);
  bench.queue[2] = {{.iova = 0x1000, .bytes = 256}, {.iova = 0x2000, .bytes = 256}};
  bench.queue[0] = {{.iova = 0x3000, .bytes = 4, .function = 1}};
  bench.module.run_until([&] { return bench.p().writing_o == 1; }, dut::Cycles{20});
  bench.p().stop_i = 1;
  bench.module.run_until([&] { return bench.p().writing_o == 0; }, dut::Cycles{20});
  bench.module.step(dut::Cycles{20});
  REQUIRE(bench.posted.size() == 2);  // of function 1 as well
  bench.p().stop_i = 0;
  bench.module.step(dut::Cycles{20});
  CHECK(bench.posted.size() == 3);
}

TEST_CASE("flr-under-load: a write that does not end before the reset is given up, once",
          "[unit][requester][R43][flr-under-load]") {
  Bench<Vcw_requester_write> bench;
  const bool blocked = GENERATE(false, true);
  bench.queue[2] = {{.iova = 0x1000, .bytes = 256}};
  bench.module.run_until([&] { return bench.p().writing_o == 1; }, dut::Cycles{20});
  bench.posted.block(blocked);
  bench.module.step();
  bench.p().stop_i = bench.p().fn_rst_i = 1;
  for (auto& writes : bench.queue) writes.clear();
  bench.done = {};
  bench.reset();  // the client with its function
  bench.module.step(dut::Cycles{8});
  bench.p().stop_i = bench.p().fn_rst_i = 0;
  CHECK(bench.p().writing_o == (blocked ? 1 : 0));
  bench.queue[2] = {{.iova = 0x2000, .bytes = 64}};
  bench.module.step(dut::Cycles{10});
  bench.posted.block(false);
  bench.module.step(dut::Cycles{20});
  REQUIRE(bench.posted.size() == 2);
  const pcie::RawTlp &given_up = bench.posted.received()[0], &whole = bench.posted.received()[1];
  CHECK(given_up.error);
  CHECK(given_up.payload.size() < 64);
  CHECK_FALSE(whole.error);
  CHECK(whole.payload == memory_dwords(0x2000, 64));
}

TEST_CASE("a beat every clock, a TLP of one beat every clock", "[unit][requester][performance]") {
  Bench<Vcw_requester_write_w512> bench;
  for (unsigned i = 0; i < 400; ++i) bench.queue[i % 3].push_back({i * 64, 64});
  bench.module.step(dut::Cycles{403});
  CHECK(bench.posted.size() == 400);
}

TEST_CASE("each client gets its turn", "[unit][requester][R57]") {
  Bench<Vcw_requester_write> bench;
  for (auto& writes : bench.queue) {
    for (unsigned i = 0; i < 20; ++i) writes.push_back({i * 256, 256});
  }
  bench.module.step(dut::Cycles{30 * 8});
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
