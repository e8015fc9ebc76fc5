// SPDX-License-Identifier: Apache-2.0
//
// Type 1 header of a bridge: Command and Status, bus numbers, the memory windows, Bridge Control.
// There is no I/O window and no BAR. Events are of the link below, so they mark Secondary Status.
// Spec: PCIe Base 7.5.1.1, 7.5.1.3.
`include "cw_assert.svh"
module cw_cfg_type1
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter logic [15:0] VendorId  = VendorIdExample,
  parameter logic [15:0] DeviceId  = DeviceIdRootPort,
  parameter logic [23:0] ClassCode = ClassPciBridge,
  parameter logic [7:0]  FirstCap  = PmCapOffset
) (
  input  logic        clk_i,
  input  logic        rst_i,

  // Access; `rdata_o` is zero for a dword of a capability
  input  logic        cfg_valid_i,
  input  cfg_req_t    cfg_req_i,
  output logic [31:0] rdata_o,

  input  cfg_event_t  event_i,

  // Forwarding; limits are the last byte of a window
  output logic        mem_enable_o,
  output logic        bus_master_enable_o,
  output logic [7:0]  primary_bus_o,
  output logic [7:0]  secondary_bus_o,
  output logic [7:0]  subordinate_bus_o,
  output logic [63:0] mem_base_o,
  output logic [63:0] mem_limit_o,
  output logic [63:0] pref_base_o,
  output logic [63:0] pref_limit_o,
  output logic        secondary_reset_o
);

  localparam command_status_t CommandReset = '{cap_list: 1'b1, default: '0};
  localparam command_status_t CommandRw = '{
      serr_enable: 1'b1, parity_enable: 1'b1, bus_master_enable: 1'b1, mem_enable: 1'b1,
      default: '0};
  localparam bus_numbers_t BusRw = '{latency_timer: '0, default: '1};
  localparam secondary_t SecondaryRw1c = '{
      detected_parity: 1'b1, received_master_abort: 1'b1, received_target_abort: 1'b1,
      signaled_target_abort: 1'b1, master_data_parity: 1'b1, default: '0};
  localparam window_t WindowRw  = '{limit: '1, base: '1, default: '0};
  localparam window_t PrefReset = '{limit_kind: 4'd1, base_kind: 4'd1, default: '0};
  localparam bridge_control_t BridgeRw = '{
      secondary_reset: 1'b1, serr_enable: 1'b1, parity_enable: 1'b1, interrupt_line: '1,
      default: '0};

  logic            write;
  command_status_t command_q;
  header_type_t    header_type_q;
  bus_numbers_t    bus_q;
  secondary_t      secondary_q, secondary_set;
  window_t         mem_q, pref_q;
  logic [31:0]     pref_base_upper_q, pref_limit_upper_q;
  bridge_control_t bridge_q;

  assign write = cfg_valid_i && cfg_req_i.write;

  always_comb begin
    secondary_set = '0;
    secondary_set.detected_parity       = event_i.poisoned;
    secondary_set.received_master_abort = event_i.received_ur;
    secondary_set.received_target_abort = event_i.received_ca;
    secondary_set.signaled_target_abort = event_i.completer_abort;
    secondary_set.master_data_parity    = event_i.poisoned_cpl && bridge_q.parity_enable;
  end

  // Value of the register at dword `index` after this clock.
  function automatic logic [31:0] follow(
      logic [31:0] old, cfg_req_t req, logic access, logic [9:0] index, logic [31:0] rw);
    return next_value(old, req, access && req.reg_dw == index, rw, '0, '0);
  endfunction

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      command_q          <= CommandReset;
      header_type_q      <= '{layout: 7'd1, default: '0};
      bus_q              <= '0;
      secondary_q        <= '0;
      mem_q              <= '0;
      pref_q             <= PrefReset;
      pref_base_upper_q  <= '0;
      pref_limit_upper_q <= '0;
      bridge_q           <= '0;
    end else begin
      command_q     <= follow(command_q, cfg_req_i, write, DwCommandStatus, CommandRw);
      header_type_q <= follow(header_type_q, cfg_req_i, write, DwHeaderType, 32'h0000_00ff);
      bus_q         <= follow(bus_q, cfg_req_i, write, DwBusNumbers, BusRw);
      secondary_q   <= next_value(secondary_q, cfg_req_i,
          write && cfg_req_i.reg_dw == DwSecondary, '0, SecondaryRw1c, secondary_set);
      mem_q    <= follow(mem_q, cfg_req_i, write, DwMemWindow, WindowRw);
      pref_q   <= follow(pref_q, cfg_req_i, write, DwPrefWindow, WindowRw);
      bridge_q <= follow(bridge_q, cfg_req_i, write, DwBridgeControl, BridgeRw);
      pref_base_upper_q  <= follow(pref_base_upper_q, cfg_req_i, write, DwPrefBaseUpper, '1);
      pref_limit_upper_q <= follow(pref_limit_upper_q, cfg_req_i, write, DwPrefLimitUpper, '1);
    end
  end

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      DwId:             rdata_o = {DeviceId, VendorId};
      DwCommandStatus:  rdata_o = command_q;
      DwClassRevision:  rdata_o = {ClassCode, RevisionId};
      DwHeaderType:     rdata_o = header_type_q;
      DwBusNumbers:     rdata_o = bus_q;
      DwSecondary:      rdata_o = secondary_q;
      DwMemWindow:      rdata_o = mem_q;
      DwPrefWindow:     rdata_o = pref_q;
      DwPrefBaseUpper:  rdata_o = pref_base_upper_q;
      DwPrefLimitUpper: rdata_o = pref_limit_upper_q;
      DwCapPointer:     rdata_o = {24'd0, FirstCap};
      DwBridgeControl:  rdata_o = bridge_q;
      default:          rdata_o = '0;
    endcase
  end

  assign mem_enable_o        = command_q.mem_enable;
  assign bus_master_enable_o = command_q.bus_master_enable;
  assign primary_bus_o       = bus_q.primary;
  assign secondary_bus_o     = bus_q.secondary;
  assign subordinate_bus_o   = bus_q.subordinate;
  assign mem_base_o          = {32'd0, mem_q.base, 20'h0_0000};
  assign mem_limit_o         = {32'd0, mem_q.limit, 20'hf_ffff};
  assign pref_base_o         = {pref_base_upper_q, pref_q.base, 20'h0_0000};
  assign pref_limit_o        = {pref_limit_upper_q, pref_q.limit, 20'hf_ffff};
  assign secondary_reset_o   = bridge_q.secondary_reset;

  `CW_ASSERT(NoIoWindow, !command_q.io_enable && secondary_q.io_base == '0
      && secondary_q.io_limit == '0)
  `CW_ASSERT(NoErrorOnPrimarySide, !command_q.detected_parity && !command_q.received_master_abort
      && !command_q.received_target_abort && !command_q.signaled_target_abort)
  `CW_ASSERT(BridgeReservedZero,
      {bridge_q.rsvd15_7, bridge_q.rsvd5_2, bridge_q.interrupt_pin} == '0)
  `CW_ASSERT(LayoutIsType1, header_type_q.layout == 7'd1)
  `CW_ASSERT(PrefWindowIs64Bit, pref_q.base_kind == 4'd1 && pref_q.limit_kind == 4'd1)

endmodule
