// SPDX-License-Identifier: Apache-2.0
//
// No tag is handed out twice, none is lost, and one that is idle has its turn after each other tag
// once at most. A tag in quarantine stays what it is until its owner says otherwise. One tag,
// whichever the prover picks, is followed.
`include "cw_fv.svh"
module cw_tag_pool_fv
  import cw_requester_pkg::*;
#(
  parameter  int unsigned Tags = 5,
  localparam int unsigned TagW = $clog2(Tags)
) (
  input logic            clk_i,
  input logic            rst_i,
  input logic            forget_i,
  input logic            wide_i,
  input logic            alloc_ready_i,
  input logic [TagW-1:0] move_tag_i,
  input tag_state_e      move_state_i,
  input logic            move_valid_i,
  input logic [TagW-1:0] free_tag_i,
  input logic            free_valid_i,
  input logic [TagW-1:0] followed_i
);

  logic [TagW-1:0]       alloc_tag;
  logic                  alloc_valid;
  tag_state_e [Tags-1:0] state;

  cw_tag_pool #(.Tags(Tags)) u_dut (
    .clk_i,
    .rst_i,
    .forget_i,
    .wide_i,
    .alloc_tag_o   (alloc_tag),
    .alloc_valid_o (alloc_valid),
    .alloc_ready_i,
    .move_tag_i,
    .move_state_i,
    .move_valid_i,
    .free_tag_i,
    .free_valid_i,
    .state_o       (state)
  );

  logic            taken, moved, freed;  // the followed tag, now
  tag_state_e      state_q;
  logic [TagW-1:0] passed_over_q;        // hand-outs of other tags since it is idle

  assign taken = alloc_valid && alloc_ready_i && alloc_tag == followed_i;
  assign moved = move_valid_i && move_tag_i == followed_i;
  assign freed = free_valid_i && free_tag_i == followed_i;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      state_q       <= TagIdle;
      passed_over_q <= '0;
    end else begin
      if (taken)         state_q <= TagOpen;
      else if (moved)    state_q <= move_state_i;
      else if (freed)    state_q <= TagIdle;
      else if (forget_i) state_q <= given_up(state_q);
      if (state_q != TagIdle || taken)       passed_over_q <= '0;
      else if (alloc_valid && alloc_ready_i) passed_over_q <= passed_over_q + 1'b1;
    end
  end

  `CW_FV_RESET
  `CW_ASSUME(FollowsOne, 32'(followed_i) < Tags && (!started_q || $stable(followed_i)))
  `CW_ASSUME(TagsExist, 32'(free_tag_i) < Tags && 32'(move_tag_i) < Tags)
  `CW_ASSUME(FreesWhatIsInUse, !freed || state_q != TagIdle)
  `CW_ASSUME(MovesWhatIsInUse, !moved || (state_q != TagIdle && move_state_i != TagIdle))
  `CW_ASSUME(OneChangeATag, !(moved && freed))
  `CW_ASSUME(NothingNewWhileForgetting, !forget_i || !(alloc_ready_i || move_valid_i))
  // The same contract for the tags that are not followed.
  `CW_ASSUME(FreesInUse, !free_valid_i || state[free_tag_i] != TagIdle)
  `CW_ASSUME(MovesInUse, !move_valid_i
      || (state[move_tag_i] != TagIdle && move_state_i != TagIdle))
  `CW_ASSUME(OneChangeAnyTag, !(free_valid_i && move_valid_i) || free_tag_i != move_tag_i)

  `CW_ASSERT(NeverTwice, !taken || state_q == TagIdle)
  `CW_ASSERT(StateIsWhatWasSaid, state[followed_i] == state_q)
  `CW_ASSERT(IdleIsOffered, state_q != TagIdle || alloc_valid)
  `CW_ASSERT(EveryTagComesBack, 32'(passed_over_q) < Tags)
  `CW_ASSERT(OfferIsATag, !alloc_valid || 32'(alloc_tag) < Tags)

endmodule
