// SPDX-License-Identifier: Apache-2.0
//
// Says which tag's time is over: tags are looked at one after the other, and one whose time is over
// is offered until it is not any more. Never early; late by one seventh of a period at most, and by
// a few clocks for every tag.
// Spec: PCIe Base 2.8 (completion timeout mechanism).
`include "cw_assert.svh"
module cw_cpl_timeout
  import cw_requester_pkg::*;
#(
  parameter  int unsigned Tags          = 32,
  parameter  int unsigned TimeoutCycles = 65536,  // of the default range: about 262 us
  localparam int unsigned TagW          = $clog2(Tags)
) (
  input  logic            clk_i,
  input  logic            rst_i,

  input  logic [3:0]      range_i,    // Completion Timeout Value
  input  logic            disable_i,  // Completion Timeout Disable
  input  logic            forget_i,   // go on, whatever is due: every tag is given up
  output tick_t           now_o,

  // The tag looked at, and what has become of it
  output logic [TagW-1:0] scan_tag_o,
  input  life_t           scan_life_i,

  // A tag whose time is over, or was just now
  output logic [TagW-1:0] due_tag_o,
  output logic            due_valid_o
);

  // Eight ticks end a period, and the first of them comes at any time after the restart: seven
  // whole ticks are a period of at least TimeoutCycles, `timeout_doublings` from its quarter.
  localparam int unsigned TicksWhole = 7;
  localparam int unsigned BaseCycles = (TimeoutCycles + 4 * TicksWhole - 1) / (4 * TicksWhole);
  localparam int unsigned CountW     = $clog2(BaseCycles + 1) + MaxTimeoutDoublings;

  logic [CountW-1:0] count_q;
  logic              tick;
  tick_t             now_q;
  logic [TagW-1:0]   scan_q;
  logic              due, due_q;

  // Not less: the range may be made shorter while the count is beyond it.
  assign tick = count_q >= (CountW'(BaseCycles) << timeout_doublings(range_i)) - CountW'(1);
  assign due  = is_due(scan_life_i, now_q, disable_i);

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      count_q <= '0;
      now_q   <= '0;
      scan_q  <= '0;
      due_q   <= 1'b0;
    end else begin
      count_q <= tick ? '0 : count_q + CountW'(1);
      now_q   <= now_q + tick_t'(tick);
      due_q   <= due && !forget_i;
      if (!due || forget_i) scan_q <= 32'(scan_q) == Tags - 1 ? '0 : scan_q + 1'b1;
    end
  end

  assign now_o       = now_q;
  assign scan_tag_o  = scan_q;
  assign due_tag_o   = scan_q;
  assign due_valid_o = due_q;

  `CW_REQUIRE(TimeoutCycles >= 64, "a period is at least 64 clocks")
  `CW_ASSERT(LooksAtATag, 32'(scan_q) < Tags)

endmodule
