// SPDX-License-Identifier: Apache-2.0
//
// The transaction-layer port: both directions of one link, as three channels each way. What every
// device of the fabric has towards its link. Composition only.
// Spec: PCIe Base 2.4.1 (ordering), 2.6.1 (flow control).
`include "cw_assert.svh"
module cw_port
  import cw_tlp_pkg::*;
  import cw_port_pkg::*;
#(
  parameter int unsigned W           = 256,  // bits of a beat
  parameter int unsigned PHdrs       = 16,   // posted TLPs received and not yet taken
  parameter int unsigned NpHdrs      = 16,
  parameter int unsigned CplHdrs     = 256,  // 64-byte blocks of completions reserved at most
  parameter bit          CplInfinite = 1'b1, // advertise infinite completion credits
  parameter bit          FacesRoot   = 1'b1, // the port of an endpoint: root above
  parameter bit          Ecrc        = 1'b1, // can check and generate digests
  parameter bit          CreditCheck = 1'b0  // discard TLPs beyond the credits, and report them
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Max_Payload_Size, encoded as in Device Control; ECRC enables, for sending by function
  input  logic [2:0]   max_payload_i,
  input  logic         ecrc_check_i,
  input  logic [7:0]   ecrc_generate_i,

  // By function number of the requester ID: its non-posted requests wait
  input  logic [7:0]   np_hold_i,

  // By function number: it is being reset, and its non-posted requests are dropped
  input  logic [7:0]   np_drop_i,

  // From the link, and the credits granted to the partner
  input  tlp_ctl_t     rx_ctl_i,
  input  logic [W-1:0] rx_data_i,
  input  logic         rx_valid_i,
  output logic         rx_ready_o,
  output fc_t          rx_fc_o,

  // To the link, and the credits of the partner
  output tlp_ctl_t     tx_ctl_o,
  output logic [W-1:0] tx_data_o,
  output logic         tx_valid_o,
  input  logic         tx_ready_i,
  input  fc_t          tx_fc_i,

  // Received: posted, non-posted, completions
  output tlp_ctl_t     in_p_ctl_o,
  output logic [W-1:0] in_p_data_o,
  output logic         in_p_valid_o,
  input  logic         in_p_ready_i,
  output tlp_ctl_t     in_np_ctl_o,
  output logic [W-1:0] in_np_data_o,
  output logic         in_np_valid_o,
  input  logic         in_np_ready_i,
  output tlp_ctl_t     in_cpl_ctl_o,
  output logic [W-1:0] in_cpl_data_o,
  output logic         in_cpl_valid_o,
  input  logic         in_cpl_ready_i,

  // To be sent: posted, non-posted, completions
  input  tlp_ctl_t     out_p_ctl_i,
  input  logic [W-1:0] out_p_data_i,
  input  logic         out_p_valid_i,
  output logic         out_p_ready_o,
  input  tlp_ctl_t     out_np_ctl_i,
  input  logic [W-1:0] out_np_data_i,
  input  logic         out_np_valid_i,
  output logic         out_np_ready_o,
  input  tlp_ctl_t     out_cpl_ctl_i,
  input  logic [W-1:0] out_cpl_data_i,
  input  logic         out_cpl_valid_i,
  output logic         out_cpl_ready_o,

  // A non-posted request leaves for the link in this clock, or is dropped; with its tag
  output logic         np_left_o,
  output logic [9:0]   np_left_tag_o,

  // A TLP was dropped, as malformed, for its ECRC, or beyond the credits
  output logic         malformed_o,
  output logic         ecrc_error_o,
  output logic         overflow_o,
  output tlp_hdr_t     dropped_hdr_o,
  output logic         dropped_prefix_valid_o,
  output logic [31:0]  dropped_prefix_o
);

  tlp_ctl_t tx_ctl;

  cw_port_rx #(
    .W          (W),
    .PHdrs      (PHdrs),
    .NpHdrs     (NpHdrs),
    .CplHdrs    (CplHdrs),
    .CplInfinite(CplInfinite),
    .FacesRoot  (FacesRoot),
    .Ecrc       (Ecrc),
    .CreditCheck(CreditCheck)
  ) u_rx (
    .clk_i,
    .rst_i,
    .max_payload_i,
    .ecrc_check_i,
    .rx_ctl_i,
    .rx_data_i,
    .rx_valid_i,
    .rx_ready_o,
    .fc_o       (rx_fc_o),
    .p_ctl_o    (in_p_ctl_o),
    .p_data_o   (in_p_data_o),
    .p_valid_o  (in_p_valid_o),
    .p_ready_i  (in_p_ready_i),
    .np_ctl_o   (in_np_ctl_o),
    .np_data_o  (in_np_data_o),
    .np_valid_o (in_np_valid_o),
    .np_ready_i (in_np_ready_i),
    .cpl_ctl_o  (in_cpl_ctl_o),
    .cpl_data_o (in_cpl_data_o),
    .cpl_valid_o(in_cpl_valid_o),
    .cpl_ready_i(in_cpl_ready_i),
    .malformed_o,
    .ecrc_error_o,
    .overflow_o,
    .dropped_hdr_o,
    .dropped_prefix_valid_o,
    .dropped_prefix_o
  );

  cw_port_tx #(.W(W)) u_tx (
    .clk_i,
    .rst_i,
    .fc_i       (tx_fc_i),
    .np_hold_i,
    .np_drop_i,
    .p_ctl_i    (out_p_ctl_i),
    .p_data_i   (out_p_data_i),
    .p_valid_i  (out_p_valid_i),
    .p_ready_o  (out_p_ready_o),
    .np_ctl_i   (out_np_ctl_i),
    .np_data_i  (out_np_data_i),
    .np_valid_i (out_np_valid_i),
    .np_ready_o (out_np_ready_o),
    .cpl_ctl_i  (out_cpl_ctl_i),
    .cpl_data_i (out_cpl_data_i),
    .cpl_valid_i(out_cpl_valid_i),
    .cpl_ready_o(out_cpl_ready_o),
    .tx_ctl_o   (tx_ctl),
    .tx_data_o,
    .tx_valid_o,
    .tx_ready_i,
    .np_left_o,
    .np_left_tag_o
  );

  cw_ecrc_append #(.W(W), .Present(Ecrc)) u_ecrc_append (
    .clk_i,
    .rst_i,
    .generate_i(ecrc_generate_i),
    .ctl_i     (tx_ctl),
    .data_i    (tx_data_o),
    .valid_i   (tx_valid_o),
    .ready_i   (tx_ready_i),
    .ctl_o     (tx_ctl_o)
  );

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a width of the fabric")

endmodule
