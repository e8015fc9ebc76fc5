// SPDX-License-Identifier: Apache-2.0
//
// Cuts the next chunk off a transfer. Where the whole rest of a row fits into one request it goes
// as one, else up to the next multiple of the limit, so that all later requests are aligned and
// none crosses 4 KiB; with a limit on both sides as far as both allow. Behind a row comes the start
// of the next one, which may lie in front of this chunk. Combinational.
// Spec: PCIe Base 2.2.2 (length in dwords), 2.2.7 (4 KiB), 7.5.3.4 (limits).
`include "cw_assert.svh"
module cw_dma_cut
  import cw_dma_pkg::*;
(
  input  logic        clk_i,   // of the assertions
  input  logic        rst_i,

  input  logic [12:0] payload_i,   // bytes: Max_Payload_Size, Max_Read_Request_Size
  input  logic [12:0] read_i,
  input  logic [12:0] smaller_i,   // of the two

  input  chan_kind_e  kind_i,
  input  job_t        job_i,
  input  rest_t       rest_i,
  output cut_t        cut_o
);

  localparam logic [12:0] Page = 13'(cw_endpoint_pkg::PageBytes);

  // What one side allows.
  typedef struct packed {
    logic        all;    // the rest of the row
    logic [12:0] bytes;  // else so many
  } side_t;

  function automatic side_t allows(logic [11:0] addr, logic [12:0] left, logic [12:0] limit);
    allows.bytes = {1'b0, ~addr & 12'(limit - 13'd1)} + 13'd1;
    allows.all   = 14'(left) + 14'(addr[1:0]) <= 14'(limit)
        && left <= cw_tlp_pkg::bytes_to_page_end(addr);
  endfunction

  // An address that sets no limit counts as the start of a page.
  logic [12:0] left, src_limit, dst_limit;
  logic [11:0] src, dst;
  side_t       from, to;

  always_comb begin
    {src, src_limit} = {12'd0, Page};
    {dst, dst_limit} = {12'd0, Page};
    unique case (kind_i)
      H2c, H2s: {src, src_limit} = {rest_i.src[11:0], read_i};
      C2h, S2h: {dst, dst_limit} = {rest_i.dst[11:0], payload_i};
      H2h: begin
        {src, src_limit} = {rest_i.src[11:0], smaller_i};
        {dst, dst_limit} = {rest_i.dst[11:0], smaller_i};
      end
      C2c: begin
        {src, src_limit} = {rest_i.src[11:0], 13'(CardPieceBytes)};
        {dst, dst_limit} = {rest_i.dst[11:0], Page};
      end
      default: ;
    endcase
    if (job_i.imm) {src, src_limit} = {12'd0, Page};
  end

  // More than a page is left or not: how much more makes no difference.
  assign left = rest_i.left[31:13] != '0 ? '1 : rest_i.left[12:0];
  assign from = allows(src, left, src_limit);
  assign to   = allows(dst, left, dst_limit);

  always_comb begin
    if (from.all && to.all)                                  cut_o.bytes = left;
    else if (to.all || (!from.all && from.bytes < to.bytes)) cut_o.bytes = from.bytes;
    else                                                     cut_o.bytes = to.bytes;
  end

  assign cut_o.lane     = job_i.imm ? job_i.bytes[2:0] - rest_i.left[2:0] : '0;
  assign cut_o.row_over = from.all && to.all;
  assign cut_o.over     = cut_o.row_over && rest_i.rows == 16'd1;

  // Immediate data stays where it is.
  addr_step_t back;  // to the start of this row
  assign back           = addr_step_t'({1'b0, rest_i.left}) - addr_step_t'({1'b0, job_i.bytes});
  assign cut_o.dst_step = cut_o.row_over ? back + addr_step_t'({1'b0, job_i.dst_pitch})
                                         : addr_step_t'({1'b0, cut_o.bytes});
  assign cut_o.src_step = job_i.imm      ? '0
                        : cut_o.row_over ? back + addr_step_t'({1'b0, job_i.src_pitch})
                                         : addr_step_t'({1'b0, cut_o.bytes});

  logic unused;
  assign unused = ^{job_i, rest_i};

  `CW_ASSERT(ChunkNotEmpty, rest_i.left == '0 || cut_o.bytes != '0)
  `CW_ASSERT(ChunkInsideRow, 32'(cut_o.bytes) <= rest_i.left)
  `CW_ASSERT(RowOverWithItsLastByte, cut_o.row_over == (32'(cut_o.bytes) == rest_i.left))
  `CW_ASSERT(ReadInsidePage, !from_host(kind_i) || job_i.imm
      || 13'(rest_i.src[11:0]) + cut_o.bytes <= Page)
  `CW_ASSERT(WriteInsidePage, !to_host(kind_i) || 13'(rest_i.dst[11:0]) + cut_o.bytes <= Page)
  `CW_ASSERT(ReadWithinLimit, !from_host(kind_i) || job_i.imm
      || 13'(rest_i.src[1:0]) + cut_o.bytes <= read_i)
  `CW_ASSERT(WriteWithinLimit, !to_host(kind_i)
      || 13'(rest_i.dst[1:0]) + cut_o.bytes <= payload_i)

endmodule
