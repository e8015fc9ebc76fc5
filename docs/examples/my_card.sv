// SPDX-License-Identifier: Apache-2.0
//
// A card of one's own around the endpoint: four registers behind BAR5, lamps, an interrupt. The TLP
// streams go to whatever carries them: a vendor's hard block, a link layer, a testbench. It has no
// memory on AXI4, so that port answers nothing: no BAR of one function leads there.
module my_card #(
  parameter int unsigned W = 128  // bits of a beat
) (
  input  logic            clk,
  input  logic            rst,
  input  logic            link_down,

  input  logic [W-1:0]    rx_tlp_data,
  input  logic [W/32-1:0] rx_tlp_strb,
  input  logic [127:0]    rx_tlp_hdr,
  input  logic            rx_tlp_sop,
  input  logic            rx_tlp_eop,
  input  logic            rx_tlp_valid,
  output logic            rx_tlp_ready,
  output logic [W-1:0]    tx_tlp_data,
  output logic [W/32-1:0] tx_tlp_strb,
  output logic [127:0]    tx_tlp_hdr,
  output logic            tx_tlp_sop,
  output logic            tx_tlp_eop,
  output logic            tx_tlp_valid,
  input  logic            tx_tlp_ready,

  output logic [7:0]      lamps
);

  logic [31:0] awaddr, wdata, araddr, rdata;
  logic [3:0]  wstrb;
  logic [1:0]  bresp, rresp;
  logic        awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic        doorbell;

  cw_endpoint_top #(.W(W)) u_endpoint (
    .clk,
    .rst,
    .hot_reset          (link_down),

    .rx_tlp_data,
    .rx_tlp_strb,
    .rx_tlp_hdr,
    .rx_tlp_prefix      ('0),    // nobody sends prefixes, digests, or gives TLPs up
    .rx_tlp_prefix_valid(1'b0),
    .rx_tlp_digest      ('0),
    .rx_tlp_error       (1'b0),
    .rx_tlp_sop,
    .rx_tlp_eop,
    .rx_tlp_valid,
    .rx_tlp_ready,
    .tx_tlp_data,
    .tx_tlp_strb,
    .tx_tlp_hdr,
    .tx_tlp_prefix      (),
    .tx_tlp_prefix_valid(),
    .tx_tlp_digest      (),
    .tx_tlp_error       (),
    .tx_tlp_sop,
    .tx_tlp_eop,
    .tx_tlp_valid,
    .tx_tlp_ready,

    // Who counts no credits has infinitely many and holds tx_tlp_ready back instead.
    .tx_fc_ph_limit  ('0), .tx_fc_ph_infinite  (1'b1),
    .tx_fc_pd_limit  ('0), .tx_fc_pd_infinite  (1'b1),
    .tx_fc_nph_limit ('0), .tx_fc_nph_infinite (1'b1),
    .tx_fc_npd_limit ('0), .tx_fc_npd_infinite (1'b1),
    .tx_fc_cplh_limit('0), .tx_fc_cplh_infinite(1'b1),
    .tx_fc_cpld_limit('0), .tx_fc_cpld_infinite(1'b1),
    .rx_fc_ph_limit  (),   .rx_fc_ph_infinite  (),
    .rx_fc_pd_limit  (),   .rx_fc_pd_infinite  (),
    .rx_fc_nph_limit (),   .rx_fc_nph_infinite (),
    .rx_fc_npd_limit (),   .rx_fc_npd_infinite (),
    .rx_fc_cplh_limit(),   .rx_fc_cplh_infinite(),
    .rx_fc_cpld_limit(),   .rx_fc_cpld_infinite(),

    // Registers of one's own: offsets in BAR5
    .m_axil_awaddr (awaddr), .m_axil_awprot(), .m_axil_awuser(),
    .m_axil_awvalid(awvalid), .m_axil_awready(awready),
    .m_axil_wdata  (wdata), .m_axil_wstrb(wstrb),
    .m_axil_wvalid (wvalid), .m_axil_wready(wready),
    .m_axil_bresp  (bresp), .m_axil_bvalid(bvalid), .m_axil_bready(bready),
    .m_axil_araddr (araddr), .m_axil_arprot(), .m_axil_aruser(),
    .m_axil_arvalid(arvalid), .m_axil_arready(arready),
    .m_axil_rdata  (rdata), .m_axil_rresp(rresp),
    .m_axil_rvalid (rvalid), .m_axil_rready(rready),

    // No memory of one's own
    .m_axi_awid(), .m_axi_awaddr(), .m_axi_awlen(), .m_axi_awsize(), .m_axi_awburst(),
    .m_axi_awprot(), .m_axi_awuser(), .m_axi_awvalid(), .m_axi_awready(1'b0),
    .m_axi_wdata(), .m_axi_wstrb(), .m_axi_wlast(), .m_axi_wvalid(), .m_axi_wready(1'b0),
    .m_axi_bid('0), .m_axi_bresp('0), .m_axi_bvalid(1'b0), .m_axi_bready(),
    .m_axi_arid(), .m_axi_araddr(), .m_axi_arlen(), .m_axi_arsize(), .m_axi_arburst(),
    .m_axi_arprot(), .m_axi_aruser(), .m_axi_arvalid(), .m_axi_arready(1'b0),
    .m_axi_rid('0), .m_axi_rdata('0), .m_axi_rresp('0), .m_axi_rlast(1'b0),
    .m_axi_rvalid(1'b0), .m_axi_rready(),

    // Nor anything behind the DMA engine
    .m_axi_dma_awid(), .m_axi_dma_awaddr(), .m_axi_dma_awlen(), .m_axi_dma_awsize(),
    .m_axi_dma_awburst(), .m_axi_dma_awprot(), .m_axi_dma_awvalid(), .m_axi_dma_awready(1'b0),
    .m_axi_dma_wdata(), .m_axi_dma_wstrb(), .m_axi_dma_wlast(), .m_axi_dma_wvalid(),
    .m_axi_dma_wready(1'b0),
    .m_axi_dma_bid('0), .m_axi_dma_bresp('0), .m_axi_dma_bvalid(1'b0), .m_axi_dma_bready(),
    .m_axi_dma_arid(), .m_axi_dma_araddr(), .m_axi_dma_arlen(), .m_axi_dma_arsize(),
    .m_axi_dma_arburst(), .m_axi_dma_arprot(), .m_axi_dma_arvalid(), .m_axi_dma_arready(1'b0),
    .m_axi_dma_rid('0), .m_axi_dma_rdata('0), .m_axi_dma_rresp('0), .m_axi_dma_rlast(1'b0),
    .m_axi_dma_rvalid(1'b0), .m_axi_dma_rready(),
    .m_axis_tdata(), .m_axis_tkeep(), .m_axis_tid(), .m_axis_tuser(), .m_axis_tlast(),
    .m_axis_tvalid(), .m_axis_tready(1'b0),
    .s_axis_tdata('0), .s_axis_tkeep('0), .s_axis_tid('0), .s_axis_tuser('0), .s_axis_tlast(1'b0),
    .s_axis_tvalid(1'b0), .s_axis_tready(),

    // Vector 2 of MSI-X is the doorbell; 0 and 1 are the DMA channels' by habit of the driver.
    .user_irq         ({29'd0, doorbell, 2'b00}),
    .user_pme         (1'b0),
    .user_ltr_snoop   ('0),
    .user_ltr_no_snoop('0)
  );

  my_registers u_registers (
    .clk,
    .rst           (rst || link_down),
    .s_axil_awaddr (awaddr),
    .s_axil_awvalid(awvalid),
    .s_axil_awready(awready),
    .s_axil_wdata  (wdata),
    .s_axil_wstrb  (wstrb),
    .s_axil_wvalid (wvalid),
    .s_axil_wready (wready),
    .s_axil_bresp  (bresp),
    .s_axil_bvalid (bvalid),
    .s_axil_bready (bready),
    .s_axil_araddr (araddr),
    .s_axil_arvalid(arvalid),
    .s_axil_arready(arready),
    .s_axil_rdata  (rdata),
    .s_axil_rresp  (rresp),
    .s_axil_rvalid (rvalid),
    .s_axil_rready (rready),
    .lamps,
    .doorbell
  );

endmodule
