// SPDX-License-Identifier: Apache-2.0
//
// The only assertion macros of the project: live in simulation, usable in formal proofs, absent in synthesis.
// Each expects `clk_i` and `rst_i` in scope and is named after the rule that it states.
`ifndef CW_ASSERT_SVH
`define CW_ASSERT_SVH

// The legal range of a parameter, checked when the design is elaborated.
`define CW_REQUIRE(cond, msg) \
  if (!(cond)) $error("%m: %s", msg);

`ifdef SYNTHESIS
`define CW_ASSERT(name, cond)
`define CW_ASSERT_WHEN(name, when, cond)
`define CW_ASSERT_HELD(name, valid, ready, payload)
`else
// What is wrong if it is reached. An error in simulation: before an assertion Verilator calls a
// function that tells whether assertions are on, and that cost more than the conditions.
`ifdef VERILATOR
`define CW_FAIL(name) begin : name $error("broken"); end
`else
`define CW_FAIL(name) name: assert (1'b0);
`endif

// `cond` holds at every clock edge outside reset. Written so that a condition that holds costs one
// test in simulation: a property would have every signal sampled first. With some parameters it is
// constant, and rightly so.
`define CW_ASSERT(name, cond) `CW_ASSERT_WHEN(name, 1'b1, cond)

// The same wherever `when` holds: elsewhere `cond` costs nothing.
`define CW_ASSERT_WHEN(name, when, cond) \
  /* verilator lint_off CMPCONST */ \
  always_ff @(posedge clk_i) if (!rst_i) if (when) if (!(cond)) `CW_FAIL(name) \
  /* verilator lint_on CMPCONST */

// Once `valid`, `payload` keeps its value and `valid` stays until `ready` (AXI-Stream 2.2.1).
`define CW_ASSERT_HELD(name, valid, ready, payload) \
  logic                       name``_waits_q; \
  logic [$bits(payload)-1:0]  name``_payload_q; \
  always_ff @(posedge clk_i) begin \
    name``_waits_q <= !rst_i && (valid) && !(ready); \
    if ((valid) && !(ready)) name``_payload_q <= (payload); \
  end \
  `CW_ASSERT_WHEN(name, name``_waits_q, (valid) && name``_payload_q == (payload))
`endif

`endif
