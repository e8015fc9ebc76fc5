// SPDX-License-Identifier: Apache-2.0
// cw-variant: W=64 Paths=2
#include "Vcw_root_memory.h"
#include "Vcw_root_memory_w64_paths2.h"
#include "unit/root_join_bench.hpp"

namespace cw::unit {
namespace {

using Bench = RootJoinBench<Vcw_root_memory_w64_paths2>;
using dut::Pending;

TEST_CASE("Two paths read and write one memory at once, each in a part of its own",
          "[unit][root][duo][R31]") {
  uint64_t seed = 20;
  for (const agent::Stall stall : agent::kEveryStall) {
    Bench bench(++seed, stall, {.read_latency = 12_cycles, .write_latency = 5_cycles});
    agent::Rng rng(seed, "test");
    for (unsigned round = 0; round < 20; ++round) {
      struct Access {
        Pending<agent::AxiResult> answer;
        std::vector<uint8_t> data;
        uint64_t at;
        unsigned path;
      };
      std::vector<Access> writes, reads;
      for (unsigned n = 0; n < 8; ++n) {
        const unsigned path = n % 2;
        const auto data = random_bytes(rng, static_cast<uint32_t>(rng.range(1, 64)));
        const uint64_t at = Bench::base(path) + n * 0x100 + rng.range(0, 100);
        writes.push_back({bench.host(path).start_write({at}, data), data, at, path});
      }
      for (Access& write : writes) {
        write.answer.wait(20'000_cycles);
        reads.push_back({bench.host(write.path).start_read({write.at}, write.data.size()),
                         write.data, write.at, write.path});
      }
      for (Access& read : reads) CHECK(read.answer.wait(20'000_cycles).data == read.data);
    }
  }
}

TEST_CASE("One path has the port as it is, in the same clock", "[unit][root][duo]") {
  dut::Module<Vcw_root_memory> module;
  auto& p = module.pins();
  p.s_aw_valid_i = p.s_w_valid_i = p.s_ar_valid_i = p.m_b_valid_i = p.m_r_valid_i = 0;
  module.reset();
  agent::Rng rng(1, "pins");
  for (unsigned n = 0; n < 200; ++n) {
    for (unsigned at = 0; at < 81; at += 27) {
      dut::set_bits(p.s_aw_i, at, 27, rng.u32());
      dut::set_bits(p.s_ar_i, at, 27, rng.u32());
    }
    dut::set_bits(p.s_w_data_i, 224, 32, rng.u32());
    dut::set_bits(p.m_r_data_i, 192, 32, rng.u32());
    p.s_w_strb_i = rng.u32();
    const uint32_t coins = rng.u32();
    const auto bit = [&](unsigned place) { return static_cast<uint8_t>(coins >> place & 1); };
    p.s_aw_valid_i = bit(0);
    p.s_ar_valid_i = bit(1);
    p.s_w_valid_i = bit(2);
    p.s_w_last_i = bit(3);
    p.m_aw_ready_i = bit(4);
    p.m_w_ready_i = bit(5);
    p.m_ar_ready_i = bit(6);
    p.m_b_valid_i = bit(7);
    p.m_r_valid_i = bit(8);
    p.m_r_last_i = bit(9);
    p.s_b_ready_i = bit(10);
    p.s_r_ready_i = bit(11);
    p.s_aw_no_snoop_i = bit(12);
    p.s_ar_no_snoop_i = bit(13);
    p.m_b_i = coins >> 14 & 0x3f;
    p.m_r_resp_i = coins >> 20 & 3;
    module.settle();
    for (unsigned at = 0; at < 81; at += 27) {
      CHECK(dut::get_bits(p.m_aw_o, at, 27) == dut::get_bits(p.s_aw_i, at, 27));
      CHECK(dut::get_bits(p.m_ar_o, at, 27) == dut::get_bits(p.s_ar_i, at, 27));
    }
    CHECK(dut::get_bits(p.m_w_data_o, 224, 32) == dut::get_bits(p.s_w_data_i, 224, 32));
    CHECK(dut::get_bits(p.s_r_data_o, 192, 32) == dut::get_bits(p.m_r_data_i, 192, 32));
    CHECK(p.m_w_strb_o == p.s_w_strb_i);
    const std::array<uint8_t, 14> outputs = {
        p.m_aw_valid_o, p.m_ar_valid_o, p.m_w_valid_o,     p.m_w_last_o,     p.s_aw_ready_o,
        p.s_w_ready_o,  p.s_ar_ready_o, p.s_b_valid_o,     p.s_r_valid_o,    p.s_r_last_o,
        p.m_b_ready_o,  p.m_r_ready_o,  p.m_aw_no_snoop_o, p.m_ar_no_snoop_o};
    for (unsigned place = 0; place < outputs.size(); ++place) CHECK(outputs[place] == bit(place));
    CHECK(p.s_b_o == p.m_b_i);
    CHECK(p.s_r_resp_o == p.m_r_resp_i);
    module.step();
  }
}

}  // namespace
}  // namespace cw::unit
