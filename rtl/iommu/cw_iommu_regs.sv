// SPDX-License-Identifier: Apache-2.0
//
// The memory-mapped registers. An access ends in the clock in which it is offered; a 4-byte access
// uses the low half of the data, whatever its address. What does not exist reads zero.
// Spec: RISC-V IOMMU, "Memory-mapped register interface".
`include "cw_assert.svh"
module cw_iommu_regs import cw_iommu_pkg::*, cw_iommu_reg_pkg::*; (
  input  logic         clk_i,
  input  logic         rst_i,

  input  caps_t        caps_i,

  // Access
  input  logic         reg_valid_i,
  input  logic         reg_write_i,
  input  logic [11:0]  reg_addr_i,
  input  logic         reg_size8_i,
  input  logic [63:0]  reg_wdata_i,
  output logic         reg_ready_o,
  output logic [63:0]  reg_rdata_o,

  // Directory pointer; `drain` holds until `drained` after a change
  output logic [3:0]   mode_o,
  output ppn_t         directory_o,
  output logic         drain_o,
  input  logic         drained_i,
  output logic         wsi_o,

  // Command queue
  output queue_state_t cq_o,
  input  logic         cq_idle_i,
  input  logic         cq_advance_i,
  input  cq_errors_t   cq_error_set_i,

  // Fault queue
  output queue_state_t fq_o,
  input  logic         fq_idle_i,
  input  logic         fq_advance_i,
  input  fq_errors_t   fq_error_set_i,

  output logic [3:0]   irq_o
);

  typedef struct packed {
    logic [28:0] rsvd;
    logic        gxl;
    logic        wsi;
    logic        be;
  } fctl_t;

  // ---- Decoding: 8 bytes at a time, one write enable for each half

  logic [1:0]  wr_half;
  logic [8:0]  word;
  logic [63:0] wdata, rdata;

  assign reg_ready_o = 1'b1;
  assign word        = reg_addr_i[11:3];
  assign wdata       = reg_size8_i ? reg_wdata_i : {reg_wdata_i[31:0], reg_wdata_i[31:0]};
  assign wr_half     = !(reg_valid_i && reg_write_i) ? 2'b00
                     : reg_size8_i ? 2'b11 : reg_addr_i[2] ? 2'b10 : 2'b01;
  assign reg_rdata_o = !reg_size8_i && reg_addr_i[2] ? {32'd0, rdata[63:32]}
                     : !reg_size8_i ? {32'd0, rdata[31:0]} : rdata;

  // Whether the 4 bytes at `register` are being written.
  function automatic logic written(logic [8:0] at, logic [1:0] enables, logic [11:0] register);
    return (enables[0] && {at, 3'b000} == register) || (enables[1] && {at, 3'b100} == register);
  endfunction

  logic [1:0] wr_ddtp, wr_cqb, wr_fqb;
  assign wr_ddtp = {written(word, wr_half, RegDdtp + 12'd4), written(word, wr_half, RegDdtp)};
  assign wr_cqb  = {written(word, wr_half, RegCqb + 12'd4), written(word, wr_half, RegCqb)};
  assign wr_fqb  = {written(word, wr_half, RegFqb + 12'd4), written(word, wr_half, RegFqb)};

  queue_base_t cqb, fqb;
  queue_csr_t  cq_csr, fq_csr;

  // ---- Directory pointer

  ddtp_t ddtp_q, ddtp_d, ddtp_wdata;
  logic  in_tables, mode_legal;
  ppn_t  ppn_mask;

  assign ddtp_wdata = wdata;
  assign ppn_mask   = (ppn_t'(1) << (caps_i.pas - 6'd12)) - 1'b1;
  assign in_tables  = !(ddtp_q.mode inside {DdtpOff, DdtpBare});
  // Between two directories the IOMMU goes through Off or Bare.
  assign mode_legal = (ddtp_wdata.mode inside {DdtpOff, DdtpBare})
      || ((ddtp_wdata.mode inside {Ddtp1Lvl, Ddtp2Lvl, Ddtp3Lvl}) && !in_tables);

  assign mode_o      = ddtp_q.mode;
  assign directory_o = ddtp_q.ppn;
  assign drain_o     = ddtp_q.busy;

  always_comb begin
    ddtp_d = ddtp_q;
    if (drained_i) ddtp_d.busy = 1'b0;
    if (!ddtp_q.busy && (!wr_ddtp[0] || mode_legal)) begin
      if (wr_ddtp != 2'b00) ddtp_d.busy = 1'b1;
      if (wr_ddtp[0]) begin
        ddtp_d.mode      = ddtp_wdata.mode;
        ddtp_d.ppn[21:0] = ddtp_wdata.ppn[21:0] & ppn_mask[21:0];
      end
      if (wr_ddtp[1]) ddtp_d.ppn[PpnBits-1:22] = ddtp_wdata.ppn[PpnBits-1:22]
                                               & ppn_mask[PpnBits-1:22];
    end
  end

  // ---- Features: interrupts by wire, where there is a choice and nothing is in use

  logic  wsi_q, wsi_free;
  fctl_t fctl, fctl_wdata;
  assign fctl_wdata = wdata[31:0];
  assign wsi_free   = caps_i.igs == IgsBoth && ddtp_q.mode == DdtpOff && !cq_csr.on && !fq_csr.on
                   && !cq_csr.en && !fq_csr.en;
  assign wsi_o      = caps_i.igs == IgsWsi || (caps_i.igs == IgsBoth && wsi_q);
  assign fctl       = '{wsi: wsi_o, default: '0};

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      ddtp_q <= '0;
      wsi_q  <= 1'b0;
    end else begin
      ddtp_q <= ddtp_d;
      if (written(word, wr_half, RegFctl) && wsi_free) wsi_q <= fctl_wdata.wsi;
    end
  end

  // ---- Queues

  cw_iommu_queue_csr #(.SwMovesTail(1'b1)) u_cq (
    .clk_i,
    .rst_i,
    .pas_i         (caps_i.pas),
    .error_mask_i  ({wsi_o, 3'b111}),
    .base_write_i  (wr_cqb),
    .base_wdata_i  (wdata),
    .base_o        (cqb),
    .index_write_i (written(word, wr_half, RegCqt)),
    .index_wdata_i (wdata[32 +: QueueIndexBits]),
    .csr_write_i   (written(word, wr_half, RegCqcsr)),
    .csr_wdata_i   (wdata[31:0]),
    .csr_o         (cq_csr),
    .state_o       (cq_o),
    .idle_i        (cq_idle_i),
    .advance_i     (cq_advance_i),
    .error_set_i   (cq_error_set_i)
  );

  cw_iommu_queue_csr #(.SwMovesTail(1'b0)) u_fq (
    .clk_i,
    .rst_i,
    .pas_i         (caps_i.pas),
    .error_mask_i  (4'b0011),
    .base_write_i  (wr_fqb),
    .base_wdata_i  (wdata),
    .base_o        (fqb),
    .index_write_i (written(word, wr_half, RegFqh)),
    .index_wdata_i (wdata[0 +: QueueIndexBits]),
    .csr_write_i   (written(word, wr_half, RegFqcsr)),
    .csr_wdata_i   (wdata[63:32]),
    .csr_o         (fq_csr),
    .state_o       (fq_o),
    .idle_i        (fq_idle_i),
    .advance_i     (fq_advance_i),
    .error_set_i   (fq_error_set_i)
  );

  // ---- Interrupts

  ipsr_t       level, happened, ipsr;
  logic [15:0] icvec;
  assign level    = '{cip: cq_csr.ie && cq_csr.errors != '0,
                      fip: fq_csr.ie && fq_csr.errors != '0, default: '0};
  assign happened = '{fip: fq_csr.ie && fq_advance_i, default: '0};

  cw_iommu_irq u_irq (
    .clk_i,
    .rst_i,
    .wsi_i         (wsi_o),
    .level_i       (level),
    .event_i       (happened),
    .ipsr_write_i  (written(word, wr_half, RegIpsr)),
    .ipsr_wdata_i  (wdata[32 +: $bits(ipsr_t)]),
    .ipsr_o        (ipsr),
    .icvec_write_i (written(word, wr_half, RegIcvec)),
    .icvec_wdata_i (wdata[15:0]),
    .icvec_o       (icvec),
    .irq_o
  );

  // ---- Reading

  always_comb begin
    rdata = '0;
    unique case ({word, 3'b000})
      RegCapabilities:          rdata = caps_i;
      RegFctl:                  rdata = {32'd0, fctl};
      RegDdtp:                  rdata = ddtp_q;
      RegCqb:                   rdata = cqb;
      RegCqh:                   rdata = {16'd0, cq_o.tail, 16'd0, cq_o.head};
      RegFqb:                   rdata = fqb;
      RegFqh:                   rdata = {16'd0, fq_o.tail, 16'd0, fq_o.head};
      RegCqcsr:                 rdata = {fq_csr, cq_csr};
      RegIpsr & 12'hff8:        rdata = {28'd0, ipsr, 32'd0};
      RegIcvec:                 rdata = {48'd0, icvec};
      default:                  rdata = '0;
    endcase
  end

  `CW_ASSERT(PpnInsidePas, (ddtp_q.ppn & ~ppn_mask) == '0)
  `CW_ASSERT(OnlyKnownModes, ddtp_q.mode <= Ddtp3Lvl)
  `CW_ASSERT(NoFenceInterruptWithoutWires, wsi_o || !cq_o.errors[3])

endmodule
