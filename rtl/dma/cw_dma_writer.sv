// SPDX-License-Identifier: Apache-2.0
//
// Card to host: reads every chunk from card memory ahead of the requester and hands it on as one
// memory write, from lane 0 at the byte offset of its IOVA. A chunk counts as landed when the
// requester has taken its last beat: nothing asked for after that can overtake it.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_writer
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W      = 256,  // bits of a beat
  parameter  int unsigned Ahead  = 16,   // beats and chunks asked of card memory at most
  localparam int unsigned Bytes  = W / 8,
  localparam int unsigned LaneW  = $clog2(Bytes),
  localparam int unsigned AheadW = $clog2(Ahead + 1)
) (
  input  logic         clk_i,
  input  logic         rst_i,

  input  attr_t        attr_i,         // of the writes; constant while one is on offer

  // Chunks, each for an entry's slot
  input  chunk_t       chunk_i,
  input  logic [3:0]   chunk_slot_i,
  input  logic         chunk_valid_i,
  output logic         chunk_ready_o,

  // Card memory; answers in order
  output logic         cm_rd_valid_o,
  input  logic         cm_rd_ready_i,
  output logic [31:0]  cm_rd_addr_o,
  input  logic         cm_rd_rvalid_i,
  input  logic [W-1:0] cm_rd_rdata_i,

  // Writes to host memory
  output wr_beat_t     wr_beat_o,
  output logic [W-1:0] wr_data_o,
  output logic         wr_valid_o,
  input  logic         wr_ready_i,

  output landed_t      landed_o,
  output logic         landed_valid_o  // pulse
);

  typedef struct packed {
    logic [LaneW-1:0] card_lane;  // of the first byte
    logic [1:0]       offset;     // of the first byte in lane 0 of the write
    logic [12:0]      bytes;
  } lanes_t;

  typedef struct packed {
    logic [63:0] iova;
    logic [12:0] bytes;
    logic [3:0]  slot;
  } write_t;

  logic [31:0]       addr_q, addr_d;    // beat to read next
  logic [12:0]       beats_q, beats_d;  // still to read of the chunk
  logic [AheadW-1:0] room_q, room_d;    // places free in the beat queue and not promised
  logic              rd_taken, rd_idle, chunk_taken;

  logic [W-1:0]      beat;
  logic              beat_valid, beat_ready, beat_room;
  lanes_t            lanes_in, lanes;
  logic              lanes_room, lanes_valid, lanes_pop;
  write_t            write_in, write;
  logic              write_room, write_valid, write_pop;
  logic [12:0]       in_left_q, in_left;  // bytes from the current beat on, junk before included
  logic              in_first_q, in_last, shift_ready;
  logic signed [LaneW:0] shift;
  logic              out_last, out_valid, sop_q;

  // Beats that `bytes` bytes touch from byte lane `lane` on.
  function automatic logic [12:0] span_beats(logic [LaneW-1:0] lane, logic [12:0] bytes);
    return (13'(lane) + bytes + 13'(Bytes - 1)) >> LaneW;
  endfunction

  assign rd_taken      = cm_rd_valid_o && cm_rd_ready_i;
  assign rd_idle       = beats_q == '0 || (rd_taken && beats_q == 13'd1);
  assign chunk_ready_o = rd_idle && lanes_room && write_room;
  assign chunk_taken   = chunk_valid_i && chunk_ready_o;
  assign cm_rd_valid_o = beats_q != '0 && room_q != '0;
  assign cm_rd_addr_o  = addr_q;

  always_comb begin
    addr_d  = addr_q;
    beats_d = beats_q;
    if (rd_taken) begin
      addr_d  = addr_q + 32'(Bytes);
      beats_d = beats_q - 13'd1;
    end
    if (chunk_taken) begin
      addr_d  = {chunk_i.card_addr[31:LaneW], {LaneW{1'b0}}};
      beats_d = span_beats(chunk_i.card_addr[LaneW-1:0], chunk_i.bytes);
    end
    room_d = room_q - AheadW'(rd_taken) + AheadW'(beat_valid && beat_ready);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      beats_q <= '0;
      room_q  <= AheadW'(Ahead);
    end else begin
      beats_q <= beats_d;
      room_q  <= room_d;
    end
  end

  // No reset: meaningful only with beats_q.
  always_ff @(posedge clk_i) addr_q <= addr_d;

  logic [AheadW-1:0] unused_beat_level, unused_lanes_level, unused_write_level;

  cw_fifo #(.DataW(W), .Depth(Ahead), .UseRam(1'b1)) u_beats (
    .clk_i,
    .rst_i,
    .in_data_i   (cm_rd_rdata_i),
    .in_valid_i  (cm_rd_rvalid_i),
    .in_ready_o  (beat_room),
    .out_data_o  (beat),
    .out_valid_o (beat_valid),
    .out_ready_i (beat_ready),
    .level_o     (unused_beat_level)
  );

  assign lanes_in = '{card_lane: chunk_i.card_addr[LaneW-1:0], offset: chunk_i.iova[1:0],
                      bytes: chunk_i.bytes};

  cw_fifo #(.DataW($bits(lanes_t)), .Depth(Ahead), .UseRam(1'b1)) u_lanes_queue (
    .clk_i,
    .rst_i,
    .in_data_i   (lanes_in),
    .in_valid_i  (chunk_taken),
    .in_ready_o  (lanes_room),
    .out_data_o  (lanes),
    .out_valid_o (lanes_valid),
    .out_ready_i (lanes_pop),
    .level_o     (unused_lanes_level)
  );

  assign write_in = '{iova: chunk_i.iova, bytes: chunk_i.bytes, slot: chunk_slot_i};

  cw_fifo #(.DataW($bits(write_t)), .Depth(Ahead), .UseRam(1'b1)) u_write_queue (
    .clk_i,
    .rst_i,
    .in_data_i   (write_in),
    .in_valid_i  (chunk_taken),
    .in_ready_o  (write_room),
    .out_data_o  (write),
    .out_valid_o (write_valid),
    .out_ready_i (write_pop),
    .level_o     (unused_write_level)
  );

  assign in_left    = in_first_q ? lanes.bytes + 13'(lanes.card_lane) : in_left_q;
  assign in_last    = in_left <= 13'(Bytes);
  assign beat_ready = lanes_valid && shift_ready;
  assign lanes_pop  = beat_valid && shift_ready && in_last;
  assign shift      = signed'((LaneW + 1)'(lanes.offset)) - signed'({1'b0, lanes.card_lane});

  always_ff @(posedge clk_i) begin
    if (rst_i)                         in_first_q <= 1'b1;
    else if (beat_valid && beat_ready) in_first_q <= in_last;
  end

  // No reset: meaningful only after the first beat.
  always_ff @(posedge clk_i) begin
    if (beat_valid && beat_ready) in_left_q <= in_left - 13'(Bytes);
  end

  cw_lane_shift #(.W(W)) u_lanes (
    .clk_i,
    .rst_i,
    .in_data_i   (beat),
    .in_last_i   (in_last),
    .shift_i     (shift),
    .bytes_i     (14'(lanes.bytes) + 14'(lanes.card_lane)),
    .in_valid_i  (beat_valid && lanes_valid),
    .in_ready_o  (shift_ready),
    .out_data_o  (wr_data_o),
    .out_last_o  (out_last),
    .out_valid_o (out_valid),
    .out_ready_i (wr_ready_i)
  );

  assign wr_valid_o     = out_valid;
  assign wr_beat_o      = '{iova: write.iova, bytes: write.bytes, sop: sop_q, eop: out_last,
                            attr: attr_i, default: '0};
  assign write_pop      = out_valid && out_last && wr_ready_i;
  assign landed_o       = '{slot: write.slot, bytes: write.bytes, ends: 1'b1, error: DmaOk};
  assign landed_valid_o = write_pop;

  always_ff @(posedge clk_i) begin
    if (rst_i)                         sop_q <= 1'b1;
    else if (wr_valid_o && wr_ready_i) sop_q <= out_last;
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(AnswerHasRoom, !cm_rd_rvalid_i || beat_room)
  `CW_ASSERT(WriteIsKnown, !wr_valid_o || write_valid)
  `CW_ASSERT(RoomNeverLost, 32'(room_q) <= Ahead)
  `CW_ASSERT_HELD(CardReadHeld, cm_rd_valid_o, cm_rd_ready_i, cm_rd_addr_o)
  `CW_ASSERT_HELD(WriteHeld, wr_valid_o, wr_ready_i, {wr_beat_o, wr_data_o})

endmodule
