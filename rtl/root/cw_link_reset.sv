// SPDX-License-Identifier: Apache-2.0
//
// Takes the link down while Secondary Bus Reset is set, and brings it up afresh: what had arrived
// whole before is carried out first, then the port is reset, so that nothing of before meets what
// comes after. The link stays down for as long as that takes, even if software asks for less.
// Spec: PCIe Base 6.6.1 (hot reset), 7.5.1.3.13 (Secondary Bus Reset), 2.9.1 (link down).
`include "cw_assert.svh"
module cw_link_reset #(
  parameter  int unsigned QuietCycles = 32,   // without a sign of life from the port: it is empty
  parameter  int unsigned ResetCycles = 8,
  parameter  int unsigned Requests    = 1024, // in the host at most, of either class
  localparam int unsigned CountW      = $clog2(Requests + 1),
  localparam int unsigned TimerW      = $clog2(QuietCycles > ResetCycles ? QuietCycles
                                                                         : ResetCycles)
) (
  input  logic       clk_i,
  input  logic       rst_i,

  input  logic       reset_i,    // Secondary Bus Reset

  // TLPs that arrived: at the port's output; requests taken by the host and done with, one clock
  // each: posted, non-posted
  input  logic       busy_i,
  input  logic [1:0] taken_i,
  input  logic [1:0] done_i,

  output logic       link_up_o,  // else the partner is in hot reset
  output logic       port_rst_o
);

  typedef enum logic [1:0] {StUp, StDrain, StReset} state_e;

  state_e                 state_q, state_d;
  logic [TimerW-1:0]      timer_q;
  logic [1:0][CountW-1:0] open_q;    // requests taken and not done with
  logic                   waiting;

  assign waiting = busy_i || open_q != '0;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      StUp:    if (reset_i) state_d = StDrain;
      StDrain: if (!waiting && timer_q == TimerW'(QuietCycles - 1)) state_d = StReset;
      StReset: if (!reset_i && timer_q == TimerW'(ResetCycles - 1)) state_d = StUp;
      default: state_d = StUp;
    endcase
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q <= StUp;
      open_q  <= '0;
    end else begin
      state_q <= state_d;
      for (int unsigned c = 0; c < 2; c++)
        open_q[c] <= open_q[c] + CountW'(taken_i[c]) - CountW'(done_i[c]);
    end
  end

  // No reset: StUp does not look at it, and whoever leaves that begins at 0.
  always_ff @(posedge clk_i) begin
    if (state_d != state_q || (state_q == StDrain && waiting)) timer_q <= '0;
    else if (state_q != StReset || timer_q != TimerW'(ResetCycles - 1)) timer_q <= timer_q + 1'b1;
  end

  assign link_up_o  = state_q == StUp;
  assign port_rst_o = state_q == StReset;

  `CW_REQUIRE(QuietCycles >= 2 && ResetCycles >= 2, "a state lasts at least two clocks")
  for (genvar c = 0; c < 2; c++) begin : gen_class
    `CW_ASSERT(DoneWasTaken, !done_i[c] || open_q[c] != '0 || taken_i[c])
    `CW_ASSERT(FewEnough, 32'(open_q[c]) < Requests || !taken_i[c] || done_i[c])
  end
  `CW_ASSERT(NothingLeftAtReset, !port_rst_o || !waiting)

endmodule
