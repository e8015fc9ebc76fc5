// SPDX-License-Identifier: Apache-2.0
//
// No event is lost: it is told by an interrupt of its channel behind it, unless a restart forgets
// it. An interrupt tells all events so far, and there is none without an event that was not told.
// It comes when `count` events have gathered, or `timer` x 16 clocks after the first, not before,
// and then at most 16 clocks late but for a clock of each station and the turns of the others.
// What is said of time holds where the settings stayed the same since the first event.
// Spec: docs/dma.md, "Interrupts and moderation".
`include "cw_fv.svh"
module cw_dma_moderation_fv
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 3,
  localparam int unsigned ChanW    = $clog2(Channels)
) (
  input logic                    clk_i,
  input logic                    rst_i,
  input dma_ctl_t [Channels-1:0] ctl_i,
  input logic     [Channels-1:0] restart_i,
  input chan_t                   event_chan_i,
  input logic                    event_valid_i,
  input logic [ChanW-1:0]        chan_i          // the channel that is followed
);

  chan_t irq_chan;
  logic  irq_valid;

  cw_dma_moderation #(.Channels(Channels)) u_dut (
    .clk_i,
    .rst_i,
    .ctl_i,
    .restart_i,
    .event_chan_i,
    .event_valid_i,
    .irq_chan_o  (irq_chan),
    .irq_valid_o (irq_valid)
  );

  `CW_FV_RESET
  `CW_ASSUME(FollowsOne, 32'(chan_i) < Channels && (!started_q || $stable(chan_i)))
  `CW_ASSUME(EventOfAChannel, !event_valid_i || 32'(event_chan_i) < Channels)

  // ---- The events that have not been told, by what was seen on the ports

  typedef logic [20:0] clocks_t;

  moderation_t settings, settings_q;
  logic        event_here, irq, first, on;
  logic        waits_q, steady_q, steady;  // settings are those of the first event's clock
  logic        enough_q;                   // as many as are told at once
  logic [7:0]  events_q, events;
  clocks_t     age_q, due_age;             // clocks since the first event; when it is time
  logic        time_q;                     // it has been time since the clock before
  logic [3:0]  late_q;                     // clocks in which it has been time and could be told

  assign settings   = ctl_i[chan_i].moderation;
  assign on         = ctl_i[chan_i].irq_enable;
  assign event_here = event_valid_i && event_chan_i == chan_t'(chan_i);
  assign irq        = irq_valid && irq_chan == chan_t'(chan_i);
  assign first      = event_here && (!waits_q || irq);
  assign steady     = steady_q && settings == settings_q;
  assign events     = first ? 8'd1 : events_q + 8'(event_here);
  assign due_age    = {1'b0, settings_q.timer, 4'd0} + clocks_t'(17);

  always_ff @(posedge clk_i) begin
    if (rst_i || restart_i[chan_i]) begin
      waits_q  <= 1'b0;
      enough_q <= 1'b0;
    end else begin
      waits_q  <= (waits_q && !irq) || event_here;
      enough_q <= (enough_q && !irq)
               || (event_here && (settings.timer == '0 || events >= settings.count));
    end
    events_q <= events;
    steady_q <= first || steady;
    if (first) settings_q <= settings;
    if (first) age_q <= clocks_t'(1);
    else if (age_q != '1) age_q <= age_q + 1'b1;
    late_q <= !rst_i && !restart_i[chan_i] && waits_q && steady && on && !irq
           && (enough_q || age_q >= due_age) ? late_q + 1'b1 : '0;
  end

  `CW_ASSERT(InterruptTellsAnEvent, !irq || waits_q)
  `CW_ASSERT(OnlyWhenEnabled, !irq || on)
  `CW_ASSERT(NotBeforeItIsTime, !irq || !steady_q || enough_q
      || age_q >= {1'b0, settings_q.timer, 4'd0})
  `CW_ASSERT(ToldInTime, 32'(late_q) < Channels)

  // ---- What makes the proof inductive

  logic       due, young;
  logic [1:0] rivals;        // channels that go before this one, if they want to
  logic [3:0] since;         // clocks since the timer's last turn, but one
  clocks_t    begun;         // the first event's age at its first turn

  assign due    = u_dut.due_q[chan_i];
  assign young  = u_dut.young_q[chan_i];
  assign rivals = 2'((32'(chan_i) + 2 * Channels - 1 - 32'(u_dut.u_told.last_q)) % Channels);
  assign since  = u_dut.turn_q - 4'd1 - 4'(chan_i);
  assign begun  = age_q - clocks_t'(since) - 1'b1 - {1'b0, u_dut.waited_q[chan_i], 4'd0};

  `CW_ASSERT(WaitingIsKnown, waits_q == u_dut.waits_q[chan_i])
  `CW_ASSERT(GatheredIsCounted, !waits_q || u_dut.gathered_q[chan_i] == events_q)
  `CW_ASSERT(EnoughIsDue, !enough_q || due)
  `CW_ASSERT(FirstHasAnAge, !waits_q || age_q != '0)
  `CW_ASSERT(DueIsNotEarly, !(waits_q && steady_q && due) || enough_q
      || age_q >= {1'b0, settings_q.timer, 4'd0})
  `CW_ASSERT(YoungHasHadNoTurn, !(waits_q && young) || due || !steady_q
      || (age_q <= clocks_t'(since) + 1'b1 && settings_q.timer != '0))
  `CW_ASSERT(TurnsAreCounted, !waits_q || young || due || !steady_q
      || (begun inside {[1:16]} && u_dut.waited_q[chan_i] < settings_q.timer))
  `CW_ASSERT(TurnsGoRound, 32'(u_dut.u_told.last_q) < Channels
      && !u_dut.u_told.stuck_q && !u_dut.u_told.locked_q)
  `CW_ASSERT(EachOtherIsOneLess, late_q == '0 || late_q + 4'(rivals) < 4'(Channels))

endmodule
