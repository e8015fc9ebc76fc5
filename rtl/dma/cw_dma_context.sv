// SPDX-License-Identifier: Apache-2.0
//
// Keeps the transfer of each channel: as it began, and what is left of it, both in memories with
// one write port. Looks up in the same clock; with `direct_i` the transfer that begins now.
`include "cw_assert.svh"
module cw_dma_context
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  localparam int unsigned ChanW    = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic        clk_i,
  input  logic        rst_i,         // of the assertions

  // A transfer begins
  input  start_t      start_i,
  input  logic        start_valid_i,

  // The transfer of a channel
  input  chan_t       chan_i,
  input  logic        direct_i,      // chan_i is start_i.chan
  output job_t        job_o,
  output rest_t       rest_o,
  output logic [15:0] packet_info_o, // H2s: of the packet

  // What is left of it now
  input  rest_t       rest_i,
  input  logic        rest_valid_i
);

  // No reset: read only after a transfer has begun.
  (* ram_style = "auto" *) logic [$bits(job_t)-1:0]  job_q   [Channels];
  (* ram_style = "auto" *) logic [$bits(rest_t)-1:0] whole_q [Channels];
  (* ram_style = "auto" *) logic [$bits(rest_t)-1:0] rest_q  [Channels];
  (* ram_style = "auto" *) logic [15:0]              info_q  [Channels];
  logic [Channels-1:0] fresh_q;  // all is left; rest_q is from an earlier transfer
  logic [ChanW-1:0]    at, start_at;
  logic [15:0]         start_info;

  assign at         = ChanW'(chan_i);
  assign start_at   = ChanW'(start_i.chan);
  assign start_info = start_i.rest.dst[15:0];

  always_comb begin
    job_o         = job_t'(job_q[at]);
    rest_o        = rest_t'(fresh_q[at] ? whole_q[at] : rest_q[at]);
    packet_info_o = direct_i && start_i.first ? start_info : info_q[at];
    if (direct_i) begin
      job_o  = start_i.job;
      rest_o = start_i.rest;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_valid_i) begin
      job_q[start_at]   <= start_i.job;
      whole_q[start_at] <= start_i.rest;
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_valid_i && start_i.first) info_q[start_at] <= start_info;
  end

  always_ff @(posedge clk_i) begin
    if (rest_valid_i) rest_q[at] <= rest_i;
  end

  always_ff @(posedge clk_i) begin
    if (start_valid_i) fresh_q[start_at] <= 1'b1;
    if (rest_valid_i)  fresh_q[at]       <= 1'b0;
  end

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(DirectIsOfTheChannel, !direct_i || start_i.chan == chan_i)
  `CW_ASSERT(NotBothAtOnce, !(start_valid_i && rest_valid_i && !direct_i)
      || start_i.chan != chan_i)

endmodule
