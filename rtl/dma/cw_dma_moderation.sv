// SPDX-License-Identifier: Apache-2.0
//
// Gathers the events of every channel into interrupts: told at once, or when enough have come, or a
// while after the first. Events of a channel whose interrupt is off are kept; an interrupt tells
// all that came before it, so none is ever lost. Spec: docs/dma.md, "Interrupts and moderation".
`include "cw_assert.svh"
module cw_dma_moderation
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  localparam int unsigned ChanW    = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                    clk_i,
  input  logic                    rst_i,

  // By channel: what software wants; forget what is not told
  input  dma_ctl_t [Channels-1:0] ctl_i,
  input  logic     [Channels-1:0] restart_i,

  // Events and interrupts, one clock each
  input  chan_t                   event_chan_i,
  input  logic                    event_valid_i,
  output chan_t                   irq_chan_o,
  output logic                    irq_valid_o
);

  typedef logic [ChanW-1:0] index_t;

  // Every channel's timer has its turn once in as many clocks as there can be channels: its unit.
  chan_t               turn_q;
  logic                turn_valid;
  index_t              turn, raiser, told;
  logic [Channels-1:0] waits_q, waits_d;  // an event that is not told
  logic [Channels-1:0] young_q, young_d;  // the first came since the timer's last turn
  logic [Channels-1:0] due_q, due_d;      // it is time
  logic [Channels-1:0] wants, tells, timed, enough;
  moderation_t         raised_by;         // settings of the channel with an event
  logic [15:0]         limit, waited;
  logic [7:0]          gathered;

  // No reset: read only after they were written for the events that wait.
  (* ram_style = "auto" *) logic [7:0]  gathered_q [2**ChanW];  // events
  (* ram_style = "auto" *) logic [15:0] waited_q   [2**ChanW];  // turns

  assign turn       = index_t'(turn_q);
  assign turn_valid = 32'(turn_q) < Channels;
  assign raiser     = index_t'(event_chan_i);

  assign raised_by = ctl_i[raiser].moderation;
  assign gathered  = waits_q[raiser] && !tells[raiser] ? gathered_q[raiser] + 8'd1 : 8'd1;

  assign limit  = turn_valid ? ctl_i[turn].moderation.timer : '0;
  assign waited = young_q[turn] ? 16'd0 : waited_q[turn] + 16'd1;

  always_ff @(posedge clk_i) begin
    if (rst_i) turn_q <= '0;
    else       turn_q <= turn_q + 4'd1;
  end
  always_ff @(posedge clk_i) if (event_valid_i) gathered_q[raiser] <= gathered;
  always_ff @(posedge clk_i) if (turn_valid)    waited_q[turn]     <= waited;

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    logic raises, turns;
    assign raises    = event_valid_i && 32'(event_chan_i) == c;
    assign turns     = 32'(turn_q) == c;
    assign enough[c] = raises && (raised_by.timer == '0 || gathered >= raised_by.count);
    assign timed[c]  = turns && waits_q[c] && waited >= limit;
    assign wants[c]  = due_q[c] && ctl_i[c].irq_enable;

    always_comb begin
      waits_d[c] = (waits_q[c] && !tells[c]) || raises;
      young_d[c] = (young_q[c] && !turns) || (raises && (!waits_q[c] || tells[c]));
      due_d[c]   = ((due_q[c] || timed[c]) && !tells[c]) || enough[c];
      if (restart_i[c]) {waits_d[c], young_d[c], due_d[c]} = '0;
    end

    `CW_ASSERT(DueMeansWaits, !due_q[c] || waits_q[c])
    `CW_ASSERT(ToldOnlyWhenOn, !tells[c] || (due_q[c] && ctl_i[c].irq_enable))
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      waits_q <= '0;
      young_q <= '0;
      due_q   <= '0;
    end else begin
      waits_q <= waits_d;
      young_q <= young_d;
      due_q   <= due_d;
    end
  end

  cw_rr_arbiter #(.N(Channels)) u_told (
    .clk_i,
    .rst_i,
    .req_i  (wants),
    .take_i (irq_valid_o),
    .lock_i (1'b0),
    .grant_o(tells),
    .index_o(told),
    .any_o  (irq_valid_o)
  );

  assign irq_chan_o = 4'(told);

  `CW_REQUIRE(Channels inside {[1:MaxChannels]}, "a channel's number has four bits")
  `CW_ASSERT(BuiltChannelsOnly, !event_valid_i || 32'(event_chan_i) < Channels)
  `CW_ASSERT(ToldIsOne, $onehot0(tells))

endmodule
