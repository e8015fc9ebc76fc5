// SPDX-License-Identifier: Apache-2.0
//
// Says whose turn it is to issue a chunk, one channel per clock: levels are strict, and inside a
// level a channel that goes on wanting waits for two turns of each other one at most, whatever
// their paths do in between. A burst once begun goes before all but another one.
// Spec: docs/dma.md, "Sharing the bus".
`include "cw_assert.svh"
module cw_dma_sched
  import cw_dma_pkg::*;
#(
  parameter int unsigned Channels = 6
) (
  input  logic                  clk_i,
  input  logic                  rst_i,

  input  share_t [Channels-1:0] share_i,
  input  logic                  others_i,   // somebody else wants the bus

  // Channels
  input  logic   [Channels-1:0] pending_i,  // has a chunk to issue, were its path free
  input  logic   [Channels-1:0] wants_i,    // has one, and its path is free
  input  logic   [Channels-1:0] yield_i,    // gives way where its bytes go, but in a burst
  input  logic   [Channels-1:0] stop_i,     // drops its transfer

  // Grant, in the same clock; never more than one
  output logic   [Channels-1:0] grant_o,
  output chan_t                 chan_o,
  output logic                  any_o,
  input  logic                  taken_i,    // the channel granted has issued a chunk
  input  logic                  over_i      // its transfer ends with it
);

  logic [Channels-1:0] had_q, had_d;        // has had its turn in this round
  logic [Channels-1:0] burst_q, burst_d;    // in the midst of a burst
  logic [Channels-1:0][3:0] count_q, count_d;  // chunks of this turn

  logic [Channels-1:0] transparent, allowed, bursts, best, new_turn, pool, turn_over;
  logic [3:0]          level_wants;
  logic [1:0]          top;
  logic                bus_wanted;

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) transparent[c] = share_i[c].mode == Transparent;
  end

  assign bus_wanted = others_i || (pending_i & ~transparent) != '0;
  assign allowed    = wants_i & ~(transparent & {Channels{bus_wanted}}) & ~(yield_i & ~burst_q);
  assign bursts     = allowed & burst_q;

  always_comb begin
    level_wants = '0;
    for (int unsigned c = 0; c < Channels; c++) level_wants[share_i[c].level] |= allowed[c];
    top = '0;
    for (int unsigned l = 0; l < 4; l++) if (level_wants[l]) top = 2'(l);
    for (int unsigned c = 0; c < Channels; c++) best[c] = allowed[c] && share_i[c].level == top;
    if (bursts != '0) best = bursts;
  end

  // With nobody left who has not had a turn, a new round begins for those who want one now: who
  // does not want keeps his place in the old round, so that channels of other paths cannot make
  // one lose its turn for ever.
  assign new_turn = best & ~had_q;
  assign pool     = new_turn != '0 ? new_turn : best;
  assign any_o    = pool != '0;
  assign grant_o  = pool & (~pool + Channels'(1));

  always_comb begin
    chan_o = '0;
    for (int unsigned c = 0; c < Channels; c++) if (grant_o[c]) chan_o |= chan_t'(c);
  end

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      unique case (share_i[c].mode)
        Weighted: turn_over[c] = count_q[c] >= share_i[c].weight;
        Burst:    turn_over[c] = over_i;
        default:  turn_over[c] = 1'b1;
      endcase
    end
  end

  always_comb begin
    had_d   = had_q;
    count_d = count_q;
    burst_d = burst_q & ~stop_i;
    if (taken_i) begin
      if (new_turn == '0) had_d = had_q & ~best;
      for (int unsigned c = 0; c < Channels; c++) begin
        if (grant_o[c]) begin
          had_d[c]   = turn_over[c];
          count_d[c] = had_d[c] ? '0 : count_q[c] + 4'd1;
          burst_d[c] = share_i[c].mode == Burst && !over_i;
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      had_q   <= '0;
      count_q <= '0;
      burst_q <= '0;
    end else begin
      had_q   <= had_d;
      count_q <= count_d;
      burst_q <= burst_d;
    end
  end

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(GrantOneHot, $onehot0(grant_o))
  `CW_ASSERT(GrantOnlyWanting, (grant_o & ~wants_i) == '0)
  `CW_ASSERT(WantingIsPending, (wants_i & ~pending_i) == '0)
  `CW_ASSERT(TakenOnlyGranted, !taken_i || any_o)
  `CW_ASSERT(NobodyWaitsForNothing, any_o || (wants_i & ~transparent & ~yield_i) == '0)

endmodule
