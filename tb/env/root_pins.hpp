// SPDX-License-Identifier: Apache-2.0
//
// The AXI ports that a top with a root complex has: the CPU's, and those of host memory for devices
// and for the IOMMU.
#pragma once

#include "agent/axi_pins.hpp"

namespace cw::env {

template <class V>
agent::AxiPins cpu_pins(V& p) {
  return {.aw = agent::AxiAddressPins::Flat{p.s_axi_awid, p.s_axi_awaddr, p.s_axi_awlen,
                                            p.s_axi_awsize, p.s_axi_awburst},
          .aw_valid = p.s_axi_awvalid,
          .aw_ready = p.s_axi_awready,
          .w_data = p.s_axi_wdata,
          .w_strb = p.s_axi_wstrb,
          .w_last = p.s_axi_wlast,
          .w_valid = p.s_axi_wvalid,
          .w_ready = p.s_axi_wready,
          .b = agent::AxiResponsePins::Flat{p.s_axi_bid, p.s_axi_bresp},
          .b_valid = p.s_axi_bvalid,
          .b_ready = p.s_axi_bready,
          .ar = agent::AxiAddressPins::Flat{p.s_axi_arid, p.s_axi_araddr, p.s_axi_arlen,
                                            p.s_axi_arsize, p.s_axi_arburst},
          .ar_valid = p.s_axi_arvalid,
          .ar_ready = p.s_axi_arready,
          .r_id = p.s_axi_rid,
          .r_data = p.s_axi_rdata,
          .r_resp = p.s_axi_rresp,
          .r_last = p.s_axi_rlast,
          .r_valid = p.s_axi_rvalid,
          .r_ready = p.s_axi_rready};
}

template <class V>
agent::AxiPins host_memory_pins(V& p) {
  return {.aw = agent::AxiAddressPins::Flat{p.m_axi_awid, p.m_axi_awaddr, p.m_axi_awlen,
                                            p.m_axi_awsize, p.m_axi_awburst},
          .aw_valid = p.m_axi_awvalid,
          .aw_ready = p.m_axi_awready,
          .w_data = p.m_axi_wdata,
          .w_strb = p.m_axi_wstrb,
          .w_last = p.m_axi_wlast,
          .w_valid = p.m_axi_wvalid,
          .w_ready = p.m_axi_wready,
          .b = agent::AxiResponsePins::Flat{p.m_axi_bid, p.m_axi_bresp},
          .b_valid = p.m_axi_bvalid,
          .b_ready = p.m_axi_bready,
          .ar = agent::AxiAddressPins::Flat{p.m_axi_arid, p.m_axi_araddr, p.m_axi_arlen,
                                            p.m_axi_arsize, p.m_axi_arburst},
          .ar_valid = p.m_axi_arvalid,
          .ar_ready = p.m_axi_arready,
          .r_id = p.m_axi_rid,
          .r_data = p.m_axi_rdata,
          .r_resp = p.m_axi_rresp,
          .r_last = p.m_axi_rlast,
          .r_valid = p.m_axi_rvalid,
          .r_ready = p.m_axi_rready,
          .aw_snoop = agent::AxiSnoopPin::cache(p.m_axi_awcache),
          .ar_snoop = agent::AxiSnoopPin::cache(p.m_axi_arcache)};
}

template <class V>
agent::AxiPins walk_memory_pins(V& p) {
  return {
      .aw = agent::AxiAddressPins::Flat{p.m_axi_walk_awid, p.m_axi_walk_awaddr, p.m_axi_walk_awlen,
                                        p.m_axi_walk_awsize, p.m_axi_walk_awburst},
      .aw_valid = p.m_axi_walk_awvalid,
      .aw_ready = p.m_axi_walk_awready,
      .w_data = p.m_axi_walk_wdata,
      .w_strb = p.m_axi_walk_wstrb,
      .w_last = p.m_axi_walk_wlast,
      .w_valid = p.m_axi_walk_wvalid,
      .w_ready = p.m_axi_walk_wready,
      .b = agent::AxiResponsePins::Flat{p.m_axi_walk_bid, p.m_axi_walk_bresp},
      .b_valid = p.m_axi_walk_bvalid,
      .b_ready = p.m_axi_walk_bready,
      .ar = agent::AxiAddressPins::Flat{p.m_axi_walk_arid, p.m_axi_walk_araddr, p.m_axi_walk_arlen,
                                        p.m_axi_walk_arsize, p.m_axi_walk_arburst},
      .ar_valid = p.m_axi_walk_arvalid,
      .ar_ready = p.m_axi_walk_arready,
      .r_id = p.m_axi_walk_rid,
      .r_data = p.m_axi_walk_rdata,
      .r_resp = p.m_axi_walk_rresp,
      .r_last = p.m_axi_walk_rlast,
      .r_valid = p.m_axi_walk_rvalid,
      .r_ready = p.m_axi_walk_rready};
}

}  // namespace cw::env
