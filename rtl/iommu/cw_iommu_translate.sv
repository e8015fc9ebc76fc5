// SPDX-License-Identifier: Apache-2.0
//
// Answers each request once and in order: from the caches one per clock, two clocks after it was
// taken; else after the walks that are missing. `hold` keeps new requests out, and `quiet` says
// that none is under way, so that an invalidation meets no walk. The consumer of a port takes its
// answers without waiting for the other port.
// Spec: RISC-V IOMMU, "Process to translate an IOVA"; steps are those of that list.
`include "cw_assert.svh"
module cw_iommu_translate import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; (
  input  logic                  clk_i,
  input  logic                  rst_i,

  input  logic [3:0]            mode_i,        // ddtp.iommu_mode
  input  logic                  hold_i,
  output logic                  quiet_o,

  // Requests and answers
  input  tr_req_t [Ports-1:0]   tr_req_i,
  input  logic [Ports-1:0]      tr_valid_i,
  output logic [Ports-1:0]      tr_ready_o,
  output tr_rsp_t [Ports-1:0]   tr_rsp_o,
  output logic [Ports-1:0]      tr_rsp_valid_o,
  input  logic [Ports-1:0]      tr_rsp_ready_i,
  output logic [Ports-1:0]      answered_o,    // an answer was decided

  // Device-context cache, looked up for the request that comes next
  output did_t                  dc_did_o,
  input  logic                  dc_hit_i,
  input  dc_info_t              dc_i,

  // The request under way, to the IOTLB and the walkers
  output did_t                  did_o,
  output logic [63:0]           iova_o,
  output logic                  write_o,
  output pscid_t                pscid_o,
  output ppn_t                  root_o,
  input  logic                  tlb_hit_i,
  input  ppn_t                  tlb_ppn_i,

  // Walks; one that succeeds has filled its cache when it is done
  output logic                  ddt_valid_o,
  input  logic                  ddt_done_i,
  input  cause_e                ddt_cause_i,
  input  dc_info_t              ddt_dc_i,
  output logic                  pt_valid_o,
  input  logic                  pt_done_i,
  input  cause_e                pt_cause_i,

  // Fault records
  output fault_record_t         record_o,
  output logic                  record_valid_o,
  input  logic                  record_ready_i
);

  typedef enum logic [1:0] { StLookup, StDdt, StPt, StFault } state_e;

  // ---- One request is chosen and waits in the first station

  logic [Ports-1:0] grant;
  logic             port, any, first_free, first_valid_q, port1_q;
  tr_req_t          req1_q;             // no reset: read only where first_valid_q

  cw_rr_arbiter #(.N(Ports)) u_ports (
    .clk_i,
    .rst_i,
    .req_i   (tr_valid_i),
    .take_i  (any && first_free),
    .lock_i  (1'b0),
    .grant_o (grant),
    .index_o (port),
    .any_o   (any)
  );

  assign tr_ready_o = first_free ? grant : '0;

  // ---- The second station has its device context, if that is known

  state_e   state_q, state_d;
  logic     valid_q, port_q, dc_hit_q, dc_hit_d, enter, leave, allowed;
  tr_req_t  req_q;                      // no reset: read only where valid_q
  dc_info_t dc_q, dc_d;                 // no reset: read only where dc_hit_q
  cause_e   cause_q, cause_d, cause;    // no reset: read only in StFault
  tr_rsp_t  answer;

  assign first_free = !first_valid_q || enter;
  assign enter      = first_valid_q && !hold_i && (!valid_q || leave);
  assign quiet_o    = !valid_q;
  assign dc_did_o   = req1_q.did;

  // ---- Looking up; `cause` and `allowed` are both zero where a walk must tell

  logic bare, identity;
  assign bare     = mode_i == DdtpBare;
  assign identity = req_q.pass || bare || dc_q.bare;

  always_comb begin
    cause   = CauseNone;
    allowed = 1'b0;
    if (req_q.pass)                                           allowed = 1'b1;
    else if (mode_i == DdtpOff)                               cause = CauseAllDisallowed;  // 1
    else if (bare && req_q.at != AtUntranslated)              cause = CauseTypeDisallow;   // 2
    else if (bare)                                            allowed = 1'b1;
    else if (did_too_wide(req_q.did, mode_i))                 cause = CauseTypeDisallow;   // 5
    else if (dc_hit_q && req_q.at != AtUntranslated)          cause = CauseTypeDisallow;   // 7
    else if (dc_hit_q && dc_q.bare)                           allowed = 1'b1;              // 12
    else if (dc_hit_q && tlb_hit_i && is_canonical(req_q.iova, 1'b0)) allowed = 1'b1;      // 17
  end

  always_comb begin
    state_d        = state_q;
    dc_d           = dc_q;
    dc_hit_d       = dc_hit_q;
    cause_d        = cause_q;
    leave          = 1'b0;
    answer         = '{tag: req_q.tag,
                       hpa: identity ? req_q.iova[HpaBits-1:0] : {tlb_ppn_i, req_q.iova[11:0]},
                       fault: 1'b0};
    ddt_valid_o    = 1'b0;
    pt_valid_o     = 1'b0;
    record_valid_o = 1'b0;
    unique case (state_q)
      StLookup: begin  // answer from the caches, or say what is missing
        // An address that no memory has is refused here, for its upper bits would be lost.
        answer.fault = identity && !req_q.pass && req_q.iova[63:HpaBits] != '0;
        cause_d      = cause;
        if (valid_q) begin
          if (allowed)                 leave   = !tr_rsp_valid_o[port_q] || tr_rsp_ready_i[port_q];
          else if (cause != CauseNone) state_d = StFault;
          else                         state_d = dc_hit_q ? StPt : StDdt;
        end
      end
      StDdt: begin
        ddt_valid_o = 1'b1;
        if (ddt_done_i) begin
          dc_d     = ddt_dc_i;
          dc_hit_d = ddt_cause_i == CauseNone;
          cause_d  = ddt_cause_i;
          state_d  = ddt_cause_i == CauseNone ? StLookup : StFault;
        end
      end
      StPt: begin
        pt_valid_o = 1'b1;
        if (pt_done_i) begin
          cause_d = pt_cause_i;
          state_d = pt_cause_i == CauseNone ? StLookup : StFault;
        end
      end
      StFault: begin  // record and refusal together
        answer.fault = 1'b1;
        if (!tr_rsp_valid_o[port_q] || tr_rsp_ready_i[port_q]) begin
          record_valid_o = reported_despite_dtf(cause_q) || !(dc_hit_q && dc_q.dtf);
          leave          = !record_valid_o || record_ready_i;
        end
        if (leave) state_d = StLookup;
      end
      default: state_d = StLookup;
    endcase
  end

  assign did_o    = req_q.did;
  assign iova_o   = req_q.iova;
  assign write_o  = req_q.write;
  assign pscid_o  = dc_q.pscid;
  assign root_o   = dc_q.root;
  assign record_o = '{iotval: req_q.iova, did: req_q.did, ttyp: ttyp(req_q.at, req_q.write),
                      cause: cause_q, default: '0};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      first_valid_q <= 1'b0;
      valid_q       <= 1'b0;
      state_q       <= StLookup;
    end else begin
      first_valid_q <= any || (first_valid_q && !enter);
      valid_q       <= enter || (valid_q && !leave);
      state_q       <= state_d;
    end
    if (any && first_free) begin
      req1_q  <= tr_req_i[port];
      port1_q <= port;
    end
    cause_q <= cause_d;
    if (enter) begin
      req_q    <= req1_q;
      port_q   <= port1_q;
      dc_hit_q <= dc_hit_i;
      dc_q     <= dc_i;
    end else begin
      dc_hit_q <= dc_hit_d;
      dc_q     <= dc_d;
    end
  end

  // ---- Answers: one register for each port

  always_comb begin
    answered_o         = '0;
    answered_o[port_q] = leave;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) tr_rsp_valid_o <= '0;
    else       tr_rsp_valid_o <= answered_o | (tr_rsp_valid_o & ~tr_rsp_ready_i);
    if (leave) tr_rsp_o[port_q] <= answer;
  end

  `CW_ASSERT(AnswerFindsItsRegisterFree,
      !leave || !tr_rsp_valid_o[port_q] || tr_rsp_ready_i[port_q])
  `CW_ASSERT(NothingEntersOnHold, !enter || !hold_i)
  `CW_ASSERT(NoWalkWhenQuiet, !quiet_o || (state_q == StLookup && !ddt_valid_o && !pt_valid_o))
  `CW_ASSERT(OneWalkAtATime, !(ddt_valid_o && pt_valid_o))
  `CW_ASSERT_HELD(Answer0Held, tr_rsp_valid_o[0], tr_rsp_ready_i[0], tr_rsp_o[0])
  `CW_ASSERT_HELD(Answer1Held, tr_rsp_valid_o[1], tr_rsp_ready_i[1], tr_rsp_o[1])
  `CW_ASSERT_HELD(RecordHeld, record_valid_o, record_ready_i, record_o)

endmodule
