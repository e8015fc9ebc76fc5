// SPDX-License-Identifier: Apache-2.0
//
// The endpoint with flat ports, as a board wrapper or a foreign testbench instantiates it. A tester
// that counts no credits ties every tx_fc_*_infinite high and looks at rx_tlp_ready only.
// Spec: PCIe Base 2.2 (headers in wire order), 2.6.1 (credits, counted modulo 4096 from reset).
`include "cw_assert.svh"
module cw_endpoint_top #(
  parameter int unsigned W             = 256,    // bits of a beat: 64, 128, 256 or 512
  parameter int unsigned CardMemBytes  = 65536,  // behind BAR2, a power of two
  parameter int unsigned MsixVectors   = 8,
  parameter int unsigned Functions     = 1,      // 1 to 8; the card is function 0
  parameter int unsigned MsixTableBir  = 0,      // which BAR of function 0 holds the table
  parameter logic [31:0] MsixTableOffset =
      cw_endpoint_pkg::msix_table_offset(MsixVectors, MsixTableBir),
  parameter int unsigned MsixPbaBir    = MsixTableBir,  // and the pending bits
  parameter logic [31:0] MsixPbaOffset =
      cw_endpoint_pkg::msix_pba_offset(MsixVectors, MsixTableBir, MsixPbaBir),
  parameter cw_cfg_pkg::bar_cfg_t [cw_cfg_pkg::MaxFunctions-1:0][5:0] Bars =
      cw_completer_pkg::device_bars(
          $clog2(CardMemBytes), MsixVectors, 1'b0, MsixTableBir, MsixPbaBir),
  parameter int unsigned Channels      = 6,      // of DMA, 1 to 16
  parameter cw_dma_pkg::kinds_t Kinds  = cw_dma_pkg::every_kind(),
  parameter int unsigned StreamBufBytes = 8192,  // of each stream of the DMA engine
  parameter int unsigned DescSlots      = 64,    // descriptors read ahead, of each channel
  parameter bit          AxiCard       = 1'b1,   // the DMA engine has memory behind AXI4
  parameter int unsigned RomLog2       = 16,     // expansion ROM of function 0, bytes; 0: none
  parameter int unsigned TimeoutCycles = 65536,  // completion timeout of the default range
  parameter bit          CreditCheck   = 1'b0,   // TLPs beyond the credits are errors, else wait
  parameter int unsigned BuildId       = 0,      // shown by the Vendor-Specific capability
  parameter logic [63:0] SerialNumber  = cw_cfg_ext_pkg::SerialNumberExample,
  localparam int unsigned Outs = cw_dma_pkg::stream_ports(Kinds, cw_dma_pkg::H2s, Channels),
  localparam int unsigned Ins  = cw_dma_pkg::stream_ports(Kinds, cw_dma_pkg::S2h, Channels)
) (
  input  logic            clk,
  input  logic            rst,
  input  logic            hot_reset,            // link down: everything but sticky registers

  // TLPs to the endpoint
  input  logic [W-1:0]    rx_tlp_data,          // payload, dword 0 in lane 0 of the first beat
  input  logic [W/32-1:0] rx_tlp_strb,          // dwords of the beat that are payload
  input  logic [127:0]    rx_tlp_hdr,           // with sop; DW0 in [127:96]
  input  logic [31:0]     rx_tlp_prefix,
  input  logic            rx_tlp_prefix_valid,
  input  logic [31:0]     rx_tlp_digest,        // with eop, if the header has TD: ECRC, wire order
  input  logic            rx_tlp_error,         // with eop: the TLP is given up
  input  logic            rx_tlp_sop,
  input  logic            rx_tlp_eop,
  input  logic            rx_tlp_valid,
  output logic            rx_tlp_ready,

  // TLPs from the endpoint
  output logic [W-1:0]    tx_tlp_data,          // payload, dword 0 in lane 0 of the first beat
  output logic [W/32-1:0] tx_tlp_strb,          // dwords of the beat that are payload
  output logic [127:0]    tx_tlp_hdr,           // with sop; DW0 in [127:96]
  output logic [31:0]     tx_tlp_prefix,
  output logic            tx_tlp_prefix_valid,
  output logic [31:0]     tx_tlp_digest,        // with eop, if the header has TD: ECRC, wire order
  output logic            tx_tlp_error,         // with eop: the TLP is given up
  output logic            tx_tlp_sop,
  output logic            tx_tlp_eop,
  output logic            tx_tlp_valid,
  input  logic            tx_tlp_ready,

  // CREDIT_LIMIT of the partner: headers and data of posted, non-posted and completions
  input  logic [11:0]     tx_fc_ph_limit, tx_fc_nph_limit, tx_fc_cplh_limit,
  input  logic [11:0]     tx_fc_pd_limit, tx_fc_npd_limit, tx_fc_cpld_limit,
  input  logic            tx_fc_ph_infinite, tx_fc_nph_infinite, tx_fc_cplh_infinite,
  input  logic            tx_fc_pd_infinite, tx_fc_npd_infinite, tx_fc_cpld_infinite,

  // CREDITS_ALLOCATED by the endpoint
  output logic [11:0]     rx_fc_ph_limit, rx_fc_nph_limit, rx_fc_cplh_limit,
  output logic [11:0]     rx_fc_pd_limit, rx_fc_npd_limit, rx_fc_cpld_limit,
  output logic            rx_fc_ph_infinite, rx_fc_nph_infinite, rx_fc_cplh_infinite,
  output logic            rx_fc_pd_infinite, rx_fc_npd_infinite, rx_fc_cpld_infinite,

  // The user's registers (AXI4-Lite): addresses are offsets in the BAR, AxUSER is the BAR in [5:3]
  // and the function in [2:0]
  output logic [31:0]     m_axil_awaddr, m_axil_araddr,
  output logic [2:0]      m_axil_awprot, m_axil_arprot,
  output logic [5:0]      m_axil_awuser, m_axil_aruser,
  output logic [31:0]     m_axil_wdata,
  output logic [3:0]      m_axil_wstrb,
  output logic            m_axil_awvalid, m_axil_wvalid, m_axil_bready,
  output logic            m_axil_arvalid, m_axil_rready,
  input  logic [1:0]      m_axil_bresp, m_axil_rresp,
  input  logic [31:0]     m_axil_rdata,
  input  logic            m_axil_awready, m_axil_wready, m_axil_bvalid,
  input  logic            m_axil_arready, m_axil_rvalid,

  // The user's memory (AXI4): the same addresses, whole beats
  output logic [3:0]      m_axi_awid, m_axi_arid,
  output logic [63:0]     m_axi_awaddr, m_axi_araddr,
  output logic [7:0]      m_axi_awlen, m_axi_arlen,
  output logic [2:0]      m_axi_awsize, m_axi_arsize, m_axi_awprot, m_axi_arprot,
  output logic [1:0]      m_axi_awburst, m_axi_arburst,
  output logic [5:0]      m_axi_awuser, m_axi_aruser,
  output logic [W-1:0]    m_axi_wdata,
  output logic [W/8-1:0]  m_axi_wstrb,
  output logic            m_axi_awvalid, m_axi_wlast, m_axi_wvalid, m_axi_bready,
  output logic            m_axi_arvalid, m_axi_rready,
  input  logic [3:0]      m_axi_bid, m_axi_rid,
  input  logic [1:0]      m_axi_bresp, m_axi_rresp,
  input  logic [W-1:0]    m_axi_rdata,
  input  logic            m_axi_awready, m_axi_wready, m_axi_bvalid,
  input  logic            m_axi_arready, m_axi_rlast, m_axi_rvalid,

  // The DMA engine's memory (AXI4): card addresses with bit 40 set, whole beats
  output logic [3:0]      m_axi_dma_awid, m_axi_dma_arid,
  output logic [63:0]     m_axi_dma_awaddr, m_axi_dma_araddr,
  output logic [7:0]      m_axi_dma_awlen, m_axi_dma_arlen,
  output logic [2:0]      m_axi_dma_awsize, m_axi_dma_arsize, m_axi_dma_awprot, m_axi_dma_arprot,
  output logic [1:0]      m_axi_dma_awburst, m_axi_dma_arburst,
  output logic [W-1:0]    m_axi_dma_wdata,
  output logic [W/8-1:0]  m_axi_dma_wstrb,
  output logic            m_axi_dma_awvalid, m_axi_dma_wlast, m_axi_dma_wvalid, m_axi_dma_bready,
  output logic            m_axi_dma_arvalid, m_axi_dma_rready,
  input  logic [3:0]      m_axi_dma_bid, m_axi_dma_rid,
  input  logic [1:0]      m_axi_dma_bresp, m_axi_dma_rresp,
  input  logic [W-1:0]    m_axi_dma_rdata,
  input  logic            m_axi_dma_awready, m_axi_dma_wready, m_axi_dma_bvalid,
  input  logic            m_axi_dma_arready, m_axi_dma_rlast, m_axi_dma_rvalid,

  // Streams of the DMA engine's H2s and of its S2h channels, the first channel's in the low bits
  output logic [Outs*W-1:0]   m_axis_tdata,
  output logic [Outs*W/8-1:0] m_axis_tkeep,
  output logic [Outs*8-1:0]   m_axis_tid, m_axis_tuser,
  output logic [Outs-1:0]     m_axis_tlast, m_axis_tvalid,
  input  logic [Outs-1:0]     m_axis_tready,
  input  logic [Ins*W-1:0]    s_axis_tdata,
  input  logic [Ins*W/8-1:0]  s_axis_tkeep,
  input  logic [Ins*8-1:0]    s_axis_tid, s_axis_tuser,
  input  logic [Ins-1:0]      s_axis_tlast, s_axis_tvalid,
  output logic [Ins-1:0]      s_axis_tready,

  // Interrupt lines of the user's logic, high as long as the condition holds: each rise is one
  // event for that vector of MSI-X or MSI, any high line is the level of INTx
  input  logic [Functions*32-1:0] user_irq,     // function 0 in [31:0]
  input  logic [Functions-1:0] user_pme,        // one clock: asks to be woken
  // What the user's logic tolerates now, as an LTR message says it: [15] requirement, [12:10]
  // scale, [9:0] value
  input  logic [15:0]     user_ltr_snoop,
  input  logic [15:0]     user_ltr_no_snoop
);

  cw_tlp_pkg::tlp_ctl_t rx_ctl, tx_ctl;
  cw_port_pkg::fc_t     rx_fc, tx_fc;

  assign rx_ctl = '{
    digest:       rx_tlp_digest,
    sop:          rx_tlp_sop,
    eop:          rx_tlp_eop,
    error:        rx_tlp_error,
    prefix_valid: rx_tlp_prefix_valid,
    prefix:       rx_tlp_prefix,
    strb:         16'(rx_tlp_strb),
    hdr:          rx_tlp_hdr
  };

  assign tx_tlp_digest       = tx_ctl.digest;
  assign {tx_tlp_sop, tx_tlp_eop, tx_tlp_error} = {tx_ctl.sop, tx_ctl.eop, tx_ctl.error};
  assign tx_tlp_prefix_valid = tx_ctl.prefix_valid;
  assign tx_tlp_prefix       = tx_ctl.prefix;
  assign tx_tlp_strb         = tx_ctl.strb[W/32-1:0];
  assign tx_tlp_hdr          = tx_ctl.hdr;

  assign tx_fc = {
    tx_fc_ph_infinite, tx_fc_ph_limit, tx_fc_pd_infinite, tx_fc_pd_limit,
    tx_fc_nph_infinite, tx_fc_nph_limit, tx_fc_npd_infinite, tx_fc_npd_limit,
    tx_fc_cplh_infinite, tx_fc_cplh_limit, tx_fc_cpld_infinite, tx_fc_cpld_limit
  };

  assign {
    rx_fc_ph_infinite, rx_fc_ph_limit, rx_fc_pd_infinite, rx_fc_pd_limit,
    rx_fc_nph_infinite, rx_fc_nph_limit, rx_fc_npd_infinite, rx_fc_npd_limit,
    rx_fc_cplh_infinite, rx_fc_cplh_limit, rx_fc_cpld_infinite, rx_fc_cpld_limit
  } = rx_fc;

  cw_axi_pkg::axil_drive_t axil_out;
  cw_axi_pkg::axil_sense_t axil_in;
  cw_axi_pkg::axi_drive_t  axi_out, dma_out;
  cw_axi_pkg::axi_sense_t  axi_in, dma_in;
  cw_axi_pkg::axi_user_t   no_awuser, no_aruser;  // no BAR leads to the DMA engine's memory
  cw_axi_pkg::axis_t [Outs-1:0] stream_out;
  cw_axi_pkg::axis_t [Ins-1:0]  stream_in;

  assign {m_axil_awaddr, m_axil_awuser, m_axil_awvalid, m_axil_wdata, m_axil_wstrb, m_axil_wvalid,
          m_axil_bready, m_axil_araddr, m_axil_aruser, m_axil_arvalid, m_axil_rready} = axil_out;
  assign axil_in = {m_axil_awready, m_axil_wready, m_axil_bresp, m_axil_bvalid, m_axil_arready,
                    m_axil_rdata, m_axil_rresp, m_axil_rvalid};
  assign {m_axi_awid, m_axi_awaddr, m_axi_awlen, m_axi_awsize, m_axi_awburst, m_axi_awuser,
          m_axi_awvalid, m_axi_wlast, m_axi_wvalid, m_axi_bready,
          m_axi_arid, m_axi_araddr, m_axi_arlen, m_axi_arsize, m_axi_arburst, m_axi_aruser,
          m_axi_arvalid, m_axi_rready} = axi_out;
  assign axi_in = {m_axi_awready, m_axi_wready, m_axi_bid, m_axi_bresp, m_axi_bvalid,
                   m_axi_arready, m_axi_rid, m_axi_rresp, m_axi_rlast, m_axi_rvalid};
  assign {m_axi_dma_awid, m_axi_dma_awaddr, m_axi_dma_awlen, m_axi_dma_awsize, m_axi_dma_awburst,
          no_awuser, m_axi_dma_awvalid, m_axi_dma_wlast, m_axi_dma_wvalid, m_axi_dma_bready,
          m_axi_dma_arid, m_axi_dma_araddr, m_axi_dma_arlen, m_axi_dma_arsize, m_axi_dma_arburst,
          no_aruser, m_axi_dma_arvalid, m_axi_dma_rready} = dma_out;
  assign dma_in = {m_axi_dma_awready, m_axi_dma_wready, m_axi_dma_bid, m_axi_dma_bresp,
                   m_axi_dma_bvalid, m_axi_dma_arready, m_axi_dma_rid, m_axi_dma_rresp,
                   m_axi_dma_rlast, m_axi_dma_rvalid};
  assign {m_axil_awprot, m_axil_arprot, m_axi_awprot, m_axi_arprot,
          m_axi_dma_awprot, m_axi_dma_arprot} = {6{cw_axi_pkg::ProtHost}};
  for (genvar n = 0; n < Outs; n++) begin : gen_m_axis
    assign {m_axis_tlast[n], m_axis_tid[8*n +: 8], m_axis_tuser[8*n +: 8]} = stream_out[n];
  end
  for (genvar n = 0; n < Ins; n++) begin : gen_s_axis
    assign stream_in[n] = {s_axis_tlast[n], s_axis_tid[8*n +: 8], s_axis_tuser[8*n +: 8]};
  end

  cw_endpoint #(
    .W(W), .CardMemBytes(CardMemBytes), .MsixVectors(MsixVectors), .Functions(Functions),
    .MsixTableBir(MsixTableBir), .MsixTableOffset(MsixTableOffset),
    .MsixPbaBir(MsixPbaBir), .MsixPbaOffset(MsixPbaOffset), .Bars(Bars), .Channels(Channels),
    .Kinds(Kinds), .StreamBufBytes(StreamBufBytes), .DescSlots(DescSlots), .AxiCard(AxiCard),
    .RomLog2(RomLog2), .TimeoutCycles(TimeoutCycles), .CreditCheck(CreditCheck),
    .BuildId(BuildId), .SerialNumber(SerialNumber)
  ) u_endpoint (
    .clk_i     (clk),
    .rst_i     (rst),
    .hot_reset_i(hot_reset),
    .rx_ctl_i  (rx_ctl),
    .rx_data_i (rx_tlp_data),
    .rx_valid_i(rx_tlp_valid),
    .rx_ready_o(rx_tlp_ready),
    .rx_fc_o   (rx_fc),
    .tx_ctl_o  (tx_ctl),
    .tx_data_o (tx_tlp_data),
    .tx_valid_o(tx_tlp_valid),
    .tx_ready_i(tx_tlp_ready),
    .tx_fc_i   (tx_fc),
    .axil_o(axil_out), .axil_i(axil_in),
    .axi_o(axi_out), .axi_wdata_o(m_axi_wdata), .axi_wstrb_o(m_axi_wstrb),
    .axi_i(axi_in), .axi_rdata_i(m_axi_rdata),
    .dma_axi_o(dma_out), .dma_axi_wdata_o(m_axi_dma_wdata), .dma_axi_wstrb_o(m_axi_dma_wstrb),
    .dma_axi_i(dma_in), .dma_axi_rdata_i(m_axi_dma_rdata),
    .h2s_data_o(m_axis_tdata), .h2s_keep_o(m_axis_tkeep), .h2s_o(stream_out),
    .h2s_valid_o(m_axis_tvalid), .h2s_ready_i(m_axis_tready),
    .s2h_data_i(s_axis_tdata), .s2h_keep_i(s_axis_tkeep), .s2h_i(stream_in),
    .s2h_valid_i(s_axis_tvalid), .s2h_ready_o(s_axis_tready),
    .irq_i(user_irq), .pme_i(user_pme),
    .ltr_i     ({user_ltr_no_snoop, user_ltr_snoop})
  );

  // Strobes above the width are zero by construction.
  logic unused;
  assign unused = &{1'b0, tx_ctl.strb, no_awuser, no_aruser};

endmodule
