// SPDX-License-Identifier: Apache-2.0
//
// Turns completions into answers: each header is judged before anything of it is forwarded, each
// request ends in exactly one final answer, and its tag is freed when that answer has been taken.
// Completions that nobody may have are consumed without a trace but the event. A tag whose time is
// over has its turn between two completions. A beat is looked up in one clock, judged in the next.
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

  // What a tag is owed, and whether its request has been sent
  input  tag_state_e [Tags-1:0]  tag_state_i,
  input  logic [Tags-1:0]        sent_i,
  output logic [TagW-1:0]        lookup_tag_o,
  input  owed_t                  lookup_owed_i,

  // The tag at hand, and what becomes of it
  output logic [TagW-1:0]        tag_o,
  output logic [12:0]            advance_bytes_o,
  output logic                   advance_valid_o,
  output tag_state_e             move_state_o,
  output logic                   move_valid_o,
  output logic                   restart_o,       // its time begins again

  // A tag whose time is over
  input  logic [TagW-1:0]        due_tag_i,
  input  logic                   due_valid_i,

  // A tag back to idle
  output logic [TagW-1:0]        freed_tag_o,
  output logic [6:0]             freed_blocks_o,
  output logic                   freed_o,

  // Errors, with the header of the completion at fault
  output cw_cfg_pkg::error_report_t report_o
);

  // At hand: a beat, or a tag whose time is over, with what was looked up for it.
  typedef struct packed {
    logic            due;
    logic            sop;
    logic            eop;
    cpl_hdr_t        hdr;
    logic [TagW-1:0] tag;
    logic            foreign;  // the header's tag is none that was sent
    tag_state_e      state;
    owed_t           owed;
  } hand_t;

  cpl_hdr_t               hdr;
  hand_t                  hand_q;
  logic [W-1:0]           hand_data_q;
  logic                   hand_valid_q;
  logic                   inside_q;    // the beat loaded last was not the last of its completion
  logic                   due_turn;
  logic                   same_tag;    // what is at hand changes what is looked up
  logic                   load;

  judgement_t             judged;
  action_t                action;
  logic                   room;        // the output register takes a beat
  logic                   drained;     // a final answer is taken whose tag it frees
  logic                   act;         // on what is at hand
  logic                   answer;      // begin an answer
  logic                   forward_q;   // the rest of the completion at hand goes to a client
  rd_rsp_t                rsp_q;
  logic                   rsp_valid_q;
  logic [TagW-1:0]        rsp_tag_q;
  logic [6:0]             rsp_blocks_q;
  logic                   rsp_frees_q;  // the tag is closing: this packet is its last

  assign hdr          = cpl_hdr_t'(cpl_ctl_i.hdr);
  assign due_turn     = due_valid_i && !inside_q;
  assign lookup_tag_o = due_turn ? due_tag_i : TagW'(hdr.tag);
  assign same_tag     = hand_valid_q && (hand_q.due || hand_q.sop) && hand_q.tag == lookup_tag_o;
  assign load         = (!hand_valid_q || act) && (inside_q || !same_tag) && !forget_i;
  assign cpl_ready_o  = load && !due_turn;

  assign room    = !rsp_valid_q || rsp_ready_i;
  assign drained = rsp_valid_q && rsp_ready_i && rsp_q.eop && rsp_frees_q;
  assign act     = hand_valid_q && room && !(hand_q.due && drained) && !forget_i;
  assign tag_o   = hand_q.tag;

  cw_cpl_validator u_validator (
    .clk_i,
    .rst_i,
    .hdr_i       (hand_q.hdr),
    .is_owed_i   (hand_valid_q && hand_q.sop && !hand_q.due && !hand_q.foreign
                    && is_owed(hand_q.state)),
    .owed_i      (hand_q.owed),
    .judgement_o (judged)
  );

  always_comb begin
    action = '0;
    if (act && hand_q.due)      action = judge_overdue(hand_q.state);
    else if (act && hand_q.sop) action = judge_tag(hand_q.state, hand_q.foreign, judged);
  end

  assign answer          = action.answer;
  assign advance_valid_o = action.advance;
  assign move_valid_o    = action.move;
  assign move_state_o    = action.move_state;
  assign restart_o       = action.restart;
  assign advance_bytes_o = judged.bytes;
  assign freed_o         = drained || action.free_now;
  assign freed_tag_o     = drained ? rsp_tag_q : hand_q.tag;
  assign freed_blocks_o  = drained ? rsp_blocks_q : hand_q.owed.blocks;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q       <= 1'b0;
      hand_valid_q   <= 1'b0;
      rsp_valid_q    <= 1'b0;
      report_o.kinds <= '0;
    end else begin
      report_o.kinds <= action.kinds;
      if (cpl_valid_i && cpl_ready_o) inside_q <= !cpl_ctl_i.eop;
      if (act)  hand_valid_q <= 1'b0;
      if (load) hand_valid_q <= cpl_valid_i || due_turn;
      if (room) rsp_valid_q <= answer || (act && !hand_q.sop && forward_q);
      if (forget_i) begin
        rsp_valid_q  <= 1'b0;
        hand_valid_q <= hand_valid_q && !hand_q.due;  // it is due anew, if still so
      end
    end
  end

  assign report_o.prefix_valid = 1'b0;  // a completion has none here
  assign report_o.prefix       = '0;

  // No reset: meaningful only with hand_valid_q and rsp_valid_q.
  always_ff @(posedge clk_i) begin
    if (load) begin
      hand_q <= '{
        due:     due_turn,
        sop:     !inside_q,
        eop:     cpl_ctl_i.eop,
        hdr:     hdr,
        tag:     lookup_tag_o,
        foreign: cpl_tag(hdr) != sent_tag(lookup_owed_i.tag10, 8'(lookup_tag_o))
                 || !sent_i[lookup_tag_o],
        state:   tag_state_i[lookup_tag_o],
        owed:    lookup_owed_i
      };
      hand_data_q <= cpl_data_i;
    end
    if (forget_i) begin
      hand_q.state <= given_up(hand_q.state);
      forward_q    <= 1'b0;
    end
    if (act) report_o.hdr <= hand_q.due ? '0 : tlp_hdr_t'(hand_q.hdr);
    // Function 0 alone reads; but what is malformed is of no function in particular (6.2.4).
    if (act) report_o.functions <= action.kinds.malformed ? '1 : cw_cfg_pkg::MaxFunctions'(1);
    if (act && hand_q.sop) forward_q <= action.forward;
    if (answer) begin
      rsp_q.client <= hand_q.owed.client;
      rsp_q.mark   <= hand_q.owed.mark;
      rsp_q.dest   <= hand_q.owed.dest;
      rsp_q.offset <= hand_q.owed.lower_addr[1:0];
      rsp_q.bytes  <= action.forward ? judged.bytes : 13'd0;
      rsp_q.sop    <= 1'b1;
      rsp_q.eop    <= !action.forward || hand_q.eop;
      rsp_q.last   <= action.final_one;
      rsp_q.status <= action.status;
      rsp_tag_q    <= hand_q.tag;
      rsp_blocks_q <= hand_q.owed.blocks;
      rsp_frees_q  <= move_valid_o && move_state_o == TagClosing;
    end else if (room) begin
      rsp_q.sop <= 1'b0;
      rsp_q.eop <= hand_q.eop;
    end
    if (room) rsp_data_o <= hand_data_q;
  end

  assign rsp_o       = rsp_q;
  assign rsp_valid_o = rsp_valid_q;

  `CW_ASSERT_HELD(AnswerHeld, rsp_valid_o, rsp_ready_i || forget_i,
      {rsp_o, rsp_data_o})
  `CW_ASSERT(CplBeginsWithSop, !(cpl_valid_i && cpl_ready_o) || cpl_ctl_i.sop == !inside_q)
  `CW_ASSERT(CplNeverGivenUp, !cpl_valid_i || !cpl_ctl_i.eop || !cpl_ctl_i.error)
  `CW_ASSERT(AnswersOnlyTheOpen, !answer || hand_q.state == TagOpen)
  `CW_ASSERT(StateIsFresh, !answer || tag_state_i[hand_q.tag] == TagOpen)
  `CW_ASSERT(AnswerInsideRequest, !(answer && action.forward) || judged.bytes <= hand_q.owed.bytes)
  `CW_ASSERT(NothingDoneWhileForgetting, !forget_i || (action == '0 && !cpl_ready_o))
  `CW_ASSERT(FailureIsFinalAndEmpty, !rsp_valid_o || rsp_o.status == RdOk
      || (rsp_o.sop && rsp_o.eop && rsp_o.last && rsp_o.bytes == '0))

endmodule
