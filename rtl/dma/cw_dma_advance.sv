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

  logic [32:0] step, src_step, dst_step;  // two's complement

  // Behind a row comes the start of the next one, which may lie in front of this chunk. Immediate
  // data stays where it is.
  assign step     = 33'(held_i.cut.bytes) - (held_i.cut.row_over ? 33'(held_i.job.bytes) : '0);
  assign src_step = held_i.job.imm ? '0
      : step + (held_i.cut.row_over ? 33'(held_i.job.src_pitch) : '0);
  assign dst_step = step + (held_i.cut.row_over ? 33'(held_i.job.dst_pitch) : '0);

  always_comb begin
    rest_o        = held_i.rest;
    rest_o.left   = held_i.cut.row_over ? held_i.job.bytes
                                        : held_i.rest.left - 32'(held_i.cut.bytes);
    rest_o.rows   = held_i.rest.rows - 16'(held_i.cut.row_over);
    rest_o.begins = held_i.cut.row_over;
    {rest_o.src_past, rest_o.src} = {1'b0, held_i.rest.src} + {{32{src_step[32]}}, src_step};
    {rest_o.dst_past, rest_o.dst} = {1'b0, held_i.rest.dst} + {{32{dst_step[32]}}, dst_step};
  end

  logic unused;
  assign unused = ^{held_i.job, held_i.rest, held_i.cut};

  `CW_ASSERT(RowBeginsWhole, !rest_o.begins || rest_o.left == held_i.job.bytes)

endmodule
