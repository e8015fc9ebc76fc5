// SPDX-License-Identifier: Apache-2.0
//
// Says what is wrong with a descriptor by itself; where its addresses lie is looked at when a row
// begins (cw_dma_bounds). Combinational.
// Spec: docs/dma.md, "Errors".
`include "cw_assert.svh"
module cw_dma_desc_check
  import cw_dma_pkg::*;
(
  input  logic       clk_i,   // of the assertions
  input  logic       rst_i,

  input  desc_t      desc_i,
  input  dma_error_e fetch_error_i,  // DmaOk, or why there is no descriptor
  input  chan_kind_e kind_i,         // of the channel
  input  logic       surplus_i,      // the entry has had MaxSegments before it
  output dma_error_e error_o
);

  localparam int unsigned MaxImmediateBytes = 8;

  rows_t rows;
  logic  bad_flags, bad_kind, bad_chain;

  assign rows      = rows_t'(desc_i.arg);
  assign bad_flags = desc_i.flags.rsvd != '0 || desc_i.bytes == '0;
  assign bad_chain = desc_i.flags.chain && (desc_i.flags.last || desc_i.flags.kind != Copy
      || desc_i.arg % 64'(DescBytes) != '0);

  always_comb begin
    unique case (desc_i.flags.kind)
      Copy:      bad_kind = 1'b0;
      Rows:      bad_kind = rows.rows == '0;
      Immediate: bad_kind = kind_i == S2h || desc_i.bytes > MaxImmediateBytes;
      default:   bad_kind = 1'b1;
    endcase
  end

  always_comb begin
    if (surplus_i)                               error_o = DmaChainLong;
    else if (fetch_error_i != DmaOk)             error_o = fetch_error_i;
    else if (bad_flags || bad_kind || bad_chain) error_o = DmaBadDesc;
    else                                         error_o = DmaOk;
  end

  logic unused;
  assign unused = ^{desc_i.src, desc_i.dst, desc_i.tag, desc_i.flags, rows};

  `CW_ASSERT(ErrorOfFetchIsKept, fetch_error_i == DmaOk || surplus_i || error_o == fetch_error_i)

endmodule
