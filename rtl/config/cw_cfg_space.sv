// SPDX-License-Identifier: Apache-2.0
//
// Configuration space of an endpoint function: a type 0 header with Power Management, MSI-X,
// PCI Express and extended capabilities. One access per clock, read data in the same clock; a dword
// that is not implemented reads zero. The function takes its ID from every write (2.2.6.2).
// Spec: PCIe Base 7.5, 7.6, 7.7.2.
`include "cw_assert.svh"
module cw_cfg_space
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter int unsigned    Function        = 0,
  parameter int unsigned    Functions       = 1,             // of the device
  parameter logic [63:0]    SerialNumber    = cw_cfg_ext_pkg::SerialNumberExample,
  parameter cw_cfg_ext_pkg::build_t Build   = cw_cfg_ext_pkg::BuildExample,
  parameter logic [15:0]    VendorId        = VendorIdExample,
  parameter logic [15:0]    DeviceId        = DeviceIdEndpoint,
  parameter logic [23:0]    ClassCode       = ClassAccelerator,
  parameter logic [15:0]    SubsysVendor    = VendorIdExample,
  parameter logic [15:0]    SubsysId        = 16'h0001,
  parameter bar_cfg_t [5:0] Bars            = BarsExample,
  parameter int unsigned    MsixVectors     = 8,
  parameter logic [31:0]    MsixTableOffset = 32'h2000,  // bytes from the start of the BAR
  parameter logic [2:0]     MsixTableBir    = 3'd0,
  parameter logic [31:0]    MsixPbaOffset   = 32'h3000,
  parameter logic [2:0]     MsixPbaBir      = 3'd0
) (
  input  logic                   clk_i,
  input  logic                   rst_i,

  // A type 0 configuration request to this function
  input  cw_tlp_pkg::cfg_hdr_t   cfg_hdr_i,
  input  logic [31:0]            cfg_wdata_i,
  input  logic                   cfg_valid_i,
  output logic                   cfg_ready_o,
  output logic [31:0]            cfg_rdata_o,
  output logic                   cfg_done_o,

  // The function
  output cfg_state_t             state_o,
  input  cfg_event_t             event_i,
  input  logic                   busy_i       // own requests wait for completions
);

  cfg_req_t         req;
  logic [31:0]      header_rdata, pm_rdata, msix_rdata, pcie_rdata, extended_rdata;
  cw_tlp_pkg::bdf_t id_q;
  logic             id_valid_q;
  logic             io_enable, mem_enable, bus_master_enable, msix_enable, msix_mask;
  logic [5:0][63:0] bar_base;
  logic [5:0][5:0]  bar_log2;
  cw_aer_pkg::function_errors_t errors;
  power_state_e     power;
  pcie_ctl_t        pcie_ctl;

  assign req = '{
      write:  cfg_hdr_i.dw0.kind == cw_tlp_pkg::TlpCfgWr0,
      reg_dw: cfg_hdr_i.reg_dw,
      be:     cfg_hdr_i.first_be,
      wdata:  cfg_wdata_i};

  assign cfg_ready_o = 1'b1;
  assign cfg_done_o  = cfg_valid_i;
  assign cfg_rdata_o = header_rdata | pm_rdata | msix_rdata | pcie_rdata
                      | extended_rdata;

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      id_valid_q <= 1'b0;
      id_q       <= '0;  // what completions carry before the first capture (2.2.9)
    end else if (cfg_valid_i && req.write) begin
      id_valid_q <= 1'b1;
      id_q       <= cfg_hdr_i.target_id;
    end
  end

  cw_cfg_type0 #(
    .VendorId     (VendorId),
    .DeviceId     (DeviceId),
    .ClassCode    (ClassCode),
    .SubsysVendor (SubsysVendor),
    .SubsysId     (SubsysId),
    .Bars         (Bars),
    .FirstCap     (PmCapOffset)
  ) u_type0 (
    .clk_i,
    .rst_i,
    .cfg_valid_i,
    .cfg_req_i           (req),
    .rdata_o             (header_rdata),
    .event_i,
    .io_enable_o         (io_enable),
    .mem_enable_o        (mem_enable),
    .bus_master_enable_o (bus_master_enable),
    .bar_base_o          (bar_base)
  );

  cw_cfg_pm #(.Base(PmCapOffset), .Next(MsixCapOffset)) u_pm (
    .clk_i,
    .rst_i,
    .cfg_valid_i,
    .cfg_req_i (req),
    .rdata_o   (pm_rdata),
    .power_o   (power)
  );

  cw_cfg_msix #(
    .Base        (MsixCapOffset),
    .Next        (PcieCapOffset),
    .Vectors     (MsixVectors),
    .TableOffset (MsixTableOffset),
    .TableBir    (MsixTableBir),
    .PbaOffset   (MsixPbaOffset),
    .PbaBir      (MsixPbaBir)
  ) u_msix (
    .clk_i,
    .rst_i,
    .cfg_valid_i,
    .cfg_req_i (req),
    .rdata_o   (msix_rdata),
    .enable_o  (msix_enable),
    .mask_o    (msix_mask)
  );

  cw_cfg_pcie #(.Base(PcieCapOffset), .Next(CapEnd)) u_pcie (
    .clk_i,
    .rst_i,
    .cfg_valid_i,
    .cfg_req_i (req),
    .rdata_o   (pcie_rdata),
    .event_i,
    .busy_i,
    .ctl_o     (pcie_ctl)
  );

  always_comb begin
    errors     = '0;
    errors.own = cw_aer_pkg::errors_of(event_i);
  end

  cw_cfg_extended #(
    .Function     (Function),
    .Functions    (Functions),
    .SerialNumber (SerialNumber),
    .Build        (Build),
    .Bars         (Bars)
  ) u_extended (
    .clk_i,
    .rst_i,
    .cold_rst_i      (rst_i),
    .cfg_valid_i,
    .cfg_req_i       (req),
    .rdata_o         (extended_rdata),
    .errors_i        (errors),
    .settings_o      (),
    .detected_o      (),
    .report_i        ('0),
    .told_i          ('0),
    .told_o          (),
    .message_o       (),
    .ecrc_generate_o (),
    .ecrc_check_o    (),
    .mem_enable_i    (mem_enable),
    .bar_log2_o      (bar_log2),
    .ltr_max_o       ()
  );

  assign state_o = '{
      id:                  id_q,
      id_valid:            id_valid_q,
      io_enable:           io_enable,
      mem_enable:          mem_enable,
      bus_master_enable:   bus_master_enable,
      power:               power,
      max_payload:         pcie_ctl.max_payload,
      max_read_request:    pcie_ctl.max_read_request,
      ext_tag_enable:      pcie_ctl.ext_tag_enable,
      relaxed_enable:      pcie_ctl.relaxed_enable,
      no_snoop_enable:     pcie_ctl.no_snoop_enable,
      cpl_timeout_range:   pcie_ctl.cpl_timeout_range,
      cpl_timeout_disable: pcie_ctl.cpl_timeout_disable,
      msix_enable:         msix_enable,
      msix_mask:           msix_mask,
      bar_base:            bar_base,
      bar_log2:            bar_log2,
      default:             '0};

  `CW_ASSERT(OnlyType0Arrives, !cfg_valid_i
      || (cfg_hdr_i.dw0.kind inside {cw_tlp_pkg::TlpCfgRd0, cw_tlp_pkg::TlpCfgWr0}))
  `CW_ASSERT(OnlyThisFunctionArrives, !cfg_valid_i || cfg_hdr_i.target_id.fn == 3'(Function))
  `CW_ASSERT(MasterHasId, !state_o.bus_master_enable || state_o.id_valid)
  `CW_ASSERT(OneOwnerOfADword, $countones({header_rdata != '0, pm_rdata != '0,
      msix_rdata != '0, pcie_rdata != '0, extended_rdata != '0}) <= 1)

endmodule
