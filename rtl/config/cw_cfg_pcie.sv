// SPDX-License-Identifier: Apache-2.0
//
// PCI Express capability, version 2: controls with illegal values clipped, error status, function
// level reset on request, and a Gen1 x1 link that is always up. What describes the link or the slot
// outlives a function-level reset.
// Spec: PCIe Base 7.5.3, 6.6.2 (function-level reset), 6.9 (slot power limit).
`include "cw_assert.svh"
module cw_cfg_pcie
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter logic [7:0] Base       = PcieCapOffset,
  parameter logic [7:0] Next       = CapEnd,
  parameter bit         IsRootPort = 0,
  parameter logic [7:0] PortNumber = 0,
  parameter bit         LtrControl = 1, // function 0: its LTR enable speaks for the device
  parameter bit         Atomics    = 1  // completes AtomicOps: has card memory
) (
  input  logic         clk_i,
  input  logic         rst_i,
  input  logic         fn_rst_i,      // function-level reset

  // Access; `rdata_o` is zero for a dword of another capability
  input  logic         cfg_valid_i,
  input  cfg_req_t     cfg_req_i,
  output logic [31:0]  rdata_o,

  input  error_class_t detected_i,    // one clock
  input  logic         busy_i,        // own requests wait for completions
  input  slot_power_t  slot_power_i,
  output pcie_ctl_t    ctl_o
);

  // ---- What never changes

  localparam pcie_header_t Header = '{
      port_type: IsRootPort ? PortTypeRootPort : PortTypeEndpoint, version: 4'd2,
      next: Next, id: CapIdPcie, default: '0};
  localparam dev_cap_t DevCap = '{
      flr: !IsRootPort, role_based_errors: 1'b1, ext_tag: 1'b1, max_payload: MaxPayloadSupported,
      default: '0};
  localparam link_cap_t LinkCap = '{
      port_number: PortNumber, aspm_optionality: 1'b1, link_active_report: IsRootPort,
      width: LinkWidthX1, speed: LinkSpeedGen1, default: '0};
  localparam dev_cap2_t DevCap2Both = '{
      cpl_timeout_disable: 1'b1, cpl_timeout_ranges: 4'b1111, default: '0};
  localparam dev_cap2_t DevCap2Endpoint = '{
      max_prefixes: 2'd1, end_end_prefix: 1'b1, extended_fmt: 1'b1, tag10_requester: 1'b1,
      tag10_completer: 1'b1, ltr: 1'b1, cas128_completer: Atomics, atomic64_completer: Atomics,
      atomic32_completer: Atomics, default: '0};
  localparam dev_cap2_t DevCap2 = IsRootPort ? DevCap2Both : DevCap2Both | DevCap2Endpoint;
  localparam link_cap2_t LinkCap2 = '{speeds: 7'd1, default: '0};
  localparam link_ctl2_t LinkCtl2 = '{target_speed: LinkSpeedGen1, default: '0};

  // ---- What reset gives, what a write reaches

  localparam dev_ctl_t DevCtlReset = '{
      max_read_request: MaxReadRequestReset, no_snoop_enable: 1'b1, relaxed_enable: 1'b1,
      default: '0};
  localparam dev_ctl_t DevCtlRw = '{
      max_read_request: '1, no_snoop_enable: 1'b1, ext_tag_enable: 1'b1, max_payload: '1,
      relaxed_enable: 1'b1, unsupported_report: 1'b1, fatal_report: 1'b1,
      non_fatal_report: 1'b1, correctable_report: 1'b1, default: '0};
  localparam dev_ctl_t DevStaRw1c = '{
      unsupported_detected: 1'b1, fatal_detected: 1'b1, non_fatal_detected: 1'b1,
      correctable_detected: 1'b1, default: '0};
  localparam dev_ctl_t InitiateFlr = '{initiate_flr: !IsRootPort, default: '0};
  localparam link_ctl_t LinkCtlReset = '{
      link_active: IsRootPort, slot_clock: 1'b1, width: LinkWidthX1, speed: LinkSpeedGen1,
      default: '0};
  localparam link_ctl_t LinkCtlRw = '{
      extended_synch: 1'b1, common_clock: 1'b1, rcb128: !IsRootPort, default: '0};
  localparam root_ctl_t RootCtlReset = '{rrs_visibility: IsRootPort, default: '0};
  localparam root_ctl_t RootCtlRw = '{
      rrs_visible: IsRootPort, pme_interrupt: IsRootPort, serr_fatal: IsRootPort,
      serr_non_fatal: IsRootPort,
      serr_correctable: IsRootPort, default: '0};
  localparam dev_ctl2_t DevCtl2Rw = '{
      tag10_enable: !IsRootPort, ltr_enable: !IsRootPort && LtrControl,
      ido_cpl_enable: !IsRootPort, ido_request_enable: !IsRootPort,
      cpl_timeout_disable: 1'b1, cpl_timeout_range: '1, default: '0};

  logic        write, flr_q;
  dev_cap_t    dev_cap_read;
  dev_ctl_t    dev_ctl_q, dev_ctl_d, dev_sta_set, dev_ctl_read;
  link_ctl_t   link_ctl_q;
  root_ctl_t   root_ctl_q;
  dev_ctl2_t   dev_ctl2_q, dev_ctl2_d;
  logic [1:0]  slot_scale_q;
  logic [7:0]  slot_value_q;

  assign write = cfg_valid_i && cfg_req_i.write;

  function automatic logic written(logic access, logic [9:0] reg_dw, pcie_dw_e index);
    return access && reg_dw == cap_dw(Base, index);
  endfunction

  always_comb begin
    dev_sta_set = '0;
    dev_sta_set.unsupported_detected = detected_i.unsupported;
    dev_sta_set.fatal_detected       = detected_i.fatal;
    dev_sta_set.non_fatal_detected   = detected_i.non_fatal;
    dev_sta_set.correctable_detected = detected_i.correctable;
  end

  always_comb begin
    dev_ctl_d = next_value(dev_ctl_q, cfg_req_i,
        written(write, cfg_req_i.reg_dw, PcieDwDevCtl), DevCtlRw, DevStaRw1c, dev_sta_set);
    if (dev_ctl_d.max_payload > MaxPayloadSupported) dev_ctl_d.max_payload = MaxPayloadSupported;
    if (dev_ctl_d.max_read_request > MaxReadRequestMax)
      dev_ctl_d.max_read_request = MaxReadRequestMax;

    dev_ctl2_d = next_value(dev_ctl2_q, cfg_req_i,
        written(write, cfg_req_i.reg_dw, PcieDwDevCtl2), DevCtl2Rw, '0, '0);
    if (!cpl_timeout_range_legal(dev_ctl2_d.cpl_timeout_range))
      dev_ctl2_d.cpl_timeout_range = dev_ctl2_q.cpl_timeout_range;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      link_ctl_q   <= LinkCtlReset;
      slot_scale_q <= '0;
      slot_value_q <= '0;
    end else begin
      link_ctl_q <= next_value(link_ctl_q, cfg_req_i,
          written(write, cfg_req_i.reg_dw, PcieDwLinkCtl), LinkCtlRw, '0, '0);
      if (slot_power_i.seen && !IsRootPort) begin
        slot_scale_q <= slot_power_i.scale;
        slot_value_q <= slot_power_i.value;
      end
    end
    if (rst_i || fn_rst_i) begin
      dev_ctl_q  <= DevCtlReset;
      root_ctl_q <= RootCtlReset;
      dev_ctl2_q <= '0;
      flr_q      <= 1'b0;
      if (!rst_i) dev_ctl_q.max_payload <= dev_ctl_q.max_payload;
    end else begin
      dev_ctl_q  <= dev_ctl_d;
      root_ctl_q <= next_value(root_ctl_q, cfg_req_i,
          written(write, cfg_req_i.reg_dw, PcieDwRootCtl), RootCtlRw, '0, '0);
      dev_ctl2_q <= dev_ctl2_d;
      flr_q      <= written(write, cfg_req_i.reg_dw, PcieDwDevCtl)
          && (byte_mask(cfg_req_i.be) & cfg_req_i.wdata & InitiateFlr) != '0;
    end
  end

  always_comb begin
    dev_cap_read = DevCap;
    dev_cap_read.slot_power_scale = slot_scale_q;
    dev_cap_read.slot_power_value = slot_value_q;
    dev_ctl_read = dev_ctl_q;
    dev_ctl_read.transactions_pending = busy_i;
    unique case (cfg_req_i.reg_dw)
      cap_dw(Base, PcieDwHeader):   rdata_o = Header;
      cap_dw(Base, PcieDwDevCap):   rdata_o = dev_cap_read;
      cap_dw(Base, PcieDwDevCtl):   rdata_o = dev_ctl_read;
      cap_dw(Base, PcieDwLinkCap):  rdata_o = LinkCap;
      cap_dw(Base, PcieDwLinkCtl):  rdata_o = link_ctl_q;
      cap_dw(Base, PcieDwRootCtl):  rdata_o = root_ctl_q;
      cap_dw(Base, PcieDwDevCap2):  rdata_o = DevCap2;
      cap_dw(Base, PcieDwDevCtl2):  rdata_o = dev_ctl2_q;
      cap_dw(Base, PcieDwLinkCap2): rdata_o = LinkCap2;
      cap_dw(Base, PcieDwLinkCtl2): rdata_o = LinkCtl2;
      default:                      rdata_o = '0;
    endcase
  end

  assign ctl_o = '{
      rrs_visible:         root_ctl_q.rrs_visible,
      max_payload:         dev_ctl_q.max_payload,
      max_read_request:    dev_ctl_q.max_read_request,
      ext_tag_enable:      dev_ctl_q.ext_tag_enable,
      relaxed_enable:      dev_ctl_q.relaxed_enable,
      no_snoop_enable:     dev_ctl_q.no_snoop_enable,
      cpl_timeout_range:   dev_ctl2_q.cpl_timeout_range,
      cpl_timeout_disable: dev_ctl2_q.cpl_timeout_disable,
      tag10_enable:        dev_ctl2_q.tag10_enable,
      ido_request_enable:  dev_ctl2_q.ido_request_enable,
      ido_cpl_enable:      dev_ctl2_q.ido_cpl_enable,
      ltr_enable:          dev_ctl2_q.ltr_enable,
      flr:                 flr_q,
      unsupported_report:  dev_ctl_q.unsupported_report,
      fatal_report:        dev_ctl_q.fatal_report,
      non_fatal_report:    dev_ctl_q.non_fatal_report,
      correctable_report:  dev_ctl_q.correctable_report};

  `CW_REQUIRE(Base[1:0] == '0 && Next[1:0] == '0, "capabilities are dword aligned")
  `CW_ASSERT(MaxPayloadSupportedOnly, ctl_o.max_payload <= MaxPayloadSupported)
  `CW_ASSERT(MaxReadRequestLegal, ctl_o.max_read_request <= MaxReadRequestMax)
  `CW_ASSERT(ErrorRecorded,
      !$past(detected_i.fatal && !rst_i && !fn_rst_i) || dev_ctl_q.fatal_detected)
  `CW_ASSERT(LinkIsGen1X1, link_ctl_q.speed == LinkSpeedGen1 && link_ctl_q.width == LinkWidthX1)
  `CW_ASSERT(TimeoutRangeLegal, cpl_timeout_range_legal(ctl_o.cpl_timeout_range))
  `CW_ASSERT(FlrIsNotKept, !dev_ctl_q.initiate_flr && (!ctl_o.flr || !IsRootPort))

endmodule
