// SPDX-License-Identifier: Apache-2.0
//
// The fault queue with its registers. Software writes what it likes at any time; only the head of a
// queue that is on it moves no further than the tail. Spec: RISC-V IOMMU, fqh and fqt.
`include "cw_fv.svh"
module cw_iommu_fault_queue_fv
  import cw_iommu_pkg::*, cw_iommu_reg_pkg::*;
(
  input logic          clk_i,
  input logic          rst_i,
  input logic [1:0]    base_write_i,
  input queue_base_t   base_wdata_i,
  input logic          head_write_i,
  input queue_index_t  head_i,
  input logic          csr_write_i,
  input queue_csr_t    csr_wdata_i,
  input logic          record_valid_i,
  input logic          msi_record_valid_i,
  input logic          wr_ready_i,
  input logic          wr_done_i,
  input logic          wr_error_i
);

  queue_state_t state;
  queue_csr_t   csr;
  logic         idle, advance, wr_valid;
  fq_errors_t   error_set;
  queue_index_t unread;                 // records between head and tail

  cw_iommu_queue_csr #(.SwMovesTail(1'b0)) u_csr (
    .clk_i,
    .rst_i,
    .error_mask_i  (4'b0011),
    .base_write_i,
    .base_wdata_i,
    .base_o        (),
    .index_write_i (head_write_i),
    .index_wdata_i (head_i),
    .csr_write_i,
    .csr_wdata_i,
    .csr_o         (csr),
    .state_o       (state),
    .idle_i        (idle),
    .advance_i     (advance),
    .error_set_i   (error_set)
  );

  cw_iommu_fault_queue u_dut (
    .clk_i,
    .rst_i,
    .record_i           ('0),
    .record_valid_i,
    .record_ready_o     (),
    .msi_record_i       ('0),
    .msi_record_valid_i,
    .msi_record_ready_o (),
    .queue_i            (state),
    .idle_o             (idle),
    .advance_o          (advance),
    .error_set_o        (error_set),
    .wr_req_o           (),
    .wr_valid_o         (wr_valid),
    .wr_ready_i,
    .wr_done_i,
    .wr_error_i
  );

  assign unread = (state.tail - state.head) & state.mask;

  `CW_FV_RESET
  `CW_ASSUME(HeadStaysBehindTail, !head_write_i || !csr.on
      || ((head_i - state.head) & state.mask) <= unread)

  `CW_ASSERT(TailNeverComesToHead, !advance || unread != state.mask)
  `CW_ASSERT(WrittenOnlyWithRoom, !wr_valid || unread != state.mask)
  `CW_ASSERT(OverflowOnlyWhenFull, !error_set.fqof || unread == state.mask)
  `CW_ASSERT(OffMeansNothingUnderWay, csr.on || (idle && !wr_valid))

  // What makes the proof inductive: room that was found stays.
  `CW_ASSERT(RoomStays, idle || unread != state.mask)
  `CW_ASSERT(OnlyWhileOn, idle || csr.on)

endmodule
