// SPDX-License-Identifier: Apache-2.0
//
// No request is released with a stale translation after a fence. Gate and drain are the design's.
// Between them the lookup answers in any order at any time, but as its own proof says (cw_iommu_
// lookup): a translation of before the change has the top bit of its address set, and no request
// gets one that was accepted after the invalidation. Software changes, invalidates, and fences;
// when the fence is done, nothing of before is given, held, released, or under way to memory.
`include "cw_fv.svh"
module cw_iommu_fence_fv
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
#(
  parameter  int unsigned Tlps   = 4,       // in the gate
  parameter  int unsigned Behind = 2,       // TLPs that the gate has released, under way to memory
  parameter  int unsigned Users  = 2,       // of the drain
  parameter  int unsigned CountW = 5,       // of the drain
  localparam int unsigned Own    = 0,       // the port with a gate; of the other one only numbers
  localparam int unsigned Other  = 1,
  localparam int unsigned Top    = HpaBits - 1,
  localparam int unsigned W      = 512
) (
  input logic                 clk_i,
  input logic                 rst_i,
  input cw_tlp_pkg::tlp_ctl_t in_ctl_i,
  input logic                 in_valid_i,
  input logic                 out_ready_i,
  input logic                 retire_i,        // the oldest TLP behind the gate is finished
  input logic                 other_accept_i,
  input logic                 other_retire_i,
  input logic                 tr_ready_i,
  input tr_rsp_t              tr_rsp_i,
  input logic                 tr_rsp_valid_i,
  input logic                 invalidate_i,    // what was changed before
  input logic [Users-1:0]     drain_i,
  input logic                 user_i           // whose fence comes after the invalidation
);

  tr_req_t              tr_req;
  cw_tlp_pkg::tlp_ctl_t out_ctl;
  hpa_t                 out_hpa;
  logic                 tr_valid, in_ready, out_valid, out_fault, accepted;
  logic [Users-1:0]     drained;

  cw_iommu_gate #(.W(W), .Depth(Tlps), .Tlps(Tlps)) u_gate (
    .clk_i,
    .rst_i,
    .in_ctl_i,
    .in_data_i   ('0),
    .in_valid_i,
    .in_ready_o  (in_ready),
    .tr_req_o    (tr_req),
    .tr_valid_o  (tr_valid),
    .tr_ready_i,
    .tr_rsp_i,
    .tr_rsp_valid_i,
    .out_ctl_o   (out_ctl),
    .out_data_o  (),
    .out_valid_o (out_valid),
    .out_ready_i,
    .out_hpa_o   (out_hpa),
    .out_fault_o (out_fault)
  );

  cw_iommu_drain #(.Users(Users), .CountW(CountW)) u_drain (
    .clk_i,
    .rst_i,
    .accepted_i ({other_accept_i, accepted}),
    .retired_i  ({other_retire_i, retire_i}),
    .drain_i,
    .drained_o  (drained)
  );

  assign accepted = tr_valid && tr_ready_i;

  // ---- Software

  logic             invalidated_q, fencing_q, fenced_q;
  logic [Users-1:0] drain_q, drained_q;

  always_ff @(posedge clk_i) begin
    drain_q   <= drain_i;
    drained_q <= drained;
    if (rst_i) begin
      drain_q       <= '0;
      invalidated_q <= 1'b0;
      fencing_q     <= 1'b0;
      fenced_q      <= 1'b0;
    end else begin
      if (invalidate_i) invalidated_q <= 1'b1;
      fencing_q <= drain_i[user_i] && (drain_q[user_i] ? fencing_q : invalidated_q);
      if (fencing_q && drained[user_i]) fenced_q <= 1'b1;
    end
  end

  `CW_FV_RESET
  `CW_ASSUME(UserStays, !started_q || $stable(user_i))
  // A user holds its request until the end; the fence is one that begins after the invalidation.
  `CW_ASSUME(UserWaits, rst_i || (drain_q & ~drained_q & ~drain_i) == '0)

  // ---- The lookup: what it has, and what of it came after the invalidation

  logic [Tlps-1:0] inside_q, late_q;

  always_ff @(posedge clk_i) begin
    if (tr_rsp_valid_i) inside_q[tr_rsp_i.tag] <= 1'b0;
    if (accepted) begin
      inside_q[tr_req.tag] <= 1'b1;
      late_q[tr_req.tag]   <= invalidated_q;
    end
    if (rst_i) inside_q <= '0;
  end

  `CW_ASSUME(AnswersWhatItHas, !tr_rsp_valid_i
      || (32'(tr_rsp_i.tag) < Tlps && inside_q[tr_rsp_i.tag]))
  `CW_ASSUME(LateIsNew, !tr_rsp_valid_i || !late_q[tr_rsp_i.tag] || !tr_rsp_i.hpa[Top])

  // ---- Behind the gate: memory finishes in order

  logic [1:0] behind_q, stale_q;    // TLPs; those up to the youngest that is stale
  logic [2:0] others_q;             // of the other port, accepted and not finished
  logic       leaves, stale, within_q;

  assign leaves = out_valid && out_ready_i && out_ctl.eop;
  assign stale  = out_hpa[Top] && !out_fault;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      behind_q <= '0;
      stale_q  <= '0;
      others_q <= '0;
      within_q <= 1'b0;
    end else begin
      behind_q <= behind_q + 2'(leaves) - 2'(retire_i);
      others_q <= others_q + 3'(other_accept_i) - 3'(other_retire_i);
      if (leaves && stale)                stale_q <= behind_q + 2'd1 - 2'(retire_i);
      else if (retire_i && stale_q != '0) stale_q <= stale_q - 2'd1;
      if (in_valid_i && in_ready) within_q <= !in_ctl_i.eop;
    end
  end

  `CW_ASSUME(TlpsAreWhole, in_ctl_i.sop == !within_q)
  `CW_ASSUME(RoomBehind, !out_ready_i || 32'(behind_q) < Behind)
  `CW_ASSUME(RetiredWasReleased, !retire_i || behind_q != '0)
  `CW_ASSUME(OthersAreFew, !other_accept_i || others_q != '1)
  `CW_ASSUME(OthersWereAccepted, !other_retire_i || others_q != '0)

  // ---- What is proved

  logic fenced;

  assign fenced = fenced_q || (fencing_q && drained[user_i]);
  `CW_ASSERT(NoStaleAnswer, !fenced || !tr_rsp_valid_i || !tr_rsp_i.hpa[Top])
  `CW_ASSERT(NoStaleRelease, !fenced || !out_valid || !stale)
  `CW_ASSERT(NothingStaleUnderWay, !fenced || stale_q == '0)

  // ---- The inside, for induction: a TLP of the gate is known by its place behind the oldest

  typedef logic [CountW-1:0]       count_t;
  typedef logic [$clog2(Tlps)-1:0] slot_t;

  typedef struct packed {
    cw_tlp_pkg::tlp_ctl_t ctl;
    logic [W-1:0]         data;
  } beat_t;

  count_t               held, waiting, asked, missing, ends;
  logic                 reached;
  beat_t   [Tlps-1:0]   beat;
  tr_req_t [Tlps-1:0]   request;

  assign held    = count_t'(u_gate.inside_q);             // TLPs
  assign waiting = count_t'(u_gate.u_requests.level_q);   // of these the youngest, not accepted
  assign asked   = held - waiting;
  assign missing = u_drain.mark_q[user_i][Own] - u_drain.retired_q[Own];
  assign reached = u_drain.reached_q[user_i][Own];

  // Items of a queue that lie before item `n`, counted from the head.
  function automatic count_t ahead(slot_t n, slot_t head);
    slot_t turns;
    turns = n - head;
    return count_t'(turns);
  endfunction

  always_comb begin
    ends = '0;
    for (int unsigned n = 0; n < Tlps; n++) begin
      beat[n]    = u_gate.u_beats.gen_regs.mem_q[n];
      request[n] = u_gate.u_requests.gen_regs.mem_q[n];
      if (ahead(slot_t'(n), u_gate.u_beats.rd_addr_q) < count_t'(u_gate.u_beats.level_q))
        ends += count_t'(beat[n].ctl.eop);
    end
  end

  `CW_ASSERT(EndsAreHeld, held == ends + count_t'(within_q) && 32'(held) <= Tlps && waiting <= held)
  `CW_ASSERT(BeatPointers, 32'(u_gate.u_beats.level_q) <= Tlps && u_gate.u_beats.wr_addr_q
      == u_gate.u_beats.rd_addr_q + slot_t'(u_gate.u_beats.level_q))
  `CW_ASSERT(RequestPointers, u_gate.u_requests.wr_addr_q
      == u_gate.u_requests.rd_addr_q + slot_t'(waiting))
  `CW_ASSERT(TagsGoRound, slot_t'(u_gate.newest_q) == slot_t'(u_gate.oldest_q) + slot_t'(held)
      && 32'(u_gate.newest_q) < Tlps && 32'(u_gate.oldest_q) < Tlps)
  `CW_ASSERT(AllAreCounted, stale_q <= behind_q && 32'(behind_q) <= Behind
      && u_drain.accepted_q[Own] - u_drain.retired_q[Own] == asked + count_t'(behind_q))

  for (genvar n = 0; n < Tlps; n++) begin : gen_tag
    count_t place, turn;
    assign place = ahead(slot_t'(n), slot_t'(u_gate.oldest_q));
    assign turn  = ahead(slot_t'(n), u_gate.u_requests.rd_addr_q);
    `CW_ASSERT(AskedOrAnswered, inside_q[n] + u_gate.answered_q[n] == 2'(place < asked))
    `CW_ASSERT(AnsweredAsItSays, !u_gate.answered_q[n] || !late_q[n]
        || !u_gate.answer_q[n][HpaBits] || u_gate.answer_q[n][0])
    `CW_ASSERT(LateAfter, place >= asked || !late_q[n] || invalidated_q)
    `CW_ASSERT(OldBeforeTheMark, place >= asked || late_q[n] || !(fencing_q || fenced_q)
        || (!fenced_q && !reached && place + count_t'(behind_q) < missing))
    `CW_ASSERT(RequestHasItsTag, turn >= waiting || (32'(request[n].tag) < Tlps
        && ahead(slot_t'(request[n].tag), slot_t'(u_gate.oldest_q)) == asked + turn))
  end
  `CW_ASSERT(StaleBeforeTheMark, stale_q == '0 || !(fencing_q || fenced_q)
      || (!fenced_q && !reached && count_t'(stale_q) <= missing))
  `CW_ASSERT(MarkIsAhead, !drain_q[user_i] || reached || missing <= asked + count_t'(behind_q))
  `CW_ASSERT(FenceIsAfter, (!fencing_q || drain_q[user_i])
      && (!(fencing_q || fenced_q) || invalidated_q))
  `CW_ASSERT(MarkedIsDrain, u_drain.marked_q == drain_q)

endmodule
