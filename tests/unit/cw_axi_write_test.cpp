// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
#include "Vcw_axi_write.h"
#include "Vcw_axi_write_w64.h"
#include "catch_shim.hpp"
#include "unit/user_ports.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Write {
  uint32_t address = 0;  // of the first beat, aligned
  unsigned beats = 1;
  unsigned fn = 0, bar = 0;
};

template <class V>
struct Bench : dut::Clocked {
  static constexpr uint32_t kBytes = sizeof(V::w_data_o);

  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "axi write"),
        stalls(stall, rng.fork("source")),
        user(module.kernel(), write_pins(p(), none), space, rng.fork("user"),
             {.read_latency = dut::Cycles{0}, .write_latency = dut::Cycles{5}, .stall = stall}) {
    module.kernel().add(*this);
    p().wr_valid_i = 0;
    module.reset();
  }
  V& p() { return module.pins(); }
  void send(const Write& write) { queue.push_back(write); }
  void sample() override {
    if (p().done_o) {
      ++done;
      errors += p().error_o;
    }
    if (p().aw_valid_o && p().aw_ready_i) users.push_back(p().aw_user_o);
    if (!p().wr_valid_i || !p().wr_ready_o) return;
    valid = false;
    if (++beat != queue.front().beats) return;
    queue.pop_front();
    beat = 0;
    ++given;
  }
  void commit() override {
    // Not more than the module promises to keep track of: `Writes`.
    if (!valid && !queue.empty() && !stalls.stalls() && (beat || given - done < 8)) {
      const Write& write = queue.front();
      dut::clear_bits(p().wr_to_i);
      dut::set_bits(p().wr_to_i, 6, 1, 1);
      dut::set_bits(p().wr_to_i, 3, 3, write.fn);
      dut::set_bits(p().wr_to_i, 0, 3, write.bar);
      p().wr_first_i = beat == 0;
      p().wr_last_i = beat + 1 == write.beats;
      p().wr_beats_i = static_cast<uint16_t>(write.beats);
      p().wr_addr_i = write.address + beat * kBytes;
      std::array<uint8_t, kBytes> data;
      const uint64_t strb = rng.chance(50) ? ~uint64_t{0} : rng.u32() * 0x1'0000'0001u;
      for (uint32_t i = 0; i < kBytes; ++i) {
        data[i] = static_cast<uint8_t>(rng.u32());
        if (strb >> i & 1) expected[p().wr_addr_i + i] = data[i];
      }
      std::memcpy(&p().wr_data_i, data.data(), kBytes);
      std::memcpy(&p().wr_strb_i, &strb, kBytes / 8);
      valid = true;
    }
    p().wr_valid_i = valid;
  }
  void reset() override { valid = false; }
  void check() {
    const unsigned all = given + static_cast<unsigned>(queue.size());
    module.run_until([&] { return done == all; }, dut::Cycles{20000});
    for (const auto& [at, value] : expected) {
      REQUIRE(space.read(pcie::HostPhysAddr{at}, 1)[0] == value);
    }
  }

  dut::Module<V> module;
  agent::Rng rng;
  agent::StallPolicy stalls;
  AxiHalf none;
  model::HostMemory space;
  agent::AxiMemory user;
  std::deque<Write> queue;
  std::map<uint64_t, uint8_t> expected;
  std::vector<unsigned> users;
  unsigned beat = 0, given = 0, done = 0, errors = 0;
  bool valid = false;
};

template <class V>
void random_run(uint64_t seed, agent::Stall stall) {
  Bench<V> bench(seed, stall);
  constexpr uint32_t kBytes = Bench<V>::kBytes;
  for (unsigned i = 0; i < 100; ++i) {
    const auto at = static_cast<uint32_t>(bench.rng.range(0, 0x4000 / kBytes - 1)) * kBytes;
    const uint32_t in_page = (4096 - at % 4096) / kBytes;
    const auto beats = static_cast<unsigned>(bench.rng.range(1, std::min(in_page, 65u)));
    bench.send({.address = at, .beats = beats});
  }
  bench.check();
}

}  // namespace

TEST_CASE("each write is one burst with its bytes, whatever stalls", "[unit][endpoint][R05][R58]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  const auto seed = GENERATE(uint64_t{1}, uint64_t{2});
  random_run<Vcw_axi_write>(seed, stall);
  random_run<Vcw_axi_write_w64>(seed, stall);
}

TEST_CASE("writes of one beat leave at one per clock while their answers are owed",
          "[unit][endpoint][performance]") {
  Bench<Vcw_axi_write> bench;
  bench.user.set_latency(dut::Cycles{0}, dut::Cycles{0});
  for (unsigned i = 0; i < 64; ++i) bench.send({.address = 32 * i});
  const uint64_t start = bench.module.now().value;
  bench.check();
  CHECK(bench.module.now().value - start <= 64 + 6);
}

TEST_CASE("slverr-to-ca: the answer of each write is told in order",
          "[unit][endpoint][R20][slverr-to-ca]") {
  Bench<Vcw_axi_write> bench;
  const auto resp = GENERATE(agent::AxiResp::SlvErr, agent::AxiResp::DecErr);
  bench.user.add_error_range({.base = {0x400}, .bytes = 4, .resp = resp});
  for (unsigned i = 0; i < 4; ++i) {
    bench.send({.address = 0x200 * i, .beats = 4, .fn = i, .bar = 2});
  }
  bench.module.run_until([&] { return bench.done == 2; }, dut::Cycles{200});
  CHECK(bench.errors == 0);
  bench.module.run_until([&] { return bench.done == 3; }, dut::Cycles{200});
  CHECK(bench.errors == 1);
  bench.module.run_until([&] { return bench.done == 4; }, dut::Cycles{200});
  CHECK(bench.errors == 1);
  CHECK(bench.users == std::vector<unsigned>{0x10, 0x11, 0x12, 0x13});
}

TEST_CASE("a write burst over a 4 KiB boundary raises the alarm", "[unit][endpoint][R58]") {
  Bench<Vcw_axi_write> bench;
  bench.send({.address = 0xfe0, .beats = 2});
  CHECK_THROWS_AS(bench.module.step(dut::Cycles{5}), dut::AssertionFailed);
}
