// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "Vcw_root_iommu.h"
#include "catch_shim.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {
namespace {

constexpr unsigned kCqb = 0x018, kCqh = 0x020, kCqt = 0x024, kCqcsr = 0x048;
constexpr uint64_t kCommands = 0x8020'0000, kDoorbell = 0x2800'0000, kRam = 0x9000'0000;

// Software that gives commands, and the memory they are in.
struct RootIommu : dut::Clocked {
  RootIommu() : port(module.kernel(), pins(), memory, {1, "memory"}, {}) {
    p.reg_valid_i = p.reg_write_i = p.tr_valid_i = p.retired_i = p.dev_valid_i = 0;
    module.kernel().add(*this);
    module.reset();
    write(kCqb, kCommands >> 12 << 10 | 3, 8);
    write(kCqcsr, 1);
    module.step(5_cycles);
  }
  ~RootIommu() override { module.kernel().remove(*this); }

  agent::AxiPins pins() {
    agent::AxiPins all = both_halves(p, idle);
    all.r_id = p.m_r_id_i;
    return all;
  }
  void write(unsigned offset, uint64_t value, unsigned bytes = 4) {
    p.reg_valid_i = p.reg_write_i = 1;
    p.reg_addr_i = offset;
    p.reg_size8_i = bytes == 8;
    p.reg_wdata_i = value;
    module.step();
    p.reg_valid_i = p.reg_write_i = 0;
  }
  uint32_t read(unsigned offset) {
    p.reg_addr_i = offset;
    p.reg_size8_i = 0;
    module.settle();
    return static_cast<uint32_t>(p.reg_rdata_o);
  }
  // IOFENCE.C that stores `data` at `to`.
  void fence(uint64_t to, uint32_t data) {
    memory.write64({kCommands + 16 * tail}, 2 | 1 << 10 | uint64_t{data} << 32);
    memory.write64({kCommands + 16 * tail + 8}, to >> 2);
    write(kCqt, ++tail);
    module.run_until([&] { return read(kCqh) == tail; }, 500_cycles);
  }
  void sample() override {
    if (p.msi_valid_o) rung.push_back({p.msi_addr_o, p.msi_data_o});
  }

  dut::Module<Vcw_root_iommu> module;
  Vcw_root_iommu& p = module.pins();
  IdleHalf<8> idle;
  model::HostMemory memory;
  agent::AxiMemory port;
  uint32_t tail = 0;
  std::vector<std::pair<uint64_t, uint32_t>> rung;
};

TEST_CASE("A fence whose store is to the doorbell rings, to anywhere else is in memory",
          "[unit][root][iommu][R46]") {
  RootIommu iommu;
  iommu.fence(kDoorbell + 0x44, 0xc0de);
  iommu.fence(kRam + 4, 0xbeef);
  CHECK(iommu.rung == std::vector<std::pair<uint64_t, uint32_t>>{{kDoorbell + 0x44, 0xc0de}});
  CHECK(iommu.memory.read32({kRam + 4}) == 0xbeef);
  CHECK((iommu.read(kCqcsr) & 0xf00) == 0);
}

TEST_CASE("Messages of devices pass beside the IOMMU's", "[unit][root][iommu][R32]") {
  RootIommu iommu;
  iommu.p.dev_valid_i = 1;
  iommu.p.dev_addr_i = kDoorbell;
  iommu.p.dev_data_i = 7;
  iommu.module.step();
  iommu.p.dev_valid_i = 0;
  CHECK(iommu.rung == std::vector<std::pair<uint64_t, uint32_t>>{{kDoorbell, 7}});
}

}  // namespace
}  // namespace cw::unit
