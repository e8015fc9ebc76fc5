// SPDX-License-Identifier: Apache-2.0
//
// A transmitter that obeys the gate never consumes more credits than were granted, and is not held
// back while it has credit, however often the counters wrap. The receiver grants by moving its
// limit, at most half of the counter's range ahead of what is consumed (2.6.1.2). What is left of
// its grants is counted here in plain numbers that do not wrap.
`include "cw_fv.svh"
module cw_credit_counter_fv (
  input logic        clk_i,
  input logic        rst_i,
  input logic        infinite_i,
  input logic [11:0] grant_i,     // credits granted now
  input logic [8:0]  need_i,
  input logic        consume_i
);

  localparam logic [12:0] HalfRange = 13'd2048;

  logic [12:0] left_q;   // granted and not consumed
  logic [11:0] limit_q;
  logic [11:0] consumed;
  logic        ok;

  cw_credit_counter u_dut (
    .clk_i,
    .rst_i,
    .limit_i    (limit_q),
    .infinite_i,
    .need_i,
    .ok_o       (ok),
    .consume_i,
    .consumed_o (consumed)
  );

  `CW_FV_RESET
  `CW_ASSUME(ObeysTheGate, !consume_i || ok)
  `CW_ASSUME(InfiniteFromTheStart, rst_i || infinite_i == $past(infinite_i))
  `CW_ASSUME(GrantsHalfTheRangeAtMost, 14'(left_q) + 14'(grant_i) <= 14'(HalfRange))

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      left_q  <= '0;
      limit_q <= '0;
    end else begin
      left_q  <= left_q + 13'(grant_i) - (consume_i && !infinite_i ? 13'(need_i) : 13'd0);
      limit_q <= limit_q + grant_i;
    end
  end

  `CW_ASSERT(OkExactlyWithCredit, infinite_i || ok == (13'(need_i) <= left_q))
  `CW_ASSERT(NeverBeyondTheLimit, infinite_i || left_q <= HalfRange)
  `CW_ASSERT(LimitIsConsumedPlusLeft, infinite_i || limit_q == consumed + 12'(left_q))
  `CW_ASSERT(InfiniteNeverHoldsBack, !infinite_i || ok)
  `CW_ASSERT(CountsWhatLeaves, $past(rst_i)
      || consumed == $past(consumed) + ($past(consume_i) ? 12'($past(need_i)) : 12'd0))

endmodule
