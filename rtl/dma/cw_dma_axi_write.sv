// SPDX-License-Identifier: Apache-2.0
//
// Writes packets of beats to the card's memory behind AXI4, and tells in their order how each
// ended: with an error if a burst of it did. One beat per clock, several bursts under way. When the
// engine is reset alone, bursts that have begun are ended without bytes, and their answers go
// nowhere.
// Spec: AMBA AXI4, A3.4.1 (bursts never cross 4 KiB), A3.4.4 (responses); docs/dma.md (AXI4).
`include "cw_assert.svh"
module cw_dma_axi_write
  import cw_axi_pkg::*;
  import cw_dma_pkg::*;
#(
  parameter int unsigned W      = 256,  // bits of a beat
  parameter int unsigned Bursts = 32    // given and not yet answered, at most
) (
  input  logic           clk_i,
  input  logic           rst_i,
  input  logic           flush_i,  // the engine is in reset, what is behind the port is not

  // Beats of packets
  input  card_wr_t       wr_i,
  input  logic [W-1:0]   wr_data_i,
  input  logic [W/8-1:0] wr_strb_i,
  input  logic           wr_valid_i,
  output logic           wr_ready_o,

  // The oldest packet not told yet has been answered
  output logic           done_valid_o,
  output logic           done_error_o,

  // AXI4
  output axi_ax_t        aw_o,
  output logic           aw_valid_o,
  input  logic           aw_ready_i,
  output logic [W-1:0]   w_data_o,
  output logic [W/8-1:0] w_strb_o,
  output logic           w_last_o,
  output logic           w_valid_o,
  input  logic           w_ready_i,
  input  axi_b_t         b_i,
  input  logic           b_valid_i,
  output logic           b_ready_o
);

  localparam int unsigned BeatLog2 = $clog2(W / 8);
  localparam int unsigned BurstW   = $clog2(burst_boundary(W / 8)) - BeatLog2;  // beats, log2

  logic [BurstW-1:0] place;       // of the beat between two multiples of a burst's most
  logic [9:0]        to_boundary, beats;
  logic              first, last; // of a burst
  logic              mark_room, room, ready, valid, fill, take;
  logic              drain_q;     // of what was there at the flush
  logic [9:0]        left_q;      // beats that a burst still owes
  logic              answered, failed, whole;
  logic              failed_q;    // a burst of the packet that is being answered

  assign place       = wr_i.addr[BeatLog2 +: BurstW];
  assign to_boundary = 10'(2 ** BurstW) - 10'(place);
  assign beats       = wr_i.beats < to_boundary ? wr_i.beats : to_boundary;
  assign first       = wr_i.first || place == '0;
  assign last        = wr_i.last || &place;
  assign room        = mark_room || !first;
  assign fill        = drain_q && left_q != '0;
  assign valid       = drain_q ? fill : wr_valid_i && room;
  assign wr_ready_o  = ready && room && !drain_q;
  assign take        = valid && ready;

  cw_axi_write #(.W(W), .Writes(Bursts)) u_bursts (
    .clk_i,
    .rst_i,
    .wr_valid_i (valid),
    .wr_ready_o (ready),
    .wr_to_i    ('{axi: 1'b1, default: '0}),
    .wr_first_i (first && !fill),
    .wr_last_i  (fill ? left_q == 10'd1 : last),
    .wr_beats_i (beats),
    .wr_addr_i  (64'(wr_i.addr[CardAxiBit-1:0])),
    .wr_data_i,
    .wr_strb_i  (fill ? '0 : wr_strb_i),
    .done_o     (answered),
    .error_o    (failed),
    .aw_o,
    .aw_user_o  (),  // no BAR leads here
    .aw_valid_o,
    .aw_ready_i,
    .w_data_o,
    .w_strb_o,
    .w_last_o,
    .w_valid_o,
    .w_ready_i,
    .b_i,
    .b_valid_i,
    .b_ready_o
  );

  // Whether a burst is its packet's last, known with its first beat.
  logic mark_valid;

  cw_fifo #(.DataW(1), .Depth(Bursts), .UseRam(1'b0)) u_marks (
    .clk_i,
    .rst_i,
    .in_data_i   (beats == wr_i.beats),
    .in_valid_i  (wr_valid_i && wr_ready_o && first),
    .in_ready_o  (mark_room),
    .out_data_o  (whole),
    .out_valid_o (mark_valid),
    .out_ready_i (answered),
    .level_o     ()
  );

  assign done_valid_o = answered && whole && !drain_q;
  assign done_error_o = failed || failed_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      drain_q  <= 1'b0;
      left_q   <= '0;
      failed_q <= 1'b0;
    end else begin
      drain_q <= flush_i || (drain_q && (left_q != '0 || mark_valid));
      if (take) left_q <= (first && !fill ? beats : left_q) - 10'd1;
      if (drain_q)       failed_q <= 1'b0;
      else if (answered) failed_q <= done_error_o && !whole;
    end
  end

  logic unused;
  assign unused = &{1'b0, wr_i};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(BeatsAreTold, !wr_valid_i || (wr_i.beats == 10'd1) == wr_i.last)
  `CW_ASSERT(WholeBeats, !wr_valid_i || wr_i.addr[BeatLog2-1:0] == '0)
  `CW_ASSERT(AnswerHasMark, !answered || mark_valid)
  `CW_ASSERT(BurstOwesItsBeats, !take || fill || first == (left_q == '0))
  `CW_ASSERT_HELD(BeatHeld, wr_valid_i, wr_ready_o || flush_i, {wr_i, wr_data_i, wr_strb_i})

endmodule
