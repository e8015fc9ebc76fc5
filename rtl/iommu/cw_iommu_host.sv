// SPDX-License-Identifier: Apache-2.0
//
// What software sees of the IOMMU: the registers, and the queues behind them.
// Spec: RISC-V IOMMU, "In-memory queue interface", "Memory-mapped register interface".
`include "cw_assert.svh"
module cw_iommu_host import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_reg_pkg::*; #(
  localparam int unsigned Writers = 3    // fault queue, command queue, messages
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  caps_t                      caps_i,

  // Registers; a 4-byte access uses the low half of the data
  input  logic                       reg_valid_i,
  input  logic                       reg_write_i,
  input  logic [11:0]                reg_addr_i,
  input  logic                       reg_size8_i,
  input  logic [63:0]                reg_wdata_i,
  output logic                       reg_ready_o,
  output logic [63:0]                reg_rdata_o,

  // Directory pointer; `drain` holds until `drained` after a change
  output logic [3:0]                 mode_o,
  output ppn_t                       directory_o,
  output logic                       mode_drain_o,
  input  logic                       mode_drained_i,

  // Invalidations; fences
  output inval_t                     inval_o,
  output logic                       inval_valid_o,
  input  logic                       inval_ready_i,
  output logic                       fence_drain_o,
  input  logic                       fence_drained_i,

  // Fault records, events, debug translation
  input  fault_record_t              record_i,
  input  logic                       record_valid_i,
  output logic                       record_ready_o,
  input  perf_t                      perf_i,
  output dbg_req_t                 debug_req_o,
  output logic                       debug_req_valid_o,
  input  logic                       debug_req_ready_i,
  input  dbg_rsp_t                 debug_rsp_i,
  input  logic                       debug_rsp_valid_i,

  // Memory: one reader, some writers
  output mem_rd_req_t                rd_req_o,
  output logic                       rd_valid_o,
  input  logic                       rd_ready_i,
  input  mem_rd_rsp_t                rd_rsp_i,
  input  logic                       rd_rsp_valid_i,
  output mem_wr_req_t [Writers-1:0]  wr_req_o,
  output logic [Writers-1:0]         wr_valid_o,
  input  logic [Writers-1:0]         wr_ready_i,
  input  logic [Writers-1:0]         wr_done_i,
  input  logic                       wr_error_i,

  output logic [Vectors-1:0]         irq_o
);

  localparam int unsigned WrFq = 0, WrCq = 1, WrMsi = 2;

  queue_state_t  cq, fq;
  logic          wsi, cq_idle, cq_advance, fq_idle, fq_advance;
  cq_errors_t    cq_error_set;
  fq_errors_t    fq_error_set;
  fault_record_t msi_record;
  logic          msi_record_valid, msi_record_ready;

  cw_iommu_regs u_regs (
    .clk_i,
    .rst_i,
    .caps_i,
    .reg_valid_i, .reg_write_i, .reg_addr_i, .reg_size8_i, .reg_wdata_i,
    .reg_ready_o, .reg_rdata_o,
    .mode_o, .directory_o,
    .drain_o            (mode_drain_o),
    .drained_i          (mode_drained_i),
    .wsi_o              (wsi),
    .cq_o               (cq),
    .cq_idle_i          (cq_idle),
    .cq_advance_i       (cq_advance),
    .cq_error_set_i     (cq_error_set),
    .fq_o               (fq),
    .fq_idle_i          (fq_idle),
    .fq_advance_i       (fq_advance),
    .fq_error_set_i     (fq_error_set),
    .perf_i,
    .debug_req_o, .debug_req_valid_o, .debug_req_ready_i,
    .debug_rsp_i, .debug_rsp_valid_i,
    .irq_o,
    .msi_req_o          (wr_req_o[WrMsi]),
    .msi_valid_o        (wr_valid_o[WrMsi]),
    .msi_ready_i        (wr_ready_i[WrMsi]),
    .msi_done_i         (wr_done_i[WrMsi]),
    .msi_error_i        (wr_error_i),
    .msi_record_o       (msi_record),
    .msi_record_valid_o (msi_record_valid),
    .msi_record_ready_i (msi_record_ready)
  );

  cw_iommu_cmd_queue u_cmd_queue (
    .clk_i,
    .rst_i,
    .caps_i,
    .wsi_i          (wsi),
    .queue_i        (cq),
    .idle_o         (cq_idle),
    .advance_o      (cq_advance),
    .error_set_o    (cq_error_set),
    .inval_o, .inval_valid_o, .inval_ready_i,
    .drain_o        (fence_drain_o),
    .drained_i      (fence_drained_i),
    .rd_req_o, .rd_valid_o, .rd_ready_i, .rd_rsp_i, .rd_rsp_valid_i,
    .wr_req_o       (wr_req_o[WrCq]),
    .wr_valid_o     (wr_valid_o[WrCq]),
    .wr_ready_i     (wr_ready_i[WrCq]),
    .wr_done_i      (wr_done_i[WrCq]),
    .wr_error_i
  );

  cw_iommu_fault_queue u_fault_queue (
    .clk_i,
    .rst_i,
    .record_i, .record_valid_i, .record_ready_o,
    .msi_record_i       (msi_record),
    .msi_record_valid_i (msi_record_valid),
    .msi_record_ready_o (msi_record_ready),
    .queue_i            (fq),
    .idle_o             (fq_idle),
    .advance_o          (fq_advance),
    .error_set_o        (fq_error_set),
    .wr_req_o           (wr_req_o[WrFq]),
    .wr_valid_o         (wr_valid_o[WrFq]),
    .wr_ready_i         (wr_ready_i[WrFq]),
    .wr_done_i          (wr_done_i[WrFq]),
    .wr_error_i
  );

  `CW_ASSERT(NothingFetchedOfAQueueThatIsOff, !inval_valid_o || !cq_idle)
  `CW_ASSERT(RegistersNeverWait, !reg_valid_i || reg_ready_o)
  `CW_ASSERT(DoneOneAtATime, $countones(wr_done_i) <= 1)

endmodule
