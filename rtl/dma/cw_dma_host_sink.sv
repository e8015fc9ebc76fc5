// SPDX-License-Identifier: Apache-2.0
//
// Turns every packet into one memory write, its bytes moved to the lanes of their IOVA. They have
// landed when the requester has taken the last beat: nothing asked for after that can overtake it.
// A packet without bytes tells of its error in its turn.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_host_sink
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W     = 256,  // bits of a beat
  localparam int unsigned LaneW = $clog2(W / 8)
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Packets
  input  packet_t      packet_i,
  input  logic [W-1:0] packet_data_i,
  input  logic         packet_valid_i,
  output logic         packet_ready_o,

  // Writes to host memory
  output wr_beat_t     wr_beat_o,
  output logic [W-1:0] wr_data_o,
  output logic         wr_valid_o,
  input  logic         wr_ready_i,

  output landed_t      landed_o,
  output logic         landed_valid_o,
  input  logic         landed_ready_i
);

  // What the far side of the realigner needs to know of a packet.
  typedef struct packed {
    logic [63:0] iova;
    attr_t       attr;
    landed_t     landed;
  } write_t;

  logic                  empty, shift_ready;
  logic signed [LaneW:0] shift;
  write_t                write_in, write;
  logic                  write_room, write_valid, write_pop, write_empty;
  logic                  out_last, out_valid, landed_room, first_q;
  logic [2:0]            unused_level, unused_landed_level;

  assign empty          = packet_i.bytes == '0;
  assign shift          = (LaneW + 1)'(packet_i.dest[1:0]) - (LaneW + 1)'(packet_i.lane);
  assign packet_ready_o = (shift_ready || empty) && write_room;

  cw_lane_shift #(.W(W)) u_lanes (
    .clk_i,
    .rst_i,
    .in_data_i   (packet_data_i),
    .in_last_i   (packet_i.eop),
    .shift_i     (shift),
    .bytes_i     (14'(packet_i.bytes) + 14'(packet_i.lane)),
    .in_valid_i  (packet_valid_i && !empty && write_room),
    .in_ready_o  (shift_ready),
    .out_data_o  (wr_data_o),
    .out_last_o  (out_last),
    .out_valid_o (out_valid),
    .out_ready_i (wr_ready_i && wr_valid_o)
  );

  assign write_in = '{iova: packet_i.dest, attr: packet_i.mark.attr,
                      landed: '{chan: packet_i.mark.chan, entry: packet_i.mark.entry,
                                bytes: packet_i.bytes, ends: packet_i.last,
                                error: packet_i.error}};

  cw_fifo #(.DataW($bits(write_t)), .Depth(4)) u_writes (
    .clk_i,
    .rst_i,
    .in_data_i   (write_in),
    .in_valid_i  (packet_valid_i && packet_i.sop && packet_ready_o),
    .in_ready_o  (write_room),
    .out_data_o  (write),
    .out_valid_o (write_valid),
    .out_ready_i (write_pop),
    .level_o     (unused_level)
  );

  assign write_empty = write.landed.bytes == '0;
  assign wr_valid_o  = out_valid && write_valid && !write_empty && landed_room;
  assign wr_beat_o   = '{fn: '0, attr: write.attr, iova: write.iova, bytes: write.landed.bytes,
                         sop: first_q, eop: out_last};
  assign write_pop   = landed_room && (write_empty || (wr_valid_o && out_last && wr_ready_i));

  always_ff @(posedge clk_i) begin
    if (rst_i)                         first_q <= 1'b1;
    else if (wr_valid_o && wr_ready_i) first_q <= out_last;
  end

  cw_fifo #(.DataW($bits(landed_t)), .Depth(4)) u_landed (
    .clk_i,
    .rst_i,
    .in_data_i   (write.landed),
    .in_valid_i  (write_valid && write_pop),
    .in_ready_o  (landed_room),
    .out_data_o  (landed_o),
    .out_valid_o (landed_valid_o),
    .out_ready_i (landed_ready_i),
    .level_o     (unused_landed_level)
  );

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(NothingExactlyInError, !packet_valid_i || empty == (packet_i.error != DmaOk))
  `CW_ASSERT(NothingInOneBeat, !packet_valid_i || !empty || (packet_i.sop && packet_i.eop))
  `CW_ASSERT(WriteIsKnown, !out_valid || write_valid)
  `CW_ASSERT_HELD(WriteHeld, wr_valid_o, wr_ready_i, {wr_beat_o, wr_data_o})
  `CW_ASSERT_HELD(LandedHeld, landed_valid_o, landed_ready_i, landed_o)

endmodule
