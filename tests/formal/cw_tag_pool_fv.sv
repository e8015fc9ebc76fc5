// SPDX-License-Identifier: Apache-2.0
//
// No tag is handed out twice, none is lost, and one that is idle has its turn after each other tag
// once at most. One tag, whichever the prover picks, is followed.
`include "cw_fv.svh"
module cw_tag_pool_fv #(
  parameter  int unsigned Tags = 3,
  localparam int unsigned TagW = $clog2(Tags)
) (
  input logic            clk_i,
  input logic            rst_i,
  input logic            wide_i,
  input logic            ready_i,
  input logic [TagW-1:0] free_tag_i,
  input logic            free_valid_i,
  input logic [TagW-1:0] followed_i
);

  logic [TagW-1:0] clear_tag, alloc_tag;
  logic            clear_valid, alloc_valid, alloc;

  assign alloc = alloc_valid && ready_i;

  cw_tag_pool #(.Tags(Tags)) u_dut (
    .clk_i,
    .rst_i,
    .wide_i,
    .clear_tag_o   (clear_tag),
    .clear_valid_o (clear_valid),
    .alloc_tag_o   (alloc_tag),
    .alloc_valid_o (alloc_valid),
    .alloc_ready_i (alloc),
    .free_tag_i,
    .free_valid_i
  );

  logic [Tags-1:0] used_q;
  logic            cleared_q;      // the followed tag was
  logic            taken;          // the followed tag, now
  logic [TagW-1:0] passed_over_q;  // hand-outs of other tags since it is idle

  assign taken = alloc && alloc_tag == followed_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      used_q        <= '0;
      cleared_q     <= 1'b0;
      passed_over_q <= '0;
    end else begin
      if (free_valid_i) used_q[free_tag_i] <= 1'b0;
      if (alloc) used_q[alloc_tag] <= 1'b1;
      if (clear_valid && clear_tag == followed_i) cleared_q <= 1'b1;
      if (used_q[followed_i] || taken) passed_over_q <= '0;
      else if (alloc)                  passed_over_q <= passed_over_q + 1'b1;
    end
  end

  // Where the followed tag waits in the queue: the prover needs to be told that it is there once.
  logic [Tags-1:0] filled, waits;

  always_comb begin
    for (int unsigned p = 0; p < Tags; p++) begin
      filled[p] = ((p + Tags - 32'(u_dut.first_q)) % Tags) < 32'(u_dut.level_q);
      waits[p]  = filled[p] && u_dut.queue_q[p] == followed_i;
    end
  end

  `CW_FV_RESET
  `CW_ASSUME(FollowsOne, 32'(followed_i) < Tags && (!started_q || $stable(followed_i)))
  `CW_ASSUME(FreesWhatIsInUse, !free_valid_i || (32'(free_tag_i) < Tags && used_q[free_tag_i]))

  `CW_ASSERT(NeverTwice, !taken || (cleared_q && !used_q[followed_i]))
  `CW_ASSERT(WaitsOnceWhileIdle, $countones(waits) == 32'(cleared_q && !used_q[followed_i]))
  `CW_ASSERT(IdleIsOffered, clear_valid || used_q[followed_i] || alloc_valid)
  `CW_ASSERT(EveryTagComesBack, 32'(passed_over_q) < Tags)
  `CW_ASSERT(OfferIsATag, !alloc_valid || 32'(alloc_tag) < Tags)

endmodule
