// SPDX-License-Identifier: Apache-2.0
//
// The way of device requests into the host: each is translated, then reads and writes host memory,
// rings the MSI doorbell, or is refused. Non-posted requests and completions to the host stay
// behind the posted requests before them until these are in memory.
// Spec: PCIe Base 2.4.1 (ordering); RISC-V IOMMU 1.0, 3.3 (translation).
`include "cw_assert.svh"
module cw_upstream_path
  import cw_tlp_pkg::*, cw_iommu_tr_pkg::tr_req_t, cw_iommu_tr_pkg::tr_rsp_t, cw_iommu_pkg::hpa_t;
#(
  parameter int unsigned W = 256  // bits of a beat, of TLPs as of memory
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  input  logic                   allow_i,        // Bus Master Enable of the root port
  input  logic                   link_reset_i,
  input  logic [2:0]             max_payload_i,  // encoding of Device Control

  // Requests of devices
  input  tlp_ctl_t               p_ctl_i,
  input  logic [W-1:0]           p_data_i,
  input  logic                   p_valid_i,
  output logic                   p_ready_o,
  input  tlp_ctl_t               np_ctl_i,
  input  logic [W-1:0]           np_data_i,
  input  logic                   np_valid_i,
  output logic                   np_ready_o,

  // Completions to them
  output tlp_ctl_t               cpl_ctl_o,
  output logic [W-1:0]           cpl_data_o,
  output logic                   cpl_valid_o,
  input  logic                   cpl_ready_i,

  // A completion to the host is at the root port: it may pass once its older writes are in memory
  input  logic                   host_cpl_valid_i,
  input  logic                   host_cpl_take_i,   // with its last beat
  input  logic                   host_cpl_relaxed_i,
  output logic                   host_cpl_pass_o,

  // Translation: 0 posted, 1 non-posted
  output tr_req_t [1:0]          tr_req_o,
  output logic [1:0]             tr_valid_o,
  input  logic [1:0]             tr_ready_i,
  input  tr_rsp_t [1:0]          tr_rsp_i,
  input  logic [1:0]             tr_rsp_valid_i,
  output logic [1:0]             retired_o,

  // Host memory
  output cw_axi_pkg::axi_ax_t    m_aw_o,
  output logic                   m_aw_valid_o,
  input  logic                   m_aw_ready_i,
  output logic [W-1:0]           m_w_data_o,
  output logic [W/8-1:0]         m_w_strb_o,
  output logic                   m_w_last_o,
  output logic                   m_w_valid_o,
  input  logic                   m_w_ready_i,
  input  cw_axi_pkg::axi_b_t     m_b_i,
  input  logic                   m_b_valid_i,
  output logic                   m_b_ready_o,
  output cw_axi_pkg::axi_ax_t    m_ar_o,
  output logic                   m_ar_valid_o,
  input  logic                   m_ar_ready_i,
  input  logic [W-1:0]           m_r_data_i,
  input  logic [1:0]             m_r_resp_i,
  input  logic                   m_r_last_i,
  input  logic                   m_r_valid_i,
  output logic                   m_r_ready_o,

  // Interrupts that reached the doorbell, and the messages of devices
  output logic                   msi_valid_o,
  output logic [63:0]            msi_addr_o,
  output logic [31:0]            msi_data_o,
  output logic [3:0]             intx_o,
  output cw_root_pkg::root_message_t msg_o,

  output cw_cfg_pkg::cfg_event_t event_o
);

  // Bounds what the ordering gates count: TLPs in a translation gate, and behind it.
  localparam int unsigned GateTlps    = 32;
  localparam int unsigned OpenWrites  = 64;
  localparam int unsigned PostedSlots = 128;

  tlp_ctl_t     wr_ctl, rd_ctl;
  logic [W-1:0] wr_data, rd_data;
  logic         wr_valid, wr_ready, rd_valid, rd_ready;
  hpa_t         wr_hpa, rd_hpa;
  logic         wr_fault, rd_fault, order_ok;
  logic         wr_refused, wr_poisoned, wr_error, rd_refused, rd_error;
  logic         p_in, np_in, np_out, host_in, host_seen_q;

  cw_iommu_gate #(.W(W), .Tlps(GateTlps)) u_posted_gate (
    .clk_i,
    .rst_i,
    .in_ctl_i      (p_ctl_i),
    .in_data_i     (p_data_i),
    .in_valid_i    (p_valid_i),
    .in_ready_o    (p_ready_o),
    .tr_req_o      (tr_req_o[0]),
    .tr_valid_o    (tr_valid_o[0]),
    .tr_ready_i    (tr_ready_i[0]),
    .tr_rsp_i      (tr_rsp_i[0]),
    .tr_rsp_valid_i(tr_rsp_valid_i[0]),
    .out_ctl_o     (wr_ctl),
    .out_data_o    (wr_data),
    .out_valid_o   (wr_valid),
    .out_ready_i   (wr_ready),
    .out_hpa_o     (wr_hpa),
    .out_fault_o   (wr_fault)
  );

  cw_iommu_gate #(.W(W), .Tlps(GateTlps), .Depth(GateTlps)) u_non_posted_gate (
    .clk_i,
    .rst_i,
    .in_ctl_i      (np_ctl_i),
    .in_data_i     (np_data_i),
    .in_valid_i    (np_valid_i),
    .in_ready_o    (np_ready_o),
    .tr_req_o      (tr_req_o[1]),
    .tr_valid_o    (tr_valid_o[1]),
    .tr_ready_i    (tr_ready_i[1]),
    .tr_rsp_i      (tr_rsp_i[1]),
    .tr_rsp_valid_i(tr_rsp_valid_i[1]),
    .out_ctl_o     (rd_ctl),
    .out_data_o    (rd_data),
    .out_valid_o   (rd_valid),
    .out_ready_i   (rd_ready),
    .out_hpa_o     (rd_hpa),
    .out_fault_o   (rd_fault)
  );

  // ---- Ordering: a posted request is inside from its last beat until memory has answered

  assign p_in    = p_valid_i && p_ready_o && p_ctl_i.eop;
  assign np_in   = np_valid_i && np_ready_o && np_ctl_i.sop;
  assign np_out  = rd_valid && rd_ready && rd_ctl.sop;
  assign host_in = host_cpl_valid_i && !host_seen_q;

  always_ff @(posedge clk_i) begin
    if (rst_i) host_seen_q <= 1'b0;
    else host_seen_q <= (host_seen_q || host_cpl_valid_i) && !host_cpl_take_i;
  end

  cw_order_gate #(
    .Posted(PostedSlots),
    .Depth (2 * GateTlps)
  ) u_np_order (
    .clk_i,
    .rst_i,
    .posted_in_i (p_in),
    .posted_out_i(retired_o[0]),
    .in_i        (np_in),
    .in_relaxed_i(1'b0),
    .out_i       (np_out),
    .relaxed_i   (1'b0),
    .pass_o      (order_ok)
  );

  cw_order_gate #(
    .Completions(1'b1),
    .Posted     (PostedSlots),
    .Depth      (2)
  ) u_cpl_order (
    .clk_i,
    .rst_i,
    .posted_in_i (p_in),
    .posted_out_i(retired_o[0]),
    .in_i        (host_in),
    .in_relaxed_i(host_cpl_relaxed_i),
    .out_i       (host_cpl_take_i),
    .relaxed_i   (host_cpl_relaxed_i),
    .pass_o      (host_cpl_pass_o)
  );

  // ---- Host memory

  cw_host_write #(.W(W), .Outstanding(OpenWrites)) u_write (
    .clk_i,
    .rst_i,
    .p_ctl_i    (wr_ctl),
    .p_data_i   (wr_data),
    .p_hpa_i    (wr_hpa),
    .p_fault_i  (wr_fault || !allow_i),
    .p_valid_i  (wr_valid),
    .p_ready_o  (wr_ready),
    .m_aw_o, .m_aw_valid_o, .m_aw_ready_i,
    .m_w_data_o, .m_w_strb_o, .m_w_last_o, .m_w_valid_o, .m_w_ready_i,
    .m_b_i, .m_b_valid_i, .m_b_ready_o,
    .msi_valid_o, .msi_addr_o, .msi_data_o,
    .retired_o  (retired_o[0]),
    .refused_o  (wr_refused),
    .poisoned_o (wr_poisoned),
    .mem_error_o(wr_error)
  );

  cw_root_messages u_messages (
    .clk_i,
    .rst_i,
    .link_reset_i,
    .hdr_i (wr_ctl.hdr),
    .take_i(wr_valid && wr_ready && wr_ctl.sop),
    .intx_o,
    .msg_o
  );

  cw_host_read #(.W(W)) u_read (
    .clk_i,
    .rst_i,
    .max_payload_i,
    .np_ctl_i   (rd_ctl),
    .np_hpa_i   (rd_hpa),
    .np_fault_i (rd_fault || !allow_i),
    .np_valid_i (rd_valid),
    .np_ready_o (rd_ready),
    .order_ok_i (order_ok),
    .m_ar_o, .m_ar_valid_o, .m_ar_ready_i,
    .m_r_data_i, .m_r_resp_i, .m_r_last_i, .m_r_valid_i, .m_r_ready_o,
    .cpl_ctl_o, .cpl_data_o, .cpl_valid_o, .cpl_ready_i,
    .retired_o  (retired_o[1]),
    .refused_o  (rd_refused),
    .mem_error_o(rd_error)
  );

  always_comb begin
    event_o                 = '0;
    // No completion tells of a write that failed, so it is graver than a read that did.
    event_o.unsupported     = wr_refused || wr_error || rd_refused;
    event_o.advisory        = !wr_refused && !wr_error;
    event_o.completer_abort = rd_error;
    event_o.poisoned        = wr_poisoned;
  end

  // The payload of a non-posted request goes nowhere.
  logic unused;
  assign unused = &{1'b0, rd_data};

  `CW_ASSERT(ReadsBehindWrites, !np_out || order_ok)

endmodule
