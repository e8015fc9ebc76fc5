// SPDX-License-Identifier: Apache-2.0
//
// A register slice loses nothing, invents nothing and keeps the order, and needs a clock at most to
// show an item: one item, whichever the prover picks, is followed from its entry to its exit.
`include "cw_fv.svh"
module cw_skid_fv #(
  parameter int unsigned DataW = 2
) (
  input logic             clk_i,
  input logic             rst_i,
  input logic [DataW-1:0] in_data_i,
  input logic             in_valid_i,
  input logic             out_ready_i,
  input logic             pick_i      // follow the item taken now
);

  localparam logic [1:0] Most = 2'd2;  // items inside

  logic             in_ready, out_valid, take, give;
  logic [DataW-1:0] out_data;

  cw_skid #(.DataW(DataW)) u_dut (
    .clk_i,
    .rst_i,
    .in_data_i,
    .in_valid_i,
    .in_ready_o  (in_ready),
    .out_data_o  (out_data),
    .out_valid_o (out_valid),
    .out_ready_i
  );

  `CW_FV_RESET

  logic [1:0]       inside_q, ahead_q;  // items inside; those in front of the followed one
  logic             followed_q;
  logic [DataW-1:0] data_q;

  assign take = in_valid_i && in_ready;
  assign give = out_valid && out_ready_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q   <= '0;
      followed_q <= 1'b0;
    end else begin
      inside_q <= inside_q + 2'(take) - 2'(give);
      if (followed_q) begin
        if (give) ahead_q <= ahead_q - 1'b1;
        if (give && ahead_q == '0) followed_q <= 1'b0;
      end else if (take && pick_i) begin
        followed_q <= 1'b1;
        data_q     <= in_data_i;
        ahead_q    <= inside_q - 2'(give);
      end
    end
  end

  `CW_ASSERT(AtMostTwoInside, inside_q <= Most)
  `CW_ASSERT(TakesUnlessFull, in_ready == (inside_q != Most))
  `CW_ASSERT(ShowsWhatIsInside, out_valid == (inside_q != '0))
  `CW_ASSERT(FollowedStaysInside, !followed_q || ahead_q < inside_q)
  `CW_ASSERT(OutInOrderUnchanged, !(followed_q && out_valid && ahead_q == '0) || out_data == data_q)

endmodule
