// SPDX-License-Identifier: Apache-2.0
//
// What is known without memory: device contexts, and translations in two levels. Walks fill it
// while it is looked up, which finds what they bring from the next clock on; in the clock of an
// invalidation nothing is found. An answer that meets an invalidation, or is stale, fills nothing.
// Spec: RISC-V IOMMU, "Caching in-memory data structures".
`include "cw_assert.svh"
module cw_iommu_caches import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter int unsigned IotlbEntries = 16,
  parameter int unsigned L2Entries    = 512,  // 0: no second level
  parameter int unsigned DcEntries    = 8
) (
  input  logic      clk_i,
  input  logic      rst_i,

  // First station: the context of a device; `next_i` when the request goes on to the second
  input  did_t      did_i,
  input  vpn_t      next_vpn_i,
  input  logic      next_i,
  output logic      dc_hit_o,
  output dc_info_t  dc_o,         // meaningless without a hit

  // Second station: the translation
  input  pscid_t    pscid_i,
  input  vpn_t      vpn_i,
  input  logic      write_i,
  input  logic      exec_i,
  output logic      hit_o,
  output ppn_t      ppn_o,        // of the 4 KiB page; meaningless without a hit

  // Answers of walks
  input  walk_rsp_t walk_rsp_i,
  input  logic      walk_rsp_valid_i,
  input  did_t      walk_did_i,

  // Invalidation
  input  logic      inval_valid_i,
  input  inval_t    inval_i
);

  logic dc_fill, fill, l1_hit, l2_hit;
  ppn_t l1_ppn, l2_ppn;

  assign dc_fill = walk_rsp_valid_i && walk_rsp_i.dc_found && !walk_rsp_i.stale;
  assign fill    = walk_rsp_valid_i && !walk_rsp_i.dc_found && walk_rsp_i.done
                   && walk_rsp_i.cause == CauseNone && !walk_rsp_i.stale;

  cw_iommu_dc_cache #(.Entries(DcEntries)) u_dc_cache (
    .clk_i,
    .rst_i,
    .did_i,
    .hit_o        (dc_hit_o),
    .dc_o,
    .fill_valid_i (dc_fill),
    .fill_did_i   (walk_did_i),
    .fill_dc_i    (walk_rsp_i.dc),
    .inval_valid_i,
    .inval_i
  );

  cw_iommu_iotlb #(.Entries(IotlbEntries)) u_l1 (
    .clk_i,
    .rst_i,
    .pscid_i,
    .vpn_i,
    .write_i,
    .exec_i,
    .hit_o        (l1_hit),
    .ppn_o        (l1_ppn),
    .fill_valid_i (fill),
    .fill_i       (walk_rsp_i.entry),
    .inval_valid_i,
    .inval_i
  );

  if (L2Entries != 0) begin : gen_l2
    cw_iommu_iotlb_l2 #(.Entries(L2Entries)) u_l2 (
      .clk_i,
      .rst_i,
      .next_i,
      .next_vpn_i,
      .pscid_i,
      .vpn_i,
      .write_i,
      .exec_i,
      .hit_o        (l2_hit),
      .ppn_o        (l2_ppn),
      .fill_valid_i (fill),
      .fill_i       (walk_rsp_i.entry),
      .inval_valid_i,
      .inval_i
    );
  end else begin : gen_no_l2
    assign l2_hit = 1'b0;
    assign l2_ppn = '0;
    logic unused;
    assign unused = &{1'b0, next_vpn_i, next_i};
  end

  assign hit_o = l1_hit || l2_hit;
  assign ppn_o = l1_hit ? l1_ppn : l2_ppn;

  `CW_ASSERT(NoLookupWithAnInvalidation, !(hit_o || dc_hit_o) || !inval_valid_i)

endmodule
