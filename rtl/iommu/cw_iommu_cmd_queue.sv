// SPDX-License-Identifier: Apache-2.0
//
// Fetches commands from memory, up to four in one burst, and does them one after the other. The
// head moves past a command when it is done; a command that is illegal or meets a memory fault
// keeps it and sets an error bit, and the queue stands until software has cleared the bit. What was
// fetched behind such a command, or behind the one at which software turned the queue off, is
// forgotten and fetched again.
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

  // Fence: asked until everything that came before the asking began is in memory
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

  // A burst stays inside one line of memory, and so inside the queue and inside a page.
  localparam int unsigned Burst  = 4;               // commands
  localparam int unsigned IndexW = $clog2(Burst);
  typedef logic [IndexW-1:0] index_t;

  // ---- The burst: doublewords by command, each with whether memory could not deliver it

  (* ram_style = "auto" *) logic [64:0] low_q [Burst];
  (* ram_style = "auto" *) logic [64:0] high_q [Burst];
  logic [IndexW:0] beat_q, beat_d;      // the doubleword that comes next
  logic            loading_q, loading_d;
  index_t          index_q, index_d;    // the command being done
  index_t          last_q, last_d;      // the last one of the burst
  logic            ready, bad, low_bad, high_bad;
  logic [127:0]    cmd;

  assign {low_bad, cmd[63:0]}    = low_q[index_q];
  assign {high_bad, cmd[127:64]} = high_q[index_q];
  assign ready = !loading_q || beat_q[IndexW:1] > index_q;
  assign bad   = low_bad || high_bad;

  // ---- What to fetch: to the tail where it is in the line of the head, else to the end of the
  // line, or of a queue of two

  index_t line_end, ahead;
  logic   tail_in_line;

  assign line_end     = queue_i.mask[1] ? ~queue_i.head[IndexW-1:0]
                                        : {1'b0, ~queue_i.head[0]};
  assign ahead        = queue_i.tail[IndexW-1:0] - queue_i.head[IndexW-1:0] - 1'b1;
  assign tail_in_line = queue_i.tail[QueueIndexBits-1:IndexW]
                     == queue_i.head[QueueIndexBits-1:IndexW]
                     && queue_i.tail[IndexW-1:0] > queue_i.head[IndexW-1:0];
  // The base is aligned to the size of the queue.
  assign rd_req_o     = '{hpa: {queue_i.ppn, 12'd0} | {36'd0, queue_i.head, 4'd0},
                          len: {last_q, 1'b1}};

  // ---- The command

  typedef enum logic [2:0] { StIdle, StAsk, StDo, StDrain, StStore, StStored } state_e;

  state_e       state_q, state_d;
  cmd_kind_e    kind;
  cmd_iofence_t fence;
  logic         fence_beyond;           // the address to store to has more bits than any memory
  logic         drain_q;                // between two fences the asking ends for a clock

  assign kind         = cmd_kind(cmd, caps_i, wsi_i);
  assign fence        = cmd;
  assign fence_beyond = fence.addr[61:54] != '0;
  assign inval_o      = cmd_inval(cmd);
  assign wr_req_o     = '{hpa:  {fence.addr[53:1], 3'd0},
                          len:  2'd0,
                          strb: fence.addr[0] ? 8'hf0 : 8'h0f,
                          data: {192'd0, fence.data, fence.data}};

  always_comb begin
    state_d       = state_q;
    index_d       = index_q;
    last_d        = last_q;
    idle_o        = 1'b0;
    advance_o     = 1'b0;
    error_set_o   = '0;
    inval_valid_o = 1'b0;
    drain_o       = 1'b0;
    rd_valid_o    = 1'b0;
    wr_valid_o    = 1'b0;
    unique case (state_q)
      StIdle: begin  // wait for a command, and for software to clear what stopped the last one
        idle_o  = !loading_q;
        index_d = '0;
        last_d  = tail_in_line ? ahead : line_end;
        if (queue_i.on && !loading_q && queue_i.head != queue_i.tail
            && queue_i.errors[2:0] == '0) state_d = StAsk;
      end
      StAsk: begin
        rd_valid_o = 1'b1;
        if (rd_ready_i) state_d = StDo;
      end
      StDo: begin  // an invalidation is done at once; a fence begins to wait
        if (ready) begin
          if (bad) error_set_o.cqmf = 1'b1;
          else if (kind == CmdIllegal) error_set_o.cmd_ill = 1'b1;
          inval_valid_o = !bad && kind == CmdInvalidate;
          drain_o       = !bad && kind == CmdFence && !drain_q;
          advance_o     = inval_valid_o && inval_ready_i;
          if (drain_o) state_d = StDrain;
        end
      end
      StDrain: begin  // reads and writes alike, whatever PR and PW say
        drain_o = 1'b1;
        if (drained_i) begin
          if (!fence.av) begin
            error_set_o.fence_w_ip = fence.wsi;
            advance_o              = 1'b1;
          end else if (fence_beyond) begin
            error_set_o.cqmf = 1'b1;
          end else begin
            state_d = StStore;
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
        end
      end
      default: state_d = StIdle;
    endcase
    if (advance_o) begin
      index_d = index_q + 1'b1;
      state_d = index_q == last_q || !queue_i.on ? StIdle : StDo;
    end
    if (error_set_o.cqmf || error_set_o.cmd_ill) state_d = StIdle;
  end

  always_comb begin
    beat_d    = beat_q;
    loading_d = loading_q;
    if (rd_valid_o && rd_ready_i) begin
      beat_d    = '0;
      loading_d = 1'b1;
    end
    if (rd_rsp_valid_i) begin
      beat_d = beat_q + 1'b1;
      if (rd_rsp_i.last) loading_d = 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q   <= StIdle;
      loading_q <= 1'b0;
      drain_q   <= 1'b0;
    end else begin
      state_q   <= state_d;
      loading_q <= loading_d;
      drain_q   <= drain_o;
    end
    // No reset: set before they are read.
    beat_q  <= beat_d;
    index_q <= index_d;
    last_q  <= last_d;
  end

  always_ff @(posedge clk_i) begin
    if (rd_rsp_valid_i && !beat_q[0]) begin
      low_q[beat_q[IndexW:1]] <= {rd_rsp_i.error || rd_rsp_i.poison, rd_rsp_i.data};
    end
    if (rd_rsp_valid_i && beat_q[0]) begin
      high_q[beat_q[IndexW:1]] <= {rd_rsp_i.error || rd_rsp_i.poison, rd_rsp_i.data};
    end
  end

  `CW_ASSERT_HELD(ReadHeld, rd_valid_o, rd_ready_i, rd_req_o)
  `CW_ASSERT_HELD(WriteHeld, wr_valid_o, wr_ready_i, wr_req_o)
  `CW_ASSERT_HELD(InvalidationHeld, inval_valid_o, inval_ready_i, inval_o)
  `CW_ASSERT(StandsOnError, !advance_o || !(error_set_o.cqmf || error_set_o.cmd_ill))
  `CW_ASSERT(NothingFetchedWhileStopped, !rd_valid_o || queue_i.errors[2:0] == '0)
  `CW_ASSERT(BurstInsidePage, !rd_valid_o
      || 13'(rd_req_o.hpa[11:0]) + 13'({rd_req_o.len, 3'd7}) <= 13'd4095)
  `CW_ASSERT(NothingDoneBeyondTheBurst, state_q == StIdle || index_q <= last_q)

endmodule
