// SPDX-License-Identifier: Apache-2.0
//
// The system that is simulated: a root complex with its IOMMU, one link, one endpoint. A switch
// will stand between the two. Flat vectors, because a foreign bench instantiates it.
// The CPU is `s_axi`, host memory `m_axi`, what the IOMMU reads and writes for itself `m_axi_walk`.
`include "cw_assert.svh"
module cw_system_top #(
  parameter int unsigned W             = 256,    // bits of a beat: 64, 128, 256 or 512
  parameter int unsigned CardMemBytes  = 65536,  // endpoint memory behind BAR2
  parameter int unsigned CardFunctions = 2,      // of the endpoint: the card, and one for a user
  parameter int unsigned TimeoutCycles = 65536   // completion timeout of the default range
) (
  input  logic           clk,
  input  logic           rst,

  // CPU: registers, configuration space (ECAM) and memory-mapped I/O
  input  logic [3:0]     s_axi_awid, s_axi_arid,
  input  logic [63:0]    s_axi_awaddr, s_axi_araddr,
  input  logic [7:0]     s_axi_awlen, s_axi_arlen,
  input  logic [2:0]     s_axi_awsize, s_axi_arsize,
  input  logic [1:0]     s_axi_awburst, s_axi_arburst,
  input  logic [64-1:0]  s_axi_wdata,
  input  logic [64/8-1:0] s_axi_wstrb,
  input  logic           s_axi_awvalid, s_axi_wlast, s_axi_wvalid, s_axi_bready,
  input  logic           s_axi_arvalid, s_axi_rready,
  output logic [3:0]     s_axi_bid, s_axi_rid,
  output logic [1:0]     s_axi_bresp, s_axi_rresp,
  output logic [64-1:0]  s_axi_rdata,
  output logic           s_axi_awready, s_axi_wready, s_axi_bvalid,
  output logic           s_axi_arready, s_axi_rlast, s_axi_rvalid,

  // Host memory, for devices. AxCACHE: coherent, or with No Snoop past the CPU's caches
  output logic [3:0]     m_axi_awcache, m_axi_arcache,
  output logic [3:0]     m_axi_awid, m_axi_arid,
  output logic [63:0]    m_axi_awaddr, m_axi_araddr,
  output logic [7:0]     m_axi_awlen, m_axi_arlen,
  output logic [2:0]     m_axi_awsize, m_axi_arsize,
  output logic [1:0]     m_axi_awburst, m_axi_arburst,
  output logic [W-1:0]   m_axi_wdata,
  output logic [W/8-1:0] m_axi_wstrb,
  output logic           m_axi_awvalid, m_axi_wlast, m_axi_wvalid, m_axi_bready,
  output logic           m_axi_arvalid, m_axi_rready,
  input  logic [3:0]     m_axi_bid, m_axi_rid,
  input  logic [1:0]     m_axi_bresp, m_axi_rresp,
  input  logic [W-1:0]   m_axi_rdata,
  input  logic           m_axi_awready, m_axi_wready, m_axi_bvalid,
  input  logic           m_axi_arready, m_axi_rlast, m_axi_rvalid,

  // Host memory, for the IOMMU: tables, queues, fences
  output logic [3:0]     m_axi_walk_awid, m_axi_walk_arid,
  output logic [63:0]    m_axi_walk_awaddr, m_axi_walk_araddr,
  output logic [7:0]     m_axi_walk_awlen, m_axi_walk_arlen,
  output logic [2:0]     m_axi_walk_awsize, m_axi_walk_arsize,
  output logic [1:0]     m_axi_walk_awburst, m_axi_walk_arburst,
  output logic [64-1:0]  m_axi_walk_wdata,
  output logic [64/8-1:0] m_axi_walk_wstrb,
  output logic           m_axi_walk_awvalid, m_axi_walk_wlast, m_axi_walk_wvalid, m_axi_walk_bready,
  output logic           m_axi_walk_arvalid, m_axi_walk_rready,
  input  logic [3:0]     m_axi_walk_bid, m_axi_walk_rid,
  input  logic [1:0]     m_axi_walk_bresp, m_axi_walk_rresp,
  input  logic [64-1:0]  m_axi_walk_rdata,
  input  logic           m_axi_walk_awready, m_axi_walk_wready, m_axi_walk_bvalid,
  input  logic           m_axi_walk_arready, m_axi_walk_rlast, m_axi_walk_rvalid,

  // The card's memory behind AXI4
  output logic [3:0]     m_axi_dma_awid, m_axi_dma_arid,
  output logic [63:0]    m_axi_dma_awaddr, m_axi_dma_araddr,
  output logic [7:0]     m_axi_dma_awlen, m_axi_dma_arlen,
  output logic [2:0]     m_axi_dma_awsize, m_axi_dma_arsize,
  output logic [1:0]     m_axi_dma_awburst, m_axi_dma_arburst,
  output logic [W-1:0]   m_axi_dma_wdata,
  output logic [W/8-1:0] m_axi_dma_wstrb,
  output logic           m_axi_dma_awvalid, m_axi_dma_wlast, m_axi_dma_wvalid, m_axi_dma_bready,
  output logic           m_axi_dma_arvalid, m_axi_dma_rready,
  input  logic [3:0]     m_axi_dma_bid, m_axi_dma_rid,
  input  logic [1:0]     m_axi_dma_bresp, m_axi_dma_rresp,
  input  logic [W-1:0]   m_axi_dma_rdata,
  input  logic           m_axi_dma_awready, m_axi_dma_wready, m_axi_dma_bvalid,
  input  logic           m_axi_dma_arready, m_axi_dma_rlast, m_axi_dma_rvalid,

  // Streams out of the card, and into it
  output logic [W-1:0]   m_axis_tdata,
  output logic [W/8-1:0] m_axis_tkeep,
  output logic [7:0]     m_axis_tid, m_axis_tuser,
  output logic           m_axis_tlast, m_axis_tvalid,
  input  logic           m_axis_tready,
  input  logic [W-1:0]   s_axis_tdata,
  input  logic [W/8-1:0] s_axis_tkeep,
  input  logic [7:0]     s_axis_tid, s_axis_tuser,
  input  logic           s_axis_tlast, s_axis_tvalid,
  output logic           s_axis_tready,

  // Message-signalled interrupts that reached the doorbell page; the IOMMU's wired interrupts
  output logic           msi_valid,
  output logic [63:0]    msi_addr,
  output logic [31:0]    msi_data,
  output logic [3:0]     iommu_irq,

  // INTA to INTD of devices, and their other messages, one clock each: root_message_t
  output logic [3:0]     intx,
  output logic [53:0]    device_msg,

  // The link, to be watched: down from the root port, up from the endpoint
  output logic [211:0]   down_ctl,
  output logic [W-1:0]   down_data,
  output logic           down_valid,
  output logic           down_ready,
  output logic [211:0]   up_ctl,
  output logic [W-1:0]   up_data,
  output logic           up_valid,
  output logic           up_ready,
  output logic           hot_reset        // it is down, and the endpoint in reset
);

  cw_tlp_pkg::tlp_ctl_t down, up;
  cw_port_pkg::fc_t     root_fc, card_fc;   // credits that each side grants to the other
  cw_axi_pkg::axi_ax_t  m_aw, m_ar, walk_aw, walk_ar;
  cw_axi_pkg::axi_b_t   s_b;

  assign down_ctl = down;
  assign up_ctl   = up;

  logic aw_no_snoop, ar_no_snoop;
  assign m_axi_awcache = aw_no_snoop ? cw_axi_pkg::CacheNone : cw_axi_pkg::CacheWriteBack;
  assign m_axi_arcache = ar_no_snoop ? cw_axi_pkg::CacheNone : cw_axi_pkg::CacheWriteBack;
  assign {m_axi_awid, m_axi_awaddr, m_axi_awlen, m_axi_awsize, m_axi_awburst} = m_aw;
  assign {m_axi_arid, m_axi_araddr, m_axi_arlen, m_axi_arsize, m_axi_arburst} = m_ar;
  assign {m_axi_walk_awid, m_axi_walk_awaddr, m_axi_walk_awlen, m_axi_walk_awsize,
          m_axi_walk_awburst} = walk_aw;
  assign {m_axi_walk_arid, m_axi_walk_araddr, m_axi_walk_arlen, m_axi_walk_arsize,
          m_axi_walk_arburst} = walk_ar;
  assign {s_axi_bid, s_axi_bresp} = s_b;

  cw_root_complex #(.W(W), .TimeoutCycles(TimeoutCycles)) u_root (
    .clk_i          (clk),
    .rst_i          (rst),
    .s_aw_i         ({s_axi_awid, s_axi_awaddr, s_axi_awlen, s_axi_awsize, s_axi_awburst}),
    .s_aw_valid_i   (s_axi_awvalid),
    .s_aw_ready_o   (s_axi_awready),
    .s_w_data_i(s_axi_wdata), .s_w_strb_i(s_axi_wstrb), .s_w_last_i(s_axi_wlast),
    .s_w_valid_i(s_axi_wvalid), .s_w_ready_o(s_axi_wready),
    .s_b_o(s_b), .s_b_valid_o(s_axi_bvalid), .s_b_ready_i(s_axi_bready),
    .s_ar_i         ({s_axi_arid, s_axi_araddr, s_axi_arlen, s_axi_arsize, s_axi_arburst}),
    .s_ar_valid_i   (s_axi_arvalid),
    .s_ar_ready_o   (s_axi_arready),
    .s_r_id_o(s_axi_rid), .s_r_data_o(s_axi_rdata), .s_r_resp_o(s_axi_rresp),
    .s_r_last_o(s_axi_rlast), .s_r_valid_o(s_axi_rvalid), .s_r_ready_i(s_axi_rready),
    .m_aw_no_snoop_o(aw_no_snoop), .m_ar_no_snoop_o(ar_no_snoop),
    .m_aw_o(m_aw), .m_aw_valid_o(m_axi_awvalid), .m_aw_ready_i(m_axi_awready),
    .m_w_data_o(m_axi_wdata), .m_w_strb_o(m_axi_wstrb), .m_w_last_o(m_axi_wlast),
    .m_w_valid_o(m_axi_wvalid), .m_w_ready_i(m_axi_wready),
    .m_b_i          ({m_axi_bid, m_axi_bresp}),
    .m_b_valid_i    (m_axi_bvalid),
    .m_b_ready_o    (m_axi_bready),
    .m_ar_o(m_ar), .m_ar_valid_o(m_axi_arvalid), .m_ar_ready_i(m_axi_arready),
    .m_r_id_i(m_axi_rid), .m_r_data_i(m_axi_rdata), .m_r_resp_i(m_axi_rresp),
    .m_r_last_i(m_axi_rlast), .m_r_valid_i(m_axi_rvalid), .m_r_ready_o(m_axi_rready),
    .walk_aw_o(walk_aw), .walk_aw_valid_o(m_axi_walk_awvalid), .walk_aw_ready_i(m_axi_walk_awready),
    .walk_w_data_o(m_axi_walk_wdata), .walk_w_strb_o(m_axi_walk_wstrb),
    .walk_w_last_o(m_axi_walk_wlast),
    .walk_w_valid_o(m_axi_walk_wvalid), .walk_w_ready_i(m_axi_walk_wready),
    .walk_b_i       ({m_axi_walk_bid, m_axi_walk_bresp}),
    .walk_b_valid_i (m_axi_walk_bvalid),
    .walk_b_ready_o (m_axi_walk_bready),
    .walk_ar_o(walk_ar), .walk_ar_valid_o(m_axi_walk_arvalid), .walk_ar_ready_i(m_axi_walk_arready),
    .walk_r_id_i(m_axi_walk_rid), .walk_r_data_i(m_axi_walk_rdata),
    .walk_r_resp_i(m_axi_walk_rresp), .walk_r_last_i(m_axi_walk_rlast),
    .walk_r_valid_i(m_axi_walk_rvalid), .walk_r_ready_o(m_axi_walk_rready),
    .msi_valid_o    (msi_valid),
    .msi_addr_o     (msi_addr),
    .msi_data_o     (msi_data),
    .irq_o          (iommu_irq),
    .intx_o         (intx),
    .msg_o          (device_msg),
    .tx_ctl_o(down), .tx_data_o(down_data), .tx_valid_o(down_valid), .tx_ready_i(down_ready),
    .tx_fc_i        (card_fc),
    .rx_ctl_i(up), .rx_data_i(up_data), .rx_valid_i(up_valid), .rx_ready_o(up_ready),
    .rx_fc_o        (root_fc),
    .hot_reset_o    (hot_reset)
  );

  // Nobody is behind the endpoint's user ports.
  cw_axi_pkg::axil_drive_t axil_drive;
  cw_axi_pkg::axil_sense_t axil_sense;
  cw_axi_pkg::axi_drive_t  axi_drive, dma_drive;
  cw_axi_pkg::axi_sense_t  axi_sense, dma_sense;
  cw_axi_pkg::axi_user_t   no_awuser, no_aruser;  // no BAR leads to the card's memory behind AXI4
  cw_axi_pkg::axis_t       stream_out;

  assign {m_axi_dma_awid, m_axi_dma_awaddr, m_axi_dma_awlen, m_axi_dma_awsize, m_axi_dma_awburst,
          no_awuser, m_axi_dma_awvalid, m_axi_dma_wlast, m_axi_dma_wvalid, m_axi_dma_bready,
          m_axi_dma_arid, m_axi_dma_araddr, m_axi_dma_arlen, m_axi_dma_arsize, m_axi_dma_arburst,
          no_aruser, m_axi_dma_arvalid, m_axi_dma_rready} = dma_drive;
  assign dma_sense = {m_axi_dma_awready, m_axi_dma_wready, m_axi_dma_bid, m_axi_dma_bresp,
                      m_axi_dma_bvalid, m_axi_dma_arready, m_axi_dma_rid, m_axi_dma_rresp,
                      m_axi_dma_rlast, m_axi_dma_rvalid};
  assign {m_axis_tlast, m_axis_tid, m_axis_tuser} = stream_out;

  cw_user_absent u_absent (
    .clk_i(clk), .rst_i(rst || hot_reset),
    .axil_i(axil_drive), .axil_o(axil_sense), .axi_i(axi_drive), .axi_o(axi_sense)
  );

  cw_endpoint #(
    .W(W), .Functions(CardFunctions), .CardMemBytes(CardMemBytes), .TimeoutCycles(TimeoutCycles),
    .PlainCard(1'b1), .CreditCheck(1'b1),
    .Tags(256), .CplBufBytes(512 * W), .DescSlots(512)  // for memory at 1000 clocks and more
  ) u_card (
    .clk_i     (clk),
    .rst_i     (rst),
    .hot_reset_i(hot_reset),
    .rx_ctl_i(down), .rx_data_i(down_data), .rx_valid_i(down_valid), .rx_ready_o(down_ready),
    .rx_fc_o   (card_fc),
    .tx_ctl_o(up), .tx_data_o(up_data), .tx_valid_o(up_valid), .tx_ready_i(up_ready),
    .tx_fc_i   (root_fc),
    .axil_o(axil_drive), .axil_i(axil_sense),
    .axi_o(axi_drive), .axi_wdata_o(), .axi_wstrb_o(), .axi_i(axi_sense), .axi_rdata_i('1),
    .dma_axi_o(dma_drive), .dma_axi_wdata_o(m_axi_dma_wdata), .dma_axi_wstrb_o(m_axi_dma_wstrb),
    .dma_axi_i(dma_sense), .dma_axi_rdata_i(m_axi_dma_rdata),
    .h2s_data_o(m_axis_tdata), .h2s_keep_o(m_axis_tkeep), .h2s_o(stream_out),
    .h2s_valid_o(m_axis_tvalid), .h2s_ready_i(m_axis_tready),
    .s2h_data_i(s_axis_tdata), .s2h_keep_i(s_axis_tkeep),
    .s2h_i({s_axis_tlast, s_axis_tid, s_axis_tuser}),
    .s2h_valid_i(s_axis_tvalid), .s2h_ready_o(s_axis_tready),
    .irq_i('0), .pme_i('0), .ltr_i('0)
  );

  logic unused;
  assign unused = &{1'b0, no_awuser, no_aruser};

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")

endmodule
