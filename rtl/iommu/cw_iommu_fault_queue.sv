// SPDX-License-Identifier: Apache-2.0
//
// Writes fault records into the queue in memory: record, acknowledgement, tail, interrupt. A record
// is dropped where the queue is off, full, or stopped by an error. Records wait outside while one
// is written, so none is overtaken.
// Spec: RISC-V IOMMU, "Fault/Event-Queue (FQ)".
`include "cw_assert.svh"
module cw_iommu_fault_queue import cw_iommu_pkg::*, cw_iommu_reg_pkg::*; (
  input  logic          clk_i,
  input  logic          rst_i,

  // Records
  input  fault_record_t record_i,
  input  logic          record_valid_i,
  output logic          record_ready_o,

  // Registers
  input  queue_state_t  queue_i,
  output logic          idle_o,
  output logic          advance_o,
  output fq_errors_t    error_set_o,

  // Memory
  output mem_wr_req_t   wr_req_o,
  output logic          wr_valid_o,
  input  logic          wr_ready_i,
  input  logic          wr_done_i,
  input  logic          wr_error_i
);

  typedef enum logic [1:0] { StIdle, StWrite, StWritten } state_e;

  state_e        state_q, state_d;
  fault_record_t record_q;          // no reset: read only outside StIdle
  logic          full;

  assign full     = ((queue_i.tail + 1'b1) & queue_i.mask) == queue_i.head;
  assign wr_req_o = '{hpa:  {queue_i.ppn, 12'd0} + {35'd0, queue_i.tail, 5'd0},
                      len:  2'd3,
                      strb: 8'hff,
                      data: record_q};

  always_comb begin
    state_d        = state_q;
    idle_o         = 1'b0;
    record_ready_o = 1'b0;
    advance_o      = 1'b0;
    error_set_o    = '0;
    wr_valid_o     = 1'b0;
    unique case (state_q)
      StIdle: begin  // an error bit, or no queue, means no record
        idle_o         = 1'b1;
        record_ready_o = 1'b1;
        if (record_valid_i && queue_i.on && queue_i.errors[1:0] == '0) begin
          error_set_o.fqof = full;
          if (!full) state_d = StWrite;
        end
      end
      StWrite: begin
        wr_valid_o = 1'b1;
        if (wr_ready_i) state_d = StWritten;
      end
      StWritten: begin  // the tail follows the record
        if (wr_done_i) begin
          advance_o        = !wr_error_i;
          error_set_o.fqmf = wr_error_i;
          state_d          = StIdle;
        end
      end
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else       state_q <= state_d;
    if (record_valid_i && record_ready_o) record_q <= record_i;
  end

  `CW_ASSERT_HELD(WriteHeld, wr_valid_o, wr_ready_i, wr_req_o)
  `CW_ASSERT(TailOnlyAfterMemory, !advance_o || (wr_done_i && !wr_error_i))
  `CW_ASSERT(NothingWrittenWhileStopped, !wr_valid_o || queue_i.errors[1:0] == '0)

endmodule
