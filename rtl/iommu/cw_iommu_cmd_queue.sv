// SPDX-License-Identifier: Apache-2.0
//
// Fetches commands from memory and does them one after the other. The head moves past a command
// when it is done; a command that is illegal or meets a memory fault keeps it and sets an error
// bit, and the queue stands until software has cleared the bit.
// Spec: RISC-V IOMMU, "Command-Queue (CQ)".
`include "cw_assert.svh"
module cw_iommu_cmd_queue import cw_iommu_pkg::*, cw_iommu_tr_pkg::*, cw_iommu_reg_pkg::*; (
  input  logic         clk_i,
  input  logic         rst_i,

  input  caps_t        caps_i,
  input  logic         wsi_i,           // fctl.WSI

  // Registers
  input  queue_state_t queue_i,
  output logic         idle_o,
  output logic         advance_o,
  output cq_errors_t   error_set_o,

  // Invalidation: done in the clock of valid and ready
  output inval_t       inval_o,
  output logic         inval_valid_o,
  input  logic         inval_ready_i,

  // Fence: asked until everything that was translated before the asking began is in memory
  output logic         drain_o,
  input  logic         drained_i,

  // Memory
  output mem_rd_req_t  rd_req_o,
  output logic         rd_valid_o,
  input  logic         rd_ready_i,
  input  mem_rd_rsp_t  rd_rsp_i,
  input  logic         rd_rsp_valid_i,
  output mem_wr_req_t  wr_req_o,
  output logic         wr_valid_o,
  input  logic         wr_ready_i,
  input  logic         wr_done_i,
  input  logic         wr_error_i
);

  typedef enum logic [2:0] {
    StIdle, StAsk, StData, StDecode, StInvalidate, StDrain, StStore, StStored
  } state_e;

  state_e           state_q, state_d;
  logic [1:0][63:0] cmd_q;              // no reset: read only from StDecode on
  logic             beat_q, beat_d, bad_q, bad_d;
  cmd_kind_e        kind;
  cmd_iofence_t     fence;
  hpa_t             entry_hpa;
  logic             fence_beyond;       // the address to store to has more bits than any memory

  assign kind         = cmd_kind(cmd_q, caps_i, wsi_i);
  assign fence        = cmd_q;
  assign fence_beyond = fence.addr[61:54] != '0;
  assign entry_hpa    = {queue_i.ppn, 12'd0} + {36'd0, queue_i.head, 4'd0};
  assign inval_o      = cmd_inval(cmd_q);
  assign rd_req_o     = '{hpa: entry_hpa, len: 3'd1};
  assign wr_req_o     = '{hpa:  {fence.addr[53:1], 3'd0},
                          len:  2'd0,
                          strb: fence.addr[0] ? 8'hf0 : 8'h0f,
                          data: {192'd0, fence.data, fence.data}};

  always_comb begin
    state_d       = state_q;
    beat_d        = beat_q;
    bad_d         = bad_q;
    idle_o        = 1'b0;
    advance_o     = 1'b0;
    error_set_o   = '0;
    inval_valid_o = 1'b0;
    drain_o       = 1'b0;
    rd_valid_o    = 1'b0;
    wr_valid_o    = 1'b0;
    unique case (state_q)
      StIdle: begin  // wait for a command, and for software to clear what stopped the last one
        idle_o = 1'b1;
        if (queue_i.on && queue_i.head != queue_i.tail && queue_i.errors[2:0] == '0) begin
          state_d = StAsk;
        end
      end
      StAsk: begin
        rd_valid_o = 1'b1;
        beat_d     = 1'b0;
        bad_d      = 1'b0;
        if (rd_ready_i) state_d = StData;
      end
      StData: begin
        if (rd_rsp_valid_i) begin
          beat_d = 1'b1;
          bad_d  = bad_q || rd_rsp_i.error || rd_rsp_i.poison;
          if (rd_rsp_i.last) state_d = StDecode;
        end
      end
      StDecode: begin
        state_d = StIdle;
        if (bad_q) error_set_o.cqmf = 1'b1;
        else if (kind == CmdInvalidate) state_d = StInvalidate;
        else if (kind == CmdFence)      state_d = StDrain;
        else error_set_o.cmd_ill = 1'b1;
      end
      StInvalidate: begin  // between two translations
        inval_valid_o = 1'b1;
        if (inval_ready_i) begin
          advance_o = 1'b1;
          state_d   = StIdle;
        end
      end
      StDrain: begin  // reads and writes alike, whatever PR and PW say
        drain_o = 1'b1;
        if (drained_i) begin
          if (fence.av && fence_beyond) begin
            error_set_o.cqmf = 1'b1;
            state_d          = StIdle;
          end else if (fence.av) begin
            state_d = StStore;
          end else begin
            error_set_o.fence_w_ip = fence.wsi;
            advance_o              = 1'b1;
            state_d                = StIdle;
          end
        end
      end
      StStore: begin
        wr_valid_o = 1'b1;
        if (wr_ready_i) state_d = StStored;
      end
      StStored: begin  // the head follows the data
        if (wr_done_i) begin
          error_set_o.cqmf       = wr_error_i;
          error_set_o.fence_w_ip = fence.wsi && !wr_error_i;
          advance_o              = !wr_error_i;
          state_d                = StIdle;
        end
      end
      default: state_d = StIdle;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) state_q <= StIdle;
    else       state_q <= state_d;
    // No reset: set before they are read.
    beat_q <= beat_d;
    bad_q  <= bad_d;
    if (rd_rsp_valid_i) cmd_q[beat_q] <= rd_rsp_i.data;
  end

  `CW_ASSERT_HELD(ReadHeld, rd_valid_o, rd_ready_i, rd_req_o)
  `CW_ASSERT_HELD(WriteHeld, wr_valid_o, wr_ready_i, wr_req_o)
  `CW_ASSERT_HELD(InvalidationHeld, inval_valid_o, inval_ready_i, inval_o)
  `CW_ASSERT(StandsOnError, !advance_o || (error_set_o & 4'b0111) == '0)
  `CW_ASSERT(NothingFetchedWhileStopped, !rd_valid_o || queue_i.errors[2:0] == '0)

endmodule
