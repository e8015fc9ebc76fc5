// SPDX-License-Identifier: Apache-2.0
//
// Carries out one configuration request: asks configuration space once, and holds its answer for
// the clock after it came, when a Bus and Device Number that it captured are in force.
// Spec: PCIe Base 2.2.6.2 (the completion of a configuration write has the captured ID).
`include "cw_assert.svh"
module cw_cfg_access
  import cw_tlp_pkg::cpl_status_e;
(
  input  logic        clk_i,
  input  logic        rst_i,

  // Request; stays until it is done
  input  logic        valid_i,
  output logic        done_o,
  output cpl_status_e status_o,  // with done_o
  output logic [31:0] rdata_o,

  // Configuration space; done in the clock of ready or later
  output logic        cfg_valid_o,
  input  logic        cfg_ready_i,
  input  logic        cfg_done_i,
  input  cpl_status_e cfg_status_i,
  input  logic [31:0] cfg_rdata_i
);

  logic        taken_q, done_q;
  cpl_status_e status_q;
  logic [31:0] rdata_q;

  assign cfg_valid_o = valid_i && !taken_q;
  assign done_o      = done_q;
  assign status_o    = status_q;
  assign rdata_o     = rdata_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      taken_q <= 1'b0;
      done_q  <= 1'b0;
    end else begin
      if (cfg_valid_o && cfg_ready_i) taken_q <= 1'b1;
      else if (done_q)                taken_q <= 1'b0;
      done_q <= cfg_done_i;
    end
  end

  // No reset: meaningful only with done_q.
  always_ff @(posedge clk_i) begin
    if (cfg_done_i) begin
      status_q <= cfg_status_i;
      rdata_q  <= cfg_rdata_i;
    end
  end

  `CW_ASSERT(AnswerWasAsked, !cfg_done_i || taken_q || (cfg_valid_o && cfg_ready_i))
  `CW_ASSERT(AnsweredOnce, !(cfg_done_i && done_q))
  `CW_ASSERT(RequestStays, !(taken_q || done_q) || valid_i)

endmodule
