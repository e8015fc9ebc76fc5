// SPDX-License-Identifier: Apache-2.0
//
// Says what is left of a transfer behind its chunk. Combinational.
`include "cw_assert.svh"
module cw_dma_advance
  import cw_dma_pkg::*;
(
  input  logic  clk_i,   // of the assertions
  input  logic  rst_i,

  input  held_t held_i,
  output rest_t rest_o
);

  always_comb begin
    rest_o        = held_i.rest;
    rest_o.left   = held_i.cut.row_over ? held_i.job.bytes
                                        : held_i.rest.left - 32'(held_i.cut.bytes);
    rest_o.rows   = held_i.rest.rows - 16'(held_i.cut.row_over);
    rest_o.begins = held_i.cut.row_over;
    {rest_o.src_past, rest_o.src} = {1'b0, held_i.rest.src} + 65'(held_i.cut.src_step);
    {rest_o.dst_past, rest_o.dst} = {1'b0, held_i.rest.dst} + 65'(held_i.cut.dst_step);
  end

  logic unused;
  assign unused = ^{held_i.job, held_i.rest, held_i.cut};

  `CW_ASSERT(RowBeginsWhole, !rest_o.begins || rest_o.left == held_i.job.bytes)

endmodule
