// SPDX-License-Identifier: Apache-2.0
//
// Says which channels' streams let a chunk go: one of S2h when it is whole there or the packet
// ends, one of H2s when there is room for it. A chunk that is new is looked at by itself; from the
// next clock on its channel is asked for.
// Spec: docs/dma.md, "Streams".
`include "cw_assert.svh"
module cw_dma_flow
  import cw_dma_pkg::*;
#(
  parameter  int unsigned Channels = 6,
  parameter  kinds_t      Kinds    = every_kind(),
  localparam int unsigned ChanW    = Channels > 1 ? $clog2(Channels) : 1
) (
  input  logic                       clk_i,
  input  logic                       rst_i,   // of the assertions

  input  stream_in_t [Channels-1:0]  stream_in_i,
  input  stream_out_t [Channels-1:0] stream_out_i,

  // A chunk that is new
  input  chan_t                      new_chan_i,
  input  logic [12:0]                new_bytes_i,
  input  logic                       new_valid_i,
  output logic                       new_waits_o,   // may not go in this clock

  // Chunks that are kept
  output logic [Channels-1:0]        flows_o,       // may go in this clock

  // The channel whose chunk goes, new or kept
  input  logic [Channels-1:0]        grant_i,
  input  logic                       direct_i,      // the new one
  input  logic [12:0]                bytes_i,       // of the chunk, if its stream has as many
  output logic [12:0]                bytes_o,
  output logic                       ends_o,        // S2h: the packet ends with it
  output logic [15:0]                src_o,         // of the bytes of S2h
  output logic [15:0]                info_o,        // of its packet: TUSER and TID
  output logic [15:0]                dst_o          // of the bytes of H2s
);

  logic [Channels-1:0] s2h, h2s, short, exact, new_short, new_exact, stream_ends;
  stream_in_t          stream_in;

  for (genvar c = 0; c < int'(Channels); c++) begin : gen_chan
    assign s2h[c]         = Kinds[c] == S2h;
    assign h2s[c]         = Kinds[c] == H2s;
    assign stream_ends[c] = stream_in_i[c].ends;
    if (Kinds[c] inside {S2h, H2s}) begin : gen_stream
      // No reset: asked for only with a chunk that is kept.
      logic [12:0] need_q;
      logic [15:0] has;

      assign has          = Kinds[c] == S2h ? 16'(stream_in_i[c].avail) : stream_out_i[c].room;
      assign short[c]     = has < 16'(need_q);
      assign exact[c]     = has == 16'(need_q);
      assign new_short[c] = has < 16'(new_bytes_i);
      assign new_exact[c] = has == 16'(new_bytes_i);
      assign flows_o[c]   = !short[c] || (s2h[c] && stream_ends[c]);
      always_ff @(posedge clk_i) begin
        if (new_valid_i && new_chan_i == chan_t'(c)) need_q <= new_bytes_i;
      end
    end else begin : gen_memory
      assign {short[c], exact[c], new_short[c], new_exact[c]} = '0;
      assign flows_o[c] = 1'b1;
    end
  end

  assign new_waits_o = new_short[ChanW'(new_chan_i)]
      && !(s2h[ChanW'(new_chan_i)] && stream_ends[ChanW'(new_chan_i)]);

  logic is_short, is_exact;
  assign is_short = (grant_i & s2h & (direct_i ? new_short : short)) != '0;
  assign is_exact = (grant_i & (direct_i ? new_exact : exact)) != '0;

  always_comb begin
    stream_in = '0;
    dst_o     = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      if (grant_i[c] && s2h[c]) stream_in |= stream_in_i[c];
      if (grant_i[c] && h2s[c]) dst_o     |= stream_out_i[c].ptr;
    end
  end

  assign bytes_o = is_short ? stream_in.avail : bytes_i;
  assign ends_o  = stream_in.ends && (is_short || is_exact);
  assign src_o   = stream_in.ptr;
  assign info_o  = {stream_in.tuser, stream_in.tid};

  logic unused;
  assign unused = ^{stream_in_i, stream_out_i, new_valid_i, new_bytes_i};

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(NewIsOfAChannel, !new_valid_i || 32'(new_chan_i) < Channels)
  `CW_ASSERT(EndComesWithBytes, !stream_in.ends || stream_in.avail != '0)
  `CW_ASSERT(NotMoreThanAPage, stream_in.avail <= 13'(cw_endpoint_pkg::PageBytes))

endmodule
