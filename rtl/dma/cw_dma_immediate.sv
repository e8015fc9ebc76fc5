// SPDX-License-Identifier: Apache-2.0
//
// Hands data out of a descriptor on as a packet of one beat, in the low lanes.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_immediate
  import cw_dma_pkg::*;
#(
  parameter int unsigned W = 256  // bits of a beat
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Chunks, with the data in `src`
  input  chunk_t       chunk_i,
  input  logic         chunk_valid_i,
  output logic         chunk_ready_o,

  // Packets, to the route
  output packet_t      packet_o,
  output logic [W-1:0] packet_data_o,
  output logic         packet_valid_o,
  input  logic         packet_ready_i
);

  localparam int unsigned MostBytes = 8;

  chunk_t     chunk;
  logic [2:0] unused_level;

  cw_fifo #(.DataW($bits(chunk_t)), .Depth(4)) u_chunks (
    .clk_i,
    .rst_i,
    .in_data_i   (chunk_i),
    .in_valid_i  (chunk_valid_i),
    .in_ready_o  (chunk_ready_o),
    .out_data_o  (chunk),
    .out_valid_o (packet_valid_o),
    .out_ready_i (packet_ready_i),
    .level_o     (unused_level)
  );

  assign packet_data_o = W'(chunk.src);
  assign packet_o      = '{mark: chunk.mark, dest: chunk.dst, lane: 6'(chunk.lane),
                           bytes: chunk.bytes, sop: 1'b1, eop: 1'b1, last: 1'b1, error: DmaOk};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(InTheDescriptor, !chunk_valid_i
      || (chunk_i.bytes != '0 && 32'(chunk_i.bytes) + 32'(chunk_i.lane) <= MostBytes))
  `CW_ASSERT_HELD(PacketHeld, packet_valid_o, packet_ready_i, {packet_o, packet_data_o})

endmodule
