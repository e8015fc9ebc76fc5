// SPDX-License-Identifier: Apache-2.0
//
// Scatter-gather DMA engine: channels between host memory, card memory (built in, or behind AXI4)
// and streams, from doorbell to interrupt. Each has rings and registers of its own; all share what
// moves the bytes. Composition only. Spec: docs/dma.md.
`include "cw_assert.svh"
module cw_dma
  import cw_axi_pkg::*;
  import cw_dma_pkg::*;
  import cw_endpoint_pkg::*;
#(
  parameter  int unsigned W              = 256,           // bits of a beat
  parameter  int unsigned Channels       = 6,
  parameter  kinds_t      Kinds          = every_kind(),
  parameter  int unsigned CardMemBytes   = 65536,         // built in
  parameter  bit          AxiCard        = 1'b1,          // memory behind the AXI4 port
  parameter  int unsigned StreamBufBytes = 8192,          // of each stream
  parameter  int unsigned DescSlots      = 64,            // of each channel, read ahead
  localparam int unsigned Outs           = stream_ports(Kinds, H2s, Channels),
  localparam int unsigned Ins            = stream_ports(Kinds, S2h, Channels),
  localparam int unsigned Bytes          = W / 8
) (
  input  logic                          clk_i,
  input  logic                          rst_i,
  input  logic                          flush_i,        // resets all but what stands at ports

  // Registers; interrupts, one clock each
  input  dma_ctl_t [Channels-1:0]       ctl_i,
  output dma_sta_t [Channels-1:0]       sta_o,
  output chan_t                         irq_chan_o,
  output logic                          irq_valid_o,
  input  logic [2:0]                    max_payload_i,  // encodings
  input  logic [2:0]                    max_read_i,
  input  logic                          others_i,       // somebody else wants the bus

  // Host memory: reads, in the order of rd_client_e, and their answers; writes from WrRecord on
  output rd_req_t [NumRdClients-1:0]    rd_req_o,
  output logic [NumRdClients-1:0]       rd_valid_o,
  input  logic [NumRdClients-1:0]       rd_ready_i,
  input  rd_rsp_t                       rsp_i,
  input  logic [W-1:0]                  rsp_data_i,
  input  logic                          rsp_valid_i,
  output logic                          rsp_ready_o,
  output wr_beat_t [WrData:WrRecord]    wr_beat_o,
  output logic [WrData:WrRecord][W-1:0] wr_data_o,
  output logic [WrData:WrRecord]        wr_valid_o,
  input  logic [WrData:WrRecord]        wr_ready_i,

  // Built-in card memory: an answer comes two clocks after its read
  output logic                          cm_wr_valid_o,
  input  logic                          cm_wr_ready_i,
  output logic [31:0]                   cm_wr_addr_o,
  output logic [W-1:0]                  cm_wr_data_o,
  output logic [Bytes-1:0]              cm_wr_strb_o,
  output logic                          cm_rd_valid_o,
  input  logic                          cm_rd_ready_i,
  output logic [31:0]                   cm_rd_addr_o,
  input  logic                          cm_rd_rvalid_i,
  input  logic [W-1:0]                  cm_rd_rdata_i,

  // Card memory behind AXI4
  output axi_drive_t                    axi_o,
  output logic [W-1:0]                  axi_wdata_o,
  output logic [Bytes-1:0]              axi_wstrb_o,
  input  axi_sense_t                    axi_i,
  input  logic [W-1:0]                  axi_rdata_i,

  // Streams of the H2s channels, of the S2h channels
  output logic [Outs-1:0][W-1:0]        h2s_data_o,
  output logic [Outs-1:0][Bytes-1:0]    h2s_keep_o,
  output axis_t [Outs-1:0]              h2s_o,
  output logic [Outs-1:0]               h2s_valid_o,
  input  logic [Outs-1:0]               h2s_ready_i,
  input  logic [Ins-1:0][W-1:0]         s2h_data_i,
  input  logic [Ins-1:0][Bytes-1:0]     s2h_keep_i,
  input  axis_t [Ins-1:0]               s2h_i,
  input  logic [Ins-1:0]                s2h_valid_i,
  output logic [Ins-1:0]                s2h_ready_o
);

  localparam kinds_t Built = built_kinds(Kinds, Channels);

  logic rst;
  assign rst = rst_i || flush_i;

  // By channel
  logic [Channels-1:0]       halted, bad_doorbell, restart, rest, enable, begun, idle, room;
  logic [Channels-1:0]       refused, failed, entry_error, want, yields, desc_room, desc_busy;
  logic [Channels-1:0]       take_valid, reserve_valid;
  logic [Channels-1:0][15:0] head;
  logic [Channels-1:0][3:0]  ring_log2;
  share_t [Channels-1:0]     share;

  // From station to station
  batch_t                    batch;
  front_t                    front;
  open_t                     opened;
  close_t                    closed;
  chunk_t [NumPaths-1:0]     chunk;
  landed_t                   landed;
  chan_t                     retired_chan, event_chan;
  logic [15:0]               retired_head;
  logic                      batch_valid, batch_ready, front_valid, take, open_valid, close_valid;
  logic                      landed_valid, retired_valid, event_valid;
  logic [NumPaths-1:0]       chunk_valid, chunk_ready;

  // Card and streams
  stream_in_t [Channels-1:0]  stream_in;
  stream_out_t [Channels-1:0] stream_out;
  stream_reserve_t            reserve;
  logic [12:0]                take_bytes;
  card_wr_t                   card_wr;
  chan_t                      card_chan, st_chan;
  logic [W-1:0]               card_data, st_rdata, axi_beat;
  logic [Bytes-1:0]           card_strb;
  logic [NumCardTargets-1:0]  card_valid, card_ready;
  logic                       st_valid, axi_rd_valid, axi_rd_ready, axi_beat_error, axi_beat_valid;
  logic                       axi_beat_ready, axi_done, axi_done_error;
  logic [31:0]                st_addr;
  card_rd_t                   axi_rd;

  for (genvar c = 0; c < Channels; c++) begin : gen_channel
    assign enable[c]    = ctl_i[c].enable;
    assign ring_log2[c] = ctl_i[c].ring_log2;
    assign share[c]     = ctl_i[c].share;
    assign rest[c]      = idle[c] && !begun[c] && !desc_busy[c];
    assign sta_o[c]     = '{
      busy:         !rest[c],
      halted:       halted[c],
      bad_doorbell: bad_doorbell[c],
      entry_error:  entry_error[c],
      head:         head[c],
      moved:        landed_valid && landed.bytes != '0 && 32'(landed.chan) == c,
      moved_bytes:  landed.bytes
    };
  end

  cw_dma_queues #(.Channels(Channels), .DescSlots(DescSlots)) u_queues (
    .clk_i, .rst_i(rst),
    .ctl_i, .max_read_i,
    .halted_o(halted), .bad_doorbell_o(bad_doorbell), .restart_o(restart),
    .open_i(begun), .rest_i(rest), .halt_i(failed | refused),
    .retired_chan_i(retired_chan), .retired_head_i(retired_head),
    .retired_valid_i(retired_valid), .head_o(head),
    .room_i(desc_room),
    .batch_o(batch), .batch_valid_o(batch_valid), .batch_ready_i(batch_ready)
  );

  // The requester lets no cut through but one on a Read Completion Boundary.
  cw_dma_fetch #(.W(W), .Channels(Channels), .DescSlots(DescSlots), .CutBytes(32)) u_fetch (
    .clk_i, .rst_i(rst),
    .ring_log2_i(ring_log2), .halted_i(halted), .restart_i(restart), .busy_o(desc_busy),
    .room_o(desc_room),
    .batch_i(batch), .batch_valid_i(batch_valid), .batch_ready_o(batch_ready),
    .rd_req_o(rd_req_o[ClientDesc]), .rd_valid_o(rd_valid_o[ClientDesc]),
    .rd_ready_i(rd_ready_i[ClientDesc]),
    .rsp_i, .rsp_data_i, .rsp_valid_i(rsp_valid_i && rsp_ready_o),
    .want_i(want), .front_o(front), .front_valid_o(front_valid), .take_i(take)
  );

  cw_dma_core #(
    .Channels(Channels), .Kinds(Built), .CardMemBytes(CardMemBytes), .AxiCard(AxiCard)
  ) u_core (
    .clk_i, .rst_i(rst),
    .max_payload_i, .max_read_i, .share_i(share), .others_i, .yield_i(yields),
    .front_i(front), .front_valid_i(front_valid), .take_o(take), .want_o(want),
    .enable_i(enable), .stop_i(halted), .begun_o(begun), .refused_o(refused),
    .room_i(room), .idle_i(idle),
    .open_o(opened), .open_valid_o(open_valid), .close_o(closed), .close_valid_o(close_valid),
    .stream_in_i(stream_in), .stream_take_o(take_valid), .stream_bytes_o(take_bytes),
    .stream_out_i(stream_out), .reserve_valid_o(reserve_valid), .reserve_o(reserve),
    .chunk_o(chunk), .chunk_valid_o(chunk_valid), .chunk_ready_i(chunk_ready)
  );

  cw_dma_movers #(.W(W), .Channels(Channels), .Kinds(Built), .AxiCard(AxiCard)) u_movers (
    .clk_i, .rst_i(rst), .share_i(share), .yield_o(yields),
    .chunk_i(chunk), .chunk_valid_i(chunk_valid), .chunk_ready_o(chunk_ready),
    .rd_req_o(rd_req_o[ClientData]), .rd_valid_o(rd_valid_o[ClientData]),
    .rd_ready_i(rd_ready_i[ClientData]),
    .rsp_i, .rsp_data_i, .rsp_valid_i, .rsp_ready_o,
    .wr_beat_o(wr_beat_o[WrData]), .wr_data_o(wr_data_o[WrData]),
    .wr_valid_o(wr_valid_o[WrData]), .wr_ready_i(wr_ready_i[WrData]),
    .cm_rd_valid_o, .cm_rd_ready_i, .cm_rd_addr_o, .cm_rd_rvalid_i, .cm_rd_rdata_i,
    .st_rd_valid_o(st_valid), .st_rd_chan_o(st_chan), .st_rd_addr_o(st_addr),
    .st_rd_rdata_i(st_rdata),
    .axi_rd_o(axi_rd), .axi_rd_valid_o(axi_rd_valid), .axi_rd_ready_i(axi_rd_ready),
    .axi_rdata_i(axi_beat), .axi_rerror_i(axi_beat_error), .axi_rvalid_i(axi_beat_valid),
    .axi_rready_o(axi_beat_ready),
    .card_wr_o(card_wr), .card_chan_o(card_chan), .card_data_o(card_data),
    .card_strb_o(card_strb), .card_valid_o(card_valid), .card_ready_i(card_ready),
    .axi_done_valid_i(axi_done), .axi_done_error_i(axi_done_error),
    .landed_o(landed), .landed_valid_o(landed_valid)
  );

  cw_dma_retire #(.W(W), .Channels(Channels)) u_retire (
    .clk_i, .rst_i(rst),
    .ctl_i, .restart_i(restart), .room_o(room), .idle_o(idle), .failed_o(failed),
    .entry_error_o(entry_error),
    .open_i(opened), .open_valid_i(open_valid), .close_i(closed), .close_valid_i(close_valid),
    .landed_i(landed), .landed_valid_i(landed_valid),
    .retired_chan_o(retired_chan), .retired_head_o(retired_head),
    .retired_valid_o(retired_valid), .event_chan_o(event_chan), .event_valid_o(event_valid),
    .wr_beat_o(wr_beat_o[WrRecord]), .wr_data_o(wr_data_o[WrRecord]),
    .wr_valid_o(wr_valid_o[WrRecord]), .wr_ready_i(wr_ready_i[WrRecord])
  );

  cw_dma_moderation #(.Channels(Channels)) u_moderation (
    .clk_i, .rst_i(rst),
    .ctl_i, .restart_i(restart),
    .event_chan_i(event_chan), .event_valid_i(event_valid),
    .irq_chan_o, .irq_valid_o
  );

  assign cm_wr_valid_o       = card_valid[CardMem];
  assign card_ready[CardMem] = cm_wr_ready_i;
  assign cm_wr_addr_o        = 32'(card_wr.addr);
  assign cm_wr_data_o        = card_data;
  assign cm_wr_strb_o        = card_strb;

  cw_dma_axi #(
    .W(W), .Writes(AxiCard && (has_kind(Built, H2c) || has_kind(Built, C2c))),
    .Reads(AxiCard && (has_kind(Built, C2h) || has_kind(Built, C2c)))
  ) u_axi (
    .clk_i, .rst_i, .flush_i,
    .wr_i(card_wr), .wr_data_i(card_data), .wr_strb_i(card_strb),
    .wr_valid_i(card_valid[CardAxi]), .wr_ready_o(card_ready[CardAxi]),
    .done_valid_o(axi_done), .done_error_o(axi_done_error),
    .rd_i(axi_rd), .rd_valid_i(axi_rd_valid), .rd_ready_o(axi_rd_ready),
    .beat_data_o(axi_beat), .beat_error_o(axi_beat_error), .beat_valid_o(axi_beat_valid),
    .beat_ready_i(axi_beat_ready),
    .axi_o, .axi_wdata_o, .axi_wstrb_o, .axi_i, .axi_rdata_i
  );

  cw_dma_streams #(
    .W(W), .Channels(Channels), .Kinds(Kinds), .BufBytes(StreamBufBytes)
  ) u_streams (
    .clk_i, .rst_i, .flush_i, .abort_i(halted & rest),
    .stream_out_o(stream_out), .reserve_i(reserve), .reserve_valid_i(reserve_valid),
    .stream_in_o(stream_in), .take_bytes_i(take_bytes), .take_valid_i(take_valid),
    .wr_i(card_wr), .wr_chan_i(card_chan), .wr_data_i(card_data), .wr_strb_i(card_strb),
    .wr_valid_i(card_valid[CardStream]), .wr_ready_o(card_ready[CardStream]),
    .rd_valid_i(st_valid), .rd_chan_i(st_chan), .rd_addr_i(st_addr), .rd_rdata_o(st_rdata),
    .h2s_data_o, .h2s_keep_o, .h2s_o, .h2s_valid_o, .h2s_ready_i,
    .s2h_data_i, .s2h_keep_i, .s2h_i, .s2h_valid_i, .s2h_ready_o
  );

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT(HaltedHoldsNoChannelBack, !irq_valid_o || 32'(irq_chan_o) < Channels)

endmodule
