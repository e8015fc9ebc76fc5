// SPDX-License-Identifier: Apache-2.0
//
// Follows `next` out of the ring: keeps where each channel's linked descriptors go on, asks for
// them one 64-byte line at a time, and says which of them is there. A channel is linked from its
// `chain` until a linked descriptor has `last`. Behind the last place there is, none can be read.
// Spec: docs/dma.md, "Entries".
`include "cw_assert.svh"
module cw_dma_links
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  localparam int unsigned ChanW    = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                clk_i,
  input  logic                rst_i,
  input  logic [Channels-1:0] restart_i,      // begin in the ring; only while at rest
  input  logic [Channels-1:0] halted_i,       // nothing more is asked for

  // A descriptor, and whether it is used
  input  logic [ChanW-1:0]    desc_chan_i,
  input  desc_t               desc_i,
  input  logic                desc_linked_i,
  input  logic                desc_taken_i,
  output logic                follow_o,       // if so, what is behind it in the ring is not next

  // Lines to read; withdrawn when the channel halts
  output link_t               ask_o,
  output logic                ask_valid_o,
  input  logic                ask_ready_i,

  // Some of a line has come
  input  logic [ChanW-1:0]    come_chan_i,
  input  logic [1:0]          come_count_i,   // so many of its descriptors, from its start on
  input  logic                come_failed_i,
  input  logic                come_last_i,    // the read is over
  input  logic                come_valid_i,

  // By channel
  output logic [Channels-1:0] linked_o,       // the next descriptor is a linked one
  output logic [Channels-1:0] half_o,         // while linked: which half of the line it is
  output logic [Channels-1:0] avail_o,        // while linked: it is there, or failed
  output logic [Channels-1:0] failed_o        // while linked
);

  localparam int unsigned DescLog2 = $clog2(DescBytes);
  localparam int unsigned PlaceW   = 64 - DescLog2;

  logic [Channels-1:0]      linked_q, linked_d, ask_q, ask_d, owed_q, owed_d;
  logic [Channels-1:0]      half_q, half_d, failed_q, failed_d;
  logic [Channels-1:0]      past_q, past_d;   // it would lie beyond 2^64
  logic [Channels-1:0][1:0] have_q, have_d;

  // By channel, no reset: the next linked descriptor, in descriptors. Fewer than four rows would
  // become registers.
  localparam int unsigned Lines = Channels < 4 ? 4 : Channels;
  localparam int unsigned LineW = $clog2(Lines);
  (* ram_style = "auto" *) logic [PlaceW-1:0] next_q [Lines];

  logic [PlaceW-1:0] next, line;
  logic [ChanW-1:0]  ask;
  logic              goes_on, past, asked;

  // What the launch refuses is not followed: `arg` may be no address.
  assign follow_o = desc_i.flags.chain && !desc_i.flags.last && desc_i.flags.kind == Copy
                 && desc_i.arg[DescLog2-1:0] == '0;
  assign goes_on  = desc_linked_i && !desc_i.flags.chain && !desc_i.flags.last;
  assign past     = goes_on && &next_q[LineW'(desc_chan_i)];
  assign next     = follow_o ? desc_i.arg[63:DescLog2] : next_q[LineW'(desc_chan_i)] + 1'b1;

  always_ff @(posedge clk_i) begin
    if (desc_taken_i && (follow_o || goes_on)) next_q[LineW'(desc_chan_i)] <= next;
  end

  cw_rr_arbiter #(.N(Channels)) u_ask (
    .clk_i,
    .rst_i,
    .req_i   (ask_q & ~owed_q & ~halted_i),
    .take_i  (asked),
    .lock_i  (1'b0),
    .grant_o (),
    .index_o (ask),
    .any_o   (ask_valid_o)
  );

  assign asked = ask_valid_o && ask_ready_i;
  assign line  = next_q[LineW'(ask)];
  assign ask_o = '{chan: chan_t'(ask), iova: {line, DescLog2'(0)}, both: !line[0]};

  always_comb begin
    linked_d = linked_q;
    ask_d    = ask_q;
    owed_d   = owed_q;
    half_d   = half_q;
    have_d   = have_q;
    failed_d = failed_q;
    past_d   = past_q;
    if (come_valid_i) begin
      if (come_last_i) owed_d[come_chan_i] = 1'b0;
      // What still comes of the line before is not of the next one.
      if (!ask_q[come_chan_i]) begin
        have_d[come_chan_i]   = have_q[come_chan_i] | {come_count_i[1], come_count_i != '0};
        failed_d[come_chan_i] = come_failed_i;
      end
    end
    if (asked) begin
      ask_d[ask]  = 1'b0;
      owed_d[ask] = 1'b1;
    end
    if (desc_taken_i) begin
      linked_d[desc_chan_i] = follow_o || goes_on;
      half_d[desc_chan_i]   = next[0];
      past_d[desc_chan_i]   = past;
      if (follow_o || !next[0]) begin  // else it comes with the lower half
        ask_d[desc_chan_i]    = follow_o || (goes_on && !past);
        have_d[desc_chan_i]   = '0;
        failed_d[desc_chan_i] = 1'b0;
      end
    end
    linked_d &= ~restart_i;
    ask_d    &= ~restart_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      linked_q <= '0;
      ask_q    <= '0;
      owed_q   <= '0;
    end else begin
      linked_q <= linked_d;
      ask_q    <= ask_d;
      owed_q   <= owed_d;
    end
  end

  // No reset: meaningful only while linked.
  always_ff @(posedge clk_i) begin
    half_q   <= half_d;
    have_q   <= have_d;
    failed_q <= failed_d;
    past_q   <= past_d;
  end

  assign linked_o = linked_q;
  assign half_o   = half_q;

  always_comb begin
    for (int unsigned c = 0; c < Channels; c++) begin
      failed_o[c] = past_q[c] || (failed_q[c] && !have_q[c][half_q[c]]);
      avail_o[c]  = past_q[c] || have_q[c][half_q[c]] || failed_q[c];
    end
  end

  logic unused;
  assign unused = ^desc_i;  // what says nothing of its successor

  `CW_ASSERT(LinkedIsThere, !(desc_taken_i && desc_linked_i)
      || (linked_q[desc_chan_i] && !ask_q[desc_chan_i]))
  `CW_ASSERT(RingOnlyUnlinked, !(desc_taken_i && !desc_linked_i) || !linked_q[desc_chan_i])
  `CW_ASSERT(AnswerIsOwed, !come_valid_i || owed_q[come_chan_i])
  `CW_ASSERT(NeverMoreThanALine, !come_valid_i || come_count_i <= 2'd2)
  `CW_ASSERT(RestartNothingOwed, (restart_i & owed_q) == '0)

endmodule
