// SPDX-License-Identifier: Apache-2.0
//
// The CPU's way to the fabric: memory and configuration of devices, the root ports' own registers
// and the IOMMU's, by address. One read and one write of the CPU are under way at a time; a posted
// write never waits for a read, and a port that takes no read or answers none delays one access.
// Spec: PCIe Base 1.3.1 (root complex), 7.2.2 (ECAM), 2.3.2 (all ones for what fails).
`include "cw_assert.svh"
module cw_host_bridge
  import cw_host_pkg::*;
#(
  parameter int unsigned W             = 256,    // bits of a TLP beat
  parameter int unsigned Ports         = 1,      // root ports
  parameter int unsigned TimeoutCycles = 65536   // until a request counts as lost
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

  // Requests down, completions up; posted control and data are those of every port
  output cw_tlp_pkg::tlp_ctl_t         p_ctl_o,
  output logic [W-1:0]                 p_data_o,
  output logic [Ports-1:0]             p_valid_o,
  input  logic [Ports-1:0]             p_ready_i,
  output cw_tlp_pkg::tlp_ctl_t [Ports-1:0] np_ctl_o,
  output logic [Ports-1:0][W-1:0]      np_data_o,
  output logic [Ports-1:0]             np_valid_o,
  input  logic [Ports-1:0]             np_ready_i,
  input  cw_tlp_pkg::tlp_ctl_t [Ports-1:0] cpl_ctl_i,
  input  logic [Ports-1:0][W-1:0]      cpl_data_i,
  input  logic [Ports-1:0]             cpl_valid_i,
  output logic [Ports-1:0]             cpl_ready_o,

  // The root ports: links, configuration spaces, and what those say
  input  logic [Ports-1:0]             link_up_i,
  output cw_tlp_pkg::cfg_hdr_t         cfg_hdr_o,
  output logic [31:0]                  cfg_wdata_o,
  output logic [Ports-1:0]             cfg_valid_o,
  input  logic [Ports-1:0]             cfg_ready_i,
  input  logic [Ports-1:0][31:0]       cfg_rdata_i,
  input  logic [Ports-1:0]             cfg_done_i,
  input  cw_cfg_pkg::root_port_state_t [Ports-1:0] state_i,
  output cw_cfg_pkg::cfg_event_t [Ports-1:0] event_o,

  // Registers of the IOMMU; a 4-byte access uses the low half of the data
  output logic                         reg_valid_o,
  output logic                         reg_write_o,
  output logic [11:0]                  reg_addr_o,
  output logic                         reg_size8_o,
  output logic [63:0]                  reg_wdata_o,
  input  logic                         reg_ready_i,
  input  logic [63:0]                  reg_rdata_i
);

  localparam int unsigned PortW = Ports > 1 ? $clog2(Ports) : 1;

  // 0: write side, 1: read side
  host_op_t [1:0]                     op;
  host_op_t                           link_op;
  logic [1:0]                         op_valid, op_done, op_data_valid;
  logic                               op_ok, owner, p_valid, cfg_valid, link_valid;
  logic [31:0]                        op_data;
  logic [1:0][PortW-1:0]              port;
  logic [PortW-1:0]                   op_port;  // of the access that is carried out
  cw_tlp_pkg::bdf_t [1:0]             port_id;
  cw_cfg_pkg::root_port_state_t [1:0] state;
  logic [Ports-1:0]                   link_done, link_ok, link_data_valid;
  logic [Ports-1:0][31:0]             link_data;

  cw_root_select #(.Ports(Ports)) u_write_select (
    .clk_i,
    .rst_i,
    .state_i,
    .addr_i (s_aw_i.addr),
    .take_i (s_aw_valid_i && s_aw_ready_o),
    .id_o   (port_id[0]),
    .state_o(state[0]),
    .port_o (port[0])
  );

  cw_root_select #(.Ports(Ports)) u_read_select (
    .clk_i,
    .rst_i,
    .state_i,
    .addr_i (s_ar_i.addr),
    .take_i (s_ar_valid_i && s_ar_ready_o),
    .id_o   (port_id[1]),
    .state_o(state[1]),
    .port_o (port[1])
  );

  assign op_port     = port[owner];
  assign p_valid_o   = p_valid ? Ports'(1) << port[0] : '0;
  assign cfg_valid_o = cfg_valid ? Ports'(1) << op_port : '0;

  cw_host_mmio_write #(.W(W)) u_write (
    .clk_i,
    .rst_i,
    .port_id_i  (port_id[0]),
    .state_i    (state[0]),
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
    .p_valid_o  (p_valid),
    .p_ready_i  (p_ready_i[port[0]]),
    .op_o       (op[0]),
    .op_valid_o (op_valid[0]),
    .op_done_i  (op_done[0])
  );

  cw_host_mmio_read u_read (
    .clk_i,
    .rst_i,
    .port_id_i  (port_id[1]),
    .state_i    (state[1]),
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
    .owner_o           (owner),
    .cfg_hdr_o,
    .cfg_wdata_o,
    .cfg_valid_o       (cfg_valid),
    .cfg_ready_i       (cfg_ready_i[op_port]),
    .cfg_rdata_i       (cfg_rdata_i[op_port]),
    .cfg_done_i        (cfg_done_i[op_port]),
    .reg_valid_o,
    .reg_write_o,
    .reg_addr_o,
    .reg_size8_o,
    .reg_wdata_o,
    .reg_ready_i,
    .reg_rdata_i,
    .op_o              (link_op),
    .link_valid_o      (link_valid),
    .link_done_i       (link_done[op_port]),
    .link_ok_i         (link_ok[op_port]),
    .link_data_i       (link_data[op_port]),
    .link_data_valid_i (link_data_valid[op_port])
  );

  // A link that does not move has its requests and its lost tags to itself.
  for (genvar n = 0; n < Ports; n++) begin : gen_port
    cw_host_nonposted #(.W(W), .TimeoutCycles(TimeoutCycles)) u_nonposted (
      .clk_i,
      .rst_i,
      .link_up_i         (link_up_i[n]),
      .timeout_disable_i (state_i[n].cpl_timeout_disable),
      .rrs_visible_i     (state_i[n].rrs_visible),
      .op_i              (link_op),
      .op_valid_i        (link_valid && 32'(op_port) == n),
      .done_o            (link_done[n]),
      .ok_o              (link_ok[n]),
      .data_o            (link_data[n]),
      .data_valid_o      (link_data_valid[n]),
      .np_ctl_o          (np_ctl_o[n]),
      .np_data_o         (np_data_o[n]),
      .np_valid_o        (np_valid_o[n]),
      .np_ready_i        (np_ready_i[n]),
      .cpl_ctl_i         (cpl_ctl_i[n]),
      .cpl_data_i        (cpl_data_i[n]),
      .cpl_valid_i       (cpl_valid_i[n]),
      .cpl_ready_o       (cpl_ready_o[n]),
      .event_o           (event_o[n])
    );
  end

  `CW_ASSERT(WriteSideReadsNothing, !op_data_valid[0])
  `CW_ASSERT(OnePortIsAsked, $onehot0(p_valid_o) && $onehot0(cfg_valid_o))

endmodule
