// SPDX-License-Identifier: Apache-2.0
//
// Says which tag's time is over: once `age_i` has been set for a tag for a whole period since its
// last restart, or as soon as `now_i` is set. Never early; late by one seventh of a period at most,
// and by one clock for every other tag that is due. A tag stays due until it is neither.
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
  input  logic [Tags-1:0] age_i,      // tags that time works on
  input  logic [Tags-1:0] now_i,      // tags that need not wait
  input  logic [Tags-1:0] restart_i,

  // A tag whose time is over; may change from clock to clock
  output logic [TagW-1:0] due_tag_o,
  output logic            due_valid_o
);

  // Eight ticks end a period, and the first of them comes at any time after the restart: seven
  // whole ticks are a period of at least TimeoutCycles, `timeout_doublings` from its quarter.
  localparam int unsigned TicksWhole = 7;
  localparam int unsigned BaseCycles = (TimeoutCycles + 4 * TicksWhole - 1) / (4 * TicksWhole);
  localparam int unsigned CountW     = $clog2(BaseCycles + 1) + MaxTimeoutDoublings;

  logic [CountW-1:0]    count_q;
  logic                 tick;
  logic [Tags-1:0][3:0] age_q;  // ticks since the restart; bit 3: over
  logic [Tags-1:0]      due;
  logic [TagW-1:0]      pick;
  logic [TagW-1:0]      pick_q;

  // Not less: the range may be made shorter while the count is beyond it.
  assign tick = count_q >= (CountW'(BaseCycles) << timeout_doublings(range_i)) - CountW'(1);

  always_comb begin
    pick = '0;
    for (int unsigned t = 0; t < Tags; t++) begin
      due[t] = now_i[t] || (age_i[t] && age_q[t][3]);
    end
    for (int t = int'(Tags) - 1; t >= 0; t--) if (due[t]) pick = TagW'(t);
  end

  always_ff @(posedge clk_i) begin
    if (rst_i)     count_q <= '0;
    else if (tick) count_q <= '0;
    else           count_q <= count_q + CountW'(1);
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned t = 0; t < Tags; t++) begin
      if (rst_i || restart_i[t])                     age_q[t] <= '0;
      else if (tick && age_i[t] && !age_q[t][3])     age_q[t] <= age_q[t] + 4'd1;
    end
  end

  // No reset: what was picked is looked at again.
  always_ff @(posedge clk_i) pick_q <= pick;

  // What was picked a clock ago may have been answered since.
  assign due_tag_o   = pick_q;
  assign due_valid_o = due[pick_q];

  `CW_REQUIRE(TimeoutCycles >= 64, "a period is at least 64 clocks")
  `CW_ASSERT(DueIsOld, !due_valid_o || now_i[due_tag_o] || age_q[due_tag_o][3])
  `CW_ASSERT(AgeEnds, age_q[due_tag_o] <= 4'd8)

endmodule
