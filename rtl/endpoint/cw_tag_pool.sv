// SPDX-License-Identifier: Apache-2.0
//
// Hands out tags in rotation, so that the tag given back last is used again last, and keeps the
// state of each. A tag in quarantine is one whose state is not TagIdle: it is not handed out.
// One tag is taken, one moved to another state and one freed in a clock; never one tag twice.
// `forget_i` gives up what all tags wait for; a tag may be freed in the same clock.
// Spec: PCIe Base 2.2.6.2 (transaction descriptor, tag).
`include "cw_assert.svh"
module cw_tag_pool
  import cw_requester_pkg::*;
#(
  parameter  int unsigned Tags = 32,
  localparam int unsigned TagW = $clog2(Tags)
) (
  input  logic                  clk_i,
  input  logic                  rst_i,
  input  logic                  forget_i,
  input  logic                  wide_i,       // tags beyond those of five bits may be handed out

  // A tag that is idle; taken, it is open
  output logic [TagW-1:0]       alloc_tag_o,
  output logic                  alloc_valid_o,
  input  logic                  alloc_ready_i,

  // Another state for a tag in use (not TagIdle: that is what free is for)
  input  logic [TagW-1:0]       move_tag_i,
  input  tag_state_e            move_state_i,
  input  logic                  move_valid_i,

  // Back to idle
  input  logic [TagW-1:0]       free_tag_i,
  input  logic                  free_valid_i,

  output tag_state_e [Tags-1:0] state_o
);

  localparam int unsigned NarrowTags = 32;  // without Extended Tag Field Enable (7.5.3.4)

  tag_state_e [Tags-1:0] state_q;
  logic [TagW-1:0]       last_q;    // taken last
  logic [Tags-1:0]       idle;
  logic [Tags-1:0]       idle_above;

  always_comb begin
    for (int unsigned t = 0; t < Tags; t++) begin
      idle[t]       = state_q[t] == TagIdle && (wide_i || t < NarrowTags);
      idle_above[t] = idle[t] && t > 32'(last_q);
    end
  end

  always_comb begin
    alloc_tag_o = '0;
    for (int t = int'(Tags) - 1; t >= 0; t--) if (idle[t]) alloc_tag_o = TagW'(t);
    for (int t = int'(Tags) - 1; t >= 0; t--) if (idle_above[t]) alloc_tag_o = TagW'(t);
  end

  assign alloc_valid_o = idle != '0;
  assign state_o       = state_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      for (int unsigned t = 0; t < Tags; t++) state_q[t] <= TagIdle;
      last_q <= TagW'(Tags - 1);
    end else begin
      for (int unsigned t = 0; t < Tags; t++) begin
        if (forget_i) state_q[t] <= given_up(state_q[t]);
        if (alloc_valid_o && alloc_ready_i && alloc_tag_o == TagW'(t)) state_q[t] <= TagOpen;
        if (move_valid_i && move_tag_i == TagW'(t)) state_q[t] <= move_state_i;
        if (free_valid_i && free_tag_i == TagW'(t)) state_q[t] <= TagIdle;
      end
      if (alloc_valid_o && alloc_ready_i) last_q <= alloc_tag_o;
    end
  end

  `CW_REQUIRE(Tags >= 2 && Tags <= 256, "what a tag has below its upper two bits")
  `CW_ASSERT(FreedOnce, !free_valid_i || state_q[free_tag_i] != TagIdle)
  `CW_ASSERT(MovedInUse, !move_valid_i || state_q[move_tag_i] != TagIdle)
  `CW_ASSERT(MovedNotToIdle, !move_valid_i || move_state_i != TagIdle)
  `CW_ASSERT(OneChangeATag, !(free_valid_i && move_valid_i) || free_tag_i != move_tag_i)
  `CW_ASSERT(NothingNewWhileForgetting, !forget_i || !(alloc_ready_i || move_valid_i))
  `CW_ASSERT(TakenNarrow, wide_i || !alloc_valid_o || 32'(alloc_tag_o) < NarrowTags)
  `CW_ASSERT(TakenIdle, !alloc_valid_o || state_q[alloc_tag_o] == TagIdle)

endmodule
