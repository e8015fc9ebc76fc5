// SPDX-License-Identifier: Apache-2.0
//
// The buffer keeps whole TLPs, forgets the dropped ones, and never overflows.
// cw-variant: W=64
// cw-variant: W=512 Hdrs=4 Beats=8
#include "Vcw_tlp_buffer.h"
#include "Vcw_tlp_buffer_w512_hdrs4_beats8.h"
#include "Vcw_tlp_buffer_w64.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "dut/channel_pins.hpp"
#include "dut/module.hpp"
#include "port_traffic.hpp"

using namespace cw;
using namespace cw::dut::literals;

namespace {

// A TLP, and the beat from which on it is dropped.
struct Plan {
  static constexpr size_t kKeep = ~size_t{0};
  pcie::RawTlp tlp;
  size_t drop_from = kKeep;
};

template <class V>
struct Bench : dut::Clocked {
  explicit Bench(uint64_t seed, agent::Stall in = agent::Stall::None,
                 agent::Stall out = agent::Stall::None)
      : module(seed),
        p(module.pins()),
        in_pins(dut::channel(p.in_ctl_i, p.in_data_i, p.in_valid_i, p.in_ready_o)),
        source(module.kernel(), in_pins, {seed, "in"}, in),
        sink(module.kernel(), dut::channel(p.out_ctl_o, p.out_data_o, p.out_valid_o, p.out_ready_i),
             {seed, "out"}, out) {
    p.in_drop_i = 0;
    module.kernel().add(*this);  // after the source: commit() sees what it drives
    module.reset();
  }
  ~Bench() override { module.kernel().remove(*this); }

  void send(Plan plan) {
    source.send(plan.tlp);
    if (plan.drop_from == Plan::kKeep && !plan.tlp.error) kept.push_back(plan.tlp);
    plans.push_back(std::move(plan));
  }
  void run(dut::Cycles budget) {
    module.run_until([&] { return source.idle() && sink.size() == kept.size(); }, budget);
    module.step(8_cycles);
  }

  void sample() override {
    if (in_pins.transfers()) {
      ++beat;
      if (in_pins.ctl().eop) {
        plans.pop_front();
        beat = 0;
      }
    }
    if (!p.taken_o) return;
    ++taken;
    taken_credits += p.taken_data_credits_o;
  }
  void commit() override { p.in_drop_i = in_pins.valid() && beat >= plans.front().drop_from; }

  dut::Module<V> module;
  V& p;
  dut::ChannelPins in_pins;
  agent::TlpSource source;
  agent::TlpSink sink;
  std::deque<Plan> plans;
  std::deque<pcie::RawTlp> kept;
  size_t beat = 0;
  uint64_t taken = 0;
  uint64_t taken_credits = 0;
};

template <class V>
void random_traffic(uint32_t max_bytes) {
  uint64_t seed = 1;
  for (const agent::Stall in : {agent::Stall::None, agent::Stall::Bursty}) {
    for (const agent::Stall out : agent::kEveryStall) {
      Bench<V> bench(++seed, in, out);
      agent::Rng rng(seed, "ops");
      uint64_t credits = 0;
      for (int n = 0; n < 150; ++n) {
        Plan plan{.tlp = test::random_tlp(rng, rng.range(0, 2) ? 0 : 2, max_bytes)};
        if (rng.chance(20)) plan.tlp.error = true;
        if (rng.chance(20)) {
          plan.drop_from = rng.range(0, test::beats(plan.tlp, bench.in_pins.data_dw()) - 1);
          if (plan.drop_from == 0) plan.tlp.payload.resize(rng.range(0, 2000));
        }
        if (!plan.tlp.error && plan.drop_from == Plan::kKeep) {
          credits += test::data_credits(plan.tlp);
        }
        bench.send(std::move(plan));
      }
      bench.run(200'000_cycles);
      CHECK(bench.sink.received() == bench.kept);
      CHECK(bench.taken == bench.kept.size());
      CHECK(bench.taken_credits == credits);
    }
  }
}

pcie::RawTlp write_of(uint32_t bytes) {
  return pcie::encode(pcie::MemWrite{.data = std::vector<uint8_t>(bytes, 0x5a)});
}

}  // namespace

TEST_CASE("TLP buffer gives back kept TLPs in order and nothing of dropped ones",
          "[unit][tlp][R36]") {
  random_traffic<Vcw_tlp_buffer_w64>(256);
  random_traffic<Vcw_tlp_buffer>(1024);
  random_traffic<Vcw_tlp_buffer_w512_hdrs4_beats8>(256);
}

TEST_CASE("TLP buffer offers a TLP only when its last beat is in", "[unit][tlp]") {
  Bench<Vcw_tlp_buffer> bench(3);
  bench.send({.tlp = write_of(128)});  // four beats
  while (!bench.source.idle()) {
    bench.module.step();
    bench.module.settle();
    if (!bench.source.idle()) CHECK_FALSE(bench.p.out_valid_o);
  }
  CHECK_FALSE(bench.p.out_valid_o);  // one clock after the last beat
  bench.module.step();
  bench.module.settle();
  CHECK(bench.p.out_valid_o);  // two clocks after
}

TEST_CASE("TLP buffer passes one beat per clock and TLPs without a gap", "[unit][tlp]") {
  Bench<Vcw_tlp_buffer> bench(4);
  for (int n = 0; n < 50; ++n) bench.send({.tlp = write_of(n % 2 ? 32 : 128)});
  const dut::Cycles start = bench.module.now();
  bench.module.run_until([&] { return bench.sink.size() == 50; }, 1'000_cycles);
  CHECK((bench.module.now() - start).value <= 25 * (1 + 4) + 4 + 3);
}

TEST_CASE("TLP buffer holds its sender off when headers or beats are full", "[unit][tlp][R35]") {
  Bench<Vcw_tlp_buffer_w512_hdrs4_beats8> bench(5);
  bench.sink.block(true);
  SECTION("headers") {
    for (int n = 0; n < 6; ++n) bench.send({.tlp = write_of(4)});
    bench.module.step(50_cycles);
    CHECK(bench.source.sent() == 4);
  }
  SECTION("beats, which stop no TLP without payload") {
    for (int n = 0; n < 2; ++n) bench.send({.tlp = write_of(256)});
    bench.send({.tlp = pcie::encode(pcie::Message{.routing = 4, .code = 0x14})});
    bench.send({.tlp = write_of(4)});
    bench.module.step(50_cycles);
    CHECK(bench.source.sent() == 3);
  }
  bench.sink.block(false);
  bench.run(500_cycles);
  CHECK(bench.sink.received() == bench.kept);
}

TEST_CASE("TLP buffer's alarm rings when a kept payload is not what the header says",
          "[unit][tlp][R36]") {
  Bench<Vcw_tlp_buffer> bench(6);
  pcie::RawTlp tlp = write_of(8);
  tlp.payload.pop_back();
  bench.send({.tlp = tlp});
  CHECK_THROWS_AS(bench.module.step(10_cycles), dut::AssertionFailed);
}
