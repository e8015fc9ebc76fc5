// SPDX-License-Identifier: Apache-2.0
//
// Each descriptor of a ring is presented in ring order until it is used, once, only when all of it
// has come, with what was read for it, whatever the order and the pieces of the answers; or as an
// error if its read failed. Nothing is read into a slot before the descriptor there has been used,
// and no more reads are under way than have a number. Behind an error nothing is presented.
// One descriptor of one channel, whichever the prover picks, is followed, by one of its dwords.
// Spec: docs/dma.md, "Rings"; PCIe Base 2.3.1.1.
`include "cw_fv.svh"
module cw_dma_fetch_fv
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W         = 64,
  parameter  int unsigned CutBytes  = 4,
  parameter  int unsigned Channels  = 2,
  localparam int unsigned DescSlots = 4,
  localparam int unsigned Reads     = 2,
  localparam int unsigned IndexW    = $clog2(DescSlots) + 1,
  localparam int unsigned Lanes     = W / 32,
  localparam int unsigned DescDw    = DescBytes / 4
) (
  input logic                     clk_i,
  input logic                     rst_i,
  input logic [Channels-1:0][3:0] ring_log2_i,
  input logic [Channels-1:0]      halted_i,
  input logic [Channels-1:0]      restart_i,
  input batch_t                   batch_i,
  input logic                     batch_valid_i,
  input logic                     rd_ready_i,
  input rd_rsp_t                  rsp_i,
  input logic [Lanes-1:0][31:0]   rsp_data_i,
  input logic                     rsp_valid_i,
  input logic [Channels-1:0]      want_i,
  input logic                     take_i,
  input logic                     pick_i,   // follow a descriptor of this batch,
  input logic                     which_i,  // this one
  input logic                     chan_i,   // of this channel,
  input logic [2:0]               dword_i,  // this dword of it,
  input logic [31:0]              value_i   // which host memory has there
);

  typedef logic [IndexW-1:0] index_t;
  typedef logic [4:0]        count_t;       // dwords of a read

  logic [Channels-1:0] busy, room;
  logic                batch_ready, rd_valid, front_valid;
  rd_req_t             rd_req;
  front_t              front;

  cw_dma_fetch #(
    .W(W), .Channels(Channels), .DescSlots(DescSlots), .CutBytes(CutBytes), .Reads(Reads)
  ) u_dut (
    .clk_i,
    .rst_i,
    .ring_log2_i,
    .halted_i,
    .restart_i,
    .busy_o        (busy),
    .room_o        (room),
    .batch_i,
    .batch_valid_i,
    .batch_ready_o (batch_ready),
    .rd_req_o      (rd_req),
    .rd_valid_o    (rd_valid),
    .rd_ready_i,
    .rsp_i,
    .rsp_data_i,
    .rsp_valid_i,
    .want_i,
    .front_o       (front),
    .front_valid_o (front_valid),
    .take_i
  );

  // ---- The channel that is followed: what it has asked for, what has come, what has been used

  logic                   restarts, issues, answer, ours, link_comes, failed;
  desc_mark_t             mark;
  logic                   read;            // of the answer
  logic [15:0]            next_q, used_q;  // descriptors of the ring asked for, and used
  logic [Reads-1:0]       owed_q, lost_q;
  index_t [Reads-1:0]     base_q;          // first descriptor
  logic [Reads-1:0][1:0]  count_q;         // descriptors
  count_t [Reads-1:0]     have_q, all;     // dwords that have come; of the read
  logic [9:0]             beat_q, left, here;
  logic                   packet_q;        // in the midst of one
  rd_rsp_t                rsp_q;           // its first beat
  logic                   link_owed_q;     // a read of linked descriptors
  logic                   shown, uses;

  assign restarts = restart_i[chan_i];
  assign issues   = batch_valid_i && batch_ready && batch_i.chan == chan_t'(chan_i);
  assign mark     = desc_mark_t'(rsp_i.mark);
  assign read     = mark.read[0];
  assign answer   = rsp_valid_i && rsp_i.client == ClientDesc;
  assign ours     = answer && !mark.linked && mark.chan == chan_t'(chan_i);
  assign link_comes = answer && mark.linked && mark.chan == chan_t'(chan_i);
  assign failed   = rsp_i.status != RdOk;
  assign left     = 10'(rsp_i.bytes >> 2) - beat_q;
  assign here     = left < 10'(Lanes) ? left : 10'(Lanes);
  assign shown    = front_valid && front.chan == chan_t'(chan_i);
  assign uses     = shown && take_i && front.error == DmaOk && !front.linked;

  always_comb for (int unsigned r = 0; r < Reads; r++) all[r] = {count_q[r], 3'b000};

  always_ff @(posedge clk_i) begin
    if (rst_i || restarts) begin
      {next_q, used_q, owed_q} <= '0;
    end else begin
      if (issues) next_q <= next_q + 16'(batch_i.count);
      if (uses)   used_q <= used_q + 16'd1;
      if (ours && rsp_i.eop && rsp_i.last) owed_q[read] <= 1'b0;
      if (issues) owed_q[u_dut.batch_read] <= 1'b1;
    end
    if (ours) begin
      have_q[read] <= have_q[read] + count_t'(here);
      lost_q[read] <= failed;
    end
    if (issues) begin
      base_q[u_dut.batch_read]  <= batch_i.index[IndexW-1:0];
      count_q[u_dut.batch_read] <= batch_i.count[1:0];
      have_q[u_dut.batch_read]  <= '0;
      lost_q[u_dut.batch_read]  <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) link_owed_q <= 1'b0;
    else if (u_dut.link_issue && u_dut.link.chan == chan_t'(chan_i)) link_owed_q <= 1'b1;
    else if (link_comes && rsp_i.eop && rsp_i.last) link_owed_q <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      packet_q <= 1'b0;
      beat_q   <= '0;
    end else if (answer) begin
      packet_q <= !rsp_i.eop;
      beat_q   <= rsp_i.eop ? '0 : beat_q + 10'(Lanes);
    end
    if (answer && rsp_i.sop) rsp_q <= rsp_i;
  end

  // ---- The environment keeps to the ports

  logic [7:0] dest;  // where the answer's packet goes, if it is ours
  logic [9:0] past;  // dwords of the read with it

  assign dest = {base_q[read], 5'd0} + 8'({have_q[read] - count_t'(beat_q), 2'b00});
  assign past = 10'(have_q[read]) + left;

  `CW_FV_RESET
  `CW_ASSUME(FollowsOne, !started_q || $stable({chan_i, dword_i, value_i}))
  `CW_ASSUME(BatchOfAChannel, !batch_valid_i || (32'(batch_i.chan) < Channels
      && room[batch_i.chan[0]] && !restart_i[batch_i.chan[0]]
      && batch_i.count inside {[1:batch_limit(DescSlots)]}))
  `CW_ASSUME(BatchesInOrder, !issues || batch_i.index == next_q)
  `CW_ASSUME(RestartsAtRest, (restart_i & busy) == '0)
  `CW_ASSUME(AnswersAChannel, !answer || 32'(mark.chan) < Channels)
  `CW_ASSUME(WholePackets, !answer || (rsp_i.offset == '0 && rsp_i.sop == !packet_q
      && (!packet_q || {rsp_i.mark, rsp_i.dest, rsp_i.bytes, rsp_i.last, rsp_i.status}
          == {rsp_q.mark, rsp_q.dest, rsp_q.bytes, rsp_q.last, rsp_q.status})))
  `CW_ASSUME(FailureWithoutBytes, !answer || (failed
      ? rsp_i.bytes == '0 && rsp_i.sop && rsp_i.eop && rsp_i.last
      : rsp_i.bytes inside {[1:DescSlots * DescBytes]} && 32'(rsp_i.bytes) % CutBytes == 0
        && rsp_i.eop == (left <= 10'(Lanes))))
  `CW_ASSUME(AnswersWhatIsOwed, !ours || (32'(mark.read) < Reads && owed_q[read]))
  `CW_ASSUME(LinkIsOwed, !link_comes || link_owed_q)
  `CW_ASSUME(AnswersInPlace, !ours || (failed && have_q[read] != '0) || rsp_i.dest[7:0] == dest)
  `CW_ASSUME(AnswersNoMore, !ours || failed
      || (past <= 10'(all[read]) && rsp_i.last == (past == 10'(all[read]))))

  // ---- One descriptor

  logic        live_q;           // asked for and not used
  logic [15:0] desc_q;
  logic        read_q, which_q;  // of which read, and which of it
  logic        reads, filled;    // its read is under way; it is known to be there
  logic [3:0]  got;              // dwords of it that have come
  count_t      place;            // of the followed dword in the read
  index_t      ahead;

  always_ff @(posedge clk_i) begin
    if (rst_i || restarts) live_q <= 1'b0;
    else if (issues && pick_i && !live_q) live_q <= 1'b1;
    else if (uses && used_q == desc_q) live_q <= 1'b0;
    if (issues && pick_i && !live_q) begin
      desc_q  <= batch_i.index + 16'(which_i);
      read_q  <= u_dut.batch_read;
      which_q <= which_i;
    end
  end

  `CW_ASSUME(PicksOneOfTheBatch, !(issues && pick_i) || 5'(which_i) < batch_i.count)

  assign place = {1'b0, which_q, dword_i};

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    `CW_ASSUME(MemoryHasThatValue, !(ours && live_q && reads && read == read_q && l < 32'(here))
        || have_q[read] + count_t'(l) != place || rsp_data_i[l] == value_i)
  end

  // ---- What is presented

  logic followed, dead_q;
  logic [DescDw-1:0][31:0] desc;

  assign desc     = front.desc;
  assign followed = live_q && shown && !front.linked && used_q == desc_q;

  always_ff @(posedge clk_i) begin
    dead_q <= !rst_i && !restarts && (dead_q || (shown && take_i && front.error != DmaOk));
  end

  `CW_ASSERT(PresentedInOrder, !shown || front.head == used_q + 16'(!front.linked))
  `CW_ASSERT(PresentedWhenAllHasCome, !followed || front.error == DmaDescFetch
      || got == 4'(DescDw))
  `CW_ASSERT(PresentedAsRead, !followed || front.error == DmaDescFetch || desc[dword_i] == value_i)
  `CW_ASSERT(FailsIfItsReadFailed, !followed || front.error != DmaDescFetch
      || (reads && lost_q[read_q] && got != 4'(DescDw)))
  `CW_ASSERT(NothingBehindAnError, !shown || !dead_q)
  `CW_ASSERT(ASlotForEach, 16'(next_q - used_q) <= 16'(DescSlots))
  `CW_ASSERT(BusyWhileOwed, busy[chan_i] == (owed_q != '0 || link_owed_q))

  // What is asked for is what the batch said.
  logic   issued_q;
  batch_t batch_q;
  logic   number_q;
  always_ff @(posedge clk_i) begin
    issued_q <= !rst_i && issues;
    batch_q  <= batch_i;
    number_q <= u_dut.batch_read;
  end
  `CW_ASSERT(AsksForTheBatch, !issued_q || (rd_valid && rd_req.iova == batch_q.iova
      && rd_req.bytes == 13'(batch_q.count) * 13'(DescBytes)
      && rd_req.dest == 64'(batch_q.index[IndexW-1:0]) * 64'(DescBytes)
      && rd_req.mark == {1'b0, 6'd0, number_q, chan_t'(chan_i)}))

  // ---- What makes the proof inductive: reads follow each other without a gap

  desc_mark_t       mark_q;     // of the packet
  logic [1:0]       under_way;  // reads that have a number
  logic             first;      // the first of them
  logic [Reads-1:0] numbered;
  index_t           end_of, come, front_at;

  assign mark_q    = desc_mark_t'(rsp_q.mark);
  assign under_way = u_dut.u_order.issue_q[chan_i] - u_dut.u_order.fill_q[chan_i];
  assign first     = u_dut.u_order.fill_q[chan_i][0];
  assign come      = u_dut.u_order.filled_q[chan_i];
  assign end_of    = u_dut.u_order.end_q[chan_i];
  assign front_at  = used_q[IndexW-1:0];
  assign ahead     = desc_q[IndexW-1:0] - front_at;
  assign filled    = ahead < index_t'(come - front_at);
  assign reads     = numbered[read_q] && 2'(which_q) < count_q[read_q]
                  && base_q[read_q] + index_t'(which_q) == desc_q[IndexW-1:0];

  always_comb begin
    for (int unsigned r = 0; r < Reads; r++)
      numbered[r] = under_way == 2'd2 || (under_way == 2'd1 && 32'(first) == r);
    got = 4'(DescDw);
    if (!filled && have_q[read_q] < {1'b0, which_q, 3'b000}) got = '0;
    else if (!filled && have_q[read_q] < {1'b0, which_q, 3'b000} + count_t'(DescDw))
      got = 4'(have_q[read_q] - {1'b0, which_q, 3'b000});
  end

  for (genvar r = 0; r < Reads; r++) begin : gen_read
    logic [1:0] at;
    assign at = {chan_i, 1'(r)};
    `CW_ASSERT(OwedHasANumber, !owed_q[r] || numbered[r])
    `CW_ASSERT(ReadIsKnown, !numbered[r] || (count_q[r] inside {[1:2]} && have_q[r] <= all[r]
        && 32'(have_q[r]) % (CutBytes / 4) == 0
        && u_dut.u_order.last_q[at] == base_q[r] + index_t'(count_q[r])))
    `CW_ASSERT(OverWhenAllHasCome, !numbered[r] || (owed_q[r] ? !lost_q[r] && have_q[r] != all[r]
        : lost_q[r] == (have_q[r] != all[r])))
    `CW_ASSERT(ComeIsKnown, !numbered[r] || (u_dut.u_order.fresh_q[at]
        ? have_q[r] == '0 && !lost_q[r]
        : u_dut.u_order.come_q[at] == base_q[r] + index_t'(have_q[r] >> 3)
          && u_dut.u_order.fail_q[at] == lost_q[r]))
  end

  `CW_ASSERT(OwedAreCounted, link_owed_q == u_dut.u_links.owed_q[chan_i]
      && 32'(u_dut.owed_q[chan_i]) == 32'(owed_q[0]) + 32'(owed_q[1]) + 32'(link_owed_q))
  `CW_ASSERT(NumbersForAll, under_way <= 2'(Reads))
  `CW_ASSERT(EndIsKnown, end_of == next_q[IndexW-1:0])
  `CW_ASSERT(NoGap, under_way == '0 ? come == end_of
      : base_q[first] + index_t'(count_q[first])
        == (under_way == 2'd1 ? end_of : base_q[!first])
        && (under_way == 2'd1 || base_q[!first] + index_t'(count_q[!first]) == end_of)
        && index_t'(come - base_q[first]) <= index_t'(have_q[first] >> 3))
  `CW_ASSERT(FrontIsBeforeCome, index_t'(come - front_at) <= index_t'(end_of - front_at))
  `CW_ASSERT(FailedIsTheFirst, !u_dut.u_order.failed_q[chan_i] || (under_way != '0
      && lost_q[first] && come == base_q[first] + index_t'(have_q[first] >> 3)))
  `CW_ASSERT(FrontIsKnown, u_dut.u_present.front_q[chan_i] == used_q)
  `CW_ASSERT(DeadIsKnown, u_dut.u_present.dead_q[chan_i] == dead_q)
  `CW_ASSERT(LinkedIsLinked, !shown || front.linked == u_dut.linked[chan_i])
  `CW_ASSERT(ShownIsThere, !shown || front.linked || (u_dut.u_present.failed_q
      ? come == front_at && u_dut.u_order.failed_q[chan_i] : come != front_at))
  `CW_ASSERT(BeatsAgree, u_dut.u_buffer.beat_dw_q == beat_q && (packet_q || beat_q == '0))
  `CW_ASSERT(PacketIsOfItsRead, !packet_q || mark_q.linked || mark_q.chan != chan_t'(chan_i)
      || (owed_q[mark_q.read[0]] && 10'(have_q[mark_q.read[0]]) >= beat_q))
  `CW_ASSERT(PacketHasNotEnded, !packet_q
      || (rsp_q.status == RdOk && 10'(rsp_q.bytes >> 2) > beat_q && 32'(beat_q) % Lanes == 0))
  `CW_ASSERT(FollowedIsSomewhere, !live_q || (16'(desc_q - used_q) < 16'(next_q - used_q)
      && (filled || reads)))

  for (genvar k = 0; k < DescDw; k++) begin : gen_dword
    `CW_ASSERT(MemoryIsKept, !live_q || 32'(dword_i) != k || got <= 4'(k)
        || u_dut.u_buffer.gen_column[k].u_dwords.mem_q[
            32'(chan_i) * DescSlots + 32'(desc_q[1:0])] == value_i)
  end

endmodule
