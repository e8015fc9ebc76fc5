// SPDX-License-Identifier: Apache-2.0
//
// Holds the completions of pieces that may still fail until all their beats have come. A piece with
// an error becomes Completer Abort without data, and nothing of its request follows it.
// Spec: PCIe Base 2.3.1 (Completer Abort), 2.3.1.1 (a refusal is the last completion of a request).
`include "cw_assert.svh"
module cw_read_verdict
  import cw_tlp_pkg::*;
  import cw_cfg_pkg::error_report_t;
  import cw_completer_pkg::*;
#(
  parameter int unsigned Pieces = 4  // in flight
) (
  input  logic          clk_i,
  input  logic          rst_i,

  // A piece begins; its request, its beats, what to send if all goes well
  input  piece_t        piece_i,
  input  np_req_t       req_i,
  input  logic [3:0]    skip_dw_i,
  input  logic [10:0]   beats_i,
  input  logic          begin_i,
  output logic          room_o,
  output logic          busy_o,      // pieces are in flight

  // Their beats, in order
  input  logic          beat_i,
  input  logic          error_i,     // with beat_i

  // Completions
  output cpl_entry_t    entry_o,
  output logic          entry_valid_o,
  input  logic          entry_ready_i,

  output error_report_t report_o
);

  typedef struct packed {
    np_req_t    req;
    cpl_entry_t entry;
    logic       last;
  } waiting_t;

  logic        piece_room, count_room, counted, complete, leave;
  logic        judged, failed, error_q, forget_q;
  logic [10:0] beats, beat_q;
  waiting_t    begun, head;
  logic        head_valid;

  assign begun = '{
    req:   req_i,
    entry: '{hdr: piece_i.hdr, dw: piece_i.dw, skip_dw: skip_dw_i, default: '0},
    last:  piece_i.last
  };

  // What is to be sent, from begin to end of a piece.
  cw_fifo #(.DataW($bits(waiting_t)), .Depth(Pieces)) u_pieces (
    .clk_i,
    .rst_i,
    .in_data_i   (begun),
    .in_valid_i  (begin_i),
    .in_ready_o  (piece_room),
    .out_data_o  (head),
    .out_valid_o (head_valid),
    .out_ready_i (leave),
    .level_o     ()
  );

  // How many beats are to come, until they have: those behind a completion that waits come too.
  cw_fifo #(.DataW(11), .Depth(Pieces)) u_counts (
    .clk_i,
    .rst_i,
    .in_data_i   (beats_i),
    .in_valid_i  (begin_i),
    .in_ready_o  (count_room),
    .out_data_o  (beats),
    .out_valid_o (counted),
    .out_ready_i (complete),
    .level_o     ()
  );

  cw_fifo #(.DataW(1), .Depth(Pieces)) u_verdicts (
    .clk_i,
    .rst_i,
    .in_data_i   (error_q || error_i),
    .in_valid_i  (complete),
    .in_ready_o  (),
    .out_data_o  (failed),
    .out_valid_o (judged),
    .out_ready_i (leave),
    .level_o     ()
  );

  assign room_o   = piece_room && count_room;
  assign busy_o   = head_valid;
  assign complete = beat_i && beat_q == beats - 11'd1;
  assign leave    = judged && entry_ready_i;

  always_comb begin
    entry_o = head.entry;
    if (failed) entry_o.hdr = without_data(head.entry.hdr, CplStatusCa);
    entry_o.discard = failed || forget_q;
    entry_o.silent  = forget_q;
  end

  assign entry_valid_o = leave;

  always_comb begin
    report_o = '0;
    if (leave && failed && !forget_q) begin
      report_o.kinds.completer_abort = 1'b1;
      report_o.functions = head.req.functions;
      report_o.hdr       = tlp_hdr_t'(head.req.hdr);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      beat_q   <= '0;
      error_q  <= 1'b0;
      forget_q <= 1'b0;
    end else begin
      if (beat_i) begin
        beat_q  <= complete ? '0 : beat_q + 11'd1;
        error_q <= !complete && (error_q || error_i);
      end
      if (leave) forget_q <= (forget_q || failed) && !head.last;
    end
  end

  `CW_ASSERT(RoomWasSeen, !begin_i || room_o)
  `CW_ASSERT(BeatWasAsked, !beat_i || counted)
  `CW_ASSERT(BeatsInRange, !counted || beat_q < beats)
  `CW_ASSERT(JudgedIsWaiting, !judged || head_valid)
  `CW_ASSERT(SilentOnlyAfterAbort, !entry_valid_o || !entry_o.silent || entry_o.discard)

endmodule
