// SPDX-License-Identifier: Apache-2.0
//
// Says whose packet goes next to one side, host or card, where packets of several paths meet: turns
// of weight + 1 requests by channel, a packet once offered to its end. Levels do not count here: a
// packet that waited for them would hold up all that its path brings behind it; they rule by what
// is asked for (cw_dma_yield). In a build whose channels cannot meet, paths take turns by packet.
// Spec: docs/dma.md, "Who gets how much".
`include "cw_assert.svh"
module cw_dma_turns
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  parameter  kinds_t      Kinds    = every_kind(),
  parameter  bit          AxiCard  = 1'b1,          // there is memory behind the AXI4 port
  parameter  bit          Host     = 1'b1,          // the side: the host, else the card
  localparam int unsigned IndexW   = $clog2(NumPaths)
) (
  input  logic                  clk_i,
  input  logic                  rst_i,

  input  share_t [Channels-1:0] share_i,

  // Packets, by path
  input  chan_t [NumPaths-1:0]  chan_i,
  input  logic [NumPaths-1:0]   ends_i,   // the request ends with the packet
  input  logic [NumPaths-1:0]   valid_i,

  // What becomes of the one granted in this clock
  input  logic                  take_i,
  input  logic                  lock_i,   // read with take_i: the packet goes on

  output logic [NumPaths-1:0]   grant_o,
  output logic [IndexW-1:0]     index_o,
  output logic                  any_o
);

  logic [NumPaths-1:0] offered;

  cw_rr_arbiter #(.N(NumPaths)) u_paths (
    .clk_i,
    .rst_i,
    .req_i   (offered),
    .take_i,
    .lock_i,
    .grant_o,
    .index_o,
    .any_o
  );

  if (channels_meet(Kinds, AxiCard, Channels, Host)) begin : gen_turns
    logic [Channels-1:0]      had_q, had_d;      // has had its turn in this round
    logic [Channels-1:0][3:0] count_q, count_d;  // requests of this turn
    logic [Channels-1:0]      waits, fresh, whose;
    logic [NumPaths-1:0]      went_q;            // its packet went, and since then not all others
    logic [NumPaths-1:0]      held_q;            // its packet is under way
    logic [NumPaths-1:0]      turn, next;        // of the channel whose turn it is
    logic                     begins;

    always_comb begin
      waits = '0;
      turn  = '0;
      for (int unsigned c = 0; c < Channels; c++) begin
        for (int unsigned p = 0; p < NumPaths; p++)
          waits[c] |= to_host(Kinds[c]) == Host && valid_i[p] && chan_i[p] == chan_t'(c);
      end
      fresh = waits & ~had_q;
      whose = fresh != '0 ? fresh & (~fresh + 1'b1) : waits & (~waits + 1'b1);
      for (int unsigned c = 0; c < Channels; c++) begin
        for (int unsigned p = 0; p < NumPaths; p++)
          turn[p] |= whose[c] && valid_i[p] && chan_i[p] == chan_t'(c);
      end
    end

    assign next    = (turn & ~went_q) != '0 ? turn & ~went_q : turn;
    assign offered = held_q != '0 ? valid_i & held_q : next & (~next + 1'b1);
    assign begins  = held_q == '0 && any_o;

    // A round ends for all where nobody waits who has not had his turn in it: a channel may be out
    // of sight, behind another one on its path.
    always_comb begin
      had_d   = fresh != '0 ? had_q : '0;
      count_d = count_q;
      for (int unsigned c = 0; c < Channels; c++) begin
        if (whose[c]) begin
          had_d[c]   = count_q[c] >= turn_weight(share_i[c]);
          count_d[c] = had_d[c] ? '0 : count_q[c] + 1'b1;
        end
      end
    end

    always_ff @(posedge clk_i) begin
      if (rst_i) begin
        had_q   <= '0;
        count_q <= '0;
        went_q  <= '0;
        held_q  <= '0;
      end else begin
        if (begins && ends_i[index_o]) begin
          had_q   <= had_d;
          count_q <= count_d;
        end
        if (begins) went_q <= (next == turn ? went_q & ~turn : went_q) | grant_o;
        if (any_o)  held_q <= take_i && !lock_i ? '0 : grant_o;
      end
    end

    `CW_ASSERT(OneAtATime, $onehot0(offered))
    `CW_ASSERT(OfASideThatIsHere, !any_o || to_host(Kinds[chan_i[index_o]]) == Host)
    `CW_ASSERT(NobodyWaitsForNothing, held_q != '0 || any_o || valid_i == '0)
    `CW_ASSERT(KeptToItsEnd, held_q == '0 || !any_o || grant_o == held_q)
  end else begin : gen_paths
    logic unused;
    assign unused  = &{1'b0, share_i, chan_i, ends_i};
    assign offered = valid_i;
  end

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(OnlyWhatIsThere, (grant_o & ~valid_i) == '0)

endmodule
