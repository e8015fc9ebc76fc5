// SPDX-License-Identifier: Apache-2.0
//
// The streams of the channels that have one, each behind a buffer of its own: outputs of the H2s
// channels and inputs of the S2h channels, in the channels' order. A build without a stream of a
// kind has one port of it all the same, which does nothing. Spec: docs/dma.md, "Streams".
`include "cw_assert.svh"
module cw_dma_streams
  import cw_axi_pkg::*;
  import cw_dma_pkg::*;
#(
  parameter  int unsigned W        = 256,           // bits of a beat
  parameter  int unsigned Channels = 6,
  parameter  kinds_t      Kinds    = every_kind(),
  parameter  int unsigned BufBytes = 8192,          // of each
  localparam int unsigned Outs     = stream_ports(Kinds, H2s, Channels),
  localparam int unsigned Ins      = stream_ports(Kinds, S2h, Channels),
  localparam int unsigned Bytes    = W / 8
) (
  input  logic                         clk_i,
  input  logic                         rst_i,
  input  logic                         flush_i,  // the engine is in reset, who is behind is not

  // Chunks that will be written: H2s. A channel at rest that has halted forgets what will not come
  output stream_out_t [Channels-1:0]   stream_out_o,
  input  stream_reserve_t              reserve_i,
  input  logic [Channels-1:0]          reserve_valid_i,
  input  logic [Channels-1:0]          abort_i,

  // Chunks that will be read: S2h
  output stream_in_t [Channels-1:0]    stream_in_o,
  input  logic [12:0]                  take_bytes_i,
  input  logic [Channels-1:0]          take_valid_i,

  // Beats of a channel's buffer: written; read, and answered two clocks later
  input  card_wr_t                     wr_i,
  input  chan_t                        wr_chan_i,
  input  logic [W-1:0]                 wr_data_i,
  input  logic [Bytes-1:0]             wr_strb_i,
  input  logic                         wr_valid_i,
  output logic                         wr_ready_o,
  input  logic                         rd_valid_i,
  input  chan_t                        rd_chan_i,
  input  logic [31:0]                  rd_addr_i,
  output logic [W-1:0]                 rd_rdata_o,

  // Streams
  output logic [Outs-1:0][W-1:0]       h2s_data_o,
  output logic [Outs-1:0][Bytes-1:0]   h2s_keep_o,
  output axis_t [Outs-1:0]             h2s_o,
  output logic [Outs-1:0]              h2s_valid_o,
  input  logic [Outs-1:0]              h2s_ready_i,
  input  logic [Ins-1:0][W-1:0]        s2h_data_i,
  input  logic [Ins-1:0][Bytes-1:0]    s2h_keep_i,
  input  axis_t [Ins-1:0]              s2h_i,
  input  logic [Ins-1:0]               s2h_valid_i,
  output logic [Ins-1:0]               s2h_ready_o
);

  logic [Channels-1:0]        wr_ready, rd_rvalid;
  logic [Channels-1:0][W-1:0] rd_rdata;

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    if (Kinds[c] == H2s) begin : gen_out
      localparam int unsigned Port = count_kind(Kinds, H2s, c);
      cw_dma_stream_out #(.W(W), .BufBytes(BufBytes)) u_stream (
        .clk_i, .rst_i, .flush_i,
        .next_o         (stream_out_o[c]),
        .reserve_i,
        .reserve_valid_i(reserve_valid_i[c]),
        .abort_i        (abort_i[c]),
        .wr_i, .wr_data_i, .wr_strb_i,
        .wr_valid_i     (wr_valid_i && 32'(wr_chan_i) == c),
        .wr_ready_o     (wr_ready[c]),
        .axis_data_o    (h2s_data_o[Port]),
        .axis_keep_o    (h2s_keep_o[Port]),
        .axis_o         (h2s_o[Port]),
        .axis_valid_o   (h2s_valid_o[Port]),
        .axis_ready_i   (h2s_ready_i[Port])
      );
    end else begin : gen_no_out
      assign stream_out_o[c] = '0;
      assign wr_ready[c]     = 1'b0;
      `CW_ASSERT(NotAnOutput, !(wr_valid_i && 32'(wr_chan_i) == c) && !reserve_valid_i[c])
    end

    if (Kinds[c] == S2h) begin : gen_in
      localparam int unsigned Port = count_kind(Kinds, S2h, c);
      cw_dma_stream_in #(.W(W), .BufBytes(BufBytes)) u_stream (
        .clk_i, .rst_i, .flush_i,
        .axis_data_i    (s2h_data_i[Port]),
        .axis_keep_i    (s2h_keep_i[Port]),
        .axis_i         (s2h_i[Port]),
        .axis_valid_i   (s2h_valid_i[Port]),
        .axis_ready_o   (s2h_ready_o[Port]),
        .next_o         (stream_in_o[c]),
        .take_bytes_i,
        .take_valid_i   (take_valid_i[c]),
        .rd_valid_i     (rd_valid_i && 32'(rd_chan_i) == c),
        .rd_addr_i      (16'(rd_addr_i)),
        .rd_rvalid_o    (rd_rvalid[c]),
        .rd_rdata_o     (rd_rdata[c])
      );
    end else begin : gen_no_in
      assign stream_in_o[c] = '0;
      assign rd_rvalid[c]   = 1'b0;
      assign rd_rdata[c]    = '0;
      `CW_ASSERT(NotAnInput, !(rd_valid_i && 32'(rd_chan_i) == c) && !take_valid_i[c])
    end
  end

  assign wr_ready_o = (wr_ready & (Channels'(1) << wr_chan_i)) != '0;

  always_comb begin
    rd_rdata_o = '0;
    for (int unsigned c = 0; c < Channels; c++) if (rd_rvalid[c]) rd_rdata_o |= rd_rdata[c];
  end

  if (count_kind(Kinds, H2s, Channels) == 0) begin : gen_no_outs
    logic unused;
    assign unused = &{1'b0, h2s_ready_i, wr_i, wr_data_i, wr_strb_i, reserve_i, abort_i};
    assign {h2s_data_o, h2s_keep_o, h2s_o, h2s_valid_o} = '0;
  end
  if (count_kind(Kinds, S2h, Channels) == 0) begin : gen_no_ins
    logic unused;
    assign unused = &{1'b0, s2h_data_i, s2h_keep_i, s2h_i, s2h_valid_i, take_bytes_i, rd_addr_i};
    assign s2h_ready_o = '0;
  end

  logic unused_high;
  assign unused_high = &{1'b0, abort_i, rd_addr_i};

  `CW_ASSERT(OneAnswer, $onehot0(rd_rvalid))
  `CW_ASSERT_HELD(WriteHeld, wr_valid_i, wr_ready_o || flush_i,
      {wr_i, wr_chan_i, wr_data_i, wr_strb_i})

endmodule
