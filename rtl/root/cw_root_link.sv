// SPDX-License-Identifier: Apache-2.0
//
// A link of the root complex: its root port, those who send down through it in turn, and what comes
// up on its way to the host, or down again. Composition only.
// Spec: PCIe Base 1.3.1 (root complex), 2.2.4 (routing).
`include "cw_assert.svh"
module cw_root_link
  import cw_tlp_pkg::*;
#(
  parameter int unsigned W      = 256,  // bits of a beat
  parameter int unsigned Number = 0     // of the root port: its device on bus 0
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

  // Down: requests of the host, and of devices for each other; completions of host memory
  input  tlp_ctl_t                     host_p_ctl_i,
  input  logic [W-1:0]                 host_p_data_i,
  input  logic                         host_p_valid_i,
  output logic                         host_p_ready_o,
  input  tlp_ctl_t                     host_np_ctl_i,
  input  logic [W-1:0]                 host_np_data_i,
  input  logic                         host_np_valid_i,
  output logic                         host_np_ready_o,
  input  tlp_ctl_t                     peer_p_ctl_i,
  input  logic [W-1:0]                 peer_p_data_i,
  input  logic                         peer_p_valid_i,
  output logic                         peer_p_ready_o,
  input  tlp_ctl_t                     peer_np_ctl_i,
  input  logic                         peer_np_valid_i,
  output logic                         peer_np_ready_o,
  input  tlp_ctl_t                     mem_cpl_ctl_i,
  input  logic [W-1:0]                 mem_cpl_data_i,
  input  logic                         mem_cpl_valid_i,
  output logic                         mem_cpl_ready_o,

  // Up: requests of devices, completions to the host
  output tlp_ctl_t                     up_p_ctl_o,
  output logic [W-1:0]                 up_p_data_o,
  output logic                         up_p_valid_o,
  input  logic                         up_p_ready_i,
  output tlp_ctl_t                     up_np_ctl_o,
  output logic [W-1:0]                 up_np_data_o,
  output logic                         up_np_valid_o,
  input  logic                         up_np_ready_i,
  output tlp_ctl_t                     up_cpl_ctl_o,
  output logic [W-1:0]                 up_cpl_data_o,
  output logic                         up_cpl_valid_o,
  input  logic                         up_cpl_ready_i,

  // The completion that came up, to who orders them: see cw_cpl_route
  output logic                         cpl_wait_o,
  output logic                         cpl_relaxed_o,
  output logic                         cpl_take_o,
  input  logic                         cpl_pass_i,
  output logic                         cpl_to_peer_o,

  // Its own configuration space, and what it says
  input  cfg_hdr_t                     cfg_hdr_i,
  input  logic [31:0]                  cfg_wdata_i,
  input  logic                         cfg_valid_i,
  output logic                         cfg_ready_o,
  output logic [31:0]                  cfg_rdata_o,
  output logic                         cfg_done_o,
  output cw_cfg_pkg::root_port_state_t state_o,
  input  cw_cfg_pkg::cfg_event_t       event_i,

  // Requests from above are done with, one clock each: posted, non-posted
  input  logic [1:0]                   retired_i,
  output logic                         link_up_o
);

  tlp_ctl_t     dn_p_ctl, dn_np_ctl, dn_cpl_ctl;
  logic [W-1:0] dn_p_data, dn_np_data, dn_cpl_data;
  logic         dn_p_valid, dn_np_valid, dn_cpl_valid, dn_p_ready, dn_np_ready, dn_cpl_ready;
  logic         up_cpl_valid, up_cpl_ready, peer_cpl_valid, peer_cpl_ready;

  cw_tlp_merge #(.W(W)) u_posted (
    .clk_i,
    .rst_i,
    .in_ctl_i({peer_p_ctl_i, host_p_ctl_i}), .in_data_i({peer_p_data_i, host_p_data_i}),
    .in_valid_i({peer_p_valid_i, host_p_valid_i}), .in_ready_o({peer_p_ready_o, host_p_ready_o}),
    .out_ctl_o(dn_p_ctl), .out_data_o(dn_p_data), .out_valid_o(dn_p_valid),
    .out_ready_i(dn_p_ready)
  );

  cw_tlp_merge #(.W(W)) u_non_posted (
    .clk_i,
    .rst_i,
    .in_ctl_i({peer_np_ctl_i, host_np_ctl_i}), .in_data_i({W'(0), host_np_data_i}),
    .in_valid_i({peer_np_valid_i, host_np_valid_i}),
    .in_ready_o({peer_np_ready_o, host_np_ready_o}),
    .out_ctl_o(dn_np_ctl), .out_data_o(dn_np_data), .out_valid_o(dn_np_valid),
    .out_ready_i(dn_np_ready)
  );

  cw_tlp_merge #(.W(W)) u_completions (
    .clk_i,
    .rst_i,
    .in_ctl_i({up_cpl_ctl_o, mem_cpl_ctl_i}), .in_data_i({up_cpl_data_o, mem_cpl_data_i}),
    .in_valid_i({peer_cpl_valid, mem_cpl_valid_i}),
    .in_ready_o({peer_cpl_ready, mem_cpl_ready_o}),
    .out_ctl_o(dn_cpl_ctl), .out_data_o(dn_cpl_data), .out_valid_o(dn_cpl_valid),
    .out_ready_i(dn_cpl_ready)
  );

  cw_cpl_route u_route (
    .clk_i,
    .rst_i,
    .state_i      (state_o),
    .in_ctl_i     (up_cpl_ctl_o),
    .in_valid_i   (up_cpl_valid),
    .in_ready_o   (up_cpl_ready),
    .host_valid_o (up_cpl_valid_o),
    .host_ready_i (up_cpl_ready_i),
    .peer_valid_o (peer_cpl_valid),
    .peer_ready_i (peer_cpl_ready),
    .peer_begins_o(cpl_to_peer_o),
    .wait_o       (cpl_wait_o),
    .relaxed_o    (cpl_relaxed_o),
    .take_o       (cpl_take_o),
    .pass_i       (cpl_pass_i)
  );

  cw_root_port #(.W(W), .Number(Number)) u_port (
    .clk_i,
    .rst_i,
    .rx_ctl_i, .rx_data_i, .rx_valid_i, .rx_ready_o, .rx_fc_o,
    .tx_ctl_o, .tx_data_o, .tx_valid_o, .tx_ready_i, .tx_fc_i,
    .down_p_ctl_i(dn_p_ctl), .down_p_data_i(dn_p_data), .down_p_valid_i(dn_p_valid),
    .down_p_ready_o(dn_p_ready),
    .down_np_ctl_i(dn_np_ctl), .down_np_data_i(dn_np_data), .down_np_valid_i(dn_np_valid),
    .down_np_ready_o(dn_np_ready),
    .down_cpl_ctl_i(dn_cpl_ctl), .down_cpl_data_i(dn_cpl_data), .down_cpl_valid_i(dn_cpl_valid),
    .down_cpl_ready_o(dn_cpl_ready),
    .up_p_ctl_o, .up_p_data_o, .up_p_valid_o,
    .up_p_ready_i,
    .up_np_ctl_o, .up_np_data_o, .up_np_valid_o,
    .up_np_ready_i,
    .up_cpl_ctl_o, .up_cpl_data_o, .up_cpl_valid_o(up_cpl_valid),
    .up_cpl_ready_i(up_cpl_ready),
    .cfg_hdr_i, .cfg_wdata_i, .cfg_valid_i, .cfg_ready_o, .cfg_rdata_o, .cfg_done_o,
    .state_o,
    .event_i,
    .retired_i,
    .link_up_o
  );

  `CW_ASSERT(ACompletionHasOnePlace, !(up_cpl_valid_o && peer_cpl_valid))
  `CW_ASSERT(NothingGoesDownBut, !dn_p_valid || host_p_valid_i || peer_p_valid_i)

endmodule
