// SPDX-License-Identifier: Apache-2.0
//
// Writes fault records into the queue in memory: record, acknowledgement, tail, interrupt. A few
// records wait in front, in their order. A record is dropped where, when its turn comes, the queue
// is off, full, or stopped by an error.
// Spec: RISC-V IOMMU, "Fault/Event-Queue (FQ)".
`include "cw_assert.svh"
module cw_iommu_fault_queue import cw_iommu_pkg::*, cw_iommu_reg_pkg::*; #(
  parameter int unsigned Waiting = 4       // records
) (
  input  logic          clk_i,
  input  logic          rst_i,

  // Records: of requests, of messages
  input  fault_record_t record_i,
  input  logic          record_valid_i,
  output logic          record_ready_o,
  input  fault_record_t msi_record_i,
  input  logic          msi_record_valid_i,
  output logic          msi_record_ready_o,

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

  // ---- What waits: of a record, what is not always zero; requests first

  typedef struct packed {
    cause_e      cause;
    ttyp_e       ttyp;
    did_t        did;
    logic [63:0] iotval;
  } kept_t;

  fault_record_t in_record, head_record;
  kept_t         in_kept, head;
  logic          in_valid, in_ready, head_valid, head_take;

  assign in_record          = record_valid_i ? record_i : msi_record_i;
  assign in_valid           = record_valid_i || msi_record_valid_i;
  assign in_kept            = '{cause: in_record.cause, ttyp: in_record.ttyp,
                                did: in_record.did, iotval: in_record.iotval};
  assign head_record        = '{cause: head.cause, ttyp: head.ttyp, did: head.did,
                                iotval: head.iotval, default: '0};
  assign record_ready_o     = in_ready;
  assign msi_record_ready_o = in_ready && !record_valid_i;

  cw_fifo #(.DataW($bits(kept_t)), .Depth(Waiting)) u_waiting (
    .clk_i,
    .rst_i,
    .in_data_i   (in_kept),
    .in_valid_i  (in_valid),
    .in_ready_o  (in_ready),
    .out_data_o  (head),
    .out_valid_o (head_valid),
    .out_ready_i (head_take),
    .level_o     ()
  );

  // ---- The record whose turn it is

  typedef enum logic [1:0] { StIdle, StWrite, StWritten } state_e;

  state_e state_q, state_d;
  logic   full;

  assign full     = ((queue_i.tail + 1'b1) & queue_i.mask) == queue_i.head;
  // The base is aligned to the size of the queue.
  assign wr_req_o = '{hpa:  {queue_i.ppn, 12'd0} | {35'd0, queue_i.tail, 5'd0},
                      len:  2'd3,
                      strb: 8'hff,
                      data: head_record};

  always_comb begin
    state_d     = state_q;
    idle_o      = 1'b0;
    head_take   = 1'b0;
    advance_o   = 1'b0;
    error_set_o = '0;
    wr_valid_o  = 1'b0;
    unique case (state_q)
      StIdle: begin  // an error bit, or no queue, means no record
        idle_o    = 1'b1;
        head_take = 1'b1;
        if (head_valid && queue_i.on && queue_i.errors[1:0] == '0) begin
          error_set_o.fqof = full;
          if (!full) begin
            head_take = 1'b0;
            state_d   = StWrite;
          end
        end
      end
      StWrite: begin
        wr_valid_o = 1'b1;
        if (wr_ready_i) state_d = StWritten;
      end
      StWritten: begin  // the tail follows the record
        if (wr_done_i) begin
          head_take        = 1'b1;
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
  end

  `CW_ASSERT_HELD(WriteHeld, wr_valid_o, wr_ready_i, wr_req_o)
  `CW_ASSERT(TailOnlyAfterMemory, !advance_o || (wr_done_i && !wr_error_i))
  `CW_ASSERT(NothingWrittenWhileStopped, !wr_valid_o || queue_i.errors[1:0] == '0)
  `CW_ASSERT(NothingLostOfARecord, !in_valid || {in_record.pid, in_record.pv, in_record.priv,
      in_record.dword1, in_record.iotval2} == '0)

endmodule
