// SPDX-License-Identifier: Apache-2.0
//
// Registers of one in-memory queue: base, the index that software moves, the index that the queue
// engine moves, and the control and status register. A write to the base while the queue is on or
// busy is ignored, as is one to the CSR while it is busy.
// Spec: RISC-V IOMMU, cqb/cqh/cqt/cqcsr and fqb/fqh/fqt/fqcsr.
`include "cw_assert.svh"
module cw_iommu_queue_csr import cw_iommu_pkg::*, cw_iommu_reg_pkg::*; #(
  parameter bit SwMovesTail = 1'b1       // command queue; the fault queue's software moves the head
) (
  input  logic         clk_i,
  input  logic         rst_i,

  input  logic [3:0]   error_mask_i,     // CSR error bits that exist

  // Register writes, by 4-byte half; what a register will read back
  input  logic [1:0]   base_write_i,
  input  queue_base_t  base_wdata_i,
  output queue_base_t  base_o,
  input  logic         index_write_i,    // of software's index
  input  queue_index_t index_wdata_i,
  input  logic         csr_write_i,
  input  queue_csr_t   csr_wdata_i,
  output queue_csr_t   csr_o,

  // The engine
  output queue_state_t state_o,
  input  logic         idle_i,           // it may be turned off
  input  logic         advance_i,        // its index moves on by one
  input  logic [3:0]   error_set_i
);

  // The largest LOG2SZ-1 that a queue takes.
  localparam logic [4:0] Log2SzMax = 5'(QueueIndexBits - 1);

  logic [4:0]   log2sz_1_q, log2sz_1_d;
  ppn_t         ppn_q, ppn_d;
  queue_index_t sw_q, sw_d, hw_q, hw_d, mask;
  logic         en_q, en_d, ie_q, ie_d, on_q, on_d, busy, base_open, csr_taken, starts;
  logic [3:0]   error_q, error_d;

  assign mask      = queue_mask(log2sz_1_q);
  assign busy      = en_q != on_q;
  assign base_open = !busy && !on_q;
  assign csr_taken = csr_write_i && !busy;
  assign starts    = csr_taken && csr_wdata_i.en && !en_q;

  always_comb begin
    log2sz_1_d = log2sz_1_q;
    ppn_d      = ppn_q;
    sw_d       = sw_q;
    if (index_write_i) sw_d = index_wdata_i & mask;
    if (base_open) begin
      if (base_write_i[0]) begin
        log2sz_1_d  = base_wdata_i.log2sz_1 > Log2SzMax ? Log2SzMax : base_wdata_i.log2sz_1;
        ppn_d[21:0] = base_wdata_i.ppn[21:0];
        sw_d        = '0;
      end
      if (base_write_i[1]) ppn_d[PpnBits-1:22] = base_wdata_i.ppn[PpnBits-1:22];
    end
    ppn_d = ppn_d & PpnMask;
  end

  always_comb begin
    en_d    = en_q;
    ie_d    = ie_q;
    on_d    = on_q;
    hw_d    = advance_i ? (hw_q + 1'b1) & mask : hw_q;
    error_d = error_q;
    if (csr_taken) begin
      en_d    = csr_wdata_i.en;
      ie_d    = csr_wdata_i.ie;
      error_d = error_q & ~csr_wdata_i.errors;
    end
    error_d = (error_d | error_set_i) & error_mask_i;
    if (busy) on_d = en_q || !idle_i;
    if (starts) begin
      hw_d    = '0;
      error_d = '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      log2sz_1_q <= '0;
      ppn_q      <= '0;
      sw_q       <= '0;
      hw_q       <= '0;
      en_q       <= 1'b0;
      ie_q       <= 1'b0;
      on_q       <= 1'b0;
      error_q    <= '0;
    end else begin
      log2sz_1_q <= log2sz_1_d;
      ppn_q      <= ppn_d;
      sw_q       <= sw_d;
      hw_q       <= hw_d;
      en_q       <= en_d;
      ie_q       <= ie_d;
      on_q       <= on_d;
      error_q    <= error_d;
    end
  end

  assign base_o  = '{ppn: ppn_q, log2sz_1: log2sz_1_q, default: '0};
  assign csr_o   = '{en: en_q, ie: ie_q, errors: error_q, on: on_q, busy: busy, default: '0};
  // An engine starts nothing new once software has asked it to stop.
  assign state_o = '{on:     on_q && en_q,
                     ppn:    ppn_q,
                     mask:   mask,
                     head:   SwMovesTail ? hw_q : sw_q,
                     tail:   SwMovesTail ? sw_q : hw_q,
                     errors: error_q};

  `CW_ASSERT(IndexInsideQueue, (sw_q & ~mask) == '0 && (!en_q || (hw_q & ~mask) == '0))
  `CW_ASSERT(OnlyARunningQueueMoves, !advance_i || on_q)
  `CW_ASSERT(OnlyExistingErrors, (error_q & ~error_mask_i) == '0)

endmodule
