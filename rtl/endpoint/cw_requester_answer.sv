// SPDX-License-Identifier: Apache-2.0
//
// Turns completions into answers: each header is judged before anything of it is forwarded, each
// request ends in exactly one final answer, and its tag is freed when that answer has been taken.
// Completions that nobody may have are consumed without a trace but the event. A tag whose time is
// over has its turn between two completions. A beat is looked up in one clock, judged in the next
// and answered in the same: clients have queues or memories of their own behind their port.
// With `forget_i` nobody waits for an answer any more: none is given, and what is owed is dropped.
// Spec: PCIe Base 2.3.2 (completion handling), 2.7.2.2 (poisoned data), 2.8 (completion timeout).
`include "cw_assert.svh"
module cw_requester_answer
  import cw_tlp_pkg::*;
  import cw_endpoint_pkg::*;
  import cw_requester_pkg::*;
#(
  parameter  int unsigned W    = 256,
  parameter  int unsigned Tags = 32,
  localparam int unsigned TagW = $clog2(Tags)
) (
  input  logic                   clk_i,
  input  logic                   rst_i,
  input  logic                   forget_i,        // the function is being reset

  // Completions, whole, from the port
  input  tlp_ctl_t               cpl_ctl_i,
  input  logic [W-1:0]           cpl_data_i,
  input  logic                   cpl_valid_i,
  output logic                   cpl_ready_o,

  // Answers, to the clients
  output rd_rsp_t                rsp_o,
  output logic [W-1:0]           rsp_data_o,
  output logic                   rsp_valid_o,
  input  logic                   rsp_ready_i,

  // What a tag is owed, what has become of it, and whether its time is over
  input  tick_t                  now_i,
  output logic [TagW-1:0]        lookup_tag_o,
  input  owed_t                  lookup_owed_i,
  input  life_t                  lookup_life_i,
  input  logic                   lookup_due_i,

  // The tag at hand, and what becomes of it
  output logic [TagW-1:0]        change_tag_o,
  output life_t                  change_life_o,
  output logic                   change_valid_o,

  // A tag whose time is over
  input  logic [TagW-1:0]        due_tag_i,
  input  logic                   due_valid_i,

  // A tag back to idle
  output logic [TagW-1:0]        freed_tag_o,
  output logic [6:0]             freed_blocks_o,
  output logic                   freed_o,

  // Requests issued that are not over (7.5.3.5)
  input  logic                   issue_i,
  output logic                   busy_o,

  // Errors, with the header of the completion at fault
  output cw_cfg_pkg::error_report_t report_o
);

  // At hand: a completion, from its first beat to its last, or a tag whose time is over; with what
  // was looked up for it.
  typedef struct packed {
    logic            due;
    cpl_hdr_t        hdr;
    logic [TagW-1:0] tag;
    logic            overdue;  // its time is over indeed
    logic            foreign;  // the header's tag is none that was sent
    life_t           life;
    owed_t           owed;
  } hand_t;

  cpl_hdr_t               hdr;
  hand_t                  hand_q;
  logic [W-1:0]           beat_q;      // of the completion at hand
  logic                   sop_q, eop_q, beat_valid_q;
  logic                   inside_q;    // the beat loaded last was not the last of its completion
  logic                   due_turn;
  logic                   same_tag;    // what is at hand changes what is looked up
  logic                   load;

  judgement_t             judged;
  action_t                plan;        // for what is at hand
  action_t                action;      // the same, in the clock in which it is done
  logic                   act;         // the beat goes
  logic                   closes;      // the packet is the tag's last
  logic                   drained;     // its last beat is taken: the tag is idle behind it
  logic                   ended;       // without an answer that a client waits for
  logic [TagW:0]          pending_q;
  logic                   forward_q;   // the rest of the completion at hand goes to a client
  logic                   closing_q;   // and with it the tag's last packet, which has begun

  always_comb begin
    hdr     = cpl_hdr_t'(cpl_ctl_i.hdr);
    hdr.dw3 = '0;  // as it is anyway: a completion has three dwords
  end

  assign due_turn     = due_valid_i && !inside_q;
  assign lookup_tag_o = due_turn ? due_tag_i : TagW'(hdr.tag);
  assign same_tag     = beat_valid_q && sop_q && hand_q.tag == lookup_tag_o;
  assign load         = (!beat_valid_q || act) && (inside_q || !same_tag) && !forget_i;
  assign cpl_ready_o  = load && !due_turn;

  cw_cpl_validator u_validator (
    .clk_i,
    .rst_i,
    .hdr_i       (hand_q.hdr),
    .is_owed_i   (!hand_q.due && !hand_q.foreign && is_owed(hand_q.life.state)),
    .owed_i      (hand_q.owed),
    .judgement_o (judged)
  );

  always_comb begin
    plan = judge_tag(hand_q.life.state, hand_q.foreign, judged);
    if (hand_q.due) plan = hand_q.overdue ? judge_overdue(hand_q.life.state) : '0;
  end

  // An answer that ends the completion for its client is one beat, whatever is behind it.
  assign rsp_valid_o = beat_valid_q && (sop_q ? plan.answer : forward_q);
  assign rsp_data_o  = beat_q;
  assign rsp_o       = '{
    client: hand_q.owed.client,
    mark:   hand_q.owed.mark,
    dest:   hand_q.owed.dest,
    offset: hand_q.owed.lower_addr[1:0],
    bytes:  plan.forward ? judged.bytes : 13'd0,
    sop:    sop_q,
    eop:    eop_q || !plan.forward,
    last:   plan.final_one,
    status: plan.status
  };

  assign act     = beat_valid_q && (!rsp_valid_o || rsp_ready_i) && !forget_i;
  assign action  = act && sop_q ? plan : '0;
  assign closes  = sop_q ? plan.answer && plan.move && plan.move_state == TagClosing : closing_q;
  assign drained = forget_i ? closing_q : act && closes && rsp_o.eop;

  assign change_tag_o   = hand_q.tag;
  assign change_valid_o = action.advance || action.move || action.restart || action.free_now;
  assign ended          = action.move && is_pending(hand_q.life.state)
                       && !is_pending(action.move_state);

  always_comb begin
    change_life_o = hand_q.life;
    if (action.advance)  change_life_o.bytes = hand_q.life.bytes + judged.bytes;
    if (action.move)     change_life_o.state = action.move_state;
    if (action.free_now) change_life_o.state = TagIdle;
    if (action.restart)  change_life_o.since = now_i;
  end

  assign freed_o        = drained || action.free_now;
  assign freed_tag_o    = hand_q.tag;
  assign freed_blocks_o = hand_q.owed.blocks;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q       <= 1'b0;
      beat_valid_q   <= 1'b0;
      closing_q      <= 1'b0;
      pending_q      <= '0;
      report_o.kinds <= '0;
    end else begin
      pending_q <= pending_q + (TagW + 1)'(issue_i) - (TagW + 1)'(ended) - (TagW + 1)'(drained);
      if (forget_i) pending_q <= '0;
      report_o.kinds <= action.kinds;
      if (cpl_valid_i && cpl_ready_o) inside_q <= !cpl_ctl_i.eop;
      if (act)  beat_valid_q <= 1'b0;
      if (load) beat_valid_q <= cpl_valid_i || due_turn;
      if (act)  closing_q    <= closes && !rsp_o.eop;
      if (forget_i) begin
        closing_q    <= 1'b0;
        beat_valid_q <= beat_valid_q && !hand_q.due;  // it is due anew, if still so
      end
    end
  end

  // No reset: meaningful only with beat_valid_q, or inside a completion.
  always_ff @(posedge clk_i) begin
    if (load && !inside_q) begin
      hand_q <= '{
        due:     due_turn,
        hdr:     hdr,
        tag:     lookup_tag_o,
        overdue: lookup_due_i,
        foreign: cpl_tag(hdr) != sent_tag(lookup_owed_i.tag10, 8'(lookup_tag_o))
                 || !lookup_life_i.sent,
        life:    lookup_life_i,
        owed:    lookup_owed_i
      };
    end
    if (load) begin
      sop_q  <= !inside_q;
      eop_q  <= cpl_ctl_i.eop;
      beat_q <= cpl_data_i;
    end
    if (act && sop_q) forward_q <= plan.forward;
    if (forget_i) begin
      hand_q.life <= given_up(hand_q.life, now_i);
      forward_q   <= 1'b0;
    end
    if (act) report_o.hdr <= hand_q.due ? '0 : tlp_hdr_t'(hand_q.hdr);
    // Function 0 alone reads; but what is malformed is of no function in particular (6.2.4).
    if (act) report_o.functions <= action.kinds.malformed ? '1 : cw_cfg_pkg::MaxFunctions'(1);
  end

  assign report_o.prefix_valid = 1'b0;  // a completion has none here
  assign report_o.prefix       = '0;

  assign busy_o = pending_q != '0;

  `CW_ASSERT_HELD(AnswerHeld, rsp_valid_o, rsp_ready_i || forget_i,
      {rsp_o, rsp_data_o})
  `CW_ASSERT(CplBeginsWithSop, !(cpl_valid_i && cpl_ready_o) || cpl_ctl_i.sop == !inside_q)
  `CW_ASSERT(CplNeverGivenUp, !cpl_valid_i || !cpl_ctl_i.eop || !cpl_ctl_i.error)
  `CW_ASSERT(AnswersOnlyTheOpen, !action.answer || hand_q.life.state == TagOpen)
  `CW_ASSERT(PendingInRange, 32'(pending_q) <= Tags)
  `CW_ASSERT(FreedOnce, !(drained && action.free_now))
  `CW_ASSERT(AnswerInsideRequest, !action.forward || judged.bytes <= hand_q.owed.bytes)
  `CW_ASSERT(NothingDoneWhileForgetting, !forget_i || (action == '0 && !cpl_ready_o))
  `CW_ASSERT(FailureIsFinalAndEmpty, !rsp_valid_o || rsp_o.status == RdOk
      || (rsp_o.sop && rsp_o.eop && rsp_o.last && rsp_o.bytes == '0))

endmodule
