// SPDX-License-Identifier: Apache-2.0
//
// Holds a request back until every posted request that was taken before it has been carried out;
// those that come later do not delay it. Costs no clock when nothing is in flight.
// Spec: PCIe Base 2.4.1 (a non-posted request does not pass a posted one).
`include "cw_assert.svh"
module cw_write_fence (
  input  logic       clk_i,
  input  logic       rst_i,

  // Posted requests taken and carried out, modulo 16; fewer than 16 in flight
  input  logic [3:0] p_taken_i,
  input  logic [3:0] p_done_i,

  // Request at the head of its queue; `take_i` when it leaves
  input  logic       valid_i,
  input  logic       take_i,
  output logic       pass_o
);

  logic       waiting_q, passed_q;
  logic [3:0] mark_q, target;

  assign target = waiting_q ? mark_q : p_taken_i;
  assign pass_o = valid_i && (passed_q || p_done_i == target);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      waiting_q <= 1'b0;
      passed_q  <= 1'b0;
    end else begin
      waiting_q <= valid_i && !pass_o;
      passed_q  <= pass_o && !take_i;
    end
  end

  // No reset: meaningful only while waiting.
  always_ff @(posedge clk_i) begin
    if (!waiting_q) mark_q <= p_taken_i;
  end

  `CW_ASSERT(TakeOnlyPassed, !take_i || pass_o)
  `CW_ASSERT(MarkNotOvertaken, !waiting_q || 4'(mark_q - p_done_i) <= 4'(p_taken_i - p_done_i))

endmodule
