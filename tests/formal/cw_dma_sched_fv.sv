// SPDX-License-Identifier: Apache-2.0
//
// One channel at most has its turn; levels are strict but for a burst under way; transparent means
// alone. A channel that goes on wanting waits for at most two turns of each other one of its level,
// of `weight` + 1 requests each (without bursts, whose turns have no end of their own).
// Spec: docs/dma.md, "Sharing the bus".
`include "cw_fv.svh"
module cw_dma_sched_fv
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 3,
  parameter  bit          Bursts   = 1'b1,  // else nobody has that mode
  localparam int unsigned ChanW    = $clog2(Channels)
) (
  input logic                  clk_i,
  input logic                  rst_i,
  input share_t [Channels-1:0] share_i,
  input logic                  others_i,
  input logic   [Channels-1:0] pending_i,
  input logic   [Channels-1:0] wants_i,
  input logic   [Channels-1:0] yield_i,
  input logic   [Channels-1:0] stop_i,
  input logic                  taken_i,
  input logic                  over_i,
  input logic   [ChanW-1:0]    chan_i     // the channel that is followed
);

  logic [Channels-1:0] grant;
  chan_t               chan;
  logic                any;

  cw_dma_sched #(.Channels(Channels)) u_dut (
    .clk_i,
    .rst_i,
    .share_i,
    .others_i,
    .pending_i,
    .wants_i,
    .yield_i,
    .stop_i,
    .grant_o (grant),
    .chan_o  (chan),
    .any_o   (any),
    .taken_i,
    .over_i
  );

  `CW_FV_RESET
  `CW_ASSUME(WantsWhatIsPending, (wants_i & ~pending_i) == '0)
  `CW_ASSUME(TakesWhatIsGranted, !taken_i || any)
  `CW_ASSUME(FollowsOne, 32'(chan_i) < Channels && (!started_q || $stable(chan_i)))

  logic [Channels-1:0] transparent, bus_wanted, may;
  logic [Channels-1:0] midst_q;                           // of a burst

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) transparent[c] = share_i[c].mode == Transparent;
    for (int unsigned c = 0; c < Channels; c++)
      bus_wanted[c] = others_i || (pending_i & ~transparent & ~(Channels'(1) << c)) != '0;
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned c = 0; c < Channels; c++) begin
      if (rst_i) midst_q[c] <= 1'b0;
      else if (taken_i && grant[c]) midst_q[c] <= share_i[c].mode == Burst && !over_i;
      else if (stop_i[c]) midst_q[c] <= 1'b0;
    end
  end

  assign may = wants_i & ~(yield_i & ~midst_q);

  `CW_ASSERT(OneTurn, $onehot0(grant) && any == (grant != '0))
  `CW_ASSERT(OnlyWhoWants, (grant & ~may) == '0)
  `CW_ASSERT(SaysWho, !any || grant == Channels'(1) << chan)
  `CW_ASSERT(SomebodyGoes, any || (may & ~(transparent & bus_wanted)) == '0)
  `CW_ASSERT(TransparentAlone, (grant & transparent & bus_wanted) == '0)
  `CW_ASSERT(BurstsAreKnown, u_dut.burst_q == midst_q)

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    for (genvar d = 0; d < Channels; d++) begin : gen_other
      `CW_ASSERT(LevelsAreStrict, !grant[c] || !may[d] || (transparent[d] && bus_wanted[d])
          || share_i[d].level <= share_i[c].level || midst_q[c])
    end
    `CW_ASSERT(BurstGoesOn, !(midst_q[c] && wants_i[c] && !transparent[c])
        || (grant & midst_q) != '0)
  end

  if (!Bursts) begin : gen_turns
    // Requests that another channel may issue before the followed one does: what is left of its
    // turn, and one turn more if the followed one has had its own in this round.
    typedef logic [7:0] count_t;
    logic   waits;
    count_t waited_q, rest, turns;

    function automatic logic rivals(int unsigned c);
      return c != 32'(chan_i) && share_i[c].level == share_i[chan_i].level && !transparent[c];
    endfunction

    function automatic count_t turn(share_t share);
      return share.mode == Weighted ? count_t'(share.weight) + 1'b1 : count_t'(1);
    endfunction

    always_comb begin
      {rest, turns} = '0;
      for (int unsigned c = 0; c < Channels; c++) begin
        if (rivals(c)) begin
          turns = turns + turn(share_i[c]);
          if (!u_dut.had_q[c]) rest = rest + turn(share_i[c]) - count_t'(u_dut.count_q[c]);
          if (u_dut.had_q[chan_i]) rest = rest + turn(share_i[c]);
        end
      end
    end

    assign waits = may[chan_i] && !transparent[chan_i];

    always_ff @(posedge clk_i) begin
      if (rst_i || !waits || (taken_i && grant[chan_i])) waited_q <= '0;
      else if (taken_i && rivals(32'(chan))) waited_q <= waited_q + 1'b1;
    end

    for (genvar c = 0; c < Channels; c++) begin : gen_share
      `CW_ASSUME(NobodyBursts, share_i[c].mode != Burst)
      `CW_ASSUME(SharesStay, !started_q || $stable(share_i[c]))
      `CW_ASSERT(TurnHasAnEnd, count_t'(u_dut.count_q[c]) < turn(share_i[c])
          && (!u_dut.had_q[c] || u_dut.count_q[c] == '0))
    end
    `CW_ASSERT(NoBurstIsUnderWay, midst_q == '0)
    `CW_ASSERT(WaitsForTwoTurnsAtMost, waited_q <= count_t'(2) * turns)
    `CW_ASSERT(EachRequestIsOneLess, 9'(waited_q) + 9'(rest) <= 9'(count_t'(2) * turns))
  end

endmodule
