// SPDX-License-Identifier: Apache-2.0
#include "env/system_dut.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "env/root_pins.hpp"

#ifdef CW_WIDTH_128
#include "Vcw_system_top_w128.h"
#endif
#ifdef CW_WIDTH_256
#include "Vcw_system_top_w256.h"
#endif
#ifdef CW_WIDTH_512
#include "Vcw_system_top_w512.h"
#endif
#ifdef CW_WIDTH_64
#include "Vcw_system_top_w64.h"
#endif

namespace cw::env {

namespace {

template <class V>
class SystemDutOf : public SystemDut {
 public:
  explicit SystemDutOf(uint64_t seed) : module_(seed) {}

  dut::ModuleBase& module() override { return module_; }
  agent::AxiPins cpu() override { return cpu_pins(module_.pins()); }
  agent::AxiPins host_memory() override { return host_memory_pins(module_.pins()); }
  agent::AxiPins walk_memory() override { return walk_memory_pins(module_.pins()); }
  agent::AxiPins card_memory() override {
    V& p = module_.pins();
    return {
        .aw = agent::AxiAddressPins::Flat{p.m_axi_dma_awid, p.m_axi_dma_awaddr, p.m_axi_dma_awlen,
                                          p.m_axi_dma_awsize, p.m_axi_dma_awburst},
        .aw_valid = p.m_axi_dma_awvalid,
        .aw_ready = p.m_axi_dma_awready,
        .w_data = p.m_axi_dma_wdata,
        .w_strb = p.m_axi_dma_wstrb,
        .w_last = p.m_axi_dma_wlast,
        .w_valid = p.m_axi_dma_wvalid,
        .w_ready = p.m_axi_dma_wready,
        .b = agent::AxiResponsePins::Flat{p.m_axi_dma_bid, p.m_axi_dma_bresp},
        .b_valid = p.m_axi_dma_bvalid,
        .b_ready = p.m_axi_dma_bready,
        .ar = agent::AxiAddressPins::Flat{p.m_axi_dma_arid, p.m_axi_dma_araddr, p.m_axi_dma_arlen,
                                          p.m_axi_dma_arsize, p.m_axi_dma_arburst},
        .ar_valid = p.m_axi_dma_arvalid,
        .ar_ready = p.m_axi_dma_arready,
        .r_id = p.m_axi_dma_rid,
        .r_data = p.m_axi_dma_rdata,
        .r_resp = p.m_axi_dma_rresp,
        .r_last = p.m_axi_dma_rlast,
        .r_valid = p.m_axi_dma_rvalid,
        .r_ready = p.m_axi_dma_rready};
  }
  agent::AxisPins stream_out() override {
    V& p = module_.pins();
    return {.data = p.m_axis_tdata,
            .keep = p.m_axis_tkeep,
            .side = agent::AxisSidePins::Flat{p.m_axis_tlast, p.m_axis_tid, p.m_axis_tuser},
            .valid = p.m_axis_tvalid,
            .ready = p.m_axis_tready};
  }
  agent::AxisPins stream_in() override {
    V& p = module_.pins();
    return {.data = p.s_axis_tdata,
            .keep = p.s_axis_tkeep,
            .side = agent::AxisSidePins::Flat{p.s_axis_tlast, p.s_axis_tid, p.s_axis_tuser},
            .valid = p.s_axis_tvalid,
            .ready = p.s_axis_tready};
  }
  dut::ChannelPins down() override {
    V& p = module_.pins();
    return dut::channel(p.down_ctl, p.down_data, p.down_valid, p.down_ready);
  }
  dut::ChannelPins up() override {
    V& p = module_.pins();
    return dut::channel(p.up_ctl, p.up_data, p.up_valid, p.up_ready);
  }
  MsiPins msi() override {
    V& p = module_.pins();
    return {.valid = p.msi_valid, .addr = p.msi_addr, .data = p.msi_data};
  }
  agent::Pin iommu_irq() override { return module_.pins().iommu_irq; }
  agent::Pin intx() override { return module_.pins().intx; }
  agent::Pin hot_reset() override { return module_.pins().hot_reset; }
  void trace(const std::string& path) override { module_.trace(path); }

 private:
  dut::Module<V> module_;
};

}  // namespace

bool system_built(unsigned width) {
  constexpr unsigned kBuilt[] = {
#ifdef CW_WIDTH_64
      64,
#endif
#ifdef CW_WIDTH_128
      128,
#endif
#ifdef CW_WIDTH_256
      256,
#endif
#ifdef CW_WIDTH_512
      512,
#endif
  };
  return std::ranges::find(kBuilt, width) != std::end(kBuilt);
}

std::unique_ptr<SystemDut> make_system_dut(unsigned width, uint64_t seed) {
  switch (width) {
#ifdef CW_WIDTH_64
    case 64:
      return std::make_unique<SystemDutOf<Vcw_system_top_w64>>(seed);
#endif
#ifdef CW_WIDTH_128
    case 128:
      return std::make_unique<SystemDutOf<Vcw_system_top_w128>>(seed);
#endif
#ifdef CW_WIDTH_256
    case 256:
      return std::make_unique<SystemDutOf<Vcw_system_top_w256>>(seed);
#endif
#ifdef CW_WIDTH_512
    case 512:
      return std::make_unique<SystemDutOf<Vcw_system_top_w512>>(seed);
#endif
    default:
      throw std::invalid_argument(fmt::format("a system of {} bits is not built", width));
  }
}

}  // namespace cw::env
