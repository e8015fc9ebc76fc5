// SPDX-License-Identifier: Apache-2.0
//
// Configuration space of an endpoint function: the first 256 bytes and the extended capabilities
// behind them. One access per clock, read data in the same clock; a dword that is not implemented
// reads zero. The function takes its ID from every write (2.2.6.2).
// Spec: PCIe Base 7.2, 6.6 (resets).
`include "cw_assert.svh"
module cw_cfg_space
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*, cw_aer_pkg::*;
#(
  parameter int unsigned            Function        = 0,
  parameter int unsigned            Functions       = 1,  // of the device
  parameter logic [15:0]            VendorId        = VendorIdExample,
  parameter logic [15:0]            DeviceId        = DeviceIdEndpoint,
  parameter logic [23:0]            ClassCode       = ClassAccelerator,
  parameter logic [15:0]            SubsysVendor    = VendorIdExample,
  parameter logic [15:0]            SubsysId        = 16'h0001,
  parameter bar_cfg_t [5:0]         Bars            = BarsExample,
  parameter int unsigned            RomLog2         = 0,  // bytes; 0: no expansion ROM
  parameter int unsigned            IntxPin         = IntxPinA,  // 0: no INTx
  parameter int unsigned            MsiVectors      = 32,  // 0: no MSI
  parameter int unsigned            MsixVectors     = 8,   // 0: no MSI-X
  parameter logic [31:0]            MsixTableOffset = 32'h2000,  // bytes from the start of the BAR
  parameter logic [2:0]             MsixTableBir    = 3'd0,
  parameter logic [31:0]            MsixPbaOffset   = 32'h3000,
  parameter logic [2:0]             MsixPbaBir      = 3'd0,
  parameter bit                     HasVpd          = 1,
  parameter cw_vpd_pkg::vpd_image_t Vpd             = cw_vpd_pkg::VpdExample,
  parameter logic [63:0]            SerialNumber    = cw_cfg_ext_pkg::SerialNumberExample,
  parameter cw_cfg_ext_pkg::build_t Build           = cw_cfg_ext_pkg::BuildExample
) (
  input  logic                   clk_i,
  input  logic                   rst_i,       // fundamental or hot reset
  input  logic                   cold_rst_i,  // fundamental reset
  input  logic                   fn_rst_i,    // function-level reset

  // A type 0 configuration request to this function
  input  cw_tlp_pkg::cfg_hdr_t   cfg_hdr_i,
  input  logic [31:0]            cfg_wdata_i,
  input  logic                   cfg_valid_i,
  output logic                   cfg_ready_o,
  output logic [31:0]            cfg_rdata_o,
  output logic                   cfg_done_o,

  // The function: what it is told, what happens in it
  output cfg_state_t             state_o,
  input  cfg_event_t             event_i,
  input  slot_power_t            slot_power_i,
  input  logic                   busy_i,          // own requests wait for completions
  input  logic                   intx_pending_i,
  input  logic [31:0]            msi_pending_i,

  // The errors among what happens, as cw_cfg_aer takes them; messages it owes
  input  function_errors_t       errors_i,
  output aer_settings_t          settings_o,
  input  error_message_t         told_i,
  output error_message_t         told_o,
  output error_message_t         message_o,

  output cw_cfg_ext_pkg::ltr_t   ltr_max_o    // the largest latencies that it may ask for
);

  cfg_req_t         req;
  logic [31:0]      compatible_rdata, extended_rdata;
  cw_tlp_pkg::bdf_t id_q;
  logic             id_valid_q;
  cfg_state_t       compatible;
  report_enable_t   report;

  // Extended capabilities
  logic [5:0][5:0]  bar_log2;
  error_class_t     detected;
  logic             ecrc_generate, ecrc_check;

  assign req = '{
      write:  cfg_hdr_i.dw0.kind == cw_tlp_pkg::TlpCfgWr0,
      reg_dw: cfg_hdr_i.reg_dw,
      be:     cfg_hdr_i.first_be,
      wdata:  cfg_wdata_i};

  assign cfg_ready_o = 1'b1;
  assign cfg_done_o  = cfg_valid_i;
  assign cfg_rdata_o = compatible_rdata | extended_rdata;

  // A function-level reset leaves the place on the link as it is.
  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      id_valid_q <= 1'b0;
      id_q       <= '0;  // what completions carry before the first capture (2.2.9)
    end else if (cfg_valid_i && req.write) begin
      id_valid_q <= 1'b1;
      id_q       <= cfg_hdr_i.target_id;
    end
  end

  cw_cfg_compatible #(
    .Function       (Function),
    .MultiFunction  (Functions > 1),
    .VendorId       (VendorId),
    .DeviceId       (DeviceId),
    .ClassCode      (ClassCode),
    .SubsysVendor   (SubsysVendor),
    .SubsysId       (SubsysId),
    .Bars           (Bars),
    .RomLog2        (RomLog2),
    .IntxPin        (IntxPin),
    .MsiVectors     (MsiVectors),
    .MsixVectors    (MsixVectors),
    .MsixTableOffset(MsixTableOffset),
    .MsixTableBir   (MsixTableBir),
    .MsixPbaOffset  (MsixPbaOffset),
    .MsixPbaBir     (MsixPbaBir),
    .HasVpd         (HasVpd),
    .Vpd            (Vpd)
  ) u_compatible (
    .clk_i,
    .rst_i,
    .cold_rst_i,
    .fn_rst_i,
    .cfg_valid_i,
    .cfg_req_i     (req),
    .rdata_o       (compatible_rdata),
    .state_o       (compatible),
    .report_o      (report),
    .event_i,
    .detected_i    (detected),
    .error_sent_i  (message_o.fatal || message_o.non_fatal),
    .slot_power_i,
    .busy_i,
    .intx_pending_i,
    .msi_pending_i,
    .bar_log2_i    (bar_log2)
  );

  cw_cfg_extended #(
    .Function     (Function),
    .Functions    (Functions),
    .SerialNumber (SerialNumber),
    .Build        (Build),
    .Bars         (Bars)
  ) u_extended (
    .clk_i,
    .rst_i           (rst_i || fn_rst_i),
    .cold_rst_i,
    .cfg_valid_i,
    .cfg_req_i       (req),
    .rdata_o         (extended_rdata),
    .errors_i,
    .settings_o,
    .detected_o      (detected),
    .report_i        (report),
    .told_i,
    .told_o,
    .message_o,
    .ecrc_generate_o (ecrc_generate),
    .ecrc_check_o    (ecrc_check),
    .mem_enable_i    (compatible.mem_enable),
    .bar_log2_o      (bar_log2),
    .ltr_max_o
  );

  always_comb begin
    state_o               = compatible;
    state_o.id            = id_q;
    state_o.id_valid      = id_valid_q;
    state_o.bar_log2      = bar_log2;
    state_o.ecrc_generate = ecrc_generate;
    state_o.ecrc_check    = ecrc_check;
  end

  `CW_ASSERT(OnlyType0Arrives, !cfg_valid_i
      || (cfg_hdr_i.dw0.kind inside {cw_tlp_pkg::TlpCfgRd0, cw_tlp_pkg::TlpCfgWr0}))
  `CW_ASSERT(OnlyThisFunctionArrives, !cfg_valid_i || cfg_hdr_i.target_id.fn == 3'(Function))
  `CW_ASSERT(MasterHasId, !state_o.bus_master_enable || state_o.id_valid)
  `CW_ASSERT(OneOwnerOfADword, compatible_rdata == '0 || extended_rdata == '0)

endmodule
