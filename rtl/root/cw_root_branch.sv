// SPDX-License-Identifier: Apache-2.0
//
// All of the root complex that belongs to one root port: its link, and the way of its devices'
// requests into the host with the gates and the order of that way. Composition only.
// Spec: PCIe Base 1.3.1 (root complex), 2.4.1 (ordering holds by port).
`include "cw_assert.svh"
module cw_root_branch
  import cw_tlp_pkg::*, cw_iommu_tr_pkg::tr_req_t, cw_iommu_tr_pkg::tr_rsp_t;
#(
  parameter int unsigned W             = 256,    // bits of a beat, of TLPs as of host memory
  parameter int unsigned TimeoutCycles = 65536,  // until a read of a device by another is given up
  parameter int unsigned Number        = 0       // of the root port: its device on bus 0
) (
  input  logic                         clk_i,
  input  logic                         rst_i,

  // Link, with the credits of either side
  input  tlp_ctl_t                     rx_ctl_i,
  input  logic [W-1:0]                 rx_data_i,
  input  logic                         rx_valid_i,
  output logic                         rx_ready_o,
  output cw_port_pkg::fc_t             rx_fc_o,
  output tlp_ctl_t                     tx_ctl_o,
  output logic [W-1:0]                 tx_data_o,
  output logic                         tx_valid_o,
  input  logic                         tx_ready_i,
  input  cw_port_pkg::fc_t             tx_fc_i,

  // Requests of the host, and the completions to it
  input  tlp_ctl_t                     host_p_ctl_i,
  input  logic [W-1:0]                 host_p_data_i,
  input  logic                         host_p_valid_i,
  output logic                         host_p_ready_o,
  input  tlp_ctl_t                     host_np_ctl_i,
  input  logic [W-1:0]                 host_np_data_i,
  input  logic                         host_np_valid_i,
  output logic                         host_np_ready_o,
  output tlp_ctl_t                     host_cpl_ctl_o,
  output logic [W-1:0]                 host_cpl_data_o,
  output logic                         host_cpl_valid_o,
  input  logic                         host_cpl_ready_i,

  // The port's own configuration space, and what it says
  input  cfg_hdr_t                     cfg_hdr_i,
  input  logic [31:0]                  cfg_wdata_i,
  input  logic                         cfg_valid_i,
  output logic                         cfg_ready_o,
  output logic [31:0]                  cfg_rdata_o,
  output logic                         cfg_done_o,
  output cw_cfg_pkg::root_port_state_t state_o,
  input  cw_cfg_pkg::cfg_event_t       event_i,  // of the host's requests
  output logic                         link_up_o,

  // Translation: 0 posted, 1 non-posted
  output tr_req_t [1:0]                tr_req_o,
  output logic [1:0]                   tr_valid_o,
  input  logic [1:0]                   tr_ready_i,
  input  tr_rsp_t [1:0]                tr_rsp_i,
  input  logic [1:0]                   tr_rsp_valid_i,
  output logic [1:0]                   retired_o,

  // Host memory; past the CPU's caches with `no_snoop`
  output logic                         m_aw_no_snoop_o, m_ar_no_snoop_o,
  output cw_axi_pkg::axi_ax_t          m_aw_o,
  output logic                         m_aw_valid_o,
  input  logic                         m_aw_ready_i,
  output logic [W-1:0]                 m_w_data_o,
  output logic [W/8-1:0]               m_w_strb_o,
  output logic                         m_w_last_o,
  output logic                         m_w_valid_o,
  input  logic                         m_w_ready_i,
  input  cw_axi_pkg::axi_b_t           m_b_i,
  input  logic                         m_b_valid_i,
  output logic                         m_b_ready_o,
  output cw_axi_pkg::axi_ax_t          m_ar_o,
  output logic                         m_ar_valid_o,
  input  logic                         m_ar_ready_i,
  input  logic [W-1:0]                 m_r_data_i,
  input  logic [1:0]                   m_r_resp_i,
  input  logic                         m_r_last_i,
  input  logic                         m_r_valid_i,
  output logic                         m_r_ready_o,

  // Interrupts that reached the doorbell; INTA to INTD and the other messages of devices
  output logic                         msi_valid_o,
  input  logic                         msi_ready_i,
  output logic [63:0]                  msi_addr_o,
  output logic [31:0]                  msi_data_o,
  output logic [3:0]                   intx_o,
  output cw_root_pkg::root_message_t   msg_o
);

  // Channels between the link and the way into the host, by direction
  tlp_ctl_t     up_p_ctl, up_np_ctl, dn_cpl_ctl, peer_p_ctl, peer_np_ctl;
  logic [W-1:0] up_p_data, up_np_data, dn_cpl_data, peer_p_data;
  logic         up_p_valid, up_np_valid, dn_cpl_valid, peer_p_valid, peer_np_valid;
  logic         up_p_ready, up_np_ready, dn_cpl_ready, peer_p_ready, peer_np_ready;
  logic         cpl_wait, cpl_relaxed, cpl_take, cpl_pass, cpl_to_peer;

  cw_cfg_pkg::cfg_event_t path_event;

  cw_root_link #(.W(W), .Number(Number)) u_link (
    .clk_i,
    .rst_i,
    .rx_ctl_i, .rx_data_i, .rx_valid_i, .rx_ready_o, .rx_fc_o,
    .tx_ctl_o, .tx_data_o, .tx_valid_o, .tx_ready_i, .tx_fc_i,
    .host_p_ctl_i, .host_p_data_i, .host_p_valid_i, .host_p_ready_o,
    .host_np_ctl_i, .host_np_data_i, .host_np_valid_i, .host_np_ready_o,
    .peer_p_ctl_i(peer_p_ctl), .peer_p_data_i(peer_p_data), .peer_p_valid_i(peer_p_valid),
    .peer_p_ready_o(peer_p_ready),
    .peer_np_ctl_i(peer_np_ctl), .peer_np_valid_i(peer_np_valid), .peer_np_ready_o(peer_np_ready),
    .mem_cpl_ctl_i(dn_cpl_ctl), .mem_cpl_data_i(dn_cpl_data), .mem_cpl_valid_i(dn_cpl_valid),
    .mem_cpl_ready_o(dn_cpl_ready),
    .up_p_ctl_o(up_p_ctl), .up_p_data_o(up_p_data), .up_p_valid_o(up_p_valid),
    .up_p_ready_i(up_p_ready),
    .up_np_ctl_o(up_np_ctl), .up_np_data_o(up_np_data), .up_np_valid_o(up_np_valid),
    .up_np_ready_i(up_np_ready),
    .up_cpl_ctl_o(host_cpl_ctl_o), .up_cpl_data_o(host_cpl_data_o),
    .up_cpl_valid_o(host_cpl_valid_o), .up_cpl_ready_i(host_cpl_ready_i),
    .cpl_wait_o(cpl_wait), .cpl_relaxed_o(cpl_relaxed), .cpl_take_o(cpl_take),
    .cpl_pass_i(cpl_pass), .cpl_to_peer_o(cpl_to_peer),
    .cfg_hdr_i, .cfg_wdata_i, .cfg_valid_i, .cfg_ready_o, .cfg_rdata_o, .cfg_done_o,
    .state_o,
    .event_i(event_i | path_event),
    .retired_i(retired_o),
    .link_up_o
  );

  cw_upstream_path #(.W(W), .TimeoutCycles(TimeoutCycles)) u_path (
    .clk_i,
    .rst_i,
    .state_i(state_o),
    .link_up_i(link_up_o),
    .p_ctl_i(up_p_ctl), .p_data_i(up_p_data), .p_valid_i(up_p_valid), .p_ready_o(up_p_ready),
    .np_ctl_i(up_np_ctl), .np_data_i(up_np_data), .np_valid_i(up_np_valid),
    .np_ready_o(up_np_ready),
    .cpl_ctl_o(dn_cpl_ctl), .cpl_data_o(dn_cpl_data), .cpl_valid_o(dn_cpl_valid),
    .cpl_ready_i(dn_cpl_ready),
    .peer_p_ctl_o(peer_p_ctl), .peer_p_data_o(peer_p_data), .peer_p_valid_o(peer_p_valid),
    .peer_p_ready_i(peer_p_ready),
    .peer_np_ctl_o(peer_np_ctl), .peer_np_valid_o(peer_np_valid), .peer_np_ready_i(peer_np_ready),
    .up_cpl_hdr_i(cpl_hdr_t'(host_cpl_ctl_o.hdr)), .up_cpl_valid_i(cpl_wait),
    .up_cpl_take_i(cpl_take), .up_cpl_relaxed_i(cpl_relaxed), .up_cpl_pass_o(cpl_pass),
    .up_cpl_to_peer_i(cpl_to_peer),
    .tr_req_o, .tr_valid_o, .tr_ready_i, .tr_rsp_i, .tr_rsp_valid_i,
    .retired_o,
    .m_aw_o, .m_aw_no_snoop_o, .m_aw_valid_o, .m_aw_ready_i,
    .m_w_data_o, .m_w_strb_o, .m_w_last_o, .m_w_valid_o, .m_w_ready_i,
    .m_b_i, .m_b_valid_i, .m_b_ready_o,
    .m_ar_o, .m_ar_no_snoop_o, .m_ar_valid_o, .m_ar_ready_i,
    .m_r_data_i, .m_r_resp_i, .m_r_last_i, .m_r_valid_i, .m_r_ready_o,
    .msi_valid_o, .msi_ready_i, .msi_addr_o, .msi_data_o, .intx_o, .msg_o,
    .event_o(path_event)
  );

  `CW_ASSERT(CompletionsBehindWrites, !cpl_take || cpl_pass)
  `CW_ASSERT(NothingOfADownLink, link_up_o || !tx_valid_o)

endmodule
