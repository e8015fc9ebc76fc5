// SPDX-License-Identifier: Apache-2.0
//
// A queue loses nothing, invents nothing and keeps the order: one item, whichever the prover picks,
// is followed from its push to its pop.
`include "cw_fv.svh"
module cw_fifo_fv #(
  parameter  int unsigned DataW  = 2,
  parameter  int unsigned Depth  = 5,
  parameter  bit          UseRam = 1'b0,
  localparam int unsigned LevelW = $clog2(Depth + 1)
) (
  input logic             clk_i,
  input logic             rst_i,
  input logic [DataW-1:0] in_data_i,
  input logic             in_valid_i,
  input logic             out_ready_i,
  input logic             pick_i      // follow the item pushed now
);

  logic              in_ready, out_valid, push, pop;
  logic [DataW-1:0]  out_data;
  logic [LevelW-1:0] level;

  cw_fifo #(.DataW(DataW), .Depth(Depth), .UseRam(UseRam)) u_dut (
    .clk_i,
    .rst_i,
    .in_data_i,
    .in_valid_i,
    .in_ready_o  (in_ready),
    .out_data_o  (out_data),
    .out_valid_o (out_valid),
    .out_ready_i,
    .level_o     (level)
  );

  `CW_FV_RESET

  logic [LevelW:0]  inside_q, ahead_q;  // items inside; those in front of the followed one
  logic             followed_q;
  logic [DataW-1:0] data_q;

  assign push = in_valid_i && in_ready;
  assign pop  = out_valid && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q   <= '0;
      followed_q <= 1'b0;
    end else begin
      inside_q <= inside_q + (LevelW + 1)'(push) - (LevelW + 1)'(pop);
      if (followed_q) begin
        if (pop) ahead_q <= ahead_q - 1'b1;
        if (pop && ahead_q == '0) followed_q <= 1'b0;
      end else if (push && pick_i) begin
        followed_q <= 1'b1;
        data_q     <= in_data_i;
        ahead_q    <= inside_q - (LevelW + 1)'(pop);
      end
    end
  end

  `CW_ASSERT(LevelCountsWhatIsInside, (LevelW + 1)'(level) == inside_q)
  `CW_ASSERT(TakesUnlessFull, in_ready == (32'(inside_q) < Depth))
  `CW_ASSERT(NothingFromNothing, !out_valid || inside_q != '0)
  `CW_ASSERT(FollowedStaysInside, !followed_q || ahead_q < inside_q)
  `CW_ASSERT(OutInOrderUnchanged, !(followed_q && out_valid && ahead_q == '0) || out_data == data_q)
  `CW_ASSERT(ShownWithinOneClock, !$past(inside_q != '0 && !rst_i && !pop) || out_valid)

endmodule
