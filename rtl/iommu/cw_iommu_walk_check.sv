// SPDX-License-Identifier: Apache-2.0
//
// Judges one beat of memory for the walk that asked for it: where the walk goes next, or why it
// ends. A fault on any beat of a device context is a fault of the whole. Combinational.
// Spec: RISC-V IOMMU, "Process to locate the Device-context" (steps D3 to D10); RISC-V Privileged,
// "Virtual Address Translation Process" (steps V2 to V8).
`include "cw_assert.svh"
module cw_iommu_walk_check
  import cw_iommu_pkg::*;
  import cw_iommu_tr_pkg::*;
  import cw_iommu_walk_pkg::*;
(
  input  logic                     clk_i,    // for the assertions
  input  logic                     rst_i,

  input  cw_iommu_reg_pkg::caps_t  caps_i,

  input  walk_t                    walk_i,
  input  mem_rd_rsp_t              rsp_i,
  input  logic                     valid_i,  // for the assertions

  output walk_step_e               step_o,
  output cause_e                   cause_o,  // with StepEnd; CauseNone: found
  output dc_info_t                 dc_o,     // with the last beat of a context
  output walk_t                    walk_o    // after this beat; not with StepEnd
);

  ddte_t        ddte;
  pte_t         pte;
  dc_tc_t       tc;
  dc_ta_t       ta;
  dc_fsc_t      fsc;
  walk_seen_t   seen;
  pte_verdict_e verdict;
  logic         in_context;

  assign ddte = rsp_i.data;
  assign pte  = rsp_i.data;
  assign tc   = rsp_i.data;
  assign ta   = rsp_i.data;
  assign fsc  = rsp_i.data;

  assign verdict    = pte_verdict(pte, walk_i.level, walk_i.write, walk_i.exec);
  assign in_context = walk_i.dir && walk_i.level == 2'd0;

  always_comb begin
    seen        = walk_i.seen;
    seen.beats  = walk_i.seen.beats + 1'b1;
    seen.error  = walk_i.seen.error || rsp_i.error;
    seen.poison = walk_i.seen.poison || rsp_i.poison;
    if (!in_context) begin
      seen.v   = ddte.v;
      seen.bad = ddte_reserved(ddte);
    end else begin
      unique case (walk_i.seen.beats)
        2'd0: begin
          seen.v    = tc.v;
          seen.bad  = tc_misconfigured(tc);
          seen.dtf  = tc.dtf;
          seen.pdtv = tc.pdtv;
        end
        2'd1:    seen.bad = walk_i.seen.bad || iohgatp_misconfigured(rsp_i.data);
        2'd2:    seen.bad = walk_i.seen.bad || ta_misconfigured(ta);
        default: seen.bad = walk_i.seen.bad || fsc_misconfigured(fsc, walk_i.seen.pdtv, caps_i);
      endcase
    end
  end

  assign dc_o = '{bare:  fsc.mode == ModeBare,   // so it is with PDTV too
                  sv48:  fsc.mode == IosatpSv48,
                  dtf:   walk_i.seen.dtf,
                  pscid: walk_i.pscid,
                  root:  fsc.ppn};

  always_comb begin
    cause_o = CauseNone;
    if (walk_i.dir) begin
      if (seen.error)       cause_o = CauseDdtAccess;     // D3, D8
      else if (seen.poison) cause_o = CauseDdtPoison;     // D4, D8
      else if (!seen.v)     cause_o = CauseDdtInvalid;    // D5, D9
      else if (seen.bad)    cause_o = CauseDdtMisconfig;  // D6, D10
    end else begin
      if (rsp_i.error)      cause_o = access_fault(walk_i.write, walk_i.exec);  // V2
      else if (rsp_i.poison) cause_o = CausePtPoison;
      else if (verdict == PteFault) cause_o = page_fault(walk_i.write, walk_i.exec);  // V3 to V8
    end
  end

  always_comb begin
    step_o = StepEnd;
    if (walk_i.dir && !rsp_i.last) step_o = StepMore;
    else if (cause_o != CauseNone) step_o = StepEnd;
    else if (in_context)           step_o = dc_o.bare || walk_i.dc_only ? StepEnd : StepTables;
    else if (walk_i.dir || verdict == PtePointer) step_o = StepDown;
  end

  always_comb begin
    walk_o = walk_i;
    unique case (step_o)
      StepMore: begin
        walk_o.seen = seen;
        if (walk_i.seen.beats == 2'd2) walk_o.pscid = ta.pscid;
      end
      StepDown: begin
        walk_o.level = walk_i.level - 1'b1;
        walk_o.base  = walk_i.dir ? ddte.ppn : pte.ppn;
        walk_o.seen  = '0;
      end
      StepTables: begin
        walk_o.dir   = 1'b0;
        walk_o.found = 1'b1;
        walk_o.level = top_level(dc_o.sv48);
        walk_o.base  = fsc.ppn;
      end
      default: ;
    endcase
  end

  `CW_ASSERT(DownEndsAtTheLastLevel, !valid_i || step_o != StepDown || walk_i.level != 2'd0)
  `CW_ASSERT(EndWithoutCauseIsAFind, !valid_i || step_o != StepEnd || cause_o != CauseNone
      || in_context || (!walk_i.dir && verdict == PteLeaf))
  `CW_ASSERT(FoundContextIsValid, !valid_i || step_o != StepTables || walk_i.seen.v)
  `CW_ASSERT(ContextHasFourBeats, !valid_i || !in_context || !rsp_i.last
      || &walk_i.seen.beats || rsp_i.error)

endmodule
