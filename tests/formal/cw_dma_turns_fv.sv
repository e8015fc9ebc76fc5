// SPDX-License-Identifier: Apache-2.0
//
// Where bytes of several sources meet, a packet that is offered goes whole before any other, and a
// channel that waits there does so for at most two turns of each other channel, of `weight` + 1
// requests each, whatever their levels and whatever stands behind what on a path.
// Spec: docs/dma.md, "Who gets how much".
`include "cw_fv.svh"
module cw_dma_turns_fv
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 3,
  localparam int unsigned ChanW    = $clog2(Channels)
) (
  input logic                  clk_i,
  input logic                  rst_i,
  input share_t [Channels-1:0] share_i,
  input chan_t [NumPaths-1:0]  chan_i,
  input logic [NumPaths-1:0]   ends_i,
  input logic [NumPaths-1:0]   valid_i,
  input logic                  take_i,
  input logic                  lock_i,
  input logic [ChanW-1:0]      who_i     // the channel that is followed
);

  // From the card, from the host, of a stream: all of them to the host.
  function automatic kinds_t kinds();
    for (int unsigned c = 0; c < MaxChannels; c++)
      kinds[c] = c % 3 == 0 ? C2h : c % 3 == 1 ? H2h : S2h;
  endfunction

  typedef logic [7:0] count_t;

  logic [NumPaths-1:0]         grant, inside_q, offered_q;
  logic [$clog2(NumPaths)-1:0] index;
  logic                        any, begins, waits;
  chan_t                       going;
  count_t                      waited_q, rest, turns;

  cw_dma_turns #(.Channels(Channels), .Kinds(kinds()), .Host(1'b1)) u_dut (
    .clk_i,
    .rst_i,
    .share_i,
    .chan_i,
    .ends_i,
    .valid_i,
    .take_i,
    .lock_i,
    .grant_o (grant),
    .index_o (index),
    .any_o   (any)
  );

  `CW_FV_RESET
  `CW_ASSUME(TakesWhatIsGranted, !take_i || any)
  `CW_ASSUME(FollowsOne, 32'(who_i) < Channels && (!started_q || $stable(who_i)))

  // A packet stays until it has gone, but for gaps between its beats.
  for (genvar p = 0; p < NumPaths; p++) begin : gen_path
    logic       valid_q, went_q;
    logic [4:0] packet_q;
    always_ff @(posedge clk_i) begin
      valid_q  <= !rst_i && (valid_i[p] || inside_q[p]);
      went_q   <= take_i && grant[p];
      packet_q <= {chan_i[p], ends_i[p]};
      inside_q[p] <= !rst_i && (take_i && grant[p] ? lock_i : inside_q[p]);
    end
    `CW_ASSUME(OfAChannel, 32'(chan_i[p]) < Channels)
    `CW_ASSUME(PacketStays, !valid_q || (went_q && !inside_q[p])
        || (packet_q == {chan_i[p], ends_i[p]} && (valid_i[p] || went_q || inside_q[p])))
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) offered_q <= '0;
    else if (any) offered_q <= take_i && !lock_i ? '0 : grant;
  end

  assign going  = chan_i[index];
  assign begins = any && offered_q == '0;

  `CW_ASSERT(OneGoes, $onehot0(grant) && any == (grant != '0) && (grant & ~valid_i) == '0)
  `CW_ASSERT(SomebodyGoes, any || valid_i == '0 || offered_q != '0)
  `CW_ASSERT(WholeBeforeAnyOther, offered_q == '0 || !any || grant == offered_q)
  `CW_ASSERT(OfferIsKnown, u_dut.gen_turns.held_q == offered_q && $onehot0(offered_q))
  `CW_ASSERT(PathsKnowTheOffer, offered_q == '0
      ? !u_dut.u_paths.locked_q && !u_dut.u_paths.stuck_q
      : offered_q == NumPaths'(1) << u_dut.u_paths.last_q)
  `CW_ASSERT(InsideIsOffered, (inside_q & ~offered_q) == '0)

  function automatic count_t turn(share_t share);
    return count_t'(turn_weight(share)) + 1'b1;
  endfunction

  // What others may still send before the followed channel does: what is left of their turns, and
  // one turn more of each if it has had its own in this round.
  always_comb begin
    {rest, turns, waits} = '0;
    for (int unsigned p = 0; p < NumPaths; p++)
      waits |= valid_i[p] && chan_i[p] == chan_t'(who_i) && !offered_q[p];
    for (int unsigned c = 0; c < Channels; c++) begin
      if (c != 32'(who_i)) begin
        turns = turns + turn(share_i[c]);
        if (!u_dut.gen_turns.had_q[c])
          rest = rest + turn(share_i[c]) - count_t'(u_dut.gen_turns.count_q[c]);
        if (u_dut.gen_turns.had_q[who_i]) rest = rest + turn(share_i[c]);
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_i || !waits || (begins && going == chan_t'(who_i))) waited_q <= '0;
    else if (begins && ends_i[index]) waited_q <= waited_q + 1'b1;
  end

  for (genvar c = 0; c < int'(Channels); c++) begin : gen_share
    `CW_ASSUME(SharesStay, !started_q || $stable(share_i[c]))
    `CW_ASSERT(TurnHasAnEnd, count_t'(u_dut.gen_turns.count_q[c]) < turn(share_i[c])
        && (!u_dut.gen_turns.had_q[c] || u_dut.gen_turns.count_q[c] == '0))
  end
  `CW_ASSERT(WaitsForTwoTurnsAtMost, waited_q <= count_t'(2) * turns)
  `CW_ASSERT(EachRequestIsOneLess, 9'(waited_q) + 9'(rest) <= 9'(count_t'(2) * turns))

endmodule
