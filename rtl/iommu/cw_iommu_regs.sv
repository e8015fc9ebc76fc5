// SPDX-License-Identifier: Apache-2.0
//
// The memory-mapped registers: leads each access to every group of them. An access ends in the
// clock in which it is offered; a 4-byte access uses the low half of the data, whatever its
// address. What does not exist reads zero.
// Spec: RISC-V IOMMU, "Memory-mapped register interface".
`include "cw_assert.svh"
module cw_iommu_regs import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_reg_pkg::*; (
  input  logic               clk_i,
  input  logic               rst_i,

  input  caps_t              caps_i,

  // Access
  input  logic               reg_valid_i,
  input  logic               reg_write_i,
  input  logic [11:0]        reg_addr_i,
  input  logic               reg_size8_i,
  input  logic [63:0]        reg_wdata_i,
  output logic               reg_ready_o,
  output logic [63:0]        reg_rdata_o,

  // Directory pointer; `drain` holds until `drained` after a change
  output logic [3:0]         mode_o,
  output ppn_t               directory_o,
  output logic               drain_o,
  input  logic               drained_i,
  output logic               wsi_o,

  // Command queue
  output queue_state_t       cq_o,
  input  logic               cq_idle_i,
  input  logic               cq_advance_i,
  input  cq_errors_t         cq_error_set_i,

  // Fault queue
  output queue_state_t       fq_o,
  input  logic               fq_idle_i,
  input  logic               fq_advance_i,
  input  fq_errors_t         fq_error_set_i,

  // Performance events; debug translation
  input  perf_t              perf_i,
  output dbg_req_t         debug_req_o,
  output logic               debug_req_valid_o,
  input  logic               debug_req_ready_i,
  input  dbg_rsp_t         debug_rsp_i,
  input  logic               debug_rsp_valid_i,

  // Interrupts: wires; messages, and those that memory refused
  output logic [Vectors-1:0] irq_o,
  output mem_wr_req_t        msi_req_o,
  output logic               msi_valid_o,
  input  logic               msi_ready_i,
  input  logic               msi_done_i,
  input  logic               msi_error_i,
  output fault_record_t      msi_record_o,
  output logic               msi_record_valid_o,
  input  logic               msi_record_ready_i
);

  // ---- Access: 8 bytes at a time, one write enable for each half

  reg_access_t access, page_access;
  logic [63:0] rdata;

  assign reg_ready_o  = 1'b1;
  assign access.word  = reg_addr_i[11:3];
  assign access.valid = reg_valid_i;
  assign access.wdata = reg_size8_i ? reg_wdata_i : {reg_wdata_i[31:0], reg_wdata_i[31:0]};
  assign access.write = !(reg_valid_i && reg_write_i) ? 2'b00
                      : reg_size8_i ? 2'b11 : reg_addr_i[2] ? 2'b10 : 2'b01;
  assign reg_rdata_o  = !reg_size8_i && reg_addr_i[2] ? {32'd0, rdata[63:32]}
                      : !reg_size8_i ? {32'd0, rdata[31:0]} : rdata;

  // Of a page number (ddtp, cqb, fqb) only the bits of the physical address space are kept.
  always_comb begin
    page_access       = access;
    page_access.wdata = access.wdata & {10'd0, ppn_mask(caps_i.pas), 10'h3ff};
  end

  // ---- Modes

  queue_base_t cqb, fqb;
  queue_csr_t  cq_csr, fq_csr;
  logic [63:0] control_rdata, irq_rdata, msi_rdata, hpm_rdata, debug_rdata;

  cw_iommu_control u_control (
    .clk_i,
    .rst_i,
    .igs_i        (caps_i.igs),
    .queues_off_i (!cq_csr.on && !fq_csr.on && !cq_csr.en && !fq_csr.en),
    .access_i     (page_access),
    .rdata_o      (control_rdata),
    .mode_o, .directory_o, .drain_o, .drained_i, .wsi_o
  );

  // ---- Queues

  cw_iommu_queue_csr #(.SwMovesTail(1'b1)) u_cq (
    .clk_i,
    .rst_i,
    .error_mask_i  ({wsi_o, 3'b101}),  // no command has a timeout
    .base_write_i  (reg_halves(access, RegCqb)),
    .base_wdata_i  (page_access.wdata),
    .base_o        (cqb),
    .index_write_i (reg_written(access, RegCqt)),
    .index_wdata_i (access.wdata[32 +: QueueIndexBits]),
    .csr_write_i   (reg_written(access, RegCqcsr)),
    .csr_wdata_i   (access.wdata[31:0]),
    .csr_o         (cq_csr),
    .state_o       (cq_o),
    .idle_i        (cq_idle_i),
    .advance_i     (cq_advance_i),
    .error_set_i   (cq_error_set_i)
  );

  cw_iommu_queue_csr #(.SwMovesTail(1'b0)) u_fq (
    .clk_i,
    .rst_i,
    .error_mask_i  (4'b0011),
    .base_write_i  (reg_halves(access, RegFqb)),
    .base_wdata_i  (page_access.wdata),
    .base_o        (fqb),
    .index_write_i (reg_written(access, RegFqh)),
    .index_wdata_i (access.wdata[0 +: QueueIndexBits]),
    .csr_write_i   (reg_written(access, RegFqcsr)),
    .csr_wdata_i   (access.wdata[63:32]),
    .csr_o         (fq_csr),
    .state_o       (fq_o),
    .idle_i        (fq_idle_i),
    .advance_i     (fq_advance_i),
    .error_set_i   (fq_error_set_i)
  );

  // ---- Interrupts

  ipsr_t              level, happened;
  logic               overflow;
  logic [Vectors-1:0] message;
  assign level    = '{cip: cq_csr.ie && cq_csr.errors != '0,
                      fip: fq_csr.ie && fq_csr.errors != '0, default: '0};
  assign happened = '{fip: fq_csr.ie && fq_advance_i, pmip: overflow, default: '0};

  cw_iommu_irq u_irq (
    .clk_i,
    .rst_i,
    .wsi_i     (wsi_o),
    .hpm_i     (caps_i.hpm),
    .level_i   (level),
    .event_i   (happened),
    .access_i  (access),
    .rdata_o   (irq_rdata),
    .irq_o,
    .message_o (message)
  );

  cw_iommu_msi u_msi (
    .clk_i,
    .rst_i,
    .present_i      (caps_i.igs != IgsWsi),
    .wsi_i          (wsi_o),
    .access_i       (access),
    .rdata_o        (msi_rdata),
    .message_i      (message),
    .wr_req_o       (msi_req_o),
    .wr_valid_o     (msi_valid_o),
    .wr_ready_i     (msi_ready_i),
    .wr_done_i      (msi_done_i),
    .wr_error_i     (msi_error_i),
    .record_o       (msi_record_o),
    .record_valid_o (msi_record_valid_o),
    .record_ready_i (msi_record_ready_i)
  );

  // ---- Counters and debug

  cw_iommu_hpm u_hpm (
    .clk_i,
    .rst_i,
    .present_i  (caps_i.hpm),
    .perf_i,
    .access_i   (access),
    .rdata_o    (hpm_rdata),
    .overflow_o (overflow)
  );

  cw_iommu_debug u_debug (
    .clk_i,
    .rst_i,
    .present_i   (caps_i.dbg),
    .access_i    (access),
    .rdata_o     (debug_rdata),
    .req_o       (debug_req_o),
    .req_valid_o (debug_req_valid_o),
    .req_ready_i (debug_req_ready_i),
    .rsp_i       (debug_rsp_i),
    .rsp_valid_i (debug_rsp_valid_i)
  );

  // ---- Reading

  always_comb begin
    rdata = control_rdata | irq_rdata | msi_rdata | hpm_rdata | debug_rdata;
    if (reg_hit(access, RegCapabilities)) rdata = caps_i;
    if (reg_hit(access, RegCqb))          rdata = cqb;
    if (reg_hit(access, RegCqh))          rdata = {16'd0, cq_o.tail, 16'd0, cq_o.head};
    if (reg_hit(access, RegFqb))          rdata = fqb;
    if (reg_hit(access, RegFqh))          rdata = {16'd0, fq_o.tail, 16'd0, fq_o.head};
    if (reg_hit(access, RegCqcsr))        rdata = {fq_csr, cq_csr};
  end

  `CW_ASSERT(NoFenceInterruptWithoutWires, wsi_o || !cq_o.errors[3])
  `CW_ASSERT(OneGroupAnswers, $countones({control_rdata != '0, irq_rdata != '0, msi_rdata != '0,
                                          hpm_rdata != '0, debug_rdata != '0}) <= 1)

endmodule
