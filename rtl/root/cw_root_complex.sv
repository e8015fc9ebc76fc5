// SPDX-License-Identifier: Apache-2.0
//
// The root complex: the CPU's bridge down, root ports with the translated paths of their devices
// up, the one host memory and the one IOMMU that all share in turn. Nothing goes from port to port.
// Composition, and the turns of their interrupts.
// Spec: PCIe Base 1.3.1 (root complex).
`include "cw_assert.svh"
module cw_root_complex
  import cw_tlp_pkg::*, cw_iommu_tr_pkg::tr_req_t, cw_iommu_tr_pkg::tr_rsp_t;
#(
  parameter  int unsigned W             = 256,    // bits of a beat, of TLPs as of host memory
  parameter  int unsigned Ports         = 1,      // root ports: devices 0 and 1 of bus 0
  parameter  int unsigned TimeoutCycles = 65536,  // until a request of the host counts as lost
  localparam int unsigned PortW         = Ports > 1 ? $clog2(Ports) : 1
) (
  input  logic                clk_i,
  input  logic                rst_i,

  // CPU
  input  cw_axi_pkg::axi_ax_t s_aw_i,
  input  logic                s_aw_valid_i,
  output logic                s_aw_ready_o,
  input  logic [63:0]         s_w_data_i,
  input  logic [7:0]          s_w_strb_i,
  input  logic                s_w_last_i,
  input  logic                s_w_valid_i,
  output logic                s_w_ready_o,
  output cw_axi_pkg::axi_b_t  s_b_o,
  output logic                s_b_valid_o,
  input  logic                s_b_ready_i,
  input  cw_axi_pkg::axi_ax_t s_ar_i,
  input  logic                s_ar_valid_i,
  output logic                s_ar_ready_o,
  output logic [3:0]          s_r_id_o,
  output logic [63:0]         s_r_data_o,
  output logic [1:0]          s_r_resp_o,
  output logic                s_r_last_o,
  output logic                s_r_valid_o,
  input  logic                s_r_ready_i,

  // Host memory, for devices; past the CPU's caches with `no_snoop`
  output logic                m_aw_no_snoop_o, m_ar_no_snoop_o,
  output cw_axi_pkg::axi_ax_t m_aw_o,
  output logic                m_aw_valid_o,
  input  logic                m_aw_ready_i,
  output logic [W-1:0]        m_w_data_o,
  output logic [W/8-1:0]      m_w_strb_o,
  output logic                m_w_last_o,
  output logic                m_w_valid_o,
  input  logic                m_w_ready_i,
  input  cw_axi_pkg::axi_b_t  m_b_i,
  input  logic                m_b_valid_i,
  output logic                m_b_ready_o,
  output cw_axi_pkg::axi_ax_t m_ar_o,
  output logic                m_ar_valid_o,
  input  logic                m_ar_ready_i,
  input  logic [3:0]          m_r_id_i,
  input  logic [W-1:0]        m_r_data_i,
  input  logic [1:0]          m_r_resp_i,
  input  logic                m_r_last_i,
  input  logic                m_r_valid_i,
  output logic                m_r_ready_o,

  // Host memory, for the IOMMU
  output cw_axi_pkg::axi_ax_t walk_aw_o,
  output logic                walk_aw_valid_o,
  input  logic                walk_aw_ready_i,
  output logic [63:0]         walk_w_data_o,
  output logic [7:0]          walk_w_strb_o,
  output logic                walk_w_last_o,
  output logic                walk_w_valid_o,
  input  logic                walk_w_ready_i,
  input  cw_axi_pkg::axi_b_t  walk_b_i,
  input  logic                walk_b_valid_i,
  output logic                walk_b_ready_o,
  output cw_axi_pkg::axi_ax_t walk_ar_o,
  output logic                walk_ar_valid_o,
  input  logic                walk_ar_ready_i,
  input  logic [3:0]          walk_r_id_i,
  input  logic [63:0]         walk_r_data_i,
  input  logic [1:0]          walk_r_resp_i,
  input  logic                walk_r_last_i,
  input  logic                walk_r_valid_i,
  output logic                walk_r_ready_o,

  // Interrupts: messages that reached the doorbell, wires of the IOMMU; by port INTA to INTD of its
  // devices, and their other messages, one clock each
  output logic                msi_valid_o,
  output logic [63:0]         msi_addr_o,
  output logic [31:0]         msi_data_o,
  output logic [3:0]          irq_o,
  output logic [Ports-1:0][3:0] intx_o,
  output cw_root_pkg::root_message_t [Ports-1:0] msg_o,

  // Links, with the credits of either side
  output tlp_ctl_t [Ports-1:0]     tx_ctl_o,
  output logic [Ports-1:0][W-1:0]  tx_data_o,
  output logic [Ports-1:0]         tx_valid_o,
  input  logic [Ports-1:0]         tx_ready_i,
  input  cw_port_pkg::fc_t [Ports-1:0] tx_fc_i,
  input  tlp_ctl_t [Ports-1:0]     rx_ctl_i,
  input  logic [Ports-1:0][W-1:0]  rx_data_i,
  input  logic [Ports-1:0]         rx_valid_i,
  output logic [Ports-1:0]         rx_ready_o,
  output cw_port_pkg::fc_t [Ports-1:0] rx_fc_o,
  output logic [Ports-1:0]         hot_reset_o   // of the other sides
);

  // Between the CPU's bridge and the ports
  tlp_ctl_t                dn_p_ctl;
  logic [W-1:0]            dn_p_data;
  tlp_ctl_t [Ports-1:0]    dn_np_ctl, up_cpl_ctl;
  logic [Ports-1:0][W-1:0] dn_np_data, up_cpl_data;
  logic [Ports-1:0]        dn_p_valid, dn_p_ready, dn_np_valid, dn_np_ready;
  logic [Ports-1:0]        up_cpl_valid, up_cpl_ready;

  // The ports' own registers
  cfg_hdr_t                                 cfg_hdr;
  logic [31:0]                              cfg_wdata;
  logic [Ports-1:0][31:0]                   cfg_rdata;
  logic [Ports-1:0]                         cfg_valid, cfg_ready, cfg_done, link_up;
  cw_cfg_pkg::root_port_state_t [Ports-1:0] state;
  cw_cfg_pkg::cfg_event_t [Ports-1:0]       bridge_event;

  // IOMMU: registers, translation
  logic        reg_valid, reg_write, reg_size8, reg_ready;
  logic [11:0] reg_addr;
  logic [63:0] reg_wdata, reg_rdata;
  tr_req_t [Ports-1:0][1:0] tr_req;
  tr_rsp_t [Ports-1:0][1:0] tr_rsp;
  logic [Ports-1:0][1:0]    tr_valid, tr_ready, tr_rsp_valid, retired;

  // Host memory, by port
  logic [Ports-1:0]                aw_no_snoop, ar_no_snoop, aw_valid, aw_ready, ar_valid, ar_ready;
  cw_axi_pkg::axi_ax_t [Ports-1:0] aw, ar;
  logic [Ports-1:0][W-1:0]         w_data, r_data;
  logic [Ports-1:0][W/8-1:0]       w_strb;
  logic [Ports-1:0][1:0]           r_resp;
  logic [Ports-1:0] w_last, w_valid, w_ready, b_valid, b_ready, r_last, r_valid, r_ready;
  cw_axi_pkg::axi_b_t              b;

  // Interrupts of devices, by port, before those of the IOMMU join them
  logic [Ports-1:0]       dev_valid, dev_ready;
  logic [Ports-1:0][63:0] dev_addr;
  logic [Ports-1:0][31:0] dev_data;
  logic [PortW-1:0]       dev;
  logic                   dev_any;

  cw_host_bridge #(.W(W), .Ports(Ports), .TimeoutCycles(TimeoutCycles)) u_bridge (
    .clk_i,
    .rst_i,
    .s_aw_i, .s_aw_valid_i, .s_aw_ready_o,
    .s_w_data_i, .s_w_strb_i, .s_w_last_i, .s_w_valid_i, .s_w_ready_o,
    .s_b_o, .s_b_valid_o, .s_b_ready_i,
    .s_ar_i, .s_ar_valid_i, .s_ar_ready_o,
    .s_r_id_o, .s_r_data_o, .s_r_resp_o, .s_r_last_o, .s_r_valid_o, .s_r_ready_i,
    .p_ctl_o(dn_p_ctl), .p_data_o(dn_p_data), .p_valid_o(dn_p_valid), .p_ready_i(dn_p_ready),
    .np_ctl_o(dn_np_ctl), .np_data_o(dn_np_data), .np_valid_o(dn_np_valid),
    .np_ready_i(dn_np_ready), .cpl_ctl_i(up_cpl_ctl), .cpl_data_i(up_cpl_data),
    .cpl_valid_i(up_cpl_valid), .cpl_ready_o(up_cpl_ready),
    .cfg_hdr_o(cfg_hdr), .cfg_wdata_o(cfg_wdata), .cfg_valid_o(cfg_valid), .cfg_ready_i(cfg_ready),
    .cfg_rdata_i(cfg_rdata), .cfg_done_i(cfg_done),
    .link_up_i(link_up), .state_i(state), .event_o(bridge_event),
    .reg_valid_o(reg_valid), .reg_write_o(reg_write), .reg_addr_o(reg_addr),
    .reg_size8_o(reg_size8), .reg_wdata_o(reg_wdata),
    .reg_ready_i(reg_ready), .reg_rdata_i(reg_rdata)
  );

  for (genvar n = 0; n < Ports; n++) begin : gen_port
    cw_root_branch #(.W(W), .TimeoutCycles(TimeoutCycles), .Number(n)) u_branch (
      .clk_i,
      .rst_i,
      .rx_ctl_i(rx_ctl_i[n]), .rx_data_i(rx_data_i[n]), .rx_valid_i(rx_valid_i[n]),
      .rx_ready_o(rx_ready_o[n]), .rx_fc_o(rx_fc_o[n]),
      .tx_ctl_o(tx_ctl_o[n]), .tx_data_o(tx_data_o[n]), .tx_valid_o(tx_valid_o[n]),
      .tx_ready_i(tx_ready_i[n]), .tx_fc_i(tx_fc_i[n]),
      .host_p_ctl_i(dn_p_ctl), .host_p_data_i(dn_p_data), .host_p_valid_i(dn_p_valid[n]),
      .host_p_ready_o(dn_p_ready[n]), .host_np_ctl_i(dn_np_ctl[n]),
      .host_np_data_i(dn_np_data[n]), .host_np_valid_i(dn_np_valid[n]),
      .host_np_ready_o(dn_np_ready[n]), .host_cpl_ctl_o(up_cpl_ctl[n]),
      .host_cpl_data_o(up_cpl_data[n]), .host_cpl_valid_o(up_cpl_valid[n]),
      .host_cpl_ready_i(up_cpl_ready[n]),
      .cfg_hdr_i(cfg_hdr), .cfg_wdata_i(cfg_wdata), .cfg_valid_i(cfg_valid[n]),
      .cfg_ready_o(cfg_ready[n]), .cfg_rdata_o(cfg_rdata[n]), .cfg_done_o(cfg_done[n]),
      .state_o(state[n]), .event_i(bridge_event[n]), .link_up_o(link_up[n]),
      .tr_req_o(tr_req[n]), .tr_valid_o(tr_valid[n]), .tr_ready_i(tr_ready[n]),
      .tr_rsp_i(tr_rsp[n]), .tr_rsp_valid_i(tr_rsp_valid[n]), .retired_o(retired[n]),
      .m_aw_no_snoop_o(aw_no_snoop[n]), .m_ar_no_snoop_o(ar_no_snoop[n]),
      .m_aw_o(aw[n]), .m_aw_valid_o(aw_valid[n]), .m_aw_ready_i(aw_ready[n]),
      .m_w_data_o(w_data[n]), .m_w_strb_o(w_strb[n]), .m_w_last_o(w_last[n]),
      .m_w_valid_o(w_valid[n]), .m_w_ready_i(w_ready[n]),
      .m_b_i(b), .m_b_valid_i(b_valid[n]), .m_b_ready_o(b_ready[n]),
      .m_ar_o(ar[n]), .m_ar_valid_o(ar_valid[n]), .m_ar_ready_i(ar_ready[n]),
      .m_r_data_i(r_data[n]), .m_r_resp_i(r_resp[n]), .m_r_last_i(r_last[n]),
      .m_r_valid_i(r_valid[n]), .m_r_ready_o(r_ready[n]),
      .msi_valid_o(dev_valid[n]), .msi_ready_i(dev_ready[n]),
      .msi_addr_o(dev_addr[n]), .msi_data_o(dev_data[n]),
      .intx_o(intx_o[n]), .msg_o(msg_o[n])
    );
  end
  assign hot_reset_o = ~link_up;

  cw_root_memory #(.W(W), .Paths(Ports)) u_memory (
    .clk_i,
    .rst_i,
    .s_aw_i(aw), .s_aw_no_snoop_i(aw_no_snoop), .s_aw_valid_i(aw_valid), .s_aw_ready_o(aw_ready),
    .s_w_data_i(w_data), .s_w_strb_i(w_strb), .s_w_last_i(w_last), .s_w_valid_i(w_valid),
    .s_w_ready_o(w_ready),
    .s_b_o(b), .s_b_valid_o(b_valid), .s_b_ready_i(b_ready),
    .s_ar_i(ar), .s_ar_no_snoop_i(ar_no_snoop), .s_ar_valid_i(ar_valid), .s_ar_ready_o(ar_ready),
    .s_r_data_o(r_data), .s_r_resp_o(r_resp), .s_r_last_o(r_last), .s_r_valid_o(r_valid),
    .s_r_ready_i(r_ready),
    .m_aw_o, .m_aw_no_snoop_o, .m_aw_valid_o, .m_aw_ready_i,
    .m_w_data_o, .m_w_strb_o, .m_w_last_o, .m_w_valid_o, .m_w_ready_i,
    .m_b_i, .m_b_valid_i, .m_b_ready_o,
    .m_ar_o, .m_ar_no_snoop_o, .m_ar_valid_o, .m_ar_ready_i,
    .m_r_id_i, .m_r_data_i, .m_r_resp_i, .m_r_last_i, .m_r_valid_i, .m_r_ready_o
  );

  cw_rr_arbiter #(.N(Ports)) u_interrupts (
    .clk_i, .rst_i, .req_i(dev_valid), .take_i(dev_any), .lock_i(1'b0),
    .grant_o(dev_ready), .index_o(dev), .any_o(dev_any)
  );

  cw_root_iommu #(.Paths(Ports)) u_iommu (
    .clk_i,
    .rst_i,
    .reg_valid_i(reg_valid), .reg_write_i(reg_write), .reg_addr_i(reg_addr),
    .reg_size8_i(reg_size8), .reg_wdata_i(reg_wdata),
    .reg_ready_o(reg_ready), .reg_rdata_o(reg_rdata),
    .tr_req_i(tr_req), .tr_valid_i(tr_valid), .tr_ready_o(tr_ready),
    .tr_rsp_o(tr_rsp), .tr_rsp_valid_o(tr_rsp_valid),
    .retired_i(retired),
    .m_aw_o(walk_aw_o), .m_aw_valid_o(walk_aw_valid_o), .m_aw_ready_i(walk_aw_ready_i),
    .m_w_data_o(walk_w_data_o), .m_w_strb_o(walk_w_strb_o), .m_w_last_o(walk_w_last_o),
    .m_w_valid_o(walk_w_valid_o), .m_w_ready_i(walk_w_ready_i),
    .m_b_i(walk_b_i), .m_b_valid_i(walk_b_valid_i), .m_b_ready_o(walk_b_ready_o),
    .m_ar_o(walk_ar_o), .m_ar_valid_o(walk_ar_valid_o), .m_ar_ready_i(walk_ar_ready_i),
    .m_r_id_i(walk_r_id_i), .m_r_data_i(walk_r_data_i), .m_r_resp_i(walk_r_resp_i),
    .m_r_last_i(walk_r_last_i), .m_r_valid_i(walk_r_valid_i), .m_r_ready_o(walk_r_ready_o),
    .dev_valid_i(dev_any), .dev_addr_i(dev_addr[dev]), .dev_data_i(dev_data[dev]),
    .msi_valid_o, .msi_addr_o, .msi_data_o, .irq_o
  );

  `CW_REQUIRE(Ports inside {1, 2}, "one root port or two")
  `CW_ASSERT(EachInterruptRings, $onehot0(dev_ready) && (!dev_any || msi_valid_o))

endmodule
