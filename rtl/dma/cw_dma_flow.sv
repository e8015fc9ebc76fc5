// SPDX-License-Identifier: Apache-2.0
//
// Says which channels' streams let a chunk go: one of S2h when it is whole there or the packet
// ends, one of H2s when there is room for it. What the next chunk waits for is known once it has
// been tried, which costs a clock; every chunk is tried once whatever its stream has, so that a bad
// transfer does not wait.
// Spec: docs/dma.md, "Streams".
`include "cw_assert.svh"
module cw_dma_flow
  import cw_dma_pkg::*;
#(
  parameter int unsigned Channels = 6,
  parameter kinds_t      Kinds    = every_kind()
) (
  input  logic                       clk_i,
  input  logic                       rst_i,

  input  stream_in_t [Channels-1:0]  stream_in_i,
  input  stream_out_t [Channels-1:0] stream_out_i,
  input  logic [Channels-1:0]        pass_i,    // moves nothing
  input  logic [Channels-1:0]        stop_i,    // drops its transfer
  output logic [Channels-1:0]        flows_o,   // may be tried

  // The channel that is tried
  input  logic [Channels-1:0]        grant_i,
  input  logic [12:0]                whole_i,   // bytes of its chunk
  input  logic                       tried_i,   // it has a transfer
  input  logic                       done_i,    // which did not wait
  output logic [12:0]                most_o,    // bytes that its stream lets go
  output logic                       ends_o,    // the packet of S2h ends with the chunk
  output logic                       waits_o,   // no chunk yet
  output logic [15:0]                src_o,     // of the bytes of S2h
  output logic [15:0]                info_o,    // of its packet: TUSER and TID
  output logic [15:0]                dst_o      // of the bytes of H2s
);

  stream_in_t  stream_in;
  stream_out_t stream_out;
  logic        s2h, h2s;

  always_comb begin
    {s2h, h2s} = '0;
    stream_in  = '0;
    stream_out = '0;
    for (int unsigned c = 0; c < Channels; c++) begin
      if (grant_i[c] && Kinds[c] == S2h) {s2h, stream_in}  = {1'b1, stream_in_i[c]};
      if (grant_i[c] && Kinds[c] == H2s) {h2s, stream_out}  = {1'b1, stream_out_i[c]};
    end
  end

  assign src_o   = stream_in.ptr;
  assign info_o  = {stream_in.tuser, stream_in.tid};
  assign dst_o   = stream_out.ptr;
  assign most_o  = s2h ? stream_in.avail : 13'(cw_endpoint_pkg::PageBytes);
  assign ends_o  = s2h && stream_in.ends && stream_in.avail <= whole_i;
  assign waits_o = (s2h && stream_in.avail < whole_i && !stream_in.ends)
                || (h2s && stream_out.room < 16'(whole_i));

  for (genvar c = 0; c < int'(Channels); c++) begin : gen_chan
    if (Kinds[c] inside {S2h, H2s}) begin : gen_stream
      logic [12:0] need_q, need_d;  // 0: not tried yet

      assign flows_o[c] = pass_i[c] || (Kinds[c] == S2h
          ? stream_in_i[c].ends || stream_in_i[c].avail >= need_q
          : stream_out_i[c].room >= 16'(need_q));

      always_comb begin
        need_d = need_q;
        if (grant_i[c] && tried_i) need_d = done_i ? '0 : whole_i;
        if (stop_i[c])             need_d = '0;
      end
      always_ff @(posedge clk_i) begin
        if (rst_i) need_q <= '0;
        else       need_q <= need_d;
      end
    end else begin : gen_memory
      assign flows_o[c] = 1'b1;
    end
  end

  logic unused;
  assign unused = ^{stream_in_i, stream_out_i, pass_i, stop_i, tried_i, done_i};

  `CW_REQUIRE(Channels >= 1 && Channels <= MaxChannels, "not a number of channels")
  `CW_ASSERT(EndComesWithBytes, !stream_in.ends || stream_in.avail != '0)
  `CW_ASSERT(NotMoreThanAPage, stream_in.avail <= 13'(cw_endpoint_pkg::PageBytes))
  `CW_ASSERT(WaitsOnlyForMore, !(waits_o && ends_o))

endmodule
