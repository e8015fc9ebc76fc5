// SPDX-License-Identifier: Apache-2.0
//
// Hands data out of a descriptor on as a packet of one beat, in the low lanes. Same clock.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_immediate
  import cw_dma_pkg::*;
#(
  parameter int unsigned W = 256  // bits of a beat
) (
  input  logic         clk_i,   // of the assertions
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

  assign packet_valid_o = chunk_valid_i;
  assign chunk_ready_o  = packet_ready_i;
  assign packet_data_o  = W'(chunk_i.src);
  assign packet_o       = '{mark: chunk_i.mark, dest: chunk_i.dst, lane: 6'(chunk_i.lane),
                            bytes: chunk_i.bytes, sop: 1'b1, eop: 1'b1, last: 1'b1,
                            error: DmaOk};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(InTheDescriptor, !chunk_valid_i
      || (chunk_i.bytes != '0 && 32'(chunk_i.bytes) + 32'(chunk_i.lane) <= MostBytes))
  `CW_ASSERT_HELD(PacketHeld, packet_valid_o, packet_ready_i, {packet_o, packet_data_o})

endmodule
