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
  output logic [Functions-1:0]               np_drop_o,  // what the port still holds of its reads

  output cw_cfg_pkg::error_report_t          report_o,   // one clock each
  output logic                               busy_o      // Transactions Pending of function 0
);

  logic [Functions-1:0]  flr;
  logic [Functions-1:0]  writing;

  tick_t                now;
  logic [TagW:0]        unsent_q;    // issued, and still with the port
  logic                 stale_q;     // those are of before a reset, which they outlast

  logic [TagW-1:0]      clear_tag;
  logic                 clear_valid;
  logic [TagW-1:0]      alloc_tag;
  logic                 alloc_valid;
  logic                 issue;
  owed_t                issue_owed;

  logic [TagW-1:0]      lookup_tag;
  owed_t                lookup_owed;
  life_t                lookup_life;
  logic                 lookup_due;
  logic [TagW-1:0]      change_tag;
  life_t                change_life;
  logic                 change_valid;

  logic [TagW-1:0]      scan_tag;
  life_t                scan_life;
  logic [TagW-1:0]      due_tag;
  logic                 due_valid;
  logic [TagW-1:0]      freed_tag;
  logic [6:0]           freed_blocks;
  logic                 freed;

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

  // Long enough for every tag to be given up, one a clock.
  cw_function_reset #(
    .Functions(Functions), .ResetCycles(Tags > 8 ? Tags : 8)
  ) u_reset (
    .clk_i,
    .rst_i,
    .flr_i    (flr),
    .sending_i(writing | Functions'(unsent_q != '0)),
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
    .stop_i         (np_drop_o[0])
  );

  cw_tag_pool #(.Tags(Tags)) u_pool (
    .clk_i,
    .rst_i,
    .wide_i        (state_i[0].ext_tag_enable || state_i[0].tag10_enable),
    .clear_tag_o   (clear_tag),
    .clear_valid_o (clear_valid),
    .alloc_tag_o   (alloc_tag),
    .alloc_valid_o (alloc_valid),
    .alloc_ready_i (issue),
    .free_tag_i    (freed_tag),
    .free_valid_i  (freed)
  );

  cw_tag_table #(.Tags(Tags)) u_table (
    .clk_i,
    .rst_i,
    .now_i          (now),
    .clear_tag_i    (clear_tag),
    .clear_valid_i  (clear_valid),
    .open_tag_i     (alloc_tag),
    .open_owed_i    (issue_owed),
    .open_valid_i   (issue),
    .left_tag_i     (TagW'(np_left_tag_i)),
    .left_valid_i   (np_left_i),
    .lookup_tag_i   (lookup_tag),
    .lookup_owed_o  (lookup_owed),
    .lookup_life_o  (lookup_life),
    .change_tag_i   (change_tag),
    .change_life_i  (change_life),
    .change_valid_i (change_valid),
    .scan_tag_i     (scan_tag),
    .scan_life_o    (scan_life),
    .forget_i       (fn_rst_o[0])
  );

  always_ff @(posedge clk_i) begin
    if (rst_i) unsent_q <= '0;
    else       unsent_q <= unsent_q + (TagW + 1)'(issue) - (TagW + 1)'(np_left_i);
    stale_q <= !rst_i && (fn_rst_o[0] || (stale_q && unsent_q != '0));
  end
  assign np_drop_o = stop_o | Functions'(stale_q);

  assign lookup_due = is_due(lookup_life, now, state_i[0].cpl_timeout_disable);

  cw_cpl_timeout #(.Tags(Tags), .TimeoutCycles(TimeoutCycles)) u_timeout (
    .clk_i,
    .rst_i,
    .range_i     (state_i[0].cpl_timeout_range),
    .disable_i   (state_i[0].cpl_timeout_disable),
    .forget_i    (fn_rst_o[0]),
    .now_o       (now),
    .scan_tag_o  (scan_tag),
    .scan_life_i (scan_life),
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
    .now_i           (now),
    .lookup_tag_o    (lookup_tag),
    .lookup_owed_i   (lookup_owed),
    .lookup_life_i   (lookup_life),
    .lookup_due_i    (lookup_due),
    .change_tag_o    (change_tag),
    .change_life_o   (change_life),
    .change_valid_o  (change_valid),
    .due_tag_i       (due_tag),
    .due_valid_i     (due_valid),
    .freed_tag_o     (freed_tag),
    .freed_blocks_o  (freed_blocks),
    .freed_o         (freed),
    .issue_i         (issue),
    .busy_o,
    .report_o
  );

  logic unused;
  assign unused = &{1'b0, np_left_tag_i};

  `CW_ASSERT(StoppedWhileReset, (fn_rst_o & ~stop_o) == '0)
  `CW_ASSERT(LeavesOnce, !np_left_i || unsent_q != '0)
  `CW_ASSERT(BusyWhileOwed, busy_o || !rsp_valid_o || rsp_o.status == RdLied
      || rsp_o.status == RdTimeout)

endmodule
