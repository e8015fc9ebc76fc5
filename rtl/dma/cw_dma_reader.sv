// SPDX-License-Identifier: Apache-2.0
//
// Host to card: asks for every chunk and puts the answers, in whatever order they come, at their
// bytes of card memory. A packet counts as landed when card memory has taken its last beat.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_reader
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W     = 256,  // bits of a beat
  localparam int unsigned Bytes = W / 8,
  localparam int unsigned LaneW = $clog2(Bytes)
) (
  input  logic             clk_i,
  input  logic             rst_i,

  input  attr_t            attr_i,         // of the reads

  // Chunks, each for an entry's slot
  input  chunk_t           chunk_i,
  input  logic [3:0]       chunk_slot_i,
  input  logic             chunk_valid_i,
  output logic             chunk_ready_o,

  // Reads of host memory
  output rd_req_t          rd_req_o,
  output logic             rd_valid_o,
  input  logic             rd_ready_i,

  // Their answers; other clients' are not looked at
  input  rd_rsp_t          rsp_i,
  input  logic [W-1:0]     rsp_data_i,
  input  logic             rsp_valid_i,
  output logic             rsp_ready_o,

  // Card memory
  output logic             cm_wr_valid_o,
  input  logic             cm_wr_ready_i,
  output logic [31:0]      cm_wr_addr_o,
  output logic [W-1:0]     cm_wr_data_o,
  output logic [Bytes-1:0] cm_wr_strb_o,

  output landed_t          landed_o,
  output logic             landed_valid_o  // pulse
);

  // What the far side of the realigner needs to know of a packet.
  typedef struct packed {
    logic [31:0] dest;
    landed_t     landed;
  } packet_t;

  // What the near side needs with every beat.
  typedef struct packed {
    logic [LaneW-1:0] card_lane;  // of the packet's first byte
    logic [1:0]       offset;     // of the same byte in lane 0
    logic [12:0]      bytes;
    logic             eop;
    logic [W-1:0]     data;
  } beat_t;

  // To the realigner
  beat_t                 beat_in, beat;
  logic                  beat_valid, beat_ready, mine, skid_ready, shift_ready;
  logic signed [LaneW:0] shift;

  // From it
  packet_t            packet_in, packet;
  logic               packet_room, packet_valid, packet_pop;
  logic [W-1:0]       out_data;
  logic               out_last, out_valid, out_ready;
  logic [31:0]        beat_q;        // byte offset of the beat from the packet's first
  logic [31:0]        first, last;   // byte addresses within the packet's beats
  logic [Bytes-1:0]   low_mask, high_mask;
  logic               unused_level;
  logic [2:0]         level;

  assign rd_req_o = '{iova: chunk_i.iova, bytes: chunk_i.bytes, dest: chunk_i.card_addr,
                      slot: chunk_slot_i, attr: attr_i};
  assign rd_valid_o    = chunk_valid_i;
  assign chunk_ready_o = rd_ready_i;

  assign mine        = rsp_valid_i && rsp_i.client == ClientH2cData;
  assign rsp_ready_o = skid_ready && packet_room;

  assign beat_in = '{card_lane: rsp_i.dest[LaneW-1:0], offset: rsp_i.offset, bytes: rsp_i.bytes,
                     eop: rsp_i.eop, data: rsp_data_i};

  cw_skid #(.DataW($bits(beat_t))) u_skid (
    .clk_i,
    .rst_i,
    .in_data_i   (beat_in),
    .in_valid_i  (mine && packet_room),
    .in_ready_o  (skid_ready),
    .out_data_o  (beat),
    .out_valid_o (beat_valid),
    .out_ready_i (beat_ready)
  );

  always_comb begin
    packet_in.dest   = rsp_i.dest;
    packet_in.landed = '{slot: rsp_i.slot, bytes: rsp_i.bytes, ends: rsp_i.last,
                         error: read_error(rsp_i.status)};
  end

  cw_fifo #(.DataW($bits(packet_t)), .Depth(4)) u_packets (
    .clk_i,
    .rst_i,
    .in_data_i   (packet_in),
    .in_valid_i  (mine && rsp_i.sop && skid_ready),
    .in_ready_o  (packet_room),
    .out_data_o  (packet),
    .out_valid_o (packet_valid),
    .out_ready_i (packet_pop),
    .level_o     (level)
  );
  assign unused_level = ^level;

  // A packet without bytes ends here; the packet queue keeps its place.
  assign beat_ready = shift_ready || beat.bytes == '0;
  assign shift      = signed'({1'b0, beat.card_lane}) - signed'((LaneW + 1)'(beat.offset));

  cw_lane_shift #(.W(W)) u_lanes (
    .clk_i,
    .rst_i,
    .in_data_i   (beat.data),
    .in_last_i   (beat.eop),
    .shift_i     (shift),
    .bytes_i     (14'(beat.bytes) + 14'(beat.offset)),
    .in_valid_i  (beat_valid && beat.bytes != '0),
    .in_ready_o  (shift_ready),
    .out_data_o  (out_data),
    .out_last_o  (out_last),
    .out_valid_o (out_valid),
    .out_ready_i (out_ready)
  );

  assign first     = packet.dest;
  assign last      = packet.dest + 32'(packet.landed.bytes) - 32'd1;
  assign low_mask  = {Bytes{1'b1}} << first[LaneW-1:0];
  assign high_mask = {Bytes{1'b1}} >> ~last[LaneW-1:0];

  assign cm_wr_valid_o = out_valid && packet_valid && packet.landed.bytes != '0;
  assign cm_wr_addr_o  = {first[31:LaneW], {LaneW{1'b0}}} + beat_q;
  assign cm_wr_data_o  = out_data;
  assign cm_wr_strb_o  = (beat_q == '0 ? low_mask : {Bytes{1'b1}})
                       & (out_last ? high_mask : {Bytes{1'b1}});

  assign out_ready      = cm_wr_ready_i && packet_valid && packet.landed.bytes != '0;
  assign packet_pop     = packet.landed.bytes == '0 || (out_valid && out_last && cm_wr_ready_i);
  assign landed_o       = packet.landed;
  assign landed_valid_o = packet_valid && packet_pop;

  always_ff @(posedge clk_i) begin
    if (rst_i)                              beat_q <= '0;
    else if (cm_wr_valid_o && cm_wr_ready_i) beat_q <= out_last ? '0 : beat_q + 32'(Bytes);
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(FailedWithoutBytes,
      !mine || rsp_i.status == RdOk || (rsp_i.bytes == '0 && rsp_i.last && rsp_i.sop && rsp_i.eop))
  `CW_ASSERT(WritesSomething, !cm_wr_valid_o || cm_wr_strb_o != '0)
  `CW_ASSERT(LastBeatWhereBytesEnd,
      !cm_wr_valid_o || !out_last || cm_wr_addr_o[31:LaneW] == last[31:LaneW])
  `CW_ASSERT_HELD(CardWriteHeld, cm_wr_valid_o, cm_wr_ready_i,
      {cm_wr_addr_o, cm_wr_data_o, cm_wr_strb_o})

endmodule
