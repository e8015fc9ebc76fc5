// SPDX-License-Identifier: Apache-2.0
//
// The way of device requests into the host: each is translated, then reads and writes host memory,
// rings the MSI doorbell, goes down again to a device, or is refused. Non-posted requests and
// completions stay behind the posted requests before them until these are done with.
// Spec: PCIe Base 2.4.1 (ordering); RISC-V IOMMU 1.0, 3.3 (translation).
`include "cw_assert.svh"
module cw_upstream_path
  import cw_tlp_pkg::*, cw_iommu_tr_pkg::tr_req_t, cw_iommu_tr_pkg::tr_rsp_t, cw_iommu_pkg::hpa_t;
#(
  parameter int unsigned W             = 256,   // bits of a beat, of TLPs as of memory
  parameter int unsigned InFlight      = 256,   // bursts of each kind that memory has not answered
  parameter int unsigned TimeoutCycles = 65536  // until a read of a device by another is given up
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  input  cw_cfg_pkg::root_port_state_t state_i,
  input  logic                   link_up_i,

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

  // Requests for memory of devices; a read has no payload
  output tlp_ctl_t               peer_p_ctl_o,
  output logic [W-1:0]           peer_p_data_o,
  output logic                   peer_p_valid_o,
  input  logic                   peer_p_ready_i,
  output tlp_ctl_t               peer_np_ctl_o,
  output logic                   peer_np_valid_o,
  input  logic                   peer_np_ready_i,

  // A completion is at the root port: it may pass once the writes before it are done with
  input  cpl_hdr_t               up_cpl_hdr_i,
  input  logic                   up_cpl_valid_i,
  input  logic                   up_cpl_take_i,     // with its last beat
  input  logic                   up_cpl_relaxed_i,
  output logic                   up_cpl_pass_o,
  input  logic                   up_cpl_to_peer_i,  // a device takes its first beat

  // Translation: 0 posted, 1 non-posted
  output tr_req_t [1:0]          tr_req_o,
  output logic [1:0]             tr_valid_o,
  input  logic [1:0]             tr_ready_i,
  input  tr_rsp_t [1:0]          tr_rsp_i,
  input  logic [1:0]             tr_rsp_valid_i,
  output logic [1:0]             retired_o,

  // Host memory; past the CPU's caches with `no_snoop`
  output logic                   m_aw_no_snoop_o,
  output logic                   m_ar_no_snoop_o,
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
  input  logic                   msi_ready_i,
  output logic [63:0]            msi_addr_o,
  output logic [31:0]            msi_data_o,
  output logic [3:0]             intx_o,
  output cw_root_pkg::root_message_t msg_o,

  output cw_cfg_pkg::cfg_event_t event_o
);

  tlp_ctl_t     wr_ctl, rd_ctl;
  logic [W-1:0] wr_data;
  logic         wr_valid, wr_ready, rd_valid, rd_ready, host_rd_valid, host_rd_ready;
  hpa_t         wr_hpa, rd_hpa;
  logic         wr_fault, rd_fault, order_ok, allow, host_rd_retired;
  logic         wr_refused, wr_poisoned, wr_error, rd_refused, rd_error;

  assign allow = state_i.bus_master_enable && state_i.power == cw_cfg_pkg::PowerD0;

  cw_upstream_gates #(.W(W), .InFlight(InFlight)) u_gates (
    .clk_i,
    .rst_i,
    .p_ctl_i, .p_data_i, .p_valid_i, .p_ready_o,
    .np_ctl_i, .np_data_i, .np_valid_i, .np_ready_o,
    .tr_req_o, .tr_valid_o, .tr_ready_i, .tr_rsp_i, .tr_rsp_valid_i,
    .wr_ctl_o(wr_ctl), .wr_data_o(wr_data), .wr_valid_o(wr_valid), .wr_ready_i(wr_ready),
    .wr_hpa_o(wr_hpa), .wr_fault_o(wr_fault),
    .rd_ctl_o(rd_ctl), .rd_valid_o(rd_valid), .rd_ready_i(rd_ready),
    .rd_hpa_o(rd_hpa), .rd_fault_o(rd_fault), .rd_pass_o(order_ok),
    .posted_retired_i(retired_o[0]),
    .cpl_valid_i(up_cpl_valid_i), .cpl_take_i(up_cpl_take_i), .cpl_relaxed_i(up_cpl_relaxed_i),
    .cpl_pass_o(up_cpl_pass_o)
  );

  // ---- Host memory

  cw_host_write #(.W(W), .Outstanding(InFlight)) u_write (
    .clk_i,
    .rst_i,
    .p_ctl_i    (wr_ctl),
    .p_data_i   (wr_data),
    .p_hpa_i    (wr_hpa),
    .p_fault_i  (wr_fault || !allow),
    .p_peer_i   (cw_host_pkg::is_peer(64'(wr_hpa), state_i)),
    .p_valid_i  (wr_valid),
    .p_ready_o  (wr_ready),
    .m_aw_o, .m_aw_no_snoop_o, .m_aw_valid_o, .m_aw_ready_i,
    .m_w_data_o, .m_w_strb_o, .m_w_last_o, .m_w_valid_o, .m_w_ready_i,
    .m_b_i, .m_b_valid_i, .m_b_ready_o,
    .peer_ctl_o(peer_p_ctl_o), .peer_valid_o(peer_p_valid_o), .peer_ready_i(peer_p_ready_i),
    .msi_valid_o, .msi_ready_i, .msi_addr_o, .msi_data_o,
    .retired_o  (retired_o[0]),
    .refused_o  (wr_refused),
    .poisoned_o (wr_poisoned),
    .mem_error_o(wr_error)
  );

  assign peer_p_data_o = wr_data;

  cw_root_messages u_messages (
    .clk_i,
    .rst_i,
    .link_reset_i(state_i.secondary_reset),
    .hdr_i (wr_ctl.hdr),
    .take_i(wr_valid && wr_ready && wr_ctl.sop),
    .intx_o,
    .msg_o
  );

  cw_peer_reads #(.Requests(InFlight), .TimeoutCycles(TimeoutCycles)) u_peer_reads (
    .clk_i,
    .rst_i,
    .link_up_i,
    .np_ctl_i      (rd_ctl),
    .np_hpa_i      (rd_hpa),
    .np_peer_i     (allow && !rd_fault && cw_host_pkg::is_peer(64'(rd_hpa), state_i)),
    .np_valid_i    (rd_valid),
    .np_ready_o    (rd_ready),
    .order_ok_i    (order_ok),
    .host_valid_o  (host_rd_valid),
    .host_ready_i  (host_rd_ready),
    .host_retired_i(host_rd_retired),
    .down_ctl_o    (peer_np_ctl_o),
    .down_valid_o  (peer_np_valid_o),
    .down_ready_i  (peer_np_ready_i),
    .cpl_hdr_i     (up_cpl_hdr_i),
    .cpl_take_i    (up_cpl_to_peer_i),
    .retired_o     (retired_o[1])
  );

  cw_host_read #(.W(W), .Depth(InFlight)) u_read (
    .clk_i,
    .rst_i,
    .max_payload_i(state_i.max_payload),
    .np_ctl_i   (rd_ctl),
    .np_hpa_i   (rd_hpa),
    .np_fault_i (rd_fault || !allow),
    .np_valid_i (host_rd_valid),
    .np_ready_o (host_rd_ready),
    .order_ok_i (order_ok),
    .m_ar_o, .m_ar_no_snoop_o, .m_ar_valid_o, .m_ar_ready_i,
    .m_r_data_i, .m_r_resp_i, .m_r_last_i, .m_r_valid_i, .m_r_ready_o,
    .cpl_ctl_o, .cpl_data_o, .cpl_valid_o, .cpl_ready_i,
    .retired_o  (host_rd_retired),
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

  `CW_ASSERT(HostReadsBehindWrites, !(host_rd_valid && host_rd_ready && rd_ctl.sop) || order_ok)
  `CW_ASSERT(OnlyWritesGoDownPosted, !peer_p_valid_o || !peer_p_ctl_o.sop
      || peer_p_ctl_o.hdr.dw0.kind inside {TlpMWr32, TlpMWr64})

endmodule
