// SPDX-License-Identifier: Apache-2.0
//
// Resets functions one by one as software asks for it: a function first stops asking for anything,
// what it has begun to send ends (or is given up when that takes too long), then everything that
// belongs to it is reset. Nothing of it waits for the partner: the function is ready again after
// QuiesceCycles + ResetCycles + 2 clocks at most: with the defaults below 100 ms from 11 kHz on.
// Spec: PCIe Base 6.6.2 (function level reset).
`include "cw_assert.svh"
module cw_function_reset #(
  parameter  int unsigned Functions     = 1,
  parameter  int unsigned QuiesceCycles = 1024,  // for the end of what it sends
  parameter  int unsigned ResetCycles   = 8,     // longer than card memory takes to answer
  localparam int unsigned TimerW        = $clog2(QuiesceCycles > ResetCycles ? QuiesceCycles
                                                                             : ResetCycles)
) (
  input  logic                 clk_i,
  input  logic                 rst_i,

  input  logic [Functions-1:0] flr_i,      // one clock: Initiate Function Level Reset
  input  logic [Functions-1:0] sending_i,  // a request of the function has begun

  output logic [Functions-1:0] stop_o,     // ask for nothing new; answer configuration with RRS
  output logic [Functions-1:0] fn_rst_o    // synchronous reset of what is the function's
);

  typedef enum logic [1:0] {StReady, StQuiesce, StReset} state_e;

  for (genvar f = 0; f < Functions; f++) begin : gen_function
    state_e            state_q, state_d;
    logic [TimerW-1:0] timer_q;  // clocks in this state

    always_comb begin
      state_d = state_q;
      unique case (state_q)
        StReady: if (flr_i[f]) state_d = StQuiesce;
        StQuiesce:  // until it sends no more
          if (!sending_i[f] || timer_q == TimerW'(QuiesceCycles - 1)) state_d = StReset;
        StReset: if (timer_q == TimerW'(ResetCycles - 1)) state_d = StReady;
        default: state_d = StReady;
      endcase
    end

    always_ff @(posedge clk_i) begin
      if (rst_i) state_q <= StReady;
      else       state_q <= state_d;
    end

    // No reset: StReady does not look at it, and whoever leaves that begins at 0.
    always_ff @(posedge clk_i) timer_q <= state_d == state_q ? timer_q + 1'b1 : '0;

    assign stop_o[f]   = state_q != StReady;
    assign fn_rst_o[f] = state_q == StReset;

    `CW_ASSERT(QuiesceEnds, state_q != StQuiesce || 32'(timer_q) < QuiesceCycles)
  end

  `CW_REQUIRE(QuiesceCycles >= 2 && ResetCycles >= 2, "a state lasts at least two clocks")
  `CW_ASSERT(ResetOnlyWhenStopped, (fn_rst_o & ~stop_o) == '0)

endmodule
