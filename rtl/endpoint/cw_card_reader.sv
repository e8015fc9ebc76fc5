// SPDX-License-Identifier: Apache-2.0
//
// Asks card memory, or the user's AXI4 port, for the beats that a piece of a read touches, one per
// clock, each only with room for its answer.
// Spec: PCIe Base 2.3.1.1 (data return for read requests).
`include "cw_assert.svh"
module cw_card_reader
  import cw_completer_pkg::*;
#(
  parameter int unsigned W = 256  // bits of a beat
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Piece, and its request; begun with its first beat, done with its last
  input  piece_t      piece_i,
  input  np_req_t     req_i,
  input  logic        valid_i,
  output logic        begin_o,
  output logic        done_o,
  output logic [3:0]  skip_dw_o,     // dwords of the first beat before the piece

  // Room
  input  logic        entry_room_i,  // to announce a piece; stays until it is used
  input  logic        beat_room_i,   // for one more beat; stays until it is used
  output logic        beat_o,        // a beat has been asked for

  // Beats
  output beat_read_t  cm_rd_req_o,
  output logic        cm_rd_valid_o,
  input  logic        cm_rd_ready_i,
  output logic [31:0] cm_rd_addr_o
);

  localparam int unsigned Lanes = W / 32;
  localparam int unsigned LaneW = $clog2(W / 8);

  logic [10:0] beat_q, beats;
  logic        last;

  assign skip_dw_o = 4'(piece_i.offset[LaneW-1:2]);
  assign beats     = 11'((12'(piece_i.dw) + 12'(skip_dw_o) + 12'(Lanes - 1)) >> $clog2(Lanes));
  assign last      = beat_q == beats - 11'd1;

  assign cm_rd_valid_o = valid_i && beat_room_i && (entry_room_i || beat_q != '0);
  assign cm_rd_addr_o  = {piece_i.offset[31:LaneW] + (32 - LaneW)'(beat_q), LaneW'(0)};

  assign cm_rd_req_o = '{
    target: req_i.route == RouteAxi ? cw_cfg_pkg::TargetAxi : cw_cfg_pkg::TargetCard,
    fn:     req_i.fn,
    bar:    req_i.bar,
    first:  beat_q == '0,
    beats:  beats
  };

  assign beat_o  = cm_rd_valid_o && cm_rd_ready_i;
  assign begin_o = beat_o && beat_q == '0;
  assign done_o  = beat_o && last;

  always_ff @(posedge clk_i) begin
    if (rst_i)       beat_q <= '0;
    else if (beat_o) beat_q <= last ? '0 : beat_q + 11'd1;
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(PieceIsNotEmpty, !valid_i || piece_i.dw != '0)
  `CW_ASSERT(BeatTouchesPiece, !cm_rd_valid_o
      || 14'(beat_q) * 14'(Lanes) < 14'(piece_i.dw) + 14'(skip_dw_o))
  `CW_ASSERT(LastTouchesPiece, !done_o
      || (14'(beat_q) + 14'd1) * 14'(Lanes) >= 14'(piece_i.dw) + 14'(skip_dw_o))
  `CW_ASSERT_HELD(ReadHeld, cm_rd_valid_o, cm_rd_ready_i, {cm_rd_req_o, cm_rd_addr_o})

endmodule
