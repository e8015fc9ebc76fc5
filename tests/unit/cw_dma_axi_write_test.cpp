// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
// cw-variant: W=128
// cw-variant: W=512
#include <map>

#include "Vcw_dma_axi_write.h"
#include "Vcw_dma_axi_write_w128.h"
#include "Vcw_dma_axi_write_w512.h"
#include "Vcw_dma_axi_write_w64.h"
#include "catch_shim.hpp"
#include "unit/dma_fields.hpp"
#include "unit/user_ports.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Packet {
  uint64_t address = 0;  // of the first beat
  unsigned beats = 1;
};

template <class V>
struct Bench : dut::Clocked {
  static constexpr uint32_t kBytes = sizeof(V::w_data_o);

  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "dma axi write"),
        stalls(stall, rng.fork("source")),
        card(module.kernel(), write_pins(p(), none), space, rng.fork("card"),
             {.read_latency = dut::Cycles{0}, .write_latency = dut::Cycles{7}, .stall = stall}) {
    module.kernel().add(*this);
    p().wr_valid_i = 0;
    p().flush_i = 0;
    module.reset();
  }
  V& p() { return module.pins(); }
  void send(const Packet& packet) { queue.push_back(packet); }
  void sample() override {
    if (p().aw_valid_o && p().aw_ready_i) {
      bursts.push_back({dut::get_bits(p().aw_o, 13, 64),
                        static_cast<unsigned>(dut::get_bits(p().aw_o, 5, 8)) + 1});
    }
    if (p().done_valid_o) done.push_back(p().done_error_o != 0);
    if (!p().wr_valid_i || !p().wr_ready_o) return;
    for (const auto& [at, value] : driven) expected[at] = value;
    valid = false;
    if (++beat != queue.front().beats) return;
    queue.pop_front();
    beat = 0;
    ++given;
  }
  void commit() override {
    if (!valid && !queue.empty() && !stalls.stalls()) {
      const Packet& packet = queue.front();
      const uint64_t at = packet.address + uint64_t{beat} * kBytes;
      dma::drive(p().wr_i, dma::CardWrite{.addr = at | 1ull << 40,
                                          .beats = packet.beats - beat,
                                          .first = beat == 0,
                                          .last = beat + 1 == packet.beats,
                                          .pad = rng.chance(50)});
      std::array<uint8_t, kBytes> data;
      const uint64_t strb = rng.chance(50) ? ~uint64_t{0} : rng.u32() * 0x1'0000'0001u;
      driven.clear();
      for (uint32_t i = 0; i < kBytes; ++i) {
        data[i] = static_cast<uint8_t>(rng.u32());
        if (strb >> i & 1) driven[at + i] = data[i];
      }
      std::memcpy(&p().wr_data_i, data.data(), kBytes);
      std::memcpy(&p().wr_strb_i, &strb, kBytes / 8);
      valid = true;
    }
    p().wr_valid_i = valid;
  }
  void reset() override { valid = false; }
  void finish() {
    const size_t all = given + queue.size();
    module.run_until([&] { return done.size() == all; }, dut::Cycles{500000});
    module.step(dut::Cycles{20});
    CHECK(done.size() == all);
    CHECK(card.idle());
  }
  // The engine is reset alone, for two clocks.
  void flush() {
    p().flush_i = 1;
    module.step();
    queue.clear();
    valid = false;
    beat = 0;
    p().wr_valid_i = 0;
    module.step();
    p().flush_i = 0;
    given = 0;
    done.clear();
  }
  void check_memory() {
    for (const auto& [at, value] : expected) {
      REQUIRE(space.read(pcie::HostPhysAddr{at}, 1)[0] == value);
    }
  }

  struct Burst {
    uint64_t address = 0;
    unsigned beats = 0;
    bool operator==(const Burst&) const = default;
  };

  dut::Module<V> module;
  agent::Rng rng;
  agent::StallPolicy stalls;
  AxiHalf none;
  model::HostMemory space;
  agent::AxiMemory card;  // refuses a burst across 4 KiB, and one whose beats do not add up
  std::deque<Packet> queue;
  std::map<uint64_t, uint8_t> expected, driven;
  std::vector<Burst> bursts;
  std::vector<bool> done;
  unsigned beat = 0;
  size_t given = 0;
  bool valid = false;
};

template <class V>
void random_run(uint64_t seed, agent::Stall stall) {
  Bench<V> bench(seed, stall);
  constexpr uint64_t kBytes = Bench<V>::kBytes;
  for (unsigned i = 0; i < 100; ++i) {
    bench.send({.address = bench.rng.range(0, 0x8000 / kBytes - 1) * kBytes,
                .beats = static_cast<unsigned>(
                    bench.rng.chance(60) ? 1 : bench.rng.range(1, 4096 / kBytes + 1))});
  }
  bench.finish();
  bench.check_memory();
  CHECK(bench.done == std::vector<bool>(100, false));
}

