// SPDX-License-Identifier: Apache-2.0
//
// What the parts of the requester hand to each other: the life of a tag, what a tag is owed, and
// what a completion turns out to be.
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
    TagSpent   = 3'd6   // the rest came while muted or late; idle at the next occasion
  } tag_state_e;

  // A tag whose request is still owed completions that may be trusted.
  function automatic logic is_owed(tag_state_e state);
    return state inside {TagOpen, TagMuted, TagLate};
  endfunction

  // A tag that time works on: towards a timeout, or towards the end of its quarantine.
  function automatic logic is_aging(tag_state_e state);
    return is_owed(state) || state == TagBanned;
  endfunction

  // A tag that counts as Transactions Pending (7.5.3.5): a timeout or a lie ends a transaction.
  function automatic logic is_pending(tag_state_e state);
    return state inside {TagOpen, TagClosing, TagMuted};
  endfunction

  // What a request is owed: all of it when it is issued, what is left of it later.
  typedef struct packed {
    bdf_t        requester_id;  // as sent: a later capture does not change it
    rd_client_e  client;
    logic [3:0]  slot;
    logic [6:0]  blocks;        // 64-byte blocks of completion buffer reserved for all of it
    logic [31:0] dest;          // of the next byte
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
