// SPDX-License-Identifier: Apache-2.0
//
// Reads runs of beats of the card's memory behind AXI4. A burst is asked for when there is room for
// all of it, so its answer is taken at once. A run is handed on when all of it has come, and each
// of its beats says whether any has failed. One beat per clock, one run per clock. When the engine
// is reset alone, what has been asked for is awaited and dropped.
// Spec: AMBA AXI4, A3.4.1 (bursts never cross 4 KiB), A3.4.4 (responses); docs/dma.md (AXI4).
`include "cw_assert.svh"
module cw_dma_axi_read
  import cw_axi_pkg::*;
  import cw_dma_pkg::*;
#(
  parameter int unsigned W     = 256,                   // bits of a beat
  parameter int unsigned Beats = W == 64 ? 1024 : 512,  // asked for and not taken yet, at most
  parameter int unsigned Runs  = 64                     // the same of runs
) (
  input  logic         clk_i,
  input  logic         rst_i,
  input  logic         flush_i,  // the engine is in reset, what is behind the port is not

  // Runs
  input  card_rd_t     rd_i,
  input  logic         rd_valid_i,
  output logic         rd_ready_o,

  // Their beats, in order
  output logic [W-1:0] beat_data_o,
  output logic         beat_error_o,
  output logic         beat_valid_o,
  input  logic         beat_ready_i,

  // AXI4
  output axi_ax_t      ar_o,
  output logic         ar_valid_o,
  input  logic         ar_ready_i,
  input  logic [W-1:0] r_data_i,
  input  axi_resp_e    r_resp_i,
  input  logic         r_valid_i,
  output logic         r_ready_o
);

  localparam int unsigned BeatLog2 = $clog2(W / 8);
  localparam int unsigned BurstW   = $clog2(burst_boundary(W / 8)) - BeatLog2;  // beats, log2
  localparam int unsigned IndexW   = CardAxiBit - BeatLog2;
  localparam int unsigned RoomW    = $clog2(Beats + 1);
  localparam int unsigned CountW   = $clog2(Runs + 1);

  // A run that has come.
  typedef struct packed {
    logic [9:0] beats;
    logic       failed;
  } run_t;

  logic [IndexW-1:0] index_q;   // of the next beat to ask for
  logic [9:0]        left_q;    // of the run that is asked for
  logic [RoomW-1:0]  room_q;
  logic [9:0]        to_boundary, beats;
  logic              accept, ask, take;
  logic              drain_q;   // of what was there at the flush

  assign to_boundary = 10'(2 ** BurstW) - 10'(index_q[BurstW-1:0]);
  assign beats       = left_q < to_boundary ? left_q : to_boundary;

  assign ar_o = '{
    id:    '0,
    addr:  64'({index_q, {BeatLog2{1'b0}}}),
    len:   8'(beats - 10'd1),
    size:  full_size(W),
    burst: BurstIncr
  };
  assign ar_valid_o = left_q != '0 && 32'(beats) <= 32'(room_q);
  assign ask        = ar_valid_o && ar_ready_i;

  logic [CountW-1:0] runs_q;              // accepted and not yet gone
  logic [9:0]        coming, in_q, out_q; // beats of the run; those of it that have come, and gone
  logic              r_take, r_last, failed_q, whole_valid, out_last, beat_valid;
  run_t              whole_in, whole;

  assign rd_ready_o = !drain_q && 32'(runs_q) != Runs && (left_q == '0 || (ask && beats == left_q));
  assign accept     = rd_valid_i && rd_ready_o;
  assign r_take     = r_valid_i && r_ready_o;
  assign r_last     = in_q + 10'd1 == coming;
  assign whole_in   = '{beats: coming, failed: failed_q || resp_is_error(r_resp_i)};

  cw_fifo #(.DataW(10), .Depth(Runs), .UseRam(1'b0)) u_coming (
    .clk_i,
    .rst_i,
    .in_data_i   (rd_i.beats),
    .in_valid_i  (accept),
    .in_ready_o  (),  // there are never more runs than places
    .out_data_o  (coming),
    .out_valid_o (),
    .out_ready_i (r_take && r_last),
    .level_o     ()
  );

  cw_fifo #(.DataW($bits(run_t)), .Depth(Runs), .UseRam(1'b0)) u_whole (
    .clk_i,
    .rst_i,
    .in_data_i   (whole_in),
    .in_valid_i  (r_take && r_last),
    .in_ready_o  (),  // the same
    .out_data_o  (whole),
    .out_valid_o (whole_valid),
    .out_ready_i (take && out_last),
    .level_o     ()
  );

  cw_fifo #(.DataW(W), .Depth(Beats), .UseRam(1'b1)) u_beats (
    .clk_i,
    .rst_i,
    .in_data_i   (r_data_i),
    .in_valid_i  (r_take),
    .in_ready_o  (r_ready_o),
    .out_data_o  (beat_data_o),
    .out_valid_o (beat_valid),
    .out_ready_i (take),
    .level_o     ()
  );

  assign beat_valid_o = beat_valid && whole_valid && !drain_q;
  assign beat_error_o = whole.failed;
  assign take         = beat_valid && whole_valid && (beat_ready_i || drain_q);
  assign out_last     = out_q + 10'd1 == whole.beats;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      left_q   <= '0;
      room_q   <= RoomW'(Beats);
      runs_q   <= '0;
      drain_q  <= 1'b0;
      in_q     <= '0;
      failed_q <= 1'b0;
      out_q    <= '0;
    end else begin
      room_q <= room_q - (ask ? RoomW'(beats) : '0) + RoomW'(take);
      drain_q <= flush_i || (drain_q && runs_q != '0);
      runs_q <= runs_q + CountW'(accept) - CountW'(take && out_last);
      if (accept)   left_q <= rd_i.beats;
      else if (ask) left_q <= left_q - beats;
      if (r_take) begin
        in_q     <= r_last ? '0 : in_q + 10'd1;
        failed_q <= whole_in.failed && !r_last;
      end
      if (take) out_q <= out_last ? '0 : out_q + 10'd1;
    end
  end

  // No reset: meaningful only with beats left.
  always_ff @(posedge clk_i) begin
    if (accept)   index_q <= rd_i.addr[CardAxiBit-1:BeatLog2];
    else if (ask) index_q <= index_q + IndexW'(beats);
  end

  logic unused;
  assign unused = &{1'b0, rd_i};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_REQUIRE(Beats > 4096 / (W / 8), "no room for the longest run")
  `CW_ASSERT(RunHasRoom, !rd_valid_i || (rd_i.beats != '0 && 32'(rd_i.beats) <= Beats))
  `CW_ASSERT(WholeBeats, !rd_valid_i || rd_i.addr[BeatLog2-1:0] == '0)
  `CW_ASSERT(AnswerHasRoom, !r_valid_i || r_ready_o)
  `CW_ASSERT(RoomInRange, 32'(room_q) <= Beats)
  `CW_ASSERT_HELD(ArHeld, ar_valid_o, ar_ready_i, ar_o)
  `CW_ASSERT_HELD(BeatHeld, beat_valid_o, beat_ready_i || flush_i, {beat_data_o, beat_error_o})

endmodule
