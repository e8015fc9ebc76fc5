// SPDX-License-Identifier: Apache-2.0
//
// cw-variant: W=64
#include "Vcw_axi_read.h"
#include "Vcw_axi_read_w64.h"
#include "catch_shim.hpp"
#include "unit/user_ports.hpp"

using namespace cw;
using namespace cw::unit;

namespace {

struct Read {
  uint32_t address = 0;  // of the first beat, aligned
  unsigned beats = 1;
  unsigned fn = 0, bar = 0;
};

template <class V>
struct Bench : dut::Clocked {
  static constexpr uint32_t kBytes = sizeof(V::r_data_i);
  static constexpr unsigned kTargetAxi = 3;

  explicit Bench(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "axi read"),
        stalls(stall, rng.fork("source")),
        user(module.kernel(), read_pins(p(), none, r_id), space, rng.fork("user"),
             {.read_latency = dut::Cycles{4}, .stall = stall}) {
    module.kernel().add(*this);
    p().rd_valid_i = 0;
    module.reset();
    for (uint64_t at = 0; at < 0x4000; at += 8) space.write64({at}, at * 0x9e37'79b9'7f4a'7c15u);
  }
  V& p() { return module.pins(); }
  void send(const Read& read) {
    queue.push_back(read);
    for (unsigned b = 0; b < read.beats; ++b) owed.push_back(read.address + b * kBytes);
  }
  void sample() override {
    if (p().ar_valid_o && p().ar_ready_i) users.push_back(p().ar_user_o);
    if (p().rd_rvalid_o) {
      REQUIRE(asked > answered);
      ++answered;
      errors += p().rd_error_o;
      std::array<uint8_t, kBytes> data;
      std::memcpy(data.data(), &p().rd_rdata_o, kBytes);
      const auto expected = space.read(pcie::HostPhysAddr{owed.front()}, kBytes);
      REQUIRE(std::equal(data.begin(), data.end(), expected.begin()));
      owed.pop_front();
    }
    if (!p().rd_valid_i || !p().rd_ready_o) return;
    ++asked;
    valid = false;
    if (++beat != queue.front().beats) return;
    queue.pop_front();
    beat = 0;
  }
  void commit() override {
    if (!valid && !queue.empty() && !stalls.stalls() && asked - answered < room) {
      const Read& read = queue.front();
      dut::clear_bits(p().rd_req_i);
      dut::set_bits(p().rd_req_i, 0, 11, read.beats);
      dut::set_bits(p().rd_req_i, 11, 1, beat == 0);
      dut::set_bits(p().rd_req_i, 12, 3, read.bar);
      dut::set_bits(p().rd_req_i, 15, 3, read.fn);
      dut::set_bits(p().rd_req_i, 18, 2, kTargetAxi);
      p().rd_addr_i = read.address + beat * kBytes;
      valid = true;
    }
    p().rd_valid_i = valid;
  }
  void reset() override { valid = false; }
  void drain() {
    module.run_until([&] { return owed.empty(); }, dut::Cycles{20000});
  }

  dut::Module<V> module;
  agent::Rng rng;
  agent::StallPolicy stalls;
  AxiHalf none;
  uint8_t r_id = 0;
  model::HostMemory space;
  agent::AxiMemory user;
  std::deque<Read> queue;
  std::deque<uint32_t> owed;
  std::vector<unsigned> users;
  unsigned beat = 0, asked = 0, answered = 0, errors = 0, room = 8;
  bool valid = false;
};

template <class V>
void random_run(uint64_t seed, agent::Stall stall) {
  Bench<V> bench(seed, stall);
  constexpr uint32_t kBytes = Bench<V>::kBytes;
  for (unsigned i = 0; i < 100; ++i) {
    const auto at = static_cast<uint32_t>(bench.rng.range(0, 0x4000 / kBytes - 1)) * kBytes;
    const uint32_t in_page = (4096 - at % 4096) / kBytes;
    bench.send({.address = at,
                .beats = static_cast<unsigned>(bench.rng.range(1, std::min(in_page, 17u)))});
  }
  bench.drain();
  CHECK(bench.user.counters().reads == 100);
}

}  // namespace

TEST_CASE("each piece is one burst, and its beats come in order and only with room",
          "[unit][endpoint][R18][R58]") {
  const auto stall = GENERATE(agent::Stall::None, agent::Stall::Bursty, agent::Stall::Adversarial);
  const auto seed = GENERATE(uint64_t{1}, uint64_t{2});
  random_run<Vcw_axi_read>(seed, stall);
  random_run<Vcw_axi_read_w64>(seed, stall);
}

TEST_CASE("a user without wait states answers two clocks after the request",
          "[unit][endpoint][performance]") {
  Bench<Vcw_axi_read> bench;
  bench.user.set_latency(dut::Cycles{0}, dut::Cycles{0});
  bench.send({.address = 0x40});
  bench.module.run_until([&] { return bench.p().rd_valid_i != 0; }, dut::Cycles{10});
  const uint64_t start = bench.module.now().value;
  bench.module.run_until([&] { return bench.p().rd_rvalid_o != 0; }, dut::Cycles{10});
  CHECK(bench.module.now().value - start <= 2);
}

TEST_CASE("slverr-to-ca: an error of the user is told with its beats",
          "[unit][endpoint][R20][slverr-to-ca]") {
  Bench<Vcw_axi_read> bench;
  const auto resp = GENERATE(agent::AxiResp::SlvErr, agent::AxiResp::DecErr);
  bench.user.add_error_range({.base = {0x400}, .bytes = 4, .resp = resp});
  bench.send({.address = 0x200, .beats = 4});
  bench.send({.address = 0x400, .beats = 3, .fn = 6, .bar = 4});
  bench.send({.address = 0x600, .beats = 4});
  bench.drain();
  CHECK(bench.errors == 3);
  CHECK(bench.users == std::vector<unsigned>{0, 4u << 3 | 6u, 0});
}

TEST_CASE("a read burst over a 4 KiB boundary raises the alarm", "[unit][endpoint][R58]") {
  Bench<Vcw_axi_read> bench;
  bench.send({.address = 0xfe0, .beats = 2});
  CHECK_THROWS_AS(bench.module.step(dut::Cycles{5}), dut::AssertionFailed);
}
