// SPDX-License-Identifier: Apache-2.0
//
// The lookup: one request per clock, answered from the caches two clocks after it was taken, else
// from what holds the misses while hits pass them: no walk, refusal or miss delays a hit. An
// invalidation is done in its clock, at any time; requests inside are looked up after it, for which
// it holds the lookup still for that clock.
// Spec: RISC-V IOMMU, "Process to translate an IOVA"; steps are those of that list.
`include "cw_assert.svh"
module cw_iommu_translate import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter int unsigned IotlbEntries = 16,
  parameter int unsigned L2Entries    = 512,  // 0: no second level
  parameter int unsigned DcEntries    = 8,
  parameter int unsigned Pending      = 8,    // requests inside
  parameter int unsigned Walks        = 4,
  parameter int unsigned Levels       = 3
) (
  input  logic                clk_i,
  input  logic                rst_i,

  input  logic [3:0]          mode_i,         // ddtp.iommu_mode

  // Requests and answers: 0 posted, 1 non-posted; whoever asks has room for the answer
  input  tr_req_t [Ports-1:0] tr_req_i,
  input  logic [Ports-1:0]    tr_valid_i,
  output logic [Ports-1:0]    tr_ready_o,
  output tr_rsp_t [Ports-1:0] tr_rsp_o,
  output logic [Ports-1:0]    tr_rsp_valid_o,

  // Debug translation
  input  dbg_req_t            dbg_req_i,
  input  logic                dbg_valid_i,
  output logic                dbg_ready_o,
  output dbg_rsp_t            dbg_rsp_o,
  output logic                dbg_rsp_valid_o,

  // Invalidation
  input  logic                inval_valid_i,
  input  inval_t              inval_i,

  // Walks; a request is made only while one is free
  output walk_req_t           walk_req_o,
  output logic                walk_valid_o,
  input  logic                walk_ready_i,
  input  walk_id_t            walk_id_i,
  input  walk_rsp_t           walk_rsp_i,
  input  logic                walk_rsp_valid_i,

  // Fault records
  output fault_record_t       record_o,
  output logic                record_valid_o,
  input  logic                record_ready_i,

  output perf_lookup_t        perf_o
);

  localparam int unsigned IndexW = $clog2(Pending);

  // ---- The request that comes next

  logic              over, valid0, again0, again_valid, again_ready;
  ask_t              ask0, again_ask;
  logic [IndexW-1:0] index0, again_index;

  cw_iommu_intake #(.Places(Pending)) u_intake (
    .clk_i,
    .rst_i,
    .tr_req_i,
    .tr_valid_i,
    .tr_ready_o,
    .dbg_req_i,
    .dbg_valid_i,
    .dbg_ready_o,
    .again_ask_i   (again_ask),
    .again_index_i (again_index),
    .again_valid_i (again_valid),
    .again_ready_o (again_ready),
    .over_i        (over),
    .ask_o         (ask0),
    .again_o       (again0),
    .index_o       (index0),
    .valid_o       (valid0),
    .hold_i        (inval_valid_i)
  );

  // ---- First station: the device context. Second: the translation, and the answer.

  logic              valid_q, again_q, dc_hit, dc_hit_q;
  ask_t              ask_q;                 // no reset: these are read only where valid_q
  logic [IndexW-1:0] index_q;
  dc_info_t          dc, dc_q;
  tr_req_t           req;

  assign req = ask_q.req;

  always_ff @(posedge clk_i) begin
    if (rst_i)               valid_q <= 1'b0;
    else if (!inval_valid_i) valid_q <= valid0;
    if (!inval_valid_i) begin
      ask_q    <= ask0;
      again_q  <= again0;
      index_q  <= index0;
      dc_hit_q <= dc_hit;
      dc_q     <= dc;
    end else if (inval_i.dir) begin
      dc_hit_q <= 1'b0;  // it may be what is to be forgotten
    end
  end

  // ---- `cause` and `allowed` are both zero where a walk must tell

  vpn_t   vpn;
  logic   settled, bare, identity, tlb_hit, allowed, leave, answered;
  ppn_t   tlb_ppn;
  cause_e cause;
  told_t  told, pending_told;
  logic   pending_told_valid;

  assign vpn      = vpn_of(req.iova, Levels);
  assign settled  = ask_q.fate != FateOpen;
  assign bare     = mode_i == DdtpBare;
  assign identity = settled || req.pass || bare || dc_q.bare;

  always_comb begin
    cause   = CauseNone;
    allowed = 1'b0;
    if (settled || req.pass)                                allowed = 1'b1;
    else if (mode_i == DdtpOff)                             cause = CauseAllDisallowed;  // 1
    else if (bare && req.at != AtUntranslated)              cause = CauseTypeDisallow;   // 2
    else if (bare)                                          allowed = 1'b1;
    else if (did_too_wide(req.did, mode_i))                 cause = CauseTypeDisallow;   // 5
    else if (dc_hit_q && req.at != AtUntranslated)          cause = CauseTypeDisallow;   // 7
    else if (dc_hit_q && dc_q.bare)                         allowed = 1'b1;              // 12
    else if (dc_hit_q && is_canonical(req.iova, dc_q.sv48)) allowed = tlb_hit;           // 17
  end

  assign leave    = valid_q && !inval_valid_i;
  assign answered = leave && allowed;
  assign over     = answered || pending_told_valid;

  // ---- Answers: those of the lookup, and in a clock without one those of walks and refusals

  always_comb begin
    told = '{to:  ask_q.from,
             rsp: '{tag:   req.tag,
                    hpa:   identity ? req.iova[HpaBits-1:0]
                                    : {tlb_ppn, req.iova[11:0]},
                    fault: settled ? ask_q.fate == FateRefused
                           : identity && !req.pass && beyond_hpa(req.iova)}};
    if (!answered) told = pending_told;
  end

  tr_rsp_t           rsp_q;    // no reset: read only where valid
  logic [Askers-1:0] rsp_valid_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) rsp_valid_q <= '0;
    else       rsp_valid_q <= over ? Askers'(1) << told.to : '0;
    if (over) rsp_q <= told.rsp;
  end

  assign tr_rsp_o        = {Ports{rsp_q}};
  assign tr_rsp_valid_o  = rsp_valid_q[Ports-1:0];
  assign dbg_rsp_o       = '{ppn: rsp_q.hpa[HpaBits-1:12], fault: rsp_q.fault};
  assign dbg_rsp_valid_o = rsp_valid_q[AskDebug];

  logic counts;
  assign counts = leave && !again_q && ask_q.from != AskDebug;
  assign perf_o = '{
    untranslated: counts && !req.pass && req.at == AtUntranslated,
    tlb_miss:     counts && !allowed && cause == CauseNone,
    did:          req.did,
    pscv:         dc_hit_q && !dc_q.bare,
    pscid:        dc_q.pscid};

  // ---- Misses

  assign walk_req_o = '{did:     req.did,
                        iova:    req.iova,
                        write:   req.write,
                        exec:    ask_q.exec,
                        dc_only: req.at != AtUntranslated,
                        dc_hit:  dc_hit_q,
                        dc:      dc_q};

  cw_iommu_pending #(.Entries(Pending), .Walks(Walks)) u_pending (
    .clk_i,
    .rst_i,
    .in_ask_i       (ask_q),
    .in_again_i     (again_q),
    .in_index_i     (index_q),
    .in_stays_i     (leave && !allowed),
    .in_leaves_i    (answered && again_q),
    .in_answered_i  (answered),
    .in_cause_i     (cause),
    .in_dtf_i       (dc_hit_q && dc_q.dtf),
    .in_vpn_i       (vpn),
    .walk_valid_o,
    .walk_ready_i,
    .walk_id_i,
    .walk_rsp_i,
    .walk_rsp_valid_i,
    .out_ask_o      (again_ask),
    .out_index_o    (again_index),
    .out_valid_o    (again_valid),
    .out_ready_i    (again_ready),
    .told_o         (pending_told),
    .told_valid_o   (pending_told_valid),
    .record_o,
    .record_valid_o,
    .record_ready_i
  );

  cw_iommu_caches #(
    .IotlbEntries (IotlbEntries),
    .L2Entries    (L2Entries),
    .DcEntries    (DcEntries)
  ) u_caches (
    .clk_i,
    .rst_i,
    .did_i      (ask0.req.did),
    .next_vpn_i (vpn_of(ask0.req.iova, Levels)),
    .next_i     (!inval_valid_i),
    .dc_hit_o   (dc_hit),
    .dc_o       (dc),
    .pscid_i    (dc_q.pscid),
    .vpn_i      (vpn),
    .write_i    (req.write),
    .exec_i     (ask_q.exec),
    .hit_o      (tlb_hit),
    .ppn_o      (tlb_ppn),
    .walk_rsp_i,
    .walk_rsp_valid_i,
    .walk_did_i (again_ask.req.did),
    .inval_valid_i,
    .inval_i
  );

  `CW_REQUIRE(Levels inside {3, 4}, "neither Sv39 nor Sv48")
  `CW_ASSERT(OneAnswerInAClock, $onehot0(rsp_valid_q) && !(answered && pending_told_valid))
  `CW_ASSERT(SettledWasHere, !valid_q || !settled || again_q)
  `CW_ASSERT(NoWalkInAnInvalidation, !walk_valid_o || !inval_valid_i)
  `CW_ASSERT(NoWalkWithoutATable, !walk_valid_o || mode_i inside {Ddtp1Lvl, Ddtp2Lvl, Ddtp3Lvl})

endmodule
