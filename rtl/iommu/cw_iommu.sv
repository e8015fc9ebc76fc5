// SPDX-License-Identifier: Apache-2.0
//
// The IOMMU: registers, translation for two ports of each path, and the queues, over one port to
// memory. Each request gets one answer, in any order; `retired_i` pulses once for each request of a
// port, in their order, when it is finished in memory or refused.
// Spec: RISC-V IOMMU 1.0, first stage, base-format device contexts.
`include "cw_assert.svh"
module cw_iommu import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_reg_pkg::*; #(
  parameter int unsigned IotlbEntries = 16,   // first level
  parameter int unsigned L2Entries    = 512,  // second level; 0: none
  parameter int unsigned DcEntries    = 8,
  parameter int unsigned Walks        = 4,    // at once
  parameter int unsigned Pending      = 8,    // requests inside
  parameter int unsigned PwcEntries   = 8,
  parameter int unsigned PteLines     = 4,    // of 64 bytes
  parameter int unsigned Levels       = 3,    // 3: Sv39; 4: Sv48 too
  parameter int unsigned Paths        = 1     // each with its own ports
) (
  input  logic                clk_i,
  input  logic                rst_i,

  input  logic [63:0]         caps_i,         // capabilities; constant, CapsDefault in products

  // Registers; a 4-byte access uses the low half of the data
  input  logic                reg_valid_i,
  input  logic                reg_write_i,
  input  logic [11:0]         reg_addr_i,
  input  logic                reg_size8_i,
  input  logic [63:0]         reg_wdata_i,
  output logic                reg_ready_o,
  output logic [63:0]         reg_rdata_o,

  // Translation, by path: 0 posted, 1 non-posted
  input  tr_req_t [Paths-1:0][Ports-1:0] tr_req_i,
  input  logic [Paths-1:0][Ports-1:0]    tr_valid_i,
  output logic [Paths-1:0][Ports-1:0]    tr_ready_o,
  output tr_rsp_t [Paths-1:0][Ports-1:0] tr_rsp_o,
  output logic [Paths-1:0][Ports-1:0]    tr_rsp_valid_o,
  input  logic [Paths-1:0][Ports-1:0]    retired_i,

  // Memory, 64 bits
  output cw_axi_pkg::axi_ax_t m_aw_o,
  output logic                m_aw_valid_o,
  input  logic                m_aw_ready_i,
  output logic [63:0]         m_w_data_o,
  output logic [7:0]          m_w_strb_o,
  output logic                m_w_last_o,
  output logic                m_w_valid_o,
  input  logic                m_w_ready_i,
  input  cw_axi_pkg::axi_b_t  m_b_i,
  input  logic                m_b_valid_i,
  output logic                m_b_ready_o,
  output cw_axi_pkg::axi_ax_t m_ar_o,
  output logic                m_ar_valid_o,
  input  logic                m_ar_ready_i,
  input  logic [3:0]          m_r_id_i,
  input  logic [63:0]         m_r_data_i,
  input  logic [1:0]          m_r_resp_i,
  input  logic                m_r_poison_i,   // the data are known to be corrupted; 0 if unused
  input  logic                m_r_last_i,
  input  logic                m_r_valid_i,
  output logic                m_r_ready_o,

  output logic [3:0]          irq_o           // wires, levels
);

  localparam int unsigned Writers = 3;       // of memory

  caps_t caps;
  assign caps = caps_i;

  // ---- What software sees

  logic [3:0]                mode;
  ppn_t                      directory;
  logic                      mode_drain, mode_drained, cq_drain, cq_drained;
  logic                      cq_inval_valid;
  inval_t                    cq_inval;
  fault_record_t             record;
  logic                      record_valid, record_ready;
  mem_walk_req_t             walk_rd_req;
  mem_rd_req_t               cq_rd_req;
  mem_rd_rsp_t               rd_rsp;
  walk_id_t                  walk_rsp_id;
  logic                      walk_rd_valid, walk_rd_ready, walk_rsp_valid;
  logic                      cq_rd_valid, cq_rd_ready, cq_rsp_valid, wr_error;
  mem_wr_req_t [Writers-1:0] wr_req;
  logic [Writers-1:0]        wr_valid, wr_ready, wr_done;
  perf_t                     perf;
  dbg_req_t                  dbg_req;
  dbg_rsp_t                  dbg_rsp;
  logic                      dbg_valid, dbg_ready, dbg_rsp_valid;

  cw_iommu_host u_host (
    .clk_i,
    .rst_i,
    .caps_i            (caps),
    .reg_valid_i, .reg_write_i, .reg_addr_i, .reg_size8_i, .reg_wdata_i,
    .reg_ready_o, .reg_rdata_o,
    .mode_o            (mode),
    .directory_o       (directory),
    .mode_drain_o      (mode_drain),
    .mode_drained_i    (mode_drained),
    .inval_o           (cq_inval),
    .inval_valid_o     (cq_inval_valid),
    .inval_ready_i     (1'b1),
    .fence_drain_o     (cq_drain),
    .fence_drained_i   (cq_drained),
    .record_i          (record),
    .record_valid_i    (record_valid),
    .record_ready_o    (record_ready),
    .perf_i            (perf),
    .debug_req_o       (dbg_req),
    .debug_req_valid_o (dbg_valid),
    .debug_req_ready_i (dbg_ready),
    .debug_rsp_i       (dbg_rsp),
    .debug_rsp_valid_i (dbg_rsp_valid),
    .rd_req_o          (cq_rd_req),
    .rd_valid_o        (cq_rd_valid),
    .rd_ready_i        (cq_rd_ready),
    .rd_rsp_i          (rd_rsp),
    .rd_rsp_valid_i    (cq_rsp_valid),
    .wr_req_o          (wr_req),
    .wr_valid_o        (wr_valid),
    .wr_ready_i        (wr_ready),
    .wr_done_i         (wr_done),
    .wr_error_i        (wr_error),
    .irq_o
  );

  // ---- Invalidations, at any time; a new directory clears everything first

  logic   inval_valid, cleared_q, clear;
  inval_t inval;

  assign clear       = mode_drain && !cleared_q;
  assign inval_valid = clear || cq_inval_valid;
  assign inval       = clear ? InvalAll : cq_inval;

  always_ff @(posedge clk_i) begin
    if (rst_i) cleared_q <= 1'b0;
    else       cleared_q <= mode_drain;
  end

  // ---- Fences

  cw_iommu_drain #(.Flows(Paths * Ports)) u_drain (
    .clk_i,
    .rst_i,
    .accepted_i (tr_valid_i & tr_ready_o),
    .retired_i,
    .drain_i    ({mode_drain && cleared_q, cq_drain}),
    .drained_o  ({mode_drained, cq_drained})
  );

  // ---- Memory

  cw_iommu_mem #(.Writers(Writers)) u_mem (
    .clk_i,
    .rst_i,
    .pas_i            (caps.pas),
    .walk_req_i       (walk_rd_req),
    .walk_valid_i     (walk_rd_valid),
    .walk_ready_o     (walk_rd_ready),
    .walk_rsp_id_o    (walk_rsp_id),
    .walk_rsp_valid_o (walk_rsp_valid),
    .cmd_req_i        (cq_rd_req),
    .cmd_valid_i      (cq_rd_valid),
    .cmd_ready_o      (cq_rd_ready),
    .cmd_rsp_valid_o  (cq_rsp_valid),
    .rd_rsp_o         (rd_rsp),
    .wr_req_i         (wr_req),
    .wr_valid_i       (wr_valid),
    .wr_ready_o       (wr_ready),
    .wr_done_o        (wr_done),
    .wr_error_o       (wr_error),
    .m_aw_o, .m_aw_valid_o, .m_aw_ready_i,
    .m_w_data_o, .m_w_strb_o, .m_w_last_o, .m_w_valid_o, .m_w_ready_i,
    .m_b_i, .m_b_valid_i, .m_b_ready_o,
    .m_ar_o, .m_ar_valid_o, .m_ar_ready_i,
    .m_r_id_i, .m_r_data_i, .m_r_resp_i, .m_r_poison_i, .m_r_last_i, .m_r_valid_i, .m_r_ready_o
  );

  // ---- Translation

  tr_req_t [Ports-1:0] req;
  tr_rsp_t [Ports-1:0] rsp;
  logic [Ports-1:0]    req_valid, req_ready, rsp_valid;

  cw_iommu_join #(.Paths(Paths)) u_join (
    .clk_i,
    .rst_i,
    .req_i(tr_req_i), .valid_i(tr_valid_i), .ready_o(tr_ready_o),
    .rsp_o(tr_rsp_o), .rsp_valid_o(tr_rsp_valid_o),
    .req_o(req), .valid_o(req_valid), .ready_i(req_ready),
    .rsp_i(rsp), .rsp_valid_i(rsp_valid)
  );

  cw_iommu_engine #(
    .IotlbEntries (IotlbEntries),
    .L2Entries    (L2Entries),
    .DcEntries    (DcEntries),
    .Walks        (Walks),
    .Pending      (Pending),
    .PwcEntries   (PwcEntries),
    .PteLines     (PteLines),
    .Levels       (Levels)
  ) u_engine (
    .clk_i,
    .rst_i,
    .caps_i          (caps),
    .mode_i          (mode),
    .directory_i     (directory),
    .tr_req_i        (req),
    .tr_valid_i      (req_valid),
    .tr_ready_o      (req_ready),
    .tr_rsp_o        (rsp),
    .tr_rsp_valid_o  (rsp_valid),
    .dbg_req_i       (dbg_req),
    .dbg_valid_i     (dbg_valid),
    .dbg_ready_o     (dbg_ready),
    .dbg_rsp_o       (dbg_rsp),
    .dbg_rsp_valid_o (dbg_rsp_valid),
    .inval_valid_i   (inval_valid),
    .inval_i         (inval),
    .rd_req_o        (walk_rd_req),
    .rd_valid_o      (walk_rd_valid),
    .rd_ready_i      (walk_rd_ready),
    .rd_rsp_i        (rd_rsp),
    .rd_rsp_id_i     (walk_rsp_id),
    .rd_rsp_valid_i  (walk_rsp_valid),
    .record_o        (record),
    .record_valid_o  (record_valid),
    .record_ready_i  (record_ready),
    .perf_o          (perf)
  );

  `CW_ASSERT(ClearedBeforeTheDrain, !mode_drained || cleared_q)
  `CW_ASSERT(RegistersNeverWait, !reg_valid_i || reg_ready_o)

endmodule
