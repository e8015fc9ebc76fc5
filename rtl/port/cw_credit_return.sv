// SPDX-License-Identifier: Apache-2.0
//
// CREDITS_ALLOCATED of one class: what its receive buffer holds for sure, and what has come free
// since. A beat holds several data credits but only of one TLP, so the share advertised is what
// fits when every TLP wastes as much of its last beat as it can. Spec: PCIe Base 2.6.1.
`include "cw_assert.svh"
module cw_credit_return
  import cw_port_pkg::*;
#(
  parameter int unsigned W        = 256,  // bits of a beat
  parameter int unsigned Hdrs     = 16,   // TLPs in the buffer
  parameter int unsigned Beats    = 64,   // beats in the buffer
  parameter bit          Infinite = 1'b0  // the class is bounded elsewhere
) (
  input  logic       clk_i,
  input  logic       rst_i,

  // A TLP has left the buffer
  input  logic       taken_i,
  input  logic [8:0] taken_data_i,    // its data credits

  // A TLP was dropped before it came in
  input  logic       dropped_i,
  input  logic [8:0] dropped_data_i,

  output class_fc_t  fc_o
);

  localparam int unsigned CreditBits = 128;  // a data credit is 16 bytes
  localparam int unsigned Data       = W < CreditBits
      ? Beats * W / CreditBits
      : Beats * (W / CreditBits) - Hdrs * (W / CreditBits - 1);

  logic [11:0] hdr_q, data_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      hdr_q  <= 12'(Hdrs);
      data_q <= 12'(Data);
    end else begin
      hdr_q  <= hdr_q + 12'(taken_i) + 12'(dropped_i);
      data_q <= data_q + (taken_i ? 12'(taken_data_i) : 12'd0)
              + (dropped_i ? 12'(dropped_data_i) : 12'd0);
    end
  end

  assign fc_o = '{hdr_infinite: Infinite, hdr_limit: Infinite ? '0 : hdr_q,
                  data_infinite: Infinite, data_limit: Infinite ? '0 : data_q};

  // 2.6.1: no receiver has more than 127 headers and 2047 data credits outstanding.
  `CW_REQUIRE(Infinite || Hdrs <= 127, "more header credits than may be outstanding")
  `CW_REQUIRE(Infinite || (Data >= 8 && Data <= 2047), "data credits out of range")
  `CW_ASSERT(InfiniteStaysZero, !Infinite || {fc_o.hdr_limit, fc_o.data_limit} == '0)
  `CW_ASSERT(OnlyReturnsAdd, 12'(fc_o.hdr_limit - $past(fc_o.hdr_limit)) <= 12'd2 || $past(rst_i))

endmodule
