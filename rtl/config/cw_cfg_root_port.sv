// SPDX-License-Identifier: Apache-2.0
//
// Configuration space of a root port: a type 1 header with Power Management, PCI Express and Access
// Control Services capabilities. One access per clock, read data in the same clock; the ID is fixed
// by the host.
// Spec: PCIe Base 7.5.1.3, 7.5.2, 7.5.3, 7.7.8.
`include "cw_assert.svh"
module cw_cfg_root_port
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*, cw_cfg_ext_pkg::*;
#(
  parameter logic [15:0] VendorId = VendorIdExample,
  parameter logic [15:0] DeviceId = DeviceIdRootPort,
  parameter logic [7:0]  Number   = 0
) (
  input  logic                 clk_i,
  input  logic                 rst_i,

  // A configuration request to this port
  input  cw_tlp_pkg::cfg_hdr_t cfg_hdr_i,
  input  logic [31:0]          cfg_wdata_i,
  input  logic                 cfg_valid_i,
  output logic                 cfg_ready_o,
  output logic [31:0]          cfg_rdata_o,
  output logic                 cfg_done_o,

  output root_port_state_t     state_o,
  input  logic                 acs_dropped_i,  // a posted request that access control forbids
  input  cfg_event_t           event_i
);

  cfg_req_t     req;
  logic [31:0]  header_rdata, pm_rdata, pcie_rdata, acs_rdata;
  acs_t         acs;
  logic         mem_enable, bus_master_enable, secondary_reset;
  logic [7:0]   primary_bus, secondary_bus, subordinate_bus;
  logic [63:0]  mem_base, mem_limit, pref_base, pref_limit;
  power_state_e power;
  logic         pme_enable, pme_status;
  pcie_ctl_t    pcie_ctl;
  error_class_t detected;

  // There is no AER here: errors have their default severities.
  always_comb begin
    detected = cw_aer_pkg::error_class(
        cw_aer_pkg::errors_of(event_i, 1'b0), cw_aer_pkg::SettingsReset);
    detected.non_fatal |= acs_dropped_i;  // nobody is told (6.12.4)
  end

  assign req = '{
      write:  cfg_hdr_i.dw0.kind == cw_tlp_pkg::TlpCfgWr0,
      reg_dw: cfg_hdr_i.reg_dw,
      be:     cfg_hdr_i.first_be,
      wdata:  cfg_wdata_i};

  assign cfg_ready_o = 1'b1;
  assign cfg_done_o  = cfg_valid_i;
  assign cfg_rdata_o = header_rdata | pm_rdata | pcie_rdata | acs_rdata;

  cw_cfg_type1 #(
    .VendorId (VendorId),
    .DeviceId (DeviceId),
    .FirstCap (PmCapOffset)
  ) u_type1 (
    .clk_i,
    .rst_i,
    .cfg_valid_i,
    .cfg_req_i           (req),
    .rdata_o             (header_rdata),
    .event_i,
    .mem_enable_o        (mem_enable),
    .bus_master_enable_o (bus_master_enable),
    .primary_bus_o       (primary_bus),
    .secondary_bus_o     (secondary_bus),
    .subordinate_bus_o   (subordinate_bus),
    .mem_base_o          (mem_base),
    .mem_limit_o         (mem_limit),
    .pref_base_o         (pref_base),
    .pref_limit_o        (pref_limit),
    .secondary_reset_o   (secondary_reset)
  );

  cw_cfg_pm #(.Base(PmCapOffset), .Next(PcieCapOffset), .ForwardsPme(1)) u_pm (
    .clk_i,
    .rst_i,
    .cold_rst_i   (rst_i),
    .cfg_valid_i,
    .cfg_req_i    (req),
    .rdata_o      (pm_rdata),
    .pme_i        (event_i.pme),
    .power_o      (power),
    .pme_enable_o (pme_enable),
    .pme_status_o (pme_status)
  );

  cw_cfg_pcie #(.Base(PcieCapOffset), .Next(CapEnd), .IsRootPort(1), .PortNumber(Number)) u_pcie (
    .clk_i,
    .rst_i,
    .fn_rst_i     (1'b0),
    .cfg_valid_i,
    .cfg_req_i    (req),
    .rdata_o      (pcie_rdata),
    .detected_i   (detected),
    .busy_i       (1'b0),
    .slot_power_i ('0),
    .ctl_o        (pcie_ctl)
  );

  // The first capability of extended space has to be at 100h (7.6.1).
  cw_cfg_acs #(.Base(ExtFirst), .Next(ExtEnd), .RootPort(1)) u_acs (
    .clk_i,
    .rst_i,
    .cfg_valid_i,
    .cfg_req_i(req),
    .rdata_o  (acs_rdata),
    .control_o(acs)
  );

  // The host is asked by nobody: no message goes to it, it requests without tags of its own.
  logic unused;
  assign unused = &{1'b0, pme_enable, pme_status, pcie_ctl};

  assign state_o = '{
      rrs_visible:         pcie_ctl.rrs_visible,
      acs:                 acs,
      mem_enable:          mem_enable,
      bus_master_enable:   bus_master_enable,
      power:               power,
      primary_bus:         primary_bus,
      secondary_bus:       secondary_bus,
      subordinate_bus:     subordinate_bus,
      mem_base:            mem_base,
      mem_limit:           mem_limit,
      pref_base:           pref_base,
      pref_limit:          pref_limit,
      secondary_reset:     secondary_reset,
      max_payload:         pcie_ctl.max_payload,
      max_read_request:    pcie_ctl.max_read_request,
      ext_tag_enable:      pcie_ctl.ext_tag_enable,
      relaxed_enable:      pcie_ctl.relaxed_enable,
      no_snoop_enable:     pcie_ctl.no_snoop_enable,
      cpl_timeout_range:   pcie_ctl.cpl_timeout_range,
      cpl_timeout_disable: pcie_ctl.cpl_timeout_disable};

  `CW_ASSERT(OnlyType0Arrives, !cfg_valid_i
      || (cfg_hdr_i.dw0.kind inside {cw_tlp_pkg::TlpCfgRd0, cw_tlp_pkg::TlpCfgWr0}))
  `CW_ASSERT(WindowsAreWholeMegabytes, state_o.mem_base[19:0] == '0 && state_o.mem_limit[19:0] == '1
      && state_o.pref_base[19:0] == '0 && state_o.pref_limit[19:0] == '1)
  `CW_ASSERT(OneOwnerOfADword,
      $countones({header_rdata != '0, pm_rdata != '0, pcie_rdata != '0, acs_rdata != '0}) <= 1)

endmodule
