// SPDX-License-Identifier: Apache-2.0
//
// Interrupt pending bits and the wires that they drive, chosen by cause. A level that is still up
// when software clears its pending bit sets it again; an event counts once.
// Spec: RISC-V IOMMU, ipsr and icvec.
`include "cw_assert.svh"
module cw_iommu_irq import cw_iommu_pkg::*, cw_iommu_reg_pkg::*; #(
  localparam int unsigned Vectors = 4
) (
  input  logic               clk_i,
  input  logic               rst_i,

  input  logic               wsi_i,        // fctl.WSI: interrupts are wires

  // Causes, by ipsr bit
  input  ipsr_t              level_i,
  input  ipsr_t              event_i,

  // Registers
  input  logic               ipsr_write_i,
  input  ipsr_t              ipsr_wdata_i,
  output ipsr_t              ipsr_o,
  input  logic               icvec_write_i,
  input  logic [15:0]        icvec_wdata_i,
  output logic [15:0]        icvec_o,

  output logic [Vectors-1:0] irq_o
);

  localparam int unsigned VectorW = $clog2(Vectors);
  localparam int unsigned Causes  = $bits(ipsr_t);

  ipsr_t                          pending_q, clear;
  logic [Causes-1:0][VectorW-1:0] vector_q;   // civ, fiv, pmiv; piv stays zero

  assign clear = ipsr_write_i ? ipsr_wdata_i : '0;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      pending_q <= '0;
      vector_q  <= '0;
    end else begin
      pending_q <= (pending_q & ~clear) | event_i | (level_i & ~clear);
      if (icvec_write_i) begin
        vector_q[0] <= icvec_wdata_i[0 +: VectorW];
        vector_q[1] <= icvec_wdata_i[4 +: VectorW];
        vector_q[2] <= icvec_wdata_i[8 +: VectorW];
      end
    end
  end

  assign ipsr_o = pending_q;

  always_comb begin
    irq_o   = '0;
    icvec_o = '0;
    for (int unsigned cause = 0; cause < Causes; cause++) begin
      icvec_o[4*cause +: VectorW] = vector_q[cause];
      if (pending_q[cause] && wsi_i) irq_o[vector_q[cause]] = 1'b1;
    end
  end

  `CW_ASSERT(WiresOnlyWhenWired, wsi_i || irq_o == '0)
  `CW_ASSERT(EveryPendingBitHasAWire, !wsi_i || (pending_q == '0) == (irq_o == '0))

endmodule
