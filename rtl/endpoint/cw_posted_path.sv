// SPDX-License-Identifier: Apache-2.0
//
// The posted half of the completer: decodes the requests and carries them out, in order. It waits
// for no completion, so posted requests always move on. Composition only.
// Spec: PCIe Base 2.4.1 (ordering), 2.3.1 (request handling rules).
`include "cw_assert.svh"
module cw_posted_path
  import cw_tlp_pkg::*;
  import cw_cfg_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned                      W         = 256,  // bits of a beat
  parameter int unsigned                      Functions = 2,    // 1 to 8
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars      = device_bars(16),
  parameter int unsigned                      RomLog2   = 16    // ROM of function 0; 0: none
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  cfg_state_t [Functions-1:0] state_i,
  output error_report_t              report_o,
  output cw_endpoint_pkg::msg_seen_t msg_seen_o,

  // Posted requests
  input  tlp_ctl_t                   p_ctl_i,
  input  logic [W-1:0]               p_data_i,
  input  logic                       p_valid_i,
  output logic                       p_ready_o,

  // Register bus
  output logic                       reg_valid_o,
  output cw_endpoint_pkg::reg_req_t  reg_req_o,
  input  logic                       reg_ready_i,
  input  logic                       reg_error_i,

  // Card memory
  output logic                       cm_wr_valid_o,
  input  logic                       cm_wr_ready_i,
  output logic [31:0]                cm_wr_addr_o,
  output logic [W-1:0]               cm_wr_data_o,
  output logic [W/8-1:0]             cm_wr_strb_o,

  // The user's memory: the same beats; done, in order, when the user has answered
  output logic                       ax_wr_valid_o,
  input  logic                       ax_wr_ready_i,
  output write_to_t                  ax_wr_to_o,
  output logic                       ax_wr_first_o,
  output logic                       ax_wr_last_o,
  output logic [9:0]                 ax_wr_beats_o,
  input  logic                       ax_done_i,
  input  logic                       ax_error_i,

  // Requests taken and carried out, modulo 16
  output logic [3:0]                 taken_o,
  output logic [3:0]                 done_o
);

  p_req_t       req;
  logic [W-1:0] data;
  logic         sop, eop, valid, ready;

  cw_p_decoder #(
    .W         (W),
    .Functions (Functions),
    .Bars      (Bars),
    .RomLog2   (RomLog2)
  ) u_decoder (
    .clk_i,
    .rst_i,
    .state_i,
    .p_ctl_i,
    .p_data_i,
    .p_valid_i,
    .p_ready_o,
    .p_taken_o   (taken_o),
    .req_o       (req),
    .req_data_o  (data),
    .req_sop_o   (sop),
    .req_eop_o   (eop),
    .req_valid_o (valid),
    .req_ready_i (ready)
  );

  cw_completer_write #(.W(W)) u_write (
    .clk_i,
    .rst_i,
    .report_o,
    .msg_seen_o,
    .req_i       (req),
    .req_data_i  (data),
    .req_sop_i   (sop),
    .req_eop_i   (eop),
    .req_valid_i (valid),
    .req_ready_o (ready),
    .reg_valid_o,
    .reg_req_o,
    .reg_ready_i,
    .reg_error_i,
    .cm_wr_valid_o,
    .cm_wr_ready_i,
    .cm_wr_addr_o,
    .cm_wr_data_o,
    .cm_wr_strb_o,
    .ax_wr_valid_o,
    .ax_wr_ready_i,
    .ax_wr_to_o,
    .ax_wr_first_o,
    .ax_wr_last_o,
    .ax_wr_beats_o,
    .ax_done_i,
    .ax_error_i,
    .done_o
  );

  // Two requests in the decoder's slice, eight on their way to memory, one in between.
  `CW_ASSERT(FewInFlight, 4'(taken_o - done_o) <= 4'd11)
  `CW_ASSERT(MessagesTouchNothing, msg_seen_o == '0 || !(reg_valid_o || cm_wr_valid_o))

endmodule
