// SPDX-License-Identifier: Apache-2.0
#include <utility>
#include <vector>

#include "Vcw_doorbell.h"
#include "agent/axi_host.hpp"
#include "catch_shim.hpp"
#include "unit/root_memory.hpp"

namespace cw::unit {
namespace {

using agent::AxiResp;

constexpr uint64_t kDoorbell = 0x2800'0000, kRam = 0x9000'0000;

// The IOMMU's place is taken by an AXI host, memory is behind the doorbell.
struct Doorbell : dut::Clocked {
  explicit Doorbell(agent::Stall stall = agent::Stall::None)
      : iommu(module.kernel(),
              {.aw = p.s_aw_i,
               .aw_valid = p.s_aw_valid_i,
               .aw_ready = p.s_aw_ready_o,
               .w_data = p.s_w_data_i,
               .w_strb = p.s_w_strb_i,
               .w_last = p.s_w_last_i,
               .w_valid = p.s_w_valid_i,
               .w_ready = p.s_w_ready_o,
               .b = p.s_b_o,
               .b_valid = p.s_b_valid_o,
               .b_ready = p.s_b_ready_i,
               .ar = idle.ax,
               .ar_valid = idle.valid,
               .ar_ready = idle.ready,
               .r_id = idle.id,
               .r_data = idle.data,
               .r_resp = idle.resp,
               .r_last = idle.last,
               .r_valid = idle.answer_valid,
               .r_ready = idle.answer_ready},
              {1, "iommu"}, {.stall = stall}),
        port(module.kernel(),
             {.aw = p.s_aw_i,
              .aw_valid = p.m_aw_valid_o,
              .aw_ready = p.m_aw_ready_i,
              .w_data = p.s_w_data_i,
              .w_strb = p.s_w_strb_i,
              .w_last = p.s_w_last_i,
              .w_valid = p.m_w_valid_o,
              .w_ready = p.m_w_ready_i,
              .b = p.m_b_i,
              .b_valid = p.m_b_valid_i,
              .b_ready = p.m_b_ready_o,
              .ar = nobody.ax,
              .ar_valid = nobody.valid,
              .ar_ready = nobody.ready,
              .r_id = nobody.id,
              .r_data = nobody.data,
              .r_resp = nobody.resp,
              .r_last = nobody.last,
              .r_valid = nobody.answer_valid,
              .r_ready = nobody.answer_ready},
             memory, {1, "memory"}, {.stall = stall}) {
    p.dev_valid_i = 0;
    module.kernel().add(*this);
    module.reset();
  }
  ~Doorbell() override { module.kernel().remove(*this); }
  void sample() override {
    if (p.msi_valid_o) rung.push_back({p.msi_addr_o, p.msi_data_o});
  }
  AxiResp write(uint64_t to, std::vector<uint8_t> data) {
    return iommu.write({to}, std::move(data)).resp;
  }

  dut::Module<Vcw_doorbell> module;
  Vcw_doorbell& p = module.pins();
  IdleHalf<8> idle, nobody;
  model::HostMemory memory;
  agent::AxiHost iommu;
  agent::AxiMemory port;
  std::vector<std::pair<uint64_t, uint32_t>> rung;
};

TEST_CASE("A write of the IOMMU to the doorbell rings, one beside it is in memory",
          "[unit][root][iommu][R46]") {
  for (const agent::Stall stall : agent::kEveryStall) {
    Doorbell bell(stall);
    CHECK(bell.write(kDoorbell + 0x40, {1, 2, 3, 4}) == AxiResp::Okay);
    CHECK(bell.write(kDoorbell + 0xffc, {5, 6, 7, 8}) == AxiResp::Okay);
    CHECK(bell.write(kDoorbell + 0x1000, {9, 10, 11, 12}) == AxiResp::Okay);
    CHECK(bell.write(kDoorbell - 4, {13, 14, 15, 16}) == AxiResp::Okay);
    CHECK(bell.write(kRam, std::vector<uint8_t>(32, 0x5a)) == AxiResp::Okay);
    CHECK(bell.rung == std::vector<std::pair<uint64_t, uint32_t>>{
                           {kDoorbell + 0x40, 0x0403'0201}, {kDoorbell + 0xffc, 0x0807'0605}});
    CHECK(bell.memory.read32({kDoorbell + 0x1000}) == 0x0c0b'0a09);
    CHECK(bell.memory.read32({kDoorbell - 4}) == 0x100f'0e0d);
    CHECK(bell.memory.read({kRam}, 32) == std::vector<uint8_t>(32, 0x5a));
    CHECK(bell.memory.pages().size() == 3);
  }
}

TEST_CASE("What is not one whole dword does not ring and is an error", "[unit][root][iommu]") {
  Doorbell bell;
  for (const unsigned bytes : {1u, 2u, 3u, 5u, 8u, 32u}) {
    CHECK(bell.write(kDoorbell, std::vector<uint8_t>(bytes)) == AxiResp::SlvErr);
  }
  CHECK(bell.write(kDoorbell + 2, {1, 2, 3, 4}) == AxiResp::SlvErr);
  CHECK(bell.rung.empty());
  CHECK(bell.write(kDoorbell + 4, {1, 2, 3, 4}) == AxiResp::Okay);
  CHECK(bell.rung.size() == 1);
}

TEST_CASE("Messages of devices do not wait, and none of either kind is lost",
          "[unit][root][iommu][R32]") {
  Doorbell bell;
  auto pending = bell.iommu.start_write({kDoorbell}, {1, 0, 0, 0});
  bell.p.dev_valid_i = 1;
  for (unsigned n = 0; n < 40; ++n) {
    bell.p.dev_addr_i = kDoorbell + 8;
    bell.p.dev_data_i = 100 + n;
    bell.module.step();
  }
  CHECK(bell.rung.size() == 40);
  CHECK(bell.rung.back().second == 139);
  bell.p.dev_valid_i = 0;
  CHECK(pending.wait().resp == AxiResp::Okay);
  CHECK(bell.rung.size() == 41);
  CHECK(bell.rung.back() == std::pair<uint64_t, uint32_t>{kDoorbell, 1});
}

TEST_CASE("An error of memory reaches the IOMMU", "[unit][root][iommu][R20]") {
  Doorbell bell;
  bell.port.add_error_range({.base = {kRam}, .bytes = 64});
  CHECK(bell.write(kRam, {1, 2, 3, 4}) == AxiResp::SlvErr);
  CHECK(bell.write(kRam + 64, {1, 2, 3, 4}) == AxiResp::Okay);
}

}  // namespace
}  // namespace cw::unit
