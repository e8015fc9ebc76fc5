// SPDX-License-Identifier: Apache-2.0
//
// What every harness begins with. Inputs of a harness are free: the prover chooses them at each
// clock. Assertions are written with CW_ASSERT, as in the RTL.
`ifndef CW_FV_SVH
`define CW_FV_SVH

`include "cw_assert.svh"

// The environment keeps to `cond`, in reset as well.
`define CW_ASSUME(name, cond) \
  name: assume property (@(posedge clk_i) (cond));

// A source keeps what it offers until it is taken (CW_ASSERT_HELD, as an assumption).
`define CW_ASSUME_HELD(name, valid, ready, payload) \
  name: assume property (@(posedge clk_i) \
      rst_i || !$past((valid) && !(ready) && !rst_i) || ((valid) && $stable(payload)));

// The first clock is one of reset; later ones may be.
`define CW_FV_RESET \
  logic started_q = 1'b0; \
  always_ff @(posedge clk_i) started_q <= 1'b1; \
  `CW_ASSUME(BeginsInReset, started_q || rst_i)

`endif
