// SPDX-License-Identifier: Apache-2.0
//
// The translation engine: the sequencer with its caches and its walkers, which share one reader of
// memory. Each request is answered once, in order by port. An invalidation comes only while `hold`
// keeps requests out and the engine is quiet.
// Spec: RISC-V IOMMU, "Process to translate an IOVA".
`include "cw_assert.svh"
module cw_iommu_engine import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_reg_pkg::*; #(
  parameter int unsigned IotlbEntries = 16,
  parameter int unsigned DcEntries    = 4,
  parameter int unsigned PwcEntries   = 4,
  parameter int unsigned PteLines     = 2     // of 64 bytes
) (
  input  logic                clk_i,
  input  logic                rst_i,

  input  caps_t               caps_i,
  input  logic [3:0]          mode_i,         // ddtp.iommu_mode
  input  ppn_t                directory_i,    // ddtp.PPN

  // Requests and answers: 0 posted, 1 non-posted
  input  tr_req_t [Ports-1:0] tr_req_i,
  input  logic [Ports-1:0]    tr_valid_i,
  output logic [Ports-1:0]    tr_ready_o,
  output tr_rsp_t [Ports-1:0] tr_rsp_o,
  output logic [Ports-1:0]    tr_rsp_valid_o,
  output logic [Ports-1:0]    answered_o,     // an answer was decided

  // Invalidation
  input  logic                hold_i,
  output logic                quiet_o,
  input  logic                inval_valid_i,
  input  inval_t              inval_i,

  // Memory reads
  output mem_walk_req_t       rd_req_o,
  output logic                rd_valid_o,
  input  logic                rd_ready_i,
  input  mem_rd_rsp_t         rd_rsp_i,
  input  walk_id_t            rd_rsp_id_i,
  input  logic                rd_rsp_valid_i,

  // Fault records
  output fault_record_t       record_o,
  output logic                record_valid_o,
  input  logic                record_ready_i
);

  did_t        dc_did, did;
  logic [63:0] iova;
  logic        dc_hit, write, tlb_hit, ddt_walk, ddt_done, pt_walk, pt_done;
  dc_info_t    dc, ddt_dc;
  pscid_t      pscid;
  ppn_t        root, tlb_ppn;
  cause_e      ddt_cause, pt_cause;
  tlb_entry_t  tlb_fill;
  mem_rd_req_t ddt_rd_req, pt_rd_req, rd_req;
  logic        ddt_rd_valid, pt_rd_valid;

  inval_t inval;
  always_comb begin
    inval     = inval_i;
    inval.vpn = inval_i.vpn & vpn_bits(3);
  end

  // The sequencer runs one walker at a time.
  assign rd_req   = ddt_walk ? ddt_rd_req : pt_rd_req;
  assign rd_req_o = '{id: '0, wrap: &rd_req.len, rd: rd_req};
  assign rd_valid_o = ddt_rd_valid || pt_rd_valid;

  cw_iommu_translate u_translate (
    .clk_i,
    .rst_i,
    .mode_i,
    .hold_i,
    .quiet_o,
    .tr_req_i,
    .tr_valid_i,
    .tr_ready_o,
    .tr_rsp_o,
    .tr_rsp_valid_o,
    .tr_rsp_ready_i ('1),
    .answered_o,
    .dc_did_o       (dc_did),
    .dc_hit_i       (dc_hit),
    .dc_i           (dc),
    .did_o          (did),
    .iova_o         (iova),
    .write_o        (write),
    .pscid_o        (pscid),
    .root_o         (root),
    .tlb_hit_i      (tlb_hit),
    .tlb_ppn_i      (tlb_ppn),
    .ddt_valid_o    (ddt_walk),
    .ddt_done_i     (ddt_done),
    .ddt_cause_i    (ddt_cause),
    .ddt_dc_i       (ddt_dc),
    .pt_valid_o     (pt_walk),
    .pt_done_i      (pt_done),
    .pt_cause_i     (pt_cause),
    .record_o,
    .record_valid_o,
    .record_ready_i
  );

  cw_iommu_dc_cache #(.Entries(DcEntries)) u_dc_cache (
    .clk_i,
    .rst_i,
    .did_i         (dc_did),
    .hit_o         (dc_hit),
    .dc_o          (dc),
    .fill_valid_i  (ddt_done && ddt_cause == CauseNone),
    .fill_did_i    (did),
    .fill_dc_i     (ddt_dc),
    .inval_valid_i,
    .inval_i        (inval)
  );

  cw_iommu_iotlb #(.Entries(IotlbEntries)) u_iotlb (
    .clk_i,
    .rst_i,
    .pscid_i       (pscid),
    .vpn_i         (vpn_of(iova, 3)),
    .write_i       (write),
    .hit_o         (tlb_hit),
    .ppn_o         (tlb_ppn),
    .fill_valid_i  (pt_done && pt_cause == CauseNone),
    .fill_i        (tlb_fill),
    .inval_valid_i,
    .inval_i        (inval)
  );

  cw_iommu_ddt_walker u_ddt_walker (
    .clk_i,
    .rst_i,
    .caps_i,
    .walk_valid_i   (ddt_walk),
    .did_i          (did),
    .mode_i,
    .root_i         (directory_i),
    .done_o         (ddt_done),
    .cause_o        (ddt_cause),
    .dc_o           (ddt_dc),
    .rd_req_o       (ddt_rd_req),
    .rd_valid_o     (ddt_rd_valid),
    .rd_ready_i,
    .rd_rsp_i,
    .rd_rsp_valid_i (rd_rsp_valid_i && ddt_walk)
  );

  cw_iommu_pt_walker #(.PwcEntries(PwcEntries), .PteLines(PteLines)) u_pt_walker (
    .clk_i,
    .rst_i,
    .walk_valid_i   (pt_walk),
    .pscid_i        (pscid),
    .root_i         (root),
    .iova_i         (iova),
    .write_i        (write),
    .done_o         (pt_done),
    .cause_o        (pt_cause),
    .fill_o         (tlb_fill),
    .rd_req_o       (pt_rd_req),
    .rd_valid_o     (pt_rd_valid),
    .rd_ready_i,
    .rd_rsp_i,
    .rd_rsp_valid_i (rd_rsp_valid_i && pt_walk),
    .inval_valid_i,
    .inval_i        (inval)
  );

  `CW_ASSERT(NoInvalidationUnderAWalk, !inval_valid_i || quiet_o)
  `CW_ASSERT(OneWalk, !rd_rsp_valid_i || rd_rsp_id_i == '0)
  `CW_ASSERT(OneWalkerAsks, !(ddt_rd_valid && pt_rd_valid))
  `CW_ASSERT(DataOnlyForAWalk, !rd_rsp_valid_i || ddt_walk || pt_walk)

endmodule
