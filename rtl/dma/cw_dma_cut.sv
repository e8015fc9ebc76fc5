// SPDX-License-Identifier: Apache-2.0
//
// Cuts the next chunk off a transfer, and says what is left behind it. Towards the host a chunk
// obeys the limit of its requests and 4 KiB pages, on the card it does not cross 4 KiB where it
// goes from card to card. Combinational.
// Spec: PCIe Base 2.2.7 (4 KiB), 7.5.3.4 (Max_Payload_Size, Max_Read_Request_Size).
`include "cw_assert.svh"
module cw_dma_cut
  import cw_dma_pkg::*;
(
  input  logic        clk_i,   // of the assertions
  input  logic        rst_i,

  input  logic [2:0]  max_payload_i,  // encodings
  input  logic [2:0]  max_read_i,

  input  chan_kind_e  kind_i,
  input  job_t        job_i,
  input  rest_t       rest_i,
  input  logic [12:0] most_i,   // bytes that the chunk may have for other reasons, 1 to 4096

  output logic [12:0] whole_o,  // bytes that it would have without most_i
  output logic [12:0] bytes_o,
  output logic [2:0]  lane_o,   // of an immediate transfer's first byte
  output logic        over_o,   // nothing is left
  output rest_t       next_o
);

  localparam logic [12:0] Page = 13'(cw_endpoint_pkg::PageBytes);

  // An address that sets no limit counts as the start of a page.
  logic [12:0] payload, read, smaller, src_limit, dst_limit, src_bytes, dst_bytes;
  logic [63:0] src, dst;
  logic        row_over;
  logic [12:0] left;
  logic signed [32:0] step, src_step, dst_step;

  assign payload = limit_bytes(max_payload_i);
  assign read    = limit_bytes(max_read_i);
  assign smaller = payload < read ? payload : read;

  always_comb begin
    {src, src_limit} = {64'd0, Page};
    {dst, dst_limit} = {64'd0, Page};
    unique case (kind_i)
      H2c, H2s: {src, src_limit} = {rest_i.src, read};
      C2h, S2h: {dst, dst_limit} = {rest_i.dst, payload};
      H2h: begin
        {src, src_limit} = {rest_i.src, smaller};
        {dst, dst_limit} = {rest_i.dst, smaller};
      end
      C2c: begin
        {src, src_limit} = {rest_i.src, 13'(CardPieceBytes)};
        {dst, dst_limit} = {rest_i.dst, Page};
      end
      default: ;
    endcase
    if (job_i.imm) {src, src_limit} = {64'd0, Page};
  end

  // More than a page is left or not: how much more makes no difference.
  assign left      = rest_i.left[31:13] != '0 ? '1 : rest_i.left[12:0];
  assign src_bytes = chunk_bytes(src, 32'(left), src_limit);
  assign dst_bytes = chunk_bytes(dst, 32'(left), dst_limit);
  assign whole_o   = src_bytes < dst_bytes ? src_bytes : dst_bytes;
  assign bytes_o   = whole_o < most_i ? whole_o : most_i;
  assign lane_o    = job_i.imm ? job_i.bytes[2:0] - rest_i.left[2:0] : '0;
  assign row_over  = rest_i.left == 32'(bytes_o);
  assign over_o    = row_over && rest_i.rows == 16'd1;

  // Behind a row comes the start of the next one, which may lie in front of this chunk. Immediate
  // data stays where it is.
  assign step     = 33'(bytes_o) - (row_over ? 33'(job_i.bytes) : '0);
  assign src_step = job_i.imm ? '0 : step + (row_over ? 33'(job_i.src_pitch) : '0);
  assign dst_step = step + (row_over ? 33'(job_i.dst_pitch) : '0);

  always_comb begin
    next_o        = rest_i;
    next_o.left   = row_over ? job_i.bytes : rest_i.left - 32'(bytes_o);
    next_o.rows   = rest_i.rows - 16'(row_over);
    next_o.begins = row_over;
    {next_o.dst_past, next_o.dst} = {1'b0, rest_i.dst} + 65'(dst_step);
    {next_o.src_past, next_o.src} = {1'b0, rest_i.src} + 65'(src_step);
  end

  logic unused;
  assign unused = ^job_i;

  `CW_ASSERT(ChunkNotEmpty, rest_i.left == '0 || most_i == '0 || bytes_o != '0)
  `CW_ASSERT(ChunkInsideRow, 32'(bytes_o) <= rest_i.left)
  `CW_ASSERT(ReadInsidePage, !from_host(kind_i) || job_i.imm
      || 13'(rest_i.src[11:0]) + bytes_o <= Page)
  `CW_ASSERT(WriteInsidePage, !to_host(kind_i) || 13'(rest_i.dst[11:0]) + bytes_o <= Page)
  `CW_ASSERT(ReadWithinLimit, !from_host(kind_i) || job_i.imm
      || 13'(rest_i.src[1:0]) + bytes_o <= read)
  `CW_ASSERT(WriteWithinLimit, !to_host(kind_i) || 13'(rest_i.dst[1:0]) + bytes_o <= payload)

endmodule
