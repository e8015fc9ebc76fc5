// SPDX-License-Identifier: Apache-2.0
#include "Vcw_upstream_gates.h"
#include "agent/tlp_sink.hpp"
#include "agent/tlp_source.hpp"
#include "catch_shim.hpp"
#include "unit/port_traffic.hpp"
#include "unit/translator.hpp"

namespace cw::unit {
namespace {

using V = Vcw_upstream_gates;
using pcie::MemRead;
using pcie::MemWrite;

// What leaves is done with when the test says so.
struct Gates {
  explicit Gates(uint64_t seed = 1, agent::Stall stall = agent::Stall::None)
      : module(seed),
        rng(seed, "gates"),
        posted(module.kernel(), dut::channel(p.p_ctl_i, p.p_data_i, p.p_valid_i, p.p_ready_o),
               rng.fork("p"), stall),
        np(module.kernel(), dut::channel(p.np_ctl_i, p.np_data_i, p.np_valid_i, p.np_ready_o),
           rng.fork("np"), stall),
        writes(module.kernel(), dut::channel(p.wr_ctl_o, p.wr_data_o, p.wr_valid_o, p.wr_ready_i),
               rng.fork("wr"), stall),
        translator(module, rng.fork("iommu"), stall) {
    p.rd_ready_i = p.posted_retired_i = p.tr_rsp_valid_i = 0;
    p.cpl_valid_i = p.cpl_take_i = p.cpl_relaxed_i = 0;
    module.reset();
  }
  void write(uint64_t hpa, uint32_t bytes = 64) {
    posted.send(
        pcie::encode(MemWrite{.address = iova_of(hpa), .data = std::vector<uint8_t>(bytes, 0x5a)}));
  }
  void read(uint64_t hpa) {
    np.send(pcie::encode(MemRead{.address = iova_of(hpa), .length_bytes = 64}));
  }
  void retire_write() {
    p.posted_retired_i = 1;
    module.step();
    p.posted_retired_i = 0;
    module.settle();
  }

  dut::Module<V> module;
  V& p = module.pins();
  agent::Rng rng;
  agent::TlpSource posted, np;
  agent::TlpSink writes;
  Translator<V> translator;
};

TEST_CASE("Requests leave the gates translated, a fault with them", "[unit][root][R37]") {
  Gates gates;
  gates.read(0x1'2345'6040);
  gates.module.run_until([&] { return gates.p.rd_valid_o; }, 50_cycles);
  CHECK(gates.p.rd_hpa_o == 0x1'2345'6040);
  CHECK_FALSE(gates.p.rd_fault_o);
  CHECK(gates.p.rd_pass_o);
  gates.writes.block(true);
  gates.posted.send(
      pcie::encode(MemWrite{.address = {kFaultBit | 0x1000}, .data = std::vector<uint8_t>(8)}));
  gates.module.run_until([&] { return gates.p.wr_valid_o; }, 50_cycles);
  CHECK(gates.p.wr_fault_o);
}

TEST_CASE("A read and a completion wait for every write before them to be done with",
          "[unit][root][R30][R33]") {
  Gates gates;
  V& p = gates.p;
  for (unsigned n = 0; n < 5; ++n) gates.write(0x9000'0000 + 64 * n);
  gates.module.run_until([&] { return gates.posted.idle(); }, 200_cycles);
  gates.read(0x9000'0000);
  p.cpl_valid_i = 1;
  gates.module.run_until([&] { return p.rd_valid_o && gates.writes.size() == 5; }, 200_cycles);
  for (unsigned n = 0; n < 5; ++n) {
    CHECK_FALSE(p.rd_pass_o);
    CHECK_FALSE(p.cpl_pass_o);
    if (n == 0) gates.write(0x9000'1000);  // behind both
    gates.module.step(20_cycles);
    gates.retire_write();
  }
  CHECK(p.rd_pass_o);
  CHECK(p.cpl_pass_o);
  p.rd_ready_i = p.cpl_take_i = 1;
  gates.module.step();
  p.rd_ready_i = p.cpl_take_i = p.cpl_valid_i = 0;
  p.cpl_relaxed_i = 1;
  gates.module.settle();
  CHECK(p.cpl_pass_o);  // Relaxed Ordering: in spite of the sixth
}

TEST_CASE("A read that waits holds back no write", "[unit][root][R30][R31]") {
  Gates gates;
  for (unsigned n = 0; n < 200; ++n) gates.read(0x9000'0000);
  gates.module.step(400_cycles);
  CHECK_FALSE(gates.np.idle());
  gates.write(0x9000'0000);
  gates.module.run_until([&] { return gates.writes.size() == 1; }, 100_cycles);
}

TEST_CASE("Many reads wait behind a write, and only for those before them", "[unit][root][R30]") {
  constexpr unsigned kReads = 128;
  Gates gates;
  gates.write(0x9000'0000);
  gates.module.run_until([&] { return gates.writes.size() == 1; }, 100_cycles);
  for (unsigned n = 0; n < kReads; ++n) gates.read(0x9000'0000 + 64 * n);
  gates.module.run_until([&] { return gates.np.idle(); }, 400_cycles);
  gates.module.step(50_cycles);
  gates.write(0x9000'0000);  // behind all of them
  gates.module.run_until([&] { return gates.writes.size() == 2; }, 100_cycles);
  CHECK_FALSE(gates.p.rd_pass_o);
  gates.retire_write();
  for (unsigned n = 0; n < kReads; ++n) {
    gates.module.run_until([&] { return gates.p.rd_valid_o; }, 10_cycles);
    REQUIRE(gates.p.rd_pass_o);
    REQUIRE(gates.p.rd_hpa_o == 0x9000'0000 + 64 * n);
    gates.p.rd_ready_i = 1;
    gates.module.step();
    gates.p.rd_ready_i = 0;
    gates.module.settle();
  }
}

}  // namespace
}  // namespace cw::unit
