// SPDX-License-Identifier: Apache-2.0
//
// Carries out one AtomicOp on card memory: reads, changes and writes back while it holds the lock
// that keeps all other writes out. The original value comes back from lane 0 on, in the clocks in
// which the new one is written: of 16 bytes in one beat, or in two of 8.
// Spec: PCIe Base 6.15 (AtomicOps).
`include "cw_assert.svh"
module cw_card_atomic
  import cw_atomic_pkg::*;
#(
  parameter int unsigned W = 256  // bits of a beat
) (
  input  logic           clk_i,
  input  logic           rst_i,

  // AtomicOp, ready with the last beat of its answer
  input  atomic_req_t    req_i,
  output atomic_rsp_t    rsp_o,

  // Card memory
  output logic           lock_o,
  output logic           cm_wr_valid_o,
  input  logic           cm_wr_ready_i,
  output logic [31:0]    cm_wr_addr_o,
  output logic [W-1:0]   cm_wr_data_o,
  output logic [W/8-1:0] cm_wr_strb_o,
  output logic           cm_rd_valid_o,
  input  logic           cm_rd_ready_i,
  output logic [31:0]    cm_rd_addr_o,
  input  logic           cm_rd_rvalid_i,
  input  logic [W-1:0]   cm_rd_rdata_i
);

  localparam int unsigned LaneW = $clog2(W / 8);
  localparam int unsigned Lanes = W / 32;
  localparam int unsigned Quads = W > 128 ? W / 128 : 1;  // places of 16 bytes

  typedef enum logic [1:0] {
    StRead,
    StWait,
    StWrite
  } state_e;

  state_e           state_q, state_d;
  logic             second_q, last, step;  // beat of an operand that takes two
  logic [LaneW-3:0] place;                 // of the operand in its beat, in dwords
  logic [LaneW-3:0] spanned;               // the bits of a lane's number within an operand
  logic [31:0]      beat_addr;
  logic [127:0]     quad, spread, original_q;

  assign last      = second_q || 32'(req_i.dw) <= Lanes;
  assign place     = req_i.addr[LaneW-1:2];
  assign spanned   = (LaneW-2)'(req_i.dw - 3'd1);
  // The second beat of an aligned operand differs in one bit.
  assign beat_addr = {req_i.addr[31:LaneW], LaneW'(0)} | (32'(second_q) << LaneW);

  assign lock_o       = req_i.valid;
  assign cm_rd_addr_o = beat_addr;
  assign cm_wr_addr_o = beat_addr;

  always_comb begin
    state_d       = state_q;
    cm_rd_valid_o = 1'b0;
    cm_wr_valid_o = 1'b0;
    step          = 1'b0;
    unique case (state_q)
      StRead: begin  // ask for one beat after the other
        cm_rd_valid_o = req_i.valid;
        if (cm_rd_valid_o && cm_rd_ready_i) state_d = StWait;
      end
      StWait: begin  // the last one completes the original value
        step = cm_rd_rvalid_i;
        if (step) state_d = last ? StWrite : StRead;
      end
      StWrite: begin  // write the result, tell the original value
        cm_wr_valid_o = 1'b1;
        step          = cm_wr_ready_i;
        if (step && last) state_d = StRead;
      end
      default: state_d = StRead;
    endcase
  end

  // The operand's 16 bytes come from its beat, and go to all of them: the strobes choose.
  if (W == 64) begin : gen_half
    assign quad         = {2{cm_rd_rdata_i}};
    assign cm_wr_data_o = second_q ? spread[127:64] : spread[63:0];
  end else begin : gen_whole
    logic [Quads-1:0][127:0] quads;
    assign quads        = cm_rd_rdata_i;
    assign quad         = quads[32'(place) / 4];
    assign cm_wr_data_o = {Quads{spread}};
  end

  assign spread = operand_everywhere(atomic_result(req_i, original_q), req_i.dw);

  for (genvar lane = 0; lane < Lanes; lane++) begin : gen_lane
    assign cm_wr_strb_o[4*lane +: 4] = {4{(((LaneW-2)'(lane) ^ place) & ~spanned) == '0}};
  end

  assign rsp_o.valid = state_q == StWrite && step;
  assign rsp_o.ready = rsp_o.valid && last;
  assign rsp_o.data  = second_q ? original_q >> 64 : original_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q  <= StRead;
      second_q <= 1'b0;
    end else begin
      state_q  <= state_d;
      if (step) second_q <= !last;
    end
  end

  // No reset: meaningful only in StWrite.
  always_ff @(posedge clk_i) begin
    if (cm_rd_rvalid_i) begin
      original_q[127:64] <= quad[127:64];
      if (!second_q) original_q[63:0] <= 64'(operand_down(quad, req_i.addr[3:2]));
    end
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(OperandLegal, !req_i.valid || (req_i.dw inside {3'd1, 3'd2, 3'd4}))
  `CW_ASSERT(OperandAligned, !req_i.valid
      || (req_i.addr & (32'({req_i.dw, 2'b00}) - 32'd1)) == '0)
  `CW_ASSERT(WritesUnderLock, !cm_wr_valid_o || lock_o)
  `CW_ASSERT(AnswerWasAsked, !cm_rd_rvalid_i || state_q == StWait)
  `CW_ASSERT(OperandWritten, !cm_wr_valid_o || cm_wr_strb_o != '0)
  `CW_ASSERT_HELD(ReqHeld, req_i.valid, rsp_o.ready, req_i)
  `CW_ASSERT_HELD(WriteHeld, cm_wr_valid_o, cm_wr_ready_i,
      {cm_wr_addr_o, cm_wr_data_o, cm_wr_strb_o})

endmodule
