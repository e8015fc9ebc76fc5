// SPDX-License-Identifier: Apache-2.0
//
// The IOMMU as the root complex has it: with all that it can do, and with its own writes to the
// doorbell page ringing, beside the messages of devices.
// Spec: RISC-V IOMMU 1.0.
`include "cw_assert.svh"
module cw_root_iommu
  import cw_iommu_tr_pkg::tr_req_t, cw_iommu_tr_pkg::tr_rsp_t;
#(
  parameter int unsigned Paths = 1  // of requests into the host
) (
  input  logic                clk_i,
  input  logic                rst_i,

  // Registers; a 4-byte access uses the low half of the data
  input  logic                reg_valid_i,
  input  logic                reg_write_i,
  input  logic [11:0]         reg_addr_i,
  input  logic                reg_size8_i,
  input  logic [63:0]         reg_wdata_i,
  output logic                reg_ready_o,
  output logic [63:0]         reg_rdata_o,

  // Translation, by path: 0 posted, 1 non-posted
  input  tr_req_t [Paths-1:0][1:0] tr_req_i,
  input  logic [Paths-1:0][1:0]    tr_valid_i,
  output logic [Paths-1:0][1:0]    tr_ready_o,
  output tr_rsp_t [Paths-1:0][1:0] tr_rsp_o,
  output logic [Paths-1:0][1:0]    tr_rsp_valid_o,
  input  logic [Paths-1:0][1:0]    retired_i,

  // Memory, 64 bits
  output cw_axi_pkg::axi_ax_t m_aw_o,
  output logic                m_aw_valid_o,
  input  logic                m_aw_ready_i,
  output logic [63:0]         m_w_data_o,
  output logic [7:0]          m_w_strb_o,
  output logic                m_w_last_o,
  output logic                m_w_valid_o,
  input  logic                m_w_ready_i,
  input  cw_axi_pkg::axi_b_t  m_b_i,
  input  logic                m_b_valid_i,
  output logic                m_b_ready_o,
  output cw_axi_pkg::axi_ax_t m_ar_o,
  output logic                m_ar_valid_o,
  input  logic                m_ar_ready_i,
  input  logic [3:0]          m_r_id_i,
  input  logic [63:0]         m_r_data_i,
  input  logic [1:0]          m_r_resp_i,
  input  logic                m_r_last_i,
  input  logic                m_r_valid_i,
  output logic                m_r_ready_o,

  // Messages of devices, and those of the IOMMU with them
  input  logic                dev_valid_i,
  input  logic [63:0]         dev_addr_i,
  input  logic [31:0]         dev_data_i,
  output logic                msi_valid_o,
  output logic [63:0]         msi_addr_o,
  output logic [31:0]         msi_data_o,

  output logic [3:0]          irq_o           // wires, levels
);

  cw_axi_pkg::axi_b_t b;
  logic               aw_valid, aw_ready, w_valid, w_ready, b_valid, b_ready;

  cw_iommu #(.Paths(Paths)) u_iommu (
    .clk_i,
    .rst_i,
    .caps_i(cw_iommu_reg_pkg::CapsDefault),
    .reg_valid_i, .reg_write_i, .reg_addr_i, .reg_size8_i, .reg_wdata_i, .reg_ready_o, .reg_rdata_o,
    .tr_req_i, .tr_valid_i, .tr_ready_o, .tr_rsp_o, .tr_rsp_valid_o,
    .retired_i,
    .m_aw_o, .m_aw_valid_o(aw_valid), .m_aw_ready_i(aw_ready),
    .m_w_data_o, .m_w_strb_o, .m_w_last_o, .m_w_valid_o(w_valid), .m_w_ready_i(w_ready),
    .m_b_i(b), .m_b_valid_i(b_valid), .m_b_ready_o(b_ready),
    .m_ar_o, .m_ar_valid_o, .m_ar_ready_i,
    .m_r_id_i, .m_r_data_i, .m_r_resp_i, .m_r_poison_i(1'b0), .m_r_last_i, .m_r_valid_i,
    .m_r_ready_o,
    .irq_o
  );

  cw_doorbell u_doorbell (
    .clk_i,
    .rst_i,
    .s_aw_i(m_aw_o), .s_aw_valid_i(aw_valid), .s_aw_ready_o(aw_ready),
    .s_w_data_i(m_w_data_o), .s_w_strb_i(m_w_strb_o), .s_w_last_i(m_w_last_o),
    .s_w_valid_i(w_valid), .s_w_ready_o(w_ready),
    .s_b_o(b), .s_b_valid_o(b_valid), .s_b_ready_i(b_ready),
    .m_aw_valid_o, .m_aw_ready_i, .m_w_valid_o, .m_w_ready_i, .m_b_i, .m_b_valid_i, .m_b_ready_o,
    .dev_valid_i, .dev_addr_i, .dev_data_i,
    .msi_valid_o, .msi_addr_o, .msi_data_o
  );

  `CW_ASSERT(DevicesAreHeard, !dev_valid_i || (msi_valid_o && msi_addr_o == dev_addr_i))
  `CW_ASSERT(MemoryIsAsked, !m_aw_valid_o || aw_valid)

endmodule
