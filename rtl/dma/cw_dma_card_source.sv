// SPDX-License-Identifier: Apache-2.0
//
// Reads every chunk from built-in card memory or, of an S2h channel, from its stream's buffer, and
// hands it on as one packet; in order, a beat a clock. The first beat of a chunk is asked for in
// the clock in which it is offered, and passed on in the clock in which it comes.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_card_source
  import cw_dma_pkg::*;
#(
  parameter  int unsigned W      = 256,           // bits of a beat
  parameter  kinds_t      Kinds  = every_kind(),
  parameter  int unsigned Ahead  = 16,            // beats asked for and not taken at most
  localparam int unsigned Bytes  = W / 8,
  localparam int unsigned LaneW  = $clog2(Bytes),
  localparam int unsigned AheadW = $clog2(Ahead + 1)
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Chunks
  input  chunk_t       chunk_i,
  input  logic         chunk_valid_i,
  output logic         chunk_ready_o,

  // Card memory: an answer comes two clocks after its read was taken
  output logic         cm_rd_valid_o,
  input  logic         cm_rd_ready_i,
  output logic [31:0]  cm_rd_addr_o,
  input  logic         cm_rd_rvalid_i,
  input  logic [W-1:0] cm_rd_rdata_i,

  // Buffer of the stream of a channel: always taken, answer two clocks later
  output logic         st_rd_valid_o,
  output chan_t        st_rd_chan_o,
  output logic [31:0]  st_rd_addr_o,
  input  logic [W-1:0] st_rd_rdata_i,

  // Packets, to the route
  output packet_t      packet_o,
  output logic [W-1:0] packet_data_o,
  output logic         packet_valid_o,
  input  logic         packet_ready_i
);

  // What is still to be asked for of a chunk.
  typedef struct packed {
    logic        stream;
    chan_t       chan;
    logic [31:0] addr;   // of a whole beat
    logic [9:0]  beats;
  } reads_t;

  // What the packet needs to know of its chunk.
  typedef struct packed {
    mark_t            mark;
    logic [63:0]      dest;
    logic [LaneW-1:0] lane;
    logic [12:0]      bytes;
  } head_t;

  localparam bit     Streams = has_kind(Kinds, S2h);

  reads_t            fresh, rest_q, now;
  logic              rest_valid_q, now_valid, taken;
  logic [AheadW-1:0] room_q;         // beats that may still be asked for
  logic              stream_q, answer_q;  // reads of a stream's buffer: taken, answered

  head_t             head_in, head;
  logic              heads_room, head_valid;
  logic [W-1:0]      come, waiting;  // a beat just now, and one that has waited
  logic              come_valid, waiting_valid, keep, keep_room;
  logic              first_q, pass;
  logic [12:0]       left_q, left;   // bytes from this beat on, those before the first included
  logic [AheadW-1:0] unused_heads_level, unused_beats_level;

  function automatic logic [9:0] span_beats(logic [LaneW-1:0] lane, logic [12:0] bytes);
    return 10'((14'(lane) + 14'(bytes) + 14'(Bytes - 1)) >> LaneW);
  endfunction

  assign fresh = '{stream: Kinds[chunk_i.mark.chan] == S2h, chan: chunk_i.mark.chan,
                   addr: {chunk_i.src[31:LaneW], LaneW'(0)},
                   beats: span_beats(chunk_i.src[LaneW-1:0], chunk_i.bytes)};

  always_comb begin
    now        = rest_valid_q ? rest_q : fresh;
    now.stream = now.stream && Streams;
  end

  assign now_valid     = (rest_valid_q || (chunk_valid_i && heads_room)) && room_q != '0;
  assign cm_rd_valid_o = now_valid && !now.stream;
  assign cm_rd_addr_o  = now.addr;
  assign st_rd_valid_o = now_valid && now.stream;
  assign st_rd_chan_o  = now.chan;
  assign st_rd_addr_o  = now.addr;
  assign taken         = now_valid && (now.stream || cm_rd_ready_i);
  assign chunk_ready_o = !rest_valid_q && heads_room && room_q != '0
                      && (fresh.stream || cm_rd_ready_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      rest_valid_q <= 1'b0;
      room_q       <= AheadW'(Ahead);
      stream_q     <= 1'b0;
      answer_q     <= 1'b0;
    end else begin
      if (taken) rest_valid_q <= now.beats != 10'd1;
      room_q   <= room_q - AheadW'(taken) + AheadW'(pass);
      stream_q <= st_rd_valid_o;
      answer_q <= stream_q;
    end
  end

  // No reset: meaningful only with rest_valid_q.
  always_ff @(posedge clk_i) begin
    if (taken) begin
      rest_q       <= now;
      rest_q.addr  <= now.addr + 32'(Bytes);
      rest_q.beats <= now.beats - 10'd1;
    end
  end

  assign head_in = '{mark: chunk_i.mark, dest: chunk_i.dst, lane: chunk_i.src[LaneW-1:0],
                     bytes: chunk_i.bytes};

  cw_fifo #(.DataW($bits(head_t)), .Depth(Ahead)) u_heads (
    .clk_i,
    .rst_i,
    .in_data_i   (head_in),
    .in_valid_i  (chunk_valid_i && chunk_ready_o),
    .in_ready_o  (heads_room),
    .out_data_o  (head),
    .out_valid_o (head_valid),
    .out_ready_i (pass && packet_o.eop),
    .level_o     (unused_heads_level)
  );

  // A beat that cannot go on at once waits, and all those behind it.
  assign come       = answer_q ? st_rd_rdata_i : cm_rd_rdata_i;
  assign come_valid = answer_q || cm_rd_rvalid_i;
  assign keep       = come_valid && (waiting_valid || !packet_ready_i);

  cw_fifo #(.DataW(W), .Depth(Ahead)) u_beats (
    .clk_i,
    .rst_i,
    .in_data_i   (come),
    .in_valid_i  (keep),
    .in_ready_o  (keep_room),
    .out_data_o  (waiting),
    .out_valid_o (waiting_valid),
    .out_ready_i (packet_ready_i),
    .level_o     (unused_beats_level)
  );

  assign left           = first_q ? head.bytes + 13'(head.lane) : left_q;
  assign pass           = packet_valid_o && packet_ready_i;
  assign packet_valid_o = waiting_valid || come_valid;
  assign packet_data_o  = waiting_valid ? waiting : come;
  assign packet_o       = '{mark: head.mark, dest: head.dest, lane: 6'(head.lane),
                            bytes: head.bytes, sop: first_q, eop: left <= 13'(Bytes), last: 1'b1,
                            error: DmaOk};

  always_ff @(posedge clk_i) begin
    if (rst_i)     first_q <= 1'b1;
    else if (pass) first_q <= packet_o.eop;
  end

  // No reset: meaningful only after the first beat.
  always_ff @(posedge clk_i) if (pass) left_q <= left - 13'(Bytes);

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(LaneForImmediatesOnly, !chunk_valid_i || chunk_i.lane == '0)
  `CW_REQUIRE(Ahead >= 4, "fewer cannot hide the latency of card memory")
  `CW_ASSERT(ChunkHasBytes, !chunk_valid_i || (chunk_i.bytes != '0 && chunk_i.bytes <= 13'd4096))
  `CW_ASSERT(AnswersOneAtATime, !(answer_q && cm_rd_rvalid_i))
  `CW_ASSERT(AnswerHasRoom, !keep || keep_room)
  `CW_ASSERT(AnswerIsExpected, !come_valid || 32'(room_q) < Ahead)
  `CW_ASSERT(BeatHasItsChunk, !packet_valid_o || head_valid)
  `CW_ASSERT(RoomNeverLost, 32'(room_q) <= Ahead)
  `CW_ASSERT_HELD(CardReadHeld, cm_rd_valid_o, cm_rd_ready_i, cm_rd_addr_o)
  `CW_ASSERT_HELD(PacketHeld, packet_valid_o, packet_ready_i, {packet_o, packet_data_o})

endmodule
