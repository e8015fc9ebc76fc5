// SPDX-License-Identifier: Apache-2.0
//
// Keeps the books of the entry that each channel has begun, and closes it, once, at most one entry
// per clock: with its last chunk, with what refuses or fails one of its descriptors, or with a stop
// wherever that finds it. After a refusal or failure the channel is blocked until it is stopped.
// Spec: docs/dma.md, "Entries", "Stopping".
`include "cw_assert.svh"
module cw_dma_close
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  localparam int unsigned ChanW    = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                  clk_i,
  input  logic                  rst_i,

  // A descriptor is taken: the entry is begun
  input  logic                  taken_valid_i,
  input  chan_t                 taken_chan_i,
  input  logic [15:0]           taken_head_i,   // for the record, if the entry ends with it
  input  dma_error_e            taken_error_i,  // refused, unless DmaOk

  // Transfers under way; nothing in a clock with hold_o
  input  step_t                 step_i,
  input  logic                  step_valid_i,
  output logic                  hold_o,

  // Channels
  input  logic   [Channels-1:0] stop_i,
  output logic   [Channels-1:0] begun_o,        // an entry is begun and not closed
  output logic   [Channels-1:0] pass_o,         // S2h: its packet has ended
  output logic   [Channels-1:0] blocked_o,      // takes no descriptor
  output entry_t [Channels-1:0] entry_o,        // the one begun, or the next; goes on over restarts
  output logic   [Channels-1:0] refused_o,      // pulse: the entry has an error of its own

  // Entries closed
  output close_t                close_o,
  output logic                  close_valid_o
);

  logic       [Channels-1:0] begun_q, begun_d, cut_q, cut_d, blocked_q, blocked_d;
  logic       [Channels-1:0] used_q, used_d, pass_q, pass_d, refused_q, refused_d;
  entry_t     [Channels-1:0] entry_q, entry_d;
  dma_error_e [Channels-1:0] why_q, why_d;  // of cut_q: the entry is to be closed
  close_t                    close_q, close_d;
  logic                      close_valid_q, close_valid_d;

  // No reset: counts with used_q, infos with pass_q, heads with begun_q.
  (* ram_style = "auto" *) logic [9:0]  chunks_q [Channels];
  (* ram_style = "auto" *) logic [15:0] info_q   [Channels];
  (* ram_style = "auto" *) logic [15:0] head_q   [Channels];

  logic [Channels-1:0] taken, stepped, closing;  // one-hot or none
  logic [ChanW-1:0]    at, taken_at;             // at: that is closing or has stepped
  logic [9:0]          chunks;
  logic                ends;

  assign hold_o   = cut_q != '0;
  assign taken_at = ChanW'(taken_chan_i);
  assign ends     = step_valid_i && step_i.over && step_i.last;
  assign chunks   = (used_q[at] ? chunks_q[at] : '0) + 10'(step_valid_i && step_i.chunk);

  always_comb begin
    at = ChanW'(step_i.chan);
    for (int unsigned c = 0; c < Channels; c++) if (cut_q[c]) at = ChanW'(c);
    for (int unsigned c = 0; c < Channels; c++) begin
      taken[c]   = taken_valid_i && taken_chan_i == chan_t'(c);
      stepped[c] = step_valid_i && at == ChanW'(c);
      closing[c] = (hold_o || ends) && at == ChanW'(c);
    end
  end

  assign close_valid_d = hold_o || ends;
  assign close_d = '{chan:        chan_t'(at),
                     entry:       entry_q[at],
                     chunks:      chunks,
                     error:       hold_o ? why_q[at] : DmaOk,
                     head:        taken[at] ? taken_head_i : head_q[at],
                     packet_end:  pass_q[at] || (step_valid_i && step_i.packet_end),
                     packet_info: pass_q[at] ? info_q[at]
                         : step_valid_i && step_i.packet_end ? step_i.packet_info : '0};

  // A stop closes what nothing else does in the same clock: neither descriptors nor chunks of a
  // channel go on beside it.
  always_comb begin
    begun_d   = (begun_q | taken) & ~closing;
    cut_d     = cut_q & ~closing;
    used_d    = used_q & ~closing;
    pass_d    = pass_q & ~closing;
    blocked_d = blocked_q & ~stop_i;
    refused_d = '0;
    why_d     = why_q;
    entry_d   = entry_q;
    for (int unsigned c = 0; c < Channels; c++) begin
      if (closing[c]) entry_d[c] = entry_q[c] + 4'd1;
      if (stepped[c] && !closing[c]) begin
        used_d[c] = used_q[c] || step_i.chunk;
        pass_d[c] = pass_q[c] || step_i.packet_end;
      end
      if (taken[c] && taken_error_i != DmaOk) begin
        refused_d[c] = 1'b1;
        why_d[c]     = taken_error_i;
      end
      if (stepped[c] && step_i.error != DmaOk) begin
        refused_d[c] = 1'b1;
        why_d[c]     = step_i.error;
      end
      if (refused_d[c]) {cut_d[c], blocked_d[c]} = 2'b11;
      if (stop_i[c] && begun_q[c] && !cut_q[c]) begin
        cut_d[c] = 1'b1;
        why_d[c] = DmaAborted;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      begun_q       <= '0;
      cut_q         <= '0;
      used_q        <= '0;
      pass_q        <= '0;
      blocked_q     <= '0;
      refused_q     <= '0;
      entry_q       <= '0;
      close_valid_q <= 1'b0;
    end else begin
      begun_q       <= begun_d;
      cut_q         <= cut_d;
      used_q        <= used_d;
      pass_q        <= pass_d;
      blocked_q     <= blocked_d;
      refused_q     <= refused_d;
      entry_q       <= entry_d;
      close_valid_q <= close_valid_d;
    end
  end

  // No reset: meaningful only with cut_q and close_valid_q.
  always_ff @(posedge clk_i) begin
    why_q   <= why_d;
    close_q <= close_d;
  end

  always_ff @(posedge clk_i) begin
    if (step_valid_i) chunks_q[at] <= chunks;
    if (step_valid_i && step_i.packet_end) info_q[at] <= step_i.packet_info;
    if (taken_valid_i) head_q[taken_at] <= taken_head_i;
  end

  assign begun_o       = begun_q;
  assign pass_o        = pass_q;
  assign blocked_o     = cut_q | blocked_q;
  assign entry_o       = entry_q;
  assign refused_o     = refused_q;
  assign close_o       = close_q;
  assign close_valid_o = close_valid_q;

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(NoStepWhileHeld, !(hold_o && step_valid_i))
  `CW_ASSERT(StepOfAnEntry, !step_valid_i || ((begun_q | taken) & stepped) != '0)
  `CW_ASSERT(TakenNotBlocked, (taken & (blocked_o | stop_i)) == '0)
  `CW_ASSERT(StepNotStopped, (stepped & (blocked_o | stop_i)) == '0)
  `CW_ASSERT(CutOnlyWhatIsBegun, (cut_q & ~begun_q) == '0)
  `CW_ASSERT(ClosedOnlyWhatIsBegun, (closing & ~(begun_q | taken)) == '0)

endmodule
