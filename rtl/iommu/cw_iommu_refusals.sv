// SPDX-License-Identifier: Apache-2.0
//
// Requests to be refused, by the lookup or by what their walk found, in the order in which that was
// known. Each is refused in the clock in which its fault record, if it is to have one, finds its
// register free.
// Spec: RISC-V IOMMU, "Fault/Event-Queue (FQ)".
`include "cw_assert.svh"
module cw_iommu_refusals import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Entries = 8,
  localparam int unsigned IndexW  = $clog2(Entries)
) (
  input  logic              clk_i,
  input  logic              rst_i,

  // The lookup refuses a request; not in the clock in which a walk ends
  input  logic [IndexW-1:0] in_index_i,
  input  cause_e            in_cause_i,
  input  logic              in_dtf_i,       // its context has DTF
  input  logic              in_valid_i,
  output logic              in_ready_o,

  // A walk answers: none is refused in that clock, but the request that began it may be found to be
  input  walk_rsp_t         walk_rsp_i,
  input  logic              walk_rsp_valid_i,
  input  logic [IndexW-1:0] walk_index_i,
  input  logic              walk_dtf_i,     // unless it tells the context
  output logic              walk_refused_o,

  // The request `index_o` is refused now
  output logic [IndexW-1:0] index_o,
  output logic              refuse_o,
  input  ask_t              ask_i,          // what is at `index_o`; else what began the walk

  // Fault records
  output fault_record_t     record_o,
  output logic              record_valid_o,
  input  logic              record_ready_i
);

  typedef struct packed {
    logic [IndexW-1:0] index;
    cause_e            cause;
    logic              report;
  } refusal_t;

  refusal_t refusal, next;
  logic     any, walk_ends, dtf;
  cause_e   cause;

  // A context that is found may forbid the request.
  assign walk_ends      = walk_rsp_valid_i && walk_rsp_i.done;
  assign walk_refused_o = walk_ends && cause != CauseNone;
  assign in_ready_o     = !walk_ends;

  always_comb begin
    cause = in_cause_i;
    dtf   = in_dtf_i;
    if (walk_ends) begin
      cause = walk_rsp_i.dc_found && ask_i.req.at != AtUntranslated ? CauseTypeDisallow
                                                                    : walk_rsp_i.cause;
      dtf   = walk_rsp_i.dc_found ? walk_rsp_i.dc.dtf : walk_dtf_i;
    end
    next = '{index:  walk_ends ? walk_index_i : in_index_i,
             cause:  cause,
             report: reported_despite_dtf(cause) || !dtf};
  end

  cw_fifo #(.DataW($bits(refusal_t)), .Depth(Entries)) u_refusals (
    .clk_i,
    .rst_i,
    .in_data_i   (next),
    .in_valid_i  (walk_refused_o || (in_valid_i && in_ready_o)),
    .in_ready_o  (),
    .out_data_o  (refusal),
    .out_valid_o (any),
    .out_ready_i (refuse_o),
    .level_o     ()
  );

  assign index_o  = refusal.index;
  assign refuse_o = any && !walk_rsp_valid_i
                    && (!refusal.report || !record_valid_o || record_ready_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) record_valid_o <= 1'b0;
    else record_valid_o <= (refuse_o && refusal.report) || (record_valid_o && !record_ready_i);
    if (refuse_o) begin
      record_o <= '{iotval:  ask_i.req.iova,
                    did:     ask_i.req.did,
                    ttyp:    ttyp(ask_i.req.at, ask_i.req.write, ask_i.exec),
                    cause:   refusal.cause,
                    default: '0};
    end
  end

  `CW_ASSERT(RefusalHasACause, !in_valid_i || in_cause_i != CauseNone)
  `CW_ASSERT_HELD(RecordHeld, record_valid_o, record_ready_i, record_o)

endmodule
