// SPDX-License-Identifier: Apache-2.0
//
// All of an endpoint that asks, and what it asks for: the card, its requester, and the messages of
// all functions joined to its posted requests. Composition only.
`include "cw_assert.svh"
module cw_device
  import cw_axi_pkg::*, cw_cfg_pkg::*, cw_dma_pkg::*, cw_endpoint_pkg::*, cw_tlp_pkg::*;
#(
  parameter  int unsigned W              = 256,     // bits of a beat
  parameter  int unsigned CardMemBytes   = 65536,   // behind BAR2
  parameter  int unsigned Channels       = 6,       // of DMA
  parameter  kinds_t      Kinds          = every_kind(),
  parameter  int unsigned StreamBufBytes = 8192,    // of each stream
  parameter  int unsigned DescSlots      = 64,      // descriptors read ahead, of each channel
  parameter  bit          AxiCard        = 1'b1,    // there is memory behind the AXI4 port
  parameter  int unsigned MsixVectors    = 8,
  parameter  int unsigned Functions      = 1,
  parameter  int unsigned TableBir       = 0,       // MSI-X: which BAR, and bytes from its start
  parameter  logic [31:0] TableOffset    = msix_table_offset(MsixVectors, TableBir),
  parameter  int unsigned PbaBir         = 0,
  parameter  logic [31:0] PbaOffset      = msix_pba_offset(MsixVectors, TableBir, PbaBir),
  parameter  int unsigned Tags           = 32,      // reads of host memory in flight
  parameter  int unsigned CplBufBytes    = 16384,   // reserved before a read leaves
  parameter  int unsigned TimeoutCycles  = 65536,   // completion timeout of the default range
  localparam int unsigned Outs           = stream_ports(Kinds, H2s, Channels),
  localparam int unsigned Ins            = stream_ports(Kinds, S2h, Channels)
) (
  input  logic                                    clk_i,
  input  logic                                    rst_i,

  // Configuration space: registers; what it is told of; function-level resets
  input  cfg_state_t [Functions-1:0]              state_i,
  input  cfg_event_t                              event_i,    // of function 0, for a register
  output error_report_t                           report_o,
  output logic                                    busy_o,     // Transactions Pending of function 0
  output logic [Functions-1:0][MaxMsiVectors-1:0] msi_pending_o,
  output logic [Functions-1:0]                    intx_status_o,
  output logic [Functions-1:0]                    stop_o,
  output logic [Functions-1:0]                    fn_rst_o,
  output logic [Functions-1:0]                    np_drop_o,

  // What there is to tell: the user's lines; by messages
  input  logic [Functions-1:0][MaxMsiVectors-1:0] irq_i,
  input  error_message_t [Functions-1:0]          error_i,
  input  logic                                    turn_off_i,
  input  cw_msg_pkg::ltr_t                        ltr_i,
  input  cw_msg_pkg::ltr_t                        ltr_max_i,

  // What the host asks of the card: registers, memory, AtomicOps; completions of it wait to leave
  input  logic                                    reg_valid_i,
  input  reg_req_t                                reg_req_i,
  output logic                                    reg_ready_o,
  output logic [31:0]                             reg_rdata_o,
  input  logic                                    cm_wr_valid_i,
  output logic                                    cm_wr_ready_o,
  input  logic [31:0]                             cm_wr_addr_i,
  input  logic [W-1:0]                            cm_wr_data_i,
  input  logic [W/8-1:0]                          cm_wr_strb_i,
  input  logic                                    cm_rd_valid_i,
  output logic                                    cm_rd_ready_o,
  input  logic [31:0]                             cm_rd_addr_i,
  output logic                                    cm_rd_rvalid_o,
  output logic [W-1:0]                            cm_rd_rdata_o,
  input  cw_atomic_pkg::atomic_req_t              atomic_req_i,
  output cw_atomic_pkg::atomic_rsp_t              atomic_rsp_o,
  input  logic                                    others_i,

  // Port: requests out, completions in, requests that leave the port
  output tlp_ctl_t                                p_ctl_o,
  output logic [W-1:0]                            p_data_o,
  output logic                                    p_valid_o,
  input  logic                                    p_ready_i,
  output tlp_ctl_t                                np_ctl_o,
  output logic [W-1:0]                            np_data_o,
  output logic                                    np_valid_o,
  input  logic                                    np_ready_i,
  input  logic                                    np_left_i,
  input  logic [9:0]                              np_left_tag_i,
  input  tlp_ctl_t                                cpl_ctl_i,
  input  logic [W-1:0]                            cpl_data_i,
  input  logic                                    cpl_valid_i,
  output logic                                    cpl_ready_o,

  // DMA: card memory behind AXI4, streams
  output axi_drive_t                              axi_o,
  output logic [W-1:0]                            axi_wdata_o,
  output logic [W/8-1:0]                          axi_wstrb_o,
  input  axi_sense_t                              axi_i,
  input  logic [W-1:0]                            axi_rdata_i,
  output logic [Outs-1:0][W-1:0]                  h2s_data_o,
  output logic [Outs-1:0][W/8-1:0]                h2s_keep_o,
  output axis_t [Outs-1:0]                        h2s_o,
  output logic [Outs-1:0]                         h2s_valid_o,
  input  logic [Outs-1:0]                         h2s_ready_i,
  input  logic [Ins-1:0][W-1:0]                   s2h_data_i,
  input  logic [Ins-1:0][W/8-1:0]                 s2h_keep_i,
  input  axis_t [Ins-1:0]                         s2h_i,
  input  logic [Ins-1:0]                          s2h_valid_i,
  output logic [Ins-1:0]                          s2h_ready_o
);

  // Host memory, as the card uses it
  rd_req_t  [NumRdClients-1:0]        rd_req;
  logic     [NumRdClients-1:0]        rd_valid, rd_ready;
  rd_rsp_t                            rsp;
  logic     [W-1:0]                   rsp_data;
  logic                               rsp_valid, rsp_ready;
  wr_beat_t [NumWrClients-1:0]        wr_beat;
  logic     [NumWrClients-1:0][W-1:0] wr_data;
  logic     [NumWrClients-1:0]        wr_valid, wr_ready;

  // Posted requests of the requester, before messages join them; the wires that they tell of
  tlp_ctl_t           own_p_ctl;
  logic [W-1:0]       own_p_data;
  logic               own_p_valid, own_p_ready;
  logic [NumIntx-1:0] intx;

  cw_card #(
    .W(W), .CardMemBytes(CardMemBytes), .MsixVectors(MsixVectors), .Functions(Functions),
    .Channels(Channels), .Kinds(Kinds), .StreamBufBytes(StreamBufBytes), .DescSlots(DescSlots),
    .AxiCard(AxiCard),
    .TableBir(TableBir), .TableOffset(TableOffset), .PbaBir(PbaBir), .PbaOffset(PbaOffset)
  ) u_card (
    .clk_i, .rst_i,
    .fn_rst_i(fn_rst_o), .state_i, .event_i,
    .irq_i, .msi_pending_o, .intx_status_o, .intx_o(intx),
    .reg_valid_i, .reg_req_i, .reg_ready_o, .reg_rdata_o,
    .cm_wr_valid_i, .cm_wr_ready_o, .cm_wr_addr_i, .cm_wr_data_i, .cm_wr_strb_i,
    .cm_rd_valid_i, .cm_rd_ready_o, .cm_rd_addr_i, .cm_rd_rvalid_o, .cm_rd_rdata_o,
    .atomic_req_i, .atomic_rsp_o,
    .rd_req_o(rd_req), .rd_valid_o(rd_valid), .rd_ready_i(rd_ready),
    .rsp_i(rsp), .rsp_data_i(rsp_data), .rsp_valid_i(rsp_valid), .rsp_ready_o(rsp_ready),
    .wr_beat_o(wr_beat), .wr_data_o(wr_data), .wr_valid_o(wr_valid), .wr_ready_i(wr_ready),
    .others_i,
    .axi_o, .axi_wdata_o, .axi_wstrb_o, .axi_i, .axi_rdata_i,
    .h2s_data_o, .h2s_keep_o, .h2s_o, .h2s_valid_o, .h2s_ready_i,
    .s2h_data_i, .s2h_keep_i, .s2h_i, .s2h_valid_i, .s2h_ready_o
  );

  cw_requester #(
    .W(W), .Functions(Functions), .Tags(Tags), .CplBufBytes(CplBufBytes),
    .TimeoutCycles(TimeoutCycles)
  ) u_requester (
    .clk_i, .rst_i,
    .rd_req_i(rd_req), .rd_valid_i(rd_valid), .rd_ready_o(rd_ready),
    .rsp_o(rsp), .rsp_data_o(rsp_data), .rsp_valid_o(rsp_valid), .rsp_ready_i(rsp_ready),
    .wr_beat_i(wr_beat), .wr_data_i(wr_data), .wr_valid_i(wr_valid), .wr_ready_o(wr_ready),
    .p_ctl_o(own_p_ctl), .p_data_o(own_p_data), .p_valid_o(own_p_valid), .p_ready_i(own_p_ready),
    .np_ctl_o, .np_data_o, .np_valid_o, .np_ready_i, .np_left_i, .np_left_tag_i,
    .cpl_ctl_i, .cpl_data_i, .cpl_valid_i, .cpl_ready_o,
    .state_i, .stop_o, .fn_rst_o, .np_drop_o, .report_o, .busy_o
  );

  cw_messages #(.W(W), .Functions(Functions), .TickCycles(TimeoutCycles)) u_messages (
    .clk_i, .rst_i, .fn_rst_i(fn_rst_o),
    .state_i, .error_i, .intx_i(intx), .turn_off_i, .ltr_i, .ltr_max_i,
    .p_ctl_i(own_p_ctl), .p_data_i(own_p_data), .p_valid_i(own_p_valid), .p_ready_o(own_p_ready),
    .p_ctl_o, .p_data_o, .p_valid_o, .p_ready_i
  );

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")
  `CW_ASSERT_HELD(RequestHeld, np_valid_o, np_ready_i, np_ctl_o)
  `CW_ASSERT(OneFunctionAsks, !np_valid_o || !np_ctl_o.prefix_valid)

endmodule