template <class V>
void one_per_clock() {
  Bench<V> bench;
  bench.card.set_latency(dut::Cycles{0}, dut::Cycles{10});
  for (unsigned i = 0; i < 256; ++i) bench.send({.address = uint64_t{i} * Bench<V>::kBytes});
  const uint64_t start = bench.module.now().value;
  bench.module.run_until([&] { return bench.given == 256; }, dut::Cycles{1000});
  CHECK(bench.module.now().value - start <= 256 + 2);
}

}  // namespace

TEST_CASE("AXI4 writes of the card carry each packet, whatever stalls", "[unit][dma][R58]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Slow,
                              agent::Stall::Adversarial);
  random_run<Vcw_dma_axi_write>(1, stall);
  random_run<Vcw_dma_axi_write_w64>(2, stall);
  random_run<Vcw_dma_axi_write_w128>(3, stall);
  random_run<Vcw_dma_axi_write_w512>(4, stall);
}

TEST_CASE("AXI4 writes of the card end their bursts at 4 KiB and at 256 beats",
          "[unit][dma][R58]") {
  using Burst256 = Bench<Vcw_dma_axi_write>::Burst;
  using Burst64 = Bench<Vcw_dma_axi_write_w64>::Burst;
  Bench<Vcw_dma_axi_write> wide;
  wide.send({.address = 0xfe0, .beats = 129});
  wide.send({.address = 0x4000, .beats = 128});
  wide.finish();
  CHECK(wide.bursts == std::vector<Burst256>{{0xfe0, 1}, {0x1000, 128}, {0x4000, 128}});
  Bench<Vcw_dma_axi_write_w64> narrow;
  narrow.send({.address = 0xff'ffff'fff8 - 4096, .beats = 513});
  narrow.finish();
  CHECK(narrow.bursts ==
        std::vector<Burst64>{{0xff'ffff'eff8, 1}, {0xff'ffff'f000, 256}, {0xff'ffff'f800, 256}});
}

TEST_CASE("AXI4 writes of one beat leave at one per clock while their answers are owed",
          "[unit][dma][performance]") {
  one_per_clock<Vcw_dma_axi_write>();
  one_per_clock<Vcw_dma_axi_write_w64>();
  one_per_clock<Vcw_dma_axi_write_w512>();
}

TEST_CASE("AXI4 writes of the card tell an error with the packet it concerns",
          "[unit][dma][R58][R59]") {
  const auto resp = GENERATE(agent::AxiResp::SlvErr, agent::AxiResp::DecErr);
  const uint64_t at = GENERATE(0x1f00u, 0x2000u);  // in the first burst, in the second
  Bench<Vcw_dma_axi_write> bench;
  bench.card.add_error_range({.base = {at}, .bytes = 4, .resp = resp});
  bench.send({.address = 0x1000, .beats = 4});
  bench.send({.address = 0x1e00, .beats = 64});
  bench.send({.address = 0x3000, .beats = 4});
  bench.finish();
  CHECK(bench.done == std::vector<bool>{false, true, false});
}

TEST_CASE("AXI4 writes wait for answers that come late, and none is lost", "[unit][dma][R58]") {
  Bench<Vcw_dma_axi_write> bench;
  bench.card.set_latency(dut::Cycles{0}, dut::Cycles{2000});
  for (unsigned i = 0; i < 50; ++i) bench.send({.address = 0x1000 + 64ull * i, .beats = 2});
  bench.module.step(dut::Cycles{1500});
  CHECK(bench.given == 32);
  CHECK(bench.done.empty());
  bench.finish();
  bench.check_memory();
}

TEST_CASE("A reset of the engine alone leaves every AXI4 burst whole, and no answer behind",
          "[unit][dma][R43][R58]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  Bench<Vcw_dma_axi_write_w64> bench(1, stall);
  bench.card.add_error_range({.base = {0x10'0000}, .bytes = 0x1000});
  for (unsigned round = 0; round < 40; ++round) {
    for (unsigned i = 0; i < 4; ++i) bench.send({.address = 0x10'0000 + 512 * i, .beats = 60});
    bench.send({.address = 0x8000, .beats = 500});
    bench.module.step(dut::Cycles{bench.rng.range(1, 400)});
    bench.flush();
    bench.send({.address = 0x2000, .beats = 3});
    bench.send({.address = 0x3000, .beats = 1});
    bench.finish();
    CHECK(bench.done == std::vector<bool>{false, false});
    bench.done.clear();
    bench.given = 0;
  }
  for (auto at = bench.expected.begin(); at != bench.expected.end();) {
    at = at->first >= 0x10'0000 ? bench.expected.erase(at) : std::next(at);
  }
  bench.check_memory();
}

TEST_CASE("A packet that does not count its beats down raises the alarm", "[unit][dma][R58]") {
  Bench<Vcw_dma_axi_write> bench;
  bench.send({.address = 0x1000});
  bench.module.run_until([&] { return bench.p().wr_valid_i != 0; }, dut::Cycles{5});
  dma::drive(bench.p().wr_i, dma::CardWrite{.addr = 0x1000, .beats = 2, .first = 1, .last = 1});
  CHECK_THROWS_AS(bench.module.step(), dut::AssertionFailed);
}
