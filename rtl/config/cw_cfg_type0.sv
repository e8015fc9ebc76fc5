// SPDX-License-Identifier: Apache-2.0
//
// Type 0 header: identity, Command and Status, six base address registers, the expansion ROM, INTx,
// the start of the capability list. BARs answer the size question whether decoding is on or off.
// Spec: PCIe Base 7.5.1.1, 7.5.1.2.
`include "cw_assert.svh"
module cw_cfg_type0
  import cw_cfg_pkg::*, cw_cfg_reg_pkg::*;
#(
  parameter logic [15:0]    VendorId      = VendorIdExample,
  parameter logic [15:0]    DeviceId      = DeviceIdEndpoint,
  parameter logic [23:0]    ClassCode     = ClassAccelerator,
  parameter logic [15:0]    SubsysVendor  = VendorIdExample,
  parameter logic [15:0]    SubsysId      = 16'h0001,
  parameter bar_cfg_t [5:0] Bars          = BarsEveryKind,
  parameter int unsigned    RomLog2       = 0,         // bytes of the expansion ROM; 0: none
  parameter int unsigned    IntxPin       = IntxNone,  // 0: none, 1 to 4: INTA to INTD
  parameter bit             MultiFunction = 0,
  parameter logic [7:0]     FirstCap      = PmCapOffset
) (
  input  logic             clk_i,
  input  logic             rst_i,

  // Access; `rdata_o` is zero for a dword of a capability
  input  logic             cfg_valid_i,
  input  cfg_req_t         cfg_req_i,
  output logic [31:0]      rdata_o,

  // What happened: errors, and an ERR_FATAL or ERR_NONFATAL message that was sent (one clock);
  // INTx is asserted (level)
  input  cfg_event_t       event_i,
  input  logic             error_sent_i,
  input  logic             intx_pending_i,

  // Bytes of each BAR now: those of the parameter, but for a resizable one
  input  logic [5:0][5:0]  bar_log2_i,

  output logic             io_enable_o,
  output logic             mem_enable_o,
  output logic             bus_master_enable_o,
  output logic             serr_enable_o,
  output logic             intx_disable_o,
  output logic             rom_enable_o,        // claims only with `mem_enable_o` as well
  output logic [31:0]      rom_base_o,
  output logic [5:0][63:0] bar_base_o           // a 64-bit BAR at its low index
);

  function automatic logic any_io_bar();
    any_io_bar = 1'b0;
    for (int unsigned i = 0; i < 6; i++) any_io_bar |= Bars[i].kind == BarIo;
  endfunction

  localparam command_status_t Reset = '{cap_list: 1'b1, default: '0};
  localparam command_status_t Rw = '{
      intx_disable: IntxPin != IntxNone, serr_enable: 1'b1, parity_enable: 1'b1,
      bus_master_enable: 1'b1, mem_enable: 1'b1, io_enable: any_io_bar(), default: '0};
  localparam command_status_t Rw1c = '{
      detected_parity: 1'b1, signaled_serr: 1'b1, received_master_abort: 1'b1,
      received_target_abort: 1'b1,
      signaled_target_abort: 1'b1, master_data_parity: 1'b1, default: '0};

  localparam header_type_t HeaderTypeReset = '{multi_function: MultiFunction, default: '0};
  localparam header_type_t HeaderTypeRw    = '{cache_line: '1, default: '0};
  localparam interrupt_t   InterruptReset  = '{pin: 8'(IntxPin), default: '0};
  localparam interrupt_t   InterruptRw     = '{line: '1, default: '0};
  localparam logic [31:0]  RomAddress      = ~32'((33'd1 << RomLog2) - 33'd1);
  localparam rom_bar_t     RomEnable       = '{enable: 1'b1, default: '0};
  localparam rom_bar_t     RomRw           = RomLog2 == 0 ? '0 : RomAddress | RomEnable;

  logic             write;
  command_status_t  command_q, command_read, status_set;
  header_type_t     header_type_q;
  interrupt_t       interrupt_q;
  rom_bar_t         rom_q;
  logic [5:0][31:0] bar_q, bar_rw, bar_read;

  assign write = cfg_valid_i && cfg_req_i.write;

  always_comb begin
    status_set = '0;
    status_set.signaled_serr         = error_sent_i && command_q.serr_enable;
    status_set.detected_parity       = event_i.poisoned;
    status_set.received_master_abort = event_i.received_ur;
    status_set.received_target_abort = event_i.received_ca;
    status_set.signaled_target_abort = event_i.completer_abort;
    status_set.master_data_parity    = event_i.poisoned_cpl && command_q.parity_enable;
  end

  always_ff @(posedge clk_i) begin
    if (rst_i) begin
      command_q     <= Reset;
      header_type_q <= HeaderTypeReset;
      interrupt_q   <= InterruptReset;
      rom_q         <= '0;
    end else begin
      command_q <= next_value(command_q, cfg_req_i,
          write && cfg_req_i.reg_dw == DwCommandStatus, Rw, Rw1c, status_set);
      header_type_q <= next_value(header_type_q, cfg_req_i,
          write && cfg_req_i.reg_dw == DwHeaderType, HeaderTypeRw, '0, '0);
      interrupt_q <= next_value(interrupt_q, cfg_req_i,
          write && cfg_req_i.reg_dw == DwInterrupt, InterruptRw, '0, '0);
      rom_q <= next_value(rom_q, cfg_req_i,
          write && cfg_req_i.reg_dw == DwRomBar, RomRw, '0, '0);
    end
  end

  for (genvar i = 0; i < 6; i++) begin : gen_bar
    localparam bit          IsUpper = i > 0 && is_bar64(Bars[i > 0 ? i - 1 : 0].kind);
    localparam int unsigned Lower   = IsUpper ? i - 1 : i;
    logic [63:0] mask;
    assign mask = bar_address_mask(Bars[Lower].kind,
        Bars[Lower].resizable ? bar_log2_i[Lower] : Bars[Lower].size_log2);
    assign bar_rw[i]   = IsUpper ? mask[63:32] : mask[31:0];
    assign bar_read[i] = bar_q[i] | 32'(bar_type_bits(Bars[i].kind));  // none of an upper half

    // A BAR that grows loses the address bits that are now inside it.
    always_ff @(posedge clk_i) begin
      if (rst_i) bar_q[i] <= '0;
      else       bar_q[i] <= bar_rw[i] & next_value(bar_q[i], cfg_req_i,
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
    `CW_ASSERT(BarAligned, !$stable(bar_rw[i]) || (bar_q[i] & ~bar_rw[i]) == '0)
  end

  always_comb begin
    command_read = command_q;
    command_read.intx_pending = intx_pending_i && IntxPin != IntxNone;
    unique case (cfg_req_i.reg_dw)
      DwId:            rdata_o = {DeviceId, VendorId};
      DwCommandStatus: rdata_o = command_read;
      DwClassRevision: rdata_o = {ClassCode, RevisionId};
      DwHeaderType:    rdata_o = header_type_q;
      DwSubsystem:     rdata_o = {SubsysId, SubsysVendor};
      DwCapPointer:    rdata_o = {24'd0, FirstCap};
      DwRomBar:        rdata_o = rom_q;
      DwInterrupt:     rdata_o = interrupt_q;
      default:
        rdata_o = cfg_req_i.reg_dw inside {[DwBar0:DwBar5]}
            ? bar_read[3'(cfg_req_i.reg_dw - DwBar0)] : '0;
    endcase
  end

  assign io_enable_o         = command_q.io_enable;
  assign mem_enable_o        = command_q.mem_enable;
  assign bus_master_enable_o = command_q.bus_master_enable;
  assign serr_enable_o       = command_q.serr_enable;
  assign intx_disable_o      = command_q.intx_disable;
  assign rom_enable_o        = rom_q.enable;
  assign rom_base_o          = rom_q & ~RomEnable;

  `CW_REQUIRE(IntxPin <= IntxPinD, "INTA to INTD")
  `CW_REQUIRE(RomLog2 == 0 || RomLog2 inside {[RomLog2Min:24]}, "a ROM has 2 KiB to 16 MiB")
  `CW_ASSERT(StatusFixed, !command_q.intx_pending && command_q.cap_list)
  `CW_ASSERT(CommandReservedZero, {command_q.rsvd15_11, command_q.rsvd9, command_q.rsvd7,
      command_q.rsvd5_3, command_q.rsvd7_5, command_q.rsvd2_0, command_q.devsel} == '0)
  `CW_ASSERT(LayoutIsType0, header_type_q.layout == '0
      && header_type_q.multi_function == MultiFunction)
  `CW_ASSERT(RomAligned, (rom_q & ~RomRw) == '0)

endmodule
