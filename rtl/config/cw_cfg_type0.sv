// SPDX-License-Identifier: Apache-2.0
//
// Type 0 header: identity, Command and Status, six base address registers, the start of the
// capability list. BARs answer the size question whether decoding is on or off.
// Spec: PCIe Base 7.5.1.1, 7.5.1.2.
`include "cw_assert.svh"
module cw_cfg_type0
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter logic [15:0]    VendorId     = VendorIdExample,
  parameter logic [15:0]    DeviceId     = DeviceIdEndpoint,
  parameter logic [23:0]    ClassCode    = ClassAccelerator,
  parameter logic [15:0]    SubsysVendor = VendorIdExample,
  parameter logic [15:0]    SubsysId     = 16'h0001,
  parameter bar_cfg_t [5:0] Bars         = BarsEveryKind,
  parameter logic [7:0]     FirstCap     = PmCapOffset
) (
  input  logic             clk_i,
  input  logic             rst_i,

  // Access; `rdata_o` is zero for a dword of a capability
  input  logic             cfg_valid_i,
  input  cfg_req_t         cfg_req_i,
  output logic [31:0]      rdata_o,

  input  cfg_event_t       event_i,
  output logic             io_enable_o,
  output logic             mem_enable_o,
  output logic             bus_master_enable_o,
  output logic [5:0][63:0] bar_base_o           // a 64-bit BAR at its low index
);

  function automatic logic any_io_bar();
    any_io_bar = 1'b0;
    for (int unsigned i = 0; i < 6; i++) any_io_bar |= Bars[i].kind == BarIo;
  endfunction

  localparam command_status_t Reset = '{cap_list: 1'b1, default: '0};
  localparam command_status_t Rw = '{
      serr_enable: 1'b1, parity_enable: 1'b1, bus_master_enable: 1'b1, mem_enable: 1'b1,
      io_enable: any_io_bar(), default: '0};
  localparam command_status_t Rw1c = '{
      detected_parity: 1'b1, received_master_abort: 1'b1, received_target_abort: 1'b1,
      signaled_target_abort: 1'b1, master_data_parity: 1'b1, default: '0};

  logic            write;
  command_status_t command_q, status_set;
  header_type_t    header_type_q;
  logic [31:0]     line_q;  // Interrupt Line: kept for software; there is no pin
  logic [5:0][31:0] bar_q, bar_rw, bar_read;

  assign write = cfg_valid_i && cfg_req_i.write;

  // No Signaled System Error: error messages are not sent.
  always_comb begin
    status_set = '0;
    status_set.detected_parity       = event_i.poisoned;
    status_set.received_master_abort = event_i.received_ur;
    status_set.received_target_abort = event_i.received_ca;
    status_set.signaled_target_abort = event_i.completer_abort;
    status_set.master_data_parity    = event_i.poisoned_cpl && command_q.parity_enable;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      command_q     <= Reset;
      header_type_q <= '0;
      line_q        <= '0;
    end else begin
      command_q <= next_value(command_q, cfg_req_i,
          write && cfg_req_i.reg_dw == DwCommandStatus, Rw, Rw1c, status_set);
      header_type_q <= next_value(header_type_q, cfg_req_i,
          write && cfg_req_i.reg_dw == DwHeaderType, 32'h0000_00ff, '0, '0);
      line_q <= next_value(line_q, cfg_req_i,
          write && cfg_req_i.reg_dw == DwInterrupt, 32'h0000_00ff, '0, '0);
    end
  end

  for (genvar i = 0; i < 6; i++) begin : gen_bar
    localparam bit          IsUpper = i > 0 && is_bar64(Bars[i > 0 ? i - 1 : 0].kind);
    localparam logic [63:0] Mask    = bar_address_mask(Bars[IsUpper ? i - 1 : i]);
    assign bar_rw[i]   = IsUpper ? Mask[63:32] : Mask[31:0];
    assign bar_read[i] = bar_q[i] | (IsUpper ? '0 : 32'(bar_type_bits(Bars[i].kind)));

    always_ff @(posedge clk_i) begin
      if (rst_i) bar_q[i] <= '0;
      else       bar_q[i] <= next_value(bar_q[i], cfg_req_i,
          write && cfg_req_i.reg_dw == DwBar0 + 10'(i), bar_rw[i], '0, '0);
    end

    if (IsUpper) begin : gen_upper
      assign bar_base_o[i] = '0;
    end else if (is_bar64(Bars[i].kind)) begin : gen_pair
      assign bar_base_o[i] = {bar_q[i + 1], bar_q[i]};
    end else begin : gen_single
      assign bar_base_o[i] = {32'd0, bar_q[i]};
    end

    `CW_REQUIRE(!IsUpper || Bars[i].kind == BarOff, "the BAR after a 64-bit one is its upper half")
    `CW_REQUIRE(!is_bar64(Bars[i].kind) || i < 5, "the last BAR cannot be 64 bits")
    `CW_REQUIRE(!(Bars[i].kind inside {BarMem32, BarMem64, BarMem64Pre})
        || Bars[i].size_log2 inside {[7:63]}, "a memory BAR has 128 bytes or more")
    `CW_REQUIRE(Bars[i].kind != BarMem32 || Bars[i].size_log2 <= 31, "32-bit BAR above 2 GiB")
    `CW_REQUIRE(Bars[i].kind != BarIo || Bars[i].size_log2 inside {[2:8]}, "I/O BAR size")
    `CW_ASSERT(BarAligned, (bar_q[i] & ~bar_rw[i]) == '0)
  end

  always_comb begin
    unique case (cfg_req_i.reg_dw)
      DwId:            rdata_o = {DeviceId, VendorId};
      DwCommandStatus: rdata_o = command_q;
      DwClassRevision: rdata_o = {ClassCode, RevisionId};
      DwHeaderType:    rdata_o = header_type_q;
      DwSubsystem:     rdata_o = {SubsysId, SubsysVendor};
      DwCapPointer:    rdata_o = {24'd0, FirstCap};
      DwInterrupt:     rdata_o = line_q;
      default:
        rdata_o = cfg_req_i.reg_dw inside {[DwBar0:DwBar5]}
            ? bar_read[3'(cfg_req_i.reg_dw - DwBar0)] : '0;
    endcase
  end

  assign io_enable_o         = command_q.io_enable;
  assign mem_enable_o        = command_q.mem_enable;
  assign bus_master_enable_o = command_q.bus_master_enable;

  `CW_ASSERT(NoIntx, !command_q.intx_pending && command_q.cap_list)
  `CW_ASSERT(CommandReservedZero, {command_q.rsvd15_11, command_q.rsvd9, command_q.rsvd7,
      command_q.rsvd5_3, command_q.rsvd7_5, command_q.rsvd2_0, command_q.devsel} == '0)
  `CW_ASSERT(LayoutIsType0, header_type_q.layout == '0 && !header_type_q.multi_function)

endmodule
