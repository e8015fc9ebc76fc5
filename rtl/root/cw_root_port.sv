// SPDX-License-Identifier: Apache-2.0
//
// A root port: the transaction-layer port towards one link, and the type-1 function that gives it
// buses and windows, decides who may request, and may reset what lies behind it. While the link is
// down, what is sent down goes nowhere and nothing comes up but what had arrived before.
// Spec: PCIe Base 1.3.1 (root complex), 7.5.1.3 (type 1 configuration space), 6.6.1 (hot reset).
`include "cw_assert.svh"
module cw_root_port
  import cw_tlp_pkg::*;
#(
  parameter int unsigned W          = 256,  // bits of a beat
  parameter int unsigned PostedHdrs = 64,   // receive buffers: TLPs of each class
  parameter int unsigned NpHdrs     = 32,
  parameter int unsigned CplHdrs    = 32,
  parameter int unsigned Number     = 0     // of the port: its device on bus 0
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

  // Down: requests of the host, completions of host memory
  input  tlp_ctl_t                     down_p_ctl_i,
  input  logic [W-1:0]                 down_p_data_i,
  input  logic                         down_p_valid_i,
  output logic                         down_p_ready_o,
  input  tlp_ctl_t                     down_np_ctl_i,
  input  logic [W-1:0]                 down_np_data_i,
  input  logic                         down_np_valid_i,
  output logic                         down_np_ready_o,
  input  tlp_ctl_t                     down_cpl_ctl_i,
  input  logic [W-1:0]                 down_cpl_data_i,
  input  logic                         down_cpl_valid_i,
  output logic                         down_cpl_ready_o,

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
  output logic                         link_up_o  // else the other side is in hot reset
);

  cw_cfg_pkg::cfg_event_t seen;
  logic                   malformed;
  logic                   ecrc_error, overflow;
  tlp_hdr_t               dropped_hdr;

  // Requests and completions between the port and what access control makes of them
  logic         in_p_valid, in_p_ready, in_np_valid, in_np_ready;
  logic [1:0]   violation;
  tlp_ctl_t     cpl_ctl;
  logic [W-1:0] cpl_data;
  logic         all_cpl_valid, all_cpl_ready;

  logic port_rst, tx_valid, p_valid, p_ready, np_valid, np_ready, cpl_valid, cpl_ready;

  // While the link is down the partner counts its credits anew; the port, not yet reset, must not.
  cw_port_pkg::fc_t tx_fc_q, tx_fc;

  always_ff @(posedge clk_i) if (link_up_o) tx_fc_q <= tx_fc_i;

  assign tx_fc      = link_up_o ? tx_fc_i : tx_fc_q;
  assign tx_valid_o = tx_valid && link_up_o;

  cw_link_reset u_link_reset (
    .clk_i,
    .rst_i,
    .reset_i   (state_o.secondary_reset),
    .busy_i    (in_p_valid || in_np_valid || up_cpl_valid_o || all_cpl_valid),
    .taken_i   ({up_np_valid_o && up_np_ready_i && up_np_ctl_o.sop,
                 up_p_valid_o && up_p_ready_i && up_p_ctl_o.eop}),
    .done_i    (retired_i),
    .link_up_o,
    .port_rst_o(port_rst)
  );

  cw_link_gate u_p_gate (
    .clk_i,
    .rst_i,
    .link_up_i  (link_up_o),
    .in_eop_i   (down_p_ctl_i.eop),
    .in_valid_i (down_p_valid_i),
    .in_ready_o (down_p_ready_o),
    .out_valid_o(p_valid),
    .out_ready_i(p_ready)
  );

  cw_link_gate u_np_gate (
    .clk_i,
    .rst_i,
    .link_up_i  (link_up_o),
    .in_eop_i   (down_np_ctl_i.eop),
    .in_valid_i (down_np_valid_i),
    .in_ready_o (down_np_ready_o),
    .out_valid_o(np_valid),
    .out_ready_i(np_ready)
  );

  cw_link_gate u_cpl_gate (
    .clk_i,
    .rst_i,
    .link_up_i  (link_up_o),
    .in_eop_i   (cpl_ctl.eop),
    .in_valid_i (all_cpl_valid),
    .in_ready_o (all_cpl_ready),
    .out_valid_o(cpl_valid),
    .out_ready_i(cpl_ready)
  );

  cw_acs_filter #(.W(W), .Number(Number)) u_acs (
    .clk_i,
    .rst_i,
    .state_i    (state_o),
    .p_ctl_i    (up_p_ctl_o),
    .p_valid_i  (in_p_valid), .p_ready_o(in_p_ready),
    .p_valid_o  (up_p_valid_o), .p_ready_i(up_p_ready_i),
    .np_ctl_i   (up_np_ctl_o),
    .np_valid_i (in_np_valid), .np_ready_o(in_np_ready),
    .np_valid_o (up_np_valid_o), .np_ready_i(up_np_ready_i),
    .cpl_ctl_i  (down_cpl_ctl_i), .cpl_data_i(down_cpl_data_i),
    .cpl_valid_i(down_cpl_valid_i), .cpl_ready_o(down_cpl_ready_o),
    .cpl_ctl_o  (cpl_ctl), .cpl_data_o(cpl_data),
    .cpl_valid_o(all_cpl_valid), .cpl_ready_i(all_cpl_ready),
    .violation_o(violation)
  );

  always_comb begin
    seen                 = event_i;
    seen.malformed       = event_i.malformed || malformed;
    seen.completer_abort = event_i.completer_abort || violation[1];
  end

  cw_port #(
    .W      (W),
    .PHdrs  (PostedHdrs),
    .NpHdrs (NpHdrs),
    .CplHdrs(CplHdrs),
    .FacesRoot(1'b0),
    .Ecrc(1'b0)
  ) u_port (
    .clk_i,
    .rst_i          (rst_i || port_rst),
    .max_payload_i  (state_o.max_payload),
    .ecrc_check_i   (1'b0),
    .ecrc_generate_i('0),
    .np_hold_i      ('0),
    .np_drop_i      ('0),
    .rx_ctl_i,
    .rx_data_i,
    .rx_valid_i     (rx_valid_i && link_up_o),
    .rx_ready_o,
    .rx_fc_o,
    .tx_ctl_o,
    .tx_data_o,
    .tx_valid_o     (tx_valid),
    .tx_ready_i     (tx_ready_i || !link_up_o),
    .tx_fc_i        (tx_fc),
    .in_p_ctl_o     (up_p_ctl_o),
    .in_p_data_o    (up_p_data_o),
    .in_p_valid_o   (in_p_valid),
    .in_p_ready_i   (in_p_ready),
    .in_np_ctl_o    (up_np_ctl_o),
    .in_np_data_o   (up_np_data_o),
    .in_np_valid_o  (in_np_valid),
    .in_np_ready_i  (in_np_ready),
    .in_cpl_ctl_o   (up_cpl_ctl_o),
    .in_cpl_data_o  (up_cpl_data_o),
    .in_cpl_valid_o (up_cpl_valid_o),
    .in_cpl_ready_i (up_cpl_ready_i),
    .out_p_ctl_i    (down_p_ctl_i),
    .out_p_data_i   (down_p_data_i),
    .out_p_valid_i  (p_valid),
    .out_p_ready_o  (p_ready),
    .out_np_ctl_i   (down_np_ctl_i),
    .out_np_data_i  (down_np_data_i),
    .out_np_valid_i (np_valid),
    .out_np_ready_o (np_ready),
    .out_cpl_ctl_i  (cpl_ctl),
    .out_cpl_data_i (cpl_data),
    .out_cpl_valid_i(cpl_valid),
    .out_cpl_ready_o(cpl_ready),
    .np_left_o      (),
    .np_left_tag_o  (),
    .malformed_o    (malformed),
    .ecrc_error_o   (ecrc_error),
    .overflow_o     (overflow),
    .dropped_hdr_o  (dropped_hdr),
    .dropped_prefix_valid_o(),
    .dropped_prefix_o      ()
  );

  cw_cfg_root_port #(.Number(8'(Number))) u_cfg (
    .clk_i,
    .rst_i,
    .cfg_hdr_i,
    .cfg_wdata_i,
    .cfg_valid_i,
    .cfg_ready_o,
    .cfg_rdata_o,
    .cfg_done_o,
    .state_o,
    .acs_dropped_i(violation[0]),
    .event_i(seen)
  );

  logic unused;
  assign unused = &{1'b0, dropped_hdr, ecrc_error, overflow};

endmodule
