// SPDX-License-Identifier: Apache-2.0
//
// Interrupt pending bits, and the wires or messages that they cause. A level that is still up when
// software clears its pending bit sets it again; an event counts once. A wire follows its pending
// bits; a message is owed each time that a pending bit rises.
// Spec: RISC-V IOMMU, ipsr and icvec.
`include "cw_assert.svh"
module cw_iommu_irq import cw_iommu_reg_pkg::*; (
  input  logic               clk_i,
  input  logic               rst_i,

  input  logic               wsi_i,      // fctl.WSI: interrupts are wires
  input  logic               hpm_i,      // capabilities: pmiv exists

  // Causes, by ipsr bit
  input  ipsr_t              level_i,
  input  ipsr_t              event_i,

  // Access
  input  reg_access_t        access_i,
  output logic [63:0]        rdata_o,    // zero where the access means another group

  output logic [Vectors-1:0] irq_o,      // wires, levels
  output logic [Vectors-1:0] message_o   // one clock for each message owed
);

  localparam int unsigned Causes = $bits(ipsr_t);

  typedef struct packed {
    logic [47:0] rsvd;
    logic [3:0]  piv;
    logic [3:0]  pmiv;
    logic [3:0]  fiv;
    logic [3:0]  civ;
  } icvec_t;

  ipsr_t                pending_q, pending_d, clear, rise;
  icvec_t               icvec, wdata;
  vector_t [Causes-1:0] vector_q;        // in the order of ipsr; piv stays zero

  assign wdata     = access_i.wdata;
  assign clear     = reg_written(access_i, RegIpsr) ? access_i.wdata[32 +: Causes] : '0;
  assign pending_d = (pending_q & ~clear) | event_i | (level_i & ~clear);
  assign rise      = pending_d & (~pending_q | clear);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      pending_q <= '0;
      vector_q  <= '0;
    end else begin
      pending_q <= pending_d;
      if (reg_written(access_i, RegIcvec)) begin
        vector_q[0] <= wdata.civ[VectorW-1:0];
        vector_q[1] <= wdata.fiv[VectorW-1:0];
        vector_q[2] <= hpm_i ? wdata.pmiv[VectorW-1:0] : '0;
      end
    end
  end

  always_comb begin
    irq_o     = '0;
    message_o = '0;
    for (int unsigned cause = 0; cause < Causes; cause++) begin
      if (pending_q[cause] && wsi_i) irq_o[vector_q[cause]] = 1'b1;
      if (rise[cause] && !wsi_i) message_o[vector_q[cause]] = 1'b1;
    end
  end

  assign icvec = '{civ: 4'(vector_q[0]), fiv: 4'(vector_q[1]), pmiv: 4'(vector_q[2]), default: '0};

  always_comb begin
    rdata_o = '0;
    if (reg_hit(access_i, RegIpsr)) rdata_o[32 +: Causes] = pending_q;
    if (reg_hit(access_i, RegIcvec)) rdata_o = icvec;
  end

  `CW_ASSERT(WiresOnlyWhenWired, wsi_i || irq_o == '0)
  `CW_ASSERT(EveryPendingBitHasAWire, !wsi_i || (pending_q == '0) == (irq_o == '0))
  `CW_ASSERT(MessagesOnlyWhenNotWired, !wsi_i || message_o == '0)

endmodule
