// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the requester hand to each other: the life of a tag, what a tag is owed, what a
// completion turns out to be and what is done about it.
// Spec: PCIe Base 2.3.2 (completion handling), 2.8 (completion timeout), 7.5.3.16 (its range).
package cw_requester_pkg;

  import cw_tlp_pkg::*;
  import cw_endpoint_pkg::*;

  // ---- Tags

  typedef enum logic [2:0] {
    TagIdle    = 3'd0,
    TagOpen    = 3'd1,  // completions are owed, and wanted
    TagClosing = 3'd2,  // the final answer is on its way to the client; idle once it is taken
    TagMuted   = 3'd3,  // answered with RdPoisoned; the rest is owed, and dropped without a word
    TagLate    = 3'd4,  // timed out: quarantined until the rest has come after all, or it is quiet
    TagBanned  = 3'd5,  // lied about: quarantined until it is quiet
    TagSpent   = 3'd6,  // the rest came while muted or late; idle at the next occasion
    TagGone    = 3'd7   // its function was reset: as TagLate, but what comes is dropped silently
  } tag_state_e;

  // Time, in eighths of a timeout period; wide enough that an answer that waits for its client for
  // several periods makes nobody young again.
  typedef logic [5:0] tick_t;
  localparam tick_t TicksPeriod = 6'd8;

  // What has become of a request so far. When its last answer is taken its tag is idle and still
  // says TagClosing, which makes no difference to what comes.
  typedef struct packed {
    logic        gen;     // alternates with the requests of a tag
    logic        sent;    // by the port, or dropped there
    tag_state_e  state;
    tick_t       since;   // its time runs from there on
    logic [12:0] bytes;   // that have come
  } life_t;

  // A tag whose request is still owed completions that may be trusted.
  function automatic logic is_owed(tag_state_e state);
    return state inside {TagOpen, TagMuted, TagLate, TagGone};
  endfunction

  // A tag that time works on: towards a timeout, or towards the end of its quarantine.
  function automatic logic is_aging(tag_state_e state);
    return is_owed(state) || state == TagBanned;
  endfunction

  // A tag that counts as Transactions Pending (7.5.3.5): a timeout or a lie ends a transaction.
  function automatic logic is_pending(tag_state_e state);
    return state inside {TagOpen, TagClosing, TagMuted};
  endfunction

  // What a function-level reset makes of a tag: nobody waits any more, the rest may still come.
  function automatic life_t given_up(life_t life, tick_t now);
    given_up       = life;
    given_up.since = now;
    if (life.state inside {TagOpen, TagMuted, TagLate}) given_up.state = TagGone;
  endfunction

  // Completion Timeout Disable spares requests, not the quarantine of tags that already timed out.
  function automatic logic is_due(life_t life, tick_t now, logic disabled);
    return life.sent && (life.state == TagSpent
        || (is_aging(life.state) && tick_t'(now - life.since) >= TicksPeriod
            && !(disabled && is_pending(life.state))));
  endfunction

  // The tag as it is sent: one of ten bits never has zero in the upper two (2.2.6.2).
  function automatic logic [9:0] sent_tag(logic tag10, logic [7:0] tag);
    return {1'b0, tag10, tag};
  endfunction

  // ---- What a function may send

  // Memory requests (7.5.1.1.3, 5.3.1), once it knows its number (2.2.6.2).
  function automatic logic may_master(cw_cfg_pkg::cfg_state_t state);
    return state.id_valid && state.bus_master_enable && state.power == cw_cfg_pkg::PowerD0;
  endfunction

  // Of the attributes wished for, those that the registers allow (7.5.3.4, 7.5.3.16).
  function automatic attr_t allowed_attr(attr_t wish, cw_cfg_pkg::cfg_state_t state);
    return '{ido:      wish.ido && state.ido_request_enable,
             relaxed:  wish.relaxed && state.relaxed_enable,
             no_snoop: wish.no_snoop && state.no_snoop_enable};
  endfunction

  function automatic mem_hdr_t with_attr(mem_hdr_t request, attr_t attr);
    mem_hdr_t hdr;
    hdr              = request;
    hdr.dw0.ido      = attr.ido;
    hdr.dw0.ro       = attr.relaxed;
    hdr.dw0.no_snoop = attr.no_snoop;
    return hdr;
  endfunction

  // What a request is owed: all of it when it is issued, what is left of it later.
  typedef struct packed {
    logic        tag10;         // as sent, like attributes and ID: later changes of the registers
    attr_t       attr;          // do not concern it
    bdf_t        requester_id;
    rd_client_e  client;
    logic [11:0] mark;
    logic [6:0]  blocks;        // 64-byte blocks of completion buffer reserved for all of it
    logic [63:0] dest;          // of the next byte
    logic [6:0]  lower_addr;    // of the next byte
    logic [12:0] bytes;         // left
  } owed_t;

  // ---- Completion buffer (2.6.1.2: an endpoint advertises infinite completion credits)

  localparam int unsigned BlockBytes = 64;  // the smallest Read Completion Boundary (2.3.1.1)

  // Blocks touched by `bytes` bytes at byte `offset` of the first.
  function automatic logic [6:0] blocks_touched(logic [5:0] offset, logic [12:0] bytes);
    return 7'((14'(offset) + 14'(bytes) + 14'd63) >> 6);
  endfunction

  // ---- Verdicts on a completion

  typedef enum logic [2:0] {
    VerdictStray    = 3'd0,  // belongs to no request: Unexpected Completion
    VerdictData     = 3'd1,
    VerdictPoisoned = 3'd2,  // the right data, marked as damaged
    VerdictUr       = 3'd3,
    VerdictCa       = 3'd4,
    VerdictLied     = 3'd5   // contradicts its request
  } verdict_e;

  typedef struct packed {
    verdict_e    verdict;
    logic [12:0] bytes;   // of the request in this completion: VerdictData, VerdictPoisoned
    logic        ends;    // nothing is owed after it
  } judgement_t;

  // ---- What becomes of a tag when a completion begins, or when its time is over

  typedef struct packed {
    logic                   answer;      // its client gets an answer
    rd_status_e             status;
    logic                   final_one;
    logic                   forward;     // with the completion's data
    logic                   advance;     // less is owed
    logic                   move;        // to another state
    tag_state_e             move_state;
    logic                   restart;     // its time begins again
    logic                   free_now;    // its quarantine is over
    cw_cfg_pkg::cfg_event_t kinds;       // errors to be told
  } action_t;

  // `foreign`: the completion's tag is not one of those used here.
  function automatic action_t judge_tag(tag_state_e state, logic foreign, judgement_t judged);
    action_t act;
    act = '{status: RdOk, final_one: 1'b1, move_state: TagClosing, default: '0};
    if (judged.verdict == VerdictStray) begin
      act.restart              = state inside {TagBanned, TagGone} && !foreign;  // not yet quiet
      act.kinds.unexpected_cpl = 1'b1;
      return act;
    end
    act.answer               = state == TagOpen;
    act.kinds.unexpected_cpl = state == TagLate;
    act.advance              = judged.verdict inside {VerdictData, VerdictPoisoned};
    act.move                 = 1'b1;
    act.move_state           = state == TagOpen ? TagClosing : TagSpent;
    unique case (judged.verdict)
      VerdictData: begin
        act.forward   = state == TagOpen;
        act.final_one = judged.ends;
        act.move      = judged.ends;
      end
      VerdictPoisoned: begin
        act.status             = RdPoisoned;
        act.kinds.poisoned     = 1'b1;
        act.kinds.poisoned_cpl = 1'b1;
        if (!judged.ends) begin
          act.move       = state == TagOpen;
          act.move_state = TagMuted;
        end
      end
      VerdictUr: begin
        act.status            = RdUr;
        act.kinds.received_ur = 1'b1;
      end
      VerdictCa: begin
        act.status            = RdCa;
        act.kinds.received_ca = 1'b1;
      end
      default: begin
        act.status          = RdLied;
        act.move_state      = TagBanned;
        act.restart         = 1'b1;
        act.kinds.malformed = 1'b1;
      end
    endcase
    if (state == TagGone) act.kinds = '0;  // 6.6.2
    return act;
  endfunction

  function automatic action_t judge_overdue(tag_state_e state);
    action_t act;
    act = '{status: RdTimeout, final_one: 1'b1, move_state: TagLate, default: '0};
    if (state inside {TagOpen, TagMuted}) begin  // the rest never came
      act.answer            = state == TagOpen;
      act.move              = 1'b1;
      act.restart           = 1'b1;
      act.kinds.cpl_timeout = 1'b1;
    end else begin
      act.free_now = 1'b1;
    end
    return act;
  endfunction

  // ---- Completion timeout

  // Completion Timeout Value (7.5.3.16) as doublings of a quarter of the default time. With a
  // default of 262 us every range is met: 50 us to 64 s.
  function automatic logic [4:0] timeout_doublings(logic [3:0] range);
    unique case (range)
      4'b0001: return 5'd0;   // 50 to 100 us
      4'b0010: return 5'd6;   // 1 to 10 ms
      4'b0101: return 5'd9;   // 16 to 55 ms
      4'b0110: return 5'd11;  // 65 to 210 ms
      4'b1001: return 5'd13;  // 260 to 900 ms
      4'b1010: return 5'd15;  // 1 to 3.5 s
      4'b1101: return 5'd17;  // 4 to 13 s
      4'b1110: return 5'd19;  // 17 to 64 s
      default: return 5'd2;   // 50 us to 50 ms
    endcase
  endfunction
  localparam int unsigned MaxTimeoutDoublings = 19;

endpackage
