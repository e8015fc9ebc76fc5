// SPDX-License-Identifier: Apache-2.0
//
// Entries of a channel end in the order in which they began, each once, when it is closed and every
// chunk that was issued for it has landed; then its record leaves, unless it is quiet, with all
// bytes that landed and the first error; then `head` moves, then its event is raised. Behind the
// first record with an error no other of the channel is without until a restart; the other channel
// changes nothing of it. Followed are all entries of one number in one channel, whichever the
// prover picks, whatever the others are.
// Spec: docs/dma.md, "What is ordered", "Rings", "Stopping".
`include "cw_fv.svh"
module cw_dma_retire_fv
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter int unsigned W        = 128,
  parameter int unsigned Channels = 2
) (
  input logic                    clk_i,
  input logic                    rst_i,
  input dma_ctl_t [Channels-1:0] ctl_i,
  input logic     [Channels-1:0] restart_i,
  input open_t                   open_i,
  input logic                    open_valid_i,
  input close_t                  close_i,
  input logic                    close_valid_i,
  input landed_t                 landed_i,
  input logic                    landed_valid_i,
  input logic                    wr_ready_i,
  input logic                    issue_i,       // a chunk of the followed entry is issued
  input logic                    chan_i,        // what is followed: the channel,
  input entry_t                  entry_i        // the entries of this number
);

  logic [Channels-1:0] room, idle, failed, entry_error;
  chan_t               retired_chan, event_chan;
  logic [15:0]         retired_head;
  logic                retired_valid, event_valid, wr_valid;
  wr_beat_t            wr_beat;
  logic [W-1:0]        wr_data;

  cw_dma_retire #(.W(W), .Channels(Channels)) u_dut (
    .clk_i,
    .rst_i,
    .ctl_i,
    .restart_i,
    .room_o          (room),
    .idle_o          (idle),
    .failed_o        (failed),
    .entry_error_o   (entry_error),
    .open_i,
    .open_valid_i,
    .close_i,
    .close_valid_i,
    .landed_i,
    .landed_valid_i,
    .retired_chan_o  (retired_chan),
    .retired_head_o  (retired_head),
    .retired_valid_o (retired_valid),
    .event_chan_o    (event_chan),
    .event_valid_o   (event_valid),
    .wr_beat_o       (wr_beat),
    .wr_data_o       (wr_data),
    .wr_valid_o      (wr_valid),
    .wr_ready_i
  );

  typedef logic [4:0] count_t;

  // ---- The environment keeps to the ports

  entry_t [Channels-1:0] next_q;  // number of the entry that begins next

  `CW_FV_RESET
  `CW_ASSUME(FollowsOne, !started_q || $stable({chan_i, entry_i}))
  `CW_ASSUME(BuiltChannels, (!open_valid_i || 32'(open_i.chan) < Channels)
      && (!close_valid_i || 32'(close_i.chan) < Channels)
      && (!landed_valid_i || 32'(landed_i.chan) < Channels))

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    logic begins;
    assign begins = open_valid_i && open_i.chan == chan_t'(c);

    always_ff @(posedge clk_i) begin
      if (rst_i)       next_q[c] <= '0;
      else if (begins) next_q[c] <= next_q[c] + 1'b1;
    end

    `CW_ASSUME(BeginsInTurn, !begins || (room[c] && open_i.entry == next_q[c]))
    `CW_ASSUME(RestartsAtRest, !restart_i[c] || (idle[c] && !begins))
    `CW_ASSUME(RingStays, !started_q || $past(idle[c])
        || $stable({ctl_i[c].record_iova, ctl_i[c].ring_log2}))
    `CW_ASSERT(NumbersAgree, next_q[c] == u_dut.oldest_q[c] + entry_t'(u_dut.open_q[c])
        && u_dut.open_q[c] <= count_t'(Entries))
  end

  // ---- What is seen of the followed entries

  logic         begins, own_begins, own_closes, own_lands, ends, retires, own_ends;
  logic         inside_q, closed_q;           // the entry has begun and not ended; gets no more
  logic [9:0]   issued_q, flight_q, flight;   // its chunks, and those that have not landed
  ended_t       entry_q;                      // what is to be told of it
  logic         before_valid_q;               // the one of this number before has not ended
  ended_t       before_q;
  count_t       open_q;                       // entries of the channel that have not ended
  entry_t       gone_q;                       // number of the first of them
  logic         halted_q;                     // there was a record with an error
  logic [15:0]  records_q;                    // since the restart
  ended_t       told;                         // what is to be told of the one that ends
  record_t      record;

  assign begins     = open_valid_i && open_i.chan == chan_t'(chan_i);
  assign own_begins = begins && open_i.entry == entry_i;
  assign own_closes = close_valid_i && close_i.chan == chan_t'(chan_i)
                   && close_i.entry == entry_i;
  assign own_lands  = landed_valid_i && landed_i.chan == chan_t'(chan_i)
                   && landed_i.entry == entry_i;
  assign ends       = own_lands && landed_i.ends;
  assign retires    = retired_valid && retired_chan == chan_t'(chan_i);
  assign own_ends   = retires && gone_q == entry_i;
  assign flight     = flight_q + 10'(issue_i) - 10'(ends);

  `CW_ASSUME(IssuesUntilClosed, !issue_i || (inside_q && !closed_q && !own_closes))
  `CW_ASSUME(FlightHasABound, !issue_i || flight_q != '1)
  `CW_ASSUME(LandsWhatIsIssued, !own_lands || (inside_q && flight_q != '0))
  `CW_ASSUME(ClosesOnce, !own_closes || (inside_q && !closed_q && close_i.chunks == issued_q))

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      {inside_q, before_valid_q, halted_q} <= '0;
      {open_q, gone_q, records_q}          <= '0;
    end else begin
      inside_q       <= own_begins || (inside_q && !(own_ends && !before_valid_q));
      before_valid_q <= (before_valid_q || (own_begins && inside_q)) && !own_ends;
      open_q         <= open_q + count_t'(begins) - count_t'(retires);
      gone_q         <= gone_q + entry_t'(retires);
      halted_q       <= (halted_q && !restart_i[chan_i]) || entry_error[chan_i];
      records_q      <= restart_i[chan_i] ? '0
                      : records_q + 16'(retires && wr_valid);
    end
    if (own_begins) begin
      before_q <= entry_q;
      closed_q <= 1'b0;
      issued_q <= '0;
      flight_q <= '0;
      entry_q  <= '{tag: open_i.tag, irq: open_i.irq, quiet: open_i.quiet, error: DmaOk,
                    default: '0};
    end else begin
      issued_q <= issued_q + 10'(issue_i);
      flight_q <= flight;
      if (own_lands) entry_q.bytes <= entry_q.bytes + EntryBytesW'(landed_i.bytes);
      if (own_closes) begin
        closed_q            <= 1'b1;
        entry_q.head        <= close_i.head;
        entry_q.packet_end  <= close_i.packet_end;
        entry_q.packet_info <= close_i.packet_info;
      end
      if (entry_q.error == DmaOk)
        entry_q.error <= own_closes && close_i.error != DmaOk ? close_i.error
                       : own_lands ? landed_i.error : DmaOk;
    end
  end

  function automatic ended_t told_of(ended_t entry, logic halted);
    told_of = entry;
    if (entry.error == DmaOk && halted) told_of.error = DmaAborted;
  endfunction

  assign told = told_of(before_valid_q ? before_q : entry_q, halted_q);

  // ---- Ended once, in order, when all has landed

  logic writes, own_writes, written, recorded, wants_event, own_ended_q, event_due_q;

  assign writes      = wr_valid && retired_chan == chan_t'(chan_i);
  assign own_writes  = writes && gone_q == entry_i;
  assign written     = wr_valid && wr_ready_i && wr_beat.eop;
  assign recorded    = !told.quiet || told.error != DmaOk;
  assign wants_event = told.irq || told.error != DmaOk;

  always_ff @(posedge clk_i) begin
    own_ended_q <= !rst_i && own_ends;
    event_due_q <= !rst_i && own_ends && wants_event;
  end

  `CW_ASSERT(EndsWhatHasBegun, !(retires || writes) || open_q != '0)
  `CW_ASSERT(FollowedIsThere, !(own_ends || own_writes) || inside_q)
  `CW_ASSERT(RecordWhenAllHasLanded, !(own_ends || own_writes) || before_valid_q
      || (closed_q && flight_q == '0))
  `CW_ASSERT(NumberComesAgainWhenAllHasLanded, !(own_begins && inside_q)
      || (closed_q && flight_q == '0))
  `CW_ASSERT(HeadIsItsOwn, !own_ends || retired_head == told.head)
  `CW_ASSERT(RecordIfAnyIsWanted, !own_ends || wr_valid == recorded)
  `CW_ASSERT(RecordBeforeHead, written == (retired_valid && wr_valid))
  `CW_ASSERT(EventBehindTheHead, !own_ended_q || event_valid == event_due_q)
  `CW_ASSERT(EventOfAnEntry, !event_valid
      || ($past(retired_valid) && event_chan == $past(retired_chan)))
  `CW_ASSERT(ErrorIsTold, !own_ends || entry_error[chan_i] == (told.error != DmaOk))
  `CW_ASSERT(ErrorOfAnEntry, !entry_error[chan_i] || retires)
  `CW_ASSERT(IdleIsNothingOpen, idle[chan_i] == (open_q == '0))
  `CW_ASSERT(RoomForAll, room[chan_i] || open_q >= count_t'(Entries))

  // ---- The record: what it says, and where

  localparam int unsigned Beats = W / 8 < RecordBytes ? 2 : 1;
  logic second_q;

  always_ff @(posedge clk_i) begin
    if (rst_i)                       second_q <= 1'b0;
    else if (wr_valid && wr_ready_i) second_q <= Beats == 2 && !second_q;
  end

  always_comb begin
    record             = '0;
    record.phase       = !records_q[ctl_i[chan_i].ring_log2];
    record.packet_end  = told.packet_end;
    record.error       = told.error;
    record.head        = told.head;
    record.tag         = told.tag;
    record.packet_info = told.packet_info;
    record.bytes_done  = 64'(told.bytes);
  end

  logic [14:0] place;
  assign place = 15'(records_q & 16'((17'd1 << ctl_i[chan_i].ring_log2) - 17'd1));

  `CW_ASSERT(RecordSaysWhatLanded, !own_writes
      || wr_data == (second_q ? W'(record >> W) : W'(record)))
  `CW_ASSERT(RecordsOneBehindTheOther, !writes
      || wr_beat.iova == ctl_i[chan_i].record_iova + {45'd0, place, 4'd0})
  `CW_ASSERT(RecordIsAPacket, !wr_valid || (wr_beat.bytes == 13'(RecordBytes)
      && wr_beat.sop == !second_q && wr_beat.eop == (Beats == 1 || second_q)))

  // ---- An error is told at once, of its channel alone

  logic [1:0] fails_q;
  always_ff @(posedge clk_i) begin
    fails_q[0] <= !rst_i && landed_valid_i && landed_i.chan == chan_t'(chan_i)
               && landed_i.error != DmaOk;
    fails_q[1] <= !rst_i && (fails_q[0] || (close_valid_i && close_i.chan == chan_t'(chan_i)
               && close_i.error != DmaOk));
  end
  `CW_ASSERT(ErrorHaltsItsChannelAlone, failed[chan_i] == fails_q[1])

  // ---- What makes the proof inductive: where in the design it all is

  logic        told_here, told_own, booked, pending, marked;
  logic [4:0]  slot;
  entry_t      ahead;
  ended_t      look;  // what the books say of the followed entry, and what is on its way there
  logic [9:0]  come_chunks;
  logic [EntryBytesW+17:0] come;
  dma_error_e  come_error, shut_error;

  assign slot      = {chan_i, entry_i};
  assign told_here = u_dut.told_valid_q && u_dut.told_chan_q == chan_i;
  assign told_own  = told_here && gone_q == entry_i;
  assign ahead     = entry_i - u_dut.oldest_q[chan_i];
  assign booked    = count_t'(ahead) < u_dut.open_q[chan_i];
  assign pending   = u_dut.landed_valid_q && u_dut.landed_q.chan == chan_t'(chan_i)
                  && u_dut.landed_q.entry == entry_i;
  assign marked    = u_dut.u_books.begun_shut_q[slot] == u_dut.u_books.shut_mark_q[slot];
  assign come      = u_dut.u_books.begun_come_q[slot] == u_dut.u_books.come_mark_q[slot]
                   ? u_dut.u_books.come_q[slot] : '0;
  assign {look.bytes, come_chunks, come_error} = come;
  assign {shut_error, look.head, look.packet_end, look.packet_info} =
      41'(u_dut.u_books.shut_q[slot] >> 10);
  assign {look.tag, look.irq, look.quiet} = u_dut.u_books.begun_q[slot];
  assign look.error = come_error != DmaOk ? come_error
                    : marked && shut_error != DmaOk ? shut_error
                    : pending ? u_dut.landed_q.error : DmaOk;

  `CW_ASSERT(AllAreCounted, open_q == u_dut.open_q[chan_i] + count_t'(told_here)
      && gone_q == u_dut.oldest_q[chan_i] - entry_t'(told_here))
  `CW_ASSERT(FollowedIsSomewhere, inside_q == (booked || told_own)
      && before_valid_q == (booked && told_own))
  `CW_ASSERT(ToldHasAllLanded, !told_own || booked || (closed_q && flight_q == '0))
  `CW_ASSERT(ToldIsKept, !told_own || u_dut.told_q == told)
  `CW_ASSERT(PendingIsOpen, !pending
      || (booked && (u_dut.landed_q.ends || flight_q != '0)))
  `CW_ASSERT(BooksKnowTheClose, !booked || (marked == closed_q
      && (!closed_q || (10'(u_dut.u_books.shut_q[slot]) == issued_q
          && u_dut.u_books.shut_bad_q[slot] == (shut_error != DmaOk)
          && look.head == entry_q.head && look.packet_end == entry_q.packet_end
          && look.packet_info == entry_q.packet_info))))
  `CW_ASSERT(BooksKnowTheBegin, !booked || (look.tag == entry_q.tag
      && look.irq == entry_q.irq && look.quiet == entry_q.quiet))
  `CW_ASSERT(BooksCountChunks, !booked
      || come_chunks + 10'(pending && u_dut.landed_q.ends) == issued_q - flight_q)
  `CW_ASSERT(BooksCountBytes, !booked || entry_q.bytes
      == look.bytes + (pending ? EntryBytesW'(u_dut.landed_q.bytes) : '0))
  `CW_ASSERT(BooksKnowTheError, !booked || entry_q.error == look.error)
  `CW_ASSERT(NothingMoreBehindTheLast, !booked || !closed_q || !pending
      || !u_dut.landed_q.ends || flight_q != '1)
  `CW_ASSERT(FailureOnItsWay, fails_q[0] == (u_dut.landed_valid_q
      && u_dut.landed_q.chan == chan_t'(chan_i) && u_dut.landed_q.error != DmaOk))
  `CW_ASSERT(HaltIsKnown, u_dut.halted_q[chan_i]
      == (halted_q || (told_here && u_dut.told_q.error != DmaOk)))
  `CW_ASSERT(PlaceIsKnown, records_q
      == (u_dut.fresh_q[chan_i] ? '0 : u_dut.placed_q[chan_i]))
  `CW_ASSERT(BeatsAgree, second_q == u_dut.second_q && (!second_q || wr_valid))

  // ---- The first of a channel, once all has landed, waits for its turn: whenever records are
  // taken, three of the other channel go before it at most, and as many clocks without any

  logic       ready, looked;
  logic [2:0] others_q, unused_q;

  assign looked = u_dut.look_valid_q && u_dut.look_q == chan_i;
  assign ready  = booked && ahead == '0 && closed_q && flight_q == '0 && !pending;

  always_ff @(posedge clk_i) begin
    others_q <= rst_i || !ready ? '0 : others_q + 3'(retired_valid && !retires);
    unused_q <= rst_i || !ready ? '0 : unused_q + 3'(!u_dut.told_valid_q);
  end
  `CW_ASSERT(WaitsForItsTurn, !ready || (others_q <= 3'd3 && unused_q <= 3'd3))
  `CW_ASSERT(LooksInVainOnly, u_dut.hint_q[chan_i]
      || !(looked && u_dut.open_q[chan_i] != '0 && u_dut.ended_valid))
  `CW_ASSERT(NoTurnIsLocked, !u_dut.u_choice.locked_q)
  `CW_ASSERT(NeverForgotten, !ready || u_dut.hint_q[chan_i])
  `CW_ASSERT(EachOtherIsOneLess, !ready || others_q + 3'(u_dut.told_valid_q && !told_here)
      + (looked ? 3'd0 : 3'(u_dut.look_valid_q) + 3'(u_dut.choice != chan_i)) <= 3'd3)
  `CW_ASSERT(EachClockIsOneLess, !ready
      || unused_q + (looked ? 3'd1 : u_dut.choice == chan_i ? 3'd2 : 3'd3) <= 3'd3)

endmodule
