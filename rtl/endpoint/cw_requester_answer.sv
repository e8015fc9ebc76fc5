// SPDX-License-Identifier: Apache-2.0
//
// Turns completions into answers: each header is judged before anything of it is forwarded, each
// request ends in exactly one final answer, and its tag is freed when that answer has been taken.
// Completions that nobody may have are consumed without a trace but the event. A tag whose time is
// over has its turn between two completions.
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

  // The tag at hand: its state, what it is owed, and what becomes of it
  input  tag_state_e [Tags-1:0]  tag_state_i,
  output logic [TagW-1:0]        tag_o,
  input  owed_t                  owed_i,
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

  output cw_cfg_pkg::cfg_event_t event_o
);

  cpl_hdr_t               hdr;
  tag_state_e             state;
  judgement_t             judged;
  logic                   room;       // the output register takes a beat
  logic                   drained;    // a final answer is taken whose tag it frees
  logic                   due_turn;
  logic                   first;      // beat of a completion
  logic                   answer;     // begin an answer
  rd_status_e             status;
  logic                   final_one;
  logic                   forward;    // with the completion's data
  logic                   free_now;
  logic                   inside_q;   // between the first and the last beat of a completion
  logic                   forward_q;  // which goes to a client
  cw_cfg_pkg::cfg_event_t event_d;
  rd_rsp_t                rsp_q;
  logic                   rsp_valid_q;
  logic [TagW-1:0]        rsp_tag_q;
  logic [6:0]             rsp_blocks_q;
  logic                   rsp_frees_q;  // the tag is closing: this packet is its last

  assign hdr         = cpl_hdr_t'(cpl_ctl_i.hdr);
  assign room        = !rsp_valid_q || rsp_ready_i;
  assign drained     = rsp_valid_q && rsp_ready_i && rsp_q.eop && rsp_frees_q;
  assign due_turn    = due_valid_i && !inside_q;
  assign cpl_ready_o = room && !due_turn;
  assign first       = cpl_valid_i && cpl_ready_o && !inside_q;
  assign tag_o       = due_turn ? due_tag_i : TagW'(hdr.tag);
  assign state       = tag_state_i[tag_o];

  cw_cpl_validator u_validator (
    .clk_i,
    .rst_i,
    .hdr_i       (hdr),
    .is_owed_i   (cpl_valid_i && !inside_q && !due_turn && is_owed(state)
                    && cpl_tag(hdr) == 10'(tag_o)),
    .owed_i,
    .judgement_o (judged)
  );

  always_comb begin
    answer          = 1'b0;
    status          = RdOk;
    final_one       = 1'b1;
    forward         = 1'b0;
    advance_valid_o = 1'b0;
    move_valid_o    = 1'b0;
    move_state_o    = TagClosing;
    restart_o       = 1'b0;
    free_now        = 1'b0;
    event_d         = '0;
    if (due_turn && room && !drained) begin
      if (state inside {TagOpen, TagMuted}) begin  // the rest never came
        answer              = state == TagOpen;
        status              = RdTimeout;
        move_valid_o        = 1'b1;
        move_state_o        = TagLate;
        restart_o           = 1'b1;
        event_d.cpl_timeout = 1'b1;
      end else begin                               // its quarantine is over
        free_now = 1'b1;
      end
    end else if (first && judged.verdict == VerdictStray) begin
      restart_o              = 1'(state == TagBanned);  // not yet quiet
      event_d.unexpected_cpl = 1'b1;
    end else if (first) begin
      answer                 = state == TagOpen;
      event_d.unexpected_cpl = state == TagLate;
      advance_valid_o        = judged.verdict inside {VerdictData, VerdictPoisoned};
      move_valid_o           = 1'b1;
      move_state_o           = state == TagOpen ? TagClosing : TagSpent;
      unique case (judged.verdict)
        VerdictData: begin
          forward      = state == TagOpen;
          final_one    = judged.ends;
          move_valid_o = judged.ends;
        end
        VerdictPoisoned: begin
          status               = RdPoisoned;
          event_d.poisoned     = 1'b1;
          event_d.poisoned_cpl = 1'b1;
          if (!judged.ends) begin
            move_valid_o = state == TagOpen;
            move_state_o = TagMuted;
          end
        end
        VerdictUr: begin
          status              = RdUr;
          event_d.received_ur = 1'b1;
        end
        VerdictCa: begin
          status              = RdCa;
          event_d.received_ca = 1'b1;
        end
        default: begin
          status            = RdLied;
          move_state_o      = TagBanned;
          restart_o         = 1'b1;
          event_d.malformed = 1'b1;
        end
      endcase
    end
  end

  assign advance_bytes_o = judged.bytes;
  assign freed_o         = drained || free_now;
  assign freed_tag_o     = drained ? rsp_tag_q : tag_o;
  assign freed_blocks_o  = drained ? rsp_blocks_q : owed_i.blocks;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      inside_q    <= 1'b0;
      rsp_valid_q <= 1'b0;
    end else begin
      if (cpl_valid_i && cpl_ready_o) inside_q <= !cpl_ctl_i.eop;
      if (room) rsp_valid_q <= answer || (cpl_valid_i && inside_q && forward_q);
    end
  end

  // No reset: meaningful only with inside_q and rsp_valid_q.
  always_ff @(posedge clk_i) begin
    if (first) forward_q <= forward;
    if (answer) begin
      rsp_q.client <= owed_i.client;
      rsp_q.slot   <= owed_i.slot;
      rsp_q.dest   <= owed_i.dest;
      rsp_q.offset <= owed_i.lower_addr[1:0];
      rsp_q.bytes  <= forward ? judged.bytes : 13'd0;
      rsp_q.sop    <= 1'b1;
      rsp_q.eop    <= !forward || cpl_ctl_i.eop;
      rsp_q.last   <= final_one;
      rsp_q.status <= status;
      rsp_tag_q    <= tag_o;
      rsp_blocks_q <= owed_i.blocks;
      rsp_frees_q  <= move_valid_o && move_state_o == TagClosing;
    end else if (room) begin
      rsp_q.sop <= 1'b0;
      rsp_q.eop <= cpl_ctl_i.eop;
    end
    if (room) rsp_data_o <= cpl_data_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) event_o <= '0;
    else       event_o <= event_d;
  end

  assign rsp_o       = rsp_q;
  assign rsp_valid_o = rsp_valid_q;

  `CW_ASSERT_HELD(AnswerHeld, rsp_valid_o, rsp_ready_i, {rsp_o, rsp_data_o})
  `CW_ASSERT(CplBeginsWithSop, !(cpl_valid_i && cpl_ready_o) || cpl_ctl_i.sop == !inside_q)
  `CW_ASSERT(CplNeverGivenUp, !cpl_valid_i || !cpl_ctl_i.eop || !cpl_ctl_i.error)
  `CW_ASSERT(AnswersOnlyTheOpen, !answer || state == TagOpen)
  `CW_ASSERT(AnswerInsideRequest, !(answer && forward) || judged.bytes <= owed_i.bytes)
  `CW_ASSERT(FailureHasNoBytes, !rsp_valid_o || rsp_o.status == RdOk || rsp_o.bytes == '0)
  `CW_ASSERT(FailureIsFinal,
      !rsp_valid_o || rsp_o.status == RdOk || (rsp_o.sop && rsp_o.eop && rsp_o.last))

endmodule
