// SPDX-License-Identifier: Apache-2.0
//
// Requests to be refused, in the order in which that was found. Each is refused in the clock in
// which its fault record, if it is to have one, finds its register free.
// Spec: RISC-V IOMMU, "Fault/Event-Queue (FQ)".
`include "cw_assert.svh"
module cw_iommu_refusals import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter  int unsigned Entries = 8,
  localparam int unsigned IndexW  = $clog2(Entries)
) (
  input  logic              clk_i,
  input  logic              rst_i,

  // A request is to be refused
  input  logic [IndexW-1:0] in_index_i,
  input  cause_e            in_cause_i,
  input  logic              in_dtf_i,       // its context has DTF
  input  logic              in_valid_i,

  // The request `index_o` is refused now
  input  logic              pause_i,
  output logic [IndexW-1:0] index_o,
  output logic              refuse_o,
  input  ask_t              ask_i,          // what is at `index_o`

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

  refusal_t refusal;
  logic     any;

  cw_fifo #(.DataW($bits(refusal_t)), .Depth(Entries)) u_refusals (
    .clk_i,
    .rst_i,
    .in_data_i   ({in_index_i, in_cause_i, reported_despite_dtf(in_cause_i) || !in_dtf_i}),
    .in_valid_i,
    .in_ready_o  (),
    .out_data_o  (refusal),
    .out_valid_o (any),
    .out_ready_i (refuse_o),
    .level_o     ()
  );

  assign index_o  = refusal.index;
  assign refuse_o = any && !pause_i && (!refusal.report || !record_valid_o || record_ready_i);

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
