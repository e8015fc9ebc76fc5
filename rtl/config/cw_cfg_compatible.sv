// SPDX-License-Identifier: Apache-2.0
//
// The first 256 bytes of an endpoint function: the type 0 header and the capabilities in its list,
// each absent where its parameter says so. Composition only.
// Spec: PCIe Base 7.5, 7.7, 7.9.18.
`include "cw_assert.svh"
module cw_cfg_compatible
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter int unsigned            Function        = 0,
  parameter bit                     MultiFunction   = 0,  // the device has more than one
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
  parameter cw_vpd_pkg::vpd_image_t Vpd             = cw_vpd_pkg::VpdExample
) (
  input  logic             clk_i,
  input  logic             rst_i,       // fundamental or hot reset
  input  logic             cold_rst_i,  // fundamental reset
  input  logic             fn_rst_i,    // function-level reset

  // Access; `rdata_o` is zero for a dword that is not here
  input  logic             cfg_valid_i,
  input  cfg_req_t         cfg_req_i,
  output logic [31:0]      rdata_o,

  // What software has set; the fields that are not of these registers are zero
  output cfg_state_t       state_o,
  output report_enable_t   report_o,

  // What happens: events, the classes of their errors
  input  cfg_event_t       event_i,
  input  error_class_t     detected_i,
  input  logic             error_sent_i,   // ERR_FATAL or ERR_NONFATAL
  input  slot_power_t      slot_power_i,
  input  logic             busy_i,
  input  logic             intx_pending_i,
  input  logic [31:0]      msi_pending_i,
  input  logic [5:0][5:0]  bar_log2_i    // bytes of each BAR now
);

  // The list: in the order of the offsets, without what is absent.
  localparam logic [7:0] VpdAt  = HasVpd ? VpdCapOffset : CapEnd;
  localparam logic [7:0] MsiAt  = MsiVectors != 0 ? MsiCapOffset : VpdAt;
  localparam logic [7:0] MsixAt = MsixVectors != 0 ? MsixCapOffset : PcieCapOffset;

  logic             all_rst;
  logic [31:0]      header_rdata, pm_rdata, msi_rdata, msix_rdata, pcie_rdata, vpd_rdata;
  logic             io_enable, mem_enable, bus_master_enable, serr_enable, intx_disable;
  logic             rom_enable, pme_enable, pme_status, msix_enable, msix_mask;
  logic [31:0]      rom_base;
  logic [5:0][63:0] bar_base;
  power_state_e     power;
  pcie_ctl_t        pcie_ctl;
  msi_state_t       msi;

  assign all_rst = rst_i || fn_rst_i;
  assign rdata_o = header_rdata | pm_rdata | msi_rdata | msix_rdata | pcie_rdata | vpd_rdata;

  cw_cfg_type0 #(
    .VendorId     (VendorId),
    .DeviceId     (DeviceId),
    .ClassCode    (ClassCode),
    .SubsysVendor (SubsysVendor),
    .SubsysId     (SubsysId),
    .Bars         (Bars),
    .RomLog2      (RomLog2),
    .IntxPin      (IntxPin),
    .MultiFunction(MultiFunction),
    .FirstCap     (PmCapOffset)
  ) u_type0 (
    .clk_i,
    .rst_i               (all_rst),
    .cfg_valid_i,
    .cfg_req_i,
    .rdata_o             (header_rdata),
    .event_i,
    .error_sent_i,
    .intx_pending_i,
    .bar_log2_i,
    .io_enable_o         (io_enable),
    .mem_enable_o        (mem_enable),
    .bus_master_enable_o (bus_master_enable),
    .serr_enable_o       (serr_enable),
    .intx_disable_o      (intx_disable),
    .rom_enable_o        (rom_enable),
    .rom_base_o          (rom_base),
    .bar_base_o          (bar_base)
  );

  cw_cfg_pm #(.Base(PmCapOffset), .Next(MsixAt)) u_pm (
    .clk_i,
    .rst_i        (all_rst),
    .cold_rst_i,
    .cfg_valid_i,
    .cfg_req_i,
    .rdata_o      (pm_rdata),
    .pme_i        (event_i.pme),
    .power_o      (power),
    .pme_enable_o (pme_enable),
    .pme_status_o (pme_status)
  );

  if (MsixVectors != 0) begin : gen_msix
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
      .rst_i     (all_rst),
      .cfg_valid_i,
      .cfg_req_i,
      .rdata_o   (msix_rdata),
      .enable_o  (msix_enable),
      .mask_o    (msix_mask)
    );
  end else begin : gen_no_msix
    assign {msix_rdata, msix_enable, msix_mask} = '0;
  end

  cw_cfg_pcie #(
    .Base(PcieCapOffset), .Next(MsiAt), .LtrControl(Function == 0), .Atomics(Function == 0)
  ) u_pcie (
    .clk_i,
    .rst_i,
    .fn_rst_i,
    .cfg_valid_i,
    .cfg_req_i,
    .rdata_o      (pcie_rdata),
    .detected_i,
    .busy_i,
    .slot_power_i,
    .ctl_o        (pcie_ctl)
  );

  if (MsiVectors != 0) begin : gen_msi
    cw_cfg_msi #(.Base(MsiCapOffset), .Next(VpdAt), .Vectors(MsiVectors)) u_msi (
      .clk_i,
      .rst_i     (all_rst),
      .cfg_valid_i,
      .cfg_req_i,
      .rdata_o   (msi_rdata),
      .pending_i (msi_pending_i),
      .msi_o     (msi)
    );
  end else begin : gen_no_msi
    assign {msi_rdata, msi} = '0;
    logic unused;
    assign unused = &{1'b0, msi_pending_i};
  end

  if (HasVpd) begin : gen_vpd
    cw_cfg_vpd #(.Base(VpdCapOffset), .Next(CapEnd), .Image(Vpd)) u_vpd (
      .clk_i,
      .rst_i     (all_rst),
      .cfg_valid_i,
      .cfg_req_i,
      .rdata_o   (vpd_rdata)
    );
  end else begin : gen_no_vpd
    assign vpd_rdata = '0;
  end

  assign state_o = '{
      pme_status:          pme_status,
      msi:                 msi,
      intx_disable:        intx_disable,
      rom_enable:          rom_enable,
      rom_base:            rom_base,
      tag10_enable:        pcie_ctl.tag10_enable,
      ido_request_enable:  pcie_ctl.ido_request_enable,
      ido_cpl_enable:      pcie_ctl.ido_cpl_enable,
      ltr_enable:          pcie_ctl.ltr_enable,
      pme_enable:          pme_enable,
      flr:                 pcie_ctl.flr,
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
      default:             '0};

  assign report_o = '{
      serr:        serr_enable,
      unsupported: pcie_ctl.unsupported_report,
      fatal:       pcie_ctl.fatal_report,
      non_fatal:   pcie_ctl.non_fatal_report,
      correctable: pcie_ctl.correctable_report};

  // Only a root port shows who is not ready.
  logic unused_rrs;
  assign unused_rrs = &{1'b0, pcie_ctl.rrs_visible};

  `CW_ASSERT(NothingOfWhatIsAbsent, (RomLog2 != 0 || !state_o.rom_enable)
      && (MsiVectors != 0 || !state_o.msi.enable) && (MsixVectors != 0 || !state_o.msix_enable))
  `CW_ASSERT(OneOwnerOfADword, $countones({header_rdata != '0, pm_rdata != '0, msi_rdata != '0,
      msix_rdata != '0, pcie_rdata != '0, vpd_rdata != '0}) <= 1)
  `CW_ASSERT(OnlyHere, cfg_req_i.reg_dw[9:6] == '0 || rdata_o == '0)

endmodule
