// SPDX-License-Identifier: Apache-2.0
//
// Whatever completions arrive, a read is answered once and to its end, no answer lies outside what
// it asked for, and when the link falls silent every tag and all reserved room come back; so also
// when the function is reset in the middle. One mark of one client, whichever the prover picks, is
// followed; it asks again only when it has been answered.
`include "cw_fv.svh"
module cw_requester_fv
  import cw_tlp_pkg::*;
  import cw_endpoint_pkg::*;
  import cw_requester_pkg::*;
#(
  parameter  bit          Bytes       = 1'b1,  // look at bytes too, not at tags alone
  parameter  int unsigned W           = 64,
  parameter  int unsigned Tags        = 2,
  parameter  int unsigned CplBufBytes = 4096 + BlockBytes,
  parameter  int unsigned QuietClocks = 16,  // after which nothing is left
  localparam int unsigned QuietW      = $clog2(QuietClocks + 1)
) (
  input logic                           clk_i,
  input logic                           rst_i,
  input rd_req_t [NumRdClients-1:0]     rd_req_i,
  input logic    [NumRdClients-1:0]     rd_valid_i,
  input logic                           rsp_ready_i,
  input logic                           np_ready_i,
  input logic                           np_left_i,
  input logic [9:0]                     np_left_tag_i,
  input tlp_ctl_t                       cpl_ctl_i,
  input logic [W-1:0]                   cpl_data_i,
  input logic                           cpl_valid_i,
  input cw_cfg_pkg::cfg_state_t [0:0]   state_i,
  input rd_client_e                     client_i,    // the mark that is followed
  input logic [11:0]                    mark_i
);

  rd_rsp_t                 rsp;
  logic [NumRdClients-1:0] rd_ready;
  logic                    rsp_valid, cpl_ready, stop, fn_rst, busy;

  cw_requester #(.W(W), .Tags(Tags), .CplBufBytes(CplBufBytes)) u_dut (
    .clk_i,
    .rst_i,
    .rd_req_i,
    .rd_valid_i,
    .rd_ready_o  (rd_ready),
    .rsp_o       (rsp),
    .rsp_data_o  (),
    .rsp_valid_o (rsp_valid),
    .rsp_ready_i,
    .wr_beat_i   ('0),
    .wr_data_i   ('0),
    .wr_valid_i  ('0),
    .wr_ready_o  (),
    .p_ctl_o     (),
    .p_data_o    (),
    .p_valid_o   (),
    .p_ready_i   (1'b1),
    .np_ctl_o    (),
    .np_data_o   (),
    .np_valid_o  (),
    .np_ready_i,
    .np_left_i,
    .np_left_tag_i,
    .cpl_ctl_i,
    .cpl_data_i,
    .cpl_valid_i,
    .cpl_ready_o (cpl_ready),
    .state_i,
    .stop_o      (stop),
    .fn_rst_o    (fn_rst),
    .np_drop_o   (),
    .report_o    (),
    .busy_o      (busy)
  );

  // ---- The environment

  // A tag at which time works, or that needs none.
  function automatic logic may_be_due(life_t life);
    return life.sent && (is_aging(life.state) || life.state == TagSpent)
        && !(state_i[0].cpl_timeout_disable && is_pending(life.state));
  endfunction

  logic                    inside_q;   // a completion of several beats
  logic [Tags-1:0]         unsent;     // requests with the port
  logic [NumRdClients-1:0] legal;
  logic                    asks;       // the followed mark, now

  always_comb begin
    asks = 1'b0;
    for (int unsigned c = 0; c < NumRdClients; c++) begin
      legal[c] = rd_req_i[c].bytes != '0
              && rd_req_i[c].bytes <= bytes_to_page_end(rd_req_i[c].iova[11:0])
              && rd_req_i[c].bytes + 13'(rd_req_i[c].iova[1:0])
                 <= size_bytes(state_i[0].max_read_request);
      if (rd_valid_i[c] && rd_ready[c] && c == 32'(client_i) && rd_req_i[c].mark == mark_i)
        asks = 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i)                         inside_q <= 1'b0;
    else if (cpl_valid_i && cpl_ready) inside_q <= !cpl_ctl_i.eop;
  end

  `CW_FV_RESET
  // The port sends what it was given, each request once.
  `CW_ASSUME(LeavesOnce, !np_left_i || unsent[np_left_tag_i[$clog2(Tags)-1:0]])
  `CW_ASSUME(FollowsOne, !started_q || $stable({client_i, mark_i}))
  `CW_ASSUME(ReadsAreLegal, (rd_valid_i & ~legal) == '0)
  `CW_ASSUME(CompletionsAreWhole, cpl_ctl_i.sop == !inside_q && !cpl_ctl_i.error)
  // The time of a tag may be over at any clock at which time works on it (cut in the .sby).
  `CW_ASSUME(TimeIsOverForWhatAges, !u_dut.u_timeout.due || may_be_due(u_dut.scan_life))
  `CW_ASSUME(TimeIsOverForWhatIsLookedUp, !u_dut.lookup_due || may_be_due(u_dut.lookup_life))
  // Where bytes do not count the judgement is any that the proof of cw_cpl_validator allows.
  if (!Bytes) begin : gen_any_judgement
    judgement_t judged_q;
    logic       same_hdr_q;  // as in the clock before

    always_ff @(posedge clk_i) begin
      judged_q   <= u_dut.u_answer.judged;
      same_hdr_q <= !(u_dut.u_answer.load && !u_dut.u_answer.inside_q);
    end

    `CW_ASSUME(StrayWhereNothingIsOwed, u_dut.u_answer.u_validator.is_owed_i
        || u_dut.u_answer.judged.verdict == VerdictStray)
    `CW_ASSUME(JudgedByItsHeader, !same_hdr_q || u_dut.u_answer.judged == judged_q)
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned t = 0; t < Tags; t++) begin
      if (rst_i) unsent[t] <= 1'b0;
      else if (u_dut.issue && 32'(u_dut.alloc_tag) == t) unsent[t] <= 1'b1;
      else if (np_left_i && 32'(np_left_tag_i[$clog2(Tags)-1:0]) == t) unsent[t] <= 1'b0;
    end
  end

  // ---- Where each tag is, and what the table says of it: the prover's steps on its way

  life_t [Tags-1:0] life;
  logic [Tags-1:0]  cleared, in_queue, pending;
  life_t            hand_life;   // of the tag at hand, now
  logic             hand_counts;
  logic             resetting;   // from the second clock of a reset on

  always_comb begin
    for (int unsigned t = 0; t < Tags; t++) begin
      life[t]      = life_t'(u_dut.u_table.come_q[t]);
      if (life[t].gen != u_dut.u_table.gen_q[t]) {life[t].state, life[t].bytes} = {TagOpen, 13'd0};
      life[t].gen  = u_dut.u_table.gen_q[t];
      life[t].sent = u_dut.u_table.left_q[t][$bits(tick_t)] == life[t].gen;
      cleared[t]   = !u_dut.clear_valid || t < 32'(u_dut.clear_tag);
      in_queue[t]  = 1'b0;
      for (int unsigned p = 0; p < Tags; p++) begin
        if (((p + Tags - 32'(u_dut.u_pool.first_q)) % Tags) < 32'(u_dut.u_pool.level_q)
            && 32'(u_dut.u_pool.queue_q[p]) == t) in_queue[t] = 1'b1;
      end
      pending[t] = cleared[t] && !in_queue[t] && is_pending(life[t].state);
    end
  end

  assign resetting   = fn_rst && u_dut.u_reset.gen_function[0].timer_q != '0;
  assign hand_life   = life[u_dut.u_answer.hand_q.tag];
  assign hand_counts = u_dut.u_answer.beat_valid_q && u_dut.u_answer.sop_q
                    && u_dut.u_answer.hand_q.life.sent
                    && !(u_dut.u_answer.hand_q.life.state inside {TagIdle, TagClosing});

  for (genvar t = 0; t < Tags; t++) begin : gen_tag
    `CW_ASSERT(IdleIsSettled, !cleared[t] || !in_queue[t]
        || (life[t].sent && life[t].state inside {TagIdle, TagClosing}))
    `CW_ASSERT(UsedIsNotIdle, !cleared[t] || in_queue[t] || (life[t].state != TagIdle
        && (life[t].state != TagClosing || (u_dut.u_answer.closing_q
                                            && 32'(u_dut.u_answer.hand_q.tag) == t))))
    `CW_ASSERT(UnsentIsWithThePort, !cleared[t] || unsent[t] == !life[t].sent)
    `CW_ASSERT(NothingBeforeItIsCleared, cleared[t] || (!in_queue[t] && !unsent[t]))
    `CW_ASSERT(ComesAfterItLeft, !cleared[t] || life[t].sent
        || life[t].state inside {TagOpen, TagGone})
  end
  `CW_ASSERT(QueueHoldsEachOnce, 32'($countones(in_queue)) == 32'(u_dut.u_pool.level_q))
  `CW_ASSERT(UnsentCounted, 32'($countones(unsent)) == 32'(u_dut.unsent_q))
  `CW_ASSERT(PendingCounted, fn_rst || 32'($countones(pending)) == 32'(u_dut.u_answer.pending_q))
  `CW_ASSERT(ClosingIsInUse, !u_dut.u_answer.closing_q
      || (!u_dut.clear_valid && !in_queue[u_dut.u_answer.hand_q.tag]
          && hand_life.state == TagClosing))
  `CW_ASSERT(HandIsFresh, !hand_counts || resetting
      || (!u_dut.clear_valid && !in_queue[u_dut.u_answer.hand_q.tag]
          && hand_life.sent && hand_life.gen == u_dut.u_answer.hand_q.life.gen
          && hand_life.state == u_dut.u_answer.hand_q.life.state))
  // A reset lasts until every tag has been given up.
  logic [Tags-1:0] swept;

  always_ff @(posedge clk_i) begin
    swept <= fn_rst ? swept | (Tags'(1) << u_dut.scan_tag) : '0;
  end

  for (genvar t = 0; t < Tags; t++) begin : gen_swept
    `CW_ASSERT(SweptIsGivenUp, !fn_rst || !swept[t] || !cleared[t] || in_queue[t]
        || !(life[t].state inside {TagOpen, TagMuted, TagLate}))
  end
  `CW_ASSERT(SweepsOneAClock, !fn_rst || 32'($countones(swept))
      == (32'(u_dut.u_reset.gen_function[0].timer_q) < Tags
          ? 32'(u_dut.u_reset.gen_function[0].timer_q) : Tags))
  `CW_ASSERT(OverdueIsOld, !u_dut.u_answer.beat_valid_q || !u_dut.u_answer.hand_q.due
      || !u_dut.u_answer.hand_q.overdue || hand_counts)

  // ---- What the followed mark is owed

  logic        mine, owed_q;
  logic [63:0] dest_q;       // as it asked
  logic [12:0] bytes_q;
  logic [12:0] had_q;        // of them, so far

  assign mine = rsp_valid && rsp.client == client_i && rsp.mark == mark_i;

  always_ff @(posedge clk_i) begin
    if (rst_i || fn_rst) begin
      owed_q <= 1'b0;  // the function is reset, and its clients with it
    end else if (asks) begin
      owed_q  <= 1'b1;
      dest_q  <= rd_req_i[client_i].dest;
      bytes_q <= rd_req_i[client_i].bytes;
      had_q   <= '0;
    end else if (mine && rsp_ready_i) begin
      if (rsp.sop) had_q <= had_q + rsp.bytes;
      if (rsp.eop && rsp.last) owed_q <= 1'b0;
    end
  end

  // One tag or the packet that goes on is what it waits for.
  logic [Tags-1:0] asked;
  logic            of_mark, closes;

  always_comb begin
    for (int unsigned t = 0; t < Tags; t++) begin
      asked[t]   = cleared[t] && !in_queue[t] && life[t].state == TagOpen
                && issued(t).client == client_i && issued(t).mark == mark_i;
    end
  end

  function automatic owed_t issued(int unsigned t);
    return owed_t'(u_dut.u_table.issued_q[t]);
  endfunction

  assign of_mark = rsp.client == client_i && rsp.mark == mark_i;
  assign closes  = of_mark && u_dut.u_answer.closing_q;

  `CW_ASSERT(WaitsForOneThing,
      resetting || 32'(owed_q) == 32'($countones(asked)) + 32'(closes))
  `CW_ASSERT(HandIsItsRequest, !hand_counts || resetting
      || (u_dut.u_answer.hand_q.owed.client == issued(32'(u_dut.u_answer.hand_q.tag)).client
          && u_dut.u_answer.hand_q.owed.mark == issued(32'(u_dut.u_answer.hand_q.tag)).mark))
  // An answer of several beats goes on to its last without another in between. Of a request that is
  // answered in part nothing but another answer or a reset makes an end.
  logic goes_on;

  assign goes_on = u_dut.u_answer.forward_q
                && (u_dut.u_answer.beat_valid_q ? !u_dut.u_answer.sop_q : u_dut.u_answer.inside_q);

  `CW_ASSERT(HandIsInside, !u_dut.u_answer.beat_valid_q || u_dut.u_answer.inside_q
      == (!u_dut.u_answer.hand_q.due && !u_dut.u_answer.eop_q))
  `CW_ASSERT(NoTurnInside, !u_dut.u_answer.inside_q || !u_dut.u_answer.hand_q.due)
  `CW_ASSERT(FinalGoesOn, resetting || !u_dut.u_answer.closing_q || goes_on)
  `CW_ASSERT(ResetLeavesNoAnswer, !resetting || !(rsp_valid || u_dut.u_answer.closing_q))
  `CW_ASSERT(PartIsOfTheOpen, resetting || !goes_on || u_dut.u_answer.closing_q
      || (!u_dut.clear_valid && !in_queue[u_dut.u_answer.hand_q.tag]
          && hand_life.state == TagOpen))
  `CW_ASSERT(GoesOnOfItsRequest, resetting || !goes_on
      || (rsp.client == issued(32'(u_dut.u_answer.hand_q.tag)).client
          && rsp.mark == issued(32'(u_dut.u_answer.hand_q.tag)).mark))

  `CW_ASSERT(UnsentIsForeign, !u_dut.u_answer.beat_valid_q || u_dut.u_answer.hand_q.due
      || !u_dut.u_answer.sop_q || u_dut.u_answer.hand_q.foreign
      || u_dut.u_answer.hand_q.life.sent)
  `CW_ASSERT(DueBetweenCompletions, !u_dut.u_answer.beat_valid_q || !u_dut.u_answer.hand_q.due
      || u_dut.u_answer.sop_q)
  // Data that end a request are a final answer, and so is all that goes on behind it.
  `CW_ASSERT(FinalDataCloses, resetting || !rsp_valid || !rsp.last || rsp.status != RdOk
      || u_dut.u_answer.closes)
  `CW_ASSERT(DataGoesOn, resetting || !goes_on
      || (rsp.status == RdOk && rsp.last == u_dut.u_answer.closing_q))

  `CW_ASSUME(AsksWhenAnswered, !asks || !owed_q)

  `CW_ASSERT(AnsweredOnce, !mine || owed_q)

  // ---- Bytes and room

  logic [31:0] blocks_used;

  always_comb begin
    blocks_used = '0;
    for (int unsigned t = 0; t < Tags; t++)
      if (cleared[t] && !in_queue[t]) blocks_used = blocks_used + 32'(issued(t).blocks);
  end

  `CW_ASSERT(RoomAddsUp, 32'(u_dut.u_read.room_q) + blocks_used == CplBufBytes / BlockBytes)
  `CW_ASSERT(HandHasItsBlocks, !hand_counts
      || u_dut.u_answer.hand_q.owed.blocks == issued(32'(u_dut.u_answer.hand_q.tag)).blocks)
  `CW_ASSERT(ClosesItsBlocks, !u_dut.u_answer.closing_q
      || u_dut.u_answer.hand_q.owed.blocks == issued(32'(u_dut.u_answer.hand_q.tag)).blocks)
  if (Bytes) begin : gen_bytes
    for (genvar t = 0; t < Tags; t++) begin : gen_tag
      `CW_ASSERT(ReadsInsideAPage, !cleared[t] || in_queue[t]
          || (issued(t).bytes != '0 && issued(t).bytes <= 13'd4096))
      `CW_ASSERT(OwedWhatHasNotCome, !cleared[t] || in_queue[t]
          || (is_owed(life[t].state) ? life[t].bytes < issued(t).bytes
                                     : life[t].bytes <= issued(t).bytes))
      `CW_ASSERT(OpenIsOwedTheRest, fn_rst || !asked[t]
          || (issued(t).dest == dest_q && issued(t).bytes == bytes_q
              && life[t].bytes == had_q))
    end
    `CW_ASSERT(HandIsOwedTheRest, !hand_counts
        || (!u_dut.clear_valid && u_dut.u_answer.hand_q.life.bytes == hand_life.bytes
            && u_dut.u_answer.hand_q.owed.dest
               == issued(32'(u_dut.u_answer.hand_q.tag)).dest + 64'(hand_life.bytes)
            && u_dut.u_answer.hand_q.owed.bytes
               == issued(32'(u_dut.u_answer.hand_q.tag)).bytes - hand_life.bytes))
    `CW_ASSERT(JudgedOfWhatIsOwed, !hand_counts || !u_dut.u_answer.u_validator.is_owed_i
        || (u_dut.u_answer.hand_q.owed.bytes != '0
            && u_dut.u_answer.hand_q.owed.bytes <= 13'd4096))
    `CW_ASSERT(NoByteOutsideTheSlot, !(mine && rsp.sop && rsp.status == RdOk)
        || (rsp.dest == dest_q + 64'(had_q) && rsp.bytes != '0
            && 14'(had_q) + 14'(rsp.bytes) <= 14'(bytes_q)))
    `CW_ASSERT(LastExactlyWithTheLastByte, !(mine && rsp.sop && rsp.status == RdOk)
        || rsp.last == (14'(had_q) + 14'(rsp.bytes) == 14'(bytes_q)))
  end

  // ---- Silence

  logic [QuietW-1:0] quiet_q;
  logic              quiet, all_idle;

  assign quiet = rd_valid_i == '0 && !cpl_valid_i && rsp_ready_i && !stop
              && u_dut.u_timeout.due == may_be_due(u_dut.scan_life)
              && u_dut.lookup_due == may_be_due(u_dut.lookup_life)
              && u_dut.unsent_q == '0 && !state_i[0].cpl_timeout_disable;

  assign all_idle = 32'(u_dut.u_pool.level_q) == Tags;

  always_ff @(posedge clk_i) begin
    if (rst_i || !quiet)                      quiet_q <= '0;
    else if (quiet_q != QuietW'(QuietClocks)) quiet_q <= quiet_q + 1'b1;
  end

  `CW_ASSERT(EveryTagComesBack, quiet_q != QuietW'(QuietClocks) || inside_q || all_idle)
  `CW_ASSERT(NothingPendingWhenIdle, !all_idle || !busy)
  `CW_ASSERT(AllRoomComesBack, !all_idle
      || 32'(u_dut.u_read.room_q) * BlockBytes == CplBufBytes)

endmodule
