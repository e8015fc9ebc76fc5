// SPDX-License-Identifier: Apache-2.0
//
// The root complex with one root port: the CPU's bridge down, the translated path of devices up to
// host memory, and the IOMMU between. Composition, and the order of completions to the host.
// Spec: PCIe Base 1.3.1 (root complex).
`include "cw_assert.svh"
module cw_root_complex
  import cw_tlp_pkg::*, cw_iommu_tr_pkg::tr_req_t, cw_iommu_tr_pkg::tr_rsp_t;
#(
  parameter int unsigned W             = 256,   // bits of a beat, of TLPs as of host memory
  parameter int unsigned TimeoutCycles = 65536  // until a request of the host counts as lost
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

  // Interrupts: messages that reached the doorbell, wires of the IOMMU, INTA to INTD of devices
  output logic                msi_valid_o,
  output logic [63:0]         msi_addr_o,
  output logic [31:0]         msi_data_o,
  output logic [3:0]          irq_o,
  output logic [3:0]          intx_o,

  // Their other messages, one clock each
  output cw_root_pkg::root_message_t msg_o,

  // Link, with the credits of either side
  output tlp_ctl_t            tx_ctl_o,
  output logic [W-1:0]        tx_data_o,
  output logic                tx_valid_o,
  input  logic                tx_ready_i,
  input  cw_port_pkg::fc_t    tx_fc_i,
  input  tlp_ctl_t            rx_ctl_i,
  input  logic [W-1:0]        rx_data_i,
  input  logic                rx_valid_i,
  output logic                rx_ready_o,
  output cw_port_pkg::fc_t    rx_fc_o,
  output logic                hot_reset_o   // of the other side
);

  // Channels of the root port, by direction
  tlp_ctl_t     dn_p_ctl, dn_np_ctl, dn_cpl_ctl, up_p_ctl, up_np_ctl, up_cpl_ctl;
  tlp_ctl_t     peer_p_ctl, peer_np_ctl;
  logic [W-1:0] peer_p_data;
  logic         peer_p_valid, peer_np_valid, peer_p_ready, peer_np_ready;
  logic [W-1:0] dn_p_data, dn_np_data, dn_cpl_data, up_p_data, up_np_data, up_cpl_data;
  logic         dn_p_valid, dn_np_valid, dn_cpl_valid, up_p_valid, up_np_valid, up_cpl_valid;
  logic         dn_p_ready, dn_np_ready, dn_cpl_ready, up_p_ready, up_np_ready, up_cpl_ready;

  // Root port's own registers
  cfg_hdr_t                     cfg_hdr;
  logic [31:0]                  cfg_wdata, cfg_rdata;
  logic                         cfg_valid, cfg_ready, cfg_done;
  cw_cfg_pkg::root_port_state_t state;
  cw_cfg_pkg::cfg_event_t       bridge_event, path_event;

  // IOMMU: registers, translation
  logic          reg_valid, reg_write, reg_size8, reg_ready;
  logic [11:0]   reg_addr;
  logic [63:0]   reg_wdata, reg_rdata;
  tr_req_t [1:0] tr_req;
  tr_rsp_t [1:0] tr_rsp;
  logic [1:0]    tr_valid, tr_ready, tr_rsp_valid, retired;
  logic          link_up;

  logic          cpl_wait, cpl_relaxed, cpl_take, cpl_pass, cpl_to_peer;

  // Interrupts of devices, before those of the IOMMU join them
  logic          dev_valid;
  logic [63:0]   dev_addr;
  logic [31:0]   dev_data;

  cw_host_bridge #(.W(W), .TimeoutCycles(TimeoutCycles)) u_bridge (
    .clk_i,
    .rst_i,
    .s_aw_i, .s_aw_valid_i, .s_aw_ready_o,
    .s_w_data_i, .s_w_strb_i, .s_w_last_i, .s_w_valid_i, .s_w_ready_o,
    .s_b_o, .s_b_valid_o, .s_b_ready_i,
    .s_ar_i, .s_ar_valid_i, .s_ar_ready_o,
    .s_r_id_o, .s_r_data_o, .s_r_resp_o, .s_r_last_o, .s_r_valid_o, .s_r_ready_i,
    .p_ctl_o(dn_p_ctl), .p_data_o(dn_p_data), .p_valid_o(dn_p_valid), .p_ready_i(dn_p_ready),
    .np_ctl_o(dn_np_ctl), .np_data_o(dn_np_data), .np_valid_o(dn_np_valid),
    .np_ready_i(dn_np_ready),
    .cpl_ctl_i(up_cpl_ctl), .cpl_data_i(up_cpl_data), .cpl_valid_i(up_cpl_valid),
    .cpl_ready_o(up_cpl_ready),
    .cfg_hdr_o(cfg_hdr), .cfg_wdata_o(cfg_wdata), .cfg_valid_o(cfg_valid), .cfg_ready_i(cfg_ready),
    .cfg_rdata_i(cfg_rdata), .cfg_done_i(cfg_done),
    .link_up_i(link_up),
    .state_i(state),
    .event_o(bridge_event),
    .reg_valid_o(reg_valid), .reg_write_o(reg_write), .reg_addr_o(reg_addr),
    .reg_size8_o(reg_size8), .reg_wdata_o(reg_wdata),
    .reg_ready_i(reg_ready), .reg_rdata_i(reg_rdata)
  );

  cw_root_link #(.W(W)) u_link (
    .clk_i,
    .rst_i,
    .rx_ctl_i, .rx_data_i, .rx_valid_i, .rx_ready_o, .rx_fc_o,
    .tx_ctl_o, .tx_data_o, .tx_valid_o, .tx_ready_i, .tx_fc_i,
    .host_p_ctl_i(dn_p_ctl), .host_p_data_i(dn_p_data), .host_p_valid_i(dn_p_valid),
    .host_p_ready_o(dn_p_ready),
    .host_np_ctl_i(dn_np_ctl), .host_np_data_i(dn_np_data), .host_np_valid_i(dn_np_valid),
    .host_np_ready_o(dn_np_ready),
    .peer_p_ctl_i(peer_p_ctl), .peer_p_data_i(peer_p_data), .peer_p_valid_i(peer_p_valid),
    .peer_p_ready_o(peer_p_ready),
    .peer_np_ctl_i(peer_np_ctl), .peer_np_valid_i(peer_np_valid), .peer_np_ready_o(peer_np_ready),
    .mem_cpl_ctl_i(dn_cpl_ctl), .mem_cpl_data_i(dn_cpl_data), .mem_cpl_valid_i(dn_cpl_valid),
    .mem_cpl_ready_o(dn_cpl_ready),
    .up_p_ctl_o(up_p_ctl), .up_p_data_o(up_p_data), .up_p_valid_o(up_p_valid),
    .up_p_ready_i(up_p_ready),
    .up_np_ctl_o(up_np_ctl), .up_np_data_o(up_np_data), .up_np_valid_o(up_np_valid),
    .up_np_ready_i(up_np_ready),
    .up_cpl_ctl_o(up_cpl_ctl), .up_cpl_data_o(up_cpl_data), .up_cpl_valid_o(up_cpl_valid),
    .up_cpl_ready_i(up_cpl_ready),
    .cpl_wait_o(cpl_wait), .cpl_relaxed_o(cpl_relaxed), .cpl_take_o(cpl_take),
    .cpl_pass_i(cpl_pass), .cpl_to_peer_o(cpl_to_peer),
    .cfg_hdr_i(cfg_hdr), .cfg_wdata_i(cfg_wdata), .cfg_valid_i(cfg_valid), .cfg_ready_o(cfg_ready),
    .cfg_rdata_o(cfg_rdata), .cfg_done_o(cfg_done),
    .state_o(state),
    .event_i(bridge_event | path_event),
    .retired_i(retired),
    .link_up_o(link_up)
  );
  assign hot_reset_o = !link_up;

  cw_upstream_path #(.W(W), .TimeoutCycles(TimeoutCycles)) u_path (
    .clk_i,
    .rst_i,
    .state_i(state),
    .link_up_i(link_up),
    .p_ctl_i(up_p_ctl), .p_data_i(up_p_data), .p_valid_i(up_p_valid), .p_ready_o(up_p_ready),
    .np_ctl_i(up_np_ctl), .np_data_i(up_np_data), .np_valid_i(up_np_valid),
    .np_ready_o(up_np_ready),
    .cpl_ctl_o(dn_cpl_ctl), .cpl_data_o(dn_cpl_data), .cpl_valid_o(dn_cpl_valid),
    .cpl_ready_i(dn_cpl_ready),
    .peer_p_ctl_o(peer_p_ctl), .peer_p_data_o(peer_p_data), .peer_p_valid_o(peer_p_valid),
    .peer_p_ready_i(peer_p_ready),
    .peer_np_ctl_o(peer_np_ctl), .peer_np_valid_o(peer_np_valid), .peer_np_ready_i(peer_np_ready),
    .up_cpl_hdr_i(cpl_hdr_t'(up_cpl_ctl.hdr)), .up_cpl_valid_i(cpl_wait),
    .up_cpl_take_i(cpl_take), .up_cpl_relaxed_i(cpl_relaxed), .up_cpl_pass_o(cpl_pass),
    .up_cpl_to_peer_i(cpl_to_peer),
    .tr_req_o(tr_req), .tr_valid_o(tr_valid), .tr_ready_i(tr_ready),
    .tr_rsp_i(tr_rsp), .tr_rsp_valid_i(tr_rsp_valid),
    .retired_o(retired),
    .m_aw_o, .m_aw_no_snoop_o, .m_aw_valid_o, .m_aw_ready_i,
    .m_w_data_o, .m_w_strb_o, .m_w_last_o, .m_w_valid_o, .m_w_ready_i,
    .m_b_i, .m_b_valid_i, .m_b_ready_o,
    .m_ar_o, .m_ar_no_snoop_o, .m_ar_valid_o, .m_ar_ready_i,
    .m_r_data_i, .m_r_resp_i, .m_r_last_i, .m_r_valid_i, .m_r_ready_o,
    .msi_valid_o(dev_valid), .msi_addr_o(dev_addr), .msi_data_o(dev_data), .intx_o, .msg_o,
    .event_o(path_event)
  );

  cw_root_iommu u_iommu (
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
    .m_r_last_i(walk_r_last_i), .m_r_valid_i(walk_r_valid_i),
    .m_r_ready_o(walk_r_ready_o),
    .dev_valid_i(dev_valid), .dev_addr_i(dev_addr), .dev_data_i(dev_data),
    .msi_valid_o, .msi_addr_o, .msi_data_o,
    .irq_o
  );

  // One identifier is used, and answers to it come in order.
  logic unused;
  assign unused = &{1'b0, m_r_id_i};

  `CW_ASSERT(CompletionsBehindWrites, !cpl_take || cpl_pass)

endmodule
