// SPDX-License-Identifier: Apache-2.0
//
// Makes beats of memory out of the payload of memory writes: moves it from the lanes of the TLP to
// those of the memory, with a strobe for every byte that is enabled. One beat per clock; a write
// that does not start in lane 0 may need one clock more.
// Spec: PCIe Base 2.2.5 (first and last DW byte enables).
`include "cw_assert.svh"
module cw_card_writer
  import cw_completer_pkg::*;
#(
  parameter int unsigned W = 256  // bits of a beat
) (
  input  logic           clk_i,
  input  logic           rst_i,

  // Payload; all but the data is constant from the first to the last beat
  input  logic [W-1:0]   in_data_i,
  input  logic           in_last_i,
  input  logic [31:0]    in_addr_i,      // of the first dword, in the memory
  input  logic [10:0]    in_dw_i,
  input  logic [3:0]     in_first_be_i,
  input  logic [3:0]     in_last_be_i,
  input  write_to_t      in_to_i,
  input  logic           in_valid_i,
  output logic           in_ready_o,

  // Memory: beats, and of each write where it goes and how many there are
  output logic           cm_wr_valid_o,
  input  logic           cm_wr_ready_i,
  output logic [31:0]    cm_wr_addr_o,
  output logic [W-1:0]   cm_wr_data_o,
  output logic [W/8-1:0] cm_wr_strb_o,
  output write_to_t      cm_wr_to_o,
  output logic           cm_wr_first_o,
  output logic           cm_wr_last_o,
  output logic [9:0]     cm_wr_beats_o,

  output logic           busy_o,         // a write has been taken and has not ended
  output logic           done_o          // pulse: the oldest write has ended
);

  localparam int unsigned LaneW = $clog2(W / 8);
  localparam int unsigned Lanes = W / 32;

  typedef struct packed {
    logic [31:0] addr;
    logic [10:0] dw;
    logic [3:0]  first_be;
    logic [3:0]  last_be;
    write_to_t   to;
  } write_t;

  write_t      in_write, write;
  logic        first_q, side_valid, side_ready, shift_ready, out_last;
  logic        out_beat;
  logic [9:0]  beat_q;    // of the write, out; 1024 dwords are at most 513 beats

  assign in_write   = '{in_addr_i, in_dw_i, in_first_be_i, in_last_be_i, in_to_i};
  assign in_ready_o = shift_ready && (side_ready || !first_q);

  cw_fifo #(.DataW($bits(write_t)), .Depth(4)) u_side (
    .clk_i,
    .rst_i,
    .in_data_i   (in_write),
    .in_valid_i  (in_valid_i && first_q && shift_ready),
    .in_ready_o  (side_ready),
    .out_data_o  (write),
    .out_valid_o (side_valid),
    .out_ready_i (done_o),
    .level_o     ()
  );

  cw_lane_shift #(.W(W), .UnitBytes(4)) u_shift (
    .clk_i,
    .rst_i,
    .in_data_i,
    .in_last_i,
    .shift_i     ({1'b0, in_addr_i[LaneW-1:2], 2'b00}),
    .bytes_i     ({1'b0, in_dw_i, 2'b00}),
    .in_valid_i  (in_valid_i && (side_ready || !first_q)),
    .in_ready_o  (shift_ready),
    .out_data_o  (cm_wr_data_o),
    .out_last_o  (out_last),
    .out_valid_o (cm_wr_valid_o),
    .out_ready_i (cm_wr_ready_i)
  );

  assign out_beat = cm_wr_valid_o && cm_wr_ready_i;
  assign done_o   = out_beat && out_last;
  assign busy_o   = side_valid || cm_wr_valid_o || !first_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      first_q <= 1'b1;
      beat_q  <= '0;
    end else begin
      if (in_valid_i && in_ready_o) first_q <= in_last_i;
      if (out_beat) beat_q <= out_last ? '0 : beat_q + 10'd1;
    end
  end

  assign cm_wr_to_o    = write.to;
  assign cm_wr_first_o = beat_q == '0;
  assign cm_wr_last_o  = out_last;
  assign cm_wr_beats_o = 10'((14'(write.dw) + 14'(write.addr[LaneW-1:2]) + 14'(Lanes - 1))
                       / 14'(Lanes));
  assign cm_wr_addr_o  = {write.addr[31:LaneW] + (32 - LaneW)'(beat_q), LaneW'(0)};

  for (genvar lane = 0; lane < Lanes; lane++) begin : gen_lane
    logic [13:0] place, dw;  // dword of the aligned beats, dword of the payload
    logic [3:0]  enabled;
    assign place = 14'(beat_q) * 14'(Lanes) + 14'(lane);
    assign dw    = place - 14'(write.addr[LaneW-1:2]);
    always_comb begin
      enabled = 4'b1111;
      if (dw >= 14'(write.dw))              enabled = 4'b0000;  // or before the first: it wraps
      else if (dw == '0)                    enabled = write.first_be;
      else if (dw == 14'(write.dw) - 14'd1) enabled = write.last_be;
    end
    assign cm_wr_strb_o[4*lane +: 4] = enabled;
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(WriteKnown, !cm_wr_valid_o || side_valid)
  `CW_ASSERT(DwordAligned, !in_valid_i || in_addr_i[1:0] == '0)
  `CW_ASSERT_HELD(WriteHeld, cm_wr_valid_o, cm_wr_ready_i,
      {cm_wr_addr_o, cm_wr_data_o, cm_wr_strb_o, cm_wr_to_o, cm_wr_last_o})
  `CW_ASSERT(BeatsAsAnnounced, !cm_wr_valid_o || out_last == (beat_q + 10'd1 == cm_wr_beats_o))

endmodule
