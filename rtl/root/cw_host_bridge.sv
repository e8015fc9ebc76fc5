// SPDX-License-Identifier: Apache-2.0
//
// The CPU's way to the fabric: memory and configuration of devices, the root port's own registers
// and the IOMMU's, by address. One read and one write of the CPU are under way at a time; a posted
// write never waits for a read.
// Spec: PCIe Base 1.3.1 (root complex), 7.2.2 (ECAM), 2.3.2 (all ones for what fails).
`include "cw_assert.svh"
module cw_host_bridge
  import cw_host_pkg::*;
#(
  parameter int unsigned W             = 256,   // bits of a TLP beat
  parameter int unsigned TimeoutCycles = 65536  // until a request counts as lost
) (
  input  logic                         clk_i,
  input  logic                         rst_i,

  // CPU, 64 bits
  input  cw_axi_pkg::axi_ax_t          s_aw_i,
  input  logic                         s_aw_valid_i,
  output logic                         s_aw_ready_o,
  input  logic [63:0]                  s_w_data_i,
  input  logic [7:0]                   s_w_strb_i,
  input  logic                         s_w_last_i,
  input  logic                         s_w_valid_i,
  output logic                         s_w_ready_o,
  output cw_axi_pkg::axi_b_t           s_b_o,
  output logic                         s_b_valid_o,
  input  logic                         s_b_ready_i,
  input  cw_axi_pkg::axi_ax_t          s_ar_i,
  input  logic                         s_ar_valid_i,
  output logic                         s_ar_ready_o,
  output logic [3:0]                   s_r_id_o,
  output logic [63:0]                  s_r_data_o,
  output logic [1:0]                   s_r_resp_o,
  output logic                         s_r_last_o,
  output logic                         s_r_valid_o,
  input  logic                         s_r_ready_i,

  // Requests down, completions up
  output cw_tlp_pkg::tlp_ctl_t         p_ctl_o,
  output logic [W-1:0]                 p_data_o,
  output logic                         p_valid_o,
  input  logic                         p_ready_i,
  output cw_tlp_pkg::tlp_ctl_t         np_ctl_o,
  output logic [W-1:0]                 np_data_o,
  output logic                         np_valid_o,
  input  logic                         np_ready_i,
  input  cw_tlp_pkg::tlp_ctl_t         cpl_ctl_i,
  input  logic [W-1:0]                 cpl_data_i,
  input  logic                         cpl_valid_i,
  output logic                         cpl_ready_o,

  // The root port: its link, its configuration space, and what that says
  input  logic                         link_up_i,
  output cw_tlp_pkg::cfg_hdr_t         cfg_hdr_o,
  output logic [31:0]                  cfg_wdata_o,
  output logic                         cfg_valid_o,
  input  logic                         cfg_ready_i,
  input  logic [31:0]                  cfg_rdata_i,
  input  logic                         cfg_done_i,
  input  cw_cfg_pkg::root_port_state_t state_i,
  output cw_cfg_pkg::cfg_event_t       event_o,

  // Registers of the IOMMU; a 4-byte access uses the low half of the data
  output logic                         reg_valid_o,
  output logic                         reg_write_o,
  output logic [11:0]                  reg_addr_o,
  output logic                         reg_size8_o,
  output logic [63:0]                  reg_wdata_o,
  input  logic                         reg_ready_i,
  input  logic [63:0]                  reg_rdata_i
);

  host_op_t [1:0] op;
  host_op_t       link_op;
  logic [1:0]     op_valid, op_done, op_data_valid;
  logic           op_ok, link_valid, link_done, link_ok, link_data_valid;
  logic [31:0]    op_data, link_data;

  cw_host_mmio_write #(.W(W)) u_write (
    .clk_i,
    .rst_i,
    .state_i,
    .s_aw_i,
    .s_aw_valid_i,
    .s_aw_ready_o,
    .s_w_data_i,
    .s_w_strb_i,
    .s_w_last_i,
    .s_w_valid_i,
    .s_w_ready_o,
    .s_b_o,
    .s_b_valid_o,
    .s_b_ready_i,
    .p_ctl_o,
    .p_data_o,
    .p_valid_o,
    .p_ready_i,
    .op_o       (op[0]),
    .op_valid_o (op_valid[0]),
    .op_done_i  (op_done[0])
  );

  cw_host_mmio_read u_read (
    .clk_i,
    .rst_i,
    .state_i,
    .s_ar_i,
    .s_ar_valid_i,
    .s_ar_ready_o,
    .s_r_id_o,
    .s_r_data_o,
    .s_r_resp_o,
    .s_r_last_o,
    .s_r_valid_o,
    .s_r_ready_i,
    .op_o            (op[1]),
    .op_valid_o      (op_valid[1]),
    .op_done_i       (op_done[1]),
    .op_ok_i         (op_ok),
    .op_data_i       (op_data),
    .op_data_valid_i (op_data_valid[1])
  );

  cw_host_access u_access (
    .clk_i,
    .rst_i,
    .op_i              (op),
    .op_valid_i        (op_valid),
    .op_done_o         (op_done),
    .op_ok_o           (op_ok),
    .op_data_o         (op_data),
    .op_data_valid_o   (op_data_valid),
    .cfg_hdr_o,
    .cfg_wdata_o,
    .cfg_valid_o,
    .cfg_ready_i,
    .cfg_rdata_i,
    .cfg_done_i,
    .reg_valid_o,
    .reg_write_o,
    .reg_addr_o,
    .reg_size8_o,
    .reg_wdata_o,
    .reg_ready_i,
    .reg_rdata_i,
    .op_o              (link_op),
    .link_valid_o      (link_valid),
    .link_done_i       (link_done),
    .link_ok_i         (link_ok),
    .link_data_i       (link_data),
    .link_data_valid_i (link_data_valid)
  );

  cw_host_nonposted #(.W(W), .TimeoutCycles(TimeoutCycles)) u_nonposted (
    .clk_i,
    .rst_i,
    .link_up_i,
    .timeout_disable_i (state_i.cpl_timeout_disable),
    .rrs_visible_i     (state_i.rrs_visible),
    .op_i              (link_op),
    .op_valid_i        (link_valid),
    .done_o            (link_done),
    .ok_o              (link_ok),
    .data_o            (link_data),
    .data_valid_o      (link_data_valid),
    .np_ctl_o,
    .np_data_o,
    .np_valid_o,
    .np_ready_i,
    .cpl_ctl_i,
    .cpl_data_i,
    .cpl_valid_i,
    .cpl_ready_o,
    .event_o
  );

  `CW_ASSERT(WriteSideReadsNothing, !op_data_valid[0])

endmodule
