// SPDX-License-Identifier: Apache-2.0
//
// Keeps a transfer for each channel, in memories with one write port. Looks up in the same clock.
`include "cw_assert.svh"
module cw_dma_context
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  localparam int unsigned ChanW    = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic        clk_i,
  input  logic        rst_i,         // of the assertions

  // A transfer, and with the first of an entry what its stream's packet is to carry
  input  chan_t       keep_chan_i,
  input  held_t       keep_i,
  input  logic        keep_first_i,
  input  logic        keep_valid_i,
  output logic [15:0] keep_info_o,   // of the packet, in the same clock

  // The transfer of a channel
  input  chan_t       chan_i,
  output held_t       held_o,
  output logic [15:0] info_o
);

  // No reset: read only after a transfer has been kept.
  (* ram_style = "auto" *) logic [$bits(held_t)-1:0] held_q [Channels];
  (* ram_style = "auto" *) logic [15:0]              info_q [Channels];
  logic [ChanW-1:0] at, keep_at;

  assign at          = ChanW'(chan_i);
  assign keep_at     = ChanW'(keep_chan_i);
  assign held_o      = held_t'(held_q[at]);
  assign info_o      = info_q[at];
  assign keep_info_o = keep_first_i ? keep_i.rest.dst[15:0] : info_q[keep_at];

  always_ff @(posedge clk_i) if (keep_valid_i) held_q[keep_at] <= keep_i;
  always_ff @(posedge clk_i) begin
    if (keep_valid_i && keep_first_i) info_q[keep_at] <= keep_i.rest.dst[15:0];
  end

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(LooksAtAChannel, 32'(chan_i) < Channels)
  `CW_ASSERT(KeepsAChannel, !keep_valid_i || 32'(keep_chan_i) < Channels)

endmodule
