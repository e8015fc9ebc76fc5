// SPDX-License-Identifier: Apache-2.0
//
// What function 0 is there for: registers, card memory, scatter-gather DMA, between the completer
// (what the host asks) and the requester (what the card asks); and the interrupts of all functions.
// Composition only.
`include "cw_assert.svh"
module cw_card
  import cw_axi_pkg::*, cw_dma_pkg::*, cw_endpoint_pkg::*;
#(
  parameter int unsigned W            = 256,    // bits of a beat
  parameter int unsigned CardMemBytes = 65536,  // behind BAR2
  parameter int unsigned Channels     = 6,      // of DMA
  parameter kinds_t      Kinds        = every_kind(),
  parameter int unsigned StreamBufBytes = 8192, // of each stream
  parameter int unsigned DescSlots      = 64,   // descriptors read ahead, of each channel
  parameter bit          AxiCard        = 1'b1, // there is memory behind the AXI4 port
  parameter int unsigned MsixVectors  = 8,
  parameter int unsigned Functions    = 1,
  parameter int unsigned TableBir     = 0,      // MSI-X: which BAR, and bytes from its start
  parameter logic [31:0] TableOffset  = msix_table_offset(MsixVectors, TableBir),
  parameter int unsigned PbaBir       = 0,
  parameter logic [31:0] PbaOffset    = msix_pba_offset(MsixVectors, TableBir, PbaBir),
  localparam int unsigned Outs        = stream_ports(Kinds, H2s, Channels),
  localparam int unsigned Ins         = stream_ports(Kinds, S2h, Channels)
) (
  input  logic                               clk_i,
  input  logic                               rst_i,
  input  logic [Functions-1:0]               fn_rst_i,  // function-level reset: not of card memory

  input  cw_cfg_pkg::cfg_state_t [Functions-1:0] state_i,
  input  cw_cfg_pkg::cfg_event_t             event_i,  // errors, to be remembered in a register

  // Interrupts: the user's lines in; for configuration space, and the virtual wires, out
  input  logic [Functions-1:0][MaxMsiVectors-1:0] irq_i,
  output logic [Functions-1:0][MaxMsiVectors-1:0] msi_pending_o,
  output logic [Functions-1:0]               intx_status_o,
  output logic [cw_cfg_pkg::NumIntx-1:0]     intx_o,

  // BAR0: one dword at a time, done with ready
  input  logic                               reg_valid_i,
  input  reg_req_t                           reg_req_i,
  output logic                               reg_ready_o,
  output logic [31:0]                        reg_rdata_o,

  // BAR2: beats of card memory; answers in order
  input  logic                               cm_wr_valid_i,
  output logic                               cm_wr_ready_o,
  input  logic [31:0]                        cm_wr_addr_i,
  input  logic [W-1:0]                       cm_wr_data_i,
  input  logic [W/8-1:0]                     cm_wr_strb_i,
  input  logic                               cm_rd_valid_i,
  output logic                               cm_rd_ready_o,
  input  logic [31:0]                        cm_rd_addr_i,
  output logic                               cm_rd_rvalid_o,
  output logic [W-1:0]                       cm_rd_rdata_o,

  // AtomicOps on card memory
  input  cw_atomic_pkg::atomic_req_t         atomic_req_i,
  output cw_atomic_pkg::atomic_rsp_t         atomic_rsp_o,

  // Host memory: reads and their answers, writes
  output rd_req_t  [NumRdClients-1:0]        rd_req_o,
  output logic     [NumRdClients-1:0]        rd_valid_o,
  input  logic     [NumRdClients-1:0]        rd_ready_i,
  input  rd_rsp_t                            rsp_i,
  input  logic     [W-1:0]                   rsp_data_i,
  input  logic                               rsp_valid_i,
  output logic                               rsp_ready_o,
  output wr_beat_t [NumWrClients-1:0]        wr_beat_o,
  output logic     [NumWrClients-1:0][W-1:0] wr_data_o,
  output logic     [NumWrClients-1:0]        wr_valid_o,
  input  logic     [NumWrClients-1:0]        wr_ready_i,
  input  logic                               others_i,  // completions wait to leave

  // DMA: card memory behind AXI4, streams
  output axi_drive_t                         axi_o,
  output logic     [W-1:0]                   axi_wdata_o,
  output logic     [W/8-1:0]                 axi_wstrb_o,
  input  axi_sense_t                         axi_i,
  input  logic     [W-1:0]                   axi_rdata_i,
  output logic     [Outs-1:0][W-1:0]         h2s_data_o,
  output logic     [Outs-1:0][W/8-1:0]       h2s_keep_o,
  output axis_t    [Outs-1:0]                h2s_o,
  output logic     [Outs-1:0]                h2s_valid_o,
  input  logic     [Outs-1:0]                h2s_ready_i,
  input  logic     [Ins-1:0][W-1:0]          s2h_data_i,
  input  logic     [Ins-1:0][W/8-1:0]        s2h_keep_i,
  input  axis_t    [Ins-1:0]                 s2h_i,
  input  logic     [Ins-1:0]                 s2h_valid_i,
  output logic     [Ins-1:0]                 s2h_ready_o
);

  // Register bus, by owner
  logic [31:0] block_rdata, msix_rdata;
  logic        block_valid, block_ready, msix_valid, msix_pba, msix_ready;

  // DMA channels, and their interrupts
  dma_ctl_t [Channels-1:0] dma_ctl;
  dma_sta_t [Channels-1:0] dma_sta;
  chan_t                   irq_chan;
  dma_irq_t                dma_irq;
  logic                    irq_valid, level, card_rst, others;

  // Card memory, as the DMA engine uses it
  logic           dma_wr_valid, dma_wr_ready, dma_rd_valid, dma_rd_ready, dma_rvalid;
  logic [31:0]    dma_wr_addr, dma_rd_addr;
  logic [W-1:0]   dma_wr_data, dma_rdata;
  logic [W/8-1:0] dma_wr_strb;

  // and as AtomicOps do
  logic           at_lock, at_wr_valid, at_wr_ready, at_rd_valid, at_rd_ready, at_rvalid;
  logic [31:0]    at_wr_addr, at_rd_addr;
  logic [W-1:0]   at_wr_data, at_rdata;
  logic [W/8-1:0] at_wr_strb;

  assign card_rst = rst_i || fn_rst_i[0];

  // A transparent channel gives way to whatever the host wants of the card.
  assign others = others_i || cm_wr_valid_i || cm_rd_valid_i || at_lock;

  cw_reg_router #(
    .Vectors(MsixVectors),
    .TableBir(TableBir), .TableOffset(TableOffset), .PbaBir(PbaBir), .PbaOffset(PbaOffset)
  ) u_router (
    .clk_i, .rst_i,
    .reg_valid_i, .reg_req_i, .reg_ready_o, .reg_rdata_o,
    .regs_valid_o(block_valid), .regs_ready_i(block_ready), .regs_rdata_i(block_rdata),
    .msix_valid_o(msix_valid), .msix_pba_o(msix_pba),
    .msix_ready_i(msix_ready), .msix_rdata_i(msix_rdata)
  );

  cw_endpoint_regs #(
    .W(W), .CardMemBytes(CardMemBytes), .MsixVectors(MsixVectors),
    .Channels(Channels), .Kinds(Kinds)
  ) u_regs (
    .clk_i, .rst_i(card_rst),
    .reg_valid_i(block_valid), .reg_req_i,
    .reg_ready_o(block_ready), .reg_rdata_o(block_rdata),
    .ctl_o(dma_ctl), .sta_i(dma_sta),
    .dma_irq_chan_i(irq_chan), .dma_irq_valid_i(irq_valid), .dma_irq_o(dma_irq),
    .user_level_i(irq_i[0] != '0), .level_o(level),
    .event_i
  );

  cw_interrupts #(
    .W(W), .Functions(Functions),
    .MsixVectors(MsixVectors), .TableOffset(TableOffset), .PbaOffset(PbaOffset)
  ) u_interrupts (
    .clk_i, .rst_i, .fn_rst_i,
    .state_i, .irq_i, .dma_irq_i(dma_irq), .level_i(level),
    .reg_valid_i(msix_valid), .reg_pba_i(msix_pba), .reg_req_i,
    .reg_ready_o(msix_ready), .reg_rdata_o(msix_rdata),
    .msi_pending_o, .intx_status_o, .intx_o,
    .wr_beat_o(wr_beat_o[WrMsix]), .wr_data_o(wr_data_o[WrMsix]),
    .wr_valid_o(wr_valid_o[WrMsix]), .wr_ready_i(wr_ready_i[WrMsix])
  );

  cw_dma #(
    .W(W), .Channels(Channels), .Kinds(Kinds), .CardMemBytes(CardMemBytes),
    .StreamBufBytes(StreamBufBytes), .DescSlots(DescSlots), .AxiCard(AxiCard)
  ) u_dma (
    .clk_i, .rst_i, .flush_i(fn_rst_i[0]),
    .ctl_i(dma_ctl), .sta_o(dma_sta), .irq_chan_o(irq_chan), .irq_valid_o(irq_valid),
    .max_payload_i(state_i[0].max_payload), .max_read_i(state_i[0].max_read_request),
    .others_i(others),
    .rd_req_o, .rd_valid_o, .rd_ready_i, .rsp_i, .rsp_data_i, .rsp_valid_i, .rsp_ready_o,
    .wr_beat_o(wr_beat_o[WrData:WrRecord]), .wr_data_o(wr_data_o[WrData:WrRecord]),
    .wr_valid_o(wr_valid_o[WrData:WrRecord]), .wr_ready_i(wr_ready_i[WrData:WrRecord]),
    .cm_wr_valid_o(dma_wr_valid), .cm_wr_ready_i(dma_wr_ready), .cm_wr_addr_o(dma_wr_addr),
    .cm_wr_data_o(dma_wr_data), .cm_wr_strb_o(dma_wr_strb),
    .cm_rd_valid_o(dma_rd_valid), .cm_rd_ready_i(dma_rd_ready), .cm_rd_addr_o(dma_rd_addr),
    .cm_rd_rvalid_i(dma_rvalid), .cm_rd_rdata_i(dma_rdata),
    .axi_o, .axi_wdata_o, .axi_wstrb_o, .axi_i, .axi_rdata_i,
    .h2s_data_o, .h2s_keep_o, .h2s_o, .h2s_valid_o, .h2s_ready_i,
    .s2h_data_i, .s2h_keep_i, .s2h_i, .s2h_valid_i, .s2h_ready_o
  );

  cw_card_atomic #(.W(W)) u_atomic (
    .clk_i, .rst_i,
    .req_i(atomic_req_i), .rsp_o(atomic_rsp_o), .lock_o(at_lock),
    .cm_wr_valid_o(at_wr_valid), .cm_wr_ready_i(at_wr_ready), .cm_wr_addr_o(at_wr_addr),
    .cm_wr_data_o(at_wr_data), .cm_wr_strb_o(at_wr_strb),
    .cm_rd_valid_o(at_rd_valid), .cm_rd_ready_i(at_rd_ready), .cm_rd_addr_o(at_rd_addr),
    .cm_rd_rvalid_i(at_rvalid), .cm_rd_rdata_i(at_rdata)
  );

  // Client 0 is the DMA engine, client 1 the host, client 2 the host's AtomicOps.
  cw_card_mem #(.W(W), .Bytes(CardMemBytes)) u_card_mem (
    .clk_i,
    .rst_i,
    .lock_i     ({at_lock, 2'b00}),
    .wr_valid_i ({at_wr_valid, cm_wr_valid_i, dma_wr_valid}),
    .wr_ready_o ({at_wr_ready, cm_wr_ready_o, dma_wr_ready}),
    .wr_addr_i  ({at_wr_addr, cm_wr_addr_i, dma_wr_addr}),
    .wr_data_i  ({at_wr_data, cm_wr_data_i, dma_wr_data}),
    .wr_strb_i  ({at_wr_strb, cm_wr_strb_i, dma_wr_strb}),
    .rd_valid_i ({at_rd_valid, cm_rd_valid_i, dma_rd_valid}),
    .rd_ready_o ({at_rd_ready, cm_rd_ready_o, dma_rd_ready}),
    .rd_addr_i  ({at_rd_addr, cm_rd_addr_i, dma_rd_addr}),
    .rd_rvalid_o({at_rvalid, cm_rd_rvalid_o, dma_rvalid}),
    .rd_rdata_o ({at_rdata, cm_rd_rdata_o, dma_rdata})
  );

  `CW_ASSERT(OneOwnerOfAnAccess, !(block_valid && msix_valid))

endmodule
