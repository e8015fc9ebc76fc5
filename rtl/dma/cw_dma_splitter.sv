// SPDX-License-Identifier: Apache-2.0
//
// Cuts one transfer into memory requests that obey a size limit and 4 KiB pages, one per clock,
// transfers back to back. With `abort_i` the transfer ends with the chunk on offer.
// Spec: PCIe Base 2.2.7 (4 KiB), 7.5.3.4 (Max_Payload_Size, Max_Read_Request_Size).
`include "cw_assert.svh"
module cw_dma_splitter
  import cw_dma_pkg::*;
(
  input  logic       clk_i,
  input  logic       rst_i,

  input  logic [2:0] max_i,     // encoding of the limit; changes only between transfers
  input  logic       abort_i,   // the transfer's entry has failed

  // Transfers
  input  transfer_t  transfer_i,
  input  logic       transfer_valid_i,
  output logic       transfer_ready_o,

  // Chunks, in address order
  output chunk_t     chunk_o,
  output logic       chunk_valid_o,
  input  logic       chunk_ready_i,
  output logic       end_o      // pulse with the last chunk taken of a transfer
);

  transfer_t   left_q, left_d;
  logic        valid_q, valid_d;
  logic [12:0] bytes;
  logic        taken;

  assign bytes         = chunk_bytes(left_q.iova, left_q.bytes, limit_bytes(max_i));
  assign chunk_o       = '{iova: left_q.iova, card_addr: left_q.card_addr, bytes: bytes};
  assign chunk_valid_o = valid_q;
  assign taken         = valid_q && chunk_ready_i;
  assign end_o         = taken && (abort_i || left_q.bytes == 32'(bytes));

  assign transfer_ready_o = !valid_q || end_o;

  always_comb begin
    left_d  = left_q;
    valid_d = valid_q && !end_o;
    if (taken) begin
      left_d.iova      = left_q.iova + 64'(bytes);
      left_d.card_addr = left_q.card_addr + 32'(bytes);
      left_d.bytes     = left_q.bytes - 32'(bytes);
    end
    if (transfer_valid_i && transfer_ready_o) begin
      left_d  = transfer_i;
      valid_d = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) valid_q <= 1'b0;
    else       valid_q <= valid_d;
  end

  // No reset: meaningful only with valid_q.
  always_ff @(posedge clk_i) left_q <= left_d;

  `CW_ASSERT(TransferNotEmpty, !transfer_valid_i || transfer_i.bytes != '0)
  `CW_ASSERT(ChunkNotEmpty, !chunk_valid_o || chunk_o.bytes != '0)
  `CW_ASSERT(ChunkWithinLimit, !chunk_valid_o || chunk_o.bytes <= limit_bytes(max_i))
  `CW_ASSERT(ChunkInsidePage,
      !chunk_valid_o || 13'(chunk_o.iova[11:0]) + chunk_o.bytes <= 13'd4096)
  `CW_ASSERT(ChunkInsideTransfer, !chunk_valid_o || 32'(chunk_o.bytes) <= left_q.bytes)
  `CW_ASSERT_HELD(ChunkHeld, chunk_valid_o, chunk_ready_i, chunk_o)

endmodule
