// SPDX-License-Identifier: Apache-2.0
//
// The selector of one event counter: says of each clock whether its event happened to a transaction
// that passes the filter, and keeps OF.
// Spec: RISC-V IOMMU, iohpmevt1-31.
`include "cw_assert.svh"
module cw_iommu_hpm_event import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_reg_pkg::*; (
  input  logic        clk_i,
  input  logic        rst_i,

  input  perf_t       perf_i,
  output logic        counts_o,
  input  logic        overflow_i,  // of the counter: OF rises

  // Writes, by 4-byte half; what the register reads
  input  logic [1:0]  write_i,
  input  iohpmevt_t   wdata_i,
  output iohpmevt_t   selector_o
);

  iohpmevt_t evt_q, evt_d;
  logic      happens, by_psc, of_walk, pscv, did_matches, pscid_matches;
  did_t      did, dont_care;
  pscid_t    pscid;

  // ---- Which event

  assign of_walk = evt_q.event_id inside {EventDdtWalk, EventPtWalk};
  assign by_psc  = evt_q.event_id inside {EventIotlbMiss, EventPtWalk};
  assign did     = of_walk ? perf_i.walk.did : perf_i.lookup.did;
  assign pscv    = of_walk ? perf_i.walk.pscv : perf_i.lookup.pscv;
  assign pscid   = of_walk ? perf_i.walk.pscid : perf_i.lookup.pscid;

  always_comb begin
    unique case (evt_q.event_id)
      EventUntranslated: happens = perf_i.lookup.untranslated;
      EventIotlbMiss:    happens = perf_i.lookup.tlb_miss;
      EventDdtWalk:      happens = perf_i.walk.ddt;
      EventPtWalk:       happens = perf_i.walk.first_stage;
      default:           happens = 1'b0;
    endcase
  end

  // ---- Of whom: no transaction has a process id or a GSCID

  // The bits of the device id up to its lowest 0, that bit included.
  assign dont_care     = evt_q.dmask ? evt_q.did_gscid ^ (evt_q.did_gscid + 1'b1) : '0;
  assign did_matches   = ((did ^ evt_q.did_gscid) & ~dont_care) == '0;
  assign pscid_matches = pscv && pscid == evt_q.pid_pscid;

  always_comb begin
    counts_o = happens;
    if (!evt_q.idt) begin
      if (evt_q.pv_pscv || (evt_q.dv_gscv && !did_matches)) counts_o = 1'b0;
    end else begin
      if (!by_psc || evt_q.dv_gscv || (evt_q.pv_pscv && !pscid_matches)) counts_o = 1'b0;
    end
  end

  // ---- Register

  always_comb begin
    evt_d    = evt_q;
    evt_d.of = evt_q.of || overflow_i;
    if (write_i[1]) evt_d[63:32] = wdata_i[63:32];
    if (write_i[0]) begin
      evt_d[31:0] = wdata_i[31:0];
      if (!(wdata_i.event_id inside {EventNone, EventUntranslated, EventIotlbMiss, EventDdtWalk,
                                     EventPtWalk})) evt_d.event_id = evt_q.event_id;
    end
    // No known event has a higher bit: none is kept.
    evt_d.event_id = event_e'(evt_d.event_id & EventIdMask);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) evt_q <= iohpmevt_t'(0);
    else       evt_q <= evt_d;
  end

  assign selector_o = evt_q;

  `CW_ASSERT(OnlyKnownEvents, evt_q.event_id inside {EventNone, EventUntranslated, EventIotlbMiss,
      EventDdtWalk, EventPtWalk})
  `CW_ASSERT(OverflowStays, !evt_q.of || evt_d.of || write_i[1])

endmodule
