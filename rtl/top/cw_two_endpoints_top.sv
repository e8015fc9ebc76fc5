// SPDX-License-Identifier: Apache-2.0
//
// The system in which two endpoints compete for one host: a root complex of two root ports, a link
// and an endpoint at each, one CPU, one host memory, one IOMMU. For simulation, as cw_system_top
// and with its names; `hold` stops a link on its way down, for as long as it is high.
`include "cw_assert.svh"
module cw_two_endpoints_top #(
  parameter int unsigned W             = 128,    // bits of a beat: 64, 128, 256 or 512
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

  // Message-signalled interrupts that reached the doorbell page
  output logic           msi_valid,
  output logic [63:0]    msi_addr,
  output logic [31:0]    msi_data,

  // Streams out of each card, and into it
  output logic [W-1:0]   m_axis0_tdata, m_axis1_tdata,
  output logic [W/8-1:0] m_axis0_tkeep, m_axis1_tkeep,
  output logic [7:0]     m_axis0_tid, m_axis1_tid, m_axis0_tuser, m_axis1_tuser,
  output logic           m_axis0_tlast, m_axis1_tlast, m_axis0_tvalid, m_axis1_tvalid,
  input  logic           m_axis0_tready, m_axis1_tready,
  input  logic [W-1:0]   s_axis0_tdata, s_axis1_tdata,
  input  logic [W/8-1:0] s_axis0_tkeep, s_axis1_tkeep,
  input  logic [7:0]     s_axis0_tid, s_axis1_tid, s_axis0_tuser, s_axis1_tuser,
  input  logic           s_axis0_tlast, s_axis1_tlast, s_axis0_tvalid, s_axis1_tvalid,
  output logic           s_axis0_tready, s_axis1_tready,

  // The links, to be watched: down from the root port, up from the endpoint
  output logic [211:0]   down0_ctl, up0_ctl, down1_ctl, up1_ctl,
  output logic [W-1:0]   down0_data, up0_data, down1_data, up1_data,
  output logic           down0_valid, up0_valid, down1_valid, up1_valid,
  output logic           down0_ready, up0_ready, down1_ready, up1_ready,
  output logic [1:0]     hot_reset,       // that link is down, its endpoint in reset
  input  logic [1:0]     hold             // that link carries nothing down
);

  localparam int unsigned Ports = 2;

  cw_tlp_pkg::tlp_ctl_t [Ports-1:0] down, up;
  cw_port_pkg::fc_t [Ports-1:0]     root_fc, card_fc;  // credits that each side grants to the other
  logic [Ports-1:0][W-1:0]          down_data, up_data;
  logic [Ports-1:0]                 down_valid, down_ready, up_valid, up_ready;
  logic [Ports-1:0]                 sent, taken;       // down, on either side of what holds it
  cw_axi_pkg::axi_ax_t              m_aw, m_ar, walk_aw, walk_ar;
  cw_axi_pkg::axi_b_t               s_b;
  logic                             aw_no_snoop, ar_no_snoop;
  cw_axi_pkg::axis_t [Ports-1:0]    h2s, s2h;          // the streams of each card
  logic [Ports-1:0][W-1:0]          h2s_data, s2h_data;
  logic [Ports-1:0][W/8-1:0]        h2s_keep, s2h_keep;
  logic [Ports-1:0]                 h2s_valid, h2s_ready, s2h_valid, s2h_ready;

  assign {down1_ctl, down0_ctl}     = down;
  assign {down1_data, down0_data}   = down_data;
  assign {down1_valid, down0_valid} = down_valid;
  assign {down1_ready, down0_ready} = down_ready;
  assign {up1_ctl, up0_ctl}         = up;
  assign {up1_data, up0_data}       = up_data;
  assign {up1_valid, up0_valid}     = up_valid;
  assign {up1_ready, up0_ready}     = up_ready;

  assign {m_axis1_tlast, m_axis1_tid, m_axis1_tuser,
          m_axis0_tlast, m_axis0_tid, m_axis0_tuser} = h2s;
  assign {m_axis1_tdata, m_axis0_tdata}   = h2s_data;
  assign {m_axis1_tkeep, m_axis0_tkeep}   = h2s_keep;
  assign {m_axis1_tvalid, m_axis0_tvalid} = h2s_valid;
  assign h2s_ready = {m_axis1_tready, m_axis0_tready};
  assign s2h       = {s_axis1_tlast, s_axis1_tid, s_axis1_tuser,
                      s_axis0_tlast, s_axis0_tid, s_axis0_tuser};
  assign s2h_data  = {s_axis1_tdata, s_axis0_tdata};
  assign s2h_keep  = {s_axis1_tkeep, s_axis0_tkeep};
  assign s2h_valid = {s_axis1_tvalid, s_axis0_tvalid};
  assign {s_axis1_tready, s_axis0_tready} = s2h_ready;

  assign m_axi_awcache = aw_no_snoop ? cw_axi_pkg::CacheNone : cw_axi_pkg::CacheWriteBack;
  assign m_axi_arcache = ar_no_snoop ? cw_axi_pkg::CacheNone : cw_axi_pkg::CacheWriteBack;
  assign {m_axi_awid, m_axi_awaddr, m_axi_awlen, m_axi_awsize, m_axi_awburst} = m_aw;
  assign {m_axi_arid, m_axi_araddr, m_axi_arlen, m_axi_arsize, m_axi_arburst} = m_ar;
  assign {m_axi_walk_awid, m_axi_walk_awaddr, m_axi_walk_awlen, m_axi_walk_awsize,
          m_axi_walk_awburst} = walk_aw;
  assign {m_axi_walk_arid, m_axi_walk_araddr, m_axi_walk_arlen, m_axi_walk_arsize,
          m_axi_walk_arburst} = walk_ar;
  assign {s_axi_bid, s_axi_bresp} = s_b;

  cw_root_complex #(.W(W), .Ports(Ports), .TimeoutCycles(TimeoutCycles)) u_root (
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
    .irq_o(), .intx_o(), .msg_o(),
    .tx_ctl_o(down), .tx_data_o(down_data), .tx_valid_o(sent), .tx_ready_i(taken),
    .tx_fc_i        (card_fc),
    .rx_ctl_i(up), .rx_data_i(up_data), .rx_valid_i(up_valid), .rx_ready_o(up_ready),
    .rx_fc_o        (root_fc),
    .hot_reset_o    (hot_reset)
  );

  for (genvar n = 0; n < Ports; n++) begin : gen_endpoint
    // A beat that is on offer stays there.
    logic held_q;
    always_ff @(posedge clk) begin
      if (rst) held_q <= 1'b0;
      else if (!down_valid[n] || down_ready[n]) held_q <= hold[n];
    end
    assign down_valid[n] = sent[n] && !held_q;
    assign taken[n]      = down_ready[n] && !held_q;

    // Nobody is behind the endpoint's user ports, nor behind its AXI4 of the DMA engine.
    cw_axi_pkg::axil_drive_t axil_drive;
    cw_axi_pkg::axil_sense_t axil_sense;
    cw_axi_pkg::axi_drive_t  axi_drive, dma_drive;
    cw_axi_pkg::axi_sense_t  axi_sense, dma_sense;

    cw_user_absent u_absent (
      .clk_i(clk), .rst_i(rst || hot_reset[n]),
      .axil_i(axil_drive), .axil_o(axil_sense), .axi_i(axi_drive), .axi_o(axi_sense)
    );

    cw_user_absent u_dma_absent (
      .clk_i(clk), .rst_i(rst || hot_reset[n]),
      .axil_i('0), .axil_o(), .axi_i(dma_drive), .axi_o(dma_sense)
    );

    cw_endpoint #(
      .W(W), .Functions(2), .TimeoutCycles(TimeoutCycles), .PlainCard(1'b1), .CreditCheck(1'b1)
    ) u_card (
      .clk_i     (clk),
      .rst_i     (rst),
      .hot_reset_i(hot_reset[n]),
      .rx_ctl_i(down[n]), .rx_data_i(down_data[n]), .rx_valid_i(down_valid[n]),
      .rx_ready_o(down_ready[n]),
      .rx_fc_o   (card_fc[n]),
      .tx_ctl_o(up[n]), .tx_data_o(up_data[n]), .tx_valid_o(up_valid[n]), .tx_ready_i(up_ready[n]),
      .tx_fc_i   (root_fc[n]),
      .axil_o(axil_drive), .axil_i(axil_sense),
      .axi_o(axi_drive), .axi_wdata_o(), .axi_wstrb_o(), .axi_i(axi_sense), .axi_rdata_i('1),
      .dma_axi_o(dma_drive), .dma_axi_wdata_o(), .dma_axi_wstrb_o(),
      .dma_axi_i(dma_sense), .dma_axi_rdata_i('1),
      .h2s_data_o(h2s_data[n]), .h2s_keep_o(h2s_keep[n]), .h2s_o(h2s[n]),
      .h2s_valid_o(h2s_valid[n]), .h2s_ready_i(h2s_ready[n]),
      .s2h_data_i(s2h_data[n]), .s2h_keep_i(s2h_keep[n]), .s2h_i(s2h[n]),
      .s2h_valid_i(s2h_valid[n]), .s2h_ready_o(s2h_ready[n]),
      .irq_i('0), .pme_i('0), .ltr_i('0)
    );
  end

  `CW_REQUIRE(W inside {64, 128, 256, 512}, "not a channel width")

endmodule
