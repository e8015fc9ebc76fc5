// SPDX-License-Identifier: Apache-2.0
//
// Each entry that a channel has begun is closed once: with its last chunk, or soon after one of its
// descriptors was refused or failed, or after a stop, as what its own descriptors and chunks say.
// One channel, whichever the prover picks, is followed. No entry begins before the one before it is
// closed; while one is held for closing nothing is issued.
// Spec: docs/dma.md, "Entries", "Stopping".
`include "cw_fv.svh"
module cw_dma_close_fv
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 2,
  localparam int unsigned ChanW    = $clog2(Channels)
) (
  input logic                clk_i,
  input logic                rst_i,
  input logic                taken_valid_i,
  input chan_t               taken_chan_i,
  input logic [15:0]         taken_head_i,
  input dma_error_e          taken_error_i,
  input logic                taken_last_i,   // of its entry
  input step_t               step_i,
  input logic                step_valid_i,
  input logic [Channels-1:0] stop_i,
  input logic [ChanW-1:0]    chan_i          // the channel that is followed
);

  logic                  hold, close_valid;
  logic   [Channels-1:0] begun, pass, blocked, refused;
  entry_t [Channels-1:0] entry;
  close_t                close;

  cw_dma_close #(.Channels(Channels)) u_dut (
    .clk_i,
    .rst_i,
    .taken_valid_i,
    .taken_chan_i,
    .taken_head_i,
    .taken_error_i,
    .step_i,
    .step_valid_i,
    .hold_o        (hold),
    .stop_i,
    .begun_o       (begun),
    .pass_o        (pass),
    .blocked_o     (blocked),
    .entry_o       (entry),
    .refused_o     (refused),
    .close_o       (close),
    .close_valid_o (close_valid)
  );

  // ---- The environment keeps to the ports: each channel's descriptors and chunks by themselves

  logic [Channels-1:0] last_q;  // the entry's last descriptor has been taken

  `CW_FV_RESET
  `CW_ASSUME(FollowsOne, 32'(chan_i) < Channels && (!started_q || $stable(chan_i)))
  `CW_ASSUME(TakenOfAChannel, !taken_valid_i || 32'(taken_chan_i) < Channels)
  `CW_ASSUME(StepOfAChannel, !step_valid_i || (32'(step_i.chan) < Channels && !hold))
  `CW_ASSUME(EitherFailsOrGoesOn, !step_valid_i || step_i.error == DmaOk
      || !(step_i.chunk || step_i.over || step_i.packet_end))

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    logic takes, steps, ends;
    assign takes = taken_valid_i && taken_chan_i == chan_t'(c);
    assign steps = step_valid_i && step_i.chan == chan_t'(c);
    assign ends  = steps && step_i.over && step_i.last;

    always_ff @(posedge clk_i) begin
      if (rst_i)      last_q[c] <= 1'b0;
      else if (takes) last_q[c] <= taken_last_i;
    end

    `CW_ASSUME(TakesWhereItMay, !takes || !(blocked[c] || stop_i[c] || (begun[c] && last_q[c])))
    `CW_ASSUME(StepsWhereItMay, !steps || !(blocked[c] || stop_i[c] || !(begun[c] || takes)))
    `CW_ASSUME(OnePacketAnEntry, !steps || !(begun[c] && pass[c])
        || !(step_i.chunk || step_i.packet_end))
    `CW_ASSUME(EndsWithItsLast, !ends || (takes ? taken_last_i && taken_error_i == DmaOk
                                                : last_q[c]))
  end

  // ---- What the channel's entry has come to, by what was seen on the ports

  logic        takes, steps, fresh, ends, fails;
  logic        open_q, ended_q;          // before this clock; with its last chunk
  logic        due_q;                    // it is to be closed early
  dma_error_e  why_q;
  logic [9:0]  chunks_q;
  logic [15:0] head_q, info_q;
  logic        packet_end_q;
  entry_t      entry_q;
  logic        closed;                   // since then
  logic [1:0]  waits_q;

  assign takes  = taken_valid_i && taken_chan_i == chan_t'(chan_i);
  assign steps  = step_valid_i && step_i.chan == chan_t'(chan_i);
  assign fresh  = takes && !begun[chan_i];
  assign ends   = steps && step_i.over && step_i.last;
  assign fails  = (takes && taken_error_i != DmaOk) || (steps && step_i.error != DmaOk);
  assign closed = open_q && !begun[chan_i];

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      open_q  <= 1'b0;
      ended_q <= 1'b0;
      due_q   <= 1'b0;
      entry_q <= '0;
      waits_q <= '0;
    end else begin
      open_q  <= begun[chan_i] || takes;
      ended_q <= ends;
      due_q   <= (due_q && !closed) || fails || (stop_i[chan_i] && begun[chan_i]);
      waits_q <= due_q && !closed ? waits_q + 1'b1 : '0;
      if (closed) entry_q <= entry_q + 1'b1;
    end
    if (!due_q || closed)
      why_q <= steps && step_i.error != DmaOk ? step_i.error
             : takes && taken_error_i != DmaOk ? taken_error_i : DmaAborted;
    if (takes) head_q <= taken_head_i;
    if (fresh || steps) begin
      chunks_q <= (fresh ? '0 : chunks_q) + 10'(steps && step_i.chunk);
      if (fresh || !packet_end_q) begin
        packet_end_q <= steps && step_i.packet_end;
        info_q       <= steps && step_i.packet_end ? step_i.packet_info : '0;
      end
    end
  end

  logic told;
  assign told = close_valid && close.chan == chan_t'(chan_i);

  `CW_ASSERT(ClosedOnce, told == closed)
  `CW_ASSERT(ClosedForAReason, !closed || ended_q || due_q)
  `CW_ASSERT(ClosedWithItsLastChunk, !ended_q || closed)
  `CW_ASSERT(ClosedSoon, waits_q < 2'd2 || (waits_q == 2'd2 && closed))
  `CW_ASSERT(InOrder, !told || close.entry == entry_q)
  `CW_ASSERT(FirstErrorIsTold, !told || close.error == (ended_q ? DmaOk : why_q))
  `CW_ASSERT(AllChunksCount, !told || close.chunks == chunks_q)
  `CW_ASSERT(HeadIsBehindItsLast, !told || close.head == head_q)
  `CW_ASSERT(PacketEndIsTold, !told
      || (close.packet_end == packet_end_q && close.packet_info == info_q))
  `CW_ASSERT(PassesBehindThePacket, !begun[chan_i] || pass[chan_i] == packet_end_q)
  `CW_ASSERT(BlockedUntilClosed, !due_q || closed || blocked[chan_i])

  // ---- What makes the proof inductive

  `CW_ASSERT(OpenIsBegun, open_q || !begun[chan_i])
  `CW_ASSERT(DueIsCut, u_dut.cut_q[chan_i] == (due_q && !closed))
  `CW_ASSERT(OtherWentBefore, waits_q == '0 || closed
      || u_dut.cut_q == Channels'(1) << chan_i)
  `CW_ASSERT(DueIsOpen, !due_q || open_q)
  `CW_ASSERT(NumberIsKept, entry[chan_i] == entry_q + 4'(closed))
  `CW_ASSERT(WhyIsKept, !u_dut.cut_q[chan_i] || u_dut.why_q[chan_i] == why_q)
  `CW_ASSERT(NothingOfTheOneBefore, begun[chan_i]
      || !(u_dut.used_q[chan_i] || u_dut.pass_q[chan_i]))
  `CW_ASSERT(BooksAgree, !begun[chan_i]
      || ((u_dut.used_q[chan_i] ? u_dut.chunks_q[chan_i] : '0) == chunks_q
          && u_dut.head_q[chan_i] == head_q
          && (packet_end_q ? u_dut.info_q[chan_i] : '0) == info_q))

endmodule
