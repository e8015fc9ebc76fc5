// SPDX-License-Identifier: Apache-2.0
//
// Reads every chunk from card memory behind AXI4 and hands it on as one packet, in order, a beat a
// clock. A read that failed becomes a packet without bytes.
// Spec: docs/dma.md, "Moving data"; AXI4 A3.4.4 (read response).
`include "cw_assert.svh"
module cw_dma_axi_source
  import cw_dma_pkg::*;
#(
  parameter  int unsigned W     = 256,  // bits of a beat
  parameter  int unsigned Depth = 16,   // chunks asked for at most
  localparam int unsigned Bytes = W / 8,
  localparam int unsigned LaneW = $clog2(Bytes)
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Chunks
  input  chunk_t       chunk_i,
  input  logic         chunk_valid_i,
  output logic         chunk_ready_o,

  // Reads, and their beats in order; the error comes with the first beat of a read
  output card_rd_t     axi_rd_o,
  output logic         axi_rd_valid_o,
  input  logic         axi_rd_ready_i,
  input  logic [W-1:0] axi_rdata_i,
  input  logic         axi_rerror_i,
  input  logic         axi_rvalid_i,
  output logic         axi_rready_o,

  // Packets, to the route
  output packet_t      packet_o,
  output logic [W-1:0] packet_data_o,
  output logic         packet_valid_o,
  input  logic         packet_ready_i
);

  // What the packet needs to know of its chunk.
  typedef struct packed {
    mark_t            mark;
    logic [63:0]      dest;
    logic [LaneW-1:0] lane;
    logic [12:0]      bytes;
  } head_t;

  head_t                      head_in, head;
  logic                       heads_room, head_valid;
  logic [13:0]                span;      // bytes from the first beat on
  logic                       first_q, last, pass;
  logic                       drop_q;    // the rest of a read that failed
  logic                       failed;
  logic [13:0]                left_q, left;
  logic [$clog2(Depth+1)-1:0] unused_level;

  assign span = 14'(chunk_i.src[LaneW-1:0]) + 14'(chunk_i.bytes);

  assign axi_rd_o.addr  = {chunk_i.src[CardAxiBit-1:LaneW], LaneW'(0)};
  assign axi_rd_o.beats = 10'((span + 14'(Bytes - 1)) >> LaneW);
  assign axi_rd_valid_o = chunk_valid_i && heads_room;
  assign chunk_ready_o  = axi_rd_ready_i && heads_room;

  assign head_in = '{mark: chunk_i.mark, dest: chunk_i.dst, lane: chunk_i.src[LaneW-1:0],
                     bytes: chunk_i.bytes};

  cw_fifo #(.DataW($bits(head_t)), .Depth(Depth)) u_heads (
    .clk_i,
    .rst_i,
    .in_data_i   (head_in),
    .in_valid_i  (chunk_valid_i && axi_rd_ready_i),
    .in_ready_o  (heads_room),
    .out_data_o  (head),
    .out_valid_o (head_valid),
    .out_ready_i (pass && last),
    .level_o     (unused_level)
  );

  assign left   = first_q ? 14'(head.bytes) + 14'(head.lane) : left_q;
  assign last   = left <= 14'(Bytes);
  assign failed = first_q && axi_rerror_i;
  assign pass   = axi_rvalid_i && axi_rready_o;

  assign axi_rready_o   = packet_ready_i || drop_q;
  assign packet_valid_o = axi_rvalid_i && !drop_q;
  assign packet_data_o  = axi_rdata_i;
  assign packet_o       = '{mark: head.mark, dest: head.dest, lane: 6'(head.lane),
                            bytes: failed ? 13'd0 : head.bytes, sop: first_q,
                            eop: last || failed, last: 1'b1,
                            error: failed ? DmaCardError : DmaOk};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      first_q <= 1'b1;
      drop_q  <= 1'b0;
    end else if (pass) begin
      first_q <= last;
      drop_q  <= (drop_q || failed) && !last;
    end
  end

  // No reset: meaningful only after the first beat.
  always_ff @(posedge clk_i) if (pass) left_q <= left - 14'(Bytes);

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(LaneForImmediatesOnly, !chunk_valid_i || chunk_i.lane == '0)
  `CW_ASSERT(ChunkHasBytes, !chunk_valid_i || (chunk_i.bytes != '0 && chunk_i.bytes <= 13'd4096))
  `CW_ASSERT(BeatHasItsChunk, !axi_rvalid_i || head_valid)
  `CW_ASSERT(ErrorWithTheFirstBeat, !packet_valid_o || first_q || !axi_rerror_i)
  `CW_ASSERT_HELD(ReadHeld, axi_rd_valid_o, axi_rd_ready_i, axi_rd_o)
  `CW_ASSERT_HELD(PacketHeld, packet_valid_o, packet_ready_i, {packet_o, packet_data_o})

endmodule
