// SPDX-License-Identifier: Apache-2.0
//
// The command queue with its registers. Software writes what it likes at any time; only the tail of
// a queue that is on it moves by no more than there is room for. Spec: RISC-V IOMMU, cqh and cqt.
`include "cw_fv.svh"
module cw_iommu_cmd_queue_fv
  import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_reg_pkg::*;
(
  input logic         clk_i,
  input logic         rst_i,
  input logic [1:0]   base_write_i,
  input queue_base_t  base_wdata_i,
  input logic         tail_write_i,
  input queue_index_t tail_i,
  input logic         csr_write_i,
  input queue_csr_t   csr_wdata_i,
  input logic         inval_ready_i,
  input logic         drained_i,
  input logic         rd_ready_i,
  input logic         rd_rsp_valid_i,
  input mem_rd_rsp_t  rd_rsp_i,
  input logic         wr_ready_i,
  input logic         wr_done_i,
  input logic         wr_error_i
);

  queue_state_t state;
  queue_csr_t   csr;
  logic         idle, advance, rd_valid, wr_valid, drain;
  cq_errors_t   error_set;
  mem_rd_req_t  rd_req;
  logic [3:0]   beats_q;                // still owed by memory
  queue_index_t waiting;                // commands between head and tail

  cw_iommu_queue_csr #(.SwMovesTail(1'b1)) u_csr (
    .clk_i,
    .rst_i,
    .error_mask_i  (4'b1101),
    .base_write_i,
    .base_wdata_i,
    .base_o        (),
    .index_write_i (tail_write_i),
    .index_wdata_i (tail_i),
    .csr_write_i,
    .csr_wdata_i,
    .csr_o         (csr),
    .state_o       (state),
    .idle_i        (idle),
    .advance_i     (advance),
    .error_set_i   (error_set)
  );

  cw_iommu_cmd_queue u_dut (
    .clk_i,
    .rst_i,
    .caps_i         (CapsDefault),
    .wsi_i          (1'b1),
    .queue_i        (state),
    .idle_o         (idle),
    .advance_o      (advance),
    .error_set_o    (error_set),
    .inval_o        (),
    .inval_valid_o  (),
    .inval_ready_i,
    .drain_o        (drain),
    .drained_i,
    .rd_req_o       (rd_req),
    .rd_valid_o     (rd_valid),
    .rd_ready_i,
    .rd_rsp_i,
    .rd_rsp_valid_i,
    .wr_req_o       (),
    .wr_valid_o     (wr_valid),
    .wr_ready_i,
    .wr_done_i,
    .wr_error_i
  );

  assign waiting = (state.tail - state.head) & state.mask;

  always_ff @(posedge clk_i) begin
    if (rst_i) beats_q <= '0;
    else if (rd_valid && rd_ready_i) beats_q <= {1'b0, rd_req.len} + 1'b1;
    else if (rd_rsp_valid_i) beats_q <= beats_q - 1'b1;
  end

  `CW_FV_RESET
  `CW_ASSUME(TailHasRoom, !tail_write_i || !csr.on
      || ((tail_i - state.tail) & state.mask) <= state.mask - waiting)
  `CW_ASSUME(MemoryAnswersOnce, !rd_rsp_valid_i || (beats_q != '0
      && rd_rsp_i.last == (beats_q == 4'd1)))
  `CW_ASSUME(DrainedWhenAsked, !drained_i || drain)

  `CW_ASSERT(HeadNeverPassesTail, !advance || waiting != '0)
  `CW_ASSERT(OffMeansNothingUnderWay, csr.on || (idle && !rd_valid && !wr_valid && beats_q == '0))

  // What makes the proof inductive: the rest of the burst lies before the tail.
  logic doing;
  assign doing = u_dut.state_q != '0;   // not idle
  `CW_ASSERT(BurstLiesBeforeTheTail, !doing
      || waiting > queue_index_t'(u_dut.last_q - u_dut.index_q))
  `CW_ASSERT(IndexInsideBurst, !doing || u_dut.index_q <= u_dut.last_q)
  `CW_ASSERT(OnlyWhileOn, !doing || csr.on)
  `CW_ASSERT(OneBurstAtATime, !rd_valid || (beats_q == '0 && u_dut.index_q == '0))
  `CW_ASSERT(LoadingIsOwed, u_dut.loading_q == (beats_q != '0))

endmodule
