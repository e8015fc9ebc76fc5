// SPDX-License-Identifier: Apache-2.0
//
// The card reads no descriptor that no doorbell gave it, each once, in ring order, from its place
// in the ring. A doorbell beyond the ring, one that takes back, and one while disabled change no
// index and halt the channel; a halted channel reads nothing until it is restarted at rest.
// Indices are kept here as the driver keeps them. Spec: docs/dma.md, "Rings", "Stopping".
`include "cw_fv.svh"
module cw_dma_queues_fv
  import cw_dma_pkg::*;
#(
  parameter int unsigned Channels  = 2,
  parameter int unsigned DescSlots = 32
) (
  input logic                    clk_i,
  input logic                    rst_i,
  input dma_ctl_t [Channels-1:0] ctl_i,
  input logic [2:0]              max_read_i,
  input logic [Channels-1:0]     open_i,
  input logic [Channels-1:0]     rest_i,
  input logic [Channels-1:0]     halt_i,
  input chan_t                   retired_chan_i,
  input logic [15:0]             retired_head_i,
  input logic                    retired_valid_i,
  input logic [Channels-1:0]     room_i,
  input logic                    batch_ready_i,
  input logic [0:0]              chan_i           // the channel that is followed
);

  logic [Channels-1:0]       halted, bad_doorbell, restart, rings;
  logic [Channels-1:0][15:0] head;
  batch_t                    batch;
  logic                      batch_valid;

  cw_dma_queues #(.Channels(Channels), .DescSlots(DescSlots)) u_dut (
    .clk_i,
    .rst_i,
    .ctl_i,
    .max_read_i,
    .halted_o       (halted),
    .bad_doorbell_o (bad_doorbell),
    .restart_o      (restart),
    .open_i,
    .rest_i,
    .halt_i,
    .retired_chan_i,
    .retired_head_i,
    .retired_valid_i,
    .head_o         (head),
    .room_i,
    .batch_o        (batch),
    .batch_valid_o  (batch_valid),
    .batch_ready_i
  );

  always_comb for (int unsigned c = 0; c < Channels; c++) rings[c] = ctl_i[c].tail_write;

  `CW_FV_RESET
  `CW_ASSUME(OneRegisterAtATime, $onehot0(rings))
  `CW_ASSUME(RetiresAChannel, !retired_valid_i || 32'(retired_chan_i) < Channels)

  `CW_ASSERT(BatchOfAChannel, !batch_valid || 32'(batch.chan) < Channels)
  `CW_ASSERT(BatchInItsPage, !batch_valid
      || 13'(batch.iova[11:0]) + 13'(batch.count) * 13'd32 <= 13'd4096)
  `CW_ASSERT(BatchInTheLimit, !batch_valid || max_read_i > 3'd5
      || 16'(batch.count) * 16'd32 <= 16'd128 << max_read_i)
  `CW_ASSERT(BatchHasRoom, !batch_valid || 32'(batch.count) <= DescSlots)

  // ---- One channel, whichever the prover picks

  dma_ctl_t    ctl;
  logic [15:0] given_q, retired_q, read_q;  // the driver's tail, the card's head, what is read
  logic [15:0] size, owned, unread, claimed, slot;
  logic        halted_q, rung, good, placed, offered, retires;

  assign ctl     = ctl_i[chan_i];
  assign size    = 16'd1 << ctl.ring_log2;
  assign owned   = given_q - retired_q;
  assign unread  = given_q - read_q;
  assign claimed = ctl.tail - retired_q;
  assign slot    = read_q & (size - 16'd1);
  assign rung    = ctl.tail_write && !halted_q;
  assign placed  = 65'(ctl.ring_iova) + {44'd0, size, 5'd0} <= {1'b1, 64'd0}
                   && 65'(ctl.record_iova) + {45'd0, size, 4'd0} <= {1'b1, 64'd0};
  assign good    = ctl.enable && claimed <= size && claimed >= owned && placed;
  assign offered = batch_valid && batch.chan == chan_t'(chan_i);
  assign retires = retired_valid_i && retired_chan_i == chan_t'(chan_i);

  always_ff @(posedge clk_i) begin
    if (rst_i || restart[chan_i]) begin
      {given_q, retired_q, read_q} <= '0;
      halted_q <= 1'b0;
    end else begin
      if (rung && good) given_q <= ctl.tail;
      if (retires) retired_q <= retired_head_i;
      if (offered && batch_ready_i) read_q <= read_q + 16'(batch.count);
      halted_q <= halted_q || halt_i[chan_i] || ctl.abort_all || (rung && !good);
    end
  end

  // RING and SIZE change only behind a restart (docs/dma.md, "Starting a channel").
  `CW_ASSUME(FollowsOne, 32'(chan_i) < Channels && (!started_q || $stable(chan_i)))
  `CW_ASSUME(SizeIsLegal, ctl.ring_log2 != '0)
  `CW_ASSUME(RingIsAligned, ctl.ring_iova[4:0] == '0 && ctl.record_iova[3:0] == '0)
  `CW_ASSUME(RingStays, !started_q || (given_q | retired_q | read_q) == '0
      || $stable({ctl.ring_iova, ctl.record_iova, ctl.ring_log2}))
  `CW_ASSUME(OneRegister, !(ctl.tail_write && ctl.restart))
  `CW_ASSUME(RetiresWhatIsRead, !retires
      || 16'(retired_head_i - retired_q) <= 16'(read_q - retired_q))
  `CW_ASSUME(RestIsRest, !rest_i[chan_i] || (!open_i[chan_i] && !retires))

  `CW_ASSERT(RestartedAtRest, restart[chan_i]
      == (ctl.restart && !ctl.enable && rest_i[chan_i]))
  `CW_ASSERT(NeverMoreThanTheRing, owned <= size)
  `CW_ASSERT(NeverMoreThanGiven, 16'(read_q - retired_q) <= owned)
  `CW_ASSERT(HeadIsWhatIsRetired, head[chan_i] == retired_q)
  `CW_ASSERT(BadDoorbellIsTold, bad_doorbell[chan_i] == (rung && !good))
  `CW_ASSERT(HaltsUntilRestart, halted[chan_i] == halted_q)
  `CW_ASSERT(HaltedReadsNothing, !offered || !halted_q)
  `CW_ASSERT(DisabledBeginsNothing, !offered || ctl.enable || open_i[chan_i])
  `CW_ASSERT(ReadsOnlyGiven, !offered || (batch.count != '0 && 16'(batch.count) <= unread))
  `CW_ASSERT(ReadsInOrder, !offered || batch.index == read_q)
  `CW_ASSERT(ReadsFromItsPlace, !offered || batch.iova == ctl.ring_iova + {43'd0, slot, 5'd0})
  `CW_ASSERT(NothingBeyondTheLast, !offered || batch.iova >= ctl.ring_iova)
  `CW_ASSERT(BatchInsideTheRing, !offered || 17'(slot) + 17'(batch.count) <= 17'(size))

  // What makes the proof inductive.
  `CW_ASSERT(WhatIsGivenIsPlaced, (given_q | retired_q | read_q) == '0 || placed)
  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    `CW_ASSERT(IndicesAgree, 32'(chan_i) != c || (u_dut.gen_ring[c].u_ring.tail_q == given_q
        && u_dut.gen_ring[c].u_ring.next_q == read_q))
  end

endmodule
