// SPDX-License-Identifier: Apache-2.0
//
// Says whether all bytes of a row lie where its channel can reach them: below 2^64 in the host,
// inside the card's memory. Looks only when a row begins. Combinational.
// Spec: docs/dma.md, "Errors".
`include "cw_assert.svh"
module cw_dma_bounds
  import cw_dma_pkg::*;
#(
  parameter int unsigned CardMemBytes = 65536,
  parameter bit          AxiCard      = 1'b1    // there is memory behind the AXI4 port
) (
  input  logic       clk_i,   // of the assertions
  input  logic       rst_i,

  input  chan_kind_e kind_i,
  input  logic       imm_i,   // nothing is read
  input  rest_t      rest_i,
  output dma_error_e error_o
);

  logic src_wraps, dst_wraps, src_outside, dst_outside;

  function automatic logic wraps(logic [63:0] addr, logic past, logic [31:0] bytes);
    return past || 65'(addr) + 65'(bytes) > 65'd1 << 64;
  endfunction

  function automatic logic outside(logic [63:0] addr, logic past, logic [31:0] bytes);
    return past || !card_holds(addr, 33'(bytes), CardMemBytes, AxiCard);
  endfunction

  assign src_wraps   = from_host(kind_i) && !imm_i
      && wraps(rest_i.src, rest_i.src_past, rest_i.left);
  assign dst_wraps   = to_host(kind_i) && wraps(rest_i.dst, rest_i.dst_past, rest_i.left);
  assign src_outside = kind_i inside {C2h, C2c} && !imm_i
      && outside(rest_i.src, rest_i.src_past, rest_i.left);
  assign dst_outside = kind_i inside {H2c, C2c}
      && outside(rest_i.dst, rest_i.dst_past, rest_i.left);

  always_comb begin
    error_o = DmaOk;
    if (rest_i.begins) begin
      if (src_wraps || dst_wraps)          error_o = DmaBadDesc;
      else if (src_outside || dst_outside) error_o = DmaBadCard;
    end
  end

  logic unused;
  assign unused = ^rest_i.rows;

  `CW_REQUIRE(CardMemBytes >= 64, "card memory is smaller than a beat")
  `CW_ASSERT(ErrorIsOfItsSide, !(src_wraps && src_outside) && !(dst_wraps && dst_outside))

endmodule
