// SPDX-License-Identifier: Apache-2.0
//
// Moves the bytes of chunks: a source to each path, a sink to each side, between them a route by
// channel. Every chunk ends in `landed_o` exactly once, with its last bytes or with its error.
// Spec: docs/dma.md, "Moving data".
`include "cw_assert.svh"
module cw_dma_movers
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W        = 256,           // bits of a beat
  parameter  int unsigned Channels = MaxChannels,
  parameter  kinds_t      Kinds    = every_kind(),  // what none of them can use is not there
  parameter  bit          AxiCard  = 1'b1,          // there is memory behind the AXI4 port
  localparam int unsigned Bytes    = W / 8
) (
  input  logic                      clk_i,
  input  logic                      rst_i,

  // How channels share, and which of them give way where bytes meet
  input  share_t [Channels-1:0]     share_i,
  output logic [Channels-1:0]       yield_o,

  // Chunks, by path
  input  chunk_t [NumPaths-1:0]     chunk_i,
  input  logic [NumPaths-1:0]       chunk_valid_i,
  output logic [NumPaths-1:0]       chunk_ready_o,

  // Host memory: reads, answers to all clients, writes
  output rd_req_t                   rd_req_o,
  output logic                      rd_valid_o,
  input  logic                      rd_ready_i,
  input  rd_rsp_t                   rsp_i,
  input  logic [W-1:0]              rsp_data_i,
  input  logic                      rsp_valid_i,
  output logic                      rsp_ready_o,
  output wr_beat_t                  wr_beat_o,
  output logic [W-1:0]              wr_data_o,
  output logic                      wr_valid_o,
  input  logic                      wr_ready_i,

  // Reads of card memory, of a stream's buffer (cw_dma_card_source), behind AXI4
  output logic                      cm_rd_valid_o,
  input  logic                      cm_rd_ready_i,
  output logic [31:0]               cm_rd_addr_o,
  input  logic                      cm_rd_rvalid_i,
  input  logic [W-1:0]              cm_rd_rdata_i,
  output logic                      st_rd_valid_o,
  output chan_t                     st_rd_chan_o,
  output logic [31:0]               st_rd_addr_o,
  input  logic [W-1:0]              st_rd_rdata_i,
  output card_rd_t                  axi_rd_o,
  output logic                      axi_rd_valid_o,
  input  logic                      axi_rd_ready_i,
  input  logic [W-1:0]              axi_rdata_i,
  input  logic                      axi_rerror_i,
  input  logic                      axi_rvalid_i,
  output logic                      axi_rready_o,

  // Writes to the card, by target; AXI4 answers
  output card_wr_t                  card_wr_o,
  output chan_t                     card_chan_o,
  output logic [W-1:0]              card_data_o,
  output logic [Bytes-1:0]          card_strb_o,
  output logic [NumCardTargets-1:0] card_valid_o,
  input  logic [NumCardTargets-1:0] card_ready_i,
  input  logic                      axi_done_valid_i,
  input  logic                      axi_done_error_i,

  output landed_t                   landed_o,
  output logic                      landed_valid_o
);

  localparam logic [NumPaths-1:0] ToHost = paths_to(Kinds, AxiCard, 1'b1);
  localparam logic [NumPaths-1:0] ToCard = paths_to(Kinds, AxiCard, 1'b0);
  localparam logic [NumPaths-1:0] Paths  = ToHost | ToCard;

  packet_t [NumPaths-1:0]     packet;
  logic [NumPaths-1:0][W-1:0] packet_data;
  logic [NumPaths-1:0]        packet_valid, packet_ready;
  packet_t                    host_packet, card_packet;
  logic [W-1:0]               host_data, card_data;
  logic                       host_valid, host_ready, card_valid, card_ready;
  chan_t [NumPaths-1:0]       packet_chan;
  landed_t [2:0]              landed;
  logic [2:0]                 landed_valid, landed_ready;

  if (Paths[PathHost]) begin : gen_host_source
    cw_dma_host_source #(.W(W)) u_source (
      .clk_i, .rst_i,
      .chunk_i(chunk_i[PathHost]), .chunk_valid_i(chunk_valid_i[PathHost]),
      .chunk_ready_o(chunk_ready_o[PathHost]),
      .rd_req_o, .rd_valid_o, .rd_ready_i, .rsp_i, .rsp_data_i, .rsp_valid_i, .rsp_ready_o,
      .packet_o(packet[PathHost]), .packet_data_o(packet_data[PathHost]),
      .packet_valid_o(packet_valid[PathHost]), .packet_ready_i(packet_ready[PathHost])
    );
  end else begin : gen_no_host_source
    logic unused;
    assign unused = &{1'b0, rd_ready_i, rsp_i, rsp_data_i, rsp_valid_i, packet_ready[PathHost]};
    assign {rd_req_o, rd_valid_o, rsp_ready_o} = {{$bits(rd_req_o){1'b0}}, 2'b01};
    assign {chunk_ready_o[PathHost], packet[PathHost], packet_data[PathHost]} = '0;
    assign packet_valid[PathHost] = 1'b0;
  end

  if (Paths[PathCard]) begin : gen_card_source
    cw_dma_card_source #(.W(W), .Kinds(Kinds)) u_source (
      .clk_i, .rst_i,
      .chunk_i(chunk_i[PathCard]), .chunk_valid_i(chunk_valid_i[PathCard]),
      .chunk_ready_o(chunk_ready_o[PathCard]),
      .cm_rd_valid_o, .cm_rd_ready_i, .cm_rd_addr_o, .cm_rd_rvalid_i, .cm_rd_rdata_i,
      .st_rd_valid_o, .st_rd_chan_o, .st_rd_addr_o, .st_rd_rdata_i,
      .packet_o(packet[PathCard]), .packet_data_o(packet_data[PathCard]),
      .packet_valid_o(packet_valid[PathCard]), .packet_ready_i(packet_ready[PathCard])
    );
  end else begin : gen_no_card_source
    logic unused;
    assign unused = &{1'b0, cm_rd_ready_i, cm_rd_rvalid_i, cm_rd_rdata_i, st_rd_rdata_i,
                      packet_ready[PathCard]};
    assign {cm_rd_valid_o, cm_rd_addr_o, st_rd_valid_o, st_rd_chan_o, st_rd_addr_o} = '0;
    assign {chunk_ready_o[PathCard], packet[PathCard], packet_data[PathCard]} = '0;
    assign packet_valid[PathCard] = 1'b0;
  end

  if (Paths[PathImm]) begin : gen_immediate
    cw_dma_immediate #(.W(W)) u_source (
      .clk_i, .rst_i,
      .chunk_i(chunk_i[PathImm]), .chunk_valid_i(chunk_valid_i[PathImm]),
      .chunk_ready_o(chunk_ready_o[PathImm]),
      .packet_o(packet[PathImm]), .packet_data_o(packet_data[PathImm]),
      .packet_valid_o(packet_valid[PathImm]), .packet_ready_i(packet_ready[PathImm])
    );
  end else begin : gen_no_immediate
    logic unused;
    assign unused = packet_ready[PathImm];
    assign {chunk_ready_o[PathImm], packet[PathImm], packet_data[PathImm]} = '0;
    assign packet_valid[PathImm] = 1'b0;
  end

  if (Paths[PathAxi]) begin : gen_axi_source
    cw_dma_axi_source #(.W(W)) u_source (
      .clk_i, .rst_i,
      .chunk_i(chunk_i[PathAxi]), .chunk_valid_i(chunk_valid_i[PathAxi]),
      .chunk_ready_o(chunk_ready_o[PathAxi]),
      .axi_rd_o, .axi_rd_valid_o, .axi_rd_ready_i,
      .axi_rdata_i, .axi_rerror_i, .axi_rvalid_i, .axi_rready_o,
      .packet_o(packet[PathAxi]), .packet_data_o(packet_data[PathAxi]),
      .packet_valid_o(packet_valid[PathAxi]), .packet_ready_i(packet_ready[PathAxi])
    );
  end else begin : gen_no_axi_source
    logic unused;
    assign unused = &{1'b0, axi_rd_ready_i, axi_rdata_i, axi_rerror_i, axi_rvalid_i,
                      packet_ready[PathAxi]};
    assign {axi_rd_o, axi_rd_valid_o, axi_rready_o} = '0;
    assign {chunk_ready_o[PathAxi], packet[PathAxi], packet_data[PathAxi]} = '0;
    assign packet_valid[PathAxi] = 1'b0;
  end

  for (genvar p = 0; p < NumPaths; p++) begin : gen_packet
    assign packet_chan[p] = packet[p].mark.chan;
  end

  cw_dma_yield #(.Channels(Channels), .Kinds(Kinds), .AxiCard(AxiCard)) u_yield (
    .clk_i, .rst_i,
    .share_i, .chan_i(packet_chan), .valid_i(packet_valid), .yield_o
  );

  cw_dma_route #(
    .W(W), .Channels(Channels), .Kinds(Kinds), .AxiCard(AxiCard)
  ) u_route (
    .clk_i, .rst_i,
    .share_i,
    .packet_i(packet), .packet_data_i(packet_data), .packet_valid_i(packet_valid),
    .packet_ready_o(packet_ready),
    .host_packet_o(host_packet), .host_data_o(host_data), .host_valid_o(host_valid),
    .host_ready_i(host_ready),
    .card_packet_o(card_packet), .card_data_o(card_data), .card_valid_o(card_valid),
    .card_ready_i(card_ready)
  );

  if (ToHost != '0) begin : gen_host_sink
    cw_dma_host_sink #(.W(W)) u_sink (
      .clk_i, .rst_i,
      .packet_i(host_packet), .packet_data_i(host_data), .packet_valid_i(host_valid),
      .packet_ready_o(host_ready),
      .wr_beat_o, .wr_data_o, .wr_valid_o, .wr_ready_i,
      .landed_o(landed[2]), .landed_valid_o(landed_valid[2]), .landed_ready_i(landed_ready[2])
    );
  end else begin : gen_no_host_sink
    logic unused;
    assign unused = &{1'b0, host_packet, host_data, host_valid, wr_ready_i, landed_ready[2]};
    assign {host_ready, wr_beat_o, wr_data_o, wr_valid_o, landed[2], landed_valid[2]} = '0;
  end

  if (ToCard != '0) begin : gen_card_sink
    cw_dma_card_sink #(.W(W), .Kinds(Kinds), .AxiCard(AxiCard)) u_sink (
      .clk_i, .rst_i,
      .packet_i(card_packet), .packet_data_i(card_data), .packet_valid_i(card_valid),
      .packet_ready_o(card_ready),
      .wr_o(card_wr_o), .wr_chan_o(card_chan_o), .wr_data_o(card_data_o),
      .wr_strb_o(card_strb_o), .wr_valid_o(card_valid_o), .wr_ready_i(card_ready_i),
      .axi_done_valid_i, .axi_done_error_i,
      .landed_o(landed[1:0]), .landed_valid_o(landed_valid[1:0]),
      .landed_ready_i(landed_ready[1:0])
    );
  end else begin : gen_no_card_sink
    logic unused;
    assign unused = &{1'b0, card_packet, card_data, card_valid, card_ready_i, axi_done_valid_i,
                      axi_done_error_i, landed_ready[1:0]};
    assign {card_ready, card_wr_o, card_chan_o, card_data_o, card_strb_o, card_valid_o} = '0;
    assign {landed[1:0], landed_valid[1:0]} = '0;
  end

  cw_dma_landed #(.Sinks(3)) u_landed (
    .clk_i,
    .rst_i,
    .landed_i       (landed),
    .landed_valid_i (landed_valid),
    .landed_ready_o (landed_ready),
    .landed_o,
    .landed_valid_o
  );

  `CW_ASSERT(OneTargetABeat, $onehot0(card_valid_o))
  for (genvar p = 0; p < NumPaths; p++) begin : gen_path
    `CW_ASSERT_HELD(ChunkHeld, chunk_valid_i[p], chunk_ready_o[p], chunk_i[p])
    `CW_ASSERT(PathIsBuilt, !chunk_valid_i[p] || Paths[p])
  end

endmodule
