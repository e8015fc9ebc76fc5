// SPDX-License-Identifier: Apache-2.0
//
// CREDITS_CONSUMED of one credit type and the gate of the transmitter: `ok_o` says that a TLP that
// needs `need_i` credits may leave now; `consume_i` counts it. Counters are modulo 4096, so a limit
// at most 2048 ahead is credit. Spec: PCIe Base 2.6.1.2.
`include "cw_assert.svh"
module cw_credit_counter (
  input  logic        clk_i,
  input  logic        rst_i,

  // CREDIT_LIMIT from the receiver, or infinite credit
  input  logic [11:0] limit_i,
  input  logic        infinite_i,

  // The TLP at the gate
  input  logic [8:0]  need_i,
  output logic        ok_o,
  input  logic        consume_i,  // it leaves: only with ok_o

  output logic [11:0] consumed_o
);

  // Half of the counter's range: a difference beyond it is a limit already exceeded.
  localparam logic [11:0] HalfRange = 12'd2048;

  logic [11:0] consumed_q, required;

  assign required   = consumed_q + 12'(need_i);
  assign ok_o       = infinite_i || (limit_i - required) <= HalfRange;
  assign consumed_o = consumed_q;

  always_ff @(posedge clk_i) begin
    if (rst_i)          consumed_q <= '0;
    else if (consume_i) consumed_q <= required;
  end

  `CW_ASSERT(ConsumeOnlyWithCredit, !consume_i || ok_o)

endmodule
