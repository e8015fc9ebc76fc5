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
`define CW_ASSERT_HELD(name, valid, ready, payload)
`else
// `cond` holds at every clock edge outside reset.
`define CW_ASSERT(name, cond) \
  name: assert property (@(posedge clk_i) disable iff (rst_i) (cond));

// Once `valid`, `payload` keeps its value and `valid` stays until `ready` (AXI-Stream 2.2.1).
`define CW_ASSERT_HELD(name, valid, ready, payload) \
  name: assert property (@(posedge clk_i) disable iff (rst_i) \
      !$past((valid) && !(ready) && !rst_i) || ((valid) && $stable(payload)));
`endif

`endif
