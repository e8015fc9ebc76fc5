// SPDX-License-Identifier: Apache-2.0
//
// A whole endpoint: the transaction-layer port, the completer that answers requests, configuration
// space, and the device that issues requests. Composition only. Spec: PCIe Base 1.3.2.
`include "cw_assert.svh"
module cw_endpoint
  import cw_tlp_pkg::*, cw_endpoint_pkg::*, cw_cfg_pkg::*, cw_completer_pkg::device_bars,
         cw_completer_pkg::holds_msix, cw_dma_pkg::kinds_t, cw_dma_pkg::stream_ports;
#(
  parameter int unsigned W             = 256,    // bits of a beat
  parameter int unsigned CardMemBytes  = 65536,  // behind BAR2
  parameter int unsigned MsixVectors   = 8,
  parameter int unsigned Functions     = 1,      // 1 to 8; the card is function 0
  parameter bit          PlainCard     = 1'b0,   // no BAR of I/O, nor of the user, in function 0
  parameter int unsigned MsixTableBir  = 0,      // which BAR of function 0 holds the table
  parameter logic [31:0] MsixTableOffset = msix_table_offset(MsixVectors, MsixTableBir),
  parameter int unsigned MsixPbaBir    = MsixTableBir,  // and the pending bits
  parameter logic [31:0] MsixPbaOffset = msix_pba_offset(MsixVectors, MsixTableBir, MsixPbaBir),
  parameter bar_cfg_t [MaxFunctions-1:0][5:0] Bars = device_bars(
      $clog2(CardMemBytes), MsixVectors, PlainCard, MsixTableBir, MsixPbaBir),
  parameter int unsigned Channels      = 6,      // of DMA, 1 to 16
  parameter kinds_t      Kinds         = cw_dma_pkg::every_kind(),
  parameter int unsigned StreamBufBytes = 8192,  // of each stream of the DMA engine
  parameter int unsigned DescSlots      = 64,    // descriptors read ahead, of each channel
  parameter bit          AxiCard       = 1'b1,   // the DMA engine has memory behind AXI4
  parameter int unsigned RomLog2       = 16,     // expansion ROM of function 0, bytes; 0: none
  parameter int unsigned Tags          = 32,     // reads of host memory in flight
  parameter int unsigned CplBufBytes   = 16384,  // reserved before a read leaves
  parameter int unsigned TimeoutCycles = 65536,  // completion timeout of the default range
  parameter bit          CreditCheck   = 1'b0,   // TLPs beyond the credits are errors, else wait
  parameter int unsigned BuildId       = 0,      // shown by the Vendor-Specific capability
  parameter logic [63:0] SerialNumber  = cw_cfg_ext_pkg::SerialNumberExample,
  localparam int unsigned Outs         = stream_ports(Kinds, cw_dma_pkg::H2s, Channels),
  localparam int unsigned Ins          = stream_ports(Kinds, cw_dma_pkg::S2h, Channels)
) (
  input  logic              clk_i,
  input  logic              rst_i,        // fundamental reset
  input  logic              hot_reset_i,  // link down: of everything but sticky registers

  // From the link, and the credits granted to the partner
  input  tlp_ctl_t          rx_ctl_i,
  input  logic [W-1:0]      rx_data_i,
  input  logic              rx_valid_i,
  output logic              rx_ready_o,
  output cw_port_pkg::fc_t  rx_fc_o,

  // To the link, and the credits of the partner
  output tlp_ctl_t          tx_ctl_o,
  output logic [W-1:0]      tx_data_o,
  output logic              tx_valid_o,
  input  logic              tx_ready_i,
  input  cw_port_pkg::fc_t  tx_fc_i,

  // The user's registers and memory, behind the BARs that name them
  output cw_axi_pkg::axil_drive_t axil_o,
  input  cw_axi_pkg::axil_sense_t axil_i,
  output cw_axi_pkg::axi_drive_t  axi_o,
  output logic [W-1:0]            axi_wdata_o,
  output logic [W/8-1:0]          axi_wstrb_o,
  input  cw_axi_pkg::axi_sense_t  axi_i,
  input  logic [W-1:0]            axi_rdata_i,

  // The DMA engine's memory behind AXI4, and its streams
  output cw_axi_pkg::axi_drive_t  dma_axi_o,
  output logic [W-1:0]            dma_axi_wdata_o,
  output logic [W/8-1:0]          dma_axi_wstrb_o,
  input  cw_axi_pkg::axi_sense_t  dma_axi_i,
  input  logic [W-1:0]            dma_axi_rdata_i,
  output logic [Outs-1:0][W-1:0]        h2s_data_o,
  output logic [Outs-1:0][W/8-1:0]      h2s_keep_o,
  output cw_axi_pkg::axis_t [Outs-1:0]  h2s_o,
  output logic [Outs-1:0]               h2s_valid_o,
  input  logic [Outs-1:0]               h2s_ready_i,
  input  logic [Ins-1:0][W-1:0]         s2h_data_i,
  input  logic [Ins-1:0][W/8-1:0]       s2h_keep_i,
  input  cw_axi_pkg::axis_t [Ins-1:0]   s2h_i,
  input  logic [Ins-1:0]                s2h_valid_i,
  output logic [Ins-1:0]                s2h_ready_o,

  // The user's logic: interrupt lines as cw_interrupts says, wake-up requests, one clock each, and
  // the latencies that it tolerates now
  input  logic [Functions-1:0][MaxMsiVectors-1:0] irq_i,
  input  logic [Functions-1:0]                    pme_i,
  input  cw_msg_pkg::ltr_t                        ltr_i
);

  localparam cw_cfg_ext_pkg::build_t Build = '{
      tags: 10'(Tags), card_mem_log2: 6'($clog2(CardMemBytes)), msix_vectors: 12'(MsixVectors),
      dma_channels: Channels > 15 ? 4'd15 : 4'(Channels), width_log2: 4'($clog2(W)), id: BuildId,
      default: '0};

  logic rst;
  assign rst = rst_i || hot_reset_i;
  // Channels of the port: requests and completions in, out
  tlp_ctl_t     in_p_ctl, in_np_ctl, in_cpl_ctl, out_p_ctl, out_np_ctl, out_cpl_ctl;
  logic [W-1:0] in_p_data, in_np_data, in_cpl_data, out_p_data, out_np_data, out_cpl_data;
  logic         in_p_valid, in_np_valid, in_cpl_valid, out_p_valid, out_np_valid, out_cpl_valid;
  logic         in_p_ready, in_np_ready, in_cpl_ready, out_p_ready, out_np_ready, out_cpl_ready;
  logic         np_left, malformed, ecrc_error, overflow;
  logic [9:0]   np_left_tag;
  tlp_hdr_t     dropped_hdr;
  logic         dropped_prefix_valid;
  logic [31:0]  dropped_prefix;

  // Configuration space and register bus
  cfg_state_t [Functions-1:0] state;
  port_ctl_t                  port_ctl;
  cfg_event_t [Functions-1:0] events;
  error_report_t              port_report, p_report, np_report, requester_report;
  msg_seen_t                  msg_seen;
  cfg_hdr_t     cfg_hdr;
  cw_cfg_ext_pkg::ltr_t       ltr_max;
  logic [Functions-1:0]       stop, fn_rst, np_drop;  // function-level reset
  cpl_status_e  cfg_status;
  cw_cfg_pkg::error_message_t [Functions-1:0] messages;
  logic [Functions-1:0]                       intx_pending;
  logic [Functions-1:0][MaxMsiVectors-1:0]    msi_pending;
  reg_req_t     reg_req;
  logic [31:0]  cfg_wdata, cfg_rdata, reg_rdata;
  logic         cfg_valid, cfg_ready, cfg_done, busy, reg_valid, reg_ready;

  // Card memory, as the host uses it
  logic           cm_wr_valid, cm_wr_ready, cm_rd_valid, cm_rd_ready, cm_rvalid;
  logic [31:0]    cm_wr_addr, cm_rd_addr;
  logic [W-1:0]   cm_wr_data, cm_rdata;
  logic [W/8-1:0] cm_wr_strb;
  cw_atomic_pkg::atomic_req_t atomic_req;
  cw_atomic_pkg::atomic_rsp_t atomic_rsp;

  // What the port drops may be meant for anybody.
  assign port_report = '{
      functions: '1, 
      kinds: '{malformed: malformed, ecrc_error: ecrc_error, overflow: overflow, default: '0},
      hdr: dropped_hdr, prefix_valid: dropped_prefix_valid, prefix: dropped_prefix};

  cw_port #(.W(W), .CplHdrs(CplBufBytes / 64), .CreditCheck(CreditCheck)) u_port (
    .clk_i, .rst_i(rst),
    .max_payload_i  (port_ctl.max_payload),
    .ecrc_check_i   (port_ctl.ecrc_check),
    .ecrc_generate_i(port_ctl.ecrc_generate),
    .np_hold_i(port_ctl.np_hold), .np_drop_i(MaxFunctions'(np_drop)),
    .rx_ctl_i, .rx_data_i, .rx_valid_i, .rx_ready_o, .rx_fc_o,
    .tx_ctl_o, .tx_data_o, .tx_valid_o, .tx_ready_i, .tx_fc_i,
    .np_left_o(np_left), .np_left_tag_o(np_left_tag),
    .in_p_ctl_o(in_p_ctl), .in_p_data_o(in_p_data),
    .in_p_valid_o(in_p_valid), .in_p_ready_i(in_p_ready),
    .in_np_ctl_o(in_np_ctl), .in_np_data_o(in_np_data),
    .in_np_valid_o(in_np_valid), .in_np_ready_i(in_np_ready),
    .in_cpl_ctl_o(in_cpl_ctl), .in_cpl_data_o(in_cpl_data),
    .in_cpl_valid_o(in_cpl_valid), .in_cpl_ready_i(in_cpl_ready),
    .out_p_ctl_i(out_p_ctl), .out_p_data_i(out_p_data),
    .out_p_valid_i(out_p_valid), .out_p_ready_o(out_p_ready),
    .out_np_ctl_i(out_np_ctl), .out_np_data_i(out_np_data),
    .out_np_valid_i(out_np_valid), .out_np_ready_o(out_np_ready),
    .out_cpl_ctl_i(out_cpl_ctl), .out_cpl_data_i(out_cpl_data),
    .out_cpl_valid_i(out_cpl_valid), .out_cpl_ready_o(out_cpl_ready),
    .malformed_o(malformed), .ecrc_error_o(ecrc_error), .overflow_o(overflow),
    .dropped_hdr_o(dropped_hdr), .dropped_prefix_valid_o(dropped_prefix_valid),
    .dropped_prefix_o(dropped_prefix)
  );

  cw_completer #(
    .W(W), .Functions(Functions), .CardMemBytes(CardMemBytes), .Bars(Bars), .RomLog2(RomLog2)
  ) u_completer (
    .clk_i, .rst_i(rst),
    .state_i(state), .p_report_o(p_report), .np_report_o(np_report), .msg_seen_o(msg_seen),
    .p_ctl_i(in_p_ctl), .p_data_i(in_p_data), .p_valid_i(in_p_valid), .p_ready_o(in_p_ready),
    .np_ctl_i(in_np_ctl), .np_data_i(in_np_data),
    .np_valid_i(in_np_valid), .np_ready_o(in_np_ready),
    .cpl_ctl_o(out_cpl_ctl), .cpl_data_o(out_cpl_data),
    .cpl_valid_o(out_cpl_valid), .cpl_ready_i(out_cpl_ready),
    .reg_valid_o(reg_valid), .reg_req_o(reg_req), .reg_ready_i(reg_ready),
    .reg_rdata_i(reg_rdata), .reg_error_i(1'b0),
    .cm_wr_valid_o(cm_wr_valid), .cm_wr_ready_i(cm_wr_ready), .cm_wr_addr_o(cm_wr_addr),
    .cm_wr_data_o(cm_wr_data), .cm_wr_strb_o(cm_wr_strb),
    .cm_rd_valid_o(cm_rd_valid), .cm_rd_ready_i(cm_rd_ready), .cm_rd_addr_o(cm_rd_addr),
    .cm_rd_rvalid_i(cm_rvalid), .cm_rd_rdata_i(cm_rdata),
    .axil_o, .axil_i, .axi_o, .axi_wdata_o, .axi_wstrb_o, .axi_i, .axi_rdata_i,
    .atomic_req_o(atomic_req), .atomic_rsp_i(atomic_rsp),
    .cfg_hdr_o(cfg_hdr), .cfg_wdata_o(cfg_wdata), .cfg_valid_o(cfg_valid),
    .cfg_ready_i(cfg_ready), .cfg_rdata_i(cfg_rdata), .cfg_status_i(cfg_status),
    .cfg_done_i(cfg_done)
  );

  cw_functions #(
    .Functions(Functions), .Bars(Bars), .RomLog2(RomLog2), .MsixVectors(MsixVectors), .Build(Build),
    .SerialNumber(SerialNumber),
    .MsixTableBir(3'(MsixTableBir)), .MsixTableOffset(MsixTableOffset),
    .MsixPbaBir(3'(MsixPbaBir)), .MsixPbaOffset(MsixPbaOffset),
    .Sources(4), .Posted('b0010)
  ) u_functions (
    .clk_i, .rst_i(rst),
    .cold_rst_i(rst_i), .fn_rst_i(fn_rst), .resetting_i(stop),
    .cfg_hdr_i(cfg_hdr), .cfg_wdata_i(cfg_wdata), .cfg_valid_i(cfg_valid),
    .cfg_ready_o(cfg_ready), .cfg_rdata_o(cfg_rdata), .cfg_status_o(cfg_status),
    .cfg_done_o(cfg_done), .state_o(state),
    .report_i({requester_report, np_report, p_report, port_report}),
    .event_o(events), .message_o(messages),
    .pme_i, .busy_i(Functions'(busy)),  // the card alone has requests
    .intx_pending_i(intx_pending), .msi_pending_i(msi_pending), .msg_seen_i(msg_seen),
    .port_ctl_o(port_ctl), .ltr_max_o(ltr_max)
  );

  cw_device #(
    .W(W), .CardMemBytes(CardMemBytes), .MsixVectors(MsixVectors), .Functions(Functions),
    .Channels(Channels), .Kinds(Kinds), .StreamBufBytes(StreamBufBytes), .DescSlots(DescSlots),
    .AxiCard(AxiCard),
    .TableBir(MsixTableBir), .TableOffset(MsixTableOffset),
    .PbaBir(MsixPbaBir), .PbaOffset(MsixPbaOffset),
    .Tags(Tags), .CplBufBytes(CplBufBytes), .TimeoutCycles(TimeoutCycles)
  ) u_device (
    .clk_i, .rst_i(rst),
    .state_i(state), .event_i(events[0]), .report_o(requester_report), .busy_o(busy),
    .msi_pending_o(msi_pending), .intx_status_o(intx_pending), .stop_o(stop), .fn_rst_o(fn_rst),
    .np_drop_o(np_drop),
    .irq_i, .error_i(messages), .turn_off_i(msg_seen.pme_turn_off), .ltr_i, .ltr_max_i(ltr_max),
    .reg_valid_i(reg_valid), .reg_req_i(reg_req), .reg_ready_o(reg_ready), .reg_rdata_o(reg_rdata),
    .cm_wr_valid_i(cm_wr_valid), .cm_wr_ready_o(cm_wr_ready), .cm_wr_addr_i(cm_wr_addr),
    .cm_wr_data_i(cm_wr_data), .cm_wr_strb_i(cm_wr_strb),
    .cm_rd_valid_i(cm_rd_valid), .cm_rd_ready_o(cm_rd_ready), .cm_rd_addr_i(cm_rd_addr),
    .cm_rd_rvalid_o(cm_rvalid), .cm_rd_rdata_o(cm_rdata),
    .atomic_req_i(atomic_req), .atomic_rsp_o(atomic_rsp), .others_i(out_cpl_valid),
    .p_ctl_o(out_p_ctl), .p_data_o(out_p_data), .p_valid_o(out_p_valid), .p_ready_i(out_p_ready),
    .np_ctl_o(out_np_ctl), .np_data_o(out_np_data),
    .np_valid_o(out_np_valid), .np_ready_i(out_np_ready),
    .np_left_i(np_left), .np_left_tag_i(np_left_tag),
    .cpl_ctl_i(in_cpl_ctl), .cpl_data_i(in_cpl_data),
    .cpl_valid_i(in_cpl_valid), .cpl_ready_o(in_cpl_ready),
    .axi_o(dma_axi_o), .axi_wdata_o(dma_axi_wdata_o), .axi_wstrb_o(dma_axi_wstrb_o),
    .axi_i(dma_axi_i), .axi_rdata_i(dma_axi_rdata_i),
    .h2s_data_o, .h2s_keep_o, .h2s_o, .h2s_valid_o, .h2s_ready_i,
    .s2h_data_i, .s2h_keep_i, .s2h_i, .s2h_valid_i, .s2h_ready_o
  );

  logic unused;
  assign unused = &{1'b0, events};

  `CW_REQUIRE(holds_msix(Bars[0], MsixTableBir, MsixTableOffset, msix_table_bytes(MsixVectors))
      && holds_msix(Bars[0], MsixPbaBir, MsixPbaOffset, msix_pba_bytes(MsixVectors)),
      "table and pending bits of MSI-X lie inside register BARs of memory")

endmodule
