// SPDX-License-Identifier: Apache-2.0
//
// Sends completions in the order of their entries; takes the data of each from the data queue and
// moves them to lane 0. Data may come later than their entry; discarded ones leave no trace. One
// beat per clock.
// Spec: PCIe Base 2.2.9 (completions).
`include "cw_assert.svh"
module cw_cpl_sender
  import cw_tlp_pkg::*;
  import cw_completer_pkg::*;
#(
  parameter int unsigned W       = 256,  // bits of a beat
  parameter int unsigned Entries = 8,    // completions that may wait
  parameter int unsigned Beats   = 16    // beats of data that may wait
) (
  input  logic         clk_i,
  input  logic         rst_i,

  // Completions
  input  cpl_entry_t   entry_i,
  input  logic         entry_valid_i,
  output logic         entry_ready_o,

  // Their data: whoever gives a beat has seen room for it
  input  logic [W-1:0] data_i,
  input  logic         data_valid_i,
  output logic         data_taken_o,  // a beat has left the queue

  // To the port
  output tlp_ctl_t     cpl_ctl_o,
  output logic [W-1:0] cpl_data_o,
  output logic         cpl_valid_o,
  input  logic         cpl_ready_i
);

  localparam int unsigned Lanes    = W / 32;
  localparam int unsigned LaneW    = $clog2(W / 8);

  cpl_entry_t   entry;
  logic         entry_valid, entry_ready;
  logic [W-1:0] data;
  logic         data_valid, data_ready, data_room;

  cw_fifo #(.DataW($bits(cpl_entry_t)), .Depth(Entries)) u_entries (
    .clk_i,
    .rst_i,
    .in_data_i   (entry_i),
    .in_valid_i  (entry_valid_i),
    .in_ready_o  (entry_ready_o),
    .out_data_o  (entry),
    .out_valid_o (entry_valid),
    .out_ready_i (entry_ready),
    .level_o     ()
  );

  cw_fifo #(.DataW(W), .Depth(Beats)) u_data (
    .clk_i,
    .rst_i,
    .in_data_i   (data_i),
    .in_valid_i  (data_valid_i),
    .in_ready_o  (data_room),
    .out_data_o  (data),
    .out_valid_o (data_valid),
    .out_ready_i (data_ready),
    .level_o     ()
  );

  // First half: bring an entry and its beats together. `left_q` dwords are still to come.
  logic        first_q, has_data, last_beat, moves, out_room, shift_in, shift_ready;
  logic [10:0] left_q, left;

  assign has_data  = entry.dw != '0;
  assign left      = first_q ? entry.dw + 11'(entry.skip_dw) : left_q;
  assign last_beat = left <= 11'(Lanes);
  assign shift_in  = entry_valid && has_data && !entry.discard && data_valid
                  && (out_room || !first_q);

  always_comb begin
    if (!has_data)          moves = entry_valid && out_room;
    else if (entry.discard) moves = entry_valid && data_valid && (out_room || !first_q);
    else                    moves = shift_in && shift_ready;
  end

  assign entry_ready  = moves && (last_beat || !has_data);
  assign data_ready   = moves && has_data;
  assign data_taken_o = data_valid && data_ready;

  always_ff @(posedge clk_i) begin
    if (rst_i)      first_q <= 1'b1;
    else if (moves) first_q <= entry_ready;
  end

  // No reset: meaningful only after the first beat of an entry.
  always_ff @(posedge clk_i) begin
    if (moves) left_q <= left - 11'(Lanes);
  end

  logic signed [LaneW:0] shift;
  assign shift = -(LaneW + 1)'({entry.skip_dw, 2'b00});

  logic [W-1:0] shifted_data;
  logic         shifted_valid, shifted_last, shifted_ready;

  cw_lane_shift #(.W(W), .UnitBytes(4)) u_shift (
    .clk_i,
    .rst_i,
    .in_data_i   (data),
    .in_last_i   (last_beat),
    .shift_i     (shift),
    .bytes_i     (14'({entry.dw + 11'(entry.skip_dw), 2'b00})),
    .in_valid_i  (shift_in),
    .in_ready_o  (shift_ready),
    .out_data_o  (shifted_data),
    .out_last_o  (shifted_last),
    .out_valid_o (shifted_valid),
    .out_ready_i (shifted_ready)
  );

  // Second half: the header beside the moved data.
  typedef struct packed {
    cpl_hdr_t    hdr;
    logic [10:0] dw;
  } out_t;

  out_t        out_entry, out;
  logic        out_valid, sends_data, out_first_q, ends;
  logic [10:0] sent_q;

  assign out_entry = '{hdr: entry.hdr, dw: entry.discard ? 11'd0 : entry.dw};

  cw_fifo #(.DataW($bits(out_t)), .Depth(4)) u_out (
    .clk_i,
    .rst_i,
    .in_data_i   (out_entry),
    .in_valid_i  (moves && first_q && !entry.silent),
    .in_ready_o  (out_room),
    .out_data_o  (out),
    .out_valid_o (out_valid),
    .out_ready_i (cpl_valid_o && cpl_ready_i && ends),
    .level_o     ()
  );

  assign sends_data    = out.dw != '0;
  assign cpl_valid_o   = out_valid && (!sends_data || shifted_valid);
  assign ends          = !sends_data || shifted_last;
  assign shifted_ready = cpl_valid_o && cpl_ready_i && sends_data;
  // A beat without data holds still, whatever is shifted behind it.
  assign cpl_data_o    = sends_data ? shifted_data : '0;

  always_comb begin
    cpl_ctl_o     = '0;
    cpl_ctl_o.sop = out_first_q;
    cpl_ctl_o.eop = ends;
    cpl_ctl_o.hdr = tlp_hdr_t'(out.hdr);
    for (int unsigned lane = 0; lane < Lanes; lane++) begin
      cpl_ctl_o.strb[lane] = sends_data && sent_q + 11'(lane) < out.dw;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      out_first_q <= 1'b1;
      sent_q      <= '0;
    end else if (cpl_valid_o && cpl_ready_i) begin
      out_first_q <= ends;
      sent_q      <= ends ? '0 : sent_q + 11'(Lanes);
    end
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(RoomWasSeen, !data_valid_i || data_room)
  `CW_ASSERT(DataOnlyWithData, !entry_valid_i || entry_i.discard
      || has_payload(tlp_hdr_t'(entry_i.hdr)) == (entry_i.dw != '0))
  `CW_ASSERT(SilentHasDataOnly, !entry_valid_i || !entry_i.silent
      || (entry_i.discard && entry_i.dw != '0))
  `CW_ASSERT(LengthAsPromised, !(cpl_valid_o && sends_data)
      || length_dw(tlp_hdr_t'(out.hdr)) == out.dw)
  `CW_ASSERT(EndsWhereDataEnd, !cpl_valid_o || !sends_data
      || ends == (sent_q + 11'(Lanes) >= out.dw))
  `CW_ASSERT_HELD(CplHeld, cpl_valid_o, cpl_ready_i, {cpl_ctl_o, cpl_data_o})

endmodule
