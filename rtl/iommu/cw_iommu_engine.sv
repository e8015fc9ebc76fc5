// SPDX-License-Identifier: Apache-2.0
//
// The translation engine: the lookup and the walks for what it misses. Each request is answered
// once, in any order. An invalidation may come in any clock: what is accepted later is translated
// by what memory says later.
// Spec: RISC-V IOMMU, "Process to translate an IOVA".
`include "cw_assert.svh"
module cw_iommu_engine import cw_iommu_pkg::*, cw_iommu_tr_pkg::*; #(
  parameter int unsigned IotlbEntries = 16,
  parameter int unsigned L2Entries    = 512,  // 0: no second level
  parameter int unsigned DcEntries    = 8,
  parameter int unsigned Walks        = 4,    // at once
  parameter int unsigned Pending      = 8,    // requests inside
  parameter int unsigned PwcEntries   = 8,
  parameter int unsigned PteLines     = 4,    // of 64 bytes
  parameter int unsigned Levels       = 3     // 3: Sv39; 4: Sv48 too
) (
  input  logic                    clk_i,
  input  logic                    rst_i,

  input  cw_iommu_reg_pkg::caps_t caps_i,
  input  logic [3:0]              mode_i,       // ddtp.iommu_mode
  input  ppn_t                    directory_i,  // ddtp.PPN

  // Requests and answers: 0 posted, 1 non-posted
  input  tr_req_t [Ports-1:0]     tr_req_i,
  input  logic [Ports-1:0]        tr_valid_i,
  output logic [Ports-1:0]        tr_ready_o,
  output tr_rsp_t [Ports-1:0]     tr_rsp_o,
  output logic [Ports-1:0]        tr_rsp_valid_o,

  // Debug translation
  input  dbg_req_t                dbg_req_i,
  input  logic                    dbg_valid_i,
  output logic                    dbg_ready_o,
  output dbg_rsp_t                dbg_rsp_o,
  output logic                    dbg_rsp_valid_o,

  // Invalidation
  input  logic                    inval_valid_i,
  input  inval_t                  inval_i,

  // Memory reads
  output mem_walk_req_t           rd_req_o,
  output logic                    rd_valid_o,
  input  logic                    rd_ready_i,
  input  mem_rd_rsp_t             rd_rsp_i,
  input  walk_id_t                rd_rsp_id_i,
  input  logic                    rd_rsp_valid_i,

  // Fault records
  output fault_record_t           record_o,
  output logic                    record_valid_o,
  input  logic                    record_ready_i,

  output perf_t                   perf_o
);

  walk_req_t walk_req;
  walk_rsp_t walk_rsp;
  walk_id_t  walk_id;
  logic      walk_valid, walk_ready, walk_rsp_valid;
  inval_t    inval;

  always_comb begin
    inval     = inval_i;
    inval.vpn = inval_i.vpn & vpn_bits(Levels);
  end

  cw_iommu_translate #(
    .IotlbEntries (IotlbEntries),
    .L2Entries    (L2Entries),
    .DcEntries    (DcEntries),
    .Pending      (Pending),
    .Walks        (Walks),
    .Levels       (Levels)
  ) u_translate (
    .clk_i,
    .rst_i,
    .mode_i,
    .tr_req_i,
    .tr_valid_i,
    .tr_ready_o,
    .tr_rsp_o,
    .tr_rsp_valid_o,
    .dbg_req_i,
    .dbg_valid_i,
    .dbg_ready_o,
    .dbg_rsp_o,
    .dbg_rsp_valid_o,
    .inval_valid_i,
    .inval_i          (inval),
    .walk_req_o       (walk_req),
    .walk_valid_o     (walk_valid),
    .walk_ready_i     (walk_ready),
    .walk_id_i        (walk_id),
    .walk_rsp_i       (walk_rsp),
    .walk_rsp_valid_i (walk_rsp_valid),
    .record_o,
    .record_valid_o,
    .record_ready_i,
    .perf_o           (perf_o.lookup)
  );

  cw_iommu_walkers #(
    .Walks      (Walks),
    .PwcEntries (PwcEntries),
    .PteLines   (PteLines),
    .Levels     (Levels)
  ) u_walkers (
    .clk_i,
    .rst_i,
    .caps_i,
    .mode_i,
    .directory_i,
    .walk_req_i       (walk_req),
    .walk_valid_i     (walk_valid),
    .walk_ready_o     (walk_ready),
    .walk_id_o        (walk_id),
    .walk_rsp_o       (walk_rsp),
    .walk_rsp_valid_o (walk_rsp_valid),
    .rd_req_o,
    .rd_valid_o,
    .rd_ready_i,
    .rd_rsp_i,
    .rd_rsp_id_i,
    .rd_rsp_valid_i,
    .inval_valid_i,
    .inval_i          (inval),
    .perf_o           (perf_o.walk)
  );

  `CW_ASSERT(WalksBeginOnlyWhereOneIsFree, !walk_valid || walk_ready)
  `CW_ASSERT(NoWalkInAnInvalidation, !walk_valid || !inval_valid_i)

endmodule
