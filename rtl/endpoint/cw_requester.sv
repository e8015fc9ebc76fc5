// SPDX-License-Identifier: Apache-2.0
//
// Everything by which a function masters the bus: reads of host memory, answered once each however
// their completions behave, and writes. The answers of one read come in address order, those of
// different reads in any order. No byte outside what a read asked for reaches its client. Function
// 0 reads; writes may be of any function. A function whose registers ask for a reset stops, and is
// owed nothing any more: its clients are reset with it, its tags stay away until they are quiet.
// `cpl_*` must carry whole TLPs as long as their headers say; a client must in the end be ready.
// Spec: PCIe Base 2.2.7, 2.3.2, 2.8, 6.6.2.
`include "cw_assert.svh"
module cw_requester
  import cw_tlp_pkg::*;
  import cw_endpoint_pkg::*;
  import cw_requester_pkg::*;
#(
  parameter  int unsigned W             = 256,
  parameter  int unsigned Functions     = 1,
  parameter  int unsigned Tags          = 32,     // up to 256; more than 32 if software allows it
  parameter  int unsigned CplBufBytes   = 16384,  // completion buffer of the port, to be reserved
  parameter  int unsigned TimeoutCycles = 65536,  // of the default timeout range: about 262 us
  localparam int unsigned TagW          = $clog2(Tags)
) (
  input  logic                               clk_i,
  input  logic                               rst_i,

  // Reads, by client
  input  rd_req_t  [NumRdClients-1:0]        rd_req_i,
  input  logic     [NumRdClients-1:0]        rd_valid_i,
  output logic     [NumRdClients-1:0]        rd_ready_o,

  // Answers to all of them; a client takes what is its own
  output rd_rsp_t                            rsp_o,
  output logic [W-1:0]                       rsp_data_o,
  output logic                               rsp_valid_o,
  input  logic                               rsp_ready_i,

  // Writes, by client
  input  wr_beat_t [NumWrClients-1:0]        wr_beat_i,
  input  logic     [NumWrClients-1:0][W-1:0] wr_data_i,
  input  logic     [NumWrClients-1:0]        wr_valid_i,
  output logic     [NumWrClients-1:0]        wr_ready_o,

  // Port, by class
  output tlp_ctl_t                           p_ctl_o,
  output logic [W-1:0]                       p_data_o,
  output logic                               p_valid_o,
  input  logic                               p_ready_i,

  output tlp_ctl_t                           np_ctl_o,
  output logic [W-1:0]                       np_data_o,
  output logic                               np_valid_o,
  input  logic                               np_ready_i,

  // The port sends a request in this clock: from now on it can be answered, and its time runs. How
  // long the port holds it back, for credits or bus mastership, does not count.
  input  logic                               np_left_i,
  input  logic [9:0]                         np_left_tag_i,

  input  tlp_ctl_t                           cpl_ctl_i,
  input  logic [W-1:0]                       cpl_data_i,
  input  logic                               cpl_valid_i,
  output logic                               cpl_ready_o,

  // Each function: its registers, and how it is being reset (cw_function_reset)
  input  cw_cfg_pkg::cfg_state_t [Functions-1:0] state_i,
  output logic [Functions-1:0]               stop_o,
  output logic [Functions-1:0]               fn_rst_o,

  output cw_cfg_pkg::error_report_t          report_o,   // one clock each
  output logic                               busy_o      // Transactions Pending of function 0
);

  logic [Functions-1:0]  flr;
  logic [Functions-1:0]  writing;

  tag_state_e [Tags-1:0] tag_state;
  logic [Tags-1:0]       sent_q, sent, unsent;  // by the port, or dropped there
  logic [Tags-1:0]       aging;
  logic [Tags-1:0]       spent;
  logic [Tags-1:0]       pending;
  logic [Tags-1:0]       restart;

  logic [TagW-1:0]       alloc_tag;
  logic                  alloc_valid;
  logic                  issue;
  owed_t                 issue_owed;

  logic [TagW-1:0]       lookup_tag;
  owed_t                 lookup_owed;
  logic [TagW-1:0]       tag;          // at hand at the completions
  logic [12:0]           advance_bytes;
  logic                  advance_valid;
  tag_state_e            move_state;
  logic                  move_valid;
  logic                  move_restart;

  logic [TagW-1:0]       due_tag;
  logic                  due_valid;
  logic [TagW-1:0]       freed_tag;
  logic [6:0]            freed_blocks;
  logic                  freed;

  cw_requester_write #(.W(W), .Functions(Functions)) u_write (
    .clk_i,
    .rst_i,
    .wr_beat_i,
    .wr_data_i,
    .wr_valid_i,
    .wr_ready_o,
    .p_ctl_o,
    .p_data_o,
    .p_valid_o,
    .p_ready_i,
    .state_i,
    .stop_i   (stop_o),
    .fn_rst_i (fn_rst_o),
    .writing_o(writing)
  );

  always_comb for (int unsigned f = 0; f < Functions; f++) flr[f] = state_i[f].flr;

  cw_function_reset #(.Functions(Functions)) u_reset (
    .clk_i,
    .rst_i,
    .flr_i    (flr),
    .sending_i(writing | Functions'(unsent != '0)),
    .stop_o,
    .fn_rst_o
  );

  cw_requester_read #(.W(W), .Tags(Tags), .CplBufBytes(CplBufBytes)) u_read (
    .clk_i,
    .rst_i,
    .rd_req_i,
    .rd_valid_i,
    .rd_ready_o,
    .np_ctl_o,
    .np_data_o,
    .np_valid_o,
    .np_ready_i,
    .tag_i          (alloc_tag),
    .tag_valid_i    (alloc_valid),
    .issue_o        (issue),
    .owed_o         (issue_owed),
    .freed_blocks_i (freed_blocks),
    .freed_i        (freed),
    .state_i        (state_i[0]),
    .stop_i         (stop_o[0])
  );

  cw_tag_pool #(.Tags(Tags)) u_pool (
    .clk_i,
    .rst_i,
    .forget_i      (fn_rst_o[0]),
    .wide_i        (state_i[0].ext_tag_enable || state_i[0].tag10_enable),
    .alloc_tag_o   (alloc_tag),
    .alloc_valid_o (alloc_valid),
    .alloc_ready_i (issue),
    .move_tag_i    (tag),
    .move_state_i  (move_state),
    .move_valid_i  (move_valid),
    .free_tag_i    (freed_tag),
    .free_valid_i  (freed),
    .state_o       (tag_state)
  );

  cw_tag_table #(.Tags(Tags)) u_table (
    .clk_i,
    .rst_i,
    .open_tag_i      (alloc_tag),
    .open_owed_i     (issue_owed),
    .open_valid_i    (issue),
    .lookup_tag_i    (lookup_tag),
    .lookup_owed_o   (lookup_owed),
    .advance_tag_i   (tag),
    .advance_bytes_i (advance_bytes),
    .advance_valid_i (advance_valid)
  );

  // Completion Timeout Disable spares requests, not the quarantine of tags that already timed out.
  always_comb begin
    for (int unsigned t = 0; t < Tags; t++) begin
      sent[t]    = sent_q[t] || (np_left_i && TagW'(np_left_tag_i) == TagW'(t));
      unsent[t]  = tag_state[t] != TagIdle && !sent[t];
      aging[t]   = is_aging(tag_state[t]) && sent[t]
                && !(state_i[0].cpl_timeout_disable && is_pending(tag_state[t]));
      spent[t]   = tag_state[t] == TagSpent;
      pending[t] = is_pending(tag_state[t]);
      restart[t] = fn_rst_o[0] || !sent[t] || (move_restart && tag == TagW'(t));
    end
  end

  always_ff @(posedge clk_i) sent_q <= rst_i ? '0 : sent & ~(Tags'(issue) << alloc_tag);

  cw_cpl_timeout #(.Tags(Tags), .TimeoutCycles(TimeoutCycles)) u_timeout (
    .clk_i,
    .rst_i,
    .range_i     (state_i[0].cpl_timeout_range),
    .age_i       (aging),
    .now_i       (spent),
    .restart_i   (restart),
    .due_tag_o   (due_tag),
    .due_valid_o (due_valid)
  );

  cw_requester_answer #(.W(W), .Tags(Tags)) u_answer (
    .clk_i,
    .rst_i,
    .forget_i        (fn_rst_o[0]),
    .cpl_ctl_i,
    .cpl_data_i,
    .cpl_valid_i,
    .cpl_ready_o,
    .rsp_o,
    .rsp_data_o,
    .rsp_valid_o,
    .rsp_ready_i,
    .tag_state_i     (tag_state),
    .sent_i          (sent),
    .lookup_tag_o    (lookup_tag),
    .lookup_owed_i   (lookup_owed),
    .tag_o           (tag),
    .advance_bytes_o (advance_bytes),
    .advance_valid_o (advance_valid),
    .move_state_o    (move_state),
    .move_valid_o    (move_valid),
    .restart_o       (move_restart),
    .due_tag_i       (due_tag),
    .due_valid_i     (due_valid),
    .freed_tag_o     (freed_tag),
    .freed_blocks_o  (freed_blocks),
    .freed_o         (freed),
    .report_o
  );

  assign busy_o = pending != '0;

  logic unused;
  assign unused = &{1'b0, np_left_tag_i};

  `CW_ASSERT(StoppedWhileReset, (fn_rst_o & ~stop_o) == '0)
  `CW_ASSERT(BusyWhileOwed, busy_o || !rsp_valid_o || rsp_o.status == RdLied
      || rsp_o.status == RdTimeout)

endmodule
